"""What can go wrong before evaluation: problems with a place and a cure.

A :class:`Problem` is data: a stable code, the place, and the arguments of its message. Messages exist in English and Chinese
(:mod:`dutyrules.messages`). :class:`InputError` carries every problem of an input at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dutyrules.messages import message, printable

__all__ = ["DutyRulesError", "InputError", "Problem"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of an input: where it is, what was expected, how to mend it."""

    code: str
    args: dict[str, object] = field(default_factory=dict, hash=False)
    file: str | None = None
    line: int | None = None
    column: int | None = None
    path: tuple[str | int, ...] = ()

    def place(self) -> str:
        """``file:line:column``, as far as known; nothing where the fault has no place."""
        if self.file is None and self.line is None:
            return ""
        parts = [self.file or "<input>"]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)

    def text(self, lang: str = "en") -> str:
        """The message in ``en`` or ``zh``, with its place and code."""
        told = f"{self.code} {message(self.code, lang, self.args)}"
        place = self.place()
        return f"{printable(place)}: {told}" if place else told

    def __str__(self) -> str:
        return self.text()


class DutyRulesError(Exception):
    """The base of every error that dutyrules raises on purpose."""


class InputError(DutyRulesError):
    """An input that cannot be used; ``problems`` holds every fault that was found in it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(p.text() for p in self.problems))
