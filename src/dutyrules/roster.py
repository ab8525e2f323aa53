"""The roster: objects and areas, persons, and who bears which role over what, from when, through when.

Dates are whole days in the plan's zone and inclusive at both ends; no ``through`` means until further notice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from dutyrules.errors import Problem
from dutyrules.model import Day, Model, Scalar, require

__all__ = ["Area", "Dated", "Object", "Person", "Roster", "State", "Tenure"]

_BAD_KEY = re.compile(r"[/;\x00-\x1f\x7f]|^\s|\s$")


def _key(value: str) -> str:
    require(0 < len(value) <= 200 and not _BAD_KEY.search(value), "key", value=value)
    return value


Key = Annotated[str, AfterValidator(_key), WithJsonSchema({"type": "string", "minLength": 1, "pattern": "^[^/;]+$"})]
"""An identifier of the roster: any text without ``/``, ``;`` and control characters."""


class _Span(Model):
    from_: Day | None = Field(None, alias="from")
    through: Day | None = None

    @model_validator(mode="after")
    def _order(self) -> _Span:
        require(not self.from_ or not self.through or self.from_ <= self.through, "span_order", first=self.from_, last=self.through)
        return self


class State(_Span):
    """The state of an object over some days, such as ``producing`` or ``suspended``."""

    state: str


class Dated(_Span):
    """A value of an attribute over some days."""

    value: Scalar
    source: str | None = None


def _dated(value: Any) -> Any:
    if isinstance(value, (str, int, float, bool)):
        return ({"value": value},)
    return value


_DATED_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": ["string", "number", "boolean"]},
        {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {
                    "value": {"type": ["string", "number", "boolean"]},
                    "from": {"type": "string"},
                    "through": {"type": "string"},
                    "source": {"type": "string"},
                },
                "required": ["value"],
                "additionalProperties": False,
            },
        },
    ]
}
AttributeValues = dict[
    str,
    Annotated[
        tuple[Dated, ...],
        BeforeValidator(_dated),
        PlainSerializer(
            lambda ds: ds[0].value
            if len(ds) == 1 and ds[0].from_ is None and ds[0].through is None and ds[0].source is None
            else [d.model_dump(by_alias=True, exclude_none=True) for d in ds]
        ),
        WithJsonSchema(_DATED_SCHEMA),
    ],
]


class Area(Model):
    """A place that holds objects and other areas, such as a county or a township."""

    id: Key
    name: str | None = None
    type: str | None = None
    within: Key | None = None
    attributes: AttributeValues = {}


class Object(_Span):
    """Something that is inspected: a mine, a pond, a stretch of river."""

    id: Key
    name: str | None = None
    type: str
    area: Key | None = None
    states: tuple[State, ...] = ()
    attributes: AttributeValues = {}
    note: str | None = None


class Person(Model):
    """Somebody who bears roles."""

    id: Key
    name: str | None = None
    note: str | None = None
    attributes: AttributeValues = {}


class Tenure(_Span):
    """A person bears a role over an object or over an area (and all that lies in it)."""

    role: str
    person: Key
    object: Key | None = None
    area: Key | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Tenure:
        require((self.object is None) != (self.area is None), "tenure_over")
        return self


class Roster(Model):
    """Who bears what over which objects, and since when."""

    note: str | None = None
    areas: tuple[Area, ...] = ()
    objects: tuple[Object, ...] = ()
    persons: tuple[Person, ...] = ()
    tenures: tuple[Tenure, ...] = ()

    def by_id(self, group: str) -> Mapping[str, Any]:
        """The areas, objects or persons by their ids."""
        return {x.id: x for x in getattr(self, group)}

    def faults(self) -> Iterator[Problem]:
        """References that lead nowhere, names used twice, states and values that overlap."""
        for group in ("areas", "objects", "persons"):
            seen: dict[str, int] = {}
            for i, item in enumerate(getattr(self, group)):
                if item.id in seen:
                    yield Problem("DR203", {"value": item.id}, path=(group, i, "id"))
                seen[item.id] = i
        areas = {a.id for a in self.areas}
        objects = {o.id for o in self.objects}
        persons = {p.id for p in self.persons}
        for name in areas & objects:
            i = next(i for i, o in enumerate(self.objects) if o.id == name)
            yield Problem("DR203", {"value": name}, path=("objects", i, "id"))

        def known(value: str | None, names: set[str], kind: str, *path: str | int) -> Iterator[Problem]:
            if value is not None and value not in names:
                yield unknown(kind, value, names, path)

        for i, area in enumerate(self.areas):
            yield from known(area.within, areas, "area", "areas", i, "within")
            if area.id in _ancestors({a.id: a.within for a in self.areas}, area.within):
                yield Problem("DR204", {"value": area.id}, path=("areas", i, "within"))
        for i, obj in enumerate(self.objects):
            yield from known(obj.area, areas, "area", "objects", i, "area")
            yield from _overlaps(obj.states, ("objects", i, "states"))
        for i, tenure in enumerate(self.tenures):
            yield from known(tenure.person, persons, "person", "tenures", i, "person")
            yield from known(tenure.object, objects, "object", "tenures", i, "object")
            yield from known(tenure.area, areas, "area", "tenures", i, "area")
        for group in ("areas", "objects", "persons"):
            for i, item in enumerate(getattr(self, group)):
                for name, values in item.attributes.items():
                    yield from _overlaps(values, (group, i, "attributes", name))


def unknown(kind: str, value: str, names: set[str] | list[str], path: tuple[str | int, ...]) -> Problem:
    """The problem of a reference that leads nowhere, with the nearest name that exists."""
    near = get_close_matches(value, sorted(names), n=1, cutoff=0.6)
    return Problem("DR103", {"kind": kind, "value": value, "near": near[0] if near else ""}, path=path)


def _ancestors(within: dict[str, str | None], start: str | None) -> set[str]:
    seen: set[str] = set()
    while start is not None and start not in seen:
        seen.add(start)
        start = within.get(start)
    return seen


def _overlaps(spans: tuple[_Span, ...], path: tuple[str | int, ...]) -> Iterator[Problem]:
    ordered = sorted(((s.from_ or date.min, s.through or date.max, i) for i, s in enumerate(spans)))
    for (_, through, _), (first, _, i) in pairwise(ordered):
        if first <= through:
            yield Problem("DR205", {"first": first, "through": through}, path=(*path, i))
