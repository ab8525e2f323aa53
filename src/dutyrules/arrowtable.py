"""A history in the columns of an Arrow table. A row means what :func:`dutyrules.history.record_from` makes of it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from dutyrules.columns import AWARE, DATE, LOCAL, NONE, Coded, Columns, Instants, Lists, Mask, Numbers, Times, no_codes
from dutyrules.errors import InputError, Problem
from dutyrules.history import FIELDS, Fault, Record, record_from, several
from dutyrules.texts import BLANKS, Text, repeated, times_of
from dutyrules.time.zone import DAY, FIRST_YEAR, LAST_YEAR

__all__ = ["RecordsOfTable", "TableColumns", "coded", "column_faults", "plain", "times", "trimmed"]

_EPOCH, _EPOCH_UTC = datetime(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_FIRST, _LAST = date(FIRST_YEAR + 1, 1, 1).toordinal(), date(LAST_YEAR, 1, 1).toordinal() - 1
"""The days on which a time may lie."""
_SINGLE = ("id", "event", "area", "retracts")
_TEXTS = (*_SINGLE, "object", "by")
_KEPT = 1 << 16
"""So many records that were looked at are kept."""


def column_faults(names: Sequence[str]) -> list[Problem]:
    """What is wrong with the names of the columns of a history."""
    missing = [n for n in ("id", "event") if n not in names] + ([] if {"time", "date"} & set(names) else ["time"])
    if missing:
        return [Problem("DR311", {"names": ", ".join(missing)})]
    if len(set(names)) < len(names):
        return [Problem("DR311", {"names": f"distinct names ({', '.join(sorted({n for n in names if names.count(n) > 1}))})"})]
    return [Problem("DR307", {"name": n}) for n in names if not n.strip()]


# ------------------------------------------------------------------------------------------- columns in one of few types


def plain(table: Any) -> Any:
    """The table with each column in one piece, in one of few types, and empty where a text is null, as in a file."""
    return pa.table({n: _plain(table.column(n), n) for n in table.column_names})


def _plain(column: Any, name: str) -> Any:
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(pa.chunked_array([c.storage for c in column.chunks], kind.storage_type), name)
    if pa.types.is_run_end_encoded(kind):
        return _plain(pc.run_end_decode(column), name)
    if pa.types.is_dictionary(kind):
        if name == "id" or not _is_text(kind.value_type):
            return _plain(column.cast(kind.value_type), name)
        one = _joined(column.unify_dictionaries())
        return _cleaned(pa.DictionaryArray.from_arrays(one.indices.cast(pa.int32()), _cast(one.dictionary, pa.string())), name)
    if _is_text(kind) or (name in _TEXTS and name != "id" and pa.types.is_integer(kind)):
        # An array of strings has room for 2 GB; a large one counts in larger numbers.
        wide = pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or column.nbytes >= 1 << 31
        column = _cast(column, pa.large_string() if wide else pa.string())
        return _cleaned(_joined(pc.fill_null(column, "") if column.null_count else column), name)
    if pa.types.is_timestamp(kind) and name not in _SINGLE:
        return _in_microseconds(_joined(column))
    if pa.types.is_date64(kind):
        return _joined(column).cast(pa.date32())
    if pa.types.is_decimal(kind) and name not in FIELDS:
        return _joined(column).cast(pa.float64())
    if name in ("object", "by") and _is_list(kind) and (_is_text(kind.value_type) or pa.types.is_dictionary(kind.value_type)):
        return _joined(column).cast(pa.list_(pa.string()))
    if pa.types.is_time(kind) or (name in _SINGLE and any(f(kind) for f in (pa.types.is_date, pa.types.is_decimal, pa.types.is_binary))):
        return _plain(pa.chunked_array([pa.array([None if v is None else str(v) for v in column.to_pylist()], pa.string())]), name)
    return _joined(column)


def _cast(column: Any, kind: Any) -> Any:
    try:
        return column.cast(kind)
    except pa.ArrowNotImplementedError:
        # Text of a new kind, and a pyarrow that knows it only by name.
        found = pa.array(column.to_pylist(), kind)
        return found if isinstance(column, pa.Array) else pa.chunked_array([found])


def _is_list(kind: Any) -> bool:
    return isinstance(kind, (pa.ListType, pa.LargeListType, pa.FixedSizeListType, pa.ListViewType, pa.LargeListViewType))


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _joined(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _cleaned(array: Any, name: str) -> Any:
    return trimmed(array) if name in _SINGLE else array


def trimmed(array: Any) -> Any:
    """Texts without blanks at their ends, as ``str.strip`` leaves them."""
    if not pa.types.is_dictionary(array.type):
        return pc.utf8_trim(array, BLANKS) if Text.of(array).padded() else array
    names = array.dictionary
    clean = trimmed(pc.fill_null(names, "") if names.null_count else names)
    return array if clean is names else pc.take(clean, array.indices).dictionary_encode()


_SECOND = 1_000_000


def _in_microseconds(array: Any) -> Any:
    """Timestamps in whole microseconds; what lies between two of them is left out."""
    kind = array.type
    if kind.unit == "us":
        return array
    value = _numbers(array)
    if kind.unit == "ns":
        value = value // 1000
    else:
        factor = _SECOND if kind.unit == "s" else 1000
        value = np.clip(value, -(1 << 62) // factor, (1 << 62) // factor) * factor
    return pa.array(value, pa.timestamp("us", kind.tz), mask=_absent(array))


def _numbers(array: Any) -> Instants:
    """What an array of timestamps holds, 0 where it is null."""
    found: Instants = pc.fill_null(array.cast(pa.int64()), 0).to_numpy()
    return found


def _absent(array: Any) -> Mask:
    found: Mask = pc.is_null(array).to_numpy(zero_copy_only=False)
    return found


def _codes(array: Any) -> npt.NDArray[np.int32]:
    """The places of a dictionary that an array holds, -1 where it is null."""
    codes = array.indices
    found: npt.NDArray[np.int32] = (pc.fill_null(codes, -1) if codes.null_count else codes).to_numpy()
    return found


def _values(array: Any) -> list[Any]:
    """The values of an array, a time as a record holds it."""
    if not pa.types.is_timestamp(array.type):
        found: list[Any] = array.to_pylist()
        return found
    mode = AWARE if array.type.tz else LOCAL
    return [None if absent else _moment(value, mode) for value, absent in zip(_numbers(array).tolist(), _absent(array).tolist(), strict=True)]


def _moment(value: int, mode: int) -> Any:
    try:
        return (_EPOCH if mode == LOCAL else _EPOCH_UTC) + timedelta(microseconds=value)
    except OverflowError:
        # Beyond what Python can say; it is shown so where it is told as a fault.
        return str(np.datetime64(value, "us"))


# ------------------------------------------------------------------------------------------------------- what they hold


def coded(array: Any) -> Coded:
    """The distinct values of a column; an empty text is none. Whole numbers that lie close together bring some that are not there."""
    if pa.types.is_boolean(array.type):
        return Coded(_with_gaps(pc.fill_null(array, False).to_numpy(zero_copy_only=False).view(np.int8), array), [False, True])
    if pa.types.is_integer(array.type) and (close := _close(array)) is not None:
        return close
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    codes = _codes(encoded)
    if pa.types.is_integer(encoded.dictionary.type):
        return Coded(codes, Numbers(encoded.dictionary.to_numpy()))
    if _is_text(encoded.dictionary.type):
        texts = encoded.dictionary.to_pylist()
        distinct = set(texts)
        if len(distinct) == len(texts) and None not in distinct:
            return Coded(codes, texts) if "" not in distinct else _without(codes, texts, texts.index(""))
    names = [v.isoformat() if isinstance(v, datetime) else v for v in _values(encoded.dictionary)]
    places: dict[Any, int] = {}
    table = [-1 if v is None or v == "" else places.setdefault(v, len(places)) for v in names]
    if len(places) == len(names):
        return Coded(codes, names)
    return Coded(np.array([*table, -1], dtype=np.int32)[codes], list(places))


def _without(codes: Any, names: list[Any], place: int) -> Coded:
    """The same with one of the names taken for none."""
    table = np.arange(len(names) + 1, dtype=np.int32)
    table[place:] -= 1
    table[[place, -1]] = -1
    return Coded(table[codes], names[:place] + names[place + 1 :])


def _close(array: Any) -> Coded | None:
    """Whole numbers that lie close together, as their distance from the least: no table of distinct values is needed."""
    low, high = pc.min_max(array).values()
    held = len(array) - array.null_count
    if not held or high.as_py() - low.as_py() > min(4 * held + 1024, 2**31 - 2):
        return None
    # What stands where there is nothing is covered up below.
    values = np.frombuffer(array.buffers()[1], dtype=array.type.to_pandas_dtype())[array.offset : array.offset + len(array)]
    if values.dtype.itemsize < 4:
        values = values.astype(np.int32)
    codes = (values - values.dtype.type(low.as_py())).astype(np.int32, copy=False)
    return Coded(_with_gaps(codes, array), range(low.as_py(), high.as_py() + 1))


def _with_gaps(codes: Any, array: Any) -> Any:
    """The codes with -1 where the column has nothing."""
    if array.null_count:
        np.putmask(codes, _absent(array), -1)
    return codes


def times(array: Any) -> tuple[Times, Instants]:
    """The times that a column holds, and the rows whose value is none or out of bounds."""
    kind = array.type
    if _is_text(kind):
        return times_of(Text.of(array))
    if pa.types.is_dictionary(kind):
        found, bad = times_of(Text.of(pc.fill_null(array.dictionary, "")))
        codes = _codes(array)
        return Times(np.append(found.value, 0)[codes], np.append(_modes(found), np.int8(NONE))[codes]), np.flatnonzero(np.isin(codes, bad))
    if pa.types.is_timestamp(kind):
        value, mode = _numbers(array), AWARE if kind.tz else LOCAL
        day = value // DAY + _EPOCH_DAY
    elif pa.types.is_date32(kind):
        day = value = pc.fill_null(array.cast(pa.int32()), 0).to_numpy().astype(np.int64) + _EPOCH_DAY
        mode = DATE
    else:
        return Times(np.zeros(len(array), dtype=np.int64), np.full(len(array), NONE, dtype=np.int8)), np.flatnonzero(~_absent(array))
    absent = _absent(array) if array.null_count else None
    outside = (day < _FIRST) | (day > _LAST)
    if absent is None:
        return Times(value, mode), np.flatnonzero(outside)
    return Times(value, np.where(absent, NONE, mode).astype(np.int8)), np.flatnonzero(outside & ~absent)


def _modes(times: Times) -> npt.NDArray[np.int8]:
    return np.broadcast_to(np.asarray(times.mode, dtype=np.int8), len(times.value))


def _lists(array: Any) -> tuple[Lists, Instants]:
    """The names that each row of a column has, and the rows that have an empty one, or none that can be read."""
    kind = array.type
    if pa.types.is_dictionary(kind) or _is_text(kind):
        return _written_lists(coded(array))
    held = np.flatnonzero(~_absent(array))
    if not pa.types.is_list(kind) or not _is_text(kind.value_type):
        bad = [row for row in held.tolist() if array[row].as_py() != []]
        return Lists(no_codes(len(array)), []), np.array(bad, dtype=np.int64)
    counts = pc.fill_null(pc.list_value_length(array), 0).to_numpy().astype(np.int64)
    names = coded(pc.fill_null(pc.list_flatten(array), ""))
    offsets = np.append(0, np.cumsum(counts))
    row = np.repeat(np.arange(len(counts)), counts)
    # A name that stands twice in a row counts once.
    _, first = np.unique(row * (len(names.names) + 1) + names.codes, return_index=True)
    if len(first) < len(row):
        first.sort()
        row, codes = row[first], names.codes[first]
        offsets = np.append(0, np.cumsum(np.bincount(row, minlength=len(counts))))
        names = Coded(codes, names.names)
    return Lists(names.codes, names.names, offsets), np.unique(row[names.codes < 0])


def _are_single(texts: Sequence[Any]) -> bool:
    """Whether each of some distinct texts is one name as it stands, as most are: read part by part, a large roster has as many each time."""
    if not set(map(type, texts)) <= {str}:
        return False
    whole = "".join(texts)
    return ";" not in whole and "；" not in whole and all(map(operator.eq, texts, map(str.strip, texts)))


def _written_lists(written: Coded) -> tuple[Lists, Instants]:
    """Names joined by ``;`` apart, each distinct text once."""
    if _are_single(written.names):
        return Lists(written.codes.astype(np.int32, copy=False), written.names), np.zeros(0, dtype=np.int64)
    places: dict[str, int] = {}
    parts, bad = [], []
    for code, name in enumerate(written.names):
        try:
            parts.append([places.setdefault(part, len(places)) for part in several(name, "")])
        except Fault:
            parts.append([])
            bad.append(code)
    names = list(places)
    rows = np.flatnonzero(np.isin(written.codes, bad)) if bad else np.zeros(0, dtype=np.int64)
    counts = np.array([*map(len, parts), 0], dtype=np.int64)
    flat = np.array([code for part in parts for code in part] or [-1], dtype=np.int32)
    begins = np.cumsum(counts) - counts
    if counts.max() < 2:
        one = np.where(counts > 0, flat[np.minimum(begins, len(flat) - 1)], -1).astype(np.int32)
        return Lists(one[written.codes], names), rows
    offsets = np.append(0, np.cumsum(counts[written.codes]))
    row = np.repeat(np.arange(len(written)), np.diff(offsets))
    return Lists(flat[begins[written.codes][row] + np.arange(len(row)) - offsets[row]], names, offsets), rows


# -------------------------------------------------------------------------------------------------------------- history


class TableColumns(Columns):
    """The columns of a history as an Arrow table holds them.

    The rows of :meth:`doubtful` hold something of which perhaps no record can be made; the others are sound.
    """

    def __init__(self, table: Any) -> None:
        """``table``: as :func:`plain` makes it."""
        super().__init__(())
        self.table = table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def column(self, name: str) -> Any:
        """A column; ``None`` where there is none."""
        return self.table.column(name).chunk(0) if name in self.table.column_names and len(self) else None

    def taken(self, rows: Mask) -> TableColumns:
        """Some of the rows."""
        return TableColumns(plain(self.table.filter(pa.array(rows))))

    # --------------------------------------------------------------------------------------------------------- records

    @cached_property
    def _cells(self) -> list[tuple[str, Callable[[int], Any]]]:
        return [(n, _cell(self.column(n), n in FIELDS)) for n in self.table.column_names]

    def row(self, row: int) -> dict[str, Any]:
        """What a row holds, by column."""
        return {name: value for name, cell in self._cells if (value := cell(row)) is not None and value != ""}

    def ids(self, rows: Instants) -> list[str]:
        """The ids of some rows."""
        found: list[str] = self.texts(rows).to_pylist()
        return found

    def texts(self, rows: Instants) -> Any:
        """The ids of some rows, as an Arrow array of text."""
        return self.column("id").take(pa.array(rows)).cast(pa.string()) if len(rows) else pa.array([], pa.string())

    def problems(self, most: int) -> Iterator[Problem]:
        """What is wrong with the doubtful rows, by number; of the first rows that are faulty."""
        seen: dict[str, int] = {}
        told = 0
        for row in self.doubtful().tolist():
            try:
                name = record_from(self.row(row)).id
            except InputError as error:
                found = [Problem(p.code, p.args, line=row + 1) for p in error.problems]
            else:
                found = [Problem("DR308", {"value": name, "first": seen[name]}, line=row + 1)] if name in seen else []
                seen.setdefault(name, row + 1)
            yield from found
            told += bool(found)
            if told == most:
                return

    def doubtful(self) -> Instants:
        """The rows of which perhaps no record can be made, and those whose id another row has too."""
        if not len(self):
            return np.zeros(0, dtype=np.int64)
        when, until = self.time, self.until
        mode = _modes(when)
        found = [np.flatnonzero((self.event.codes < 0) | (mode == NONE)), *self._unread, self._doubtful_ids()]
        if (day := self._times.get("date")) is not None:
            dated = _modes(day)
            found.append(np.flatnonzero((dated == AWARE) | (dated == LOCAL)))
            if (time := self._times.get("time")) is not None:
                found.append(np.flatnonzero((_modes(time) != NONE) & (dated != NONE)))
        if until is not None:
            ended = _modes(until)
            found.append(np.flatnonzero((ended == DATE) | ((ended == mode) & (ended != NONE) & (until.value < when.value))))
        found += [self._listed(name)[1] for name in ("object", "by")]
        for name in self.table.column_names:
            if not self._fits(name):
                found.append(np.flatnonzero(~_absent(self.column(name))))
        return np.unique(np.concatenate(found))

    def _doubtful_ids(self) -> Instants:
        column = self.column("id")
        if pa.types.is_integer(column.type):
            absent = np.flatnonzero(_absent(column)) if column.null_count else np.zeros(0, dtype=np.int64)
            return np.append(absent, repeated(pc.fill_null(column, 0).cast(pa.int64(), safe=False).to_numpy()))
        if not _is_text(column.type):
            return np.arange(len(self))
        text = Text.of(column)
        return np.append(np.flatnonzero(text.lengths() == 0), repeated(text))

    def _fits(self, name: str) -> bool:
        """Whether any value of a column, by its type, may stand there; of times and lists it is known otherwise."""
        kind = self.column(name).type
        if _is_text(kind) or pa.types.is_dictionary(kind) or pa.types.is_integer(kind) or pa.types.is_null(kind):
            return True
        if name in FIELDS:
            return name not in _SINGLE
        return any(f(kind) for f in (pa.types.is_boolean, pa.types.is_floating, pa.types.is_date, pa.types.is_timestamp))

    # --------------------------------------------------------------------------------------------------------- columns

    @cached_property
    def event(self) -> Coded:
        return self._coded("event")

    @cached_property
    def area(self) -> Coded:
        return self._coded("area")

    def _attribute(self, name: str) -> Coded:
        return self._coded("" if name in FIELDS else name)

    def _coded(self, name: str) -> Coded:
        column = self.column(name)
        if column is None or pa.types.is_nested(column.type):
            return Coded(no_codes(len(self)), [])
        return coded(column)

    @cached_property
    def _lists(self) -> dict[str, tuple[Lists, Instants]]:
        return {}

    def _listed(self, name: str) -> tuple[Lists, Instants]:
        found = self._lists.get(name)
        if found is None:
            column = self.column(name)
            none = Lists(no_codes(len(self)), []), np.zeros(0, dtype=np.int64)
            found = self._lists[name] = none if column is None else _lists(column)
        return found

    @property
    def object(self) -> Lists:
        return self._listed("object")[0]

    @property
    def by(self) -> Lists:
        return self._listed("by")[0]

    @cached_property
    def retracts(self) -> Mapping[int, str]:
        column = self.column("retracts")
        if column is None or pa.types.is_null(column.type):
            return {}
        text = Text.of(column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column)
        return {row: text[row] for row in np.flatnonzero(text.lengths()).tolist()}

    @cached_property
    def _read(self) -> dict[str, tuple[Times, Instants]]:
        return {n: times(c) for n in ("time", "date", "until", "recorded_at") if (c := self.column(n)) is not None}

    @property
    def _unread(self) -> list[Instants]:
        return [bad for _, bad in self._read.values()]

    @property
    def _times(self) -> dict[str, Times]:
        """The columns of times in which any row has one."""
        return {n: t for n, (t, _) in self._read.items() if bool((_modes(t) != NONE).any())}

    @cached_property
    def time(self) -> Times:
        held = self._times
        time, day = held.get("time"), held.get("date")
        if time is None or day is None:
            none = Times(np.zeros(len(self), dtype=np.int64), NONE)
            return time or day or none
        timed = _modes(time) != NONE
        return Times(np.where(timed, time.value, day.value), np.where(timed, _modes(time), _modes(day)))

    @cached_property
    def until(self) -> Times | None:
        return self._times.get("until")

    @cached_property
    def recorded_at(self) -> Times | None:
        return self._times.get("recorded_at")


def _cell(array: Any, field: bool) -> Callable[[int], Any]:
    """What gives a cell of a column, as a row of a file has it; a timestamp stays one in a field only."""
    kind = array.type
    if _is_text(kind):
        return Text.of(array).__getitem__
    if pa.types.is_dictionary(kind):
        return coded(array).__getitem__
    if pa.types.is_timestamp(kind):
        return lambda row: _shown(_values(array[row : row + 1])[0], field)
    return lambda row: array[row].as_py()


def _shown(value: Any, field: bool) -> Any:
    return value if field or not isinstance(value, datetime) else value.isoformat()


def _record_of(columns: TableColumns, row: int) -> Record:
    return record_from(columns.row(row))


class RecordsOfTable(Sequence[Record]):
    """The records of a table, each made when it is looked at."""

    def __init__(self, columns: TableColumns) -> None:
        self.columns = columns
        # Made of the columns and not of itself, it does not keep itself in memory.
        self._made = partial(_record_of, columns)
        self._one = lru_cache(_KEPT)(self._made)

    def __len__(self) -> int:
        return len(self.columns)

    def ids(self, rows: Instants) -> list[str]:
        """The ids of some rows."""
        return self.columns.ids(rows)

    def texts(self, rows: Instants) -> Any:
        """The ids of some rows, as an Arrow array of text."""
        return self.columns.texts(rows)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return tuple(map(self._made, range(*row.indices(len(self)))))
        return self._one(row if row >= 0 else row + len(self))

    def __iter__(self) -> Iterator[Record]:
        return map(self._made, range(len(self)))
