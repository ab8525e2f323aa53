"""The columnar engine says the same as the plain oracle, of every case."""

from __future__ import annotations

import pytest
from hypothesis import given

from agreement import differences
from dutyrules.strategies import KINDS, Case, cases


def check(case: Case) -> None:
    found = differences(case)
    assert not found, "\n".join([*found, "", case.text()])


@pytest.mark.parametrize("kind", KINDS)
def test_engine_and_oracle_agree_on_each_kind_of_duty(kind: str) -> None:
    given(cases(kinds=[kind]))(check)()  # type: ignore[list-item]


@given(cases())
def test_engine_and_oracle_agree_on_duties_together(case: Case) -> None:
    check(case)
