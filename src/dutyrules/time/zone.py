"""Instants and local days.

An instant is a whole number of microseconds since 1970-01-01T00:00Z. A day is its proleptic Gregorian ordinal
(``date.toordinal()``); it begins at the first instant that has that local date.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["DAY", "HOUR", "MINUTE", "Zone", "zone_named"]

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)
FIRST_YEAR, LAST_YEAR = 1900, 2200


class Zone:
    """A time zone as a table from days to instants and back. Make one with :func:`zone_named`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._info = ZoneInfo(name)
        self._starts: dict[int, int] = {}
        self._tables: dict[tuple[int, int], tuple[npt.NDArray[np.int64], bool]] = {}

    def start(self, ordinal: int) -> int:
        """The first instant of a day."""
        found = self._starts.get(ordinal)
        if found is None:
            midnight = datetime.fromordinal(ordinal).replace(tzinfo=self._info)
            found = self._starts[ordinal] = (midnight - _EPOCH) // _MICROSECOND
        return found

    def day_of(self, instant: int) -> int:
        """The local day of an instant."""
        # Local time is never more than a day from UTC, so the neighbours of the UTC day suffice.
        guess = instant // DAY + _EPOCH_ORDINAL
        for ordinal in (guess + 1, guess):
            if self.start(ordinal) <= instant:
                return ordinal
        return guess - 1

    def span(self, ordinal: int) -> tuple[int, int]:
        """The instants of a day, half-open."""
        return self.start(ordinal), self.start(ordinal + 1)

    def instant(self, value: datetime) -> int:
        """The instant of a datetime; one without offset is in this zone (the first of two where the clock goes back)."""
        if value.tzinfo is None:
            value = value.replace(tzinfo=self._info)
        return (value.astimezone(UTC) - _EPOCH) // _MICROSECOND

    def moment(self, value: date | datetime) -> int:
        """An instant for a point in time; a date means the end of that day."""
        if isinstance(value, datetime):
            return self.instant(value)
        return self.start(value.toordinal() + 1)

    def bounds(self, value: date | datetime) -> tuple[int, int]:
        """The earliest and the latest instant that a point in time may mean: those of a whole day, where it is a date."""
        if isinstance(value, datetime):
            at = self.instant(value.replace(fold=0) if value.fold and value.tzinfo is None else value)
            return at, at
        start, end = self.span(value.toordinal())
        return start, end - 1

    def to_datetime(self, instant: int) -> datetime:
        """The local datetime, with offset, of an instant."""
        return (_EPOCH + timedelta(microseconds=instant)).astimezone(self._info)

    def iso(self, instant: int) -> str:
        """ISO 8601 with offset, without needless fractions."""
        return self.to_datetime(instant).isoformat()

    def table(self, first: int, last: int) -> npt.NDArray[np.int64]:
        """The starts of the days ``first`` to ``last``, one a day."""
        low, high = date.fromordinal(first).year, date.fromordinal(last).year
        starts, _ = self._years(low, high)
        offset = date(low, 1, 1).toordinal()
        return starts[first - offset : last - offset + 1]

    def _years(self, low: int, high: int) -> tuple[npt.NDArray[np.int64], bool]:
        """The starts of all days of some years, and whether these days are equally long."""
        found = self._tables.get((low, high))
        if found is None:
            import numpy as np

            days = range(date(low, 1, 1).toordinal(), date(high + 1, 1, 1).toordinal())
            starts = np.array([self.start(day) for day in days], dtype=np.int64)
            starts.flags.writeable = False
            found = self._tables[low, high] = (starts, bool((np.diff(starts) == DAY).all()))
        return found

    def days_of(self, instants: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The local day of each instant."""
        import numpy as np

        if not len(instants):
            return np.empty(0, dtype=np.int64)
        low, high = self._year_of(int(instants.min())), self._year_of(int(instants.max()))
        starts, even = self._years(low, high)
        if even:
            # Without a change of the clock in between, all days are equally long.
            place: npt.NDArray[np.int64] = (instants - starts[0]) // DAY
            place += date(low, 1, 1).toordinal()
            return place
        place = np.searchsorted(starts, instants, side="right").astype(np.int64)
        place += date(low, 1, 1).toordinal() - 1
        return place

    def _year_of(self, instant: int) -> int:
        return date.fromordinal(self.day_of(instant)).year

    def local_to_instants(self, wall: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Instants of local clock readings, given as microseconds since 1970-01-01T00:00 on the local clock."""
        import numpy as np

        if not len(wall):
            return wall
        days, within = np.divmod(wall, DAY)
        first, last = int(days.min()) + _EPOCH_ORDINAL, int(days.max()) + _EPOCH_ORDINAL
        starts = self.table(first, last + 1)
        at = days - (first - _EPOCH_ORDINAL)
        out: npt.NDArray[np.int64] = starts[at] + within
        # On a day on which the clock is changed, the reading alone does not give the distance from the day's start.
        for i in np.flatnonzero(starts[at + 1] - starts[at] != DAY):
            reading = datetime(1970, 1, 1) + timedelta(microseconds=int(wall[i]))
            out[i] = self.instant(reading)
        return out


@lru_cache(maxsize=64)
def zone_named(name: str) -> Zone:
    """The zone with an IANA name.

    Raises:
        ValueError: no such zone.
    """
    try:
        return Zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(name) from error


