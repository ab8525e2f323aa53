"""A change log of verdicts, as text for terminals."""

from __future__ import annotations

from dataclasses import replace

from dutyrules.evaluation import Obligation
from dutyrules.hindsight import Cause, Change, Hindsight, SeasonCause
from dutyrules.history import Record
from dutyrules.messages import printable
from dutyrules.reasons import reason_text, verdict_text
from dutyrules.textual import fit, names_of, record_text, window_text

__all__ = ["changes_text"]

_WORDS = {
    "head": ("as of {as_of}; known at {first}, then at {last}", "截至 {as_of}；先按 {first} 所知，再按 {last} 所知"),
    "was": ("{first}: {answer}", "{first} 所知：{answer}"),
    "none": ("no such obligation", "无此事项"),
    "because": ("because of", "原因"),
    "entry": ("a record", "新记录"),
    "correction": ("a correction", "更正"),
    "retraction": ("a retraction", "撤回"),
    "takes": ("which takes back one", "撤回的是一条"),
    "record": ("{what}, entered {at}: {record}", "{what}（{at} 登记）：{record}"),
    "season": ("a decision on the season {season} of {year}, decided {decided}: {days}", "{decided} 关于 {year} 年季节 {season} 的决定：{days}"),
    "nobody": ("(nobody)", "（空缺）"),
    "more": ("… and {n} more verdicts (see --format json or --all)", "……另有 {n} 项结论改变（见 --format json 或 --all）"),
    "see": (" (see --all)", "（见 --all）"),
    "counts": (
        "verdicts changed: {verdicts}; the same verdict for other reasons: {others}",
        "结论改变 {verdicts} 项；结论不变、依据改变 {others} 项",
    ),
}


def _word(key: str, lang: str, **args: object) -> str:
    return _WORDS[key][lang == "zh"].format(**args)


def changes_text(hindsight: Hindsight, lang: str, columns: int, most: int | None) -> str:
    """The verdicts that changed between two moments of knowledge, ``most`` of them at most.

    ``None`` gives all of them in full, and then also what changed behind a verdict that is the same.
    """
    before, after = hindsight.before.inputs, hindsight.after.inputs
    names = names_of(hindsight.after)
    lines = ["; ".join(p.plan.title.text(lang) for p in before.plans)]
    lines.append(_word("head", lang, as_of=before.as_of, first=before.known_at, last=after.known_at))
    verdicts = [c for c in hindsight.changes if c.of_verdict]
    others = [c for c in hindsight.changes if not c.of_verdict]
    for c in [*verdicts, *others] if most is None else verdicts[:most]:
        told = _change(c, names, str(before.known_at), str(after.known_at), lang)
        lines += ["", *(told if most is None else (fit(line, columns).rstrip() for line in told))]
    if most is not None and len(verdicts) > most:
        lines += ["", _word("more", lang, n=len(verdicts) - most)]
    lines += ["", _word("counts", lang, verdicts=len(verdicts), others=len(others))]
    if most is not None and others:
        lines[-1] += _word("see", lang)
    return "\n".join(printable(line) for line in lines) + "\n"


def _change(c: Change, names: dict[str, str], first: str, last: str, lang: str) -> list[str]:
    o = c.obligation
    bearer = names.get(o.bearer, o.bearer) if o.bearer else _word("nobody", lang)
    lines = [
        f"{o.clause}  {o.id}",
        f"  {names.get(o.subject, o.subject)}  {window_text(o)}  {bearer}",
        f"  {_word('was', lang, first=first, answer=_answer(c.before, lang))}",
        f"  {_word('was', lang, first=last, answer=_answer(c.after, lang))}",
        f"  {_word('because', lang)}:",
    ]
    for cause in c.causes:
        lines += _cause(cause, lang)
    return lines


def _answer(o: Obligation | None, lang: str) -> str:
    return _word("none", lang) if o is None else f"{verdict_text(o.verdict, lang)} — {reason_text(o, lang)}"


def _cause(c: Cause | SeasonCause, lang: str) -> list[str]:
    if isinstance(c, SeasonCause):
        days = f"{c.from_ or '…'} .. {c.through or '…'}"
        return ["    " + _word("season", lang, season=c.season, year=c.year, decided=c.decided, days=days)]
    lines = ["    " + _record(_word(c.kind, lang), c.record, lang)]
    return lines + ["      " + _record(_word("takes", lang), r, lang) for r in c.retracts]


def _record(what: str, r: Record, lang: str) -> str:
    # When it was recorded is what matters here, and a long record may be cut at the end.
    return _word("record", lang, what=what, at=str(r.recorded_at or r.time)[:16], record=record_text(replace(r, recorded_at=None)))
