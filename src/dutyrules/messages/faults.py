"""Faults of inputs, by code: English and Chinese. Codes are stable; wording may improve."""

from __future__ import annotations

__all__ = ["EXPECTED", "FAULTS", "KINDS", "MESSAGES"]

MESSAGES: dict[str, tuple[str, str]] = {
    "DR001": ("cannot be read: {why}", "无法读取：{why}"),
    "DR002": (
        "not valid YAML: {why}; check indentation, colons and quotes near here",
        "不是合法的 YAML：{why}；请检查此处附近的缩进、冒号和引号",
    ),
    "DR003": (
        "key {key!r} occurs twice (first at line {line}); remove or rename one of them",
        "键 {key!r} 重复（首次出现在第 {line} 行）；请删除或改名",
    ),
    "DR004": (
        "{value!r} is read differently by different YAML programs (as {meaning}); put it in quotes, or write true or false",
        "{value!r} 在不同的 YAML 程序里含义不同（会读成 {meaning}）；请加引号，或写 true、false",
    ),
    "DR005": (
        "anchors, aliases, merge keys and tags are not part of the notation; write the value out",
        "本写法不允许锚点、别名、合并键和标签；请直接写出内容",
    ),
    "DR006": (
        "too large or too deep: {why}; a rule book stays far below this",
        "文件过大或嵌套过深：{why}；正常的规则文件远不会到此限度",
    ),
    "DR007": ("the file holds more than one document; keep one", "文件里有多个文档；只保留一个"),
    "DR008": ("the file is empty; expected {expected}", "文件是空的；应为{expected}"),
    "DR009": (
        "full-width punctuation {value!r} is not YAML's; use the half-width sign",
        "全角标点 {value!r} 不是 YAML 的符号；请改用半角",
    ),
    "DR010": ("the text is not UTF-8; save the file as UTF-8", "文件不是 UTF-8 编码；请另存为 UTF-8"),
    "DR011": (
        "this line is not indented like the lines it belongs to; line up what stands on one level",
        "此行的缩进与同级各行不一致；同一级的内容请左对齐",
    ),
    "DR012": ("there is a file of this name already, and it is not written over; choose another folder", "已有同名文件，不会覆盖；请换一个文件夹"),
    "DR013": ("the new plan begins on {value}, which is not after the first day of the last one ({first})", "新方案自 {value} 起施行，不晚于上一份方案的首日（{first}）"),
    "DR101": (
        "unknown key {key!r}{near}. Allowed here: {allowed}",
        "未知的键 {key!r}{near}。此处可用：{allowed}",
    ),
    "DR102": ("{key!r} is missing", "缺少 {key!r}"),
    "DR103": ("no {kind} is called {value!r}{near}", "没有名为 {value!r} 的{kind}{near}"),
    "DR104": ("{value!r} is not {expected}", "{value!r} 不是{expected}"),
    "DR105": (
        "not a kind of duty: it needs one of must (with at_least, at_most, trigger or before), must_not, keep, steps",
        "看不出是哪一种职责：需要 must（配 at_least、at_most、trigger 或 before）、must_not、keep、steps 之一",
    ),
    "DR106": ("{why}", "{why}"),
    "DR107": (
        "{key!r} looks like the rest of a text; put a text with a comma in quotes",
        "{key!r} 像是一段文字的后半；含逗号的文字请加引号",
    ),
    "DR110": (
        "a named period of holidays needs `calendar.working_days`",
        "以节假日命名的时段需要先写 `calendar.working_days`",
    ),
    "DR111": (
        "this duty needs working days: set `calendar.working_days: china` (or weekdays), or `roll: none`",
        "此职责要用到工作日：请写 `calendar.working_days: china`（或 weekdays），或写 `roll: none`",
    ),
    "DR112": (
        "role {role!r} has no `deputy`; name one under `roles`, or name the role here",
        "角色 {role!r} 没有 `deputy`；请在 `roles` 里写明，或在此直接写角色",
    ),
    "DR113": (
        "`{value}` stands for all the year and cannot stand beside seasons",
        "`{value}` 表示全年，不能与季节并列",
    ),
    "DR114": (
        "{value!r} has no time; add `per PERIOD`, `every DURATION` or `in any DURATION`",
        "{value!r} 没有写时间；请加 `per 周期`、`every 时长` 或 `in any 时长`",
    ),
    "DR115": (
        "a duty that changes with the season must say `cut_windows`: full, prorate, skip, merge or {{skip_below: 1/2}}",
        "随季节变化的职责必须写明 `cut_windows`：full、prorate、skip、merge 或 {{skip_below: 1/2}}",
    ),
    "DR116": ("{value!r} is not a value of this attribute; expected {allowed}", "{value!r} 不是该属性的值；应为 {allowed}"),
    "DR117": (
        "{value!r} has no order; use a value or a list of values (order exists for numbers, dates and listed values)",
        "{value!r} 没有大小顺序；请写一个值或一列值（数字、日期和列出的等级才有顺序）",
    ),
    "DR118": ("{value!r} is not declared as an attribute of type date", "{value!r} 没有声明为 date 类型的属性"),
    "DR119": ("{value!r} is longer than a hundred years", "{value!r} 超过一百年"),
    "DR120": ("`every` belongs to at_least, not to at_most", "`every` 只能用于 at_least，不能用于 at_most"),
    "DR121": (
        "`per season` needs a season as its key, such as `flood: 1 per season`",
        "`per season` 须以季节为键，例如 `flood: 1 per season`",
    ),
    "DR122": (
        "{value!r} is not declared as a number of the object type",
        "{value!r} 没有声明为该对象类型的数字属性",
    ),
    "DR123": ("a minimum of nothing; write at least 1, or remove the entry", "最少次数为零；请至少写 1，或删去此项"),
    "DR124": (
        "`late: accepted` goes with counts of events or days per period only",
        "`late: accepted` 只能与按周期计的次数或天数连用",
    ),
    "DR125": ("`personal` is meant for objects and areas; with `for_each: bearer` leave it out", "`personal` 用于对象和区域；`for_each: bearer` 时请删去"),
    "DR126": (
        "cannot add to {value!r}: both must count events or days per period for the same `for_each`, without apart, late or at_most",
        "不能叠加于 {value!r}：两者须都按周期计次数或天数、`for_each` 相同，且不含 apart、late、at_most",
    ),
    "DR127": (
        "entries {first!r} and {second!r} may overlap in time; move one into a duty of its own with `adds_to`",
        "{first!r} 与 {second!r} 的时间可能重叠；请把其中一项另立职责并写 `adds_to`",
    ),
    "DR128": ("event {event!r} does not declare the case attribute {attribute!r}", "事件 {event!r} 没有声明案件属性 {attribute!r}"),
    "DR129": (
        "{value!r} is what every record says of itself (until minus time); declare another name",
        "{value!r} 是每条记录自带的时长（until 减 time）；请另取名称",
    ),
    "DR130": ("`covers` goes with `for_each: area`", "`covers` 须配 `for_each: area`"),
    "DR131": (
        "`personal` asks that each bearer acts himself; leave out `may_be_done_by`, or `personal`",
        "`personal` 要求本人履行；请删去 `may_be_done_by` 或 `personal`",
    ),
    "DR132": (
        "`apart` is between counted events or days; it has no meaning for hours or for `every`",
        "`apart` 用于次数或天数之间；按小时累计或写 `every` 时请删去",
    ),
    "DR133": (
        "the window would open ({first}) when it is over already ({second})",
        "时段尚未开始（{first}）就已结束（{second}）",
    ),
    "DR134": (
        "`merge` needs windows whose length is known; a declared period has none until it is closed",
        "`merge` 需要长度已知的时段；宣布式时段在结束前长度未知",
    ),
    "DR203": ("{value!r} is used twice", "{value!r} 重复使用"),
    "DR204": ("area {value!r} lies within itself", "区域 {value!r} 包含在自身之内"),
    "DR205": ("days overlap: {first} is not after {through}", "日期重叠：{first} 不在 {through} 之后"),
    "DR301": ("{name!r} is empty", "{name!r} 为空"),
    "DR302": (
        "{name!r}: {value!r} is not a date or time; write 2026-05-20 or 2026-05-20T09:30 (with +08:00 if not local)",
        "{name!r}：{value!r} 不是日期或时间；请写 2026-05-20 或 2026-05-20T09:30（非本地时间加 +08:00）",
    ),
    "DR303": ("{name!r}: {value!r} has no hour; write 2026-05-20T09:30", "{name!r}：{value!r} 没有钟点；请写 2026-05-20T09:30"),
    "DR304": ("{name!r}: {value!r} cannot be read as text, number or a list joined by ';'", "{name!r}：{value!r} 不能读作文字、数字或以 ';' 连接的列表"),
    "DR305": ("both `time` and `date` are given; keep one", "`time` 与 `date` 同时填写；只保留一个"),
    "DR306": ("`until` is before `time`", "`until` 早于 `time`"),
    "DR307": ("column {name!r} has no name", "列 {name!r} 没有名称"),
    "DR308": ("id {value!r} is used twice (first in row {first})", "编号 {value!r} 重复（首见第 {first} 行）"),
    "DR309": ("not a JSON object: {why}", "不是 JSON 对象：{why}"),
    "DR310": ("{found} columns where the header has {expected}", "有 {found} 列，而表头有 {expected} 列"),
    "DR311": ("the header lacks {names}", "表头缺少 {names}"),
    "DR312": ("this needs a package that is not installed: `pip install dutyrules[{extra}]`", "缺少所需的包：`pip install dutyrules[{extra}]`"),
    "DR401": (
        "the working days of {year} are not published in the calendar; upgrade `chinesecalendar`, or write the year under `calendar.years`",
        "日历中没有 {year} 年的放假安排；请升级 `chinesecalendar`，或在 `calendar.years` 写入该年的放假和调休",
    ),
    "DR402": ("plans {first!r} and {second!r} hold at the same time and share the duty {duty!r}; let one follow the other", "方案 {first!r} 与 {second!r} 同时有效且都有职责 {duty!r}；请用 follows 写明先后"),
    "DR403": ("two plans are called {value!r}", "有两个方案都叫 {value!r}"),
    "DR404": ("{value!r} is not a date or time; write 2026-06-30 or 2026-06-30T12:00", "{value!r} 不是日期或时间；请写 2026-06-30 或 2026-06-30T12:00"),
    "DR405": ("not in the roster, but named in records: {kind} {names} (records: {count})", "记录提到名册中没有的{kind}：{names}（{count} 条记录）"),
    "DR406": ("not an event of any plan: {names} (records: {count}); they count for nothing", "方案中没有的事件：{names}（{count} 条记录），不予计入"),
    "DR407": ("the roster has tenures of a role that no plan knows: {names}", "名册中有方案里没有的角色：{names}"),
    "DR408": ("no obligation is called {value!r}{near}", "没有名为 {value!r} 的应尽事项{near}"),
    "DR409": ("the roster has objects of a type that no plan knows: {names}", "名册中有方案里没有的对象类型：{names}"),
    "DR410": ("a waiver names a duty that no plan knows: {names}", "豁免提到方案里没有的职责：{names}"),
    "DR411": ("plans have different time zones: {names}", "各方案的时区不同：{names}"),
    "DR412": ("the plan has no duty {value!r}{near}", "方案中没有职责 {value!r}{near}"),
    "DR413": (
        "duties of the kind {value} cannot be read back yet: the kind needs a sentence in `english_kinds.py` and `chinese_kinds.py`",
        "{value} 这一种类的职责还不能读作一句话：须在 `english_kinds.py` 和 `chinese_kinds.py` 中各写一个句式",
    ),
}

# Faults found by the models themselves, by their kind; shown under the code given first.
FAULTS: dict[str, tuple[str, str, str]] = {
    "missing": ("DR102", "{key!r} is missing", "缺少 {key!r}"),
    "day": ("DR104", "{value!r} is not a date; write YYYY-MM-DD, such as 2026-04-16", "{value!r} 不是日期；请写成 2026-04-16 的样子"),
    "day_range": ("DR104", "{value!r} lies outside the years {first} to {last}", "{value!r} 不在 {first} 至 {last} 年之间"),
    "month_day": ("DR104", "{value!r} is not a day of the year; write MM-DD, or 02-end for the end of February", "{value!r} 不是月日；请写 MM-DD，二月底写 02-end"),
    "id": ("DR104", "{value!r} is not an id; begin with a letter, then letters, digits, dots, hyphens, underscores", "{value!r} 不能作标识；以字母或汉字开头，后接字母、数字、点、连字符、下划线"),
    "key": ("DR104", "{value!r} is not an id; it must not be empty or hold / or ;", "{value!r} 不能作编号；不得为空，不得含 / 或 ;"),
    "empty_list": ("DR104", "the list is empty; name at least one", "列表是空的；至少写一项"),
    "names": ("DR104", "{value} is not a list of names; put numbers in quotes", "{value} 不是名称列表；数字请加引号"),
    "repeated": ("DR104", "{value} names something twice", "{value} 有重复"),
    "label_empty": ("DR104", "a label needs `zh` or `en`", "标签须有 `zh` 或 `en`"),
    "condition_empty": ("DR104", "the condition is empty; give a value, a list, or at_least, at_most, over, under", "条件是空的；请写一个值、一列值，或 at_least、at_most、over、under"),
    "quantity": ("DR104", "{value!r} is not a quantity; write for example `1 per month`, `10 working days per month`, `every 60 days`, `1 in any 60 days`", "{value!r} 不是数量；例如 `1 per month`、`10 working days per month`、`every 60 days`、`1 in any 60 days`"),
    "quantity_times": ("DR104", "only one of per, every, in any", "per、every、in any 只能写一个"),
    "quantity_every": ("DR104", "`every` takes no number and no working days; write `every 60 days`", "`every` 前不写数字，也不按工作日计；请写 `every 60 days`"),
    "quantity_in_any": ("DR104", "`in any` takes days or weeks", "`in any` 后写天数或周数"),
    "number": ("DR104", "{value!r} is not a whole number", "{value!r} 不是整数"),
    "duration": ("DR104", "{value!r} is not a length of time; write for example `2 hours`, `3 days`, `5 working days`, `2 months`", "{value!r} 不是时长；例如 `2 hours`、`3 days`、`5 working days`、`2 months`"),
    "period": ("DR104", "{value!r} is not a period; write day, week, ten_days, month, `2 months`, quarter, half_year, year, season or a named period (several days, weeks or years need `from YYYY-MM-DD`)", "{value!r} 不是周期；可写 day、week、ten_days、month、`2 months`、quarter、half_year、year、season 或命名时段（若干天、周、年须加 `from YYYY-MM-DD`）"),
    "period_months": ("DR104", "{value!r} does not divide a year; add `from YYYY-MM-DD`", "{value!r} 不能整除一年；请加 `from YYYY-MM-DD`"),
    "season_empty": ("DR104", "a season needs `every_year` or `in_year`", "季节须有 `every_year` 或 `in_year`"),
    "named_period": ("DR104", "a named period is `declared`, a list of holidays, `{{from: MM-DD, through: MM-DD}}`, or `{{opened_by, closed_by}}`", "命名时段可写 `declared`、节日列表、`{{from: MM-DD, through: MM-DD}}` 或 `{{opened_by, closed_by}}`"),
    "attribute_type": ("DR104", "{value!r} is not a type; write text, number, integer, boolean, date, person, or a list of values from least to greatest", "{value!r} 不是属性类型；可写 text、number、integer、boolean、date、person，或由低到高的一列值"),
    "cut_windows": ("DR104", "{value!r} is not a policy; write full, prorate, skip, merge or {{skip_below: 1/2}}", "{value!r} 不是处理办法；可写 full、prorate、skip、merge 或 {{skip_below: 1/2}}"),
    "between": ("DR104", "days of a period go from 1 up; from_day must not be after through_day", "周期内的日序从 1 起；from_day 不得大于 through_day"),
    "within_or_before": ("DR104", "a trigger needs either `within` or `before`", "有 trigger 时须写 `within` 或 `before` 之一"),
    "before_of_trigger": ("DR104", "with a trigger, `before` takes an attribute of the triggering record", "有 trigger 时，`before` 须写触发记录的属性"),
    "before": ("DR104", "`before` needs either `season` or `attribute`", "`before` 须写 `season` 或 `attribute` 之一"),
    "before_unit": ("DR104", "count it in days, weeks, months or years", "请以天、周、月、年计"),
    "before_each_object": ("DR104", "an attribute of the object needs `for_each: object`", "对象的属性须配 `for_each: object`"),
    "plain_count": ("DR104", "write a plain number here, such as `2 days`", "此处只写数量，例如 `2 days`"),
    "until_lapsed": ("DR104", "`until_lapsed` needs `lapses_with`", "`until_lapsed` 须配 `lapses_with`"),
    "keep": ("DR104", "`keep` needs either `post` or `staffed`", "`keep` 须写 `post` 或 `staffed` 之一"),
    "gaps_up_to": ("DR104", "a gap is not counted in working days", "空缺不按工作日计"),
    "no_working_days": ("DR104", "a distance is not counted in working days; write hours, days, weeks or months", "间隔不按工作日计；请以小时、天、周或月计"),
    "during": ("DR104", "`during` is a season, a named period, or `{{event, where, until}}`", "`during` 可写季节、命名时段，或 `{{event, where, until}}`"),
    "timezone": ("DR104", "{value!r} is not a time zone; write for example Asia/Shanghai", "{value!r} 不是时区；例如 Asia/Shanghai"),
    "span_order": ("DR104", "`from` {first} is after `through` {last}", "`from` {first} 晚于 `through` {last}"),
    "tenure_over": ("DR104", "a tenure is over either an `object` or an `area`", "任职须写 `object` 或 `area` 之一"),
    "waiver_who": ("DR104", "a waiver names exactly one of `person`, `object`, `area`", "豁免须恰好写 `person`、`object`、`area` 之一"),
    "literal_error": ("DR104", "{value!r} is not one of {expected}", "{value!r} 不在 {expected} 之中"),
    "string_type": ("DR104", "{value!r} is not text; put it in quotes", "{value!r} 不是文字；请加引号"),
    "int_type": ("DR104", "{value!r} is not a whole number", "{value!r} 不是整数"),
    "int_parsing": ("DR104", "{value!r} is not a whole number", "{value!r} 不是整数"),
    "bool_type": ("DR104", "{value!r} is not true or false", "{value!r} 不是 true 或 false"),
    "dict_type": ("DR104", "expected keys and values here", "此处应为键和值"),
    "model_type": ("DR104", "expected keys and values here", "此处应为键和值"),
    "tuple_type": ("DR104", "expected a list here", "此处应为列表"),
    "list_type": ("DR104", "expected a list here", "此处应为列表"),
    "greater_than_equal": ("DR104", "{value!r} is too small; at least {expected}", "{value!r} 太小；至少 {expected}"),
    "less_than_equal": ("DR104", "{value!r} is too large; at most {expected}", "{value!r} 太大；至多 {expected}"),
    "too_short": ("DR104", "the list is empty; name at least one", "列表是空的；至少写一项"),
}

KINDS: dict[str, tuple[str, str]] = {
    "role": ("role", "角色"),
    "object_type": ("object type", "对象类型"),
    "event": ("event", "事件"),
    "duty": ("duty", "职责"),
    "season": ("season", "季节"),
    "period": ("period", "周期"),
    "season_or_period": ("season or named period", "季节或命名时段"),
    "attribute": ("attribute", "属性"),
    "area": ("area", "区域"),
    "object": ("object", "对象"),
    "person": ("person", "人员"),
    "code": ("code", "代码"),
}


EXPECTED = {"a plan": "方案", "a roster": "名册", "waivers": "豁免", "tests": "测试"}
