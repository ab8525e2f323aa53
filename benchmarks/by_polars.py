"""The eight duties by hand in Polars: one lazy query for all, so that common parts are reckoned once."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "2")

import numpy as np
import polars as pl
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

    records: pl.DataFrame
    tenures: pl.DataFrame


def of(w: Workload) -> Frames:
    return Frames(pl.DataFrame(record_columns(w)), pl.DataFrame(tenure_columns(w)))


def with_records(frames: Frames, w: Workload) -> Frames:
    """The same tenures with other records."""
    return Frames(pl.DataFrame(record_columns(w)), frames.tenures)


def load(folder: Path) -> Frames:
    return Frames(pl.read_parquet(folder / RECORDS), pl.read_parquet(folder / TENURES))


DAY_OF_YEAR = ((pl.col("time") - YEAR_START) // DAY).cast(pl.Int32)


def _window(edges: np.ndarray) -> pl.Expr:
    """The window of a record: every window begins with a day."""
    of_day = np.searchsorted(edges, YEAR_START + np.arange(DAYS) * DAY, side="right") - 1
    return pl.lit(pl.Series(of_day.astype(np.int32))).gather(DAY_OF_YEAR)


def _bits(rows: pl.LazyFrame, edges: np.ndarray) -> pl.LazyFrame:
    """For each window, how many sites have a record in it: each site's windows are a set of bits."""
    bits = rows.select("site", bit=pl.lit(1, pl.Int32) * (2 ** _window(edges)).cast(pl.Int32))
    held = bits.group_by("site").agg(pl.col("bit").bitwise_or())
    return held.select((((pl.col("bit") // 2**i) % 2).sum()).alias(str(i)) for i in range(len(edges) - 1))


def _ten_days(rows: pl.LazyFrame) -> pl.LazyFrame:
    """For each month, how many sites have ten different days, and for how many too few days are left."""
    windows = len(MONTH_EDGES) - 1
    month = int(np.searchsorted(MONTH_EDGES, NOW, side="right")) - 1
    left = (int(MONTH_EDGES[month + 1]) - NOW + DAY - 1) // DAY
    days = rows.select(
        key=pl.col("site") * windows + _window(MONTH_EDGES), bit=(2 ** (DAY_OF_YEAR % 31)).cast(pl.Int32), today=DAY_OF_YEAR == TODAY
    )
    held = days.group_by("key").agg(pl.col("bit").bitwise_or().bitwise_count_ones(), pl.col("today").any())
    n, number = pl.col("bit").cast(pl.Int32), pl.col("key") % windows
    late = (number == month) & (n < 10) & (n + left - pl.col("today").cast(pl.Int32) < 10)
    return held.select(*(((number == i) & (n >= 10)).sum().alias(str(i)) for i in range(windows)), hopeless=late.sum())


def _quota(sites: int, found: pl.DataFrame, edges: np.ndarray) -> Counter[str]:
    row = found.row(0, named=True)
    met = np.array([row[str(i)] for i in range(len(edges) - 1)])
    past, begun = edges[1:] <= NOW, edges[:-1] <= NOW
    hopeless = row.get("hopeless", 0)
    return Counter(
        met=int(met[begun].sum()), violated=int((sites - met[past]).sum()),
        pending=int((sites - met[begun & ~past]).sum()) - hopeless, cannot_be_met=hopeless,
    )  # fmt: skip


def _verdicts(cases: pl.LazyFrame) -> pl.LazyFrame:
    """The verdicts of limits, from ``met`` and ``late``, the first instant that is too late."""
    met, past = pl.col("met"), pl.col("late") <= NOW
    return cases.select(met=met.sum(), violated=(~met & past).sum(), pending=(~met & ~past).sum())


def _answered(alerts: pl.LazyFrame, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The first arrival at or after each alert, if it is within two hours."""
    came = rows.select("site", "time", came=pl.col("time")).sort("time")
    joined = alerts.select("site", "time").join_asof(
        came, on="time", by="site", strategy="forward", tolerance=2 * HOUR, check_sortedness=False
    )
    return _verdicts(joined.select(met=pl.col("came").is_not_null(), late=pl.col("time") + 2 * HOUR + 1))


def _followed(found: pl.LazyFrame, rows: pl.LazyFrame, late: pl.Expr) -> pl.LazyFrame:
    """A record of the same hazard at the same site, from when it was found until it is too late."""
    cases = found.select("hazard", "site", "time", late=late)
    good = cases.join(rows.select("hazard", "site", done="time"), on=["hazard", "site"]).filter(
        pl.col("done") >= pl.col("time"), pl.col("done") < pl.col("late")
    )
    done = good.select("hazard").unique().with_columns(met=True)
    return _verdicts(cases.join(done, on="hazard", how="left").select("late", met=pl.col("met").fill_null(False)))


def evaluate(frames: Frames) -> dict[str, Counter[str]]:
    """The counts of each duty by verdict."""
    seen = frames.records.lazy().filter(pl.col("time") < NOW)
    sites = frames.tenures["site"].n_unique()

    def borne(kind: str, role: int, *more: pl.Expr) -> pl.LazyFrame:
        """The records of a kind by whoever bore the role at the site then."""
        terms = frames.tenures.lazy().filter(pl.col("role") == role).select("site", "from", "end", by="person")
        rows = seen.filter(pl.col("kind") == K[kind], *more)
        return rows.join(terms, on=["site", "by"]).filter(pl.col("time") >= pl.col("from"), pl.col("time") < pl.col("end"))

    alerts, found = seen.filter(pl.col("kind") == K["alert"]), seen.filter(pl.col("kind") == K["found"])
    thirty = ((pl.col("time") + OFFSET) // DAY + 31) * DAY - OFFSET
    edges = {"D1": D1_EDGES, "D2": D2_EDGES, "D3": MONTH_EDGES, "D4": MONTH_EDGES, "D5": MONTH_EDGES}
    queries = {
        "D1": _bits(borne("inspection", 0), D1_EDGES),
        "D2": _bits(borne("inspection", 1), D2_EDGES),
        "D3": _bits(borne("inspection", 2), MONTH_EDGES),
        "D4": _ten_days(borne("shift", 3)),
        "D5": _bits(borne("review", 3, pl.col("signed") == 1), MONTH_EDGES),
        "D6": _answered(alerts, borne("on_site", 0)),
        "D7a": _followed(found, borne("reported", 3), pl.col("time") + 24 * HOUR + 1),
        "D7b": _followed(found, borne("closed", 3), thirty),
    }
    answers = dict(zip(queries, pl.collect_all(queries.values()), strict=True))
    return {
        duty: _quota(sites, found, edges[duty]) if duty in edges else Counter(found.row(0, named=True))
        for duty, found in answers.items()
    }
