"""YAML with positions: a strict, bounded reader that gives plain data and the place of every node.

Scalars follow YAML 1.2; what YAML 1.1 programs would read differently is refused, so that a file means the same everywhere.
Dates stay text here. Nothing is ever constructed but dictionaries, lists and scalars.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from dutyrules.errors import Problem
from dutyrules.indentation import suspect_line

__all__ = ["Document", "read_yaml"]

Path = tuple[str | int, ...]
MAX_BYTES, MAX_NODES, MAX_DEPTH = 20_000_000, 1_000_000, 40
_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+\Z")
# Plain scalars on which YAML 1.1 and 1.2 programs disagree, with what the older ones make of them.
_TRAPS = (
    (re.compile(r"(yes|no|on|off|y|n)\Z", re.I), "true or false"),
    (re.compile(r"[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?\Z"), "a number of seconds"),
    (re.compile(r"[-+]?0[0-9_]+\Z"), "an octal number"),
    (re.compile(r"[-+]?0[xbo][0-9a-fA-F_]+\Z"), "a number"),
    (re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?\Z"), "a number"),
    (re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+\Z"), "a number"),
    (re.compile(r"[-+]?\.(inf|nan)\Z", re.I), "a number"),
    (re.compile(r"[-+]?([0-9]+\.|\.[0-9]+)\Z"), "a number"),
    (re.compile(r"[-+]?[0-9]+\.[0-9]*0\Z"), "a number without its last zero"),
    (re.compile(r"\d{4}-\d\d?-\d\d?([Tt]|\s+)\d\d?:\d\d.*\Z"), "a time in UTC"),
    (re.compile(r"(=|<<|~)\Z"), "something else"),
)
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Document:
    """Plain data, the place (line, column, from 1) of every key and value, and the faults of the text."""

    data: Any = None
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def mark(self, path: Path) -> tuple[int, int]:
        """The place of a path, or of the nearest thing above it that the document has."""
        steps: Path = ()
        place = self.marks.get((), (1, 1))
        for step in path:
            # Models put names of their own into a path; those are not in the document and are passed over.
            if (*steps, step) in self.marks:
                steps = (*steps, step)
                place = self.marks[steps]
        return place


def _at(mark: Any) -> dict[str, Any]:
    return {"line": mark.line + 1, "column": mark.column + 1} if mark is not None else {}


def _events(text: str) -> Iterator[Problem]:
    """Bounds and forbidden features, looked for without building anything (and without recursion)."""
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        place = _at(event.start_mark)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents == 2:
                yield Problem("DR007", **place)
                return
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > MAX_DEPTH:
                yield Problem("DR006", {"why": f"nesting > {MAX_DEPTH}"}, **place)
                return
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        if isinstance(event, yaml.NodeEvent):
            nodes += 1
            if nodes > MAX_NODES:
                yield Problem("DR006", {"why": f"> {MAX_NODES} nodes"}, **place)
                return
            tag = getattr(event, "tag", None)
            if isinstance(event, yaml.AliasEvent) or event.anchor is not None or tag not in (None, "!"):
                yield Problem("DR005", **place)


def read_yaml(raw: bytes) -> Document:
    """Read one YAML document.

    All faults of the text are in ``problems``; ``data`` is ``None`` when it could not be read at all.
    """
    document = Document()
    if len(raw) > MAX_BYTES:
        document.problems.append(Problem("DR006", {"why": f"> {MAX_BYTES} bytes"}))
        return document
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        document.problems.append(Problem("DR010", line=line))
        return document
    try:
        document.problems += _events(text)
        if not any(p.code in ("DR006", "DR007") for p in document.problems):
            node = yaml.compose(text, Loader=_Loader)
            if node is not None and not any(p.code == "DR005" for p in document.problems):
                document.data = _walk(node, (), document)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        why = " ".join(filter(None, (error.context, error.problem)))
        # Since 6.0.4 the parser has a bound of its own, which it may meet before the events that would show the depth.
        code = "DR006" if "nesting depth" in why else "DR002"
        document.problems.append(Problem(code, {"why": why}, **_at(mark)))
        document.problems += _likely_causes(text, error)
        document.data = None
    except yaml.YAMLError as error:
        position = getattr(error, "position", None)
        row = text[:position].count("\n") + 1 if isinstance(position, int) else None
        document.problems.append(Problem("DR002", {"why": str(error).split("\n")[0]}, line=row))
        document.data = None
    return document


_WIDE_SIGN = re.compile(r"^\s*(?:- )?[^\s:'\"#{\[]+(：)|[{\[][^'\"]*?(，)\s*\w+\s*[:：]|^\s*[^'\"#]*:\s+(［|｛)")


def _likely_causes(text: str, error: yaml.MarkedYAMLError) -> Iterator[Problem]:
    """What an author is likely to have done where a text cannot be parsed; the parser often notices it only on a line after."""
    marks = [m for m in (error.context_mark, error.problem_mark) if m is not None]
    noticed = max((m.line for m in marks), default=0)
    lines = text.split("\n")
    for number in range(max(0, noticed - 2), min(noticed + 1, len(lines))):
        found = _WIDE_SIGN.search(lines[number])
        if found:
            sign = found.lastindex or 0
            yield Problem("DR009", {"value": found[sign]}, line=number + 1, column=found.start(sign) + 1)
    suspect = suspect_line("\n".join(lines[: noticed + 1]))
    if suspect is not None:
        column = len(lines[suspect - 1]) - len(lines[suspect - 1].lstrip(" ")) + 1
        yield Problem("DR011", line=suspect, column=column)


def _walk(node: Any, path: Path, document: Document) -> Any:
    place = (node.start_mark.line + 1, node.start_mark.column + 1)
    document.marks.setdefault(path, place)
    if isinstance(node, yaml.MappingNode):
        found: dict[Any, Any] = {}
        first: dict[Any, int] = {}
        for key_node, value_node in node.value:
            line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, yaml.ScalarNode):
                document.problems.append(Problem("DR002", {"why": "a key is not a plain word"}, line=line, column=column))
                continue
            key = _scalar(key_node, path, document)
            if not isinstance(key, (str, int)) or isinstance(key, bool):
                document.problems.append(
                    Problem("DR004", {"value": key_node.value, "meaning": "a value, not a name"}, line=line, column=column)
                )
                continue
            if key in found:
                document.problems.append(Problem("DR003", {"key": key, "line": first[key]}, line=line, column=column))
                continue
            first[key] = line
            document.marks[(*path, key)] = (line, column)
            found[key] = None
            found[key] = _walk(value_node, (*path, key), document)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_walk(child, (*path, i), document) for i, child in enumerate(node.value)]
    return _scalar(node, path, document)


def _scalar(node: Any, path: Path, document: Document) -> Any:
    text: str = node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    place = _at(node.start_mark)
    for trap, meaning in _TRAPS:
        if trap.match(text):
            document.problems.append(Problem("DR004", {"value": text, "meaning": meaning}, **place))
            return text
    if text in ("", "null", "Null", "NULL"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if text.lower() in ("true", "false"):
        document.problems.append(Problem("DR004", {"value": text, "meaning": "true or false"}, **place))
        return text
    if _INT.match(text) and len(text) <= 18:
        return int(text)
    if _FLOAT.match(text):
        return float(text)
    return text
