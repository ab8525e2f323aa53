"""The files with which an author starts: a commented plan, roster and history, or a new issue of the last plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dutyrules.errors import InputError, Problem
from dutyrules.loading import load_plan, read_bytes
from dutyrules.rewriting import insert_entry, quoted, remove_entry, set_value
from dutyrules.schema import schema_text
from dutyrules.yamlfile import read_yaml

__all__ = ["NewIssue", "from_nothing", "from_plan"]

_TEMPLATES = Path(__file__).resolve().parent / "templates"
_MODELINE = "# yaml-language-server: $schema=schemas/plan.json\n"
_HALF = re.compile(r"(?P<head>.*?)(?P<year>\d{4})?(?P<sep>-?)h(?P<half>[12])\Z", re.IGNORECASE)


def from_nothing() -> dict[str, str]:
    """The files of a new folder, by name: a small plan that checks clean, with its roster, history and schemas."""
    names = ("plan.yaml", "roster.yaml", "history.csv")
    return {**{n: (_TEMPLATES / n).read_text(encoding="utf-8") for n in names}, **_schemas()}


def _schemas() -> dict[str, str]:
    return {f"schemas/{name}.json": schema_text(name) for name in ("plan", "roster", "waivers")}


@dataclass(frozen=True, slots=True)
class NewIssue:
    """The files of a new issue, and what was decided for the author, to be looked at."""

    files: dict[str, str]
    id: str
    in_force: date
    follows: str


def from_plan(last: str, new_id: str | None = None, in_force: date | None = None) -> NewIssue:
    """A new issue of the plan in the file ``last``: the same duties, following it, with nothing of its number and day of issue.

    The tests of the last plan go into a file of their own that applies both plans in turn: a duty that stays the same runs
    on as one, so they hold until a duty is changed on purpose.

    Raises:
        InputError: the plan cannot be read or is faulty; the new id is no id; the new plan would begin before the last one.
    """
    plan = load_plan(last)
    text = read_bytes(last).decode("utf-8-sig").replace("\r\n", "\n")
    name = new_id or _next_id(plan.plan.id)
    start = in_force or _next_start(plan.plan.in_force.from_)
    if start <= plan.plan.in_force.from_:
        raise InputError([Problem("DR013", {"value": str(start), "first": str(plan.plan.in_force.from_)})])
    body, tests = _without_tests(text)
    body = set_value(body, ("plan", "id"), quoted(name))
    body = set_value(body, ("plan", "in_force"), f"{{from: {start}}}")
    for key in ("number", "issued", "follows"):
        if getattr(plan.plan, key) is not None:
            body = remove_entry(body, ("plan", key))
    body = insert_entry(body, ("plan",), "follows", quoted(plan.plan.id), before="timezone")
    load_plan(read_yaml(body.encode()).data)
    files = {"plan.yaml": _with_modeline(body), "previous.yaml": text, **_schemas()}
    if tests:
        files["plan.dutytest.yaml"] = f"dutyrules: 1\nplan: [previous.yaml, plan.yaml]\n\n{tests}"
    return NewIssue(files, name, start, plan.plan.id)


def _with_modeline(text: str) -> str:
    return text if "yaml-language-server:" in text else _MODELINE + text


def _without_tests(text: str) -> tuple[str, str]:
    """The text without its ``tests``, and these with the comment that stands right above them."""
    lines = text.splitlines(keepends=True)
    first = next((i for i, line in enumerate(lines) if line.startswith("tests:")), None)
    if first is None:
        return text, ""
    last = next((i for i in range(first + 1, len(lines)) if re.match(r"[^\s#\-]", lines[i])), len(lines))
    while first > 0 and (lines[first - 1].startswith("#") or (not lines[first - 1].strip() and lines[first - 2].startswith("#"))):
        first -= 1
    return "".join(lines[:first]).rstrip("\n") + "\n" + "".join(lines[last:]), "".join(lines[first:last])


def _next_id(last: str) -> str:
    found = _HALF.match(last)
    if not found:
        return f"{last}-next"
    year = found["year"] or ""
    if found["half"] == "2" and year:
        year = str(int(year) + 1)
    return f"{found['head']}{year}{found['sep']}h{'2' if found['half'] == '1' else '1'}"


def _next_start(last: date) -> date:
    """The first day of the next half-year."""
    return date(last.year, 7, 1) if last.month < 7 else date(last.year + 1, 1, 1)


