"""The command that reads duties back: ``read``."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dutyrules.cli.common import Add, columns

if TYPE_CHECKING:
    from dutyrules.plan import Plan
    from dutyrules.reading import Reading

__all__ = ["add"]

_WORDS = {
    "summary": ("summary", "概要"),
    "reading": ("reading", "理解"),
    "else": ("or else", "另一种理解"),
    "by": ("decided by", "决定者"),
    "clause": ("Clause", "条款"),
    "duty": ("Duty", "职责"),
    "plan": ("The plan's own words", "方案原文"),
    "rules": ("What the rules say", "规则读作"),
    "agree": ("Agrees?", "是否一致"),
    "readings": ("Readings", "对含糊用语的理解"),
    "how": (
        "Copy the plan's own words beside each duty, compare, and write yes or no. The sentences are made from the rules; the readings are the author's.",
        "请在每项职责旁抄录方案原文，逐项比对，填“是”或“否”。规则读作一栏由规则生成；理解一栏是编者所写。",
    ),
}


def add(command: Add) -> None:
    """Add the command."""
    read = command("read", _read, "read the duties of a plan back as sentences", "把方案中的职责逐项读作一句话")
    read.add_argument("plan", metavar="PLAN")
    read.add_argument("duties", nargs="*", metavar="DUTY")
    read.add_argument("--both", action="store_true", help="in both languages / 中英文都给出")
    read.add_argument("--format", choices=("text", "markdown", "json"), default="text")


def _read(args: argparse.Namespace) -> int:
    from dutyrules.loading import load_plan

    plan = load_plan(args.plan)
    duties = _chosen(plan, args.duties)
    langs = ("zh", "en") if args.both else (args.lang,)
    if args.format == "json":
        print(json.dumps([_document(plan, d, langs) for d in duties], ensure_ascii=False, indent=1))
    elif args.format == "markdown":
        sys.stdout.write(_markdown(plan, duties, langs))
    else:
        sys.stdout.write("\n".join(_text(plan, d, langs, columns()) for d in duties))
    return 0


def _chosen(plan: Plan, names: Sequence[str]) -> list[str]:
    """The duties named, each once, or all; an unknown name is told with the nearest."""
    from difflib import get_close_matches

    from dutyrules.errors import InputError, Problem

    problems = []
    for name in dict.fromkeys(names):
        if name not in plan.duties:
            near = get_close_matches(name, plan.duties, n=1, cutoff=0.4)
            problems.append(Problem("DR412", {"value": name, "near": near[0] if near else ""}))
    if problems:
        raise InputError(problems)
    return list(dict.fromkeys(names)) or list(plan.duties)


def _word(key: str, langs: Sequence[str]) -> str:
    return " / ".join(_WORDS[key][lang == "zh"] for lang in langs)


def _reading(r: Reading) -> dict[str, Any]:
    return {
        "of": r.of, "means": r.means, "decided_by": r.decided_by, "decided": r.decided and r.decided.isoformat(),
        "because": r.because and r.because.model_dump(exclude_none=True), "alternatives": [a.means for a in r.alternatives],
    }  # fmt: skip


def _document(plan: Plan, name: str, langs: Sequence[str]) -> dict[str, Any]:
    from dutyrules.sentences import sentence

    duty = plan.duties[name]
    return {
        "id": name,
        "clause": duty.clause,
        "summary": duty.summary.model_dump(exclude_none=True),
        "sentence": {lang: sentence(plan, name, lang) for lang in langs},
        "readings": [_reading(r) for r in duty.reading],
    }


# ----------------------------------------------------------------------------------------------------------------- text


def _text(plan: Plan, name: str, langs: Sequence[str], total: int) -> str:
    from dutyrules.messages import printable
    from dutyrules.sentences import sentence

    duty = plan.duties[name]
    colon = "：" if tuple(langs) == ("zh",) else ": "
    lines = [printable(f"{name}  {duty.clause}")]
    for summary in dict.fromkeys(duty.summary.text(lang) for lang in langs):
        lines += _wrapped(f"{_word('summary', langs)}{colon}", summary, total)
    for lang in langs:
        lines += _wrapped("  → ", sentence(plan, name, lang), total)
    for r in duty.reading:
        lines += _wrapped(f"{_word('reading', langs)}{colon}", _reading_text(r, langs), total)
    return "\n".join(lines) + "\n"


def _reading_text(r: Reading, langs: Sequence[str]) -> str:
    """The word, what it was taken to mean, by whom, and what else it could mean."""
    of, by, other = ("{} = {}", " ({} {})", "; {}: {}") if tuple(langs) == ("en",) else ("“{}”：{}", "（{}：{}）", "；{}：{}")
    told = of.format(r.of, r.means) + (by.format(_word("by", langs), r.decided_by) if r.decided_by else "")
    return told + "".join(other.format(_word("else", langs), a.means) for a in r.alternatives)


def _wrapped(mark: str, text: str, total: int) -> list[str]:
    """A text in lines that fit, the first after its mark, all others under it; Chinese may break between any two signs."""
    from dutyrules.messages import printable
    from dutyrules.textual import width

    mark = mark if mark.startswith(" ") else "  " + mark
    room, indent = total - width(mark), " " * width(mark)
    lines, line = [], ""
    for piece in _pieces(printable(" ".join(text.split()))):
        if line and width(line + piece.rstrip()) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    lines.append(line.rstrip())
    return [(indent if i else mark) + part for i, part in enumerate(lines)]


# What may not begin or end a line in Chinese stays with its neighbour.
_PIECES = re.compile(r"[（“《〔]*(?:\d+[\u2e80-\uffef]|[^\s\u2e80-\uffef“”]+|[\u2e80-\uffef])[，。；：、）”》〕]*\s*|\S\s*")


def _pieces(text: str) -> Iterator[str]:
    """The smallest parts of a text between which a line may end."""
    yield from (m[0] for m in _PIECES.finditer(text))


# ------------------------------------------------------------------------------------------------------------- markdown


def _markdown(plan: Plan, duties: Sequence[str], langs: Sequence[str]) -> str:
    """A sheet for proof-reading: the plan's own words are left blank, to be filled in and compared."""
    from dutyrules.sentences import sentence

    titles = dict.fromkeys(plan.plan.title.text(lang) for lang in langs)
    head = [_word(k, langs) for k in ("clause", "duty", "plan", "rules", "readings", "agree")]
    lines = [f"# {' / '.join(map(_cell, titles))}", ""]
    lines += [_WORDS["how"][lang == "zh"] for lang in langs]
    lines += ["", _row(head), _row(["---"] * len(head))]
    for name in duties:
        duty = plan.duties[name]
        sentences = "<br>".join(_cell(sentence(plan, name, lang)) for lang in langs)
        readings = "<br>".join(_cell(_reading_text(r, langs)) for r in duty.reading)
        lines.append(_row([_cell(duty.clause), _cell(name), "", sentences, readings, ""]))
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """A text that Markdown shows as it is: no markup, no HTML, no end of the cell."""
    from dutyrules.messages import printable

    plain = printable(" ".join(text.split())).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    plain = re.sub(r"([\\`*_\[\]#|~$])", r"\\\1", plain).replace("@", "&#64;")
    # A bare address would become a link by itself; its sign is written so that only the reader sees it.
    return re.sub(r"(?i)(https?|ftp|mailto|xmpp):", r"\1&#58;", re.sub(r"(?i)(www)\.", r"\1&#46;", plain))
