"""The command line: what it prints, and its exit status (0 clean, 1 violations, 2 faulty input or call)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dutyrules.cli import main
from dutyrules.textual import fit, width

ROOT = Path(__file__).parents[1]
PLAN = str(ROOT / "duties" / "xixia-mines-2026h1.yaml")
EXAMPLE = ROOT / "examples" / "xixia"
INPUTS = [PLAN, "--roster", str(EXAMPLE / "roster.yaml"), "--history", str(EXAMPLE / "history.csv"), "--as-of", "2026-06-30"]


def run(capsys, *args):
    try:
        status = main(list(args))
    except SystemExit as stop:
        status = stop.code
    out = capsys.readouterr()
    assert "Traceback" not in out.err + out.out
    return status, out.out, out.err


def test_the_demo_shows_violations_counts_and_what_is_due(capsys):
    status, out, err = run(capsys, "demo")
    assert (status, err) == (0, "")
    assert "四(二)4" in out and "due next" in out and "violations: " in out.splitlines()[-1]
    status, out, _ = run(capsys, "demo", "--lang", "zh")
    assert status == 0 and "违反" in out and "即将到期" in out


def test_the_text_fits_a_screen(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "40")
    _, out, _ = run(capsys, "evaluate", *INPUTS[:-1], "2026-12-31")
    lines = out.splitlines()
    assert len(lines) <= 40 and max(map(width, lines[3:-4])) <= 100
    _, everything, _ = run(capsys, "evaluate", *INPUTS[:-1], "2026-12-31", "--all")
    assert len(everything.splitlines()) > len(lines)


def test_evaluate_writes_json_whole_or_not_at_all(capsys, tmp_path):
    target = tmp_path / "out.json"
    status, out, _ = run(capsys, "evaluate", *INPUTS, "--format", "json", "-o", str(target))
    assert (status, out) == (1, "")
    assert json.loads(target.read_text(encoding="utf-8"))["as_of"] == "2026-06-30"
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]
    status, _, err = run(capsys, "evaluate", *INPUTS, "-o", str(tmp_path / "no" / "out.json"))
    assert status == 2 and "DR001" in err


def test_evaluate_exits_0_without_violations(capsys, tmp_path):
    (tmp_path / "h.csv").write_text("id,time,event\n")
    args = [*INPUTS, "--history", str(tmp_path / "h.csv"), "--as-of", "2026-04-16"]
    status, out, _ = run(capsys, "evaluate", *args, "--format", "csv")
    assert status == 0 and out.startswith("id,verdict,")


def test_completeness_on_the_command_line_turns_misses_into_unknown(capsys):
    _, out, _ = run(capsys, "evaluate", *INPUTS, "--complete-through", "inspection=2026-04-30", "--format", "json")
    document = json.loads(out)
    patrol = [o for o in document["obligations"] if o["duty"] == "township.patrol" and o["window"]["through"] == "2026-05-14"]
    assert {o["verdict"] for o in patrol} <= {"met", "unknown"} and any(o["verdict"] == "unknown" for o in patrol)
    assert document["complete_through"] == {"inspection": "2026-05-01T00:00:00+08:00"}
    assert document["complete_through_assumed"] is False


def test_faults_of_all_inputs_are_told_at_once(capsys, tmp_path):
    (tmp_path / "plan.yaml").write_text("dutyrules: 2\n")
    (tmp_path / "roster.yaml").write_text("objects: x\n")
    (tmp_path / "h.csv").write_text("id,time,event\n1,yesterday,visit\n")
    args = [str(tmp_path / "plan.yaml"), "--roster", str(tmp_path / "roster.yaml"), "--history", str(tmp_path / "h.csv")]
    status, out, err = run(capsys, "evaluate", *args, "--as-of", "2026-01-01", "--lang", "zh")
    assert (status, out) == (2, "")
    assert all(f"{name}:" in err for name in ("plan.yaml", "roster.yaml", "h.csv"))


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["evaluate"],
        ["nonsense"],
        ["evaluate", *INPUTS[:-1], "30 June"],
        ["evaluate", *INPUTS, "--only", "broken"],
        ["explain", *INPUTS, "no/such/obligation"],
        ["check", "no-such-file.yaml"],
        ["schema", "nothing"],
        ["evaluate", *INPUTS, "--complete-through", "visit=soon"],
    ],
)
def test_a_faulty_call_exits_2(capsys, args):
    status, _, err = run(capsys, *args)
    assert status == 2 and err


def test_check_explain_upcoming_and_schema(capsys):
    assert run(capsys, "check", PLAN)[0] == 0
    status, out, _ = run(capsys, "check", PLAN, "--format", "json")
    assert (status, json.loads(out)) == (0, [])
    status, out, _ = run(capsys, "explain", *INPUTS, "township.patrol/pond-invented-1/2026-04-16")
    assert status == 1 and "near misses" in out
    status, out, _ = run(capsys, "upcoming", *INPUTS, "--until", "2026-07-31", "--format", "json")
    assert status == 0 and all(o["window"]["from"] >= "2026-07-01" for o in json.loads(out))
    assert run(capsys, "upcoming", *INPUTS, "--until", "2026-07-31")[0] == 0
    status, out, _ = run(capsys, "schema", "roster")
    assert status == 0 and json.loads(out)["$id"] == "urn:dutyrules:roster:1"


def test_the_version_and_the_module_run():
    found = subprocess.run([sys.executable, "-m", "dutyrules", "--version"], capture_output=True, text=True, check=True)
    assert found.stdout.startswith("dutyrules ")


def test_a_closed_pipe_is_no_error():
    command = f"{sys.executable} -m dutyrules evaluate {' '.join(INPUTS)} --format json | head -c 10"
    found = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert found.stderr == ""


def test_widths_are_those_of_a_terminal():
    assert width("矿一a") == 5
    assert fit("矿一矿一", 5) == "矿一…"
    assert fit("矿一", 6) == "矿一  "
