"""Duties ahead of a date: what must be done before a season opens, or before a date that the object holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from pydantic import model_validator

from dutyrules.bench import Bench, Subject
from dutyrules.conditions import Conditions, EventPattern
from dutyrules.duty import BaseDuty
from dutyrules.model import Model, Names, require
from dutyrules.quantity import Duration, DurationField, QuantityField
from dutyrules.time.deadlines import add_days
from dutyrules.time.intervals import END, contains, intersect
from dutyrules.verdicts import Demand, settle_demand, window_tail


def last_day_ahead(day: int, by: Duration | None) -> int:
    """The last day that counts ahead of a day: the day before it, or so much earlier."""
    if by is None:
        return day - 1
    assert isinstance(by.amount, int)
    return add_days(day, -by.amount, by.unit)


class Before(Model):
    """The date ahead of which it must be done."""

    season: str | None = None
    attribute: str | None = None
    by: DurationField | None = None
    """How long before the date at the latest."""
    opens: DurationField | None = None
    """How long before the date at the earliest."""

    @model_validator(mode="after")
    def _one(self) -> Before:
        require((self.season is None) != (self.attribute is None), "before")
        for d in (self.by, self.opens):
            require(d is None or d.unit in ("days", "weeks", "months", "years"), "before_unit")
        return self


class AheadDuty(BaseDuty):
    """``must`` … ``before`` a date."""

    marks: ClassVar[tuple[str, ...]] = ("before",)

    must: Names
    where: Conditions = {}
    for_each: Literal["object", "bearer", "area"]
    area_type: str | None = None
    may_be_done_by: Names = ()
    before: Before
    at_least: QuantityField | None = None
    late: Literal["accepted"] | None = None

    @model_validator(mode="after")
    def _fits(self) -> AheadDuty:
        q = self.at_least
        require(q is None or (not q.per and not q.every and not q.in_any and isinstance(q.count, int)), "plain_count")
        require(self.before.attribute is None or self.for_each == "object", "before_each_object")
        return self

    def roles(self) -> list[str]:
        return [*([self.role] if self.role else []), *(r for r in self.may_be_done_by if r != "deputy")]

    def patterns(self) -> list[tuple[tuple[str | int, ...], EventPattern]]:
        return [(("must",), EventPattern(event=self.must, where=self.where))]

    def durations(self) -> list[DurationField]:
        return [d for d in (self.before.by, self.before.opens) if d]

    def needs_working_days(self) -> bool:
        return self.at_least is not None and self.at_least.unit == "working_days"

    def judge(self, duty_id: str, bench: Bench) -> None:
        for subject in bench.counted(bench.subjects(duty_id, self)):
            entries = bench.entries(self, subject, self.must, self.where, self.role, self.may_be_done_by)
            for start, end in self.windows(bench, subject):
                # The duty is owed where it is in scope when it falls due; before that, scope only opens the window later.
                if start >= end or not contains(subject.scope, end - 1):
                    continue
                pieces = intersect(((start, end),), subject.scope)
                if pieces[0][0] > bench.limit:
                    continue
                count = self.at_least.count if self.at_least else 1
                assert isinstance(count, int)
                settle_demand(
                    bench,
                    Demand(
                        duty=duty_id, subject=subject, tail=window_tail(bench, pieces[0][0]), role=self.role, pieces=pieces,
                        events=self.must, entries=entries, required=count, unit=self.at_least.unit if self.at_least else "events",
                        cut=_why(subject, start, end), late=self.late is not None,
                    ),
                )  # fmt: skip

    def windows(self, bench: Bench, subject: Subject) -> Iterator[tuple[int, int]]:
        """Each time in which it may be done, in instants; where nothing is left of it the end is not after the start."""
        zone = bench.zone
        if self.before.season is not None:
            previous = -END
            for begin, finish in bench.season(self.before.season):
                if begin > -END:
                    day = zone.day_of(begin)
                    yield max(previous, self._opens(bench, day, previous)), zone.start(last_day_ahead(day, self.before.by) + 1)
                previous = finish
            return
        assert self.before.attribute is not None and subject.object is not None
        for v in bench.people.attribute(subject.object, self.before.attribute):
            low, high = bench.people.span(v.from_, v.through)
            held = bench.day_held(v.value)
            if held is None:
                continue
            end = zone.start(last_day_ahead(held, self.before.by) + 1)
            if low < end <= high:
                yield max(low, self._opens(bench, held, low)), end

    def _opens(self, bench: Bench, day: int, otherwise: int) -> int:
        opens = self.before.opens
        if opens is None:
            return otherwise
        assert isinstance(opens.amount, int)
        return bench.zone.start(add_days(day, -opens.amount, opens.unit))


def _why(subject: Subject, start: int, end: int) -> str | None:
    """The first layer that takes something from a window."""
    window = ((start, end),)
    return next((name for name, time in subject.layers if intersect(window, time) != window), None)
