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
        found = self.after or self.before
        assert found is not None
        return found

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
) -> list[Change]:
    """The change log of verdicts between two moments of knowledge.

    The arguments are those of :func:`dutyrules.evaluate`; ``known_at`` holds the earlier and the later moment.

    Raises:
        InputError: as :func:`dutyrules.evaluate`, and where the later moment comes before the earlier one.
    """
    before = evaluate(
        plans, roster, history, as_of=as_of, known_at=known_at[0], waivers=waivers, complete_through=complete_through
    )
    return list(look_back(before, known_at[1]).changes)


def look_back(before: Evaluation, later: Moment) -> Hindsight:
    """What an evaluation with ``known_at`` would say with what was known at a later moment, and why.

    Raises:
        InputError: the later moment comes before that of the evaluation.
    """
    assert before.known_at_instant is not None
    if before.zone.moment(later) < before.known_at_instant:
        raise InputError([Problem("DR803", {"first": str(before.inputs.known_at), "second": str(later)})])
    after = rerun(before, known_at=later)
    old = {o.id: o for o in before.obligations}
    new = {o.id: o for o in after.obligations}
    search = _Search(before, after)
    found = []
    for i in old.keys() | new.keys():
        was, now = old.get(i), new.get(i)
        if _answer(was) != _answer(now):
            found.append(Change(was, now, search.causes(was, now)))
    found.sort(key=lambda c: (c.obligation.duty, c.obligation.subject, c.obligation.window.start, c.obligation.id))
    return Hindsight(before, after, tuple(found))


def _answer(o: Obligation | None) -> tuple[object, ...] | None:
    return None if o is None else (o.verdict, o.evidence, o.counted, o.bearer)


Item = int | tuple[int, str, int]
"""Something that became known: the row of a record, or the plan (by number), season and year of a decision."""


class _Search:
    """The search for what, of all that became known, turned an answer into another."""

    def __init__(self, before: Evaluation, after: Evaluation) -> None:
        self.before, self.after = before, after
        history: History = before.inputs.history
        self.records = history.records
        seen = [Sight(history, e.zone, e.as_of_instant, e.known_at_instant) for e in (before, after)]
        unknown = [[bool(f & RECORDED_TOO_LATE) for f in s.failed] for s in seen]
        self.old = [i for i, late in enumerate(unknown[0]) if not late]
        self.new = [i for i, late in enumerate(unknown[0]) if late and not unknown[1][i]]
        self.rows = {r.id: i for i, r in enumerate(self.records)}
        self._answers: dict[tuple[str, frozenset[Item]], dict[str, Obligation]] = {}

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

    def causes(self, was: Obligation | None, now: Obligation | None) -> tuple[Cause | SeasonCause, ...]:
        """A set that gives the new answer (its verdict, where that changed) and of which nothing can be left out."""
        either = now or was
        assert either is not None

        def told(o: Obligation | None) -> object:
            if was is None or now is None or was.verdict != now.verdict:
                return None if o is None else o.verdict
            return _answer(o)

        def gives(items: Sequence[Item]) -> bool:
            return told(self._judged(either.duty, frozenset(items)).get(either.id)) == told(now)

        near = [i for i in self.new if self._is_near(i, was, now)]
        # Each guess is tried; only all that became known is sure to give the answer.
        guesses: list[list[Item]] = [near, self._of_duty(either.duty), list(self.new), self.decisions, [*self.new, *self.decisions]]
        whole = next((g for g in guesses if g and gives(g)), guesses[-1])
        return tuple(self._cause(item) for item in minimal(whole, gives))

    def _is_near(self, row: int, was: Obligation | None, now: Obligation | None) -> bool:
        """Whether a record is one of those that the two answers name, or takes back one of those."""
        named = {i for o in (was, now) if o is not None for i in (*o.evidence, o.trigger)}
        return any(r.id in named for r in (self.records[row], *self._chain(row)))

    def _of_duty(self, duty: str) -> list[Item]:
        """The new records of the kinds that the duty looks at, and those that take such records back."""
        events = {
            e
            for plan in self.after.inputs.plans if duty in plan.duties
            for _, pattern in plan.duties[duty].patterns()
            for e in pattern.event
        }  # fmt: skip
        return [i for i in self.new if any(r.event in events for r in (self.records[i], *self._chain(i)))]

    def _chain(self, row: int) -> tuple[Record, ...]:
        """What a record takes back, what that takes back, and so on."""
        found: list[Record] = []
        at = self.records[row].retracts
        while at is not None and at in self.rows and self.records[self.rows[at]] not in found:
            found.append(self.records[self.rows[at]])
            at = found[-1].retracts
        return tuple(found)

    def _cause(self, item: Item) -> Cause | SeasonCause:
        if isinstance(item, int):
            return Cause(self.records[item], self._chain(item))
        number, season, year = item
        plan: Plan = self.before.inputs.plans[number]
        d = plan.seasons[season].in_year[year]
        assert d.decided is not None
        return SeasonCause(
            plan.plan.id, season, year, d.decided, None if d.from_ is None else str(d.from_), None if d.through is None else str(d.through)
        )

    def _judged(self, duty: str, items: frozenset[Item]) -> dict[str, Obligation]:
        """The obligations of a duty with the old knowledge and some of what became known."""
        key = (duty, items)
        found = self._answers.get(key)
        if found is None:
            rows = sorted([*self.old, *(i for i in items if isinstance(i, int))])
            history: History = self.after.inputs.history
            trial = rerun(
                self.after, only=duty, plans=self._plans(items),
                history=History(tuple(self.records[i] for i in rows), history.complete_through),
            )  # fmt: skip
            found = self._answers[key] = {o.id: o for o in trial.obligations if o.duty == duty}
        return found

    def _plans(self, items: frozenset[Item]) -> list[Plan]:
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


def minimal(items: Sequence[T], gives: Callable[[Sequence[T]], bool]) -> list[T]:
    """A part of the items that still ``gives`` and of which no single one can be left out.

    Delta debugging: single items first, then ever smaller parts and what remains without them. All items together must give.
    """
    for one in items:
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
