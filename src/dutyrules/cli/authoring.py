"""The commands of the author's desk: ``check``, ``schema``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from dutyrules.cli.common import Add
from dutyrules.cli.progress import quiet, watching

if TYPE_CHECKING:
    from collections.abc import Iterable, Sized

    from dutyrules.errors import Problem
    from dutyrules.loading import CaseSource
    from dutyrules.plan import Plan
    from dutyrules.roster import Roster

__all__ = ["add"]


def add(command: Add) -> None:
    """Add the commands."""
    check = command("check", _check, "check plans and their tests, rosters, waivers, histories", "检查方案及其测试、名册、豁免和记录文件")
    check.add_argument("files", nargs="*", metavar="PLAN")
    check.add_argument("--roster", metavar="FILE", help="also look at what the plans and this roster say together")
    check.add_argument("--format", choices=("text", "json", "sarif", "github"), default="text")
    check.add_argument("--no-findings", action="store_true", help="only faults, which keep a file from being used")
    check.add_argument("-o", "--output", metavar="FILE")
    check.add_argument("--explain", metavar="CODE", help="tell what a code means, with an example and its cure")
    quiet(check)
    check.set_defaults(refuse=check.error)

    schema = command("schema", _schema, "print a JSON Schema", "输出 JSON Schema")
    schema.add_argument("name", choices=("plan", "tests", "roster", "history", "waivers", "evaluation", "obligation", "readings", "changes", "diff", "impact"))


def _check(args: argparse.Namespace) -> int:
    if args.explain is not None:
        return _explain(args)
    if not args.files and not args.roster:
        args.refuse("the following arguments are required: PLAN")
    from dutyrules.errors import InputError
    from dutyrules.loading import load_roster, load_with_places

    faults: list[Problem] = []
    sound = []
    roster: Roster | None = None
    if args.roster:
        try:
            roster = load_roster(args.roster)
        except InputError as error:
            faults += error.problems
    for file in args.files:
        try:
            with watching(args) as progress:
                sound.append((file, *load_with_places(file, progress)))
        except InputError as error:
            faults += error.problems
    findings: list[Problem] = []
    summaries = []
    for file, content, places in sound:
        found = places.placed(_findings(content, roster)) if not args.no_findings else []
        findings += found
        summaries.append(_summary(file, content, len(found), args.lang))
    _tell([*faults, *findings], summaries, args)
    return 2 if faults else 1 if findings else 0


def _findings(content: Any, roster: Roster | None) -> Iterable[Problem]:
    from dutyrules.plan import Plan

    if not isinstance(content, Plan):
        return []
    from dutyrules.lint import findings

    return findings(content, roster)


def _summary(file: str, content: Plan | Roster | CaseSource | Sized, findings: int, lang: str) -> str:
    """The line about a file that can be used."""
    from dutyrules.history import History
    from dutyrules.loading import CaseSource
    from dutyrules.plan import Plan
    from dutyrules.roster import Roster

    counts: tuple[tuple[str, str, Sized], ...]
    if isinstance(content, Plan):
        counts = (
            ("duties", "职责", content.duties),
            ("clauses that records cannot decide", "记录不能判定的条款", content.clauses),
            ("tests", "测试", content.tests),
        )
    elif isinstance(content, Roster):
        counts = (
            ("objects", "对象", content.objects),
            ("persons", "人员", content.persons),
            ("tenures", "任职", content.tenures),
        )
    elif isinstance(content, CaseSource):
        counts = (("tests", "测试", content.tests),)
    else:
        counts = (("records", "记录", content),) if isinstance(content, History) else (("waivers", "豁免", content),)
    if lang == "zh":
        told = "，".join(f"{zh} {len(x)}" for _, zh, x in counts)
        return f"{file}: {f'提示 {findings} 处' if findings else '无误'}（{told}）"
    told = ", ".join(f"{en}: {len(x)}" for en, _, x in counts)
    return f"{file}: {f'findings: {findings}' if findings else 'clean'} ({told})"


def _tell(problems: list[Problem], summaries: list[str], args: argparse.Namespace) -> None:
    from pathlib import Path

    text = ""
    if problems or args.format != "text":
        from dutyrules.reports import render

        text = render(problems, args.format, args.lang, _sources(problems), Path.cwd())
    told = "".join(f"{line}\n" for line in summaries) if args.format == "text" else ""
    if args.output:
        from dutyrules.loading import write_text

        write_text(args.output, text + told)
        return
    # What is wrong goes to the error stream, unless a program asked for it.
    (sys.stderr if args.format == "text" else sys.stdout).write(text)
    sys.stdout.write(told)


def _sources(problems: Iterable[Problem]) -> dict[str, str]:
    """The texts of the files that have problems, as far as they can be read."""
    from dutyrules.errors import InputError
    from dutyrules.loading import read_bytes

    found = {}
    for file in {p.file for p in problems if p.file is not None and p.line is not None}:
        try:
            found[file] = read_bytes(file).decode("utf-8", errors="replace")
        except InputError:
            # It was there a moment ago; the problems are told without its lines.
            continue
    return found


def _explain(args: argparse.Namespace) -> int:
    from difflib import get_close_matches

    from dutyrules.catalogue import codes, entry, explanation
    from dutyrules.errors import InputError, Problem

    asked = args.explain.strip().upper()
    try:
        told = entry(f"DR{asked}" if asked.isdecimal() else asked)
    except KeyError:
        near = get_close_matches(asked, codes(), n=1, cutoff=0.5)
        raise InputError([Problem("DR103", {"kind": "code", "value": args.explain, "near": near[0] if near else ""})]) from None
    sys.stdout.write(explanation(told, args.lang))
    return 0


def _schema(args: argparse.Namespace) -> int:
    from dutyrules.schema import schema_text

    sys.stdout.write(schema_text(args.name))
    return 0
