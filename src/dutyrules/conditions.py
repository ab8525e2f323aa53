"""Conditions on attributes: a closed set of comparisons, shared by ``where`` (records) and ``while`` (objects)."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema, model_validator

from dutyrules.model import Model, Names, Scalar, require

__all__ = ["BEARER", "LASTED", "AttributeType", "Condition", "Conditions", "coerce", "holds"]

BEARER = "bearer"
"""The value that stands for whoever bears the role."""

LASTED = "lasted_minutes"
"""The attribute that every record with `until` has of itself: how long it lasted."""

AttributeType = Literal["text", "number", "integer", "boolean", "date", "person"] | tuple[str, ...]
"""The type of an attribute; a list of names is an ordered scale, the least first."""

COMPARISONS = ("at_least", "at_most", "over", "under")


class Condition(Model):
    """What an attribute must be: one of some values, or on one side of a value."""

    one_of: tuple[Scalar, ...] | None = None
    at_least: Scalar | None = None
    at_most: Scalar | None = None
    over: Scalar | None = None
    under: Scalar | None = None

    @model_validator(mode="after")
    def _some(self) -> Condition:
        require(self.one_of or any(getattr(self, c) is not None for c in COMPARISONS), "condition_empty")
        return self

    @property
    def ordered(self) -> bool:
        """Whether it compares by order."""
        return any(getattr(self, c) is not None for c in COMPARISONS)

    def values(self) -> list[Scalar]:
        """Every value that the condition names."""
        return [*(self.one_of or ()), *(v for c in COMPARISONS if (v := getattr(self, c)) is not None)]


def _condition(value: Any) -> Any:
    if isinstance(value, Mapping):
        value = dict(value)
        if "equal" in value and "one_of" not in value:
            value["one_of"] = [value.pop("equal")]
        return value
    if isinstance(value, Condition):
        return value
    require(value is not None, "condition_empty")
    return {"one_of": list(value) if isinstance(value, (list, tuple)) else [value]}


def _show(value: Condition) -> Any:
    shown = {c: getattr(value, c) for c in COMPARISONS if getattr(value, c) is not None}
    if value.one_of is not None:
        if not shown:
            return value.one_of[0] if len(value.one_of) == 1 else list(value.one_of)
        shown["one_of"] = list(value.one_of)
    return shown


_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}
Conditions = dict[
    str,
    Annotated[
        Condition,
        BeforeValidator(_condition),
        PlainSerializer(_show),
        WithJsonSchema(
            {
                "anyOf": [
                    _SCALAR,
                    {"type": "array", "items": _SCALAR, "minItems": 1},
                    {
                        "type": "object",
                        "properties": {
                            "equal": _SCALAR,
                            "one_of": {"type": "array", "items": _SCALAR, "minItems": 1},
                            **dict.fromkeys(COMPARISONS, _SCALAR),
                        },
                        "additionalProperties": False,
                        "minProperties": 1,
                    },
                ]
            }
        ),
    ],
]
"""Attribute names to what they must be; all must hold."""


class EventPattern(Model):
    """Records of some kinds whose attributes satisfy conditions."""

    event: Names
    where: Conditions = {}


def _pattern(value: Any) -> Any:
    return {"event": value} if isinstance(value, (str, list, tuple)) else value


def _show_pattern(value: EventPattern) -> Any:
    shown = value.model_dump(by_alias=True, exclude_defaults=True)
    return shown if value.where else shown["event"]


_PATTERN_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"event": {"type": ["string", "array"]}, "where": {"type": "object"}},
    "required": ["event"],
    "additionalProperties": False,
}
_NAMES_SCHEMAS: list[dict[str, Any]] = [
    {"type": "string"},
    {"type": "array", "items": {"type": "string"}, "minItems": 1},
]
PatternField = Annotated[
    EventPattern,
    BeforeValidator(_pattern),
    PlainSerializer(_show_pattern),
    WithJsonSchema({"anyOf": [*_NAMES_SCHEMAS, _PATTERN_SCHEMA]}),
]


def _patterns(value: Any) -> Any:
    if isinstance(value, (list, tuple)) and value and all(isinstance(v, (dict, EventPattern)) for v in value):
        return tuple(value)
    return (_pattern(value),)


PatternsField = Annotated[
    tuple[EventPattern, ...],
    BeforeValidator(_patterns),
    PlainSerializer(lambda ps: _show_pattern(ps[0]) if len(ps) == 1 else [p.model_dump(by_alias=True, exclude_defaults=True) for p in ps]),
    WithJsonSchema({"anyOf": [*_NAMES_SCHEMAS, _PATTERN_SCHEMA, {"type": "array", "items": _PATTERN_SCHEMA, "minItems": 1}]}),
]
"""One pattern, or a list of patterns of which any one will do."""


def coerce(value: Any, kind: AttributeType | None) -> Any:
    """A record's value in the type its attribute has; ``None`` where it is missing or cannot be read so."""
    if value is None or value == "":
        return None
    if kind in ("number", "integer"):
        if isinstance(value, bool):
            return None
        try:
            return float(value)
        except (TypeError, ValueError):
            return None
    if kind == "boolean":
        if isinstance(value, bool):
            return value
        return {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False, "是": True, "否": False}.get(
            str(value).strip().lower()
        )
    if isinstance(kind, tuple):
        text = str(value)
        return kind.index(text) if text in kind else None
    if kind is None:
        if isinstance(value, bool):
            return str(value).lower()
        return f"{value:g}" if isinstance(value, float) else str(value)
    return str(value)


def holds(condition: Condition, value: Any, kind: AttributeType | None, bearers: Sequence[str] = ()) -> bool:
    """Whether an attribute's value satisfies the condition; a missing value satisfies none."""
    have = coerce(value, kind)
    if have is None:
        return False
    if condition.one_of is not None:
        wanted = [
            w for v in condition.one_of for w in (bearers if v == BEARER and kind == "person" else [coerce(v, kind)])
        ]
        if have not in wanted:
            return False
    comparisons = (
        (condition.at_least, operator.ge),
        (condition.at_most, operator.le),
        (condition.over, operator.gt),
        (condition.under, operator.lt),
    )
    return all(compare(have, coerce(bound, kind)) for bound, compare in comparisons if bound is not None)
