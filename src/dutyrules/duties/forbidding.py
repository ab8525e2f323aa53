"""Forbidding: acts that must not happen; each one is a violation."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from dutyrules.bench import Bench, Entry, Subject
from dutyrules.conditions import Conditions, EventPattern, PatternField
from dutyrules.duty import BaseDuty, DuringField
from dutyrules.model import Model, Names
from dutyrules.quantity import DurationField
from dutyrules.tally import inside, possibly_inside
from dutyrules.time.calendars import UnpublishedYear
from dutyrules.time.deadlines import add_days, exact_length
from dutyrules.time.intervals import intersect
from dutyrules.verdicts import Standing, settle_breaches, window_tail


class Unless(Model):
    """The event that permits the act: it came before, no longer ago than ``within``, and was not undone by ``until``."""

    event: Names
    where: Conditions = {}
    within: DurationField | None = None
    until: PatternField | None = None

    def pattern(self) -> EventPattern:
        """The records that permit the act."""
        return EventPattern(event=self.event, where=self.where)


class ForbidDuty(BaseDuty):
    """``must_not`` happen."""

    marks: ClassVar[tuple[str, ...]] = ("must_not",)

    must_not: Names
    where: Conditions = {}
    during: DuringField | None = None
    unless: Unless | None = Field(None)
    for_each: Literal["object"] = "object"

    def patterns(self) -> list[tuple[tuple[str | int, ...], EventPattern]]:
        found: list[tuple[tuple[str | int, ...], EventPattern]] = [
            (("must_not",), EventPattern(event=self.must_not, where=self.where))
        ]
        if self.during and self.during.event:
            found.append((("during", "event"), self.during.pattern()))
            if self.during.until:
                found.append((("during", "until", "event"), self.during.until))
        if self.unless:
            found.append((("unless", "event"), self.unless.pattern()))
            if self.unless.until:
                found.append((("unless", "until", "event"), self.unless.until))
        return found

    def durations(self) -> list[DurationField]:
        return [self.unless.within] if self.unless and self.unless.within else []

    def judge(self, duty_id: str, bench: Bench) -> None:
        for subject in bench.counted(bench.subjects(duty_id, self)):
            scope = subject.scope
            certain = possible = scope
            if self.during is not None:
                held, maybe = bench.during(self.during, subject.object, subject.area)
                certain, possible = intersect(scope, held), intersect(scope, maybe)
            standing = Standing(
                duty=duty_id, subject=subject, tail=window_tail(bench, scope[0][0]), role=self.role, scope=scope,
                events=tuple(e for _, p in self.patterns() for e in p.event),
            )  # fmt: skip
            acts = bench.entries(self, subject, self.must_not, self.where, None)
            standing.entries = acts
            standing.counted = [e for e in acts if not e.failed]
            for act in standing.counted:
                sure = inside(act, certain, bench.as_of)
                if not sure and not possibly_inside(act, possible):
                    continue
                if sure and not self._permitted(bench, subject, act, kind=True):
                    ended = act.end if act.end is not None and act.end <= bench.as_of else act.low
                    standing.breaches.append((act.low, ended, 1, [act]))
                elif not self._permitted(bench, subject, act, kind=False):
                    standing.doubts.append((act.low, "only_a_day_is_known"))
            settle_breaches(bench, standing)

    def _permitted(self, bench: Bench, subject: Subject, act: Entry, kind: bool) -> bool:
        """Whether a permit stood at the act: possibly (``kind``), or for certain."""
        if self.unless is None:
            return False
        undone = bench.reaching(self.unless.until, subject.object) if self.unless.until else []
        for permit in bench.reaching(self.unless.pattern(), subject.object):
            came = permit.low <= act.high if kind else permit.high <= act.low
            if not came or not self._recent(bench, permit, act, kind):
                continue
            if kind:
                ended = any(permit.high < u.low and u.high <= act.low for u in undone)
            else:
                ended = any(permit.low < u.high and u.low <= act.high for u in undone)
            if not ended:
                return True
        return False

    def _recent(self, bench: Bench, permit: Entry, act: Entry, kind: bool) -> bool:
        assert self.unless is not None
        within = self.unless.within
        if within is None:
            return True
        assert isinstance(within.amount, int)
        if within.exact:
            distance = act.low - permit.high if kind else act.high - permit.low
            return distance <= exact_length(within.amount, within.unit)
        if within.unit == "working_days":
            assert bench.calendar is not None
            try:
                last = bench.calendar.add_working_days(permit.day, within.amount)
            except UnpublishedYear as error:
                bench.unpublished(error.year)
                return kind or act.day <= permit.day + within.amount
            return act.day <= last
        return act.day <= add_days(permit.day, within.amount, within.unit)
