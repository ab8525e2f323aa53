"""What became different between two evaluations of the same parts of the same inputs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dutyrules.columnar.blocks import Block
from dutyrules.evaluation import Evaluation, Obligation, Violation
from dutyrules.time.intervals import END

__all__ = ["Changes", "difference"]


@dataclass(frozen=True, slots=True)
class Changes:
    """What became different: obligations by id, and violations, which are the same only if all of them is the same.

    Each in order of duty, subject and time.
    """

    new: tuple[Obligation, ...] = ()
    gone: tuple[Obligation, ...] = ()
    different: tuple[tuple[Obligation, Obligation], ...] = ()
    """Obligations of which anything changed: before, after."""
    new_violations: tuple[Violation, ...] = ()
    gone_violations: tuple[Violation, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.different or self.new_violations or self.gone_violations)


def difference(pairs: Iterable[tuple[Evaluation, Evaluation]]) -> Changes:
    """What is different between evaluations, before and after; no obligation is in two pairs."""
    was: dict[str, Obligation] = {}
    now: dict[str, Obligation] = {}
    violations: Counter[Violation] = Counter()
    for before, after in pairs:
        at_once = before.as_of_instant == after.as_of_instant
        rows, later = _rows(before, after)
        for i, row in rows.items():
            if i in later and _same(before.ledger.row(row), after.ledger.row(later[i]), before, after, at_once):
                del later[i]
            else:
                was[i] = before._obligation(row)
        now |= {i: after._obligation(row) for i, row in later.items()}
        closed = _closed(before, after)
        violations.update(_violations(after, closed))
        violations.subtract(_violations(before, closed))
    moved = [(o, now[i]) for i, o in was.items() if i in now and now[i] != o]
    return Changes(
        new=tuple(sorted((o for i, o in now.items() if i not in was), key=_place)),
        gone=tuple(sorted((o for i, o in was.items() if i not in now), key=_place)),
        different=tuple(sorted(moved, key=lambda pair: _place(pair[1]))),
        new_violations=tuple(v for v, n in sorted(violations.items(), key=_since) for _ in range(n)),
        gone_violations=tuple(v for v, n in sorted(violations.items(), key=_since) for _ in range(-n)),
    )


def _rows(before: Evaluation, after: Evaluation) -> tuple[dict[str, int], dict[str, int]]:
    """The rows of both by id, but for those that cannot differ."""
    closed = _closed(before, after)
    return _by_id(before, closed), _by_id(after, closed)


def _closed(before: Evaluation, after: Evaluation) -> int:
    """What is held in columns and ended by then is the same in both.

    It counts inside its window; once that has closed, time changes nothing any more.
    """
    at = before.as_of_instant
    if at == after.as_of_instant or _ended(before.ledger.blocks, at) != _ended(after.ledger.blocks, at):
        return -END
    return at


def _ended(blocks: Iterable[Block], at: int) -> Counter[str]:
    found: Counter[str] = Counter()
    for block in blocks:
        found[block.duty] += int((block.end <= at).sum())
    return found


def _by_id(e: Evaluation, closed: int) -> dict[str, int]:
    """The rows of an evaluation by id, without those held in columns that had ended."""
    ledger = e.ledger
    rows = {ledger.id(row): row for row in range(ledger.single)}
    first = ledger.single
    for block in ledger.blocks:
        rows |= {block.id(i): first + i for i in (block.end > closed).nonzero()[0].tolist()}
        first += len(block)
    return rows


def _violations(e: Evaluation, closed: int) -> Iterable[Violation]:
    for breach in e.ledger.breaches:
        yield e._violation(breach)
    first = e.ledger.single
    for block in e.ledger.blocks:
        for i in block.violated().tolist():
            if block.end[i] > closed:
                yield e._violation(block.breach(i, first + i))
        first += len(block)


def _same(a: Mapping[str, Any], b: Mapping[str, Any], before: Evaluation, after: Evaluation, at_once: bool) -> bool:
    """Whether two rows are sure to be shown alike; the moment itself may show in a window that has not closed."""
    if not at_once and (a["end"] is None or a["end"] > before.as_of_instant):
        return False
    return all(a[name] == b[name] for name in a if name != "evidence") and _evidence(a, before) == _evidence(b, after)


def _evidence(row: Mapping[str, Any], e: Evaluation) -> list[str]:
    return [e.inputs.history.records[i].id for i in row["evidence"]]


def _place(o: Obligation) -> tuple[str, str, datetime, str]:
    return o.duty, o.subject, o.window.start, o.id


def _since(counted: tuple[Violation, int]) -> tuple[str, datetime, tuple[str, ...]]:
    return counted[0].obligation, counted[0].from_, counted[0].evidence
