"""Findings of a reissue: what a new plan leaves in doubt beside the old one."""

from __future__ import annotations

__all__ = ["MESSAGES"]

MESSAGES: dict[str, tuple[str, str]] = {
    "DR601": (
        "{old!r} is now called {new!r} and means the same. What was done under the old id does not count for the new one: both parts of a window that the change cuts are owed by themselves. Keep the id {old!r} in the new plan",
        "{old!r} 改名为 {new!r}，含义未变。旧编号下已做的不计入新编号：被截断的时段前后两段各自计算。请在新方案中沿用编号 {old!r}",
    ),
    "DR602": (
        "the change cuts windows of {duty!r}, and `cut_windows: full` makes each part owe the whole: {first} owes {old}, and {second} owes {new}. Say in the plan what the cut part owes, or choose another `cut_windows`",
        "{duty!r} 的时段在换方案时被截断，而 `cut_windows: full` 使前后两段各按全数要求：{first} 应 {old}，{second} 应 {new}。请在方案中写明截断部分的要求，或另选 `cut_windows`",
    ),
    "DR603": (
        "{new!r} does not say `follows: {old}`: {old!r} does not end, and no count carries on. If it is the next issue, add the line to its `plan`",
        "{new!r} 没有写 `follows: {old}`：{old!r} 不会终止，次数也不会接续。若是下一期方案，请在 `plan` 中加上这一行",
    ),
    "DR604": (
        "the duty {duty!r} is gone, and the new plan says nothing of its clause {clause}: no duty has it, and `clauses` does not account for it. Add the clause with the reason, or the duty",
        "职责 {duty!r} 已取消，但新方案对其条款 {clause} 没有交代：没有职责引用，`clauses` 也没有说明。请补上该条款及理由，或恢复该职责",
    ),
    "DR605": (
        "no rule holds from {first} through {last}: {old!r} ends before {new!r} begins. Move one of the dates",
        "{first} 至 {last} 没有规则：{old!r} 已终止而 {new!r} 尚未生效。请调整日期",
    ),
    "DR606": (
        "both plans hold ({span}): duties of both are owed at once. Write `follows: {old}` in the new plan, or end the old one",
        "两份方案同时有效（{span}），职责会重复要求。请在新方案写 `follows: {old}`，或给旧方案写终止日",
    ),
    "DR607": (
        "{new!r} comes into force on {first}, not after {old!r}, which it follows: {old!r} would never have held",
        "{new!r} 自 {first} 起生效，并不晚于其接续的 {old!r}：{old!r} 将从未生效",
    ),
}
