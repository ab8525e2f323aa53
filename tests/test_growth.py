"""Many counties at once cost in proportion, and none of them changes what another owes."""

from __future__ import annotations

import cProfile
import pstats
import sys
from collections import Counter
from pathlib import Path

import pytest

from dutyrules import evaluate

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from example import AS_OF, copies, named


def calls(number: int) -> int:
    """How many calls of functions the evaluation of so many copies makes: a cost that no other load on the machine changes."""
    inputs = copies(number)
    profile = cProfile.Profile()
    profile.runcall(evaluate, *inputs, as_of=AS_OF)
    return pstats.Stats(profile).total_calls  # type: ignore[attr-defined,no-any-return]


def test_the_whole_plan_grows_in_proportion() -> None:
    calls(1)
    assert calls(12) < 3.2 * calls(4)


@pytest.mark.parametrize("number", [3])
def test_each_copy_owes_what_the_example_owes(number: int) -> None:
    one, many = (evaluate(*copies(n), as_of=AS_OF) for n in (1, number))
    found = Counter((o.id, o.verdict, o.reason, o.evidence) for o in many.obligations)

    def renamed(text: str, copy: int) -> str:
        return text.replace(named("", 0), named("", copy))

    expected = Counter(
        (renamed(o.id, c), o.verdict, o.reason, tuple(renamed(e, c) for e in o.evidence)) for o in one.obligations for c in range(number)
    )
    # What the county's office owes for all is owed once.
    differing = {key[0].split("/")[0] for key in (found - expected) | (expected - found)}
    assert differing <= {"office.table"}
    assert len(many.violations) >= number * (len(one.violations) - 1)
