"""How long an import takes in a fresh interpreter."""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from time import perf_counter
from typing import Any

from contest import Failed, environment

STATEMENTS = {
    "nothing": "pass",
    "import dutyrules": "import dutyrules",
    "import pydantic": "import pydantic",
    "from pydantic import BaseModel": "from pydantic import BaseModel",
    "dutyrules, all that judging needs": "from dutyrules import evaluate, load_history, load_plan, load_roster",
}


def _seconds(statement: str) -> float:
    begun = perf_counter()
    done = subprocess.run([sys.executable, "-c", statement], env=environment(), capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{statement}: {done.stderr.strip().splitlines()[-1]}")
    return perf_counter() - begun


def startup(rounds: int) -> dict[str, Any]:
    """Seconds of the whole process by statement: median, min, max, and the median beyond a bare start, round by round."""
    for statement in STATEMENTS.values():
        _seconds(statement)
    runs: dict[str, list[float]] = {name: [] for name in STATEMENTS}
    for _ in range(rounds):
        for name, statement in STATEMENTS.items():
            runs[name].append(_seconds(statement))
    bare = runs["nothing"]
    return {
        name: {
            "median": median(times),
            "min": min(times),
            "max": max(times),
            "beyond": median(t - b for t, b in zip(times, bare, strict=True)),
        }
        for name, times in runs.items()
    }
