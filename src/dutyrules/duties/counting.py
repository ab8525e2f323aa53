"""Counted duties: so many acts in each window, at least or at most; greatest gaps and sliding counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema, model_validator

from dutyrules.bench import Bench, Entry, Subject
from dutyrules.conditions import Conditions, EventPattern
from dutyrules.duties import gaps, shared, sliding
from dutyrules.duty import BaseDuty
from dutyrules.model import Id, Model, Names, require
from dutyrules.quantity import (
    CALENDAR_PERIODS,
    QUANTITY_SCHEMA,
    DurationField,
    Fraction,
    Period,
    Quantity,
    QuantityField,
)
from dutyrules.tally import amount, tally
from dutyrules.time.deadlines import add_days
from dutyrules.time.intervals import ALWAYS, END, START, Interval, Intervals, intersect, union
from dutyrules.time.windows import CutWindow, Layer, lay, periods
from dutyrules.verdicts import Demand, Standing, settle_breaches, settle_demand, window_tail

ALWAYS_KEY = "always"
"""The entry of a quantity that does not depend on a season."""


def _entries(value: Any) -> Any:
    if isinstance(value, dict) and not {"count", "per", "every", "in_any", "unit"} & set(value):
        return value
    return {ALWAYS_KEY: value}


def _show_entries(value: dict[str, Quantity]) -> Any:
    shown = {key: q.phrase() for key, q in value.items()}
    return shown[ALWAYS_KEY] if set(shown) == {ALWAYS_KEY} else shown


Entries = Annotated[
    dict[Id, QuantityField],
    BeforeValidator(_entries),
    PlainSerializer(_show_entries),
    WithJsonSchema({"anyOf": [*QUANTITY_SCHEMA["anyOf"], {"type": "object", "additionalProperties": QUANTITY_SCHEMA}]}),
]
"""One quantity, or one for each season or named period."""


_FAR_DAY = date(2399, 12, 31).toordinal()
"""Stands for the end of a period that nobody has closed yet."""


class CutPolicy(Model):
    """What a window owes that is shorter than its period."""

    kind: Literal["full", "prorate", "skip", "merge"]
    below: Fraction | None = None
    """For ``skip``: only windows shorter than this fraction of their period."""


def _cut_policy(value: Any) -> Any:
    if isinstance(value, CutPolicy):
        return value
    if isinstance(value, str) and value in ("full", "prorate", "skip", "merge"):
        return {"kind": value}
    if isinstance(value, dict) and set(value) == {"skip_below"}:
        parts = str(value["skip_below"]).split("/")
        if len(parts) == 2 and all(p.strip().isdecimal() for p in parts) and 0 < int(parts[0]) <= int(parts[1]) < 10**6:
            return {"kind": "skip", "below": {"numerator": int(parts[0]), "denominator": int(parts[1])}}
    require(False, "cut_windows", value=value)
    return value


CutField = Annotated[
    CutPolicy,
    BeforeValidator(_cut_policy),
    PlainSerializer(lambda p: {"skip_below": str(p.below)} if p.below else p.kind),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["full", "prorate", "skip", "merge"]},
                {
                    "type": "object",
                    "properties": {"skip_below": {"type": "string", "pattern": r"^\d+/\d+$"}},
                    "required": ["skip_below"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class Between(Model):
    """Days of each period, counted from 1, both included."""

    from_day: int
    through_day: int

    @model_validator(mode="after")
    def _order(self) -> Between:
        require(1 <= self.from_day <= self.through_day <= 366, "between")
        return self


class CountDuty(BaseDuty):
    """``at_least`` / ``at_most`` N acts per window, every so long, or in any stretch."""

    marks: ClassVar[tuple[str, ...]] = ("at_least", "at_most")

    must: Names
    where: Conditions = {}
    for_each: Literal["object", "bearer", "area"]
    area_type: str | None = None
    covers: Literal["every_object"] | None = None
    """A record counts only if it names every object of the area that is in scope."""
    personal: bool = False
    may_be_done_by: Names = ()
    at_least: Entries | None = None
    at_most: Entries | None = None
    between: Between | None = None
    cut_windows: CutField | None = None
    apart: DurationField | None = None
    adds_to: str | None = None
    late: Literal["accepted"] | None = None

    @model_validator(mode="after")
    def _fits(self) -> CountDuty:
        require(self.apart is None or self.apart.unit != "working_days", "no_working_days")
        return self

    def roles(self) -> list[str]:
        return [*([self.role] if self.role else []), *(r for r in self.may_be_done_by if r != "deputy")]

    def patterns(self) -> list[tuple[tuple[str | int, ...], EventPattern]]:
        return [(("must",), EventPattern(event=self.must, where=self.where))]

    def quantities(self) -> list[tuple[str, str, Quantity]]:
        """Every quantity: (``at_least`` or ``at_most``, entry, quantity)."""
        return [
            (name, key, q)
            for name in ("at_least", "at_most")
            for key, q in (getattr(self, name) or {}).items()
        ]

    def places(self) -> list[tuple[str | int, ...]]:
        return [self.place(side, key) for side, key, _ in self.quantities()]

    @staticmethod
    def place(side: str, key: str) -> tuple[str | int, ...]:
        """Where an entry stands in the duty."""
        return (side,) if key == ALWAYS_KEY else (side, key)

    def durations(self) -> list[DurationField]:
        return [d for _, _, q in self.quantities() for d in (q.every, q.in_any) if d] + ([self.apart] if self.apart else [])

    def needs_working_days(self) -> bool:
        return any(q.unit == "working_days" for _, _, q in self.quantities())

    def periods_named(self) -> list[str]:
        named = [key for _, key, _ in self.quantities() if key != ALWAYS_KEY]
        return named + [q.per.unit for _, _, q in self.quantities() if q.per]

    def judge(self, duty_id: str, bench: Bench) -> None:
        if self.adds_to is not None or bench.added_to(duty_id):
            return shared.judge(duty_id, self, bench)
        for subject in bench.counted(bench.subjects(duty_id, self)):
            entries = self.entries(bench, subject)
            demands = [d for d, _ in self.demands(duty_id, bench, subject, entries)]
            if self.late:
                shared.credit_surplus(bench, demands)
            for d in demands:
                settle_demand(bench, d)
            for side, key, quantity in self.quantities():
                if side == "at_most" or not quantity.per:
                    self._stand(duty_id, bench, subject, entries, side, key, quantity)
        return None

    def entries(self, bench: Bench, subject: Subject) -> list[Entry]:
        """The records that count for a subject."""
        return bench.entries(self, subject, self.must, self.where, self.role, self.may_be_done_by)

    def layers(self, bench: Bench, subject: Subject, key: str) -> tuple[Layer, ...]:
        """What limits the time of an entry for a subject."""
        if key == ALWAYS_KEY:
            return subject.layers
        return (("season", self._time_of(bench, subject, key)), *subject.layers)

    def _time_of(self, bench: Bench, subject: Subject, key: str) -> Intervals:
        """The time of a season or named period for a subject."""
        period = bench.vocabulary.calendar.named_periods.get(key)
        if subject.object or subject.area or period is None or not period.declared:
            return bench.period_time(key, subject.object, subject.area)
        # A period that is declared for an object is declared for whoever bears it, while he does.
        borne = bench.borne(self, subject.key)
        return union(piece for o, time in borne for piece in intersect(time, bench.period_time(key, o)))

    def tail(self, bench: Bench, subject: Subject, start: int, key: str, side: str = "at_least") -> str:
        """The last part of an obligation's id."""
        parts = [window_tail(bench, start)]
        if key in bench.vocabulary.calendar.named_periods:
            parts.append(key)
        if subject.person is not None and (subject.object or subject.area):
            parts.append(subject.person)
        if side == "at_most" and self.at_least is not None:
            parts.append(side)
        return "/".join(parts)

    # ------------------------------------------------------------------------------------------ at least N per period

    def demands(
        self, duty_id: str, bench: Bench, subject: Subject, entries: Sequence[Entry]
    ) -> Iterator[tuple[Demand, CutWindow]]:
        """What is owed in each window, in order of the windows."""
        owing, skipped = self._owing(bench, subject)
        for window in skipped:
            assert window.cut is not None
            bench.ledger.skipped.append((duty_id, subject.key, window.start, window.end, window.cut))
        for window, key, quantity, count in owing:
            yield (
                Demand(
                    duty=duty_id, subject=subject, tail=self.tail(bench, subject, window.start, key), role=self.role,
                    pieces=window.pieces, events=self.must, entries=entries, required=count, unit=quantity.unit,
                    apart=self.apart, cut=window.cut, late=self.late is not None,
                    open_end=window.endless and subject.scope[-1][1] >= END, place=self.place("at_least", key),
                ),
                window,
            )  # fmt: skip

    def owing(self, bench: Bench, subject: Subject) -> tuple[list[tuple[CutWindow, str, int | None]], list[CutWindow]]:
        """The windows of a subject with their entries and what each owes, and those cut so short that they owe nothing."""
        owing, skipped = self._owing(bench, subject)
        return [(o.window, o.key, o.owed) for o in owing], skipped

    def _owing(self, bench: Bench, subject: Subject) -> tuple[list[_Owing], list[CutWindow]]:
        found: list[tuple[CutWindow, str, Quantity]] = []
        for key, quantity in (self.at_least or {}).items():
            if quantity.per:
                found += [(w, key, quantity) for w in self.windows(bench, subject, key, quantity.per)]
        found.sort(key=lambda f: (f[0].start, f[1]))
        owing, skipped = self._cut(bench, subject, found)
        return [o for o in owing if o.window.start <= bench.limit], [w for w in skipped if w.start <= bench.limit]

    @staticmethod
    def calendar_period(per: Period) -> bool:
        """Whether a period is one of the calendar, and not a named one."""
        return per.stepped or per.unit in CALENDAR_PERIODS

    def _looks_ahead(self) -> bool:
        # To be joined to the window that follows, a cut window must know it before it begins.
        return self.cut_windows is not None and self.cut_windows.kind == "merge"

    def windows(self, bench: Bench, subject: Subject, key: str, per: Period) -> list[CutWindow]:
        """What the scope leaves of each period that begins before the bench's limit (or a little after, to merge with)."""
        layers = self.layers(bench, subject, key)
        # A named period may be declared for one object and not for another.
        where = None if self.calendar_period(per) else subject.key
        cached = (self._looks_ahead(), self.between, key, per.phrase(), layers, where)
        found = bench.windows.get(cached)
        if found is None:
            found = bench.windows[cached] = list(self._windows(bench, subject, layers, per, key))
        return found

    def _windows(
        self, bench: Bench, subject: Subject, layers: Sequence[Layer], per: Period, key: str
    ) -> Iterator[CutWindow]:
        zone = bench.zone
        time: Intervals = layers[0][1]
        for _, layer in layers[1:]:
            time = intersect(time, layer)
        if not time:
            return
        first = zone.day_of(max(time[0][0], bench.span[0]))
        last = min(time[-1][1] - 1, bench.limit, bench.span[1] - 1)
        if self._looks_ahead():
            last = min(time[-1][1] - 1, zone.start(add_days(zone.day_of(last), 3, "years")))
        for first_day, next_day, whole in self._periods(bench, subject, per, key, first, last):
            a, b = first_day, next_day
            if self.between:
                a, b = a + self.between.from_day - 1, min(a + self.between.through_day, b)
            if a < b:
                time = ((zone.start(a), zone.start(b)),)
                if whole:
                    time = intersect(time, (whole,)) if self.between else (whole,)
                window = lay(time, b - a, layers, zone)
                if window is not None:
                    yield window._replace(endless=whole is not None and whole[1] >= END and not self.between)

    def _periods(
        self, bench: Bench, subject: Subject, per: Period, key: str, first: int, last: int
    ) -> Iterator[tuple[int, int, Interval | None]]:
        """The first day of each period that reaches beyond the day ``first`` and starts by the instant ``last``, the first day after
        it, and its instants where they are not those of whole days."""
        zone = bench.zone
        named = per.unit if per.unit in bench.vocabulary.calendar.named_periods else None
        if named is None and per.unit != "season":
            for a, b in periods(first, _FAR_DAY, per.unit, per.n, per.anchor):
                if zone.start(a) > last:
                    break
                yield a, b, None
            return
        time = self._time_of(bench, subject, named) if named else bench.season(key)
        for start, end in time:
            if end > zone.start(first) and start <= last:
                first_day = zone.day_of(start) if start > START else first
                yield first_day, zone.day_of(end - 1) + 1 if end < END else _FAR_DAY, (start, end)

    def _cut(
        self, bench: Bench, subject: Subject, found: list[tuple[CutWindow, str, Quantity]]
    ) -> tuple[list[_Owing], list[CutWindow]]:
        """What each window owes under the policy for cut windows, and those that owe nothing."""
        policy = self.cut_windows or CutPolicy(kind="full")
        entity = subject.object or subject.area or subject.key
        owing = [_Owing(w, key, q, bench.figure(q.count, entity, w.pieces)) for w, key, q in found]
        if policy.kind == "merge":
            owing = _merged(owing)
        out = []
        skipped = []
        for o in owing:
            if o.window.cut is not None and policy.kind == "skip":
                limit = policy.below
                if limit is None or (o.shortened and o.window.days * limit.denominator < o.window.period_days * limit.numerator):
                    skipped.append(o.window)
                    continue
            if o.shortened and policy.kind == "prorate" and o.owed is not None:
                o = o._replace(owed=-(-o.owed * o.window.days // o.window.period_days))
            out.append(o)
        return out, skipped

    # ------------------------------------------------------------------------------------ what must not be broken

    def _stand(
        self, duty_id: str, bench: Bench, subject: Subject, entries: Sequence[Entry], side: str, key: str, quantity: Quantity
    ) -> None:
        time: Intervals = ALWAYS
        for _, layer in self.layers(bench, subject, key):
            time = intersect(time, layer)
        if not time or time[0][0] > bench.limit:
            return
        standing = Standing(
            duty=duty_id, subject=subject, tail=self.tail(bench, subject, time[0][0], key, side), role=self.role,
            scope=time,
            closes=subject.scope[-1][1] if key != ALWAYS_KEY and subject.scope[-1][1] > bench.known_until(key) else None, events=self.must, unit=quantity.unit, entries=entries,
            required=bench.figure(quantity.count, subject.object or subject.area or subject.key, time), place=self.place(side, key),
        )  # fmt: skip
        if quantity.every:
            gaps.find(bench, standing, quantity.every, entries)
        elif quantity.in_any:
            sliding.find(bench, standing, quantity, entries, self.apart, least=side == "at_least")
        elif quantity.per:
            self._ceiling(bench, standing, quantity, entries, self.windows(bench, subject, key, quantity.per))
        settle_breaches(bench, standing)

    def _ceiling(
        self, bench: Bench, standing: Standing, quantity: Quantity, entries: Sequence[Entry], windows: Sequence[CutWindow]
    ) -> None:
        """At most so many per window: the first record over the number breaches it until the window's end."""
        entity = standing.subject.object or standing.subject.area or standing.subject.key
        counted: list[Entry] = []
        for window in windows:
            if window.start > bench.limit:
                continue
            count = bench.figure(quantity.count, entity, window.pieces)
            t = tally(bench, entries, quantity.unit, self.apart, window.pieces)
            counted += t.counted
            if count is None:
                if bench.as_of >= window.end:
                    standing.doubts.append((window.end - 1, "no_figure"))
                continue
            need = amount(count, quantity.unit)
            over = t.settled(need + 1)
            if over is not None:
                until = window.end if window.end <= bench.as_of else None
                more = t.certain - need
                shortfall = more if quantity.unit != "hours" else -(-more // amount(1, "hours"))
                standing.breaches.append((over.low, until, shortfall, t.counted))
            elif t.possible > need:
                standing.doubts.append((t.possible_at(need + 1), t.doubt))
        standing.counted = counted


class _Owing(NamedTuple):
    """A window and what it owes."""

    window: CutWindow
    key: str
    quantity: Quantity
    owed: int | None

    @property
    def shortened(self) -> bool:
        """Whether the window is shorter than its period; of a period still open nobody knows."""
        return self.window.cut is not None and not self.window.endless


def _merged(found: list[_Owing]) -> list[_Owing]:
    """Cut windows joined to the neighbour they touch: the following one, or else the one before."""
    out: list[_Owing] = []
    run: list[_Owing] = []
    for item in found:
        if run and run[-1].window.end != item.window.start:
            _close(out, run)
            run = []
        run.append(item)
        if not item.shortened:
            out.append(_joined(run, run[-1]))
            run = []
    _close(out, run)
    return out


def _close(out: list[_Owing], run: list[_Owing]) -> None:
    """A run of cut windows that no whole window follows joins the one before, if it touches it."""
    if not run:
        return
    if out and out[-1].window.end == run[0].window.start:
        before = out.pop()
        out.append(_joined([before, *run], before))
    else:
        out.append(_joined(run, run[-1]))


def _joined(run: list[_Owing], owing: _Owing) -> _Owing:
    if len(run) == 1:
        return run[0]
    pieces: list[tuple[int, int]] = []
    for o in run:
        for start, end in o.window.pieces:
            if pieces and pieces[-1][1] == start:
                pieces[-1] = (pieces[-1][0], end)
            else:
                pieces.append((start, end))
    cut = next(o.window.cut for o in run if o.window.cut)
    days = sum(o.window.days for o in run)
    joined = CutWindow(tuple(pieces), days, owing.window.period_days, cut, run[-1].window.endless)
    return owing._replace(window=joined)
