"""Each kind of duty as an English sentence."""

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
from dutyrules.sentences.english import English, listed, said
from dutyrules.sentences.facts import cut_policy, entries, narrowed, rolled

__all__ = ["sentence"]


def sentence(plan: Plan, duty: BaseDuty) -> str:
    """The duty in English."""
    text = _read(duty, English(plan))
    return f"{text[0].upper()}{text[1:]}."


@singledispatch
def _read(duty: BaseDuty, e: English) -> str:
    raise InputError([Problem("DR413", {"value": type(duty).__name__})])




def _frame(duty: CountDuty | AheadDuty, e: English) -> str:
    """Up to ``must``: for whom or what it is owed, and by whom."""
    actor = e.actor(duty.role, duty.may_be_done_by)
    if duty.for_each == "object":
        return f"for {e.objects(duty)}, {actor} must"
    if duty.for_each == "area":
        return f"for {_area(duty, e)}, over {e.objects(duty, 'every')} in it taken together, {actor} must"
    return f"each {actor.removeprefix('the ')}, over {e.objects(duty, 'every')} in that person's charge taken together, must"


def _area(duty: CountDuty | AheadDuty | ResponseDuty | KeepDuty, e: English) -> str:
    if duty.area_type:
        return f"each area of the type {said(duty.area_type)}"
    return f"each area that the roster gives to {e.role(duty.role or '')}"


def _tail(parts: list[str]) -> str:
    return "".join(f"; {p}" for p in parts if p)


# ---------------------------------------------------------------------------------------------------------------- count


@_read.register
def _(duty: CountDuty, e: English) -> str:
    covers = f", in a record that names every {listed([e.types[t] for t in duty.object_type])} in scope there" if duty.covers else ""
    asked = []
    for entry in entries(duty):
        asked.append(e.bounds(entry.least, entry.most) + (f" {e.during(entry.key)}" if entry.key else ""))
    between = narrowed(duty)
    cut = cut_policy(duty)
    return f"{_frame(duty, e)} {e.act(duty.must, duty.where)}{covers}: {', '.join(asked)}" + _tail(
        [
            f"only days {between.from_day} to {between.through_day} of each period count" if between else "",
            _cut(cut) if cut else "",
            f"one that comes less than {e.length(duty.apart)} after the last counted one is passed over" if duty.apart else "",
            f"this is owed on top of the duty {said(duty.adds_to)}, and nothing counts for both" if duty.adds_to else "",
            "each holder of the post owes this alone, for the days of that holder's own tenure" if duty.personal else "",
            "what was missed may be made up later and is then met late" if duty.late and duty.at_least else "",
        ]
    )


def _cut(policy: CutPolicy) -> str:
    if policy.below:
        return f"a period cut to less than {policy.below} of its length owes nothing, and any other cut period the full number"
    return {
        "full": "a period that is cut short still owes the full number",
        "prorate": "a period that is cut short owes its share by days, rounded up",
        "skip": "a period that is cut short owes nothing",
        "merge": "a period that is cut short is joined to the whole one after it (or else before it) and owes with it what that one owes",
    }[policy.kind]


# ------------------------------------------------------------------------------------------------------------- response


@_read.register
def _(duty: ResponseDuty, e: English) -> str:
    trigger = listed([e.thing(p.event, p.where) for p in duty.trigger])
    actor = e.actor(duty.role, duty.may_be_done_by)
    if duty.for_each == "object":
        frame = f"for {e.objects(duty)} that {trigger} reaches, {actor} must"
    elif duty.for_each == "area":
        frame = f"for {_area(duty, e)}, when {trigger} reaches {e.objects(duty, 'any', 'or')} in it, {actor} must"
    else:
        frame = f"when {trigger} reaches {e.objects(duty, 'any', 'or')} in that person's charge, each {actor.removeprefix('the ')} must"
    if duty.before:
        by = f"{e.length(duty.before.by)} before" if duty.before.by else "the day before"
        limit = f" by {by} the date that the record of it gives as {said(duty.before.attribute or '')}"
    else:
        assert duty.within
        limit = _within(duty.within, duty.roll, e)
    unlimited = duty.within is not None and duty.within.after is None
    opens = f", and no earlier than {e.length(duty.not_before)} after it" if duty.not_before else ""
    count = f", {e.count(duty.at_least, 'at least')}" if duty.at_least else ""
    lapse = e.thing(duty.lapses_with.event, duty.lapses_with.where) if duty.lapses_with else ""
    return f"{frame} {e.act(duty.must, duty.where)}{limit}{opens}{count}" + _tail(
        [
            _episode(duty, e),
            {"object": "", "area": "one answer is enough for the whole area", "bearer": "one answer is enough for all that it reaches"}[duty.for_each],
            f"nothing more is owed if {lapse} comes before it is done{'' if unlimited else ' and before the time is up'}" if lapse else "",
            "a late answer is accepted as met late" if duty.late else "",
        ]
    )


def _episode(duty: ResponseDuty, e: English) -> str:
    if duty.one_episode is None:
        return "each one counts by itself"
    if isinstance(duty.one_episode, str):
        return "all that follow until it is over count as the same one"
    return f"a further one less than {e.length(duty.one_episode)} after the last counts as the same one"


def _within(within: Within, roll: str, e: English, start: str = "it") -> str:
    """A time limit after something."""
    before = f" from {e.length(within.before)} before {start}" if within.before else ""
    if within.after is None:
        return f"{before}, with no time limit set (the time taken is shown, nobody is accused)"
    if within.after.exact:
        how = "the last instant included"
    else:
        moved = {True: ", and a last day that is a rest day moves to the next working day", False: ", and a last day that is a rest day stays", None: ""}
        how = f"that day not counted{moved[rolled(within, roll)]}"
    link = " to" if before else " within"
    return f"{before}{link} {e.length(within.after)} after {start} ({how})"


# ---------------------------------------------------------------------------------------------------------------- ahead


@_read.register
def _(duty: AheadDuty, e: English) -> str:
    b = duty.before
    if b.season:
        ahead, starts = f"before {e.season(b.season)} {e.season_days(b.season)} begins", "at the earliest when the last one was over"
    else:
        ahead, starts = f"before the date that the roster gives for it as {said(b.attribute or '')}", "at the earliest when that date was set"
    last = f"at the latest {e.length(b.by)} before" if b.by else "at the latest on the day before"
    first = f"at the earliest {e.length(b.opens)} before" if b.opens else starts
    count = f", {e.count(duty.at_least, 'at least')}" if duty.at_least else ""
    return f"{_frame(duty, e)} {e.act(duty.must, duty.where)} {ahead}, {first} and {last}{count}" + _tail(
        ["a late one is accepted as met late" if duty.late else ""]
    )


# ---------------------------------------------------------------------------------------------------------------- chain


@_read.register
def _(duty: ChainDuty, e: English) -> str:
    start = e.thing(duty.starts_with.event, duty.starts_with.where)
    parts = [f"step {n}, {_step(step, n, e)}" for n, step in enumerate(duty.steps, 1)]
    case = f"each case (told apart by {said(duty.case)})"
    if len(parts) > 1:
        text = f"for {e.objects(duty)}, {case} runs from {start} through these steps: {'; '.join(parts)}"
    else:
        text = f"for {e.objects(duty)}, in {case} that begins with {start}, {_step(duty.steps[0], 1, e)}"
    later = [s for s in duty.steps[1:] if s.starts == "done"]
    missed = duty.if_missed
    return text + _tail(
        [
            "a step that is never done calls for no next one" if later else "",
            f"if {'a step' if len(parts) > 1 else 'this'} misses its time limit, {_step(missed, None, e)}, and the miss stays on record" if missed else "",
            f"{e.role(duty.role)} answers for the whole" if duty.role else "",
        ]
    )


def _step(step: Step, n: int | None, e: English) -> str:
    if n is None:
        start = "that limit"
    elif n == 1:
        start = "that"
    else:
        start = f"step {n - 1} was due" if step.starts == "due" else f"step {n - 1} was done"
    within = _within(step.within, step.roll, e, start)
    if step.within.after is None and n != 1:
        within = f" after {start}{within}"
    if step.or_by:
        within = f" by the date that a record of the case gives as {said(step.or_by)}, or else{within.removeprefix(',')}"
    late = ", a late one being accepted as met late" if step.late else ""
    return f"{e.actor(step.role, step.may_be_done_by)} must {e.act(step.must, step.where)}{within}{late}"


# ----------------------------------------------------------------------------------------------------- keeping and bans


def _during(during: During | None, e: English, otherwise: str) -> str:
    if during is None:
        return otherwise
    if during.period:
        return f" {e.during(during.period)}"
    opening = e.thing(during.event or (), during.where)
    if during.until is None:
        return f" for as long as {opening} lasts"
    return f" from {opening} until {e.thing(during.until.event, during.until.where)}"


@_read.register
def _(duty: KeepDuty, e: English) -> str:
    place = e.objects(duty) if duty.for_each == "object" else f"{_area(duty, e)} with {e.objects(duty, 'any', 'or')} in it"
    when = _during(duty.during, e, "")
    gaps = f"gaps of up to {e.length(duty.gaps_up_to)} are allowed" if duty.gaps_up_to else "no gap is allowed"
    if duty.keep.post:
        return f"for {place}, somebody must {'without a break' if when else 'at all times'} hold the post of {e.roles[duty.keep.post]}{when}; {gaps}; {e.role(duty.role or '')} answers for it"
    cover = e.thing(duty.keep.staffed or (), duty.keep.where)
    return f"for {place}, {cover} by {e.actor(duty.role, duty.may_be_done_by)} must be under way {'without a break' if when else 'at all times'}{when}; {gaps}"


@_read.register
def _(duty: ForbidDuty, e: English) -> str:
    text = f"at {e.objects(duty, 'any', 'or')}, there must be no {_bare(e.thing(duty.must_not, duty.where))}{_during(duty.during, e, '')}, whoever does it"
    if duty.unless:
        u = duty.unless
        recent = f" no more than {e.length(u.within)} earlier" if u.within else ""
        undone = f" and {e.thing(u.until.event, u.until.where)} has not followed since" if u.until else ""
        text += f", unless {e.thing(u.event, u.where)} came before it{recent}{undone}"
    return text + f"; {e.role(duty.role or '')} answers for it"


def _bare(thing: str) -> str:
    return thing.removeprefix("an ").removeprefix("a ").replace(" or an ", " or ").replace(" or a ", " or ")
