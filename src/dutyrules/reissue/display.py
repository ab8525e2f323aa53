"""A comparison and an impact for people: text for a terminal, and Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dutyrules.evaluation import Obligation
from dutyrules.messages import printable
from dutyrules.reasons import unit_text, verdict_text
from dutyrules.reissue.comparison import Diff, Item
from dutyrules.reissue.impact import Impact, Load, Pair
from dutyrules.reissue.words import EFFECTS, effect_text, part_text, sentence
from dutyrules.textual import table, width

__all__ = ["diff_markdown", "diff_text", "impact_markdown", "impact_text", "markdown_cell", "wrapped"]

_LEAST = 24
_HEADS = {
    "loads": ("person", "month", "obligations", "acts"),
    "appear": ("duty", "subject", "window", "bearer", "owed"),
    "vanish": ("duty", "subject", "window", "bearer", "owed"),
    "moved": ("duty", "subject", "bearer", "window", "owed"),
    "verdict": ("duty", "subject", "bearer", "window", "verdict_head"),
}


# ---------------------------------------------------------------------------------------------------------------- diff


def _totals(d: Diff, lang: str) -> list[str]:
    """How many duties of each kind, then the other items by part."""
    if not d.items:
        return [sentence("nothing", lang)]
    comma = sentence("and", lang)
    duties = Counter(str(i.kind) for i in d.items if i.part == "duty")
    lines = [] if d.changes_meaning else [sentence("no_change", lang)]
    if duties:
        each = comma.join(sentence("of_each", lang, kind=effect_text(k, lang), n=duties[k]) for k in EFFECTS if duties[k])
        lines.append(sentence("duties", lang, duties=each))
    others = Counter((i.part, i.kind) for i in d.items if i.part not in ("duty", "tests"))
    said = [f"{part_text(part, lang)} {effect_text(kind, lang)} {n}" for (part, kind), n in others.items()]
    said += [i.text.text(lang) for i in d.items if i.part == "tests"]
    return lines + ([sentence("others", lang, others=comma.join(said))] if said else [])


def _named(item: Item, lang: str) -> str:
    return item.name if item.part == "duty" else f"{part_text(item.part, lang)} {item.name}"


def _in_order(items: Iterable[Item]) -> list[Item]:
    """Duties first, and what asks for more before what only reads otherwise."""
    order = list(EFFECTS)
    return sorted((i for i in items if i.part != "tests"), key=lambda i: (i.part != "duty", order.index(i.kind)))


def diff_text(d: Diff, lang: str, columns: int, rows: int | None) -> str:
    """A comparison for a terminal: totals, what should be looked at, then a table; ``rows`` ``None``: all of it."""
    lines = [printable(f"{d.old.id} → {d.new.id}")]
    for total in _totals(d, lang):
        lines += wrapped(total, columns)
    if d.findings:
        lines += ["", sentence("findings_head", lang)]
        lines += [line for f in d.findings for line in wrapped(f"{f.code} {f.text.text(lang)}", columns, "  ")]
    items = _in_order(d.items)
    quiet = [i for i in items if i.kind == "reworded"] if rows is not None else []
    told = [i for i in items if i not in quiet]
    if told:
        body = _table(told, lang, columns)
        kept = body if rows is None else body[: max(6, rows - len(lines)) + 1]
        lines += ["", *kept]
        if len(kept) < len(body):
            lines.append(sentence("more_lines", lang, n=len(body) - len(kept)))
    if quiet:
        names = sentence("and", lang).join(_named(i, lang) for i in quiet)
        lines += ["", *wrapped(sentence("reworded_only", lang, names=names), columns)]
    return "\n".join(lines) + "\n"


def _table(items: Sequence[Item], lang: str, columns: int) -> list[str]:
    """A table whose last column goes on over several lines, so that no value is cut off."""
    head = [sentence("kind", lang), sentence("clause", lang), sentence("name", lang), sentence("told_head", lang)]
    cells = [(effect_text(i.kind, lang), ", ".join(i.clauses), _named(i, lang), i.told.text(lang) if i.told else "") for i in items]
    sizes = [min(limit, max(width(printable(c[n])) for c in cells)) for n, limit in enumerate((12, 16, 36))]
    last = max(_LEAST, columns - sum(sizes) - 6)
    rows = []
    for *first, told in cells:
        parts = wrapped(told, last) or [""]
        rows += [[*first, parts[0]], *(["", "", "", more] for more in parts[1:])]
    return table(head, rows, (12, 16, 36), columns)


def diff_markdown(d: Diff, lang: str) -> str:
    """A comparison as Markdown; no text of a plan has a meaning in it."""
    lines = [f"# {_md(d.old.title.text(lang))} → {_md(d.new.title.text(lang))}", ""]
    lines += [line for total in _totals(d, lang) for line in (_md(total), "")]
    if d.findings:
        lines += [f"## {sentence('findings', lang)}", "", *(f"- {f.code} {_md(f.text.text(lang))}" for f in d.findings), ""]
    items = _in_order(d.items)
    if items:
        head = [sentence(k, lang) for k in ("kind", "clause", "name", "told_head")]
        cells = [
            [effect_text(i.kind, lang), ", ".join(i.clauses), _named(i, lang), i.told.text(lang) if i.told else ""] for i in items
        ]
        lines += _markdown_table(head, cells)
    return "\n".join(lines).rstrip() + "\n"


# -------------------------------------------------------------------------------------------------------------- impact


def _names(i: Impact) -> dict[str, str]:
    roster = i.after.inputs.roster
    return {x.id: x.name for group in (roster.areas, roster.objects, roster.persons) for x in group if x.name}


def _intro(i: Impact, lang: str) -> list[str]:
    old, new = i.before.inputs.plans[0].plan, i.after.inputs.plans[-1].plan
    how = sentence("in_turn" if i.in_turn else "alone", lang, old=old.id, new=new.id, day=new.in_force.from_)
    totals = sentence(
        "impact_totals", lang, before=len(i.before.obligations), after=len(i.after.obligations), appear=len(i.appear),
        vanish=len(i.vanish), moved=len(i.moved), verdict=len(i.judged_otherwise), unchanged=len(i.unchanged),
    )  # fmt: skip
    return [totals, how, sentence("asked", lang, as_of=i.as_of, until=i.until)]


def _both_windows(a: Obligation, b: Obligation) -> str:
    """Two windows; what they share is said once."""
    if a.trigger is None and b.trigger is None and a.window.from_ == b.window.from_:
        ends = [str(w.through or "…") for w in (a.window, b.window)]
        return f"{a.window.from_} .. {_from_to(*ends)}"
    return _from_to(_window(a), _window(b))


def _window(o: Obligation) -> str:
    if o.trigger is not None:
        return o.window.start.strftime("%Y-%m-%d %H:%M") + " →"
    return f"{o.window.from_} .. {o.window.through or ''}".strip()


def _owed(o: Obligation, lang: str) -> str:
    if o.required is None:
        return ""
    return ("?" if o.required.count is None else str(o.required.count)) + unit_text(o.required.unit, lang)


def _from_to(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _sections(i: Impact, lang: str) -> list[tuple[str, int, list[list[str]]]]:
    """Each list of an impact: its key, how long it is, its rows."""
    names = _names(i)

    def person(who: str | None) -> str:
        return names.get(who, who) if who else sentence("nobody", lang)

    def one(o: Obligation) -> list[str]:
        return [o.duty, names.get(o.subject, o.subject), _window(o), person(o.bearer), _owed(o, lang)]

    def pair(p: Pair, last: Callable[[Obligation], str]) -> list[str]:
        a, b = p.before, p.after
        who = _from_to(person(a.bearer), person(b.bearer))
        return [b.duty, names.get(b.subject, b.subject), who, _both_windows(a, b), _from_to(last(a), last(b))]

    def load(x: Load) -> list[str]:
        month = x.month or sentence("no_deadline", lang)
        counts = ((x.obligations_before, x.obligations_after), (x.acts_before, x.acts_after))
        return [person(x.person), month, *(_from_to(str(a), str(b)) for a, b in counts)]

    loads = [x for x in i.loads if (x.obligations_before, x.acts_before) != (x.obligations_after, x.acts_after)]
    loads.sort(key=lambda x: -abs(x.obligations_after - x.obligations_before) - abs(x.acts_after - x.acts_before))
    lists: list[tuple[str, list[list[str]]]] = [
        ("loads", [load(x) for x in loads]),
        ("appear", [one(o) for o in i.appear]),
        ("vanish", [one(o) for o in i.vanish]),
        ("moved", [pair(p, lambda o: _owed(o, lang)) for p in i.moved]),
        ("verdict", [pair(p, lambda o: verdict_text(o.verdict, lang)) for p in i.judged_otherwise]),
    ]
    return [(key, len(rows), rows) for key, rows in lists if rows]


def impact_text(i: Impact, lang: str, columns: int, rows: int | None) -> str:
    """An impact for a terminal: totals, who has more or less to do, and each list as far as a screen allows."""
    lines = [line for said in _intro(i, lang) for line in wrapped(said, columns)]
    sections = _sections(i, lang)
    share = None if rows is None else max(3, (rows - len(lines)) // max(1, len(sections)) - 4)
    for key, n, body in sections:
        shown = body if share is None else body[:share]
        lines += ["", sentence("heading", lang, title=sentence(key, lang), n=n)]
        lines += table([sentence(k, lang) for k in _HEADS[key]], shown, (26, 16, 26, 40)[: len(_HEADS[key]) - 1], columns)
        if len(shown) < n:
            lines.append(sentence("more", lang, n=n - len(shown)))
    return "\n".join(lines) + "\n"


def impact_markdown(i: Impact, lang: str, rows: int | None) -> str:
    """An impact as Markdown; no text of a plan or roster has a meaning in it."""
    titles = [e.inputs.plans[k].plan.title.text(lang) for e, k in ((i.before, 0), (i.after, -1))]
    lines = [f"# {_md(titles[0])} → {_md(titles[1])}", ""]
    lines += [line for said in _intro(i, lang) for line in (_md(said), "")]
    for key, n, body in _sections(i, lang):
        shown = body if rows is None else body[:rows]
        lines += [f"## {sentence(key, lang)} ({n})", ""]
        lines += _markdown_table([sentence(k, lang) for k in _HEADS[key]], shown)
        lines += ["", *([sentence("more", lang, n=n - len(shown)), ""] if len(shown) < n else [])]
    return "\n".join(lines).rstrip() + "\n"


# ---------------------------------------------------------------------------------------------------------------- text


def wrapped(text: str, columns: int, indent: str = "") -> list[str]:
    """A text in lines of at most so many columns: broken at blanks, or between wide characters."""
    lines: list[str] = []
    line, longest = indent, max(8, columns - 2 * len(indent))
    # A mark that closes stays with what it closes.
    pieces = rf" ?(?:[^\s\u2e80-\uffef]{{1,{longest}}}|[\u2e80-\uffef])[，。、；：）》】]?"
    for piece in re.findall(pieces, " ".join(printable(text).split())):
        if line.strip() and width(line + piece) > columns:
            lines.append(line)
            line = indent * 2
        line += piece if line.strip() else piece.strip()
    return [*lines, line] if line.strip() else lines


_SPECIAL = re.compile(r"([\\`*_\[\]|~])")


def markdown_cell(text: str) -> str:
    """A text that Markdown shows as it stands: no markup, no HTML, no links, on one line."""
    text = " ".join(printable(text).split())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _SPECIAL.sub(r"\\\1", text)
    # Bare addresses would become links by themselves.
    return text.replace("://", "&#58;//").replace("www.", "www&#46;").replace("@", "&#64;")


_md = markdown_cell


def _markdown_table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return lines + ["| " + " | ".join(_md(str(cell)) for cell in row) + " |" for row in rows]
