"""Ways to write the same file otherwise: other indentation, order, empty lines, comments and line breaks."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from itertools import pairwise


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def wider(text: str, rng: random.Random) -> str:
    """Every indentation doubled; lists stay valid, since their items are doubled as well."""
    return "\n".join(
        " " * indent_of(line) + re.sub(r"\A *(?:- )+", lambda m: m[0].replace("- ", "-   "), line) for line in text.split("\n")
    )


def emptier(text: str, rng: random.Random) -> str:
    """Empty lines, and lines of blanks, before some lines."""
    out = []
    for line in text.split("\n"):
        out += [" " * rng.choice([0, 0, 3])] * rng.choice([0, 0, 0, 1, 3])
        out.append(line)
    return "\n".join(out)


def commented(text: str, rng: random.Random) -> str:
    """Comments on lines of their own, at any column."""
    out = []
    for line in text.split("\n"):
        if rng.random() < 0.15:
            out.append(" " * rng.choice([0, 2, 4, indent_of(line), indent_of(line) + 2, 30]) + f"# own {rng.random()}\tand a tab")
        out.append(line)
    return "\n".join(out)


def annotated(text: str, rng: random.Random) -> str:
    """Comments at the ends of lines."""
    return "\n".join(
        line + " " * rng.choice([1, 2, 9]) + f"# end {rng.random()}" if line.strip() and rng.random() < 0.15 else line
        for line in text.split("\n")
    )


def broken(text: str, rng: random.Random) -> str:
    """Line breaks, and comments, inside braces and brackets."""

    def space(found: re.Match[str]) -> str:
        if rng.random() > 0.1:
            return found[0]
        comment = rng.choice(["", f"  # in {rng.random()}", f"\n  # own {rng.random()}"])
        return f"{found[1]}{comment}\n{' ' * rng.choice([9, 20])}"

    lines = [re.sub(r"([,\[{]) ?(?=[^\s\"'])", space, line) if " #" not in line else line for line in text.split("\n")]
    return "\n".join(lines)


def spaced(text: str, rng: random.Random) -> str:
    """More blanks where one will do, and at the ends of lines."""
    return "\n".join(
        re.sub(r"(?<=[:,]) (?=[^ #])", lambda _: " " * rng.choice([1, 1, 4]), line) + " " * rng.choice([0, 3]) for line in text.split("\n")
    )


def windows(text: str, rng: random.Random) -> str:
    return "\ufeff" + text.replace("\n", "\r\n")


def unended(text: str, rng: random.Random) -> str:
    return text.rstrip("\n")


def flush_lists(text: str, rng: random.Random) -> str:
    """Lists that stand as far left as their key."""
    out: list[str] = []
    shift: list[int] = []
    for line in text.split("\n"):
        if line.strip():
            while shift and indent_of(line) < shift[-1]:
                shift.pop()
            if line.lstrip().startswith("- ") and (not shift or indent_of(line) > shift[-1]):
                shift.append(indent_of(line))
        out.append(line[2 * len(shift) :] if line.startswith(" " * 2 * len(shift)) else line)
    return "\n".join(out)


WAYS: list[Callable[[str, random.Random], str]] = [
    wider, emptier, commented, annotated, broken, spaced, windows, unended, flush_lists,
]  # fmt: skip


def shuffled(text: str, rng: random.Random) -> str:
    """The keys of the whole, of its header, of every duty and of every test in another order, with their comments."""
    lines = text.rstrip("\n").split("\n")
    return "\n".join(_shuffled(lines, 0, ("",), rng)) + "\n"


def _chunks(lines: list[str], indent: int) -> Iterator[list[str]]:
    """Entries at an indentation, each with the comments and empty lines above it."""
    starts = []
    for i, line in enumerate(lines):
        if _own(line, indent):
            while i and (not lines[i - 1].strip() or (indent_of(lines[i - 1]) <= indent and lines[i - 1].lstrip()[0] == "#")):
                i -= 1
            starts.append(i)
    for start, end in pairwise([0, *starts[1:], len(lines)]):
        yield lines[start:end]


def _own(line: str, indent: int) -> bool:
    return bool(line.strip()) and indent_of(line) == indent and not line.lstrip().startswith("#")


def _shuffled(lines: list[str], indent: int, path: tuple[str, ...], rng: random.Random) -> list[str]:
    chunks = list(_chunks(lines, indent))
    if not all(any(_own(line, indent) for line in c) for c in chunks):
        return lines
    done = []
    for chunk in chunks:
        at = next(i for i, line in enumerate(chunk) if _own(line, indent))
        key = chunk[at].strip().partition(":")[0]
        below = (*path, key)
        if (len(below) == 2 and key in ("plan", "duties")) or (len(below) == 3 and below[1] == "duties"):
            if len(chunk) > at + 1:
                chunk = [*chunk[: at + 1], *_shuffled(chunk[at + 1 :], indent + 2, below, rng)]
        done.append(chunk)
    if path == ("",):
        at = next(i for i, line in enumerate(done[0]) if _own(line, 0))
        header, done[0] = done[0][:at], done[0][at:]
        rng.shuffle(done)
        while not done[0][0].strip():
            done[0] = done[0][1:]
        return [*header, *(line for c in done for line in c)]
    if path != ("", "duties"):
        rng.shuffle(done)
    return [line for c in done for line in c]
