"""The grammar of Chinese: names with their measure words, acts, conditions, lengths of time, dates, periods, counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from dutyrules.conditions import BEARER, AttributeType, Conditions
from dutyrules.duty import BaseDuty
from dutyrules.model import Scalar
from dutyrules.plan import Plan
from dutyrules.quantity import Duration, Figure, Period, Quantity
from dutyrules.sentences.facts import Test, number, own_conditions, season_dates, stand_ins, tests, unlike
from dutyrules.time.seasons import MonthDay
from dutyrules.vocabulary import Named

__all__ = ["Chinese", "listed", "said"]

_UNITS = {"minutes": "分钟", "hours": "小时", "days": "天", "working_days": "个工作日", "weeks": "周", "months": "个月", "years": "年"}
_COUNTED = {"events": "次", "days": "天", "working_days": "个工作日", "hours": "小时"}
_PERIODS = {
    "day": "每天", "week": "每周", "ten_days": "每旬", "month": "每月", "quarter": "每季度", "half_year": "每半年", "year": "每年",
    "season": "每期（整期）",
}  # fmt: skip
_SEASONS = {"flood": "汛期", "main_flood": "主汛期", "rainy": "雨季", "dry": "枯水期", "fire": "防火期", "ice": "冰期"}
_HOLIDAYS = {
    "new_years_day": "元旦", "spring_festival": "春节", "tomb_sweeping_day": "清明节", "labour_day": "劳动节",
    "dragon_boat_festival": "端午节", "mid_autumn_festival": "中秋节", "national_day": "国庆节",
}  # fmt: skip
_BUILT_IN = {"retraction": "撤回", "period_opened": "宣布进入时段", "period_closed": "宣布结束时段"}

# Measure words by what a noun ends with.
_MEASURES = {
    "座": ("山", "库", "桥", "站", "塔", "厂", "水库", "电站", "大坝", "坝"),
    "条": ("河", "河流", "沟", "渠", "路", "溪", "河段", "线路"),
    "家": ("企业", "公司", "者", "单位", "店", "户", "医院", "学校", "机构"),
    "片": ("林区", "林地", "林"),
    "处": ("点", "场", "矿场", "场所", "工地", "隐患点"),
}
# A noun of an act needs a verb before it; a label that ends otherwise is a verb itself (下井, 上报隐患).
_VERBS = {
    "召开": ("会", "会议"),
    "完成": ("整改", "复查", "报备", "治理", "备案"),
    "开展": (
        "检查", "调研", "排查", "巡查", "管控", "调度", "会诊", "演练", "调查", "评估", "培训", "督查", "抽查", "督导", "核查", "复核",
        "巡视", "巡逻",
    ),
}  # fmt: skip
_CONFUSING = re.compile("[或且为是否的外]|[及以][上下]|[晚早高低]于")


def _by_ending(noun: str, table: dict[str, tuple[str, ...]], otherwise: str) -> str:
    return next((word for word, endings in table.items() if noun.endswith(endings)), otherwise)


def listed(items: Sequence[str], last: str = "或") -> str:
    """A list in words: ``甲、乙或丙``; with an empty ``last`` ``甲、乙、丙``."""
    return items[0] if len(items) == 1 else f"{'、'.join(items[:-1])}{last or '、'}{items[-1]}"


def said(text: str) -> str:
    """A name or value as it is written, in quotes where it would run into the sentence."""
    return text if re.fullmatch(r"[\w.\-]+", text) and not _CONFUSING.search(text) else f"“{text}”"


def _own(label: str) -> bool:
    """Whether a label is Chinese."""
    return re.search(r"[\u3400-\u9fff]", label) is not None


def day(value: MonthDay | date) -> str:
    """``5月15日``, or ``2026年5月15日``."""
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    if value.day == 0:
        return "2月底" if value.month == 2 else f"{value.month}月{MonthDay(value.month, 0).in_year(2024).day}日"
    return f"{value.month}月{value.day}日"


def _between(first: MonthDay | date, through: MonthDay | date) -> str:
    if isinstance(first, MonthDay) and isinstance(through, MonthDay):
        crosses = (through.month, through.day or 31) < (first.month, first.day or 31)
        return f"{day(first)}至{'次年' if crosses else ''}{day(through)}"
    same = isinstance(first, date) and isinstance(through, date) and first.year == through.year
    return f"{day(first)}至{day(MonthDay(through.month, through.day) if same else through)}"


class Chinese:
    """The words of a plan in Chinese sentences."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

        def text(label: Named) -> str:
            return label.text("zh").strip()

        self.roles = unlike(plan.roles, text)
        self.types = unlike(plan.object_types, text)
        self.events = {**_BUILT_IN, **{k: v if _own(v) else f"“{v}”" for k, v in unlike(plan.events, text).items()}}

    # ------------------------------------------------------------------------------------------------ who and what

    def actor(self, role: str | None, may_be_done_by: tuple[str, ...]) -> str:
        """``乡镇包保领导（可由副职“乡镇副职”代为）``; by themselves or with those who may act instead."""
        others = [
            f"副职“{self.roles[name]}”" if deputy else self.roles[name]
            for name, deputy in stand_ins(self.plan, role, may_be_done_by)
        ]
        return f"{self.roles[role or '']}{f'（可由{listed(others)}代为）' if others else ''}"

    def objects(self, duty: BaseDuty, each: bool = True) -> str:
        """``每座矿山、尾矿库（…）``: the object types, what each type asks of its objects, what the duty asks."""
        parts = []
        before = ""
        for names, own in own_conditions(self.plan, duty):
            nouns = []
            for noun in (self.types[n] for n in names):
                measure = f"每{_by_ending(noun, _MEASURES, '个')}" if each else ""
                nouns.append((measure if measure != before else "") + noun)
                before = measure
            both = "均限" if len(names) > 1 else ""
            parts.append("、".join(nouns) + (f"（{both}{self.holds(self._of_objects(tuple(names), own))}的）" if own else ""))
        found = "、".join(parts)
        if duty.while_:
            found += f"（{'均' if len(duty.object_type) > 1 else ''}仅限{self.holds(self._of_objects(duty.object_type, duty.while_))}期间）"
        return found

    def _of_objects(self, types: tuple[str, ...], conditions: Conditions) -> list[Test]:
        def kind(attribute: str) -> AttributeType | None:
            return next((k for t in types if (k := self.plan.object_attribute_type(t, attribute)) is not None), None)

        return tests(conditions, kind)

    def thing(self, events: Sequence[str], where: Conditions) -> str:
        """Kinds of records, with what is asked of them: ``气象预警（限…）``."""
        return listed([self.events[e] for e in events]) + self.where(events, where)

    def act(self, events: Sequence[str], where: Conditions) -> str:
        """What must be done, with its verb: ``开展检查或调研（限…）``."""
        parts: list[tuple[str, list[str]]] = []
        for label in (self.events[e] for e in events):
            verb = _by_ending(label, _VERBS, "") if _own(label) else "完成"
            if parts and parts[-1][0] == verb:
                parts[-1][1].append(label)
            else:
                parts.append((verb, [label]))
        return listed([f"{verb}{listed(nouns)}" for verb, nouns in parts]) + self.where(events, where)

    # --------------------------------------------------------------------------------------------------- conditions

    def where(self, events: Sequence[str], where: Conditions) -> str:
        """What is asked of records, in brackets; nothing where nothing is asked."""
        found = tests(where, lambda attribute: self.plan.attribute_type(tuple(events), attribute))
        return f"（限{self.holds(found)}）" if found else ""

    def holds(self, found: Sequence[Test]) -> str:
        """Conditions in words, all of which must hold."""
        return "，且".join(self._test(t) for t in found)

    def _test(self, test: Test) -> str:
        parts = []
        if test.condition.one_of:
            values = listed([self._value(v, test.kind) for v in test.condition.one_of])
            parts.append(f"为{values}")
        parts += [self._side(side, value, test.kind) for side, value in test.sides()]
        if test.duration:
            return f"历时{'、'.join(parts)}分钟"
        name = "状态" if test.attribute == "state" else said(test.attribute)
        meant = f"，即{listed([said(v) for v in test.meant])}" if test.meant else ""
        return f"{name}{'、'.join(parts)}{meant}"

    def _value(self, value: Scalar, kind: AttributeType | None) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if value == BEARER and kind == "person":
            return "责任人本人"
        return said(value) if isinstance(value, str) else number(value)

    def _side(self, side: str, value: Scalar, kind: AttributeType | None) -> str:
        shown = self._value(value, kind)
        if isinstance(kind, tuple):
            return {"at_least": f"为{shown}及以上", "at_most": f"为{shown}及以下", "over": f"高于{shown}", "under": f"低于{shown}"}[side]
        if kind == "date":
            return {"at_least": "不早于", "at_most": "不晚于", "over": "晚于", "under": "早于"}[side] + shown
        return {"at_least": "不少于", "at_most": "不多于", "over": "多于", "under": "少于"}[side] + shown

    # --------------------------------------------------------------------------------------------------------- time

    def length(self, d: Duration) -> str:
        """``3个工作日``."""
        if isinstance(d.amount, Figure):
            return f"名册所定（{said(d.amount.from_)}）的{_UNITS[d.unit]}数"
        return f"{d.amount}{_UNITS[d.unit]}"

    def season(self, key: str) -> str:
        """A season and when it is: ``非汛期（10月1日至次年5月14日）``."""
        name, rest = self.plan.season_keys()[key]
        dates = season_dates(self.plan.seasons[name], rest)
        usual = _between(*dates.usual) if dates.usual else ""
        years = "、".join(_between(*y) for y in dates.years)
        text = f"{usual}，另定{years}" if usual and years else usual or years or "每年公布"
        known = _SEASONS.get(name) or f"“{name}”季"
        return f"{'非' if rest else ''}{known}（{f'除{text}以外' if dates.outside else text}）"

    def during(self, key: str) -> str:
        """A season or named period and when it is."""
        return self.season(key) if key in self.plan.season_keys() else self.period(key)

    def period(self, name: str) -> str:
        """A named period and when it is."""
        period = self.plan.calendar.named_periods[name]
        if period.every_year:
            when = f"每年{_between(period.every_year.from_, period.every_year.through)}"
        elif period.holidays:
            when = f"{listed([_HOLIDAYS.get(h, said(h)) for h in period.holidays], '')}放假期间"
        elif period.opened_by == "period_opened":
            when = "自宣布进入之时至宣布结束之时"
        else:
            when = f"自{self.thing((period.opened_by or '',), {})}至{self.thing((period.closed_by or '',), {})}"
        return f"“{name}”时段（{when}）"

    # ------------------------------------------------------------------------------------------------------- counts

    def count(self, q: Quantity, bound: str) -> str:
        """A quantity without its time: ``至少1次``, ``至少10天（同一天只计一次）``."""
        once = "（同一天只计一次）" if q.unit in ("days", "working_days") else ""
        if isinstance(q.count, Figure):
            kind = {"events": "次数", "days": "天数", "working_days": "工作日数", "hours": "累计小时数"}[q.unit]
            return f"{kind}{'不少于' if bound == '至少' else '不多于'}名册所定（{said(q.count.from_)}）{once}"
        return f"{'累计' if q.unit == 'hours' else ''}{bound}{q.count}{_COUNTED[q.unit]}{once}"

    def bounds(self, least: Quantity | None, most: Quantity | None) -> str:
        """What is asked at least and at most: ``每年至少1次、至多2次``."""
        if least and most and least.per and least.per == most.per:
            return f"{self.per(least.per)}{self.count(least, '至少')}、{self.count(most, '至多')}"
        return "，且".join(self.quantity(q, bound) for q, bound in ((least, "至少"), (most, "至多")) if q)

    def quantity(self, q: Quantity, bound: str) -> str:
        """A quantity with its time: ``每月至少1次``."""
        if q.every:
            return f"两次之间始终不得超过{self.length(q.every)}"
        if q.in_any:
            return f"任意连续{self.length(q.in_any)}内{self.count(q, bound)}"
        return f"{self.per(q.per)}{self.count(q, bound)}" if q.per else self.count(q, bound)

    def per(self, p: Period) -> str:
        """``每月``, ``每2个月（自1月起算）``."""
        if p.stepped:
            unit = {"days": "天", "weeks": "周", "months": "个月", "years": "年"}[p.unit]
            return f"每{p.n}{unit}（自{day(p.anchor) if p.anchor else '1月'}起算）"
        if p.unit in self.plan.calendar.named_periods:
            return f"每逢{self.period(p.unit)}"
        return _PERIODS[p.unit]
