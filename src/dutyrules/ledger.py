"""The ledger: obligations and breaches as they are found, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dutyrules.bench import Entry, Subject
    from dutyrules.columnar.blocks import Block

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
    blocks: list[Block] = field(default_factory=list)
    """Obligations that are held in arrays; their rows are counted on after those of ``columns``."""
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

    def __len__(self) -> int:
        return self.single + sum(map(len, self.blocks))

    @property
    def single(self) -> int:
        """How many rows are held one by one."""
        return len(self.columns["duty"])

    def place(self, row: int) -> tuple[Block | None, int]:
        """The block that holds a row (``None``: held by itself), and its number there."""
        at = row - self.single
        if at < 0:
            return None, row
        for block in self.blocks:
            if at < len(block):
                return block, at
            at -= len(block)
        raise IndexError(row)

    def row(self, row: int) -> dict[str, Any]:
        """One row, by column."""
        block, at = self.place(row)
        return {name: values[at] for name, values in self.columns.items()} if block is None else block.row(at)

    def id(self, row: int) -> str:
        """The id of the obligation in a row."""
        block, at = self.place(row)
        if block is not None:
            return block.id(at)
        c = self.columns
        return f"{c['duty'][at]}/{c['subject'][at].key}/{c['tail'][at]}"
