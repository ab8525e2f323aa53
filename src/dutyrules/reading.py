"""Readings: what a vague word of the plan was taken to mean, and what else it could mean."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, GetJsonSchemaHandler, PlainSerializer

from dutyrules.model import Day, Label, Model

__all__ = ["Alternative", "Reading", "Readings"]


class Alternative(Model):
    """Another meaning of the same word; ``changes`` says which keys would then be different."""

    means: str | int
    changes: dict[str, Any] | None = None
    """Keys of what the reading belongs to, with the values they would have; a key of ``null`` would not be there."""


def _alternative(value: Any) -> Any:
    return {"means": value} if isinstance(value, (str, int)) and not isinstance(value, bool) else value


class _AlsoShort:
    """In the JSON Schema: a single word, or one alone in place of a list, will do as well."""

    def __init__(self, short: dict[str, Any] | None = None) -> None:
        self.short = short

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        whole = handler(core_schema)
        return {"anyOf": [self.short or whole["items"], whole]}


AlternativeField = Annotated[
    Alternative,
    BeforeValidator(_alternative),
    PlainSerializer(lambda a: a.means if a.changes is None else {"means": a.means, "changes": a.changes}),
    _AlsoShort({"type": ["string", "integer"]}),
]


class Reading(Model):
    """What a vague word of the plan was taken to mean, by whom, and when."""

    of: str
    """The word or sentence of the plan."""
    means: str | int
    """What it was taken to mean."""
    decided_by: str | None = None
    decided: Day | None = None
    because: Label | None = None
    alternatives: tuple[AlternativeField, ...] = ()


def _readings(value: Any) -> Any:
    return (value,) if isinstance(value, (dict, Reading)) else value


def _show_readings(readings: tuple[Reading, ...]) -> Any:
    shown = [r.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True) for r in readings]
    return shown[0] if len(shown) == 1 else shown


Readings = Annotated[
    tuple[Reading, ...],
    BeforeValidator(_readings),
    PlainSerializer(_show_readings),
    _AlsoShort(),
]
"""One reading, or a list of them."""
