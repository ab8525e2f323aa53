"""Whether a change of a field asks for more or for less: one small rule for each field, with its reason.

``tightened``: whoever met the new duty would have met the old one. ``loosened``: the reverse. A rule says so only where it holds
for every obligation that both duties have (the same id); everything else is ``changed``. The laws in the tests look for
an obligation that goes the wrong way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from dutyrules.duties.ahead import AheadDuty
from dutyrules.duties.chain import Step
from dutyrules.duties.counting import ALWAYS_KEY, CountDuty, CutPolicy
from dutyrules.duties.forbidding import ForbidDuty, Unless
from dutyrules.duties.keeping import KeepDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.meaning import WORDING, own_fields, plain
from dutyrules.plan import Plan
from dutyrules.quantity import Duration, Period, Quantity
from dutyrules.reissue.order import (
    Than,
    all_of,
    conditions,
    kinds_of,
    lengths,
    limits,
    names,
    number,
    pattern,
    patterns,
)

__all__ = ["Effect", "Side", "field_effects", "together"]

Effect = Literal["tightened", "loosened", "changed", "reworded"]

_MORE_ASKED: dict[Than, Effect] = {Than.MORE: "tightened", Than.LESS: "loosened", Than.SAME: "reworded", Than.OTHER: "changed"}
_LESS_ASKED: dict[Than, Effect] = {Than.MORE: "loosened", Than.LESS: "tightened", Than.SAME: "reworded", Than.OTHER: "changed"}


@dataclass(frozen=True)
class Side:
    """A duty in its plan."""

    plan: Plan
    id: str

    @property
    def duty(self) -> Any:
        """The duty itself; its kind is told by :func:`field_effects`."""
        return self.plan.duties[self.id]

    @property
    def shares(self) -> bool:
        """Whether it shares records with another duty."""
        return self.duty.adds_to is not None or any(getattr(d, "adds_to", None) == self.id for d in self.plan.duties.values())


Rule = Callable[[Side, Side], Effect]


def together(effects: Iterable[Effect]) -> Effect:
    """Several effects as one: both ways is ``changed``; wording weighs nothing."""
    found = set(effects) - {"reworded"}
    return "reworded" if not found else found.pop() if len(found) == 1 else "changed"


def field_effects(old: Side, new: Side, was: dict[str, Any], now: dict[str, Any]) -> Iterator[tuple[str, Any, Any, Effect]]:
    """Every field in which a duty differs: its name, both values in the notation, and the effect.

    ``was`` and ``now`` are the duties as plain data; entries of a quantity and steps of a chain come one by one.
    """
    same_kind = type(old.duty) is type(new.duty)
    own = own_fields(old.duty), own_fields(new.duty)
    for key in dict.fromkeys((*was, *now)):
        a, b = was.get(key), now.get(key)
        if a == b:
            continue
        name = f"{key}_" if key == "while" else key
        if key in WORDING or (same_kind and own[0].get(name) == own[1].get(name)):
            yield key, a, b, "reworded"
        elif not same_kind:
            yield key, a, b, "changed"
        elif key in ("at_least", "at_most") and isinstance(old.duty, CountDuty):
            yield from _entries(old, new, key, a, b)
        elif key == "steps":
            yield from _steps(old, new, a, b)
        elif key == "if_missed" and a and b:
            yield from _step(old, new, key, (old.duty.if_missed, a), (new.duty.if_missed, b), last=True)
        else:
            yield key, a, b, _at_least_changed(RULES[key](old, new) if key in RULES else "changed")


def _at_least_changed(effect: Effect) -> Effect:
    """Two conditions may be equal on their scale and yet be different fields, which cut a window: that is no wording."""
    return "changed" if effect == "reworded" else effect


# -------------------------------------------------------------------------------------------------- which records count


def _more_records(than: Than, old: Side, new: Side) -> Effect:
    """More records that count make a minimum easier, a ceiling and a ban harder; a duty with both is neither."""
    duties = old.duty, new.duty
    if any(isinstance(d, CountDuty) and d.at_least and d.at_most for d in duties):
        return "changed"
    ceiling = all(isinstance(d, ForbidDuty) or (isinstance(d, CountDuty) and not d.at_least) for d in duties)
    return (_MORE_ASKED if ceiling else _LESS_ASKED)[than]


def _must(old: Side, new: Side) -> Effect:
    """Further kinds of acts will do as well."""
    key = "must_not" if isinstance(old.duty, ForbidDuty) else "must"
    was, now = getattr(old.duty, key), getattr(new.duty, key)
    # With other kinds of events an attribute may be read differently.
    attributes = {*old.duty.where, *new.duty.where}
    if kinds_of(old.plan, was, attributes) != kinds_of(new.plan, now, attributes):
        return "changed"
    return _more_records(names(was, now), old, new)


def _where(old: Side, new: Side) -> Effect:
    """A further condition leaves fewer records that count."""
    key = "must_not" if isinstance(old.duty, ForbidDuty) else "must"
    was, now = old.duty.where, new.duty.where
    events = getattr(old.duty, key), getattr(new.duty, key)
    kinds = kinds_of(old.plan, events[0], {*was, *now}), kinds_of(new.plan, events[1], {*was, *now})
    return _more_records(conditions(was, now, *kinds), old, new)


def _performers(old: Side, new: Side) -> Effect:
    """Further people may do it."""
    return _more_records(names(old.duty.may_be_done_by, new.duty.may_be_done_by), old, new)


def _covers(old: Side, new: Side) -> Effect:
    """Records that do not name every object no longer count."""
    return _more_records(Than.LESS if new.duty.covers else Than.MORE, old, new)


def _apart(old: Side, new: Side) -> Effect:
    """A greater distance passes over more records."""
    if old.shares or new.shares:
        return "changed"
    longer = lengths(old.duty.apart, new.duty.apart)
    fewer = {Than.MORE: Than.LESS, Than.LESS: Than.MORE}.get(longer, longer)
    return _more_records(fewer, old, new)


def _late(old: Side, new: Side) -> Effect:
    """What is missed may be made up."""
    return "loosened" if new.duty.late else "tightened"


# ---------------------------------------------------------------------------------------------------- to whom it applies


def _object_type(old: Side, new: Side) -> Effect:
    """Objects of a further type owe it too. Counted per person or area, more objects also give more to count."""
    if getattr(old.duty, "for_each", "object") != "object":
        return "changed"
    return _MORE_ASKED[names(old.duty.object_type, new.duty.object_type)]


def _while(old: Side, new: Side) -> Effect:
    """More time in scope is more to keep, more acts that are banned, more triggers.

    It also makes the windows of a count longer, in which the same number is easier; that is neither.
    """
    a, b = old.duty, new.duty
    if getattr(a, "for_each", "object") != "object":
        return "changed"
    standing = isinstance(a, (KeepDuty, ForbidDuty)) or (isinstance(a, CountDuty) and not a.at_least and not b.at_least)
    if not standing and not isinstance(a, ResponseDuty):
        return "changed"
    was, now = a.while_, b.while_
    found = [
        conditions(was, now, *({"state": "text", **_object_kinds(side.plan, t)} for side in (old, new)))
        for t in {*a.object_type, *b.object_type}
    ]
    return _MORE_ASKED[all_of(found)]


def _object_kinds(plan: Plan, object_type: str) -> dict[str, Any]:
    kind = plan.object_types.get(object_type)
    return dict(kind.attributes) if kind else {}


# --------------------------------------------------------------------------------------------------- how much, how often


def _entries(old: Side, new: Side, side: str, a: Any, b: Any) -> Iterator[tuple[str, Any, Any, Effect]]:
    """Each entry of ``at_least`` or ``at_most`` by itself."""
    was, now = getattr(old.duty, side) or {}, getattr(new.duty, side) or {}
    if not was or not now:
        # The ceiling of a duty that also has a minimum is an obligation of its own; what it replaces is not.
        other = "at_least" if side == "at_most" else "at_most"
        kept = getattr(old.duty, other) and getattr(new.duty, other)
        yield side, a, b, "changed" if not kept else "tightened" if now else "loosened"
        return
    if (set(was) == {ALWAYS_KEY}) != (set(now) == {ALWAYS_KEY}):
        yield side, a, b, "changed"
        return
    for key in dict.fromkeys((*was, *now)):
        p, q = was.get(key), now.get(key)
        if plain(p) != plain(q):
            name = side if key == ALWAYS_KEY else f"{side}.{key}"
            yield name, p and p.phrase(), q and q.phrase(), _entry(old, new, side, p, q)


def _entry(old: Side, new: Side, side: str, was: Quantity | None, now: Quantity | None) -> Effect:
    merged = any(d.cut_windows and d.cut_windows.kind == "merge" for d in (old.duty, new.duty))
    if was is None or now is None:
        # A time of year in which something is owed that was not; where windows are merged it changes its neighbours.
        return "changed" if merged or old.shares or new.shares else "tightened" if was is None else "loosened"
    found = all_of((number(was.count, now.count), _unit(was, now), _often(old, new, side, was, now)))
    # A shorter time or a stricter unit asks for more of a minimum, and leaves more room under a ceiling.
    return (_LESS_ASKED if side == "at_most" else _MORE_ASKED)[found]


_DISTINCT = {"events": 0, "days": 1, "working_days": 2}


def _unit(was: Quantity, now: Quantity) -> Than:
    """Two records on one day are one day; a day of rest is no working day: the same number asks for more."""
    if was.unit == now.unit:
        return Than.SAME
    if "hours" in (was.unit, now.unit):
        return Than.OTHER
    return number(_DISTINCT[was.unit], _DISTINCT[now.unit])


def _often(old: Side, new: Side, side: str, was: Quantity, now: Quantity) -> Than:
    """The same number in a shorter time asks for more."""
    if was.per and now.per:
        if plain(was.per) == plain(now.per):
            return Than.SAME
        full = all(d.cut_windows is None or d.cut_windows.kind == "full" for d in (old.duty, new.duty))
        if old.duty.between or new.duty.between or old.shares or new.shares or not (full or side == "at_most"):
            return Than.OTHER
        return Than.MORE if _nested(now.per, was.per) else Than.LESS if _nested(was.per, now.per) else Than.OTHER
    if was.every and now.every:
        return _shorter(lengths(was.every, now.every))
    if was.in_any and now.in_any:
        return _shorter(lengths(was.in_any, now.in_any))
    return Than.OTHER


def _shorter(than: Than) -> Than:
    return {Than.MORE: Than.LESS, Than.LESS: Than.MORE}.get(than, than)


_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def _nested(inner: Period, outer: Period) -> bool:
    """Whether each of the shorter periods lies inside one of the longer ones."""
    if inner.anchor or outer.anchor:
        return False
    a, b = (p.n if p.unit == "months" else _MONTHS.get(p.unit) for p in (inner, outer))
    if b is None:
        return False
    # Days and thirds of a month lie in a month; weeks do not.
    return inner.unit in ("day", "ten_days") if a is None else b % a == 0


def _quantity(old: Side, new: Side) -> Effect:
    """How much of a response; nothing written is one record."""
    was, now = (d.at_least or Quantity(count=1) for d in (old.duty, new.duty))
    return _MORE_ASKED[all_of((number(was.count, now.count), _unit(was, now)))]


def _between(old: Side, new: Side) -> Effect:
    """Fewer days of each period count. Where windows are not owed whole, their share changes too."""
    a, b = old.duty, new.duty
    full = all(d.cut_windows is None or d.cut_windows.kind == "full" for d in (a, b))
    if not full or a.at_most or b.at_most or old.shares or new.shares:
        return "changed"
    was, now = ((d.between.from_day, d.between.through_day) if d.between else (1, 366) for d in (a, b))
    inside, around = was[0] <= now[0] and now[1] <= was[1], now[0] <= was[0] and was[1] <= now[1]
    return "tightened" if inside else "loosened" if around else "changed"


def _cut_windows(old: Side, new: Side) -> Effect:
    """What a cut window owes: nothing, nothing if short, a share, the whole."""
    if old.shares or new.shares:
        return "changed"
    was, now = (d.cut_windows or CutPolicy(kind="full") for d in (old.duty, new.duty))
    once = all(q.count == 1 for d in (old.duty, new.duty) for q in (d.at_least or {}).values())
    asked = [_share(p, once) for p in (was, now)]
    if None in asked:
        return "changed"
    (low_was, high_was), (low_now, high_now) = asked  # type: ignore[misc]
    if low_now >= low_was and high_now >= high_was:
        return "tightened"
    return "loosened" if low_now <= low_was and high_now <= high_was else "changed"


def _share(policy: CutPolicy, once: bool) -> tuple[float, float] | None:
    """How much is owed of a short and of a long cut window, to be compared with other policies only."""
    if policy.kind == "merge":
        return None
    if policy.kind == "full":
        return 1, 1
    if policy.kind == "prorate":
        # Rounded up: a share of one is one.
        return (1, 1) if once else (0.5, 0.5)
    if policy.below is None:
        return 0, 0
    # From a fraction on it owes the whole: the smaller the fraction, the more.
    return -policy.below.numerator / policy.below.denominator, 1


# ------------------------------------------------------------------------------------------------------ triggers, limits


def _trigger(old: Side, new: Side) -> Effect:
    """Fewer alerts ask for less. But an alert less in an episode may be a site less at which an arrival counts."""
    if old.duty.for_each != "object" and (old.duty.one_episode or new.duty.one_episode):
        return "changed"
    return _MORE_ASKED[patterns(old.duty.trigger, new.duty.trigger, old.plan, new.plan)]


def _within(old: Side, new: Side) -> Effect:
    """A shorter limit; ``unspecified`` is none at all, and looking back further lets more count."""
    a, b = old.duty.within, new.duty.within
    if a is None or b is None:
        return "changed"
    return _LESS_ASKED[all_of((limits(a.after, b.after), lengths(a.before, b.before)))]


def _not_before(old: Side, new: Side) -> Effect:
    """It opens later. With a look back in its place the beginnings cannot be compared."""
    if any(d.within is not None and d.within.before for d in (old.duty, new.duty)):
        return "changed"
    return _MORE_ASKED[lengths(old.duty.not_before, new.duty.not_before)]


def _roll(old: Side, new: Side) -> Effect:
    """A last day that is a rest day moves on."""
    return "loosened" if new.duty.roll == "forward" else "tightened"


def _one_episode(old: Side, new: Side) -> Effect:
    """More alerts are one storm, which is answered once."""
    was, now = old.duty.one_episode, new.duty.one_episode
    if isinstance(was, str) or isinstance(now, str):
        return "loosened" if isinstance(now, str) else "tightened"
    return _LESS_ASKED[lengths(was, now)]


def _lapses_with(old: Side, new: Side) -> Effect:
    """It may fall away. In an episode a lapse also divides: what counted for several sites counts for one."""
    if old.duty.for_each != "object" and (old.duty.one_episode or new.duty.one_episode):
        return "changed"
    was, now = old.duty.lapses_with, new.duty.lapses_with
    if was is None or now is None:
        return "loosened" if was is None else "tightened"
    return _LESS_ASKED[pattern(was, now, old.plan, new.plan)]


def _before(old: Side, new: Side) -> Effect:
    """A last day further ahead of the date; an earlier opening lets more count."""
    a, b = old.duty.before, new.duty.before
    if a is None or b is None or (a.season, a.attribute) != (b.season, b.attribute):
        return "changed"
    day = Duration(amount=1, unit="days")
    ahead = limits(a.by or day, b.by or day)
    opens = limits(a.opens, b.opens) if isinstance(old.duty, AheadDuty) else Than.SAME
    return together((_MORE_ASKED[ahead], _LESS_ASKED[opens]))


# --------------------------------------------------------------------------------------------------------------- chains


def _steps(old: Side, new: Side, a: Any, b: Any) -> Iterator[tuple[str, Any, Any, Effect]]:
    """Step by step; a further step at the end asks for more."""
    was, now = old.duty.steps, new.duty.steps
    shared = min(len(was), len(now))
    for i in range(shared):
        last = i == len(was) - 1 and i == len(now) - 1
        yield from _step(old, new, f"steps.{i + 1}", (was[i], a[i]), (now[i], b[i]), last)
    for i in range(shared, max(len(was), len(now))):
        added = i < len(now)
        yield f"steps.{i + 1}", None if added else a[i], b[i] if added else None, "tightened" if added else "loosened"


def _step(
    old: Side, new: Side, place: str, was: tuple[Step, Any], now: tuple[Step, Any], last: bool
) -> Iterator[tuple[str, Any, Any, Effect]]:
    (a, shown), (b, shows) = was, now
    own = plain(a), plain(b)
    for key in dict.fromkeys((*shown, *shows)):
        if shown.get(key) == shows.get(key):
            continue
        effect: Effect = "reworded"
        if key not in WORDING and own[0].get(key) != own[1].get(key):
            effect = _at_least_changed(_STEP_RULES[key](a, b, old, new) if key in _STEP_RULES else "changed")
            # What follows a step starts its clock with it, so that an easier step may make the next one harder.
            if not last and key != "late":
                effect = "changed"
            if key in ("within", "roll") and place != "if_missed" and (old.duty.if_missed or new.duty.if_missed):
                effect = "changed"
        yield f"{place}.{key}", shown.get(key), shows.get(key), effect


def _step_act(a: Step, b: Step, old: Side, new: Side) -> Effect:
    attributes = {*a.where, *b.where}
    kinds = kinds_of(old.plan, a.must, attributes), kinds_of(new.plan, b.must, attributes)
    if kinds[0] != kinds[1]:
        return "changed"
    return _LESS_ASKED[all_of((names(a.must, b.must), conditions(a.where, b.where, *kinds)))]


StepRule = Callable[[Step, Step, Side, Side], Effect]
_STEP_RULES: dict[str, StepRule] = {
    "must": _step_act,
    "where": _step_act,
    "may_be_done_by": lambda a, b, old, new: _LESS_ASKED[names(a.may_be_done_by, b.may_be_done_by)],
    "within": lambda a, b, old, new: _LESS_ASKED[
        all_of((limits(a.within.after, b.within.after), lengths(a.within.before, b.within.before)))
    ],
    "roll": lambda a, b, old, new: "loosened" if b.roll == "forward" else "tightened",
    "late": lambda a, b, old, new: "loosened" if b.late else "tightened",
}


def _if_missed(old: Side, new: Side) -> Effect:
    """A further obligation after a miss."""
    return "tightened" if new.duty.if_missed else "loosened"


# ------------------------------------------------------------------------------------------------------ keeping and bans


def _keep(old: Side, new: Side) -> Effect:
    """More kinds of records hold the state."""
    a, b = old.duty.keep, new.duty.keep
    if a.staffed is None or b.staffed is None:
        return "changed"
    attributes = {*a.where, *b.where}
    kinds = kinds_of(old.plan, a.staffed, attributes), kinds_of(new.plan, b.staffed, attributes)
    return _LESS_ASKED[all_of((names(a.staffed, b.staffed), conditions(a.where, b.where, *kinds)))]


def _gaps(old: Side, new: Side) -> Effect:
    """A longer gap is allowed; without a figure, none is."""
    return _LESS_ASKED[lengths(old.duty.gaps_up_to, new.duty.gaps_up_to)]


def _during(old: Side, new: Side) -> Effect:
    """Asked only at certain times. Two different times cannot be compared."""
    if old.duty.during is not None and new.duty.during is not None:
        return "changed"
    return "loosened" if new.duty.during else "tightened"


def _unless(old: Side, new: Side) -> Effect:
    """What permits a banned act."""
    a: Unless | None = old.duty.unless
    b: Unless | None = new.duty.unless
    if a is None or b is None:
        return "loosened" if b else "tightened"
    permits = _LESS_ASKED[pattern(a.pattern(), b.pattern(), old.plan, new.plan)]
    term = _LESS_ASKED[all_of([_permit_term(a.within, b.within)])]
    if a.until is None or b.until is None:
        undone: Effect = "reworded" if a.until is b.until else "tightened" if b.until else "loosened"
    else:
        undone = _MORE_ASKED[pattern(a.until, b.until, old.plan, new.plan)]
    return together((permits, term, undone))


def _permit_term(was: Duration | None, now: Duration | None) -> Than:
    """How long a permit holds; without a figure, for good."""
    if was is None or now is None:
        return Than.SAME if was is now else Than.MORE if now is None else Than.LESS
    return lengths(was, now)


RULES: dict[str, Rule] = {
    "must": _must, "must_not": _must, "where": _where, "may_be_done_by": _performers, "covers": _covers, "apart": _apart,
    "late": _late, "object_type": _object_type, "while": _while, "at_least": _quantity,
    "between": _between, "cut_windows": _cut_windows, "trigger": _trigger, "within": _within, "not_before": _not_before,
    "roll": _roll, "one_episode": _one_episode, "lapses_with": _lapses_with, "before": _before, "if_missed": _if_missed,
    "keep": _keep, "gaps_up_to": _gaps, "during": _during, "unless": _unless,
}  # fmt: skip
"""The rule of each field. A field without one (a role, ``for_each``, ``personal``, ``adds_to``, ``case`` …) is ``changed``."""
