"""The command line. Exit status: 0 clean, 1 violations or findings, 2 the input or the call is faulty."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from dutyrules.errors import Problem
    from dutyrules.evaluation import Evaluation

__all__ = ["main"]

_HELP = {
    "zh": {
        "demo": "用随附的方案、名册和记录演示",
        "check": "检查方案文件",
        "evaluate": "判定应尽事项和违反",
        "explain": "解释一项判定的由来",
        "upcoming": "列出未到期和即将开始的事项",
        "schema": "输出 JSON Schema",
    },
    "en": {
        "demo": "show the shipped plan, roster and history",
        "check": "check plan files",
        "evaluate": "judge obligations and violations",
        "explain": "show how a verdict came about",
        "upcoming": "list what is open and what begins soon",
        "schema": "print a JSON Schema",
    },
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; its exit status."""
    # Text from an input may hold what a console's encoding cannot show; it must not end the run.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    args = _parser(_language(argv)).parse_args(argv)
    from dutyrules.errors import InputError

    try:
        status: int = args.run(args)
        sys.stdout.flush()
        return status
    except InputError as error:
        _show(error.problems, args)
        return 2
    except KeyboardInterrupt:
        print("interrupted" if args.lang != "zh" else "已中断", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader went away (`| head`); what it asked for has been written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _language(argv: Sequence[str] | None) -> str:
    words = list(sys.argv[1:] if argv is None else argv)
    for i, w in enumerate(words):
        if w.startswith("--lang="):
            return w[7:]
        if w == "--lang" and i + 1 < len(words):
            return words[i + 1]
    given = os.environ.get("DUTYRULES_LANG") or os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    return "zh" if (given or "").lower().startswith("zh") else "en"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}\n")


def _parser(lang: str) -> argparse.ArgumentParser:
    parser = _Parser(prog="dutyrules", description="Duties of a plan, applied to records. 方案职责的判定。")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    parser.add_argument("--lang", choices=("zh", "en"), default=lang if lang in ("zh", "en") else "en", help="zh | en")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    helps = _HELP["zh" if lang == "zh" else "en"]

    def command(name: str, run: Any) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=helps[name], description=helps[name])
        sub.add_argument("--lang", choices=("zh", "en"), default=argparse.SUPPRESS, help="zh | en")
        sub.set_defaults(run=run)
        return sub

    demo = command("demo", _demo)
    demo.add_argument("--as-of", type=_moment, default=date(2026, 6, 30), metavar="DATE")
    demo.add_argument("--all", action="store_true", help="list everything, however long")

    check = command("check", _check)
    check.add_argument("plans", nargs="+", metavar="PLAN")
    check.add_argument("--format", choices=("text", "json"), default="text")

    evaluate = command("evaluate", _evaluate)
    _inputs(evaluate)
    evaluate.add_argument("--format", choices=("text", "json", "csv"), default="text")
    evaluate.add_argument("--only", type=_verdicts, metavar="VERDICT,...")
    evaluate.add_argument("--all", action="store_true", help="list everything, however long")
    evaluate.add_argument("-o", "--output", metavar="FILE")

    explain = command("explain", _explain)
    _inputs(explain)
    explain.add_argument("obligation", metavar="OBLIGATION_ID")

    upcoming = command("upcoming", _upcoming)
    _inputs(upcoming)
    upcoming.add_argument("--until", type=_moment, required=True, metavar="DATE")
    upcoming.add_argument("--format", choices=("text", "json"), default="text")
    upcoming.add_argument("--all", action="store_true", help="list everything, however long")

    schema = command("schema", _schema)
    schema.add_argument("name", choices=("plan", "roster", "history", "waivers", "evaluation"))
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from dutyrules._version import version

        print(f"dutyrules {version()}")
        parser.exit()


def _inputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plans", nargs="+", metavar="PLAN")
    parser.add_argument("--roster", required=True, metavar="FILE")
    parser.add_argument("--history", required=True, nargs="+", metavar="FILE")
    parser.add_argument("--as-of", required=True, type=_moment, metavar="DATE")
    parser.add_argument("--known-at", type=_moment, metavar="TIME")
    parser.add_argument("--waivers", metavar="FILE")
    parser.add_argument("--complete-through", action="append", type=_complete, default=[], metavar="[EVENT=]DATE")
    parser.add_argument("--skip-bad-rows", metavar="FILE")


def _moment(text: str) -> date | datetime:
    try:
        found = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        if not 1900 < found.year < 2200 or "-" not in text[:5]:
            raise ValueError
        return found
    except ValueError:
        from dutyrules.messages import message

        raise argparse.ArgumentTypeError(message("DR404", _language(None), {"value": text})) from None


def _complete(text: str) -> tuple[str, date | datetime]:
    event, _, moment = text.rpartition("=")
    return event or "*", _moment(moment)


def _verdicts(text: str) -> list[str]:
    from dutyrules.evaluation import VERDICTS

    names = [n for n in text.split(",") if n]
    bad = [n for n in names if n not in VERDICTS]
    if bad or not names:
        raise argparse.ArgumentTypeError(f"{', '.join(bad) or text!r}: {' | '.join(VERDICTS)}")
    return names


def _show(problems: Sequence[Problem], args: argparse.Namespace) -> None:
    lang = getattr(args, "lang", "en")
    for p in problems:
        print(p.text(lang), file=sys.stderr)


def _columns() -> int:
    return max(80, min(160, shutil.get_terminal_size((120, 40)).columns))


def _rows(args: argparse.Namespace, taken: int) -> int | None:
    # A screen by default; all of it when asked for.
    return None if args.all else max(5, shutil.get_terminal_size((120, 40)).lines - taken)


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
    sys.stdout.write(evaluation_text(result, args.lang, _columns(), _rows(args, 22), coming=coming))
    return 0


def _check(args: argparse.Namespace) -> int:
    from dutyrules.errors import InputError
    from dutyrules.loading import load_plan

    found: list[Problem] = []
    plans = []
    for file in args.plans:
        try:
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
    _show(found, args)
    for file, plan in plans:
        duties, clauses, tests = len(plan.duties), len(plan.clauses), len(plan.tests)
        if args.lang == "zh":
            print(f"{file}: 无误（职责 {duties}，记录不能判定的条款 {clauses}，测试 {tests}）")
        else:
            print(f"{file}: clean (duties: {duties}, clauses that records cannot decide: {clauses}, tests: {tests})")
    return 2 if found else 0


def _run(args: argparse.Namespace) -> Evaluation:
    """Load every input, telling the faults of all of them, and evaluate."""
    from dutyrules.engine import evaluate
    from dutyrules.errors import InputError
    from dutyrules.loading import load_history, load_plan, load_roster, load_waivers

    problems: list[Problem] = []

    def tried(load: Any, *given: Any, **options: Any) -> Any:
        try:
            return load(*given, **options)
        except InputError as error:
            problems.extend(error.problems)
            return None

    plans = [tried(load_plan, file) for file in args.plans]
    roster = tried(load_roster, args.roster)
    waivers = tried(load_waivers, args.waivers)
    history = tried(load_history, args.history, skip_bad_rows=args.skip_bad_rows)
    if problems:
        raise InputError(problems)
    result = evaluate(
        plans, roster, history, as_of=args.as_of, known_at=args.known_at, waivers=waivers,
        complete_through=dict(args.complete_through) or None,
    )  # fmt: skip
    _show(result.warnings, args)
    _show(result.problems, args)
    return result


def _evaluate(args: argparse.Namespace) -> int:
    from dutyrules.document import to_csv, to_json
    from dutyrules.loading import write_text

    result = _run(args)
    if args.format == "json":
        text = to_json(result, args.only)
    elif args.format == "csv":
        text = to_csv(result, args.only)
    else:
        from dutyrules.textual import evaluation_text

        text = evaluation_text(result, args.lang, _columns(), _rows(args, 12), args.only)
    if args.output:
        # Excel takes a CSV for UTF-8 only when it begins with a byte order mark.
        write_text(args.output, ("\ufeff" if args.format == "csv" else "") + text)
    else:
        sys.stdout.write(text)
    return 2 if result.problems else 1 if result.violations else 0


def _explain(args: argparse.Namespace) -> int:
    from difflib import get_close_matches

    from dutyrules.errors import InputError, Problem
    from dutyrules.textual import explanation_text

    result = _run(args)
    try:
        explanation = result.explain(args.obligation)
    except KeyError:
        near = get_close_matches(args.obligation, result.ids(), n=1, cutoff=0.3)
        raise InputError([Problem("DR408", {"value": args.obligation, "near": near[0] if near else ""})]) from None
    sys.stdout.write(explanation_text(explanation, args.lang))
    return 1 if explanation.obligation.verdict == "violated" else 0


def _upcoming(args: argparse.Namespace) -> int:
    from dutyrules.document import obligation_document
    from dutyrules.textual import upcoming_text

    result = _run(args)
    coming = result.upcoming(args.until)
    if args.format == "json":
        print(json.dumps([obligation_document(o) for o in coming], ensure_ascii=False, indent=1))
    else:
        sys.stdout.write(upcoming_text(result, coming, args.lang, _columns(), _rows(args, 10)))
    return 0


def _schema(args: argparse.Namespace) -> int:
    from dutyrules.schema import schema_text

    sys.stdout.write(schema_text(args.name))
    return 0
