"""Findings that are meant to be so, and DR515: acceptances of what does not occur."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from dutyrules.errors import Problem
from dutyrules.model import Label
from dutyrules.plan import Plan

__all__ = ["accepting"]

STALE = "DR515"
WITH_ROSTER = {"DR503", "DR510", "DR511", "DR512"}
"""What may be found only where a roster is given; without one, nothing is said of its acceptance."""


def accepting(plan: Plan, found: Iterable[Problem], *, with_roster: bool) -> Iterator[Problem]:
    """The findings that nobody has accepted, and the acceptances that nothing is found for.

    A finding that is shown at a duty is accepted by that duty alone, any other by the plan. That an acceptance is stale can be
    accepted like anything else, and is itself never called stale.
    """
    used: set[tuple[str | None, str]] = set()
    for problem in found:
        duty = _duty(problem)
        if problem.code in _accepted(plan, duty):
            used.add((duty, problem.code))
        else:
            yield problem
    for holder in (None, *plan.duties):
        accepted = _accepted(plan, holder)
        for code in accepted:
            unseen = code in WITH_ROSTER and not with_roster
            if STALE not in accepted and (holder, code) not in used and not unseen:
                path = ("plan",) if holder is None else ("duties", holder)
                yield Problem(STALE, {"code": code}, path=(*path, "accepted", code))


def _duty(problem: Problem) -> str | None:
    """The duty at which a finding is shown."""
    return str(problem.path[1]) if problem.path[:1] == ("duties",) else None


def _accepted(plan: Plan, duty: str | None) -> Mapping[str, Label]:
    return plan.plan.accepted if duty is None else plan.duties[duty].accepted
