"""Each kind of duty as a Chinese sentence."""

from __future__ import annotations

from functools import singledispatch

from dutyrules.duties.ahead import AheadDuty
from dutyrules.duties.chain import ChainDuty, Step
from dutyrules.duties.counting import CountDuty, CutPolicy
from dutyrules.duties.forbidding import ForbidDuty
from dutyrules.duties.keeping import KeepDuty
from dutyrules.duties.response import ResponseDuty, Within
from dutyrules.duty import BaseDuty, During
from dutyrules.errors import InputError, Problem
from dutyrules.plan import Plan
from dutyrules.sentences.chinese import Chinese, listed, said
from dutyrules.sentences.facts import cut_policy, entries, narrowed, rolled

__all__ = ["sentence"]


def sentence(plan: Plan, duty: BaseDuty) -> str:
    """The duty in Chinese."""
    return f"{_read(duty, Chinese(plan))}。"


@singledispatch
def _read(duty: BaseDuty, c: Chinese) -> str:
    raise InputError([Problem("DR413", {"value": type(duty).__name__})])


def _frame(duty: CountDuty | AheadDuty, c: Chinese) -> str:
    """Up to ``须``: for whom or what it is owed, and by whom."""
    actor = c.actor(duty.role, duty.may_be_done_by)
    if duty.for_each == "object":
        return f"对{c.objects(duty)}，{actor}须"
    if duty.for_each == "area":
        return f"对{_area(duty, c)}，就其中全部{c.objects(duty, each=False)}合并计算，{actor}须"
    return f"每名{actor}对其负责的全部{c.objects(duty, each=False)}合并计算，须"


def _area(duty: CountDuty | AheadDuty | ResponseDuty | KeepDuty, c: Chinese, holding: str = "") -> str:
    """The areas that are subjects; ``holding`` says what lies in them."""
    if duty.area_type:
        return f"每个{holding}{said(duty.area_type)}类区域"
    return f"名册交由{c.roles[duty.role or '']}负责的每个{holding}区域"


def _tail(parts: list[str]) -> str:
    return "".join(f"；{p}" for p in parts if p)


# ---------------------------------------------------------------------------------------------------------------- count


@_read.register
def _(duty: CountDuty, c: Chinese) -> str:
    covers = f"（一次记录须覆盖区域内全部在管的{listed([c.types[t] for t in duty.object_type], '')}）" if duty.covers else ""
    asked = []
    for entry in entries(duty):
        asked.append((c.during(entry.key) if entry.key else "") + c.bounds(entry.least, entry.most))
    between = narrowed(duty)
    cut = cut_policy(duty)
    return f"{_frame(duty, c)}{c.act(duty.must, duty.where)}{covers}：{'，'.join(asked)}" + _tail(
        [
            f"只计每期第{between.from_day}天至第{between.through_day}天" if between else "",
            _cut(cut) if cut else "",
            f"距上一次计入不足{c.length(duty.apart)}的不计" if duty.apart else "",
            f"在{said(duty.adds_to)}之外另行计算，同一次不得两头计入" if duty.adds_to else "",
            "每名任职人员分别履行，只计本人任职期间" if duty.personal else "",
            "逾期补足的予以认可，记为逾期完成" if duty.late and duty.at_least else "",
        ]
    )


def _cut(policy: CutPolicy) -> str:
    if policy.below:
        return f"不足一期的时段，短于一期{policy.below}的不作要求，其余按全数计"
    return {
        "full": "不足一期的时段按全数计",
        "prorate": "不足一期的时段按天数折算，尾数进一",
        "skip": "不足一期的时段不作要求",
        "merge": "不足一期的时段并入其后的整期（其后没有的并入其前），合计按该整期的数计",
    }[policy.kind]


# ------------------------------------------------------------------------------------------------------------- response


@_read.register
def _(duty: ResponseDuty, c: Chinese) -> str:
    trigger = listed([c.thing(p.event, p.where) for p in duty.trigger])
    actor = c.actor(duty.role, duty.may_be_done_by)
    if duty.for_each == "object":
        frame = f"遇{trigger}，对受影响的{c.objects(duty)}，{actor}须"
    elif duty.for_each == "area":
        frame = f"遇{trigger}影响{c.objects(duty, each=False)}，对其所在的{_area(duty, c)}，{actor}须"
    else:
        frame = f"每名{actor}，遇{trigger}影响其负责的{c.objects(duty, each=False)}，须"
    if duty.before:
        by = f"前{c.length(duty.before.by)}" if duty.before.by else "前一天"
        limit, after = f"最迟于该记录所载{said(duty.before.attribute or '')}之日的{by}", ""
    else:
        assert duty.within
        limit, after = _within(duty.within, duty.roll, c)
    unlimited = duty.within is not None and duty.within.after is None
    opens = f"{'、' if limit else ''}不早于其后{c.length(duty.not_before)}" if duty.not_before else ""
    count = f"，{c.count(duty.at_least, '至少')}" if duty.at_least else ""
    lapse = c.thing(duty.lapses_with.event, duty.lapses_with.where) if duty.lapses_with else ""
    return f"{frame}{limit}{opens}{c.act(duty.must, duty.where)}{after}{count}" + _tail(
        [
            _episode(duty, c),
            {"object": "", "area": "每个区域完成一次即可", "bearer": "完成一次即对受影响的各处都算"}[duty.for_each],
            f"{'尚未完成' if unlimited else '期限届满前尚未完成'}而{lapse}的，不再要求" if lapse else "",
            "逾期完成的予以认可，记为逾期完成" if duty.late else "",
        ]
    )


def _episode(duty: ResponseDuty, c: Chinese) -> str:
    if duty.one_episode is None:
        return "每次发生分别计"
    if isinstance(duty.one_episode, str):
        return "解除前再次发生的视为同一次"
    return f"距上一次不足{c.length(duty.one_episode)}再次发生的视为同一次"


def _within(within: Within, roll: str, c: Chinese, start: str = "其") -> tuple[str, str]:
    """A time limit after something: what is said before the act, and what after it."""
    before = f"自{start}前{c.length(within.before)}起，" if within.before else ""
    if within.after is None:
        return before, "，未定时限（只量用时，不认定违反）"
    if within.after.exact:
        how = "含本数"
    else:
        moved = {True: "，末日为休息日的顺延至下一工作日", False: "，末日为休息日的不顺延", None: ""}
        how = f"当天不计{moved[rolled(within, roll)]}"
    return f"{before}在{start}后{c.length(within.after)}内（{how}）", ""


# ---------------------------------------------------------------------------------------------------------------- ahead


@_read.register
def _(duty: AheadDuty, c: Chinese) -> str:
    b = duty.before
    if b.season:
        ahead, starts = f"在每次{c.season(b.season)}开始之前", "自上一次结束时起"
    else:
        ahead, starts = f"在名册所载{said(b.attribute or '')}之日以前", "自该日期确定时起"
    first = f"最早提前{c.length(b.opens)}" if b.opens else starts
    last = f"最迟提前{c.length(b.by)}" if b.by else "最迟至前一天"
    count = f"，{c.count(duty.at_least, '至少')}" if duty.at_least else ""
    return f"{_frame(duty, c)}{ahead}{c.act(duty.must, duty.where)}：{first}，{last}{count}" + _tail(
        ["逾期完成的予以认可，记为逾期完成" if duty.late else ""]
    )


# ---------------------------------------------------------------------------------------------------------------- chain


@_read.register
def _(duty: ChainDuty, c: Chinese) -> str:
    start = c.thing(duty.starts_with.event, duty.starts_with.where)
    parts = [f"第{n}步，{_step(step, n, c)}" for n, step in enumerate(duty.steps, 1)]
    later = [s for s in duty.steps[1:] if s.starts == "done"]
    missed = duty.if_missed
    told = f"依次办理：{'；'.join(parts)}" if len(parts) > 1 else f"，{_step(duty.steps[0], 1, c)}"
    return f"对{c.objects(duty)}，每一件（按{said(duty.case)}区分）自{start}起{told}" + _tail(
        [
            "上一步始终未完成的，不要求下一步" if later else "",
            f"{'任何一步' if len(parts) > 1 else ''}逾期未完成的，{_step(missed, None, c)}，原违反仍予记录" if missed else "",
            f"由{c.roles[duty.role]}负总责" if duty.role else "",
        ]
    )


def _step(step: Step, n: int | None, c: Chinese) -> str:
    if n is None:
        start = "逾期"
    elif n == 1:
        start = "其"
    else:
        start = "上一步到期" if step.starts == "due" else "上一步完成"
    limit, after = _within(step.within, step.roll, c, start)
    if step.within.after is None and n != 1:
        limit = f"{limit}在{start}后"
    if step.or_by:
        otherwise = f"{limit}{'办理，' if limit and after else ''}{after.removeprefix('，')}"
        limit, after = f"最迟于记录所载{said(step.or_by)}之日，没有载明的{otherwise}，", ""
    late = "（逾期完成的予以认可）" if step.late else ""
    return f"{c.actor(step.role, step.may_be_done_by)}须{limit}{c.act(step.must, step.where)}{late}{after}"


# ----------------------------------------------------------------------------------------------------- keeping and bans


def _during(during: During | None, c: Chinese) -> str:
    if during is None:
        return ""
    if during.period:
        return f"{c.during(during.period)}内"
    opening = c.thing(during.event or (), during.where)
    if during.until is None:
        return f"{opening}持续期间"
    return f"自{opening}起至{c.thing(during.until.event, during.until.where)}止"


@_read.register
def _(duty: KeepDuty, c: Chinese) -> str:
    place = c.objects(duty) if duty.for_each == "object" else _area(duty, c, f"有{c.objects(duty, each=False)}的")
    when = _during(duty.during, c)
    gap = "空档" if duty.keep.post else "间断"
    gaps = f"容许不超过{c.length(duty.gaps_up_to)}的{gap}" if duty.gaps_up_to else f"不容许{gap}"
    head = f"{place}，{when}须始终"
    if duty.keep.post:
        return f"{head}有{c.roles[duty.keep.post]}在任；{gaps}；由{c.roles[duty.role or '']}负责"
    return f"{head}由{c.actor(duty.role, duty.may_be_done_by)}{c.act(duty.keep.staffed or (), duty.keep.where)}；{gaps}"


@_read.register
def _(duty: ForbidDuty, c: Chinese) -> str:
    when = _during(duty.during, c)
    text = f"{c.objects(duty)}，{f'{when}，' if when else ''}任何人均不得{c.act(duty.must_not, duty.where)}"
    if duty.unless:
        u = duty.unless
        recent = f"{c.length(u.within)}内" if u.within else ""
        undone = f"，且其后没有{c.thing(u.until.event, u.until.where)}" if u.until else ""
        text += f"；此前{recent}已有{c.thing(u.event, u.where)}{undone}的除外"
    return f"{text}；由{c.roles[duty.role or '']}负责"
