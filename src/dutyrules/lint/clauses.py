"""DR508, DR509: the plan's table of contents against what its duties cite and what ``clauses`` accounts for.

A clause is compared piece by piece: numbers, Chinese numerals, letters and signs, with full-width brackets and blanks evened
out. ``四(二)`` is the beginning of ``四(二)4``, and ``四(一)1`` is not that of ``四(一)10``. What follows the number of a clause
(``四(二)4 应急演练``) only tells apart what it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from dutyrules.errors import Problem
from dutyrules.plan import Plan

__all__ = ["citations", "unanswered", "unlisted"]

Pieces = tuple[str, ...]

_EVEN = str.maketrans("（）［］．，；：０１２３４５６７８９", "()[].,;:0123456789")
_PIECE = re.compile(r"\d+|[〇零一二三四五六七八九十百]+|[A-Za-z]+|\S")
_BETWEEN = re.compile(r"\s*[、;,]\s*|\s+(?:and|和|及)\s+")
_RANGE = re.compile(r"(.*?)(\d+)\s*(?:-|–|—|~|～|至|到)\s*(\d+)\Z")


def unanswered(plan: Plan) -> Iterator[Problem]:
    """Clauses of ``contents`` that no duty cites and ``clauses`` does not account for.

    A clause is answered by a citation of itself, of a part of it, or of what it is a part of: who cites all of 四(二) speaks for
    四(二)1 too. Whether the duty says all that the clause asks for cannot be seen.
    """
    cited = [pieces for _, text in _cited(plan) for pieces in citations(text)]
    for i, clause in enumerate(plan.plan.contents or ()):
        own = _pieces(clause)
        if not any(_begins(own, c) or _begins(c, own) for c in cited):
            yield Problem("DR508", {"clause": clause}, path=("plan", "contents", i))


def unlisted(plan: Plan) -> Iterator[Problem]:
    """Clauses that a duty cites or ``clauses`` accounts for, and that ``contents`` has neither whole nor in part."""
    contents = plan.plan.contents
    if contents is None:
        return
    listed = [_pieces(c) for c in contents]
    for path, text in _cited(plan):
        for clause in citations(text):
            if not any(_begins(own, clause) or _begins(clause, own) for own in listed):
                shown = text if len(citations(text)) == 1 else "".join(clause)
                near = get_close_matches(shown, contents, n=1, cutoff=0.6)
                yield Problem("DR509", {"clause": shown, "near": near[0] if near else ""}, path=path)


def _cited(plan: Plan) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, duty in plan.duties.items():
        yield ("duties", name, "clause"), duty.clause
    for clause in plan.clauses:
        yield ("clauses", clause), clause


def citations(text: str) -> list[Pieces]:
    """The clauses that a text cites, which may be several: ``四(二)4、五(四)``, ``四(二)1、4``, ``四(二)1-4``."""
    found: list[Pieces] = []
    for part in _BETWEEN.split(text.translate(_EVEN).strip()):
        pieces = _pieces(part)
        # A bare number goes on from the clause before: in 四(二)1、4 the second is 四(二)4.
        if found and len(pieces) == 1 and pieces[0].isdigit() and len(found[-1]) > 1 and found[-1][-1].isdigit():
            pieces = (*found[-1][:-1], *pieces)
        found += _run(part, pieces)
    return [pieces for pieces in found if pieces]


def _run(part: str, pieces: Pieces) -> list[Pieces]:
    """The clauses from a first through a last number, or the one clause."""
    run = _RANGE.fullmatch(part)
    if run is None or not 0 < int(run[3]) - int(run[2]) < 100:
        return [pieces]
    stem = _pieces(run[1])
    return [(*stem, str(n)) for n in range(int(run[2]), int(run[3]) + 1)]


def _pieces(text: str) -> Pieces:
    return tuple(_PIECE.findall(text.translate(_EVEN)))


def _begins(first: Pieces, whole: Pieces) -> bool:
    return whole[: len(first)] == first
