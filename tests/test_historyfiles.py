"""A history file read in columns gives what it gives read row by row: the same records, or the same faults."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules import History, InputError, Progress, load_history, loading
from dutyrules.cli import main
from dutyrules.columns import Columns, Times
from dutyrules.history import FIELDS, Record

pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402

from dutyrules import historyfiles  # noqa: E402
from dutyrules.arrowtable import RecordsOfTable, trimmed  # noqa: E402
from dutyrules.texts import BLANKS  # noqa: E402

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
        assert [repr(mine[r]) for r in rows] == [repr(other[r]) for r in rows], name
        assert len({repr(n) for n in mine.names}) == len(mine.names), name


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


# ------------------------------------------------------------------------------------------------------- the usual files

HEAD = "id,time,date,event,object,area,by,recorded_at,until,retracts,note\n"
SOUND_CSV = {
    "plain": HEAD + "r1,2026-01-05T09:00,,visit,m;n,,li,2026-01-06,2026-01-05T10:00,,fine\nr2,,2026-01-06,visit,m,t,,,,r1,\n",
    "no line end at the end": HEAD + "r1,2026-01-05,,visit,m,,,,,,x",
    "Windows": (HEAD + "r1,2026-01-05,,visit,m,,,,,,x\n").replace("\n", "\r\n"),
    "quotes": HEAD + 'r1,2026-01-05,,visit,m,,,,,,"a, ""b""\nc"\nr2,2026-01-05,,visit,m,,,,,,""\n"r3","2026-01-05","","visit","m","","","","","","x"\n',
    "carriage returns": 'id,time,event,note\nr1,2026-01-05,visit,"a\rb"\rr2,2026-01-05,visit,\r\r\nr3,2026-01-05,visit,"\r\n\r"\n\r',
    "blanks": " id , time,event,note\n r1 ,2026-01-05T09:00 , visit , x \n",
    "blank lines": "id,time,event\n\nr1,2026-01-05,visit\n\n\nr2,2026-01-05,visit\n\n",
    "some bad rows": "id,time,event\nr1,soon,visit\nr2,2026-01-05,visit\nr3,2026-01-05\nr4,2026-01-05,visit,x,y\nr2,2026-01-05,visit\n",
    "a broken row and no other fault": "id,time,event\nr1,2026-01-05,visit\nr2,2026-01-05\n",
    "a NUL": "id,time,event,note\nr1,2026-01-05,visit,a\x00b\n",
}
SOUND_LINES = {
    "plain": '{"id": "r1", "time": "2026-01-05", "event": "visit", "object": ["m", "n"], "n": 1, "x": 1.5, "b": true, "day": "2026-01-05"}\n',
    "numbers as ids": '{"id": 7, "time": "2026-01-05", "event": "visit"}\n{"id": 8, "time": "2026-01-05", "event": "visit", "by": "a;b"}\n',
    "escapes": '{"id": "r1", "time": "2026-01-05", "event": "\\u674e", "note": "\\ud842\\udfb7 \\u0000"}\n',
    "some bad rows": '{"id": "r1", "time": "soon", "event": "visit"}\n{"id": "r1", "event": "visit"}\n{"id": "r2", "time": "2026-01-05", "event": " "}\n',
}  # fmt: skip
FILES = [("csv", n, t) for n, t in SOUND_CSV.items()] + [("jsonl", n, t) for n, t in SOUND_LINES.items()]


@pytest.mark.parametrize(("ending", "content"), [(e, t) for e, _, t in FILES], ids=[f"{e}: {n}" for e, n, _ in FILES])
@pytest.mark.parametrize("block", [1, 30, 1 << 24])
def test_the_usual_files_are_read_in_columns(tmp_path: Path, ending: str, content: str, block: int) -> None:
    file = tmp_path / f"h.{ending}"
    for mark in (b"", b"\xef\xbb\xbf"):
        file.write_bytes(mark + content.encode())
        assert the_same([file], block)


EDGES = [
    {"id": f"r{i}", "time": "2026-01-05T09:00", "event": "visit", **({"time": ""} if name == "date" else {}), name: edge}
    for i, (name, edge) in enumerate((n, e) for n in (*FIELDS, "note") for e in WORDS + GOOD_TIMES + BAD_TIMES)
]
"""Each odd cell in each column, the rest of the row sound; and times that do not go together."""
EDGES += [
    {"id": f"t{i}", "event": "visit", "time": time, "date": day, "until": until}
    for i, (time, day, until) in enumerate(product(["", "2026-01-05", "2026-01-05T09:00", "2026-01-05T09:00+08:00"], ["", "2026-01-05"],
        ["", "2026-01-05T08:59", "2026-01-05T09:00", "2026-01-05T00:59Z", "2026-01-05T01:00Z", "2026-01-05T09:00:00.000001Z"]))
]  # fmt: skip


def test_each_edge_is_read_alike_in_each_column(tmp_path: Path) -> None:
    names = [*FIELDS, "note"]
    file = tmp_path / "h.csv"
    file.write_text("\n".join([",".join(names), *(",".join(quoted(row.get(n, ""), False) for n in names) for row in EDGES)]), newline="")
    assert the_same([file], 1 << 24)
    file = tmp_path / "h.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in EDGES))
    assert the_same([file], 1 << 24)


def test_every_blank_is_taken_off_as_strip_does() -> None:
    assert set(BLANKS) == {c for n in range(0x110000) if (c := chr(n)).isspace()}
    for blank in BLANKS:
        for text in (f"{blank}x", f"x{blank}", blank, f"李{blank}", f"{blank}李"):
            for array in (pa.array(["y", text, ""]), pa.array(["y", text, ""]).dictionary_encode()):
                assert trimmed(array).to_pylist() == ["y", text.strip(), ""]


def test_each_edge_is_read_alike_in_a_table() -> None:
    with pytest.raises(InputError) as rows, mock.patch("dutyrules.tables._MOST", sys.maxsize):
        History.of(EDGES)
    with pytest.raises(InputError) as columns, mock.patch("dutyrules.tables._MOST", sys.maxsize):
        load_history(pa.Table.from_pylist(EDGES, pa.schema([(n, pa.string()) for n in (*FIELDS, "note")])))
    assert columns.value.problems == rows.value.problems


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("h.jsonl", b'{"id": "r1", "time": "2026-01-05", "event": "visit", "a": ' + b"[" * 10**6 + b"]" * 10**6 + b"}\n"),
        ("h.jsonl", b'{"id": "r1", "time": "2026-01-05", "event": "visit"}{"id": "r2", "time":\n"2026-01-05", "event": "visit"}\n'),
        *(("h.jsonl", b"".join(b'{"id": "r%d", "time": "2026-01-05", "event": "visit", "x": %s}\n' % x for x in enumerate(held)))
          for held in ((b"1", b"1.5"), (b"2.0",), (b"1" + b"0" * 30,), (b"NaN",), (b"1.5", b'"1.5"'))),
        ("h.csv", b"id,time,event,note\nr1,2026-01-05,visit," + b"x" * 200_000 + b"\n"),
        ("h.csv", b"id,time,event,note\n" + b'r1,2026-01-05,visit,"' * 1000 + b"\n"),
        ("h.csv", b"id,time,event,note\nr1,2026-01-05,visit,\xff\n"),
        ("h.csv", b"id,time,event\n"),
        ("h.csv", b""),
    ],
    ids=["nested deeply", "lines run into one another", "whole and not", "whole with a point", "a large number", "no number", "number and text", "a long cell", "quotes", "no UTF-8", "no rows", "nothing"],
)
def test_an_odd_file_is_read_row_by_row(tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    assert not the_same([file], 1 << 24)


def test_a_large_file_is_read_in_columns_and_a_small_one_is_not(tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    for rows, kind in ((10, tuple), (30_000, RecordsOfTable)):
        file.write_text("id,time,event,note\n" + "".join(f"r{i},2026-01-05T09:00,visit,{'x' * 20}\n" for i in range(rows)))
        assert type(load_history(file).records) is kind


def test_ten_bad_rows_of_many_are_told_and_set_aside(tmp_path: Path) -> None:
    file, aside = tmp_path / "h.csv", tmp_path / "bad.jsonl"
    times = ["soon" if i % 3000 == 0 else "2026-01-05T09:00" for i in range(30_000)]
    file.write_text("id,time,event,note\n" + "".join(f"r{i},{t},visit,{'x' * 20}\n" for i, t in enumerate(times)))
    with pytest.raises(InputError) as fault:
        load_history(file)
    assert [(p.line, p.code) for p in fault.value.problems] == [(i + 2, "DR302") for i in range(0, 30_000, 3000)]
    history = load_history(file, skip_bad_rows=aside)
    assert type(history.records) is RecordsOfTable and len(history) == 29_990 == len({r.id for r in history.records})
    assert [json.loads(line)["row"] for line in aside.read_text().splitlines()] == [i + 2 for i in range(0, 30_000, 3000)]


def test_the_share_of_what_is_read_only_grows(tmp_path: Path) -> None:
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for faulty in ("", "q1,soon,visit\n"):
        for file in files:
            file.write_text("id,time,event\n" + "".join(f"{file.stem}{i},2026-01-05T09:00,visit\n" for i in range(3000)) + faulty)
        steps: list[Progress] = []
        with way(0, 10_000):
            load_history(files, skip_bad_rows=tmp_path / "bad.jsonl", progress=steps.append)
        shares = [p.done / p.total for p in steps]
        assert shares == sorted(shares) and shares[-1] == 1 and len(shares) > 10


def test_without_pyarrow_files_are_read_row_by_row_and_parquet_is_told(tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    file.write_text("id,time,event\nr1,2026-01-05,visit\n")
    with way(0), mock.patch.dict(sys.modules, {"pyarrow": None}):
        assert type(load_history(file).records) is tuple
        with pytest.raises(InputError, match="DR312"):
            load_history(tmp_path / "h.parquet")


# ----------------------------------------------------------------------------------------------------------------- Parquet

INSTANTS = st.datetimes(datetime(1960, 1, 1), datetime(2199, 12, 31)) | st.sampled_from([datetime(1900, 12, 31, 23, 59), datetime(2200, 1, 1), datetime(1, 1, 1)])
DAYS = st.dates(date(1901, 1, 1), date(2199, 12, 31)) | st.sampled_from([date(1900, 12, 31), date(2200, 1, 1), date(1, 1, 1)])


def texts(*more: str) -> Any:
    return st.sampled_from(["a", "b", "李", *more])


@st.composite
def tables(draw: Any) -> Any:
    """A table of typed columns, some of whose rows are faulty."""
    rows = draw(st.integers(0, 8))

    def column(values: Any, kind: Any, absent: bool = True) -> Any:
        odd = st.none() | values if absent else values
        found = pa.array(draw(st.lists(odd, min_size=rows, max_size=rows)), kind)
        if pa.types.is_string(found.type) and draw(st.booleans()):
            found = draw(st.sampled_from([found.dictionary_encode(), found.cast(pa.large_string()), pa.array(found.to_pylist(), pa.string_view())]))
        cut = draw(st.integers(0, rows))
        return pa.chunked_array([found[:cut], found[cut:]])

    rarely = draw(st.integers(0, 3)) == 0
    whole = draw(st.sampled_from([pa.timestamp("s"), pa.timestamp("ms", "UTC"), pa.timestamp("us", "Asia/Shanghai"), pa.timestamp("us")]))
    times = [(INSTANTS.map(lambda t: t.replace(microsecond=0)), whole), (DAYS, pa.date32()), (DAYS, pa.date64()),
             (st.sampled_from(GOOD_TIMES + BAD_TIMES * rarely), pa.string())]  # fmt: skip
    names = [(texts("", "x;y", " a ", *[";"] * rarely), pa.string()), (st.lists(texts("x;y", " a ", *[""] * rarely), max_size=3), pa.list_(pa.string()))]
    ids = [pa.array(range(rows)), pa.array([f"r{i}" for i in range(rows)], pa.string()), column(texts(" a", "", "c", "d"), pa.string())]
    held = {
        "id": ids[-1] if rarely else draw(st.sampled_from(ids[:2])),
        "event": column(texts(" a ", *[" "] * rarely), pa.string(), rarely), "time": column(*draw(st.sampled_from(times)), absent=rarely),
        "object": column(*draw(st.sampled_from(names))), "by": column(*draw(st.sampled_from(names))), "area": column(texts("", "  "), pa.string()),
        "recorded_at": column(*draw(st.sampled_from(times))), "retracts": column(texts("", " r1"), pa.string()),
        "n": column(st.integers(-9, 9), pa.int16()), "x": column(st.floats(-9, 9, width=32), pa.float32()), "b": column(st.booleans(), pa.bool_()),
        "note": column(texts("", " "), pa.string()), "day": column(DAYS, pa.date32()),
    }  # fmt: skip
    if rarely:
        held["until"] = column(*draw(st.sampled_from(times)))
        held["date"] = column(*draw(st.sampled_from(times)))
        held["list"] = column(st.lists(st.integers(0, 9)), pa.list_(pa.int8()))
    elif draw(st.booleans()):
        held["until"] = column(st.just(datetime(2199, 12, 31)), pa.timestamp("us"))
    return pa.table({n: held[n] for n in draw(st.permutations(list(held)))})


@given(tables())
def test_a_typed_table_means_what_its_rows_mean(table: Any) -> None:
    rows = [{n: v for n, v in row.items() if v is not None} for row in table.to_pylist()]
    for row in rows:
        for name, held in row.items():
            if isinstance(held, datetime) and held.tzinfo is not None:
                row[name] = held.astimezone(UTC)
    try:
        expected: Any = History.of(rows)
    except InputError as error:
        expected = [(p.code, p.line) for p in error.problems][:20]
    try:
        history = load_history(table)
    except InputError as error:
        assert [(p.code, p.line) for p in error.problems] == expected
        return
    assert list(history.records) == list(expected.records)
    agree(history)
    with TemporaryDirectory() as folder:
        file = Path(folder, "h.PARQUET")
        # Parquet knows no views.
        held = {n: pa.array(c.to_pylist(), pa.string()) if c.type == pa.string_view() else c for n, c in zip(table.column_names, table.columns, strict=True)}
        pq.write_table(pa.table(held), file, row_group_size=3)
        assert list(load_history(file).records) == list(history.records)


def parquet(file: Path, **columns: Any) -> Path:
    file.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table({"id": ["a", "b"], "event": ["visit"] * 2, "time": [datetime(2026, 1, 5, 9)] * 2, **columns}), file, row_group_size=1)
    return file


def test_faulty_rows_of_parquet_are_told_by_number_and_can_be_set_aside(tmp_path: Path) -> None:
    file = parquet(tmp_path / "h.parquet", time=["2026-01-05", "soon"], depth=[1.5, None])
    with pytest.raises(InputError) as fault:
        load_history(file)
    assert [(p.code, p.file, p.line) for p in fault.value.problems] == [("DR302", str(file), 2)]
    history = load_history(file, skip_bad_rows=tmp_path / "bad.jsonl")
    assert [(r.id, dict(r.attributes)) for r in history.records] == [("a", {"depth": 1.5})]
    assert json.loads((tmp_path / "bad.jsonl").read_text())["content"] == {"id": "b", "event": "visit", "time": "soon"}


def test_parts_in_a_folder_are_one_history(tmp_path: Path) -> None:
    parquet(tmp_path / "parts" / "2.parquet", id=["c", "d"], n=pa.array([1, 2], pa.int8()))
    parquet(tmp_path / "parts" / "1.parquet", n=pa.array([3, 4], pa.int64()))
    (tmp_path / "parts" / "notes.txt").write_text("no part")
    shares: list[float] = []
    history = load_history(tmp_path / "parts", progress=lambda p: shares.append(p.done / p.total))
    assert [(r.id, r.attributes["n"]) for r in history.records] == [("a", 3), ("b", 4), ("c", 1), ("d", 2)]
    assert shares == sorted(shares) and shares[-1] == 1
    parquet(tmp_path / "parts" / "3.parquet")
    with pytest.raises(InputError) as fault:
        load_history(tmp_path / "parts")
    assert [(p.code, p.file and p.file[-9:], p.line) for p in fault.value.problems] == [("DR308", "3.parquet", 1), ("DR308", "3.parquet", 2)]


def test_parquet_and_text_go_together(tmp_path: Path) -> None:
    first, second = parquet(tmp_path / "h.parquet"), tmp_path / "h.csv"
    second.write_text("id,time,event\nc,2026-01-05T10:00,visit\n")
    assert [(r.id, r.time.hour) for r in load_history([first, second]).records] == [("a", 9), ("b", 9), ("c", 10)]


def cut(content: bytes, at: float) -> bytes:
    return content[: int(len(content) * at)]


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda b: b"", "DR313"), (lambda b: b"id,time,event\n", "DR313"), (lambda b: cut(b, 0.5), "DR313"), (lambda b: b[:-1], "DR313"),
        (lambda b: b[len(b) // 2 :], "DR313"), (lambda b: b[:4] + bytes(100) + b[104:], "DR313"),
    ],
    ids=["nothing", "text", "half", "one byte less", "other half", "zeros"],
)  # fmt: skip
def test_what_is_no_parquet_is_told(tmp_path: Path, spoil: Any, code: str) -> None:
    file = parquet(tmp_path / "h.parquet")
    file.write_bytes(spoil(file.read_bytes()))
    with pytest.raises(InputError) as fault:
        load_history(file)
    assert [(p.code, p.file, p.line) for p in fault.value.problems] == [(code, str(file), None)]


def test_parquet_that_lacks_columns_or_is_not_there_is_told(tmp_path: Path) -> None:
    pq.write_table(pa.table({"when": [1], "id": ["a"]}), tmp_path / "h.parquet")
    (tmp_path / "empty").mkdir()
    for name, text in (("h.parquet", "DR311 the header lacks event, time"), ("none.parquet", "DR001"), ("h.parquet/x.parquet", "DR001"), ("empty", "DR001")):
        with pytest.raises(InputError, match=text):
            load_history(tmp_path / name)


def test_types_of_parquet_are_read_as_what_they_are(tmp_path: Path) -> None:
    from decimal import Decimal

    nanoseconds = pa.array([-1, 10**18 + 1999], pa.timestamp("ns"))
    file = parquet(
        tmp_path / "h.parquet", time=nanoseconds, object=pa.array([[7], [8, 9]]).cast(pa.list_(pa.string())), area=[1, None],
        depth=[Decimal("1.50"), None], at=pa.array([datetime(2026, 1, 5), None]), clock=pa.array([3600, None], pa.time32("s")),
    )  # fmt: skip
    a, b = load_history(file).records
    assert (a.time, b.time) == (datetime(1970, 1, 1) - timedelta(microseconds=1), datetime(2001, 9, 9, 1, 46, 40, 1))
    assert (a.objects, b.objects, a.area) == (("7",), ("8", "9"), "1")
    assert (dict(a.attributes), dict(b.attributes)) == ({"depth": 1.5, "at": "2026-01-05T00:00:00", "clock": "01:00:00"}, {})


# ---------------------------------------------------------------------------------------------------- the command line


def test_the_commands_take_parquet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from pyarrow import csv as arrow_csv

    root = Path(__file__).parents[1]
    history = root / "examples" / "xixia" / "history.csv"
    names = history.read_text(encoding="utf-8-sig").partition("\n")[0].split(",")
    options = arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    pq.write_table(arrow_csv.read_csv(history, convert_options=options), tmp_path / "h.parquet")
    found = []
    for file in (history, tmp_path / "h.parquet", tmp_path):
        plan, roster = root / "duties" / "xixia-mines-2026h1.yaml", root / "examples" / "xixia" / "roster.yaml"
        words = [str(plan), "--roster", str(roster), "--history", str(file), "--as-of", "2026-06-30"]
        found.append((main(["evaluate", *words, "--format", "json"]), capsys.readouterr()))
        found.append((main(["changes", *words[:-1], "2026-09-30", "--known-at", "2026-09-06", "2026-09-07", "--format", "json"]), capsys.readouterr()))
        assert main(["check", str(file)]) == 0 and "records: 1977" in capsys.readouterr().out
    assert found[:2] == found[2:4] == found[4:]
