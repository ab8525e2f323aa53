"""The two ways in which a verdict is reached: something had to be done by a deadline, or something must not be broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dutyrules.bench import Bench, Entry, Subject
from dutyrules.quantity import Duration
from dutyrules.tally import Tally, amount, could_reach, inside, possibly_inside, tally
from dutyrules.time.intervals import END, Intervals

__all__ = ["Demand", "Standing", "settle_breaches", "settle_demand", "window_tail"]


def window_tail(bench: Bench, start: int) -> str:
    """The last part of an obligation's id: the local day on which its window starts, or the local time where that is not midnight."""
    local = bench.zone.to_datetime(start)
    day = local.date()
    if bench.zone.start(day.toordinal()) == start:
        return day.isoformat()
    return local.replace(tzinfo=None).isoformat()


@dataclass
class Demand:
    """Something that is to be done so often in a window, and what is known about it."""

    duty: str
    subject: Subject
    tail: str
    role: str | None
    pieces: Intervals
    events: tuple[str, ...]
    entries: Sequence[Entry]
    required: int | None
    unit: str = "events"
    apart: Duration | None = None
    maybe: Intervals | None = None
    """Where a record may count, if the window's edges are not known to the hour."""
    passes: int | None = None
    """The instant from which the deadline has passed for certain, if later than the window's end; ``END``: never."""
    exact: bool = False
    """Whether the deadline is an instant that still counts."""
    cut: str | None = None
    trigger: str | None = None
    lapse: tuple[int, int] | None = None
    """The earliest and the latest instant at which the obligation may have lapsed."""
    late: bool = False
    undecidable: str | None = None
    """Why the records cannot decide it, whatever they say."""
    open_end: bool = False
    """Whether there is no deadline."""
    served: Tally | None = None
    """The tally, where records are shared with other windows."""


@dataclass(frozen=True)
class Settled:
    """What became of a demand: the row it was entered in, its verdict, whether it was missed at its deadline."""

    row: int
    verdict: str
    missed: bool


def settle_demand(bench: Bench, d: Demand) -> Settled:
    """Reach the verdict of a demand and enter it. The order of the questions is the meaning."""
    start, end = d.pieces[0][0], d.pieces[-1][1]
    t = d.served or tally(bench, d.entries, d.unit, d.apart, d.pieces, d.maybe)
    need = None if d.required is None else amount(d.required, d.unit)
    passes = max(end, d.passes or end)
    last = min(end, END) - 1
    settled: int | None = None
    settled_day, late_by, evidence = False, None, t.counted
    missed = False
    if need == 0:
        verdict, reason = "not_applicable", "nothing_owed"
    elif need is not None and d.undecidable in (None, "calendar_unpublished") and t.certain >= need:
        verdict, reason = "met", "enough"
        found = t.settled(need)
        assert found is not None
        settled, settled_day = found.low, found.low != found.high
    elif d.lapse and d.lapse[1] < min(passes, bench.as_of):
        verdict, reason, settled = "not_applicable", "lapsed", d.lapse[0]
    elif bench.as_of < passes or d.open_end:
        verdict, reason = _open(bench, d, need, start)
    elif d.undecidable is not None or need is None:
        verdict, reason = "unknown", d.undecidable or "no_figure"
    elif t.possible >= need or (d.lapse and d.lapse[0] < passes):
        verdict, reason = "unknown", "only_a_day_is_known"
    elif bench.complete_through(d.events) < passes:
        verdict, reason = "unknown", "records_incomplete"
    else:
        excuse = bench.excuse(d.duty, d.subject, bench.bearers_at(d.role, d.subject, last), last)
        verdict, reason = ("waived", f"waiver:{excuse}") if excuse else ("violated", "not_enough")
        missed, settled = excuse is None, end - 1 if d.exact else end
        if excuse:
            settled = None
        afterwards = _late(bench, d, need, end) if d.late else None
        if afterwards is not None:
            made_up, evidence = afterwards
            verdict, reason, settled, settled_day = "met_late", "late", made_up.low, made_up.low != made_up.high
            late_by = max(0, made_up.low - (end - 1 if d.exact else end))
    counted = t.certain if d.unit != "hours" else t.certain // amount(1, "hours")
    row = bench.ledger.enter(
        duty=d.duty, subject=d.subject, tail=d.tail, role=d.role, start=start, end=None if d.open_end else end,
        deadline=None if d.open_end else end - 1 if d.exact else end, verdict=verdict, reason=reason, cut=d.cut, trigger=d.trigger,
        required=d.required, unit=d.unit, counted=counted, shortfall=max(0, (d.required or 0) - counted), settled=settled,
        settled_day=settled_day, late_by=late_by, evidence=evidence, near=_near(bench, d, t), pieces=d.pieces,
    )  # fmt: skip
    if verdict == "violated":
        bench.ledger.breach(row, end - 1 if d.exact else end, None, max(0, (d.required or 0) - counted), evidence)
    return Settled(row, verdict, missed)


def _open(bench: Bench, d: Demand, need: int | None, start: int) -> tuple[str, str]:
    if d.undecidable == "calendar_unpublished" and bench.as_of >= d.pieces[-1][1]:
        return "unknown", d.undecidable
    if d.undecidable == "no_case":
        return "unknown", d.undecidable
    if need is None or bench.as_of < start or d.open_end or d.undecidable:
        return "pending", "window_open"
    since = bench.complete_through(d.events)
    time = d.maybe if d.maybe is not None else d.pieces
    entries = d.entries if d.served is None else d.served.counted
    if could_reach(bench, entries, d.unit, d.apart, time, since, need):
        return "pending", "window_open"
    return "cannot_be_met", "too_little_time_left"


def _late(bench: Bench, d: Demand, need: int, end: int) -> tuple[Entry, list[Entry]] | None:
    """The record with which the demand was made up after its end, and all that counted towards it."""
    whole = tally(bench, d.entries, d.unit, d.apart, (*d.pieces, (end, END)))
    found = whole.settled(need)
    if found is None:
        return None
    return found, [e for e in whole.counted if e.low <= found.low]


def _near(bench: Bench, d: Demand, t: Tally) -> list[tuple[Entry, str]]:
    if not bench.keep_failed:
        return []
    reasons = {1: "wrong_performer", 2: "wrong_attribute", 4: "recorded_too_late", 8: "retracted"}
    out = list(t.passed_over)
    for e in d.entries:
        in_window = inside(e, d.pieces, bench.as_of) or possibly_inside(e, d.maybe or d.pieces)
        if e.failed in reasons and in_window:
            out.append((e, reasons[e.failed]))
        elif not e.failed and not in_window:
            out.append((e, "outside_window"))
    return sorted(out)


@dataclass
class Standing:
    """Something that must not be broken while it holds, and the breaches that were found."""

    duty: str
    subject: Subject
    tail: str
    role: str | None
    scope: Intervals
    events: tuple[str, ...]
    breaches: list[tuple[int, int | None, int, list[Entry]]] = field(default_factory=list)
    """From, until, shortfall, records."""
    possible: str | None = None
    """Why there may be a breach that is not certain."""
    required: int | None = None
    unit: str | None = None
    counted: Sequence[Entry] = ()
    near: Sequence[tuple[Entry, str]] = ()


def settle_breaches(bench: Bench, s: Standing) -> None:
    """Reach the verdict of something that must not be broken and enter it with its breaches."""
    start, end = s.scope[0][0], s.scope[-1][1]
    if start > bench.limit:
        return
    kept = []
    for breach in sorted(s.breaches, key=lambda b: b[0]):
        bearers = bench.bearers_at(s.role, s.subject, breach[0])
        if bench.excuse(s.duty, s.subject, bearers, breach[0]) is None:
            kept.append(breach)
    settled: int | None = None
    if kept:
        verdict, reason, settled = "violated", "broken", kept[0][0]
    elif s.possible:
        verdict, reason = "unknown", s.possible
    elif s.breaches:
        verdict, reason = "waived", "waiver"
    elif bench.as_of < end:
        verdict, reason = "pending", "scope_open"
    elif s.events and bench.complete_through(s.events) < end:
        verdict, reason = "unknown", "records_incomplete"
    else:
        verdict, reason, settled = "met", "unbroken", end
    open_end = end >= END
    row = bench.ledger.enter(
        duty=s.duty, subject=s.subject, tail=s.tail, role=s.role, start=start, end=None if open_end else end,
        deadline=None if open_end else end, verdict=verdict, reason=reason, required=s.required, unit=s.unit,
        counted=len(s.counted), shortfall=sum(b[2] for b in kept), settled=settled, near=s.near, pieces=s.scope,
        evidence=list({e.row: e for b in kept for e in b[3]}.values()),
    )  # fmt: skip
    for begin, until, shortfall, entries in kept:
        bench.ledger.breach(row, begin, until, shortfall, entries)
