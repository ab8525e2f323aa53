"""The eight duties by hand in numpy: what somebody would write who needs only these, and quickly.

Tables of flags have a row for each window or day and a column for each site: records are mostly in order of time, so what is
written one after the other lies close together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from parquet import read
from workload import AS_OF, D1_EDGES, D2_EDGES, DAY, HOUR, KINDS, MONTH_EDGES, OFFSET, YEAR_START, Workload, instant

NOW = instant(AS_OF.date()) + AS_OF.hour * HOUR
TODAY = (NOW - YEAR_START) // DAY
DAYS = int(MONTH_EDGES[-1] - YEAR_START) // DAY
K = {name: i for i, name in enumerate(KINDS)}


class Records(NamedTuple):
    """Those of a kind."""

    rows: np.ndarray
    time: np.ndarray
    site: np.ndarray


class Windows(NamedTuple):
    """Those of a duty; each begins with a day."""

    of_day: np.ndarray
    begun: np.ndarray
    past: np.ndarray


def windows(edges: np.ndarray) -> Windows:
    of_day = np.searchsorted(edges, YEAR_START + np.arange(DAYS) * DAY, side="right") - 1
    return Windows(of_day, edges[:-1] <= NOW, edges[1:] <= NOW)


D1, D2, MONTHS = windows(D1_EDGES), windows(D2_EDGES), windows(MONTH_EDGES)
FIRSTS = (MONTH_EDGES - YEAR_START) // DAY
Bore = Callable[[Records], np.ndarray]


def load(folder: Path) -> Workload:
    return read(folder)


def held(w: Workload) -> int:
    """Bytes of the columns that hold the input."""
    return w.nbytes


def bearers(w: Workload, role: int) -> Bore:
    """What tells whether each record is by whoever bore the role at its site then: the first term, then forward where it had ended."""
    mine = np.flatnonzero(w.tenure_role == role)
    order = mine[np.lexsort((w.tenure_from[mine], w.tenure_site[mine]))]
    person, end = w.tenure_person[order], w.tenure_end[order]
    first = np.searchsorted(w.tenure_site[order], np.arange(w.sites))
    first_person, first_end = person[first], end[first]

    def bore(r: Records) -> np.ndarray:
        by = w.by.take(r.rows)
        found = first_person.take(r.site) == by
        over = np.flatnonzero(first_end.take(r.site) <= r.time)
        later, at = r.time[over], first[r.site[over]] + 1
        while (again := end[at] <= later).any():
            at += again
        found[over] = person[at] == by[over]
        return found

    return bore


def once(w: Workload, r: Records, bore: Bore, windows: Windows) -> Counter[str]:
    """The verdicts of one record in each window."""
    met = np.zeros((len(windows.past), w.sites), dtype=bool)
    met.ravel()[(windows.of_day.take((r.time - YEAR_START) // DAY) * w.sites + r.site)[bore(r)]] = True
    return quota(met, windows)


def ten_days(w: Workload, r: Records, bore: Bore) -> Counter[str]:
    """The verdicts of ten different days in each month."""
    flags = np.zeros((DAYS, w.sites), dtype=bool)
    flags.ravel()[((r.time - YEAR_START) // DAY * w.sites + r.site)[bore(r)]] = True
    counts = np.stack([flags[a:b].sum(axis=0, dtype=np.int8) for a, b in pairwise(FIRSTS)])
    left = np.maximum(FIRSTS[1:] - TODAY, 0)[:, None] - flags[TODAY]
    return quota(counts >= 10, MONTHS, counts + left < 10)


def quota(met: np.ndarray, windows: Windows, too_few: np.ndarray | None = None) -> Counter[str]:
    """The verdicts, from which site met which window and where too few days are left of an open one."""
    begun, past = windows.begun, windows.past
    open_ = begun & ~past
    late = 0 if too_few is None else int((too_few[open_] & ~met[open_]).sum())
    return Counter(
        met=int(met[begun].sum()), violated=int((~met[past]).sum()), pending=int((~met[open_]).sum()) - late, cannot_be_met=late
    )


def limit(met: np.ndarray, late: np.ndarray) -> Counter[str]:
    """The verdicts of limits: ``late`` is the first instant that is too late."""
    past = late <= NOW
    return Counter(met=int(met.sum()), violated=int((~met & past).sum()), pending=int((~met & ~past).sum()))


def answered(alerts: Records, r: Records, bore: Bore) -> Counter[str]:
    """Within two hours of each alert, the end of the second hour included."""

    def key(of: Records) -> np.ndarray:
        return of.site * np.int64(1 << 46) + (of.time - YEAR_START)

    came, start = np.sort(key(r)[bore(r)]), key(alerts)
    met = np.searchsorted(came, start + 2 * HOUR + 1) > np.searchsorted(came, start)
    return limit(met, alerts.time + 2 * HOUR + 1)


def followed(w: Workload, found: Records, r: Records, bore: Bore, late: np.ndarray) -> Counter[str]:
    """A record of the same hazard at the same site from when it was found until it is too late."""
    size = int(w.hazard.max()) + 1
    opened, until, place = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64), np.full(size, -1, dtype=np.int32)
    hazard, h = w.hazard.take(found.rows), w.hazard.take(r.rows)
    opened[hazard], until[hazard], place[hazard] = found.time, late, found.site
    good = bore(r) & (place[h] == r.site) & (r.time >= opened[h]) & (r.time < until[h])
    met = np.zeros(size, dtype=bool)
    met[h[good]] = True
    return limit(met[hazard], late)


def evaluate(w: Workload) -> dict[str, Counter[str]]:
    """The counts of each duty by verdict."""
    seen = w.time < NOW
    township, officer, village, enterprise = (bearers(w, role) for role in range(4))

    def of_kind(kind: str, where: np.ndarray | None = None) -> Records:
        chosen = (w.kind == K[kind]) & seen
        rows = np.flatnonzero(chosen if where is None else chosen & where)
        return Records(rows, w.time.take(rows), w.site.take(rows))

    inspected, found = of_kind("inspection"), of_kind("found")
    thirty = ((found.time + OFFSET) // DAY + 31) * DAY - OFFSET
    return {
        "D1": once(w, inspected, township, D1),
        "D2": once(w, inspected, officer, D2),
        "D3": once(w, inspected, village, MONTHS),
        "D4": ten_days(w, of_kind("shift"), enterprise),
        "D5": once(w, of_kind("review", w.signed == 1), enterprise, MONTHS),
        "D6": answered(of_kind("alert"), of_kind("on_site"), township),
        "D7a": followed(w, found, of_kind("reported"), enterprise, found.time + 24 * HOUR + 1),
        "D7b": followed(w, found, of_kind("closed"), enterprise, thirty),
    }
