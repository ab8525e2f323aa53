"""What every model of dutyrules shares: frozen values, no unknown keys, labels in two languages, dates in text form."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from dutyrules.time.zone import FIRST_YEAR, LAST_YEAR

__all__ = ["Accepted", "Day", "Id", "Label", "Model", "Names", "Scalar", "require"]

_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z")
_ID = re.compile(r"[^\W\d_][\w.\-]*\Z")


class Model(BaseModel):
    """The base of all models: immutable, strict about keys."""

    # Building each model when its class is made would cost more than all else that checking a plan does; for the same reason
    # the docstrings of fields are read only when a schema is made.
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


def require(condition: object, kind: str, **args: object) -> None:
    """Raise the fault ``kind`` unless the condition holds; for use inside validators."""
    if not condition:
        raise PydanticCustomError(kind, kind, {k: str(v) for k, v in args.items()})


def _day(value: Any) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        found = value
    else:
        require(isinstance(value, str) and _DAY.match(value), "day", value=value)
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("day", "day", {"value": value}) from None
    require(FIRST_YEAR < found.year < LAST_YEAR, "day_range", value=value, first=FIRST_YEAR + 1, last=LAST_YEAR - 1)
    return found


Day = Annotated[
    date,
    BeforeValidator(_day),
    PlainSerializer(lambda d: d.isoformat()),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}),
]
"""A calendar date, written YYYY-MM-DD."""


def _id(value: str) -> str:
    require(len(value) <= 200 and _ID.match(value), "id", value=value)
    return value


Id = Annotated[str, AfterValidator(_id), WithJsonSchema({"type": "string", "pattern": r"^[^\W\d_][\w.\-]*$"})]
"""An identifier: begins with a letter; letters, digits, dots, hyphens, underscores."""


def _names(value: Any) -> Any:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (list, tuple)):
        require(value, "empty_list")
        require(all(isinstance(v, str) for v in value), "names", value=value)
        require(len(set(value)) == len(value), "repeated", value=value)
    return value


def _show_names(value: tuple[str, ...]) -> Any:
    return value[0] if len(value) == 1 else list(value)


Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_names),
    PlainSerializer(_show_names),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
"""One name or a list of names."""

Scalar = str | int | float | bool


class Label(Model):
    """A text in Chinese, in English, or in both."""

    zh: str | None = None
    en: str | None = None

    @model_validator(mode="after")
    def _some(self) -> Label:
        require(self.zh or self.en, "label_empty")
        return self

    def text(self, lang: str = "en") -> str:
        """The text in the language, or else in the other one."""
        return (self.zh or self.en or "") if lang == "zh" else (self.en or self.zh or "")


Accepted = dict[Annotated[str, StringConstraints(pattern=r"^DR5\d\d$")], Label]
"""Codes of findings that are meant to be so, with the reason."""
