"""DR507: vague words that nobody has said the meaning of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dutyrules.duties.chain import ChainDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.duty import BaseDuty
from dutyrules.errors import Problem
from dutyrules.lint.claims import claims
from dutyrules.model import Label
from dutyrules.plan import Plan
from dutyrules.reading import Reading

__all__ = ["vague_words"]


class _Vague(NamedTuple):
    """One vague idea and the words for it."""

    zh: str
    en: str
    time: bool = False
    """Whether a figure in the same sentence makes it plain."""
    period: bool = False
    """Whether a named period of the duty says what it is."""


# What stands before or after a word and makes another word of it: 规定|期限 is no 定期, 以及|时间 is no 及时.
_IDEAS = (
    _Vague(
        r"(?<![以普涉触遍惠不未])及时(?![间段刻点限候长])|第一时间|(?<![成建设树独不])立即|立刻|尽快|尽早|马上|即刻|即时|迅速|抓紧",
        r"promptly|timely|in\s+(?:good\s+)?time(?!\s+(?:zone|of|for))|at\s+once|immediately(?!\s+(?:before|after|following|preceding))"
        r"|as\s+soon\s+as|without\s+(?:undue\s+)?delay|forthwith|swiftly",
        time=True,
    ),
    _Vague(
        r"(?<![规固约法指既限特议协确预商鉴评审决核稳不])定期(?![限间内])",
        r"regularly|periodically|at\s+(?:regular\s+)?intervals|from\s+time\s+to\s+time",
        time=True,
    ),
    _Vague(r"(?<![已曾])经常(?!态)|不定期|频繁|时常", r"(?<!as\s)(?<!how\s)often(?!\s+as)|frequently", time=True),
    _Vague(r"(?<![合舒不])适时|(?<!不)适当|(?<!不)必要时|视情|酌情|视情况", r"(?:when|where|if|as)\s+(?:necessary|needed|appropriate)"),
    _Vague(
        r"加密(?![货传通钥存文])|(?<!不)加强|强化|(?<!不)加大",
        r"(?:strengthen|intensif|reinforc)\w*|step(?:s|ped)?\s+up|more\s+frequent\w*",
        time=True,
    ),
    _Vague(r"极端天气|恶劣天气|灾害性天气|强降雨", r"(?:extreme|severe|bad)\s+weather|heavy\s+rain(?!\s*storm)"),
    _Vague(r"重大险情|较大险情", r"(?:major|serious|grave)\s+(?:danger|emergency|emergencies)"),
    _Vague(r"关键时期|重点时段|特殊时段|敏感时期|特殊时期", r"(?:critical|key|special|sensitive)\s+(?:periods?|times?)", period=True),
    _Vague(r"原则上|(?<!不)合理的?期限", r"in\s+principle|reasonable\s+(?:time|period)"),
)


def vague_words(plan: Plan) -> Iterator[Problem]:
    """Vague words in summaries without a reading, and limits left ``unspecified`` without any.

    A reading answers for a word if what it is ``of``, or what it ``means``, has a word for the same idea, in either language;
    readings of the duty's object types and seasons count too. Words of time are let pass where the sentence names a figure,
    as in "regularly, at least once a month"; so are special times where the duty is about a named period. Sees a closed list of words, and not what stands in the plan's own text.
    """
    for name, duty in plan.duties.items():
        readings = [*duty.reading, *_shared(plan, duty)]
        ideas = [i for i in _IDEAS if not (i.period and set(duty.periods_named()) & set(plan.calendar.named_periods))]
        for place, summary in _summaries(duty):
            yield from _unread(summary, ideas, readings, ("duties", name, *place))
        if not duty.reading:
            yield from _no_limit(duty, name)


def _shared(plan: Plan, duty: BaseDuty) -> Iterator[Reading]:
    """The readings of the words that a duty is made of."""
    keys = plan.season_keys()
    for season in dict.fromkeys(keys[period][0] for period in duty.periods_named() if period in keys):
        yield from plan.seasons[season].reading
    for kind in duty.object_type:
        yield from plan.object_types[kind].reading


def _summaries(duty: BaseDuty) -> Iterator[tuple[tuple[str | int, ...], Label]]:
    yield ("summary",), duty.summary
    for place, step in duty.all_steps() if isinstance(duty, ChainDuty) else ():
        if step.summary is not None:
            yield (*place, "summary"), step.summary


def _unread(
    summary: Label, ideas: Sequence[_Vague], readings: Sequence[Reading], path: tuple[str | int, ...]
) -> Iterator[Problem]:
    texts = {lang: text for lang in ("zh", "en") if (text := getattr(summary, lang))}
    figured = any(claims(text, lang) for lang, text in texts.items())
    for idea in ideas:
        found = [(lang, word) for lang, text in texts.items() if (word := _search(getattr(idea, lang), lang, text))]
        if found and not (idea.time and figured) and not any(_answers(r, idea) for r in readings):
            lang, word = found[0]
            yield Problem("DR507", {"word": word}, path=(*path, lang))


def _search(pattern: str, lang: str, text: str) -> str | None:
    found = re.search(pattern if lang == "zh" else rf"\b(?<!not\s)(?:{pattern})\b", text, re.IGNORECASE)
    return found[0] if found else None


def _answers(reading: Reading, idea: _Vague) -> bool:
    text = f"{reading.of}\n{reading.means}"
    return _search(idea.zh, "zh", text) is not None or _search(idea.en, "en", text) is not None


def _no_limit(duty: BaseDuty, name: str) -> Iterator[Problem]:
    if isinstance(duty, ResponseDuty) and duty.within is not None and duty.within.after is None:
        yield Problem("DR507", {"form": "no_limit"}, path=("duties", name, "within"))
    for place, step in duty.all_steps() if isinstance(duty, ChainDuty) else ():
        if step.within.after is None and step.or_by is None:
            yield Problem("DR507", {"form": "no_limit"}, path=("duties", name, *place, "within"))
