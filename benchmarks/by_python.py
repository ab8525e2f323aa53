"""The eight duties by hand in plain Python: one pass over the records, dictionaries and sets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from parquet import read
from workload import AS_OF, D1_EDGES, D2_EDGES, DAY, HOUR, KINDS, MONTH_EDGES, OFFSET, YEAR_START, Workload, instant

NOW = instant(AS_OF.date()) + AS_OF.hour * HOUR
TODAY = (NOW - YEAR_START) // DAY
INSPECTION, SHIFT, REVIEW, ALERT, ON_SITE, FOUND, REPORTED, CLOSED, _ = range(len(KINDS))
TOWNSHIP, OFFICER, VILLAGE, ENTERPRISE = range(4)


@dataclass(frozen=True)
class Lists:
    """The records and tenures in lists."""

    sites: int
    records: Sequence[Sequence[Any]]
    """time, kind, site, by, signed, hazard"""
    tenures: Sequence[Sequence[Any]]
    """role, site, person, from, end"""


def of(w: Workload) -> Lists:
    columns = (w.time, w.kind, w.site, w.by, w.signed, w.hazard)
    tenures = (w.tenure_role, w.tenure_site, w.tenure_person, w.tenure_from, w.tenure_end)
    return Lists(w.sites, [c.tolist() for c in columns], [c.tolist() for c in tenures])


def load(folder: Path) -> Lists:
    return of(read(folder))


def _window_of_day(edges: Iterable[int]) -> list[int]:
    """The window of each day of the year; every window begins with a day."""
    firsts = [(int(edge) - YEAR_START) // DAY for edge in edges]
    return [bisect_right(firsts, day) - 1 for day in range(firsts[-1])]


D1_WINDOW, D2_WINDOW, MONTH = (_window_of_day(edges) for edges in (D1_EDGES, D2_EDGES, MONTH_EDGES))


def _quota(sites: int, met: Counter[int], edges: Sequence[int], hopeless: int = 0) -> Counter[str]:
    """The verdicts, from how many sites met each window and for how many of the open one it is too late."""
    out: Counter[str] = Counter()
    for window, (start, end) in enumerate(pairwise(edges)):
        if start > NOW:
            break
        out["met"] += met[window]
        if end <= NOW:
            out["violated"] += sites - met[window]
        else:
            out["cannot_be_met"] += hopeless
            out["pending"] += sites - met[window] - hopeless
    return out


def _limit(cases: Iterable[tuple[bool, int]]) -> Counter[str]:
    """The verdicts of limits, from whether each was met and the first instant that is too late."""
    return Counter("met" if met else "violated" if late <= NOW else "pending" for met, late in cases)


def evaluate(lists: Lists) -> dict[str, Counter[str]]:
    """The counts of each duty by verdict."""
    sites = lists.sites
    terms: dict[tuple[int, int, int], list[tuple[int, int]]] = {}
    for role, site, person, start, end in zip(*lists.tenures, strict=True):
        terms.setdefault((role, site, person), []).append((start, end))

    def bore(role: int, site: int, person: int, time: int) -> bool:
        return any(start <= time < end for start, end in terms.get((role, site, person), ()))

    inspected: tuple[set[tuple[int, int]], ...] = (set(), set(), set())
    windows = ((TOWNSHIP, D1_WINDOW), (OFFICER, D2_WINDOW), (VILLAGE, MONTH))
    days: set[tuple[int, int]] = set()
    reviewed: set[tuple[int, int]] = set()
    alerts: list[tuple[int, int]] = []
    arrivals: dict[int, list[int]] = {}
    found: list[tuple[int, int, int]] = []
    answers: tuple[dict[tuple[int, int], list[int]], ...] = ({}, {})
    for time, kind, site, by, signed, hazard in zip(*lists.records, strict=True):
        if time >= NOW:
            continue
        if kind == SHIFT:
            if bore(ENTERPRISE, site, by, time):
                days.add((site, (time - YEAR_START) // DAY))
        elif kind == INSPECTION:
            day = (time - YEAR_START) // DAY
            for role, window in windows:
                if bore(role, site, by, time):
                    inspected[role].add((site, window[day]))
        elif kind == REVIEW:
            if signed == 1 and bore(ENTERPRISE, site, by, time):
                reviewed.add((site, MONTH[(time - YEAR_START) // DAY]))
        elif kind == ALERT:
            alerts.append((site, time))
        elif kind == ON_SITE:
            if bore(TOWNSHIP, site, by, time):
                arrivals.setdefault(site, []).append(time)
        elif kind == FOUND:
            found.append((site, hazard, time))
        elif kind in (REPORTED, CLOSED) and bore(ENTERPRISE, site, by, time):
            answers[kind - REPORTED].setdefault((site, hazard), []).append(time)

    underground = Counter((site, MONTH[day]) for site, day in days)
    month = MONTH[TODAY]
    left = (int(MONTH_EDGES[month + 1]) - NOW + DAY - 1) // DAY
    hopeless = sum(
        (n := underground[site, month]) < 10 and n + left - ((site, TODAY) in days) < 10 for site in range(sites)
    )

    for times in arrivals.values():
        times.sort()

    def came(site: int, start: int, end: int) -> bool:
        times = arrivals.get(site, ())
        at = bisect_left(times, start)
        return at < len(times) and times[at] < end

    def limits(kind: int, late: Any) -> Iterable[tuple[bool, int]]:
        for site, hazard, time in found:
            end = late(time)
            yield any(time <= t < end for t in answers[kind].get((site, hazard), ())), end

    return {
        "D1": _quota(sites, Counter(w for _, w in inspected[TOWNSHIP]), D1_EDGES.tolist()),
        "D2": _quota(sites, Counter(w for _, w in inspected[OFFICER]), D2_EDGES.tolist()),
        "D3": _quota(sites, Counter(w for _, w in inspected[VILLAGE]), MONTH_EDGES.tolist()),
        "D4": _quota(sites, Counter(w for (_, w), n in underground.items() if n >= 10), MONTH_EDGES.tolist(), hopeless),
        "D5": _quota(sites, Counter(w for _, w in reviewed), MONTH_EDGES.tolist()),
        "D6": _limit((came(site, time, time + 2 * HOUR + 1), time + 2 * HOUR + 1) for site, time in alerts),
        "D7a": _limit(limits(0, lambda time: time + 24 * HOUR + 1)),
        "D7b": _limit(limits(1, lambda time: ((time + OFFSET) // DAY + 31) * DAY - OFFSET)),
    }
