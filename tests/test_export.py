"""What comes out in columns says what the objects say, to the byte."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from dutyrules import Evaluation, evaluate, to_csv, to_document, to_jsonl
from dutyrules.document import COLUMNS, _cell, obligation_document
from dutyrules.engine import rerun
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
    for only in (None, ["violated", "unknown"], []):
        assert b"".join(to_jsonl(e, only)).decode().splitlines() == plain_lines(e, only)
        assert to_csv(e, only) == plain_csv(e, only)
    by_duty: dict[str, Counter[str]] = {duty: Counter() for duty in sorted(e.ruled)}
    for o in e.obligations:
        by_duty[o.duty][o.verdict] += 1
    assert e.counts(by="duty") == by_duty and list(e.counts("duty")) == sorted(e.ruled)
    assert e.counts() == sum(by_duty.values(), Counter())
    violations = list(e.violations)
    assert violations == list(rerun(e, columnar=False).violations)
    assert violations[::-2] == list(e.violations[::-2])


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


ODD = ['"', "\\", "a\nb", "\x01", "\x7f", "\x85", "\u2028", "\u2029", "é", "潭", "😀", "=1+1", "-2", "a,b", "a;b", "'", "\t x", "null"]


def odd(extra: Any = ()) -> Evaluation:
    """Obligations in columns whose records and objects have odd names."""
    names = [*ODD, *extra]
    plan = {
        "dutyrules": 1, "plan": {"id": "p", "title": {"en": "P"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
        "roles": {"leader": {"en": "L"}}, "object_types": {"pond": {"en": "P"}},
        "events": {"visit": {"en": "V"}, "alert": {"en": "A"}, "found": {"en": "F", "attributes": {"hazard": "text"}},
                   "closed": {"en": "C", "attributes": {"hazard": "text"}}},
        "duties": {
            "visits": {"clause": "1", "summary": {"en": "V"}, "role": "leader", "object_type": "pond", "must": "visit", "for_each": "object",
                       "at_least": "2 per month"},
            "answers": {"clause": "2", "summary": {"en": "A"}, "role": "leader", "object_type": "pond", "trigger": "alert", "must": "visit",
                        "within": "2 hours", "for_each": "object"},
            "hazards": {"clause": "3", "summary": {"en": "H"}, "object_type": "pond", "case": "hazard", "starts_with": "found",
                        "steps": [{"role": "leader", "must": "closed", "within": "3 days", "roll": "none"}]},
        },
    }  # fmt: skip
    # A roster takes no signs that cannot be printed; a record's id and its attributes hold anything.
    keys = [f"{i}{n}" if n.isprintable() and ";" not in n else f"{i}" for i, n in enumerate(names)]
    roster = {
        "objects": [{"id": f"o{k}", "type": "pond"} for k in keys], "persons": [{"id": f"p{k}"} for k in keys],
        "tenures": [{"role": "leader", "person": f"p{k}", "object": f"o{k}"} for k in keys],
    }  # fmt: skip
    rows = [
        {"id": f"{n}{day}{n}.{hour}", "time": f"2026-01-{day:02d}T0{hour}:00:00.5", "event": event, "object": [f"o{k}"], "by": [f"p{k}"], "hazard": n}
        for day, (n, k) in enumerate(zip(names, keys, strict=True), 1)
        for hour, event in enumerate(["alert", "visit", "visit", "found", "closed"])
    ]
    return evaluate(plan, roster, rows, as_of=date(2026, 2, 10))


def test_odd_texts_are_escaped() -> None:
    e = odd()
    assert {b.duty for b in e.ledger.blocks} == {"visits", "answers", "hazards"} and e.ledger.single == 0
    assert to_csv(e) == plain_csv(e)
    text = b"".join(to_jsonl(e))
    assert [json.loads(line) for line in text.splitlines()] == to_document(e)["obligations"]
    # No reader of lines finds more of them.
    assert len(text.decode().splitlines()) == len(e.obligations)
    assert any(d["evidence"] == ["7\u2028.1", "7\u2028.2"] for d in map(json.loads, text.splitlines()))


def test_a_lone_surrogate_is_escaped() -> None:
    e = odd(["\ud800x", "x\udfff"])
    found = [json.loads(line) for line in b"".join(to_jsonl(e)).splitlines()]
    assert found == to_document(e)["obligations"] and "\ud800x19\ud800x.3" in [o["trigger"] for o in found]


def test_lines_are_read_by_data_frames() -> None:
    import polars as pl
    import pyarrow.json

    e = xixia()
    text = b"".join(to_jsonl(e))
    assert pl.read_ndjson(text)["id"].to_list() == e.ids()
    assert pyarrow.json.read_json(io.BytesIO(text))["verdict"].to_pylist() == [o.verdict for o in e.obligations]


def test_lines_say_on_what_a_verdict_hangs() -> None:
    from dutyrules.sensitivity import tried

    e = xixia()
    readings = tried(e)
    found = [json.loads(line) for line in b"".join(to_jsonl(e, ["pending"], readings)).splitlines()]
    assert found == to_document(e, ["pending"], readings)["obligations"] and all("hangs_on" in o for o in found)


def test_the_command_writes_lines(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    from dutyrules.cli import main

    example = ROOT / "examples" / "xixia"
    words = ["evaluate", str(ROOT / "duties" / "xixia-mines-2026h1.yaml"), "--roster", str(example / "roster.yaml"), "--history",
             str(example / "history.csv"), "--waivers", str(example / "waivers.yaml"), "--as-of", "2026-06-30", "--format", "jsonl"]  # fmt: skip
    expected = b"".join(to_jsonl(xixia()))
    assert main(words) == 1 and capfdbinary.readouterr().out == expected
    assert main([*words, "-o", str(tmp_path / "o.jsonl")]) == 1 and (tmp_path / "o.jsonl").read_bytes() == expected


def test_counts_by_something_else_are_refused() -> None:
    with pytest.raises(ValueError):
        xixia().counts(by="clause")  # type: ignore[call-overload]
