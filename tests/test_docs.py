"""The documents say what is so: their plans load, their commands and examples give the output that is shown.

A marker before a block says what it is; readers do not see it.

``<!-- file: NAME -->``   a whole file; plan*, roster*, history* and waivers* are loaded, and a plan's tests are run
``<!-- part -->``         a part of a plan; loaded in the document's ``plan.yaml``
``<!-- run -->``          Python that is run; the next ``text`` block is what it prints

A ``console`` block is run as it stands: ``$ dutyrules …``, ``$ echo $?``, and the edits ``$ sed -i …`` and ``$ cp …``. After a change of wording,
``python tests/test_docs.py`` writes the new outputs into the documents, to be reviewed as a diff.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dutyrules import load_history, load_plan, load_roster, load_waivers
from dutyrules.casebook import run_case
from dutyrules.cli import main
from dutyrules.yamlfile import read_yaml

ROOT = Path(__file__).parents[1]
NEW_KIND = ROOT / "docs" / "adding-a-kind.md"
DOCS = sorted([*ROOT.glob("README*.md"), *(ROOT / "docs").glob("*.md")])
SCREEN = {"COLUMNS": "120", "LINES": "60", "DUTYRULES_LANG": "en", "PYTHONUTF8": "1"}

_BLOCK = re.compile(r"(?:<!-- (?P<mark>[^>]*?) -->\n)?```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")

Run = Callable[[list[str]], tuple[int, str]]


def blocks(doc: Path) -> Iterator[tuple[str, str, str]]:
    """The blocks of a document: marker, kind, content."""
    for found in _BLOCK.finditer(doc.read_text(encoding="utf-8")):
        yield found["mark"] or "", found["kind"], found["body"]


def files(doc: Path) -> dict[str, str]:
    """The files that a document shows whole."""
    return {mark[6:]: body for mark, _, body in blocks(doc) if mark.startswith("file: ")}


def unfold(doc: Path, folder: Path) -> None:
    """Lay out a folder as the document's reader has it: the shipped files, and those of the document."""
    for name in ("duties", "examples"):
        shutil.copytree(ROOT / name, folder / name)
    for name, body in files(doc).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(body, encoding="utf-8")


def here(words: list[str]) -> tuple[int, str]:
    """Run a command in this process: its exit status and what it prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            status = main(words)
        except SystemExit as stop:
            status = int(stop.code or 0)
    return status, out.getvalue()


def renewed(text: str, run: Run) -> str:
    """The document with the outputs that its commands and examples give now."""
    printed: str | None = None

    def renew(found: re.Match[str]) -> str:
        nonlocal printed
        body = found["body"]
        if found["kind"] == "console":
            body = _console(body, run)
        elif found["mark"] == "run":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(body, "<example>", "exec"), {"__name__": "example"})
            printed = out.getvalue()
        elif found["kind"] == "text" and printed is not None:
            body, printed = printed, None
        start, end = found.start("body") - found.start(), found.end("body") - found.start()
        return found[0][:start] + body + found[0][end:]

    return _BLOCK.sub(renew, text)


def _console(body: str, run: Run) -> str:
    out, status = "", 0
    for line in body.splitlines():
        if line == "$ echo $?":
            out += f"{line}\n{status}\n"
        elif line.startswith("$ dutyrules "):
            status, printed = run(shlex.split(line[2:])[1:])
            out += f"{line}\n{printed}"
        elif line.startswith(("$ sed -i ", "$ cp ")):
            # What a reader does in an editor, written so that it can be repeated.
            subprocess.run(shlex.split(line[2:]), check=True)
            out += f"{line}\n"
        elif line.startswith("$ "):
            raise ValueError(f"not a command that is tested: {line}")
    return out


@contextlib.contextmanager
def reader(doc: Path) -> Iterator[Run]:
    """A folder and a terminal as a reader of the document has them."""
    before, kept = Path.cwd(), dict(os.environ)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        unfold(doc, folder)
        os.environ.update(SCREEN)
        os.chdir(folder)
        try:
            yield _with_new_kind(doc, folder) if doc == NEW_KIND else here
        finally:
            os.chdir(before)
            os.environ.clear()
            os.environ.update(kept)


def _with_new_kind(doc: Path, folder: Path) -> Run:
    """The package with the document's new file and its changed lines, in a process of its own."""
    package = folder / "src" / "dutyrules"
    shutil.copytree(ROOT / "src" / "dutyrules", package, dirs_exist_ok=True)
    (change,) = [body for _, kind, body in blocks(doc) if kind == "diff"]
    target = package / "duties" / "__init__.py"
    text = target.read_text(encoding="utf-8")
    old = new = ""
    for line in [*change.splitlines(keepends=True), ""]:
        if line[:1] == "-":
            old += line[1:]
        elif line[:1] == "+":
            new += line[1:]
        else:
            assert old in text, f"the changed lines are not in {target.name}: {old}"
            text = text.replace(old, new) if old else new + text
            old = new = ""
    target.write_text(text, encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(package.parent)}

    def run(words: list[str]) -> tuple[int, str]:
        command = [sys.executable, "-m", "dutyrules", *words]
        done = subprocess.run(
            command, cwd=folder, env=env, encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        return done.returncode, done.stdout

    return run


def merged(frame: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """The frame with the part's entries added; entries of the same name are replaced."""
    return {
        **frame,
        **{k: {**frame.get(k, {}), **v} if isinstance(v, dict) and k != "plan" else v for k, v in part.items()},
    }


@pytest.mark.parametrize("doc", DOCS, ids=lambda d: d.name)
def test_outputs_are_the_true_ones(doc: Path) -> None:
    text = doc.read_text(encoding="utf-8")
    with reader(doc) as run:
        assert renewed(text, run) == text


LOADERS = {"plan": load_plan, "roster": load_roster, "history": load_history, "waivers": load_waivers}
FILES = [
    pytest.param(doc, name, id=f"{doc.name}: {name}")
    for doc in DOCS
    if doc != NEW_KIND
    for name in files(doc)
    if name.startswith(tuple(LOADERS))
]


@pytest.mark.parametrize(("doc", "name"), FILES)
def test_files_load_and_their_tests_hold(doc: Path, name: str) -> None:
    with reader(doc):
        loaded = next(load for kind, load in LOADERS.items() if name.startswith(kind))(name)
    for case in getattr(loaded, "tests", ()):
        assert run_case(loaded, case) == []


PARTS = [
    pytest.param(doc, body, id=f"{doc.name}: part {n}")
    for doc in DOCS
    for n, (mark, _, body) in enumerate(blocks(doc), 1)
    if mark == "part"
]


@pytest.mark.parametrize(("doc", "part"), PARTS)
def test_parts_load_in_the_plan_of_their_document(doc: Path, part: str) -> None:
    frame, read = (read_yaml(text.encode()) for text in (files(doc)["plan.yaml"], part))
    assert read.problems == []
    plan = load_plan(merged(frame.data, read.data))
    for case in plan.tests:
        assert run_case(plan, case) == []


def test_links_lead_to_files() -> None:
    broken = [
        f"{doc.name}: {target}"
        for doc in DOCS
        for target in _LINK.findall(doc.read_text(encoding="utf-8"))
        if not (doc.parent / target).exists()
    ]
    assert broken == []


if __name__ == "__main__":
    for document in DOCS:
        before = document.read_text(encoding="utf-8")
        with reader(document) as runner:
            after = renewed(before, runner)
        if after != before:
            document.write_text(after, encoding="utf-8")
            print(document.relative_to(ROOT))
