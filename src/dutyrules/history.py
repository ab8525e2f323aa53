"""The history: what happened. Records at the door, columns inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dutyrules.errors import InputError, Problem
from dutyrules.time.zone import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from dutyrules.columns import Columns

__all__ = ["RETRACTION", "History", "Record"]

RETRACTION = "retraction"
"""The event of a record that does nothing but take another one back."""

FIELDS = ("id", "time", "date", "event", "object", "area", "by", "recorded_at", "until", "retracts")
"""The columns with a meaning of their own; every other one is an attribute."""
_FIELDS = frozenset(FIELDS)


def is_parquet(file: str) -> bool:
    """Whether a file is Parquet, by its name."""
    return file.lower().endswith(".parquet")


def is_json_lines(file: str) -> bool:
    """Whether a file holds JSON lines, by its name."""
    return file.lower().endswith((".jsonl", ".ndjson", ".json"))


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


class Fault(Exception):
    """A value that cannot be read, by its code."""

    def __init__(self, code: str, **args: object) -> None:
        self.code, self.args_ = code, args


def time_of(value: Any, name: str, date_allowed: bool) -> datetime | date | None:
    """The time that a value says; ``None`` where it says nothing.

    Raises:
        Fault: it cannot be read, or is a date where none is allowed.
    """
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
            raise Fault("DR302", name=name, value=value) from None
        if isinstance(value, (int, float)) or (len(text) != 10 and "-" not in text[:5]):
            raise Fault("DR302", name=name, value=value)
    if not isinstance(found, datetime) and not date_allowed:
        raise Fault("DR303", name=name, value=value)
    if not FIRST_YEAR < found.year < LAST_YEAR:
        raise Fault("DR302", name=name, value=value)
    return found


def several(value: Any, name: str) -> tuple[str, ...]:
    """The names that a value gives, joined by ``;`` or in a list.

    Raises:
        Fault: it gives an empty one, or cannot be read so.
    """
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        if (one := value.strip()) and ";" not in one and "；" not in one:
            return (one,)
        parts = [part.strip() for part in value.replace("；", ";").split(";")]
    elif isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value):
        parts = list(value)
    else:
        raise Fault("DR304", name=name, value=value)
    if not all(parts):
        raise Fault("DR304", name=name, value=value)
    return tuple(dict.fromkeys(parts))


def _text(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        if isinstance(value, (dict, list, float, bool)):
            raise Fault("DR304", name=name, value=value)
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
    except Fault as fault:
        raise InputError([Problem(fault.code, fault.args_)]) from None


def _record(row: Mapping[str, Any]) -> Record:
    identifier, event = _text(row, "id"), _text(row, "event")
    for name, value in (("id", identifier), ("event", event)):
        if value is None:
            raise Fault("DR301", name=name)
    assert identifier is not None and event is not None
    time = time_of(row.get("time"), "time", True)
    day = time_of(row.get("date"), "date", True)
    if isinstance(day, datetime):
        raise Fault("DR302", name="date", value=row.get("date"))
    if time is None and day is None:
        raise Fault("DR301", name="time")
    if time is not None and day is not None:
        raise Fault("DR305")
    when = time if time is not None else day
    assert when is not None
    until = time_of(row.get("until"), "until", False)
    assert until is None or isinstance(until, datetime)
    if until is not None and isinstance(when, datetime) and (until.tzinfo is None) == (when.tzinfo is None) and until < when:
        raise Fault("DR306")
    attributes = {}
    for name, value in row.items():
        if name in _FIELDS:
            continue
        if not isinstance(name, str) or not name.strip():
            raise Fault("DR307", name=name)
        if value is not None and value != "":
            attributes[name] = value
    for name, value in attributes.items():
        if not isinstance(value, (str, int, float, bool, date)):
            raise Fault("DR304", name=name, value=value)
    return Record(
        id=identifier,
        time=when,
        event=event,
        objects=several(row.get("object"), "object"),
        area=_text(row, "area"),
        by=several(row.get("by"), "by"),
        recorded_at=time_of(row.get("recorded_at"), "recorded_at", True),
        until=until,
        retracts=_text(row, "retracts"),
        attributes=MappingProxyType(attributes),
    )


def records_from(rows: Iterable[Mapping[str, Any] | Record], held: Mapping[str, int] = MappingProxyType({})) -> list[Record]:
    """Records from records or from mappings with the columns of a history file; ``held`` has the rows of ids used before.

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
        first = held.get(record.id, seen.get(record.id))
        if first is not None:
            problems.append(Problem("DR308", {"value": record.id, "first": first}, line=number))
            continue
        seen[record.id] = number
        records.append(record)
    if problems:
        raise InputError(problems)
    return records


Completeness = Mapping[str, date | datetime]


@dataclass(frozen=True, eq=False)
class History:
    """What happened, in columns. Build one with :meth:`of` or :func:`dutyrules.load_history`.

    ``complete_through`` says, by kind of event (``*`` for all others), through which date or instant nothing is missing.
    A record is made when it is looked at.
    """

    records: Sequence[Record]
    complete_through: Completeness = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def columns(self) -> Columns:
        """The records in columns."""
        from dutyrules.columns import Columns

        return Columns.of(self.records)

    @cached_property
    def row_of(self) -> Mapping[str, int]:
        """The row of each record, by its id."""
        import numpy as np

        from dutyrules.columns import ids_of

        return {name: row for row, name in enumerate(ids_of(self.records, np.arange(len(self.records))))}

    @staticmethod
    def of(
        rows: Iterable[Mapping[str, Any] | Record], complete_through: Completeness | date | datetime | None = None
    ) -> History:
        """A history from records or from mappings with the columns of a history file.

        Raises:
            InputError: every row that cannot be read, by number, and ids that occur twice.
        """
        return History(tuple(records_from(rows)), completeness(complete_through))

    def __len__(self) -> int:
        return len(self.records)


def completeness(value: Completeness | date | datetime | None) -> Completeness:
    """Completeness by kind of event; a single date or instant holds for all kinds."""
    if value is None:
        return MappingProxyType({})
    if isinstance(value, Mapping):
        return MappingProxyType(dict(value))
    return MappingProxyType({"*": value})
