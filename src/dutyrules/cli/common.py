"""What the commands share: how arguments are read, inputs loaded and faults shown."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from dutyrules.cli.progress import quiet, watching

if TYPE_CHECKING:
    from dutyrules.errors import Problem
    from dutyrules.evaluation import Evaluation
    from dutyrules.history import History
    from dutyrules.plan import Plan
    from dutyrules.progress import Watch
    from dutyrules.roster import Roster
    from dutyrules.waivers import Waiver

__all__ = ["Add", "columns", "complete", "evaluated", "inputs", "language", "load_all", "loaded", "moment", "rows", "show", "verdicts"]

Add = Callable[[str, Callable[[argparse.Namespace], int], str, str], argparse.ArgumentParser]
"""Adds a command: its name, what it runs, and its help in English and in Chinese."""


def language(argv: Sequence[str] | None) -> str:
    """The language asked for: ``--lang``, or else the environment."""
    words = list(sys.argv[1:] if argv is None else argv)
    for i, w in enumerate(words):
        if w.startswith("--lang="):
            return w[7:]
        if w == "--lang" and i + 1 < len(words):
            return words[i + 1]
    given = os.environ.get("DUTYRULES_LANG") or os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    return "zh" if (given or "").lower().startswith("zh") else "en"


def inputs(parser: argparse.ArgumentParser, two_moments: bool = False) -> None:
    """Add the arguments of every command that judges; ``two_moments`` asks for two moments of knowledge."""
    parser.add_argument("plans", nargs="+", metavar="PLAN")
    parser.add_argument("--roster", required=True, metavar="FILE")
    parser.add_argument("--history", required=True, nargs="+", metavar="FILE")
    parser.add_argument("--as-of", required=True, type=moment, metavar="DATE")
    if two_moments:
        parser.add_argument("--known-at", required=True, nargs=2, type=moment, metavar=("TIME", "LATER"))
    else:
        parser.add_argument("--known-at", type=moment, metavar="TIME")
    parser.add_argument("--waivers", metavar="FILE")
    parser.add_argument("--complete-through", action="append", type=complete, default=[], metavar="[EVENT=]DATE")
    parser.add_argument("--skip-bad-rows", metavar="FILE")
    quiet(parser)


def moment(text: str) -> date | datetime:
    """A date or a time, as an argument."""
    try:
        found = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        if not 1900 < found.year < 2200 or "-" not in text[:5]:
            raise ValueError
        return found
    except ValueError:
        from dutyrules.messages import message

        raise argparse.ArgumentTypeError(f"DR404 {message('DR404', language(None), {'value': text})}") from None


def complete(text: str) -> tuple[str, date | datetime]:
    """A date for all kinds of events, or ``EVENT=DATE`` for one."""
    event, _, given = text.rpartition("=")
    return event or "*", moment(given)


def verdicts(text: str) -> list[str]:
    """Verdicts joined by commas, as an argument."""
    from dutyrules.evaluation import VERDICTS

    names = [n for n in text.split(",") if n]
    bad = [n for n in names if n not in VERDICTS]
    if bad or not names:
        raise argparse.ArgumentTypeError(f"{', '.join(bad) or text!r}: {' | '.join(VERDICTS)}")
    return names


def show(problems: Sequence[Problem], args: argparse.Namespace) -> None:
    """Print problems to the error stream."""
    lang = getattr(args, "lang", "en")
    for p in problems:
        print(p.text(lang), file=sys.stderr)


def columns() -> int:
    """How wide the output may be."""
    return max(80, min(160, shutil.get_terminal_size((120, 40)).columns))


def rows(args: argparse.Namespace, taken: int) -> int | None:
    """How many lines a list may take beside ``taken`` others; ``None``: all."""
    # A screen by default; all of it when asked for.
    return None if args.all else max(5, shutil.get_terminal_size((120, 40)).lines - taken)


def load_all(*loads: Callable[[], Any]) -> list[Any]:
    """What each load gives.

    Raises:
        InputError: with the faults of all of them.
    """
    from dutyrules.errors import InputError

    problems: list[Problem] = []
    found = []
    for load in loads:
        try:
            found.append(load())
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(problems)
    return found


def loaded(args: argparse.Namespace, progress: Watch | None = None) -> tuple[list[Plan], Roster, History, tuple[Waiver, ...]]:
    """The plans, roster, history and waivers of a call; the faults of all of them are told at once."""
    from dutyrules.loading import load_history, load_plan, load_roster, load_waivers

    roster, waivers, history, *plans = load_all(
        lambda: load_roster(args.roster),
        lambda: load_waivers(args.waivers),
        lambda: load_history(args.history, skip_bad_rows=args.skip_bad_rows, progress=progress),
        *(partial(load_plan, file) for file in args.plans),
    )
    return plans, roster, history, waivers


def evaluated(args: argparse.Namespace) -> Evaluation:
    """Load every input and evaluate; what was not looked at or not decided is shown."""
    from dutyrules.engine import evaluate

    with watching(args) as progress:
        plans, roster, history, waivers = loaded(args, progress)
        result = evaluate(
            plans, roster, history, as_of=args.as_of, known_at=args.known_at, waivers=waivers,
            complete_through=dict(args.complete_through) or None, progress=progress,
        )  # fmt: skip
    show(result.warnings, args)
    show(result.problems, args)
    return result
