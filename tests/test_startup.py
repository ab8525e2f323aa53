"""What a command costs before it does anything: a check must answer while one watches, and no other library is loaded for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

PLAN = str(Path(__file__).parents[1] / "duties" / "xixia-mines-2026h1.yaml")


def seconds(cache: Path, *runs: tuple[str, ...]) -> list[float]:
    """What each of some runs of Python costs as a whole process: the least processor time of several rounds.

    As where it is installed, its modules have been compiled before (into ``cache``).
    """
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {"PYTHONPYCACHEPREFIX": str(cache)}

    def spent() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(6):
        for run, found in zip(runs, taken, strict=True):
            before = spent()
            subprocess.run([sys.executable, *run], env=env, capture_output=True, check=False)
            found.append(spent() - before)
    return [min(found) for found in taken]


@pytest.mark.skipif(resource is None, reason="the processor time of a child is not told here")
@pytest.mark.parametrize(("words", "bound"), [(("--version",), 1.3), (("check", PLAN), 6.5)])
def test_a_command_answers_in_time(words: tuple[str, ...], bound: float, tmp_path: Path) -> None:
    # Beside pydantic alone, so that a slow or busy machine is no fault.
    peer, ours = seconds(tmp_path, ("-c", "import pydantic; pydantic.BaseModel"), ("-m", "dutyrules", *words))
    assert ours < bound * peer


def test_checking_a_plan_loads_nothing_that_judging_needs() -> None:
    code = (
        "import sys; from dutyrules.cli import main; main(['check', *sys.argv[1:]]);"
        "print(*(n for n in ('numpy', 'chinese_calendar', 'jsonschema', 'dutyrules.catalogue', 'dutyrules.textual') if n in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, PLAN, "--no-findings"], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines()[-1] == ""
