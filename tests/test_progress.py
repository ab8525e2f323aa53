"""Long work shows itself on a terminal, and nowhere else; Ctrl-C ends it cleanly."""

from __future__ import annotations

import csv
import importlib.util
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from dutyrules import Progress, changes, evaluate, load_history, load_plan, load_roster, loading, readings
from dutyrules.cli import main
from dutyrules.cli import progress as shown
from dutyrules.engine import rerun
from dutyrules.loading import write_text
from dutyrules.reissue.impact import impact
from dutyrules.strategies import Case, cases
from test_laws import judged, view

pty = pytest.importorskip("pty", reason="no pseudo-terminals here")

ROOT = Path(__file__).parents[1]
PLAN = str(ROOT / "duties" / "xixia-mines-2026h1.yaml")
ROSTER = str(ROOT / "examples" / "xixia" / "roster.yaml")
HISTORY = str(ROOT / "examples" / "xixia" / "history.csv")
INPUTS = [PLAN, "--roster", ROSTER, "--history", HISTORY, "--as-of", "2026-06-30"]
LEARNT = (date(2026, 9, 6), date(2026, 9, 7))
"""Between these days the example learns what changes its verdicts."""
HAS_RICH = importlib.util.find_spec("rich") is not None


# ------------------------------------------------------------------------------------------------------- what is told


def grows(told: list[Progress]) -> bool:
    """Whether the share of what is done stays within bounds, never falls, and comes to the whole."""
    shares = [p.done / p.total for p in told]
    return shares == sorted(shares) and shares[0] >= 0 and shares[-1] == 1 and all(p.done <= p.total for p in told)


@given(cases())
def test_being_watched_changes_nothing_and_the_share_only_grows(case: Case) -> None:
    before = judged(case)
    for columnar in (True, False):
        told: list[Progress] = []
        assert view(rerun(before, columnar=columnar, progress=told.append)) == view(before)
        assert grows(told) and {p.stage for p in told} == {"judge"}
        assert {p.what for p in told} - {""} <= set(case.plan.duties)


def test_each_subject_of_a_duty_is_told_where_it_is_judged_alone() -> None:
    result = evaluate(load_plan(PLAN), load_roster(ROSTER), load_history(HISTORY), as_of=date(2026, 6, 30))
    told: list[Progress] = []
    rerun(result, columnar=False, only="township.patrol", progress=told.append)
    assert len(told) > 3 and {p.what for p in told} == {"township.patrol", ""} and grows(told)


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_the_lines_of_all_files_are_told(tmp_path: Path, ending: str) -> None:
    files = [tmp_path / f"{name}.{ending}" for name in "ab"]
    for file in files:
        rows = [{"id": f"{file.stem}{i}", "time": "2026-01-01", "event": "x"} for i in range(2500)]
        if ending == "csv":
            file.write_text("id,time,event\n" + "".join(",".join(r.values()) + "\n" for r in rows))
        else:
            file.write_text("".join(str(r).replace("'", '"') + "\n" for r in rows))
    told: list[Progress] = []
    assert len(load_history(files, progress=told.append)) == 5000
    assert grows(told) and {(p.stage, p.what) for p in told} == {("load", str(f)) for f in files}
    assert len(told) == 8


def test_readings_changes_and_impact_tell_too() -> None:
    plan, roster, history = load_plan(PLAN), load_roster(ROSTER), load_history(HISTORY)
    told: list[Progress] = []
    readings(plan, roster, history, as_of=date(2026, 3, 31), progress=told.append)
    assert [p for p in told if p.stage == "readings"]
    told = []
    found = changes(plan, roster, history, as_of=date(2026, 9, 30), known_at=LEARNT, progress=told.append)
    assert len([p for p in told if p.stage == "causes"]) == len(found) > 0
    told = []
    impact(plan, plan, roster, history, as_of=date(2026, 3, 31), progress=told.append)
    assert grows(told) and {p.stage for p in told} == {"judge"}


def test_what_the_watch_raises_ends_the_work() -> None:
    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_history(HISTORY, progress=stop)


# ------------------------------------------------------------------------------------------------------ what is shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_comes_after_a_while_and_a_few_times_a_second(monkeypatch) -> None:
    stream, clock = Terminal(), [100.0]
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(shown, "monotonic", lambda: clock[0])
    with shown.watching(Namespace(quiet=False, lang="en")) as watch:
        assert watch is not None
        for percent in range(100):
            clock[0] = 100 + percent / 50
            watch(Progress("load", f"a{'b' * (99 - percent)}\x1b\n", percent, 100))
            if percent == 24:
                assert stream.getvalue() == ""
    drawn = stream.getvalue().split("\r")
    assert 4 <= len(drawn) - 3 <= 8 and "25%" in drawn[1]
    assert all(len(line) < 80 for line in drawn) and "\x1b" not in stream.getvalue() and "\n" not in stream.getvalue()
    # The last line is covered with blanks to its end.
    assert drawn[-1] == "" and drawn[-2].strip() == "" and len(drawn[-2]) >= len(drawn[-3].rstrip())


@pytest.mark.parametrize("quiet", [True, False])
def test_nobody_is_told_without_a_terminal_or_when_asked_to_be_quiet(monkeypatch, quiet: bool) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal() if quiet else io.StringIO())
    with shown.watching(Namespace(quiet=quiet, lang="en")) as watch:
        assert watch is None


AT_ONCE = (
    "import sys; {0}; import dutyrules.cli.progress as p; p._PATIENCE = p._PAUSE = 0; sys.argv[0] = 'dutyrules';"
    "from dutyrules.cli import main; raise SystemExit(main())"
)
WITHOUT_RICH = AT_ONCE.format("sys.modules['rich'] = None")
WITH_RICH = AT_ONCE.format("pass")


class Session:
    """A command whose error stream is a terminal."""

    def __init__(self, *command: str) -> None:
        self._master, slave = pty.openpty()
        env = {**os.environ, "TERM": "xterm", "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            [sys.executable, *command], stdout=subprocess.PIPE, stderr=slave, stdin=subprocess.DEVNULL, env=env
        )
        os.close(slave)
        self._seen = b""
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                found = os.read(self._master, 65536)
            except OSError:  # The other side is closed.
                found = b""
            if not found:
                return
            self._seen += found

    @property
    def seen(self) -> str:
        return self._seen.decode("utf-8", errors="replace")

    def until(self, text: str) -> None:
        """Wait until the terminal shows a text."""
        end = time.monotonic() + 60
        while text not in self.seen:
            assert time.monotonic() < end and self.process.poll() is None, self.seen
            time.sleep(0.01)

    def end(self) -> tuple[int, str, str]:
        """The exit status, what was printed, and what the terminal got."""
        out, _ = self.process.communicate(timeout=60)
        self._reader.join()
        os.close(self._master)
        return self.process.returncode, out.decode("utf-8"), self.seen


RICH = pytest.param(WITH_RICH, id="rich", marks=pytest.mark.skipif(not HAS_RICH, reason="rich is not installed"))


@pytest.mark.parametrize("code", [pytest.param(WITHOUT_RICH, id="plain"), RICH])
@pytest.mark.parametrize(("lang", "load", "judge"), [("en", "reading records", "judging duties"), ("zh", "正在读取记录", "正在判定职责")])
def test_a_terminal_shows_it_and_the_output_is_as_without(code: str, lang: str, load: str, judge: str) -> None:
    words = ("evaluate", *INPUTS, "--lang", lang, "--format", "json")
    status, out, seen = Session("-c", code, *words).end()
    assert status == 1 and load in seen and judge in seen and "%" in seen
    assert ("━" in seen) == (code == WITH_RICH)
    piped = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, encoding="utf-8", check=False)
    assert (piped.returncode, piped.stdout) == (1, out)
    assert not any(told in piped.stderr for told in ("\r", "%", load, judge))
    # Nothing of it is left: after it stands only what the pipe got too.
    status, _, still = Session("-c", code, *words, "--quiet").end()
    assert status == 1 and load not in still and seen.endswith(still) and still.replace("\r\n", "\n") == piped.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("explain", *INPUTS, "township.patrol"),
        ("upcoming", *INPUTS, "--until", "2026-12-31"),
        ("readings", *INPUTS[:-1], "2026-02-28"),
        ("changes", *INPUTS[:-1], "2026-09-30", "--known-at", *map(str, LEARNT)),
        ("impact", PLAN, PLAN, *INPUTS[1:]),
        ("check", HISTORY),
    ],
    ids=lambda words: words[0],
)
def test_each_command_that_may_take_long_shows_it(words: tuple[str, ...]) -> None:
    _, _, seen = Session("-c", WITHOUT_RICH, *words, "--lang", "en").end()
    assert "reading records" in seen and "Traceback" not in seen
    assert "%" in seen and {"readings": "trying other readings", "changes": "looking for causes"}.get(words[0], "") in seen


# ------------------------------------------------------------------------------------------------------------- Ctrl-C


@pytest.fixture(scope="module")
def long_history(tmp_path_factory) -> Path:
    """300,000 invented records: those of the example again and again."""
    file = tmp_path_factory.mktemp("long") / "history.csv"
    with open(HISTORY, encoding="utf-8-sig", newline="") as source, open(file, "w", encoding="utf-8", newline="") as target:
        head, *rows = csv.reader(source)
        assert head[0] == "id" and "retracts" in head
        tails = [r[1:] for r in rows if not r[head.index("retracts")]]
        writer = csv.writer(target)
        writer.writerow(head)
        writer.writerows([f"x{i}", *tails[i % len(tails)]] for i in range(300_000))
    return file


@pytest.mark.parametrize(("lang", "told", "presses"), [("en", "interrupted", 1), ("zh", "已中断", 2)])
def test_an_interrupt_ends_a_long_run_at_once(long_history: Path, tmp_path: Path, lang: str, told: str, presses: int) -> None:
    inputs = [str(long_history) if w == HISTORY else w for w in INPUTS]
    session = Session(
        "-m", "dutyrules", "evaluate", *inputs, "--lang", lang, "-o", str(tmp_path / "out.json"), "--skip-bad-rows", str(tmp_path / "bad.jsonl")
    )
    session.until("%")
    begun = time.monotonic()
    for _ in range(presses):
        session.process.send_signal(signal.SIGINT)
        time.sleep(0.02)
    status, out, seen = session.end()
    assert time.monotonic() - begun < 1
    assert (status, out) == (130, "") and "Traceback" not in seen and "KeyboardInterrupt" not in seen
    assert re.sub(r"\x1b\[[?\d]*\w", "", seen).rstrip().split("\r")[-1].startswith(told)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_while_judging_leaves_nothing(tmp_path: Path) -> None:
    code = WITHOUT_RICH.replace("from dutyrules.cli", "import dutyrules.engine as e, time; e.judge = lambda *a, **k: time.sleep(60); from dutyrules.cli")
    session = Session("-c", code, "evaluate", *INPUTS, "--lang", "en", "-o", str(tmp_path / "out.json"))
    session.until("judging duties 0%")
    session.process.send_signal(signal.SIGINT)
    status, out, seen = session.end()
    assert (status, out) == (130, "") and "interrupted" in seen and "Traceback" not in seen
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["write", "rename"])
def test_an_interrupt_while_writing_leaves_what_was_there(capsys, tmp_path: Path, monkeypatch, step: str) -> None:
    target = tmp_path / "out.json"
    target.write_text("old")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    @contextmanager
    def half(*args: Any, **options: Any) -> Iterator[Namespace]:
        with open(*args, **options) as out:
            out.write(b"half")
            yield Namespace(writelines=interrupted)

    if step == "rename":
        monkeypatch.setattr(os, "replace", interrupted)
    else:
        monkeypatch.setattr(loading, "open", half, raising=False)
    assert main(["evaluate", *INPUTS, "--format", "json", "-o", str(target)]) == 130
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"] and target.read_text() == "old"


def test_a_text_that_no_file_can_hold_leaves_nothing_half_written(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_text(str(tmp_path / "out.txt"), "begun \ud800")
    assert list(tmp_path.iterdir()) == []
