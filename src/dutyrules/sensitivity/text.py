"""Readings tried, as text for terminals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dutyrules.evaluation import VERDICTS, Verdict
from dutyrules.messages import printable
from dutyrules.reasons import verdict_text
from dutyrules.sensitivity import Hanging, Otherwise, Sensitivity
from dutyrules.sensitivity.document import kept
from dutyrules.textual import heading, names_of, table, window_text
from dutyrules.variants import Choice

__all__ = ["readings_text"]

_WORDS = {
    "counts": (
        "verdicts: {firm} firm, {depends} depend on a reading, {untested} could not be tried in full",
        "结论：{firm} 项稳定，{depends} 项取决于理解，{untested} 项未能试全",
    ),
    "brought": ("obligations that exist only under other readings: {n}", "只在另一种理解下才有的应尽事项：{n} 项"),
    "decided": ("{holder}: {of} = {means}", "{holder}：{of} = {means}"),
    "if": ("  if it meant: {means}", "  若理解为：{means}"),
    "and": ("  together with", "  同时"),
    "none": ("not owed", "无此事项"),
    "change": ("verdict", "结论"),
    "clause": ("clause", "条款"),
    "duty": ("duty", "职责"),
    "subject": ("subject", "对象"),
    "window": ("window", "时段"),
    "bearer": ("bearer", "责任人"),
    "ties": ("other ways", "其他途径"),
    "nobody": ("(nobody)", "（空缺）"),
    "more": ("    … and {n} more (see --all)", "    ……另有 {n} 项（见 --all）"),
    "untried": ("in words only, so that they could not be tried:", "只有文字、无法试算的另一种理解："),
    "capped": (
        "too many ways to read these, so that only up to two readings at a time were tried: {duties}",
        "下列职责的理解组合过多，只试了至多两处同时改变：{duties}",
    ),
}


def _word(key: str, lang: str, **args: object) -> str:
    return _WORDS[key][lang == "zh"].format(**args)


def readings_text(
    sensitivity: Sensitivity, lang: str, columns: int, rows: int | None, only: Iterable[str] | None = None
) -> str:
    """A summary, then each reading that changes a verdict with the verdicts it changes, then what could not be tried.

    ``rows`` is the number of lines each list may take (``None``: all); ``only`` keeps some verdicts.
    """
    names = names_of(sensitivity.evaluation)
    shown = [*kept(sensitivity.obligations, only), *kept(sensitivity.elsewhere, only)]
    lines = [*heading(sensitivity.evaluation, lang), "", _word("counts", lang, **sensitivity.counts())]
    if sensitivity.elsewhere:
        lines.append(_word("brought", lang, n=len(sensitivity.elsewhere)))
    before: Choice | None = None
    for chosen, flips in _by_readings(shown):
        lines += _readings(chosen, before, lang)
        before = chosen[0] if len(chosen) == 1 else None
        lines += _flips(flips, names, lang, columns, rows)
    lines += _untried(shown, lang)
    return "\n".join(printable(line) for line in lines) + "\n"


Flip = tuple[Hanging, Otherwise]


def _by_readings(shown: Sequence[Hanging]) -> list[tuple[tuple[Choice, ...], list[Flip]]]:
    """The flips by the set of readings that gives them: single readings first, in the order of the plan."""
    groups: dict[tuple[Choice, ...], list[Flip]] = {}
    for h in shown:
        for o in h.otherwise:
            groups.setdefault(o.readings, []).append((h, o))

    def place(chosen: tuple[Choice, ...]) -> tuple[object, ...]:
        parts = [(c.held.plan, c.held.part, order[c.held.holder], c.held.number, c.number) for c in chosen]
        return (len(chosen), *parts)

    # The order in which the duties bring them up is that of the plan.
    order: dict[str, int] = {}
    for chosen in groups:
        for c in chosen:
            order.setdefault(c.held.holder, len(order))
    return sorted(groups.items(), key=lambda g: place(g[0]))


def _readings(chosen: Sequence[Choice], before: Choice | None, lang: str) -> list[str]:
    lines = []
    for i, c in enumerate(chosen):
        if i:
            lines.append(_word("and", lang))
        if before is None or before.held != c.held:
            r = c.held.reading
            lines += [] if i else [""]
            lines.append(_word("decided", lang, holder=c.held.holder, of=r.of, means=r.means))
        lines.append(_word("if", lang, means=c.alternative.means))
    return lines


def _grave(verdict: Verdict | None) -> int:
    return len(VERDICTS) if verdict is None else VERDICTS.index(verdict)


def _flips(flips: Sequence[Flip], names: dict[str, str], lang: str, columns: int, rows: int | None) -> list[str]:
    def name(verdict: Verdict | None) -> str:
        return _word("none", lang) if verdict is None else verdict_text(verdict, lang)

    # What would be violated, or would not be any more, comes first.
    ranked = sorted(flips, key=lambda f: (min(_grave(f[0].verdict), _grave(f[1].verdict)), _grave(f[0].verdict)))
    kept_rows = ranked if rows is None else ranked[:rows]
    body = []
    for h, o in kept_rows:
        of = h.obligation
        bearer = names.get(of.bearer, of.bearer) if of.bearer else _word("nobody", lang)
        ties = str(o.ties) if o.ties else ""
        change = f"{name(h.verdict)} → {name(o.verdict)}"
        body.append([f"    {change}", of.clause, of.duty, names.get(of.subject, of.subject), window_text(of), bearer, ties])
    head = [_word(k, lang) for k in ("change", "clause", "duty", "subject", "window", "bearer", "ties")]
    head[0] = "    " + head[0]
    lines = table(head, body, (30, 8, 24, 16, 24, 14), columns)
    return lines if len(body) == len(flips) else [*lines, _word("more", lang, n=len(flips) - len(body))]


def _untried(shown: Sequence[Hanging], lang: str) -> list[str]:
    words = {c: None for h in shown for c in h.untried}
    lines = ["", _word("untried", lang)] if words else []
    lines += [f"  {c.held.holder}: {c.held.reading.of} = {c.alternative.means}" for c in words]
    capped = sorted({h.obligation.duty for h in shown if h.capped})
    if capped:
        lines += ["", _word("capped", lang, duties=", ".join(capped))]
    return lines
