"""SARIF 2.1.0, the exchange format of static analysis, as hosts of code and editors read it.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0 Plus Errata 01, sections 3.13 to 3.52.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from dutyrules._version import version
from dutyrules.catalogue import Entry, entry
from dutyrules.errors import Problem
from dutyrules.messages import message
from dutyrules.reports.places import from_root, level

__all__ = ["log"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_ROOT_IS = {"en": "The folder in which the files were checked.", "zh": "检查文件时所在的文件夹。"}
_TAGS = {"en": "en", "zh": "zh-CN"}
_HELP = {"en": "{cure}\n\nWith an example: {command}", "zh": "{cure}\n\n示例：{command}"}
_HINTS = frozenset({"near", "allowed", "expected", "why", "fault", "form", "kind"})
"""Arguments that explain a problem but do not tell it from another."""


def log(
    problems: Sequence[Problem], lang: str, lines: Mapping[str, Sequence[str]], root: PurePath | None = None
) -> dict[str, Any]:
    """The problems as a SARIF log with one run."""
    codes = sorted({p.code for p in problems})
    seen: Counter[str] = Counter()
    results = []
    for p in problems:
        print_ = _fingerprint(p, lines, root)
        seen[print_] += 1
        results.append(_result(p, codes.index(p.code), lang, f"{print_}:{seen[print_]}", root))
    rules = [_rule(entry(code), Problem(code), lang) for code in codes]
    driver = {"name": "dutyrules", "version": version(), "language": _TAGS[lang], "rules": rules}
    run = {
        "tool": {"driver": driver},
        "language": _TAGS[lang],
        "columnKind": "unicodeCodePoints",
        # The folder itself is left out: it differs from one machine to the next and would say where somebody keeps his files.
        "originalUriBaseIds": {_ROOT: {"description": {"text": _ROOT_IS[lang]}}},
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(told: Entry, problem: Problem, lang: str) -> dict[str, Any]:
    return {
        "id": told.code,
        "shortDescription": {"text": _literal(told.title[lang])},
        "fullDescription": {"text": _literal(told.meaning[lang])},
        "help": {
            "text": _literal(_HELP[lang].format(cure=told.cure[lang], command=f"dutyrules check --explain {told.code}")),
            "markdown": _literal(_HELP[lang].format(cure=told.cure[lang], command=f"`dutyrules check --explain {told.code}`")),
        },
        "defaultConfiguration": {"level": level(problem)},
    }


def _literal(text: str) -> str:
    """Text in which nothing is a placeholder (section 3.11.5) or a link (3.11.6)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "\\](")


def _result(problem: Problem, rule: int, lang: str, fingerprint: str, root: PurePath | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": rule,
        "level": level(problem),
        "message": {"text": _literal(message(problem.code, lang, problem.args))},
        "partialFingerprints": {"dutyrules/v1": fingerprint},
    }
    if problem.file is not None:
        place: dict[str, Any] = {"artifactLocation": _artifact(problem.file, root)}
        if problem.line is not None:
            place["region"] = {"startLine": problem.line} | ({"startColumn": problem.column} if problem.column else {})
        found["locations"] = [{"physicalLocation": place}]
    return found


def _artifact(file: str, root: PurePath | None) -> dict[str, str]:
    path = from_root(file, root)
    if path.is_absolute():
        return {"uri": path.as_uri()}
    return {"uri": quote(path.as_posix()), "uriBaseId": _ROOT}


def _fingerprint(problem: Problem, lines: Mapping[str, Sequence[str]], root: PurePath | None) -> str:
    """What tells a problem from others, whatever lines are added above it and in whatever words it is told."""
    its = lines.get(problem.file or "", ())
    line = its[problem.line - 1].strip() if problem.line is not None and 0 < problem.line <= len(its) else ""
    # Numbers are positions, in lists of the file or in its text, and move with what stands before.
    names = [step for step in problem.path if isinstance(step, str)]
    args = [f"{k}={v}" for k, v in sorted(problem.args.items()) if k not in _HINTS and not isinstance(v, int)]
    file = from_root(problem.file, root).as_posix() if problem.file is not None else ""
    told = "\0".join([problem.code, file, ".".join(names), *args, line])
    return hashlib.sha256(told.encode()).hexdigest()[:32]
