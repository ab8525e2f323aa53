"""Columns of text: which times they say and which values come twice, without an object for each row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from dutyrules.columns import AWARE, DATE, LOCAL, NONE, Instants, Mask, Times
from dutyrules.history import Fault, time_of
from dutyrules.time.zone import DAY, FIRST_YEAR, LAST_YEAR, MINUTE

__all__ = ["BLANKS", "Text", "repeated", "times_of"]

Bytes = npt.NDArray[np.uint8]

_BLOCK = 1 << 16
"""Rows that are looked at together: few enough to stay in the processor's cache."""

BLANKS = "".join(c for n in range(0x3001) if (c := chr(n)).isspace())
"""What ``str.strip`` takes away; no blank stands beyond."""


@dataclass(frozen=True, eq=False)
class Text:
    """A column of text as Arrow keeps it: all of it end to end in UTF-8, and where each row begins (and the last one ends)."""

    data: Bytes
    starts: npt.NDArray[Any]

    @staticmethod
    def of(array: Any) -> Text:
        """The text of an Arrow array of strings; a row that is null should have been made empty."""
        import pyarrow as pa

        _, starts, data = array.buffers()
        width = np.int64 if pa.types.is_large_string(array.type) else np.int32
        bounds = np.zeros(1, width) if starts is None else np.frombuffer(starts, width)[array.offset : array.offset + len(array) + 1]
        return Text(np.frombuffer(data or b"", np.uint8), bounds)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, row: int) -> str:
        return self.data[self.starts[row] : self.starts[row + 1]].tobytes().decode()

    def lengths(self) -> npt.NDArray[Any]:
        """How many bytes each row has."""
        return np.diff(self.starts)

    def padded(self) -> bool:
        """Whether some row begins or ends with what may be a blank."""
        held = self.lengths() > 0
        first, last = self.data[self.starts[:-1][held]], self.data[self.starts[1:][held] - 1]
        if _MAY_BEGIN[first].any() or _MAY_END[last].any():
            return True
        wide = self.starts[1:][held][last >= 0x80]
        return bool(_MAY_BEGIN[self.data[wide - 2]].any() or _MAY_BEGIN[self.data[wide - 3]].any())

    def blocks(self) -> Iterator[tuple[int, Bytes, Instants]]:
        """Some rows after the other: the first of them, their text with some room behind it, where in it each begins."""
        for first in range(0, len(self), _BLOCK):
            bounds = self.starts[first : first + _BLOCK + 1].astype(np.int64)
            data = np.zeros(bounds[-1] - bounds[0] + 8, np.uint8)
            data[:-8] = self.data[bounds[0] : bounds[-1]]
            yield first, data, bounds - bounds[0]


def _table(values: str, place: int) -> Mask:
    found = np.zeros(256, dtype=np.bool_)
    found[[c.encode()[place] for c in values]] = True
    return found


_MAY_BEGIN = _table(BLANKS, 0)
_MAY_END = _table("".join(c for c in BLANKS if c.isascii()), -1)


# --------------------------------------------------------------------------------------------------------------- times


def times_of(text: Text) -> tuple[Times, Instants]:
    """The times that a column says, and the rows whose text is none; an empty text is absent.

    Texts in the usual layouts are read all at once; any other is read by itself, as in a file that is read row by row.
    """
    value, mode = np.zeros(len(text), dtype=np.int64), np.full(len(text), NONE, dtype=np.int8)
    left: list[Instants] = []
    for first, data, starts in text.blocks():
        lengths = np.minimum(np.diff(starts), _LONGEST)
        for length in np.flatnonzero(np.bincount(lengths)).tolist():
            if length == 0:
                continue
            rows = np.flatnonzero(lengths == length)
            sound = np.zeros(len(rows), dtype=np.bool_)
            if length in _LAYOUTS:
                whole = len(rows) == len(lengths)
                written = data[:-8].reshape(-1, length) if whole else data[starts[rows][:, None] + np.arange(length)]
                found, sound = _read(np.ascontiguousarray(written.T), *_LAYOUTS[length])
                held = rows[sound] + first
                value[held], mode[held] = found[sound], _mode(length)
            left.append(rows[~sound] + first)
    bad = []
    known: dict[str, tuple[int, int] | None] = {}
    for row in np.concatenate([*left, np.zeros(0, np.int64)]).astype(np.int64).tolist():
        if (written := text[row]) not in known:
            known[written] = _alone(written)
        if (single := known[written]) is None:
            bad.append(row)
        else:
            value[row], mode[row] = single
    modes = np.unique(mode).tolist()
    return Times(value, modes[0] if len(modes) == 1 and modes[0] != NONE else mode), np.array(sorted(bad), dtype=np.int64)


def _alone(text: str) -> tuple[int, int] | None:
    try:
        found = Times.of([time_of(text, "time", True)])
    except Fault:
        return None
    return int(found.value[0]), int(found.mode[0])  # type: ignore[index]


_CLOCKS = {5: "hh:mm", 8: "hh:mm:ss", 12: "hh:mm:ss.mmm", 15: "hh:mm:ss.uuuuuu"}
_ZONES = {0: "", 1: "Z", 6: "+hh:mm"}
_LAYOUTS = {10: (0, 0)} | {11 + clock + zone: (clock, zone) for clock in _CLOCKS for zone in _ZONES}
"""The usual lengths of a date or a time: ``2026-05-20``, and that with ``T`` or a blank, a clock and a zone."""


_LONGEST = max(_LAYOUTS) + 1


def _mode(length: int) -> int:
    clock, zone = _LAYOUTS[length]
    return DATE if not clock else AWARE if zone else LOCAL


@cache
def _months() -> tuple[Instants, npt.NDArray[np.int8]]:
    """The day before the first of each month, and how many days it has; for years out of bounds none."""
    firsts = [date(y, m, 1).toordinal() for y in range(FIRST_YEAR + 1, LAST_YEAR) for m in range(1, 13)]
    ends = [*firsts[1:], date(LAST_YEAR, 1, 1).toordinal()]
    days = np.subtract(ends, firsts)
    return np.array([*firsts, 1]) - 1, np.array([*days, 0], dtype=np.int8)


_EPOCH_DAY = datetime(1970, 1, 1).toordinal()


def _read(written: Bytes, clock: int, zone: int) -> tuple[Instants, Mask]:
    """What texts of one layout say, the letters in the first dimension: days or instants, and which can be read so."""
    digits = written - np.uint8(ord("0"))
    sound = (written[4] == ord("-")) & (written[7] == ord("-"))

    def two(place: int, most: int) -> npt.NDArray[np.uint8]:
        tens, ones = digits[place], digits[place + 1]
        found: npt.NDArray[np.uint8] = tens * np.uint8(10) + ones
        np.logical_and(sound, (tens <= 9) & (ones <= 9) & (found <= most), out=sound)
        return found

    year = two(0, 99).astype(np.int32) * 100 + two(2, 99)
    month, day = two(5, 12), two(8, 31)
    before, days = _months()
    place = (year - FIRST_YEAR - 1) * 12 + month - 1
    place[(year <= FIRST_YEAR) | (year >= LAST_YEAR) | (month == 0) | ~sound] = len(before) - 1
    sound &= (day > 0) & (day <= days[place])
    value = before[place] + day
    if not clock:
        return value, sound
    sound &= (written[10] == ord("T")) | (written[10] == ord(" "))
    sound &= written[13] == ord(":")
    minutes = two(11, 23).astype(np.int64) * 60 + two(14, 59)
    if zone == 1:
        sound &= written[11 + clock] == ord("Z")
    elif zone:
        sign, colon = written[11 + clock], written[14 + clock]
        sound &= ((sign == ord("+")) | (sign == ord("-"))) & (colon == ord(":"))
        away = two(12 + clock, 23).astype(np.int64) * 60 + two(15 + clock, 59)
        minutes -= np.where(sign == ord("-"), -away, away)
    value = (value - _EPOCH_DAY) * DAY + minutes * MINUTE
    if clock >= 8:
        sound &= written[16] == ord(":")
        value += two(17, 59).astype(np.int64) * 1_000_000
    if clock > 8:
        sound &= written[19] == ord(".")
        for power, place_ in zip(range(5, -1, -1), range(20, 11 + clock), strict=False):
            np.logical_and(sound, digits[place_] <= 9, out=sound)
            value += digits[place_].astype(np.int64) * 10**power
    return value, sound


# ------------------------------------------------------------------------------------------------------------- repeats

_WHOLE = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)
_FACTOR, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(29)
_LOOKED_AT = 256
"""So many bytes of a value are looked at, and its length, before it is compared as a whole."""


def repeated(values: Text | Instants) -> Instants:
    """The rows whose value another row has too."""
    marks = values if isinstance(values, np.ndarray) else _marks(values)
    if len(marks) < 2 or bool((marks[1:] > marks[:-1]).all()):
        return np.zeros(0, dtype=np.int64)
    order = np.sort(marks)
    twice = order[1:][order[1:] == order[:-1]]
    if not len(twice):
        return np.zeros(0, dtype=np.int64)
    rows = np.flatnonzero(np.isin(marks, twice))
    if isinstance(values, np.ndarray):
        return rows
    # Different texts may have one mark.
    places: dict[str, list[int]] = {}
    for row in rows.tolist():
        places.setdefault(values[row], []).append(row)
    return np.array(sorted(row for held in places.values() if len(held) > 1 for row in held), dtype=np.int64)


def _marks(text: Text) -> npt.NDArray[np.uint64]:
    """A number for each row, the same for the same text."""
    found = np.empty(len(text), dtype=np.uint64)
    for first, data, starts in text.blocks():
        words = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))
        lengths = np.diff(starts)
        mark = lengths.astype(np.uint64)
        for at in range(0, min(int(lengths.max()), _LOOKED_AT), 8):
            rows: Any = slice(None) if int(lengths.min()) > at else np.flatnonzero(lengths > at)
            word = words[starts[:-1][rows] + at] & _WHOLE[np.minimum(lengths[rows] - at, 8)]
            mixed = (mark[rows] ^ word) * _FACTOR
            mark[rows] = mixed ^ (mixed >> _SHIFT)
        found[first : first + len(mark)] = mark
    return found
