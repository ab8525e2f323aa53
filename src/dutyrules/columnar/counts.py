"""Counts per window: so many records, days or working days of each object in each of its windows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from dutyrules.bench import Bench, Subject
from dutyrules.columnar.acts import Acts, Counted, simple
from dutyrules.columnar.blocks import Block, Evidence, excuse, verdicts
from dutyrules.columnar.people import View
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
    if not _plain(duty_id, duty, bench, view):
        return None
    shape = _shape(duty_id, duty, bench, view)
    bench.ledger.skipped += shape.skipped
    if shape.profiles:
        block = _Count(duty_id, duty, bench, view, shape).block()
        if len(block):
            bench.ledger.blocks.append(block)
    return shape.rest


def _plain(duty_id: str, duty: CountDuty, bench: Bench, view: View) -> bool:
    """Whether nothing about the duty itself asks for more than counting records in windows."""
    quantities = duty.quantities()
    return (
        duty.for_each == "object"
        and not (duty.personal or duty.covers or duty.apart or duty.adds_to or duty.late or duty.at_most)
        and not bench.added_to(duty_id)
        and all(q.per is not None and duty.calendar_period(q.per) for _, _, q in quantities)
        and len({q.unit for _, _, q in quantities}) == 1
        and all(q.unit != "hours" and not isinstance(q.count, Figure) for _, _, q in quantities)
        and not any(key in bench.vocabulary.calendar.named_periods for _, key, _ in quantities)
        and simple(duty.where)
        and not view.sight.splits_a_day
        and not any(w.suspends and duty_id in w.duties for w in bench.waivers)
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

    def __init__(
        self, duty: CountDuty, bench: Bench, total: int, profiles: Sequence[_Profile], rest: frozenset[str],
        skipped: list[tuple[str, str, int, int, str]],
    ) -> None:  # fmt: skip
        self.profiles, self.rest, self.skipped = profiles, rest, skipped
        self.first_day = min((int(p.first_day[0]) for p in profiles), default=0)
        self.days = max((int(p.next_day[-1]) for p in profiles), default=0) - self.first_day
        self.profile = np.full(total, -1, dtype=np.int32)
        for i, p in enumerate(profiles):
            self.profile[p.places] = i
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


def _works(bench: Bench, day: int) -> bool:
    assert bench.calendar is not None
    try:
        return bench.calendar.is_working_day(day)
    except UnpublishedYear:
        return False


def _shape(duty_id: str, duty: CountDuty, bench: Bench, view: View) -> _Shape:
    """The shape of a duty, made once for a plan, a roster and a moment: all of them are immutable."""
    key = (id(bench.vocabulary), duty_id, bench.force, bench.limit, bench.as_of, bench.sight.known_at)
    kept = view.people.shapes.get(key)
    if kept is not None and kept[0] is bench.vocabulary:
        found: _Shape = kept[1]
        return found
    found = _shaped(duty_id, duty, bench, view)
    if len(view.people.shapes) >= _MOST_SHAPES:
        view.people.shapes.clear()
    view.people.shapes[key] = (bench.vocabulary, found)
    return found


_MOST_SHAPES = 256


def _shaped(duty_id: str, duty: CountDuty, bench: Bench, view: View) -> _Shape:
    people = view.people
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
        self.duty_id, self.duty, self.bench, self.view = duty_id, duty, bench, view
        self.unit = duty.quantities()[0][2].unit
        self.profiles, self.first_day, self.days, self.profile = shape.profiles, shape.first_day, shape.days, shape.profile
        self.base, self.size, self.width, self.window = shape.base, shape.size, shape.width, shape.window

    def acts(self) -> Acts:
        roles = self.bench.performers(self.duty.role or "", self.duty.may_be_done_by)
        return Acts(self.bench.vocabulary, self.view, self.duty.must, self.duty.where, roles, self.profile >= 0)

    def placed(self) -> Iterator[tuple[Counted, Instants, Instants]]:
        """The records that count, with the row of the obligation and the day, counted from the first."""
        zone = self.bench.zone
        for c in self.acts():
            day = np.clip(zone.days_of(c.low) - (self.first_day - 1), 0, self.days + 1)
            window = self.window[0][day] if len(self.profiles) == 1 else self.window[self.profile[c.objects], day]
            held = window >= 0
            if not held.all():
                kept = np.flatnonzero(held)
                c = Counted(c.rows.take(kept), c.objects.take(kept), c.low.take(kept))
                day, window = day.take(kept), window.take(kept)
            yield c, (self._row_of(c.objects) + window), day - 1

    def _row_of(self, objects: Codes) -> Instants:
        """The first row of each object."""
        if self.width is not None:
            return objects.astype(np.int64) * self.width
        return self.base[objects]

    def block(self) -> Block:
        bench = self.bench
        starts, ends, need, cut = self._columns()
        begun = starts <= bench.limit
        counted, hopeless = self._counted(need, ends)
        met = counted >= need
        past = ends <= bench.as_of
        complete = ends <= bench.complete_through(self.duty.must)
        verdict, reason, reasons = verdicts(
            met=met, past=past, hopeless=hopeless & ~past & (starts <= bench.as_of), complete=complete, size=self.size
        )
        objects = np.repeat(np.arange(len(self.profile), dtype=np.int32), np.diff(self.base))
        excuse(bench, self.duty_id, self.duty.role, self._subject, objects, ends, verdict, reason, reasons)
        keep = np.flatnonzero(begun)
        some: Any = slice(None) if len(keep) == self.size else keep
        return Block(
            duty=self.duty_id, role=self.duty.role, unit=self.unit, people=self.view.people, objects=objects[some],
            start=starts[some], end=ends[some], deadline=ends[some], required=need[some], counted=counted[some],
            verdict=verdict[some], reason=reason[some], reasons=reasons, cut=cut[some], cuts=self.cuts, subject=self._subject,
            run=bench.ledger.run, place=lambda i: self._place(int(keep[i])), tail=lambda i: window_tail(bench, int(starts[keep[i]])),
            sight=bench.sight, found=lambda: self._evidence() if len(keep) == self.size else self._evidence().some(keep),
            windowed=lambda: self._windows()[some],
        )  # fmt: skip

    cuts: Sequence[str | None] = (None, "season", "plan", "scope", "tenure", "waiver")

    def _columns(self) -> tuple[Instants, Instants, Codes, np.ndarray]:
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

    def _counted(self, need: Codes, ends: Instants) -> tuple[Codes, Mask]:
        """How much counted in each row, and whether no future can make it enough."""
        none = np.zeros(self.size, dtype=bool)
        if self.unit == "events":
            counted = np.zeros(self.size, dtype=np.int64)
            for _, rows, _ in self.placed():
                counted += np.bincount(rows, minlength=self.size)
            return counted.astype(np.int32), none
        asked = np.flatnonzero(self.profile >= 0)
        line = np.zeros(len(self.profile), dtype=np.int64)
        line[asked] = np.arange(len(asked))
        flags = np.zeros((len(asked), self.days), dtype=bool)
        flat = flags.reshape(-1)
        for c, _, day in self.placed():
            at = c.objects.astype(np.int64) if len(asked) == len(line) else line[c.objects]
            at *= self.days
            at += day
            flat[at] = True
        return self._distinct(flags, line, need)

    def _distinct(self, flags: Mask, line: Instants, need: Codes) -> tuple[Codes, Mask]:
        """The distinct days of each row, and whether the days that are left would not be enough."""
        bench, zone = self.bench, self.bench.zone
        since = bench.complete_through(self.duty.must)
        counted, hopeless = np.zeros(self.size, dtype=np.int32), np.zeros(self.size, dtype=bool)
        for i, p in enumerate(self.profiles):
            mine = flags[line[p.places]] if len(self.profiles) > 1 else flags
            rows = self.base[p.places]
            for w, (a, b) in enumerate(zip((p.first_day - self.first_day).tolist(), (p.next_day - self.first_day).tolist(), strict=True)):
                held = np.count_nonzero(mine[:, a:b], axis=1).astype(np.int32)
                counted[rows + w] = held
                if p.start[w] <= bench.as_of < p.end[w]:
                    open_from = max(int(p.start[w]), since)
                    first = min(max(zone.day_of(open_from) - self.first_day, a), b) if open_from < p.end[w] else b
                    left = int(np.count_nonzero(self.window[i, first + 1 : b + 1] == w))
                    before = np.count_nonzero(mine[:, a:first], axis=1)
                    hopeless[rows + w] = before + left < need[rows + w]
        return counted, hopeless

    # ------------------------------------------------------------------------------------------------ when looked at

    def _evidence(self) -> Evidence:
        """What counted for each row; of several records of one day only the first, where days are counted."""
        sight = self.bench.sight
        parts = [(rows, c.rows, day) for c, rows, day in self.placed()]
        if not parts:
            return Evidence(*np.zeros((2, self.size), dtype=np.int64), np.empty(0, dtype=np.int64))
        keys, rows, days = (np.concatenate(x) for x in zip(*parts, strict=True))
        records = sight.history.records
        ids: Callable[[int], str] = lambda r: records[r].id  # noqa: E731
        if self.unit == "events":
            return Evidence.of(keys, rows, sight.bounds, ids, self.size)
        each = Evidence.of(keys * (self.days + 1) + days, rows, sight.bounds, ids, self.size * (self.days + 1))
        held = np.flatnonzero(each.stop > each.first)
        return Evidence.of(held // (self.days + 1), each.rows[each.first[held]], sight.bounds, ids, self.size)

    def _windows(self) -> Codes:
        """The window of each row, those of one profile after those of another."""
        widths = [len(p.start) for p in self.profiles]
        if self.width is not None and len(widths) == 1:
            return np.tile(np.arange(self.width, dtype=np.int32), len(self.profiles[0].places))
        found = np.empty(self.size, dtype=np.int32)
        for p, width, before in zip(self.profiles, widths, np.cumsum([0, *widths]).tolist(), strict=False):
            found[self.base[p.places][:, None] + np.arange(width)] = before + np.arange(width)
        return found

    def _place(self, row: int) -> tuple[str | int, ...]:
        thing = int(np.searchsorted(self.base, row, side="right")) - 1
        profile = self.profiles[self.profile[thing]]
        return self.duty.place("at_least", profile.keys[row - int(self.base[thing])])

    def _subject(self, place: int) -> Subject:
        people = self.view.people
        return self.bench.object_subject(self.duty_id, self.duty, people.ids[place])
