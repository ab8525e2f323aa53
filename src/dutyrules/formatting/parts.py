"""A YAML text as a tree of its parts, every comment with the part that it belongs to.

A comment at the end of a line belongs to what stands on the line. One on a line of its own belongs to the entry below, unless it
stands further right than that: then it belongs to what ends above it. One directly below a comment at the end of a line, and
under it, goes on with that comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from dutyrules.rewriting import LOADER, SPACE, content_end, line_start, skipped

__all__ = ["Block", "Comment", "Entry", "Flow", "Scalar", "Unsupported", "Value", "comments_of", "parts_of"]


class Unsupported(Exception):
    """The text uses a form of YAML that the notation's files do not need, such as ``? key``; ``at`` is its place."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


@dataclass(slots=True)
class Comment:
    """A comment from its ``#`` on."""

    text: str
    at: int
    column: int
    own_line: bool
    gap: bool
    """Whether an empty line stands above it."""
    blanks: int
    """How many blanks stand before it, on a line that it shares."""
    more: list[str] = field(default_factory=list)
    """The lines that go on with it, below it."""


@dataclass(slots=True)
class Entry:
    """An entry of a mapping, or an item of a list (which has no key)."""

    key: str | None
    value: Value
    name: object = None
    """The key as data."""
    column: int = 0
    gap: bool = False
    """Whether an empty line stands above it and its ``lead``."""
    lead: list[Comment] = field(default_factory=list)
    lead_gap: bool = False
    """Whether an empty line stands between ``lead`` and the entry."""
    head: Comment | None = None
    """The comment behind its key, where the value begins on a later line."""
    end: Comment | None = None
    """The comment behind its value."""
    foot: list[Comment] = field(default_factory=list)
    """Comments that stand where its value would, if it has none."""
    breaks: bool = False
    """Whether a line break stands before it (in braces and brackets) or before its value (in a block)."""

    def take_lead(self, comments: list[Comment]) -> None:
        """Comments from further below stand directly above it."""
        if comments:
            comments[0].gap, self.lead_gap = self.lead_gap, False
            self.lead = self.lead + comments


@dataclass(slots=True)
class Scalar:
    """A scalar as it is written; the lines of a block scalar without their indentation."""

    source: str
    block: bool = False
    comment: Comment | None = None
    """The comment behind the header of a block scalar."""
    deep: int = 2
    """How far a block scalar is indented under its entry."""
    kept: bool = False
    """Whether the empty lines below a block scalar are part of it."""
    open_end: bool = False
    """Whether the text ends before the last line of a block scalar does."""


@dataclass(slots=True)
class Flow:
    """A mapping in braces, a list in brackets, or a single entry of a list in brackets (``opening`` is empty)."""

    opening: str
    closing: str
    entries: list[Entry]
    head: Comment | None = None
    foot: list[Comment] = field(default_factory=list)
    breaks: bool = False
    """Whether the closing bracket begins a line."""
    comma: bool = False
    """Whether a comma stands behind the last entry."""


@dataclass(slots=True)
class Block:
    """A mapping or list in block style."""

    entries: list[Entry]
    gap: bool = False
    """Whether an empty line stands above the first entry and its ``lead``."""
    foot: list[Comment] = field(default_factory=list)


Value = Scalar | Flow | Block


def comments_of(text: str, root: Any) -> list[Comment]:
    """Every comment of a text, in order."""
    found: list[Comment] = []
    at = 0
    for start, end, block in [*_scalars(text, root), (len(text), len(text), False)]:
        found += _comments_between(text, at, start)
        if block:
            found += _comments_between(text, start, _line_break(text, start))
        at = end
    return found


def _scalars(text: str, node: Any) -> Iterator[tuple[int, int, bool]]:
    if isinstance(node, yaml.ScalarNode):
        yield node.start_mark.index, content_end(text, node), node.style in ("|", ">")
        return
    for child in node.value:
        for part in child if isinstance(child, tuple) else (child,):
            yield from _scalars(text, part)


def _line_break(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _comments_between(text: str, start: int, end: int) -> Iterator[Comment]:
    for found in re.compile(r"#[^\n]*").finditer(text, start, end):
        at = found.start()
        before = text[line_start(text, at) : at]
        bare = before.rstrip(" \t")
        lines = text[:at].rsplit("\n", 2)
        gap = not bare and len(lines) == 3 and not lines[1].strip(SPACE)
        yield Comment(found[0].rstrip(SPACE), at, len(before), not bare, gap, len(before) - len(bare))


def parts_of(text: str, data: Any) -> tuple[Block | Flow, list[Comment]]:
    """The tree of a text (without byte order mark, lines ended by ``\\n``) and the comments above it.

    Raises:
        Unsupported: the text has explicit keys, directives or document marks.
    """
    root: Any = yaml.compose(text, Loader=LOADER)
    reader = _Reader(text, comments_of(text, root))
    return reader.document(root, data)


class _Reader:
    def __init__(self, text: str, comments: list[Comment]) -> None:
        self.text, self.comments, self.next = text, comments, 0

    def document(self, root: Any, data: Any) -> tuple[Block | Flow, list[Comment]]:
        start = root.start_mark.index
        self.expect(0, start)
        above = self.take(start)
        value = self.value(root, data, [])
        end = content_end(self.text, root)
        self.expect(end, len(self.text))
        rest = self.take(len(self.text))
        if isinstance(value, Block):
            self.settle(rest, value, None)
        if isinstance(value, Scalar) or (isinstance(value, Flow) and rest):
            raise Unsupported(end)
        return value, above

    def expect(self, at: int, place: int) -> None:
        """Nothing but blanks and comments may stand between two places."""
        found = skipped(self.text, at)
        if found != place:
            raise Unsupported(found)

    def take(self, before: int) -> list[Comment]:
        first = self.next
        while self.next < len(self.comments) and self.comments[self.next].at < before:
            self.next += 1
        return self.comments[first : self.next]

    def value(self, node: Any, data: Any, lead: list[Comment], column: int = 0) -> Value:
        """A node's tree; ``lead`` stands above the first entry of a block, ``column`` is that of the entry whose value it is."""
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, column)
        if node.flow_style or not node.value:
            return self.flow(node, data)
        return self.block(node, data, lead)

    # ---- blocks

    def block(self, node: Any, data: Any, lead: list[Comment]) -> Block:
        found = Block([])
        at = node.start_mark.index
        column = at - line_start(self.text, at)
        mapping = isinstance(node, yaml.MappingNode)
        names: list[Any] = list(data)
        for i, child in enumerate(node.value):
            start = child[0].start_mark.index if mapping else skipped(self.text, at)
            self.expect(at, start)
            entry = Entry(None, Scalar(""), names[i] if mapping else None, column, self.gap_above(start))
            between = self.take(start)
            if found.entries:
                self.settle(between, found, entry)
            else:
                self.lead(lead + between, entry)
            if mapping:
                key, held = child
                after = self.colon(key)
                entry.key = self.text[key.start_mark.index : key.end_mark.index]
                self.entry(entry, held, data[names[i]], after)
            else:
                self.entry(entry, child, data[i], start + 1)
            found.entries.append(entry)
            at = content_end(self.text, child[1] if mapping else child)
        found.gap, found.entries[0].gap = found.entries[0].gap, False
        return found

    def colon(self, key: Any) -> int:
        """The place behind the colon of a key."""
        end: int = key.end_mark.index
        after = skipped(self.text, end)
        if not isinstance(key, yaml.ScalarNode) or "\n" in self.text[key.start_mark.index : after] or self.text[after] != ":":
            raise Unsupported(key.start_mark.index)
        return after + 1

    def entry(self, entry: Entry, node: Any, data: Any, after: int) -> None:
        """Read the value of an entry that begins behind a place, and the comments before it."""
        start = node.start_mark.index
        between = self.take(start)
        entry.breaks = "\n" in self.text[after:start]
        block = not isinstance(node, yaml.ScalarNode) and not node.flow_style and bool(node.value)
        if between and not between[0].own_line and entry.key is not None:
            entry.head = self.continued(between)
        if not block:
            entry.take_lead(between)
            between = []
        entry.value = self.value(node, data, between, entry.column)
        if isinstance(entry.value, Scalar) and entry.value.block:
            entry.breaks = False
            header = self.take(_line_break(self.text, start))
            entry.value.comment = header[0] if header else None

    def lead(self, comments: list[Comment], entry: Entry) -> None:
        entry.lead = comments
        if comments:
            entry.lead_gap, entry.gap, comments[0].gap = entry.gap, comments[0].gap, False

    def gap_above(self, at: int) -> bool:
        lines = self.text[: line_start(self.text, at)].rsplit("\n", 2)
        return len(lines) == 3 and not lines[1].strip(SPACE)

    def continued(self, comments: list[Comment]) -> Comment:
        """Take the first comment and those that go on with it."""
        first = comments.pop(0)
        while comments and comments[0].own_line and not comments[0].gap and abs(comments[0].column - first.column) <= 2:
            first.more.append(comments.pop(0).text)
        return first

    def settle(self, comments: list[Comment], block: Block, below: Entry | None) -> None:
        """Give the comments behind a block's last entry so far to that entry, to what ends within it, or to the one below."""
        comments = list(comments)
        blocks = [block]
        while isinstance(blocks[-1].entries[-1].value, Block):
            blocks.append(blocks[-1].entries[-1].value)
        if comments and not comments[0].own_line:
            blocks[-1].entries[-1].end = self.continued(comments)
        while comments and (below is None or comments[0].column > below.column):
            while len(blocks) > 1 and blocks[-1].entries[-1].column > comments[0].column:
                blocks.pop()
            last = blocks[-1].entries[-1]
            if last.value == Scalar("") and comments[0].column > last.column:
                last.foot.append(comments.pop(0))
            elif len(blocks) > 1 or below is None:
                blocks[-1].foot.append(comments.pop(0))
            else:
                break
        if below is not None:
            self.lead(comments, below)

    # ---- scalars, braces and brackets

    def scalar(self, node: Any, column: int) -> Scalar:
        source = self.text[node.start_mark.index : node.end_mark.index]
        if node.style not in ("|", ">"):
            return Scalar(source)
        header, *lines = source.split("\n")
        header = header.partition("#")[0].rstrip(SPACE)
        open_end = bool(lines) and bool(lines[-1].strip(" "))
        if not open_end:
            lines = lines[:-1]
        given = re.search(r"[1-9]", header)
        deep = int(given[0]) if given else 2
        indent = column + deep if given else next((len(x) - len(x.lstrip(" ")) for x in lines if x.strip(" ")), 1000)
        lines = [x[indent:] for x in lines]
        kept = "+" in header
        while lines and not lines[-1] and not kept:
            lines.pop()
        return Scalar("\n".join([header, *lines]), True, None, deep, kept, open_end and "-" not in header)

    def flow(self, node: Any, data: Any) -> Flow:
        start, end = node.start_mark.index, node.end_mark.index
        mapping = isinstance(node, yaml.MappingNode)
        opening = self.text[start] if self.text[start] in "[{" else ""
        found = Flow(opening, {"[": "]", "{": "}", "": ""}[opening], [])
        at = start + len(opening)
        names: list[Any] = list(data)
        for i, child in enumerate(node.value):
            key, held = child if mapping else (None, child)
            begin = (key or held).start_mark.index
            entry = Entry(None, Scalar(""), names[i] if mapping else None)
            if found.entries:
                at = self.comma(at)
            self.expect(at, begin)
            entry.breaks = "\n" in self.text[at:begin]
            self.flow_lead(found, entry, self.take(begin))
            if key is not None:
                at = key.end_mark.index
                entry.key = self.text[begin:at]
                colon = skipped(self.text, at)
                if self.text[colon] == ":":
                    entry.key += ":"
                    at = colon + 1
                entry.lead += self.take(held.start_mark.index)
            entry.value = self.value(held, data[names[i]] if mapping else data[i], [])
            at = max(at, content_end(self.text, held))
            found.entries.append(entry)
        if not opening:
            return found
        rest = skipped(self.text, at)
        if self.text[rest] == ",":
            found.comma = True
            rest = skipped(self.text, rest + 1)
        if rest != end - 1:
            raise Unsupported(rest)
        found.breaks = "\n" in self.text[at:rest]
        last = Entry(None, Scalar(""))
        self.flow_lead(found, last, self.take(end))
        found.foot = last.lead
        return found

    def comma(self, at: int) -> int:
        at = skipped(self.text, at)
        if self.text[at] != ",":
            raise Unsupported(at)
        return at + 1

    def flow_lead(self, flow: Flow, entry: Entry, comments: list[Comment]) -> None:
        """Comments before an entry: one that shares its line belongs to the entry before (or to the bracket)."""
        for c in comments:
            c.gap = False
            if c.own_line or entry.lead:
                entry.lead.append(c)
            elif not flow.entries and flow.head is None:
                flow.head = c
            elif flow.entries and flow.entries[-1].end is None:
                flow.entries[-1].end = c
            else:
                entry.lead.append(c)
