"""Explaining an obligation: how its window came about, what counted, and every near miss."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from dutyrules.model import Label
from dutyrules.time.intervals import END, START, intersect
from dutyrules.variants import Held, concerns, readings_by_duty

if TYPE_CHECKING:
    from dutyrules.bench import Subject
    from dutyrules.evaluation import Evaluation, Obligation, Violation
    from dutyrules.history import Record
    from dutyrules.progress import Watch

__all__ = ["Explanation", "LayerSpan", "NearMiss", "explain"]


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A record that fails exactly one condition, with the code of that condition."""

    record: Record
    code: str


@dataclass(frozen=True, slots=True)
class LayerSpan:
    """One of the limits of the window (plan, scope, tenure, waiver) as it lies around it; ``None``: open."""

    name: str
    from_: date | None
    through: date | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """An obligation with all that led to its verdict."""

    obligation: Obligation
    plan_title: Label
    summary: Label
    readings: tuple[Held, ...]
    """The readings on which the duty hangs, with what each belongs to: the duty, another, a season, an object type."""
    layers: tuple[LayerSpan, ...]
    pieces: tuple[tuple[datetime, datetime | None], ...]
    """The window's pieces; more than one where the scope was interrupted."""
    trigger: Record | None
    evidence: tuple[Record, ...]
    near_misses: tuple[NearMiss, ...]
    violations: tuple[Violation, ...]


def explain(evaluation: Evaluation, obligation_id: str, progress: Watch | None = None) -> Explanation:
    """Explain one obligation of an evaluation; ``progress`` is that of :func:`dutyrules.evaluate`.

    Raises:
        KeyError: there is no such obligation.
    """
    from dutyrules.engine import rerun

    row = evaluation.row(obligation_id)
    if row is None:
        raise KeyError(obligation_id)
    duty_id = evaluation.ledger.row(row)["duty"]
    closer = rerun(evaluation, only=duty_id, keep_failed=True, progress=progress)
    row = closer.row(obligation_id)
    assert row is not None
    c: dict[str, Any] = closer.ledger.row(row)
    obligation = closer._obligation(row)
    ruling = closer.ruling(c)
    records = closer.inputs.history.records
    counted = set(c["evidence"])
    near = {(e.row, code) for e, code in c["near"] if e.row not in counted}
    return Explanation(
        obligation=obligation,
        plan_title=ruling.plan.plan.title,
        summary=ruling.duty.summary,
        readings=tuple(
            h for h in readings_by_duty(ruling.plan)[duty_id] if concerns(h, closer.inputs.roster, obligation.object)
        ),
        layers=tuple(_layers(closer, c["subject"], c["start"], END if c["end"] is None else c["end"])),
        pieces=tuple((closer.zone.to_datetime(a), closer._moment(b)) for a, b in c["pieces"]),
        trigger=next((r for r in records if r.id == c["trigger"]), None) if c["trigger"] else None,
        evidence=tuple(records[i] for i in c["evidence"]),
        near_misses=tuple(
            NearMiss(records[i], code) for i, code in sorted(near, key=lambda n: (str(records[n[0]].time), records[n[0]].id))
        ),
        violations=tuple(v for v in closer.violations if v.obligation == obligation_id),
    )


def _layers(evaluation: Evaluation, subject: Subject, start: int, end: int) -> list[LayerSpan]:
    out = []
    for name, time in subject.layers:
        around = [(a, b) for a, b in time if intersect(((a, b),), ((start, max(end, start + 1)),))]
        for a, b in around:
            if (a, b) != (START, END):
                out.append(
                    LayerSpan(name, None if a <= START else evaluation._day(a), None if b >= END else evaluation._day(b - 1))
                )
    return out
