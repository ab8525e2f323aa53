"""Columns: what a history holds inside, so that millions of records need no object each."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from dutyrules.history import Record
    from dutyrules.time.zone import Zone

__all__ = ["Coded", "Codes", "Columns", "Instants", "Lists", "Mask", "Numbers", "Times", "ids_of"]

Codes = npt.NDArray[np.int32]
Instants = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Numbers(Sequence[int]):
    """Distinct whole numbers, held as an array."""

    def __init__(self, values: npt.NDArray[np.integer[Any]]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, i: int) -> int: ...
    @overload
    def __getitem__(self, i: slice) -> Numbers: ...
    def __getitem__(self, i: int | slice) -> int | Numbers:
        return Numbers(self.values[i]) if isinstance(i, slice) else int(self.values[i])

    def __iter__(self) -> Iterator[int]:
        return iter(self.values.tolist())


@dataclass(frozen=True, eq=False)
class Coded:
    """One value or none a row: places in a list of distinct values, -1 for none."""

    codes: Codes
    names: Sequence[Any]

    @staticmethod
    def of(values: Iterable[Hashable | None]) -> Coded:
        """From plain values; ``None`` is none."""
        # True and 1 are equal in Python and are not the same value of an attribute.
        places: dict[tuple[type, Hashable], int] = {}
        codes = [-1 if v is None else places.setdefault((type(v), v), len(places)) for v in values]
        return Coded(np.array(codes, dtype=np.int32), [v for _, v in places])

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> Any:
        code = int(self.codes[row])
        return None if code < 0 else self.names[code]

    @cached_property
    def places(self) -> dict[Any, int]:
        """The place of each distinct value."""
        return {name: i for i, name in enumerate(self.names)}

    def uses(self) -> list[int]:
        """How many rows have each value."""
        return _uses(self.codes, len(self.names))

    def code(self, name: object) -> int:
        """The place of a value; -2 where no row has it."""
        return self.places.get(name, -2)


def _uses(codes: Codes, size: int) -> list[int]:
    found: list[int] = np.bincount(codes + 1, minlength=size + 1)[1:].tolist()
    return found


@dataclass(frozen=True, eq=False)
class Lists:
    """Any number of names a row. ``offsets`` has one more entry than there are rows; ``None``: one name or none (-1) a row."""

    codes: Codes
    names: Sequence[str]
    offsets: Instants | None = None

    @staticmethod
    def of(rows: Sequence[Sequence[str]]) -> Lists:
        """From rows of names."""
        places: dict[str, int] = {}
        if all(len(row) < 2 for row in rows):
            single = [places.setdefault(row[0], len(places)) if row else -1 for row in rows]
            return Lists(np.array(single, dtype=np.int32), list(places))
        codes = [places.setdefault(name, len(places)) for row in rows for name in row]
        offsets = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in rows], out=offsets[1:])
        return Lists(np.array(codes, dtype=np.int32), list(places), offsets)

    def __len__(self) -> int:
        return len(self.codes) if self.offsets is None else len(self.offsets) - 1

    def __getitem__(self, row: int) -> tuple[str, ...]:
        if self.offsets is None:
            code = int(self.codes[row])
            return () if code < 0 else (self.names[code],)
        return tuple(self.names[c] for c in self.codes[self.offsets[row] : self.offsets[row + 1]])

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each name."""
        return {name: i for i, name in enumerate(self.names)}

    def uses(self) -> list[int]:
        """How many times each name stands in any row."""
        return _uses(self.codes, len(self.names))

    @cached_property
    def full(self) -> bool:
        """Whether every row has exactly one name."""
        return self.offsets is None and bool((self.codes >= 0).all())

    def counts(self, rows: Instants) -> Instants:
        """How many names each of some rows has."""
        if self.offsets is None:
            return (self.codes[rows] >= 0).astype(np.int64)
        return self.offsets[rows + 1] - self.offsets[rows]

    def pairs(self, rows: Instants) -> tuple[Instants, Codes]:
        """Every name of some rows: the place in ``rows``, and the name's code."""
        if self.offsets is None:
            codes = self.codes[rows]
            held = codes >= 0
            return (np.arange(len(rows)), codes) if held.all() else (np.flatnonzero(held), codes[held])
        counts = self.counts(rows)
        place = np.repeat(np.arange(len(rows)), counts)
        within = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
        return place, self.codes[self.offsets[rows][place] + within]


def ids_of(records: Sequence[Record], rows: Instants) -> list[str]:
    """The ids of some rows; of a table no record is made for it."""
    of_table = getattr(records, "ids", None)
    found: list[str] = of_table(rows) if of_table is not None else [records[i].id for i in rows.tolist()]
    return found


_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
AWARE, LOCAL, DATE, NONE = 0, 1, 2, 3


@dataclass(frozen=True, eq=False)
class Times:
    """A column of points in time as they were written: with offset, on the local clock, as a date, or absent."""

    value: Instants
    mode: npt.NDArray[np.int8] | int
    """One for each, or one for all."""

    @staticmethod
    def of(values: Sequence[datetime | date | None]) -> Times:
        value = np.zeros(len(values), dtype=np.int64)
        mode = np.full(len(values), NONE, dtype=np.int8)
        for i, v in enumerate(values):
            if v is None:
                continue
            if not isinstance(v, datetime):
                value[i], mode[i] = v.toordinal(), DATE
            elif v.tzinfo is None:
                value[i], mode[i] = (v - _EPOCH) // _MICROSECOND, LOCAL
            else:
                value[i], mode[i] = (v - _EPOCH_UTC) // _MICROSECOND, AWARE
        return Times(value, mode)

    def bounds(self, zone: Zone) -> tuple[Instants, Instants]:
        """The earliest and the latest instant each may mean; where absent, 0."""
        if isinstance(self.mode, int) and self.mode == AWARE:
            return self.value, self.value
        low = self.value.copy()
        mode = np.broadcast_to(np.asarray(self.mode, dtype=np.int8), len(low))
        local = mode == LOCAL
        if local.any():
            low[local] = zone.local_to_instants(self.value[local])
        dated = mode == DATE
        high = low
        if dated.any():
            high = low.copy()
            days = self.value[dated]
            first, last = int(days.min()), int(days.max())
            starts = zone.table(first, last + 1)
            low[dated], high[dated] = starts[days - first], starts[days - first + 1] - 1
        return low, high


class Columns:
    """The columns of a history; each is made from the records when it is first asked for."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records

    @cached_property
    def beside(self) -> WeakKeyDictionary[Any, Any]:
        """What was found by holding these columns beside something else that does not change."""
        return WeakKeyDictionary()

    @staticmethod
    def of(records: Sequence[Record]) -> Columns:
        """The columns of some records; those that were made from columns give these."""
        found: Columns = getattr(records, "columns", None) or Columns(records)
        return found

    def __len__(self) -> int:
        return len(self._records)

    @cached_property
    def event(self) -> Coded:
        """The kinds of event."""
        return Coded.of([r.event for r in self._records])

    @cached_property
    def object(self) -> Lists:
        """The objects that each record names."""
        return Lists.of([r.objects for r in self._records])

    @cached_property
    def by(self) -> Lists:
        """Who performed each record."""
        return Lists.of([r.by for r in self._records])

    @cached_property
    def area(self) -> Coded:
        """The areas that records name."""
        return Coded.of([r.area for r in self._records])

    @cached_property
    def retracts(self) -> Mapping[int, str]:
        """The id of the record that each of some rows takes back."""
        return {i: r.retracts for i, r in enumerate(self._records) if r.retracts is not None}

    @cached_property
    def time(self) -> Times:
        """When each happened."""
        return Times.of([r.time for r in self._records])

    @cached_property
    def until(self) -> Times | None:
        """When each ended; ``None`` where no record says."""
        return self._some([r.until for r in self._records])

    @cached_property
    def recorded_at(self) -> Times | None:
        """When each was entered; ``None`` where no record says."""
        return self._some([r.recorded_at for r in self._records])

    @staticmethod
    def _some(values: Sequence[datetime | date | None]) -> Times | None:
        return Times.of(values) if any(v is not None for v in values) else None

    def attribute(self, name: str) -> Coded:
        """The values of an attribute."""
        found = self._attributes.get(name)
        if found is None:
            found = self._attributes[name] = self._attribute(name)
        return found

    def _attribute(self, name: str) -> Coded:
        return Coded.of([r.attributes.get(name) for r in self._records])

    @cached_property
    def _attributes(self) -> dict[str, Coded]:
        return {}
