"""How far long work has come: told to whoever asked to be told, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

__all__ = ["Progress", "Stage", "Watch", "portion"]

Stage = Literal["load", "judge", "readings", "causes"]


class Progress(NamedTuple):
    """How far a stage of the work has come.

    Attributes:
        stage: ``load`` (a history), ``judge`` (duties), ``readings`` (what verdicts hang on), ``causes`` (of changed verdicts).
        what: what is being worked on, a file or a duty; empty at the end.
        done: so much of ``total`` is done. What is counted may differ from call to call; the share never falls within a stage
            (``changes`` goes through ``judge`` twice).
        total: at least ``done``.
    """

    stage: Stage
    what: str
    done: int
    total: int


Watch = Callable[[Progress], None]
"""Called now and then, in the thread that works. What it raises ends the work."""


def portion(watch: Watch | None, number: int, of: int) -> Watch | None:
    """A watch for one of ``of`` parts of the work (the first is 0), which tells the outer one how far the whole has come."""
    if watch is None:
        return None
    tell = watch
    return lambda p: tell(Progress(p.stage, p.what, number * p.total + p.done, of * p.total))
