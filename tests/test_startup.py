"""What a command costs before it does anything: a check must answer while one watches, and no other library is loaded for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PLAN = str(Path(__file__).parents[1] / "duties" / "xixia-mines-2026h1.yaml")


def seconds(cache: Path, *words: str) -> float:
    """What a command costs as a whole process: the least processor time of several runs, so that a busy machine is no fault.

    As where it is installed, its modules have been compiled before (into ``cache``).
    """
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {"PYTHONPYCACHEPREFIX": str(cache)}
    taken = []
    for _ in range(6):
        before = os.times()
        subprocess.run([sys.executable, "-m", "dutyrules", *words], env=env, capture_output=True, check=False)
        after = os.times()
        taken.append(after.children_user - before.children_user + after.children_system - before.children_system)
    return min(taken)


@pytest.mark.parametrize(("words", "bound"), [(("--version",), 0.1), (("check", PLAN), 0.5)])
def test_a_command_answers_in_time(words: tuple[str, ...], bound: float, tmp_path: Path) -> None:
    assert seconds(tmp_path, *words) < bound


def test_checking_a_plan_loads_nothing_that_judging_needs() -> None:
    code = (
        "import sys; from dutyrules.cli import main; main(['check', *sys.argv[1:]]);"
        "print(*(n for n in ('numpy', 'chinese_calendar', 'jsonschema', 'dutyrules.catalogue', 'dutyrules.textual') if n in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, PLAN, "--no-findings"], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines()[-1] == ""
