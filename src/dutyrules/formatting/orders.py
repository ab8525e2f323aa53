"""The order of keys: that of the models, except where another one reads better.

A shape says in which order the keys of a mapping go and what shape their values have; a list has the shape of its items.
Names that the author chose (of duties, roles, events, …) have no order, and no shape gives them one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, reduce
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from dutyrules.conditions import Condition
from dutyrules.duties import KINDS
from dutyrules.duties.response import Within
from dutyrules.plan import Plan, PlanTest
from dutyrules.roster import Area, Dated, Object, Roster, State, Tenure
from dutyrules.vocabulary import NamedPeriod
from dutyrules.waivers import Waiver, Waivers

__all__ = ["Shape", "ordered", "shape_of"]


@dataclass(frozen=True, slots=True)
class Shape:
    """The order of a mapping's keys and the shapes of its values; ``each`` is that of values under names of the author's."""

    keys: tuple[str, ...] = ()
    inside: Mapping[str, Shape] = field(default_factory=dict)
    each: Shape | None = None

    def below(self, key: object) -> Shape:
        """The shape of the value of a key."""
        return self.inside.get(str(key)) or self.each or _NONE

    def rank(self, key: object) -> int:
        """Where a key goes; all that are not known go last. Which language comes first is the author's choice."""
        known = "zh" if key == "en" else key
        return self.keys.index(str(known)) if known in self.keys else len(self.keys)


_NONE = Shape()

# A duty reads as a sentence: whence it comes and what it says; who, about what, in which case; does what, how; how often, by when.
_DUTY = (
    *("clause", "summary", "severity", "role", "object_type", "while"),
    *("case", "starts_with", "steps", "if_missed", "trigger", "one_episode", "lapses_with"),
    *("keep", "must_not", "must", "where", "may_be_done_by", "for_each", "area_type", "covers", "personal", "during", "unless"),
    *("at_least", "at_most", "between", "cut_windows", "within", "before", "not_before", "roll"),
    *("apart", "adds_to", "gaps_up_to", "late", "reading", "accepted", "note"),
)
_ORDERS: dict[type[BaseModel], tuple[str, ...]] = {
    Plan: ("dutyrules", "plan", "seasons", "calendar", "roles", "object_types", "events", "duties", "clauses", "tests"),
    Object: ("id", "name", "type", "area", "from", "through", "states", "attributes", "note"),
    Tenure: ("role", "person", "bearer", "object", "type", "area", "from", "through", "note"),
    Condition: ("equal", "one_of", "at_least", "over", "at_most", "under"),
    NamedPeriod: ("holidays", "from", "through", "every_year", "opened_by", "closed_by"),
    Within: ("before", "after"),
    State: ("state", "from", "through"),
    Dated: ("value", "from", "through", "source"),
    **dict.fromkeys(KINDS.values(), _DUTY),
}
# What a test holds in short form, for which its model has plain data.
_SHORT: dict[type[BaseModel], dict[str, type[BaseModel]]] = {
    PlanTest: {"areas": Area, "objects": Object, "roster": Tenure, "waivers": Waiver}
}


def shape_of(data: Mapping[Any, Any]) -> Shape | None:
    """The shape of a file, told by its top-level keys: a plan (or tests of one), a roster, waivers; ``None``: none of them."""
    keys = set(data)
    if keys & {"dutyrules", "plan", "duties", "tests", "roles", "object_types", "events"}:
        return _model(Plan)
    if keys & {"areas", "objects", "persons", "tenures"}:
        return _model(Roster)
    return _model(Waivers) if "waivers" in keys else None


def ordered(data: Any, shape: Shape) -> Any:
    """The data with its keys in order."""
    if isinstance(data, dict):
        return {k: ordered(data[k], shape.below(k)) for k in sorted(data, key=shape.rank)}
    return [ordered(v, shape) for v in data] if isinstance(data, list) else data


@cache
def _model(model: type[BaseModel]) -> Shape:
    names = {f.alias or name: f.annotation for name, f in model.model_fields.items()}
    keys = _ORDERS.get(model, ())
    short = _SHORT.get(model, {})
    inside = {name: _model(short[name]) if name in short else _annotated(kind) for name, kind in names.items()}
    return Shape((*keys, *(n for n in names if n not in keys)), {n: s for n, s in inside.items() if s})


def _annotated(annotation: Any) -> Shape | None:
    """The shape of what a field holds: of the models in it, those of a union together."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _model(annotation)
    parts = get_args(annotation)
    if get_origin(annotation) is dict:
        each = _annotated(parts[1])
        return Shape(each=each) if each else None
    return reduce(_together, (shape for part in parts if (shape := _annotated(part))), None)


def _together(one: Shape | None, other: Shape | None) -> Shape | None:
    if one is None or other is None:
        return one or other
    keys = dict.fromkeys((*one.keys, *other.keys))
    inside = {k: s for k in keys if (s := _together(one.inside.get(k), other.inside.get(k)))}
    return Shape(tuple(keys), inside, _together(one.each, other.each))
