"""A few of the mutants of ``mutate_plans.py``: no fault of form is missed, and no change of meaning is missing from the diff."""

from __future__ import annotations

from collections import Counter

from mutate_plans import KINDS, mutants, outcome


def test_mutants_are_found(tmp_path):
    found = Counter()
    for plan, mutant in mutants(5 * len(KINDS), seed=7):
        what = outcome(plan, mutant, tmp_path)
        found[what] += 1
        assert what != "missed", (plan.name, mutant.line, mutant.kind, mutant.detail)
    assert found["elsewhere"] == 0 and found["on a line beside it"] <= 1
