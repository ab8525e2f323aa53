"""Variants of a plan: what it would be if some of its readings had been decided otherwise.

A reading stands on a duty, a season or an object type, its *holder*. An alternative with ``changes`` says which keys of the
holder would then be different, so that the plan it gives can be built and judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import ValidationError

from dutyrules.duties import BaseDuty
from dutyrules.model import Model
from dutyrules.plan import Plan
from dutyrules.reading import Alternative, Reading
from dutyrules.roster import Roster

__all__ = [
    "Choice", "Contradiction", "Held", "Part", "alone", "choices", "concerns", "form", "held", "readings_by_duty", "users", "variant"
]  # fmt: skip

Part = Literal["duties", "seasons", "object_types"]
PARTS: tuple[Part, ...] = ("duties", "seasons", "object_types")
"""The parts of a plan whose entries may hold readings."""


class Contradiction(ValueError):
    """Alternatives that cannot hold together: they give one key two different values."""


@dataclass(frozen=True, slots=True)
class Held:
    """A reading, and where it stands: the plan, the part, the name of the holder, the number among its readings."""

    plan: str
    part: Part
    name: str
    number: int
    reading: Reading = field(compare=False)

    @property
    def holder(self) -> str:
        """What the reading belongs to, such as ``seasons.flood``."""
        return f"{self.part}.{self.name}"

    def path(self) -> tuple[str | int, ...]:
        """The place of the reading in the plan."""
        return (self.part, self.name, "reading", self.number)

    def same_as(self, other: Held) -> bool:
        """Whether two plans hold the same reading: at the same place the same word, with the same meanings."""
        a, b = self.reading, other.reading
        return (self.part, self.name) == (other.part, other.name) and (a.of, a.means, a.alternatives) == (b.of, b.means, b.alternatives)

    def stands_in(self, plan: Plan) -> bool:
        """Whether a plan holds this reading; one that follows another may hold it too."""
        return any(self.same_as(h) for h in held(plan, self.part, self.name))

    def choices(self) -> list[Choice]:
        """Each of its alternatives."""
        return [Choice(self, i) for i in range(len(self.reading.alternatives))]


@dataclass(frozen=True, slots=True)
class Choice:
    """A reading decided otherwise: one of its alternatives in place of what it was taken to mean."""

    held: Held
    number: int

    @property
    def alternative(self) -> Alternative:
        """The alternative."""
        return self.held.reading.alternatives[self.number]

    @property
    def changes(self) -> dict[str, Any] | None:
        """The keys that would be different; ``None`` where the alternative is words only and cannot be tried."""
        return self.alternative.changes

    def path(self) -> tuple[str | int, ...]:
        """The place of the alternative in the plan."""
        return (*self.held.path(), "alternatives", self.number)


def held(plan: Plan, part: Part, name: str) -> list[Held]:
    """The readings that an entry of the plan holds."""
    entry: Any = getattr(plan, part).get(name)
    found: tuple[Reading, ...] = entry.reading if entry is not None else ()
    return [Held(plan.plan.id, part, name, i, r) for i, r in enumerate(found)]


def choices(plan: Plan) -> Iterator[Choice]:
    """Every alternative that the plan declares."""
    for part in PARTS:
        for name in getattr(plan, part):
            for h in held(plan, part, name):
                yield from h.choices()


# ------------------------------------------------------------------------------------------------------------- building


def form(entry: Model, changes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """An entry of the plan as plain data in the notation, with some of its keys changed; ``None`` removes a key.

    Raises:
        Contradiction: two of the changes give one key different values.
    """
    data = entry.model_dump(by_alias=True, mode="json", exclude_defaults=True)
    given: dict[str, Any] = {}
    for change in changes:
        for key, value in change.items():
            if key in given and given[key] != value:
                raise Contradiction(key)
            given[key] = value
    data.update(given)
    return {key: value for key, value in data.items() if not (key in given and value is None)}


def alone(plan: Plan, part: Part, name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """A plan in plain data that holds nothing but one entry, so that the entry alone is validated."""
    return {"dutyrules": 1, "plan": plan.plan, "roles": {}, "object_types": {}, "events": {}, "duties": {}, part: {name: data}}


def variant(plan: Plan, chosen: Iterable[Choice]) -> Plan:
    """The plan with those of some readings that it holds decided otherwise. Whether it then fits together is not looked at here.

    Raises:
        Contradiction: two of the alternatives give one key different values.
        pydantic.ValidationError: an entry is not one any more.
    """
    changes: dict[tuple[Part, str], list[dict[str, Any]]] = {}
    for c in chosen:
        if c.changes is not None and c.held.stands_in(plan):
            changes.setdefault((c.held.part, c.held.name), []).append(c.changes)
    for (part, name), several in changes.items():
        data = form(getattr(plan, part)[name], several)
        entry = getattr(Plan.model_validate(alone(plan, part, name, data)), part)[name]
        plan = plan.model_copy(update={part: {**getattr(plan, part), name: entry}})
    return plan


# ------------------------------------------------------------------------------------------------- what hangs on a reading


def _forms(plan: Plan, name: str) -> list[BaseDuty]:
    """A duty as decided, and as each single alternative of its own would have it."""
    found = [plan.duties[name]]
    for h in held(plan, "duties", name):
        for c in h.choices():
            try:
                found.append(variant(plan, [c]).duties[name])
            except (Contradiction, ValidationError):
                continue
    return found


def _words(plan: Plan, forms: Iterable[BaseDuty]) -> tuple[list[str], list[str]]:
    """The seasons and the object types that a duty uses in any of its forms, in the order of the plan."""
    forms = list(forms)
    periods = {n for duty in forms for n in duty.periods_named()}
    types = {t for duty in forms for t in duty.object_type}
    return [s for s in plan.seasons if periods & {s, f"non_{s}"}], [t for t in plan.object_types if t in types]


def readings_by_duty(plan: Plan) -> dict[str, tuple[Held, ...]]:
    """For each duty the readings on which it hangs.

    They are its own, those of the duties with which it shares records (``adds_to``, either way), and those of the seasons and
    object types that these use, as decided or under any alternative.
    """
    forms = {name: _forms(plan, name) for name in plan.duties}
    group = {name: {name} for name in plan.duties}
    for name, several in forms.items():
        for base in {b for duty in several if (b := getattr(duty, "adds_to", None)) in group}:
            joined = group[name] | group[base]
            for member in joined:
                group[member] = joined
    found = {}
    for name in plan.duties:
        members = [name, *(d for d in plan.duties if d in group[name] and d != name)]
        seasons, types = _words(plan, (duty for d in members for duty in forms[d]))
        places: list[tuple[Part, str]] = [("duties", d) for d in members]
        places += [("seasons", s) for s in seasons]
        places += [("object_types", t) for t in types]
        found[name] = tuple(h for part, entry in places for h in held(plan, part, entry))
    return found


def concerns(reading: Held, roster: Roster, object_id: str | None) -> bool:
    """Whether a reading on which a duty hangs is about an object: that of another object type is not."""
    if reading.part != "object_types" or object_id is None:
        return True
    return any(o.id == object_id and o.type == reading.name for o in roster.objects)


def users(plan: Plan, part: Part, name: str) -> set[str]:
    """The duties in which a changed entry may show: itself and those that add to it, or those that use the word."""
    if part == "duties":
        return {name} | {d for d, duty in plan.duties.items() if getattr(duty, "adds_to", None) == name}
    if part == "seasons":
        # A season that moves may come to overlap with any other.
        return set(plan.duties)
    return {d for d, duty in plan.duties.items() if name in duty.object_type}
