"""Which records count: kind, attributes, object and performer, a stretch of the history at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from dutyrules.bench import Bench
from dutyrules.columnar.people import Posts, View
from dutyrules.columns import Codes, Instants, Mask
from dutyrules.conditions import BEARER, LASTED, Condition, holds
from dutyrules.model import Names

__all__ = ["Acts", "Counted", "simple"]

STRETCH = 1 << 20
"""Records looked at together: few enough to stay in the processor's cache, enough that numpy's calls cost nothing."""


class Counted(NamedTuple):
    """Records that count: their rows; the object for which each counts; their earliest instants."""

    rows: Instants
    objects: Codes
    low: Instants

    def of(self, some: Instants | Mask) -> Counted:
        """Some of them."""
        return Counted(self.rows[some], self.objects[some], self.low[some])


def simple(where: Mapping[str, Condition]) -> bool:
    """Whether conditions ask for values of the record alone."""
    return LASTED not in where and not any(BEARER in c.values() for c in where.values())


@dataclass(frozen=True, eq=False)
class Acts:
    """Records of some kinds with some attributes, by somebody who bears one of some roles over the object (no roles: by anybody)."""

    bench: Bench
    view: View
    events: Names
    where: Mapping[str, Condition]
    roles: Sequence[str] | None
    chosen: Mask | None
    """For each object of the roster, whether it is asked for; ``None``: all are."""

    def __iter__(self) -> Iterator[Counted]:
        sight = self.view.sight
        if self.view.few:
            yield from self._one_by_one()
            return
        low = sight.bounds[0]
        kinds = sight.history.columns.event
        wanted = [(code, self._conditions(e)) for e in self.events if (code := kinds.code(e)) >= 0]
        if not wanted:
            return
        posts = None if self.roles is None else [self.view.people.posts(r) for r in self.roles]
        for start in range(0, len(low), STRETCH):
            part = slice(start, start + STRETCH)
            codes = kinds.codes[part]
            fits = np.zeros(len(codes), dtype=bool)
            for code, tests in wanted:
                mine = codes == code
                for values, allowed in tests:
                    mine &= allowed[values[part]]
                fits |= mine
            fits &= sight.seen[part]
            if sight.fails is not None:
                fits &= sight.fails[part] == 0
            rows = np.flatnonzero(fits)
            if len(rows):
                rows += start
                yield from self._of_objects(rows, low, posts)

    def _one_by_one(self) -> Iterator[Counted]:
        """The same as below, record by record."""
        places, chosen, bench, sight = self.view.people.places, self.chosen, self.bench, self.bench.sight
        found = []
        for event in self.events:
            for row in self.view.standing.get(event, ()):
                record = sight.record(row)
                if self.where and not bench.has(record, self.where, self.events):
                    continue
                at = sight.low[row]
                for o in record.objects:
                    place = places.get(o, -1)
                    if place < 0 or (chosen is not None and not chosen[place]):
                        continue
                    if self.roles is None or bench.bearing(self.roles, "object", o, at, record.by):
                        found.append((row, place, at))
        if found:
            rows, objects, low = zip(*found, strict=True)
            yield Counted(np.array(rows), np.array(objects, dtype=np.int32), np.array(low))

    def _conditions(self, event: str) -> list[tuple[Codes, Mask]]:
        """For records of one kind, the values of each attribute that is asked for, and which of them will do."""
        out = []
        for name, condition in self.where.items():
            column = self.view.sight.history.columns.attribute(name)
            # The kind of each record declares its attributes; where it does not, the first of the kinds that does.
            vocabulary = self.bench.vocabulary
            kind = vocabulary.attribute_type((event,), name) or vocabulary.attribute_type(self.events, name)
            allowed = [holds(condition, value, kind) for value in column.names]
            out.append((column.codes, np.array([*allowed, False], dtype=bool)))
        return out

    def _of_objects(self, rows: Instants, low: Instants, posts: Sequence[Posts] | None) -> Iterator[Counted]:
        columns = self.view.sight.history.columns
        named = columns.object
        if named.offsets is None:
            objects = self.view.names.objects[named.codes[rows]]
        else:
            place, codes = named.pairs(rows)
            rows, objects = rows[place], self.view.names.objects[codes]
        if not (self.view.names.knows_all and self._all_chosen):
            known = objects >= 0
            if self.chosen is not None:
                known &= self.chosen[objects]
            rows, objects = rows[known], objects[known]
        time = low[rows]
        if posts is not None:
            ok = np.flatnonzero(self._performed(rows, objects, time, posts))
            rows, objects, time = rows.take(ok), objects.take(ok), time.take(ok)
        if len(rows):
            yield Counted(rows, objects, time)

    @cached_property
    def _all_chosen(self) -> bool:
        return self.chosen is None or bool(self.chosen.all())

    def _performed(self, rows: Instants, objects: Codes, time: Instants, posts: Sequence[Posts]) -> Mask:
        by = self.view.sight.history.columns.by
        if by.offsets is None:
            person = self.view.names.persons[by.codes[rows]]
            ok = posts[0].borne(objects, time, person)
            for further in posts[1:]:
                ok |= further.borne(objects, time, person)
            return ok
        place, who = by.pairs(rows)
        person = self.view.names.persons[who]
        hit = np.zeros(len(place), dtype=bool)
        for p in posts:
            hit |= p.borne(objects[place], time[place], person)
        ok = np.zeros(len(rows), dtype=bool)
        ok[place[hit]] = True
        return ok
