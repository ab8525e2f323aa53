"""Deadlines counted from a day or an instant.

Source: Civil Code of China, articles 200 to 204 (how terms are counted) and 1259 ("within" includes the number).
"""

from __future__ import annotations

from datetime import date

from dateutil.relativedelta import relativedelta

from dutyrules.time.calendars import WorkCalendar
from dutyrules.time.zone import HOUR, MINUTE, Zone

__all__ = ["add_days", "deadline_after", "exact_length", "last_day_after"]


def exact_length(amount: int, unit: str) -> int:
    """Microseconds of a number of minutes or hours."""
    return amount * (MINUTE if unit == "minutes" else HOUR)


def add_days(ordinal: int, amount: int, unit: str) -> int:
    """The corresponding day ``amount`` days, weeks, months or years later (earlier, if negative); months end at month's end."""
    if unit == "days":
        return ordinal + amount
    if unit == "weeks":
        return ordinal + 7 * amount
    months = amount if unit == "months" else 12 * amount
    return (date.fromordinal(ordinal) + relativedelta(months=months)).toordinal()


def last_day_after(ordinal: int, amount: int, unit: str, calendar: WorkCalendar | None) -> int:
    """The last day of a term that excludes ``ordinal``; with a calendar it is moved on from a rest day.

    Raises:
        UnpublishedYear: the calendar does not know a year that is needed.
    """
    if unit == "working_days":
        if calendar is None:
            raise ValueError("working days need a calendar")
        return calendar.add_working_days(ordinal, amount)
    last = add_days(ordinal, amount, unit)
    return calendar.next_working_day(last) if calendar else last


def deadline_after(zone: Zone, instant: int, amount: int, unit: str, calendar: WorkCalendar | None) -> int:
    """The first instant that is too late for a term that begins at ``instant``.

    Minutes and hours include their last instant, so that the first one too late is a microsecond after it.
    """
    if unit in ("minutes", "hours"):
        return instant + exact_length(amount, unit) + 1
    return zone.start(last_day_after(zone.day_of(instant), amount, unit, calendar) + 1)
