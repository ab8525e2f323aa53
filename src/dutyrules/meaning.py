"""What a duty means in its plan: its own fields apart from wording, and the words of the plan that it reaches.

Two duties mean the same when their :func:`meaning` is equal, however they are written. A duty that means the same in a plan and
in the one that follows it runs on as one; everything that a verdict depends on must therefore be in here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from dutyrules.conditions import LASTED, EventPattern
from dutyrules.duties.ahead import AheadDuty, Before
from dutyrules.duties.chain import ChainDuty
from dutyrules.duties.counting import CountDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.duty import BaseDuty
from dutyrules.plan import Plan
from dutyrules.quantity import Duration, Figure, Period

__all__ = ["OWN", "WORDING", "Meaning", "Word", "meaning", "plain"]

Word = tuple[str, str]
"""A kind of word and its name: ``("season", "flood")``."""
Meaning = Mapping[Word, Any]

OWN: Word = ("duty", "")
"""The part of a meaning that holds the duty's own fields; it has no name, for a duty may be renamed."""

WORDING = BaseDuty.told
"""The fields of a duty that change no verdict."""
_SILENT = WORDING | {"source"}

# One length in several units; 60 minutes are an hour to every rule that reads lengths, but 24 hours are not a day.
_FAMILIES = {"minutes": ("minutes", 1), "hours": ("minutes", 60), "days": ("days", 1), "weeks": ("days", 7),
             "working_days": ("working_days", 1), "months": ("months", 1), "years": ("months", 12)}  # fmt: skip
# Some periods have two names.
_PERIODS = {1: "month", 3: "quarter", 6: "half_year", 12: "year"}


def length_of(value: Duration) -> tuple[str, Any]:
    """A length as an amount of its family's smallest unit."""
    family, size = _FAMILIES[value.unit]
    if isinstance(value.amount, Figure):
        return value.unit, ("from", value.amount.from_)
    return family, value.amount * size


def plain(value: Any) -> Any:
    """A value of a plan in a form that is equal for equal meanings: names without order, lengths in one unit, no wording."""
    if isinstance(value, Duration):
        return length_of(value)
    if isinstance(value, Period):
        if value.unit == "months" and value.anchor is None and value.n in _PERIODS:
            return (_PERIODS[value.n], 1, None)
        return (value.unit, value.n, value.anchor)
    if isinstance(value, BaseModel):
        fields = ((name, getattr(value, name)) for name in type(value).model_fields if name not in _SILENT)
        return {name: plain(v) if name != "steps" else [plain(s) for s in v] for name, v in fields if v not in (None, (), {})}
    if isinstance(value, tuple):
        # Any of them will do, in whatever order they stand.
        return sorted((plain(v) for v in value), key=repr)
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return value


def own_fields(duty: BaseDuty) -> dict[str, Any]:
    """A duty's own fields without wording, with what is meant where nothing is written."""
    found: dict[str, Any] = {"kind": type(duty).__name__, **plain(duty)}
    if isinstance(duty, CountDuty) and duty.at_least is not None:
        found.setdefault("cut_windows", {"kind": "full"})
    if isinstance(duty, (ResponseDuty, AheadDuty)):
        found.setdefault("at_least", {"count": 1, "unit": "events"})
    before = getattr(duty, "before", None)
    if isinstance(before, Before) and before.by is None:
        found["before"] = {**found["before"], "by": ("days", 1)}
    return found


def meaning(plan: Plan, duty_id: str) -> dict[Word, Any]:
    """Everything that the verdicts of a duty depend on in its plan, by the word that says it."""
    found = _alone(plan, plan.duties[duty_id])
    base = getattr(plan.duties[duty_id], "adds_to", None) or duty_id
    group = {base: plan.duties[base], **{n: d for n, d in plan.duties.items() if getattr(d, "adds_to", None) == base}}
    # Duties that share records are judged together.
    return found | {("duty", name): _alone(plan, d) for name, d in group.items() if name != duty_id}


def _alone(plan: Plan, duty: BaseDuty) -> dict[Word, Any]:
    found: dict[Word, Any] = {OWN: own_fields(duty)}
    for word, value in _words(plan, duty):
        if isinstance(value, dict):
            found.setdefault(word, {}).update(value)
        else:
            found[word] = value
    return found


def _words(plan: Plan, duty: BaseDuty) -> Iterator[tuple[Word, Any]]:
    named = set(duty.periods_named())
    for s, season in plan.seasons.items():
        if named & {s, f"non_{s}"}:
            rule = season.rule()
            yield ("season", s), (rule.first, rule.through, sorted(rule.decisions, key=lambda d: d.year), rule.snap_month)
    periods = {n: p for n, p in plan.calendar.named_periods.items() if n in named}
    for n, period in periods.items():
        yield ("named_period", n), plain(period)
    if duty.needs_working_days() or any(p.holidays for p in periods.values()):
        years = {year: (plain(d.holidays), sorted(d.make_up_days)) for year, d in plan.calendar.years.items()}
        yield ("calendar", "working_days"), (plan.calendar.working_days, years)
    for role in _deputised(duty):
        if role in plan.roles:
            yield ("role", role), plan.roles[role].deputy
    yield from _object_words(plan, duty)
    yield from _event_words(plan, duty)


def _deputised(duty: BaseDuty) -> set[str]:
    """The roles whose deputies may stand in."""
    acts: list[Any] = [step for _, step in duty.all_steps()] if isinstance(duty, ChainDuty) else [duty]
    return {act.role for act in acts if act.role and "deputy" in getattr(act, "may_be_done_by", ())}


def _object_words(plan: Plan, duty: BaseDuty) -> Iterator[tuple[Word, Any]]:
    for name in duty.object_type:
        kind = plan.object_types.get(name)
        if kind is not None:
            asked = (set(kind.while_) | set(duty.while_)) & set(kind.attributes)
            yield ("object_type", name), {"while": plain(kind.while_), **{a: kind.attributes[a] for a in asked}}


def _event_words(plan: Plan, duty: BaseDuty) -> Iterator[tuple[Word, Any]]:
    """The types of the attributes that it asks for, as a record of each kind of event is read."""
    for pattern, attribute in _asked(duty):
        for event in pattern.event:
            kind = plan.attribute_type((event,), attribute) or plan.attribute_type(pattern.event, attribute)
            if kind is not None:
                yield ("event", event), {attribute: kind}


def _asked(duty: BaseDuty) -> Iterator[tuple[EventPattern, str]]:
    patterns = [p for _, p in duty.patterns()]
    for pattern in patterns:
        for attribute in pattern.where:
            if attribute != LASTED:
                yield pattern, attribute
    if isinstance(duty, ChainDuty):
        for attribute in {duty.case, *(step.or_by for _, step in duty.all_steps() if step.or_by)}:
            for pattern in patterns:
                yield pattern, attribute
    if isinstance(duty, ResponseDuty) and duty.before is not None and duty.before.attribute is not None:
        for pattern in duty.trigger:
            yield pattern, duty.before.attribute
