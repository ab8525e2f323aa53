"""Which duties, and which of their objects, are judged in columns."""

from __future__ import annotations

from dutyrules.bench import Bench
from dutyrules.columnar import counts, responses
from dutyrules.columnar.people import View
from dutyrules.duties.chain import ChainDuty
from dutyrules.duties.counting import CountDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.duty import BaseDuty

__all__ = ["judge"]


def judge(duty_id: str, duty: BaseDuty, bench: Bench, view: View, *, alone: bool) -> frozenset[str] | None:
    """Judge what is plain; the objects that are left to be judged one by one, or ``None``: the whole duty is left.

    ``alone`` says that no other plan has changed the duty, so that no case of it can have been opened before.
    """
    if bench.keep_failed:
        return None
    if isinstance(duty, CountDuty):
        return counts.judge(duty_id, duty, bench, view)
    done = (isinstance(duty, ResponseDuty) and responses.judge_response(duty_id, duty, bench, view)) or (
        isinstance(duty, ChainDuty) and alone and responses.judge_chain(duty_id, duty, bench, view)
    )
    return frozenset() if done else None
