"""A history judged from Parquet files part by part gives what it gives in memory, and takes less of it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from dutyrules import (
    InputError,
    Progress,
    bounded,
    evaluate,
    evaluate_in_parts,
    evaluations_in_parts,
    load_history,
    load_plan,
)
from dutyrules.strategies import Case, cases
from test_partition import ROSTER, plan_of, said, several
from test_tables import row

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))


def rows_of(table: Any) -> list[dict[str, Any]]:
    return sorted(table.to_pylist(), key=lambda r: r["id"])


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(n for r in rows for n in r)) or ["id", "time", "event"]
    return pa.table({n: pa.array([r.get(n) for r in rows], pa.string()) for n in names})


def options(case: Case) -> dict[str, Any]:
    return {"as_of": case.as_of, "known_at": case.known_at, "waivers": case.waivers, "complete_through": case.history.complete_through}


@given(cases(), st.randoms(use_true_random=False))
def test_a_drawn_case_gives_from_files_what_it_gives_in_memory(tmp_path_factory: pytest.TempPathFactory, case: Case, random: Random) -> None:
    case = several(case, random)
    table = table_of([row(r) for r in case.history.records])
    whole = evaluate(case.plan, case.roster, load_history(table), **options(case))
    folder = tmp_path_factory.mktemp("history")
    cut = random.randint(0, len(table))
    pq.write_table(table.slice(0, cut), folder / "1.parquet", row_group_size=7)
    pq.write_table(table.slice(cut), folder / "2.parquet", row_group_size=5)
    at_once = random.choice([1, 20, 10_000])
    out = folder.parent / f"{folder.name}.parquet"
    found = evaluate_in_parts(case.plan, case.roster, folder, out, at_once=at_once, evidence=True, **options(case))
    event(f"buckets: {found.buckets}")
    assert rows_of(pq.read_table(out)) == rows_of(whole.to_arrow(evidence=True))
    assert found.counts == whole.counts() and found.violations == len(whole.violations)
    assert (found.vacancies, found.skipped) == (len(whole.vacancies), len(whole.skipped))
    assert found.problems == tuple(sorted(whole.problems, key=str)) and found.warnings == whole.warnings
    evaluations = list(evaluations_in_parts(case.plan, case.roster, folder, at_once=at_once, **options(case)))
    assert said(evaluations) == said([whole])


@pytest.mark.parametrize("in_order", [True, False])
def test_a_workload_is_read_where_it_lies_or_sorted_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_order: bool) -> None:
    from adapters import PLAN, arrow_records, arrow_roster
    from workload import AS_OF, make

    from dutyrules.tables import roster_from_tables

    w = make(40, 8000, 3)
    records = arrow_records(w)
    if in_order:
        records = records.take(pa.array(w.site.argsort(kind="stable")))
    pq.write_table(records, tmp_path / "history.parquet", row_group_size=500)
    plan, roster = load_plan(PLAN), roster_from_tables(*arrow_roster(w)[:2])
    ways: list[str] = []
    for way in ("_InPlace", "_Spilled"):
        kind = getattr(bounded, way)
        monkeypatch.setattr(bounded, way, lambda *a, kind=kind, way=way: (ways.append(way), kind(*a))[1])
    steps: list[Progress] = []
    found = evaluate_in_parts(
        plan, roster, tmp_path / "history.parquet", tmp_path / "out.parquet", as_of=AS_OF, at_once=2000, progress=steps.append
    )
    whole = evaluate(plan, roster, records, as_of=AS_OF)
    assert ways == ["_InPlace" if in_order else "_Spilled"] and found.buckets == 4
    assert rows_of(pq.read_table(tmp_path / "out.parquet")) == rows_of(whole.to_arrow())
    assert pq.read_schema(tmp_path / "out.parquet").names == whole.to_arrow().schema.names
    for stage in ("load", "judge"):
        shares = [p.done / p.total for p in steps if p.stage == stage]
        assert shares and shares == sorted(shares) and shares[-1] <= 1
    assert shares[-1] == 1
    assert sorted(f.name for f in tmp_path.iterdir()) == ["history.parquet", "out.parquet"]


ROW = {"id": "1", "time": "2026-01-10T09:00", "event": "visit", "object": "m1", "by": "li"}
PLAN = plan_of(a={"object_type": "mine", "role": "chief", "must": "visit", "at_least": "1 per month", "for_each": "object"})


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([ROW, {**ROW, "id": "2"}, ROW], {("DR308", 3)}),
        # The same id at mines that are judged apart.
        ([ROW, {**ROW, "object": "m2"}], {("DR308", 2)}),
        ([ROW, {**ROW, "id": None}, {**ROW, "id": "3", "time": "noon"}], {("DR301", 2), ("DR302", 3)}),
        ([ROW, {**ROW, "id": "2", "event": None}, {**ROW, "id": "3", "event": None}], {("DR301", 2), ("DR301", 3)}),
    ],
)
def test_faulty_rows_are_told_with_file_and_number(tmp_path: Path, rows: list[dict[str, Any]], told: set[tuple[str, int]]) -> None:
    file, out = tmp_path / "history.parquet", tmp_path / "out.parquet"
    pq.write_table(table_of(rows), file)
    out.write_text("as it was")
    with pytest.raises(InputError) as fault:
        evaluate_in_parts(PLAN, ROSTER, file, out, as_of=date(2026, 1, 31), at_once=1)
    assert {(p.code, p.line) for p in fault.value.problems} == told
    assert {p.file for p in fault.value.problems} == {str(file)}
    assert out.read_text() == "as it was" and len(list(tmp_path.iterdir())) == 2


def test_rows_of_a_later_file_are_counted_from_its_beginning(tmp_path: Path) -> None:
    for name, rows in (("1", [{**ROW, "id": str(i)} for i in range(9)]), ("2", [{**ROW, "id": "9"}, {**ROW, "id": "4"}])):
        pq.write_table(table_of(rows), tmp_path / f"{name}.parquet", row_group_size=1)
    with pytest.raises(InputError) as fault:
        evaluate_in_parts(PLAN, ROSTER, tmp_path, tmp_path / "out", as_of=date(2026, 1, 31))
    (problem,) = fault.value.problems
    assert (problem.file, problem.line, problem.args["first"]) == (str(tmp_path / "2.parquet"), 2, f"{tmp_path / '1.parquet'}:5")


def test_files_may_have_columns_that_others_lack(tmp_path: Path) -> None:
    plan = plan_of(a={"object_type": "mine", "role": "chief", "must": "found", "where": {"case": "x"}, "at_least": "1 per month", "for_each": "object"})
    rows = [{**ROW, "id": f"r{i}", "event": "found", "object": f"m{i}", "case": "x"} for i in (1, 2)]
    pq.write_table(table_of([{**rows[0], "case": None, "until": None}]), tmp_path / "1.parquet")
    pq.write_table(table_of([{k: v for k, v in rows[1].items() if k != "area"}]).select(["case", "by", "object", "event", "time", "id"]), tmp_path / "2.parquet")
    roster = {**ROSTER, "tenures": [{"role": "chief", "person": "li", "object": o} for o in ("m1", "m2")]}
    for at_once in (1, 100):
        assert evaluate_in_parts(plan, roster, tmp_path, tmp_path / "out", as_of=date(2026, 1, 31), at_once=at_once).counts == {"violated": 3, "met": 1}
    pq.write_table(pa.table({"id": [1], "event": ["x"], "time": ["2026-01-01"]}), tmp_path / "3.parquet")
    with pytest.raises(InputError) as fault:
        evaluate_in_parts(plan, roster, tmp_path, tmp_path / "out", as_of=date(2026, 1, 31))
    assert [(p.code, p.file) for p in fault.value.problems] == [("DR302", str(tmp_path / "3.parquet"))]


@pytest.mark.parametrize("content", [None, "not Parquet", {"id": ["1"], "event": ["visit"]}, {"id": ["1"], "time": ["2026-01-10"]}])
def test_files_that_cannot_be_used_are_told(tmp_path: Path, content: Any) -> None:
    file = tmp_path / "history.parquet"
    if isinstance(content, str):
        file.write_text(content)
    elif content is not None:
        pq.write_table(pa.table(content), file)
    with pytest.raises(InputError) as fault:
        evaluate_in_parts(PLAN, ROSTER, file, tmp_path / "out.parquet", as_of=date(2026, 1, 31))
    assert {p.file for p in fault.value.problems} == {str(file)}
    with pytest.raises(InputError):
        evaluate_in_parts(PLAN, ROSTER, tmp_path / "none", tmp_path / "out.parquet", as_of=date(2026, 1, 31))


def test_who_has_no_records_owes_all_the_same(tmp_path: Path) -> None:
    file, out = tmp_path / "history.parquet", tmp_path / "out.parquet"
    pq.write_table(table_of([]), file)
    found = evaluate_in_parts(PLAN, ROSTER, file, out, as_of=date(2026, 1, 31), at_once=1)
    assert found.counts == {"violated": 4} and found.violations == 4
    assert sorted(pq.read_table(out).column("object").to_pylist()) == ["m1", "m2", "m3", "m4"]


def test_the_peak_of_memory_follows_what_is_judged_at_once(tmp_path: Path) -> None:
    import scale

    scale.write(5_000, 1_000_000, str(tmp_path), False)

    def peak(way: str, at_once: int) -> int:
        code = f"import scale; scale.judge({way!r}, {str(tmp_path)!r}, {at_once})"
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT / "benchmarks")
        return int(json.loads(done.stdout)["peak"])

    # Python, its libraries and the roster take some 150 MB by themselves.
    assert peak("parts", 30_000) < 300e6 < 340e6 < peak("columns", 0)
