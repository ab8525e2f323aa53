"""The command that proves a plan on small examples: ``test``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dutyrules.cli.common import Add, show

if TYPE_CHECKING:
    from dutyrules.casetests import FileResult
    from dutyrules.loading import CaseSource

__all__ = ["add"]


def add(command: Add) -> None:
    """Add the command."""
    test = command("test", _test, "run the tests of plans", "运行方案的测试")
    test.add_argument("files", nargs="+", metavar="FILE", help="a plan, a *.dutytest.yaml, or a folder")
    test.add_argument("--format", choices=("text", "json"), default="text")
    test.add_argument("--only", metavar="NAME", help="only tests whose name holds this text")
    test.add_argument("--coverage", action="store_true", help="show what no test reaches")
    test.add_argument("--update", action="store_true", help="write the verdicts that were found into the files, and show the changes")


def _test(args: argparse.Namespace) -> int:
    from dutyrules.casetests import (
        coverage,
        coverage_text,
        find_files,
        load_sources,
        results_document,
        results_text,
        untested,
    )

    sources, problems = load_sources(find_files(args.files))
    show(problems, args)
    results = _run(sources, args.only)
    if args.update:
        changes, results = _updated(results, args.only)
        (sys.stderr if args.format == "json" else sys.stdout).write(changes)
    bare = untested(results) if args.only is None else []
    covered = coverage(results) if args.coverage else None
    if args.format == "json":
        print(json.dumps(results_document(results, bare, covered, args.lang), ensure_ascii=False, indent=1))
    elif results:
        sys.stdout.write(results_text(results, bare, args.lang))
        if covered is not None:
            sys.stdout.write(coverage_text(covered, args.lang))
    return 2 if problems else 0 if not bare and all(r.holds for r in results) else 1


def _run(sources: Sequence[CaseSource], only: str | None) -> list[FileResult]:
    """The results of all files; a name that no test has is an error of the call."""
    from difflib import get_close_matches

    from dutyrules.casetests import run_file
    from dutyrules.errors import InputError, Problem

    results = [run_file(s, only) for s in sources]
    if only is not None and sources and not any(r.results for r in results):
        names = [n for s in sources for t in s.tests for n in (t.name.en, t.name.zh) if n]
        near = get_close_matches(only, [*names, *(word for n in names for word in n.split())], n=1, cutoff=0.5)
        raise InputError([Problem("DR710", {"value": only, "near": near[0] if near else ""})])
    return results


def _updated(results: Sequence[FileResult], only: str | None) -> tuple[str, list[FileResult]]:
    """Write what was found into the files whose tests do not hold; the changes, and the results after them."""
    from difflib import unified_diff

    from dutyrules.casetests import load_source, run_file, updated
    from dutyrules.loading import read_bytes, write_text

    changes, after = "", []
    for result in results:
        if not result.holds:
            file = result.source.file
            old = read_bytes(file).decode("utf-8")
            new = updated(old, result)
            write_text(file, new)
            diff = unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), file, file)
            changes += "".join(line if line.endswith("\n") else line + "\n" for line in diff)
            result = run_file(load_source(file), only)
        after.append(result)
    return changes, after
