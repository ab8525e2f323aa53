"""Plain text for terminals: tables aligned for Chinese, and the words of the command line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from dutyrules.evaluation import Evaluation, Obligation
from dutyrules.explanation import Explanation
from dutyrules.history import Record
from dutyrules.messages import printable
from dutyrules.reasons import clock_text, cut_text, near_text, reason_text, verdict_text

if TYPE_CHECKING:
    from dutyrules.sensitivity import Sensitivity

__all__ = ["evaluation_text", "explanation_text", "fit", "heading", "names_of", "record_text", "table", "upcoming_text", "width", "window_text"]

_LAST = 24
_WORDS = {
    "summary": ("obligations: {total} ({each}); violations: {breaches}", "应尽事项 {total} 项（{each}）；违反 {breaches} 处"),
    "clause": ("clause", "条款"),
    "duty": ("duty", "职责"),
    "subject": ("subject", "对象"),
    "window": ("window", "时段"),
    "bearer": ("bearer", "责任人"),
    "reason": ("reason", "理由"),
    "verdict": ("verdict", "结论"),
    "deadline": ("deadline", "截止"),
    "nobody": ("(nobody)", "（空缺）"),
    "as_of": ("as of", "截至"),
    "known_at": ("known at", "所知截至"),
    "assumed": (
        "nothing is said of completeness: the records are taken as complete through then",
        "未说明记录是否完整：视为截至该时点完整",
    ),
    "complete": ("records complete through", "记录完整至"),
    "later": ("… and {n} later ones", "……另有 {n} 项更晚到期"),
    "open_and_coming": ("{open} open with a deadline, {coming} beginning", "有期限未完成 {open} 项，即将开始 {coming} 项"),
    "more": ("… and {n} more (see --format json, --format csv or --all)", "……另有 {n} 项（见 --format json、--format csv 或 --all）"),
    "vacant": ("vacant posts", "空缺岗位"),
    "since": ("since", "自"),
    "none": ("none", "无"),
    "next": ("due next", "即将到期"),
    "first": ("due first", "最先到期"),
    "evidence": ("records that counted", "计入的记录"),
    "near": ("near misses", "差一点计入的记录"),
    "trigger": ("trigger", "触发记录"),
    "layers": ("limits of the window", "时段的限制"),
    "reading": ("reading", "理解"),
    "firm": ("firm", "稳定"),
    "depends": ("depends", "取决于理解"),
    "untested": ("untested", "未能试全"),
    "firmness": (
        "verdicts: firm {firm}, depending on a reading {depends}, not tried in full {untested} (see `dutyrules readings`)",
        "结论：稳定 {firm} 项，取决于理解 {depends} 项，未能试全 {untested} 项（见 dutyrules readings）",
    ),
    "open": ("open", "不限"),
    "breach": ("breach", "违反时段"),
    "plan": ("the plan's force", "方案生效期"),
    "scope": ("the object's time in scope", "对象在管时段"),
    "tenure": ("tenure", "任期"),
    "waiver": ("what waivers leave", "豁免以外时段"),
    "pieces": ("pieces", "各段"),
    "starts": ("starts", "开始"),
    "undecidable": ("clauses that records cannot decide: {n} (see the plan)", "记录不能判定的条款：{n} 条（见方案）"),
}


def word(key: str, lang: str, **args: object) -> str:
    """A word or sentence of the command line."""
    return _WORDS[key][lang == "zh"].format(**args)


def width(text: str) -> int:
    """Columns a text takes in a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fit(text: str, columns: int) -> str:
    """A text cut or padded to a number of columns."""
    text = printable(text).replace("\n", " ")
    if width(text) > columns:
        kept, used = "", 0
        for c in text:
            w = width(c)
            if used + w > columns - 1:
                break
            kept, used = kept + c, used + w
        text = kept + "…"
    return text + " " * (columns - width(text))


def table(head: Sequence[str], rows: Iterable[Sequence[str]], limits: Sequence[int], total: int) -> list[str]:
    """Lines of a table; each column as wide as it needs up to its limit, the last gets what is left of ``total``."""
    body = [[printable(cell).replace("\n", " ") for cell in row] for row in rows]
    sizes = [min(limit, max(width(r[i]) for r in [list(head), *body])) for i, limit in enumerate(limits)]
    # The last column keeps a readable width; where the others leave less, the widest of them give way.
    room = total - _LAST - 2 * len(sizes)
    while sum(sizes) > room and max(sizes) > 8:
        sizes[sizes.index(max(sizes))] -= 1
    sizes.append(max(_LAST, total - sum(sizes) - 2 * len(sizes)))
    return ["  ".join(fit(c, s) for c, s in zip(row, sizes, strict=True)).rstrip() for row in [list(head), *body]]


def window_text(o: Obligation) -> str:
    """The days of a window."""
    if o.trigger is not None:
        return o.window.start.strftime("%Y-%m-%d %H:%M") + " →"
    through = o.window.through.isoformat() if o.window.through else "…"
    return f"{o.window.from_.isoformat()} .. {through}"


def _row(o: Obligation, names: dict[str, str], lang: str, with_end: bool = True) -> list[str]:
    why = reason_text(o, lang, with_end) + (f"; {cut_text(o.window.cut, lang)}" if o.window.cut else "")
    bearer = names.get(o.bearer, o.bearer) if o.bearer else word("nobody", lang)
    return [o.clause, o.duty, names.get(o.subject, o.subject), window_text(o), bearer, why]


def names_of(evaluation: Evaluation) -> dict[str, str]:
    """The names that the roster gives, by id."""
    roster = evaluation.inputs.roster
    return {x.id: x.name for group in (roster.areas, roster.objects, roster.persons) for x in group if x.name}


def evaluation_text(
    evaluation: Evaluation, lang: str, columns: int, rows: int | None, only: Iterable[str] | None = None,
    coming: Sequence[Obligation] | None = None, readings: Sensitivity | None = None,
) -> str:  # fmt: skip
    """An evaluation for a terminal: the violations (or the verdicts asked for), the counts, and a summary line.

    ``rows`` is the number of lines the list may take (``None``: all); ``coming`` (what begins soon) asks for the next deadlines;
    ``readings`` says of each whether it hangs on a reading.
    """
    names = names_of(evaluation)
    lines = heading(evaluation, lang)
    wanted = list(only) if only else ["violated", "cannot_be_met", "unknown"]
    shown = [o for o in evaluation.obligations if o.verdict in wanted]
    shown.sort(key=lambda o: (wanted.index(o.verdict), o.window.start, o.id))
    keys = ["verdict", "clause", "duty", "subject", "window", "bearer", "reason"]
    limits = [13, 8, 24, 16, 24, 14]
    body = [[verdict_text(o.verdict, lang), *_row(o, names, lang)] for o in shown[: rows if rows is not None else len(shown)]]
    if readings is not None:
        keys.insert(1, "reading")
        limits.insert(1, 10)
        for row, o in zip(body, shown, strict=False):
            row.insert(1, word(readings.of(o.id).firmness, lang))
    if len({o.verdict for o in shown}) == 1:
        # A column that says the same in every row is said once, above.
        lines += ["", f"{verdict_text(shown[0].verdict, lang)}:"]
        keys, limits, body = keys[1:], limits[1:], [row[1:] for row in body]
    elif shown:
        lines.append("")
    if shown:
        lines += table([word(k, lang) for k in keys], body, limits, columns)
        if len(body) < len(shown):
            lines.append(word("more", lang, n=len(shown) - len(body)))
    if coming is not None:
        lines += ["", word("next", lang) + ":", *_due(evaluation, coming, names, lang, columns, 6)]
    lines += ["", *_footer(evaluation, names, lang)]
    if readings is not None:
        lines.insert(-1, word("firmness", lang, **readings.counts()))
    return "\n".join(lines) + "\n"


def heading(evaluation: Evaluation, lang: str) -> list[str]:
    """What was evaluated, and as of when."""
    titles = "; ".join(p.plan.title.text(lang) for p in evaluation.inputs.plans)
    as_of = evaluation.inputs.as_of
    lines = [printable(titles), f"{word('as_of', lang)} {as_of}"]
    if evaluation.inputs.known_at is not None:
        lines[-1] += f", {word('known_at', lang)} {evaluation.inputs.known_at}"
    if evaluation.complete:
        parts = (f"{k} {evaluation.zone.to_datetime(v - 1).date()}" for k, v in sorted(evaluation.complete.items()))
        lines[-1] += f"; {word('complete', lang)}: {printable(', '.join(parts))}"
    else:
        lines[-1] += f"; {word('assumed', lang)}"
    return lines


def _footer(evaluation: Evaluation, names: dict[str, str], lang: str) -> list[str]:
    lines = []
    if evaluation.vacancies:
        parts = [
            f"{v.role} @ {names.get(v.object or '', v.object)} {v.from_} .. {v.through or ''}".strip()
            for v in evaluation.vacancies[:3]
        ]
        more = f" (+{len(evaluation.vacancies) - 3})" if len(evaluation.vacancies) > 3 else ""
        lines.append(printable(f"{word('vacant', lang)}: {'; '.join(parts)}{more}"))
    undecidable = sum(len(p.clauses) for p in evaluation.inputs.plans)
    if undecidable:
        lines.append(word("undecidable", lang, n=undecidable))
    counts = evaluation.counts()
    each = ("，" if lang == "zh" else ", ").join(f"{verdict_text(v, lang)} {n}" for v, n in counts.items())
    total, breaches = len(evaluation.obligations), len(evaluation.violations)
    lines.append(word("summary", lang, total=total, each=each or word("none", lang), breaches=breaches))
    return lines


def _due(
    evaluation: Evaluation, coming: Sequence[Obligation], names: dict[str, str], lang: str, columns: int, rows: int | None
) -> list[str]:
    """A table of what is open now and of what is coming, in order of deadline."""
    open_now = [o for o in evaluation.obligations if o.verdict in ("pending", "cannot_be_met") and o.required and o.deadline]
    both = sorted([*open_now, *(o for o in coming if o.deadline)], key=lambda o: (o.deadline, o.id))
    head = [word(k, lang) for k in ("deadline", "starts", "clause", "duty", "subject", "bearer", "reason")]
    body = []
    for o in both[: rows if rows is not None else len(both)]:
        clause, duty, subject, _, bearer, why = _row(o, names, lang, with_end=False)
        assert o.deadline is not None
        body.append([clock_text(o.deadline), o.window.from_.isoformat(), clause, duty, subject, bearer, why])
    lines = table(head, body, (16, 10, 8, 24, 16, 14), columns)
    if len(body) < len(both):
        lines.append(word("later", lang, n=len(both) - len(body)))
    return lines


def upcoming_text(evaluation: Evaluation, upcoming: Sequence[Obligation], lang: str, columns: int, rows: int | None) -> str:
    """What is open now and what begins by a date, in order of deadline."""
    lines = [*heading(evaluation, lang), "", *_due(evaluation, upcoming, names_of(evaluation), lang, columns, rows)]
    open_now = sum(o.verdict in ("pending", "cannot_be_met") and o.deadline is not None for o in evaluation.obligations)
    lines += ["", word("open_and_coming", lang, open=open_now, coming=len(upcoming))]
    return "\n".join(lines) + "\n"


def record_text(r: Record) -> str:
    """A record in one line."""
    parts = [r.id, str(r.time), r.event, ";".join(r.objects) or (r.area or ""), "by " + ";".join(r.by) if r.by else ""]
    parts += [f"{k}={v}" for k, v in r.attributes.items()]
    if r.recorded_at is not None:
        parts.append(f"recorded {r.recorded_at}")
    return printable("  ".join(p for p in parts if p))


def explanation_text(e: Explanation, lang: str) -> str:
    """An explanation in lines."""
    o = e.obligation
    through = o.window.through or "…"
    cut = f" ({cut_text(o.window.cut, lang)})" if o.window.cut else ""
    lines = [
        o.id,
        f"  {word('clause', lang)} {o.clause}: {e.summary.text(lang)}",
        f"  {word('verdict', lang)}: {verdict_text(o.verdict, lang)} — {reason_text(o, lang)}",
        f"  {word('window', lang)}: {o.window.from_} .. {through}{cut}",
        f"  {word('deadline', lang)}: {clock_text(o.deadline) if o.deadline else '—'}",
    ]
    bearers = [f"{b.person} {b.from_ or ''}..{b.through or ''}" for b in o.bearers]
    lines.append(f"  {word('bearer', lang)}: {o.bearer or word('nobody', lang)}" + (f" ({'; '.join(bearers)})" if bearers else ""))
    for h in e.readings:
        own = (h.part, h.name) == ("duties", o.duty)
        r, where = h.reading, "" if own else f" ({h.holder})"
        lines.append(f"  {word('reading', lang)}{where}: {r.of} = {r.means}" + (f" ({r.decided_by})" if r.decided_by else ""))
    if len(e.pieces) > 1:
        lines.append(f"  {word('pieces', lang)}: " + "; ".join(f"{a:%Y-%m-%d %H:%M} .. {'' if b is None else f'{b:%Y-%m-%d %H:%M}'}" for a, b in e.pieces))
    if e.layers:
        lines.append(f"  {word('layers', lang)}:")
        for layer in e.layers:
            lines.append(f"    {word(layer.name, lang)}: {layer.from_ or word('open', lang)} .. {layer.through or word('open', lang)}")
    if e.trigger is not None:
        lines += [f"  {word('trigger', lang)}:", f"    {record_text(e.trigger)}"]
    for v in e.violations:
        lines.append(f"  {word('breach', lang)}: {v.from_:%Y-%m-%d %H:%M} .. {'' if v.until is None else f'{v.until:%Y-%m-%d %H:%M}'}".rstrip())
    lines.append(f"  {word('evidence', lang)}: {len(e.evidence) or word('none', lang)}")
    lines += [f"    {record_text(r)}" for r in e.evidence]
    lines.append(f"  {word('near', lang)}: {len(e.near_misses) or word('none', lang)}")
    lines += [f"    {record_text(n.record)}  [{n.code}: {near_text(n.code, lang)}]" for n in e.near_misses]
    return "\n".join(printable(line) for line in lines) + "\n"
