"""Readings tried, as text for terminals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dutyrules.evaluation import VERDICTS, Obligation, Verdict
from dutyrules.messages import printable
from dutyrules.reasons import verdict_text
from dutyrules.sensitivity import Hanging, Otherwise, Sensitivity
from dutyrules.textual import heading, names_of, table, window_text
from dutyrules.variants import Choice, choices

__all__ = ["readings_text"]

_WORDS = {
    "counts": (
        "verdicts: firm {firm}, depending on a reading {depends}, not tried in full {untested}",
        "结论：稳定 {firm} 项，取决于理解 {depends} 项，未能试全 {untested} 项",
    ),
    "brought": ("obligations that exist only under other readings: {n}", "只在另一种理解下才有的应尽事项：{n} 项"),
    "decided": ("{holder}: {of} = {means}", "{holder}：{of} = {means}"),
    "if": ("  if it meant: {means}", "  若理解为：{means}"),
    "and": ("  together with", "  同时"),
    "none": ("not owed", "无此事项"),
    "change": ("    {was} → {now} ({n}):", "    {was} → {now}（{n} 项）："),
    "ties": ("(other ways: {n})", "（另有 {n} 种途径）"),
    "nobody": ("(nobody)", "（空缺）"),
    "more": ("      … and {n} more (see --all)", "      ……另有 {n} 项（见 --all）"),
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

    ``rows`` is the number of lines each list may take (``None``: all); ``only`` keeps some verdicts, as decided.
    """
    names = names_of(sensitivity.evaluation)
    kept = None if only is None else set(only)
    shown = [h for h in (*sensitivity.obligations, *sensitivity.elsewhere) if kept is None or h.verdict in kept]
    lines = [*heading(sensitivity.evaluation, lang), "", _word("counts", lang, **sensitivity.counts())]
    if sensitivity.elsewhere:
        lines.append(_word("brought", lang, n=len(sensitivity.elsewhere)))
    before: Choice | None = None
    for chosen, flips in _by_readings(sensitivity, shown):
        lines += _readings(chosen, before, lang)
        before = chosen[0] if len(chosen) == 1 else None
        lines += _flips(flips, names, lang, columns, rows)
    lines += _untried(shown, lang)
    return "\n".join(printable(line) for line in lines) + "\n"


Flip = tuple[Hanging, Otherwise]


def _by_readings(sensitivity: Sensitivity, shown: Sequence[Hanging]) -> list[tuple[tuple[Choice, ...], list[Flip]]]:
    """The flips by the set of readings that gives them: single readings first, in the order of the plans."""
    groups: dict[tuple[Choice, ...], list[Flip]] = {}
    for h in shown:
        for o in h.otherwise:
            groups.setdefault(o.readings, []).append((h, o))
    places = [c.path() for p in sensitivity.evaluation.inputs.plans for c in choices(p)]
    return sorted(groups.items(), key=lambda g: (len(g[0]), [places.index(c.path()) for c in g[0]]))


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
    """The verdicts that change, by what they change from and to; first what would be violated, or would not be any more."""
    by_change: dict[tuple[Verdict | None, Verdict | None], list[Flip]] = {}
    for h, o in flips:
        by_change.setdefault((h.verdict, o.verdict), []).append((h, o))
    lines = []
    for (was, now), some in sorted(by_change.items(), key=lambda c: (min(map(_grave, c[0])), *map(_grave, c[0]))):
        was_text, now_text = (_word("none", lang) if v is None else verdict_text(v, lang) for v in (was, now))
        lines.append(_word("change", lang, was=was_text, now=now_text, n=len(some)))
        body = [_row(h.obligation, o.ties, names, lang) for h, o in (some if rows is None else some[:rows])]
        # What the columns hold is plain without a head, which would stand above every few lines.
        lines += table([""] * 6, body, (14, 28, 24, 24, 14), columns)[1:]
        if len(body) < len(some):
            lines.append(_word("more", lang, n=len(some) - len(body)))
    return lines


def _row(o: Obligation, ties: int, names: dict[str, str], lang: str) -> list[str]:
    bearer = names.get(o.bearer, o.bearer) if o.bearer else _word("nobody", lang)
    others = _word("ties", lang, n=ties) if ties else ""
    return [f"      {o.clause}", o.duty, names.get(o.subject, o.subject), window_text(o), bearer, others]


def _untried(shown: Sequence[Hanging], lang: str) -> list[str]:
    words = {c: None for h in shown for c in h.untried}
    lines = ["", _word("untried", lang)] if words else []
    lines += [
        "  " + _word("decided", lang, holder=c.held.holder, of=c.held.reading.of, means=c.alternative.means) for c in words
    ]
    capped = sorted({h.obligation.duty for h in shown if h.capped})
    if capped:
        lines += ["", _word("capped", lang, duties=", ".join(capped))]
    return lines
