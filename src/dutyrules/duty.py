"""What every kind of duty shares: its fields, and the small parts that several kinds are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from dutyrules.conditions import Conditions, EventPattern, PatternField
from dutyrules.model import Accepted, Label, Model, Names, require
from dutyrules.quantity import DurationField
from dutyrules.reading import Readings

if TYPE_CHECKING:
    from dutyrules.bench import Bench

__all__ = ["Act", "BaseDuty", "During"]


class During(Model):
    """Times to which a duty is limited: a season or named period, or from an event until another (or for as long as it lasts)."""

    period: str | None = None
    event: Names | None = None
    where: Conditions = {}
    until: PatternField | None = None

    @model_validator(mode="after")
    def _one(self) -> During:
        require((self.period is None) != (self.event is None), "during")
        require(self.event is not None or (self.until is None and not self.where), "during")
        return self

    def pattern(self) -> EventPattern:
        """The records that open it."""
        assert self.event is not None
        return EventPattern(event=self.event, where=self.where)


def _during(value: Any) -> Any:
    return {"period": value} if isinstance(value, str) else value


DuringField = Annotated[
    During,
    BeforeValidator(_during),
    PlainSerializer(lambda d: d.period or d.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {
                        "period": {"type": "string"},
                        "event": {"type": ["string", "array"]},
                        "where": {"type": "object"},
                        "until": {"type": ["string", "array", "object"]},
                    },
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class Act(Model):
    """What must be done, and by whom it may be done besides the role's bearer."""

    must: Names
    where: Conditions = {}
    may_be_done_by: Names = ()


class BaseDuty(Model):
    """The fields of every duty."""

    marks: ClassVar[tuple[str, ...]] = ()
    """The keys by which a duty of this kind is recognised."""
    told: ClassVar[frozenset[str]] = frozenset({"clause", "summary", "severity", "note", "reading", "accepted"})
    """The fields that tell something to the reader and change no verdict."""

    clause: str
    """The clause of the plan it comes from."""
    summary: Label
    """What it says, in the author's own words."""
    severity: Literal["minor", "serious", "critical"] | None = None
    note: Label | None = None
    reading: Readings = ()
    accepted: Accepted = {}
    """Findings of ``check`` that are meant to be so, by code, with the reason."""
    role: str | None = None
    """Who bears it."""
    object_type: Names
    """The types of object it is about."""
    while_: Conditions = Field({}, alias="while")
    """The states and attributes an object must have to be in scope."""

    def roles(self) -> list[str]:
        """Every role the duty names, its own first."""
        return [self.role] if self.role else []

    def patterns(self) -> list[tuple[tuple[str | int, ...], EventPattern]]:
        """Every pattern of records it looks for, with the place in the duty at which its events stand (its ``where`` stands beside)."""
        return []

    def places(self) -> list[tuple[str | int, ...]]:
        """Every place in the duty from which obligations come: ``("at_least", "flood")``, ``("steps", 0)``; ``()``: the duty as a whole."""
        return [()]

    def periods_named(self) -> list[str]:
        """The seasons and named periods (and calendar periods) that it uses."""
        found = [getattr(self, "during", None), getattr(self, "before", None)]
        return [name for x in found if x is not None and (name := getattr(x, "period", None) or getattr(x, "season", None))]

    def durations(self) -> list[DurationField]:
        """Every length of time it names."""
        return []

    def needs_working_days(self) -> bool:
        """Whether its verdicts need a working-day calendar."""
        return any(d.unit == "working_days" for d in self.durations())

    def judge(self, duty_id: str, bench: Bench) -> None:
        """Find the obligations of this duty and their verdicts, and enter them in ``bench.ledger``."""
        raise TypeError(f"{type(self).__name__} has no meaning")
