"""Findings of ``check``, by code: what is wrong and how to mend it, in English and Chinese. Codes are stable; wording may improve."""

from __future__ import annotations

__all__ = ["FORMS", "KINDS", "LANGUAGES", "MESSAGES", "UNITS"]

MESSAGES: dict[str, tuple[str, str]] = {
    "DR501": (
        "nothing is asked from {first} through {last}: {keys} leave these days out; add an entry for them, or say under `accepted` why none is meant",
        "{first} 至 {last} 没有任何要求：{keys} 没有覆盖这些日子；请补一项，或在 `accepted` 里写明为何不要求",
    ),
    "DR505": (
        "whoever meets {other!r} meets this duty too, so it asks for nothing more; remove it, change its figure, or say under `accepted` why it stands",
        "做到 {other!r} 就一定做到本职责，本职责没有多要求什么；请删去、改正数字，或在 `accepted` 里写明为何保留",
    ),
    "DR507": (
        "{word!r} is vague; say under `reading` what it was taken to mean (of, means, decided_by)",
        "“{word}”含义不定；请在 `reading` 里写明怎么理解（of、means、decided_by）",
    ),
    "DR508": (
        "no duty cites clause {clause!r}, and `clauses` does not account for it; write a duty, or say under `clauses` why records cannot decide it",
        "条款“{clause}”既没有职责引用，`clauses` 里也没有交代；请写成职责，或在 `clauses` 里写明为何不能凭记录判断",
    ),
    "DR509": (
        "clause {clause!r} is not in `contents`{near}; correct it, or add it to `contents`",
        "条款“{clause}”不在 `contents` 里{near}；请改正，或补入 `contents`",
    ),
    "DR510": (
        "nobody in the roster bears the role {role!r} while the plan is in force; add a tenure, or correct the role",
        "方案有效期间，名册里没有人担任角色 {role!r}；请补任职，或改正角色",
    ),
    "DR512": (
        "{person!r} bears the role {role!r} over {count} objects at once, while half of its {bearers} bearers have {median} or fewer; check the tenures",
        "{person!r} 同时以角色 {role!r} 管 {count} 处，而该角色 {bearers} 人中有一半不超过 {median} 处；请核对任职",
    ),
    "DR513": (
        "this label has no {language}, which the title of the plan has; add `{key}`",
        "此处缺{language}，而方案标题有{language}；请补 `{key}`",
    ),
    "DR514": (
        "the summary says {word!r}, but the rules say {rules}; correct one of them",
        "摘要写的是“{word}”，规则写的是 {rules}；请改正其中一处",
    ),
    "DR515": (
        "{code} is accepted here and does not occur; remove it from `accepted`",
        "这里接受了 {code}，但并没有这个问题；请从 `accepted` 中删去",
    ),
    "DR516": ("no duty uses the {kind} {value!r}; remove it, or use it", "没有职责用到{kind} {value!r}；请删去，或加以使用"),
    "DR517": (
        "this duty says the same as {other!r}; remove one of them",
        "本职责与 {other!r} 完全相同；请删去其中一个",
    ),
    "DR518": (
        "the alternative {means!r} changes nothing: {key!r} is so already. Where it has been decided, say so under `means` and list the other reading here",
        "另一种理解“{means}”没有改变任何内容：{key!r} 现在就是如此。如已改定，请改写 `means`，并把原来的理解列在这里",
    ),
}

# A code with several forms, by the form; shown under the code given first.
FORMS: dict[str, tuple[str, str, str]] = {
    "unsaid_count": (
        "DR514",
        "the summary says how often, but not {word}, which the rules have ({rules}); correct one of them",
        "摘要写了次数，但没有写 {word}，而规则有（{rules}）；请改正其中一处",
    ),
    "never_in_force": (
        "DR503",
        "{what!r} has no day while the plan is in force ({first} .. {last}), so this can never be asked; correct the days, or remove it",
        "{what!r} 在方案有效期内（{first} .. {last}）一天也没有，因此永远不会产生要求；请改正日期，或删去",
    ),
    "no_window": (
        "DR503",
        "this duty has no window in which it asks for anything while the plan is in force ({first} .. {last}); correct its period, its days, or `cut_windows`",
        "方案有效期内（{first} .. {last}）没有一个时段会产生要求；请改正周期、日期或 `cut_windows`",
    ),
    "opens_too_late": (
        "DR503",
        "the window opens {first} ahead and is over {second} ahead, so it has no day; correct one of them",
        "时段提前 {first} 才开始，而提前 {second} 就已截止，一天也没有；请改正其中一处",
    ),
    "left_out": (
        "DR503",
        "`while` of {types} leaves no {attribute!r} that is asked for here, so this duty can never arise; correct one of them",
        "{types} 的 `while` 排除了此处要求的 {attribute!r}，本职责永远不会产生；请改正其中一处",
    ),
    "no_value": (
        "DR503",
        "no value of {attribute!r} can satisfy this, so no record or object will ever fit; correct the figures",
        "{attribute!r} 没有任何值能满足这里的条件，因此不会有符合的记录或对象；请改正数字",
    ),
    "never_bites": (
        "DR503",
        "{what} lasts {has} days at most, and {asked} can only be missed after that, so nobody can ever miss it; ask for a shorter time",
        "{what} 最长只有 {has} 天，而 {asked} 要更久才谈得上违反，因此永远不会违反；请改短时间",
    ),
    "no_object": (
        "DR503",
        "the roster has no object of type {types}, so this duty can never arise; correct the type, or add the objects",
        "名册里没有 {types} 类型的对象，本职责永远不会产生；请改正类型，或补入对象",
    ),
    "short_window": (
        "DR504",
        "from {first} through {last} no more than {has} {unit} are possible, and {asked} are asked; ask for less, or change `cut_windows` or the period",
        "{first} 至 {last} 最多只能有 {has} {unit}，要求却是 {asked}；请降低要求，或改 `cut_windows` 或周期",
    ),
    "short_limit": (
        "DR504",
        "after a trigger on {first} no more than {has} {unit} are possible within {limit}, and {asked} are asked; ask for less, or give more time",
        "{first} 触发后，{limit} 之内最多只能有 {has} {unit}，要求却是 {asked}；请降低要求，或放宽期限",
    ),
    "banned": (
        "DR506",
        "what is asked from {first} through {last} is forbidden then by {other!r}; take it out of one of them, or name an `unless`",
        "{first} 至 {last} 要求做的，正是 {other!r} 禁止的；请改正其中一处，或写明 `unless`",
    ),
    "banned_response": (
        "DR506",
        "the response that is asked here is forbidden by {other!r} at that time; take it out of one of them, or name an `unless`",
        "此处要求的响应，当时正被 {other!r} 禁止；请改正其中一处，或写明 `unless`",
    ),
    "ceiling": (
        "DR506",
        "at least {least} are asked from {first} through {last}, and {other!r} allows {most} at most; correct one of the figures",
        "{first} 至 {last} 至少要 {least}，而 {other!r} 最多只许 {most}；请改正其中一个数字",
    ),
    "empty_until": (
        "DR511",
        "nobody bears the role {role!r} over {object!r} from {first} through {last}; add a tenure, or correct its days",
        "{first} 至 {last}，{object!r} 没有人担任 {role!r}；请补任职，或改正起止日期",
    ),
    "empty_on": (
        "DR511",
        "nobody bears the role {role!r} over {object!r} from {first} on; add a tenure, or correct its days",
        "自 {first} 起，{object!r} 没有人担任 {role!r}；请补任职，或改正起止日期",
    ),
    "no_limit": (
        "DR507",
        "`unspecified` sets no limit; say under `reading` which word of the plan it stands for",
        "`unspecified` 没有定期限；请在 `reading` 里写明它对应方案的哪个词、为何不定",
    ),
}

KINDS: dict[str, tuple[str, str]] = {"named_period": ("named period", "命名时段")}

UNITS: dict[str, tuple[str, str]] = {
    "events": ("records", "次"),
    "days": ("days", "天"),
    "working_days": ("working days", "个工作日"),
    "hours": ("hours", "小时"),
}

LANGUAGES: dict[str, tuple[str, str]] = {"en": ("English", "英文"), "zh": ("Chinese", "中文")}
