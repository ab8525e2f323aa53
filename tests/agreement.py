"""Whether the engine and the oracle say the same of a case; and a case made smaller while they do not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from dutyrules import load_plan, load_roster
from dutyrules.duties.counting import CountDuty
from dutyrules.duties.forbidding import ForbidDuty
from dutyrules.duties.keeping import KeepDuty
from dutyrules.engine import evaluate
from dutyrules.errors import InputError
from dutyrules.history import History
from dutyrules.strategies import Case
from dutyrules.time.zone import zone_named
from oracle import judge

FIELDS = (
    "duty", "subject", "start", "end", "cut", "trigger", "required", "counted", "verdict", "evidence", "settled_at", "violations",
)  # fmt: skip


OF_COUNTS = ("required", "counted", "evidence", "settled_at")
"""What only an obligation has that is met by so many records in a window; of others the verdict and the breaches are compared."""


def spans_scope(case: Case, obligation_id: str) -> bool:
    """Whether an obligation spans the time in scope (decision 22)."""
    duty = case.plan.duties[obligation_id.split("/", 1)[0]]
    if isinstance(duty, CountDuty):
        return obligation_id.endswith("/at_most") or duty.at_least is None or any(not q.per for q in duty.at_least.values())
    return isinstance(duty, (KeepDuty, ForbidDuty))


def one_of_several(case: Case, obligation_id: str) -> bool:
    """Whether several records may serve equally well, so that which of them is named says nothing."""
    name = obligation_id.split("/", 1)[0]
    duty = case.plan.duties[name]
    shared = {d.adds_to for d in case.plan.duties.values() if isinstance(d, CountDuty)}
    return isinstance(duty, CountDuty) and (duty.adds_to is not None or duty.apart is not None or name in shared)


def opens_before(case: Case, obligation_id: str) -> bool:
    """Whether a window opens working days before its trigger, so that in an unpublished year its start is a matter of show."""
    within = getattr(case.plan.duties[obligation_id.split("/", 1)[0]], "within", None)
    return within is not None and within.before is not None and within.before.unit == "working_days"


def far_off(case: Case, *ends: datetime | None) -> bool:
    """Whether two windows end so far ahead that only how far one looks ahead tells them apart (windows that are merged for ever)."""
    year = case.as_of.year + 2
    return all(end is not None and end.year >= year for end in ends)


def engine_says(case: Case) -> dict[str, dict[str, Any]]:
    """What the engine says of each obligation, in the words of the comparison."""
    result = evaluate(case.plan, case.roster, case.history, as_of=case.as_of, known_at=case.known_at, waivers=case.waivers)
    breaches: dict[str, list[Any]] = {}
    for v in result.violations:
        breaches.setdefault(v.obligation, []).append((v.from_, v.until))
    out = {}
    for o in result.obligations:
        out[o.id] = {
            "duty": o.duty,
            "subject": o.subject,
            "start": o.window.start,
            "end": o.window.end,
            "cut": o.window.cut,
            "trigger": o.trigger,
            "required": None if o.required is None else o.required.count,
            "counted": o.counted,
            "verdict": o.verdict,
            "evidence": o.evidence,
            "settled_at": o.settled_at,
            "violations": breaches.get(o.id, []),
        }
    return out


def oracle_says(case: Case) -> dict[str, dict[str, Any]]:
    """What the oracle says of each obligation, in the words of the comparison."""
    found = judge(case.plan, case.roster, case.history, case.as_of, case.known_at, case.waivers)
    return {i: {name: getattr(j, name) for name in FIELDS} for i, j in found.items()}


def differences(case: Case) -> list[str]:
    """Every obligation, and every field of one, of which the two do not say the same."""
    zone = zone_named(case.plan.plan.timezone)

    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return zone.iso(zone.instant(value))
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, (list, tuple)):
            return [plain(v) for v in value]
        return value

    engine, oracle = engine_says(case), oracle_says(case)
    out = [f"{i}: only the engine has it: {engine[i]['verdict']}" for i in engine if i not in oracle]
    out += [f"{i}: only the oracle has it: {oracle[i]['verdict']}" for i in oracle if i not in engine]
    for i in engine.keys() & oracle.keys():
        for name in FIELDS:
            if name in OF_COUNTS and spans_scope(case, i):
                continue
            if name in ("evidence", "settled_at", "violations", "counted") and one_of_several(case, i):
                continue
            if name == "end" and far_off(case, engine[i]["end"], oracle[i]["end"]):
                continue
            if name == "start" and opens_before(case, i):
                continue
            a, b = plain(engine[i][name]), plain(oracle[i][name])
            if name == "evidence":
                a, b = sorted(a), sorted(b)
            if a != b:
                out.append(f"{i}: {name}: engine {a}, oracle {b}")
    return sorted(out)


# ------------------------------------------------------------------------------------------------------------ smaller


def _simpler(case: Case) -> Iterator[Case]:
    """Cases with one thing less."""
    records = case.history.records
    complete = case.history.complete_through
    for i in range(len(records)):
        yield replace(case, history=History(records[:i] + records[i + 1 :], complete))
    if case.waivers:
        for i in range(len(case.waivers)):
            yield replace(case, waivers=case.waivers[:i] + case.waivers[i + 1 :])
    if case.known_at is not None:
        yield replace(case, known_at=None)
    for k in complete:
        yield replace(case, history=History(records, {n: v for n, v in complete.items() if n != k}))
    for i, r in enumerate(records):
        for less in ({"recorded_at": None}, {"retracts": None}, {"until": None}, {"area": None}, {"by": r.by[:1]}, {"objects": r.objects[:1]}):
            if any(getattr(r, k) != v for k, v in less.items()) and not (less.get("area", 1) is None and not r.objects):
                yield replace(case, history=History((*records[:i], replace(r, **less), *records[i + 1 :]), complete))
        for name in r.attributes:
            attributes = {k: v for k, v in r.attributes.items() if k != name}
            yield replace(case, history=History((*records[:i], replace(r, attributes=attributes), *records[i + 1 :]), complete))
    plan = case.plan.to_dict()
    for name, duty in plan["duties"].items():
        if len(plan["duties"]) > 1:
            yield replace(case, plan=_plan({**plan, "duties": {k: v for k, v in plan["duties"].items() if k != name}}))
        for key, value in duty.items():
            rest = {k: v for k, v in duty.items() if k != key}
            yield replace(case, plan=_plan({**plan, "duties": {**plan["duties"], name: rest}}))
            if isinstance(value, list) and value:
                yield replace(case, plan=_plan({**plan, "duties": {**plan["duties"], name: {**duty, key: value[:-1]}}}))
            if isinstance(value, dict):
                for inner in value:
                    less = {k: v for k, v in value.items() if k != inner}
                    yield replace(case, plan=_plan({**plan, "duties": {**plan["duties"], name: {**duty, key: less}}}))
    if plan["plan"]["timezone"] != "UTC":
        yield replace(case, plan=_plan({**plan, "plan": {**plan["plan"], "timezone": "UTC"}}))
    if "through" in plan["plan"]["in_force"]:
        force = {"from": plan["plan"]["in_force"]["from"]}
        yield replace(case, plan=_plan({**plan, "plan": {**plan["plan"], "in_force": force}}))
    roster = case.roster.model_dump(by_alias=True, mode="json", exclude_defaults=True)
    for group in ("tenures", "objects", "areas", "persons"):
        rows = roster.get(group, [])
        for i, row in enumerate(rows):
            yield replace(case, roster=_roster({**roster, group: rows[:i] + rows[i + 1 :]}))
            for key in row:
                fewer = {k: v for k, v in row.items() if k != key}
                yield replace(case, roster=_roster({**roster, group: [*rows[:i], fewer, *rows[i + 1 :]]}))




def _plan(data: dict[str, Any]) -> Any:
    try:
        return load_plan(data)
    except InputError:
        return None


def _roster(data: dict[str, Any]) -> Any:
    try:
        return load_roster(data)
    except InputError:
        return None


def smallest(case: Case, fails: Callable[[Case], bool], tries: int = 3000) -> Case:
    """A smaller case that still fails."""
    shrunk = True
    while shrunk and tries > 0:
        shrunk = False
        for candidate in _simpler(case):
            if candidate.plan is None or candidate.roster is None:
                continue
            tries -= 1
            if fails(candidate):
                case, shrunk = candidate, True
                break
            if tries <= 0:
                break
    return case


def failure(case: Case) -> list[str]:
    """How a case fails: not at all, with an exception, or on kinds of duty and their fields, the gravest first."""
    try:
        found = differences(case)
    except Exception as error:
        return [f"{type(error).__name__}: {str(error)[:40]}"]
    gravest = ("only the engine has it", "only the oracle has it", "verdict", "start", "end", "violations", "cut", "trigger")
    marks = set()
    for line in found:
        duty = case.plan.duties[line.split("/", 1)[0]]
        marks.add((line.split(": ")[1], type(duty).__name__))
    order = {name: i for i, name in enumerate(gravest)}
    return [f"{kind}: {name}" for name, kind in sorted(marks, key=lambda m: (order.get(m[0], 99), m))]


def same_failure(case: Case) -> Callable[[Case], bool]:
    """Whether a case fails as this one does: first of all on the same field of the same kind of duty."""
    mark = failure(case)[:1]
    return lambda other: bool(mark) and failure(other)[:1] == mark
