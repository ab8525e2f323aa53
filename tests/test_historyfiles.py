"""A history file read in columns gives what it gives read row by row: the same records, or the same faults."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules import History, InputError, load_history, loading
from dutyrules.columns import Columns, Times
from dutyrules.history import FIELDS, Record

pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402

from dutyrules import historyfiles  # noqa: E402
from dutyrules.arrowtable import RecordsOfTable  # noqa: E402

# --------------------------------------------------------------------------------------------------------- both ways


@contextmanager
def way(large: float, block: int = 1 << 24) -> Iterator[None]:
    """From which size on files are read in columns, and how much of them at a time."""
    with mock.patch.object(loading, "_LARGE", large), mock.patch.object(historyfiles, "_BLOCK", block):
        yield


def told(record: Record) -> tuple[str, list[str]]:
    """A record with all its types and offsets."""
    fields = [repr(getattr(record, n)) for n in Record.__slots__ if n != "attributes"]
    return ", ".join(fields), sorted(map(repr, record.attributes.items()))


def moments(times: Times | None, rows: int) -> list[tuple[int, int]]:
    if times is None:
        return [(0, 3)] * rows
    modes = [times.mode] * rows if isinstance(times.mode, int) else times.mode.tolist()
    return [(0 if m == 3 else v, m) for v, m in zip(times.value.tolist(), modes, strict=True)]


def value(held: Any) -> Any:
    """What an attribute is to Python; whole numbers may be numpy's."""
    return held.item() if hasattr(held, "item") else held


def agree(history: History) -> None:
    """The columns hold what the records say."""
    columns, plain = history.columns, Columns(tuple(history.records))
    rows = range(len(history))
    for name in ("event", "area", "object", "by"):
        assert [getattr(columns, name)[r] for r in rows] == [getattr(plain, name)[r] for r in rows], name
    for name in ("time", "until", "recorded_at"):
        assert moments(getattr(columns, name), len(rows)) == moments(getattr(plain, name), len(rows)), name
    assert dict(columns.retracts) == dict(plain.retracts)
    for name in {n for r in history.records for n in r.attributes}:
        mine, other = columns.attribute(name), plain.attribute(name)
        assert [repr(value(mine[r])) for r in rows] == [repr(other[r]) for r in rows], name
        assert len({repr(value(n)) for n in mine.names}) == len(mine.names), name


def outcome(files: list[Path], aside: Path | None) -> Any:
    try:
        history = load_history(files, skip_bad_rows=aside)
    except InputError as error:
        return [(p.text("en"), p.code, p.file, p.line, p.column) for p in error.problems]
    agree(history)
    return [told(r) for r in history.records], aside and aside.read_text(encoding="utf-8", errors="surrogatepass")


def the_same(files: list[Path], block: int) -> bool:
    """Both ways agree, also where bad rows are set aside; whether the files were read in columns."""
    for aside in (None, files[0].parent / "aside.jsonl"):
        with way(float("inf")):
            expected = outcome(files, aside)
        with way(0, block):
            assert outcome(files, aside) == expected
    with way(0, block):
        return historyfiles.in_columns(list(map(str, files)), None) is not None


# ----------------------------------------------------------------------------------------------------------- what is drawn

WORDS = ["a", "b", "visit", "李", "x;y", "x；y;x", " a", "a　", "\ta", "a\x1f", "x; y", "a;;b", ";", " ", "", "　", "a\x00b", "é", "𠮷", "a\"b", "a,b", "true", "7", "NA", "null", "a" * 9, "é" * 40]  # fmt: skip
GOOD_TIMES = [
    "2026-01-05", "2026-01-05T09:00", "2026-01-05 09:00", "2026-01-05T09:00:01", "2026-01-05T09:00:01.5", "2026-01-05T09:00:01.250",
    "2026-01-05T09:00:01.000001", "2026-01-05T09:00Z", "2026-01-05T09:00:01Z", "2026-01-05T09:00+08:00", "2026-01-05T23:59:59-23:59",
    "2026-01-05T09:00:01.123456+05:30", "2026-01-05T09:00:01.123Z", "2024-02-29", "2200-01-01T00:00", "1901-01-01", "2199-12-31T23:59:59",
    "2026-01-05x09:00", "2026-01-05T09", "2026-01-05T0900", "2026-W01-1", "2026-01-05T09:00:01,5", "2026-01-05T09:00+08", " 2026-01-05 ",
    "2026-01-05T09:00:00+08:00:30", "2026-01-05T24:00",
]  # fmt: skip
BAD_TIMES = [
    "2025-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "1900-12-31", "2200-01-01", "20260105", "20260105T0900", "2026-01-05T25:00",
    "2026-01-05T09:60", "2026-01-05T09:00:60", "2026-01-05T09:00+24:00", "soon", "2026/01/05", "2026-01-05T", "9", "2026-1-5", "２０２６-01-05",
    "2026-01-05T09:00z", "2026-01-05T09:0a", "0000-01-01", "2026-01-05T09:00:01.12345a", "2026-01-05T09:00+08:6a", "2026-01-05T09:00*08:00",
]  # fmt: skip
GOOD = {
    "id": None, "event": ["visit", "watch", " visit", "李"], "time": ["2026-01-05T09:00", "2026-01-06T10:00:01", "2026-01-05T09:00+08:00"],
    "date": [""], "until": ["", "2026-02-05T09:00", "2026-02-05T09:00+08:00"], "recorded_at": ["", "2026-01-05", "2026-01-05T09:00Z"],
    "object": ["m", "m;n", "", "m；m", "李 ; n"], "area": ["", "t", " t "], "by": ["", "li", "li;wang"], "retracts": ["", "", "r1", " r2"],
}  # fmt: skip
NAMES = [*FIELDS, "colour", "note", " padded ", "è"]
ENDS = ["\n", "\r\n", "\n\n", "\r"]


@st.composite
def cells(draw: Any, name: str, row: int, odd: bool) -> str:
    """A cell as it is meant: mostly sound, or anything."""
    if odd and draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(WORDS + GOOD_TIMES + BAD_TIMES) | st.text(max_size=5))
    if name == "id":
        return draw(st.sampled_from([f"r{row}", f"r{row}", f" r{row}", f"identifier-{row}", f"编号{row}"]))
    if name in ("time", "until", "recorded_at") and odd and draw(st.booleans()):
        return draw(st.sampled_from(GOOD_TIMES))
    return draw(st.sampled_from(GOOD.get(name) or WORDS))


def quoted(cell: str, always: bool) -> str:
    return '"' + cell.replace('"', '""') + '"' if always or any(c in cell for c in '",\r\n') else cell


@st.composite
def csv_files(draw: Any) -> bytes:
    odd, always = draw(st.booleans()), draw(st.booleans())
    names = draw(st.lists(st.sampled_from(NAMES), unique_by=str.strip)) if odd else list(draw(st.permutations(NAMES)))
    names = list(dict.fromkeys([*names, *(("id", "event", "time") if draw(st.integers(0, 9)) else ())]))
    end = draw(st.sampled_from(ENDS if odd else ENDS[:2]))
    lines = [",".join(quoted(n, always) for n in names)]
    for row in range(draw(st.integers(0, 12))):
        line = ",".join(quoted(draw(cells(n, row, odd)), always) for n in names)
        if odd and draw(st.integers(0, 30)) == 0:
            at = draw(st.integers(0, len(line)))
            line = line[:at] + draw(st.sampled_from(['"', ",", "\r", "\n", "\x00", " ", '"x"', "\ud800", "\ufeff", "'"])) + line[at:]
        lines.append(line)
    text = end.join(lines) + (end if draw(st.booleans()) else "")
    return (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + text.encode("utf-8", "surrogatepass")


SCALARS = [1, 0, -7, 2**63, 10**30, 1.5, 2.0, -0.0, 1e400, 1e-7, float("nan"), True, False, None, "", "x", "2026-01-05", [], ["m"], ["m", "n", "m"],
           ["m", ""], ["m", None], ["m;n"], [1], {}, {"a": 1}, "\ud800", "\x00", [[]], ["2026-01-05"], " "]  # fmt: skip


@st.composite
def json_files(draw: Any) -> bytes:
    odd, escaped = draw(st.booleans()), draw(st.booleans())
    kinds = {n: draw(st.sampled_from(["text", "number", "whole", "boolean"])) for n in ("colour", "note", "è")}
    lists = draw(st.booleans())
    lines = []
    for row in range(draw(st.integers(0, 12))):
        held: dict[str, Any] = {}
        for name in draw(st.permutations([*FIELDS, *kinds])):
            cell: Any = draw(cells(name, row, odd))
            if name in kinds:
                cell = {"text": cell, "number": row + 0.25, "whole": row, "boolean": row % 2 == 0}[kinds[name]]
            elif name in ("object", "by") and lists:
                cell = [p for p in cell.split(";") if p.strip()]
            if odd and draw(st.integers(0, 40)) == 0:
                cell = draw(st.sampled_from(SCALARS))
            if draw(st.integers(0, 4)) or cell not in ("", None):
                held[name] = cell
        line = json.dumps(held, ensure_ascii=escaped)
        if odd and draw(st.integers(0, 30)) == 0:
            at = draw(st.integers(0, len(line)))
            line = line[:at] + draw(st.sampled_from(["\n", "{", "}", '"', ",", " ", "\r", "\x00", '"note": 1, ', "}\n{", "[", "]", "\\ud800", "01"])) + line[at:]
        lines.append(line)
    end = draw(st.sampled_from(["\n", "\r\n", "\n\n"]))
    text = end.join(lines) + (end if draw(st.booleans()) else "")
    return (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + text.encode("utf-8", "surrogatepass")


BLOCKS = st.sampled_from([64, 1000, 1 << 24])


@given(csv_files(), BLOCKS)
def test_a_csv_read_in_columns_gives_what_its_rows_give(content: bytes, block: int) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "h.csv")
        file.write_bytes(content)
        the_same([file], block)


@given(json_files(), BLOCKS)
def test_json_lines_read_in_columns_give_what_their_rows_give(content: bytes, block: int) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder, "h.jsonl")
        file.write_bytes(content)
        the_same([file], block)


@given(st.lists(csv_files() | json_files(), min_size=2, max_size=3))
def test_several_files_read_in_columns_give_what_their_rows_give(contents: list[bytes]) -> None:
    with TemporaryDirectory() as folder:
        files = [Path(folder, f"{n}.{'jsonl' if c.lstrip(bytes([0xEF, 0xBB, 0xBF])).startswith(b'{') else 'csv'}") for n, c in enumerate(contents)]
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
        the_same(files, 1 << 24)
