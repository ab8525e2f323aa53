"""Running a test of a plan: a small history, and the verdicts it must give.

A test names its roster in short form (``{role, bearer, object|area, from, through, type}``); objects, areas and persons that it
does not list are made up (an object has the type ``type``, or else the plan's first one), and so are ids of records (``r1``,
``r2``, …) and waivers.

``expect`` maps a duty to keys and verdicts, ``breaches`` maps a duty to keys and lists of ``FROM .. UNTIL`` (local
times, ``FROM ..`` while it goes on). A key is a window, ``FIRST .. LAST`` in local days (``FIRST ..`` without end), or
the end of an obligation's id after ``duty/subject/``; where that is ambiguous the subject and a blank stand before it.
Every obligation of a duty that is named must have its key, and every key its obligation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, Literal

from dutyrules.engine import evaluate
from dutyrules.evaluation import Evaluation, Obligation
from dutyrules.history import History
from dutyrules.loading import load_roster, load_waivers
from dutyrules.plan import Plan
from dutyrules.plantests import PlanTest, Words, breach_span, record_rows, roster_data
from dutyrules.roster import Roster

__all__ = ["Mismatch", "case_inputs", "evaluate_case", "keys_of", "mismatches", "observed", "observed_breaches", "run_case"]

Plans = Plan | Sequence[Plan]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An expectation that did not hold, or something found that was not expected.

    ``kind``: the verdict is ``wrong``; there is ``no_obligation`` with that key, or several (``ambiguous``); an obligation was
    ``unexpected``; its ``breaches`` are others. ``expected`` or ``found`` is ``None`` where there was none.
    """

    kind: Literal["wrong", "no_obligation", "ambiguous", "unexpected", "breaches"]
    duty: str
    key: str
    expected: str | tuple[str, ...] | None
    found: str | tuple[str, ...] | None
    obligation: Obligation | None = None
    keys: tuple[str, ...] = ()
    """The keys that there are: all that could be meant if ambiguous, otherwise those which nothing names, the nearest first."""
    owed: bool = True
    """Whether the duty has any obligation at all."""


def case_inputs(plans: Plans, case: PlanTest) -> tuple[Roster, History, tuple[Any, ...]]:
    """The roster, history and waivers of a test."""
    data = case.to_dict()
    roster = load_roster(roster_data(data, Words.of(_several(plans)).first_type))
    waivers = [{**w.model_dump(by_alias=True, mode="json"), "id": w.id or f"w{i}"} for i, w in enumerate(case.waivers, 1)]
    return roster, History.of(record_rows(data), case.complete_through), load_waivers({"waivers": waivers})


def evaluate_case(plans: Plans, case: PlanTest) -> Evaluation:
    """What a test's history gives under a plan, or under several in turn."""
    roster, history, waivers = case_inputs(plans, case)
    return evaluate(plans, roster, history, as_of=case.as_of, known_at=case.known_at, waivers=waivers)


def run_case(plans: Plans, case: PlanTest) -> list[Mismatch]:
    """What a test expects and does not find, and what it finds and does not expect."""
    return mismatches(evaluate_case(plans, case), case)


def mismatches(result: Evaluation, case: PlanTest) -> list[Mismatch]:
    """What of a test's expectations the evaluation does not bear out, in the order of the test."""
    return [m for duty in case.expect for m in _verdicts(result, duty, case)] + [
        m for duty in case.breaches for m in _breaches(result, duty, case)
    ]


def observed(result: Evaluation, duty: str) -> dict[str, Obligation]:
    """The obligations of a duty by their shortest keys, in their order."""
    found = _of(result, duty)
    uses: dict[str, int] = {}
    for o in found:
        for key in set(keys_of(o)):
            uses[key] = uses.get(key, 0) + 1
    return {next(key for key in keys_of(o) if uses[key] == 1): o for o in found}


def observed_breaches(result: Evaluation, obligation: Obligation) -> tuple[str, ...]:
    """The breaches of an obligation as a test writes them."""
    return tuple(_span(v.from_, v.until) for v in result.violations if v.obligation == obligation.id)


def _several(plans: Plans) -> Sequence[Plan]:
    return [plans] if isinstance(plans, Plan) else plans


def _of(result: Evaluation, duty: str) -> list[Obligation]:
    return [o for o in result.obligations if o.duty == duty]


def keys_of(o: Obligation) -> list[str]:
    """Every key that an obligation may go by, the shortest and plainest first."""
    last = o.window.through.isoformat() if o.window.through else ""
    window = f"{o.window.from_.isoformat()} .. {last}".strip()
    tail = o.id[len(o.duty) + 1 + len(o.subject) + 1 :]
    plain = [tail, window] if o.trigger is not None else [window, tail]
    return [*plain, *(f"{o.subject} {key}" for key in plain)]


def _verdicts(result: Evaluation, duty: str, case: PlanTest) -> Iterator[Mismatch]:
    expected, found, shortest = case.expect[duty], _of(result, duty), observed(result, duty)
    unnamed = {key: o for key, o in shortest.items() if not set(keys_of(o)) & set(expected)}
    for key, verdict in expected.items():
        fits = [o for o in found if key in keys_of(o)]
        if len(fits) > 1:
            keys = tuple(k for k, o in shortest.items() if o in fits)
            yield Mismatch("ambiguous", duty, key, verdict, None, keys=keys)
        elif not fits:
            yield Mismatch("no_obligation", duty, key, verdict, None, keys=_nearest(key, unnamed), owed=bool(found))
        elif fits[0].verdict != verdict:
            yield Mismatch("wrong", duty, key, verdict, fits[0].verdict, fits[0])
    for key, o in unnamed.items():
        yield Mismatch("unexpected", duty, key, None, o.verdict, o)


def _nearest(key: str, keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(keys, key=lambda k: -SequenceMatcher(None, key, k).ratio()))


def _breaches(result: Evaluation, duty: str, case: PlanTest) -> Iterator[Mismatch]:
    for key, expected in case.breaches[duty].items():
        fits = [o for o in _of(result, duty) if key in keys_of(o)]
        found = tuple(span for o in fits for span in observed_breaches(result, o))
        if [breach_span(s) for s in found] != [breach_span(s) for s in expected]:
            yield Mismatch("breaches", duty, key, expected, found, fits[0] if len(fits) == 1 else None)


def _span(start: datetime, end: datetime | None) -> str:
    def show(t: datetime) -> str:
        t = t.replace(tzinfo=None)
        return t.isoformat(timespec="minutes" if not (t.second or t.microsecond) else "auto")

    return f"{show(start)} .. {show(end) if end else ''}".strip()
