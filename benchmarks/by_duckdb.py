"""The eight duties by hand in SQL, in DuckDB."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
from files import RECORDS, TENURES
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


def _connection() -> duckdb.DuckDBPyConnection:
    db = duckdb.connect()
    db.execute("SET threads = 2; SET preserve_insertion_order = false")
    return db


def _prepared(db: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The calendar: the windows of each duty, and which of them each day of the year lies in."""
    columns = {"d1": D1_EDGES, "d2": D2_EDGES, "month": MONTH_EDGES}
    windows = [(n, i, int(a), int(b)) for n, edges in columns.items() for i, (a, b) in enumerate(pairwise(edges))]
    values = ", ".join(f"('{n}', {i}, {a}, {b})" for n, i, a, b in windows)
    db.execute(f"CREATE TABLE windows AS FROM (VALUES {values}) v(name, number, start, until)")
    days = ", ".join(
        f"(max(number) FILTER (name = '{n}' AND start <= {YEAR_START} + day * {DAY}))::UTINYINT AS {n}" for n in columns
    )
    db.execute(
        f"CREATE TABLE calendar AS SELECT day::INTEGER AS day, {days}"
        f" FROM range({(YEAR_END - YEAR_START) // DAY}) r(day), windows GROUP BY day ORDER BY day"
    )
    return db


def of(w: Workload) -> duckdb.DuckDBPyConnection:
    from parquet import tenure_table

    db = _connection()
    db.register("given_tenures", tenure_table(w))
    db.execute("CREATE TABLE tenures AS FROM given_tenures")
    return with_records(_prepared(db), w)


def with_records(db: duckdb.DuckDBPyConnection, w: Workload) -> duckdb.DuckDBPyConnection:
    """The same tenures and calendar with other records."""
    from parquet import record_table

    db.register("given_records", record_table(w))
    db.execute("CREATE OR REPLACE TABLE records AS FROM given_records")
    return db


def load(folder: Path) -> duckdb.DuckDBPyConnection:
    db = _connection()
    for name, file in (("records", RECORDS), ("tenures", TENURES)):
        db.execute(f"CREATE TABLE {name} AS FROM read_parquet($file)", {"file": str(folder / file)})
    return _prepared(db)


def _borne(kind: str, role: int, what: str, where: str = "true") -> str:
    """What the records say that are of a kind and by whoever bore the role at the site then."""
    return f"""
        SELECT {what} FROM records r JOIN tenures t ON t.site = r.site AND t.person = r."by" AND r.time >= t."from" AND r.time < t."end"
        WHERE r.kind = {K[kind]} AND t.role = {role} AND r.time < {NOW} AND {where}"""


_DAY = f"((r.time - {YEAR_START}) // {DAY})::INTEGER"


def _quota(name: str, met: str) -> str:
    """The verdicts of each window, from how many sites met it (``number``, ``met``, ``hopeless``)."""
    return f"""
        WITH done AS MATERIALIZED ({met}), sites AS (SELECT count(DISTINCT site) AS n FROM tenures)
        SELECT sum(coalesce(met, 0)) AS met,
            sum(n - coalesce(met, 0)) FILTER (until <= {NOW}) AS violated,
            sum(n - coalesce(met, 0) - coalesce(hopeless, 0)) FILTER (until > {NOW}) AS pending,
            sum(coalesce(hopeless, 0)) FILTER (until > {NOW}) AS cannot_be_met
        FROM windows LEFT JOIN done USING (number), sites WHERE name = '{name}' AND start <= {NOW}"""


def _once(name: str, rows: str) -> str:
    """One record in the window is enough: each site's windows in a set of bits."""
    return _quota(
        name,
        f"""
        SELECT number, count(*) FILTER ((bits >> number) & 1 = 1) AS met, 0 AS hopeless
        FROM (SELECT site, bit_or(1::BIGINT << {name}) AS bits FROM ({rows}) JOIN calendar USING (day) GROUP BY site),
            (SELECT number FROM windows WHERE name = '{name}')
        GROUP BY number""",
    )


def _ten_days(rows: str) -> str:
    """Different days of a month, as a set of bits; the open month may have too few days left."""
    return _quota(
        "month",
        f"""
        SELECT number, count(*) FILTER (n >= 10) AS met,
            count(*) FILTER (n < 10 AND n + (until - {NOW} + {DAY - 1}) // {DAY} - today < 10) AS hopeless
        FROM (
            SELECT month AS number, bit_count(bit_or(1::BIGINT << (day % 31))) AS n, max((day = {TODAY})::INTEGER) AS today
            FROM ({rows}) JOIN calendar USING (day) GROUP BY site, month
        ) JOIN windows USING (number) WHERE name = 'month' GROUP BY number""",
    )


_VERDICTS = f"""
    count(*) FILTER (met) AS met, count(*) FILTER (NOT met AND late <= {NOW}) AS violated,
    count(*) FILTER (NOT met AND late > {NOW}) AS pending, 0 AS cannot_be_met"""


def _answered(rows: str) -> str:
    """The first arrival at or after each alert, if it is within two hours."""
    return f"""
        SELECT {_VERDICTS} FROM (
            SELECT coalesce(came.time < a.time + {2 * HOUR + 1}, false) AS met, a.time + {2 * HOUR + 1} AS late
            FROM (SELECT site, time FROM records WHERE kind = {K["alert"]} AND time < {NOW}) a
            ASOF LEFT JOIN ({rows}) came ON came.site = a.site AND came.time >= a.time)"""


def _followed(rows: str, late: str) -> str:
    """A record of the same hazard at the same site, from when it was found until it is too late."""
    return f"""
        WITH found AS (SELECT site, hazard, time, {late} AS late FROM records WHERE kind = {K["found"]} AND time < {NOW}),
            done AS (SELECT DISTINCT hazard FROM found f JOIN ({rows}) d USING (hazard, site) WHERE d.time >= f.time AND d.time < f.late)
        SELECT {_VERDICTS} FROM (SELECT late, done.hazard IS NOT NULL AS met FROM found LEFT JOIN done USING (hazard))"""


_SITE_DAY = f"r.site, {_DAY} AS day"
QUERIES = {
    "D1": _once("d1", _borne("inspection", 0, _SITE_DAY)),
    "D2": _once("d2", _borne("inspection", 1, _SITE_DAY)),
    "D3": _once("month", _borne("inspection", 2, _SITE_DAY)),
    "D4": _ten_days(_borne("shift", 3, _SITE_DAY)),
    "D5": _once("month", _borne("review", 3, _SITE_DAY, "r.signed = 1")),
    "D6": _answered(_borne("on_site", 0, "r.site, r.time")),
    "D7a": _followed(_borne("reported", 3, "r.site, r.hazard, r.time"), f"time + {24 * HOUR + 1}"),
    "D7b": _followed(
        _borne("closed", 3, "r.site, r.hazard, r.time"), f"((time + {OFFSET}) // {DAY} + 31) * {DAY} - {OFFSET}"
    ),
}
_NAMES = ("met", "violated", "pending", "cannot_be_met")


def _counter(row: Sequence[Any]) -> Counter[str]:
    return Counter({name: int(n or 0) for name, n in zip(_NAMES, row, strict=True)})


def evaluate(db: duckdb.DuckDBPyConnection) -> dict[str, Counter[str]]:
    """The counts of each duty by verdict."""
    return {duty: _counter(db.execute(query).fetchall()[0]) for duty, query in QUERIES.items()}
