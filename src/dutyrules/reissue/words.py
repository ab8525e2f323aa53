"""The words of a comparison in English and Chinese: names of fields, values as short phrases, one line for each item."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

__all__ = ["EFFECTS", "effect_text", "field_text", "item_text", "part_text", "phrase", "phrases", "sentence", "told_text"]

EFFECTS: dict[str, tuple[str, str]] = {
    "added": ("added", "新增"),
    "removed": ("removed", "取消"),
    "renamed": ("renamed", "改名"),
    "tightened": ("tightened", "加严"),
    "loosened": ("loosened", "放宽"),
    "changed": ("changed", "变更"),
    "reworded": ("reworded", "仅改文字"),
}
"""The kinds of items and of changes, in the order in which they are shown."""

_PARTS: dict[str, tuple[str, str]] = {
    "plan": ("plan", "方案"),
    "duty": ("duty", "职责"),
    "season": ("season", "季节"),
    "calendar": ("calendar", "日历"),
    "named_period": ("named period", "命名时段"),
    "role": ("role", "角色"),
    "object_type": ("object type", "对象类型"),
    "event": ("event", "事件"),
    "clause": ("clause", "条款"),
    "tests": ("tests", "测试"),
}

_FIELDS: dict[str, str] = {
    "id": "编号", "title": "标题", "number": "文号", "issued": "印发日", "in_force": "生效期", "from": "起", "through": "止",
    "follows": "接续", "timezone": "时区", "note": "备注", "contents": "条款清单", "accepted": "认可的提示", "clause": "条款",
    "summary": "内容", "severity": "轻重", "reading": "理解", "role": "责任角色", "object_type": "对象类型", "while": "在管条件",
    "kind": "种类", "must": "事项", "must_not": "禁止事项", "where": "记录条件", "for_each": "计算对象", "area_type": "区域类型",
    "covers": "覆盖", "personal": "计本人", "may_be_done_by": "可代行", "at_least": "至少", "at_most": "至多",
    "between": "期内日期", "cut_windows": "截短时段", "apart": "间隔", "adds_to": "另加于", "late": "补做", "trigger": "触发",
    "within": "限时", "before": "提前", "not_before": "最早", "one_episode": "同一场", "lapses_with": "解除", "roll": "顺延",
    "case": "个案", "starts_with": "起始", "steps": "步骤", "if_missed": "逾期后", "starts": "起算", "or_by": "或按日期",
    "keep": "保持", "gaps_up_to": "容许空档", "during": "期间", "unless": "除非", "every_year": "每年", "in_year": "当年",
    "snap": "对齐", "source": "依据", "zh": "中文名", "en": "英文名", "deputy": "代行角色", "attributes": "属性",
    "working_days": "工作日", "holidays": "假日", "make_up_days": "调休上班日", "decidable": "能否判定", "why": "理由",
    "opened_by": "开始事件", "closed_by": "结束事件", "year": "年度",
}  # fmt: skip

_SENTENCES: dict[str, tuple[str, str]] = {
    "item": ("{kind}: {part} {name}{clauses}{told}", "{kind}：{part} {name}{clauses}{told}"),
    "told": (": {told}", "：{told}"),
    "clauses": (" ({clauses})", "（{clauses}）"),
    "field": ("{field} {old} → {new}", "{field} {old} → {new}"),
    "given": ("{field} {new}, new", "增加{field} {new}"),
    "taken": ("{field} {old}, no longer", "去掉{field} {old}"),
    "was": ("was {was}, the same meaning", "原为 {was}，含义未变"),
    "also_reworded": ("also reworded: {names}", "文字另有改动：{names}"),
    "effect": ("{said} ({effect})", "{said}（{effect}）"),
    "through": ("changed through {words}", "因{words} 而变化"),
    "tests": ("tests changed: {n}", "有改动的测试：{n} 个"),
    "between": ("; ", "；"),
    "and": (", ", "、"),
    "no_change": ("No change of meaning.", "含义没有变化。"),
    "nothing": ("The plans are the same.", "两份方案相同。"),
    "duties": ("Duties: {duties}.", "职责：{duties}。"),
    "others": ("Others: {others}.", "其他：{others}。"),
    "of_each": ("{kind} {n}", "{kind} {n}"),
    "findings": ("To be looked at", "需要留意"),
    "findings_head": ("To be looked at:", "需要留意："),
    "more_lines": ("… and {n} more lines (see --all)", "……另有 {n} 行（见 --all）"),
    "more": ("… and {n} more (see --all)", "……另有 {n} 项（见 --all）"),
    "kind": ("change", "变化"),
    "clause": ("clause", "条款"),
    "name": ("what", "内容"),
    "told_head": ("from → to", "由 → 到"),
    "reworded_only": ("Reworded only: {names}", "仅改文字：{names}"),
    "alone": (
        "{new} does not follow {old}: after the change, {new} alone is judged",
        "{new} 没有接续 {old}：变化之后只按 {new} 判定",
    ),
    "in_turn": ("before: {old} going on; after: {old}, then {new} from {day}", "之前：继续执行 {old}；之后：{old}，自 {day} 起执行 {new}"),
    "asked": ("as of {as_of}; obligations that begin by {until}", "截至 {as_of}；{until} 以前开始的应尽事项"),
    "impact_totals": (
        "Obligations: {before} before, {after} after. New {appear}, gone {vanish}, other window {moved}, other verdict {verdict}, unchanged {unchanged}.",
        "应尽事项：之前 {before} 项，之后 {after} 项。新出现 {appear}，消失 {vanish}，时段变化 {moved}，结论变化 {verdict}，不变 {unchanged}。",
    ),
    "loads": ("Who has more or less to do, by the month of the deadline", "谁的任务有增减（按截止月份）"),
    "appear": ("New", "新出现"),
    "vanish": ("Gone", "消失"),
    "moved": ("Other window, deadline or number", "时段、截止或次数变化"),
    "verdict": ("Other verdict", "结论变化"),
    "heading": ("{title} ({n}):", "{title}（{n}）："),
    "person": ("person", "责任人"),
    "month": ("month", "月份"),
    "obligations": ("obligations", "应尽事项"),
    "acts": ("acts", "次数"),
    "duty": ("duty", "职责"),
    "subject": ("subject", "对象"),
    "window": ("window", "时段"),
    "bearer": ("bearer", "责任人"),
    "owed": ("owed", "应做"),
    "verdict_head": ("verdict", "结论"),
    "nobody": ("(nobody)", "（空缺）"),
    "no_deadline": ("no deadline", "无期限"),
}


def sentence(key: str, lang: str, **args: object) -> str:
    """A sentence of the comparison."""
    return _SENTENCES[key][lang == "zh"].format(**args)


def part_text(part: str, lang: str) -> str:
    """The name of a part of a plan."""
    return _PARTS[part][lang == "zh"]


def effect_text(effect: str, lang: str) -> str:
    """The name of a kind of change."""
    return EFFECTS[effect][lang == "zh"]


def field_text(field: str, lang: str) -> str:
    """A field's name: the key of the notation, in Chinese with its meaning; names of the plan stay as they are."""
    if lang != "zh":
        return field
    return " ".join(_FIELDS.get(part, part) for part in field.split("."))


# ------------------------------------------------------------------------------------------------------------- values


def phrase(value: Any, lang: str | None = None, inner: bool = False) -> str:
    """A value of the notation in few words; of a label, the text in the language, or both without one."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return _mapping(value, lang, inner)
    if isinstance(value, (list, tuple)):
        shown = ", ".join(phrase(v, lang, inner=True) for v in value)
        return f"[{shown}]" if inner else shown
    return " ".join(str(value).split())


def _mapping(value: Mapping[str, Any], lang: str | None, inner: bool) -> str:
    keys = set(value)
    if keys and keys <= {"zh", "en"}:
        return phrase(value[lang]) if lang is not None and lang in value else " / ".join(phrase(v) for v in value.values())
    if keys == {"from", "through"}:
        return f"{value['from']} .. {value['through']}"
    if {"of", "means"} <= keys:
        return f"{phrase(value['of'])} = {phrase(value['means'])}"
    if "event" in keys and keys <= {"event", "where"}:
        where = value.get("where")
        return phrase(value["event"], lang, inner=True) + (f" {phrase(where, lang, inner=True)}" if where else "")
    flow = ", ".join(f"{k}: {phrase(v, lang, inner=True)}" for k, v in value.items())
    return f"{{{flow}}}" if inner else flow


def phrases(old: Any, new: Any, lang: str | None = None) -> tuple[str | None, str | None]:
    """Both values of a change; written out in full where the short phrases do not tell them apart."""
    shown = tuple(None if v is None else phrase(v, lang) for v in (old, new))
    if None not in shown and shown[0] == shown[1]:
        shown = tuple(json.dumps(v, ensure_ascii=False, sort_keys=True) for v in (old, new))
    return shown[0], shown[1]


# -------------------------------------------------------------------------------------------------------------- lines


def change_text(field: str, old: str | None, new: str | None, lang: str) -> str:
    """A change of a field in few words."""
    key = "given" if old is None else "taken" if new is None else "field"
    return sentence(key, lang, field=field_text(field, lang), old=old, new=new)


def through_text(words: Iterable[str], lang: str) -> str:
    """Through which words of the plan a duty has changed."""
    named = (f"{part_text(part, lang)} {name}" for part, _, name in (w.partition(" ") for w in words))
    return sentence("through", lang, words=sentence("and", lang).join(named))


def item_text(kind: str, part: str, name: str, clauses: Sequence[str], told: str, lang: str) -> str:
    """An item in one line."""
    return sentence(
        "item", lang, kind=effect_text(kind, lang), part=part_text(part, lang), name=name,
        clauses=sentence("clauses", lang, clauses=sentence("and", lang).join(clauses)) if clauses else "",
        told=sentence("told", lang, told=told) if told else "",
    )  # fmt: skip


def told_text(
    changes: Iterable[tuple[str, Any, Any, str | None]], lang: str, *, was: str | None = None, worded: Sequence[str] = (),
    through: Sequence[str] = (),
) -> str:  # fmt: skip
    """What differs in an item, from the values in the notation, in one line.

    An effect is said where one is given; ``worded`` are fields of which only the name is said.
    """
    parts = [sentence("was", lang, was=was)] if was else []
    for field, old, new, effect in changes:
        said = change_text(field, *phrases(old, new, lang), lang)
        parts.append(said if effect is None else sentence("effect", lang, said=said, effect=effect_text(effect, lang)))
    if through:
        parts.append(through_text(through, lang))
    if worded:
        names = sentence("and", lang).join(field_text(f, lang) for f in worded)
        parts.append(sentence("also_reworded", lang, names=names))
    return sentence("between", lang).join(parts)
