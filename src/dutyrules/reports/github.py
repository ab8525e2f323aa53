"""Workflow commands of GitHub Actions: each becomes an annotation at the line of a pull request."""

from __future__ import annotations

from pathlib import PurePath

from dutyrules.errors import Problem
from dutyrules.messages import message
from dutyrules.reports.places import from_root, level

__all__ = ["command"]

_IN_TEXT = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_IN_PROPERTIES = (*_IN_TEXT, (":", "%3A"), (",", "%2C"))


def command(problem: Problem, lang: str, root: PurePath | None = None) -> str:
    """The command for one problem: ``::error file=…,line=…,col=…,title=CODE::message``."""
    properties = {
        "file": from_root(problem.file, root).as_posix() if problem.file is not None else None,
        "line": problem.line,
        "col": problem.column,
        "title": problem.code,
    }
    given = ",".join(f"{k}={_escaped(str(v), _IN_PROPERTIES)}" for k, v in properties.items() if v is not None)
    return f"::{level(problem)} {given}::{_escaped(message(problem.code, lang, problem.args), _IN_TEXT)}"


def _escaped(text: str, pairs: tuple[tuple[str, str], ...]) -> str:
    for sign, stands_for in pairs:
        text = text.replace(sign, stands_for)
    return text
