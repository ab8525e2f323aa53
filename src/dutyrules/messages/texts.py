"""Texts that cannot be edited or formatted, by code: English and Chinese."""

from __future__ import annotations

__all__ = ["MESSAGES"]

MESSAGES: dict[str, tuple[str, str]] = {
    "DR021": (
        "the text at `{value}` cannot be changed without touching more than that; make this change by hand",
        "`{value}` 处的文字无法单独改动；请手工修改",
    ),
    "DR022": (
        "left as it is: it holds something that cannot be laid out otherwise without a change of meaning or a lost comment",
        "未改动：其中有些写法一经重排就会改变含义或丢失注释",
    ),
    "DR023": (
        "not a file of the notation; expected a plan, a roster, waivers or tests",
        "不是本写法的文件；应为方案、名册、豁免或测试文件",
    ),
    "DR024": (
        "left as it is: a form of YAML that these files do not need, such as `? key`, `%` or `...`; write `key: value`",
        "未改动：此处用了本写法不需要的 YAML 形式，例如 `? 键`、`%` 或 `...`；请写成 `键: 值`",
    ),
}
