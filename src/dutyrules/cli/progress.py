"""How far the work has come, on a terminal: one line on the error stream, which is gone when the work is done."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from dutyrules.progress import Progress, Watch

__all__ = ["quiet", "watching"]

_PATIENCE = 0.5
"""Seconds for which nothing is shown: what is quicker needs no line."""
_PAUSE = 0.25
"""Seconds between two lines."""

_STAGES = {
    "load": ("reading records", "正在读取记录"),
    "judge": ("judging duties", "正在判定职责"),
    "readings": ("trying other readings", "正在试用其他理解"),
    "causes": ("looking for causes", "正在查找变化原因"),
}

Draw = Callable[[str, int, str], None]
"""Shows what is done, how many per cent of it, and at what it is."""


def quiet(parser: argparse.ArgumentParser) -> None:
    """Add the option that shows no progress."""
    parser.add_argument("--quiet", action="store_true", help="show no progress / 不显示进度")


@contextmanager
def watching(args: argparse.Namespace) -> Iterator[Watch | None]:
    """What the work is to call; ``None`` where nobody looks: no terminal, or ``--quiet``.

    When the block ends, however it ends, the line is gone.
    """
    if args.quiet or not _is_terminal(sys.stderr):
        yield None
        return
    with ExitStack() as stack:
        draw: Draw | None = None
        due = monotonic() + _PATIENCE

        def watch(p: Progress) -> None:
            nonlocal draw, due
            now = monotonic()
            if now < due:
                return
            due = now + _PAUSE
            if draw is None:
                draw = stack.enter_context(_lines(sys.stderr))
            draw(_STAGES[p.stage][args.lang == "zh"], 100 * p.done // max(p.total, 1), p.what)

        yield watch


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


@contextmanager
def _lines(stream: TextIO) -> Iterator[Draw]:
    """What draws on a terminal: rich, where it is installed and the terminal can do more than lines."""
    try:
        if os.environ.get("TERM") in (None, "dumb", "unknown") and os.name != "nt":
            raise ImportError("a terminal that only knows lines")
        from rich.console import Console
        from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar
    except ImportError:
        with _plain(stream) as draw:
            yield draw
        return
    # The names of files and duties are no markup.
    texts = [TextColumn(f"{{task.{field}}}", markup=False) for field in ("description", "fields[what]")]
    columns = (texts[0], BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), texts[1])
    console = Console(file=stream)
    with Bar(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False, auto_refresh=False) as bar:

        def draw_bar(told: str, percent: int, what: str) -> None:
            if not bar.tasks:
                bar.add_task(told, total=100, what="")
            bar.update(bar.task_ids[0], description=told, completed=percent, what=_printable(what), refresh=True)

        yield draw_bar


@contextmanager
def _plain(stream: TextIO) -> Iterator[Draw]:
    """One line, rewritten from its beginning; it is kept shorter than the terminal, where a longer one would leave a trail."""
    from dutyrules.textual import fit, width

    drawn = 0

    def draw(told: str, percent: int, what: str) -> None:
        nonlocal drawn
        line = fit(f"{told} {percent}%  {_printable(what)}".rstrip(), _columns(stream) - 1).rstrip()
        stream.write(f"\r{line}{' ' * (drawn - width(line))}")
        stream.flush()
        drawn = width(line)

    try:
        yield draw
    finally:
        stream.write(f"\r{' ' * drawn}\r")
        stream.flush()


def _printable(text: str) -> str:
    from dutyrules.messages import printable

    return printable(" ".join(text.split()))


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
