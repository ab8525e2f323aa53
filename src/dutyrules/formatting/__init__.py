"""One form for the files of the notation: order of keys and spacing, and nothing else.

Comments, quotes, the wording of every scalar, the choice between blocks and braces, and the order of whatever the author named
stay as they are. The result is compared with the original before it is given out.
"""

from __future__ import annotations

import re
from collections import Counter

import yaml

from dutyrules.errors import InputError, Problem
from dutyrules.formatting.layout import laid_out
from dutyrules.formatting.orders import ordered, shape_of
from dutyrules.formatting.parts import Unsupported, comments_of, parts_of
from dutyrules.rewriting import BOM, LOADER, same
from dutyrules.yamlfile import read_yaml

__all__ = ["format_text"]

_DOCUMENT_MARK = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*---[ \t]*\n")
_BLANKS_AT_END = re.compile(r"[ \t]+(?=\n)|\A\n+|(?<=\n\n)\n+")


def format_text(text: str) -> str:
    """A plan, roster, waivers or tests file in canonical order and spacing.

    Formatting it again changes nothing. A byte order mark stays.

    Raises:
        InputError: the text has faults of YAML form; it is no file of the notation; or it holds something that cannot be laid
            out otherwise without a change of meaning (``DR022``, ``DR024``), and is better left as it is.
    """
    bom = BOM if text.startswith(BOM) else ""
    text = text.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")
    read = read_yaml(text.encode("utf-8", "surrogatepass"))
    if read.problems:
        raise InputError(read.problems)
    shape = shape_of(read.data) if isinstance(read.data, dict) else None
    if shape is None:
        raise InputError([Problem("DR023", line=1)])
    # What stands above `---` stays above it, as does the mark.
    begin = mark.end() if (mark := _DOCUMENT_MARK.match(text)) else 0
    try:
        parts, above = parts_of(text[begin:], read.data)
    except Unsupported as form:
        raise InputError([Problem("DR024", line=text.count("\n", 0, begin + form.at) + 1)]) from None
    found = _BLANKS_AT_END.sub("", text[:begin]) + laid_out(parts, above, shape)
    again = read_yaml(found.encode("utf-8", "surrogatepass"))
    if again.problems or not same(again.data, ordered(read.data, shape)) or _comments(found) != _comments(text):
        raise InputError([Problem("DR022", line=1)])
    return bom + found


def _comments(text: str) -> Counter[str]:
    lines = [line for c in comments_of(text, yaml.compose(text, Loader=LOADER)) for line in (c.text, *c.more)]
    return Counter(lines)
