"""What must be judged again because of some records, or because time has passed: which duties, for whom, from which records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dutyrules.bench import People
from dutyrules.history import Record
from dutyrules.monitor.groups import EVER, CaseOf, Group
from dutyrules.monitor.held import Held
from dutyrules.time.intervals import Interval

__all__ = ["Case", "Part", "Parts", "Unit", "Units"]

Case = tuple[CaseOf, str]
Unit = tuple[Group, str | Case | None]
"""Duties for one object, or of one case, or as a whole."""
Units = dict[Unit, Interval]
"""Units with the time of the records from which they must be judged."""

MANY = 64
"""More objects of a duty than so many, if they are most of all, are judged faster in columns, with the others."""


@dataclass(frozen=True)
class Part:
    """What is judged in one go."""

    group: Group
    objects: frozenset[str] | None
    """``None``: all, or those of the case."""
    case: Case | None
    span: Interval

    @property
    def in_columns(self) -> bool:
        """Whether all objects of a duty for each object are judged together."""
        return self.objects is None and self.case is None and self.group.splits

    def units(self) -> list[Unit]:
        """The units that it consists of."""
        keys: Iterable[str | Case | None] = [self.case] if self.objects is None else self.objects
        return [(self.group, key) for key in keys]


class Parts:
    """Gathers what must be judged again."""

    def __init__(self, groups: Iterable[Group], people: People, held: Held) -> None:
        self._people, self._held = people, held
        self._looking: dict[str, list[Group]] = {}
        for group in groups:
            for kind in group.kinds:
                self._looking.setdefault(kind, []).append(group)
        self._size = {group: sum(o.type in group.types for o in people.objects.values()) for group in groups}

    def of_records(self, rows: Iterable[int]) -> list[Part]:
        """What records may change."""
        touched = _without_parts_of_wholes(self._touched(rows))
        objects: dict[Group, dict[str, Interval]] = {}
        for (group, key), span in touched.items():
            if isinstance(key, str):
                objects.setdefault(group, {})[key] = span
        others = [_alone(unit, span) for unit, span in touched.items() if not isinstance(unit[1], str)]
        return others + [Part(group, frozenset(its), None, _hull(its.values())) for group, its in objects.items()]

    def of_time(self, due: Units, rows: Iterable[int]) -> list[Part]:
        """What time may change: units whose moment has come, and what the records may change that are seen now."""
        for unit, span in self._touched(rows).items():
            due[unit] = _hull((span, due.get(unit, span)))
        # One by one, so that each of them tells by itself when it is to be looked at again.
        return [_alone(unit, span) for unit, span in _without_parts_of_wholes(self._with_many_as_one(due)).items()]

    def _with_many_as_one(self, units: Units) -> Units:
        spans: dict[Group, list[Interval]] = {}
        for (group, key), span in units.items():
            if group.steady and isinstance(key, str):
                spans.setdefault(group, []).append(span)
        many = {(g, None): _hull(its) for g, its in spans.items() if len(its) > MANY and 2 * len(its) > self._size[g]}
        return units | many if many else units

    def _touched(self, rows: Iterable[int]) -> Units:
        """The units whose verdicts records may change."""
        found: Units = {}
        for row in self._held.with_what_they_take_back(rows):
            record = self._held.records[row]
            for group in self._looking.get(record.event, ()):
                span = group.reach(self._held.low[row], self._held.high[row]) if group.reach else EVER
                for key in self._keys(record, group):
                    unit = (group, key)
                    span = span if key is not None else EVER
                    found[unit] = _hull((span, found.get(unit, span)))
        return found

    def _keys(self, record: Record, group: Group) -> list[str | Case | None]:
        """The objects whose verdicts a record may change, or its case; ``None``: everything of these duties."""
        if group.case is not None:
            return [(group.case, group.case.key(record))]
        if not group.splits:
            return [None]
        if record.objects:
            found: Iterable[str] = record.objects
        elif record.area is None or group.by_case:
            # A record of a case may leave out the object.
            return [None]
        else:
            found = self._people.inside.get(record.area, ())
        objects = self._people.objects
        return [o for o in found if o in objects and objects[o].type in group.types]


def _without_parts_of_wholes(units: Units) -> Units:
    wholes = {group for group, key in units if key is None}
    return {unit: span for unit, span in units.items() if unit[0] not in wholes or unit[1] is None}


def _alone(unit: Unit, span: Interval) -> Part:
    group, key = unit
    return Part(group, frozenset([key]), None, span) if isinstance(key, str) else Part(group, None, key, span)


def _hull(spans: Iterable[Interval]) -> Interval:
    starts, ends = zip(*spans, strict=True)
    return min(starts), max(ends)
