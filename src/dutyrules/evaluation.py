"""The result of an evaluation: obligations and violations, in columns, made into objects when looked at."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    from dutyrules.columnar.blocks import Block
    from dutyrules.columns import Instants
    from dutyrules.duty import BaseDuty
    from dutyrules.ledger import Breach, Ledger
    from dutyrules.plan import Plan
    from dutyrules.progress import Watch

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

_STRETCH = 1 << 16
"""So many obligations are turned into text at a time."""

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


def bearer_spans(spans: Sequence[Tenancy]) -> tuple[BearerSpan, ...]:
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

    def __init__(self, order: Sequence[int] | Instants, make: Any) -> None:
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
        return self._make(int(self._order[index]))

    def __iter__(self) -> Iterator[Any]:
        # A sequence is by itself iterated until an IndexError, also until one from within.
        return map(self._make, map(int, self._order))

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

    # ---------------------------------------------------------------------------------------------------- the two lists

    @cached_property
    def obligations(self) -> Sequence[Obligation]:
        """Every obligation whose window starts at or before ``as_of``, by duty, subject and window."""
        return _Objects(self._order, self._obligation)

    @cached_property
    def violations(self) -> Sequence[Violation]:
        """Every breach, in the order of the obligations, then of time."""
        import numpy as np

        place = np.empty(len(self._order), dtype=np.int64)
        place[self._order] = np.arange(len(place))
        records, breaches = self.inputs.history.records, self.ledger.breaches

        def key(i: int) -> tuple[Any, ...]:
            b = breaches[i]
            return b.start, b.until or END, [records[r].id for r in b.evidence]

        # A breach that is held by itself is counted from -1 down; one in columns is told by its row.
        alone = np.array(sorted(range(len(breaches)), key=key), dtype=np.int64)
        rows = np.array([b.row for b in breaches], dtype=np.int64)[alone]
        held = [first + block.violated() for first, block in self.blocks()]
        found = np.concatenate([-1 - alone, *held])
        order = np.argsort(place[np.concatenate([rows, *held])], kind="stable")
        return _Objects(found[order], lambda i: self._violation(breaches[-1 - i] if i < 0 else self._breach(i)))

    def _breach(self, row: int) -> Breach:
        block, at = self.ledger.place(row)
        assert block is not None
        return block.breach(at, row)

    def blocks(self) -> Iterator[tuple[int, Block]]:
        """The blocks of the ledger, each with its first row."""
        first = self.ledger.single
        for block in self.ledger.blocks:
            yield first, block
            first += len(block)

    @cached_property
    def runs(self) -> Sequence[Sequence[int] | Instants]:
        """The rows of the ledger by duty, subject, start and id, duty by duty; a block that stands alone is a range."""
        import numpy as np

        ledger = self.ledger
        c = ledger.columns
        alone: dict[str, list[tuple[str, int, str, int]]] = {}
        for i in range(ledger.single):
            alone.setdefault(c["duty"][i], []).append((c["subject"][i].key, c["start"][i], ledger.id(i), i))
        blocks: dict[str, list[tuple[int, Block]]] = {}
        for first, block in self.blocks():
            blocks.setdefault(block.duty, []).append((first, block))
        out: list[Sequence[int] | Instants] = []
        for duty in sorted({*alone, *blocks}):
            # A block is in order as it stands; what is held one by one, and further blocks, go between.
            found, held = alone.get(duty, []), blocks.get(duty, [])
            for first, block in held[1:]:
                found += [(*block.key_of(i), first + i) for i in range(len(block))]
            found.sort()
            run: Sequence[int] | Instants = [row for *_, row in found]
            for first, block in held[:1]:
                stretch = range(first, first + len(block))
                places = [bisect_left(range(len(block)), (key, start, name), key=block.key_of) for key, start, name, _ in found]
                run = np.insert(stretch, places, run) if found else stretch
            out.append(run)
        return out

    @cached_property
    def _order(self) -> Instants:
        """The rows of the ledger in order."""
        import numpy as np

        runs = (np.arange(run.start, run.stop) if isinstance(run, range) else np.array(run, dtype=np.int64) for run in self.runs)
        return np.concatenate([np.empty(0, dtype=np.int64), *runs])

    def stretches(self, only: Iterable[str] | None = None) -> Iterator[tuple[Block | None, Instants]]:
        """The obligations (``only`` those with some verdicts) in their order, in stretches that are held together.

        A block and rows of it, or ``None`` and rows of the ledger that are held one by one.
        """
        import numpy as np

        order = self._order
        if only is not None:
            asked = [v in set(only) for v in VERDICTS]
            alone = np.array([VERDICTS.index(v) for v in self.ledger.columns["verdict"]], dtype=np.int8)
            verdicts = np.concatenate([alone, *(block.verdict for block in self.ledger.blocks)])
            order = order[np.array(asked)[verdicts[order]]]
        firsts = np.array([first for first, _ in self.blocks()], dtype=np.int64)
        owner = np.searchsorted(firsts, order, side="right") - 1
        edges = np.flatnonzero(np.diff(owner)) + 1
        for rows, owners in zip(np.split(order, edges), np.split(owner, edges), strict=True):
            block = None if not len(rows) or owners[0] < 0 else self.ledger.blocks[owners[0]]
            for at in range(0, len(rows), _STRETCH):
                part = rows[at : at + _STRETCH]
                yield block, part if block is None else part - firsts[owners[0]]

    @overload
    def counts(self) -> dict[Verdict, int]: ...
    @overload
    def counts(self, by: Literal["duty"]) -> dict[str, dict[Verdict, int]]: ...
    def counts(self, by: Literal["duty"] | None = None) -> dict[Verdict, int] | dict[str, dict[Verdict, int]]:
        """How many obligations have each verdict, the gravest first; verdicts that do not occur are left out.

        ``by="duty"`` counts for each duty that is in force, by name; one of which nothing is owed yet has no verdicts.

        Raises:
            ValueError: ``by`` is something else.
        """
        if by not in (None, "duty"):
            raise ValueError(by)
        found: dict[str, Counter[str]] = {duty: Counter() for duty in sorted(self.ruled)}
        for duty, verdict in zip(self.ledger.columns["duty"], self.ledger.columns["verdict"], strict=True):
            found[duty][verdict] += 1
        for block in self.ledger.blocks:
            found[block.duty].update(dict(zip(VERDICTS, block.totals(), strict=True)))
        if by is None:
            found = {"": sum(found.values(), Counter())}
        told = {duty: {v: n for v in VERDICTS if (n := counted[v])} for duty, counted in found.items()}
        return told if by == "duty" else told[""]

    def obligation(self, obligation_id: str) -> Obligation | None:
        """The obligation with an id, if there is one."""
        row = self.row(obligation_id)
        return None if row is None else self._obligation(row)

    def row(self, obligation_id: str) -> int | None:
        """The row of the ledger of an obligation."""
        for first, block in self.blocks():
            found = block.find(obligation_id)
            if found is not None:
                return first + found
        return self._single_ids.get(obligation_id)

    @cached_property
    def _single_ids(self) -> dict[str, int]:
        return {self.ledger.id(i): i for i in range(self.ledger.single)}

    def place(self, obligation_id: str) -> tuple[str | int, ...]:
        """Where in its duty an obligation comes from: ``("at_least", "flood")``, ``("steps", 0)``; ``()``: the duty as a whole.

        Raises:
            KeyError: there is no such obligation.
        """
        row = self.row(obligation_id)
        if row is None:
            raise KeyError(obligation_id)
        found: tuple[str | int, ...] = self.ledger.row(row)["place"]
        return found

    def ids(self) -> list[str]:
        """The ids of all obligations, in their order."""
        return [self.ledger.id(i) for i in self._order.tolist()]

    def verdicts(self) -> list[tuple[str, str, Verdict]]:
        """Id, duty and verdict of every obligation, in no particular order; faster than to look at the obligations."""
        ledger, c = self.ledger, self.ledger.columns
        found = [(ledger.id(i), c["duty"][i], c["verdict"][i]) for i in range(ledger.single)]
        for block in ledger.blocks:
            found += [(block.id(i), block.duty, VERDICTS[v]) for i, v in enumerate(block.verdict.tolist())]
        return found

    def to_arrow(self, evidence: bool = False) -> Any:
        """The obligations as an Arrow table (extra ``arrow``), one row each, with the columns of :func:`dutyrules.to_csv`.

        Texts that recur are dictionaries, ``from`` and ``through`` local days, ``deadline`` an instant in the plan's zone. ``evidence``
        adds ``settled_at`` (as text), ``late_by`` (seconds) and ``evidence`` (lists of ids).
        """
        from dutyrules.columnar.export import table

        return table(self, evidence)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The obligations as an Arrow stream, so that any data frame takes an evaluation as it is."""
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_pandas(self, evidence: bool = False) -> Any:
        """The obligations as a pandas data frame; days are timestamps of their midnight, without a zone."""
        return self.to_arrow(evidence).to_pandas(date_as_object=False)

    def to_polars(self, evidence: bool = False) -> Any:
        """The obligations as a polars data frame."""
        import polars

        return polars.from_arrow(self.to_arrow(evidence))

    def upcoming(self, until: date | datetime, progress: Watch | None = None) -> Sequence[Obligation]:
        """The obligations whose window starts after ``as_of`` and at or before ``until``, judged with what is known now.

        ``progress`` is that of :func:`dutyrules.evaluate`.
        """
        from dutyrules.engine import rerun

        further = rerun(self, until=until, progress=progress)
        now = set(self.ids())
        return _Objects([i for i in further._order.tolist() if further.ledger.id(i) not in now], further._obligation)

    def explain(self, obligation_id: str, progress: Watch | None = None) -> Any:
        """How an obligation came about, what counted, and every near miss; ``progress`` is that of :func:`dutyrules.evaluate`.

        Raises:
            KeyError: there is no such obligation.
        """
        from dutyrules.explanation import explain

        return explain(self, obligation_id, progress)

    # ------------------------------------------------------------------------------------------------- made when looked at

    def _moment(self, instant: int | None) -> datetime | None:
        return None if instant is None or abs(instant) >= END else self.zone.to_datetime(instant)

    def _day(self, instant: int) -> date:
        return date.fromordinal(self.zone.day_of(instant))

    def ruling(self, c: Mapping[str, Any]) -> Ruled:
        """The duty of a row of the ledger, as the plan has it that held."""
        rulings = [r for r in self.ruled[c["duty"]] if r.plan.plan.id in c["run"]]
        end = c["end"]
        # Where a duty runs on through several plans, the clause cited is that of the plan in force when the window ends (or
        # now, if it has not ended).
        at = min(END if end is None else end, max(self.as_of_instant, c["start"] + 1)) - 1
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
        c = self.ledger.row(row)
        subject: Subject = c["subject"]
        start, end = c["start"], c["end"]
        # Without a deadline, who answers is who bore the role when it was settled, or bears it now.
        now = (self.as_of_instant if c["settled"] is None else c["settled"] + 1) if end is None else end
        last = END if end is None else end
        spans = self._spans(c["role"], subject, start, max(now, start + 1))
        at = now - 1
        bearing = [t for t in spans if t.start <= at < t.end]
        ruling = self.ruling(c)
        records = self.inputs.history.records
        settled = self._moment(c["settled"])
        closed = max(last - 1, start)
        return Obligation(
            id=f"{c['duty']}/{subject.key}/{c['tail']}",
            duty=c["duty"],
            clause=ruling.duty.clause,
            role=c["role"],
            subject=subject.key,
            object=subject.object,
            area=subject.area,
            bearers=bearer_spans(spans),
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

    def _violation(self, b: Breach) -> Violation:
        records = self.inputs.history.records
        return Violation(
            obligation=self.ledger.id(b.row),
            from_=self.zone.to_datetime(b.start),
            until=self._moment(b.until),
            shortfall=b.shortfall,
            evidence=tuple(records[i].id for i in b.evidence),
        )
