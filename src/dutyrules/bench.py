"""The bench on which duties are judged: the plan's words, the roster and the records, seen from one moment.

Everything a kind of duty needs to ask is asked here: who is a subject and when, which records count for whom, until when the
records are complete, what a waiver excuses. Nothing here knows what a duty demands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from dutyrules.conditions import LASTED, Condition, EventPattern, coerce, holds
from dutyrules.duty import BaseDuty, During
from dutyrules.errors import Problem
from dutyrules.history import History, Record
from dutyrules.ledger import Ledger
from dutyrules.model import Names
from dutyrules.quantity import Figure
from dutyrules.roster import Area, Dated, Object, Roster
from dutyrules.time.calendars import UnpublishedYear, WorkCalendar
from dutyrules.time.intervals import (
    ALWAYS,
    END,
    START,
    Interval,
    Intervals,
    complement,
    contains,
    intersect,
    subtract,
    union,
)
from dutyrules.time.seasons import season_intervals
from dutyrules.time.windows import CutWindow, Layer
from dutyrules.time.zone import FIRST_YEAR, LAST_YEAR, MINUTE, Zone
from dutyrules.vocabulary import Vocabulary
from dutyrules.waivers import Waiver

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from dutyrules.columns import Instants, Mask

__all__ = ["Bench", "Entry", "People", "Sight", "Subject", "Tenancy"]

T = TypeVar("T")

FEW = 64
"""Up to so many records, a look at each of them costs less than numpy's calls."""

# Why a record fails; a record that fails exactly one of these is a near miss.
WRONG_PERFORMER, WRONG_ATTRIBUTE, RECORDED_TOO_LATE, RETRACTED = 1, 2, 4, 8


class Tenancy(NamedTuple):
    """A tenure in instants."""

    start: int
    end: int
    person: str
    first: date | None
    through: date | None


class Entry(NamedTuple):
    """A record as it counts for a subject: its earliest and latest instant, its day, its row, its end, what it fails."""

    low: int
    high: int
    id: str
    day: int
    row: int
    end: int | None
    failed: int


@dataclass(frozen=True)
class Subject:
    """What a duty counts for: an object, an area, a bearer, or an object (area) together with one person."""

    key: str
    object: str | None = None
    area: str | None = None
    person: str | None = None
    layers: tuple[Layer, ...] = ()

    @cached_property
    def scope(self) -> Intervals:
        """The time in which the duty holds for it."""
        time: Intervals = ALWAYS
        for _, layer in self.layers:
            time = intersect(time, layer)
        return time


class Sight:
    """The records as seen from ``as_of`` with what was known at ``known_at``, in instants of a zone."""

    def __init__(self, history: History, zone: Zone, as_of: int, known_at: int | None) -> None:
        self.history, self.zone, self.as_of, self.known_at = history, zone, as_of, known_at
        self._events: dict[Names, list[int]] = {}

    # Columns are made when they are asked for; without records none is, and numpy is not even loaded.

    @cached_property
    def bounds(self) -> tuple[Instants, Instants]:
        """The earliest and the latest instant of each record; one and the same array where every hour is known."""
        return self.history.columns.time.bounds(self.zone)

    @cached_property
    def fails(self) -> npt.NDArray[np.int8] | None:
        """Why each record does not count for anybody (recorded too late, retracted), as bits; ``None``: all count."""
        import numpy as np

        from dutyrules.columns import NONE

        columns = self.history.columns
        late = None
        if self.known_at is not None:
            at = self.bounds[1]
            if columns.recorded_at is not None:
                said = columns.recorded_at.mode != NONE
                at = np.where(said, columns.recorded_at.bounds(self.zone)[1], at)
            late = np.where(at >= self.known_at, RECORDED_TOO_LATE, 0).astype(np.int8)
        gone = self._retracted(late)
        if late is None and not gone:
            return None
        found = np.zeros(len(self.history), dtype=np.int8) if late is None else late
        found[gone] |= RETRACTED
        return found

    @cached_property
    def seen(self) -> Mask:
        """Which records have happened by then."""
        found: Mask = self.bounds[0] < self.as_of
        return found

    @cached_property
    def splits_a_day(self) -> bool:
        """Whether the moment lies within a day of which a record has only the date."""
        low, high = self.bounds
        return low is not high and bool(((low < self.as_of) & (high >= self.as_of)).any())

    # The same as plain lists, for duties that are judged record by record. Few records become lists
    # without arrays.

    @cached_property
    def _spans(self) -> list[Interval] | None:
        """The earliest and the latest instant of each record, where these are few."""
        return [self.zone.bounds(r.time) for r in self.history.records] if len(self.history) <= FEW else None

    @cached_property
    def low(self) -> list[int]:
        """The earliest instant of each record."""
        found: list[int] = self.bounds[0].tolist() if self._spans is None else [low for low, _ in self._spans]
        return found

    @cached_property
    def high(self) -> list[int]:
        """The latest instant of each record."""
        if self._spans is not None:
            return [high for _, high in self._spans]
        found: list[int] = self.low if self.bounds[0] is self.bounds[1] else self.bounds[1].tolist()
        return found

    @cached_property
    def day(self) -> list[int]:
        """The local day of each record."""
        if self._spans is not None:
            return [self.zone.day_of(low) for low, _ in self._spans]
        found: list[int] = self.zone.days_of(self.bounds[0]).tolist()
        return found

    @cached_property
    def until(self) -> Sequence[int | None]:
        """The instant at which each record ended, where it says so."""
        if self._spans is not None:
            return [None if r.until is None else self.zone.bounds(r.until)[0] for r in self.history.records]
        import numpy as np

        from dutyrules.columns import NONE

        until = self.history.columns.until
        if until is None:
            return _Nothing(len(self.history))
        said = np.broadcast_to(np.asarray(until.mode) != NONE, len(self.history)).tolist()
        return [t if s else None for t, s in zip(until.bounds(self.zone)[0].tolist(), said, strict=True)]

    @cached_property
    def recorded(self) -> list[int]:
        """The instant after which each record is known."""
        import numpy as np

        from dutyrules.columns import NONE

        at, said = self.bounds[1], self.history.columns.recorded_at
        if said is not None:
            at = np.where(said.mode != NONE, said.bounds(self.zone)[1], at)
        found: list[int] = at.tolist()
        return found

    @cached_property
    def failed(self) -> Sequence[int]:
        """Why each record does not count for anybody, as bits."""
        if self._spans is not None and self.known_at is None and all(r.retracts is None for r in self.history.records):
            return _Zeros(len(self.history))
        found: Sequence[int] = _Zeros(len(self.history)) if self.fails is None else self.fails.tolist()
        return found

    def _retracted(self, late: npt.NDArray[np.int8] | None) -> list[int]:
        """The rows of the records that are taken back."""
        retracts = self.history.columns.retracts
        if not retracts:
            return []
        records, rows = self.history.records, self.history.row_of
        takers: dict[int, list[int]] = {}
        for i, taken in retracts.items():
            if taken in rows and self.seen[i] and (late is None or not late[i]):
                takers.setdefault(rows[taken], []).append(i)
        state: dict[int, bool] = {}

        def gone(i: int) -> bool:
            """Whether a record is taken back by one that itself stands."""
            # Only a record that itself still stands takes another one out; records that retract each other in a ring all stand.
            stack = [i]
            while stack:
                at = stack[-1]
                if at in state:
                    stack.pop()
                    continue
                open_ = [t for t in takers.get(at, ()) if t not in state and t not in stack]
                if open_:
                    stack.append(open_[0])
                    continue
                state[at] = any(t in state and not state[t] for t in takers.get(at, ()))
                stack.pop()
            return state[i]

        return [i for i in sorted(takers, key=lambda i: records[i].id) if gone(i)]

    def rows(self, events: Names) -> list[int]:
        """The rows of these kinds of events that are seen, in order of time, then id."""
        found = self._events.get(events)
        if found is None:
            found = self._events[events] = self._ordered(events) if len(self.history) else []
        return found

    def _ordered(self, events: Names) -> list[int]:
        if self._spans is not None:
            seen = [i for i, r in enumerate(self.history.records) if r.event in events and self.low[i] < self.as_of]
            return sorted(seen, key=lambda i: (self.low[i], self.high[i], self.record(i).id))
        import numpy as np

        low, high = self.bounds
        kinds = self.history.columns.event
        rows = np.flatnonzero(np.isin(kinds.codes, [kinds.code(e) for e in events]) & self.seen)
        rows = rows[np.lexsort((high[rows], low[rows]))]
        same = np.flatnonzero((low[rows[1:]] == low[rows[:-1]]) & (high[rows[1:]] == high[rows[:-1]]))
        found: list[int] = rows.tolist()
        if len(same):
            found.sort(key=lambda i: (low[i], high[i], self.record(i).id))
        return found

    def record(self, row: int) -> Record:
        """The record of a row."""
        return self.history.records[row]

    def entry(self, row: int, failed: int = 0) -> Entry:
        """A row as an entry."""
        return Entry(
            self.low[row], self.high[row], self.record(row).id, self.day[row], row, self.until[row], failed | self.failed[row]
        )


class _Nothing(Sequence[Any]):
    """So many times nothing."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: Any) -> Any:
        return None


class _Zeros(_Nothing):
    """So many times zero."""

    def __getitem__(self, index: Any) -> Any:
        return 0


class People:
    """The roster as an index: areas within areas, who bears what, states and attributes by instant."""

    def __init__(self, roster: Roster, zone: Zone) -> None:
        self.roster, self.zone = roster, zone
        self._chains: dict[str | None, tuple[str, ...]] = {None: ()}
        self._over: dict[tuple[str, str], list[Tenancy]] = {}

    @cached_property
    def objects(self) -> Mapping[str, Object]:
        """The objects by id."""
        return self.roster.by_id("objects")

    @cached_property
    def areas(self) -> Mapping[str, Area]:
        """The areas by id."""
        return self.roster.by_id("areas")

    @cached_property
    def roles(self) -> dict[str, list[tuple[Tenancy, str | None, str | None]]]:
        """The tenures of each role, with the object or area that each is over."""
        out: dict[str, list[tuple[Tenancy, str | None, str | None]]] = {}
        for t in self.roster.tenures:
            start, end = self.span(t.from_, t.through)
            tenancy = Tenancy(start, end, t.person, t.from_, t.through)
            out.setdefault(t.role, []).append((tenancy, t.object, t.area))
        return out

    @cached_property
    def _by_place(self) -> dict[tuple[str, str | None, str | None], list[Tenancy]]:
        out: dict[tuple[str, str | None, str | None], list[Tenancy]] = {}
        for role, tenures in self.roles.items():
            for tenancy, obj, area in tenures:
                out.setdefault((role, obj, None if obj is not None else area), []).append(tenancy)
        return out

    def span(self, first: date | None, through: date | None) -> Interval:
        """The instants of whole days, open where a date is missing."""
        return (
            self.zone.start(first.toordinal()) if first else START,
            self.zone.start(through.toordinal() + 1) if through else END,
        )

    def chain(self, area: str | None) -> tuple[str, ...]:
        """An area and all that it lies in."""
        found = self._chains.get(area)
        if found is None:
            assert area is not None
            steps: list[str] = []
            at: str | None = area
            while at is not None and at not in steps:
                steps.append(at)
                at = self.areas[at].within if at in self.areas else None
            found = self._chains[area] = tuple(steps)
        return found

    def areas_of(self, object_id: str) -> tuple[str, ...]:
        """The areas an object lies in, the innermost first."""
        found = self.objects.get(object_id)
        return self.chain(found.area) if found else ()

    def over_object(self, role: str, object_id: str) -> list[Tenancy]:
        """Who bears the role over an object, by tenures of it and of the areas it lies in, in order of beginning."""
        key = (role, object_id)
        found = self._over.get(key)
        if found is None:
            found = list(self._by_place.get((role, object_id, None), ()))
            for area in self.areas_of(object_id):
                found += self._by_place.get((role, None, area), ())
            self._over[key] = found = sorted(set(found), key=lambda t: (t.start, t.person, t.end))
        return found

    @cached_property
    def inside(self) -> dict[str, list[str]]:
        """The objects in each area, at any depth, in order of id."""
        out: dict[str, list[str]] = {}
        for o in sorted(self.roster.objects, key=lambda o: o.id):
            for area in self.chain(o.area):
                out.setdefault(area, []).append(o.id)
        return out

    def over_area(self, role: str, area: str) -> list[Tenancy]:
        """Who bears the role over an area, by tenures of it and of the areas it lies in."""
        found = {t for a in self.chain(area) for t in self._by_place.get((role, None, a), ())}
        return sorted(found, key=lambda t: (t.start, t.person, t.end))

    def attribute(self, entity: str, name: str) -> tuple[Dated, ...]:
        """The dated values of an attribute of an object, an area or a person."""
        for group in (self.objects, self.areas, self._persons):
            if entity in group:
                values: tuple[Dated, ...] = group[entity].attributes.get(name, ())  # type: ignore[attr-defined]
                return values
        return ()

    @cached_property
    def _persons(self) -> Mapping[str, object]:
        return self.roster.by_id("persons")

    def when(self, object_id: str, attribute: str, condition: Condition, vocabulary: Vocabulary) -> Intervals:
        """The time in which an object's state or attribute satisfies a condition."""
        obj = self.objects[object_id]
        if attribute == "state":
            return union(self.span(s.from_, s.through) for s in obj.states if holds(condition, s.state, "text"))
        kind = vocabulary.object_attribute_type(obj.type, attribute)
        values = obj.attributes.get(attribute, ())
        return union(self.span(v.from_, v.through) for v in values if holds(condition, v.value, kind))


class _Fitting:
    """The records that fit a pattern, found by what they reach."""

    def __init__(self, entries: list[Entry], sight: Sight) -> None:
        self.entries = entries
        self._objects: dict[str, list[Entry]] = {}
        self._areas: dict[str, list[Entry]] = {}
        self._everywhere: list[Entry] = []
        for e in entries:
            record = sight.record(e.row)
            for o in record.objects:
                self._objects.setdefault(o, []).append(e)
            if not record.objects:
                (self._everywhere if record.area is None else self._areas.setdefault(record.area, [])).append(e)

    def reaching(self, object_id: str, areas: Sequence[str]) -> list[Entry]:
        """Those that name an object, or one of the areas around it, or nothing at all, in order of time."""
        found = [self._objects.get(object_id, []), *(self._areas.get(area, []) for area in areas), self._everywhere]
        held = [entries for entries in found if entries]
        return (held[0] if held else []) if len(held) < 2 else sorted(e for entries in held for e in entries)


class _Named:
    """Rows in order, found by the objects and areas that their records name."""

    def __init__(self, rows: Sequence[int], sight: Sight, people: People) -> None:
        self.objects: dict[str, list[int]] = {}
        self.within: dict[str, list[int]] = {}
        """By each area that holds the area that the record names."""
        self.areas: dict[str, list[int]] = {}
        """By the area that the record names; of records that name no object."""
        self.nowhere: list[int] = []
        self._place = {row: place for place, row in enumerate(rows)}
        for row in rows:
            record = sight.record(row)
            for o in record.objects:
                self.objects.setdefault(o, []).append(row)
            if record.area is not None:
                for area in people.chain(record.area):
                    self.within.setdefault(area, []).append(row)
            if not record.objects:
                (self.nowhere if record.area is None else self.areas.setdefault(record.area, [])).append(row)

    def in_order(self, found: Iterable[Sequence[int]]) -> list[int]:
        """Several lists of rows as one, each row once."""
        return sorted({row for rows in found for row in rows}, key=self._place.__getitem__)


@dataclass
class Bench:
    """One plan (and the force it has), one roster, one sight of the history."""

    vocabulary: Vocabulary
    force: Intervals
    people: People
    sight: Sight
    waivers: Sequence[Waiver]
    complete: Mapping[str, int]
    limit: int
    """Windows that start at this instant or before are judged."""
    ledger: Ledger
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)
    adding: Mapping[str, Sequence[tuple[str, BaseDuty]]] = field(default_factory=dict)
    """For each duty to which others add, those others."""
    keep_failed: bool = False
    """Whether records that fail are entered too, for explanations."""
    left: frozenset[str] | None = None
    """The objects that are still to be judged; ``None``: all."""
    tell: Callable[[int, int], None] | None = None
    """Called with how much of how much of the duty is done, if anybody asked."""
    span: Interval = (START, END)
    """Counts look only at periods that reach into this time."""

    def __post_init__(self) -> None:
        self.zone: Zone = self.sight.zone
        self.as_of: int = self.sight.as_of
        self.calendar: WorkCalendar | None = self.vocabulary.calendar.work_calendar()
        self.windows: dict[object, list[CutWindow]] = {}
        self._seasons: dict[str, Intervals] = {}
        self._whiles: dict[object, Intervals] = {}
        first = self.force[0][0] if self.force and self.force[0][0] > START else self.as_of
        self._first_year = date.fromordinal(self.zone.day_of(min(first, self.as_of))).year
        end = self.force[-1][1] if self.force else self.as_of
        self._force_year = date.fromordinal(self.zone.day_of(end)).year if end < END else self._first_year
        self._last_year: int = date.fromordinal(self.zone.day_of(max(self.limit, self.as_of))).year
        self._season_years = max(self._last_year, self._force_year) + 6

    def added_to(self, duty_id: str) -> Sequence[tuple[str, BaseDuty]]:
        """The duties that add to a duty, with their ids."""
        return self.adding.get(duty_id, ())

    # ------------------------------------------------------------------------------------------------------------- time

    def complete_through(self, events: Iterable[str]) -> int:
        """The instant up to which no record of these kinds is missing, at most ``as_of``."""
        everything = self.complete.get("*", END)
        return min([self.as_of, *(self.complete.get(e, everything) for e in events)])

    def working(self, ordinal: int) -> bool | None:
        """Whether a day is worked; ``None`` where its year is not published."""
        assert self.calendar is not None
        try:
            return self.calendar.is_working_day(ordinal)
        except UnpublishedYear as error:
            self.unpublished(error.year)
            return None

    def unpublished(self, year: int) -> None:
        """Note that a year's working days are needed and not known."""
        self.problems[("DR401", str(year))] = Problem("DR401", {"year": year})

    def season(self, key: str) -> Intervals:
        """The time of a season or of its complement."""
        found = self._seasons.get(key)
        if found is None:
            name, inverse = self.vocabulary.season_keys()[key]
            years = range(self._first_year - 3, self._season_years)
            found = season_intervals(self.vocabulary.seasons[name].rule(), self.zone, years, self.sight.known_at)
            if inverse:
                found = complement(found)
            self._seasons[key] = found
        return found

    def period_time(self, key: str, object_id: str | None = None, area: str | None = None) -> Intervals:
        """The time of a season, its complement, or a named period (as it reaches an object or area)."""
        if key in self.vocabulary.season_keys():
            return self.season(key)
        period = self.vocabulary.calendar.named_periods[key]
        if period.every_year:
            spans = []
            for year in range(self._first_year - 1, self._last_year + 2):
                first, through = period.every_year.from_, period.every_year.through
                crosses = (through.month, through.day or 31) < (first.month, first.day or 31)
                a, b = first.in_year(year), through.in_year(year + crosses)
                spans.append((self.zone.start(a.toordinal()), self.zone.start(b.toordinal() + 1)))
            return union(spans)
        if period.holidays:
            assert self.calendar is not None
            spans = []
            for year in range(self._first_year, self._last_year + 2):
                for name in period.holidays:
                    try:
                        days = self.calendar.holiday(name, year)
                    except UnpublishedYear as error:
                        # What may come next year is nobody's question yet.
                        if year <= self._last_year:
                            self.unpublished(error.year)
                        continue
                    spans += [(self.zone.start(h.first.toordinal()), self.zone.start(h.through.toordinal() + 1)) for h in days]
            return union(spans)
        assert period.opened_by is not None and period.closed_by is not None
        opened = EventPattern(event=(period.opened_by,))
        during = During(event=opened.event, until=EventPattern(event=(period.closed_by,)))
        named = {"period_opened", "period_closed"} & {period.opened_by, period.closed_by}
        # A declared period is a matter of days where its records give only days: both days belong to it.
        return self.during(during, object_id, area, key if named else None)[1]

    def during(
        self, during: During, object_id: str | None, area: str | None = None, period: str | None = None
    ) -> tuple[Intervals, Intervals]:
        """The time for which ``during`` holds for certain, and the time for which it possibly holds."""
        if during.period is not None:
            time = self.period_time(during.period, object_id, area)
            return time, time
        closings = [
            e for e in (self.reaching(during.until, object_id, area) if during.until else ()) if self._of_period(e.row, period)
        ]
        certain: list[Interval] = []
        possible: list[Interval] = []
        for e in self.reaching(during.pattern(), object_id, area):
            if not self._of_period(e.row, period):
                continue
            if during.until is not None:
                after = [
                    c for c in closings
                    if c.high > e.low or (c.day == e.day and (c.low != c.high or e.low != e.high))
                ]  # fmt: skip
                certain.append((e.high, min((c.low for c in after), default=END)))
                # A day on which it is closed belongs to it whole, if only the day is known.
                possible.append((e.low, min((c.high + (c.low != c.high) for c in after), default=END)))
            elif e.end is not None:
                certain.append((e.high, e.end))
                possible.append((e.low, e.end))
            else:
                possible.append((e.low, END))
        return union(certain), union(possible)

    def _of_period(self, row: int, period: str | None) -> bool:
        return period is None or self.sight.record(row).attributes.get("period", period) == period

    def known_until(self, key: str) -> int:
        """The instant up to which the occurrences of a season or named period can be told; later ones may follow."""
        if key in self.vocabulary.season_keys():
            return self.zone.start(date(self._season_years, 1, 1).toordinal())
        period = self.vocabulary.calendar.named_periods[key]
        if period.declared:
            return END - 1
        year = self._last_year + 2
        if period.holidays:
            assert self.calendar is not None
            while year > self._first_year and not self.calendar.knows(year - 1):
                year -= 1
        return self.zone.start(date(year, 1, 1).toordinal())

    # ---------------------------------------------------------------------------------------------------------- records

    def pattern(self, pattern: EventPattern) -> list[Entry]:
        """The records that fit a pattern, whoever performed them, in order of time."""
        return self._fitting(pattern).entries

    def _fitting(self, pattern: EventPattern) -> _Fitting:
        key = (pattern.event, tuple(pattern.where.items()))
        found = self._fittings.get(key)
        if found is None:
            rows = (r for r in self.sight.rows(pattern.event) if not self.sight.failed[r] and self.fits(r, pattern))
            found = self._fittings[key] = _Fitting([self.sight.entry(row) for row in rows], self.sight)
        return found

    @cached_property
    def _fittings(self) -> dict[object, _Fitting]:
        return {}

    def fits(self, row: int, pattern: EventPattern) -> bool:
        """Whether a record is of a pattern's kind and its attributes are as the pattern asks."""
        record = self.sight.record(row)
        return record.event in pattern.event and self._where(pattern.where, record, pattern.event, ()) == 0

    def any_pattern(self, patterns: Sequence[EventPattern]) -> list[Entry]:
        """The records that fit any of several patterns, each once, in order of time."""
        return self._each_once([self.pattern(p) for p in patterns])

    @staticmethod
    def _each_once(found: Sequence[list[Entry]]) -> list[Entry]:
        return found[0] if len(found) == 1 else sorted({e.row: e for entries in found for e in entries}.values())

    def reaching(self, pattern: EventPattern, object_id: str | None, area: str | None = None) -> list[Entry]:
        """The records that fit a pattern and reach an object (or area), in order of time."""
        if object_id is None:
            return [e for e in self.pattern(pattern) if self.reaches(e.row, None, area)]
        return self._fitting(pattern).reaching(object_id, self.people.areas_of(object_id))

    def any_reaching(self, patterns: Sequence[EventPattern], object_id: str) -> list[Entry]:
        """The records that fit any of several patterns and reach an object, each once, in order of time."""
        return self._each_once([self.reaching(p, object_id) for p in patterns])

    def _lasted(self, record: Record) -> float | None:
        """How many minutes a record lasted, where it says so to the hour."""
        row = self.sight.history.row_of[record.id]
        until = self.sight.until[row]
        if until is None or self.sight.low[row] != self.sight.high[row]:
            return None
        return (until - self.sight.low[row]) / MINUTE

    def has(self, record: Record, where: Mapping[str, Condition], events: Names) -> bool:
        """Whether a record has the attributes that an act of these kinds asks for, whoever bears the role."""
        return self._where(where, record, events, ()) == 0

    def _where(self, where: Mapping[str, Condition], record: Record, events: Names, bearers: Sequence[str]) -> int:
        for name, condition in where.items():
            if name == LASTED:
                if not holds(condition, self._lasted(record), "number"):
                    return WRONG_ATTRIBUTE
                continue
            kind = self.vocabulary.attribute_type((record.event,), name)
            if kind is None:
                kind = self.vocabulary.attribute_type(events, name)
            if not holds(condition, record.attributes.get(name), kind, bearers):
                return WRONG_ATTRIBUTE
        return 0

    def reaches(self, row: int, object_id: str | None, area: str | None = None) -> bool:
        """Whether an alert reaches an object (or area): it names it, or an area around it, or nothing at all."""
        record = self.sight.record(row)
        if record.objects:
            if object_id is not None:
                return object_id in record.objects
            return area is not None and any(area in self.people.areas_of(o) for o in record.objects)
        if record.area is None:
            return True
        if object_id is not None:
            return record.area in self.people.areas_of(object_id)
        # An alert for a part of an area reaches the area, as one for an object in it does.
        return area is not None and (record.area in self.people.chain(area) or area in self.people.chain(record.area))

    def attribute(self, row: int, name: str) -> object:
        """A record's attribute in its type, or ``None``."""
        record = self.sight.record(row)
        return coerce(record.attributes.get(name), self.vocabulary.attribute_type((record.event,), name))

    def of_case(self, events: Names, name: str, case: object) -> Sequence[int]:
        """The rows of records of some kinds whose attribute (in its type) is a case's, in order of time."""
        found = self._cases.get((events, name))
        if found is None:
            found = self._cases[events, name] = {}
            for row in self.sight.rows(events):
                found.setdefault(self.attribute(row, name), []).append(row)
        return found.get(case, ())

    @cached_property
    def _cases(self) -> dict[tuple[Names, str], dict[object, list[int]]]:
        return {}

    @staticmethod
    def day_held(value: object) -> int | None:
        """The day that a value of the roster or of a record holds, if it holds one that can be reckoned with."""
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            return None
        return day.toordinal() if FIRST_YEAR < day.year < LAST_YEAR else None

    # ---------------------------------------------------------------------------------------------------------- subjects

    def objects_of(self, duty: BaseDuty) -> list[str]:
        """The objects of the duty's types that are to be judged, in order of id."""
        key = (duty.object_type, self.left)
        found = self._objects.get(key)
        if found is None:
            objects = self.people.roster.objects if self.left is None else map(self.people.objects.get, self.left)
            found = self._objects[key] = sorted(o.id for o in objects if o is not None and o.type in duty.object_type)
        return found

    @cached_property
    def _objects(self) -> dict[object, list[str]]:
        return {}

    def object_time(self, duty: BaseDuty, object_id: str) -> Intervals:
        """The time in which an object is in scope of the duty, apart from the plan's force."""
        key = (id(duty), object_id)
        found = self._whiles.get(key)
        if found is None:
            obj = self.people.objects[object_id]
            found = (self.people.span(obj.from_, obj.through),)
            kind = self.vocabulary.object_types.get(obj.type)
            for conditions in ((kind.while_ if kind else {}), duty.while_):
                for name, condition in conditions.items():
                    found = intersect(found, self.people.when(object_id, name, condition, self.vocabulary))
            self._whiles[key] = found
        return found

    def suspended(self, duty_id: str, object_id: str | None, area: str | None, person: str | None) -> Intervals:
        """The time that suspending waivers leave to a subject."""
        spans = [
            self.people.span(w.from_, w.through)
            for w in self.waivers
            if w.suspends and duty_id in w.duties and self._about(w, object_id, area, (person,) if person else ())
        ]
        return subtract(ALWAYS, union(spans)) if spans else ALWAYS

    def _about(self, waiver: Waiver, object_id: str | None, area: str | None, persons: Iterable[str]) -> bool:
        if waiver.person is not None:
            return waiver.person in persons
        if waiver.object is not None:
            return waiver.object == object_id
        around = self.people.areas_of(object_id) if object_id else self.people.chain(area) if area else ()
        return waiver.area in around

    def excuse(self, duty_id: str, subject: Subject, persons: Iterable[str], at: int) -> str | None:
        """The id of a waiver that covers an instant of an obligation, if there is one.

        Where several persons bear the role then, waivers of persons excuse only if each of them has one.
        """
        standing = [
            w for w in self.waivers
            if not w.suspends and duty_id in w.duties and contains((self.people.span(w.from_, w.through),), at)
        ]  # fmt: skip
        for w in standing:
            if w.person is None and self._about(w, subject.object, subject.area, ()):
                return w.id
        excused = {w.person: w.id for w in reversed(standing) if w.person is not None}
        bearing = list(persons)
        return excused[bearing[0]] if bearing and all(p in excused for p in bearing) else None

    def object_subject(self, duty_id: str, duty: BaseDuty, object_id: str) -> Subject:
        """An object as subject of a duty."""
        layers = (
            ("plan", self.force),
            ("scope", self.object_time(duty, object_id)),
            ("waiver", self.suspended(duty_id, object_id, None, None)),
        )
        return Subject(object_id, object=object_id, area=self.people.objects[object_id].area, layers=layers)

    def subjects(self, duty_id: str, duty: BaseDuty) -> list[Subject]:
        """Every subject of a duty that has any time in scope, in order of key."""
        each = getattr(duty, "for_each", "object")
        if each == "object":
            found = [self.object_subject(duty_id, duty, o) for o in self.objects_of(duty)]
        elif each == "area":
            found = [self.area_subject(duty_id, duty, a) for a in self.areas_for(duty)]
        else:
            found = [self.bearer_subject(duty_id, duty, p) for p in sorted(self._ever_borne(duty, duty.role or ""))]
        if getattr(duty, "personal", False):
            found = [s for subject in found for s in self._personal(duty_id, duty, subject)]
        return [s for s in found if s.scope]

    def counted(self, items: Sequence[T]) -> Iterable[T]:
        """The items, one by one; whoever asked is told how many are done."""
        return items if self.tell is None else self._counted(items, self.tell)

    @staticmethod
    def _counted(items: Sequence[T], tell: Callable[[int, int], None]) -> Iterator[T]:
        for number, item in enumerate(items):
            tell(number, len(items))
            yield item

    def areas_for(self, duty: BaseDuty) -> list[str]:
        """The areas that are subjects of a duty for each area."""
        key = (getattr(duty, "area_type", None), duty.role)
        found = self._areas.get(key)
        if found is None:
            kind, role = key
            borne = (area for _, _, area in self.people.roles.get(role or "", ()) if area is not None)
            found = self._areas[key] = sorted((a.id for a in self.people.roster.areas if a.type == kind) if kind is not None else set(borne))
        return found

    @cached_property
    def _areas(self) -> dict[object, list[str]]:
        return {}

    def area_subject(self, duty_id: str, duty: BaseDuty, area: str) -> Subject:
        """An area as subject: in scope while an object in scope lies in it."""
        key = (duty_id, "area", area)
        if key not in self._subjects:
            self._subjects[key] = self._area_subject(duty_id, duty, area)
        return self._subjects[key]

    def bearer_subject(self, duty_id: str, duty: BaseDuty, person: str) -> Subject:
        """A person as subject: in scope while he bears the role over an object in scope."""
        key = (duty_id, "bearer", person)
        if key not in self._subjects:
            self._subjects[key] = self._bearer_subject(duty_id, duty, person)
        return self._subjects[key]

    @cached_property
    def _subjects(self) -> dict[tuple[str, str, str], Subject]:
        return {}

    def _inside(self, duty: BaseDuty, area: str) -> list[str]:
        """The objects of a duty in an area, in order of id."""
        objects = self.people.objects
        return [o for o in self.people.inside.get(area, ()) if objects[o].type in duty.object_type]

    def _area_subject(self, duty_id: str, duty: BaseDuty, area: str) -> Subject:
        inside = self._inside(duty, area)
        time = union(piece for o in inside for piece in self.object_time(duty, o))
        layers = (("plan", self.force), ("scope", time), ("waiver", self.suspended(duty_id, None, area, None)))
        return Subject(area, area=area, layers=layers)

    def _bearer_subject(self, duty_id: str, duty: BaseDuty, person: str) -> Subject:
        borne = self.borne(duty, person)
        layers = (
            ("plan", self.force),
            ("scope", union(piece for o, _ in borne for piece in self.object_time(duty, o))),
            ("tenure", union(piece for _, time in borne for piece in time)),
            ("waiver", self.suspended(duty_id, None, None, person)),
        )
        return Subject(person, person=person, layers=layers)

    def _personal(self, duty_id: str, duty: BaseDuty, subject: Subject) -> Iterator[Subject]:
        held: dict[str, list[Interval]] = {}
        for t in self.tenancies(duty.role, subject):
            held.setdefault(t.person, []).append((t.start, t.end))
        for person in sorted(held):
            suspended = self.suspended(duty_id, None, None, person)
            layers = (*subject.layers[:2], ("tenure", union(held[person])), *subject.layers[2:], ("waiver", suspended))
            yield Subject(subject.key, subject.object, subject.area, person, layers)

    def borne(self, duty: BaseDuty, person: str) -> list[tuple[str, Intervals]]:
        """The objects of a duty over which a person bears its role, and when he does while they are in scope."""
        out = []
        for o in self._ever_borne(duty, duty.role or "").get(person, ()):
            held = union((t.start, t.end) for t in self.people.over_object(duty.role or "", o) if t.person == person)
            out.append((o, intersect(held, self.object_time(duty, o))))
        return out

    def _ever_borne(self, duty: BaseDuty, role: str) -> dict[str, list[str]]:
        """For each person, the objects of a duty over which he ever bears a role, in order of id."""
        key = (duty.object_type, self.left, role)
        found = self._borne_ever.get(key)
        if found is None:
            found = self._borne_ever[key] = {}
            for o in self.objects_of(duty):
                for person in {t.person for t in self.people.over_object(role, o)}:
                    found.setdefault(person, []).append(o)
        return found

    @cached_property
    def _borne_ever(self) -> dict[object, dict[str, list[str]]]:
        return {}

    def tenancies(self, role: str | None, subject: Subject) -> list[Tenancy]:
        """Every tenure of the role over a subject, in order of beginning."""
        if role is None:
            return []
        if subject.object is not None:
            found = self.people.over_object(role, subject.object)
        elif subject.area is not None:
            found = self.people.over_area(role, subject.area)
        else:
            found = sorted({t for t, _, _ in self.people.roles.get(role, ())}, key=lambda t: (t.start, t.person, t.end))
        return [t for t in found if subject.person is None or t.person == subject.person]

    def bearers_at(self, role: str | None, subject: Subject, at: int) -> list[str]:
        """Who bears the role over a subject at an instant."""
        return list(dict.fromkeys(t.person for t in self.tenancies(role, subject) if t.start <= at < t.end))

    # ------------------------------------------------------------------------------------------------------ what counts

    def performers(self, role: str, deputies: Names) -> list[str]:
        """The roles whose bearers may perform an act: the role itself, then those that may stand in."""
        names = [role]
        for d in deputies:
            if d != "deputy":
                names.append(d)
            elif role in self.vocabulary.roles and (deputy := self.vocabulary.roles[role].deputy):
                names.append(deputy)
        return names

    def bearing(self, roles: Iterable[str], tenancies: str, place: str, at: int, by: Sequence[str]) -> bool:
        """Whether one of some persons bears one of some roles over an object (an area) at an instant."""
        over = self.people.over_object if tenancies == "object" else self.people.over_area
        return any(t.start <= at < t.end and t.person in by for r in roles for t in over(r, place))

    def failures(
        self, row: int, subject: Subject, duty: BaseDuty, events: Names, where: Mapping[str, Condition], role: str | None,
        may_be_done_by: Names = (), named: bool = False,
    ) -> int | None:  # fmt: skip
        """What a record fails as an act for a subject, as bits; ``None`` when it is not about the subject at all.

        ``named`` says that something else (a case) already tells that it is about the subject.
        """
        record, at = self.sight.record(row), self.sight.low[row]
        if subject.object is not None:
            if not named and subject.object not in record.objects:
                return None
            return self._object_failures(record, at, subject, events, where, role, may_be_done_by)
        if subject.area is not None:
            return self._area_failures(record, at, subject, duty, events, where, role, may_be_done_by)
        return self._bearer_failures(record, at, subject, duty, events, where, role, may_be_done_by)

    def _object_failures(
        self, record: Record, at: int, subject: Subject, events: Names, where: Mapping[str, Condition], role: str | None,
        may_be_done_by: Names,
    ) -> int | None:  # fmt: skip
        assert subject.object is not None
        failed = 0
        bearers: list[str] = []
        if role is not None:
            bearers = self.bearers_at(role, subject, at)
            ok = any(p in record.by for p in bearers)
            if not ok and may_be_done_by and subject.person is None:
                ok = self.bearing(self.performers(role, may_be_done_by)[1:], "object", subject.object, at, record.by)
            failed = 0 if ok else WRONG_PERFORMER
        return failed | self._where(where, record, events, bearers)

    def _area_failures(
        self, record: Record, at: int, subject: Subject, duty: BaseDuty, events: Names, where: Mapping[str, Condition],
        role: str | None, may_be_done_by: Names,
    ) -> int | None:  # fmt: skip
        assert subject.area is not None
        inside = [
            o for o in record.objects
            if o in self.people.objects
            and self.people.objects[o].type in duty.object_type
            and subject.area in self.people.areas_of(o)
            and contains(self.object_time(duty, o), at)
        ]  # fmt: skip
        named = record.area is not None and subject.area in self.people.chain(record.area)
        if not inside and not named:
            return None
        failed = 0
        bearers: list[str] = []
        if role is not None:
            bearers = self.bearers_at(role, subject, at)
            by = record.by if subject.person is None else tuple(p for p in record.by if p == subject.person)
            roles = self.performers(role, ())
            ok = self.bearing(roles, "area", subject.area, at, by) or any(
                self.bearing(roles, "object", o, at, by) for o in inside
            )
            stand_in = self.performers(role, may_be_done_by)[1:] if subject.person is None else []
            ok = ok or self.bearing(stand_in, "area", subject.area, at, record.by) or any(
                self.bearing(stand_in, "object", o, at, record.by) for o in inside
            )
            failed = 0 if ok else WRONG_PERFORMER
        if getattr(duty, "covers", None) and not self._covers_all(record, at, subject, duty):
            failed |= WRONG_ATTRIBUTE
        return failed | self._where(where, record, events, bearers)

    def _covers_all(self, record: Record, at: int, subject: Subject, duty: BaseDuty) -> bool:
        """Whether a record names every object of the area that is in scope at the time."""
        return all(
            o in record.objects
            for o in self._inside(duty, subject.area or "")
            if contains(self.object_time(duty, o), at)
        )

    def _bearer_failures(
        self, record: Record, at: int, subject: Subject, duty: BaseDuty, events: Names, where: Mapping[str, Condition],
        role: str | None, may_be_done_by: Names,
    ) -> int | None:  # fmt: skip
        assert subject.person is not None and role is not None
        mine = self._borne(duty, role, subject.person, at)
        if record.objects:
            mine = [o for o in mine if o in record.objects]
        elif record.area is not None:
            mine = [o for o in mine if record.area in self.people.areas_of(o)]
        if not mine:
            return None
        ok = subject.person in record.by
        if not ok:
            stand_in = self.performers(role, may_be_done_by)[1:]
            ok = any(self.bearing(stand_in, "object", o, at, record.by) for o in mine)
        return (0 if ok else WRONG_PERFORMER) | self._where(where, record, events, [subject.person])

    def _borne(self, duty: BaseDuty, role: str, person: str, at: int) -> list[str]:
        return [
            o for o in self._ever_borne(duty, role).get(person, ())
            if any(t.person == person and t.start <= at < t.end for t in self.people.over_object(role, o))
            and contains(self.object_time(duty, o), at)
        ]  # fmt: skip

    def entries(
        self, duty: BaseDuty, subject: Subject, events: Names, where: Mapping[str, Condition], role: str | None,
        may_be_done_by: Names = (),
    ) -> list[Entry]:  # fmt: skip
        """The records that count for a subject, in order of time; with ``keep_failed`` also those that fail."""
        out = []
        for row in self._rows_for(subject, events, duty, role):
            if self.sight.failed[row] and not self.keep_failed:
                continue
            failed = self.failures(row, subject, duty, events, where, role, may_be_done_by)
            if failed is None or (failed and not self.keep_failed):
                continue
            out.append(self.sight.entry(row, failed))
        return out

    def _rows_for(self, subject: Subject, events: Names, duty: BaseDuty, role: str | None) -> Sequence[int]:
        """The rows that may be about a subject, in order of time, then id."""
        found = self._named.get(events)
        if found is None:
            found = self._named[events] = _Named(self.sight.rows(events), self.sight, self.people)
        if subject.object is not None:
            return found.objects.get(subject.object, ())
        if subject.area is not None:
            inside = (found.objects.get(o, ()) for o in self._inside(duty, subject.area))
            return found.in_order([*inside, found.within.get(subject.area, ())])
        mine = self._ever_borne(duty, role or "").get(subject.person or "", ())
        around = {area for o in mine for area in self.people.areas_of(o)}
        places = [*(found.objects.get(o, ()) for o in mine), *(found.areas.get(area, ()) for area in around)]
        return found.in_order([*places, found.nowhere])

    @cached_property
    def _named(self) -> dict[Names, _Named]:
        return {}

    # ------------------------------------------------------------------------------------------------------------ figures

    def figure(self, number: int | Figure, entity: str, pieces: Intervals) -> int | None:
        """A number, or what the roster says of the entity at the start of the pieces, or else first inside them."""
        if isinstance(number, int):
            return number
        start, end = pieces[0][0], pieces[-1][1]
        spans = [(*self.people.span(v.from_, v.through), v.value) for v in self.people.attribute(entity, number.from_)]
        for low, high, value in sorted(spans, key=lambda s: s[0]):
            if high > start and low < end:
                kept = coerce(value, "number")
                return None if kept is None or kept != int(kept) or kept < 0 else int(kept)
        return None
