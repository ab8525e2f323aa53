"""The command line. Exit status: 0 clean, 1 violations or findings, 2 the input or the call is faulty."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import NoReturn

from dutyrules.cli import authoring, formatting, hindsight, judging, reading, readings, reissue, starting, testing
from dutyrules.cli.common import language, show

__all__ = ["main"]

_GROUPS = (judging, starting, authoring, formatting, reading, testing, reissue, readings, hindsight)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; its exit status."""
    # Text from an input may hold what a console's encoding cannot show; it must not end the run.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    lang = language(argv)
    if argv is None and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    try:
        args = _parser(lang).parse_args(argv)
        lang = args.lang
        return _run(args)
    except KeyboardInterrupt:
        _drop_output()
        print("interrupted; no file is left half written" if lang != "zh" else "已中断；不会留下只写了一半的文件", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader went away (`| head`); what it asked for has been written.
        _drop_output()
        return 0


def _run(args: argparse.Namespace) -> int:
    from dutyrules.errors import InputError

    try:
        status: int = args.run(args)
        sys.stdout.flush()
        return status
    except InputError as error:
        show(error.problems, args)
        return 2


def _interrupt(*_: object) -> NoReturn:
    # Pressed again while the process is ending, Ctrl-C would cut short the clearing up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _drop_output() -> None:
    """What is still to be printed goes nowhere; a reader that has gone away as well would make the exit itself fail."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {message}\n")


def _parser(lang: str) -> argparse.ArgumentParser:
    parser = _Parser(prog="dutyrules", description="Duties of a plan, applied to records. 方案职责的判定。")
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    parser.add_argument("--lang", choices=("zh", "en"), default=lang if lang in ("zh", "en") else "en", help="zh | en")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], en: str, zh: str) -> argparse.ArgumentParser:
        told = zh if lang == "zh" else en
        sub = commands.add_parser(name, help=told, description=told)
        sub.add_argument("--lang", choices=("zh", "en"), default=argparse.SUPPRESS, help="zh | en")
        sub.set_defaults(run=run)
        return sub

    for group in _GROUPS:
        group.add(command)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from dutyrules._version import version

        print(f"dutyrules {version()}")
        parser.exit()
