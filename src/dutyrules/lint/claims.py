"""The figures that a sentence names, in Chinese and English: how often, how long, each how long.

Only what is plainly a figure is taken. Dates, ordinals, clock times, halves of odd things, averages, ``三年行动``, ``24小时值班``
and the like are passed over; so is every number without a word that says of what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

__all__ = ["Claim", "claims"]

Measure = Literal["times", "minutes", "days", "months", "working_days"]


class Claim(NamedTuple):
    """A figure of a sentence: the words, the number, and of what; ``each`` marks a period that recurs."""

    word: str
    number: int
    measure: Measure
    each: bool = False


def claims(text: str, lang: str) -> list[Claim]:
    """Every figure of a sentence, in order. A sentence about an average claims nothing."""
    text = text.translate(_WIDE)
    average, frame = _AVERAGE[lang], _FRAME[lang]
    if re.search(average, text, re.IGNORECASE):
        return []
    found = _chinese(text) if lang == "zh" else _english(text.lower())
    framed = re.search(frame, text, re.IGNORECASE) is not None
    return [c for c in found if not (framed and c.each and c.number == 12 and c.measure == "months")]


_AVERAGE = {"zh": "平均", "en": r"\baverage\b"}
_FRAME = {"zh": "各|分别|[上下]半年|春|夏|秋|冬", "en": r"\bhalf\b|\brespectively\b|\bonce\b.*\bonce\b|\bspring\b|\bautumn\b"}
"""Words that make of ``each year`` the frame of what is said of its parts: 每年上半年、下半年各一次."""


# -------------------------------------------------------------------------------------------------------------- Chinese

_WIDE = str.maketrans("０１２３４５６７８９", "0123456789")
_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_N = r"(?:(?<![\d.])\d+|[〇零一二两三四五六七八九十百]+)"
_TO = r"\s*(?:至|到|-|–|—|~|～)\s*"

# What holds a number and claims nothing; it is taken out before the rest is looked at.
_ZH_NOT = rf"第{_N}个?|\d{{4}}年|{_N}月{_N}[日号]?|{_N}月(?:份|初|底|末|中旬|上旬|下旬)|{_N}号|(?:周|星期|礼拜)[一二三四五六日]+"
_ZH_NOT += rf"|{_N}年(?:行动|计划|规划)|{_N}个?半|(?<=[上下])半年|半[天日月]|半个(?!小时)|{_N}[点时](?!段)|[一二三四五六七八九十]+次性"
_ZH_NOT += rf"|每隔{_N}?个?.|{_N}小时(?=不间断|值班|值守|在岗|监测|监控|开通|保持|畅通|在线|待命|专人|轮)|\d+\s*[×xX*]\s*24小时"
_ZH = re.compile(
    rf"""(?P<skip>{_ZH_NOT})
    | 每 (?P<each_n>{_N})? 个? (?P<each>半年|季度|季(?!节)|年度?|月度?|星期|周|旬|天|日|小时)
    | (?P<working>{_N}) 个? 工作日
    | (?P<half>半) 个? (?P<half_unit>小时|年)
    | (?P<length>{_N}) (?: 个? (?P<unit>小时(?!半)|钟头|分钟|星期) | 个 (?P<unit_2>月|季度) | (?P<unit_3>[天日](?![常益期])|周(?![年边围岁期]))
        | (?P<unit_4>年)(?=以?内|之内|{_N}次|至少|不少于|不低于) )
    | (?: (?P<from>{_N}) {_TO} )? (?P<times>{_N}) [次遍](?![日序要生])""",
    re.VERBOSE,
)
_ZH_UNITS: dict[str, tuple[int, Measure]] = {
    "小时": (60, "minutes"), "钟头": (60, "minutes"), "分钟": (1, "minutes"), "天": (1, "days"), "日": (1, "days"), "周": (7, "days"),
    "星期": (7, "days"), "旬": (10, "days"), "月": (1, "months"), "月度": (1, "months"), "季": (3, "months"), "季度": (3, "months"),
    "半年": (6, "months"), "年": (12, "months"), "年度": (12, "months"),
}  # fmt: skip


def _chinese(text: str) -> Iterator[Claim]:
    for m in _ZH.finditer(text):
        word = m[0]
        if m["skip"]:
            continue
        if m["each"]:
            yield from _scaled(word, _zh_number(m["each_n"] or "一"), _ZH_UNITS[m["each"]], each=True)
        elif m["working"]:
            yield from _scaled(word, _zh_number(m["working"]), (1, "working_days"))
        elif m["half"]:
            yield Claim(word, *((30, "minutes") if m["half_unit"] == "小时" else (6, "months")))
        elif m["length"]:
            unit = m["unit"] or m["unit_2"] or m["unit_3"] or m["unit_4"]
            yield from _scaled(word, _zh_number(m["length"]), _ZH_UNITS[unit])
        else:
            for number in (m["from"], m["times"]):
                yield from _scaled(word, _zh_number(number) if number else None, (1, "times"))


def _scaled(word: str, number: int | None, unit: tuple[int, Measure], each: bool = False) -> Iterator[Claim]:
    """The claim, if the number can be read."""
    if number is not None:
        yield Claim(word, number * unit[0], unit[1], each)


def _zh_number(text: str) -> int | None:
    """A number below a thousand, in digits or as it is spoken; ``None`` for what is no number, such as 三四 (three or four)."""
    if text.isdigit() and text.isascii():
        return int(text) if len(text) <= 6 else None
    spoken = re.fullmatch(r"(?:(?P<h>[一二两三四五六七八九])百)?零?(?:(?P<t>[一二三四五六七八九])?(?P<ten>十))?(?P<u>[一二两三四五六七八九])?", text)
    if spoken is None or text in ("", "零"):
        return None
    tens = _DIGITS[spoken["t"] or "一"] * 10 if spoken["ten"] else 0
    return (_DIGITS[spoken["h"]] * 100 if spoken["h"] else 0) + tens + (_DIGITS[spoken["u"]] if spoken["u"] else 0)


# -------------------------------------------------------------------------------------------------------------- English

_SPOKEN = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_NUMBERS = {word: n for n, word in enumerate(_SPOKEN.split())} | {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "ninety": 90,
}  # fmt: skip
_EN_UNIT = r"half[- ]year|minute|hour|day|week|month|quarter|year"
_EN_NOUN = "inspection|survey|check|visit|patrol|meeting|review|drill|exercise|update"
_EN_LIKE = "more|further|additional|separate|different|big|small|full|complete|partial|joint|special|general|thorough|safety|on-site"
_EN = re.compile(
    rf"""(?P<skip>\b\d+(?:st|nd|rd|th)\b|\b\d+\s+hours\s+a\s+day\b|\ban?\s+(?:{_EN_UNIT})['’]s|\bhalf\s+a\s+(?:day|month)\b)
    | \bhalf\s+an?\s+(?P<half>hour|year)\b
    | \bwithin\s+an?\s+(?P<within>{_EN_UNIT})\b
    | \b(?:per|each|every|an?)\s+(?:(?P<each_n>\d+)\s+)?(?P<each>{_EN_UNIT})s?\b
    | (?<![\w-])(?P<adverb>daily|weekly|monthly|quarterly|half-yearly|yearly|annually)\b(?=\s*(?:[.,;)]|$|and\b|or\b))
    | \b(?<!\.)(?P<working>\d+)\s+(?:\w+\s+)?working\s+days?\b
    | \b(?<!\.)(?P<length>\d+)\s+(?:(?:different|distinct|calendar|consecutive)\s+)?(?P<unit>{_EN_UNIT})s?\b
    | \b(?<!at\s)(?P<once>once|twice)\b(?=\s+(?:an?|per|each|every|more)\b|\s+in\s+(?:an?\b|each\b|every\b|any\b|\d)|\s*(?:[.,;)]|$))
    | \b(?:(?P<from>\d+)\s*(?:to|or|-|–)\s*)?(?P<times>\d+)\s+(?:times\b|(?:(?:{_EN_LIKE})\s+)*(?:{_EN_NOUN})s\b
        | (?:(?:{_EN_LIKE})\s+)+(?:{_EN_NOUN})\b | (?<=\b1\s)(?:{_EN_NOUN})\b)""",
    re.VERBOSE,
)
_EN_UNITS: dict[str, tuple[int, Measure]] = {
    "minute": (1, "minutes"), "hour": (60, "minutes"), "day": (1, "days"), "week": (7, "days"), "month": (1, "months"),
    "quarter": (3, "months"), "half-year": (6, "months"), "half year": (6, "months"), "year": (12, "months"),
    "daily": (1, "days"), "weekly": (7, "days"), "monthly": (1, "months"), "quarterly": (3, "months"),
    "half-yearly": (6, "months"), "yearly": (12, "months"), "annually": (12, "months"),
}  # fmt: skip


def _english(text: str) -> Iterator[Claim]:
    figured, origin = _in_digits(text)
    for m in _EN.finditer(figured):
        word = text[origin[m.start()] : origin[m.end()]]
        if m["skip"]:
            continue
        if m["half"]:
            yield Claim(word, *((30, "minutes") if m["half"] == "hour" else (6, "months")))
        elif m["within"]:
            yield from _scaled(word, 1, _EN_UNITS[m["within"]])
        elif m["each"]:
            yield from _scaled(word, int(m["each_n"] or 1), _EN_UNITS[m["each"]], each=True)
        elif m["adverb"]:
            yield from _scaled(word, 1, _EN_UNITS[m["adverb"]], each=True)
        elif m["working"]:
            yield Claim(word, int(m["working"]), "working_days")
        elif m["length"]:
            yield from _scaled(word, int(m["length"]), _EN_UNITS[m["unit"]])
        elif m["once"]:
            yield Claim(word, 1 if m["once"] == "once" else 2, "times")
        else:
            yield from (Claim(word, int(number), "times") for number in (m["from"], m["times"]) if number)


def _in_digits(text: str) -> tuple[str, list[int]]:
    """The sentence with its spoken numbers in digits, and for each of its characters (and its end) the place in the original."""
    parts: list[str] = []
    origin: list[int] = []
    for m in re.finditer(r"[a-z]+|[^a-z]", text):
        part = str(_NUMBERS.get(m[0], m[0]))
        parts.append(part)
        origin += range(m.start(), m.start() + len(part)) if part == m[0] else [m.start()] * len(part)
    return "".join(parts), [*origin, len(text)]
