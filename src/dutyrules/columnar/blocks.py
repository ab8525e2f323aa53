"""Obligations of one duty in columns; the rest of a row is made when somebody looks at it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dutyrules.bench import Bench, Subject
from dutyrules.columnar.people import ObjectColumns
from dutyrules.columns import Codes, Instants, Mask
from dutyrules.evaluation import VERDICTS
from dutyrules.ledger import Breach
from dutyrules.time.intervals import END

__all__ = ["VERDICT", "Block", "Evidence", "Verdicts", "excuse", "reached", "verdicts"]

VERDICT = {name: i for i, name in enumerate(VERDICTS)}
_VIOLATED, _UNKNOWN, _PENDING = (np.int8(VERDICT[v]) for v in ("violated", "unknown", "pending"))


@dataclass(frozen=True, eq=False)
class Evidence:
    """The records that counted for each row: those of row ``i`` are ``rows[first[i]:first[i + 1]]``, in order of time."""

    first: Instants
    rows: Instants

    @staticmethod
    def of(keys: Instants, rows: Instants, low: Instants, high: Instants, ids: Callable[[int], str], size: int) -> Evidence:
        """From the obligation of each record that counts; records of one instant are in order of id."""
        order = np.lexsort((high, low, keys))
        keys, rows, low, high = keys[order], rows[order], low[order], high[order]
        same = np.flatnonzero((keys[1:] == keys[:-1]) & (low[1:] == low[:-1]) & (high[1:] == high[:-1]))
        if len(same):
            # Runs of equal times are few and short.
            start = 0
            while start < len(same):
                stop = start
                while stop + 1 < len(same) and same[stop + 1] == same[stop] + 1:
                    stop += 1
                run = slice(int(same[start]), int(same[stop]) + 2)
                rows[run] = sorted(rows[run].tolist(), key=ids)
                start = stop + 1
        first = np.zeros(size + 1, dtype=np.int64)
        np.cumsum(np.bincount(keys, minlength=size), out=first[1:])
        return Evidence(first, rows)

    def of_row(self, i: int) -> tuple[int, ...]:
        """The records that counted for a row."""
        return tuple(self.rows[self.first[i] : self.first[i + 1]].tolist())


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
    trigger: Callable[[int], str | None]
    evidence: Callable[[int], tuple[int, ...]]
    settled: Callable[[int], tuple[int | None, bool]]
    """When a row was met, and whether only the day is known; rows that are violated are settled by their deadline."""
    tails: Callable[[], tuple[Codes, Sequence[str]]]
    """All tails, as codes and names."""
    triggers: Callable[[], Sequence[str] | None]
    """All triggers; ``None``: no record opens an obligation."""

    def __len__(self) -> int:
        return len(self.objects)

    def row(self, i: int) -> dict[str, Any]:
        """One row with the columns of a ledger."""
        verdict = VERDICTS[self.verdict[i]]
        start, end, deadline = int(self.start[i]), int(self.end[i]), int(self.deadline[i])
        settled, settled_day = (deadline, False) if verdict == "violated" else self.settled(i) if verdict == "met" else (None, False)
        required, counted = int(self.required[i]), int(self.counted[i])
        return {
            "duty": self.duty, "tail": self.tail(i), "role": self.role, "subject": self.subject(int(self.objects[i])),
            "start": start, "end": None if end >= END else end, "deadline": None if deadline >= END else deadline,
            "cut": None if self.cut is None else self.cuts[self.cut[i]], "trigger": self.trigger(i), "required": required,
            "unit": self.unit, "counted": counted, "shortfall": max(0, required - counted), "verdict": verdict,
            "reason": self.reasons[self.reason[i]], "settled": settled, "settled_day": settled_day, "late_by": None,
            "evidence": self.evidence(i), "near": (), "pieces": ((start, end),), "place": self.place(i), "run": self.run,
        }  # fmt: skip

    def key(self, i: int) -> str:
        """The id of a row's subject."""
        return self.people.ids[int(self.objects[i])]

    def id(self, i: int) -> str:
        """The id of a row."""
        return f"{self.duty}/{self.key(i)}/{self.tail(i)}"

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
        return Breach(row, int(self.deadline[i]), None, shortfall, self.evidence(i))


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
