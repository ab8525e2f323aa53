"""Records shared between windows: a duty that ``adds_to`` another, and what is made up late.

Serving windows is a flow: a window takes as many units as it owes, a record is used once, a day once in a window. Windows are
served in order of their deadline, one unit at a time, each by an augmenting path; what has been served stays served, so that
later records never take back a verdict.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dutyrules.tally import Tally, inside, possibly_inside, tally

if TYPE_CHECKING:
    from dutyrules.bench import Bench, Entry
    from dutyrules.duties.counting import CountDuty
    from dutyrules.verdicts import Demand

__all__ = ["credit_surplus", "judge"]


def judge(duty_id: str, duty: CountDuty, bench: Bench) -> None:
    """Judge a base duty together with all that add to it; the adding duties are judged with their base."""
    from dutyrules.verdicts import settle_demand

    if duty.adds_to is not None and duty.adds_to in bench.adding:
        return
    group = [(duty_id, duty), *bench.added_to(duty_id)]
    subjects: dict[tuple[str, str | None], list[Demand]] = {}
    for rank, (name, member) in enumerate(group):
        for subject in bench.subjects(name, member):
            entries = member.entries(bench, subject)  # type: ignore[attr-defined]
            for d, _ in member.demands(name, bench, subject, entries):  # type: ignore[attr-defined]
                subjects.setdefault((subject.key, subject.person), []).append((rank, d))  # type: ignore[arg-type]
    for key in bench.counted(sorted(subjects, key=lambda k: (k[0], k[1] or ""))):
        ranked: list[tuple[int, Demand]] = subjects[key]  # type: ignore[assignment]
        ranked.sort(key=lambda r: (r[1].pieces[-1][1], r[0], r[1].pieces[0][0], r[1].tail))
        demands = [d for _, d in ranked]
        sure = _serve(bench, demands, certain=True)
        may = _serve(bench, demands, certain=False)
        for d, s, m in zip(demands, sure, may, strict=True):
            found = Tally(certain=len(s), possible=max(len(m), len(s)), counted=s)
            found.reached = list(enumerate(s, 1))
            taken = {e.row for other, used in zip(demands, sure, strict=True) if other is not d for e in used}
            if bench.keep_failed:
                alone = tally(bench, d.entries, d.unit, None, d.pieces)
                found.passed_over = alone.passed_over + [(e, "already_used") for e in alone.counted if e.row in taken]
            settle_demand(bench, replace(d, served=found))


def _serve(bench: Bench, demands: Sequence[Demand], certain: bool) -> list[list[Entry]]:
    """Which records serve which window, as lists in order of time."""
    use: dict[int, tuple[int, Hashable]] = {}
    slot: dict[tuple[int, Hashable], int] = {}
    options: list[list[tuple[Entry, Hashable]]] = []
    for d in demands:
        fits: list[tuple[Entry, Hashable]] = []
        for e in d.entries:
            if e.failed or not (inside(e, d.pieces, bench.as_of) if certain else possibly_inside(e, d.pieces)):
                continue
            if d.unit == "working_days" and (works := bench.working(e.day)) is not True and (certain or works is False):
                continue
            fits.append((e, e.row if d.unit == "events" else ("day", e.day)))
        options.append(fits)

    served = [0] * len(demands)
    for i, d in enumerate(demands):
        while served[i] < (d.required or 0) and _augment(i, options, use, slot):
            served[i] += 1
    by_row = {e.row: e for d in demands for e in d.entries}
    return [sorted(by_row[row] for (w, _), row in slot.items() if w == i) for i in range(len(demands))]


def _augment(
    start: int,
    options: Sequence[Sequence[tuple[Entry, Hashable]]],
    use: dict[int, tuple[int, Hashable]],
    slot: dict[tuple[int, Hashable], int],
) -> bool:
    """Find a path from a window through places and records to an unused record, and turn it over.

    A path goes window → place (an unfilled one, or by refilling a filled one) → record; a used record is taken over from the place
    that holds it, which then looks for another record of its own, or gives its window back the task.
    """
    # A node is a window ("w", i), or a place ("p", key) that has to find another record.
    queue: deque[tuple[str, Hashable]] = deque([("w", start)])
    came: dict[tuple[str, Hashable], tuple[tuple[str, Hashable], tuple[int, Hashable], int] | None] = {("w", start): None}
    while queue:
        node = queue.popleft()
        if node[0] == "w":
            i = node[1]
            assert isinstance(i, int)
            choices = [((i, place), e.row) for e, place in options[i] if (i, place) not in slot]
        else:
            key = node[1]
            assert isinstance(key, tuple)
            choices = [(key, e.row) for e, place in options[key[0]] if place == key[1] and slot.get(key) != e.row]
        for key, row in choices:
            owner = use.get(row)
            if owner is None:
                _turn(node, key, row, came, use, slot)
                return True
            # The owner may refill its place with another record of the same day, or its window may use another place.
            for follow in (("p", owner), ("w", owner[0])):
                if follow not in came and owner != key:
                    came[follow] = (node, key, row)
                    queue.append(follow)
    return False


def _turn(node, key, row, came, use, slot) -> None:  # type: ignore[no-untyped-def]
    steps = [(node, key, row)]
    while came[steps[-1][0]] is not None:
        steps.append(came[steps[-1][0]])
    # From the free end on: each step fills its place with its record, and empties the place that held it unless that was refilled.
    for _, place, record in steps:
        old = use.get(record)
        if old is not None and slot.get(old) == record:
            del slot[old]
        slot[place] = record
        use[record] = place


def credit_surplus(bench: Bench, demands: Sequence[Demand]) -> None:
    """Let what later windows have beyond their own need make up for earlier windows, the oldest first.

    Replaces the entries of a demand after its end by those that are credited to it.
    """
    demands = sorted(demands, key=lambda d: (d.pieces[-1][1], d.pieces[0][0]))
    tallies = [tally(bench, d.entries, d.unit, None, d.pieces) for d in demands]
    spare: set[int] = set()
    for d, t in zip(demands, tallies, strict=True):
        spare |= {e.row for e in t.counted[d.required or 0 :]} if d.required is not None else set()
    days = [{e.day for e in t.counted} for t in tallies]
    missing = [max(0, (d.required or 0) - t.certain) for d, t in zip(demands, tallies, strict=True)]
    credited: list[list[Entry]] = [[] for _ in demands]
    for e in demands[0].entries if demands else ():
        outside = not any(possibly_inside(e, d.pieces) for d in demands)
        if e.failed or e.high >= bench.as_of or not (e.row in spare or outside):
            continue
        for i, d in enumerate(demands):
            if not missing[i] or d.pieces[-1][1] > e.low:
                continue
            if d.unit == "working_days" and bench.working(e.day) is not True:
                continue
            if d.unit != "events" and e.day in days[i]:
                continue
            missing[i] -= 1
            days[i].add(e.day)
            credited[i].append(e)
            break
    for d, extra in zip(demands, credited, strict=True):
        end = d.pieces[-1][1]
        d.entries = [e for e in d.entries if e.low < end] + extra

