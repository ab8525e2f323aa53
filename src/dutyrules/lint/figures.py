"""DR514: summaries that name figures which the rules do not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from dutyrules.duties.ahead import AheadDuty
from dutyrules.duties.chain import ChainDuty, Step
from dutyrules.duties.counting import ALWAYS_KEY, CountDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.duty import BaseDuty
from dutyrules.errors import Problem
from dutyrules.lint.claims import Claim, claims
from dutyrules.model import Label
from dutyrules.plan import Plan
from dutyrules.quantity import Duration, Figure, Period, Quantity

__all__ = ["unlike_summaries"]


def unlike_summaries(plan: Plan) -> Iterator[Problem]:
    """Summaries of duties and of chains' steps that name a figure which is nowhere among the figures of the duty.

    Sees: how often (``两次``, ``twice``), how long (``五日内``, ``10 working days``), each how long (``每季度``, ``a month``). Does
    not see: figures that stand in the right duty at the wrong season, a least taken for a most, numbers without a unit. Left
    alone: figures that the roster holds, 30 days for a month, days for working days (not the other way round), and how often
    something is kept or forbidden. Where a summary says how often at all, it must say so for every count of the duty.
    """
    for name, duty in plan.duties.items():
        yield from _unlike(duty.summary, _Facts.of(duty), duty, ("duties", name, "summary"))
        for place, step in duty.all_steps() if isinstance(duty, ChainDuty) else ():
            if step.summary is not None:
                yield from _unlike(step.summary, _Facts.of_steps([step]), step, ("duties", name, *place, "summary"))


def _unlike(summary: Label, facts: _Facts, rule: BaseDuty | Step, path: tuple[str | int, ...]) -> Iterator[Problem]:
    for lang in ("zh", "en"):
        told: set[str] = set()
        found = list(claims(getattr(summary, lang) or "", lang))
        for claim in found:
            if not facts.allow(claim) and claim.word not in told:
                told.add(claim.word)
                yield Problem("DR514", {"word": claim.word, "rules": _rules(rule)}, path=(*path, lang))
        said = {c.number for c in found if c.measure == "times"}
        if said and not told and isinstance(rule, CountDuty):
            # Once need not be said: 非汛期每季巡查，汛期每月两次.
            for count in sorted(_counts(rule) - said - {1}):
                yield Problem("DR514", {"form": "unsaid_count", "word": str(count), "rules": _rules(rule)}, path=(*path, lang))


def _counts(duty: CountDuty) -> set[int]:
    """How many records the duty asks for, wherever it does."""
    return {q.count for _, _, q in duty.quantities() if q.unit == "events" and not isinstance(q.count, Figure) and not q.every}


# ---------------------------------------------------------------------------------------------------- what the rules have


@dataclass
class _Facts:
    """The figures of a duty. What is ``None`` cannot be told, so that every claim about it is let pass."""

    times: set[int] | None = field(default_factory=set)
    minutes: set[int] = field(default_factory=set)
    days: set[int] = field(default_factory=set)
    months: set[int] = field(default_factory=set)
    working_days: set[int] = field(default_factory=set)
    other: set[float] = field(default_factory=set)
    """Numbers of conditions, whatever they are about."""
    recurs: bool = False
    """Whether it is a duty of which one may say how often it recurs."""
    lengths: bool = True
    """Whether every length of time that it has is known."""

    @staticmethod
    def of(duty: BaseDuty) -> _Facts:
        if isinstance(duty, ChainDuty):
            facts = _Facts.of_steps(step for _, step in duty.all_steps())
        else:
            facts = _Facts(recurs=isinstance(duty, (CountDuty, AheadDuty)))
            facts.lengths = facts.recurs or isinstance(duty, ResponseDuty) or bool(duty.durations())
            if not isinstance(duty, (CountDuty, AheadDuty, ResponseDuty)):
                facts.times = None
            for length in [*duty.durations(), *_episode(duty)]:
                facts.add_length(length)
        for where in [duty.while_, *(pattern.where for _, pattern in duty.patterns())]:
            values = [v for condition in where.values() for v in condition.values()]
            facts.other |= {float(v) for v in values if isinstance(v, (int, float))}
        if isinstance(duty, CountDuty):
            facts.add_count(duty)
        elif isinstance(duty, (ResponseDuty, AheadDuty)):
            if duty.at_least is not None:
                facts.add_quantity(duty.at_least)
            else:
                facts.times = {1}
            if isinstance(duty, AheadDuty) and duty.before.season is not None:
                facts.months.add(12)
        return facts

    @staticmethod
    def of_steps(steps: Iterable[Step]) -> _Facts:
        facts = _Facts(times=None)
        for step in steps:
            for length in (step.within.after, step.within.before):
                if length is not None:
                    facts.add_length(length)
        return facts

    def add_count(self, duty: CountDuty) -> None:
        for _, key, quantity in duty.quantities():
            self.add_quantity(quantity)
            if quantity.per is not None:
                self.add_period(quantity.per)
            if key != ALWAYS_KEY:
                # What belongs to a season comes each year.
                self.months.add(12)
        if duty.between is not None:
            first, last = duty.between.from_day, duty.between.through_day
            self.days |= {first, last, last - first + 1}

    def add_quantity(self, quantity: Quantity) -> None:
        if isinstance(quantity.count, Figure):
            self.times = None
            self.lengths = self.lengths and quantity.unit == "events"
            return
        if self.times is not None:
            self.times.add(quantity.count)
        if quantity.unit == "days":
            self.days.add(quantity.count)
        elif quantity.unit == "working_days":
            self.working_days.add(quantity.count)
        elif quantity.unit == "hours":
            self.minutes.add(quantity.count * 60)

    def add_period(self, period: Period) -> None:
        months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12, "months": period.n, "years": 12 * period.n}
        days = {"day": 1, "week": 7, "ten_days": 10, "days": period.n, "weeks": 7 * period.n}
        if period.unit in months:
            self.months.add(months[period.unit])
        elif period.unit in days:
            self.days.add(days[period.unit])
        else:
            self.months.add(12)

    def add_length(self, length: Duration) -> None:
        if isinstance(length.amount, Figure):
            self.lengths = False
            return
        scale = {"hours": (self.minutes, 60), "weeks": (self.days, 7), "years": (self.months, 12)}
        kept, factor = scale.get(length.unit) or (getattr(self, length.unit), 1)
        kept.add(length.amount * factor)

    def allow(self, claim: Claim) -> bool:
        """Whether the duty has the figure, or may have it."""
        if claim.measure == "times":
            return self.times is None or claim.number in self.times | self.other
        if (claim.each and not self.recurs) or not self.lengths:
            return True
        if claim.number in self.other or (claim.measure == "minutes" and claim.number / 60 in self.other):
            return True
        if claim.measure == "working_days":
            return claim.number in self.working_days
        if claim.measure == "minutes":
            return claim.number in self.minutes | {1440 * d for d in self.days}
        if claim.measure == "days":
            return claim.number in self.days | self.working_days or 1440 * claim.number in self.minutes or any(
                _about(m, claim.number) for m in self.months
            )
        return claim.number in self.months or any(_about(claim.number, d) for d in self.days)


def _about(months: int, days: int) -> bool:
    """Whether some days may be what is meant by some months."""
    return 28 * months <= days <= 31 * months


def _episode(duty: BaseDuty) -> list[Duration]:
    episode = getattr(duty, "one_episode", None)
    return [episode] if isinstance(episode, Duration) else []


# ------------------------------------------------------------------------------------------------------ to be shown


_SHOWN = ("at_least", "at_most", "between", "apart", "within", "before", "not_before", "gaps_up_to", "unless", "steps")


def _rules(rule: BaseDuty | Step) -> str:
    """The figures of a duty or step in the words of the notation."""
    data = rule.model_dump(by_alias=True, mode="json", exclude_none=True, exclude_defaults=True, include=set(_SHOWN))
    return ", ".join(f"{key}: {_shown(data[key])}" for key in _SHOWN if key in data)


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_shown(v)}" for key, v in value.items() if key not in ("role", "must", "where", "summary", "event"))
    if isinstance(value, list):
        return "; ".join(_shown(v) for v in value)
    return str(value)
