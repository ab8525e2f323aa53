"""The command ``readings``: which verdicts hang on a reading."""

from __future__ import annotations

import argparse
import sys

from dutyrules.cli.common import Add, columns, evaluated, inputs, verdicts
from dutyrules.cli.progress import watching

__all__ = ["add"]

_ROWS = 5
"""Lines for one change of verdict, so that a screen shows several readings."""


def add(command: Add) -> None:
    """Add the command."""
    parser = command("readings", _readings, "tell which verdicts hang on a reading", "哪些结论取决于对方案的理解")
    inputs(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--only", type=verdicts, metavar="VERDICT,...")
    parser.add_argument("--all", action="store_true", help="list everything, however long")


def _readings(args: argparse.Namespace) -> int:
    from dutyrules.sensitivity import tried

    result = evaluated(args)
    with watching(args) as progress:
        sensitivity = tried(result, progress)
    if args.format == "json":
        from dutyrules.sensitivity.document import to_json

        sys.stdout.write(to_json(sensitivity, args.only))
    else:
        from dutyrules.sensitivity.text import readings_text

        sys.stdout.write(readings_text(sensitivity, args.lang, columns(), None if args.all else _ROWS, args.only))
    return 2 if sensitivity.evaluation.problems else 1 if sensitivity.counts()["depends"] else 0
