"""Duties of a plan as YAML rules, applied to a history of events: obligations and violations, with the reasons.

``evaluate(load_plan(…), load_roster(…), load_history(…), as_of=…)`` gives an :class:`Evaluation`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dutyrules.bounded import Judged, evaluate_in_parts, evaluations_in_parts
    from dutyrules.document import to_csv, to_document, to_json, to_jsonl
    from dutyrules.engine import evaluate
    from dutyrules.errors import DutyRulesError, InputError, Problem
    from dutyrules.evaluation import (
        BearerSpan,
        Evaluation,
        Obligation,
        Required,
        SkippedWindow,
        Vacancy,
        Violation,
        Window,
    )
    from dutyrules.explanation import Explanation, NearMiss
    from dutyrules.hindsight import Change, changes
    from dutyrules.history import History, Record
    from dutyrules.loading import load_history, load_plan, load_roster, load_waivers
    from dutyrules.monitor import Changes, Monitor
    from dutyrules.plan import Plan
    from dutyrules.progress import Progress
    from dutyrules.reasons import reason_text
    from dutyrules.reissue.comparison import Diff, diff
    from dutyrules.reissue.impact import Impact, impact
    from dutyrules.resources import shipped
    from dutyrules.roster import Roster
    from dutyrules.schema import schema
    from dutyrules.sensitivity import Sensitivity, readings
    from dutyrules.sentences import sentence
    from dutyrules.waivers import Waiver

    __version__: str

# Where each public name lives; it is imported when it is first used, so that `import dutyrules` costs next to nothing.
_HOMES = {
    "bounded": ("Judged", "evaluate_in_parts", "evaluations_in_parts"),
    "document": ("to_csv", "to_document", "to_json", "to_jsonl"),
    "engine": ("evaluate",),
    "errors": ("DutyRulesError", "InputError", "Problem"),
    "evaluation": ("BearerSpan", "Evaluation", "Obligation", "Required", "SkippedWindow", "Vacancy", "Violation", "Window"),
    "explanation": ("Explanation", "NearMiss"),
    "hindsight": ("Change", "changes"),
    "history": ("History", "Record"),
    "loading": ("load_history", "load_plan", "load_roster", "load_waivers"),
    "monitor": ("Changes", "Monitor"),
    "plan": ("Plan",),
    "progress": ("Progress",),
    "reasons": ("reason_text",),
    "reissue.comparison": ("Diff", "diff"),
    "reissue.impact": ("Impact", "impact"),
    "resources": ("shipped",),
    "roster": ("Roster",),
    "schema": ("schema",),
    "sensitivity": ("Sensitivity", "readings"),
    "sentences": ("sentence",),
    "waivers": ("Waiver",),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "BearerSpan", "Change", "Changes", "Diff", "DutyRulesError", "Evaluation", "Explanation", "History", "Impact",
    "InputError", "Judged", "Monitor", "NearMiss", "Obligation", "Plan", "Problem", "Progress", "Record", "Required", "Roster",
    "Sensitivity", "SkippedWindow", "Vacancy", "Violation", "Waiver", "Window", "changes", "diff", "evaluate",
    "evaluate_in_parts", "evaluations_in_parts", "impact", "load_history", "load_plan", "load_roster", "load_waivers", "readings", "reason_text", "schema",
    "sentence", "shipped", "to_csv", "to_document", "to_json", "to_jsonl",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from dutyrules._version import version

        return version()
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'dutyrules' has no attribute {name!r}")
    return getattr(import_module(f"dutyrules.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
