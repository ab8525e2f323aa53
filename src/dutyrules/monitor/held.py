"""The records of a monitor, found by kind, object, case and time."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np

from dutyrules.bench import FEW
from dutyrules.history import History, Record
from dutyrules.monitor.groups import CaseOf, Group
from dutyrules.time.intervals import Interval
from dutyrules.time.zone import Zone

__all__ = ["Held"]

K = TypeVar("K")

Place = tuple[str, str | None]
"""A kind of event, and an object (``None``: records that name none)."""


class _InTime:
    """Rows in order of time. Most records come in that order, so that adding one costs next to nothing."""

    __slots__ = ("low", "rows")

    def __init__(self) -> None:
        self.low, self.rows = array("q"), array("q")

    def add(self, low: int, row: int) -> None:
        at = len(self.low) if not self.low or self.low[-1] <= low else bisect_right(self.low, low)
        self.low.insert(at, low)
        self.rows.insert(at, row)

    def between(self, span: Interval) -> array[int]:
        return self.rows[bisect_left(self.low, span[0]) : bisect_left(self.low, span[1])]


class Held:
    """The records so far, numbered in the order in which they came."""

    def __init__(self, zone: Zone, groups: Iterable[Group]) -> None:
        self.records: list[Record] = []
        self.rows: dict[str, int] = {}
        """The number of each record, by id, counted from 1."""
        self.low, self.high = array("q"), array("q")
        """The earliest and the latest instant of each record."""
        self._zone = zone
        self._cases_of: dict[str, set[CaseOf]] = {}
        for group in groups:
            if group.case is not None:
                for kind in group.kinds:
                    self._cases_of.setdefault(kind, set()).add(group.case)
        self._of: dict[str, _InTime] = {}
        self._about: dict[Place, _InTime] = {}
        self._case: dict[tuple[CaseOf, str], list[int]] = {}
        self._takers: dict[str, list[int]] = {}

    def add(self, history: History) -> range:
        """Hold some more records; their rows."""
        first = len(self.records)
        found = range(first, first + len(history))
        low, high = self._bounds(history)
        self.records += history.records
        self.low += low
        self.high += high
        order: Iterable[int] = found if len(found) < 2 else (np.argsort(np.frombuffer(low, dtype=np.int64), kind="stable") + first).tolist()
        for row in order:
            self._index(row)
        return found

    def _bounds(self, history: History) -> tuple[array[int], array[int]]:
        if len(history) <= FEW:
            spans = [self._zone.bounds(r.time) for r in history.records]
            return array("q", [a for a, _ in spans]), array("q", [b for _, b in spans])
        low, high = history.columns.time.bounds(self._zone)
        return array("q", low.tobytes()), array("q", high.tobytes())

    def _index(self, row: int) -> None:
        record, low = self.records[row], self.low[row]
        self.rows[record.id] = row + 1
        _placed(self._of, record.event).add(low, row)
        for o in record.objects or (None,):
            _placed(self._about, (record.event, o)).add(low, row)
        for case in self._cases_of.get(record.event, ()):
            self._case.setdefault((case, case.key(record)), []).append(row)
        if record.retracts is not None:
            self._takers.setdefault(record.retracts, []).append(row)

    def of(self, kinds: Iterable[str], span: Interval) -> list[int]:
        """The records of some kinds in a time, and those that take them back."""
        return self._with_takers(row for kind in kinds if kind in self._of for row in self._of[kind].between(span))

    def about(self, kinds: Iterable[str], objects: Iterable[str], span: Interval) -> list[int]:
        """The records of some kinds in a time that name one of some objects, or none at all, and those that take them back."""
        places = [(kind, o) for kind in kinds for o in (*objects, None)]
        return self._with_takers(row for p in places if p in self._about for row in self._about[p].between(span))

    def of_case(self, case: tuple[CaseOf, str]) -> list[int]:
        """The records of a case, and those that take them back."""
        return self._with_takers(self._case.get(case, ()))

    def cases(self, of: CaseOf) -> list[tuple[CaseOf, str]]:
        """All cases that are told apart in one way."""
        return [case for case in self._case if case[0] == of]

    def _with_takers(self, rows: Iterable[int]) -> list[int]:
        found = set(rows)
        if self._takers:
            left = list(found)
            while left:
                for taker in self._takers.get(self.records[left.pop()].id, ()):
                    if taker not in found:
                        found.add(taker)
                        left.append(taker)
        return sorted(found)

    def with_what_they_take_back(self, rows: Iterable[int]) -> Iterator[int]:
        """Some records, and those whose standing they change: what they take back, what that had taken back, and so on."""
        met: set[int] = set()
        for row in rows:
            at: int | None = row
            while at is not None and at not in met:
                met.add(at)
                yield at
                taken = self.rows.get(self.records[at].retracts or "")
                at = None if taken is None else taken - 1


def _placed(index: dict[K, _InTime], key: K) -> _InTime:
    found = index.get(key)
    if found is None:
        found = index[key] = _InTime()
    return found
