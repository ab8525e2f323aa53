"""Tables in: a history or a roster from Arrow, or from any data frame that speaks Arrow, without an object for each row.

A table is anything with the Arrow stream protocol (``__arrow_c_stream__``): a pyarrow, polars or pandas table, a DuckDB relation. Its
columns have the names of a history file (of the roster's lists). The package ``pyarrow`` is needed (extra ``arrow``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from dutyrules.columns import AWARE, DATE, LOCAL, NONE, Coded, Columns, Instants, Lists, Numbers, Times
from dutyrules.errors import InputError, Problem
from dutyrules.history import FIELDS, Completeness, History, Record, completeness, record_from
from dutyrules.roster import Area, unknown
from dutyrules.rostertable import NO_DAY, RosterTable

__all__ = ["history_from_table", "is_table", "roster_from_tables"]

_EPOCH, _EPOCH_UTC = datetime(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()


def is_table(value: object) -> bool:
    """Whether a value is a table that speaks Arrow."""
    return hasattr(value, "__arrow_c_stream__")


def _arrow(table: Any) -> Any:
    try:
        import pyarrow
    except ImportError:
        raise InputError([Problem("DR312", {"extra": "arrow"})]) from None
    return (table if isinstance(table, pyarrow.Table) else pyarrow.table(table)).combine_chunks()


def history_from_table(table: Any, complete_through: Completeness | date | datetime | None = None) -> History:
    """A history from a table with the columns of a history file; further columns are attributes.

    ``time``, ``until`` and ``recorded_at`` are timestamps (with a zone: instants; without: the plan's clock) or text as in a
    file; ``date`` and a ``time`` of type date are days. ``object`` and ``by`` are text (several joined by ``;``) or lists of text.

    Raises:
        InputError: columns that are missing, values that cannot be read, with the number of their row, ids that occur twice.
    """
    arrow = _arrow(table)
    missing = [n for n in ("id", "event") if n not in arrow.column_names]
    if not {"time", "date"} & set(arrow.column_names):
        missing.append("time")
    if missing:
        raise InputError([Problem("DR311", {"names": ", ".join(missing)})])
    columns = TableColumns(arrow)
    columns.check()
    return History(RecordsOfTable(columns), completeness(complete_through))


class TableColumns(Columns):
    """The columns of a history as an Arrow table holds them."""

    def __init__(self, table: Any) -> None:
        super().__init__(())
        self.table = table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def _column(self, name: str) -> Any:
        if name not in self.table.column_names:
            return None
        column = self.table.column(name)
        return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()

    def check(self) -> None:
        """Look for rows that no record can be made of.

        Raises:
            InputError: with each of them.
        """
        import pyarrow.compute as pc

        problems: list[Problem] = []
        for name in ("id", "event"):
            column = self._column(name)
            if column.null_count:
                rows = np.flatnonzero(pc.is_null(column).to_numpy(zero_copy_only=False))[:20]
                problems += [Problem("DR301", {"name": name}, line=int(r) + 1) for r in rows]
        if not problems and not _all_differ(self._column("id")):
            problems += self._repeated()
        for name in ("time", "until", "recorded_at"):
            try:
                getattr(self, name)
            except _Unreadable as fault:
                problems += fault.problems
        if not any(p.code == "DR302" for p in problems):
            absent = np.flatnonzero(np.broadcast_to(np.asarray(self.time.mode), len(self)) == NONE)[:20]
            problems += [Problem("DR301", {"name": "time"}, line=int(r) + 1) for r in absent]
        if problems:
            raise InputError(problems)

    def _repeated(self) -> Iterator[Problem]:
        seen: dict[Any, int] = {}
        for row, value in enumerate(self._column("id").to_pylist(), 1):
            if value in seen:
                yield Problem("DR308", {"value": value, "first": seen[value]}, line=row)
            seen.setdefault(value, row)

    @cached_property
    def event(self) -> Coded:
        return _coded(self._column("event"))

    @cached_property
    def area(self) -> Coded:
        column = self._column("area")
        return Coded(np.full(len(self), -1, dtype=np.int32), []) if column is None else _coded(column)

    @cached_property
    def object(self) -> Lists:
        return _lists(self._column("object"), len(self))

    @cached_property
    def by(self) -> Lists:
        return _lists(self._column("by"), len(self))

    @cached_property
    def retracts(self) -> Mapping[int, str]:
        column = self._column("retracts")
        if column is None or column.null_count == len(column):
            return {}
        return {i: str(v) for i, v in enumerate(column.to_pylist()) if v not in (None, "")}

    @cached_property
    def time(self) -> Times:
        time, day = self._column("time"), self._column("date")
        if time is None:
            return _times(day, "date")
        found = _times(time, "time")
        if day is None or day.null_count == len(day):
            return found
        days = _times(day, "date")
        mode = np.array(np.broadcast_to(np.asarray(found.mode, dtype=np.int8), len(self)))
        held = (mode == NONE) & (np.asarray(days.mode) != NONE)
        value = found.value.copy()
        value[held], mode[held] = days.value[held], DATE
        return Times(value, mode)

    @cached_property
    def until(self) -> Times | None:
        return self._maybe("until")

    @cached_property
    def recorded_at(self) -> Times | None:
        return self._maybe("recorded_at")

    def _maybe(self, name: str) -> Times | None:
        column = self._column(name)
        return None if column is None or column.null_count == len(column) else _times(column, name)

    def _attribute(self, name: str) -> Coded:
        column = self._column(name)
        return Coded(np.full(len(self), -1, dtype=np.int32), []) if column is None or name in FIELDS else _coded(column)


def _all_differ(column: Any) -> bool:
    """Whether no value occurs twice. Numbers that only grow, as a database gives them out, are seen to differ at a glance."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_integer(column.type):
        values = column.to_numpy()
        if (values[1:] > values[:-1]).all():
            return True
    return bool(pc.count_distinct(column).as_py() == len(column))


class _Unreadable(Exception):
    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems


def _coded(column: Any) -> Coded:
    """The distinct values of a column; whole numbers stay numbers, and where they lie close together also some that are not there."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_boolean(column.type):
        return Coded(_with_gaps(pc.fill_null(column, False).cast(pa.int8()).to_numpy(zero_copy_only=False), column), [False, True])
    if pa.types.is_integer(column.type) and (found := _close(column)) is not None:
        return found
    encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    codes = encoded.indices
    if codes.null_count:
        codes = pc.fill_null(codes, -1) if not pa.types.is_unsigned_integer(codes.type) else pc.fill_null(codes.cast(pa.int64()), -1)
    values = codes.to_numpy(zero_copy_only=False)
    if values.dtype.kind == "u":
        values = values.astype(np.int32)
    names = encoded.dictionary
    if pa.types.is_integer(names.type) and not names.null_count:
        return Coded(values, Numbers(names.to_numpy()))
    held = names.to_pylist()
    if "" in held:
        # An empty text is no value, as in a file.
        table = np.arange(len(held) + 1, dtype=np.int32)
        table[held.index("")], table[-1] = -1, -1
        values = table[values]
    return Coded(values, held)


def _close(column: Any) -> Coded | None:
    """Whole numbers that lie close together, as their distance from the least: no table of distinct values is needed."""
    import pyarrow.compute as pc

    low, high = pc.min_max(column).values()
    held = len(column) - column.null_count
    if not held or high.as_py() - low.as_py() > min(4 * held + 1024, 2**31 - 2):
        return None
    values = (pc.fill_null(column, low) if column.null_count else column).to_numpy(zero_copy_only=False)
    if values.dtype.itemsize < 4:
        values = values.astype(np.int32)
    codes = (values - values.dtype.type(low.as_py())).astype(np.int32)
    return Coded(_with_gaps(codes, column), range(low.as_py(), high.as_py() + 1))


def _with_gaps(codes: Any, column: Any) -> Any:
    """The codes with -1 where the column has nothing."""
    if not column.null_count:
        return codes
    import pyarrow.compute as pc

    return np.where(pc.is_null(column).to_numpy(zero_copy_only=False), codes.dtype.type(-1), codes)


def _lists(column: Any, size: int) -> Lists:
    import pyarrow as pa

    if column is None:
        return Lists(np.full(size, -1, dtype=np.int32), [])
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        return Lists.of([tuple(dict.fromkeys(row or ())) for row in column.to_pylist()])
    coded = _coded(column)
    if not any(";" in str(n) or "；" in str(n) for n in coded.names):
        return Lists(coded.codes, [str(n) for n in coded.names])
    split = [tuple(dict.fromkeys(p.strip() for p in str(n).replace("；", ";").split(";") if p.strip())) for n in coded.names]
    return Lists.of([split[c] if c >= 0 else () for c in coded.codes.tolist()])


def _times(column: Any, name: str) -> Times:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    absent = pc.is_null(column).to_numpy(zero_copy_only=False) if column.null_count else None
    if pa.types.is_timestamp(kind):
        if kind.unit != "us":
            column = column.cast(pa.timestamp("us", kind.tz))
        value = column.cast(pa.int64()).to_numpy(zero_copy_only=False) if absent is None else pc.fill_null(column.cast(pa.int64()), 0).to_numpy()
        return _moded(value, AWARE if kind.tz else LOCAL, absent)
    if pa.types.is_date(kind):
        days = pc.fill_null(column.cast(pa.date32()).cast(pa.int32()), 0).to_numpy().astype(np.int64) + _EPOCH_DAY
        return _moded(days, DATE, absent)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind)):
        raise _Unreadable([Problem("DR302", {"name": name, "value": str(kind)})])
    return _read_times(column, name)


def _moded(value: Instants, mode: int, absent: Any) -> Times:
    return Times(value, mode) if absent is None else Times(value, np.where(absent, NONE, mode).astype(np.int8))


def _read_times(column: Any, name: str) -> Times:
    """Times from text, each distinct text read once as in a file."""
    coded = _coded(column)
    found: list[datetime | date | None] = []
    bad: dict[int, object] = {}
    for place, text in enumerate(coded.names):
        if text == "":
            # No row has it: it stands for no value.
            found.append(None)
            continue
        try:
            row = {"id": "x", "event": "x", "time": "2000-01-01T00:00:00" if name != "time" and name != "date" else None, name: text}
            record = record_from({k: v for k, v in row.items() if v is not None})
            found.append(record.time if name in ("time", "date") else getattr(record, name))
        except InputError as error:
            late = error.problems[0].code == "DR306"
            found.append(datetime.fromisoformat(str(text)) if late else None)
            if not late:
                bad[place] = text
    if bad:
        rows = np.flatnonzero(np.isin(coded.codes, list(bad)))[:20].tolist()
        raise _Unreadable([Problem("DR302", {"name": name, "value": str(coded[r])}, line=r + 1) for r in rows])
    table = Times.of([*found, None])
    assert not isinstance(table.mode, int)
    return Times(table.value[coded.codes], table.mode[coded.codes])


class RecordsOfTable(Sequence[Record]):
    """The records of a table, each made when it is looked at."""

    def __init__(self, columns: TableColumns) -> None:
        self.columns = columns
        self._attributes = [n for n in columns.table.column_names if n not in FIELDS]
        self._ids = columns.table.column("id")

    def __len__(self) -> int:
        return len(self.columns)

    def ids(self, rows: Instants) -> list[str]:
        """The ids of some rows."""
        import pyarrow as pa

        found: list[str] = self._ids.take(pa.array(rows)).cast(pa.string()).to_pylist()
        return found

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return tuple(self[i] for i in range(*row.indices(len(self))))
        c = self.columns
        row = range(len(self))[row]
        attributes = {n: _plain(c.table.column(n)[row].as_py()) for n in self._attributes}
        return Record(
            id=str(self._ids[row].as_py()), time=_moment(c.time, row), event=str(c.event[row]), objects=c.object[row], area=c.area[row],
            by=c.by[row], recorded_at=_moment(c.recorded_at, row), until=_moment(c.until, row), retracts=c.retracts.get(row),
            attributes=MappingProxyType({k: v for k, v in attributes.items() if v is not None and v != ""}),
        )  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _moment(times: Times | None, row: int) -> Any:
    if times is None:
        return None
    mode = times.mode if isinstance(times.mode, int) else int(times.mode[row])
    value = int(times.value[row])
    if mode == NONE:
        return None
    if mode == DATE:
        return date.fromordinal(value)
    return (_EPOCH if mode == LOCAL else _EPOCH_UTC) + timedelta(microseconds=value)


# ------------------------------------------------------------------------------------------------------------- rosters


def roster_from_tables(objects: Any, tenures: Any, areas: Any = None, persons: Any = None) -> RosterTable:
    """A roster from tables with the columns of its lists; it is used wherever a roster is.

    Args:
        objects: ``id``, ``type``, and where there are: ``area``, ``from``, ``through``, ``state``; further columns are attributes.
            One row for each object; an object whose state or attribute changes belongs into a roster file.
        tenures: ``role``, ``person``, ``object`` and/or ``area``, and where there are ``from``, ``through`` (days).
        areas: ``id``, and where there are ``name``, ``type``, ``within``.
        persons: ``id``, ``name``.

    Raises:
        InputError: columns that are missing, names that lead nowhere, values that cannot be read.
    """
    held = {n: _arrow(t) for n, t in (("objects", objects), ("tenures", tenures), ("areas", areas), ("persons", persons)) if t is not None}
    lacking = [
        f"{name}.{n}" for name, columns in (("objects", ("id", "type")), ("tenures", ("role", "person"))) for n in columns
        if n not in held[name].column_names
    ]  # fmt: skip
    if lacking:
        raise InputError([Problem("DR311", {"names": ", ".join(lacking)})])
    things, terms = TableColumns(held["objects"]), TableColumns(held["tenures"])
    ids = [str(v) for v in things.table.column("id").to_pylist()]
    over = _named(terms, "object")
    places = {name: i for i, name in enumerate(ids)}
    lut = np.array([*(places.get(str(n), -2) for n in over.names), -1], dtype=np.int64)
    roster = RosterTable(
        object_ids=ids, object_type=_named(things, "type"), object_area=_named(things, "area"), object_from=_days(things, "from"),
        object_through=_days(things, "through"),
        attributes={n: _named(things, n) for n in things.table.column_names if n not in ("id", "type", "area", "from", "through", "name")},
        tenure_role=_named(terms, "role"), tenure_person=_named(terms, "person"), tenure_object=lut[over.codes],
        tenure_area=_named(terms, "area") if "area" in terms.table.column_names else None, tenure_from=_days(terms, "from"),
        tenure_through=_days(terms, "through"),
        areas=tuple(Area(**{k: v for k, v in row.items() if v is not None}) for row in (held["areas"].to_pylist() if areas is not None else ())),
        person_names={str(r["id"]): r.get("name") for r in (held["persons"].to_pylist() if persons is not None else ())},
    )  # fmt: skip
    problems = [unknown("object", str(n), set(), ("tenures", "object")) for n in over.names if str(n) not in places][:20]
    repeated = len(places) < len(ids)
    if repeated:
        problems += [Problem("DR203", {"value": n}, path=("objects", "id")) for n, k in Counter(ids).items() if k > 1][:20]
    if problems:
        raise InputError(problems)
    return roster


def _named(columns: TableColumns, name: str) -> Coded:
    column = columns._column(name)
    return Coded(np.full(len(columns), -1, dtype=np.int32), []) if column is None else _coded(column)


def _days(columns: TableColumns, name: str) -> Instants:
    """Days as ordinals."""
    column = columns._column(name)
    if column is None or column.null_count == len(column):
        return np.full(len(columns), NO_DAY, dtype=np.int64)
    times = _times(column, "date")
    mode = np.broadcast_to(np.asarray(times.mode), len(columns))
    return np.where(mode == NONE, NO_DAY, times.value)
