"""The JSON and CSV of an evaluation. The models here are the contract; its schema is published as ``schemas/evaluation.json``."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from dutyrules.evaluation import Obligation, Verdict, Violation
from dutyrules.model import Label, Model

if TYPE_CHECKING:
    from dutyrules.columnar.blocks import Block
    from dutyrules.columns import Instants
    from dutyrules.evaluation import Evaluation
    from dutyrules.sensitivity import Hanging, Sensitivity
    from dutyrules.variants import Choice

__all__ = [
    "EvaluationDocument", "HangsOn", "ObligationDocument", "PlanRef", "ReadingRef", "evaluation_head", "hangs_on_document", "obligation_document",
    "reading_document", "to_csv", "to_document", "to_json", "to_jsonl",
]  # fmt: skip


class PlanRef(Model):
    """A plan that was applied, and the fingerprint of its meaning."""

    id: str
    sha256: str


class BearerDocument(Model):
    """Who bore the role, from which day, through which day."""

    person: str
    from_: str | None = Field(alias="from")
    through: str | None


class WindowDocument(Model):
    """Local days, both included, and the instants ``[start, end)``."""

    from_: str = Field(alias="from")
    through: str | None
    start: str
    end: str | None
    cut: Literal["season", "plan", "scope", "tenure", "waiver"] | None


class RequiredDocument(Model):
    """How much is owed; ``count`` is null where the figure is not known."""

    count: int | None
    unit: str


class ReadingRef(Model):
    """A reading decided otherwise: of which plan, where it stands, the word, and what it would mean."""

    plan: str
    holder: str
    of: str
    means: str


class OtherwiseDocument(Model):
    """What else the verdict would be (null: no such obligation), with a smallest set of readings that gives it."""

    verdict: Verdict | None
    readings: list[ReadingRef]
    ties: int
    """How many other sets of the same size give it too."""


HangsOn = Literal["firm", "untested"] | list[OtherwiseDocument]
"""No reading changes it; none that could be tried does; or what it would be under which readings."""


class ObligationDocument(Model):
    """One obligation. Instants are ISO 8601 with the offset of the plan's zone."""

    id: str
    duty: str
    plan: str
    clause: str
    role: str | None
    subject: str
    object: str | None
    area: str | None
    bearers: list[BearerDocument]
    bearer: str | None
    window: WindowDocument
    trigger: str | None
    deadline: str | None
    required: RequiredDocument | None
    counted: int
    shortfall: int
    verdict: Verdict
    reason: str
    settled_at: str | None
    late_by: float | None
    """Seconds."""
    evidence: list[str]
    hangs_on: HangsOn | None = None
    """What the verdict hangs on; only where it was asked for."""


class ViolationDocument(Model):
    """One breach of an obligation."""

    obligation: str
    from_: str = Field(alias="from")
    until: str | None
    shortfall: int
    evidence: list[str]


class NotDecidable(Model):
    """A clause that no records decide."""

    clause: str
    why: Label


class EvaluationDocument(Model):
    """An evaluation as JSON."""

    dutyrules: str
    plans: list[PlanRef]
    as_of: str
    known_at: str | None
    complete_through: dict[str, str]
    complete_through_assumed: bool
    """Whether nothing was said about completeness, so that the history was taken as complete."""
    obligations: list[ObligationDocument]
    violations: list[ViolationDocument]
    not_decidable: list[NotDecidable]


def _iso(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def obligation_document(o: Obligation) -> dict[str, Any]:
    """An obligation as plain data."""
    return {
        "id": o.id, "duty": o.duty, "plan": o.plan, "clause": o.clause, "role": o.role, "subject": o.subject, "object": o.object,
        "area": o.area,
        "bearers": [{"person": b.person, "from": _iso(b.from_), "through": _iso(b.through)} for b in o.bearers],
        "bearer": o.bearer,
        "window": {
            "from": _iso(o.window.from_), "through": _iso(o.window.through), "start": _iso(o.window.start), "end": _iso(o.window.end),
            "cut": o.window.cut,
        },
        "trigger": o.trigger, "deadline": _iso(o.deadline),
        "required": None if o.required is None else {"count": o.required.count, "unit": o.required.unit},
        "counted": o.counted, "shortfall": o.shortfall, "verdict": o.verdict, "reason": o.reason, "settled_at": _iso(o.settled_at),
        "late_by": None if o.late_by is None else o.late_by.total_seconds(), "evidence": list(o.evidence),
    }  # fmt: skip


def violation_document(v: Violation) -> dict[str, Any]:
    """A violation as plain data."""
    return {
        "obligation": v.obligation, "from": _iso(v.from_), "until": _iso(v.until), "shortfall": v.shortfall, "evidence": list(v.evidence)
    }  # fmt: skip


def reading_document(choice: Choice) -> dict[str, Any]:
    """A reading decided otherwise, as plain data."""
    held = choice.held
    return {"plan": held.plan, "holder": held.holder, "of": held.reading.of, "means": str(choice.alternative.means)}


def hangs_on_document(hanging: Hanging) -> str | list[dict[str, Any]]:
    """What a verdict hangs on, as plain data."""
    if not hanging.otherwise:
        return hanging.firmness
    return [
        {"verdict": o.verdict, "readings": [reading_document(c) for c in o.readings], "ties": o.ties} for o in hanging.otherwise
    ]


def evaluation_head(evaluation: Evaluation) -> dict[str, Any]:
    """What was evaluated, by which version, as of when."""
    from dutyrules._version import version

    as_of = evaluation.inputs.as_of
    return {
        "dutyrules": version(),
        "plans": [{"id": p.plan.id, "sha256": p.sha256()} for p in evaluation.inputs.plans],
        "as_of": evaluation.zone.iso(evaluation.as_of_instant) if isinstance(as_of, datetime) else as_of.isoformat(),
        "known_at": None if evaluation.known_at_instant is None else evaluation.zone.iso(evaluation.known_at_instant),
    }


def to_document(
    evaluation: Evaluation, only: Iterable[str] | None = None, readings: Sensitivity | None = None
) -> dict[str, Any]:
    """An evaluation as plain data in the shape of the published schema.

    ``only`` keeps some verdicts; ``readings`` (of the same evaluation) adds what each verdict hangs on.
    """
    kept = None if only is None else set(only)
    zone = evaluation.zone
    obligations = [obligation_document(o) for o in evaluation.obligations if kept is None or o.verdict in kept]
    if readings is not None:
        obligations = [{**o, "hangs_on": hangs_on_document(readings.of(o["id"]))} for o in obligations]
    ids = {o["id"] for o in obligations}
    complete = {k: zone.iso(v) for k, v in sorted(evaluation.complete.items())}
    return {
        **evaluation_head(evaluation),
        "complete_through": complete or {"*": zone.iso(evaluation.as_of_instant)},
        "complete_through_assumed": not complete,
        "obligations": obligations,
        "violations": [violation_document(v) for v in evaluation.violations if v.obligation in ids],
        "not_decidable": [
            {"clause": clause, "why": account.why.model_dump(exclude_none=True)}
            for p in evaluation.inputs.plans
            for clause, account in p.clauses.items()
        ],
    }


def to_json(evaluation: Evaluation, only: Iterable[str] | None = None, readings: Sensitivity | None = None) -> str:
    """An evaluation as JSON text; the same inputs give the same bytes."""
    return json.dumps(to_document(evaluation, only, readings), ensure_ascii=False, indent=1) + "\n"


COLUMNS = (
    "id", "verdict", "reason", "plan", "clause", "duty", "role", "subject", "object", "area", "bearer", "from", "through", "cut",
    "trigger", "deadline", "required", "unit", "counted", "shortfall", "settled_at", "late_by", "evidence",
)  # fmt: skip


def _cell(value: Any) -> Any:
    # A text that begins like a formula would be run by a spreadsheet; the apostrophe makes it text.
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return "" if value is None else value


def to_csv(evaluation: Evaluation, only: Iterable[str] | None = None, readings: Sensitivity | None = None) -> str:
    """The obligations as CSV, one row each; texts that a spreadsheet would run as formulas are marked as text.

    ``readings`` adds a last column ``hangs_on``: ``firm``, ``depends`` or ``untested``.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS if readings is None else (*COLUMNS, "hangs_on"))
    for block, rows in evaluation.stretches(only):
        if block is None or readings is not None:
            writer.writerows(_row(o, readings) for o in _obligations(evaluation, block, rows))
        else:
            from dutyrules.columnar.shown import Shown
            from dutyrules.columnar.texts import cells

            found = cells(Shown(evaluation, block, rows), _cell)
            found["evidence"] = (_cell(";".join(ids)) for ids in found["evidence"])
            writer.writerows(zip(*(found[name] for name in COLUMNS), strict=False))
    return out.getvalue()


def _obligations(evaluation: Evaluation, block: Block | None, rows: Instants) -> Iterator[Obligation]:
    """Some rows of a block, or of the ledger, as objects."""
    first = 0 if block is None else next(first for first, b in evaluation.blocks() if b is block)
    return (evaluation._obligation(first + i) for i in rows.tolist())


def _row(o: Obligation, readings: Sensitivity | None) -> list[Any]:
    d = obligation_document(o)
    required = d["required"] or {"count": None, "unit": None}
    row = {
        **d, "from": d["window"]["from"], "through": d["window"]["through"], "cut": d["window"]["cut"],
        "required": required["count"], "unit": required["unit"], "evidence": ";".join(d["evidence"]),
    }  # fmt: skip
    return [_cell(row[name]) for name in COLUMNS] + ([] if readings is None else [readings.of(o.id).firmness])


def to_jsonl(evaluation: Evaluation, only: Iterable[str] | None = None, readings: Sensitivity | None = None) -> Iterator[bytes]:
    """The obligations as JSON lines: each line is one of the ``obligations`` of :func:`to_document`, in the same order.

    Gives UTF-8 in pieces of many whole lines, so that a million obligations are never held at once:
    ``file.writelines(to_jsonl(result))``. Where a piece ends is not to be relied upon. ``only`` and ``readings`` are those of
    :func:`to_document`.
    """
    for block, rows in evaluation.stretches(only):
        if block is None or readings is not None:
            lines = [_line(o, readings) for o in _obligations(evaluation, block, rows)]
        else:
            from dutyrules.columnar.shown import Shown
            from dutyrules.columnar.texts import json_lines

            lines = json_lines(Shown(evaluation, block, rows))
        yield _utf8("\n".join([*lines, ""]))


def _line(o: Obligation, readings: Sensitivity | None) -> str:
    hanging = {} if readings is None else {"hangs_on": hangs_on_document(readings.of(o.id))}
    return json.dumps({**obligation_document(o), **hanging}, ensure_ascii=False, separators=(",", ":"))


_LINE_ENDS = "\x85\u2028\u2029"
"""Some readers end a line at these too."""
_SURROGATES = re.compile("[\ud800-\udfff]")


def _utf8(text: str) -> bytes:
    """JSON as bytes; the few signs that would break a line, or cannot stand in UTF-8, are escaped."""

    def escaped(sign: str) -> str:
        return f"\\u{ord(sign):04x}"

    for sign in _LINE_ENDS:
        text = text.replace(sign, escaped(sign))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub(lambda found: escaped(found[0]), text).encode()
