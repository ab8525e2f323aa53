"""What became known between two moments, and which verdicts it changed: a change log with the cause of each change.

Both moments look at the same time (``as_of``). Nothing is overwritten: a correction and a retraction are records of their own,
and what was answered at the earlier moment can be answered again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal, TypeVar

from dutyrules.bench import RECORDED_TOO_LATE, Sight
from dutyrules.engine import evaluate, rerun
from dutyrules.errors import InputError, Problem
from dutyrules.evaluation import Evaluation, Obligation
from dutyrules.history import RETRACTION, History, Record
from dutyrules.plan import Plan
from dutyrules.progress import Progress, Watch
from dutyrules.roster import Roster
from dutyrules.time.zone import Zone
from dutyrules.waivers import Waiver

__all__ = ["Cause", "Change", "Hindsight", "SeasonCause", "changes", "look_back"]

Moment = date | datetime
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cause:
    """A record that became known, and the records that it takes back, one after another."""

    record: Record
    retracts: tuple[Record, ...]

    @property
    def kind(self) -> Literal["entry", "correction", "retraction"]:
        """A new entry, one that stands in the place of another, or one that only takes another back."""
        if self.record.retracts is None:
            return "entry"
        return "retraction" if self.record.event == RETRACTION else "correction"


@dataclass(frozen=True, slots=True)
class SeasonCause:
    """A decision about a season that became known, and the days (if it names them) that it sets."""

    plan: str
    season: str
    year: int
    decided: date
    from_: str | None
    through: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """An obligation of which something else was known later; ``before`` or ``after`` is ``None`` where there was none."""

    before: Obligation | None
    after: Obligation | None
    causes: tuple[Cause | SeasonCause, ...]
    """What alone turns the old answer into the new; nothing of it can be left out."""

    @property
    def obligation(self) -> Obligation:
        """The obligation, as known last."""
        return _either(self.before, self.after)

    @property
    def of_verdict(self) -> bool:
        """Whether the verdict itself changed, and not only the records or the bearer behind it."""
        return self.before is None or self.after is None or self.before.verdict != self.after.verdict


@dataclass(frozen=True)
class Hindsight:
    """Two evaluations as of one moment, known at two moments, and what lies between them."""

    before: Evaluation
    after: Evaluation
    changes: tuple[Change, ...]
    """By duty, subject and window."""


def changes(
    plans: Plan | Mapping[str, Any] | Iterable[Plan | Mapping[str, Any]],
    roster: Roster | Mapping[str, Any],
    history: History | Iterable[Record | Mapping[str, Any]],
    *,
    as_of: Moment,
    known_at: tuple[Moment, Moment],
    waivers: Mapping[str, Any] | Iterable[Waiver] | None = None,
    complete_through: Mapping[str, Moment] | Moment | None = None,
    progress: Watch | None = None,
) -> list[Change]:
    """The change log of verdicts between two moments of knowledge.

    The arguments are those of :func:`dutyrules.evaluate`; ``known_at`` holds the earlier and the later moment.

    Raises:
        InputError: as :func:`dutyrules.evaluate`, and where the later moment comes before the earlier one.
    """
    before = evaluate(
        plans, roster, history, as_of=as_of, known_at=known_at[0], waivers=waivers, complete_through=complete_through,
        progress=progress,
    )  # fmt: skip
    return list(look_back(before, known_at[1], progress).changes)


def look_back(before: Evaluation, later: Moment, progress: Watch | None = None) -> Hindsight:
    """What an evaluation with ``known_at`` would say with what was known at a later moment, and why.

    ``progress`` is told of the stages ``judge`` and ``causes``.

    Raises:
        InputError: the later moment comes before that of the evaluation.
    """
    assert before.known_at_instant is not None
    if before.zone.moment(later) < before.known_at_instant:
        raise InputError([Problem("DR803", {"first": str(before.inputs.known_at), "second": str(later)})])
    after = rerun(before, known_at=later, progress=progress)
    old = {o.id: o for o in before.obligations}
    new = {o.id: o for o in after.obligations}
    news = _News(before, after)
    changed: dict[str, list[tuple[Obligation | None, Obligation | None]]] = {}
    for i in old.keys() | new.keys():
        was, now = old.get(i), new.get(i)
        if _answer(was) != _answer(now):
            changed.setdefault(_either(was, now).duty, []).append((was, now))
    found: list[Change] = []
    of = sum(map(len, changed.values()))
    for duty, pairs in changed.items():
        search = _Search(news, duty)
        for was, now in pairs:
            if progress is not None:
                progress(Progress("causes", duty, len(found), of))
            found.append(Change(was, now, search.causes(was, now)))
    found.sort(key=lambda c: (c.obligation.duty, c.obligation.subject, c.obligation.window.start, c.obligation.id))
    return Hindsight(before, after, tuple(found))


def _either(was: Obligation | None, now: Obligation | None) -> Obligation:
    found = now or was
    assert found is not None
    return found


def _answer(o: Obligation | None) -> tuple[object, ...] | None:
    return None if o is None else (o.verdict, o.evidence, o.counted, o.bearer)


_FEW = 16
"""Up to so many items each is tried alone first, so that a single cause is found where there is one."""

Item = int | tuple[int, str, int]
"""Something that became known: the row of a record, or the plan (by number), season and year of a decision."""


class _News:
    """What became known between two evaluations: records, by their rows, and decisions about seasons."""

    def __init__(self, before: Evaluation, after: Evaluation) -> None:
        self.before, self.after = before, after
        history: History = before.inputs.history
        self.records = history.records
        seen = [Sight(history, e.zone, e.as_of_instant, e.known_at_instant) for e in (before, after)]
        first, last = ([bool(f & RECORDED_TOO_LATE) for f in s.failed] for s in seen)
        self.old = {i for i, late in enumerate(first) if not late}
        # In the order in which they came to be known, whatever the order of the rows.
        new = (i for i, late in enumerate(first) if late and not last[i])
        self.new = sorted(new, key=lambda i: (seen[0].recorded[i], self.records[i].id))
        self._rows = history.row_of

    @cached_property
    def decisions(self) -> list[Item]:
        """The decisions about seasons that became known."""
        zone: Zone = self.before.zone
        first, last = self.before.known_at_instant, self.after.known_at_instant
        assert first is not None and last is not None
        return [
            (i, name, year)
            for i, plan in enumerate(self.before.inputs.plans)
            for name, season in plan.seasons.items()
            for year, d in season.in_year.items()
            if d.decided is not None and first < zone.start(d.decided.toordinal() + 1) <= last
        ]

    def chain(self, row: int) -> tuple[Record, ...]:
        """What a record takes back, what that takes back, and so on."""
        found: list[Record] = []
        at = self.records[row].retracts
        while at is not None and at in self._rows and self.records[self._rows[at]] not in found:
            found.append(self.records[self._rows[at]])
            at = found[-1].retracts
        return tuple(found)

    def plans(self, items: frozenset[Item]) -> list[Plan]:
        """The plans with those of the decisions that are not among the items still to come."""
        last = self.after.known_at_instant
        assert last is not None
        # Left out, a decision would make the seasons of two plans look the same; put off, it is only not known.
        later = date.fromordinal(self.after.zone.day_of(last))
        plans: list[Plan] = list(self.after.inputs.plans)
        for item in self.decisions:
            if item in items or isinstance(item, int):
                continue
            number, name, year = item
            season = plans[number].seasons[name]
            put_off = season.in_year[year].model_copy(update={"decided": later})
            moved = season.model_copy(update={"in_year": {**season.in_year, year: put_off}})
            plans[number] = plans[number].model_copy(update={"seasons": {**plans[number].seasons, name: moved}})
        return plans

    def cause(self, item: Item) -> Cause | SeasonCause:
        """An item as the reader is told of it."""
        if isinstance(item, int):
            return Cause(self.records[item], self.chain(item))
        number, season, year = item
        plan: Plan = self.before.inputs.plans[number]
        d = plan.seasons[season].in_year[year]
        assert d.decided is not None
        first, through = (None if day is None else str(day) for day in (d.from_, d.through))
        return SeasonCause(plan.plan.id, season, year, d.decided, first, through)


class _Search:
    """The search for what, of all that became known, turned answers about a duty into others."""

    def __init__(self, news: _News, duty: str) -> None:
        self.news, self.duty = news, duty
        kinds = {k for plan in news.after.inputs.plans for k in _kinds(plan, duty)}
        rows = range(len(news.records))
        self._looked_at = {i for i in rows if any(r.event in kinds for r in (news.records[i], *news.chain(i)))}
        self._trials: dict[frozenset[Item], Evaluation] = {}

    def causes(self, was: Obligation | None, now: Obligation | None) -> tuple[Cause | SeasonCause, ...]:
        """A set that gives the new answer (its verdict, where that changed) and of which nothing can be left out."""
        of_verdict = Change(was, now, ()).of_verdict
        obligation_id = _either(was, now).id

        def gives(items: Sequence[Item]) -> bool:
            found = self._judged(frozenset(items)).obligation(obligation_id)
            if of_verdict:
                return (found and found.verdict) == (now and now.verdict)
            return _answer(found) == _answer(now)

        named = {i for o in (was, now) if o is not None for i in (*o.evidence, o.trigger)}
        new: list[Item] = [i for i in self.news.new if i in self._looked_at]
        # First what the two answers name, and what takes that back: a guess, which is tried like the others.
        near = [i for i in self.news.new if any(r.id in named for r in (self.news.records[i], *self.news.chain(i)))]
        guesses: list[list[Item]] = [[*near], new, self.news.decisions, [*new, *self.news.decisions]]
        whole = next((g for g in guesses if g and gives(g)), guesses[-1])
        return tuple(self.news.cause(item) for item in minimal(whole, gives))

    def _judged(self, items: frozenset[Item]) -> Evaluation:
        """The duty with the old knowledge and some of what became known."""
        found = self._trials.get(items)
        if found is None:
            after = self.news.after
            rows = sorted(i for i in self._looked_at if i in self.news.old or i in items)
            history = History(tuple(self.news.records[i] for i in rows), after.inputs.history.complete_through)
            found = self._trials[items] = rerun(after, only=self.duty, plans=self.news.plans(items), history=history)
        return found


def _kinds(plan: Plan, duty_id: str) -> set[str]:
    """The kinds of records on which a duty's verdicts may depend: its own, those of duties that share records with it, and
    those that open and close the periods it uses."""
    group = {duty_id, getattr(plan.duties.get(duty_id), "adds_to", None) or duty_id}
    group |= {d for d, duty in plan.duties.items() if getattr(duty, "adds_to", None) in group}
    duties = [plan.duties[d] for d in group if d in plan.duties]
    kinds = {e for duty in duties for _, pattern in duty.patterns() for e in pattern.event}
    periods = [plan.calendar.named_periods.get(n) for duty in duties for n in duty.periods_named()]
    return kinds | {e for p in periods if p is not None for e in (p.opened_by, p.closed_by) if e is not None}


def minimal(items: Sequence[T], gives: Callable[[Sequence[T]], bool]) -> list[T]:
    """A part of the items that still ``gives`` and of which no single one can be left out.

    Delta debugging: single items first, where there are few; then ever smaller parts, and what remains without them. All items
    together must give.
    """
    for one in items if len(items) <= _FEW else ():
        if gives([one]):
            return [one]
    kept, parts = list(items), 2
    while len(kept) > 1:
        size = -(-len(kept) // parts)
        pieces = [kept[i : i + size] for i in range(0, len(kept), size)]
        rests = [[x for x in kept if x not in piece] for piece in pieces]
        part = next((p for p in pieces if gives(p)), None) if size > 1 else None
        rest = next((r for r in rests if gives(r)), None) if part is None else None
        if part is not None:
            kept, parts = part, 2
        elif rest is not None:
            kept, parts = rest, max(parts - 1, 2)
        elif size == 1:
            break
        else:
            parts = min(len(kept), 2 * parts)
    return kept
