"""The command with which an author starts: ``init``."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING

from dutyrules.cli.common import Add, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["add"]

_TOLD = {
    "made": ("wrote {file}", "已写 {file}"),
    "next": (
        "next: edit plan.yaml, then `dutyrules check plan.yaml --roster roster.yaml` in {folder}",
        "下一步：修改 plan.yaml，然后在 {folder} 中运行 `dutyrules check plan.yaml --roster roster.yaml`",
    ),
    "follows": (
        "the new plan is called {id}, follows {last} and is in force from {start}: look at these three, and at the title, in plan.yaml; "
        "number and day of issue were left out",
        "新方案 id 为 {id}，接续 {last}，自 {start} 起施行：请在 plan.yaml 核对这三处和标题；文号和印发日未带过来",
    ),
    "compare": (
        "next: edit plan.yaml, then in {folder}: `dutyrules check plan.yaml`, `dutyrules diff previous.yaml plan.yaml`, `dutyrules test .`",
        "下一步：修改 plan.yaml，然后在 {folder} 中运行 `dutyrules check plan.yaml`、`dutyrules diff previous.yaml plan.yaml`、`dutyrules test .`",
    ),
}


def add(command: Add) -> None:
    """Add the command."""
    init = command(
        "init", _init, "start a folder with a commented plan, or with a new issue of the last plan", "新建文件夹：带注释的方案，或上一份方案的新一期"
    )
    init.add_argument("folder", metavar="FOLDER")
    init.add_argument("--from", dest="last", metavar="PLAN", help="the last plan, to be followed")
    init.add_argument("--id", metavar="ID", help="with --from: the id of the new plan")
    init.add_argument("--in-force", type=moment, metavar="DATE", help="with --from: its first day")


def _init(args: argparse.Namespace) -> int:
    from dutyrules.starting import from_nothing, from_plan

    if args.last is None:
        _write(args.folder, from_nothing(), args.lang)
        _tell("next", args.lang, folder=args.folder)
        return 0
    start = args.in_force
    issue = from_plan(args.last, args.id, date(start.year, start.month, start.day) if start else None)
    _write(args.folder, issue.files, args.lang)
    _tell("follows", args.lang, id=issue.id, last=issue.follows, start=issue.in_force)
    _tell("compare", args.lang, folder=args.folder)
    return 0


def _write(folder: str, files: Mapping[str, str], lang: str) -> None:
    """Write the files of a folder; nothing that is there already is written over.

    Raises:
        InputError: with every file that is in the way, before anything is written.
    """
    from dutyrules.loading import write_new

    write_new(folder, files)
    for name in files:
        _tell("made", lang, file=f"{folder.rstrip('/')}/{name}")


def _tell(key: str, lang: str, **args: object) -> None:
    from dutyrules.messages import printable

    print(printable(_TOLD[key][lang == "zh"].format(**args)))
