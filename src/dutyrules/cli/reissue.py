"""The commands of a reissue: ``diff``, ``impact``."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import timedelta

from dutyrules.cli.common import Add, columns, complete, load_all, moment, rows, show
from dutyrules.cli.progress import quiet, watching

__all__ = ["add"]


def add(command: Add) -> None:
    """Add the commands."""
    diff = command("diff", _diff, "what a new plan changes, by meaning", "比较新旧方案的含义变化")
    _plans(diff)

    impact = command("impact", _impact, "for whom a new plan changes what", "新方案对每个人有何影响")
    _plans(impact)
    impact.add_argument("--roster", required=True, metavar="FILE")
    impact.add_argument("--history", required=True, nargs="+", metavar="FILE")
    impact.add_argument("--as-of", type=moment, metavar="DATE", help="default: the day before NEW comes into force")
    impact.add_argument("--until", type=moment, metavar="DATE", help="default: the end of that year")
    impact.add_argument("--known-at", type=moment, metavar="TIME")
    impact.add_argument("--waivers", metavar="FILE")
    impact.add_argument("--complete-through", action="append", type=complete, default=[], metavar="[EVENT=]DATE")
    quiet(impact)


def _plans(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD")
    parser.add_argument("new", metavar="NEW")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text")
    parser.add_argument("--all", action="store_true", help="list everything, however long")


def _diff(args: argparse.Namespace) -> int:
    from dutyrules.loading import load_plan
    from dutyrules.reissue.comparison import diff
    from dutyrules.reissue.display import diff_markdown, diff_text

    old, new = load_all(lambda: load_plan(args.old), lambda: load_plan(args.new))
    found = diff(old, new)
    if args.format == "json":
        print(json.dumps(found.to_dict(), ensure_ascii=False, indent=1))
    elif args.format == "markdown":
        sys.stdout.write(diff_markdown(found, args.lang))
    else:
        sys.stdout.write(diff_text(found, args.lang, columns(), rows(args, 6)))
    return 1 if found.changes_meaning or found.findings else 0


def _impact(args: argparse.Namespace) -> int:
    from dutyrules.loading import load_history, load_plan, load_roster, load_waivers
    from dutyrules.reissue.display import impact_markdown, impact_text
    from dutyrules.reissue.impact import impact

    with watching(args) as progress:
        old, new, roster, history, waivers = load_all(
            lambda: load_plan(args.old),
            lambda: load_plan(args.new),
            lambda: load_roster(args.roster),
            lambda: load_history(args.history, progress=progress),
            lambda: load_waivers(args.waivers),
        )
        found = impact(
            old, new, roster, history, as_of=args.as_of or new.plan.in_force.from_ - timedelta(days=1), until=args.until,
            known_at=args.known_at, waivers=waivers, complete_through=dict(args.complete_through) or None, progress=progress,
        )  # fmt: skip
    problems = dict.fromkeys((*found.before.problems, *found.after.problems))
    show([*found.after.warnings, *problems], args)
    if args.format == "json":
        print(json.dumps(found.to_dict(), ensure_ascii=False, indent=1))
    elif args.format == "markdown":
        sys.stdout.write(impact_markdown(found, args.lang, rows(args, 0)))
    else:
        sys.stdout.write(impact_text(found, args.lang, columns(), rows(args, 4)))
    return 2 if problems else 1 if found.changes else 0
