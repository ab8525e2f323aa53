"""Findings: what a plan that loads may still have wrong, beyond its form.

One file per concern. A finding accuses the author, so each check says what it sees, and leaves alone what is doubtful.
"""

from __future__ import annotations

from collections.abc import Iterator

from dutyrules.errors import Problem
from dutyrules.lint import (
    alternatives,
    arising,
    clauses,
    coverage,
    figures,
    languages,
    meeting,
    redundancy,
    unused,
    wording,
)
from dutyrules.lint.accepting import accepting
from dutyrules.lint.bearers import bearers
from dutyrules.lint.contradictions import contradictions
from dutyrules.lint.rehearsal import Rehearsal
from dutyrules.plan import Plan
from dutyrules.roster import Roster

__all__ = ["findings"]


def findings(plan: Plan, roster: Roster | None = None) -> list[Problem]:
    """Every finding about a plan, with the path of its place; with a roster, also what the two say together.

    Findings that are accepted (by the duty they are shown at, or by the plan where they are shown at no duty) are left out, and
    an acceptance of what does not occur is a finding itself. The order of the duties in the plan makes no difference.
    """
    found = accepting(plan, _all(plan, roster), with_roster=roster is not None)
    return sorted(found, key=lambda p: ([str(step) for step in p.path], p.code, str(p.args)))


def _all(plan: Plan, roster: Roster | None) -> Iterator[Problem]:
    stage = Rehearsal(plan)
    yield from coverage.uncovered_days(stage)
    yield from arising.without_time(stage)
    yield from arising.unsatisfied(plan)
    yield from meeting.out_of_reach(stage)
    yield from redundancy.needless_duties(plan)
    yield from contradictions(stage)
    yield from wording.vague_words(plan)
    yield from clauses.unanswered(plan)
    yield from clauses.unlisted(plan)
    yield from languages.missing_languages(plan)
    yield from figures.unlike_summaries(plan)
    yield from unused.unused_words(plan)
    yield from alternatives.adopted(plan)
    if roster is not None:
        yield from arising.no_objects(plan, roster)
        yield from bearers(stage, roster)
