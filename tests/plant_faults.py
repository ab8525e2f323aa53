"""Whether each law notices a fault: ``python tests/plant_faults.py`` plants one at a time in a copy and runs the law.

Exits with 1 if a law does not notice its fault. Takes a few minutes; not part of the ordinary tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]

# The law (a test), the file, what stands there, and the fault that is planted in its place.
FAULTS = [
    (
        "test_laws.py::test_the_order_of_records_is_irrelevant", "bench.py",
        "sorted(rows, key=lambda i: (self.low[i], self.high[i], self.record(i).id))", "list(rows)",
    ),
    (
        "test_laws.py::test_what_comes_after_as_of_or_is_known_after_known_at_changes_nothing", "bench.py",
        "self._visible = low < as_of", "self._visible = low < as_of + 86_400_000_000",
    ),
    (
        "test_laws.py::test_what_comes_after_as_of_or_is_known_after_known_at_changes_nothing", "bench.py",
        "else at >= known_at", "else at < 0",
    ),
    (
        "test_laws.py::test_one_more_qualifying_record_never_worsens_a_minimum", "tally.py",
        "out.counted, out.certain, out.possible = sure, len(sure), max(len(may), len(sure))",
        "out.counted, out.certain, out.possible = sure, len(sure) % 2, len(may) % 2",
    ),
    (
        "test_laws.py::test_windows_of_one_duty_and_subject_are_disjoint_and_full_ones_cover_the_scope", "time/windows.py",
        "date(last // 12, last % 12 + 1, 1).toordinal()", "date(last // 12, last % 12 + 1, 2).toordinal()",
    ),
    (
        "test_laws.py::test_disjoint_sets_of_objects_are_judged_independently", "duties/counting.py",
        "cached = (self._looks_ahead(), self.between, key, per.phrase(), layers, where)",
        "cached = (self._looks_ahead(), self.between, key, per.phrase())",
    ),
    (
        "test_laws.py::test_plans_in_turn_equal_each_over_its_time_in_force", "engine.py",
        "end = min(end, zone.start(q.plan.in_force.from_.toordinal()))",
        "end = min(end, zone.start(q.plan.in_force.from_.toordinal() - 1))",
    ),
    (
        "test_laws.py::test_a_plan_dumped_and_loaded_is_the_same_plan", "quantity.py",
        'return f"{name} from {self.anchor.isoformat()}" if self.anchor else name', "return name",
    ),
    (
        "test_laws.py::test_evaluation_of_what_was_loaded_never_raises", "bench.py",
        "            return self.calendar.is_working_day(ordinal)\n        except UnpublishedYear as error:",
        "            return self.calendar.is_working_day(ordinal)\n        except KeyError as error:",
    ),
    (
        "test_laws.py::test_a_final_verdict_never_changes_as_time_moves_on", "verdicts.py",
        "elif bench.as_of < end:\n        # A further", "elif bench.as_of < end and not s.breaches:\n        # A further",
    ),
    (
        "test_laws.py::test_waivers_only_turn_violated_into_waived", "verdicts.py",
        '("waived", f"waiver:{excuse}") if excuse', '("not_applicable", "lapsed") if excuse',
    ),
    (
        "test_oracle.py::test_engine_and_oracle_agree_on_each_kind_of_duty", "duties/response.py",
        "end, passes = low + length + 1, high + length + 1", "end, passes = low + length, high + length",
    ),
]  # fmt: skip


def noticed(law: str, file: str, old: str, new: str) -> bool:
    """Whether a law fails with the fault planted."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "tests", copy / "tests", ignore=shutil.ignore_patterns("__pycache__"))
        path = copy / "src" / "dutyrules" / file
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise SystemExit(f"{file}: the place of the fault is not found once: {old}")
        path.write_text(text.replace(old, new), encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"tests/{law}"]
        return subprocess.run(command, cwd=copy, env=environment, capture_output=True, check=False).returncode == 1


def main() -> int:
    """Plant every fault; 1 if one goes unnoticed."""
    missed = 0
    for law, file, old, new in FAULTS:
        found = noticed(law, file, old, new)
        missed += not found
        changed = next(line.strip() for line in new.splitlines() if line not in old.splitlines())
        print(f"{'noticed' if found else 'MISSED '}  {law.split('::test_')[1]}: {file}: {changed}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
