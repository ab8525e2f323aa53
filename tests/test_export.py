"""What comes out in columns says what the objects say, to the byte."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from dutyrules import Evaluation, evaluate, to_csv, to_document, to_jsonl
from dutyrules.document import COLUMNS, _cell, obligation_document
from dutyrules.strategies import Case, cases
from test_laws import MORE, judged
from test_schema import xixia

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))


def plain_csv(e: Evaluation, only: Any = None) -> str:
    """The CSV, made of objects."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for o in e.obligations:
        if only is None or o.verdict in only:
            d = obligation_document(o)
            required = d["required"] or {"count": None, "unit": None}
            window = {name: d["window"][name] for name in ("from", "through", "cut")}
            row = {**d, **window, "required": required["count"], "unit": required["unit"], "evidence": ";".join(d["evidence"])}
            writer.writerow({name: _cell(row[name]) for name in COLUMNS})
    return out.getvalue()


def plain_lines(e: Evaluation, only: Any = None) -> list[str]:
    """The lines of JSON, made of objects."""
    return [json.dumps(d, ensure_ascii=False, separators=(",", ":")) for d in to_document(e, only)["obligations"]]


def agree(e: Evaluation) -> None:
    for only in (None, ["violated", "unknown"]):
        assert b"".join(to_jsonl(e, only)).decode().splitlines() == plain_lines(e, only)
        assert to_csv(e, only) == plain_csv(e, only)


@MORE
@given(cases())
def test_a_drawn_evaluation_is_the_same_as_text(case: Case) -> None:
    agree(judged(case))


def test_the_example_is_the_same_as_text() -> None:
    agree(xixia())


@pytest.mark.parametrize("seed", range(3))
def test_a_workload_is_the_same_as_text(seed: int) -> None:
    from adapters import arrow_records, arrow_roster, plain_inputs
    from workload import AS_OF, make

    from dutyrules.tables import roster_from_tables

    w = make(25, 5000, seed)
    plan, roster, records = plain_inputs(w)
    objects, tenures, persons = arrow_roster(w)
    agree(evaluate(plan, roster, records, as_of=AS_OF))
    agree(evaluate(plan, roster_from_tables(objects, tenures, persons=persons), arrow_records(w), as_of=AS_OF))
