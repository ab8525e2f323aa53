"""The line of a file that a problem is about, with a mark under the place, for a terminal."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dutyrules.messages import printable

__all__ = ["excerpt", "lines_of"]

# What a YAML parser counts as the end of a line.
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BEFORE, _AFTER = 60, 60
"""How many columns of the line are shown on either side of the place."""


def lines_of(text: str) -> list[str]:
    """The lines of a text, as the parser counted them."""
    return _BREAK.split(text.removeprefix("\ufeff"))


def excerpt(lines: Sequence[str], line: int | None, column: int | None) -> list[str]:
    """The line and, where the column is known, a caret below it; nothing where there is no such line or nothing stands in it."""
    if line is None or not 0 < line <= len(lines) or not lines[line - 1].strip():
        return []
    whole, at = lines[line - 1], (column or 1) - 1
    before, after = _end(_shown(whole[:at])), _beginning(_shown(whole[at:]))
    number = f"{line:>4}"
    shown = [f"{number} | {before}{after}".rstrip()]
    return shown + [f"{'':>{len(number)}} | {' ' * _width(before)}^"] if column is not None else shown


def _shown(text: str) -> str:
    return printable(text.replace("\t", "    "))


def _width(text: str) -> int:
    from dutyrules.textual import width

    return width(text)


def _end(text: str) -> str:
    if _width(text) <= _BEFORE:
        return text
    while _width(text) >= _BEFORE:
        # By halves of what is too much, so that a line of a million signs costs no more than a few steps.
        text = text[max(1, (_width(text) - _BEFORE) // 2) :]
    return "…" + text


def _beginning(text: str) -> str:
    from dutyrules.textual import fit

    return fit(text[: 2 * _AFTER], _AFTER).rstrip() if _width(text) > _AFTER else text
