"""Evaluation record by record: what each new record, or the passing of time, changes.

The engine judges. What is here only decides what must be judged again, from which records, and when.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from dutyrules.columnar.people import people_of
from dutyrules.engine import inputs_of, run
from dutyrules.evaluation import Evaluation
from dutyrules.history import History, Record, records_from
from dutyrules.monitor.agenda import Agenda, watched, within
from dutyrules.monitor.difference import Changes, difference
from dutyrules.monitor.groups import groups_of
from dutyrules.monitor.held import Held
from dutyrules.monitor.moving import Turn
from dutyrules.monitor.parts import Part, Parts
from dutyrules.plan import Plan
from dutyrules.roster import Roster
from dutyrules.time.zone import zone_named
from dutyrules.waivers import Waiver

__all__ = ["Changes", "Monitor"]

Moment = date | datetime


class Monitor:
    """An evaluation that is kept up to date. Takes what :func:`dutyrules.evaluate` takes, and raises what it raises."""

    def __init__(
        self,
        plans: Plan | Mapping[str, Any] | Iterable[Plan | Mapping[str, Any]],
        roster: Roster | Mapping[str, Any],
        history: History | Iterable[Record | Mapping[str, Any]] = (),
        *,
        as_of: Moment,
        known_at: Moment | None = None,
        waivers: Mapping[str, Any] | Iterable[Waiver] | None = None,
        complete_through: Mapping[str, Moment] | Moment | None = None,
    ) -> None:
        self._inputs = inputs_of(plans, roster, history, as_of, known_at, waivers, complete_through)
        self._zone = zone_named(self._inputs.plans[0].plan.timezone)
        groups = groups_of(self._inputs.plans, self._zone, self._inputs.waivers)
        self._held = Held(self._zone, groups)
        self._parts = Parts(groups, people_of(self._inputs.roster, self._zone)[0], self._held)
        self._agenda = Agenda(self._inputs, groups, self._zone, self._held)
        self._held.add(self._inputs.history)
        self._agenda.expect(range(len(self._held.records)), self.as_of)
        self._whole: Evaluation | None = None

    @property
    def as_of(self) -> Moment:
        """The moment as of which it judges."""
        return self._inputs.as_of

    def evaluation(self) -> Evaluation:
        """What :func:`dutyrules.evaluate` gives for all records so far, as of now. Judges everything once, if anything changed."""
        if self._whole is None:
            if len(self._inputs.history) != len(self._held.records):
                self._inputs = replace(self._inputs, history=self._history(self._held.records))
            self._whole = run(self._inputs)
        return self._whole

    def add(self, records: Iterable[Record | Mapping[str, Any]]) -> Changes:
        """Take in more records; what they change.

        Raises:
            InputError: rows that cannot be read, by number, and ids that occur twice or were there before. Nothing is taken in.
        """
        new = self._held.add(self._history(records_from(records, self._held.rows)))
        if not new:
            return Changes()
        self._agenda.expect(new, self.as_of)
        parts = self._parts.of_records(new)
        before = [self._judged(part, new.start) for part in parts]
        self._whole = None
        return difference(zip(before, map(self._judged_anew, parts), strict=True))

    def advance(self, to: Moment) -> Changes:
        """Move on to a later moment; what the passing of time changes.

        Raises:
            ValueError: ``to`` lies before the present moment.
        """
        if self._order(to) < self._order(self.as_of):
            raise ValueError(f"a monitor only moves forward: {to.isoformat()} lies before {self.as_of.isoformat()}")
        if self._order(to) == self._order(self.as_of):
            return Changes()
        if self._agenda.crosses_an_edge(self.as_of, to):
            before = self.evaluation()
            self._agenda.forget()
            self._agenda.seen(to)
            self._move(to)
            return difference([(before, self.evaluation())])
        if not self._agenda.known:
            self._agenda.look_at(self.evaluation())
        parts = self._parts.of_time(self._agenda.due(self.as_of, to), self._agenda.seen(to))
        before_parts = [self._judged(part) for part in parts]
        self._move(to)
        return difference(zip(before_parts, map(self._judged_anew, parts), strict=True))

    def _order(self, moment: Moment) -> tuple[int, bool]:
        # The end of a day is the next midnight; the windows that open then are asked for only by that hour itself.
        return self._zone.moment(moment), isinstance(moment, datetime)

    def _move(self, to: Moment) -> None:
        self._inputs = replace(self._inputs, as_of=to)
        self._whole = None

    def _history(self, records: Iterable[Record]) -> History:
        return History(tuple(records), self._inputs.history.complete_through)

    def _judged(self, part: Part, without: int | None = None, turn: Turn | None = None) -> Evaluation:
        """A part as of now, without the records from a row on."""
        rows = self._rows(part)
        records = [self._held.records[row] for row in (rows if without is None else rows[: bisect_left(rows, without)])]
        objects = part.objects if part.case is None else frozenset(o for r in records for o in r.objects)
        prepare = within(part.span) if turn is None else watched(turn, part.span)
        return run(
            replace(self._inputs, history=self._history(records)),
            only=part.group.duties,
            objects=objects,
            # In columns, the windows of all objects are made once for all runs as of one moment, and no span holds.
            prepare=None if part.in_columns else prepare,
        )

    def _judged_anew(self, part: Part) -> Evaluation:
        """A part as of now, and the next moment at which to look at it."""
        if not self._agenda.known:
            return self._judged(part)
        turn = Turn()
        found = self._judged(part, turn=turn)
        self._agenda.judged(part, found, turn)
        return found

    def _rows(self, part: Part) -> list[int]:
        if part.case is not None:
            return self._held.of_case(part.case)
        if part.objects is None:
            return self._held.of(part.group.kinds, part.span)
        return self._held.about(part.group.kinds, part.objects, part.span)
