"""The ledger: obligations and breaches as they are found, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dutyrules.bench import Entry, Subject

__all__ = ["Breach", "Ledger"]

COLUMNS = (
    "duty", "tail", "role", "subject", "start", "end", "deadline", "cut", "trigger", "required", "unit", "counted", "shortfall",
    "verdict", "reason", "settled", "settled_day", "late_by", "evidence", "near", "pieces", "place", "run",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach of the obligation in row ``row``: instants, and the rows of its records."""

    row: int
    start: int
    until: int | None
    shortfall: int
    evidence: tuple[int, ...]


@dataclass
class Ledger:
    """Columns of equal length, one row per obligation; instants in microseconds."""

    columns: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    breaches: list[Breach] = field(default_factory=list)
    skipped: list[tuple[str, str, int, int, str]] = field(default_factory=list)
    cases: set[tuple[str, str, str]] = field(default_factory=set)
    """Cases of chains that have been opened (duty, object, case): a later plan does not open them anew."""
    run: tuple[str, ...] = ()
    """The plans by whose rules the obligations are judged that are entered now."""

    def enter(
        self,
        *,
        duty: str,
        subject: Subject,
        tail: str,
        role: str | None,
        start: int,
        end: int | None,
        deadline: int | None,
        verdict: str,
        reason: str,
        cut: str | None = None,
        trigger: str | None = None,
        required: int | None = None,
        unit: str | None = None,
        counted: int = 0,
        shortfall: int = 0,
        settled: int | None = None,
        settled_day: bool = False,
        late_by: int | None = None,
        evidence: Sequence[Entry] = (),
        near: Sequence[tuple[Entry, str]] = (),
        pieces: tuple[tuple[int, int], ...] = (),
        place: tuple[str | int, ...] = (),
    ) -> int:
        """Enter an obligation; the number of its row."""
        values = {**locals(), "run": self.run}
        for name in COLUMNS:
            value = values[name]
            self.columns[name].append(tuple(e.row for e in value) if name == "evidence" else value)
        return len(self.columns["duty"]) - 1

    def breach(self, row: int, start: int, until: int | None, shortfall: int, evidence: Sequence[Entry] = ()) -> None:
        """Enter a breach of the obligation in a row."""
        self.breaches.append(Breach(row, start, until, shortfall, tuple(e.row for e in evidence)))
