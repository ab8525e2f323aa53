"""How long an import takes in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from contest import Failed, environment, spread

_PLAN = f"""
from dutyrules import load_plan
plan = load_plan({str(Path(__file__).with_name("plan.yaml"))!r})
"""
_INPUT = """
from datetime import datetime
from dutyrules import evaluate, load_roster
roster = load_roster({
    "objects": [{"id": "s0", "type": "site"}], "persons": [{"id": "p0"}],
    "tenures": [{"role": "township", "person": "p0", "object": "s0"}],
})
records = [{"id": "1", "time": "2025-03-01T08:00:00", "event": "inspection", "object": "s0", "by": "p0"}]
"""
_JUDGED = "evaluate(plan, roster, records, as_of=datetime(2025, 12, 16, 12)).counts()"
STATEMENTS = {
    "nothing": "pass",
    "import dutyrules": "import dutyrules",
    "import pydantic": "import pydantic",
    "from pydantic import BaseModel": "from pydantic import BaseModel",
    "dutyrules: a plan loaded": _PLAN,
    "dutyrules: all that judging needs": "from dutyrules import evaluate, load_history, load_plan, load_roster",
    "dutyrules: a first verdict": _PLAN + _INPUT + _JUDGED,
    "dutyrules: a first verdict on a table": f"import pyarrow\n{_PLAN}{_INPUT}records = pyarrow.Table.from_pylist(records)\n{_JUDGED}",
    "import pyarrow": "import pyarrow",
}


def _seconds(name: str) -> float:
    begun = perf_counter()
    done = subprocess.run([sys.executable, "-c", STATEMENTS[name]], env=environment(), capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{name}: {done.stderr.strip().splitlines()[-1]}")
    return perf_counter() - begun


def startup(rounds: int) -> dict[str, Any]:
    """Seconds of the whole process by statement: median, min and max, and two that are taken round by round.

    These are ``beyond``, the median beyond a bare start, and ``ratio``, median, min and max over ``import pydantic``.
    """
    for name in STATEMENTS:
        _seconds(name)
    runs: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for _ in range(rounds):
        for name in STATEMENTS:
            runs[name].append(_seconds(name))
    bare, pydantic = runs["nothing"], runs["import pydantic"]
    return {
        name: {
            **spread(times),
            "beyond": median(t - b for t, b in zip(times, bare, strict=True)),
            "ratio": spread([t / p for t, p in zip(times, pydantic, strict=True)]),
        }
        for name, times in runs.items()
    }
