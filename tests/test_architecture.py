"""Imports go one way, from the rooms above to those below, and importing the package costs next to nothing."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

SRC = Path(__file__).parents[1] / "src" / "dutyrules"

# From the ground up; a room may import from those before it (and from its own).
ROOMS = [
    {"messages", "_version", "resources"},
    {"errors", "indentation", "progress"},
    {"time"},
    {"model"},
    {"quantity", "conditions"},
    {"reading"},
    {"vocabulary", "roster"},
    {"columns"},
    {"history", "waivers"},
    {"rostertable", "texts"},
    {"arrowtable"},
    {"tables"},
    {"historyfiles"},
    {"duty"},
    {"ledger"},
    {"bench"},
    {"tally"},
    {"verdicts"},
    {"duties"},
    {"plantests", "yamlfile"},
    {"plan", "catalogue"},
    {"variants", "meaning"},
    {"loading"},
    {"evaluation", "reasons"},
    {"columnar"},
    {"explanation", "document"},
    {"engine", "schema"},
    {"casebook", "strategies", "textual"},
    {"sentences"},
    {"rewriting"},
    {"formatting", "starting"},
    {"lint"},
    {"reports"},
    {"casetests"},
    {"reissue"},
    {"sensitivity"},
    {"hindsight"},
    {"partition"},
    {"monitor", "bounded"},
    {"spark"},
    {"cli"},
    {"pytest_plugin"},
    {"__main__", "__init__"},
]
LEVEL = {name: level for level, names in enumerate(ROOMS) for name in names}


def room(path: Path) -> str:
    first = path.relative_to(SRC).parts[0]
    return first.removesuffix(".py")


def imports_at_the_top(path: Path) -> set[str]:
    """The rooms a module imports when it is loaded (not inside functions, nor for type checking only)."""
    found: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "dutyrules":
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    return found


def test_every_module_has_a_room():
    assert {room(p) for p in SRC.rglob("*.py")} == set(LEVEL)


def test_imports_only_go_down():
    wrong = [
        (str(p.relative_to(SRC)), name)
        for p in SRC.rglob("*.py")
        if room(p) != "__init__"
        for name in imports_at_the_top(p)
        if name != room(p) and LEVEL[name] >= LEVEL[room(p)]
    ]
    assert wrong == []


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    return set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    loaded = loaded_by("import dutyrules")
    assert not loaded & {"numpy", "pydantic", "jsonschema", "yaml", "hypothesis", "chinese_calendar"}


def test_evaluating_needs_no_jsonschema_and_no_hypothesis():
    loaded = loaded_by("from dutyrules import evaluate, load_plan, load_roster, load_history")
    assert not loaded & {"jsonschema", "hypothesis"}


CLOCKS_AND_FILES = re.compile(r"\b(now|today|open|read_text|read_bytes)\(|^import (time|os)$", re.MULTILINE)


def test_the_engine_reads_no_clock_and_no_files():
    engine = [SRC / f"{name}.py" for name in ("bench", "tally", "verdicts", "ledger", "engine", "duty")]
    for path in [*engine, *(SRC / "duties").glob("*.py"), *(SRC / "time").glob("*.py")]:
        assert not CLOCKS_AND_FILES.search(path.read_text(encoding="utf-8")), path.name
