"""The eight duties by hand in numpy: what somebody would write who needs only these."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from workload import AS_OF, D1_EDGES, D2_EDGES, DAY, HOUR, KINDS, MONTH_EDGES, OFFSET, Workload, instant

NOW = instant(AS_OF.date()) + AS_OF.hour * HOUR
K = {name: i for i, name in enumerate(KINDS)}


def load(folder: Path) -> Workload:
    from files import read

    return read(folder)


def bearer(w: Workload, role: int, site: np.ndarray, time: np.ndarray, by: np.ndarray) -> np.ndarray:
    """Whether each record is by whoever bore the role at its site then: the first term, then forward where it had ended."""
    mine = w.tenure_role == role
    order = np.lexsort((w.tenure_from[mine], w.tenure_site[mine]))
    where, person, end = w.tenure_site[mine][order], w.tenure_person[mine][order], w.tenure_end[mine][order]
    first = np.searchsorted(where, np.arange(w.sites))
    at = first[site]
    over = np.flatnonzero(end[at] <= time)
    while len(over):
        at[over] += 1
        over = over[end[at[over]] <= time[over]]
    return person[at] == by


def quota(w: Workload, rows: np.ndarray, edges: np.ndarray, need: int, days: bool) -> Counter[str]:
    """The verdicts of so many records (or days) in each window."""
    windows = len(edges) - 1
    time, site = w.time[rows], w.site[rows].astype(np.int64)
    if days:
        day = (time + OFFSET) // DAY
        first, last = int(edges[0] + OFFSET) // DAY, int(edges[-1] + OFFSET) // DAY
        flags = np.zeros((w.sites, last - first), dtype=bool)
        flags[site, day - first] = True
        starts = ((edges[:-1] + OFFSET) // DAY - first).astype(np.int64)
        counts = np.add.reduceat(flags, starts, axis=1, dtype=np.int32)
        today = flags[:, (NOW + OFFSET) // DAY - first]
        left = (edges[1:] - NOW + DAY - 1) // DAY
        possible = counts + np.maximum(left, 0)[None, :] - (today[:, None] & (edges[1:] > NOW)[None, :])
    else:
        window = np.searchsorted(edges, time, side="right") - 1
        counts = np.bincount(site * windows + window, minlength=w.sites * windows).reshape(w.sites, windows)
        possible = np.full_like(counts, need)
    past = edges[1:] <= NOW
    begun = edges[:-1] <= NOW
    met = counts >= need
    return Counter(
        met=int(met[:, begun].sum()),
        violated=int((~met)[:, past].sum()),
        pending=int(((~met) & (possible >= need))[:, begun & ~past].sum()),
        cannot_be_met=int(((~met) & (possible < need))[:, begun & ~past].sum()),
    )


def verdicts(met: np.ndarray, deadline: np.ndarray) -> Counter[str]:
    """The verdicts of limits: ``deadline`` is the first instant that is too late."""
    past = deadline <= NOW
    return Counter(met=int(met.sum()), violated=int((~met & past).sum()), pending=int((~met & ~past).sum()))


def answered(w: Workload, alerts: np.ndarray, rows: np.ndarray) -> Counter[str]:
    """Within two hours of each alert, the end of the second hour included."""
    base = np.int64(w.time.min())
    width = np.int64(1) << 46

    def key(site: np.ndarray, time: np.ndarray) -> np.ndarray:
        return site.astype(np.int64) * width + (time - base)

    came = np.sort(key(w.site[rows], w.time[rows]))
    start = key(w.site[alerts], w.time[alerts])
    end = start + 2 * HOUR + 1
    met = np.searchsorted(came, end) > np.searchsorted(came, start)
    return verdicts(met, w.time[alerts] + 2 * HOUR + 1)


def followed(w: Workload, found: np.ndarray, rows: np.ndarray, deadline: np.ndarray) -> Counter[str]:
    """A record of the same hazard at the same site from when it was found until the deadline."""
    size = int(w.hazard.max()) + 1
    opened = np.zeros(size, dtype=np.int64)
    place = np.full(size, -1, dtype=np.int32)
    until = np.zeros(size, dtype=np.int64)
    hazard = w.hazard[found]
    opened[hazard], place[hazard], until[hazard] = w.time[found], w.site[found], deadline
    h, t = w.hazard[rows], w.time[rows]
    good = (place[h] == w.site[rows]) & (t >= opened[h]) & (t < until[h])
    met = np.zeros(size, dtype=bool)
    met[h[good]] = True
    return verdicts(met[hazard], deadline)


def evaluate(w: Workload) -> dict[str, Counter[str]]:
    """The counts of each duty by verdict."""
    seen = w.time < NOW

    def rows(kind: str, role: int | None = None, extra: np.ndarray | None = None) -> np.ndarray:
        chosen = (w.kind == K[kind]) & seen
        found = np.flatnonzero(chosen if extra is None else chosen & extra)
        return found if role is None else found[bearer(w, role, w.site[found], w.time[found], w.by[found])]

    inspected = rows("inspection")

    def inspected_by(role: int) -> np.ndarray:
        return inspected[bearer(w, role, w.site[inspected], w.time[inspected], w.by[inspected])]

    found = rows("found")
    thirty = ((w.time[found] + OFFSET) // DAY + 31) * DAY - OFFSET
    return {
        "D1": quota(w, inspected_by(0), D1_EDGES, 1, days=False),
        "D2": quota(w, inspected_by(1), D2_EDGES, 1, days=False),
        "D3": quota(w, inspected_by(2), MONTH_EDGES, 1, days=False),
        "D4": quota(w, rows("shift", 3), MONTH_EDGES, 10, days=True),
        "D5": quota(w, rows("review", 3, w.signed == 1), MONTH_EDGES, 1, days=False),
        "D6": answered(w, rows("alert"), rows("on_site", 0)),
        "D7a": followed(w, found, rows("reported", 3), w.time[found] + 24 * HOUR + 1),
        "D7b": followed(w, found, rows("closed", 3), thirty),
    }


