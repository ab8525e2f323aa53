"""The command ``changes``: which verdicts changed as more became known, and because of which records."""

from __future__ import annotations

import argparse
import sys

from dutyrules.cli.common import Add, columns, evaluated, inputs
from dutyrules.cli.progress import watching

__all__ = ["add"]

_MOST = 10
"""Changes on one screen, more or less."""


def add(command: Add) -> None:
    """Add the command."""
    parser = command("changes", _changes, "tell what later knowledge changed, and why", "后来登记的记录改变了哪些结论，原因何在")
    inputs(parser, two_moments=True)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--all", action="store_true", help="list everything, however long")


def _changes(args: argparse.Namespace) -> int:
    from dutyrules.hindsight import look_back

    args.known_at, later = args.known_at
    before = evaluated(args)
    with watching(args) as progress:
        hindsight = look_back(before, later, progress)
    if args.format == "json":
        from dutyrules.hindsight.document import to_json

        sys.stdout.write(to_json(hindsight))
    else:
        from dutyrules.hindsight.text import changes_text

        sys.stdout.write(changes_text(hindsight, args.lang, columns(), None if args.all else _MOST))
    if hindsight.before.problems or hindsight.after.problems:
        return 2
    return 1 if any(c.of_verdict for c in hindsight.changes) else 0
