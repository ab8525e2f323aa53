"""Evaluation of a history that Spark holds (extra ``spark``), with more than one machine.

The roster is divided into parts that no duty looks across (:mod:`dutyrules.partition`). Each record goes to the buckets that it must
reach, each bucket's share of the roster goes there too, and each is judged by the same function as on one machine.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from dutyrules.columns import ids_of
from dutyrules.engine import Inputs, inputs_of, run
from dutyrules.errors import InputError, Problem
from dutyrules.history import FIELDS, History
from dutyrules.partition import Buckets, Division, Router
from dutyrules.plan import Plan
from dutyrules.roster import Roster
from dutyrules.tables import history_from_table, records_of
from dutyrules.waivers import Waiver

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["evaluate"]

Moment = date | datetime
_BUCKET, _SHARE = "dutyrules_bucket", "dutyrules_share"
_MOST = 20
"""How many faulty rows of a kind are told."""
_CHUNK = 16_000_000
"""About how many bytes of the roster are sent with one task."""


def evaluate(
    plans: Plan | Mapping[str, Any] | Iterable[Plan | Mapping[str, Any]],
    roster: Roster | Mapping[str, Any],
    history: DataFrame,
    *,
    as_of: Moment,
    known_at: Moment | None = None,
    waivers: Mapping[str, Any] | Iterable[Waiver] | None = None,
    complete_through: Mapping[str, Moment] | Moment | None = None,
    evidence: bool = False,
    buckets: int | None = None,
    check: bool = True,
) -> DataFrame:
    """Judge a history that Spark holds; the obligations as a Spark data frame.

    Args:
        plans, roster, as_of, known_at, waivers, complete_through: as for :func:`dutyrules.evaluate`.
        history: a data frame with the columns of a history file, further columns being attributes. ``time``, ``until`` and
            ``recorded_at`` are timestamps (``timestamp_ntz``: the plan's clock) or text; ``object`` and ``by`` text or arrays of text.
        evidence: also the columns that :meth:`Evaluation.to_arrow` adds for it.
        buckets: into how many evaluations the work is divided, as far as there are parts; without it ``spark.sql.shuffle.partitions``.
            A bucket's records must fit into the memory of one Python worker.
        check: read the history once before, to tell all faulty rows at once. Without it a faulty row ends the job when it is reached,
            with an error of Spark's, and an id that occurs twice in different buckets is not noticed.

    Returns:
        The columns of :meth:`Evaluation.to_arrow`; nothing is judged before something is done with it. A year whose working days
        are not published shows in the reason ``calendar_unpublished``.

    Raises:
        InputError: an input is faulty; with ``check``, rows that cannot be read, by their id, and ids that occur twice.
    """
    inputs = inputs_of(plans, roster, (), as_of, known_at, waivers, complete_through)
    _check_columns(history)
    if check:
        _check_rows(history)
    spark = history.sparkSession
    division = Division(inputs.plans, inputs.roster)
    count = int(str(spark.conf.get("spark.sql.shuffle.partitions"))) if buckets is None else buckets
    parted = division.in_buckets(max(1.0, len(division.object_ids) / max(count, 1)))
    routed = history.mapInArrow(_routing(_router(parted, history)), _with_bucket(history))
    # A bucket without records has its share of the roster all the same, and is judged.
    shares = spark.createDataFrame(_packed(parted))
    judged = _judging(replace(inputs, roster=Roster()), evidence)
    return routed.groupBy(_BUCKET).cogroup(shares.groupBy(_BUCKET)).applyInArrow(judged, _schema(evidence))


# -------------------------------------------------------------------------------------------------------- sound rows


def _check_columns(history: DataFrame) -> None:
    lacking = [n for n in ("id", "event") if n not in history.columns]
    if not {"time", "date"} & set(history.columns):
        lacking.append("time")
    if lacking:
        raise InputError([Problem("DR311", {"names": ", ".join(lacking)})])
    taken = {_BUCKET, _SHARE} & set(history.columns)
    if taken:
        raise ValueError(f"a column must not be called {min(taken)}")


def _check_rows(history: DataFrame) -> None:
    """Look for rows that cannot be read, on the workers, and for ids that occur twice.

    Raises:
        InputError: with each of them, up to a number.
    """
    from pyspark.sql import functions as F

    fields = history.select(*(n for n in FIELDS if n in history.columns))
    found = fields.mapInArrow(_faults, "problem string").limit(_MOST).collect()
    problems = [_problem(json.loads(row.problem)) for row in found]
    twice = fields.where(F.col("id").isNotNull()).groupBy("id").count().where("count > 1").orderBy("id").limit(_MOST).collect()
    problems += [Problem("DR314", {"value": str(row["id"]), "count": row["count"]}) for row in twice]
    if problems:
        raise InputError(sorted(problems, key=str))


def _problem(told: Mapping[str, Any]) -> Problem:
    return Problem(told["code"], told["args"], file=told["place"])


def _faults(batches: Iterator[Any]) -> Iterator[Any]:
    """What is wrong with rows, as JSON; a row has no number in Spark, so that it is told by its id."""
    import pyarrow as pa

    for batch in batches:
        table = pa.Table.from_batches([batch])
        told = []
        for p in records_of(table).columns.problems(_MOST):
            row = table.slice((p.line or 1) - 1, 1).to_pylist()[0]
            place = f"id {row['id']}" if row["id"] is not None else str({k: str(v) for k, v in row.items() if v is not None})
            if p.code != "DR308":
                told.append(json.dumps({"code": p.code, "args": {k: str(v) for k, v in p.args.items()}, "place": place}))
        yield pa.RecordBatch.from_pydict({"problem": pa.array(told, pa.string())})


# ------------------------------------------------------------------------------------------------------------ the way


def _router(parted: Buckets, history: DataFrame) -> Router:
    """The way of the records, with those that take each other back, which are looked for first."""
    router = parted.router
    if "retracts" not in history.columns:
        return router
    from pyspark.sql import functions as F

    names = [n for n in ("id", "event", "object", "area") if n in history.columns]
    takers = history.where(F.col("retracts").isNotNull() & (F.col("retracts") != "")).select(*names, "retracts")
    table = takers.toArrow()
    if not table.num_rows:
        return router
    taken = dict(zip(table.column("id").cast("string").to_pylist(), table.column("retracts").cast("string").to_pylist(), strict=True))
    wanted = history.sparkSession.createDataFrame([(t,) for t in sorted({*taken.values()})], "dutyrules_taken string")
    targets = history.select(*names).join(F.broadcast(wanted), F.col("id").cast("string") == F.col("dutyrules_taken"), "leftsemi").toArrow()
    own: dict[str, set[int]] = {}
    for part in (table.drop_columns(["retracts"]), targets):
        records = records_of(part)
        rows, of = router.routes(records.columns, records)
        for name, b in zip(ids_of(records, rows), of.tolist(), strict=True):
            own.setdefault(name, set()).add(b)
    return router.following(taken, own)


def _with_bucket(history: DataFrame) -> Any:
    from pyspark.sql.types import IntegerType, StructField, StructType

    return StructType([*history.schema.fields, StructField(_BUCKET, IntegerType(), False)])


def _routing(router: Router) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """Each record once for each bucket that it must reach, with the bucket."""

    def route(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            table = pa.Table.from_batches([batch])
            records = records_of(table)
            rows, buckets = router.routes(records.columns, records)
            yield from table.take(rows).append_column(_BUCKET, pa.array(buckets.astype(np.int32))).to_batches()

    return route


def _packed(parted: Buckets) -> Any:
    """The share of the roster of each bucket, one row each, in chunks: Spark makes a task of each, which must not be too large to send."""
    import pyarrow as pa

    chunks: list[list[bytes]] = [[]]
    for b in range(len(parted)):
        chunks[-1].append(pickle.dumps(parted.share(b), protocol=pickle.HIGHEST_PROTOCOL))
        if sum(map(len, chunks[-1])) > _CHUNK:
            chunks.append([])
    shares = pa.chunked_array([pa.array(chunk, pa.binary()) for chunk in chunks if chunk])
    return pa.table({_BUCKET: pa.array(range(len(parted)), pa.int32()), _SHARE: shares})


# -------------------------------------------------------------------------------------------------------------- judging


def _judging(inputs: Inputs, evidence: bool) -> Callable[[Any, Any], Any]:
    """The evaluation of one bucket, from its records and its share of the roster to its obligations."""

    def judge(records: Any, share: Any) -> Any:
        roster = pickle.loads(share.column(_SHARE)[0].as_py())
        history = History(history_from_table(records.drop_columns([_BUCKET])).records, inputs.history.complete_through)
        return _plain(run(replace(inputs, roster=roster, history=history)).to_arrow(evidence))

    return judge


def _plain(table: Any) -> Any:
    """A table without dictionaries, with instants in UTC: the types that Spark knows."""
    import pyarrow as pa

    def plain(kind: Any) -> Any:
        if pa.types.is_dictionary(kind):
            return kind.value_type
        return pa.timestamp("us", "UTC") if pa.types.is_timestamp(kind) else kind

    return table.cast(pa.schema([(f.name, plain(f.type)) for f in table.schema]))


def _schema(evidence: bool) -> str:
    """The columns of the obligations in Spark's words."""
    names = ("id", "verdict", "reason", "plan", "clause", "duty", "role", "subject", "object", "area", "bearer")
    kinds = dict.fromkeys(names, "string") | {
        "from": "date", "through": "date", "cut": "string", "trigger": "string", "deadline": "timestamp", "required": "bigint",
        "unit": "string", "counted": "bigint", "shortfall": "bigint",
    }  # fmt: skip
    if evidence:
        kinds |= {"settled_at": "string", "late_by": "double", "evidence": "array<string>"}
    return ", ".join(f"`{n}` {kind}" for n, kind in kinds.items())
