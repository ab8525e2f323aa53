"""The roster in columns: objects in order of id, and for each role who bore it over each object, and when."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np

from dutyrules.bench import People, Sight
from dutyrules.columns import Coded, Codes, Instants, Mask
from dutyrules.roster import Roster
from dutyrules.time.intervals import END, START
from dutyrules.time.zone import Zone

__all__ = ["ObjectColumns", "Posts", "View", "people_of"]


@dataclass(frozen=True, eq=False)
class Posts:
    """The tenures of one role: those over object ``i`` are ``first[i]`` to ``first[i + 1]``, in order of beginning.

    ``start``, ``end`` and ``person`` have one entry more than there are tenures, which nobody can match.
    """

    first: Instants
    start: Instants
    end: Instants
    person: Codes
    most: int
    """The greatest number of tenures over one object."""

    @cached_property
    def _at(self) -> Instants:
        """The first tenure over each object; for one without any, the entry that nobody can match."""
        return np.where(self.first[1:] > self.first[:-1], self.first[:-1], len(self.person) - 1)

    def always(self, place: int) -> bool:
        """Whether somebody has borne the role over an object ever since, without a day between, and still does."""
        return place in self._always

    @cached_property
    def _always(self) -> frozenset[int]:
        if not len(self.person) - 1:
            return frozenset()
        first, last = self.first[:-1], self.first[1:] - 1
        size = len(self.person) - 1
        # A tenure that begins after the end of the one before it, of the same object, leaves a gap.
        gap = np.zeros(size + 1, dtype=np.int64)
        gap[2 : size + 1] = np.cumsum(self.start[1:size] > self.end[: size - 1])
        held = self.first[1:] > self.first[:-1]
        first, last = np.where(held, first, 0), np.where(held, last, 0)
        unbroken = gap[last + 1] == gap[first + 1]
        return frozenset(np.flatnonzero(held & unbroken & (self.start[first] <= START) & (self.end[last] >= END)).tolist())

    def borne(self, objects: Codes, time: Instants, person: Codes) -> Mask:
        """Whether each person bore the role over each object at each instant."""
        if not self.most:
            return np.zeros(len(objects), dtype=bool)
        at = self._at[objects]
        ok: Mask = (self.person[at] == person) & (time < self.end[at]) & (self.start[at] <= time)
        if self.most < 2:
            return ok
        left = np.flatnonzero(~ok & (self.first[objects + 1] - at > 1))
        for k in range(1, self.most):
            if not len(left):
                break
            place = at[left] + k
            left = left[place < self.first[objects[left] + 1]]
            place = at[left] + k
            found = (self.person[place] == person[left]) & (self.start[place] <= time[left]) & (time[left] < self.end[place])
            ok[left[found]] = True
            left = left[~found]
        return ok


class ObjectColumns:
    """The objects of a roster in order of id, and the posts over them, in instants of a zone."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.objects = sorted(people.roster.objects, key=lambda o: o.id)
        self.ids = [o.id for o in self.objects]
        self._posts: dict[str, Posts] = {}
        self._profiles: dict[tuple[str, ...], Coded] = {}

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each object."""
        return {name: i for i, name in enumerate(self.ids)}

    @cached_property
    def persons(self) -> dict[str, int]:
        """The code of each person who bears any role."""
        return {p: i for i, p in enumerate(dict.fromkeys(t.person for t in self.people.roster.tenures))}

    @cached_property
    def types(self) -> Coded:
        """The type of each object."""
        return Coded.of([o.type for o in self.objects])

    def profiles(self, attributes: Sequence[str]) -> Coded:
        """Objects that have all in common on which their time in scope depends: type, days, states, some attributes."""
        key = tuple(sorted(set(attributes)))
        found = self._profiles.get(key)
        if found is None:
            values = [(o.type, o.from_, o.through, o.states, *(o.attributes.get(a, ()) for a in key)) for o in self.objects]
            found = self._profiles[key] = Coded.of(values)
        return found

    def posts(self, role: str) -> Posts:
        """Who bore a role over each object."""
        found = self._posts.get(role)
        if found is None:
            found = self._posts[role] = self._made(role)
        return found

    def _made(self, role: str) -> Posts:
        terms = [self.people.over_object(role, o) for o in self.ids]
        counts = np.array([len(t) for t in terms], dtype=np.int64)
        first = np.zeros(len(terms) + 1, dtype=np.int64)
        np.cumsum(counts, out=first[1:])
        flat = [t for ts in terms for t in ts]
        return Posts(
            first,
            np.array([*(t.start for t in flat), 0], dtype=np.int64),
            np.array([*(t.end for t in flat), 0], dtype=np.int64),
            np.array([*(self.persons[t.person] for t in flat), -3], dtype=np.int32),
            int(counts.max(initial=0)),
        )


class View:
    """One sight of the records beside one roster: the records' names as places in the roster."""

    def __init__(self, sight: Sight, people: ObjectColumns) -> None:
        self.sight, self.people = sight, people

    @cached_property
    def objects(self) -> Codes:
        """For each object that records name, its place in the roster, or -1; the last entry is for none."""
        return _places(self.sight.history.columns.object.names, self.people.places)

    @cached_property
    def persons(self) -> Codes:
        """For each performer that records name, the code of the person, or -1; the last entry is for nobody."""
        return _places(self.sight.history.columns.by.names, self.people.persons)


def _places(names: Sequence[str], places: Mapping[str, int]) -> Codes:
    return np.array([*(places.get(n, -1) for n in names), -1], dtype=np.int32)


_kept: dict[int, tuple[weakref.ref[Roster], dict[str, tuple[People, ObjectColumns]]]] = {}


def _forget(key: int, _: weakref.ref[Roster], kept: dict[int, Any] = _kept) -> None:
    # At the interpreter's end the module's own names are gone before the rosters are.
    kept.pop(key, None)


def people_of(roster: Roster, zone: Zone) -> tuple[People, ObjectColumns]:
    """The indexes of a roster in a zone; a roster is immutable, so they are made once for as long as it lives."""
    kept = _kept.get(id(roster))
    if kept is None or kept[0]() is not roster:
        key = id(roster)
        kept = _kept[key] = (weakref.ref(roster, partial(_forget, key)), {})
    found = kept[1].get(zone.name)
    if found is None:
        people = People(roster, zone)
        found = kept[1][zone.name] = (people, ObjectColumns(people))
    return found
