"""Findings: what a plan that loads may still have wrong, beyond its form."""

from __future__ import annotations

from dutyrules.errors import Problem
from dutyrules.plan import Plan
from dutyrules.roster import Roster

__all__ = ["findings"]


def findings(plan: Plan, roster: Roster | None = None) -> list[Problem]:
    """Every finding about a plan, with the path of its place; with a roster, also what the two say together.

    Findings that the plan accepts (``accepted`` of the duty or of the plan) are left out.
    """
    return []
