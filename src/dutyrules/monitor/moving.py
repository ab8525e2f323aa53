"""A moment that notes when what was asked of it will be answered differently.

Duties ask the present moment nothing but how it compares with other instants. So a verdict stays as it is until the moment reaches
the first of those that lay ahead; whoever judges with such a moment learns when it pays to judge again, whatever the kind of duty.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dutyrules.time.intervals import END

__all__ = ["Moving", "Turn"]


@dataclass
class Turn:
    """The first instant at which some comparison turns out differently; ``END``: none ever does."""

    at: int = END


class Moving(int):
    """An instant that goes on: ``ahead`` of the present by so much, and as soon as the present changes it changes with it."""

    turn: Turn
    ahead: int

    def __new__(cls, value: int, turn: Turn, ahead: int = 0) -> Moving:
        found = super().__new__(cls, value)
        found.turn, found.ahead = turn, ahead
        return found

    def _until(self, other: Any) -> None:
        """A comparison changes when this reaches another instant."""
        # What moves along keeps its distance.
        if type(other) is not Moving and int.__gt__(other, self) is True:
            self.turn.at = min(self.turn.at, other - self.ahead)

    def _beyond(self, other: Any) -> None:
        """A comparison changes when this has passed another instant."""
        if type(other) is not Moving and int.__ge__(other, self) is True:
            self.turn.at = min(self.turn.at, other + 1 - self.ahead)

    def __lt__(self, other: int) -> bool:
        self._until(other)
        return int.__lt__(self, other)

    def __ge__(self, other: int) -> bool:
        self._until(other)
        return int.__ge__(self, other)

    def __le__(self, other: int) -> bool:
        self._beyond(other)
        return int.__le__(self, other)

    def __gt__(self, other: int) -> bool:
        self._beyond(other)
        return int.__gt__(self, other)

    def __eq__(self, other: object) -> bool:
        self._until(other)
        self._beyond(other)
        return int.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = int.__hash__

    def __add__(self, other: int) -> int:
        return Moving(int.__add__(self, other), self.turn, self.ahead + other)

    __radd__ = __add__

    def __sub__(self, other: int) -> int:
        # Between two that move along lies a length, which does not change.
        return int.__sub__(self, other) if type(other) is Moving else self + -other

    def _unheard(self, *_: object) -> Any:
        # What came of it would no longer be noticed.
        raise TypeError("the present is to be compared with instants, not reckoned with")

    __rsub__ = __mul__ = __rmul__ = __mod__ = __divmod__ = __neg__ = __abs__ = _unheard
