"""The plugin of pytest: what it collects, and what it says of a test that fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from test_casefaults import HEAD, PLAN
from test_casefaults import TESTS as SOUND

pytest_plugins = ["pytester"]
TESTS = SOUND.replace(
    "        mine-a 2026-01-01 .. 2026-01-31: violated\n",
    "        mine-a 2026-01-01 .. 2026-01-31: violated\n        mine-a 2026-02-01 .. 2026-02-28: met\n"
    "        mine-b 2026-01-01 .. 2026-01-31: violated\n        mine-b 2026-02-01 .. 2026-02-28: pending\n",
).replace("T00:00 .. 2026-02-02", "T00:00 ..")
WRONG = TESTS.replace("31: violated", "31: met", 1)
PLUGIN = ("-p", "dutyrules.pytest_plugin", "-p", "no:randomly")


@pytest.fixture
def folder(pytester, monkeypatch):
    monkeypatch.setenv("DUTYRULES_LANG", "en")
    monkeypatch.setenv("COLUMNS", "160")
    pytester.makeini("[pytest]\n")
    (pytester.path / "plan.yaml").write_text(PLAN)
    return pytester


def write(folder, name, text):
    (folder.path / name).write_text(text, encoding="utf-8")


def test_every_test_of_a_file_is_an_item(folder):
    write(folder, "a.dutytest.yaml", HEAD + TESTS + TESTS.replace("tests:\n", "").replace("two visits", "again"))
    result = folder.runpytest_inprocess(*PLUGIN, "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*a.dutytest.yaml::two visits PASSED*", "*a.dutytest.yaml::again PASSED*"])


def test_a_failure_is_told_at_its_line_without_a_traceback(folder):
    write(folder, "a.dutytest.yaml", HEAD + WRONG)
    result = folder.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "a.dutytest.yaml:4: two visits",
            "  a.dutytest.yaml:20:9: DR720 patrol mine-a 2026-01-01 .. 2026-01-31: expected met, found violated",
            "    why: 0 of 1 by the deadline",
            "FAILED a.dutytest.yaml::two visits - a.dutytest.yaml:20:9: DR720 patrol*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_a_failure_is_told_in_chinese_too(folder, monkeypatch):
    monkeypatch.setenv("DUTYRULES_LANG", "zh")
    write(folder, "a.dutytest.yaml", HEAD + WRONG)
    folder.runpytest_inprocess(*PLUGIN).stdout.fnmatch_lines(["*应为 met，实为 violated*"])


def test_faults_are_told_when_collecting(folder):
    write(folder, "a.dutytest.yaml", HEAD + TESTS.replace("event: visit", "event: vist"))
    result = folder.runpytest_inprocess(*PLUGIN)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["a.dutytest.yaml:11:18: DR103 no event is called 'vist' (did you mean 'visit'?)"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_plans_are_run_where_they_are_asked_for(folder):
    (folder.path / "duties").mkdir()
    write(folder, "duties/one.yaml", PLAN + TESTS)
    write(folder, "duties/two.duty.yaml", PLAN + TESTS)
    write(folder, "roster.yaml", "areas: []\n")
    folder.runpytest_inprocess(*PLUGIN).assert_outcomes(passed=1)
    folder.runpytest_inprocess(*PLUGIN, "duties/one.yaml").assert_outcomes(passed=1)
    folder.runpytest_inprocess(*PLUGIN, "-o", "dutyrules_plans=duties/*.yaml").assert_outcomes(passed=2)
    folder.runpytest_inprocess(*PLUGIN, "roster.yaml").assert_outcomes()


def test_it_can_be_named_in_a_conftest(folder):
    folder.makeconftest('pytest_plugins = ["dutyrules.pytest_plugin"]')
    write(folder, "a.dutytest.yaml", HEAD + TESTS)
    folder.runpytest_inprocess().assert_outcomes(passed=1)


def test_nothing_else_needs_pytest():
    names = [p.stem for p in (Path(__file__).parents[1] / "src" / "dutyrules").glob("*.py")]
    names = [n for n in names if n not in ("pytest_plugin", "strategies", "__main__")]
    code = f"import sys\nfor n in {names}: __import__('dutyrules.' + n)\nimport dutyrules.cli.testing, dutyrules.casetests\nprint('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
