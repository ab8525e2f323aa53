"""The line of a file that a problem is about, with a mark under the place, for a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dutyrules.messages import printable

__all__ = ["excerpt", "lines_of"]

# What a YAML parser counts as the end of a line.
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_WHOLE, _SIDE = 110, 55
"""How many columns a line may take to be shown whole, and how many are shown on either side of the place if it takes more."""


def lines_of(text: str) -> list[str]:
    """The lines of a text, as the parser counted them."""
    return _BREAK.split(text.removeprefix("\ufeff"))


def excerpt(lines: Sequence[str], line: int | None, column: int | None) -> list[str]:
    """The line and, where the column is known, a caret below it; nothing where there is no such line or nothing stands in it."""
    if line is None or not 0 < line <= len(lines) or not lines[line - 1].strip():
        return []
    whole, at = lines[line - 1], max(0, (column or 1) - 1)
    before, after = whole[:at], whole[at:]
    if len(whole) > _WHOLE or _width(_shown(whole)) > _WHOLE:
        before, after = _end(before), _beginning(after)
    else:
        before, after = _shown(before), _shown(after)
    number = f"{line:>4}"
    shown = f"{number} | {before}{after}".rstrip()
    return [shown] if column is None else [shown, f"{'':>{len(number)}} | {' ' * _width(before)}^"]


def _shown(text: str) -> str:
    return printable(text.replace("\t", "    "))


def _width(text: str) -> int:
    from dutyrules.textual import width

    return width(text)


def _end(text: str) -> str:
    shown = _shown(text[-_SIDE:])
    while _width(shown) > _SIDE:
        shown = shown[1:]
    return shown if shown == _shown(text[-_SIDE - 1 :]) else "…" + shown


def _beginning(text: str) -> str:
    from dutyrules.textual import fit

    return fit(_shown(text[: _SIDE + 1]), _SIDE).rstrip()
