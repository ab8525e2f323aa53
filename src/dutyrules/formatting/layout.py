"""A tree of parts as text in canonical order and spacing."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dutyrules.formatting.orders import Shape
from dutyrules.formatting.parts import Block, Comment, Entry, Flow, Scalar, Value

__all__ = ["laid_out"]

_STEP = 2


def laid_out(value: Block | Flow, above: Sequence[Comment], shape: Shape) -> str:
    """The text of a whole file.

    Args:
        value: the tree of the document; its entries are put in order.
        above: the comments above it.
        shape: the order of its keys.
    """
    _arrange(value, shape)
    layout = _Layout()
    layout.comments(above, 0)
    if isinstance(value, Block):
        layout.block(value, 0, apart=True)
    else:
        layout.lines.append("")
        layout.flow(value, 0)
    text = "\n".join(layout.lines)
    return text if layout.open_end == len(layout.lines) else text + "\n"


def _arrange(value: Value, shape: Shape) -> None:
    """Put the entries in order, with all that belongs to them; line breaks inside braces stay where they were."""
    if isinstance(value, Scalar):
        return
    breaks = [e.breaks for e in value.entries]
    value.entries.sort(key=lambda e: shape.rank(e.name))
    for entry, broken in zip(value.entries, breaks, strict=True):
        if isinstance(value, Flow):
            entry.breaks = broken
        _arrange(entry.value, shape if entry.key is None else shape.below(entry.name))
        if entry.key is None and isinstance(entry.value, Block):
            # The first line of the item will stand behind the dash; what stands above it goes above the dash.
            first = entry.value.entries[0]
            entry.take_lead(first.lead)
            first.lead, first.lead_gap, entry.value.gap = [], False, False


class _Layout:
    """Lines so far; every method adds to them, or to the last of them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.sealed = self.open_end = -1
        """How many lines there were when a block scalar ended to which an empty line (a line break) more would belong."""

    def add(self, text: str) -> None:
        self.lines[-1] += text

    def gap(self) -> None:
        if self.lines and self.lines[-1] and self.sealed != len(self.lines):
            self.lines.append("")

    def comments(self, comments: Sequence[Comment], indent: int) -> None:
        for c in comments:
            if c.gap:
                self.gap()
            self.lines += [" " * indent + line for line in (c.text, *c.more)]

    def end(self, comment: Comment | None) -> None:
        """A comment at the end of the last line, in its column if that is free."""
        if comment is None:
            return
        free = len(self.lines[-1]) + 2
        column = max(comment.column, free) if comment.blanks >= 2 else free
        self.add(" " * (column - free + 2) + comment.text)
        self.lines += [" " * column + line for line in comment.more]

    def block(self, block: Block, indent: int, *, apart: bool = False) -> None:
        """A mapping or list; ``apart`` keeps its entries apart by empty lines, unless they fit on one line each."""
        for i, entry in enumerate(block.entries):
            long = i > 0 and any(isinstance(e.value, Block) for e in block.entries[i - 1 : i + 1])
            if (block.gap if i == 0 else entry.gap) or (apart and long):
                self.gap()
            self.comments(entry.lead, indent)
            if entry.lead_gap:
                self.gap()
            # Sections stand apart, and so do duties.
            self.entry(entry, indent, apart=apart and indent == 0 and entry.name == "duties")
        self.comments(block.foot, indent)

    def entry(self, entry: Entry, indent: int, *, apart: bool) -> None:
        value = entry.value
        if entry.key is None and isinstance(value, Block):
            at = len(self.lines)
            self.block(value, indent + _STEP)
            self.lines[at] = f"{' ' * indent}- {self.lines[at][indent + _STEP :]}"
        else:
            self.lines.append(" " * indent + ("-" if entry.key is None else f"{entry.key}:"))
            self.end(entry.head)
            if isinstance(value, Block):
                self.block(value, indent + _STEP, apart=apart)
            elif value != Scalar(""):
                if entry.breaks:
                    self.lines.append(" " * (indent + _STEP))
                else:
                    self.add(" ")
                if isinstance(value, Flow):
                    self.flow(value, indent + _STEP * entry.breaks)
                else:
                    self.scalar(value, indent)
        self.end(entry.end)
        self.comments(entry.foot, indent + _STEP)

    def scalar(self, scalar: Scalar, indent: int) -> None:
        first, *rest = scalar.source.split("\n")
        if scalar.block:
            self.add(first)
            self.end(scalar.comment)
            self.lines += [" " * (indent + scalar.deep) + line if line else "" for line in rest]
            self.sealed = len(self.lines) if scalar.kept else self.sealed
            self.open_end = len(self.lines) if scalar.open_end else self.open_end
            return
        lines = [first, *(line.lstrip(" \t") for line in rest)]
        # A blank behind a backslash is part of the text.
        lines = [re.sub(r"(?<!\\)[ \t]+\Z", "", line) for line in lines[:-1]] + lines[-1:]
        self.add(lines[0])
        self.lines += [" " * (indent + _STEP) + line if line else "" for line in lines[1:]]

    def flow(self, flow: Flow, indent: int) -> None:
        """Braces or brackets; what begins a line is set under the first entry behind the bracket, or else in by two."""
        self.add(flow.opening)
        entries = flow.entries
        hanging = flow.head or (entries and (entries[0].breaks or entries[0].lead)) or flow.foot
        inner = indent + _STEP if hanging else len(self.lines[-1])
        self.end(flow.head)
        commented = flow.head is not None
        for i, entry in enumerate(entries):
            if commented or entry.lead or entry.breaks:
                self.comments(entry.lead, inner)
                self.lines.append(" " * inner)
            elif i:
                self.add(" ")
            last = i == len(entries) - 1
            if entry.key is not None:
                self.add(f"{entry.key} " if entry.key.endswith(":") else entry.key)
            if isinstance(entry.value, Flow):
                self.flow(entry.value, inner)
            elif isinstance(entry.value, Scalar):
                self.scalar(entry.value, inner)
            if not last or (flow.comma and (flow.breaks or flow.foot)):
                self.add(",")
            self.end(entry.end)
            commented = entry.end is not None
        self.comments(flow.foot, inner)
        if commented or flow.foot or (flow.breaks and entries):
            self.lines[-1] = self.lines[-1].rstrip(" ")
            self.lines.append(" " * indent)
        self.add(flow.closing)
