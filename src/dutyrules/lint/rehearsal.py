"""A plan on its own: its first years in force, one made-up object that is always in scope, and no records.

What the checks ask about time (windows, what they owe, what they could hold) is asked of the engine itself on this stage, so
that the meaning of a duty stays in one place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from dutyrules.bench import Bench, People, Sight, Subject
from dutyrules.duties.counting import ALWAYS_KEY, CountDuty
from dutyrules.history import History
from dutyrules.ledger import Ledger
from dutyrules.plan import Plan
from dutyrules.roster import Roster
from dutyrules.time.deadlines import add_days
from dutyrules.time.intervals import END, Intervals, intersect
from dutyrules.time.zone import LAST_YEAR, Zone, zone_named
from dutyrules.verdicts import Demand

__all__ = ["Rehearsal"]

YEARS = 2
"""How far ahead a plan is looked at that has no last day, or a late one."""


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """A plan, with what it asks when nothing has happened yet."""

    plan: Plan

    @cached_property
    def zone(self) -> Zone:
        """The plan's zone."""
        return zone_named(self.plan.plan.timezone)

    @cached_property
    def force(self) -> Intervals:
        """The time in which the plan holds."""
        span = self.plan.plan.in_force
        end = self.zone.start(span.through.toordinal() + 1) if span.through else END
        return ((self.zone.start(span.from_.toordinal()), end),)

    @cached_property
    def time(self) -> Intervals:
        """The part of the force that is looked at."""
        ahead = add_days(self.plan.plan.in_force.from_.toordinal(), YEARS, "years")
        latest = date(LAST_YEAR - 1, 1, 1).toordinal()
        return intersect(self.force, ((self.force[0][0], self.zone.start(min(ahead, latest))),))

    @cached_property
    def bench(self) -> Bench:
        """The bench with nothing on it but the plan."""
        start, end = self.time[0]
        sight = Sight(History(()), self.zone, start, None)
        return Bench(self.plan, self.force, People(Roster.model_construct(), self.zone), sight, (), {}, end - 1, Ledger())

    @cached_property
    def subject(self) -> Subject:
        """The made-up object, in scope as long as the plan holds."""
        return Subject("object", object="object", layers=(("plan", self.force),))

    def demands(self, duty: CountDuty) -> list[Demand]:
        """What a count asks of the object, window by window; entries whose figure the roster holds are left out."""
        found = self._demands.get(id(duty))
        if found is None:
            asked = (d for d, _ in duty.demands("", self.bench, self.subject, ()))
            found = self._demands[id(duty)] = [d for d in asked if d.required is not None]
        return found

    @cached_property
    def _demands(self) -> dict[int, list[Demand]]:
        return {}

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of seasons, their complements, and named periods."""
        return frozenset((*self.plan.season_keys(), *self.plan.calendar.named_periods))

    def declared(self, key: str) -> bool:
        """Whether a named period is opened and closed by records, so that the plan alone does not say when it is."""
        period = self.plan.calendar.named_periods.get(key)
        return period is not None and period.declared

    def time_of(self, key: str) -> Intervals | None:
        """The time of a season, its complement or a named period within the time looked at.

        ``None`` where the plan alone does not say it for all that time: a period that records open, a season of which later
        years are yet to be announced, holidays of years that are not published.
        """
        if key == ALWAYS_KEY:
            return self.time
        if self.declared(key) or not all(self._known(key, year) for year in self._years()):
            return None
        return intersect(self.time, self.bench.period_time(key))

    def _years(self) -> Iterator[int]:
        start, end = self.time[0]
        first, last = (date.fromordinal(self.zone.day_of(at)).year for at in (start, end - 1))
        return iter(range(first, last + 1))

    def _known(self, key: str, year: int) -> bool:
        if key in (seasons := self.plan.season_keys()):
            season = self.plan.seasons[seasons[key][0]]
            return season.every_year is not None or year in season.in_year
        period = self.plan.calendar.named_periods[key]
        calendar = self.bench.calendar
        return not period.holidays or (calendar is not None and calendar.knows(year))

    def day(self, instant: int) -> str:
        """The local date of an instant, as YYYY-MM-DD."""
        return date.fromordinal(self.zone.day_of(instant)).isoformat()

    def last(self) -> str:
        """The plan's last day, if it has one."""
        through = self.plan.plan.in_force.through
        return through.isoformat() if through else ""
