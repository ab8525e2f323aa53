"""Obligations of one duty in columns; the rest of a row is made when somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from dutyrules.bench import Bench, Sight, Subject
from dutyrules.columnar.people import ObjectColumns
from dutyrules.columns import Codes, Instants, Mask
from dutyrules.evaluation import VERDICTS
from dutyrules.ledger import Breach
from dutyrules.time.intervals import END

__all__ = ["VERDICT", "Block", "Cases", "Evidence", "Verdicts", "by_id", "excuse", "reached", "verdicts"]

VERDICT = {name: i for i, name in enumerate(VERDICTS)}
_VIOLATED, _UNKNOWN, _PENDING = (np.int8(VERDICT[v]) for v in ("violated", "unknown", "pending"))


@dataclass(frozen=True, eq=False)
class Evidence:
    """The records that counted for each row: those of row ``i`` are ``rows[first[i]:stop[i]]``, in order of time, then of id."""

    first: Instants
    stop: Instants
    rows: Instants

    @staticmethod
    def of(keys: Instants, rows: Instants, bounds: tuple[Instants, Instants], ids: Callable[[int], str], size: int) -> Evidence:
        """From the obligation of each record that counts, and the bounds of all records."""
        low, high = bounds[0][rows], bounds[1][rows]
        if bounds[0] is bounds[1] and bool((low[1:] >= low[:-1]).all()):
            # Most histories are in order of time as they come.
            order = np.argsort(keys, kind="stable")
        else:
            order = np.lexsort((high, low, keys))
        keys, rows, low, high = keys[order], rows[order], low[order], high[order]
        by_id(rows, (keys[1:] == keys[:-1]) & (low[1:] == low[:-1]) & (high[1:] == high[:-1]), ids)
        counts = np.bincount(keys, minlength=size)
        ends = np.cumsum(counts)
        return Evidence(ends - counts, ends, rows)

    def of_row(self, i: int) -> tuple[int, ...]:
        """The records that counted for a row."""
        return tuple(self.rows[self.first[i] : self.stop[i]].tolist())

    def some(self, kept: Instants) -> Evidence:
        """The same for some of the rows."""
        return Evidence(self.first[kept], self.stop[kept], self.rows)


def by_id(rows: Instants, like_before: Mask, ids: Callable[[int], str]) -> None:
    """Put records of one instant in order of id, in place; ``like_before`` says of each but the first whether it goes with the one before."""
    same = np.flatnonzero(like_before)
    # Runs of equal times are few and short.
    start = 0
    while start < len(same):
        stop = start
        while stop + 1 < len(same) and same[stop + 1] == same[stop] + 1:
            stop += 1
        run = slice(int(same[start]), int(same[stop]) + 2)
        rows[run] = sorted(rows[run].tolist(), key=ids)
        start = stop + 1


class Cases(Protocol):
    """The cases in which records lie."""

    def texts(self, rows: Instants) -> list[str]:
        """The cases of some records, as text."""

    def numbers(self, rows: Instants) -> tuple[Instants, str] | None:
        """The same as whole numbers and what follows each of them in the text; ``None``: they are no numbers."""


@dataclass(frozen=True, eq=False)
class Block:
    """Obligations of one duty, in order of object, then of start, then of id."""

    duty: str
    role: str | None
    unit: str
    people: ObjectColumns
    objects: Codes
    start: Instants
    end: Instants
    """``END`` where there is none."""
    deadline: Instants
    required: Codes
    counted: Codes
    verdict: npt.NDArray[np.int8]
    reason: npt.NDArray[np.int16]
    reasons: Sequence[str]
    cut: npt.NDArray[np.int8] | None
    cuts: Sequence[str | None]
    subject: Callable[[int], Subject]
    run: tuple[str, ...]
    """The plans through which the duty runs on."""
    place: Callable[[int], tuple[str | int, ...]]
    tail: Callable[[int], str]
    sight: Sight
    found: Callable[[], Evidence]
    """Makes the evidence of all rows."""
    windowed: Callable[[], Codes] | None = None
    """Makes a code for each row: those with the same one have the same window; ``None``: a record opens each row."""
    opened: Instants | None = None
    """The record that opens each row; its id is the trigger and, without a case, the tail."""
    cases: Cases | None = None
    """The case in which each row lies; its text, and the number of the step, are the tail."""
    step: int = 0

    def __len__(self) -> int:
        return len(self.objects)

    @cached_property
    def evidence(self) -> Evidence:
        """The records that counted for each row."""
        return self.found()

    @cached_property
    def windows(self) -> tuple[Codes, Instants] | None:
        """The code of each row's window, and a row with each code; ``None``: a record opens each row."""
        if self.windowed is None:
            return None
        codes = self.windowed()
        rows = np.zeros(int(codes.max(initial=-1)) + 1, dtype=np.int64)
        rows[codes] = np.arange(len(codes))
        return codes, rows

    def trigger(self, i: int) -> str | None:
        """The record that opened a row."""
        return None if self.opened is None else self.sight.history.records[int(self.opened[i])].id

    def met(self, rows: Instants) -> tuple[Instants, Mask]:
        """When each of some rows that are met was met, and whether only the day is known; of others, anything."""
        found = self.evidence
        if not len(found.rows):
            return np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=bool)
        done = found.rows[np.minimum(found.first[rows] + self.required[rows] - 1, len(found.rows) - 1)]
        low, high = self.sight.bounds
        return low[done], low[done] != high[done]

    def row(self, i: int) -> dict[str, Any]:
        """One row with the columns of a ledger."""
        verdict = VERDICTS[self.verdict[i]]
        start, end, deadline = int(self.start[i]), int(self.end[i]), int(self.deadline[i])
        settled: int | None = deadline if verdict == "violated" else None
        settled_day = False
        if verdict == "met":
            (at,), (day,) = self.met(np.array([i]))
            settled, settled_day = int(at), bool(day)
        required, counted = int(self.required[i]), int(self.counted[i])
        return {
            "duty": self.duty, "tail": self.tail(i), "role": self.role, "subject": self.subject(int(self.objects[i])),
            "start": start, "end": None if end >= END else end, "deadline": None if deadline >= END else deadline,
            "cut": None if self.cut is None else self.cuts[self.cut[i]], "trigger": self.trigger(i), "required": required,
            "unit": self.unit, "counted": counted, "shortfall": max(0, required - counted), "verdict": verdict,
            "reason": self.reasons[self.reason[i]], "settled": settled, "settled_day": settled_day, "late_by": None,
            "evidence": self.evidence.of_row(i), "near": (), "pieces": ((start, end),), "place": self.place(i), "run": self.run,
        }  # fmt: skip

    def id(self, i: int) -> str:
        """The id of a row."""
        return f"{self.duty}/{self.people.ids[int(self.objects[i])]}/{self.tail(i)}"

    def key_of(self, i: int) -> tuple[str, int, str]:
        """By what rows are in order: subject, start, id."""
        return self.people.ids[int(self.objects[i])], int(self.start[i]), self.id(i)

    def find(self, obligation_id: str) -> int | None:
        """The row with an id, if it is here."""
        if not obligation_id.startswith(f"{self.duty}/"):
            return None
        key, _, tail = obligation_id[len(self.duty) + 1 :].partition("/")
        place = self.people.places.get(key)
        if place is None:
            return None
        low, high = np.searchsorted(self.objects, [place, place + 1])
        return next((i for i in range(low, high) if self.tail(i) == tail), None)

    def totals(self) -> list[int]:
        """How many rows have each verdict, in the order of ``VERDICTS``."""
        return np.bincount(self.verdict, minlength=len(VERDICTS)).tolist()  # type: ignore[no-any-return]

    def violated(self) -> Instants:
        """The rows that are violated; each is one breach."""
        return np.flatnonzero(self.verdict == VERDICT["violated"])

    def breach(self, i: int, row: int) -> Breach:
        """The breach of a violated row, whose number in the ledger is ``row``."""
        shortfall = max(0, int(self.required[i]) - int(self.counted[i]))
        return Breach(row, int(self.deadline[i]), None, shortfall, self.evidence.of_row(i))


class Verdicts(NamedTuple):
    """The verdict and the reason of each row, as codes."""

    verdict: npt.NDArray[np.int8]
    reason: npt.NDArray[np.int16]


_REASONS = ("enough", "window_open", "too_little_time_left", "records_incomplete", "not_enough")


def verdicts(*, past: Mask, complete: Mask) -> Verdicts:
    """What rows are that are not met, in the order of the questions of :func:`dutyrules.verdicts.settle_demand`.

    ``past``: the deadline has passed; ``complete``: the records are, up to the deadline.
    """
    verdict = np.where(past, np.where(complete, _VIOLATED, _UNKNOWN), _PENDING)
    return Verdicts(verdict, np.where(past, np.where(complete, np.int16(4), np.int16(3)), np.int16(1)))


def reached(
    unmet: Verdicts, *, met: Mask, hopeless: Instants | None
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int16], list[str]]:
    """The verdict and the reason of each row, and the names of the reasons; ``hopeless``: the open rows that no future can meet."""
    verdict, reason = unmet.verdict.copy(), unmet.reason.copy()
    if hopeless is not None:
        verdict[hopeless], reason[hopeless] = VERDICT["cannot_be_met"], 2
    verdict[met], reason[met] = VERDICT["met"], 0
    return verdict, reason, list(_REASONS)


def excuse(
    bench: Bench, duty_id: str, role: str | None, subject: Callable[[int], Subject], objects: Codes, end: Instants,
    verdict: npt.NDArray[np.int8], reason: npt.NDArray[np.int16], reasons: list[str],
) -> None:  # fmt: skip
    """Turn what is violated and excused by a waiver into ``waived``, in place."""
    if not any(not w.suspends and duty_id in w.duties for w in bench.waivers):
        return
    for i in np.flatnonzero(verdict == VERDICT["violated"]).tolist():
        last = min(int(end[i]), END) - 1
        s = subject(int(objects[i]))
        waiver = bench.excuse(duty_id, s, bench.bearers_at(role, s, last), last)
        if waiver is not None:
            name = f"waiver:{waiver}"
            if name not in reasons:
                reasons.append(name)
            verdict[i], reason[i] = VERDICT["waived"], reasons.index(name)
