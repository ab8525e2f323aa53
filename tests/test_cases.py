"""Every plan under ``tests/`` and ``duties/`` carries tests worked out by hand; each is one case here."""

from __future__ import annotations

from pathlib import Path

import pytest

from dutyrules.casebook import run_case
from dutyrules.loading import load_plan

ROOT = Path(__file__).parents[1]
FILES = sorted(
    p for folder in ("tests/edges", "tests/regimes", "tests/cases", "duties") for p in (ROOT / folder).glob("*.yaml")
)
PLANS = {p: load_plan(p) for p in FILES}
CASES = [
    pytest.param(plan, case, id=f"{p.stem}: {case.name.text('en')}") for p, plan in PLANS.items() for case in plan.tests
]


@pytest.mark.parametrize(("plan", "case"), CASES)
def test_verdicts_worked_out_by_hand(plan, case):
    assert run_case(plan, case) == []


def test_every_regime_has_its_file():
    assert [p.name[:2] for p in FILES if p.parent.name == "regimes"] == [f"{n:02d}" for n in range(1, 16)]


def test_every_shipped_plan_has_cases():
    assert all(plan.tests for p, plan in PLANS.items())
