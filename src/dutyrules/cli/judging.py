"""The commands that judge: ``demo``, ``evaluate``, ``explain``, ``upcoming``."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date, timedelta
from typing import TYPE_CHECKING

from dutyrules.cli.common import Add, columns, evaluated, inputs, moment, rows, verdicts
from dutyrules.cli.progress import watching

if TYPE_CHECKING:
    from dutyrules.evaluation import Evaluation
    from dutyrules.sensitivity import Sensitivity

__all__ = ["add"]


def add(command: Add) -> None:
    """Add the commands."""
    demo = command("demo", _demo, "show the shipped plan, roster and history", "用随附的方案、名册和记录演示")
    demo.add_argument("--as-of", type=moment, default=date(2026, 6, 30), metavar="DATE")
    demo.add_argument("--all", action="store_true", help="list everything, however long")

    evaluate = command("evaluate", _evaluate, "judge obligations and violations", "判定应尽事项和违反")
    inputs(evaluate)
    evaluate.add_argument("--format", choices=("text", "json", "jsonl", "csv"), default="text")
    evaluate.add_argument("--only", type=verdicts, metavar="VERDICT,...")
    evaluate.add_argument("--all", action="store_true", help="list everything, however long")
    evaluate.add_argument("--readings", action="store_true", help="say which verdicts hang on a reading")
    evaluate.add_argument("-o", "--output", metavar="FILE")

    explain = command("explain", _explain, "show how a verdict came about", "解释一项判定的由来")
    inputs(explain)
    explain.add_argument("obligation", metavar="OBLIGATION_ID")

    upcoming = command("upcoming", _upcoming, "list what is open and what begins soon", "列出未到期和即将开始的事项")
    inputs(upcoming)
    upcoming.add_argument("--until", type=moment, required=True, metavar="DATE")
    upcoming.add_argument("--format", choices=("text", "json"), default="text")
    upcoming.add_argument("--all", action="store_true", help="list everything, however long")


def _demo(args: argparse.Namespace) -> int:
    from dutyrules.engine import evaluate
    from dutyrules.loading import load_history, load_plan, load_roster, load_waivers
    from dutyrules.resources import shipped
    from dutyrules.textual import evaluation_text

    result = evaluate(
        load_plan(shipped("duties/xixia-mines-2026h1.yaml")),
        load_roster(shipped("examples/xixia/roster.yaml")),
        load_history(shipped("examples/xixia/history.csv")),
        as_of=args.as_of,
        waivers=load_waivers(shipped("examples/xixia/waivers.yaml")),
    )
    month = timedelta(days=31)
    coming = result.upcoming(args.as_of + month)
    sys.stdout.write(evaluation_text(result, args.lang, columns(), rows(args, 22), coming=coming))
    return 0


def _evaluate(args: argparse.Namespace) -> int:
    from dutyrules.document import to_jsonl
    from dutyrules.loading import write_pieces, write_text

    result = evaluated(args)
    readings = None
    if args.readings:
        from dutyrules.sensitivity import tried

        with watching(args) as progress:
            readings = tried(result, progress)
    if args.format == "jsonl":
        lines = to_jsonl(result, args.only, readings)
        if args.output:
            write_pieces(args.output, lines)
        else:
            sys.stdout.flush()
            sys.stdout.buffer.writelines(lines)
    else:
        text = _told(result, args, readings)
        if args.output:
            # Excel takes a CSV for UTF-8 only when it begins with a byte order mark.
            write_text(args.output, ("\ufeff" if args.format == "csv" else "") + text)
        else:
            sys.stdout.write(text)
    return 2 if result.problems else 1 if result.violations else 0


def _told(result: Evaluation, args: argparse.Namespace, readings: Sensitivity | None) -> str:
    from dutyrules.document import to_csv, to_json

    if args.format == "json":
        return to_json(result, args.only, readings)
    if args.format == "csv":
        return to_csv(result, args.only, readings)
    from dutyrules.textual import evaluation_text

    return evaluation_text(result, args.lang, columns(), rows(args, 12), args.only, readings=readings)


def _explain(args: argparse.Namespace) -> int:
    from difflib import get_close_matches

    from dutyrules.errors import InputError, Problem
    from dutyrules.textual import explanation_text

    result = evaluated(args)
    try:
        with watching(args) as progress:
            explanation = result.explain(args.obligation, progress)
    except KeyError:
        near = get_close_matches(args.obligation, result.ids(), n=1, cutoff=0.3)
        raise InputError([Problem("DR408", {"value": args.obligation, "near": near[0] if near else ""})]) from None
    sys.stdout.write(explanation_text(explanation, args.lang))
    return 1 if explanation.obligation.verdict == "violated" else 0


def _upcoming(args: argparse.Namespace) -> int:
    from dutyrules.document import obligation_document
    from dutyrules.textual import upcoming_text

    result = evaluated(args)
    with watching(args) as progress:
        coming = result.upcoming(args.until, progress)
    if args.format == "json":
        print(json.dumps([obligation_document(o) for o in coming], ensure_ascii=False, indent=1))
    else:
        sys.stdout.write(upcoming_text(result, coming, args.lang, columns(), rows(args, 10)))
    return 0
