"""The roster in columns: objects in order of id, and for each role who bore it over each object, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, repeat
from typing import Any, TypeVar

import numpy as np

from dutyrules.bench import FEW, People, Sight
from dutyrules.columns import Coded, Codes, Columns, Instants, Lists, Mask
from dutyrules.model import Names
from dutyrules.roster import Object, Roster
from dutyrules.rostertable import RosterTable
from dutyrules.time.intervals import END, START
from dutyrules.time.zone import Zone

__all__ = ["ObjectColumns", "Posts", "TableObjects", "View", "names_of", "people_of"]

T = TypeVar("T")
_MOST_KEPT = 1024


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

    @staticmethod
    def of(counts: Instants, start: Instants, end: Instants, person: Codes) -> Posts:
        """From the tenures in order of object and beginning, and how many each object has."""
        first = np.zeros(len(counts) + 1, dtype=np.int64)
        np.cumsum(counts, out=first[1:])
        nobody = np.array([-3], dtype=np.int32)
        return Posts(first, np.append(start, 0), np.append(end, 0), np.append(person, nobody), int(counts.max(initial=0)))

    @cached_property
    def always(self) -> Mask:
        """Over which objects somebody has borne the role ever since, without a day between, and still does."""
        size = len(self.person) - 1
        if not size:
            return np.zeros(len(self.first) - 1, dtype=bool)
        # A tenure that begins after the end of the one before it, of the same object, leaves a gap.
        gap = np.zeros(size + 1, dtype=np.int64)
        gap[2 : size + 1] = np.cumsum(self.start[1:size] > self.end[: size - 1])
        held = self.first[1:] > self.first[:-1]
        first, last = np.where(held, self.first[:-1], 0), np.where(held, self.first[1:] - 1, 0)
        unbroken = gap[last + 1] == gap[first + 1]
        found: Mask = held & unbroken & (self.start[first] <= START) & (self.end[last] >= END)
        return found

    @cached_property
    def _at(self) -> Instants:
        """The first tenure over each object; for one without any, the entry that nobody can match."""
        return np.where(self.first[1:] > self.first[:-1], self.first[:-1], len(self.person) - 1)

    def borne(self, objects: Codes, time: Instants, person: Codes) -> Mask:
        """Whether each person bore the role over each object at each instant."""
        if not self.most:
            return np.zeros(len(objects), dtype=bool)
        first_person, first_end, first_start = self._firsts
        ok: Mask = first_person[objects] == person
        ok &= time < first_end[objects]
        if first_start is not None:
            ok &= first_start[objects] <= time
        if self.most < 2:
            return ok
        left = np.flatnonzero(~ok & self._several[objects])
        at = self._at[objects[left]] if len(left) else self._at[:0]
        objects, time, person = objects[left], time[left], person[left]
        more = self._further(objects, time, person, at)
        ok[left[more]] = True
        return ok

    def holder(self, objects: Codes, time: Instants) -> Codes:
        """Who bore the role over each object at each instant, by the tenure that began first; -1: nobody."""
        if not self.most:
            return np.full(len(objects), -1, dtype=np.int32)
        first_person, first_end, first_start = self._firsts
        found = first_person[objects]
        missed = time >= first_end[objects]
        if first_start is not None:
            missed |= first_start[objects] > time
        found[missed] = -1
        if self.most > 1:
            left = np.flatnonzero(missed & self._several[objects])
            at, stop = self.first[objects[left]], self.first[objects[left] + 1]
            for k in range(1, self.most):
                going = at + k < stop
                left, at, stop = left[going], at[going], stop[going]
                fits = (self.start[at + k] <= time[left]) & (time[left] < self.end[at + k])
                found[left[fits]] = self.person[at[fits] + k]
                left, at, stop = left[~fits], at[~fits], stop[~fits]
        return found

    def _further(self, objects: Codes, time: Instants, person: Codes, at: Instants) -> Instants:
        """Those who bore the role by one of the tenures after the first over their object."""
        left = np.arange(len(objects))
        found = [left[:0]]
        for k in range(1, self.most):
            left = left[at[left] + k < self.first[objects[left] + 1]]
            if not len(left):
                break
            place = at[left] + k
            fits = (self.person[place] == person[left]) & (self.start[place] <= time[left]) & (time[left] < self.end[place])
            found.append(left[fits])
            left = left[~fits]
        return np.concatenate(found)

    @cached_property
    def _firsts(self) -> tuple[Codes, Instants, Instants | None]:
        """Person, end and start of the first tenure over each object; no starts where all began before time was kept."""
        at = self._at
        start = self.start[at]
        return self.person[at], self.end[at], None if (start[at < len(self.person) - 1] <= START).all() else start

    @cached_property
    def _several(self) -> Mask:
        found: Mask = np.diff(self.first) > 1
        return found


class ObjectColumns:
    """The objects of a roster in order of id, and the posts over them, in instants of a zone."""

    def __init__(self, people: People) -> None:
        self.people = people
        self._posts: dict[str, Posts] = {}
        self._profiles: dict[tuple[str, ...], Coded] = {}
        self._made_once: dict[object, tuple[object, object, Any]] = {}

    def once(self, vocabulary: object, key: object, make: Callable[[], T], moment: object = None) -> T:
        """What no record changes, made once for these objects and a plan; all on which it depends else is in the key.

        What also depends on a moment is kept for the last moment only: it may be as long as all obligations.
        """
        kept = self._made_once.get((id(vocabulary), key))
        if kept is not None and kept[0] is vocabulary and kept[1] == moment:
            found: T = kept[2]
            return found
        if len(self._made_once) >= _MOST_KEPT:
            self._made_once.clear()
        made = make()
        # The plan is kept with it, so that no other comes to have its identity.
        self._made_once[id(vocabulary), key] = (vocabulary, moment, made)
        return made

    @staticmethod
    def of(people: People) -> ObjectColumns:
        """The columns of a roster; one that was made from tables has them already."""
        return TableObjects(people) if isinstance(people.roster, RosterTable) else ObjectColumns(people)

    @cached_property
    def _objects(self) -> list[Object]:
        return sorted(self.people.roster.objects, key=lambda o: o.id)

    @cached_property
    def ids(self) -> Sequence[str]:
        """The objects, in order."""
        return [o.id for o in self._objects]

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each object."""
        return {name: i for i, name in enumerate(self.ids)}

    @cached_property
    def persons(self) -> dict[str, int]:
        """The code of each person who bears any role."""
        return {p: i for i, p in enumerate(dict.fromkeys(t.person for t in self.people.roster.tenures))}

    @cached_property
    def person_names(self) -> Sequence[str]:
        """The persons, by code."""
        return list(self.persons)

    @cached_property
    def known_persons(self) -> AbstractSet[str]:
        """Everybody whom the roster names as a person."""
        return {p.id for p in self.people.roster.persons}

    @cached_property
    def roles(self) -> AbstractSet[str]:
        """The roles that anybody bears."""
        return {t.role for t in self.people.roster.tenures}

    @cached_property
    def types(self) -> Coded:
        """The type of each object."""
        return Coded.of([o.type for o in self._objects])

    @cached_property
    def areas(self) -> Coded:
        """The area in which each object lies."""
        return Coded.of([o.area for o in self._objects])

    def of_types(self, types: Sequence[str]) -> Mask:
        """Which objects are of some types."""
        found: Mask = np.isin(self.types.codes, [self.types.code(t) for t in types])
        return found

    def profiles(self, attributes: Sequence[str]) -> Coded:
        """Objects that have all in common on which their time in scope depends: type, days, states, some attributes."""
        key = tuple(sorted(set(attributes)))
        found = self._profiles.get(key)
        if found is None:
            found = self._profiles[key] = self._profiled(key)
        return found

    def _profiled(self, key: tuple[str, ...]) -> Coded:
        return Coded.of([(o.type, o.from_, o.through, o.states, *(o.attributes.get(a, ()) for a in key)) for o in self._objects])

    def posts(self, role: str) -> Posts:
        """Who bore a role over each object."""
        found = self._posts.get(role)
        if found is None:
            found = self._posts[role] = self._made(role)
        return found

    def _made(self, role: str) -> Posts:
        terms = [self.people.over_object(role, o) for o in self.ids]
        counts = np.array([len(t) for t in terms], dtype=np.int64)
        flat = [t for ts in terms for t in ts]
        return Posts.of(
            counts, np.array([t.start for t in flat], dtype=np.int64), np.array([t.end for t in flat], dtype=np.int64),
            np.array([self.persons[t.person] for t in flat], dtype=np.int32),
        )  # fmt: skip


class TableObjects(ObjectColumns):
    """The same of a roster that was made from tables; nothing is made of a row that nobody looks at."""

    def __init__(self, people: People) -> None:
        super().__init__(people)
        roster = people.roster
        assert isinstance(roster, RosterTable)
        self._table = roster
        names = np.array(roster.object_ids, dtype=object)
        self._order = np.argsort(names, kind="stable") if len(names) else np.empty(0, dtype=np.int64)
        self._names = names

    @cached_property
    def ids(self) -> Sequence[str]:
        found: list[str] = self._names[self._order].tolist()
        return found

    @cached_property
    def persons(self) -> dict[str, int]:
        return {str(p): i for i, p in enumerate(self._table.tenure_person.names)}

    @cached_property
    def _person_ranks(self) -> Instants:
        """The place of each person in order of name."""
        ranks = np.empty(len(self.person_names), dtype=np.int64)
        ranks[np.argsort(np.array(self.person_names, dtype=object), kind="stable")] = np.arange(len(ranks))
        return ranks

    @cached_property
    def known_persons(self) -> AbstractSet[str]:
        return self._table.known_persons

    @cached_property
    def roles(self) -> AbstractSet[str]:
        return {str(r) for r in self._table.tenure_role.names}

    @cached_property
    def types(self) -> Coded:
        kinds = self._table.object_type
        return Coded(kinds.codes[self._order], kinds.names)

    @cached_property
    def areas(self) -> Coded:
        held = self._table.object_area
        return Coded(held.codes[self._order], held.names)

    def _profiled(self, key: tuple[str, ...]) -> Coded:
        held = [self._table.object_spans, *(self._table.object_attribute(a) for a in ("state", *key))]
        codes = self.types.codes.astype(np.int64)
        for column in held:
            if column is not None:
                codes = codes * (len(column.names) + 1) + column.codes[self._order] + 1
        _, place = np.unique(codes, return_inverse=True)
        return Coded(place.astype(np.int32), range(int(place.max(initial=-1)) + 1))

    def _made(self, role: str) -> Posts:
        table = self._table
        mine = np.flatnonzero(table.tenure_role.codes == table.tenure_role.code(role))
        if table.tenure_area is not None and (table.tenure_area.codes[mine] >= 0).any():
            return super()._made(role)
        # A tenure over what is not in this roster concerns nobody here.
        mine = mine[table.tenure_object[mine] >= 0]
        rank = np.empty(len(self._order), dtype=np.int64)
        rank[self._order] = np.arange(len(self._order))
        place = rank[table.tenure_object[mine]]
        start, end = table.tenure_span(self.people.zone)
        order = np.lexsort((end[mine], self._person_ranks[table.tenure_person.codes[mine]], start[mine], place))
        counts = np.bincount(place, minlength=len(self._order))
        mine = mine[order]
        return Posts.of(counts, start[mine], end[mine], table.tenure_person.codes[mine].astype(np.int32))


class NamesBeside:
    """The names that records use beside those that a roster has."""

    def __init__(self, columns: Columns, people: ObjectColumns) -> None:
        # The people are not kept: these names lie with the columns, and a roster that nobody has any more is to go.
        self.objects = _places(columns.object.names, people.places)
        """For each object that records name, its place in the roster, or -1; the last entry is for none."""
        self.persons = _places(columns.by.names, people.persons)
        """For each performer that records name, the code of the person, or -1; the last entry is for nobody."""
        self.knows_all = columns.object.full and bool((self.objects[:-1] >= 0).all())
        """Whether every record names just one object, and one that the roster has."""
        self.unknown_objects = _unknown(columns.object, people.places.keys())
        self.unknown_persons = _unknown(columns.by, people.known_persons)
        """How many times records name an object (a person) that the roster does not have."""


def _unknown(column: Lists, known: AbstractSet[str]) -> dict[str, int]:
    if all(map(known.__contains__, column.names)):
        return {}
    uses = column.uses()
    return {name: uses[place] for name, place in column.places.items() if name not in known}


def names_of(columns: Columns, people: ObjectColumns) -> NamesBeside:
    """The names of some columns beside a roster; both are immutable, so that they are compared once."""
    found: NamesBeside | None = columns.beside.get(people)
    if found is None:
        found = columns.beside[people] = NamesBeside(columns, people)
    return found


class View:
    """One sight of the records beside one roster."""

    def __init__(self, sight: Sight, people: ObjectColumns, shared: AbstractSet[Names] = frozenset()) -> None:
        self.sight, self.people = sight, people
        self.shared = shared
        """Kinds of records for which more than one duty looks, whatever their attributes."""
        self.kept: dict[tuple[Names, int], Any] = {}
        """What was found of these, by the stretch of the history in which it lies."""

    @cached_property
    def few(self) -> bool:
        """Whether there are so few records that each is looked at by itself."""
        return len(self.sight.history) <= FEW

    @cached_property
    def standing(self) -> dict[str, list[int]]:
        """The rows of the records that are seen and that nothing takes away, by kind of event."""
        found: dict[str, list[int]] = {}
        fails = self.sight.fails
        for row in np.flatnonzero(self.sight.seen if fails is None else self.sight.seen & (fails == 0)).tolist():
            found.setdefault(self.sight.record(row).event, []).append(row)
        return found

    @cached_property
    def names(self) -> NamesBeside:
        """The records' names as places in the roster."""
        return names_of(self.sight.history.columns, self.people)


def _places(names: Sequence[str], places: Mapping[str, int]) -> Codes:
    return np.fromiter(chain(map(places.get, names, repeat(-1)), (-1,)), dtype=np.int32, count=len(names) + 1)


KEPT = 4
"""The indexes of how many rosters are kept, those asked for last. They hold their roster, which would otherwise never go."""
_kept: dict[int, tuple[Roster, dict[str, tuple[People, ObjectColumns]]]] = {}


def people_of(roster: Roster, zone: Zone) -> tuple[People, ObjectColumns]:
    """The indexes of a roster in a zone; a roster is immutable, so they are made once and used as long as they are kept."""
    key = id(roster)
    # Taken out and put back, it is the last to go. Somebody else may do so at the same time.
    kept = _kept.pop(key, None) or (roster, {})
    found = kept[1].get(zone.name)
    if found is None:
        people = People(roster, zone)
        found = kept[1][zone.name] = (people, ObjectColumns.of(people))
    _kept[key] = kept
    while len(_kept) > KEPT:
        _kept.pop(next(iter(_kept), key), None)
    return found
