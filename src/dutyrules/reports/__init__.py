"""Problems as a reader wants them: lines for a person, JSON for a program, SARIF and commands for the hosts of code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from dutyrules.errors import Problem
from dutyrules.messages import message
from dutyrules.reports import github
from dutyrules.reports.excerpts import excerpt, lines_of
from dutyrules.reports.places import level

__all__ = ["FORMATS", "render"]

FORMATS = ("text", "json", "sarif", "github")


def render(
    problems: Sequence[Problem],
    format: str,
    lang: str = "en",
    sources: Mapping[str, str] | None = None,
    root: PurePath | None = None,
) -> str:
    """The problems as a text that ends with a line break, or as nothing where the format has nothing to say.

    Args:
        problems: faults and findings, in the order in which they are to be told.
        format: one of ``FORMATS``. ``text``: a line each, as a compiler writes it; ``json``: a list of objects; ``sarif``:
            SARIF 2.1.0; ``github``: workflow commands, which become annotations.
        lang: ``en`` or ``zh``.
        sources: the text of the files, by the names that the problems give them. Text shows the lines; the fingerprints of
            SARIF hold on to them.
        root: the folder from which relative names of files start, an absolute path. SARIF and GitHub name files from there.

    Raises:
        KeyError: another format.
    """
    lines = {file: lines_of(text) for file, text in (sources or {}).items()}
    if format == "sarif":
        from dutyrules.reports import sarif

        return json.dumps(sarif.log(problems, lang, lines, root), ensure_ascii=False, indent=1) + "\n"
    if format == "json":
        return _json(problems, lang)
    if format == "github":
        return "".join(f"{github.command(p, lang, root)}\n" for p in problems)
    if format == "text":
        return _text(problems, lang, lines)
    raise KeyError(format)


def _text(problems: Sequence[Problem], lang: str, lines: Mapping[str, Sequence[str]]) -> str:
    out = []
    for p in problems:
        out += [p.text(lang), *excerpt(lines.get(p.file or "", ()), p.line, p.column)]
    return "".join(f"{line}\n" for line in out)


def _json(problems: Sequence[Problem], lang: str) -> str:
    rows = [
        {
            "file": p.file,
            "line": p.line,
            "column": p.column,
            "code": p.code,
            "level": level(p),
            "message": f"{p.code} {message(p.code, lang, p.args)}",
            "args": p.args,
            "path": list(p.path),
        }
        for p in problems
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1, default=str) + "\n"
