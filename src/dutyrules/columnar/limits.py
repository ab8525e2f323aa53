"""Time limits of many obligations: scope of objects, ends of limits, and what of a sorted history lies in each window."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dutyrules.bench import FEW, Bench, Subject
from dutyrules.columnar.people import View
from dutyrules.columns import Coded, Codes, Instants, Mask
from dutyrules.duty import BaseDuty
from dutyrules.quantity import Duration, Figure
from dutyrules.time.calendars import UnpublishedYear
from dutyrules.time.deadlines import exact_length, last_day_after
from dutyrules.time.intervals import END

__all__ = ["Scopes", "ends", "plain_limit"]

MOST_KEPT = 4096
"""How many subjects are kept; they are asked for over and over, but not millions of them."""


class Scopes:
    """The time in scope of each object of a duty, one for all objects that have it in common."""

    def __init__(self, duty_id: str, duty: BaseDuty, bench: Bench, view: View) -> None:
        self.duty_id, self.duty, self.bench, self.people = duty_id, duty, bench, view.people
        self.kinds, self.chosen, self._edges = self.people.once(bench.vocabulary, ("scopes", duty_id, bench.force), self._made)
        self._subjects: dict[int, Subject] = {}

    def _made(self) -> tuple[Coded, Mask, dict[int, Instants]]:
        """What the objects have in common, which of them are asked for, and the edges of the time in scope of each kind."""
        types = self.bench.vocabulary.object_types
        attributes = [a for t in self.duty.object_type if t in types for a in types[t].while_]
        return self.people.profiles([*attributes, *self.duty.while_]), self.people.of_types(self.duty.object_type), {}

    def subject(self, place: int) -> Subject:
        """An object as subject, by its place."""
        found = self._subjects.get(place)
        if found is None:
            if len(self._subjects) >= MOST_KEPT:
                self._subjects.clear()
            found = self._subjects[place] = self.bench.object_subject(self.duty_id, self.duty, self.people.ids[place])
        return found

    def hold(self, objects: Codes, time: Instants) -> Mask:
        """Whether each of some objects (at least one) is in scope at each instant."""
        if len(self.kinds.names) == 1:
            return self._inside(0, int(objects[0]), time)
        inside = np.zeros(len(objects), dtype=bool)
        kinds = self.kinds.codes[objects]
        for kind in np.unique(kinds).tolist():
            mine = np.flatnonzero(kinds == kind)
            inside[mine] = self._inside(kind, int(objects[mine[0]]), time[mine])
        return inside

    def _inside(self, kind: int, place: int, time: Instants) -> Mask:
        edges = self._edges.get(kind)
        if edges is None:
            scope = self.subject(place).scope
            edges = self._edges[kind] = np.array([edge for piece in scope for edge in piece], dtype=np.int64)
        found: Mask = np.searchsorted(edges, time, side="right") % 2 == 1
        return found


def plain_limit(after: Duration | None) -> bool:
    """Whether a limit is a number of minutes, hours, days, weeks, months or years, or none at all."""
    return after is None or not isinstance(after.amount, Figure)


def ends(bench: Bench, low: Instants, after: Duration | None, roll: bool) -> Instants | None:
    """The first instant too late for a limit that begins at each instant; ``END`` without a limit; ``None``: a year is not published."""
    if after is None:
        return np.full(len(low), END, dtype=np.int64)
    assert isinstance(after.amount, int)
    if after.exact:
        return low + exact_length(after.amount, after.unit) + 1
    calendar = bench.calendar if after.unit == "working_days" or roll else None
    if len(low) <= FEW:
        try:
            days_after = [last_day_after(bench.zone.day_of(t), after.amount, after.unit, calendar) + 1 for t in low.tolist()]
        except UnpublishedYear:
            return None
        return np.array([bench.zone.start(d) for d in days_after], dtype=np.int64)
    days = bench.zone.days_of(low)
    table: Mapping[int, int] = {}
    if len(days):
        first, last = int(days.min()), int(days.max())
        found = np.bincount(days - first, minlength=last - first + 1)
        try:
            table = {
                d: bench.zone.start(last_day_after(d + first, after.amount, after.unit, calendar) + 1)
                for d in np.flatnonzero(found).tolist()
            }
        except UnpublishedYear:
            return None
        line = np.zeros(last - first + 1, dtype=np.int64)
        line[list(table)] = list(table.values())
        return line[days - first]
    return np.empty(0, dtype=np.int64)
