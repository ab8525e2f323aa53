"""Quantities, durations and periods: short phrases with a closed grammar, and the structured form that means the same.

=========  ==========================================================================================
QUANTITY   ``N [days|working days|hours] [per PERIOD | every DURATION | in any DURATION]``, ``every DURATION``
PERIOD     ``day, week, ten_days, month, quarter, half_year, year, season``, a named period,
           ``N months``, and with an anchor ``N days|weeks|months|years from YYYY-MM-DD``
DURATION   ``N minutes|hours|days|working days|weeks|months|years``
=========  ==========================================================================================

A number may also come from the roster: ``{count: {from: ATTRIBUTE}, per: year}``.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

__all__ = ["CALENDAR_PERIODS", "Duration", "DurationField", "Figure", "Fraction", "Period", "Quantity", "QuantityField"]

CALENDAR_PERIODS = ("day", "week", "ten_days", "month", "quarter", "half_year", "year", "season")
DURATION_UNITS = ("minutes", "hours", "days", "working_days", "weeks", "months", "years")
STEP_UNITS = ("days", "weeks", "months", "years")
_LARGEST = 100_000
_COUNT = r"(?P<count>\d{1,6})(?:\s+(?P<unit>days?|working[ _]days?|hours?|times?))?"
_DURATION = re.compile(r"(?P<amount>\d{1,6})\s+(?P<unit>minute|hour|day|working[ _]day|week|month|year)s?\Z")
_PERIOD = re.compile(r"(?:(?P<n>\d{1,4})\s+)?(?P<name>[^\W\d]\w*)(?:\s+from\s+(?P<anchor>\d{4}-\d\d-\d\d))?\Z")
_QUANTITY = re.compile(
    rf"(?:{_COUNT})?\s*(?:per\s+(?P<per>.+?)|every\s+(?P<every>.+?)|in\s+any\s+(?P<in_any>.+?))?\s*\Z"
)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


def _refuse(kind: str, value: object) -> PydanticCustomError:
    return PydanticCustomError(kind, "not understood: {value}", {"value": str(value)})


class Figure(_Model):
    """A number that the roster holds: the name of an attribute of the subject."""

    from_: str = Field(alias="from")


Number = Annotated[int, Field(ge=0, le=_LARGEST)]


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, dict, Figure)):
        raise _refuse("number", value)
    return value


NumberOrFigure = Annotated[
    Number | Figure,
    BeforeValidator(_number),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": _LARGEST},
                {
                    "type": "object",
                    "properties": {"from": {"type": "string"}},
                    "required": ["from"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class Duration(_Model):
    """A length of time, such as ``3 working days``."""

    amount: NumberOrFigure
    unit: Literal["minutes", "hours", "days", "working_days", "weeks", "months", "years"]

    @property
    def exact(self) -> bool:
        """Whether it runs from the instant (minutes and hours) instead of by days."""
        return self.unit in ("minutes", "hours")

    def phrase(self) -> str | dict[str, Any]:
        """The short phrase, or the structured form where the number comes from the roster."""
        if isinstance(self.amount, Figure):
            return {"amount": {"from": self.amount.from_}, "unit": self.unit}
        unit = self.unit.replace("_", " ")
        return f"{self.amount} {unit[:-1] if self.amount == 1 else unit}"


def parse_duration(value: Any) -> Any:
    """A duration from its phrase; anything that is not text is left to the model."""
    if not isinstance(value, str):
        if isinstance(value, (dict, Duration)):
            return value
        raise _refuse("duration", value)
    found = _DURATION.match(value.strip())
    if not found:
        raise _refuse("duration", value)
    return {"amount": int(found["amount"]), "unit": re.sub(r"\s", "_", found["unit"]) + "s"}


def _show_duration(value: Duration) -> Any:
    return value.phrase()


_DURATION_SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": r"^\d{1,6} +(minute|hour|day|working[ _]day|week|month|year)s?$"},
        {
            "type": "object",
            "properties": {
                "amount": {"anyOf": [{"type": "integer"}, {"type": "object"}]},
                "unit": {"enum": list(DURATION_UNITS)},
            },
            "required": ["amount", "unit"],
            "additionalProperties": False,
        },
    ]
}
DurationField = Annotated[
    Duration, BeforeValidator(parse_duration), PlainSerializer(_show_duration), WithJsonSchema(_DURATION_SCHEMA)
]


class Period(_Model):
    """A calendar window that recurs: ``month``, ``2 months from 2026-04-16``, or the name of a period of the plan."""

    unit: str
    n: Annotated[int, Field(ge=1, le=1000)] = 1
    anchor: date | None = None

    @property
    def stepped(self) -> bool:
        """Whether it is counted in steps of several days, weeks, months or years."""
        return self.unit in STEP_UNITS

    def phrase(self) -> str:
        """The short phrase."""
        name = f"{self.n} {self.unit}" if self.stepped else self.unit
        return f"{name} from {self.anchor.isoformat()}" if self.anchor else name


def parse_period(value: Any) -> Any:
    """A period from its phrase."""
    if isinstance(value, (dict, Period)):
        return value
    found = _PERIOD.match(value.strip()) if isinstance(value, str) else None
    if not found:
        raise _refuse("period", value)
    n, name, anchor = found["n"], found["name"], found["anchor"]
    if n is None and anchor is None:
        return {"unit": name}
    unit = name if name.endswith("s") else name + "s"
    if unit not in STEP_UNITS or (anchor is None and unit != "months"):
        raise _refuse("period", value)
    # "1 months" is the calendar month and "12 months" the calendar year: January is their only beginning.
    if anchor is None and 12 % int(n):
        raise PydanticCustomError("period_months", "{value}", {"value": value})
    return {"unit": unit, "n": int(n or 1), "anchor": anchor}


def _show_period(value: Period) -> Any:
    return value.phrase()


PeriodField = Annotated[
    Period, BeforeValidator(parse_period), PlainSerializer(_show_period), WithJsonSchema({"type": "string"})
]


class Quantity(_Model):
    """How many of what, over which time: ``10 working days per month``, ``every 60 days``, ``1 in any 60 days``."""

    count: NumberOrFigure
    unit: Literal["events", "days", "working_days", "hours"] = "events"
    per: PeriodField | None = None
    every: DurationField | None = None
    in_any: DurationField | None = None

    @model_validator(mode="after")
    def _one_time(self) -> Quantity:
        if sum(x is not None for x in (self.per, self.every, self.in_any)) > 1:
            raise PydanticCustomError("quantity_times", "more than one of per, every, in any", {})
        if self.every is not None and (self.count != 1 or self.unit != "events"):
            raise PydanticCustomError("quantity_every", "a gap is between single events", {})
        if self.every is not None and self.every.unit == "working_days":
            raise PydanticCustomError("quantity_every", "a gap is not counted in working days", {})
        if self.in_any is not None and self.in_any.unit not in ("days", "weeks"):
            raise PydanticCustomError("quantity_in_any", "days or weeks", {})
        return self

    def phrase(self) -> str | dict[str, Any]:
        """The short phrase, or the structured form where a number comes from the roster."""
        if isinstance(self.count, Figure) or any(d and isinstance(d.amount, Figure) for d in (self.every, self.in_any)):
            out: dict[str, Any] = {"count": {"from": self.count.from_} if isinstance(self.count, Figure) else self.count}
            if self.unit != "events":
                out["unit"] = self.unit
            if self.per:
                out["per"] = self.per.phrase()
            if self.every:
                out["every"] = self.every.phrase()
            if self.in_any:
                out["in_any"] = self.in_any.phrase()
            return out
        if self.every:
            return f"every {self.every.phrase()}"
        text = str(self.count)
        if self.unit != "events":
            unit = self.unit.replace("_", " ")
            text += " " + (unit[:-1] if self.count == 1 else unit)
        if self.per:
            text += f" per {self.per.phrase()}"
        if self.in_any:
            text += f" in any {self.in_any.phrase()}"
        return text


def parse_quantity(value: Any) -> Any:
    """A quantity from its phrase; a bare number is a count of events."""
    if isinstance(value, (dict, Quantity)):
        if isinstance(value, dict) and "every" in value and "count" not in value:
            return {"count": 1, **value}
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return {"count": value}
    found = _QUANTITY.match(value.strip()) if isinstance(value, str) and value.strip() else None
    if not found or (found["count"] is None and found["every"] is None):
        raise _refuse("quantity", value)
    unit = re.sub(r"\s", "_", found["unit"] or "events").removesuffix("s") + "s"
    return {
        "count": int(found["count"] or 1),
        "unit": "events" if unit == "times" else unit,
        **{k: found[k] for k in ("per", "every", "in_any") if found[k]},
    }


def _show_quantity(value: Quantity) -> Any:
    return value.phrase()


QUANTITY_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {
            "type": "string",
            "pattern": r"^(\d{1,6}( +(times?|days?|working[ _]days?|hours?))?)?( *(per|every|in any) +.+)?$",
            "minLength": 1,
        },
        {"type": "integer", "minimum": 0},
        {
            "type": "object",
            "properties": {
                "count": {"anyOf": [{"type": "integer"}, {"type": "object"}]},
                "unit": {"enum": ["events", "days", "working_days", "hours"]},
                "per": {"type": "string"},
                "every": _DURATION_SCHEMA,
                "in_any": _DURATION_SCHEMA,
            },
            "additionalProperties": False,
        },
    ]
}
QuantityField = Annotated[
    Quantity, BeforeValidator(parse_quantity), PlainSerializer(_show_quantity), WithJsonSchema(QUANTITY_SCHEMA)
]


class Fraction(_Model):
    """An exact fraction between 0 and 1, written ``1/2``."""

    numerator: Annotated[int, Field(ge=0)]
    denominator: Annotated[int, Field(ge=1)]

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"
