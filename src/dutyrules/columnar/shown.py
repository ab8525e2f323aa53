"""What is shown of obligations in columns and follows from plan and roster: the ruling, who answers, where a window begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dutyrules.bench import Tenancy
from dutyrules.columnar.blocks import VERDICT, Block
from dutyrules.columnar.people import Posts
from dutyrules.columns import Codes, Instants, Mask
from dutyrules.evaluation import Evaluation, Ruled
from dutyrules.time.intervals import END, START
from dutyrules.time.zone import DAY, Zone

__all__ = ["NOBODY", "SEVERAL", "Shown", "instants_text", "same", "spread"]

NOBODY, SEVERAL = -1, -2
_ORDINAL_OF_EPOCH = date(1970, 1, 1).toordinal()
_SECOND = 1_000_000


def same(code: int, size: int) -> Codes:
    """One code for all rows."""
    return np.zeros(size, dtype=np.int32) if code == 0 else np.full(size, code, dtype=np.int32)


def spread(first: Instants, stop: Instants, rows: Instants) -> Instants:
    """The stretches ``rows[first[i]:stop[i]]``, one after another."""
    counts = stop - first
    return rows[np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))]


def instants_text(zone: Zone, instants: Instants) -> list[str]:
    """Instants in ISO 8601 with offset, as :meth:`Zone.iso` has them."""
    if not len(instants):
        return []
    days = zone.days_of(instants)
    first = int(days.min())
    starts = zone.table(first, int(days.max()) + 1)
    place = days - first
    since = instants - starts[place]
    wall = (days - _ORDINAL_OF_EPOCH) * DAY + since
    texts = np.datetime_as_string(wall.astype("datetime64[us]"), unit="s").tolist()
    offsets = {p: zone.iso(int(starts[p]))[19:] for p in np.unique(place).tolist()}
    found = [text + offsets[p] for text, p in zip(texts, place.tolist(), strict=True)]
    # Where the clock is changed, or a second is divided, each is told by itself.
    for i in np.flatnonzero((np.diff(starts)[place] != DAY) | (instants % _SECOND != 0)).tolist():
        found[i] = zone.iso(int(instants[i]))
    return found


@dataclass(frozen=True, eq=False)
class Shown:
    """Some rows of a block; the same is said of one obligation by :class:`dutyrules.evaluation.Evaluation`."""

    evaluation: Evaluation
    block: Block
    rows: Instants | slice

    @cached_property
    def objects(self) -> Codes:
        """The place of each subject in the roster."""
        return self.block.objects[self.rows]

    @cached_property
    def start(self) -> Instants:
        """When each window begins."""
        return self.block.start[self.rows]

    @cached_property
    def end(self) -> Instants:
        """When each window ends; ``END``: never."""
        return self.block.end[self.rows]

    @cached_property
    def verdict(self) -> npt.NDArray[np.int8]:
        """Each verdict, as its place in ``VERDICTS``."""
        return self.block.verdict[self.rows]

    def __len__(self) -> int:
        return len(self.objects)

    @cached_property
    def ruled(self) -> Sequence[Ruled]:
        """The duty as each plan has it through which it runs on."""
        return [r for r in self.evaluation.ruled[self.block.duty] if r.plan.plan.id in self.block.run]

    @cached_property
    def ruling(self) -> Codes:
        """Which of ``ruled`` holds for each row when its window ends (or now, if it has not ended), as :meth:`Evaluation.ruling` has it."""
        held = self.ruled
        if len(held) == 1:
            return same(0, len(self))
        at = np.minimum(self.end, np.maximum(self.evaluation.as_of_instant, self.start + 1)) - 1
        found = np.where(at >= held[-1].force[0][0], len(held) - 1, 0).astype(np.int32)
        for code in range(len(held) - 1, -1, -1):
            edges = np.array([edge for piece in held[code].force for edge in piece], dtype=np.int64)
            found[np.searchsorted(edges, at, side="right") % 2 == 1] = code
        return found

    @cached_property
    def days(self) -> tuple[Codes, Codes]:
        """The first and the last local day of each window, as ordinals; a last day of -1: never."""
        if self.block.windows is not None:
            codes, rows = self.block.windows
            first, last = self._days(self.block.start[rows], self.block.end[rows])
            return first[codes[self.rows]], last[codes[self.rows]]
        return self._days(self.start, self.end)

    def _days(self, start: Instants, end: Instants) -> tuple[Codes, Codes]:
        zone, ended = self.evaluation.zone, end < END
        last = np.full(len(end), -1, dtype=np.int32)
        last[ended] = zone.days_of(np.maximum(end[ended] - 1, start[ended]))
        return zone.days_of(start).astype(np.int32), last

    @cached_property
    def settled(self) -> tuple[Instants, Mask]:
        """When each row that is met was met, and whether only the day is known; of others, anything."""
        rows = self.rows
        return self.block.met(np.arange(*rows.indices(len(self.block))) if isinstance(rows, slice) else rows)

    @cached_property
    def settled_at(self) -> list[str | None]:
        """When each row was settled, in ISO 8601: violated at its deadline, met with what completed it (a day where only that is known)."""
        at, daily = self.settled
        met = self.verdict == VERDICT["met"]
        at = np.where(met, at, self.block.deadline[self.rows])
        told = np.flatnonzero((met | (self.verdict == VERDICT["violated"])) & (at < END))
        found: list[str | None] = [None] * len(self)
        daily = daily & met
        for i, text, day in zip(told.tolist(), instants_text(self.evaluation.zone, at[told]), daily[told].tolist(), strict=True):
            found[i] = text[:10] if day else text
        return found

    @cached_property
    def _until(self) -> Instants:
        """The instant before which somebody answers for each row."""
        endless = self.end >= END
        if not endless.any():
            return self.end
        now = np.where(self.verdict == VERDICT["met"], self.settled[0] + 1, self.evaluation.as_of_instant)
        return np.where(endless, now, self.end)

    @cached_property
    def posts(self) -> Posts:
        """The tenures of the role that answers."""
        return self.block.people.posts(self.block.role or "")

    @cached_property
    def bearer(self) -> Codes:
        """The person who answers for each row, or ``NOBODY``."""
        if self.block.role is None:
            return same(NOBODY, len(self))
        return self.posts.holder(self.objects, self._until - 1)

    @cached_property
    def tenure(self) -> Instants:
        """The one tenure within each window, as its place in ``posts``; ``NOBODY``; ``SEVERAL``."""
        found = np.full(len(self), NOBODY, dtype=np.int64)
        if self.block.role is None:
            return found
        posts, stop = self.posts, np.maximum(self._until, self.start + 1)
        first, beyond = posts.first[self.objects], posts.first[self.objects + 1]
        for k in range(posts.most):
            place = np.minimum(first + k, len(posts.person) - 1)
            fits = (first + k < beyond) & (posts.start[place] < stop) & (posts.end[place] > self.start)
            found = np.where(fits, np.where(found == NOBODY, place, SEVERAL), found)
        return found

    def tenures(self, i: int) -> list[Tenancy]:
        """The tenures within the window of the row shown in place ``i``."""
        posts, o = self.posts, int(self.objects[i])
        stop = max(int(self._until[i]), int(self.start[i]) + 1)
        places = range(int(posts.first[o]), int(posts.first[o + 1]))
        return [self.tenancy(k) for k in places if posts.start[k] < stop and posts.end[k] > self.start[i]]

    def tenancy(self, place: int) -> Tenancy:
        """A tenure of ``posts``."""
        start, end = int(self.posts.start[place]), int(self.posts.end[place])
        zone = self.evaluation.zone
        first = None if start <= START else date.fromordinal(zone.day_of(start))
        through = None if end >= END else date.fromordinal(zone.day_of(end - 1))
        return Tenancy(start, end, self.block.people.person_names[int(self.posts.person[place])], first, through)
