"""The history: what happened. Records at the door, columns inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dutyrules.errors import InputError, Problem
from dutyrules.time.zone import FIRST_YEAR, LAST_YEAR, Zone

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["RETRACTION", "History", "Record"]

RETRACTION = "retraction"
"""The event of a record that does nothing but take another one back."""

FIELDS = ("id", "time", "date", "event", "object", "area", "by", "recorded_at", "until", "retracts")
"""The columns with a meaning of their own; every other one is an attribute."""

_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
AWARE, LOCAL, DATE, NONE = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Record:
    """One event. ``time`` is a datetime (without offset: in the plan's zone) or, where only the day is known, a date."""

    id: str
    time: datetime | date
    event: str
    objects: tuple[str, ...] = ()
    area: str | None = None
    by: tuple[str, ...] = ()
    recorded_at: datetime | date | None = None
    until: datetime | None = None
    retracts: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)


class _Fault(Exception):
    def __init__(self, code: str, **args: object) -> None:
        self.code, self.args_ = code, args


def _time(value: Any, name: str, date_allowed: bool) -> datetime | date | None:
    if value is None or value == "":
        return None
    found: datetime | date
    if isinstance(value, (datetime, date)):
        found = value
    else:
        text = str(value).strip()
        try:
            found = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        except ValueError:
            raise _Fault("DR302", name=name, value=value) from None
        if isinstance(value, (int, float)) or (len(text) != 10 and "-" not in text[:5]):
            raise _Fault("DR302", name=name, value=value)
    if not isinstance(found, datetime) and not date_allowed:
        raise _Fault("DR303", name=name, value=value)
    if not FIRST_YEAR < found.year < LAST_YEAR:
        raise _Fault("DR302", name=name, value=value)
    return found


def _several(value: Any, name: str) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        parts = [part.strip() for part in value.replace("；", ";").split(";")]
    elif isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value):
        parts = list(value)
    else:
        raise _Fault("DR304", name=name, value=value)
    if not all(parts):
        raise _Fault("DR304", name=name, value=value)
    return tuple(dict.fromkeys(parts))


def _text(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        if isinstance(value, (dict, list, float, bool)):
            raise _Fault("DR304", name=name, value=value)
        value = str(value)
    return value.strip() or None


def record_from(row: Mapping[str, Any] | Record) -> Record:
    """A record from a mapping with the columns of a history file.

    Raises:
        InputError: the row cannot be read, with the reason.
    """
    if isinstance(row, Record):
        return row
    try:
        return _record(row)
    except _Fault as fault:
        raise InputError([Problem(fault.code, fault.args_)]) from None


def _record(row: Mapping[str, Any]) -> Record:
    identifier, event = _text(row, "id"), _text(row, "event")
    for name, value in (("id", identifier), ("event", event)):
        if value is None:
            raise _Fault("DR301", name=name)
    assert identifier is not None and event is not None
    time = _time(row.get("time"), "time", True)
    day = _time(row.get("date"), "date", True)
    if isinstance(day, datetime):
        raise _Fault("DR302", name="date", value=row.get("date"))
    if time is None and day is None:
        raise _Fault("DR301", name="time")
    if time is not None and day is not None:
        raise _Fault("DR305")
    when = time if time is not None else day
    assert when is not None
    until = _time(row.get("until"), "until", False)
    assert until is None or isinstance(until, datetime)
    if until is not None and isinstance(when, datetime) and (until.tzinfo is None) == (when.tzinfo is None) and until < when:
        raise _Fault("DR306")
    for name in row:
        if not isinstance(name, str) or not name.strip():
            raise _Fault("DR307", name=name)
    attributes = {
        name: value for name, value in row.items() if name not in FIELDS and value is not None and value != ""
    }
    for name, value in attributes.items():
        if not isinstance(value, (str, int, float, bool, date)):
            raise _Fault("DR304", name=name, value=value)
    return Record(
        id=identifier,
        time=when,
        event=event,
        objects=_several(row.get("object"), "object"),
        area=_text(row, "area"),
        by=_several(row.get("by"), "by"),
        recorded_at=_time(row.get("recorded_at"), "recorded_at", True),
        until=until,
        retracts=_text(row, "retracts"),
        attributes=MappingProxyType(attributes),
    )


@dataclass(frozen=True, eq=False)
class _Times:
    """A column of points in time as they were written: with offset, on the local clock, as a date, or absent."""

    value: npt.NDArray[np.int64]
    mode: npt.NDArray[np.int8]

    @staticmethod
    def of(values: Sequence[datetime | date | None]) -> _Times:
        import numpy as np

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
        return _Times(value, mode)

    def bounds(self, zone: Zone) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """The earliest and the latest instant each may mean; where absent, 0."""
        low = self.value.copy()
        local = self.mode == LOCAL
        if local.any():
            low[local] = zone.local_to_instants(self.value[local])
        high = low.copy()
        dated = self.mode == DATE
        if dated.any():
            days = self.value[dated]
            first, last = int(days.min()), int(days.max())
            starts = zone.table(first, last + 1)
            low[dated], high[dated] = starts[days - first], starts[days - first + 1] - 1
        return low, high


Completeness = Mapping[str, date | datetime]


@dataclass(frozen=True, eq=False)
class History:
    """Records in columns. Build one with :meth:`of` or :func:`dutyrules.load_history`.

    ``complete_through`` says, by kind of event (``*`` for all others), through which date or instant nothing is missing.
    """

    records: tuple[Record, ...]
    complete_through: Completeness = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def _times(self) -> dict[str, _Times]:
        return {
            "time": _Times.of([r.time for r in self.records]),
            "until": _Times.of([r.until for r in self.records]),
            "recorded_at": _Times.of([r.recorded_at for r in self.records]),
        }

    @cached_property
    def _by_event(self) -> dict[str, npt.NDArray[np.int64]]:
        import numpy as np

        rows: dict[str, list[int]] = {}
        for i, r in enumerate(self.records):
            rows.setdefault(r.event, []).append(i)
        return {k: np.array(v, dtype=np.int64) for k, v in rows.items()}

    @staticmethod
    def of(
        rows: Iterable[Mapping[str, Any] | Record], complete_through: Completeness | date | datetime | None = None
    ) -> History:
        """A history from records or from mappings with the columns of a history file.

        Raises:
            InputError: every row that cannot be read, by number, and ids that occur twice.
        """
        records: list[Record] = []
        problems: list[Problem] = []
        seen: dict[str, int] = {}
        for number, row in enumerate(rows, 1):
            try:
                record = record_from(row)
            except InputError as error:
                problems += [Problem(p.code, p.args, line=number) for p in error.problems]
                continue
            if record.id in seen:
                problems.append(Problem("DR308", {"value": record.id, "first": seen[record.id]}, line=number))
                continue
            seen[record.id] = number
            records.append(record)
        if problems:
            raise InputError(problems)
        return History(tuple(records), completeness(complete_through))

    def __len__(self) -> int:
        return len(self.records)

    def rows_of(self, event: str) -> Iterable[int]:
        """The rows of one kind of event."""
        return self._by_event.get(event, ()) if self.records else ()

    def times(self, name: str) -> _Times:
        """One of the columns of time: ``time``, ``until``, ``recorded_at``."""
        return self._times[name]


def completeness(value: Completeness | date | datetime | None) -> Completeness:
    """Completeness by kind of event; a single date or instant holds for all kinds."""
    if value is None:
        return MappingProxyType({})
    if isinstance(value, Mapping):
        return MappingProxyType(dict(value))
    return MappingProxyType({"*": value})
