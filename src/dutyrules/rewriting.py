"""Edits of a YAML text that leave every other character alone: layout, quotes, comments, line ends, byte order mark.

A place is a path of keys and of numbers of list items, as in the data that the text holds. Every result is read again and must
hold exactly the data that was intended, key by key and in order; otherwise the edit is refused.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable
from typing import Any

import yaml

from dutyrules.errors import InputError, Problem
from dutyrules.yamlfile import read_yaml

__all__ = ["Path", "insert_entry", "quoted", "remove_entry", "set_value"]

Path = tuple[str | int, ...]

BOM = "\ufeff"
# To YAML the wide blanks of a text are letters.
SPACE = " \t\r\n"
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMMENT = re.compile(r"[ \t]*(?:#[^\r\n]*)?")
_BETWEEN = re.compile(r"(?:[ \t\r\n]|(?<![^ \t\r\n])#[^\r\n]*)*")
_HEADER_COMMENT = re.compile(r"[|>][-+0-9]*([ \t]+#[^\r\n]*)")


def set_value(text: str, path: Path, new: str) -> str:
    """Replace the value at a path by a source text, which may be any YAML value that fits on its line.

    A value written as a block is replaced together with the comments inside it.

    Raises:
        InputError: the text or ``new`` is not sound YAML, there is no such path, or the edit cannot be made by itself.
    """
    source = _Source(text, path)
    value = _data(new)
    return source.edited(_set(source, new), lambda data: _with(data, path, value))


def insert_entry(text: str, path: Path, key: str | int, value: str, before: str | int | None = None) -> str:
    """Add ``key: value`` to the mapping at a path, at its end or before another of its keys.

    Args:
        text: the whole text.
        path: where the mapping stands; ``()`` is the whole document.
        key: the new key, as data.
        value: the source text of its value. With line breaks it is a block, set under the key with the right indentation.
        before: the key before which it goes, together with the comments above that key; ``None``: at the end.

    Raises:
        InputError: the text or ``value`` is not sound YAML, ``path`` is no mapping or ``before`` no key of it, the key is there
            already, or the edit cannot be made by itself.
    """
    source = _Source(text, path)
    held = source.held
    if not isinstance(held, dict) or key in held or (before is not None and before not in held):
        raise source.refusal()
    added = _data(value)
    at = len(held) if before is None else list(held).index(before)

    def intended(data: Any) -> Any:
        entries = list(held.items())
        return _with(data, path, dict([*entries[:at], (key, added), *entries[at:]]))

    if not held or source.node.flow_style:
        change = _insert_flow(source, f"{quoted(key)}: {value.strip(SPACE)}", at)
    else:
        change = _insert_block(source, _block_entry(quoted(key), value), at)
    return source.edited(change, intended)


def remove_entry(text: str, path: Path) -> str:
    """Remove an entry of a mapping or of a list, with the comment at the end of its line; comments above it stay.

    What held nothing else becomes ``{}`` or ``[]``.

    Raises:
        InputError: the text is not sound YAML, there is no such path, or the edit cannot be made by itself.
    """
    if not path:
        raise InputError([Problem("DR021", {"value": ""}, path=path)])
    _Source(text, path)
    parent = _Source(text, path[:-1])
    if len(parent.held) == 1:
        return set_value(text, path[:-1], "{}" if isinstance(parent.held, dict) else "[]")
    at = list(parent.held).index(path[-1]) if isinstance(parent.held, dict) else path[-1]
    assert isinstance(at, int)
    change = _remove_flow(parent, at) if parent.node.flow_style else _remove_block(parent, at)
    return parent.edited(change, lambda data: _with(data, path[:-1], _left_out(parent.held, path[-1])))


def quoted(value: object) -> str:
    """A scalar as YAML source which the strict reader reads as the same value; in quotes only where it needs them.

    It may stand as a value, in a list, and inside braces and brackets.

    Raises:
        ValueError: the notation has no way to write it (a fraction like ``1.0``, a number of twenty digits, a list).
    """
    if isinstance(value, str):
        plain = [value] if all(map(_shown, value)) else []
        tries = [*plain, f'"{"".join(map(_escaped, value))}"']
    elif value is None or isinstance(value, bool):
        tries = [json.dumps(value)]
    elif isinstance(value, (int, float)):
        tries = [repr(value)]
    else:
        raise ValueError(f"not a scalar: {value!r}")
    for source in tries:
        read = read_yaml(f"- {source} # c\n- [{source}, x]\n- {{k: {source}, l: x}}\n".encode("utf-8", "surrogatepass"))
        if not read.problems and same(read.data, [value, [value, "x"], {"k": value, "l": "x"}]):
            return source
    raise ValueError(f"cannot be written: {value!r}")


def same(a: Any, b: Any) -> bool:
    """Whether two pieces of data are the same: type by type, and keys in the same order."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return same(list(a), list(b)) and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def content_end(text: str, node: Any) -> int:
    """Where a node's content ends: before the comments and empty lines that follow it."""
    if isinstance(node, yaml.ScalarNode):
        end = int(node.end_mark.index)
        if node.style not in ("|", ">"):
            return end
        if "+" in text[node.start_mark.index : node.start_mark.index + 3]:
            # Empty lines at its end are content, too.
            return len(text[:end].rstrip(" ").removesuffix("\n").removesuffix("\r"))
        return len(text[:end].rstrip(SPACE))
    if node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return content_end(text, last[1] if isinstance(node, yaml.MappingNode) else last)


def skipped(text: str, at: int) -> int:
    """Past blanks, line breaks and comments."""
    found = _BETWEEN.match(text, at)
    assert found
    return found.end()


def line_start(text: str, at: int) -> int:
    """Where the line begins that holds a place."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Where that line ends, before its line break."""
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if text[at:end].endswith("\r") else end


_Change = tuple[int, int, str]
"""From, to, and what stands there instead."""


class _Source:
    """A text with the node and the data at one path of it."""

    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        self.bom = BOM if text.startswith(BOM) else ""
        self.text = text.removeprefix(BOM)
        self.data = _data(self.text)
        self.newline = "\r\n" if "\r\n" in text else "\n"
        root: Any = yaml.compose(self.text, Loader=LOADER)
        self.node: Any = root
        self.key: Any = None
        self.held: Any = self.data
        for step in path:
            if isinstance(self.held, dict) and step in self.held:
                self.key, self.node = self.node.value[list(self.held).index(step)]
            elif isinstance(self.held, list) and isinstance(step, int) and 0 <= step < len(self.held):
                self.key, self.node = None, self.node.value[step]
            else:
                raise self.refusal()
            self.held = self.held[step]
        if self.node is None:
            raise self.refusal()

    def refusal(self) -> InputError:
        return InputError([Problem("DR021", {"value": ".".join(map(str, self.path))}, path=self.path)])

    def edited(self, change: _Change, intended: Callable[[Any], Any]) -> str:
        start, end, new = change
        text = self.text[:start] + new + self.text[end:]
        read = read_yaml(text.encode("utf-8", "surrogatepass"))
        if read.problems or not same(read.data, intended(self.data)):
            raise self.refusal()
        return self.bom + text

    def first_on_line(self, at: int) -> bool:
        return not self.text[line_start(self.text, at) : at].strip(" ")

    def column(self, at: int) -> int:
        return at - line_start(self.text, at)

    def comments_below(self, at: int, column: int) -> int:
        """The end of the comment lines that follow a line without a gap and stand at a column or to its right."""
        end = line_end(self.text, at)
        while (start := self.text.find("\n", end) + 1) and self._comment_column(start) >= column:
            end = line_end(self.text, start)
        return end

    def comments_above(self, at: int, column: int, floor: int) -> int:
        """The start of the comment lines that stand without a gap above a line, at a column or to its left."""
        start = line_start(self.text, at)
        while start > floor and 0 <= self._comment_column(above := line_start(self.text, start - 1)) <= column and above >= floor:
            start = above
        return start

    def _comment_column(self, start: int) -> int:
        line = self.text[start : line_end(self.text, start)]
        bare = line.lstrip(" \t")
        return len(line) - len(bare) if bare.startswith("#") else -1

    def spans(self) -> list[tuple[int, int]]:
        """Where each entry of the node begins (in a block list, with its dash) and where its content ends."""
        found = []
        after = self.node.start_mark.index
        for child in self.node.value:
            key, value = child if isinstance(self.node, yaml.MappingNode) else (child, child)
            end = content_end(self.text, value)
            if key is not value and self.node.flow_style and not self.text[end - 1 : end].strip(SPACE):
                end = key.end_mark.index + len(self.text[key.end_mark.index : end].rstrip(SPACE))
            dashed = key is value and not self.node.flow_style
            found.append((skipped(self.text, after) if dashed else key.start_mark.index, end))
            after = end
        return found


def _data(text: str) -> Any:
    read = read_yaml(text.encode("utf-8", "surrogatepass"))
    if read.problems:
        raise InputError(read.problems)
    return read.data


def _with(data: Any, path: Path, value: Any) -> Any:
    """The data with another value at a path."""
    if not path:
        return value
    if isinstance(data, dict):
        return {k: _with(v, path[1:], value) if k == path[0] else v for k, v in data.items()}
    return [_with(v, path[1:], value) if i == path[0] else v for i, v in enumerate(data)]


def _left_out(held: Any, step: str | int) -> Any:
    if isinstance(held, dict):
        return {k: v for k, v in held.items() if k != step}
    return [v for i, v in enumerate(held) if i != step]


def _set(source: _Source, new: str) -> _Change:
    text, node = source.text, source.node
    start, end = node.start_mark.index, content_end(text, node)
    if isinstance(node, yaml.ScalarNode) and start == end:
        bare_key = source.key is not None and ":" not in text[source.key.end_mark.index : start]
        return start, start, f": {new}" if bare_key else f" {new}" if text[start - 1 : start] in ":-" else new
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        header = _HEADER_COMMENT.match(text, start) if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">") else None
        return start, end, new + (header[1] if header else "")
    # A list may stand as far left as its key; a comment there is not of the list.
    flush = source.key is not None and source.column(source.key.start_mark.index) == source.column(start)
    end = source.comments_below(end, source.column(start) + flush)
    if not source.path or not source.first_on_line(start):
        return start, end, new
    # The value leaves its lines and stands behind its key (or dash), before the comment that was there.
    line = text[:start].rstrip(SPACE)
    while line[line_start(line, len(line)) :].lstrip(SPACE).startswith("#"):
        line = line[: line_start(line, len(line))].rstrip(SPACE)
    mark = skipped(text, source.key.end_mark.index) + 1 if source.key is not None else len(line[: line.rfind("-") + 1])
    return mark, end, f" {new}{text[mark : line_end(text, mark)]}"


def _insert_flow(source: _Source, entry: str, at: int) -> _Change:
    start, end = source.node.start_mark.index, source.node.end_mark.index
    if source.text[start : start + 1] != "{":
        raise source.refusal()
    spans = source.spans()
    if not spans:
        inside = source.text[start + 1 : end - 1]
        return start + 1, end - 1, entry + (inside if inside.strip(SPACE) else "")
    if at == len(spans):
        return spans[-1][1], spans[-1][1], f", {entry}"
    return spans[at][0], spans[at][0], f"{entry}, "


def _block_entry(key: str, value: str) -> list[str]:
    lines = textwrap.dedent(value).strip(SPACE).split("\n")
    return [f"{key}: {value.strip(SPACE)}"] if len(lines) <= 1 else [f"{key}:", *(f"  {line}" if line else "" for line in lines)]


def _insert_block(source: _Source, lines: list[str], at: int) -> _Change:
    spans = source.spans()
    column = source.column(spans[0][0])
    entry = source.newline.join(" " * column * (i > 0 and line != "") + line for i, line in enumerate(lines))
    if at == len(spans):
        end = source.comments_below(spans[-1][1], column)
        return end, end, f"{source.newline}{' ' * column}{entry}"
    start = spans[at][0]
    if source.first_on_line(start):
        above = source.comments_above(start, column, spans[at - 1][1] if at else 0)
        return above, above, f"{' ' * column}{entry}{source.newline}"
    return start, start, f"{entry}{source.newline}{' ' * column}"


def _remove_block(source: _Source, at: int) -> _Change:
    spans, text = source.spans(), source.text
    start = spans[at][0]
    end = source.comments_below(spans[at][1], source.column(start) + 1)
    if source.first_on_line(start):
        after = text.find("\n", end) + 1
        start = line_start(text, start)
        return (start, after, "") if after else (len(text[:start].rstrip("\r\n")), end, "")
    if at + 1 < len(spans) and not text[end : spans[at + 1][0]].strip(SPACE):
        return start, spans[at + 1][0], ""
    return len(text[:start].rstrip(" ")), end, ""


def _remove_flow(source: _Source, at: int) -> _Change:
    spans, text = source.spans(), source.text
    start, end = spans[at]
    comma = skipped(text, end)
    after = comma + 1 if text[comma : comma + 1] == "," else end
    rest = _COMMENT.match(text, after)
    assert rest
    closes_line = rest.end() == line_end(text, after)
    if closes_line:
        after = rest.end()
    between = text[spans[at - 1][1] : start] if at else ""
    if at == len(spans) - 1 and "#" not in between:
        return spans[at - 1][1], after, ""
    if not closes_line:
        return start, spans[at + 1][0] if at + 1 < len(spans) else after, ""
    if source.first_on_line(start):
        return line_start(text, start), text.find("\n", after) + 1 or after, ""
    return len(text[:start].rstrip(" ")), after, ""


def _shown(character: str) -> bool:
    return character.isprintable() or character in "\u3000\u00a0"


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if _shown(character):
        return character
    number = ord(character)
    return {10: "\\n", 9: "\\t"}.get(number) or (f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}")
