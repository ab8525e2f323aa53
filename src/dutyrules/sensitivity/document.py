"""The JSON of readings tried; its schema is published as ``schemas/readings.json``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from dutyrules.document import (
    HangsOn,
    PlanRef,
    ReadingRef,
    evaluation_head,
    hangs_on_document,
    obligation_document,
    reading_document,
)
from dutyrules.evaluation import Verdict
from dutyrules.model import Model

if TYPE_CHECKING:
    from dutyrules.sensitivity import Hanging, Sensitivity

__all__ = ["ReadingsDocument", "to_document", "to_json"]


class CountsDocument(Model):
    """How many verdicts hang on no reading, on some, and how many could not be tried in full."""

    firm: int
    depends: int
    untested: int


class HangingDocument(Model):
    """An obligation and what its verdict hangs on; the rest of it stands in the evaluation under the same id."""

    id: str
    duty: str
    clause: str
    subject: str
    bearer: str | None
    verdict: Verdict | None
    """As decided; null: the obligation exists only under other readings."""
    hangs_on: HangsOn
    untried: list[ReadingRef]
    """Alternatives that are words only, so that they could not be tried."""
    capped: bool
    """Whether there were too many ways to read the duty to try them all."""


class ReadingsDocument(Model):
    """What the verdicts of an evaluation hang on."""

    dutyrules: str
    plans: list[PlanRef]
    as_of: str
    known_at: str | None
    counts: CountsDocument
    obligations: list[HangingDocument]
    elsewhere: list[HangingDocument]
    """Obligations that exist only under other readings."""


def to_document(sensitivity: Sensitivity, only: Iterable[str] | None = None) -> dict[str, Any]:
    """Readings tried, as plain data in the shape of the published schema.

    ``only`` keeps some verdicts, as decided, and leaves out what exists only under other readings.
    """
    kept = None if only is None else set(only)
    return {
        **evaluation_head(sensitivity.evaluation),
        "counts": sensitivity.counts(),
        "obligations": [_hanging(h) for h in sensitivity.obligations if kept is None or h.verdict in kept],
        "elsewhere": [_hanging(h) for h in sensitivity.elsewhere if kept is None],
    }


def _hanging(h: Hanging) -> dict[str, Any]:
    whole = obligation_document(h.obligation)
    return {
        **{key: whole[key] for key in ("id", "duty", "clause", "subject", "bearer")},
        "verdict": h.verdict,
        "hangs_on": hangs_on_document(h),
        "untried": [reading_document(c) for c in h.untried],
        "capped": h.capped,
    }


def to_json(sensitivity: Sensitivity, only: Iterable[str] | None = None) -> str:
    """Readings tried, as JSON text; the same inputs give the same bytes."""
    return json.dumps(to_document(sensitivity, only), ensure_ascii=False, indent=1) + "\n"
