"""The grammar of English: names with their articles, acts, conditions, lengths of time, dates, periods, counts."""

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

__all__ = ["English", "listed", "said"]

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ONE = {"minutes": "minute", "hours": "hour", "days": "day", "working_days": "working day", "weeks": "week", "months": "month", "years": "year"}
_PERIODS = {"ten_days": "ten-day part of the month", "half_year": "half-year", "season": "season as a whole"}
_TIMES = {1: "once", 2: "twice"}
_SEASONS = {"flood": "flood season", "main_flood": "main flood season", "rainy": "rainy season", "dry": "dry season", "fire": "fire season", "ice": "ice season"}
_HOLIDAYS = {
    "new_years_day": "New Year", "spring_festival": "the Spring Festival", "tomb_sweeping_day": "Tomb-Sweeping Day",
    "labour_day": "Labour Day", "dragon_boat_festival": "the Dragon Boat Festival", "mid_autumn_festival": "the Mid-Autumn Festival",
    "national_day": "National Day",
}  # fmt: skip
_BUILT_IN = {"retraction": "retraction", "period_opened": "opening of a period", "period_closed": "closing of a period"}

# What one does with an act, by its noun; any other act is completed.
_VERBS = {
    "carry out": ("inspection", "survey", "patrol", "check", "review", "audit", "drill", "exercise", "assessment", "investigation"),
    "make": ("visit", "arrival", "report", "call", "round"),
    "hold": ("meeting", "conference", "briefing"),
    "work": ("shift",),
    "spend": ("day", "night", "hour"),
}
_VERB_OF = {noun: verb for verb, nouns in _VERBS.items() for noun in nouns}
# Labels that tell of something as done ("hazard put right") cannot take an article.
_DONE = frozenset(("put", "told", "over", "right", "met", "held", "sent", "made", "found", "withdrawn", "led", "staffed", "given", "taken"))
_MASS = frozenset(("danger", "blasting", "work", "rain", "maintenance", "training"))
_NO_ARTICLE = frozenset(("the", "a", "an", "on", "in", "at", "off", "each", "every"))
_CONFUSING = frozenset(("or", "and", "yes", "no", "higher", "lower"))


def listed(items: Sequence[str], last: str = "or") -> str:
    """A list in words: ``a, b or c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}"


def said(text: str) -> str:
    """A name or value as it is written, in quotes where it would run into the sentence."""
    plain = re.fullmatch(r"[\w.\-]+", text) and text not in _CONFUSING
    return text if plain else f"“{text}”"


def _lowered(label: str) -> str:
    """A label as it stands inside a sentence."""
    first = label.split(" ", 1)[0]
    return label[0].lower() + label[1:] if len(first) > 1 and first[1:].islower() else label


def _article(noun: str) -> str:
    """``a`` or ``an`` before a noun that can be counted."""
    if _words(noun)[:1] and _words(noun)[0] in _MASS:
        return noun
    vowel = noun[:1].lower() in "aeiou" and not re.match(r"(?:uni|use|eu|one\b)", noun.lower())
    return f"{'an' if vowel or noun.lower().startswith('hour') else 'a'} {noun}"


def _words(label: str) -> list[str]:
    return re.findall(r"[a-z]+", label.lower())


def _done(label: str) -> bool:
    """Whether a label tells of something as done, and not of an act by its noun."""
    words = _words(label) or [""]
    if words[0] in _NO_ARTICLE or not label.isascii():
        return True
    return any(w in _DONE or (w.endswith("ed") and not w.endswith("eed")) for w in (words[0], words[-1]))


def day(value: MonthDay | date) -> str:
    """``15 May``, or ``15 May 2026``."""
    if isinstance(value, date):
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    if value.day == 0:
        return "the end of February" if value.month == 2 else f"{MonthDay(value.month, 31).in_year(2024).day} {_MONTHS[value.month - 1]}"
    return f"{value.day} {_MONTHS[value.month - 1]}"


def _between(first: MonthDay | date, through: MonthDay | date) -> str:
    if isinstance(first, date) and isinstance(through, date) and first.year == through.year:
        return f"{first.day} {_MONTHS[first.month - 1]} to {day(through)}"
    return f"{day(first)} to {day(through)}"


class English:
    """The words of a plan in English sentences."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

        def text(label: Named) -> str:
            return _lowered(label.text("en").strip())

        self.roles = unlike(plan.roles, text)
        self.types = unlike(plan.object_types, text)
        self.events = {**_BUILT_IN, **unlike(plan.events, text)}

    # ------------------------------------------------------------------------------------------------ who and what

    def role(self, name: str) -> str:
        """``the township leader``."""
        return f"the {self.roles[name]}"

    def actor(self, role: str | None, may_be_done_by: tuple[str, ...]) -> str:
        """``the leader (or, instead, the vice leader as deputy)``; by themselves or with those who may act instead."""
        others = [
            f"{self.role(name)} as deputy" if deputy else self.role(name)
            for name, deputy in stand_ins(self.plan, role, may_be_done_by)
        ]
        return f"{self.role(role or '')}{f' (or, instead, {listed(others)})' if others else ''}"

    def objects(self, duty: BaseDuty, each: str = "each", last: str = "and") -> str:
        """``each mine and each pond (while …)``: the object types, what each type asks of its objects, what the duty asks."""
        parts = []
        for names, own in own_conditions(self.plan, duty):
            text = listed([f"{each} {self.types[n]}" for n in names], last)
            both = "each in scope" if len(names) > 1 else "in scope"
            parts.append(f"{text} ({both} while {self.holds(self._of_objects(tuple(names), own), 'its state', 'its ')})" if own else text)
        found = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, {last} {parts[-1]}"
        if duty.while_:
            every = "all only" if len(duty.object_type) > 1 else "only"
            found += f" ({every} while {self.holds(self._of_objects(duty.object_type, duty.while_), 'its state', 'its ')})"
        return found

    def _of_objects(self, types: tuple[str, ...], conditions: Conditions) -> list[Test]:
        def kind(attribute: str) -> AttributeType | None:
            return next((k for t in types if (k := self.plan.object_attribute_type(t, attribute)) is not None), None)

        return tests(conditions, kind)

    def thing(self, events: Sequence[str], where: Conditions) -> str:
        """Kinds of records by their nouns, with what is asked of them: ``a weather warning (only where …)``."""
        names = [f"“{label}”" if _done(label := self.events[e]) else _article(label) for e in events]
        return listed(names) + self.where(events, where)

    def act(self, events: Sequence[str], where: Conditions) -> str:
        """What must be done, as a verb: ``carry out an inspection or a survey (only where …)``."""
        parts: list[tuple[str, list[str]]] = []
        for label in (self.events[e] for e in events):
            verb, noun = self._verb(label)
            if parts and parts[-1][0] == verb:
                parts[-1][1].append(noun)
            else:
                parts.append((verb, [noun]))
        return listed([f"{verb} {listed(nouns)}" for verb, nouns in parts]) + self.where(events, where)

    def _verb(self, label: str) -> tuple[str, str]:
        words = _words(label)
        if not label.isascii() or not words or words[0] in _NO_ARTICLE:
            return "complete", f"“{label}”"
        if _done(label):
            # "reported to the county" has its verb first; "hazard put right" has its noun first.
            first = words[0].endswith("ed") or words[0] in _DONE
            return "have", f"it {label}" if first else f"the {label}"
        return next((_VERB_OF[w] for w in words if w in _VERB_OF), "complete"), _article(label)

    # --------------------------------------------------------------------------------------------------- conditions

    def where(self, events: Sequence[str], where: Conditions) -> str:
        """What is asked of records, in brackets; nothing where nothing is asked."""
        found = tests(where, lambda attribute: self.plan.attribute_type(tuple(events), attribute))
        return f" (only where {self.holds(found)})" if found else ""

    def holds(self, found: Sequence[Test], state: str = "state", before: str = "") -> str:
        """Conditions in words, all of which must hold."""
        return ", and ".join(self._test(t, state, before) for t in found)

    def _test(self, test: Test, state: str, before: str) -> str:
        parts = []
        if test.condition.one_of:
            parts.append(listed([self._value(v, test.kind) for v in test.condition.one_of]))
        parts += [self._side(side, value, test.kind) for side, value in test.sides()]
        if test.duration:
            return f"it lasted {' and '.join(parts)} minutes"
        name = state if test.attribute == "state" else before + said(test.attribute)
        meant = f", that is {listed([said(v) for v in test.meant])}" if test.meant else ""
        return f"{name} is {' and '.join(parts)}{meant}"

    def _value(self, value: Scalar, kind: AttributeType | None) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if value == BEARER and kind == "person":
            return "whoever holds the post"
        return said(value) if isinstance(value, str) else number(value)

    def _side(self, side: str, value: Scalar, kind: AttributeType | None) -> str:
        shown = self._value(value, kind)
        if isinstance(kind, tuple):
            return {"at_least": f"{shown} or higher", "at_most": f"{shown} or lower", "over": f"higher than {shown}", "under": f"lower than {shown}"}[side]
        if kind == "date":
            return {"at_least": f"{shown} or later", "at_most": f"{shown} or earlier", "over": f"after {shown}", "under": f"before {shown}"}[side]
        return {"at_least": "at least", "at_most": "at most", "over": "more than", "under": "less than"}[side] + f" {shown}"

    # --------------------------------------------------------------------------------------------------------- time

    def length(self, d: Duration) -> str:
        """``3 working days``."""
        if isinstance(d.amount, Figure):
            return f"as many {_ONE[d.unit]}s as the roster says ({said(d.amount.from_)})"
        return f"{d.amount} {_ONE[d.unit]}{'' if d.amount == 1 else 's'}"

    def season(self, key: str) -> str:
        """The bare name of a season: ``the flood season``, ``the time outside the flood season``."""
        name, rest = self.plan.season_keys()[key]
        known = _SEASONS.get(name) or f"season “{name}”"
        return f"the time outside the {known}" if rest else f"the {known}"

    def season_days(self, key: str) -> str:
        """When a season is, in brackets."""
        name, rest = self.plan.season_keys()[key]
        dates = season_dates(self.plan.seasons[name], rest)
        usual = _between(*dates.usual) if dates.usual else ""
        years = ", ".join(_between(*y) for y in dates.years)
        text = f"{usual}, by decision {years}" if usual and years else usual or years or "as decided each year"
        return f"({'all days but ' if dates.outside else ''}{text})"

    def during(self, key: str) -> str:
        """``in the flood season (15 May to 30 September)``."""
        if key not in self.plan.season_keys():
            return f"in {self.period(key)}"
        name, rest = self.plan.season_keys()[key]
        known = _SEASONS.get(name) or f"season “{name}”"
        return f"{'outside' if rest else 'in'} the {known} {self.season_days(key)}"

    def period(self, name: str) -> str:
        """A named period and when it is."""
        period = self.plan.calendar.named_periods[name]
        if period.every_year:
            when = _between(period.every_year.from_, period.every_year.through)
        elif period.holidays:
            when = f"the days off for {listed([_HOLIDAYS.get(h, said(h)) for h in period.holidays], 'and')}"
        elif period.opened_by == "period_opened":
            when = "from when it is declared open until it is declared closed"
        else:
            when = f"from {self.thing((period.opened_by or '',), {})} until {self.thing((period.closed_by or '',), {})}"
        return f"the period “{name}” ({when})"

    # ------------------------------------------------------------------------------------------------------- counts

    def count(self, q: Quantity, bound: str, time: str = "") -> str:
        """A quantity and its time: ``at least once per month``, ``on at least 10 different days``."""
        if isinstance(q.count, Figure):
            named = {"events": "times", "days": "different days", "working_days": "different working days", "hours": "hours"}[q.unit]
            lead = "on " if q.unit in ("days", "working_days") else ""
            return f"{lead}{bound} as many {named}{time} as the roster says ({said(q.count.from_)})"
        n, s = q.count, "" if q.count == 1 else "s"
        if q.unit == "hours":
            return f"for {bound} {n} hour{s} in all{time}"
        if q.unit == "events":
            return f"{bound} {_TIMES.get(n, f'{n} times')}{time}"
        kind = "working day" if q.unit == "working_days" else "day"
        return f"on {bound} {n} {'different ' if n > 1 else ''}{kind}{s}{time}"

    def bounds(self, least: Quantity | None, most: Quantity | None) -> str:
        """What is asked at least and at most: ``at least once and at most twice per year``."""
        if least and most and least.per and least.per == most.per:
            return f"{self.count(least, 'at least')} and {self.quantity(most, 'at most')}"
        return " and ".join(self.quantity(q, bound) for q, bound in ((least, "at least"), (most, "at most")) if q)

    def quantity(self, q: Quantity, bound: str) -> str:
        """A quantity that recurs: ``at least once per month``, ``with never more than 60 days from one to the next``."""
        if q.every:
            if isinstance(q.every.amount, Figure):
                return f"with never more {_ONE[q.every.unit]}s from one to the next than the roster says ({said(q.every.amount.from_)})"
            return f"with never more than {self.length(q.every)} from one to the next"
        if q.in_any:
            return self.count(q, bound, f" in any stretch of {self.length(q.in_any)}")
        return self.count(q, bound, f" {self.per(q.per)}" if q.per else "")

    def per(self, p: Period) -> str:
        """``per month``, ``per 2 months counted from January``."""
        if p.stepped:
            since = day(p.anchor) if p.anchor else "January"
            unit = p.unit.removesuffix("s") if p.n == 1 else p.unit
            return f"per {p.n} {unit} counted from {since}"
        if p.unit in self.plan.calendar.named_periods:
            return f"each time {self.period(p.unit)} comes"
        return f"per {_PERIODS.get(p.unit, p.unit)}"


