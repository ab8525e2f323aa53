"""The JSON of a change log; its schema is published as ``schemas/changes.json``."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from dutyrules.document import ObligationDocument, PlanRef, evaluation_head, obligation_document
from dutyrules.hindsight import Cause, Change, SeasonCause
from dutyrules.model import Model

if TYPE_CHECKING:
    from dutyrules.hindsight import Hindsight
    from dutyrules.history import Record

__all__ = ["ChangesDocument", "to_document", "to_json"]


class RecordDocument(Model):
    """A record of the history, as far as it tells what changed."""

    id: str
    time: str
    event: str
    objects: list[str]
    area: str | None
    by: list[str]
    recorded_at: str | None
    retracts: str | None


class RecordCause(Model):
    """A record that became known, and what it takes back, one after another."""

    kind: Literal["entry", "correction", "retraction"]
    record: RecordDocument
    retracts: list[RecordDocument]


class DecisionCause(Model):
    """A decision about a season that became known."""

    kind: Literal["season"]
    plan: str
    season: str
    year: int
    decided: str
    from_: str | None = Field(alias="from")
    through: str | None


class ChangeDocument(Model):
    """An obligation of which something else was known later; null where there was no such obligation."""

    id: str
    of_verdict: bool
    """Whether the verdict itself changed, and not only the records or the bearer behind it."""
    before: ObligationDocument | None
    after: ObligationDocument | None
    causes: list[RecordCause | DecisionCause]


class ChangesDocument(Model):
    """A change log of verdicts between two moments of knowledge."""

    dutyrules: str
    plans: list[PlanRef]
    as_of: str
    known_at: list[str]
    """The earlier and the later moment."""
    changes: list[ChangeDocument]


def to_document(hindsight: Hindsight) -> dict[str, Any]:
    """A change log as plain data in the shape of the published schema."""
    heads = [evaluation_head(e) for e in (hindsight.before, hindsight.after)]
    return {**heads[0], "known_at": [h["known_at"] for h in heads], "changes": [_change(c) for c in hindsight.changes]}


def _change(c: Change) -> dict[str, Any]:
    return {
        "id": c.obligation.id,
        "of_verdict": c.of_verdict,
        "before": None if c.before is None else obligation_document(c.before),
        "after": None if c.after is None else obligation_document(c.after),
        "causes": [_cause(x) for x in c.causes],
    }


def _cause(c: Cause | SeasonCause) -> dict[str, Any]:
    if isinstance(c, SeasonCause):
        return {
            "kind": "season", "plan": c.plan, "season": c.season, "year": c.year, "decided": c.decided.isoformat(),
            "from": c.from_, "through": c.through,
        }  # fmt: skip
    return {"kind": c.kind, "record": _record(c.record), "retracts": [_record(r) for r in c.retracts]}


def _record(r: Record) -> dict[str, Any]:
    def iso(value: date | None) -> str | None:
        return None if value is None else value.isoformat()

    return {
        "id": r.id, "time": iso(r.time), "event": r.event, "objects": list(r.objects), "area": r.area, "by": list(r.by),
        "recorded_at": iso(r.recorded_at), "retracts": r.retracts,
    }  # fmt: skip


def to_json(hindsight: Hindsight) -> str:
    """A change log as JSON text; the same inputs give the same bytes."""
    return json.dumps(to_document(hindsight), ensure_ascii=False, indent=1) + "\n"
