"""Running the tests of plans: what is told of a failure, what is covered, how the command ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given

from dutyrules.casebook import run_case
from dutyrules.casetests import coverage, load_source, run_file
from dutyrules.cli import main
from dutyrules.engine import evaluate
from dutyrules.loading import load_plan
from dutyrules.strategies import cases
from test_casefaults import HEAD, PLAN

ROOT = Path(__file__).parents[1]
CASE = """\
tests:
  - name: {en: two months, zh: 两个月}
    roster: [{role: leader, bearer: leader-1, object: mine-a}]
    history:
      - {event: visit, object: mine-a, by: leader-1, date: 2026-01-31}
      - {event: visit, object: mine-a, by: someone-else, date: 2026-02-05}
    as_of: 2026-02-28
    expect:
      patrol:
        2026-01-01 .. 2026-01-31: met
        2026-02-01 .. 2026-02-28: violated    # nobody came
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUTYRULES_LANG", "en")
    (tmp_path / "plan.yaml").write_text(PLAN)
    return tmp_path


def run(capsys, *args):
    try:
        status = main(["test", *args])
    except SystemExit as stop:
        status = stop.code
    out = capsys.readouterr()
    assert "Traceback" not in out.err + out.out
    return status, out.out, out.err


def put(text, name="a.dutytest.yaml", head=HEAD):
    Path(name).write_text(head + text, encoding="utf-8")
    return name


def test_tests_that_hold(folder, capsys):
    assert run(capsys, put(CASE)) == (0, "a.dutytest.yaml: tests: 1, all hold\ntests: 1; hold: 1; fail: 0\n", "")


# What is changed in CASE, what it becomes, and the lines that are told of it.
FAILURES = [
    (
        "02-28: violated",
        "02-28: met",
        [
            "a.dutytest.yaml:13:9: DR720 patrol 2026-02-01 .. 2026-02-28: expected met, found violated",
            "why: 0 of 1 by the deadline",
            "clause 1: Visits",
            "nearly counted: r2  2026-02-05  visit  mine-a  by someone-else  [performed by somebody who did not bear the role then]",
            "nearly counted: r1  2026-01-31  visit  mine-a  by leader-1  [outside the window]",
        ],
    ),
    (
        "01-31: met",
        "01-31: violated",
        [
            "a.dutytest.yaml:12:9: DR720 patrol 2026-01-01 .. 2026-01-31: expected violated, found met",
            "why: 1 of 1 counted",
            "clause 1: Visits",
            "counted: r1  2026-01-31  visit  mine-a  by leader-1",
        ],
    ),
    (
        "2026-02-01 ..",
        "2026-02-02 ..",
        [
            "a.dutytest.yaml:13:9: DR721 patrol 2026-02-02 .. 2026-02-28: expected violated, but there is no such obligation",
            "keys that nothing expects yet: 2026-02-01 .. 2026-02-28",
            "a.dutytest.yaml:11:7: DR723 patrol 2026-02-01 .. 2026-02-28: not expected, found violated; "
            "add it here, or correct a key that means it",
            "why: 0 of 1 by the deadline",
            "add: 2026-02-01 .. 2026-02-28: violated",
        ],
    ),
    (
        "    # nobody came\n",
        "\n        2026-03-01 .. 2026-03-31: pending\n",
        [
            "a.dutytest.yaml:14:9: DR721 patrol 2026-03-01 .. 2026-03-31: expected pending, but there is no such obligation",
            "every obligation of the duty has its key already",
        ],
    ),
    (
        "object: mine-a}]",
        "object: mine-a}, {role: leader, bearer: leader-1, object: mine-b}]",
        [
            "a.dutytest.yaml:12:9: DR722 patrol 2026-01-01 .. 2026-01-31: several obligations have this key; put the subject in front",
            "write one of: mine-a 2026-01-01 .. 2026-01-31; mine-b 2026-01-01 .. 2026-01-31",
            "a.dutytest.yaml:13:9: DR722 patrol 2026-02-01 .. 2026-02-28: several obligations have this key; put the subject in front",
            "write one of: mine-a 2026-02-01 .. 2026-02-28; mine-b 2026-02-01 .. 2026-02-28",
        ],
    ),
    (
        "    # nobody came\n",
        '\n    breaches:\n      patrol:\n        2026-02-01 .. 2026-02-28: ["2026-02-28 .."]\n',
        [
            "a.dutytest.yaml:16:9: DR724 patrol 2026-02-01 .. 2026-02-28: expected breaches [2026-02-28 ..], found [2026-03-01T00:00 ..]",
            "why: 0 of 1 by the deadline",
            "clause 1: Visits",
            "nearly counted: r2  2026-02-05  visit  mine-a  by someone-else  [performed by somebody who did not bear the role then]",
            "nearly counted: r1  2026-01-31  visit  mine-a  by leader-1  [outside the window]",
        ],
    ),
    (
        "as_of: 2026-02-28",
        "as_of: 2025-12-31",
        [
            "a.dutytest.yaml:12:9: DR721 patrol 2026-01-01 .. 2026-01-31: expected met, but there is no such obligation",
            "the duty gives nothing at all here: no object of its types is in scope, or nothing sets it off",
            "a.dutytest.yaml:13:9: DR721 patrol 2026-02-01 .. 2026-02-28: expected violated, but there is no such obligation",
            "the duty gives nothing at all here: no object of its types is in scope, or nothing sets it off",
        ],
    ),
]


@pytest.mark.parametrize(("old", "new", "lines"), FAILURES)
def test_a_failure_says_where_what_and_why(folder, capsys, old, new, lines):
    assert old in CASE
    status, out, err = run(capsys, put(CASE.replace(old, new, 1)))
    assert (status, err) == (1, "")
    assert [line.strip() for line in out.splitlines()] == [
        "a.dutytest.yaml: tests: 1, failed: 1", "", "a.dutytest.yaml:4: two months", *lines, "", "tests: 1; hold: 0; fail: 1"
    ]  # fmt: skip
    _, chinese, _ = run(capsys, put(CASE.replace(old, new, 1)), "--lang", "zh")
    assert chinese.count("\n") == out.count("\n") and "两个月" in chinese and "expected" not in chinese


def test_json_says_the_same(folder, capsys):
    status, out, _ = run(capsys, put(CASE.replace("02-28: violated", "02-28: met")), "--format", "json", "--coverage")
    found = json.loads(out)
    ((test,),) = (f["tests"] for f in found["files"])
    (failure,) = test.pop("failures")
    assert status == 1 and test == {"name": {"en": "two months", "zh": "两个月"}, "line": 4, "holds": False}
    assert failure == {
        "line": 13, "column": 9, "code": "DR720", "kind": "wrong", "duty": "patrol", "key": "2026-02-01 .. 2026-02-28",
        "message": "patrol 2026-02-01 .. 2026-02-28: expected met, found violated", "expected": "met", "found": "violated",
        "obligation": "patrol/mine-a/2026-02-01", "reason": "0 of 1 by the deadline", "evidence": [], "keys": [],
        "near_misses": [{"record": "r1", "code": "outside_window"}, {"record": "r2", "code": "wrong_performer"}],
    }  # fmt: skip
    assert (found["tests"], found["held"], found["failed"], found["without_tests"]) == (1, 0, 1, [])
    assert found["coverage"][0]["duties"][0]["verdicts"] == ["violated", "met"]


def test_a_folder_is_looked_through_and_a_plan_without_tests_is_told(folder, capsys):
    (folder / "below").mkdir()
    put(CASE, "below/a.dutytest.yaml", HEAD.replace("plan.yaml", "../plan.yaml"))
    put("areas: []\n", "roster.yaml", "")
    put(": [broken\n", "notes.yaml", "")
    assert run(capsys, ".")[0] == 0
    put(PLAN, "below/other.yaml", "")
    status, out, _ = run(capsys, ".")
    assert status == 1 and "below/other.yaml: DR711 no tests" in out and "plan.yaml: DR711 no tests" not in out.replace("below/", "")
    assert run(capsys, "plan.yaml")[0] == 1
    assert run(capsys, "plan.yaml", "below/a.dutytest.yaml")[0] == 0


def test_only_the_tests_that_are_called_so(folder, capsys):
    put(CASE + CASE.replace("tests:\n", "").replace("two months", "Wrong one").replace("两个月", "错").replace(": met", ": unknown"))
    assert run(capsys, "a.dutytest.yaml")[0] == 1
    assert run(capsys, "a.dutytest.yaml", "--only", "MONTHS")[0] == 0
    assert run(capsys, "a.dutytest.yaml", "--only", "错")[0] == 1
    status, _, err = run(capsys, "a.dutytest.yaml", "--only", "wrung")
    assert status == 2 and "did you mean 'Wrong'" in err


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("no-such.yaml", None, "DR001"),
        ("empty.yaml", "", "DR708"),
        ("empty.dutytest.yaml", "", "DR008"),
        ("roster.yaml", "areas: []\n", "DR708"),
        ("tests.yaml", HEAD + CASE, "DR712"),
        ("plan2.yaml", PLAN.replace("role: leader", "role: leadr"), "DR103"),
        ("a.dutytest.yaml", HEAD + CASE.replace(": met", ": mett"), "DR701"),
        ("a.dutytest.yaml", "dutyrules: 1\nplan: [plan.yaml, plan.yaml]\n" + CASE, "DR104"),
        ("a.dutytest.yaml", "dutyrules: 1\nplan: [plan.yaml, ./plan.yaml]\n" + CASE, "DR403"),
        ("folder", None, "DR709"),
        ("image.dutytest.yaml", b"\xff\xd8\xff", "DR010"),
    ],
)
def test_faulty_files_exit_2(folder, capsys, name, text, code):
    if name == "folder":
        (folder / name).mkdir()
    elif text is not None:
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    status, _, err = run(capsys, name)
    assert status == 2 and code in err


def test_sound_files_are_run_beside_faulty_ones(folder, capsys):
    status, out, err = run(capsys, put(CASE), "no-such.yaml")
    assert status == 2 and "all hold" in out and "DR001" in err


SECOND = PLAN.replace("id: test", "id: second\n  follows: test").replace("from: 2026-01-01", "from: 2026-02-01").replace("1 per month", "2 per month")


def test_plans_in_turn(folder, capsys):
    put(SECOND, "second.yaml", "")
    put(CASE.replace("02-28: violated", "02-28: met").replace("someone-else", "leader-1"), head="dutyrules: 1\nplan: [plan.yaml, second.yaml]\n")
    status, out, _ = run(capsys, "a.dutytest.yaml", "--coverage")
    assert status == 1 and "expected met, found violated" in out and "1 of 2 by the deadline" in out
    assert "plan.yaml: reached by tests: duties 1/1" in out and "second.yaml: reached by tests: duties 1/1" in out
    put(SECOND.replace("Asia/Shanghai", "Asia/Tokyo"), "second.yaml", "")
    status, _, err = run(capsys, "a.dutytest.yaml")
    assert status == 2 and "a.dutytest.yaml:2:1: DR411" in err


COVERED = """\
dutyrules: 1
plan: {id: covered, title: {en: Covered}, in_force: {from: 2026-01-01}, timezone: Asia/Shanghai}
seasons: {flood: {every_year: {from: 05-15, through: 09-30}}}
roles: {leader: {en: Leader}, boss: {en: Boss}}
object_types: {mine: {en: Mine}}
events:
  visit: {en: Visit}
  alert: {en: Alert, attributes: {colour: [yellow, red]}}
  gale: {en: Gale}
  found: {en: Found, attributes: {number: text}}
  mended: {en: Mended, attributes: {number: text}}
  checked: {en: Checked, attributes: {number: text}}
  reported: {en: Reported, attributes: {number: text}}
duties:
  patrol:
    {clause: "1", summary: {en: Visits}, role: leader, object_type: mine, must: visit, for_each: object,
     at_least: {flood: 1 per month, non_flood: 1 per quarter}, at_most: 9 per year, cut_windows: full}
  storm:
    {clause: "2", summary: {en: Storms}, role: leader, object_type: mine, must: visit, for_each: object, within: 1 hour,
     trigger: [{event: alert, where: {colour: red}}, {event: gale}]}
  hazard:
    clause: "3"
    summary: {en: Hazards}
    object_type: mine
    case: number
    starts_with: found
    steps:
      - {role: leader, must: mended, within: 1 hour}
      - {role: leader, must: checked, within: unspecified}
    if_missed: {role: boss, must: reported, within: 1 hour}
  post: {clause: "3", summary: {en: Posts}, role: boss, object_type: mine, keep: {post: leader}, for_each: object}
tests:
  - name: {en: a little}
    roster: [{role: leader, bearer: leader-1, object: mine-a}]
    history:
      - {id: a1, event: alert, colour: yellow, time: "2026-02-01T09:00"}
      - {id: g1, event: gale, time: "2026-02-01T10:00"}
      - {event: found, object: mine-a, number: H1, time: "2026-02-01T09:00"}
      - {event: mended, object: mine-a, number: H1, by: leader-1, time: "2026-02-01T09:30"}
    as_of: 2026-02-28
    expect:
      patrol:
        2026-01-01 .. 2026-03-31: pending
        2026-01-01 ..: pending
      storm: {g1: violated}
      hazard: {H1/1: met, H1/2: pending}
"""


def test_coverage_names_what_no_test_reaches(folder, capsys):
    put(COVERED, "covered.yaml", "")
    (plan,) = coverage([run_file(load_source("covered.yaml"))])
    assert {d.duty: d.missing for d in plan.duties} == {
        "patrol": (("at_least", "flood"),),
        "storm": (("trigger", 0),),
        "hazard": (("if_missed",),),
        "post": ((),),
    }
    assert {d.duty: d.verdicts for d in plan.duties} == {
        "patrol": ("pending",), "storm": ("violated",), "hazard": ("pending", "met"), "post": ()
    }  # fmt: skip
    assert plan.clauses() == {"1": True, "2": True, "3": True}
    status, out, _ = run(capsys, "covered.yaml", "--coverage")
    assert status == 0
    assert out.splitlines()[-5:] == [
        "no test reaches:",
        "  covered.yaml:15: duty patrol, at_least flood",
        "  covered.yaml:18: duty storm, trigger 1",
        "  covered.yaml:21: duty hazard, if_missed",
        "  covered.yaml:31: duty post",
    ]
    _, out, _ = run(capsys, "covered.yaml", "--coverage", "--format", "json")
    assert json.loads(out)["coverage"][0]["unreached"] == {
        "duties": ["post"],
        "places": [["patrol", "at_least", "flood"], ["storm", "trigger", 0], ["hazard", "if_missed"], ["post"]],
        "clauses": [],
    }


def test_what_a_test_does_not_name_it_does_not_reach(folder):
    put(COVERED.replace("      storm: {g1: violated}\n", ""), "covered.yaml", "")
    (plan,) = coverage([run_file(load_source("covered.yaml"))])
    assert [d.duty for d in plan.duties if not d.reached] == ["storm", "post"]
    assert plan.clauses() == {"1": True, "2": False, "3": True}


CAN_BE_VIOLATED = {
    "county.lead", "township.patrol", "pond_officer.patrol", "village.check", "principal.hazard_review", "principal.underground",
    "controller.presence", "principal.major_issues_meeting", "office.table", "post.county_leader", "post.township_leader",
    "post.pond_officer", "post.village_leader", "post.principal",
}  # fmt: skip


@pytest.mark.parametrize("file", sorted((ROOT / "duties").glob("*.yaml")), ids=lambda f: f.stem)
def test_the_tests_of_each_shipped_plan_reach_all_of_it(file):
    results = run_file(load_source(str(file)))
    assert results.holds
    (plan,) = coverage([results])
    assert [(d.duty, d.missing) for d in plan.duties if d.missing] == []
    assert [c for c, reached in plan.clauses().items() if not reached] == []


def test_each_duty_of_the_county_plan_is_met_in_one_case_and_not_in_another():
    (plan,) = coverage([run_file(load_source(str(ROOT / "duties" / "xixia-mines-2026h1.yaml")))])
    for d in plan.duties:
        assert "met" in d.verdicts, d.duty
        # Where no limit is set, nothing can be violated.
        not_met = {"violated"} if d.duty in CAN_BE_VIOLATED else {"pending", "not_applicable"}
        assert not_met & set(d.verdicts), d.duty


@given(cases(kinds=("chain", "at_least", "at_most", "response")))
def test_every_obligation_comes_from_a_place_of_its_duty(case):
    result = evaluate(case.plan, case.roster, case.history, as_of=case.as_of, known_at=case.known_at, waivers=case.waivers)
    for o in result.obligations:
        place = result.place(o.id)
        assert place in case.plan.duties[o.duty].places()
        if "steps" in place:
            assert o.id.endswith(f"/{place[1] + 1}")
        assert ("if_missed" in place) == o.id.endswith("/if_missed")
        if len(place) == 2 and place[1] in case.plan.calendar.named_periods:
            assert f"/{place[1]}" in o.id


def test_expectations_may_be_written_in_short(folder):
    put(PLAN + CASE.replace("patrol:\n", "patrol: {}\n      # ").replace("        2026", "#       2026"), "short.yaml", "")
    plan = load_plan("short.yaml")
    assert [m.kind for m in run_case(plan, plan.tests[0])] == ["unexpected", "unexpected"]
    put(PLAN + CASE.replace("        2026", "#       2026"), "bare.yaml", "")
    assert load_plan("bare.yaml").tests == plan.tests
