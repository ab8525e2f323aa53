"""Evaluation record by record: what each new record, or the passing of time, changes.

The engine judges. What is here only decides what must be judged again: the duties that look for records of that kind and, of a
duty that is for each object, the objects that the record may concern, from the records that may concern these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from dutyrules.columnar.people import people_of
from dutyrules.duties.chain import ChainDuty
from dutyrules.engine import Inputs, inputs_of, run
from dutyrules.evaluation import Evaluation, Obligation, Violation
from dutyrules.history import History, Record, records_from
from dutyrules.partition import judged_together, kinds_of
from dutyrules.plan import Plan
from dutyrules.roster import Roster
from dutyrules.time.intervals import END
from dutyrules.time.zone import zone_named
from dutyrules.waivers import Waiver

__all__ = ["Changes", "Monitor"]

Moment = date | datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What became different: obligations by id, and violations, which are the same only if all of them is the same."""

    new: tuple[Obligation, ...] = ()
    gone: tuple[Obligation, ...] = ()
    different: tuple[tuple[Obligation, Obligation], ...] = ()
    """Obligations of which anything changed: before, after."""
    new_violations: tuple[Violation, ...] = ()
    gone_violations: tuple[Violation, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.gone or self.different or self.new_violations or self.gone_violations)


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
        self._groups = _groups(self._inputs.plans)
        self._held = _Held()
        self._held.add(self._inputs.history.records)
        self._zone = zone_named(self._inputs.plans[0].plan.timezone)
        self._people, _ = people_of(self._inputs.roster, self._zone)
        self._inside: dict[str, list[str]] = {}
        for o in self._inputs.roster.objects:
            for area in self._people.areas_of(o.id):
                self._inside.setdefault(area, []).append(o.id)
        self._whole: Evaluation | None = None

    @property
    def as_of(self) -> Moment:
        """The moment as of which it judges."""
        return self._inputs.as_of

    def evaluation(self) -> Evaluation:
        """What :func:`dutyrules.evaluate` gives for all records so far, as of now. Judges everything once, if anything changed."""
        if self._whole is None:
            self._whole = run(self._now(self._held.records))
        return self._whole

    def add(self, records: Iterable[Record | Mapping[str, Any]]) -> Changes:
        """Take in more records; what they change.

        Raises:
            InputError: rows that cannot be read, by number, and ids that occur twice or were there before. Nothing is taken in.
        """
        new = records_from(records, self._held.rows)
        parts = self._parts(new)
        before = [self._judged(part) for part in parts]
        self._held.add(new)
        if new:
            self._whole = None
        return _difference(zip(before, map(self._judged, parts), strict=True))

    def advance(self, to: Moment) -> Changes:
        """Move on to a later moment; what the passing of time changes. Judges everything as of then.

        Raises:
            ValueError: ``to`` lies before the present moment.
        """
        # The end of a day is the next midnight; the windows that open then are asked for only by that hour itself.
        if self._order(to) < self._order(self.as_of):
            raise ValueError(f"a monitor only moves forward: {to.isoformat()} lies before {self.as_of.isoformat()}")
        before = self.evaluation()
        self._inputs = replace(self._inputs, as_of=to)
        self._whole = None
        return _difference([(before, self.evaluation())])

    def _order(self, moment: Moment) -> tuple[int, bool]:
        return self._zone.moment(moment), isinstance(moment, datetime)

    def _now(self, records: Sequence[Record]) -> Inputs:
        return replace(self._inputs, history=History(tuple(records), self._inputs.history.complete_through))

    def _judged(self, part: _Part) -> Evaluation:
        kinds = frozenset(k for g in part.groups for k in g.kinds)
        rows = self._held.of(kinds) if part.objects is None else self._held.about(kinds, part.objects)
        records = [self._held.records[i] for i in rows]
        return run(self._now(records), only=frozenset(d for g in part.groups for d in g.duties), objects=part.objects)

    # ------------------------------------------------------------------------------------------ what must be judged again

    def _parts(self, new: Sequence[Record]) -> list[_Part]:
        """What the records may change, each obligation in one part only."""
        whole: set[_Group] = set()
        single: dict[str, set[_Group]] = {}
        for record in self._held.with_what_they_take_back(new):
            for group in self._groups.get(record.event, ()):
                objects = self._concerned(record, group)
                if objects is None:
                    whole.add(group)
                else:
                    for o in objects:
                        single.setdefault(o, set()).add(group)
        alike: dict[frozenset[_Group], set[str]] = {}
        for o, groups in single.items():
            if left := frozenset(groups - whole):
                alike.setdefault(left, set()).add(o)
        parts = [_Part(groups, frozenset(objects)) for groups, objects in alike.items()]
        return parts + ([_Part(frozenset(whole), None)] if whole else [])

    def _concerned(self, record: Record, group: _Group) -> list[str] | None:
        """The objects whose verdicts a record may change; ``None``: everything of these duties."""
        if not group.splits:
            return None
        if record.objects:
            found: Iterable[str] = record.objects
        elif record.area is None or group.by_case:
            # A record of a case may leave out the object.
            return None
        else:
            found = self._inside.get(record.area, ())
        objects = self._people.objects
        return [o for o in found if o in objects and objects[o].type in group.types]


@dataclass(frozen=True)
class _Group:
    """Duties that are judged together, because they share records."""

    duties: frozenset[str]
    kinds: frozenset[str]
    """The events that they look for."""
    types: frozenset[str]
    splits: bool
    """Whether each object is judged by itself."""
    by_case: bool


@dataclass(frozen=True)
class _Part:
    """Some duties, and the objects for which they must be judged again (``None``: everything of them)."""

    groups: frozenset[_Group]
    objects: frozenset[str] | None


def _groups(plans: Sequence[Plan]) -> dict[str, list[_Group]]:
    """For each kind of event, the duties that look for it."""
    out: dict[str, list[_Group]] = {}
    for duties in judged_together(plans):
        held = [(plan, plan.duties[d]) for plan in plans for d in sorted(duties) if d in plan.duties]
        group = _Group(
            duties,
            frozenset(k for plan, duty in held for k in kinds_of(plan, duty)),
            frozenset(t for _, duty in held for t in duty.object_type),
            all(getattr(duty, "for_each", "object") == "object" for _, duty in held),
            any(isinstance(duty, ChainDuty) for _, duty in held),
        )
        for kind in group.kinds:
            out.setdefault(kind, []).append(group)
    return out


class _Held:
    """The records so far, in the order in which they came, found by kind, by object and by what they take back."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.rows: dict[str, int] = {}
        """The number of each record, by id, counted from 1."""
        self._of: dict[str, list[int]] = {}
        self._about: dict[tuple[str, str | None], list[int]] = {}
        self._takers: dict[str, list[int]] = {}

    def add(self, records: Sequence[Record]) -> None:
        """Hold some more records."""
        for record in records:
            row = len(self.records)
            self.records.append(record)
            self.rows[record.id] = row + 1
            self._of.setdefault(record.event, []).append(row)
            for o in record.objects or (None,):
                self._about.setdefault((record.event, o), []).append(row)
            if record.retracts is not None:
                self._takers.setdefault(record.retracts, []).append(row)

    def of(self, kinds: Iterable[str]) -> list[int]:
        """The records of some kinds, and those that take them back."""
        return self._with_takers(row for kind in kinds for row in self._of.get(kind, ()))

    def about(self, kinds: Iterable[str], objects: Iterable[str]) -> list[int]:
        """The records of some kinds that name one of some objects, or none at all, and those that take them back."""
        places = [*objects, None]
        return self._with_takers(row for kind in kinds for o in places for row in self._about.get((kind, o), ()))

    def _with_takers(self, rows: Iterable[int]) -> list[int]:
        found = set(rows)
        if self._takers:
            left = list(found)
            while left:
                for taker in self._takers.get(self.records[left.pop()].id, ()):
                    if taker not in found:
                        found.add(taker)
                        left.append(taker)
        return sorted(found)

    def with_what_they_take_back(self, new: Sequence[Record]) -> Iterator[Record]:
        """New records, and those whose standing they change: what they take back, what that had taken back, and so on."""
        met: set[str] = set()
        for record in new:
            yield record
            at = record.retracts
            while at is not None and at not in met and at in self.rows:
                met.add(at)
                taken = self.records[self.rows[at] - 1]
                yield taken
                at = taken.retracts


# ------------------------------------------------------------------------------------------------------- what is different


def _difference(pairs: Iterable[tuple[Evaluation, Evaluation]]) -> Changes:
    """What is different between evaluations of the same parts of the same inputs, before and after."""
    was: dict[str, Obligation] = {}
    now: dict[str, Obligation] = {}
    violations: Counter[Violation] = Counter()
    for before, after in pairs:
        at_once = before.as_of_instant == after.as_of_instant
        # What counts in columns counts inside its window; once that has closed, time changes nothing any more.
        closed = -END if at_once else before.as_of_instant
        (rows, over), (later, still_over) = _rows(before, closed), _rows(after, closed)
        over &= still_over
        for i, row in rows.items():
            if i in later and (
                i in over or _same(before.ledger.row(row), after.ledger.row(later[i]), before, after, at_once)
            ):
                del later[i]
            else:
                was[i] = before._obligation(row)
        now |= {i: after._obligation(row) for i, row in later.items()}
        violations.update(after.violations)
        violations.subtract(before.violations)
    moved = [(o, now[i]) for i, o in was.items() if i in now and now[i] != o]
    return Changes(
        new=tuple(sorted((o for i, o in now.items() if i not in was), key=_place)),
        gone=tuple(sorted((o for i, o in was.items() if i not in now), key=_place)),
        different=tuple(sorted(moved, key=lambda pair: _place(pair[1]))),
        new_violations=tuple(v for v, n in violations.items() for _ in range(n)),
        gone_violations=tuple(v for v, n in violations.items() for _ in range(-n)),
    )


def _rows(e: Evaluation, closed: int) -> tuple[dict[str, int], set[str]]:
    """The rows of an evaluation by id, and those held in columns whose window had closed at an instant."""
    ledger = e.ledger
    rows = {ledger.id(row): row for row in range(ledger.single)}
    over: set[str] = set()
    first = ledger.single
    for block in ledger.blocks:
        ids = [block.id(i) for i in range(len(block))]
        rows |= zip(ids, range(first, first + len(block)), strict=True)
        over.update(ids[i] for i in (block.end <= closed).nonzero()[0].tolist())
        first += len(block)
    return rows, over


def _same(a: Mapping[str, Any], b: Mapping[str, Any], before: Evaluation, after: Evaluation, at_once: bool) -> bool:
    """Whether two rows are sure to be shown alike; the moment itself may show in a window that has not closed."""
    if not at_once and (a["end"] is None or a["end"] > before.as_of_instant):
        return False
    return all(a[name] == b[name] for name in a if name != "evidence") and _evidence(a, before) == _evidence(b, after)


def _evidence(row: Mapping[str, Any], e: Evaluation) -> list[str]:
    return [e.inputs.history.records[i].id for i in row["evidence"]]


def _place(o: Obligation) -> tuple[str, str, datetime, str]:
    return o.duty, o.subject, o.window.start, o.id
