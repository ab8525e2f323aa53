"""Whether conditions can be satisfied at all: some value is looked for, by the comparisons that records are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise

from dutyrules.conditions import BEARER, AttributeType, Condition, coerce, holds
from dutyrules.model import Scalar

__all__ = ["satisfiable"]


def satisfiable(conditions: Sequence[Condition], kind: AttributeType | None, least: float | None = None) -> bool:
    """Whether one value of an attribute of this type satisfies all the conditions; ``least`` is the smallest that exists.

    Numbers are taken to be dense: an ``integer`` that is over 3 and under 4 is not noticed. A ``bearer`` may be anybody.
    """
    named = [v for c in conditions for v in c.values()]
    return any(
        all(holds(c, value, kind, [str(value)]) for c in conditions)
        for value in _candidates(named, kind)
        if least is None or not isinstance(value, (int, float)) or value >= least
    )


def _candidates(named: Iterable[Scalar], kind: AttributeType | None) -> list[Scalar]:
    """Values that stand for all that there are: between any two that the conditions name, one more lies."""
    if isinstance(kind, tuple):
        return list(kind)
    if kind == "boolean":
        return [True, False]
    if kind in ("number", "integer"):
        found = sorted({float(n) for v in named if (n := coerce(v, kind)) is not None})
        between = [(a + b) / 2 for a, b in pairwise(found)]
        return [*found, *between, *(v + n for v in found for n in (-1, 1))]
    if kind == "date":
        return [day for v in named for day in _days_about(str(v))]
    return [v for v in named if v != BEARER] or ["anybody"]


def _days_about(text: str) -> list[Scalar]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return [text]
    # The first and the last day of all have no neighbour on one side; nothing is lost by passing over it.
    return [text, *((day + timedelta(days=n)).isoformat() for n in (-1, 1) if date.min < day < date.max)]
