"""History files read in columns: CSV, JSON lines and Parquet, with pyarrow.

A CSV or a file of JSON lines is read so only where this is sure to give what reading it row by row gives. At any doubt nothing
is given, and the file is to be read row by row.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

from dutyrules.arrowtable import RecordsOfTable, TableColumns, column_faults, plain, trimmed
from dutyrules.columns import Instants
from dutyrules.errors import InputError, Problem
from dutyrules.history import FIELDS, is_json_lines, is_parquet
from dutyrules.progress import Progress, Watch, portion

__all__ = ["InColumns", "in_columns", "parquet_rows"]

_BLOCK = 1 << 24
"""So many bytes of a file are read and looked at together."""
_MOST_OPENERS = 64
"""A line of JSON with more braces and brackets might be nested more deeply than can be read."""
_TIMES = ("time", "date", "until", "recorded_at")
_CODED = ("event", "object", "area", "by")


class _Doubt(Exception):
    """The file must be read row by row."""


@dataclass(frozen=True, eq=False)
class InColumns:
    """The rows of some files that are whole, one file after the other, and how many others there are."""

    columns: TableColumns
    broken: int

    @property
    def records(self) -> RecordsOfTable:
        """A record for each row."""
        return RecordsOfTable(self.columns)

    @cached_property
    def doubtful(self) -> Instants:
        """The rows of which perhaps no record can be made."""
        return self.columns.doubtful()

    def without(self, rows: Sequence[int]) -> RecordsOfTable:
        """A record for each row but some."""
        kept = np.ones(len(self.columns), dtype=np.bool_)
        kept[list(rows)] = False
        return RecordsOfTable(self.columns.taken(kept))


def in_columns(files: Sequence[str], progress: Watch | None) -> InColumns | None:
    """The rows of history files; ``None`` where they must be read row by row.

    Raises:
        InputError: a Parquet file cannot be read.
    """
    tables: list[Any] = []
    broken: list[int] = []
    try:
        for place, file in enumerate(files):
            tables += _tables(file, portion(progress, place, len(files)), broken)
        joined = pa.concat_tables(tables, promote_options="permissive" if all(map(is_parquet, files)) else "default")
    except (_Doubt, OSError, UnicodeDecodeError, csv.Error, pa.ArrowException):
        return None
    return None if column_faults(joined.column_names) else InColumns(TableColumns(plain(joined)), sum(broken))


def _tables(file: str, progress: Watch | None, broken: list[int]) -> Iterator[Any]:
    if is_parquet(file):
        yield _parquet(file, progress)
    elif is_json_lines(file):
        yield from _json_tables(_blocks(file, progress, _end_of_line))
    else:
        yield from _csv_tables(_blocks(file, progress, _end_of_row), broken)


def _blocks(file: str, progress: Watch | None, end_in: Callable[[bytes], int]) -> Iterator[bytes]:
    """A file in pieces of whole rows; a byte order mark is left out."""
    size, done = os.path.getsize(file), 0
    with open(file, "rb") as source:
        left = source.read(3).removeprefix(b"\xef\xbb\xbf")
        while read := source.read(_BLOCK):
            if progress is not None:
                progress(Progress("load", file, min(done, size), size))
            done += len(read)
            block = left + read
            end = end_in(block)
            left = block[end:]
            if end:
                yield _sound(block[:end])
        if left:
            yield _sound(left)


def _end_of_line(block: bytes) -> int:
    return block.rfind(b"\n") + 1


def _end_of_row(block: bytes) -> int:
    """The end of the last line that ends outside of quotes; 0 where there is none."""
    line = block.rfind(b"\n")
    if b'"' not in block:
        return line + 1
    quotes, end = block.count(b'"'), len(block)
    while line >= 0:
        quote = block.rfind(b'"', line, end)
        if quote < 0 and quotes % 2 == 0:
            return line + 1
        if quote < 0:
            quote = block.rfind(b'"', 0, line)
            line = block.rfind(b"\n", 0, max(quote, 0))
        quotes, end = quotes - 1, quote
    return 0


def _sound(block: bytes) -> bytes:
    if not block.isascii():
        block.decode()
    return block


# ----------------------------------------------------------------------------------------------------------------- CSV


def _csv_tables(blocks: Iterator[bytes], broken: list[int]) -> Iterator[Any]:
    header: list[str] | None = None
    for block in blocks:
        if header is None:
            line, _, block = block.partition(b"\n")
            header = [name.strip() for name in next(csv.reader([line.decode()], strict=True), [])] if line.count(b'"') % 2 == 0 else []
            if column_faults(header):
                raise _Doubt
        if block:
            yield _csv_table(header, block, broken)


def _csv_table(header: list[str], block: bytes, broken: list[int]) -> Any:
    quoted = b'"' in block
    if quoted and not _well_quoted(block):
        raise _Doubt
    lost = []

    def set_aside(row: Any) -> str:
        lost.append(1)
        return "skip"

    words = pa.dictionary(pa.int32(), pa.string())
    table = pyarrow.csv.read_csv(
        pa.BufferReader(block),
        pyarrow.csv.ReadOptions(column_names=header),
        pyarrow.csv.ParseOptions(newlines_in_values=quoted, invalid_row_handler=set_aside),
        pyarrow.csv.ConvertOptions(
            column_types={n: words if n in _CODED else pa.string() for n in header}, strings_can_be_null=False, check_utf8=False
        ),
    )
    broken.append(len(lost))
    # A cell that the reader of rows would not take.
    longest = csv.field_size_limit()
    if len(block) > longest and any(_longest(column) > longest for column in table.columns):
        raise _Doubt
    return pa.table({n: _trimmed(table.column(n)) if n in FIELDS else table.column(n) for n in header})


def _longest(column: Any) -> int:
    texts = (c.dictionary if pa.types.is_dictionary(c.type) else c for c in column.chunks)
    return max((pc.max(pc.binary_length(t)).as_py() or 0 for t in texts), default=0)


def _trimmed(column: Any) -> Any:
    return pa.chunked_array([trimmed(chunk) for chunk in column.chunks], column.type)


_QUOTE, _ENDS = ord('"'), (ord(","), ord("\r"), ord("\n"))


def _well_quoted(block: bytes) -> bool:
    """Whether every quote opens a cell, closes one, or is one of two that stand for one inside."""
    letters = np.frombuffer(b"\n" + block + b"\n", np.uint8)
    quotes = np.flatnonzero(letters == _QUOTE)
    if len(quotes) % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    inside = opening[1:] == closing[:-1] + 1
    begins, ends = np.isin(letters[opening - 1], _ENDS), np.isin(letters[closing + 1], _ENDS)
    begins[1:] |= inside
    ends[:-1] |= inside
    return bool(begins.all() and ends.all())


# ---------------------------------------------------------------------------------------------------------- JSON lines


def _json_tables(blocks: Iterator[bytes]) -> Iterator[Any]:
    schema = pa.schema([(n, pa.string()) for n in _TIMES])
    for block in blocks:
        if not _lines_of_objects(block):
            raise _Doubt
        while True:
            table = pyarrow.json.read_json(
                pa.BufferReader(block), parse_options=pyarrow.json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="infer")
            )
            # A text that looks like a time is a text all the same.
            dated = [f.name for f in table.schema if pa.types.is_timestamp(f.type)]
            if not dated:
                break
            schema = pa.schema([*schema, *((n, pa.string()) for n in dated)])
        if table.num_rows != block.count(b"\n") + (not block.endswith(b"\n")) or not all(map(_is_as_written, table.schema, table.columns)):
            raise _Doubt
        table.validate(full=True)
        yield table


def _lines_of_objects(block: bytes) -> bool:
    """Whether each line begins and ends with a brace, so that no object goes over two lines, and is not nested deeply."""
    letters = np.frombuffer(block if block.endswith(b"\n") else block + b"\n", np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    starts = np.append(0, ends[:-1] + 1)
    last = ends - 1 - (letters[ends - 1] == ord("\r"))
    openers = np.flatnonzero((letters == ord("{")) | (letters == ord("[")))
    many = np.diff(np.searchsorted(openers, np.append(starts, len(letters))))
    return bool((letters[starts] == ord("{")).all() and (letters[last] == ord("}")).all() and (many <= _MOST_OPENERS).all())


def _is_as_written(field: Any, column: Any) -> bool:
    """Whether the values of a column are what the lines say, whatever was made of the other lines."""
    kind = field.type
    if field.name in _TIMES or pa.types.is_string(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return True
    if pa.types.is_integer(kind):
        return field.name not in ("object", "by")
    if pa.types.is_floating(kind) and field.name not in FIELDS:
        # 2 and 2.0 are not told apart here, nor is what is too large for a number.
        return not pc.any(pc.equal(pc.floor(column), column)).as_py() and bool(pc.all(pc.is_finite(column)).as_py())
    return field.name in ("object", "by") and pa.types.is_list(kind) and pa.types.is_string(kind.value_type)


# ------------------------------------------------------------------------------------------------------------- Parquet


def _parquet(file: str, progress: Watch | None) -> Any:
    """The table that a Parquet file holds.

    Raises:
        InputError: it cannot be read, it is no Parquet file or is cut off, or lacks columns.
    """
    try:
        with pyarrow.parquet.ParquetFile(file) as source:
            names = source.schema_arrow.names
            if problems := column_faults(names):
                raise InputError([Problem(p.code, p.args, file) for p in problems])
            total, tables = source.num_row_groups, []
            for group in range(total):
                if progress is not None:
                    progress(Progress("load", file, group, total))
                tables.append(source.read_row_group(group))
            found = pa.concat_tables(tables) if tables else source.schema_arrow.empty_table()
            # A file may hold text that is no UTF-8.
            found.validate(full=True)
            return found
    except (OSError, UnicodeDecodeError, pa.ArrowException) as error:
        if isinstance(error, OSError) and error.errno:
            raise InputError([Problem("DR001", {"why": os.strerror(error.errno)}, file)]) from None
        raise InputError([Problem("DR313", {"why": str(error).partition("\n")[0]}, file)]) from None


def parquet_rows(file: str, wanted: Callable[[int], bool], progress: Watch | None) -> Iterator[tuple[int, dict[str, Any] | None, None]]:
    """The rows of a Parquet file by number, as the reader of rows has them; those that are not wanted without content.

    Raises:
        InputError: it cannot be read.
    """
    columns = TableColumns(plain(_parquet(file, progress)))
    for row in range(len(columns)):
        yield row + 1, columns.row(row) if wanted(row) else None, None
