"""The two ways in which a verdict is reached: something had to be done by a deadline, or something must not be broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from dutyrules.bench import RECORDED_TOO_LATE, RETRACTED, WRONG_ATTRIBUTE, WRONG_PERFORMER, Bench, Entry, Subject
from dutyrules.quantity import Duration
from dutyrules.tally import Tally, amount, could_reach, possibly_inside, tally
from dutyrules.time.intervals import END, Intervals, intersect

__all__ = ["VERDICTS", "Demand", "Standing", "Verdict", "near_misses", "settle_breaches", "settle_demand", "window_tail"]

Verdict = Literal["met", "met_late", "pending", "cannot_be_met", "violated", "unknown", "waived", "not_applicable"]
VERDICTS: tuple[Verdict, ...] = (
    "violated", "cannot_be_met", "unknown", "pending", "met_late", "met", "waived", "not_applicable"
)  # fmt: skip
"""Every verdict, the gravest first."""


_FAILED = {
    WRONG_PERFORMER: "wrong_performer",
    WRONG_ATTRIBUTE: "wrong_attribute",
    RECORDED_TOO_LATE: "recorded_too_late",
    RETRACTED: "retracted",
}


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
    place: tuple[str | int, ...] = ()
    """Where in its duty it is demanded, as in :meth:`BaseDuty.places`."""
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
    maybe = d.maybe or d.pieces
    start, sure_end = min(d.pieces[0][0], maybe[0][0]), d.pieces[-1][1]
    end = max(sure_end, d.passes or sure_end)
    need = None if d.required is None else amount(d.required, d.unit)
    # What comes after the trigger was lifted is no answer to it.
    may_lapse = d.lapse is not None and d.lapse[0] < min(end, bench.as_of)
    lapsed = d.lapse is not None and d.lapse[1] < min(sure_end, bench.as_of)
    if d.lapse is not None and d.lapse[1] < sure_end:
        d = replace(d, pieces=_until(d.pieces, d.lapse[0] + 1), maybe=_until(maybe, d.lapse[1] + 1))
    if d.undecidable and end >= END and sure_end < END:
        # The earliest that the deadline can be is what can be shown of it.
        end = sure_end
    t = d.served or tally(bench, d.entries, d.unit, d.apart, d.pieces, d.maybe)
    if (d.open_end or end >= END) and need and t.certain >= need:
        # Without a deadline the answer is complete with the record that completes it; later ones answer other triggers.
        done = next(i for i, (reached, _) in enumerate(t.reached) if reached >= need)
        t = replace(t, certain=t.reached[done][0], counted=t.counted[: done + 1])
    endless = d.open_end or end >= END
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
    elif d.undecidable not in (None, "calendar_unpublished"):
        verdict, reason = "unknown", d.undecidable or ""
    elif lapsed and need is not None and t.possible >= need:
        verdict, reason = "unknown", "only_a_day_is_known"
    elif lapsed and d.lapse is not None:
        verdict, reason, settled = "not_applicable", "lapsed", d.lapse[1]
        settled_day = d.lapse[0] != d.lapse[1] and settled == bench.zone.span(bench.zone.day_of(settled))[1] - 1
    elif d.undecidable is not None and bench.as_of >= sure_end:
        verdict, reason = "unknown", d.undecidable
    elif bench.as_of < end or d.open_end:
        verdict, reason = _open(bench, d, need, start)
    elif need is None:
        verdict, reason = "unknown", "no_figure"
    elif t.possible >= need or may_lapse:
        verdict, reason = "unknown", t.doubt
    elif bench.complete_through(d.events) < end:
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
        duty=d.duty, subject=d.subject, tail=d.tail, role=d.role, start=start, end=None if endless else end,
        deadline=None if endless else end - 1 if d.exact else end, verdict=verdict, reason=reason, cut=d.cut, trigger=d.trigger,
        required=d.required, unit=d.unit, counted=counted, shortfall=max(0, (d.required or 0) - counted), settled=settled,
        settled_day=settled_day, late_by=late_by, evidence=evidence, near=_near(bench, d, t),
        pieces=((start, end),) if d.lapse else d.pieces, place=d.place,
    )  # fmt: skip
    if verdict == "violated":
        bench.ledger.breach(row, end - 1 if d.exact else end, None, max(0, (d.required or 0) - counted), evidence)
    return Settled(row, verdict, missed)


def _until(pieces: Intervals, end: int) -> Intervals:
    """The pieces up to an instant (at least a point of the first, so that there is a window to speak of)."""
    return intersect(pieces, ((-END, end),)) or ((pieces[0][0], pieces[0][0]),)


def _open(bench: Bench, d: Demand, need: int | None, start: int) -> tuple[str, str]:
    """The verdict while the window is open, or has not begun."""
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
    done = next((i for i, (reached, _) in enumerate(whole.reached) if reached >= need), None)
    if done is None:
        return None
    return whole.reached[done][1], whole.counted[: done + 1]


def _near(bench: Bench, d: Demand, t: Tally) -> list[tuple[Entry, str]]:
    if not bench.keep_failed:
        return []
    return sorted([*t.passed_over, *near_misses(d.entries, d.maybe or d.pieces)])


def near_misses(entries: Sequence[Entry], pieces: Intervals) -> list[tuple[Entry, str]]:
    """Records in the pieces that fail exactly one condition, and the nearest sound ones on either side."""
    out = [(e, _FAILED[e.failed]) for e in entries if e.failed in _FAILED and possibly_inside(e, pieces)]
    sound = [e for e in entries if not e.failed and not possibly_inside(e, pieces)]
    before = [e for e in sound if e.high < pieces[0][0]][-1:]
    after = [e for e in sound if e.low >= pieces[-1][1]][:1]
    between = [e for e in sound if pieces[0][0] <= e.high and e.low < pieces[-1][1]]
    return out + [(e, "outside_window") for e in (*before, *between, *after)]


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
    doubts: list[tuple[int, str]] = field(default_factory=list)
    """When there may be a breach that is not certain, and why not."""
    required: int | None = None
    unit: str | None = None
    counted: Sequence[Entry] = ()
    owing: bool = True
    """Whether anything is owed at all (a figure of the roster may be zero)."""
    closes: int | None = None
    """When the subject's time ends, where occurrences that are not known yet may come before that; ``END``: never."""
    entries: Sequence[Entry] = ()
    """The records about the subject, for near misses."""
    place: tuple[str | int, ...] = ()
    """Where in its duty it is demanded, as in :meth:`BaseDuty.places`."""


def settle_breaches(bench: Bench, s: Standing) -> None:
    """Reach the verdict of something that must not be broken and enter it with its breaches."""
    start, end = s.scope[0][0], s.scope[-1][1] if s.closes is None else END
    if start > bench.limit:
        return
    kept = []
    for breach in sorted(s.breaches, key=lambda b: b[0]):
        bearers = bench.bearers_at(s.role, s.subject, breach[0])
        if bench.excuse(s.duty, s.subject, bearers, breach[0]) is None:
            kept.append(breach)
    doubt = next(
        (why for at, why in sorted(s.doubts) if not bench.excuse(s.duty, s.subject, bench.bearers_at(s.role, s.subject, at), at)),
        None,
    )
    settled: int | None = None
    if kept:
        verdict, reason, settled = "violated", "broken", kept[0][0]
    elif doubt:
        verdict, reason = "unknown", doubt
    elif s.closes is not None and s.closes <= bench.as_of:
        verdict, reason = "unknown", "calendar_unpublished"
    elif bench.as_of < end:
        # A further breach may come that nobody has excused.
        verdict, reason = "pending", "scope_open"
    elif not s.owing and not s.breaches and not s.doubts:
        verdict, reason = "not_applicable", "nothing_owed"
    elif s.breaches or s.doubts:
        verdict, reason = ("waived", "waiver") if s.breaches else ("unknown", s.doubts[0][1])
    elif s.events and bench.complete_through(s.events) < end:
        verdict, reason = "unknown", "records_incomplete"
    else:
        verdict, reason, settled = "met", "unbroken", end
    open_end = end >= END
    row = bench.ledger.enter(
        duty=s.duty, subject=s.subject, tail=s.tail, role=s.role, start=start, end=None if open_end else end,
        deadline=None if open_end else end, verdict=verdict, reason=reason, required=s.required, unit=s.unit,
        counted=len(s.counted), shortfall=sum(b[2] for b in kept), settled=settled, pieces=s.scope, place=s.place,
        near=near_misses(s.entries, s.scope) if bench.keep_failed else (),
        evidence=list({e.row: e for b in kept for e in b[3]}.values()),
    )  # fmt: skip
    for begin, until, shortfall, entries in kept:
        bench.ledger.breach(row, begin, until, shortfall, entries)
