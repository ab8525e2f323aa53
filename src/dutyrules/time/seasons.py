"""Seasons: stretches of the year that recur, may cross New Year, and may be moved for one year by a decision.

Source of the county's flood season: Henan's rules implementing the Flood Control Law, article 27.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from dutyrules.time.intervals import Interval, Intervals, union
from dutyrules.time.zone import FIRST_YEAR, LAST_YEAR, Zone

__all__ = ["Decision", "MonthDay", "SeasonRule", "season_intervals"]


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of the year; ``day`` 0 means the last day of the month (``02-end``)."""

    month: int
    day: int

    def in_year(self, year: int) -> date:
        """The date in a year; a day the month does not have becomes its last (29 February in common years)."""
        last = calendar.monthrange(year, self.month)[1]
        return date(year, self.month, min(self.day, last) if self.day else last)

    def __str__(self) -> str:
        return f"{self.month:02d}-{self.day:02d}" if self.day else f"{self.month:02d}-end"


@dataclass(frozen=True, slots=True)
class Decision:
    """What an authority decided about one year's season; ``first`` or ``through`` of ``None`` stays as the rule says."""

    year: int
    first: date | None
    through: date | None
    decided: date | None


@dataclass(frozen=True, slots=True)
class SeasonRule:
    """One season. Without ``first`` and ``through`` it exists only in years for which a decision names both ends."""

    first: MonthDay | None
    through: MonthDay | None
    decisions: tuple[Decision, ...] = ()
    snap_month: bool = False


def _occurrence(rule: SeasonRule, year: int, decision: Decision | None) -> tuple[date, date] | None:
    first = rule.first.in_year(year) if rule.first else None
    through = None
    if rule.first and rule.through:
        crosses = (rule.through.month, rule.through.day or 31) < (rule.first.month, rule.first.day or 31)
        through = rule.through.in_year(year + crosses)
    if decision:
        first, through = decision.first or first, decision.through or through
    if first is None or through is None or first > through:
        return None
    if rule.snap_month:
        first = first.replace(day=1)
        through = through.replace(day=calendar.monthrange(through.year, through.month)[1])
    return first, through


@lru_cache(maxsize=256)
def season_intervals(rule: SeasonRule, zone: Zone, years: Sequence[int], known_at: int | None) -> Intervals:
    """The instants of a season in the occurrences that begin in ``years``.

    A decision taken on a day is known from the end of that day; with ``known_at`` later decisions are left out.
    """
    known: dict[int, Decision] = {}
    for decision in sorted(rule.decisions, key=lambda d: d.decided or date.min):
        if known_at is None or decision.decided is None or zone.start(decision.decided.toordinal() + 1) <= known_at:
            known[decision.year] = decision
    spans: list[Interval] = []
    for year in years:
        found = _occurrence(rule, year, known.get(year))
        if found and found[0].year > FIRST_YEAR and found[1].year < LAST_YEAR:
            spans.append((zone.start(found[0].toordinal()), zone.start(found[1].toordinal() + 1)))
    return union(spans)
