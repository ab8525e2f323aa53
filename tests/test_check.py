"""The command ``check``: faults of all files at once, then findings, in four formats, with an exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import dutyrules.lint
from dutyrules.catalogue import frame
from dutyrules.cli import main
from dutyrules.errors import Problem
from dutyrules.yamlfile import read_yaml

ROOT = Path(__file__).parents[1]
PLAN = ROOT / "duties" / "xixia-mines-2026h1.yaml"
EXAMPLE = ROOT / "examples" / "xixia"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with sound files and faulty ones; findings are off unless a test puts some on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(dutyrules.lint, "findings", lambda plan, roster=None: [])
    for name in ("plan.yaml", "roster.yaml", "waivers.yaml", "history.csv"):
        Path(name).write_text(frame(name), encoding="utf-8")
    Path("faulty.yaml").write_text(frame("plan.yaml").replace("must: inspection", "must: inspektion"), encoding="utf-8")
    return tmp_path


def check(capsys, *args):
    try:
        status = main(["check", *args, *(() if "--lang" in args else ("--lang", "en"))])
    except SystemExit as stop:
        status = stop.code
    out = capsys.readouterr()
    assert "Traceback" not in out.err + out.out
    return status, out.out, out.err


def found(*problems):
    return lambda plan, roster=None: [Problem("DR118", {"value": v}, path=path) for v, path in problems]


def test_a_sound_plan_is_clean(desk, capsys):
    line = "plan.yaml: clean (duties: 1, clauses that records cannot decide: 0, tests: 0)\n"
    assert check(capsys, "plan.yaml") == (0, line, "")
    assert check(capsys, "plan.yaml", "--lang", "zh") == (0, "plan.yaml: 无误（职责 1，记录不能判定的条款 0，测试 0）\n", "")


def test_rosters_waivers_and_histories_are_told_apart(desk, capsys):
    assert check(capsys, "roster.yaml", "waivers.yaml", "history.csv") == (
        0,
        "roster.yaml: clean (objects: 1, persons: 2, tenures: 1)\nwaivers.yaml: clean (waivers: 1)\nhistory.csv: clean (records: 1)\n",
        "",
    )
    Path("a.dutytest.yaml").write_text(frame("plan.dutytest.yaml"), encoding="utf-8")
    assert check(capsys, "a.dutytest.yaml") == (0, "a.dutytest.yaml: clean (tests: 1)\n", "")
    for name, old, new, code in (
        ("a.dutytest.yaml", ": met", ": done", "DR701"),
        ("roster.yaml", "role: leader", "roll: leader", "DR101"),
        ("waivers.yaml", "approved_by", "approved", "DR101"),
        ("history.csv", "2026-01-10T09:00", "yesterday", "DR302"),
    ):
        Path(name).write_text(Path(name).read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        status, out, err = check(capsys, name)
        assert (status, out) == (2, "") and err.startswith(f"{name}:") and code in err


def test_the_line_of_a_fault_is_shown(desk, capsys):
    status, out, err = check(capsys, "faulty.yaml")
    line = frame("plan.yaml").splitlines().index("    must: inspection") + 1
    assert (status, out) == (2, "")
    assert err == (
        f"faulty.yaml:{line}:5: DR103 no event is called 'inspektion' (did you mean 'inspection'?)\n"
        f"  {line} |     must: inspektion\n     |     ^\n"
    )


def test_faults_come_before_findings_and_all_are_told(desk, capsys, monkeypatch):
    monkeypatch.setattr(dutyrules.lint, "findings", found(("late", ("duties", "leader.patrol", "at_least")), ("early", ("plan", "id"))))
    status, out, err = check(capsys, "plan.yaml", "none.yaml", "faulty.yaml", "--format", "json")
    rows = json.loads(out)
    assert (status, err) == (2, "")
    assert [(r["file"], r["args"].get("value")) for r in rows] == [
        ("none.yaml", None), ("faulty.yaml", "inspektion"), ("plan.yaml", "early"), ("plan.yaml", "late"),
    ]  # fmt: skip
    assert rows[2]["line"] < rows[3]["line"] and rows[2]["path"] == ["plan", "id"]


def test_findings_alone_exit_1_and_may_be_left_out(desk, capsys, monkeypatch):
    monkeypatch.setattr(dutyrules.lint, "findings", found(("x", ("roles", "leader"))))
    status, out, err = check(capsys, "plan.yaml", "roster.yaml")
    assert status == 1 and err.startswith("plan.yaml:18:3: DR118 ")
    assert out.splitlines() == [
        "plan.yaml: findings: 1 (duties: 1, clauses that records cannot decide: 0, tests: 0)",
        "roster.yaml: clean (objects: 1, persons: 2, tenures: 1)",
    ]
    assert "提示 1 处" in check(capsys, "plan.yaml", "--lang", "zh")[1]
    assert check(capsys, "plan.yaml", "--no-findings")[0] == 0


def test_the_roster_is_looked_at_together_with_the_plan(desk, capsys, monkeypatch):
    seen = []
    monkeypatch.setattr(dutyrules.lint, "findings", lambda plan, roster=None: seen.append(roster) or [])
    assert check(capsys, "plan.yaml", "--roster", "roster.yaml")[0] == 0
    assert [len(r.persons) for r in seen] == [2]
    status, out, err = check(capsys, "plan.yaml", "--roster", "waivers.yaml")
    assert status == 2 and err.startswith("waivers.yaml:1:1: DR101") and out.startswith("plan.yaml: clean")


@pytest.mark.parametrize("format", ["text", "json", "sarif", "github"])
def test_a_report_goes_to_a_file_whole_or_not_at_all(desk, capsys, format):
    status, out, err = check(capsys, "faulty.yaml", "plan.yaml", "--format", format, "-o", "report")
    assert (status, out, err) == (2, "", "")
    text = Path("report").read_text(encoding="utf-8")
    status, out, err = check(capsys, "faulty.yaml", "plan.yaml", "--format", format)
    assert text == err + out and "DR103" in text and (err == "" or format == "text")
    status, out, err = check(capsys, "faulty.yaml", "--format", format, "-o", "no/report")
    assert status == 2 and "no/report: DR001" in err and not Path("no").exists()


def test_clean_reports_of_programs_are_whole(desk, capsys):
    assert check(capsys, "plan.yaml", "--format", "json") == (0, "[]\n", "")
    assert check(capsys, "plan.yaml", "--format", "github") == (0, "", "")
    status, out, _ = check(capsys, "plan.yaml", "--format", "sarif")
    assert status == 0 and json.loads(out)["runs"][0]["results"] == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("none.yaml", None, "DR001"),
        ("folder.yaml", "", "DR001"),
        ("empty.yaml", b"", "DR008"),
        ("gbk.yaml", "dutyrules: 1 # 方案".encode("gb18030"), "DR010"),
        ("text.yaml", b"hello", "DR104"),
        ("list.yaml", b"- 1\n- 2\n", "DR104"),
        ("other.yaml", b"services: {web: {image: x}}\n", "DR101"),
        ("binary.yaml", b"\x00\x01\x02", "DR002"),
        ("empty.csv", b"", "DR311"),
        ("empty.jsonl", b"", None),
    ],
)
@pytest.mark.parametrize("format", ["text", "json", "sarif", "github"])
def test_whatever_the_file_is_there_is_a_clear_answer(desk, capsys, name, content, code, format):
    if content == "":
        Path(name).mkdir()
    elif content is not None:
        Path(name).write_bytes(content)
    status, out, err = check(capsys, name, "--format", format)
    assert status == (2 if code else 0) and (code is None or code in out + err)


def test_a_call_without_files_is_refused(capsys):
    status, out, err = check(capsys)
    assert (status, out) == (2, "") and "PLAN" in err


def test_the_shipped_files_have_no_faults(capsys):
    files = [PLAN, EXAMPLE / "roster.yaml", EXAMPLE / "waivers.yaml", EXAMPLE / "history.csv"]
    status, out, err = check(capsys, *map(str, files), "--no-findings")
    assert (status, err) == (0, "") and out.count("clean") == 4


# ------------------------------------------------------------------------------------------------- hooks of pre-commit

HOOKS = ROOT / ".pre-commit-hooks.yaml"


def hooks():
    read = read_yaml(HOOKS.read_bytes())
    assert read.problems == []
    return {hook["id"]: hook for hook in read.data}


def test_the_hooks_have_what_pre_commit_asks_for():
    assert list(hooks()) == ["dutyrules-check", "dutyrules-fmt"]
    for hook in hooks().values():
        assert {"id", "name", "entry", "language", "files", "description"} == set(hook)
        assert hook["language"] == "python" and all(isinstance(v, str) for v in hook.values())


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("duties/plan.yaml", True),
        ("office/duties/2026/plan.yml", True),
        ("flood.duty.yaml", True),
        ("a/b.duty.yml", True),
        ("heavyduties/plan.yaml", False),
        ("duties/plan.md", False),
        ("plan.yaml", False),
        ("duties/plan.yaml.bak", False),
    ],
)
def test_the_hooks_take_plans_and_nothing_else(path, taken):
    import re

    assert all((re.search(hook["files"], path) is not None) == taken for hook in hooks().values())


def test_the_entry_of_check_runs(desk):
    program, *words = hooks()["dutyrules-check"]["entry"].split()
    assert program == "dutyrules"
    done = subprocess.run([sys.executable, "-m", program, *words, "plan.yaml", "faulty.yaml"], capture_output=True, check=False)
    assert done.returncode == 2 and b"DR103" in done.stderr


def test_the_entry_of_fmt_runs_where_the_command_is_built(desk):
    program, *words = hooks()["dutyrules-fmt"]["entry"].split()
    built = (ROOT / "src" / "dutyrules" / "formatting.py").exists() or (ROOT / "src" / "dutyrules" / "formatting").exists()
    done = subprocess.run([sys.executable, "-m", program, *words, "plan.yaml"], capture_output=True, check=False)
    assert (done.returncode in (0, 1)) == built and b"Traceback" not in done.stderr
