"""The commands of the author's desk: ``check``, ``schema``."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from dutyrules.cli.common import Add, show

if TYPE_CHECKING:
    from dutyrules.errors import Problem

__all__ = ["add"]


def add(command: Add) -> None:
    """Add the commands."""
    check = command("check", _check, "check plan files", "检查方案文件")
    check.add_argument("plans", nargs="+", metavar="PLAN")
    check.add_argument("--format", choices=("text", "json"), default="text")

    schema = command("schema", _schema, "print a JSON Schema", "输出 JSON Schema")
    schema.add_argument("name", choices=("plan", "tests", "roster", "history", "waivers", "evaluation", "readings", "changes", "diff", "impact"))


def _check(args: argparse.Namespace) -> int:
    from dutyrules.errors import InputError
    from dutyrules.loading import is_case_file, load_cases, load_plan

    found: list[Problem] = []
    plans, cases = [], []
    for file in args.plans:
        try:
            if is_case_file(file):
                cases.append(load_cases(file))
            else:
                plans.append((file, load_plan(file)))
        except InputError as error:
            found += error.problems
    if args.format == "json":
        rows = [
            {"file": p.file, "line": p.line, "column": p.column, "code": p.code, "message": p.text(args.lang).split(": ", 1)[1]}
            for p in found
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 2 if found else 0
    show(found, args)
    for file, plan in plans:
        duties, clauses, tests = len(plan.duties), len(plan.clauses), len(plan.tests)
        if args.lang == "zh":
            print(f"{file}: 无误（职责 {duties}，记录不能判定的条款 {clauses}，测试 {tests}）")
        else:
            print(f"{file}: clean (duties: {duties}, clauses that records cannot decide: {clauses}, tests: {tests})")
    for source in cases:
        print(f"{source.file}: 无误（测试 {len(source.tests)}）" if args.lang == "zh" else f"{source.file}: clean (tests: {len(source.tests)})")
    return 2 if found else 0


def _schema(args: argparse.Namespace) -> int:
    from dutyrules.schema import schema_text

    sys.stdout.write(schema_text(args.name))
    return 0
