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
from test_laws import MORE, judged, view
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


def turn(number: int) -> dict[str, Any]:
    """One of three plans that follow one another, with the same duties under other clauses."""
    month = {1: "01", 2: "03", 3: "05"}[number]
    duty = {"summary": {"en": "D"}, "role": "leader", "object_type": "pond", "must": "visit", "for_each": "object"}
    return {
        "dutyrules": 1,
        "plan": {"id": f"p{number}", "title": {"en": "P"}, "in_force": {"from": f"2026-{month}-15"}, "timezone": "America/New_York",
                 **({"follows": f"p{number - 1}"} if number > 1 else {})},
        "roles": {"leader": {"en": "L"}}, "object_types": {"pond": {"en": "P"}},
        "events": {e: {"en": "E", "attributes": {"case": "integer"}} for e in ("visit", "alert")},
        "duties": {
            "visits": {**duty, "clause": f"1/{number}", "at_least": "1 per month"},
            "answers": {**duty, "clause": f"2/{number}", "trigger": "alert", "within": "2 days", "roll": "none"},
            "later": {"clause": f"3/{number}", "summary": {"en": "D"}, "object_type": "pond", "case": "case", "starts_with": "alert",
                      "steps": [{"role": "leader", "must": "visit", "within": "unspecified"}]},
        },
    }  # fmt: skip


def test_plans_in_turn_and_duties_without_a_deadline_are_the_same_as_text_and_in_a_table() -> None:
    from test_tables import shown

    roster = {
        "objects": [{"id": f"o{n}", "type": "pond"} for n in range(3)], "persons": [{"id": f"p{n}"} for n in range(4)],
        "tenures": [{"role": "leader", "person": "p0", "object": "o0", "through": "2026-03-08"},
                    {"role": "leader", "person": "p1", "object": "o0", "from": "2026-03-09"},
                    {"role": "leader", "person": "p2", "object": "o1", "from": "2026-02-01"},
                    {"role": "leader", "person": "p3", "object": "o1", "from": "2026-04-10", "through": "2026-05-20"}],
    }  # fmt: skip
    # The clock goes forward on 8 March at two.
    times = [f"2026-{m:02d}-{d:02d}T{h:02d}:{m:02d}:00" for m in range(1, 7) for d in (7, 8, 16) for h in (0, 4, 23)]
    rows = [
        {"id": f"{event}{i}{o}", "time": time, "event": event, "object": f"o{o}", "by": f"p{p}", "case": i % 20 * 3 + o}
        for i, time in enumerate(times) for o in range(3) for event, p in (("alert", 0), ("visit", (i + o) % 4)) if (i + o) % 5
    ]  # fmt: skip
    # Two records of one instant, of which the one with the smaller id comes later.
    rows += [{**row, "id": f"again {row['id']}"} for row in rows if row["event"] == "visit"]
    e = evaluate([turn(n) for n in (1, 2, 3)], roster, rows, as_of=date(2026, 6, 20))
    assert e.ledger.single == 0 and {b.run for b in e.ledger.blocks} == {("p1", "p2", "p3")}
    assert {o.plan for o in e.obligations} == {"p1", "p2", "p3"}
    assert {o.verdict for o in e.obligations if o.window.end is None} == {"met", "pending"}
    assert view(e) == view(rerun(e, columnar=False))
    agree(e)
    for evidence in (False, True):
        assert e.to_arrow(evidence).to_pylist() == [shown(o, evidence) for o in e.obligations]


def test_what_is_judged_one_by_one_stands_between_what_is_judged_in_columns() -> None:
    from test_tables import shown

    plan = turn(1)
    plan["duties"] = {"visits": plan["duties"]["visits"]}
    plan["object_types"] = {"pond": {"en": "P", "while": {"state": "open"}}}
    states = [{"state": "open", "from": "2026-01-01", "through": "2026-02-09"}, {"state": "shut", "from": "2026-02-10", "through": "2026-02-12"},
              {"state": "open", "from": "2026-02-13"}]  # fmt: skip
    objects = [{"id": f"o{n}", "type": "pond", "states": states if n % 2 else [{"state": "open"}]} for n in range(5)]
    tenures = [{"role": "leader", "person": "p", "object": f"o{n}"} for n in range(5)]
    rows = [{"id": f"r{n}", "time": f"2026-0{n % 4 + 1}-16T08:00", "event": "visit", "object": f"o{n % 5}", "by": "p"} for n in range(12)]
    e = evaluate(plan, {"objects": objects, "persons": [{"id": "p"}], "tenures": tenures}, rows, as_of=date(2026, 5, 31))
    assert 0 < e.ledger.single < len(e.ledger) and len({o.verdict for o in e.obligations}) > 1
    assert [o.subject for o in e.obligations] == sorted(o.subject for o in e.obligations)
    assert view(e) == view(rerun(e, columnar=False))
    agree(e)
    assert e.to_arrow(True).to_pylist() == [shown(o, True) for o in e.obligations]


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
