"""The result of an evaluation: obligations and violations, in columns, made into objects when looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, overload

from dutyrules.errors import Problem
from dutyrules.time.intervals import END, Intervals, contains
from dutyrules.time.zone import Zone
from dutyrules.verdicts import VERDICTS, Verdict

if TYPE_CHECKING:
    from dutyrules.bench import People, Subject, Tenancy
    from dutyrules.duty import BaseDuty
    from dutyrules.ledger import Ledger
    from dutyrules.plan import Plan

__all__ = [
    "VERDICTS",
    "BearerSpan",
    "Evaluation",
    "Obligation",
    "Required",
    "SkippedWindow",
    "Vacancy",
    "Verdict",
    "Violation",
    "Window",
]

Cut = Literal["season", "plan", "scope", "tenure", "waiver"]


@dataclass(frozen=True, slots=True)
class BearerSpan:
    """Who bore the role, from which day, through which day (``None``: open)."""

    person: str
    from_: date | None
    through: date | None


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which an obligation is to be met: local days (both included), and instants ``[start, end)``.

    ``through`` and ``end`` are ``None`` when the window has no end. ``cut`` says by what it was shortened.
    """

    from_: date
    through: date | None
    start: datetime
    end: datetime | None
    cut: Cut | None


@dataclass(frozen=True, slots=True)
class Required:
    """How much is owed."""

    count: int | None
    unit: str


@dataclass(frozen=True, slots=True)
class Obligation:
    """One instance of a duty: one subject, one window, one verdict. Instants carry the plan's zone."""

    id: str
    duty: str
    clause: str
    role: str | None
    subject: str
    object: str | None
    area: str | None
    bearers: tuple[BearerSpan, ...]
    bearer: str | None
    window: Window
    trigger: str | None
    deadline: datetime | None
    """The last instant that counts for limits in hours and minutes, otherwise the first that is too late."""
    required: Required | None
    counted: int
    shortfall: int
    verdict: Verdict
    settled_at: datetime | date | None
    """When it was met (a date where the record has only a date), or when it was violated."""
    late_by: timedelta | None
    evidence: tuple[str, ...]
    reason: str
    """Why the verdict is what it is, as a code; :func:`dutyrules.reason_text` says it in words."""
    plan: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A breach: of which obligation, from when, until when (``None``: still going on, or not over at its deadline)."""

    obligation: str
    from_: datetime
    until: datetime | None
    shortfall: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A post that nobody bore: role, object (or area), local days (``through`` ``None``: until further notice)."""

    role: str
    object: str | None
    area: str | None
    from_: date
    through: date | None


@dataclass(frozen=True, slots=True)
class SkippedWindow:
    """A window that was cut so short that the duty asks nothing of it; ``through`` ``None``: its period is still open."""

    duty: str
    subject: str
    from_: date
    through: date | None
    cut: Cut


class Ruled(NamedTuple):
    """A duty as one plan has it, and the time in which that plan holds."""

    force: Intervals
    plan: Plan
    duty: BaseDuty


def _bearers(spans: Sequence[Tenancy]) -> tuple[BearerSpan, ...]:
    """Who bore the role and when; tenures of one person that meet or overlap are one."""
    joined: list[tuple[Tenancy, Tenancy]] = []
    for t in sorted(spans, key=lambda t: (t.start, t.person)):
        i = next((i for i, (_, until) in enumerate(joined) if until.person == t.person and t.start <= until.end), None)
        if i is None:
            joined.append((t, t))
        elif t.end > joined[i][1].end:
            joined[i] = (joined[i][0], t)
    return tuple(BearerSpan(a.person, a.first, b.through) for a, b in joined)


class _Objects(Sequence[Any]):
    """A sequence whose items are made when they are looked at."""

    def __init__(self, order: Sequence[int], make: Any) -> None:
        self._order, self._make = order, make

    def __len__(self) -> int:
        return len(self._order)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return _Objects(self._order[index], self._make)
        return self._make(self._order[index])

    def __repr__(self) -> str:
        return f"<{len(self)} items>"


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What was owed and what was broken, as of a moment.

    Its content is held in columns; an :class:`Obligation` or :class:`Violation` is made when it is looked at. Two runs over the
    same inputs, in whatever order the records come, give the same obligations in the same order.
    """

    inputs: Any = field(repr=False)
    zone: Zone = field(repr=False)
    as_of_instant: int
    known_at_instant: int | None
    people: People = field(repr=False)
    ledger: Ledger = field(repr=False)
    ruled: dict[str, list[Ruled]] = field(repr=False)
    complete: dict[str, int] = field(repr=False)
    problems: tuple[Problem, ...]
    """What kept the records from being decided, such as an unpublished calendar."""
    warnings: tuple[Problem, ...]
    """What nothing looked at: records, tenures and waivers whose names lead nowhere."""
    vacancies: tuple[Vacancy, ...]
    skipped: tuple[SkippedWindow, ...]

    def __post_init__(self) -> None:
        c = self.ledger.columns
        ids = [f"{d}/{s.key}/{t}" for d, s, t in zip(c["duty"], c["subject"], c["tail"], strict=True)]
        object.__setattr__(self, "_ids", ids)
        order = sorted(range(len(ids)), key=lambda i: (c["duty"][i], c["subject"][i].key, c["start"][i], ids[i]))
        object.__setattr__(self, "_order", order)

    # ---------------------------------------------------------------------------------------------------- the two lists

    @cached_property
    def obligations(self) -> Sequence[Obligation]:
        """Every obligation whose window starts at or before ``as_of``, by duty, subject and window."""
        return _Objects(self._order, self._obligation)  # type: ignore[attr-defined]

    @cached_property
    def violations(self) -> Sequence[Violation]:
        """Every breach, in the order of the obligations, then of time."""
        place = {row: i for i, row in enumerate(self._order)}  # type: ignore[attr-defined]
        breaches = self.ledger.breaches
        records = self.inputs.history.records
        order = sorted(
            range(len(breaches)),
            key=lambda i: (place[breaches[i].row], breaches[i].start, breaches[i].until or END, [records[r].id for r in breaches[i].evidence]),
        )
        return _Objects(order, self._violation)

    def counts(self) -> dict[Verdict, int]:
        """How many obligations have each verdict, the gravest first; verdicts that do not occur are left out."""
        verdicts = self.ledger.columns["verdict"]
        return {v: n for v in VERDICTS if (n := verdicts.count(v))}

    def obligation(self, obligation_id: str) -> Obligation | None:
        """The obligation with an id, if there is one."""
        row = self.row(obligation_id)
        return None if row is None else self._obligation(row)

    def row(self, obligation_id: str) -> int | None:
        """The row of the ledger of an obligation."""
        ids: list[str] = self._ids  # type: ignore[attr-defined]
        return ids.index(obligation_id) if obligation_id in ids else None

    def place(self, obligation_id: str) -> tuple[str | int, ...]:
        """Where in its duty an obligation comes from: ``("at_least", "flood")``, ``("steps", 0)``; ``()``: the duty as a whole.

        Raises:
            KeyError: there is no such obligation.
        """
        row = self.row(obligation_id)
        if row is None:
            raise KeyError(obligation_id)
        found: tuple[str | int, ...] = self.ledger.columns["place"][row]
        return found

    def ids(self) -> list[str]:
        """The ids of all obligations, in their order."""
        return [self._ids[i] for i in self._order]  # type: ignore[attr-defined]

    def verdicts(self) -> list[tuple[str, str, Verdict]]:
        """Id, duty and verdict of every obligation, in no particular order; faster than to look at the obligations."""
        c = self.ledger.columns
        return list(zip(self._ids, c["duty"], c["verdict"], strict=True))  # type: ignore[attr-defined]

    def upcoming(self, until: date | datetime) -> Sequence[Obligation]:
        """The obligations whose window starts after ``as_of`` and at or before ``until``, judged with what is known now."""
        from dutyrules.engine import rerun

        further = rerun(self, until=until)
        now = set(self._ids)  # type: ignore[attr-defined]
        rows = [i for i in further._order if further._ids[i] not in now]  # type: ignore[attr-defined]
        return _Objects(rows, further._obligation)

    def explain(self, obligation_id: str) -> Any:
        """How an obligation came about, what counted, and every near miss.

        Raises:
            KeyError: there is no such obligation.
        """
        from dutyrules.explanation import explain

        return explain(self, obligation_id)

    # ------------------------------------------------------------------------------------------------- made when looked at

    def _moment(self, instant: int | None) -> datetime | None:
        return None if instant is None or abs(instant) >= END else self.zone.to_datetime(instant)

    def _day(self, instant: int) -> date:
        return date.fromordinal(self.zone.day_of(instant))

    def _ruling(self, row: int) -> Ruled:
        c = self.ledger.columns
        rulings = [r for r in self.ruled[c["duty"][row]] if r.plan.plan.id in c["run"][row]]
        end = c["end"][row]
        # Where a duty runs on through several plans, the clause cited is that of the plan in force when the window ends (or
        # now, if it has not ended).
        at = min(END if end is None else end, max(self.as_of_instant, c["start"][row] + 1)) - 1
        return next((r for r in rulings if contains(r.force, at)), rulings[-1] if at >= rulings[-1].force[0][0] else rulings[0])

    def _spans(self, role: str | None, subject: Subject, start: int, end: int) -> list[Any]:
        if role is None:
            return []
        if subject.object is not None:
            found = self.people.over_object(role, subject.object)
        elif subject.area is not None:
            found = self.people.over_area(role, subject.area)
        else:
            found = sorted({t for t, _, _ in self.people.roles.get(role, ()) if t.person == subject.person})
        mine = [t for t in found if subject.person is None or t.person == subject.person]
        return [t for t in mine if t.start < end and t.end > start]

    def _obligation(self, row: int) -> Obligation:
        c = {name: values[row] for name, values in self.ledger.columns.items()}
        subject: Subject = c["subject"]
        start, end = c["start"], c["end"]
        # Without a deadline, who answers is who bore the role when it was settled, or bears it now.
        now = (self.as_of_instant if c["settled"] is None else c["settled"] + 1) if end is None else end
        last = END if end is None else end
        spans = self._spans(c["role"], subject, start, max(now, start + 1))
        at = now - 1
        bearing = [t for t in spans if t.start <= at < t.end]
        ruling = self._ruling(row)
        records = self.inputs.history.records
        settled = self._moment(c["settled"])
        closed = max(last - 1, start)
        return Obligation(
            id=self._ids[row],  # type: ignore[attr-defined]
            duty=c["duty"],
            clause=ruling.duty.clause,
            role=c["role"],
            subject=subject.key,
            object=subject.object,
            area=subject.area,
            bearers=_bearers(spans),
            bearer=bearing[0].person if bearing else None,
            window=Window(
                self._day(start), None if end is None else self._day(closed), self.zone.to_datetime(start), self._moment(end), c["cut"]
            ),
            trigger=c["trigger"],
            deadline=self._moment(c["deadline"]),
            required=None if c["unit"] is None else Required(c["required"], c["unit"]),
            counted=c["counted"],
            shortfall=c["shortfall"],
            verdict=c["verdict"],
            settled_at=settled.date() if settled and c["settled_day"] else settled,
            late_by=None if c["late_by"] is None else timedelta(microseconds=c["late_by"]),
            evidence=tuple(records[i].id for i in c["evidence"]),
            reason=c["reason"],
            plan=ruling.plan.plan.id,
        )

    def _violation(self, index: int) -> Violation:
        b = self.ledger.breaches[index]
        records = self.inputs.history.records
        return Violation(
            obligation=self._ids[b.row],  # type: ignore[attr-defined]
            from_=self.zone.to_datetime(b.start),
            until=self._moment(b.until),
            shortfall=b.shortfall,
            evidence=tuple(records[i].id for i in b.evidence),
        )
