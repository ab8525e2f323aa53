"""DR505, DR517: duties that another one makes needless, and duties that say the same."""

from __future__ import annotations

from collections.abc import Iterator

from dutyrules.duties.counting import CountDuty
from dutyrules.duty import BaseDuty
from dutyrules.errors import Problem
from dutyrules.lint.implying import implies, same_duty, shares
from dutyrules.plan import Plan

__all__ = ["needless_duties"]


def needless_duties(plan: Plan) -> Iterator[Problem]:
    """Duties that nobody can miss without missing a stricter one, and duties that are the same but for their texts.

    Of two that are the same, the one whose name comes later is named. What is claimed holds for every roster and history (see
    :mod:`dutyrules.lint.implying`), so much that is needless only mostly is not seen: twice a year beside once a month is none,
    since a site that is in scope for the last month of the year only has then one visit.
    """
    names = sorted(plan.duties)
    for name in names:
        duty = plan.duties[name]
        others = [(other, plan.duties[other]) for other in names if other != name and _comparable(plan.duties[other], duty)]
        twins = [other for other, d in others if other < name and _twins(plan, d, duty)]
        if twins:
            yield Problem("DR517", {"other": twins[0]}, path=("duties", name))
            continue
        stricter = [other for other, d in others if implies(plan, d, duty) and not _twins(plan, d, duty)]
        if stricter:
            yield Problem("DR505", {"other": stricter[0]}, path=("duties", name))


def _comparable(a: BaseDuty, b: BaseDuty) -> bool:
    return type(a) is type(b) and a.role == b.role and bool(set(a.object_type) & set(b.object_type))


def _twins(plan: Plan, a: BaseDuty, b: BaseDuty) -> bool:
    # Of duties that add to another, each asks for records of its own.
    if any(isinstance(d, CountDuty) and shares(plan, d) for d in (a, b)):
        return False
    return same_duty(a, b) or (implies(plan, a, b) and implies(plan, b, a))
