"""Responses and chains whose steps follow one another plainly: an answer of the same object (and case) before a limit ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dutyrules.bench import Bench
from dutyrules.columnar.acts import Acts, Counted, simple
from dutyrules.columnar.blocks import Block, Evidence, by_id, excuse, reached, verdicts
from dutyrules.columnar.limits import Scopes, ends, plain_limit
from dutyrules.columnar.people import View
from dutyrules.columns import Codes, Instants, Numbers
from dutyrules.conditions import AttributeType, EventPattern, coerce
from dutyrules.duties.chain import ChainDuty, Step
from dutyrules.duties.response import ResponseDuty
from dutyrules.model import Names
from dutyrules.time.intervals import END

__all__ = ["judge_chain", "judge_response"]


def _gathered(acts: Acts) -> Counted:
    """All records of some acts."""
    parts = list(acts)
    if not parts:
        return Counted(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64))
    return parts[0] if len(parts) == 1 else Counted(*(np.concatenate(x) for x in zip(*parts, strict=True)))


def _unnamed(view: View, events: Names) -> bool:
    """Whether a record of these kinds that is seen (it need not stand) names no object."""
    if view.few:
        return any(not view.sight.record(row).objects for e in events for row in view.standing.get(e, ()))
    columns = view.sight.history.columns
    wanted = [code for e in events if (code := columns.event.code(e)) >= 0]
    if not wanted or (columns.object.offsets is None and columns.object.full):
        return False
    rows = np.flatnonzero(np.isin(columns.event.codes, wanted) & view.sight.seen)
    return bool((columns.object.counts(rows) == 0).any())


@dataclass(frozen=True, eq=False)
class _Demands:
    """What is demanded: of which object, from when, until when, opened by which record."""

    objects: Codes
    start: Instants
    end: Instants
    row: Instants


def _ordered(view: View, objects: Codes, start: Instants, rows: Instants) -> Instants:
    """The order by object, then start, then id of the opening record."""
    if len(objects) < 2:
        return np.arange(len(objects))
    order = np.lexsort((start, objects))
    same = (objects[order[1:]] == objects[order[:-1]]) & (start[order[1:]] == start[order[:-1]])
    if same.any():
        records = view.sight.history.records
        return np.array(sorted(order.tolist(), key=lambda i: (objects[i], start[i], records[int(rows[i])].id)), dtype=np.int64)
    return order


# ----------------------------------------------------------------------------------------------------------- responses


def judge_response(duty_id: str, duty: ResponseDuty, bench: Bench, view: View) -> bool:
    """Judge a response, if it is plain; whether it was."""
    within, need = duty.within, duty.at_least.count if duty.at_least else 1
    if not (
        view.people.once(bench.vocabulary, ("plain", duty_id), lambda: _plain_response(duty))
        and view.sight.bounds[0] is view.sight.bounds[1]
        and not any(_unnamed(view, p.event) for p in duty.trigger)
        and not any(w.suspends and duty_id in w.duties for w in bench.waivers)
    ):
        return False
    assert within is not None and within.after is not None and isinstance(need, int)
    scopes = Scopes(duty_id, duty, bench, view)
    alerts = _triggers(bench, view, duty.trigger, scopes)
    end = ends(bench, alerts.low, within.after, duty.roll == "forward")
    if end is None:
        return False
    order = _ordered(view, alerts.objects, alerts.low, alerts.rows)
    demands = _Demands(alerts.objects[order], alerts.low[order], end[order], alerts.rows[order])
    roles = bench.performers(duty.role or "", duty.may_be_done_by)
    answers = _gathered(Acts(bench, view, duty.must, duty.where, roles, scopes.chosen))
    # Sorted by object, then time; an obligation's answers are the stretch between its start and its end.
    rank = np.lexsort((answers.low, answers.objects))
    answers = answers.of(rank)
    low, high = _between(answers, demands.objects, demands.start, demands.end)
    counted = (high - low).astype(np.int32)
    records = view.sight.history.records

    def evidence() -> Evidence:
        rows, a, b = answers.rows.copy(), slice(1, None), slice(None, -1)
        by_id(rows, (answers.objects[a] == answers.objects[b]) & (answers.low[a] == answers.low[b]), lambda r: records[r].id)
        return Evidence(low, high, rows)

    _enter(
        duty_id, duty.role, bench, view, scopes, demands, counted, need, exact=within.after.exact, events=duty.must, evidence=evidence,
        tail=lambda i: records[int(demands.row[i])].id, place=lambda i: duty.trigger_place(bench, int(demands.row[i])),
    )  # fmt: skip
    return True


def _plain_response(duty: ResponseDuty) -> bool:
    """Whether the duty itself asks for nothing but so many records before a limit ends."""
    within, need = duty.within, duty.at_least.count if duty.at_least else 1
    return (
        duty.for_each == "object" and within is not None and within.before is None and within.after is not None
        and plain_limit(within.after) and duty.not_before is None and duty.one_episode is None and duty.lapses_with is None
        and duty.late is None and isinstance(need, int) and need > 0 and (duty.at_least is None or duty.at_least.unit == "events")
        and simple(duty.where) and all(simple(p.where) for p in duty.trigger)
        and not {e for p in duty.trigger for e in p.event} & set(duty.must)
    )  # fmt: skip


def _triggers(bench: Bench, view: View, patterns: Sequence[EventPattern], scopes: Scopes) -> Counted:
    """The records that fit any of several patterns, each once for each object in scope."""
    found = [_gathered(Acts(bench, view, p.event, p.where, None, scopes.chosen)) for p in patterns]
    if len(found) == 1:
        (all_,) = found
    else:
        all_ = Counted(*(np.concatenate(x) for x in zip(*found, strict=True)))
        _, first = np.unique(np.stack([all_.rows, all_.objects.astype(np.int64)]), axis=1, return_index=True)
        all_ = all_.of(first)
    return all_.of(scopes.hold(all_.objects, all_.low)) if len(all_.rows) else all_


def _between(answers: Counted, objects: Codes, start: Instants, end: Instants) -> tuple[Instants, Instants]:
    """The stretch of sorted answers of each object from ``start`` until before ``end``."""
    first = np.searchsorted(answers.objects, objects, side="left")
    last = np.searchsorted(answers.objects, objects, side="right")
    return _advance(answers.low, first, last, start), _advance(answers.low, first, last, end)


def _advance(low: Instants, first: Instants, last: Instants, at: Instants) -> Instants:
    """For each stretch, the first place whose time is not before ``at``: a binary search in all of them at once."""
    a, b = first.astype(np.int64), last.astype(np.int64)
    padded = np.append(low, END)
    while True:
        open_ = np.flatnonzero(a < b)
        if not len(open_):
            return a
        mid = (a[open_] + b[open_]) // 2
        before = padded[mid] < at[open_]
        a[open_] = np.where(before, mid + 1, a[open_])
        b[open_] = np.where(before, b[open_], mid)


def _enter(
    duty_id: str, role: str | None, bench: Bench, view: View, scopes: Scopes, demands: _Demands, counted: Codes, need: int, *,
    exact: bool, events: Names, evidence: Callable[[], Evidence], tail: Callable[[int], str],
    place: Callable[[int], tuple[str | int, ...]], cases: _Cases | None = None, step: int = 0,
) -> None:  # fmt: skip
    """Reach the verdicts of some demands and enter them as a block."""
    size = len(demands.objects)
    if not size:
        return
    endless = demands.end >= END
    met = counted >= need
    if endless.any():
        # Without a deadline an answer is complete with the record that completes it.
        counted = np.where(endless, np.minimum(counted, need), counted).astype(np.int32)
    past = (demands.end <= bench.as_of) & ~endless
    complete = demands.end <= bench.complete_through(events)
    verdict, reason, reasons = reached(verdicts(past=past, complete=complete), met=met, hopeless=None)
    excuse(bench, duty_id, role, scopes.subject, demands.objects, demands.end, verdict, reason, reasons)

    def shown() -> Evidence:
        found = evidence()
        return Evidence(found.first, np.where(endless, np.minimum(found.stop, found.first + need), found.stop), found.rows)

    bench.ledger.blocks.append(
        Block(
            duty=duty_id, role=role, unit="events", people=view.people, objects=demands.objects, start=demands.start, end=demands.end,
            deadline=np.where(endless, demands.end, demands.end - 1) if exact else demands.end,
            required=np.full(size, need, dtype=np.int32), counted=counted, verdict=verdict, reason=reason, reasons=reasons, cut=None,
            cuts=(), subject=scopes.subject, run=bench.ledger.run, place=place, tail=tail, sight=view.sight,
            found=shown, opened=demands.row, cases=cases, step=step,
        )
    )


# -------------------------------------------------------------------------------------------------------------- chains


def judge_chain(duty_id: str, duty: ChainDuty, bench: Bench, view: View) -> bool:
    """Judge a chain, if its steps follow one another plainly; whether they do."""
    if not (
        view.people.once(bench.vocabulary, ("plain", duty_id), lambda: _plain_chain(duty, bench))
        and view.sight.bounds[0] is view.sight.bounds[1]
        and not any(_unnamed(view, s.must) for s in duty.steps)
        and not any(w.suspends and duty_id in w.duties for w in bench.waivers)
    ):
        return False
    scopes = Scopes(duty_id, duty, bench, view)
    cases = _Cases(duty, bench, view)
    found = _triggers(bench, view, [duty.starts_with], scopes)
    case = cases.of(found.rows)
    if (case < 0).any():
        return False
    if len(case) and np.bincount(case).max() == 1:
        # Each case begins once.
        return _followed(duty_id, duty, bench, view, scopes, cases, found, case)
    order = np.lexsort((found.low, found.objects, case))
    order = _settle_ties(view, order, found, case)
    key = case[order] * np.int64(len(scopes.chosen) + 1) + found.objects[order]
    first = order[np.flatnonzero(np.append(True, key[1:] != key[:-1]))] if len(order) else order
    return _followed(duty_id, duty, bench, view, scopes, cases, found.of(first), case[first])


def _plain_chain(duty: ChainDuty, bench: Bench) -> bool:
    """Whether the duty itself asks for nothing but one step after the other before limits end."""
    events = [e for _, p in duty.patterns() for e in p.event]
    return (
        duty.if_missed is None and len(set(events)) == len(events)
        and len({bench.vocabulary.attribute_type((e,), duty.case) for e in events}) == 1 and simple(duty.starts_with.where)
        and all(
            s.or_by is None and s.starts == "done" and s.late is None and s.within.before is None and plain_limit(s.within.after)
            and simple(s.where)
            for s in duty.steps
        )
    )  # fmt: skip


def _followed(
    duty_id: str, duty: ChainDuty, bench: Bench, view: View, scopes: Scopes, cases: _Cases, opened: Counted, case: Instants
) -> bool:
    """Follow each case through its steps; whether their limits could be told."""
    entered: list[Callable[[], None]] = []
    clock, alive = opened.low, np.arange(len(opened.rows))
    for number, step in enumerate(duty.steps, 1):
        end = ends(bench, clock, step.within.after, step.roll == "forward")
        if end is None:
            return False
        enter, done = _step(duty_id, duty, bench, view, scopes, cases, step, number, opened, case, alive, clock, end)
        entered.append(enter)
        going = np.flatnonzero(done < END)
        alive, clock = alive[going], done[going]
    for enter in entered:
        enter()
    return True


def _settle_ties(view: View, order: Instants, found: Counted, case: Instants) -> Instants:
    """Of records of one case and one instant, the one with the smallest id comes first."""
    a, b = order[1:], order[:-1]
    same = (case[a] == case[b]) & (found.objects[a] == found.objects[b]) & (found.low[a] == found.low[b])
    if not same.any():
        return order
    records = view.sight.history.records
    key: Callable[[int], Any] = lambda i: (case[i], found.objects[i], found.low[i], records[found.rows[i]].id)  # noqa: E731
    return np.array(sorted(order.tolist(), key=key), dtype=np.int64)


_PLAIN_FLOAT = 10**15
"""Up to here a whole number reads as a float with ``.0``."""


class _Cases:
    """The case of each record, as a code; -1 where it names none that can be read."""

    def __init__(self, duty: ChainDuty, bench: Bench, view: View) -> None:
        self.column = view.sight.history.columns.attribute(duty.case)
        self.kind: AttributeType | None = bench.vocabulary.attribute_type((duty.starts_with.event[0],), duty.case)
        self.codes: Instants | None = None
        if not _distinct(self.column.names, self.kind):
            seen: dict[Any, int] = {}
            values = (coerce(v, self.kind) for v in self.column.names)
            self.codes = np.array([*(-1 if v is None else seen.setdefault(v, len(seen)) for v in values), -1], dtype=np.int64)

    def of(self, rows: Instants) -> Instants:
        codes = self.column.codes[rows]
        return codes.astype(np.int64) if self.codes is None else self.codes[codes]

    def texts(self, rows: Instants) -> list[str]:
        """The cases of some rows as text."""
        names: dict[int, str] = {}
        return [names.get(c) or names.setdefault(c, str(coerce(self.column.names[c], self.kind))) for c in self.column.codes[rows].tolist()]

    def numbers(self, rows: Instants) -> tuple[Instants, str] | None:
        """The same as whole numbers and what follows each of them in the text; ``None``: they are no numbers."""
        names, codes = self.column.names, self.column.codes[rows]
        if not isinstance(names, (range, Numbers)) or not _distinct(names, self.kind):
            return None
        found: Instants = codes + np.int64(names.start) if isinstance(names, range) else names.values[codes].astype(np.int64)
        real = self.kind in ("integer", "number")
        return None if real and np.abs(found).max(initial=0) > _PLAIN_FLOAT else (found, ".0" if real else "")

    def text(self, row: int) -> str:
        return str(coerce(self.column[row], self.kind))


def _distinct(names: Any, kind: AttributeType | None) -> bool:
    """Whether distinct values are distinct cases as they stand."""
    if isinstance(names, (range, Numbers)):
        return kind in ("integer", "number", "text", None)
    return False


def _step(
    duty_id: str, duty: ChainDuty, bench: Bench, view: View, scopes: Scopes, cases: _Cases, step: Step, number: int, opened: Counted,
    case: Instants, alive: Instants, clock: Instants, end: Instants,
) -> tuple[Callable[[], None], Instants]:  # fmt: skip
    """How one step is entered, and when it was done in each case that is still followed (``END``: never)."""
    roles = bench.performers(step.role, step.may_be_done_by)
    answers = _gathered(Acts(bench, view, step.must, step.where, roles, scopes.chosen))
    its_case = cases.of(answers.rows)
    place = _place(case[alive], opened.objects[alive], its_case, answers.objects)
    belongs = np.flatnonzero(place >= 0)
    since = belongs[answers.low[belongs] >= clock[place[belongs]]]
    done = np.full(len(alive), END, dtype=np.int64)
    np.minimum.at(done, place[since], answers.low[since])
    inside = since[answers.low[since] < end[place[since]]]
    counted = np.bincount(place[inside], minlength=len(alive)).astype(np.int32)
    order = _ordered(view, opened.objects[alive], clock, opened.rows[alive])
    back = np.empty(len(order), dtype=np.int64)
    back[order] = np.arange(len(order))
    rows = opened.rows[alive][order]
    demands = _Demands(opened.objects[alive][order], clock[order], end[order], rows)
    records, bounds = view.sight.history.records, view.sight.bounds

    def evidence() -> Evidence:
        return Evidence.of(back[place[inside]], answers.rows[inside], bounds, lambda r: records[r].id, len(order))

    def enter() -> None:
        _enter(
            duty_id, step.role, bench, view, scopes, demands, counted[order], 1,
            exact=step.within.after is not None and step.within.after.exact, events=step.must, evidence=evidence,
            tail=lambda i: f"{cases.text(int(rows[i]))}/{number}", place=lambda i: ("steps", number - 1), cases=cases, step=number,
        )  # fmt: skip

    return enter, done


def _place(case: Instants, objects: Codes, its_case: Instants, its_object: Codes) -> Instants:
    """For each answer, the place of the case that it belongs to, or -1."""
    if not len(case) or not len(its_case):
        return np.full(len(its_case), -1, dtype=np.int64)
    size = int(max(case.max(), its_case.max())) + 2
    first = np.full(size, -1, dtype=np.int64)
    first[case] = np.arange(len(case))
    if (first[case] == np.arange(len(case))).all():
        # Each case concerns one object, so that the case alone leads to its place.
        place = first[its_case]
        return np.where((place >= 0) & (objects[place] == its_object), place, -1)
    width = np.int64(max(int(objects.max()), int(its_object.max())) + 1)
    keys = case * width + objects
    order = np.argsort(keys)
    at = np.searchsorted(keys[order], its_case * width + its_object)
    at = np.minimum(at, len(keys) - 1)
    place = order[at]
    return np.where((keys[place] == its_case * width + its_object) & (its_case >= 0), place, -1)
