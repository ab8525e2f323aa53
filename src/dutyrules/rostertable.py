"""A roster in columns, from tables; an object or a tenure is made when it is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from dutyrules.columns import Coded, Instants
from dutyrules.roster import Area, Dated, Object, Person, State, Tenure
from dutyrules.time.intervals import END, START
from dutyrules.time.zone import Zone

__all__ = ["NO_DAY", "RosterTable"]

NO_DAY = -1
"""Stands for a day that is open."""


@dataclass(frozen=True, eq=False)
class RosterTable:
    """Objects and tenures in columns; days are ordinals, ``NO_DAY`` where open. It takes the place of a :class:`Roster`."""

    object_ids: Sequence[str]
    object_type: Coded
    object_area: Coded
    object_from: Instants
    object_through: Instants
    attributes: Mapping[str, Coded]
    """By name; ``state`` is the object's state."""
    tenure_role: Coded
    tenure_person: Coded
    tenure_object: Instants
    """The number of the object, or -1."""
    tenure_area: Coded | None
    tenure_from: Instants
    tenure_through: Instants
    areas: tuple[Area, ...] = ()
    person_names: Mapping[str, str | None] = field(default_factory=dict)

    @cached_property
    def known_persons(self) -> frozenset[str]:
        """Everybody who bears a role, or is listed."""
        return frozenset(map(str, self.tenure_person.names)) | frozenset(self.person_names)

    @cached_property
    def object_spans(self) -> Coded:
        """The days from which and through which each object exists, as one value."""
        both = self.object_from * 10_000_000 + self.object_through
        names, codes = np.unique(both, return_inverse=True)
        return Coded(codes.astype(np.int32), names)

    def object_attribute(self, name: str) -> Coded | None:
        """The values of an attribute of the objects (``state``: their states), if the table has it."""
        return self.attributes.get(name)

    def tenure_span(self, zone: Zone) -> tuple[Instants, Instants]:
        """The instants of each tenure."""
        return _instants(self.tenure_from, zone, 0, START), _instants(self.tenure_through, zone, 1, END)

    # ---------------------------------------------------------------------------------------- made when looked at

    @property
    def objects(self) -> Sequence[Object]:
        """The objects."""
        return _Made(len(self.object_ids), self._object)

    @property
    def tenures(self) -> Sequence[Tenure]:
        """The tenures."""
        return _Made(len(self.tenure_object), self._tenure)

    @property
    def persons(self) -> Sequence[Person]:
        """The persons."""
        names = sorted(self.known_persons)
        return _Made(len(names), lambda i: Person(id=names[i], name=self.person_names.get(names[i])))

    def by_id(self, group: str) -> Mapping[str, Any]:
        """The areas, objects or persons by their ids."""
        return _ById(self) if group == "objects" else {x.id: x for x in getattr(self, group)}

    @cached_property
    def object_places(self) -> dict[str, int]:
        """The number of each object."""
        return {o: i for i, o in enumerate(self.object_ids)}

    def _object(self, i: int) -> Object:
        state = self.attributes.get("state")
        values = {n: v for n, c in self.attributes.items() if n != "state" and (v := c[i]) is not None}
        return Object.model_construct(
            id=self.object_ids[i], name=None, type=str(self.object_type[i]), area=self.object_area[i],
            from_=_day(self.object_from[i]), through=_day(self.object_through[i]),
            states=() if state is None or state[i] is None else (State(state=str(state[i])),),
            attributes={n: (Dated(value=v),) for n, v in values.items()}, note=None,
        )  # fmt: skip

    def _tenure(self, i: int) -> Tenure:
        place = int(self.tenure_object[i])
        return Tenure.model_construct(
            role=str(self.tenure_role[i]), person=str(self.tenure_person[i]), object=self.object_ids[place] if place >= 0 else None,
            area=self.tenure_area[i] if self.tenure_area is not None and place < 0 else None, from_=_day(self.tenure_from[i]),
            through=_day(self.tenure_through[i]), note=None,
        )  # fmt: skip


class _Made(Sequence[Any]):
    def __init__(self, length: int, make: Any) -> None:
        self._length, self._make = length, make

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, i: Any) -> Any:
        return self._make(range(self._length)[i]) if isinstance(i, int) else tuple(self._make(k) for k in range(self._length)[i])


class _ById(Mapping[str, Object]):
    def __init__(self, table: RosterTable) -> None:
        self._table = table

    def __getitem__(self, key: str) -> Object:
        return self._table._object(self._table.object_places[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.object_ids)

    def __len__(self) -> int:
        return len(self._table.object_ids)


def _day(ordinal: int) -> date | None:
    return None if ordinal == NO_DAY else date.fromordinal(int(ordinal))


def _instants(days: Instants, zone: Zone, after: int, open_: int) -> Instants:
    out = np.full(len(days), open_, dtype=np.int64)
    held = days != NO_DAY
    if held.any():
        first = int(days[held].min())
        table = zone.table(first, int(days[held].max()) + 1)
        out[held] = table[days[held] - first + after]
    return out
