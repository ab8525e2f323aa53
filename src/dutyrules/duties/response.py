"""Responses: what must be done within so long after a trigger (or before a date that the triggering record holds)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema, model_validator

from dutyrules.bench import Bench, Entry, Subject
from dutyrules.conditions import Conditions, EventPattern, PatternField, PatternsField
from dutyrules.duties.ahead import Before, last_day_ahead
from dutyrules.duty import BaseDuty
from dutyrules.model import Model, Names, require
from dutyrules.quantity import _DURATION_SCHEMA, Duration, DurationField, QuantityField, parse_duration
from dutyrules.time.calendars import UnpublishedYear
from dutyrules.time.deadlines import add_days, exact_length, last_day_after
from dutyrules.time.intervals import END, Intervals, contains, intersect
from dutyrules.verdicts import Demand, settle_demand

UNSPECIFIED = "unspecified"


class Within(Model):
    """How long after the trigger, and how long before it, a response counts. No ``after`` means no limit is set."""

    after: DurationField | None = None
    before: DurationField | None = None


def _within(value: Any) -> Any:
    if isinstance(value, Within) or (isinstance(value, dict) and "amount" not in value):
        return value
    return {} if value == UNSPECIFIED else {"after": parse_duration(value)}


def _show_within(value: Within) -> Any:
    after = value.after.phrase() if value.after else UNSPECIFIED
    return {"before": value.before.phrase(), "after": after} if value.before else after


def _within_schema() -> dict[str, Any]:
    sides = {
        "type": "object",
        "properties": {"before": _DURATION_SCHEMA, "after": _DURATION_SCHEMA},
        "required": ["after"],
        "additionalProperties": False,
    }
    return {"anyOf": [{"const": UNSPECIFIED}, *_DURATION_SCHEMA["anyOf"], sides]}


WithinField = Annotated[
    Within, BeforeValidator(_within), PlainSerializer(_show_within), WithJsonSchema(_within_schema())
]


def _episode(value: Any) -> Any:
    return value if value == "until_lapsed" else parse_duration(value)


EpisodeField = Annotated[
    Literal["until_lapsed"] | DurationField,
    BeforeValidator(_episode),
    PlainSerializer(lambda v: v if isinstance(v, str) else v.phrase()),
    WithJsonSchema({"anyOf": [{"const": "until_lapsed"}, *_DURATION_SCHEMA["anyOf"]]}),
]


@dataclass(frozen=True)
class Term:
    """A time limit in instants: where a response counts for certain and where it may count.

    ``passes`` is the instant from which the deadline has passed for certain; ``exact`` says that the last instant still counts.
    """

    pieces: Intervals
    maybe: Intervals
    passes: int
    exact: bool = False
    open_end: bool = False
    undecidable: str | None = None


def _opening(bench: Bench, low: int, high: int, within: Within, not_before: Duration | None) -> tuple[int, int]:
    """The earliest and the latest instant at which the window may open."""
    zone = bench.zone
    if not_before is not None:
        assert isinstance(not_before.amount, int)
        if not_before.exact:
            length = exact_length(not_before.amount, not_before.unit)
            return low + length, high + length
        try:
            day = last_day_after(zone.day_of(low), not_before.amount, not_before.unit, _working(bench, not_before))
        except UnpublishedYear as error:
            bench.unpublished(error.year)
            return zone.start(zone.day_of(low) + not_before.amount), END
        return zone.start(day), zone.start(day)
    if within.before is not None:
        assert isinstance(within.before.amount, int)
        if within.before.exact:
            length = exact_length(within.before.amount, within.before.unit)
            return low - length, high - length
        if within.before.unit == "working_days":
            return _working_days_before(bench, zone.day_of(low), within.before.amount)
        day = add_days(zone.day_of(low), -within.before.amount, within.before.unit)
        return zone.start(day), zone.start(day)
    # A day-figure after a trigger of which only the day is known opens with that day.
    exact = within.after is not None and within.after.exact
    return low, high if exact else low


def _working(bench: Bench, d: Duration) -> Any:
    return bench.calendar if d.unit == "working_days" else None


def _working_days_before(bench: Bench, day: int, count: int) -> tuple[int, int]:
    while count:
        day -= 1
        works = bench.working(day)
        if works is None:
            # At the latest if each day were worked; at the earliest, longer ago than any run of holidays.
            return bench.zone.start(day - 2 * count - 30), bench.zone.start(day - count + 1)
        count -= works
    return bench.zone.start(day), bench.zone.start(day)


def term_after(
    bench: Bench, low: int, high: int, within: Within, not_before: Duration | None = None, roll: bool = True,
    opens: tuple[int, int] | None = None,
) -> Term:  # fmt: skip
    """The time limit ``within`` after an instant between ``low`` and ``high`` (they differ when only a day is known).

    ``opens`` replaces the instant at which the window opens. Source: Civil Code of China, articles 200 to 204 and 1259.
    """
    zone = bench.zone
    start, sure_start = _opening(bench, low, high, within, not_before)
    unknown = False
    if opens is not None:
        start, sure_start = opens if within.after is not None and within.after.exact else (opens[0], opens[0])
    after = within.after
    if after is None:
        return Term(((sure_start, END),), ((start, END),), END, open_end=True)
    assert isinstance(after.amount, int)
    if after.exact:
        length = exact_length(after.amount, after.unit)
        end, passes = low + length + 1, high + length + 1
        exact = True
    else:
        exact = False
        day = zone.day_of(low)
        calendar = bench.calendar if after.unit == "working_days" or roll else None
        try:
            last = last_day_after(day, after.amount, after.unit, calendar)
        except UnpublishedYear as error:
            bench.unpublished(error.year)
            unknown = True
            last = add_days(day, after.amount, "days" if after.unit == "working_days" else after.unit)
        end = passes = zone.start(last + 1)
    if unknown:
        passes = END
    reason = "calendar_unpublished" if unknown else None
    # Where it may open too late for certain, nothing counts for certain.
    pieces = ((sure_start, end),) if sure_start < end else ((end, end),)
    return Term(pieces, ((start, max(passes, start)),), passes, exact, undecidable=reason)


def term_until(bench: Bench, start: int, sure_start: int, last_day: int) -> Term:
    """The time limit that ends with a day which a record holds; a day already past demands the impossible of nobody."""
    end = bench.zone.start(last_day + 1)
    if end <= start:
        return Term(((sure_start, END),), ((start, END),), END, undecidable="date_passed")
    return Term(((sure_start, end),) if sure_start < end else ((start, start),), ((start, end),), end)


@dataclass
class Episode:
    """Alerts that are one trigger for one subject: the first of them, and all objects they reached."""

    first: Entry
    last: Entry
    objects: dict[str, Entry] = field(default_factory=dict)
    """Each object that was reached, with the latest alert that reached it."""


def _follows(lapse: Entry, alert: Entry) -> bool:
    """Whether a lapse comes after an alert; on one day, where an hour is missing, it is taken to."""
    missing = lapse.low != lapse.high or alert.low != alert.high
    return lapse.high > alert.low or (missing and lapse.day == alert.day)


class ResponseDuty(BaseDuty):
    """``must`` … ``within`` … after ``trigger``."""

    marks: ClassVar[tuple[str, ...]] = ("trigger",)

    must: Names
    where: Conditions = {}
    for_each: Literal["object", "bearer", "area"]
    area_type: str | None = None
    may_be_done_by: Names = ()
    trigger: PatternsField
    within: WithinField | None = None
    before: Before | None = None
    not_before: DurationField | None = None
    at_least: QuantityField | None = None
    one_episode: EpisodeField | None = None
    lapses_with: PatternField | None = None
    roll: Literal["forward", "none"] = "forward"
    late: Literal["accepted"] | None = None

    @model_validator(mode="after")
    def _fits(self) -> ResponseDuty:
        require((self.within is None) != (self.before is None), "within_or_before")
        require(self.before is None or self.before.season is None, "before_of_trigger")
        q = self.at_least
        require(q is None or (not q.per and not q.every and not q.in_any and isinstance(q.count, int)), "plain_count")
        require(self.one_episode != "until_lapsed" or self.lapses_with, "until_lapsed")
        require(not isinstance(self.one_episode, Duration) or self.one_episode.unit != "working_days", "no_working_days")
        return self

    def roles(self) -> list[str]:
        return [*([self.role] if self.role else []), *(r for r in self.may_be_done_by if r != "deputy")]

    def patterns(self) -> list[tuple[tuple[str | int, ...], EventPattern]]:
        found: list[tuple[tuple[str | int, ...], EventPattern]] = [
            (("must",), EventPattern(event=self.must, where=self.where)),
            *(((*at, "event"), p) for at, p in zip(self._trigger_places(), self.trigger, strict=True)),
        ]
        return found + ([(("lapses_with", "event"), self.lapses_with)] if self.lapses_with else [])

    def _trigger_places(self) -> list[tuple[str | int, ...]]:
        return [("trigger", i) for i in range(len(self.trigger))] if len(self.trigger) > 1 else [("trigger",)]

    def places(self) -> list[tuple[str | int, ...]]:
        return self._trigger_places()

    def durations(self) -> list[DurationField]:
        sides = [self.within.after, self.within.before] if self.within else [self.before.by if self.before else None]
        return [d for d in [*sides, self.not_before] if d]

    def needs_working_days(self) -> bool:
        after = self.within.after if self.within else None
        rolled = after is not None and not after.exact and self.roll == "forward"
        return rolled or any(d.unit == "working_days" for d in self.durations()) or (
            self.at_least is not None and self.at_least.unit == "working_days"
        )

    def judge(self, duty_id: str, bench: Bench) -> None:
        for subject, alerts in bench.counted(self._alerted(duty_id, bench)):
            entries = self._entries(bench, subject)
            for episode in self._episodes(bench, alerts):
                self._settle(duty_id, bench, subject, episode, entries)

    def _entries(self, bench: Bench, subject: Subject) -> list[Entry]:
        return bench.entries(self, subject, self.must, self.where, self.role, self.may_be_done_by)

    # -------------------------------------------------------------------------------------------- who is triggered

    def _alerted(self, duty_id: str, bench: Bench) -> list[tuple[Subject, list[tuple[Entry, list[str]]]]]:
        """Each subject with the alerts that reach it and the objects through which they do."""
        subjects: dict[tuple[str, str], Subject] = {}
        alerts: dict[tuple[str, str], list[tuple[Entry, list[str]]]] = {}
        reached: dict[int, list[str]] = {}
        for o, time in self.objects_in_scope(duty_id, bench):
            for alert in bench.any_reaching(self.trigger, o):
                if contains(time, alert.low):
                    reached.setdefault(alert.row, []).append(o)
        for alert in bench.any_pattern(self.trigger):
            for subject, its in self._subjects(duty_id, bench, alert, reached.get(alert.row, ())):
                key = ("person" if subject.person else "place", subject.key)
                subjects.setdefault(key, subject)
                alerts.setdefault(key, []).append((alert, its))
        return [(subjects[key], alerts[key]) for key in sorted(subjects)]

    def objects_in_scope(self, duty_id: str, bench: Bench) -> list[tuple[str, Intervals]]:
        """The objects of the duty with their time in scope."""
        if self.for_each == "object":
            return [(s.key, s.scope) for s in (bench.object_subject(duty_id, self, o) for o in bench.objects_of(self))]
        return [(o, intersect(bench.force, bench.object_time(self, o))) for o in bench.objects_of(self)]

    def _subjects(
        self, duty_id: str, bench: Bench, alert: Entry, reached: Sequence[str]
    ) -> Iterator[tuple[Subject, list[str]]]:
        if self.for_each == "object":
            for o in reached:
                yield bench.object_subject(duty_id, self, o), [o]
        elif self.for_each == "area":
            inside: dict[str, list[str]] = {}
            for o in reached:
                for a in bench.people.areas_of(o):
                    inside.setdefault(a, []).append(o)
            for a in sorted(inside.keys() & bench.areas_for(self)):
                subject = bench.area_subject(duty_id, self, a)
                if contains(subject.scope, alert.low):
                    yield subject, inside[a]
        else:
            borne: dict[str, list[str]] = {}
            for o in reached:
                held = [t for t in bench.people.over_object(self.role or "", o) if t.start <= alert.low < t.end]
                for person in dict.fromkeys(t.person for t in held):
                    borne.setdefault(person, []).append(o)
                subject = bench.object_subject(duty_id, self, o)
                if not held and contains(subject.scope, alert.low):
                    # Nobody to be named: the duty stays with the object, so that the empty post is seen.
                    yield subject, [o]
            for person, its in sorted(borne.items()):
                subject = bench.bearer_subject(duty_id, self, person)
                if contains(subject.scope, alert.low):
                    yield subject, its

    # -------------------------------------------------------------------------------------------------- episodes

    def _episodes(self, bench: Bench, alerts: Sequence[tuple[Entry, list[str]]]) -> list[Episode]:
        """Alerts close together, and not lapsed in between, as one."""
        out: list[Episode] = []
        for alert, objects in alerts:
            if out and self._continues(bench, out[-1], alert):
                out[-1].last = alert
            else:
                out.append(Episode(alert, alert))
            out[-1].objects.update(dict.fromkeys(objects, alert))
        return out

    def _continues(self, bench: Bench, episode: Episode, alert: Entry) -> bool:
        if self.one_episode is None:
            return False
        lapse = self._lapse(bench, episode, before=alert.low)
        if lapse is not None and lapse[1] < alert.low:
            return False
        if isinstance(self.one_episode, str):
            return True
        length = self.one_episode
        assert isinstance(length.amount, int)
        if length.exact:
            return alert.low - episode.last.high < exact_length(length.amount, length.unit)
        return alert.day < add_days(episode.last.day, length.amount, length.unit)

    def _lapse(self, bench: Bench, episode: Episode, before: int = END) -> tuple[int, int] | None:
        """When the alert was lifted for every object it reached: the earliest and the latest instant."""
        if self.lapses_with is None:
            return None
        low, high = -END, -END
        for o, alert in episode.objects.items():
            found = [e for e in bench.reaching(self.lapses_with, o) if _follows(e, alert) and e.low < before]
            if not found:
                return None
            low = max(low, alert.low, min(e.low for e in found))
            high = max(high, min(e.high for e in found))
        return low, high

    # ---------------------------------------------------------------------------------------------------- verdict

    def _settle(
        self, duty_id: str, bench: Bench, subject: Subject, episode: Episode, entries: Sequence[Entry]
    ) -> None:
        first = episode.first
        term = self._term(bench, first)
        if term.maybe[0][0] > bench.limit:
            return
        objects = set(episode.objects)
        answers = [e for e in entries if e.row != first.row and self._concerns(bench, e, subject, objects)]
        count = self.at_least.count if self.at_least else 1
        assert isinstance(count, int)
        settle_demand(
            bench,
            Demand(
                duty=duty_id, subject=subject, tail=first.id, role=self.role, pieces=term.pieces, maybe=term.maybe,
                passes=term.passes, exact=term.exact, open_end=term.open_end, undecidable=term.undecidable,
                events=(*self.must, *(self.lapses_with.event if self.lapses_with else ())), entries=answers, required=count,
                unit=self.at_least.unit if self.at_least else "events", trigger=first.id,
                lapse=self._lapse(bench, episode), late=self.late is not None, place=self.trigger_place(bench, first.row),
            ),
        )  # fmt: skip

    def trigger_place(self, bench: Bench, row: int) -> tuple[str | int, ...]:
        """The first of the patterns that the triggering record fits."""
        return next(at for at, p in zip(self._trigger_places(), self.trigger, strict=True) if bench.fits(row, p))

    def _concerns(self, bench: Bench, e: Entry, subject: Subject, objects: set[str]) -> bool:
        """Whether a record is about one of the objects that the alert reached."""
        if subject.object is not None:
            return True
        record = bench.sight.record(e.row)
        if record.objects:
            return bool(objects & set(record.objects))
        if subject.area is not None or record.area is None:
            return True
        return any(record.area in bench.people.areas_of(o) for o in objects)

    def _term(self, bench: Bench, first: Entry) -> Term:
        if self.within is not None:
            return term_after(bench, first.low, first.high, self.within, self.not_before, self.roll == "forward")
        assert self.before is not None and self.before.attribute is not None
        start, sure = _opening(bench, first.low, first.high, Within(), self.not_before)
        day = bench.day_held(bench.attribute(first.row, self.before.attribute))
        if day is None:
            return Term(((sure, END),), ((start, END),), END, undecidable="no_date")
        return term_until(bench, start, sure, last_day_ahead(day, self.before.by))
