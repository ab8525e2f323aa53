"""``evaluate``: plans, a roster and a history in; obligations and violations out. A pure function: no clock, no files, no network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np

from dutyrules.bench import FEW, Bench, Sight
from dutyrules.columnar import judge
from dutyrules.columnar.people import ObjectColumns, View, names_of, people_of
from dutyrules.duties.counting import CountDuty
from dutyrules.duty import BaseDuty
from dutyrules.errors import InputError, Problem
from dutyrules.evaluation import Evaluation, Ruled, SkippedWindow, Vacancy
from dutyrules.history import RETRACTION, History, Record, completeness
from dutyrules.ledger import Ledger
from dutyrules.loading import load_history, load_plan, load_roster, load_waivers
from dutyrules.meaning import meaning
from dutyrules.model import Names
from dutyrules.plan import Plan
from dutyrules.progress import Progress, Watch
from dutyrules.roster import Roster
from dutyrules.time.intervals import END, Intervals, intersect, subtract, union
from dutyrules.time.zone import Zone, zone_named
from dutyrules.waivers import Waiver

__all__ = ["evaluate"]

Moment = date | datetime


def evaluate(
    plans: Plan | Mapping[str, Any] | Iterable[Plan | Mapping[str, Any]],
    roster: Roster | Mapping[str, Any],
    history: History | Iterable[Record | Mapping[str, Any]],
    *,
    as_of: Moment,
    known_at: Moment | None = None,
    waivers: Mapping[str, Any] | Iterable[Waiver] | None = None,
    complete_through: Mapping[str, Moment] | Moment | None = None,
    progress: Watch | None = None,
) -> Evaluation:
    """Judge what is owed, as of a moment.

    Args:
        plans: one plan, or several in turn (each holds until one that ``follows`` it comes into force).
        roster: objects, areas, persons, tenures.
        history: records, or rows with the columns of a history file.
        as_of: an instant (without offset: in the plan's zone), or a date, which means the end of that day. Records before it
            are seen; deadlines at or before it have passed.
        known_at: only what was recorded before this moment is known; without it, everything is.
        waivers: who is excused from what.
        complete_through: through when nothing is missing, for all kinds of events or by kind; replaces what the history says.
        progress: is called with a :class:`Progress` (stage ``judge``) for each duty, and now and then within one.

    Returns:
        An immutable :class:`Evaluation`. Nothing that loaded makes it raise; what cannot be decided is ``unknown``.

    Raises:
        InputError: an input given as plain data is faulty, or the plans do not go together.
        TypeError: a moment is neither a date nor a datetime.
    """
    return run(inputs_of(plans, roster, history, as_of, known_at, waivers, complete_through), progress=progress)


@dataclass(frozen=True)
class Inputs:
    """What is judged, loaded; the plans in order of force."""

    plans: list[Plan]
    roster: Roster
    history: History
    waivers: tuple[Waiver, ...]
    as_of: Moment
    known_at: Moment | None


def inputs_of(
    plans: Any, roster: Any, history: Any, as_of: Moment, known_at: Moment | None, waivers: Any, complete_through: Any
) -> Inputs:
    """The inputs of :func:`evaluate`, loaded.

    Raises:
        InputError: an input given as plain data is faulty, or the plans do not go together.
        TypeError: a moment is neither a date nor a datetime.
    """
    for name, moment in (("as_of", as_of), ("known_at", known_at)):
        if not isinstance(moment, date) and (moment is not None or name == "as_of"):
            raise TypeError(f"{name} is a date or a datetime, not {type(moment).__name__}: {moment!r}")
    given = [plans] if isinstance(plans, (Plan, Mapping)) else list(plans)
    return Inputs(
        plans=_in_turn([load_plan(p) for p in given]),
        roster=load_roster(roster),
        history=_history(history, complete_through),
        waivers=load_waivers(waivers),
        as_of=as_of,
        known_at=known_at,
    )


def _history(history: Any, complete_through: Any) -> History:
    if hasattr(history, "__arrow_c_stream__"):
        return load_history(history, complete_through)
    if not isinstance(history, History):
        return History.of(history, complete_through)
    if complete_through is not None:
        return History(history.records, completeness(complete_through))
    return history


def run(
    inputs: Inputs,
    until: Moment | None = None,
    only: frozenset[str] | None = None,
    objects: frozenset[str] | None = None,
    keep_failed: bool = False,
    columnar: bool = True,
    progress: Watch | None = None,
    prepare: Callable[[Bench], None] | None = None,
) -> Evaluation:
    """Evaluate.

    ``until`` judges windows that start up to then, ``only`` judges some duties, ``objects`` (where each of these is for each
    object) judges some objects, ``keep_failed`` keeps near misses; without ``columnar`` every duty is judged record by record.
    ``prepare`` is called with each bench before anything is judged on it.
    """
    zone = zone_named(inputs.plans[0].plan.timezone)
    as_of = zone.moment(inputs.as_of)
    known_at = None if inputs.known_at is None else zone.moment(inputs.known_at)
    limit = _limit(zone, inputs.as_of if until is None else until)
    sight = Sight(inputs.history, zone, as_of, known_at)
    people, columns = people_of(inputs.roster, zone)
    view = View(sight, columns, frozenset() if len(inputs.history) <= FEW else _shared(inputs.plans))
    complete = {k: zone.moment(v) for k, v in inputs.history.complete_through.items()}
    forces = _forces(inputs.plans, zone)
    ledger = Ledger()
    holders = Counter(duty_id for plan in inputs.plans for duty_id in plan.duties)
    problems: dict[tuple[str, str], Problem] = {}
    ruled: dict[str, list[Ruled]] = {}
    vacant: set[tuple[str, str, int, int]] = set()
    asked = [(i, d) for i, plan in enumerate(inputs.plans) for d in _asked(plan, only)]
    places = {key: place for place, key in enumerate(asked)}
    for i, plan in enumerate(inputs.plans):
        benches: dict[Intervals, Bench] = {}
        for duty_id, duty in plan.duties.items():
            if (i, duty_id) not in places and not _adds(duty):
                continue
            span = _run_of(inputs.plans, i, duty_id)
            if span is None:
                continue
            force = union(piece for k in span for piece in forces[k])
            if not force:
                continue
            bench = benches.get(force)
            if bench is None:
                bench = benches[force] = Bench(
                    plan, force, people, sight, inputs.waivers, complete, limit, ledger, problems, _adding(plan), keep_failed
                )
                if prepare is not None:
                    prepare(bench)
            ruled.setdefault(duty_id, []).extend(Ruled(forces[k], inputs.plans[k], inputs.plans[k].duties[duty_id]) for k in span)
            if (i, duty_id) in places:
                ledger.run = tuple(inputs.plans[k].plan.id for k in span)
                if progress is not None:
                    bench.tell = _tell(progress, duty_id, places[i, duty_id], len(places))
                    bench.tell(0, 1)
                whole = columnar and objects is None
                bench.left = judge(duty_id, duty, bench, view, alone=len(span) == holders[duty_id]) if whole else objects
                if bench.left is None or bench.left:
                    duty.judge(duty_id, bench)
                bench.left = None
            if only is None:
                vacant |= _vacancies(duty_id, duty, bench, columns)
        # What was found is looked at through the bench; held by it as well, it would stay until Python looks for rings.
        for bench in benches.values():
            del bench.ledger
    # A closer look at some duties asks for nothing else.
    warnings = _warnings(inputs, columns) if only is None else []
    if progress is not None:
        progress(Progress("judge", "", len(places), len(places)))
    return Evaluation(
        inputs=inputs, zone=zone, as_of_instant=as_of, known_at_instant=known_at, people=people, ledger=ledger, ruled=ruled,
        complete=complete, problems=tuple(p for _, p in sorted(problems.items())), warnings=tuple(warnings),
        vacancies=tuple(_vacancy(zone, v) for v in sorted(vacant)), skipped=_skipped(zone, ledger),
    )  # fmt: skip


def _shared(plans: Sequence[Plan]) -> frozenset[Names]:
    """The kinds of records for which more than one duty looks, whatever their attributes."""
    found = Counter(getattr(d, "must", ()) for plan in plans for d in plan.duties.values() if not getattr(d, "where", None))
    return frozenset(events for events, times in found.items() if times > 1 and events)


def _tell(progress: Watch, duty_id: str, number: int, of: int) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        progress(Progress("judge", duty_id, number * total + done, of * total))

    return tell


def _limit(zone: Zone, moment: Moment) -> int:
    # A date asks for the windows that start on or before it, not for those of the midnight with which it ends.
    instant = zone.moment(moment)
    return instant if isinstance(moment, datetime) else instant - 1


def _skipped(zone: Zone, ledger: Ledger) -> tuple[SkippedWindow, ...]:
    def day(instant: int) -> date:
        return date.fromordinal(zone.day_of(instant))

    rows = sorted(ledger.skipped)
    return tuple(SkippedWindow(d, s, day(a), None if b >= END else day(b - 1), cut) for d, s, a, b, cut in rows)  # type: ignore[arg-type]


# -------------------------------------------------------------------------------------------------------- plans in turn


def _in_turn(plans: Sequence[Plan]) -> list[Plan]:
    """The plans in order of force.

    Raises:
        InputError: no plan, two with one name, different zones, or two at the same time that share a duty.
    """
    problems: list[Problem] = []
    if not plans:
        raise InputError([Problem("DR008", {"expected": "a plan"})])
    ordered = sorted(plans, key=lambda p: (p.plan.in_force.from_, p.plan.id))
    ids = [p.plan.id for p in ordered]
    problems += [Problem("DR403", {"value": i}) for i in sorted({i for i in ids if ids.count(i) > 1})]
    zones = sorted({p.plan.timezone for p in ordered})
    if len(zones) > 1:
        problems.append(Problem("DR411", {"names": ", ".join(zones)}))
    if not problems:
        forces = _forces(ordered, zone_named(zones[0]))
        for i, a in enumerate(ordered):
            for k in range(i + 1, len(ordered)):
                b = ordered[k]
                shared = sorted(set(a.duties) & set(b.duties))
                if shared and intersect(forces[i], forces[k]):
                    problems.append(Problem("DR402", {"first": a.plan.id, "second": b.plan.id, "duty": shared[0]}))
    if problems:
        raise InputError(problems)
    return ordered


def _forces(plans: Sequence[Plan], zone: Zone) -> list[Intervals]:
    """The time in which each plan holds: its own, until a plan that follows it."""
    out: list[Intervals] = []
    for p in plans:
        start = zone.start(p.plan.in_force.from_.toordinal())
        end = zone.start(p.plan.in_force.through.toordinal() + 1) if p.plan.in_force.through else END
        for q in plans:
            if q.plan.follows == p.plan.id:
                end = min(end, zone.start(q.plan.in_force.from_.toordinal()))
        out.append(((start, end),) if start < end else ())
    return out


def _run_of(plans: Sequence[Plan], i: int, duty_id: str) -> list[int] | None:
    """The plans through which a duty runs on unchanged, ending with plan ``i``; ``None`` if it runs on beyond it."""
    if any(_same_duty(plans[i], q, duty_id) for q in plans if q.plan.follows == plans[i].plan.id):
        return None
    run = [i]
    while True:
        before = [k for k, p in enumerate(plans) if p.plan.id == plans[run[0]].plan.follows]
        if not before or before[0] in run or not _same_duty(plans[before[0]], plans[run[0]], duty_id):
            return run
        run.insert(0, before[0])


def _same_duty(a: Plan, b: Plan, duty_id: str) -> bool:
    """Whether a duty means the same in two plans: its own fields, and all of the plans' words that it uses."""
    return duty_id in a.duties and duty_id in b.duties and meaning(a, duty_id) == meaning(b, duty_id)


def _adding(plan: Plan) -> dict[str, list[tuple[str, BaseDuty]]]:
    out: dict[str, list[tuple[str, BaseDuty]]] = {}
    for name, duty in plan.duties.items():
        if isinstance(duty, CountDuty) and duty.adds_to is not None:
            out.setdefault(duty.adds_to, []).append((name, duty))
    return out


def _adds(duty: BaseDuty) -> bool:
    return isinstance(duty, CountDuty) and duty.adds_to is not None


def _asked(plan: Plan, only: frozenset[str] | None) -> list[str]:
    """The duties of a plan that are to be judged: with one that adds to another, that other."""
    if only is None:
        return list(plan.duties)
    bases = {duty.adds_to for d in only if isinstance(duty := plan.duties.get(d), CountDuty)}
    return [d for d in plan.duties if d in only or d in bases]


# ------------------------------------------------------------------------------------------------- what else is to be seen


def _vacancies(duty_id: str, duty: BaseDuty, bench: Bench, people: ObjectColumns) -> set[tuple[str, str, int, int]]:
    """The times up to ``as_of`` in which nobody bore a role that the duty needs, over an object in scope."""
    if duty.role is None or getattr(duty, "for_each", "object") == "area":
        return set()
    if any(w.suspends and duty_id in w.duties for w in bench.waivers):
        return _unborne(duty_id, duty, bench, people)
    return people.once(bench.vocabulary, ("vacancies", duty_id, bench.force), lambda: _unborne(duty_id, duty, bench, people), bench.as_of)


def _unborne(duty_id: str, duty: BaseDuty, bench: Bench, people: ObjectColumns) -> set[tuple[str, str, int, int]]:
    assert duty.role is not None
    out: set[tuple[str, str, int, int]] = set()
    for place in np.flatnonzero(people.of_types(duty.object_type) & ~people.posts(duty.role).always).tolist():
        o = people.ids[place]
        key = (duty.role, o)
        scope = bench.object_subject(duty_id, duty, o).scope
        held = union((t.start, t.end) for t in bench.people.over_object(duty.role, o))
        out |= {(*key, start, end) for start, end in subtract(scope, held) if start < bench.as_of}
    return out


def _vacancy(zone: Zone, v: tuple[str, str, int, int]) -> Vacancy:
    role, object_id, start, end = v
    through = None if end >= END else date.fromordinal(zone.day_of(end - 1))
    return Vacancy(role, object_id, None, date.fromordinal(zone.day_of(start)), through)


Strays = dict[tuple[str, str], dict[str, int]]
"""Names that lead nowhere, by code of the warning and what they name, and how often each is used."""


def _warnings(inputs: Inputs, people: ObjectColumns) -> list[Problem]:
    """What the inputs say that nothing will look at: names that lead nowhere."""
    return told_of({**strays_of_words(inputs, people), **strays_of_records(inputs, people)})


def strays_of_words(inputs: Inputs, people: ObjectColumns) -> Strays:
    """The words of the roster and the waivers that no plan has."""
    roles = {r for p in inputs.plans for r in p.roles}
    types = {t for p in inputs.plans for t in p.object_types}
    duties = {d for p in inputs.plans for d in p.duties}
    found = {
        ("DR407", "role"): people.roles - roles,
        ("DR409", "object_type"): set(people.types.names) - types,
        ("DR410", "duty"): {d for w in inputs.waivers for d in w.duties} - duties,
    }
    return {key: dict.fromkeys(names, 1) for key, names in found.items() if names}


def strays_of_records(inputs: Inputs, people: ObjectColumns) -> Strays:
    """The names in records that neither a plan nor the roster has."""
    if not len(inputs.history):
        return {}
    columns = inputs.history.columns
    beside = names_of(columns, people)
    found = {("DR405", "object"): beside.unknown_objects, ("DR405", "person"): beside.unknown_persons}
    kinds = {RETRACTION, "period_opened", "period_closed"} | {e for p in inputs.plans for e in p.events}
    for code, kind, column, known in (("DR406", "event", columns.event, kinds), ("DR405", "area", columns.area, set(people.people.areas))):
        unknown = set(column.names) - known
        uses = column.uses() if unknown else []
        found[(code, kind)] = {name: uses[column.places[name]] for name in unknown}
    return {key: counts for key, counts in found.items() if counts}


def told_of(strays: Strays) -> list[Problem]:
    """A warning for each kind of name that leads nowhere."""
    out = []
    for (code, kind), counts in sorted(strays.items()):
        names = sorted(counts)
        shown = ", ".join(names[:5]) + (f" … ({len(names)})" if len(names) > 5 else "")
        out.append(Problem(code, {"count": sum(counts.values()), "kind": kind, "names": shown}))
    return out


def rerun(evaluation: Evaluation, **changes: Any) -> Evaluation:
    """The same inputs, looked at further (``until``) or closer (``only``, ``keep_failed``)."""
    options = {k: changes.pop(k) for k in ("until", "only", "keep_failed", "columnar", "progress") if k in changes}
    if options.get("only") is not None:
        options["only"] = frozenset((options["only"],))
    return run(replace(evaluation.inputs, **changes), **options)
