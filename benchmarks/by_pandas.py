"""The eight duties by hand in pandas."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from files import RECORDS, TENURES, record_columns, tenure_columns
from workload import (
    AS_OF,
    D1_EDGES,
    D2_EDGES,
    DAY,
    HOUR,
    KINDS,
    MONTH_EDGES,
    OFFSET,
    YEAR_END,
    YEAR_START,
    Workload,
    instant,
)

NOW = instant(AS_OF.date()) + AS_OF.hour * HOUR
TODAY = (NOW - YEAR_START) // DAY
K = {name: i for i, name in enumerate(KINDS)}
DAYS = (YEAR_END - YEAR_START) // DAY


@dataclass(frozen=True)
class Frames:
    """Records in order of time, and tenures."""

    records: pd.DataFrame
    tenures: pd.DataFrame


def of(w: Workload) -> Frames:
    return Frames(pd.DataFrame(record_columns(w)), pd.DataFrame(tenure_columns(w)))


def with_records(frames: Frames, w: Workload) -> Frames:
    """The same tenures with other records."""
    return Frames(pd.DataFrame(record_columns(w)), frames.tenures)


def load(folder: Path) -> Frames:
    return Frames(pd.read_parquet(folder / RECORDS), pd.read_parquet(folder / TENURES))


def _windows(edges: np.ndarray) -> np.ndarray:
    """The window of each day of the year; every window begins with a day."""
    return np.searchsorted(edges, YEAR_START + np.arange(DAYS) * DAY, side="right") - 1


def _verdicts_of_windows(sites: int, met: pd.Series, edges: np.ndarray, hopeless: int = 0) -> Counter[str]:
    held = met.reindex(range(len(edges) - 1), fill_value=0).to_numpy()
    past, begun = edges[1:] <= NOW, edges[:-1] <= NOW
    return Counter(
        met=int(held[begun].sum()), violated=int((sites - held[past]).sum()),
        pending=int((sites - held[begun & ~past]).sum()) - hopeless, cannot_be_met=hopeless,
    )  # fmt: skip


def _once(sites: int, rows: pd.DataFrame, edges: np.ndarray) -> Counter[str]:
    """One record in the window is enough."""
    window = _windows(edges)[((rows["time"] - YEAR_START) // DAY).to_numpy()]
    held = pd.Series(rows["site"].to_numpy(np.int64) * len(edges) + window).drop_duplicates()
    return _verdicts_of_windows(sites, (held % len(edges)).value_counts(), edges)


def _ten_days(sites: int, rows: pd.DataFrame) -> Counter[str]:
    day = ((rows["time"] - YEAR_START) // DAY).to_numpy()
    held = pd.Series(rows["site"].to_numpy(np.int64) * DAYS + day).drop_duplicates()
    site, day = held.to_numpy() // DAYS, held.to_numpy() % DAYS
    months = pd.Series(site * len(MONTH_EDGES) + _windows(MONTH_EDGES)[day])
    n = months.value_counts(sort=False)
    month = int(_windows(MONTH_EDGES)[TODAY])
    left = (int(MONTH_EDGES[month + 1]) - NOW + DAY - 1) // DAY
    now = n[n.index % len(MONTH_EDGES) == month]
    now.index //= len(MONTH_EDGES)
    today = pd.Series(1, index=site[day == TODAY]).reindex(now.index, fill_value=0)
    hopeless = int(((now < 10) & (now + left - today < 10)).sum())
    enough = pd.Series(n[n >= 10].index % len(MONTH_EDGES)).value_counts()
    return _verdicts_of_windows(sites, enough, MONTH_EDGES, hopeless)


def _verdicts(met: pd.Series, late: pd.Series) -> Counter[str]:
    """The verdicts of limits; ``late`` is the first instant that is too late."""
    past = late <= NOW
    return Counter(met=int(met.sum()), violated=int((~met & past).sum()), pending=int((~met & ~past).sum()))


def _answered(alerts: pd.DataFrame, rows: pd.DataFrame) -> Counter[str]:
    """The first arrival at or after each alert, if it is within two hours."""
    came = rows[["site", "time"]].assign(came=1)
    joined = pd.merge_asof(alerts[["site", "time"]], came, on="time", by="site", direction="forward", tolerance=2 * HOUR)
    return _verdicts(joined["came"].notna(), joined["time"] + 2 * HOUR + 1)


def _followed(found: pd.DataFrame, rows: pd.DataFrame, late: pd.Series) -> Counter[str]:
    """A record of the same hazard at the same site, from when it was found until it is too late."""
    cases = found[["hazard", "site", "time"]].assign(late=late)
    joined = cases.merge(rows[["hazard", "site", "time"]], on=["hazard", "site"], suffixes=("", "_done"))
    good = joined.loc[(joined["time_done"] >= joined["time"]) & (joined["time_done"] < joined["late"]), "hazard"]
    return _verdicts(cases["hazard"].isin(good), cases["late"])


def evaluate(frames: Frames) -> dict[str, Counter[str]]:
    """The counts of each duty by verdict."""
    records, tenures = frames.records, frames.tenures
    sites = tenures["site"].nunique()
    seen = records["time"] < NOW

    def of_kind(kind: str) -> pd.DataFrame:
        return records[(records["kind"] == K[kind]) & seen]

    def borne(rows: pd.DataFrame, role: int) -> pd.DataFrame:
        """The records by whoever bore the role at the site then."""
        terms = tenures.loc[tenures["role"] == role, ["site", "person", "from", "end"]].rename(columns={"person": "by"})
        joined = rows.merge(terms, on=["site", "by"])
        return joined[(joined["time"] >= joined["from"]) & (joined["time"] < joined["end"])]

    inspected, reviews, found = of_kind("inspection"), of_kind("review"), of_kind("found")
    thirty = ((found["time"] + OFFSET) // DAY + 31) * DAY - OFFSET
    return {
        "D1": _once(sites, borne(inspected, 0), D1_EDGES),
        "D2": _once(sites, borne(inspected, 1), D2_EDGES),
        "D3": _once(sites, borne(inspected, 2), MONTH_EDGES),
        "D4": _ten_days(sites, borne(of_kind("shift"), 3)),
        "D5": _once(sites, borne(reviews[reviews["signed"] == 1], 3), MONTH_EDGES),
        "D6": _answered(of_kind("alert"), borne(of_kind("on_site"), 0)),
        "D7a": _followed(found, borne(of_kind("reported"), 3), found["time"] + 24 * HOUR + 1),
        "D7b": _followed(found, borne(of_kind("closed"), 3), thirty),
    }
