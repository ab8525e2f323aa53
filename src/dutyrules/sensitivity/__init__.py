"""Which verdicts hang on a reading of the plan, and which would be the same however its vague words are read.

Every alternative that says what it ``changes`` is tried, alone and together with those of other readings: the plan is built as
it would then be, and each duty is judged under every such plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import combinations, product
from math import prod
from typing import Any, Literal

from pydantic import ValidationError

from dutyrules.engine import evaluate, rerun
from dutyrules.evaluation import Evaluation, Obligation, Verdict
from dutyrules.history import History, Record
from dutyrules.plan import Plan
from dutyrules.progress import Progress, Watch, portion
from dutyrules.roster import Roster
from dutyrules.variants import Choice, Contradiction, Held, concerns, readings_by_duty, users, variant
from dutyrules.waivers import Waiver

__all__ = ["MOST", "Hanging", "Otherwise", "Sensitivity", "readings", "tried"]

MOST = 4096
"""How many ways to read one duty are all tried. Beyond it up to two readings at a time are, and no verdict is called firm."""

Firmness = Literal["firm", "depends", "untested"]
Moment = date | datetime


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What else the verdict would be, and a smallest set of readings, decided otherwise, that gives it."""

    verdict: Verdict | None
    """``None``: there would be no such obligation."""
    readings: tuple[Choice, ...]
    ties: int
    """How many other sets of the same size give it too."""


@dataclass(frozen=True, slots=True)
class Hanging:
    """An obligation, and what its verdict would be under other readings."""

    obligation: Obligation
    """As decided. One that exists only under other readings: as the first smallest set that brings it has it."""
    verdict: Verdict | None
    """As decided; ``None``: there is no such obligation."""
    otherwise: tuple[Otherwise, ...]
    """Every other verdict that some readings give, those that need the fewest first."""
    untried: tuple[Choice, ...]
    """Alternatives that are words only, so that nobody can tell what they would change."""
    capped: bool
    """Whether there were too many ways to read the duty to try them all."""

    @property
    def firmness(self) -> Firmness:
        """``depends``: some readings change it. ``firm``: none does, and all were tried. ``untested``: none does, but not all were."""
        return "depends" if self.otherwise else "untested" if self.untried or self.capped else "firm"


@dataclass(frozen=True)
class Sensitivity:
    """An evaluation, and for each of its verdicts whether it hangs on a reading."""

    evaluation: Evaluation = field(repr=False)
    obligations: tuple[Hanging, ...]
    """In the order of the evaluation."""
    elsewhere: tuple[Hanging, ...]
    """Obligations that exist only under other readings, by duty, subject and window."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", {h.obligation.id: h for h in self.obligations})

    def of(self, obligation_id: str) -> Hanging:
        """What the verdict of an obligation hangs on.

        Raises:
            KeyError: the evaluation has no such obligation.
        """
        found: Hanging = self._by_id[obligation_id]  # type: ignore[attr-defined]
        return found

    def counts(self) -> dict[Firmness, int]:
        """How many verdicts are firm, depend on a reading, or could not be tried in full."""
        found = [h.firmness for h in self.obligations]
        kinds: tuple[Firmness, ...] = ("firm", "depends", "untested")
        return {kind: found.count(kind) for kind in kinds}


def readings(
    plans: Plan | Mapping[str, Any] | Iterable[Plan | Mapping[str, Any]],
    roster: Roster | Mapping[str, Any],
    history: History | Iterable[Record | Mapping[str, Any]],
    *,
    as_of: Moment,
    known_at: Moment | None = None,
    waivers: Mapping[str, Any] | Iterable[Waiver] | None = None,
    complete_through: Mapping[str, Moment] | Moment | None = None,
    progress: Watch | None = None,
) -> Sensitivity:
    """Evaluate, and try every reading of the plans that could have been decided otherwise.

    The arguments are those of :func:`dutyrules.evaluate`.

    Raises:
        InputError: as :func:`dutyrules.evaluate`.
    """
    decided = evaluate(
        plans, roster, history, as_of=as_of, known_at=known_at, waivers=waivers, complete_through=complete_through,
        progress=progress,
    )  # fmt: skip
    return tried(decided, progress)


def tried(decided: Evaluation, progress: Watch | None = None) -> Sensitivity:
    """What the verdicts of an evaluation hang on; ``progress`` is told of the stage ``readings``."""
    plans: list[Plan] = decided.inputs.plans
    by_plan = [readings_by_duty(p) for p in plans]
    duties = {duty: _distinct(h for by in by_plan for h in by.get(duty, ())) for p in plans for duty in p.duties}
    mine: dict[str, list[Obligation]] = {}
    for o in decided.obligations:
        mine.setdefault(o.duty, []).append(o)
    found: dict[str, Hanging] = {}
    elsewhere: list[Hanging] = []
    for number, (duty, held) in enumerate(duties.items()):
        for hanging in _of_duty(decided, duty, held, mine.get(duty, ()), portion(progress, number, len(duties))):
            if hanging.verdict is None:
                elsewhere.append(hanging)
            else:
                found[hanging.obligation.id] = hanging
    elsewhere.sort(key=lambda h: (h.obligation.duty, h.obligation.subject, h.obligation.window.start, h.obligation.id))
    return Sensitivity(decided, tuple(found[i] for i in decided.ids()), tuple(elsewhere))


def _of_duty(
    decided: Evaluation, duty: str, held: Sequence[Held], mine: Sequence[Obligation], progress: Watch | None
) -> Iterator[Hanging]:
    """The obligations of a duty as decided, then those that only other readings bring."""
    variables = [options for h in held if (options := [c for c in h.choices() if c.changes is not None])]
    words = [c for h in held for c in h.choices() if c.changes is None]
    capped = _ways(variables) > MOST
    verdicts: dict[str, Verdict] = {o.id: o.verdict for o in mine}
    others: dict[str, Obligation] = {}
    ways: dict[str, dict[Verdict | None, Otherwise]] = {}
    sets = list(_sets(variables, 2 if capped else len(variables)))
    for number, chosen in enumerate(sets):
        if progress is not None:
            progress(Progress("readings", duty, number, len(sets)))
        trial = _trial(decided, duty, chosen)
        if trial is None:
            continue
        now = _verdicts(trial, duty)
        for i in verdicts.keys() | now.keys():
            verdict = now.get(i)
            if verdict == verdicts.get(i):
                continue
            best = ways.setdefault(i, {}).get(verdict)
            if best is None:
                ways[i][verdict] = Otherwise(verdict, chosen, 0)
            elif len(best.readings) == len(chosen):
                ways[i][verdict] = Otherwise(verdict, best.readings, best.ties + 1)
            if i not in verdicts and i not in others:
                found = trial.obligation(i)
                assert found is not None
                others[i] = found
    for o in (*mine, *others.values()):
        otherwise = tuple(ways.get(o.id, {}).values())
        untried = tuple(c for c in words if concerns(c.held, decided.inputs.roster, o.object))
        yield Hanging(o, verdicts.get(o.id), otherwise, untried, capped)


def _distinct(several: Iterable[Held]) -> list[Held]:
    """Readings without those that an earlier plan holds too: what is decided once is decided for both."""
    found: list[Held] = []
    for h in several:
        if not any(h.same_as(other) for other in found if other.plan != h.plan):
            found.append(h)
    return found


def _ways(variables: Sequence[Sequence[Choice]]) -> int:
    return prod(len(options) + 1 for options in variables)


def _sets(variables: Sequence[Sequence[Choice]], most: int) -> Iterator[tuple[Choice, ...]]:
    """Every set of up to ``most`` readings decided otherwise, the smallest first."""
    for size in range(1, most + 1):
        for some in combinations(variables, size):
            yield from product(*some)


def _trial(decided: Evaluation, duty: str, chosen: Sequence[Choice]) -> Evaluation | None:
    """A duty judged with some readings decided otherwise; ``None`` where they contradict each other or give no sound plan."""
    plans = []
    for plan in decided.inputs.plans:
        here = [c.held for c in chosen if c.held.stands_in(plan)]
        try:
            plans.append(variant(plan, chosen))
        except (Contradiction, ValidationError):
            return None
        # Each alternative by itself was looked at when the plan was loaded.
        affected = {d for h in here for d in users(plan, h.part, h.name)} if len(here) > 1 else ()
        if affected and next(plans[-1].faults(only=affected), None) is not None:
            return None
    return rerun(decided, plans=plans, only=duty)


def _verdicts(evaluation: Evaluation, duty: str) -> dict[str, Verdict]:
    return {i: v for i, d, v in evaluation.verdicts() if d == duty}
