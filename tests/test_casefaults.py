"""Faults of tests: each told at its line, all at once, in a plan and in a file of tests."""

from __future__ import annotations

import pytest

from dutyrules.errors import InputError
from dutyrules.loading import load_cases, load_plan

PLAN = """\
dutyrules: 1
plan:
  id: test
  title: {en: Test}
  in_force: {from: 2026-01-01}
  timezone: Asia/Shanghai
roles:
  leader: {en: Leader}
object_types:
  mine: {en: Mine, attributes: {visits_per_year: integer}}
events:
  visit: {en: Visit, attributes: {signed: boolean, colour: [blue, red], next_due: date}}
duties:
  patrol:
    clause: "1"
    summary: {en: Visits}
    role: leader
    object_type: mine
    must: visit
    for_each: object
    at_least: 1 per month
"""
TESTS = """\
tests:
  - name: {en: two visits}
    areas: [{id: town}]
    objects: [{id: mine-a, type: mine, area: town, attributes: {visits_per_year: 2}, states: [{state: open}]}]
    roster:
      - {role: leader, bearer: leader-1, object: mine-a}
      - {role: leader, bearer: leader-2, object: mine-b, type: mine}
    history:
      - {id: v1, event: visit, object: mine-a, by: leader-1, date: 2026-01-31}
      - {event: visit, object: [mine-a, mine-b], by: someone-else, time: "2026-02-01T09:00", signed: true, colour: red}
      - {event: visit, object: mine-a, by: leader-1, date: 2026-02-02, retracts: v1, next_due: 2026-03-01}
    waivers: [{duties: patrol, object: mine-a, from: 2026-02-01, through: 2026-02-28}]
    complete_through: {visit: 2026-02-28, "*": 2026-02-28}
    as_of: "2026-02-28T12:00"
    known_at: 2026-03-01
    expect:
      patrol:
        mine-a 2026-01-01 .. 2026-01-31: violated
    breaches:
      patrol:
        mine-a 2026-01-01 .. 2026-01-31: ["2026-02-01T00:00 .. 2026-02-02"]
"""
HEAD = "dutyrules: 1\nplan: plan.yaml\n"

# What is changed, what it becomes, and the line (of TESTS), the column and the code of the fault.
ONE_FAULT = [
    ("date: 2026-01-31", "date: 2026-01-32", (9, 62, "DR302")),
    ("date: 2026-01-31", "dat: 2026-01-31", (9, 62, "DR706")),
    ("id: v1, event: visit", "id: v1, event: vist", (9, 18, "DR103")),
    ("id: v1, event: visit,", "id: v1,", (9, 9, "DR301")),
    ("id: v1, event: visit,", "id: v1, evnt: visit,", (9, 18, "DR101")),
    ("object: mine-a, by: leader-1, date: 2026-01-31", "object: mine-A, by: leader-1, date: 2026-01-31", (9, 32, "DR705")),
    ("object: [mine-a, mine-b]", "object: [mine-a, mine-c]", (10, 24, "DR705")),
    ("object: [mine-a, mine-b]", "area: twon", (10, 24, "DR705")),
    ("signed: true", "sined: true", (10, 94, "DR706")),
    ("signed: true", "signed: perhaps", (10, 94, "DR116")),
    ("colour: red", "colour: rot", (10, 108, "DR116")),
    ("retracts: v1", "retracts: v2", (11, 72, "DR705")),
    ("next_due: 2026-03-01", "next_due: soon", (11, 86, "DR116")),
    ("      - {event: visit, object: [", "      - {id: v1, event: visit, object: [", (10, 10, "DR308")),
    ("role: leader, bearer: leader-1", "role: leeder, bearer: leader-1", (6, 10, "DR103")),
    ("bearer: leader-1, object", "object", (6, 9, "DR704")),
    ("bearer: leader-1, object: mine-a}", "bearer: leader-1, object: mine-a, form: 2026-01-01}", (6, 58, "DR101")),
    ("object: mine-a}", "object: mine-a, from: 2026-1-1}", (6, 58, "DR104")),
    ("type: mine}\n    history", "type: mime}\n    history", (7, 58, "DR103")),
    ("type: mine, area", "type: mime, area", (4, 28, "DR103")),
    ("visits_per_year: 2", "visits_per_yaer: 2", (4, 65, "DR103")),
    ("visits_per_year: 2", "visits_per_year: two", (4, 65, "DR116")),
    ("{id: town}", "{id: town, within: county}", (3, 24, "DR103")),
    ("{id: town}", "{id: town}, {id: town}", (3, 26, "DR203")),
    ("states: [{state: open}]", "states: [{state: open}, {state: shut}]", (4, 110, "DR205")),
    ("duties: patrol, object", "duties: patrl, object", (12, 16, "DR103")),
    ("object: mine-a, from: 2026-02-01", "object: mine-c, from: 2026-02-01", (12, 32, "DR705")),
    ("object: mine-a, from: 2026-02-01", "person: leader-3, from: 2026-02-01", (12, 32, "DR705")),
    ("through: 2026-02-28}]", "through: 2026-01-28}]", (12, 15, "DR104")),
    ("{visit: 2026-02-28", "{vist: 2026-02-28", (13, 24, "DR103")),
    ("{visit: 2026-02-28", "{visit: February", (13, 24, "DR702")),
    ('"2026-02-28T12:00"', "28 February", (14, 5, "DR702")),
    ("known_at: 2026-03-01", "known_at: 2026-02-30", (15, 5, "DR702")),
    ("known_at", "known_on", (15, 5, "DR101")),
    (": violated", ": violatd", (18, 9, "DR701")),
    (": violated", ": true", (18, 9, "DR701")),
    ("expect:\n      patrol", "expect:\n      patrl", (17, 7, "DR103")),
    ("breaches:\n      patrol", "breaches:\n      patrl", (20, 7, "DR103")),
    (" .. 2026-02-02", " to 2026-02-02", (21, 43, "DR703")),
    ("      patrol:\n        mine-a 2026-01-01 .. 2026-01-31: violated\n", "      {}\n", (16, 5, "DR704")),
]


def faults(load, file):
    with pytest.raises(InputError) as caught:
        load(file)
    for p in caught.value.problems:
        assert p.text("zh") and p.text("en")
    return [(p.line, p.column, p.code) for p in caught.value.problems if p.file == str(file)]


def test_sound_tests_load(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    (tmp_path / "both.yaml").write_text(PLAN + TESTS)
    (tmp_path / "a.dutytest.yaml").write_text(HEAD + TESTS)
    plan, cases = load_plan(tmp_path / "both.yaml"), load_cases(tmp_path / "a.dutytest.yaml")
    assert cases.tests == plan.tests and [p.plan.id for p in cases.plans] == ["test"]
    assert load_plan(plan.to_dict()) == plan


@pytest.mark.parametrize(("old", "new", "fault"), ONE_FAULT)
def test_one_fault_is_found_at_its_place_in_a_plan_and_in_a_file_of_tests(tmp_path, old, new, fault):
    assert old in TESTS
    text = TESTS.replace(old, new, 1)
    line, column, code = fault
    (tmp_path / "plan.yaml").write_text(PLAN)
    (tmp_path / "both.yaml").write_text(PLAN + text)
    (tmp_path / "a.dutytest.yaml").write_text(HEAD + text)
    assert faults(load_plan, tmp_path / "both.yaml") == [(line + PLAN.count("\n"), column, code)]
    assert faults(load_cases, tmp_path / "a.dutytest.yaml") == [(line + 2, column, code)]


def test_all_faults_of_a_file_are_told_at_once(tmp_path):
    chosen = [ONE_FAULT[i] for i in (0, 9, 10, 11, 14, 18, 19, 25, 29, 31, 32, 34, 36, 37, 38)]
    text = TESTS
    for old, new, _ in chosen:
        assert old in text
        text = text.replace(old, new, 1)
    (tmp_path / "plan.yaml").write_text(PLAN)
    (tmp_path / "a.dutytest.yaml").write_text(HEAD + text)
    (tmp_path / "both.yaml").write_text(PLAN.replace("role: leader", "role: leadr") + text)
    at_their_lines = {(line + 2, code) for _, _, (line, _, code) in chosen}
    assert {(line, code) for line, _, code in faults(load_cases, tmp_path / "a.dutytest.yaml")} == at_their_lines
    in_plan = {(line, code) for line, _, code in faults(load_plan, tmp_path / "both.yaml")}
    shift = PLAN.count("\n") - 2
    assert in_plan == {(line + shift, code) for line, code in at_their_lines} | {(17, "DR103")}


def test_a_fault_of_the_plan_makes_no_fault_of_its_tests(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN.replace("{en: Visit,", "{eng: Visit,") + TESTS)
    assert [code for *_, code in faults(load_plan, tmp_path / "plan.yaml")] == ["DR101"]


@pytest.mark.parametrize("plan", ["missing.yaml", "[missing.yaml]"])
def test_a_plan_that_cannot_be_read_is_told_where_it_is_named(tmp_path, plan):
    (tmp_path / "a.dutytest.yaml").write_text(f"dutyrules: 1\nplan: {plan}\n{TESTS}")
    assert faults(load_cases, tmp_path / "a.dutytest.yaml") == [(2, 1, "DR707")]


def test_the_faults_of_a_plan_and_of_its_file_of_tests_are_told_together(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN.replace("for_each: object", "for_each: site"))
    (tmp_path / "a.dutytest.yaml").write_text(HEAD + TESTS.replace(": violated", ": broken"))
    with pytest.raises(InputError) as caught:
        load_cases(tmp_path / "a.dutytest.yaml")
    assert [(p.file, p.code) for p in caught.value.problems] == [
        (str(tmp_path / "a.dutytest.yaml"), "DR701"),
        (str(tmp_path / "plan.yaml"), "DR104"),
    ]


@pytest.mark.parametrize("text", ["", "- 1\n", "tests: 3\n", "dutyrules: 1\nplan: {}\ntests: [x, {history: [3], roster: {a: 1}}]\n", "a: [", "plan: 1\n"])
def test_whatever_stands_in_a_file_of_tests_it_is_told_as_a_problem(tmp_path, text):
    (tmp_path / "a.dutytest.yaml").write_text(text)
    assert faults(load_cases, tmp_path / "a.dutytest.yaml")
