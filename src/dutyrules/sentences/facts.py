"""What there is to be said of a duty, the same for both languages: names, dates, what holds where nothing is written."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from dutyrules.conditions import LASTED, AttributeType, Condition, Conditions, holds
from dutyrules.duties.counting import ALWAYS_KEY, Between, CountDuty, CutPolicy
from dutyrules.duties.response import Within
from dutyrules.duty import BaseDuty
from dutyrules.model import Scalar
from dutyrules.plan import Plan
from dutyrules.quantity import Quantity
from dutyrules.time.seasons import MonthDay
from dutyrules.vocabulary import Named, Season

__all__ = [
    "Entry", "SeasonDates", "Test", "cut_policy", "entries", "narrowed", "number", "own_conditions", "rolled", "season_dates",
    "stand_ins", "tests", "unlike",
]  # fmt: skip


def unlike(named: Mapping[str, Named], text: Callable[[Named], str]) -> dict[str, str]:
    """Every name with its label; where two labels read alike, each is followed by its name."""
    texts = {name: text(label) for name, label in named.items()}
    alike = [t.casefold() for t in texts.values()]
    return {name: t if alike.count(t.casefold()) == 1 else f"{t} ({name})" for name, t in texts.items()}


def number(value: float) -> str:
    """A number as it was written, without a fraction that says nothing."""
    return str(int(value)) if value == int(value) else repr(value)


# ----------------------------------------------------------------------------------------------------------- conditions


@dataclass(frozen=True)
class Test:
    """One attribute and what it must be. ``meant`` are the names on an ordered scale that satisfy it."""

    attribute: str
    kind: AttributeType | None
    condition: Condition
    meant: tuple[str, ...] = ()

    @property
    def duration(self) -> bool:
        """Whether it asks how long a record lasted."""
        return self.attribute == LASTED

    def sides(self) -> list[tuple[str, Scalar]]:
        """The comparisons by order that it makes."""
        named = ("at_least", "at_most", "over", "under")
        return [(side, value) for side in named if (value := getattr(self.condition, side)) is not None]


def tests(conditions: Conditions, kind: Callable[[str], AttributeType | None]) -> list[Test]:
    """The conditions in an order of their own, so that the order in which they were written does not matter."""
    found = []
    for attribute in sorted(conditions):
        condition, its = conditions[attribute], "number" if attribute == LASTED else kind(attribute)
        meant = tuple(v for v in its if holds(condition, v, its)) if isinstance(its, tuple) and condition.ordered else ()
        found.append(Test(attribute, its, condition, meant))
    return found


def own_conditions(plan: Plan, duty: BaseDuty) -> list[tuple[list[str], Conditions]]:
    """The object types of a duty, those with the same conditions of their own together."""
    found: list[tuple[list[str], Conditions]] = []
    for name in duty.object_type:
        own = plan.object_types[name].while_
        if found and found[-1][1] == own:
            found[-1][0].append(name)
        else:
            found.append(([name], own))
    return found


def stand_ins(plan: Plan, role: str | None, may_be_done_by: tuple[str, ...]) -> Iterator[tuple[str, bool]]:
    """The roles that may act instead, and whether each does so as the role's own deputy."""
    for name in may_be_done_by:
        deputy = plan.roles[role].deputy if name == "deputy" and role else None
        yield (deputy, True) if deputy else (name, False)


# --------------------------------------------------------------------------------------------------------------- counts


@dataclass(frozen=True)
class Entry:
    """What a count asks in one season or named period (``key``), or always (``None``)."""

    key: str | None
    least: Quantity | None
    most: Quantity | None


def entries(duty: CountDuty) -> list[Entry]:
    """What a count asks, in an order of its own: the rest of the year before its season, as plans have it."""
    least, most = duty.at_least or {}, duty.at_most or {}
    keys = sorted({*least, *most}, key=lambda k: (k != ALWAYS_KEY, k.removeprefix("non_"), not k.startswith("non_")))
    return [Entry(None if k == ALWAYS_KEY else k, least.get(k), most.get(k)) for k in keys]


def cut_policy(duty: CountDuty) -> CutPolicy | None:
    """What a cut window owes, where anything is owed by window."""
    owed = any(q.per for q in (duty.at_least or {}).values())
    return (duty.cut_windows or CutPolicy(kind="full")) if owed else None


def narrowed(duty: CountDuty) -> Between | None:
    """The days of each period that count, where anything is counted by period."""
    return duty.between if any(q.per for _, _, q in duty.quantities()) else None


def rolled(within: Within, roll: str) -> bool | None:
    """Whether a last day moves on to the next working day; ``None`` where it cannot be a rest day, or there is none."""
    after = within.after
    return None if after is None or after.exact or after.unit == "working_days" else roll == "forward"


# -------------------------------------------------------------------------------------------------------------- seasons


@dataclass(frozen=True)
class SeasonDates:
    """When a season is. With ``outside`` the dates are those of the season, and the rest of the year is meant."""

    usual: tuple[MonthDay, MonthDay] | None
    years: tuple[tuple[date, date], ...]
    """What was decided for single years."""
    outside: bool


def season_dates(season: Season, rest: bool) -> SeasonDates:
    """When a season is, or the rest of the year; as plain dates where that can be said for every year."""
    usual = (season.every_year.from_, season.every_year.through) if season.every_year else None
    years = list(_decided(season))
    if season.snap and usual:
        usual = (MonthDay(usual[0].month, 1), MonthDay(usual[1].month, 0))
    if season.snap:
        years = [(a.replace(day=1), b.replace(day=calendar.monthrange(b.year, b.month)[1])) for a, b in years]
    if rest and usual and not years:
        first, last = _day_after(usual[1]), _day_before(usual[0])
        if first and last:
            return SeasonDates((first, last), (), outside=False)
    return SeasonDates(usual, tuple(years), outside=rest)


def _decided(season: Season) -> Iterator[tuple[date, date]]:
    """The first and last day of each year's season that was decided."""
    rule = season.rule()
    for decision in sorted(rule.decisions, key=lambda d: d.year):
        first = decision.first or (rule.first and rule.first.in_year(decision.year))
        through = decision.through
        if through is None and rule.first and rule.through:
            crosses = (rule.through.month, rule.through.day or 31) < (rule.first.month, rule.first.day or 31)
            through = rule.through.in_year(decision.year + crosses)
        if first and through and first <= through:
            yield first, through


_MONTHS = (31, None, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
"""Days in each month; February's depend on the year."""


def _day_after(day: MonthDay) -> MonthDay | None:
    """The next day of every year; ``None`` where that depends on the year."""
    if day.day == 0 or day.day == _MONTHS[day.month - 1]:
        return MonthDay(day.month % 12 + 1, 1)
    return None if day.month == 2 and day.day >= 28 else MonthDay(day.month, day.day + 1)


def _day_before(day: MonthDay) -> MonthDay | None:
    """The day before in every year; ``None`` where that depends on the year."""
    if day.day == 1:
        month = (day.month - 2) % 12 + 1
        return MonthDay(month, _MONTHS[month - 1] or 0)
    if day.day == 0:
        length = _MONTHS[day.month - 1]
        return MonthDay(day.month, length - 1) if length else None
    return None if day.month == 2 and day.day == 29 else MonthDay(day.month, day.day - 1)
