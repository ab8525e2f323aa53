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

    def take(self, places: Instants) -> Counted:
        """Those in some places; faster than :meth:`of` where these are many."""
        return Counted(self.rows.take(places), self.objects.take(places), self.low.take(places))


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
        shared = not self.where and self.events in self.view.shared
        for start in range(0, len(low), STRETCH):
            found = self.view.kept.get((self.events, start)) if shared else None
            if found is None:
                found = self._named(self._fitting(slice(start, start + STRETCH), kinds.codes, wanted))
                if shared:
                    self.view.kept[self.events, start] = found
            if not self._all_chosen:
                assert self.chosen is not None
                found = found.of(self.chosen[found.objects])
            if posts is not None:
                found = found.take(np.flatnonzero(self._performed(found, posts)))
            if len(found.rows):
                yield found

    def _fitting(self, part: slice, kinds: Codes, wanted: Sequence[tuple[int, Sequence[tuple[Codes, Mask]]]]) -> Instants:
        """The rows in a stretch of records that have one of the kinds and its attributes, and stand."""
        sight, codes = self.view.sight, kinds[part]
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
        rows += part.start
        return rows

    def _named(self, rows: Instants) -> Counted:
        """Some records with each object of the roster that they name."""
        named, names = self.view.sight.history.columns.object, self.view.names
        if named.offsets is None:
            objects = names.objects[named.codes[rows]]
        else:
            place, codes = named.pairs(rows)
            rows, objects = rows[place], names.objects[codes]
        if not names.knows_all:
            known = objects >= 0
            rows, objects = rows[known], objects[known]
        return Counted(rows, objects, self.view.sight.bounds[0][rows])

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

    @cached_property
    def _all_chosen(self) -> bool:
        return self.chosen is None or bool(self.chosen.all())

    def _performed(self, found: Counted, posts: Sequence[Posts]) -> Mask:
        """Whether whoever made each record bore one of the roles over the object at the time."""
        rows, objects, time = found
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
