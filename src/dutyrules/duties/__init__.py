"""The kinds of duty, one file each: its fields beside its meaning.

A new kind is one new file with a model, and its name in ``_KINDS`` here.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Discriminator, Tag

from dutyrules.duties.ahead import AheadDuty
from dutyrules.duties.chain import ChainDuty
from dutyrules.duties.counting import CountDuty
from dutyrules.duties.forbidding import ForbidDuty
from dutyrules.duties.keeping import KeepDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.duty import BaseDuty

__all__ = ["KINDS", "BaseDuty", "Duty", "kind_of"]


def kind_of(value: Any) -> str | None:
    """The kind of a duty, by the first of the kinds one of whose keys it has."""
    if isinstance(value, BaseDuty):
        return type(value).__name__
    keys = value if isinstance(value, dict) else {}
    return next((name for name, kind in KINDS.items() if any(mark in keys for mark in kind.marks)), None)


# The order is that of recognition: a response may also have `at_least`, so `trigger` is looked for first.
_KINDS = (ChainDuty, KeepDuty, ForbidDuty, ResponseDuty, AheadDuty, CountDuty)
KINDS: dict[str, type[BaseDuty]] = {kind.__name__: kind for kind in _KINDS}

if TYPE_CHECKING:
    Duty = BaseDuty
else:
    Duty = Annotated[reduce(or_, [Annotated[kind, Tag(name)] for name, kind in KINDS.items()]), Discriminator(kind_of)]
