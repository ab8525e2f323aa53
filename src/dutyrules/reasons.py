"""Verdicts and reasons in words, in English and Chinese."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dutyrules.messages import printable

if TYPE_CHECKING:
    from dutyrules.evaluation import Obligation

__all__ = ["CUTS", "NEAR", "UNITS", "VERDICT_NAMES", "clock_text", "cut_text", "near_text", "reason_text", "unit_text", "verdict_text"]

VERDICT_NAMES = {
    "violated": ("violated", "违反"),
    "cannot_be_met": ("cannot be met", "已无法完成"),
    "unknown": ("unknown", "无法判定"),
    "pending": ("pending", "待完成"),
    "met_late": ("met late", "逾期完成"),
    "met": ("met", "已完成"),
    "waived": ("waived", "已豁免"),
    "not_applicable": ("not applicable", "不适用"),
}

CUTS = {
    "season": ("cut by the season", "因季节截短"),
    "plan": ("cut by the plan's force", "因方案生效期截短"),
    "scope": ("cut by the object's time in scope", "因对象在管时段截短"),
    "tenure": ("cut by a tenure", "因任期截短"),
    "waiver": ("cut by a waiver", "因豁免截短"),
}

UNITS = {
    "events": ("", "次"),
    "days": (" days", "天"),
    "working_days": (" working days", "个工作日"),
    "hours": (" hours", "小时"),
}

NEAR = {
    "outside_window": ("outside the window", "不在时段内"),
    "wrong_performer": ("performed by somebody who did not bear the role then", "实施人当时不担任该角色"),
    "wrong_attribute": ("an attribute is not as required", "属性不符合要求"),
    "not_a_working_day": ("not a working day", "不是工作日"),
    "same_day": ("the day is already counted", "同一天已计一次"),
    "too_soon": ("too soon after the last counted one", "距上一次计入的间隔太短"),
    "recorded_too_late": ("not yet recorded at that moment of knowledge", "在所问时点尚未登记"),
    "retracted": ("taken back by a later record", "已被撤回"),
    "already_used": ("already used for another duty", "已用于另一项职责"),
}

_REASONS = {
    "enough": ("{counted} of {required} counted", "已计 {counted}/{required}"),
    "not_enough": ("{counted} of {required} by the deadline", "截止时只计 {counted}/{required}"),
    "late": ("made up {late} after the deadline", "截止后 {late} 补足"),
    "counted_so_far": ("{counted} of {required} so far", "目前 {counted}/{required}"),
    "window_open": ("{counted} of {required} so far; open until {end}", "目前 {counted}/{required}；截止 {end}"),
    "open_ended": ("not answered yet; no limit is set", "尚无响应；未设期限"),
    "answered": ("answered; no limit is set", "已响应；未设期限"),
    "too_little_time_left": (
        "{counted} of {required}, and too little time is left before {end}",
        "目前 {counted}/{required}，{end} 前已来不及",
    ),
    "records_incomplete": ("the records are not complete up to the deadline", "记录不全，未覆盖到截止时"),
    "only_a_day_is_known": ("a record gives only its day, and the hour decides", "记录只有日期，而结果取决于钟点"),
    "calendar_unpublished": ("the working days of a year are not published", "所需年份的工作日安排尚未公布"),
    "no_figure": ("the roster does not hold the figure", "名册中没有所需数值"),
    "no_date": ("the record does not hold the date", "记录中没有所需日期"),
    "date_passed": ("the date in the record lies before the trigger", "记录中的日期早于触发时间"),
    "due_unknown": ("it is not known when the step before was due", "上一步的期限无从确定"),
    "no_case": ("the record does not name its case", "记录没有案件编号"),
    "lapsed": ("the trigger lapsed before the deadline", "触发情形在期限前解除"),
    "nothing_owed": ("nothing is owed", "无应尽次数"),
    "broken": ("breaches: {shortfall}, first {since}", "违反 {shortfall} 处，首次 {since}"),
    "unbroken": ("never broken", "始终未违反"),
    "scope_open": ("not broken so far", "至今未违反"),
    "waiver": ("excused by a waiver", "已获豁免"),
}


def verdict_text(verdict: str, lang: str) -> str:
    """A verdict's name."""
    return VERDICT_NAMES[verdict][lang == "zh"]


def cut_text(cut: str | None, lang: str) -> str:
    """Why a window is shorter than its period."""
    return CUTS[cut][lang == "zh"] if cut else ""


def near_text(code: str, lang: str) -> str:
    """Why a near miss did not count."""
    return NEAR[code][lang == "zh"]


def unit_text(unit: str, lang: str) -> str:
    """The name of a unit, to stand after a number."""
    return UNITS[unit][lang == "zh"]


def reason_text(o: Obligation, lang: str = "en", with_end: bool = True) -> str:
    """Why an obligation has its verdict, in one line; ``with_end`` names the deadline of what is still open."""
    zh = lang == "zh"
    code, _, name = o.reason.partition(":")
    if o.deadline is None and code == "window_open":
        code = "open_ended"
    if code == "window_open" and not with_end:
        code = "counted_so_far"
    if o.deadline is None and code == "enough":
        code = "answered"
    required = ""
    if o.required is not None:
        count = "?" if o.required.count is None else str(o.required.count)
        required = count + unit_text(o.required.unit, lang)
    end = clock_text(o.deadline) if o.deadline else ""
    text = _REASONS[code][zh].format(
        counted=o.counted, required=required, late=_length(o, zh), end=end, shortfall=o.shortfall,
        since=str(o.settled_at)[:16],
    )  # fmt: skip
    return printable(f"{text} ({name})" if name else text)


def clock_text(deadline: datetime) -> str:
    """A deadline to the minute; midnight is the 24:00 with which the day before ends (Civil Code of China, article 203)."""
    if deadline.hour == deadline.minute == deadline.second == deadline.microsecond == 0:
        return f"{deadline.date() - timedelta(days=1)} 24:00"
    return deadline.strftime("%Y-%m-%d %H:%M")


def _length(o: Obligation, zh: bool) -> str:
    if o.late_by is None:
        return ""
    days, rest = o.late_by.days, o.late_by.seconds
    hours, minutes = rest // 3600, rest % 3600 // 60
    if days:
        return f"{days}天{hours}小时" if zh else f"{days} d {hours} h"
    return f"{hours}小时{minutes}分" if zh else f"{hours} h {minutes} min"
