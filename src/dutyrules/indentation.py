"""Which line of a YAML text is likely to be indented wrongly, when the text cannot be parsed.

A parser notices a wrong indentation only with the first line that no longer fits, often below the one that was moved. Here the levels
are followed line by line, and of the lines that may be to blame the one with an unusual step, or with a step back that is taken
back at once, is named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["suspect_line"]

_OPENS = re.compile(r"^\s*(- )*\s*[^\s'\"#{\[][^#]*:\s*(#.*)?$|^\s*(- )*['\"][^'\"]*['\"]:\s*(#.*)?$")
_BLOCK_TEXT = re.compile(r":\s*[|>][-+0-9]*\s*(#.*)?$")


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    indent: int
    opens: bool
    """Whether something deeper may follow."""
    item: bool
    """Whether it begins an item of a list, whose keys stand two columns further in."""


@dataclass(frozen=True, slots=True)
class _Level:
    indent: int
    line: _Line
    step: int
    opener: _Line | None


def _lines(text: str) -> Iterator[_Line]:
    """The lines that begin something in a block: without comments, texts of several lines and collections in brackets."""
    depth, below = 0, None
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        indent = len(line) - len(line.lstrip(" "))
        if below is not None and (not bare or indent > below):
            continue
        below = None
        if not bare or bare.startswith("#"):
            continue
        if depth == 0:
            yield _Line(number, indent, bool(_OPENS.match(line)), bare.startswith("- "))
        if _BLOCK_TEXT.search(line):
            below = indent
        plain = re.sub(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|(?:^|\s)#.*", "", line)
        depth = max(0, depth + sum(plain.count(c) for c in "[{") - sum(plain.count(c) for c in "]}"))


def suspect_line(text: str) -> int | None:
    """The number of the first line that is likely to be indented wrongly, if any is."""
    lines = list(_lines(text))
    if not lines:
        return None
    steps = Counter(b.indent - a.indent for a, b in pairwise(lines) if a.opens and b.indent > a.indent)
    usual = steps.most_common(1)[0][0] if steps else 2
    stack = [_Level(lines[0].indent, lines[0], usual, None)]
    for i, line in enumerate(lines):
        before = lines[i - 1] if i else None
        dropped: list[_Level] = []
        while len(stack) > 1 and stack[-1].indent > line.indent:
            dropped.append(stack.pop())
        if before is not None and line.indent > stack[-1].indent:
            if dropped or not before.opens:
                return _culprit(line, lines, i, [*dropped, stack[-1]], usual, between=bool(dropped))
            stack.append(_Level(line.indent, line, line.indent - before.indent, before))
        if line.item:
            stack.append(_Level(line.indent + 2, line, usual, None))
    return None


def _culprit(line: _Line, lines: Sequence[_Line], i: int, levels: Sequence[_Level], usual: int, between: bool) -> int:
    """Who is to blame when a line lies between two levels, or deeper than a line that opens nothing."""
    before = lines[i - 1]
    earlier = lines[i - 2] if i > 1 else None
    for level in levels:
        opener = level.opener
        if opener is None or level.step == usual:
            continue
        at = next((k for k, x in enumerate(lines) if x is opener), 0)
        left = at and lines[at - 1].indent >= line.indent > opener.indent
        if left and level.indent == line.indent + usual:
            # What is below the line above has kept its place, and so has what follows: it was that line that moved out.
            return opener.number
        above = next((x for x in levels if x.line is opener), None)
        if above is not None and above.step + level.step == 2 * usual:
            return opener.number
        return level.line.number
    if not between and earlier is not None and (earlier.indent >= line.indent or (earlier.opens and earlier.indent == before.indent)):
        return before.number
    return line.number
