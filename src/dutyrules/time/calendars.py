"""Working days.

A calendar year that nobody has published is never guessed: it raises :class:`UnpublishedYear`. China's statutory
holidays and make-up days come from the package ``chinesecalendar`` (2004 to its last published year); a plan may
carry a year's days itself, and then those hold.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

__all__ = ["Holiday", "UnpublishedYear", "WorkCalendar", "YearDays"]


class UnpublishedYear(Exception):
    """A calendar was asked about a year whose holidays it does not know."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(str(year))


@dataclass(frozen=True, slots=True)
class Holiday:
    """A stretch of days off, both ends included."""

    name: str
    first: date
    through: date


@dataclass(frozen=True, slots=True)
class YearDays:
    """One year's days off on weekdays or weekends, and the weekend days that are worked instead."""

    holidays: tuple[Holiday, ...]
    make_up_days: frozenset[date]


@lru_cache(maxsize=64)
def _china(year: int) -> YearDays | None:
    """China's days off and made up, as published; ``None`` where they are not."""
    import chinese_calendar
    from chinese_calendar import constants

    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return None
    names = {h.value: h.name for h in chinese_calendar.Holiday}
    found: list[Holiday] = []
    day = date(year, 1, 1)
    while day.year == year:
        name = constants.holidays.get(day)
        if name:
            key = names.get(name, name)
            if found and found[-1].name == key and found[-1].through == day - timedelta(days=1):
                found[-1] = Holiday(key, found[-1].first, day)
            else:
                found.append(Holiday(key, day, day))
        day += timedelta(days=1)
    return YearDays(tuple(found), frozenset(d for d in constants.workdays if d.year == year))


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked: ``china``, or ``weekdays`` (Monday to Friday), with the plan's own years on top."""

    base: str
    years: Mapping[int, YearDays] = field(default_factory=dict)
    _cache: dict[int, frozenset[int]] = field(default_factory=dict, compare=False, repr=False)

    def days(self, year: int) -> YearDays:
        """The holidays and make-up days of a year.

        Raises:
            UnpublishedYear: nobody has said which days they are.
        """
        if year in self.years:
            return self.years[year]
        if self.base == "china":
            published = _china(year)
            if published is None:
                raise UnpublishedYear(year)
            return published
        return YearDays((), frozenset())

    def knows(self, year: int) -> bool:
        """Whether the days of a year are known."""
        try:
            self.days(year)
        except UnpublishedYear:
            return False
        return True

    def _working(self, year: int) -> frozenset[int]:
        working = self._cache.get(year)
        if working is None:
            days = self.days(year)
            off = {o for h in days.holidays for o in range(h.first.toordinal(), h.through.toordinal() + 1)}
            made_up = {d.toordinal() for d in days.make_up_days}
            first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
            working = self._cache[year] = frozenset(
                o for o in range(first, last + 1) if o in made_up or ((o - 1) % 7 < 5 and o not in off)
            )
        return working

    def is_working_day(self, ordinal: int) -> bool:
        """Whether the day (an ordinal) is worked."""
        return ordinal in self._working(date.fromordinal(ordinal).year)

    def next_working_day(self, ordinal: int) -> int:
        """The day itself if it is worked, otherwise the next one that is."""
        while not self.is_working_day(ordinal):
            ordinal += 1
        return ordinal

    def add_working_days(self, ordinal: int, count: int) -> int:
        """The ``count``-th working day after a day."""
        while count:
            ordinal += 1
            count -= self.is_working_day(ordinal)
        return ordinal

    def holiday(self, name: str, year: int) -> list[Holiday]:
        """The stretches of the holiday with this name in a year."""
        return [h for h in self.days(year).holidays if h.name == name]
