"""Which of two values asks for more: names, conditions, patterns and lengths compared, as far as it can be proved.

Every comparison gives a :class:`Than`: how the new value stands to the old one. What cannot be proved is ``OTHER``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import partial
from typing import Any

from dutyrules.conditions import BEARER, LASTED, Condition, EventPattern, coerce, holds
from dutyrules.meaning import length_of, plain
from dutyrules.plan import Plan
from dutyrules.quantity import Duration, Figure

__all__ = ["Than", "all_of", "conditions", "kinds_of", "lengths", "limits", "names", "number", "pattern", "patterns"]


class Than(Enum):
    """How the new value stands to the old one."""

    LESS = -1
    SAME = 0
    MORE = 1
    OTHER = 2


def all_of(found: Iterable[Than]) -> Than:
    """Several comparisons as one: what goes both ways is neither."""
    kinds = set(found) - {Than.SAME}
    return Than.SAME if not kinds else kinds.pop() if len(kinds) == 1 else Than.OTHER


def _both_ways(holds: Callable[[Any, Any], bool], old: Any, new: Any) -> Than:
    """From a proof that one lies within the other."""
    less, more = holds(new, old), holds(old, new)
    return Than.SAME if less and more else Than.LESS if less else Than.MORE if more else Than.OTHER


def number(old: int | Figure | None, new: int | Figure | None) -> Than:
    """Numbers; a figure of the roster can only be the same."""
    if plain(old) == plain(new):
        return Than.SAME
    if not isinstance(old, int) or not isinstance(new, int):
        return Than.OTHER
    return Than.MORE if new > old else Than.LESS


def names(old: Sequence[str], new: Sequence[str]) -> Than:
    """Lists of names of which any will do."""
    return _both_ways(lambda a, b: set(a) <= set(b), old, new)


# --------------------------------------------------------------------------------------------------------- conditions

Kinds = Mapping[str, Any]


def kinds_of(plan: Plan, events: Sequence[str], attributes: Iterable[str]) -> dict[str, Any]:
    """The types of attributes as records of these events have them; one that differs between them has none."""
    found: dict[str, Any] = {}
    for a in attributes:
        kinds = [plan.attribute_type((e,), a) or plan.attribute_type(tuple(events), a) for e in events]
        found[a] = "number" if a == LASTED else kinds[0] if all(k == kinds[0] for k in kinds) else None
    return found


def conditions(old: Mapping[str, Condition], new: Mapping[str, Condition], was: Kinds, now: Kinds) -> Than:
    """Conditions that must all hold: by what satisfies them. ``LESS`` is stricter."""
    found = []
    for attribute in {*old, *new}:
        if attribute not in new:
            found.append(Than.MORE)
        elif attribute not in old:
            found.append(Than.LESS)
        elif plain(old[attribute]) != plain(new[attribute]):
            kind = was.get(attribute)
            same_kind = kind is not None and kind == now.get(attribute)
            found.append(_both_ways(partial(_within, kind=kind), old[attribute], new[attribute]) if same_kind else Than.OTHER)
        elif was.get(attribute) != now.get(attribute):
            found.append(Than.OTHER)
    return all_of(found)


def _within(narrow: Condition, wide: Condition, kind: Any) -> bool:
    """Whether whatever satisfies the one satisfies the other."""
    if isinstance(kind, tuple) or kind == "boolean":
        scale = kind if isinstance(kind, tuple) else (True, False)
        return all(holds(wide, v, kind) for v in scale if holds(narrow, v, kind))
    if narrow.one_of is not None:
        # Who bears the role is not known here; only the word itself can be looked for.
        return all(v in (wide.one_of or ()) if v == BEARER else holds(wide, v, kind) for v in narrow.one_of)
    if wide.one_of is not None:
        return False
    low, least = (_sharpest(c, kind, (("at_least", False), ("over", True)), max) for c in (narrow, wide))
    high, most = (_sharpest(c, kind, (("at_most", True), ("under", False)), min) for c in (narrow, wide))
    return (least is None or (low is not None and low >= least)) and (most is None or (high is not None and high <= most))


def _sharpest(c: Condition, kind: Any, sides: Sequence[tuple[str, bool]], pick: Callable[..., Any]) -> Any:
    """The sharpest bound on one side; of two at the same value the strict one."""
    return pick(((coerce(v, kind), mark) for side, mark in sides if (v := getattr(c, side)) is not None), default=None)


def pattern(old: EventPattern, new: EventPattern, was: Plan, now: Plan) -> Than:
    """Patterns of records, by what fits them."""
    attributes = {*old.where, *new.where}
    kinds = kinds_of(was, old.event, attributes), kinds_of(now, new.event, attributes)
    return all_of((names(old.event, new.event), conditions(old.where, new.where, *kinds)))


def patterns(old: Sequence[EventPattern], new: Sequence[EventPattern], was: Plan, now: Plan) -> Than:
    """Lists of patterns of which any will do."""

    def covered(these: Sequence[EventPattern], those: Sequence[EventPattern], a: Plan, b: Plan) -> bool:
        return all(any(pattern(p, q, a, b) in (Than.SAME, Than.MORE) for q in those) for p in these)

    more, less = covered(old, new, was, now), covered(new, old, now, was)
    return Than.SAME if more and less else Than.MORE if more else Than.LESS if less else Than.OTHER


# ------------------------------------------------------------------------------------------------------------ lengths


def lengths(old: Duration | None, new: Duration | None) -> Than:
    """Lengths of one family (minutes and hours; days and weeks; months and years); none is the shortest."""
    if old is None or new is None:
        return Than.SAME if old is new else Than.MORE if old is None else Than.LESS
    (family, was), (other, now) = length_of(old), length_of(new)
    if isinstance(was, tuple) or isinstance(now, tuple):
        return Than.SAME if (family, was) == (other, now) else Than.OTHER
    return number(was, now) if family == other else Than.OTHER


def limits(old: Duration | None, new: Duration | None) -> Than:
    """Time limits after a trigger, by where they end; none is the longest."""
    if old is None or new is None:
        return Than.SAME if old is new else Than.LESS if old is None else Than.MORE
    return _both_ways(_ends_no_later, old, new)


def _ends_no_later(one: Duration, other: Duration) -> bool:
    (family, a), (another, b) = length_of(one), length_of(other)
    if family == another:
        return bool(a <= b)
    if family == "minutes":
        # A limit in days runs to the end of its last day; two hours are left for a change of the clocks.
        days = {"days": 1, "working_days": 1, "months": 28}[another] * b
        return bool(a <= days * 24 * 60 - 120)
    if family == "days":
        # The N-th working day is never before the N-th day, nor before the rest day's successor to which that moves.
        return bool(a <= b) if another == "working_days" else another == "months" and bool(a <= 28 * b)
    return family == "months" and another == "days" and bool(31 * a <= b)
