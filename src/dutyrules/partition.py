"""How a roster divides into parts that no duty looks across, and which of them each record must reach.

Judging the parts one by one, each with its share of the roster and the records that reach it, gives together what judging the whole
gives. Parts are put into buckets, so that what is judged at once has a useful size; objects of one area come into one bucket as far as
they fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, cast

import numpy as np

from dutyrules.bench import People
from dutyrules.columns import Coded, Codes, Columns, Instants, ids_of
from dutyrules.duties.counting import CountDuty
from dutyrules.duty import BaseDuty
from dutyrules.history import Record
from dutyrules.plan import Plan
from dutyrules.roster import Roster
from dutyrules.rostertable import RosterTable
from dutyrules.time.zone import zone_named

__all__ = ["Buckets", "Division", "Router", "judged_together", "kinds_of"]


def kinds_of(plan: Plan, duty: BaseDuty) -> Iterator[str]:
    """The events that a duty looks for, and those that open and close the periods that it names."""
    for _, pattern in duty.patterns():
        yield from pattern.event
    yield from _period_kinds(plan, duty)


def _period_kinds(plan: Plan, duty: BaseDuty) -> Iterator[str]:
    for name in duty.periods_named():
        period = plan.calendar.named_periods.get(name)
        if period is not None and period.opened_by is not None and period.closed_by is not None:
            yield from (period.opened_by, period.closed_by)


def judged_together(plans: Iterable[Plan]) -> list[frozenset[str]]:
    """The duties in groups whose members share records (``adds_to``)."""
    together: dict[str, set[str]] = {}
    for plan in plans:
        for duty_id, duty in plan.duties.items():
            joined = together.setdefault(duty_id, {duty_id})
            if isinstance(duty, CountDuty) and duty.adds_to is not None:
                joined |= together.get(duty.adds_to, {duty.adds_to})
            for member in joined:
                together[member] = joined
    return list(dict.fromkeys(frozenset(joined) for joined in together.values()))


def _each(duty: BaseDuty) -> str:
    return str(getattr(duty, "for_each", "object"))


# ------------------------------------------------------------------------------------------------- what records may be for


@dataclass(frozen=True)
class _Needs:
    """The kinds of events that any duty looks for, and which of them it looks for in records that name no object."""

    all: frozenset[str]
    reaching: frozenset[str]
    """Alerts and the like, and acts for a bearer: they reach what lies in the area that they name, or everything."""
    for_areas: frozenset[str]
    """Acts for an area, which may name it, whatever objects they name."""
    of_cases: frozenset[str]
    """Steps of a case, which alone may tell whom they are about."""


_ACTS = {"must", "keep", "must_not", "starts_with"}
_STEPS = {"steps", "if_missed"}


def _needs(plans: Iterable[Plan]) -> _Needs:
    every: set[str] = set()
    reaching: set[str] = set()
    for_areas: set[str] = set()
    of_cases: set[str] = set()
    for plan in plans:
        for duty in plan.duties.values():
            every |= set(kinds_of(plan, duty))
            reaching |= set(_period_kinds(plan, duty))
            for place, pattern in duty.patterns():
                if place[0] in _STEPS:
                    of_cases |= set(pattern.event)
                elif place[0] not in _ACTS or _each(duty) == "bearer":
                    reaching |= set(pattern.event)
                elif _each(duty) == "area":
                    for_areas |= set(pattern.event)
    return _Needs(frozenset(every), frozenset(reaching), frozenset(for_areas), frozenset(of_cases))


# ------------------------------------------------------------------------------------------------------- what holds together


class _Index:
    """A roster in arrays, in whatever way it is held."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        if isinstance(roster, RosterTable):
            self.ids: Sequence[str] = roster.object_ids
            self.type, self.area = roster.object_type, roster.object_area
            self.role, self.person = roster.tenure_role, roster.tenure_person
            self.over: Instants = roster.tenure_object
            self.over_area = roster.tenure_area or Coded(np.full(len(self.over), -1, dtype=np.int32), [])
        else:
            self.ids = [o.id for o in roster.objects]
            self.type, self.area = Coded.of([o.type for o in roster.objects]), Coded.of([o.area for o in roster.objects])
            self.role, self.person = Coded.of([t.role for t in roster.tenures]), Coded.of([t.person for t in roster.tenures])
            places = {o: i for i, o in enumerate(self.ids)}
            self.over = np.array([-1 if t.object is None else places.get(t.object, -1) for t in roster.tenures], dtype=np.int64)
            self.over_area = Coded.of([t.area if t.object is None else None for t in roster.tenures])

    def of_types(self, types: Iterable[str]) -> Any:
        """Which objects are of some types."""
        return np.isin(self.type.codes, [self.type.code(t) for t in types])

    @cached_property
    def in_area(self) -> list[Instants]:
        """The objects whose innermost area each area is, by the area's code."""
        return _grouped(self.area.codes, len(self.area.names))


def _connected(size: int, left: Instants, right: Instants) -> Instants:
    """The least member of what each of some nodes is connected with."""
    label = np.arange(size)
    while True:
        low = np.minimum(label[left], label[right])
        found = label.copy()
        np.minimum.at(found, label[left], low)
        np.minimum.at(found, label[right], low)
        while not np.array_equal(found[found], found):
            found = found[found]
        if np.array_equal(found, label):
            return label
        label = found


class Division:
    """The parts of a roster under some plans.

    Objects are in one part where a duty judges them together: all objects in an area that is a subject, all that a person who is a
    subject bears in its role, and what hangs together through these. A duty that is for each object joins nothing.
    """

    def __init__(self, plans: Sequence[Plan], roster: Roster) -> None:
        self.plans, self.roster = plans, roster
        self._index = _Index(roster)
        self._people = People(roster, zone_named(plans[0].plan.timezone))
        self._groups = [
            [d for plan in plans for name, d in plan.duties.items() if name in names and _each(d) == "bearer"]
            for names in judged_together(plans)
        ]
        names = self._index.area.names
        self._chains = [self._people.chain(str(a)) for a in names]
        self.area_subjects = frozenset(a for plan in plans for d in plan.duties.values() if _each(d) == "area" for a in self._areas_of(d))
        """The areas that are subjects of a duty."""
        left, right, size = self._joins()
        _, part = np.unique(_connected(size, left, right)[: len(self._index.ids)], return_inverse=True)
        self.part: Instants = part.astype(np.int64)
        """The number of the part in which each object of the roster is."""

    def __len__(self) -> int:
        return int(self.part.max(initial=-1)) + 1

    @property
    def object_ids(self) -> Sequence[str]:
        """The objects, in the order of :attr:`part`."""
        return self._index.ids

    @cached_property
    def bearing_roles(self) -> frozenset[str]:
        """The roles whose bearers are subjects."""
        return frozenset(d.role for duties in self._groups for d in duties if d.role is not None)

    def _areas_of(self, duty: BaseDuty) -> set[str]:
        """The areas that are subjects of a duty, and hold any object that it is about."""
        kind = getattr(duty, "area_type", None)
        if kind is not None:
            named = {a.id for a in self.roster.areas if a.type == kind}
        else:
            named = {area for _, _, area in self._people.roles.get(duty.role or "", ()) if area is not None}
        held = np.unique(self._index.area.codes[self._index.of_types(duty.object_type)]).tolist()
        return named & {a for code in held if code >= 0 for a in self._chains[code]}

    def _joins(self) -> tuple[Instants, Instants, int]:
        """Pairs of nodes that are connected, and how many nodes there are: the objects, and what holds them together."""
        index = self._index
        size = len(index.ids)
        lefts: list[Instants] = [np.empty(0, dtype=np.int64)]
        rights: list[Instants] = [np.empty(0, dtype=np.int64)]

        def join(objects: Instants, node: Any) -> None:
            lefts.append(np.asarray(objects, dtype=np.int64))
            rights.append(np.broadcast_to(np.asarray(node, dtype=np.int64), len(objects)))

        node_of = {a: size + i for i, a in enumerate(sorted(self.area_subjects))}
        size += len(node_of)
        for code, chain in enumerate(self._chains):
            for a in chain:
                if a in node_of:
                    join(index.in_area[code], node_of[a])
        for duties in self._groups:
            for duty in duties:
                about = index.of_types(duty.object_type)
                mine = np.flatnonzero(index.role.codes == index.role.code(duty.role))
                single = mine[index.over[mine] >= 0]
                single = single[about[index.over[single]]]
                join(index.over[single], size + index.person.codes[single])
                wide = mine[index.over_area.codes[mine] >= 0]
                for a, person in {(index.over_area[t], int(index.person.codes[t])) for t in wide.tolist()}:
                    for code, chain in enumerate(self._chains):
                        if a in chain:
                            objects = index.in_area[code]
                            join(objects[about[objects]], size + person)
            size += len(index.person.names) if duties else 0
        return np.concatenate(lefts), np.concatenate(rights), size

    def in_buckets(self, size: float, weights: Instants | None = None) -> Buckets:
        """The parts in buckets of about a size: objects, or the sum of ``weights`` (one for each object).

        A bucket weighs at most ``size`` and one part more; a part that weighs more than ``size`` has a bucket mostly to itself.
        """
        index = self._index
        weight = np.ones(len(index.ids)) if weights is None else np.asarray(weights, dtype=float)
        # The outermost area first, so that neighbours in the order lie near each other.
        paths = ["/".join(reversed(chain)) for chain in self._chains]
        rank = np.empty(len(paths) + 1, dtype=np.int64)
        rank[np.argsort(np.array(paths, dtype=object), kind="stable")] = np.arange(len(paths))
        rank[-1] = len(paths)
        ids = np.empty(len(index.ids), dtype=np.int64)
        ids[np.argsort(np.array(index.ids, dtype=object), kind="stable")] = np.arange(len(ids))
        order = np.lexsort((ids, rank[index.area.codes]))
        _, first = np.unique(self.part[order], return_index=True)
        parts = np.argsort(first, kind="stable")
        heavy = np.bincount(self.part, weights=weight, minlength=len(self))[parts]
        before = np.cumsum(heavy) - heavy
        _, number = np.unique(before // max(size, 1), return_inverse=True)
        of_part = np.empty(len(parts), dtype=np.int64)
        of_part[parts] = number
        return Buckets(self, of_part[self.part] if len(parts) else np.empty(0, dtype=np.int64))


# ------------------------------------------------------------------------------------------------------------- buckets


class Buckets:
    """Parts put together: which bucket each object is in, the roster of each, and the way of each record."""

    def __init__(self, division: Division, of_object: Instants) -> None:
        self.division, self.of_object = division, of_object
        self._index = division._index

    def __len__(self) -> int:
        # Without any object there is still an evaluation, with nothing in it.
        return max(1, int(self.of_object.max(initial=-1)) + 1)

    @cached_property
    def _members(self) -> list[Instants]:
        """The objects of each bucket."""
        return _grouped(self.of_object, len(self))

    @cached_property
    def _holding(self) -> dict[str, set[int]]:
        """The buckets that hold an object in each area."""
        found: dict[str, set[int]] = {}
        for code, objects in enumerate(self._index.in_area):
            buckets = set(np.unique(self.of_object[objects]).tolist())
            for a in self.division._chains[code]:
                found.setdefault(a, set()).update(buckets)
        return found

    @cached_property
    def _owning(self) -> dict[str, set[int]]:
        """The buckets of the area subjects that each area is, or lies in."""
        subjects = self.division.area_subjects
        found: dict[str, set[int]] = {}
        for area in self.division._people.areas:
            owners = {b for a in self.division._people.chain(area) if a in subjects for b in self._holding[a]}
            if owners:
                found[area] = owners
        return found

    @cached_property
    def _areas(self) -> list[set[str]]:
        """The areas of each bucket's roster: those around its objects, and those inside its subjects with what lies around them."""
        found: list[set[str]] = [set() for _ in range(len(self))]
        for area, buckets in self._holding.items():
            for b in buckets:
                found[b].add(area)
        for area, buckets in self._owning.items():
            for b in buckets:
                found[b].update(self.division._people.chain(area))
        return found

    @cached_property
    def _tenures(self) -> list[Instants]:
        """The tenures over each bucket's objects."""
        over = self._index.over
        return _grouped(np.where(over >= 0, self.of_object[over], -1) if len(self.of_object) else np.full(len(over), -1), len(self))

    @cached_property
    def _wide(self) -> Instants:
        """The tenures over areas."""
        return np.flatnonzero(self._index.over_area.codes >= 0)

    @cached_property
    def _borne(self) -> Instants:
        """The tenures of roles whose bearers are subjects: who else he is shows all that he bears."""
        codes = [self._index.role.code(r) for r in self.division.bearing_roles]
        return np.flatnonzero(np.isin(self._index.role.codes, codes))

    def share(self, bucket: int) -> Roster:
        """The part of the roster that a bucket's duties look at."""
        index = self._index
        areas = self._areas[bucket]
        codes = [code for code, a in enumerate(index.over_area.names) if a in areas]
        wide = self._wide[np.isin(index.over_area.codes[self._wide], codes)]
        tenures = np.union1d(self._tenures[bucket], wide)
        if len(self._borne):
            bearers = np.unique(index.person.codes[np.intersect1d(tenures, self._borne)])
            tenures = np.union1d(tenures, self._borne[np.isin(index.person.codes[self._borne], bearers)])
        return _share(index.roster, self._members[bucket], tenures, areas)

    @cached_property
    def router(self) -> Router:
        """The way of the records."""
        ids = np.array([i.encode() for i in self._index.ids] or [b""])
        order = np.argsort(ids, kind="stable")
        buckets = self.of_object if len(self.of_object) else np.array([-1])
        return Router(
            len(self), _needs(self.division.plans), ids[order], buckets[order].astype(np.int32),
            {a: _array(b) for a, b in self._holding.items()}, {a: _array(b) for a, b in self._owning.items()},
        )  # fmt: skip


def _array(buckets: Iterable[int]) -> Instants:
    return np.array(sorted(buckets), dtype=np.int64)


def _grouped(codes: Instants | Codes, size: int) -> list[Instants]:
    """The places of each code from 0 to ``size``; places with -1 are in none."""
    order = np.argsort(codes, kind="stable")
    edges = np.searchsorted(codes[order], np.arange(size + 1))
    return [order[a:b] for a, b in pairwise(edges)]


def _share(roster: Roster, objects: Instants, tenures: Instants, areas: set[str]) -> Roster:
    """Some objects and tenures of a roster, and some areas."""
    kept = tuple(a for a in roster.areas if a.id in areas)
    if isinstance(roster, RosterTable):
        return cast(Roster, _share_of_table(roster, objects, tenures, kept))
    terms = tuple(roster.tenures[i] for i in tenures.tolist())
    persons = {t.person for t in terms}
    return Roster.model_construct(
        note=None, areas=kept, objects=tuple(roster.objects[i] for i in objects.tolist()),
        persons=tuple(p for p in roster.persons if p.id in persons), tenures=terms,
    )  # fmt: skip


def _share_of_table(roster: RosterTable, objects: Instants, tenures: Instants, areas: tuple[Any, ...]) -> RosterTable:
    here = np.full(len(roster.object_ids) + 1, -1, dtype=np.int64)
    here[objects] = np.arange(len(objects))
    person = _some(roster.tenure_person, tenures)
    return replace(
        roster, object_ids=[roster.object_ids[i] for i in objects.tolist()], object_type=_some(roster.object_type, objects),
        object_area=_some(roster.object_area, objects), object_from=roster.object_from[objects],
        object_through=roster.object_through[objects], attributes={n: _some(c, objects) for n, c in roster.attributes.items()},
        tenure_role=_some(roster.tenure_role, tenures), tenure_person=person, tenure_object=here[roster.tenure_object[tenures]],
        tenure_area=None if roster.tenure_area is None else _some(roster.tenure_area, tenures),
        tenure_from=roster.tenure_from[tenures], tenure_through=roster.tenure_through[tenures], areas=areas,
        person_names={p: name for p in person.names if (name := roster.person_names.get(p)) is not None},
    )  # fmt: skip


def _some(column: Coded, rows: Instants) -> Coded:
    """Some rows of a column, with the names that these have, in their order."""
    codes = column.codes[rows]
    used = np.unique(codes[codes >= 0])
    lut = np.full(len(column.names) + 1, -1, dtype=np.int32)
    lut[used] = np.arange(len(used))
    names = column.names[used] if isinstance(column.names, np.ndarray) else [column.names[i] for i in used.tolist()]
    return Coded(lut[codes], names)


# ------------------------------------------------------------------------------------------------------------- the way


@dataclass(frozen=True, eq=False)
class Router:
    """Which buckets each record must reach.

    A record that names objects reaches these; one that names none reaches what lies in the area that it names, or everything, as far
    as any duty looks for such records of its kind. What belongs to a case and names no object reaches everything. A record that takes
    another one back goes wherever that one goes, and so does all that hangs together so (:meth:`following`).
    """

    count: int
    needs: _Needs
    ids: Any
    """The objects in UTF-8, in order."""
    of_object: Any
    holding: Mapping[str, Instants]
    owning: Mapping[str, Instants]
    extra: Mapping[str, Instants] | None = None
    """Where else some records go, by id."""

    def places(self, names: Sequence[str]) -> Instants:
        """The place of each of some names among :attr:`ids`, or -1."""
        wanted = np.array([str(n).encode() for n in names] or [b""])
        at = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        return np.where(self.ids[at] == wanted, at, -1)[: len(names)]

    def routes(self, columns: Columns, records: Sequence[Record]) -> tuple[Instants, Instants]:
        """The rows of some records and the buckets that they reach, as pairs, each once, in order of the rows."""
        kinds = columns.event

        def of_kinds(names: frozenset[str]) -> Any:
            return np.array([*(str(n) in names for n in kinds.names), False])[kinds.codes]

        wanted = of_kinds(self.needs.all)
        rows = np.flatnonzero(wanted)
        found = [self._to_objects(columns, rows)]
        named = np.zeros(len(wanted), dtype=bool)
        named[rows] = columns.object.counts(rows) > 0
        area = columns.area.codes
        reaching, bare = of_kinds(self.needs.reaching), wanted & ~named
        everywhere = bare & (of_kinds(self.needs.of_cases) | (reaching & (area < 0)))
        found.append(self._spread(np.flatnonzero(everywhere), [np.arange(self.count)]))
        if columns.area.names:
            near = bare & reaching & ~everywhere & (area >= 0)
            found += self._to_areas(columns.area, np.flatnonzero(near), self.holding)
            owned = wanted & ~everywhere & (area >= 0) & (of_kinds(self.needs.for_areas) | (bare & reaching))
            found += self._to_areas(columns.area, np.flatnonzero(owned), self.owning)
        if self.extra:
            found += self._further(records)
        kept = [pair for pair in found if len(pair[0])] or found[:1]
        if len(kept) == 1 and columns.object.offsets is None:
            return kept[0]
        pairs = np.unique(np.concatenate([r * self.count + b for r, b in kept]))
        return pairs // self.count, pairs % self.count

    def _to_objects(self, columns: Columns, rows: Instants) -> tuple[Instants, Instants]:
        names = self.places(columns.object.names)
        lut = np.append(np.where(names >= 0, self.of_object[names], -1), -1)
        place, code = columns.object.pairs(rows)
        buckets = lut[code]
        known = buckets >= 0
        return (rows[place], buckets) if known.all() else (rows[place][known], buckets[known])

    @staticmethod
    def _spread(rows: Instants, buckets: Sequence[Instants]) -> tuple[Instants, Instants]:
        """Rows with all of the buckets of each; one list of buckets stands for all rows."""
        lists = buckets if len(buckets) == len(rows) else list(buckets) * len(rows)
        if not len(rows):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        return np.repeat(rows, [len(b) for b in lists]), np.concatenate(lists)

    def _to_areas(self, area: Coded, rows: Instants, of: Mapping[str, Instants]) -> Iterator[tuple[Instants, Instants]]:
        codes = area.codes[rows]
        for code in np.unique(codes).tolist():
            buckets = of.get(str(area.names[code]))
            if buckets is not None:
                mine = rows[codes == code]
                yield np.repeat(mine, len(buckets)), np.tile(buckets, len(mine))

    def _further(self, records: Sequence[Record]) -> Iterator[tuple[Instants, Instants]]:
        assert self.extra is not None
        for row, name in enumerate(ids_of(records, np.arange(len(records)))):
            buckets = self.extra.get(name)
            if buckets is not None:
                yield np.full(len(buckets), row), buckets

    def following(self, takers: Mapping[str, str], own: Mapping[str, Iterable[int]]) -> Router:
        """The same, where records that take each other back go the same ways.

        ``takers`` has the id of the record that each record takes back, ``own`` the buckets that each of all these reaches by itself.
        """
        left = dict.fromkeys([*takers, *takers.values()])
        places = {name: i for i, name in enumerate(left)}
        sides = [np.array([places[n] for n in side], dtype=np.int64) for side in (takers.keys(), takers.values())]
        group = _connected(len(left), *sides).tolist()
        united: dict[int, set[int]] = {}
        for name, g in zip(left, group, strict=True):
            united.setdefault(g, set()).update(own.get(name, ()))
        arrays = {g: _array(b) for g, b in united.items()}
        return replace(self, extra={name: arrays[g] for name, g in zip(left, group, strict=True)})
