"""Counts per window: so many records, days or working days of each object in each of its windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dutyrules.bench import Bench, Subject
from dutyrules.columnar.acts import Acts, Counted, simple
from dutyrules.columnar.blocks import Block, Evidence, Verdicts, excuse, reached, verdicts
from dutyrules.columnar.people import ObjectColumns, View
from dutyrules.columns import Codes, Instants, Mask
from dutyrules.duties.counting import CountDuty
from dutyrules.quantity import Figure
from dutyrules.time.calendars import UnpublishedYear
from dutyrules.time.intervals import END
from dutyrules.verdicts import window_tail

__all__ = ["judge"]


def judge(duty_id: str, duty: CountDuty, bench: Bench, view: View) -> frozenset[str] | None:
    """Judge all objects whose windows are plain, and enter them as one block.

    Returns:
        The objects that are left to be judged one by one; ``None``: the whole duty is.
    """
    key, moment = ("shape", duty_id, bench.force), (bench.limit, bench.as_of, bench.sight.known_at)
    if not (
        view.people.once(bench.vocabulary, ("plain", duty_id), lambda: _plain(duty, bench))
        and not bench.added_to(duty_id)
        and not view.sight.splits_a_day
        and not any(w.suspends and duty_id in w.duties for w in bench.waivers)
    ):
        return None
    shape = view.people.once(bench.vocabulary, key, lambda: _shaped(duty_id, duty, bench, view.people), moment)
    bench.ledger.skipped += shape.skipped
    if shape.profiles:
        block = _Count(duty_id, duty, bench, view, shape).block()
        if len(block):
            bench.ledger.blocks.append(block)
    return shape.rest


def _plain(duty: CountDuty, bench: Bench) -> bool:
    """Whether nothing about the duty itself asks for more than counting records in windows."""
    quantities = duty.quantities()
    return (
        duty.for_each == "object"
        and not (duty.personal or duty.covers or duty.apart or duty.adds_to or duty.late or duty.at_most)
        and all(q.per is not None and duty.calendar_period(q.per) for _, _, q in quantities)
        and len({q.unit for _, _, q in quantities}) == 1
        and all(q.unit != "hours" and not isinstance(q.count, Figure) for _, _, q in quantities)
        and not any(key in bench.vocabulary.calendar.named_periods for _, key, _ in quantities)
        and simple(duty.where)
    )


@dataclass(frozen=True, eq=False)
class _Profile:
    """Objects whose windows are the same, and these windows."""

    places: Codes
    subject: Subject
    start: Instants
    end: Instants
    first_day: Instants
    next_day: Instants
    need: Codes
    cut: list[str | None]
    keys: list[str]
    """The season or named period of each window's entry."""


class _Shape:
    """Where the rows of a duty lie: what depends on plan, roster and moment, and on no record."""

    cuts: Sequence[str | None] = (None, "season", "plan", "scope", "tenure", "waiver")

    def __init__(
        self, duty: CountDuty, bench: Bench, total: int, profiles: Sequence[_Profile], rest: frozenset[str],
        skipped: list[tuple[str, str, int, int, str]],
    ) -> None:  # fmt: skip
        self.profiles, self.rest, self.skipped = profiles, rest, skipped
        self.limit, self.as_of = bench.limit, bench.as_of
        self.first_day = min((int(p.first_day[0]) for p in profiles), default=0)
        self.days = max((int(p.next_day[-1]) for p in profiles), default=0) - self.first_day
        self.profile = np.full(total, -1, dtype=np.int32)
        for i, p in enumerate(profiles):
            self.profile[p.places] = i
        self.asked = self.profile >= 0
        windows = np.array([*(len(p.start) for p in profiles), 0], dtype=np.int64)
        widths = windows[self.profile]
        self.base = np.zeros(total + 1, dtype=np.int64)
        np.cumsum(widths, out=self.base[1:])
        self.size = int(self.base[-1])
        # Where all objects have as many windows, a row is reckoned instead of looked up.
        self.width = int(widths[0]) if total and (widths == widths[0]).all() else None
        # The window of each day, for each profile; one more day on either side stands for all that lies outside.
        self.window = np.full((len(profiles), self.days + 2), -1, dtype=np.int16)
        for i, p in enumerate(profiles):
            for w, (a, b) in enumerate(zip(p.first_day.tolist(), p.next_day.tolist(), strict=True)):
                self.window[i, a - self.first_day + 1 : b - self.first_day + 1] = w
        if duty.needs_working_days():
            for day in range(self.days):
                if not _works(bench, self.first_day + day):
                    self.window[:, day + 1] = -1
        self.start, self.end, self.need, self.cut = self._columns()
        self.past = self.end <= self.as_of
        self.objects = np.repeat(np.arange(total, dtype=np.int32), np.diff(self.base))
        begun = np.flatnonzero(self.start <= self.limit)
        self.begun: slice | Instants = slice(None) if len(begun) == self.size else begun

    def _columns(self) -> tuple[Instants, Instants, Codes, npt.NDArray[np.int8]]:
        """Start, end, requirement and cut of every row."""
        if self.width is not None and len(self.profiles) == 1:
            (only,) = self.profiles
            each = len(only.places)
            cuts = np.array([self.cuts.index(c) for c in only.cut], dtype=np.int8)
            return np.tile(only.start, each), np.tile(only.end, each), np.tile(only.need, each), np.tile(cuts, each)
        start, end = np.empty(self.size, dtype=np.int64), np.empty(self.size, dtype=np.int64)
        need, cut = np.empty(self.size, dtype=np.int32), np.empty(self.size, dtype=np.int8)
        for p in self.profiles:
            rows = self.base[p.places][:, None] + np.arange(len(p.start))
            start[rows], end[rows], need[rows] = p.start, p.end, p.need
            cut[rows] = [self.cuts.index(c) for c in p.cut]
        return start, end, need, cut

    @cached_property
    def windows(self) -> Codes:
        """The window of each row, those of one profile after those of another."""
        if self.width is not None and len(self.profiles) == 1:
            return np.tile(np.arange(self.width, dtype=np.int32), len(self.profiles[0].places))
        found, before = np.empty(self.size, dtype=np.int32), 0
        for p in self.profiles:
            found[self.base[p.places][:, None] + np.arange(len(p.start))] = before + np.arange(len(p.start))
            before += len(p.start)
        return found

    def row_of(self, objects: Codes) -> Instants:
        """The first row of each object."""
        if self.width is not None:
            return objects.astype(np.int64) * self.width
        return self.base[objects]

    def key(self, row: int) -> str:
        """The season or named period of a row's entry."""
        thing = int(np.searchsorted(self.base, row, side="right")) - 1
        found: str = self.profiles[self.profile[thing]].keys[row - int(self.base[thing])]
        return found

    def unmet(self, complete: int) -> Verdicts:
        """Verdicts and reasons of rows for which nothing counted, where the records are complete up to an instant."""
        if self._unmet is None or self._unmet[0] != complete:
            self._unmet = (complete, verdicts(past=self.past, complete=self.end <= complete))
        return self._unmet[1]

    _unmet: tuple[int, Verdicts] | None = None


def _works(bench: Bench, day: int) -> bool:
    assert bench.calendar is not None
    try:
        return bench.calendar.is_working_day(day)
    except UnpublishedYear:
        return False


def _shaped(duty_id: str, duty: CountDuty, bench: Bench, people: ObjectColumns) -> _Shape:
    attributes = [a for t in duty.object_type if t in bench.vocabulary.object_types for a in bench.vocabulary.object_types[t].while_]
    kinds = people.profiles([*attributes, *duty.while_])
    asked = people.of_types(duty.object_type)
    found: list[_Profile] = []
    rest: list[str] = []
    left_out: list[tuple[str, str, int, int, str]] = []
    zone = bench.zone
    for code in np.unique(kinds.codes[asked]).tolist():
        places = np.flatnonzero((kinds.codes == code) & asked).astype(np.int32)
        subject = bench.object_subject(duty_id, duty, people.ids[places[0]])
        if not subject.scope:
            continue
        owing, skipped = duty.owing(bench, subject)
        plain = all(
            len(w.pieces) == 1 and not w.endless and w.end < END and count
            and zone.start(zone.day_of(w.start)) == w.start and zone.start(zone.day_of(w.end)) == w.end
            for w, _, count in owing
        )  # fmt: skip
        if not plain or (duty.needs_working_days() and not _published(bench, [w.start for w, _, _ in owing] + [w.end for w, _, _ in owing])):
            rest += [people.ids[p] for p in places.tolist()]
            continue
        left_out += [(duty_id, people.ids[p], w.start, w.end, w.cut or "") for w in skipped for p in places.tolist()]
        if owing:
            found.append(
                _Profile(
                    places, subject, np.array([w.start for w, _, _ in owing]), np.array([w.end for w, _, _ in owing]),
                    np.array([zone.day_of(w.start) for w, _, _ in owing]), np.array([zone.day_of(w.end) for w, _, _ in owing]),
                    np.array([c for _, _, c in owing], dtype=np.int32), [w.cut for w, _, _ in owing], [k for _, k, _ in owing],
                )
            )
    return _Shape(duty, bench, len(people.ids), found, frozenset(rest), left_out)


def _published(bench: Bench, instants: Sequence[int]) -> bool:
    if not instants:
        return True
    days = [bench.zone.day_of(i) for i in instants]
    first, last = (date.fromordinal(d).year for d in (min(days), max(days)))
    return all(bench.calendar is not None and bench.calendar.knows(year) for year in range(first, last + 1))


class _Count:
    def __init__(self, duty_id: str, duty: CountDuty, bench: Bench, view: View, shape: _Shape) -> None:
        self.duty_id, self.duty, self.bench, self.view, self.shape = duty_id, duty, bench, view, shape
        self.unit = duty.quantities()[0][2].unit

    def placed(self) -> Iterator[tuple[Counted, Instants, Instants]]:
        """The records that count, with the row of the obligation and the day, counted from the first."""
        duty, shape = self.duty, self.shape
        roles = self.bench.performers(duty.role or "", duty.may_be_done_by)
        for c in Acts(self.bench, self.view, duty.must, duty.where, roles, shape.asked):
            day = self.bench.zone.days_of(c.low)
            day -= shape.first_day - 1
            np.minimum(day, shape.days + 1, out=day)
            np.maximum(day, 0, out=day)
            window = shape.window[0][day] if len(shape.profiles) == 1 else shape.window[shape.profile[c.objects], day]
            held = window >= 0
            if not held.all():
                kept = np.flatnonzero(held)
                c = c.take(kept)
                day, window = day.take(kept), window.take(kept)
            yield c, (shape.row_of(c.objects) + window), day - 1

    def block(self) -> Block:
        bench, shape = self.bench, self.shape
        complete = bench.complete_through(self.duty.must)
        counted, hopeless = self._counted(complete)
        verdict, reason, reasons = reached(shape.unmet(complete), met=counted >= shape.need, hopeless=hopeless)
        excuse(bench, self.duty_id, self.duty.role, self._subject, shape.objects, shape.end, verdict, reason, reasons)
        some, start, end, need = shape.begun, shape.start, shape.end, shape.need
        row: Callable[[int], int] = (lambda i: i) if isinstance(some, slice) else lambda i: int(some[i])
        return Block(
            duty=self.duty_id, role=self.duty.role, unit=self.unit, people=self.view.people, objects=shape.objects[some],
            start=start[some], end=end[some], deadline=end[some], required=need[some], counted=counted[some],
            verdict=verdict[some], reason=reason[some], reasons=reasons, cut=shape.cut[some], cuts=shape.cuts, subject=self._subject,
            run=bench.ledger.run, place=lambda i: self.duty.place("at_least", shape.key(row(i))),
            tail=lambda i: window_tail(bench, int(start[row(i)])), sight=bench.sight, windowed=lambda: shape.windows[some],
            found=lambda: self._evidence() if isinstance(some, slice) else self._evidence().some(some),
        )  # fmt: skip

    def _counted(self, complete: int) -> tuple[Codes, Instants | None]:
        """How much counted in each row, and the rows that no future can make enough."""
        shape = self.shape
        if self.unit == "events":
            found = [rows for _, rows, _ in self.placed()] or [np.empty(0, dtype=np.int64)]
            return np.bincount(np.concatenate(found), minlength=shape.size).astype(np.int32), None
        asked = np.flatnonzero(shape.asked)
        line = np.zeros(len(shape.asked), dtype=np.int64)
        line[asked] = np.arange(len(asked))
        flags = np.zeros((len(asked), shape.days), dtype=bool)
        flat = flags.reshape(-1)
        for c, _, day in self.placed():
            at = c.objects.astype(np.int64) if len(asked) == len(line) else line[c.objects]
            at *= shape.days
            at += day
            flat[at] = True
        return self._distinct(flags, line, complete)

    def _distinct(self, flags: Mask, line: Instants, complete: int) -> tuple[Codes, Instants]:
        """The distinct days of each row, and the rows of which the days that are left would not be enough."""
        bench, shape = self.bench, self.shape
        counted = np.zeros(shape.size, dtype=np.int32)
        hopeless = [np.empty(0, dtype=np.int64)]
        narrow = np.uint16 if shape.days < 1 << 16 else np.int64
        for i, p in enumerate(shape.profiles):
            mine = flags[line[p.places]] if len(shape.profiles) > 1 else flags
            first, after = p.first_day - shape.first_day, p.next_day - shape.first_day
            # No day outside the windows is marked, so that each sum may run on to the next window.
            rows = shape.base[p.places]
            counted[rows[:, None] + np.arange(len(first))] = np.add.reduceat(mine.view(np.uint8), first, axis=1, dtype=narrow)
            for w in np.flatnonzero((p.start <= bench.as_of) & (bench.as_of < p.end)).tolist():
                a, b = int(first[w]), int(after[w])
                today = bench.zone.day_of(max(int(p.start[w]), complete)) - shape.first_day
                left = int(np.count_nonzero(shape.window[i, today + 1 : b + 1] == w))
                hopeless.append((rows + w)[np.count_nonzero(mine[:, a:today], axis=1) + left < p.need[w]])
        return counted, np.concatenate(hopeless)

    # ------------------------------------------------------------------------------------------------ when looked at

    def _evidence(self) -> Evidence:
        """What counted for each row; of several records of one day only the first, where days are counted."""
        sight, size, days = self.bench.sight, self.shape.size, self.shape.days
        parts = [(rows, c.rows, day) for c, rows, day in self.placed()]
        if not parts:
            nothing = np.zeros(size, dtype=np.int64)
            return Evidence(nothing, nothing, nothing[:0])
        keys, rows, day = (np.concatenate(x) for x in zip(*parts, strict=True))
        records = sight.history.records
        ids: Callable[[int], str] = lambda r: records[r].id  # noqa: E731
        if self.unit == "events":
            return Evidence.of(keys, rows, sight.bounds, ids, size)
        held, place = np.unique(keys * (days + 1) + day, return_inverse=True)
        each = Evidence.of(place, rows, sight.bounds, ids, len(held))
        return Evidence.of(held // (days + 1), each.rows[each.first], sight.bounds, ids, size)

    def _subject(self, place: int) -> Subject:
        people = self.view.people
        return self.bench.object_subject(self.duty_id, self.duty, people.ids[place])
