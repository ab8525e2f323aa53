"""The eight duties as `plan.yaml` has them, judged by dutyrules: records come as a table, or as objects."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import adapters
from parquet import read
from workload import AS_OF, Workload

from dutyrules import Evaluation, History, load_plan
from dutyrules import evaluate as judge


class Inputs(NamedTuple):
    plan: Any
    roster: Any
    history: Any
    given: int | None = None
    """Bytes of the columns it was made of."""


def from_tables(w: Workload) -> Inputs:
    """Columns in, no object for a record."""
    from dutyrules.tables import history_from_table, roster_from_tables

    objects, tenures, persons = adapters.arrow_roster(w)
    records = adapters.arrow_records(w)
    roster = roster_from_tables(objects, tenures, persons=persons)
    return Inputs(load_plan(adapters.PLAN), roster, history_from_table(records), sum(t.nbytes for t in (records, objects, tenures, persons)))


def from_objects(w: Workload) -> Inputs:
    """An object for each record."""
    plan, roster, records = adapters.plain_inputs(w)
    return Inputs(plan, roster, History(records))


def load(folder: Path) -> Inputs:
    return from_tables(read(folder))


def load_objects(folder: Path) -> Inputs:
    return from_objects(read(folder))


def held(inputs: Inputs) -> int | None:
    """Bytes of the columns that hold the input."""
    return inputs.given


def evaluate(inputs: Inputs) -> Evaluation:
    """Every obligation with its verdict, its window, who bore it and its evidence; counted, as the others count."""
    e = judge(inputs.plan, inputs.roster, inputs.history, as_of=AS_OF)
    e.counts(by="duty")
    return e


def counts(e: Evaluation) -> dict[str, Counter[str]]:
    """The counts of each duty by verdict."""
    return {duty: Counter(counted) for duty, counted in e.counts(by="duty").items()}
