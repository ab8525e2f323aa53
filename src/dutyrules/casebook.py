"""Running the ``tests:`` of a plan: small histories and the verdicts they must give.

A test names its roster in short form (``{role, person, object|area, from, through, type}``); objects, areas and persons that it
does not declare are made up (an object has the type ``type``, or else the plan's first one), and so are ids of records (``r1``,
``r2``, …) and waivers.

``expect`` maps a duty to keys and verdicts, ``breaches`` maps a duty to keys and lists of ``FROM .. UNTIL`` (local
times, ``FROM ..`` while it goes on). A key is a window, ``FIRST .. LAST`` in local days (``FIRST ..`` without end), or
the end of an obligation's id after ``duty/subject/``; where that is ambiguous the subject and a blank stand before it.
Every obligation of a duty that is named must have its key, and every key its obligation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dutyrules.engine import evaluate
from dutyrules.evaluation import Evaluation, Obligation
from dutyrules.history import History
from dutyrules.loading import load_roster, load_waivers
from dutyrules.plan import Plan, PlanTest
from dutyrules.roster import Roster

__all__ = ["Mismatch", "case_inputs", "run_case"]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An expectation that did not hold; ``expected`` or ``found`` is ``None`` where there was none."""

    duty: str
    key: str
    expected: object
    found: object


def moment(text: str) -> date | datetime:
    """A date or a time from its text."""
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def case_inputs(plan: Plan, case: PlanTest) -> tuple[Roster, History, tuple[Any, ...]]:
    """The roster, history and waivers of a test."""
    objects = {o["id"]: dict(o) for o in case.objects}
    areas = {a["id"]: dict(a) for a in case.areas}
    persons: dict[str, dict[str, Any]] = {}
    tenures = []
    first_type = next(iter(plan.object_types))
    for row in case.roster:
        row = dict(row)
        row["person"] = row.pop("bearer", row.get("person"))
        kind = row.pop("type", first_type)
        persons.setdefault(row["person"], {"id": row["person"]})
        if "object" in row:
            objects.setdefault(row["object"], {"id": row["object"], "type": kind})
        if "area" in row:
            areas.setdefault(row["area"], {"id": row["area"]})
        tenures.append(row)
    for o in objects.values():
        if "area" in o:
            areas.setdefault(o["area"], {"id": o["area"]})
    roster = load_roster(
        {"areas": [*areas.values()], "objects": [*objects.values()], "persons": [*persons.values()], "tenures": tenures}
    )
    rows = [{"id": f"r{i}", **row} for i, row in enumerate(case.history, 1)]
    complete = {k: moment(v) for k, v in case.complete_through.items()} if case.complete_through else None
    waivers = [
        {"id": f"w{i}", "because": "test", "approved_by": "test", **w} for i, w in enumerate(case.waivers, 1)
    ]
    return roster, History.of(rows, complete), load_waivers({"waivers": waivers})


def run_case(plan: Plan, case: PlanTest) -> list[Mismatch]:
    """What a test expects and does not find, and what it finds and does not expect."""
    roster, history, waivers = case_inputs(plan, case)
    result = evaluate(
        plan, roster, history, as_of=moment(case.as_of),
        known_at=moment(case.known_at) if case.known_at else None, waivers=waivers,
    )  # fmt: skip
    return [*_verdicts(result, case), *_breaches(result, case)]


def _keys(o: Obligation) -> list[str]:
    last = o.window.through.isoformat() if o.window.through else ""
    window = f"{o.window.from_.isoformat()} .. {last}".strip()
    tail = o.id[len(o.duty) + 1 + len(o.subject) + 1 :]
    return [k for key in (window, tail) for k in (key, f"{o.subject} {key}")]


def _verdicts(result: Evaluation, case: PlanTest) -> list[Mismatch]:
    out = []
    for duty, keys in case.expect.items():
        found = [o for o in result.obligations if o.duty == duty]
        for key, verdict in keys.items():
            fits = [o for o in found if key in _keys(o)]
            if len(fits) != 1 or fits[0].verdict != verdict:
                out.append(Mismatch(duty, key, verdict, [(o.id, o.verdict) for o in fits]))
        for o in found:
            if not set(_keys(o)) & set(keys):
                out.append(Mismatch(duty, f"{o.subject} {_keys(o)[0]}", None, o.verdict))
    return out


def _breaches(result: Evaluation, case: PlanTest) -> list[Mismatch]:
    out = []
    for duty, keys in case.breaches.items():
        for key, expected in keys.items():
            ids = [o.id for o in result.obligations if o.duty == duty and key in _keys(o)]
            found = tuple(_span(v.from_, v.until) for v in result.violations if v.obligation in ids)
            if found != tuple(expected):
                out.append(Mismatch(duty, key, expected, found))
    return out


def _span(start: datetime, end: datetime | None) -> str:
    def show(t: datetime) -> str:
        t = t.replace(tzinfo=None)
        return t.isoformat(timespec="minutes" if not (t.second or t.microsecond) else "auto")

    return f"{show(start)} .. {show(end) if end else ''}".strip()
