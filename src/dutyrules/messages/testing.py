"""Tests of a plan, by code: English and Chinese. Codes are stable; wording may improve."""

from __future__ import annotations

__all__ = ["FAULTS", "KINDS", "MESSAGES"]

MESSAGES: dict[str, tuple[str, str]] = {
    "DR705": (
        "no {kind} of this test is called {value!r}{near}; correct it, or let the test's own `objects`, `areas`, `roster` or `history` name it",
        "本测试中没有名为 {value!r} 的{kind}{near}；请改正，或先在本测试的 `objects`、`areas`、`roster`、`history` 中写明",
    ),
    "DR706": (
        "event {event!r} has no attribute {value!r}{near}; correct it, or declare it under `events`. Declared: {allowed}",
        "事件 {event!r} 没有属性 {value!r}{near}；请改正，或在 `events` 中声明。已声明：{allowed}",
    ),
    "DR707": (
        "the plan {value!r} of these tests cannot be used: {why}; the path is relative to this file",
        "这些测试所用的方案 {value!r} 无法使用：{why}；路径从本文件所在文件夹算起",
    ),
    "DR708": (
        "neither a plan nor a file of tests: it has no line `dutyrules: 1`. Tests of their own stand in a file named *.dutytest.yaml",
        "既不是方案，也不是测试文件：没有 `dutyrules: 1` 一行。单独的测试写在名为 *.dutytest.yaml 的文件里",
    ),
    "DR709": (
        "no plan and no *.dutytest.yaml below this folder",
        "此文件夹下没有方案，也没有 *.dutytest.yaml 文件",
    ),
    "DR710": (
        "no test is called {value!r}{near}; part of a name is enough",
        "没有名为 {value!r} 的测试{near}；写名称的一部分即可",
    ),
    "DR711": (
        "no tests: nothing shows that this plan says what is meant; add `tests:` to it, or a file *.dutytest.yaml",
        "没有测试：无从证明本方案写的就是本意；请在方案中写 `tests:`，或另写 *.dutytest.yaml 文件",
    ),
    "DR712": (
        "`plan:` names a file, so these are tests of their own; let the file's name end in .dutytest.yaml",
        "`plan:` 写的是文件名，可见这是单独的测试；请把文件名改为以 .dutytest.yaml 结尾",
    ),
    "DR720": ("{duty} {key}: expected {expected}, found {found}", "{duty} {key}：应为 {expected}，实为 {found}"),
    "DR721": (
        "{duty} {key}: expected {expected}, but there is no such obligation",
        "{duty} {key}：应为 {expected}，但没有这一应尽事项",
    ),
    "DR722": (
        "{duty} {key}: several obligations have this key; put the subject in front",
        "{duty} {key}：有几项应尽事项都是此键；请在前面写明对象",
    ),
    "DR723": (
        "{duty} {key}: not expected, found {found}; add it here, or correct a key that means it",
        "{duty} {key}：没有写入预期，实为 {found}；请在此补写，或改正本应指它的键",
    ),
    "DR724": ("{duty} {key}: expected breaches {expected}, found {found}", "{duty} {key}：应有违反时段 {expected}，实为 {found}"),
}

# Faults found by the models themselves, by their kind; shown under the code given first.
FAULTS: dict[str, tuple[str, str, str]] = {
    "verdict": (
        "DR701",
        "{value!r} is not a verdict{near}; write met, met_late, pending, cannot_be_met, violated, unknown, waived or not_applicable",
        "{value!r} 不是结论{near}；可写 met（已完成）、met_late（逾期完成）、pending（待完成）、cannot_be_met（已无法完成）、"
        "violated（违反）、unknown（无法判定）、waived（已豁免）、not_applicable（不适用）",
    ),
    "moment": (
        "DR702",
        '{value!r} is not a date or time; write 2026-06-30 or "2026-06-30T12:00"',
        '{value!r} 不是日期或时间；请写 2026-06-30 或 "2026-06-30T12:00"',
    ),
    "breach_span": (
        "DR703",
        '{value!r} is not a breach; write "2026-06-08T00:00 .. 2026-06-15T00:00", without the second time while it goes on',
        '{value!r} 不是违反时段；请写 "2026-06-08T00:00 .. 2026-06-15T00:00"，仍在持续的不写后一个时间',
    ),
    "tenure_bearer": ("DR704", "name exactly one `bearer`", "请写明 `bearer`（责任人），且只写一个"),
    "expect_empty": (
        "DR704",
        "a test that expects nothing proves nothing; name a duty under `expect`",
        "没有预期的测试什么也证明不了；请在 `expect` 下至少写一项职责",
    ),
}

KINDS: dict[str, tuple[str, str]] = {"record": ("record", "记录")}
