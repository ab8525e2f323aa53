"""When to look again: for each object of some duties, the next moment at which anything of it may change without a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from heapq import heappop, heappush

import numpy as np

from dutyrules.bench import Bench
from dutyrules.columnar.blocks import Block
from dutyrules.columnar.people import people_of
from dutyrules.engine import Inputs, run
from dutyrules.evaluation import VERDICTS, Evaluation
from dutyrules.history import History
from dutyrules.monitor.groups import EVER, Group
from dutyrules.monitor.held import Held
from dutyrules.monitor.moving import Moving, Turn
from dutyrules.monitor.parts import Part, Unit, Units
from dutyrules.plan import InForce
from dutyrules.time.intervals import END, Interval
from dutyrules.time.zone import Zone

__all__ = ["Agenda", "watched", "within"]

Moment = date | datetime
OPEN = tuple(VERDICTS.index(v) for v in ("pending", "cannot_be_met"))


def within(span: Interval) -> Callable[[Bench], None]:
    """Prepares a bench so that only windows near a time are judged on it."""

    def prepare(bench: Bench) -> None:
        bench.span = span

    return prepare


def watched(turn: Turn, span: Interval) -> Callable[[Bench], None]:
    """Prepares a bench so that it is also told when what is judged on it may turn out differently."""

    def prepare(bench: Bench) -> None:
        bench.span = span
        bench.as_of = Moving(bench.as_of, turn)
        # A day's end and the midnight that follows are one instant, and only the latter asks for what starts then.
        bench.limit = Moving(bench.limit, turn)

    return prepare


def _opening(turn: Turn, span: Interval) -> Callable[[Bench], None]:
    """Prepares a bench so that it is told when the next window opens."""

    def prepare(bench: Bench) -> None:
        bench.span = span
        bench.limit = Moving(bench.limit, turn)

    return prepare


class Agenda:
    """The units of a monitor by the moment at which to look at them, and the records that have not happened yet."""

    def __init__(self, inputs: Inputs, groups: Iterable[Group], zone: Zone, held: Held) -> None:
        self._plans, self._groups, self._zone, self._held = inputs.plans, list(groups), zone, held
        self._people, self._columns = people_of(inputs.roster, zone)
        self._group_of = {duty: group for group in self._groups for duty in group.duties}
        # With the first instant of a plan its windows open; only once that has passed is it the plan that is cited.
        self._edges = sorted({edge + k for plan in inputs.plans for edge in _force(plan.plan.in_force, zone) for k in (0, 1)})
        self.known = False
        """Whether it has been made up; that waits for the first time that time passes."""
        self._at: dict[Unit, int] = {}
        self._order: list[tuple[int, int, Unit]] = []
        self._entered = 0
        self._unseen: list[tuple[int, int]] = []

    # ------------------------------------------------------------------------------------------------------ records

    def expect(self, rows: Iterable[int], as_of: Moment) -> None:
        """Note the records that have not happened yet."""
        now = self._zone.moment(as_of)
        for row in rows:
            if self._held.low[row] >= now:
                heappush(self._unseen, (self._held.low[row], row))

    def seen(self, to: Moment) -> list[int]:
        """The records that have happened by then and are new; each is told once."""
        then, found = self._zone.moment(to), []
        while self._unseen and self._unseen[0][0] < then:
            found.append(heappop(self._unseen)[1])
        return found

    # -------------------------------------------------------------------------------------------------------- units

    def crosses_an_edge(self, as_of: Moment, to: Moment) -> bool:
        """Whether a year begins, or a plan begins or ends, on the way: then everything may change."""
        first, last = _limit(self._zone, as_of), self._zone.moment(to)
        years = (date.fromordinal(self._zone.day_of(at)).year for at in (first, last))
        return len(set(years)) > 1 or any(first < edge <= last for edge in self._edges)

    def forget(self) -> None:
        """Begin anew."""
        self.known = False
        self._at, self._order = {}, []

    def due(self, as_of: Moment, to: Moment) -> Units:
        """The units that may change, with the time of the records from which they must be judged."""
        now, then = self._zone.moment(as_of), self._zone.moment(to)
        found: Units = {}
        while self._order and self._order[0][0] <= then:
            at, _, unit = heappop(self._order)
            if self._at.get(unit) == at:
                del self._at[unit]
                group, key = unit
                found[unit] = self._ahead(group, now) if isinstance(key, str) else EVER
        return found

    def judged(self, part: Part, found: Evaluation, turn: Turn) -> None:
        """Note when to look again at what was judged."""
        if part.in_columns:
            self._enter_all([part.group], found)
            return
        at = _shown(found, turn)
        for unit in part.units():
            # What lies outside of the time that was judged has its own moment, which stays.
            self._enter(unit, at if part.span[1] >= END else min(at, self._at.get(unit, END)))

    def look_at(self, whole: Evaluation) -> None:
        """Make it up from an evaluation of everything."""
        self.known = True
        self._enter_all(self._groups, whole)

    def _enter(self, unit: Unit, at: int) -> None:
        if at >= END:
            self._at.pop(unit, None)
        elif self._at.get(unit) != at:
            self._at[unit] = at
            self._entered += 1
            heappush(self._order, (at, self._entered, unit))

    def _enter_all(self, groups: Iterable[Group], found: Evaluation) -> None:
        """Enter all units of some groups. A unit of which nobody knows better is looked at as soon as time passes."""
        now = found.as_of_instant
        for group in groups:
            otherwise = END if group.steady else now
            if not group.splits:
                self._enter((group, None), now)
            elif group.case is not None:
                for case in self._held.cases(group.case):
                    self._enter((group, case), otherwise)
            else:
                opens = self._openings(group, found) if group.steady and group.counts else {}
                for o in self._people.objects.values():
                    if o.type in group.types:
                        self._enter((group, o.id), opens.get(o.id, otherwise))
        for unit, at in self._open(found, frozenset(g for g in groups if g.steady)):
            self._enter(unit, min(at, self._at.get(unit, END)))

    def _open(self, found: Evaluation, groups: frozenset[Group]) -> Iterator[tuple[Unit, int]]:
        """The units of steady groups that have open obligations, with when these may change."""
        ledger, now = found.ledger, found.as_of_instant
        for row in range(ledger.single):
            end = ledger.columns["end"][row]
            group = self._group_of[ledger.columns["duty"][row]]
            if group in groups and (end is None or end > now):
                yield self._unit(group, ledger.columns["subject"][row].key, ledger.columns["trigger"][row]), now
        for block in ledger.blocks:
            group = self._group_of[block.duty]
            if group in groups:
                for i in ((block.end > now) & np.isin(block.verdict, OPEN)).nonzero()[0].tolist():
                    yield self._unit(group, block.key_of(i)[0], block.trigger(i)), self._turns(block, i, now)

    def _turns(self, block: Block, i: int, now: int) -> int:
        """When an open obligation that is held in columns may change."""
        end = int(block.end[i])
        if end >= END:
            # It shows who bears it now.
            return now
        if block.unit == "events":
            return end
        tomorrow = self._zone.day_of(now) + 1
        if block.unit == "days":
            # Too few days are left only from the day on which fewer are left than are missing.
            missing = int(block.required[i]) - int(block.counted[i])
            tomorrow = max(tomorrow, self._zone.day_of(end - 1) - missing + 2)
        return min(end, self._zone.start(tomorrow))

    def _unit(self, group: Group, object_id: str, trigger: str | None) -> Unit:
        if group.case is None:
            return group, object_id
        assert trigger is not None
        return group, (group.case, group.case.key(self._held.records[self._held.rows[trigger] - 1]))

    def _openings(self, group: Group, found: Evaluation) -> dict[str, int]:
        """When the next window of a count opens for each object.

        Objects with the same time in scope have the same windows, so that one of them is asked for all.
        """
        plans = [(plan, plan.duties[d]) for plan in self._plans for d in sorted(group.duties) if d in plan.duties]
        names = {a for plan, duty in plans for t in duty.object_type if t in plan.object_types for a in plan.object_types[t].while_}
        kinds = self._columns.profiles(sorted(names | {a for _, duty in plans for a in duty.while_}))
        inputs = replace(found.inputs, history=History((), found.inputs.history.complete_through))
        opens: dict[int, int] = {}
        out = {}
        for o, kind in zip(self._columns.ids, kinds.codes.tolist(), strict=True):
            if self._people.objects[o].type not in group.types:
                continue
            if kind not in opens:
                turn = Turn()
                run(inputs, only=group.duties, objects=frozenset([o]), prepare=_opening(turn, self._ahead(group, found.as_of_instant)))
                opens[kind] = turn.at
            out[o] = opens[kind]
        return out

    @staticmethod
    def _ahead(group: Group, now: int) -> Interval:
        """The time of the records that bear on what has not ended; what has ended stays as it is."""
        return (group.reach(now, now)[0], END) if group.reach else EVER


def _shown(found: Evaluation, turn: Turn) -> int:
    """When an evaluation may turn out differently; who bears what is still open, and by which plan, is said as of now."""
    ledger, now = found.ledger, found.as_of_instant
    moved = replace(found, as_of_instant=Moving(now, turn))
    for row, end in enumerate(ledger.columns["end"]):
        if end is None or end > now:
            moved._obligation(row)
    return turn.at


def _limit(zone: Zone, moment: Moment) -> int:
    """The last instant whose windows have opened."""
    return zone.moment(moment) - (not isinstance(moment, datetime))


def _force(force: InForce, zone: Zone) -> Iterator[int]:
    yield zone.start(force.from_.toordinal())
    if force.through is not None:
        yield zone.start(force.through.toordinal() + 1)
