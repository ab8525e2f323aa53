"""What a plan's duties refer to: seasons, the calendar, roles, object types and kinds of events."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from dutyrules.conditions import AttributeType, Conditions
from dutyrules.model import Day, Id, Model, Names, require
from dutyrules.reading import Readings
from dutyrules.time.calendars import Holiday, WorkCalendar, YearDays
from dutyrules.time.seasons import Decision, MonthDay, SeasonRule

__all__ = ["Calendar", "EventKind", "NamedPeriod", "ObjectType", "Role", "Season", "Vocabulary"]

_MONTH_DAY = re.compile(r"(\d\d)-(\d\d|end)\Z")
_DAYS_IN = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _month_day(value: Any) -> Any:
    if isinstance(value, MonthDay):
        return value
    found = _MONTH_DAY.match(value) if isinstance(value, str) else None
    require(found, "month_day", value=value)
    assert found
    month, day = int(found[1]), 0 if found[2] == "end" else int(found[2])
    require(1 <= month <= 12 and (found[2] == "end" or 1 <= day <= _DAYS_IN[month - 1]), "month_day", value=value)
    return MonthDay(month, day)


MonthDayField = Annotated[
    MonthDay,
    BeforeValidator(_month_day),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": r"^\d\d-(\d\d|end)$"}),
]


class EveryYear(Model):
    """The same days each year, both included; may cross New Year."""

    from_: MonthDayField = Field(alias="from")
    through: MonthDayField


def _year_day(value: Any) -> Any:
    if isinstance(value, (MonthDay, date)):
        return value
    if isinstance(value, str) and _MONTH_DAY.match(value):
        return _month_day(value)
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        require(False, "month_day", value=value)


YearDay = Annotated[
    MonthDay | date,
    BeforeValidator(_year_day),
    PlainSerializer(str),
    WithJsonSchema({"type": "string", "pattern": r"^(\d{4}-)?\d\d-(\d\d|end)$"}),
]


class SeasonDecision(Model):
    """A decision that moves one year's season, and when it was taken."""

    from_: YearDay | None = Field(None, alias="from")
    through: YearDay | None = None
    decided: Day | None = None
    source: str | None = None


class Season(Model):
    """A stretch of the year. ``in_year`` names the year in which the season begins."""

    told: ClassVar[frozenset[str]] = frozenset({"source", "reading"})
    """The fields that tell something to the reader and change no verdict."""
    every_year: EveryYear | None = None
    in_year: dict[Annotated[int, Field(ge=1901, le=2199)], SeasonDecision] = {}
    snap: Literal["month"] | None = None
    source: str | None = None
    reading: Readings = ()

    @model_validator(mode="after")
    def _some(self) -> Season:
        require(self.every_year or self.in_year, "season_empty")
        return self

    def rule(self) -> SeasonRule:
        """The season as the windows need it."""

        def day(value: MonthDay | date | None, year: int) -> date | None:
            return value.in_year(year) if isinstance(value, MonthDay) else value

        def through_day(d: SeasonDecision, year: int) -> date | None:
            first = d.from_ or (self.every_year and self.every_year.from_)
            if isinstance(d.through, MonthDay) and isinstance(first, MonthDay):
                crosses = (d.through.month, d.through.day or 31) < (first.month, first.day or 31)
                return d.through.in_year(year + crosses)
            return day(d.through, year)

        return SeasonRule(
            first=self.every_year.from_ if self.every_year else None,
            through=self.every_year.through if self.every_year else None,
            decisions=tuple(
                Decision(year, day(d.from_, year), through_day(d, year), d.decided) for year, d in self.in_year.items()
            ),
            snap_month=self.snap == "month",
        )


class CalendarHoliday(Model):
    """Days off, both ends included."""

    name: Id
    from_: Day = Field(alias="from")
    through: Day


class CalendarYear(Model):
    """One year's holidays and make-up days, as its notice lists them."""

    holidays: tuple[CalendarHoliday, ...] = ()
    make_up_days: tuple[Day, ...] = ()
    source: str | None = None


class NamedPeriod(Model):
    """A period with a name: holidays, fixed days of the year, or opened and closed by records."""

    holidays: Names | None = None
    every_year: EveryYear | None = None
    opened_by: str | None = None
    closed_by: str | None = None

    @property
    def declared(self) -> bool:
        """Whether records open and close it."""
        return self.opened_by is not None


def _named_period(value: Any) -> Any:
    if value == "declared":
        return {"opened_by": "period_opened", "closed_by": "period_closed"}
    if isinstance(value, (list, tuple)):
        return {"holidays": value}
    if isinstance(value, dict) and {"from", "through"} == set(value):
        return {"every_year": value}
    if isinstance(value, dict):
        given = {k for k in value if k in ("holidays", "every_year", "opened_by")}
        require(len(given) == 1 and (("opened_by" in value) == ("closed_by" in value)), "named_period")
    else:
        require(isinstance(value, NamedPeriod), "named_period")
    return value


def _show_period(value: NamedPeriod) -> Any:
    if value.holidays:
        return list(value.holidays)
    if value.opened_by == "period_opened" and value.closed_by == "period_closed":
        return "declared"
    if value.every_year:
        return value.every_year.model_dump(by_alias=True)
    return {"opened_by": value.opened_by, "closed_by": value.closed_by}


_EVERY_YEAR_SCHEMA = {
    "type": "object",
    "properties": {"from": {"type": "string"}, "through": {"type": "string"}},
    "required": ["from", "through"],
    "additionalProperties": False,
}
NamedPeriodField = Annotated[
    NamedPeriod,
    BeforeValidator(_named_period),
    PlainSerializer(_show_period),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "declared"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
                _EVERY_YEAR_SCHEMA,
                {
                    "type": "object",
                    "properties": {
                        "holidays": {"type": ["string", "array"]},
                        "every_year": _EVERY_YEAR_SCHEMA,
                        "opened_by": {"type": "string"},
                        "closed_by": {"type": "string"},
                    },
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class Calendar(Model):
    """Working days and named periods."""

    working_days: Literal["china", "weekdays"] | None = None
    years: dict[Annotated[int, Field(ge=1901, le=2199)], CalendarYear] = {}
    named_periods: dict[Id, NamedPeriodField] = {}

    def work_calendar(self) -> WorkCalendar | None:
        """Which days are worked, if the plan says so."""
        if self.working_days is None:
            return None
        years = {
            year: YearDays(
                tuple(Holiday(h.name, h.from_, h.through) for h in days.holidays), frozenset(days.make_up_days)
            )
            for year, days in self.years.items()
        }
        return WorkCalendar(self.working_days, years)


class Named(Model):
    """Something with a name in Chinese, in English, or in both."""

    zh: str | None = None
    en: str | None = None

    @model_validator(mode="after")
    def _some(self) -> Named:
        require(self.zh or self.en, "label_empty")
        return self

    def text(self, lang: str = "en") -> str:
        """The name in the language, or else in the other one."""
        return (self.zh or self.en or "") if lang == "zh" else (self.en or self.zh or "")


class Role(Named):
    """A post that a person bears by a tenure."""

    deputy: str | None = None


def _attribute_type(value: Any) -> Any:
    if isinstance(value, list):
        require(value and all(isinstance(v, (str, int)) and not isinstance(v, bool) for v in value), "attribute_type", value=value)
        return tuple(str(v) for v in value)
    if not isinstance(value, tuple):
        require(value in ("text", "number", "integer", "boolean", "date", "person"), "attribute_type", value=value)
    return value


Attributes = dict[
    str,
    Annotated[
        AttributeType,
        BeforeValidator(_attribute_type),
        PlainSerializer(lambda v: list(v) if isinstance(v, tuple) else v),
        WithJsonSchema(
            {
                "anyOf": [
                    {"enum": ["text", "number", "integer", "boolean", "date", "person"]},
                    {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 1},
                ]
            }
        ),
    ],
]


class ObjectType(Named):
    """A type of object; ``while`` says when objects of the type are in scope of any duty at all."""

    told: ClassVar[frozenset[str]] = frozenset({"zh", "en", "reading"})
    """The fields that tell something to the reader and change no verdict."""
    while_: Conditions = Field({}, alias="while")
    attributes: Attributes = {}
    reading: Readings = ()


class EventKind(Named):
    """A kind of record and the attributes it may carry."""

    attributes: Attributes = {}


class Vocabulary(Model):
    """The words that the duties of a plan are made of."""

    seasons: dict[Id, Season] = {}
    calendar: Calendar = Calendar.model_construct()
    roles: dict[Id, Role]
    object_types: dict[Id, ObjectType]
    events: dict[Id, EventKind]

    def season_keys(self) -> dict[str, tuple[str, bool]]:
        """Every season entry: the name to (season, whether it is the complement)."""
        keys = {name: (name, False) for name in self.seasons}
        keys.update({f"non_{name}": (name, True) for name in self.seasons})
        return keys

    def attribute_type(self, events: tuple[str, ...], attribute: str) -> AttributeType | None:
        """The type of an attribute of these kinds of events, if one of them declares it."""
        return next((k.attributes[attribute] for e in events if (k := self.events.get(e)) and attribute in k.attributes), None)

    def object_attribute_type(self, object_type: str, attribute: str) -> AttributeType | None:
        """The type of an attribute of an object type, if declared."""
        kind = self.object_types.get(object_type)
        return kind.attributes.get(attribute) if kind else None
