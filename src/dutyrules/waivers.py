"""Waivers: who is excused from what, from, through, because, approved by whom."""

from __future__ import annotations

from pydantic import Field, model_validator

from dutyrules.model import Day, Label, Model, Names, require
from dutyrules.roster import Key

__all__ = ["Waiver", "Waivers"]


class Waiver(Model):
    """An excuse with an end.

    It excuses an obligation whose last day lies in it; with ``suspends`` its time is taken out of the window instead.
    """

    id: Key
    duties: Names
    person: Key | None = None
    object: Key | None = None
    area: Key | None = None
    from_: Day = Field(alias="from")
    through: Day
    because: str | Label
    approved_by: str
    suspends: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Waiver:
        require(sum(x is not None for x in (self.person, self.object, self.area)) == 1, "waiver_who")
        require(self.from_ <= self.through, "span_order", first=self.from_, last=self.through)
        return self


class Waivers(Model):
    """The content of a waivers file."""

    waivers: tuple[Waiver, ...] = ()
