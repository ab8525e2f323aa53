"""Keeping: a state that must hold the whole time in scope; each gap is a violation."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from dutyrules.bench import Bench, Entry, Subject
from dutyrules.conditions import Conditions, EventPattern
from dutyrules.duty import BaseDuty, DuringField
from dutyrules.model import Model, Names, require
from dutyrules.quantity import DurationField
from dutyrules.time.deadlines import add_days, exact_length
from dutyrules.time.intervals import END, Interval, Intervals, intersect, subtract, union
from dutyrules.verdicts import Standing, settle_breaches, window_tail


class Kept(Model):
    """What must hold: a post that is filled, or a desk that is staffed (by records with a duration)."""

    post: str | None = None
    staffed: Names | None = None
    where: Conditions = {}

    @model_validator(mode="after")
    def _one(self) -> Kept:
        require((self.post is None) != (self.staffed is None), "keep")
        require(self.staffed or not self.where, "keep")
        return self


class KeepDuty(BaseDuty):
    """``keep`` a state, without gaps longer than ``gaps_up_to``."""

    marks: ClassVar[tuple[str, ...]] = ("keep",)

    keep: Kept
    for_each: Literal["object", "area"]
    area_type: str | None = None
    may_be_done_by: Names = ()
    gaps_up_to: DurationField | None = None
    during: DuringField | None = None

    @model_validator(mode="after")
    def _fits(self) -> KeepDuty:
        require(self.gaps_up_to is None or self.gaps_up_to.unit not in ("working_days",), "gaps_up_to")
        return self

    def roles(self) -> list[str]:
        named = [r for r in (self.role, self.keep.post) if r]
        return named + [r for r in self.may_be_done_by if r != "deputy"]

    def patterns(self) -> list[tuple[tuple[str | int, ...], EventPattern]]:
        found: list[tuple[tuple[str | int, ...], EventPattern]] = []
        if self.keep.staffed:
            found.append((("keep", "staffed"), EventPattern(event=self.keep.staffed, where=self.keep.where)))
        if self.during and self.during.event:
            found.append((("during", "event"), self.during.pattern()))
            if self.during.until:
                found.append((("during", "until", "event"), self.during.until))
        return found

    def durations(self) -> list[DurationField]:
        return [self.gaps_up_to] if self.gaps_up_to else []

    def judge(self, duty_id: str, bench: Bench) -> None:
        for subject in bench.counted(bench.subjects(duty_id, self)):
            scope = subject.scope
            certain = possible = scope
            if self.during is not None:
                held, maybe = bench.during(self.during, subject.object, subject.area)
                certain, possible = intersect(scope, held), intersect(scope, maybe)
            events = self.keep.staffed or ()
            standing = Standing(
                duty=duty_id, subject=subject, tail=window_tail(bench, scope[0][0]), role=self.role, scope=scope,
                events=(*events, *(self._during_events())),
            )  # fmt: skip
            sure, may, entries = self._covered(bench, subject)
            standing.entries = entries
            standing.counted = [e for e in entries if not e.failed]
            complete = bench.complete_through(events)
            for start, end in subtract(certain, may):
                if self._too_long(bench, (start, min(end, complete))):
                    standing.breaches.append((start, end if end <= bench.as_of else None, 1, []))
            for start, end in subtract(possible, sure):
                if self._too_long(bench, (start, min(end, bench.as_of))):
                    reason = "records_incomplete" if min(end, bench.as_of) > complete else "only_a_day_is_known"
                    if not any(b[0] <= start < (b[1] or END) or start <= b[0] < end for b in standing.breaches):
                        standing.doubts.append((start, reason))
            settle_breaches(bench, standing)

    def _during_events(self) -> Names:
        during = self.during
        if during is None or during.event is None:
            return ()
        return (*during.event, *(during.until.event if during.until else ()))

    def _covered(self, bench: Bench, subject: Subject) -> tuple[Intervals, Intervals, list[Entry]]:
        """The time in which the state holds for certain, that in which it may hold, and the records that say so."""
        if self.keep.post is not None:
            held = union((t.start, t.end) for t in bench.tenancies(self.keep.post, subject))
            return held, held, []
        assert self.keep.staffed is not None
        entries = bench.entries(self, subject, self.keep.staffed, self.keep.where, self.role, self.may_be_done_by)
        sound = [e for e in entries if not e.failed]
        sure = union((e.high, e.end) for e in sound if e.end is not None)
        may = union((e.low, END if e.end is None else e.end) for e in sound)
        return sure, may, entries

    def _too_long(self, bench: Bench, gap: Interval) -> bool:
        """Whether a gap is longer than is allowed; the number itself is still allowed."""
        start, end = gap
        if start >= end:
            return False
        limit = self.gaps_up_to
        if limit is None:
            return True
        assert isinstance(limit.amount, int)
        if limit.exact:
            return end > start + exact_length(limit.amount, limit.unit)
        zone = bench.zone
        day = zone.day_of(start)
        # Whole days from the hour of the gap's beginning.
        return end > zone.start(add_days(day, limit.amount, limit.unit)) + (start - zone.start(day))
