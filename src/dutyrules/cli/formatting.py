"""The command that lays out files: ``fmt``."""

from __future__ import annotations

import argparse
import os
import sys

from dutyrules.cli.common import Add, show

__all__ = ["add"]


def add(command: Add) -> None:
    """Add the command."""
    fmt = command("fmt", _fmt, "put files into canonical order and spacing", "整理文件的键序和空白")
    fmt.add_argument("files", nargs="+", metavar="FILE", help="plan, roster, waivers, tests; - : stdin to stdout")
    fmt.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file would change")
    fmt.add_argument("--diff", action="store_true", help="show what would change; write nothing")


def _fmt(args: argparse.Namespace) -> int:
    from dutyrules.errors import InputError
    from dutyrules.loading import write_text

    only_told = args.check or args.diff
    changed, faults = False, False
    for file in args.files:
        name = "<stdin>" if file == "-" else file
        try:
            before, after = _formatted(file, name)
            differs = before != after
            if file == "-" and not only_told:
                sys.stdout.flush()
                sys.stdout.buffer.write(after.encode())
                continue
            if differs and not only_told:
                # A link stays a link.
                write_text(os.path.realpath(file), after)
            print(_told(name, differs, only_told, args.lang))
            if args.diff:
                sys.stdout.writelines(_diff(before, after, name))
            changed = changed or differs
        except InputError as error:
            show(error.problems, args)
            faults = True
    return 2 if faults else 1 if changed and only_told else 0


def _formatted(file: str, name: str) -> tuple[str, str]:
    """The text of a file, as it is and as it should be."""
    from dataclasses import replace

    from dutyrules.errors import InputError
    from dutyrules.formatting import format_text
    from dutyrules.loading import read_bytes
    from dutyrules.yamlfile import read_yaml

    raw = sys.stdin.buffer.read() if file == "-" else read_bytes(file)
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise InputError([replace(p, file=name) for p in read_yaml(raw).problems]) from None
    try:
        return text, format_text(text)
    except InputError as error:
        raise InputError([replace(p, file=name) for p in error.problems]) from None


def _told(name: str, differs: bool, only_told: bool, lang: str) -> str:
    from dutyrules.messages import printable

    zh, name = lang == "zh", printable(name)
    if not differs:
        return f"{name}: {'无须改动' if zh else 'unchanged'}"
    if only_told:
        return f"{name}: {'需要整理' if zh else 'would be formatted'}"
    return f"{name}: {'已整理' if zh else 'formatted'}"


def _diff(before: str, after: str, name: str) -> list[str]:
    from difflib import unified_diff

    from dutyrules.messages import printable

    # A carriage return is shown: where only line ends change, there is something to see.
    lines = unified_diff(before.split("\n"), after.split("\n"), name, name, lineterm="")
    return [f"{printable(line)}\n" for line in lines]
