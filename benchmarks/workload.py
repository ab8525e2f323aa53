"""The common workload: one calendar year of records about mine sites, any size, the same from run to run.

Sites, persons and records are made up. Each site has four posts: a township leader (one for 20 sites), a resident officer (10), a
village leader (4), an enterprise leader (1). A tenth of the posts change hands within the year. Each duty of ``plan.yaml`` is
missed at a rate of its own; beside what satisfies it there are records by the wrong person, by the holder before or after,
unsigned, a second time on one day, just late, and exactly on an edge; records that satisfy nothing fill up to the size.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import numpy as np

KINDS = ("inspection", "shift", "review", "alert", "on_site", "found", "reported", "closed", "note")
ROLES = ("township", "officer", "village", "enterprise")
SITES_PER_POST = (20, 10, 4, 1)
SIZES = {"tiny": (3, 20), "small": (100, 20_000), "medium": (10_000, 2_000_000), "large": (50_000, 10_000_000)}
"""Sites and records."""

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
OFFSET = 8 * HOUR
"""China's clock is eight hours ahead of UTC all the year."""

AS_OF = datetime(2025, 12, 16, 12, 0)
FAR = 1 << 61


def instant(day: date) -> int:
    """Microseconds since 1970 of a day's beginning in China."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) * SECOND - OFFSET


YEAR_START, YEAR_END = instant(date(2025, 1, 1)), instant(date(2026, 1, 1))
MONTH_EDGES = np.array([instant(date(2025, m, 1)) for m in range(1, 13)] + [YEAR_END])
D1_EDGES = np.array([instant(date(2025, m, d)) for m, d in ((1, 1), (4, 1), (5, 15), (6, 1), (7, 1), (8, 1), (9, 1), (10, 1))] + [YEAR_END])
D2_EDGES = np.array(
    [instant(date(2025, m, d)) for m, d in ((1, 1), (3, 1), (5, 1), (5, 15), (6, 1), (7, 1), (8, 1), (9, 1), (10, 1), (11, 1))] + [YEAR_END]
)


def seconds(time: np.ndarray) -> np.ndarray:
    """Whole seconds since the year began, cut to 32 bits: for tools that count no further.

    Raises:
        ValueError: a time that is no whole second.
    """
    whole, rest = np.divmod(np.asarray(time) - YEAR_START, SECOND)
    bounds = np.iinfo(np.int32)
    if rest[np.abs(whole) < bounds.max].any():
        raise ValueError("the times are not to the second")
    return np.clip(whole, -bounds.max, bounds.max).astype(np.int32)


@dataclass(frozen=True)
class Workload:
    """Columns of records and tenures. Times are microseconds since 1970 UTC; codes are places in ``KINDS``, ``ROLES``, sites."""

    sites: int
    time: np.ndarray
    kind: np.ndarray
    site: np.ndarray
    by: np.ndarray
    """A person; -1: nobody."""
    signed: np.ndarray
    """1, 0, or -1 where the record does not say."""
    hazard: np.ndarray
    """A hazard's number; -1: none."""
    tenure_role: np.ndarray
    tenure_site: np.ndarray
    tenure_person: np.ndarray
    tenure_from: np.ndarray
    """The first instant; the tenure before it ends there."""
    tenure_end: np.ndarray
    persons: int

    def __len__(self) -> int:
        return len(self.time)

    @property
    def nbytes(self) -> int:
        """Bytes of all columns."""
        return sum(c.nbytes for c in vars(self).values() if isinstance(c, np.ndarray))


class _Maker:
    def __init__(self, sites: int, records: int, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.sites, self.wanted = sites, records
        self.parts: list[tuple[np.ndarray, ...]] = []
        self.count = 0
        self._posts()

    def _posts(self) -> None:
        """Who holds each post of each site, and when it changes hands (for a tenth of the posts)."""
        site = np.arange(self.sites, dtype=np.int32)
        self.first: list[np.ndarray] = []
        self.second: list[np.ndarray] = []
        self.change: list[np.ndarray] = []
        self.persons = 0
        for per_post in SITES_PER_POST:
            post = site // per_post
            posts = int(post[-1]) + 1 if self.sites else 0
            changes = self.random.random(posts) < 0.1
            days = self.random.integers(20, 340, posts)
            when = np.where(changes, YEAR_START + days * DAY, FAR)
            self.first.append((self.persons + post).astype(np.int32))
            self.second.append((self.persons + posts + post).astype(np.int32))
            self.change.append(when[post])
            self.persons += 2 * posts

    def holder(self, role: int, site: np.ndarray, time: np.ndarray) -> np.ndarray:
        return np.where(time < self.change[role][site], self.first[role][site], self.second[role][site])

    def add(self, kind: str, site: np.ndarray, time: np.ndarray, by: Any = -1, signed: Any = -1, hazard: Any = -1) -> None:
        n = len(site)
        code = np.full(n, KINDS.index(kind), dtype=np.int8)
        columns = (
            time.astype(np.int64), code, site.astype(np.int32), np.broadcast_to(np.asarray(by, dtype=np.int32), n),
            np.broadcast_to(np.asarray(signed, dtype=np.int8), n), np.broadcast_to(np.asarray(hazard, dtype=np.int32), n),
        )  # fmt: skip
        self.parts.append(columns)
        self.count += n

    def inside(self, start: Any, end: Any, n: int) -> np.ndarray:
        """Times inside windows, to the second; one in fifty exactly at the start, one in a hundred exactly at the end (too late)."""
        span = np.asarray(end) - np.asarray(start)
        time = np.asarray(start) + (self.random.random(n) * (span // SECOND)).astype(np.int64) * SECOND
        edge = self.random.random(n)
        return np.where(edge < 0.02, start, np.where(edge > 0.99, end, time))

    def quota(self, kind: str, role: int, edges: np.ndarray, miss: float, signed: bool = False) -> None:
        """One record a window, missed at a rate; and beside it some that do not count."""
        for start, end in pairwise(edges):
            site = np.flatnonzero(self.random.random(self.sites) >= miss).astype(np.int32)
            time = self.inside(start, end, len(site))
            by = self.holder(role, site, time)
            wrong = self.random.random(len(site))
            # Now and then only the other holder of the post did it, or the site's enterprise leader.
            by = np.where(wrong < 0.01, self.second[role][site], np.where(wrong > 0.99, self.first[3][site] + (role == 3), by))
            note: Any = -1
            if signed:
                note = np.where(self.random.random(len(site)) < 0.97, 1, self.random.integers(-1, 1, len(site)))
            self.add(kind, site, time, by, note)

    def shifts(self) -> None:
        """Ten different days a month (nine where it is missed), and a second shift on some of them."""
        for start, end in pairwise(MONTH_EDGES):
            days = int((end - start) // DAY)
            order = np.argsort(self.random.random((self.sites, days)), axis=1)[:, :10].astype(np.int64)
            keep = np.ones((self.sites, 10), dtype=bool)
            keep[:, 9] = self.random.random(self.sites) >= 0.05
            site = np.repeat(np.arange(self.sites, dtype=np.int32), 10)[keep.ravel()]
            first = start + order.ravel()[keep.ravel()] * DAY
            time = first + self.random.integers(0, 86_400, len(site)) * SECOND
            time = np.where(self.random.random(len(site)) < 0.01, first, time)
            self.add("shift", site, time, self.holder(3, site, time))
            again = self.random.random(len(site)) < 0.06
            later = first[again] + self.random.integers(0, 86_400, int(again.sum())) * SECOND
            self.add("shift", site[again], later, self.holder(3, site[again], later))

    def alerts(self) -> None:
        site = np.repeat(np.arange(self.sites, dtype=np.int32), 4)
        time = YEAR_START + self.random.integers(0, 365 * 86_400, len(site)) * SECOND
        self.add("alert", site, time)
        came = self.random.random(len(site)) >= 0.08
        delay = self.random.integers(0, 7200, len(site)) * SECOND
        edge = self.random.random(len(site))
        delay = np.where(edge < 0.02, 2 * HOUR, np.where(edge > 0.98, 2 * HOUR + SECOND, delay))
        at, there = (time + delay)[came], site[came]
        by = np.where(self.random.random(len(there)) < 0.98, self.holder(0, there, at), self.first[1][there])
        self.add("on_site", there, at, by)

    def hazards(self) -> None:
        per_site = 6
        site = np.repeat(np.arange(self.sites, dtype=np.int32), per_site)
        hazard = np.arange(len(site), dtype=np.int32)
        time = YEAR_START + self.random.integers(0, 365 * 86_400, len(site)) * SECOND
        self.add("found", site, time, self.first[2][site], hazard=hazard)
        for kind, miss, limit in (("reported", 0.04, DAY), ("closed", 0.12, 30 * DAY)):
            done = self.random.random(len(site)) >= miss
            delay = (self.random.random(len(site)) * (limit // SECOND)).astype(np.int64) * SECOND
            edge = self.random.random(len(site))
            delay = np.where(edge < 0.02, limit, np.where(edge > 0.98, limit + DAY + SECOND, delay))
            at, there = (time + delay)[done], site[done]
            by = np.where(self.random.random(len(there)) < 0.99, self.holder(3, there, at), self.first[2][there])
            self.add(kind, there, at, by, hazard=hazard[done])

    def fill(self) -> None:
        """Records that satisfy nothing, up to the size."""
        missing = self.wanted - self.count
        if missing <= 0:
            return
        site = self.random.integers(0, self.sites, missing).astype(np.int32)
        time = YEAR_START + self.random.integers(0, 365 * 86_400, missing) * SECOND
        kind = self.random.random(missing)
        stranger = self.first[2][site]
        self.add("note", site[kind < 0.5], time[kind < 0.5], stranger[kind < 0.5])
        self.add("shift", site[kind >= 0.5], time[kind >= 0.5], stranger[kind >= 0.5])

    def made(self) -> Workload:
        columns = [np.concatenate(c) for c in zip(*self.parts, strict=True)]
        order = np.argsort(columns[0], kind="stable")
        if len(order) > self.wanted:
            order = order[np.sort(self.random.permutation(len(order))[: self.wanted])]
        time, kind, site, by, signed, hazard = (c[order] for c in columns)
        roles, at, who, start, end = [], [], [], [], []
        everywhere = np.arange(self.sites, dtype=np.int32)
        for role in range(4):
            changes = np.flatnonzero(self.change[role] < FAR).astype(np.int32)
            roles.append(np.full(self.sites + len(changes), role, dtype=np.int8))
            at += [everywhere, changes]
            who += [self.first[role], self.second[role][changes]]
            start += [np.full(self.sites, -FAR), self.change[role][changes]]
            end += [self.change[role], np.full(len(changes), FAR)]
        return Workload(
            self.sites, time, kind, site, by, signed, hazard, np.concatenate(roles), np.concatenate(at), np.concatenate(who),
            np.concatenate(start), np.concatenate(end), self.persons,
        )  # fmt: skip


def roster_only(sites: int, seed: int = 2025) -> Workload:
    """The roster of a workload, without records."""
    maker = _Maker(sites, 0, seed)
    maker.add("note", np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int64))
    return maker.made()


def make(sites: int, records: int, seed: int = 2025) -> Workload:
    """The workload of a size: as many records, in order of time."""
    maker = _Maker(sites, records, seed)
    maker.quota("inspection", 0, D1_EDGES, 0.06)
    maker.quota("inspection", 1, D2_EDGES, 0.07)
    maker.quota("inspection", 2, MONTH_EDGES, 0.05)
    maker.quota("review", 3, MONTH_EDGES, 0.08, signed=True)
    maker.alerts()
    maker.hazards()
    maker.shifts()
    maker.fill()
    return maker.made()
