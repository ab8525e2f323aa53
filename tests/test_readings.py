"""Which verdicts hang on a reading: what alternatives may change, small cases worked by hand, and the laws."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from itertools import combinations, product
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from dutyrules import InputError, Plan, evaluate, load_history, load_plan, load_roster, load_waivers
from dutyrules import sensitivity as room
from dutyrules.cli import main
from dutyrules.document import to_document
from dutyrules.schema import schema
from dutyrules.sensitivity import Sensitivity, readings
from dutyrules.sensitivity.document import to_document as readings_document
from dutyrules.strategies import Case, cases

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "xixia"
SHIPPED = ROOT / "duties" / "xixia-mines-2026h1.yaml"


# ------------------------------------------------------------------------------------------------- what changes may say

PLAN = """\
dutyrules: 1
plan: {id: p, title: {en: P}, in_force: {from: 2026-04-16}, timezone: Asia/Shanghai}
seasons:
  flood:
    every_year: {from: 05-15, through: 09-30}
    reading: {of: flood season, means: from 15 May, alternatives: [{means: whole months, changes: {snap: month}}]}
roles: {leader: {en: L}, deputy: {en: D}}
object_types: {mine: {en: M}, pond: {en: P}}
events: {inspection: {en: I}, alert: {en: A}}
duties:
  patrol:
    clause: "1"
    summary: {en: Each month of the flood season}
    role: leader
    object_type: mine
    must: inspection
    for_each: object
    at_least: {flood: 1 per month}
    cut_windows: full
    reading:
      of: each month
      means: a cut month as well
      alternatives:
        - ALTERNATIVE
"""
LINE, COLUMN = PLAN[: PLAN.index("ALTERNATIVE")].count("\n") + 1, 11


@pytest.mark.parametrize(
    ("changes", "code", "at"),
    [
        ("cut_windows: half", "DR104", "cut_windows"),
        ("at_least: {flood: 1 per mont}", "DR103", "flood"),
        ("at_least: {dry: 1 per month}", "DR103", "dry"),
        ("cut_windoes: skip", "DR101", "cut_windoes"),
        ("role: leadr", "DR103", "role"),
        ("object_type: [mine, pit]", "DR103", "pit"),
        ("cut_windows: null", "DR115", "changes"),
        ("at_least: null", "DR105", "changes"),
        ("role: null", "DR102", "changes"),
        ("adds_to: patrol", "DR126", "adds_to"),
        ("summary: {en: otherwise}", "DR801", "summary"),
        ('clause: "2"', "DR801", "clause"),
        ("reading: null", "DR801", "reading"),
        ("", "DR802", "changes"),
    ],
)
def test_an_alternative_that_gives_no_plan_is_told_at_its_own_place(tmp_path, changes, code, at):
    alternative = f"{{means: otherwise, changes: {{{changes}}}}}"
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN.replace("ALTERNATIVE", alternative), encoding="utf-8")
    with pytest.raises(InputError) as fault:
        load_plan(file)
    (problem,) = fault.value.problems
    assert problem.code == code
    assert (problem.line, problem.column) == (LINE, COLUMN + alternative.index(at))
    assert problem.text("zh") != problem.text("en")


def test_a_season_and_an_object_type_are_looked_at_too_and_all_is_told_at_once(tmp_path):
    file = tmp_path / "plan.yaml"
    text = PLAN.replace("ALTERNATIVE", "{means: x, changes: {cut_windows: skip}}").replace("snap: month", "every_year: null")
    pond = "{en: P, reading: {of: pond, means: all, alternatives: [{means: some, changes: {while: {stat: open}}}, {means: none, changes: {en: Q}}]}}"
    text = text.replace("pond: {en: P}", f"pond: {pond}")
    # A duty whose own place is faulty keeps no other fault from being told.
    text = text.replace("duties:\n", 'duties:\n  other: {clause: "2", summary: {en: O}, role: leader, object_type: pond, keep: {post: x}, for_each: mine}\n')
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as fault:
        load_plan(file)
    told = [(p.line, p.code) for p in fault.value.problems]
    assert told == [(6, "DR104"), (8, "DR103"), (8, "DR801"), (11, "DR103"), (11, "DR104")]


def test_a_season_that_an_alternative_would_let_overlap_is_told(tmp_path):
    file = tmp_path / "plan.yaml"
    text = PLAN.replace("ALTERNATIVE", "words only").replace("snap: month", "every_year: {from: 02-01, through: 09-30}")
    text = text.replace("seasons:\n", "seasons:\n  ice: {every_year: {from: 12-01, through: 02-end}}\n")
    text = text.replace("{flood: 1 per month}", "{flood: 1 per month, ice: 1 per month}")
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as fault:
        load_plan(file)
    assert [(p.code, p.line) for p in fault.value.problems] == [("DR127", 7)]


# ---------------------------------------------------------------------------------------------------------- by hand


def plain(**duty: Any) -> dict[str, Any]:
    """The plan above as plain data, with other keys of its duty."""
    return {
        "dutyrules": 1,
        "plan": {"id": "p", "title": {"en": "P"}, "in_force": {"from": "2026-04-16"}, "timezone": "Asia/Shanghai"},
        "seasons": {"flood": {"every_year": {"from": "05-15", "through": "09-30"}}},
        "roles": {"leader": {"en": "L"}},
        "object_types": {"mine": {"en": "M"}, "pond": {"en": "P"}},
        "events": {"inspection": {"en": "I"}},
        "duties": {
            "patrol": {
                "clause": "1", "summary": {"en": "S"}, "role": "leader", "object_type": "mine", "must": "inspection",
                "for_each": "object", "at_least": {"flood": "1 per month"}, "cut_windows": "full", **duty,
            }
        },
    }  # fmt: skip


def reading(*alternatives: Any) -> dict[str, Any]:
    return {"of": "a word", "means": "this", "alternatives": list(alternatives)}


def changed(**changes: Any) -> dict[str, Any]:
    return {"means": f"otherwise: {changes}", "changes": changes}


def tried(plan: dict[str, Any], *days: str, as_of: str = "2026-06-30", **roster: Any) -> Sensitivity:
    found = {
        "objects": [{"id": "m", "type": "mine"}], "persons": [{"id": "l"}], "tenures": [{"role": "leader", "person": "l", "object": "m"}],
        **roster,
    }  # fmt: skip
    rows = [{"id": f"r{i}", "date": day, "event": "inspection", "object": "m", "by": "l"} for i, day in enumerate(days, 1)]
    return readings(plan, found, rows, as_of=date.fromisoformat(as_of))


def told(s: Sensitivity) -> dict[str, Any]:
    """Id to verdict and what it hangs on: verdicts with the changes that give them, and ties."""
    return {
        h.obligation.id.removeprefix("patrol/m/"): (
            h.verdict, h.firmness, {o.verdict: ([c.changes for c in o.readings], o.ties) for o in h.otherwise}
        )
        for h in (*s.obligations, *s.elsewhere)
    }  # fmt: skip


def test_a_verdict_that_no_reading_changes_is_firm_and_one_that_hangs_tells_on_what():
    # May is cut to the 15th to the 31st; nobody came in May, somebody came in June.
    s = tried(plain(reading=reading(changed(cut_windows="skip"))), "2026-06-10")
    assert told(s) == {
        "2026-05-15": ("violated", "depends", {None: ([{"cut_windows": "skip"}], 0)}),
        "2026-06-01": ("met", "firm", {}),
    }
    assert s.counts() == {"firm": 1, "depends": 1, "untested": 0}
    assert s.of("patrol/m/2026-06-01").verdict == "met"
    with pytest.raises(KeyError):
        s.of("patrol/m/1999-01-01")


def test_words_that_cannot_be_tried_leave_a_verdict_untested():
    s = tried(plain(reading=reading(changed(cut_windows="skip"), "whenever the office asks")), "2026-06-10")
    assert {i: f for i, (_, f, _) in told(s).items()} == {"2026-05-15": "depends", "2026-06-01": "untested"}
    (untried,) = s.of("patrol/m/2026-06-01").untried
    assert (untried.held.holder, untried.alternative.means) == ("duties.patrol", "whenever the office asks")


def test_a_reading_of_the_season_reaches_the_duties_that_use_it_and_brings_other_obligations():
    plan = plain()
    plan["seasons"]["flood"]["reading"] = reading(changed(snap="month"))
    # A visit on 3 May counts only where the season is of whole months; then its window begins on 1 May.
    assert told(tried(plan, "2026-05-03", "2026-06-10")) == {
        "2026-05-15": ("violated", "depends", {None: ([{"snap": "month"}], 0)}),
        "2026-05-01": (None, "depends", {"met": ([{"snap": "month"}], 0)}),
        "2026-06-01": ("met", "firm", {}),
    }


def test_a_verdict_may_need_two_readings_at_once():
    # Owed are two signed visits in June; one came, unsigned. One reading asks for one, the other for no signature.
    one, unsigned = changed(at_least={"flood": "1 per month"}), changed(where=None)
    plan = plain(at_least={"flood": "2 per month"}, where={"signed": True}, reading=[reading(one), reading(unsigned)])
    plan["events"]["inspection"]["attributes"] = {"signed": "boolean"}
    found = told(tried(plan, "2026-06-10"))["2026-06-01"]
    assert found == ("violated", "depends", {"met": ([one["changes"], unsigned["changes"]], 0)})


def test_ties_are_counted_and_the_first_in_order_is_given():
    plan = plain(reading=[reading(changed(cut_windows="skip")), reading(changed(object_type="pond"))])
    assert told(tried(plan))["2026-05-15"][2] == {None: ([{"cut_windows": "skip"}], 1)}


def test_a_reading_of_another_object_type_does_not_leave_an_object_untested():
    plan = plain(object_type=["mine", "pond"])
    plan["object_types"]["pond"]["reading"] = reading("only the large ones")
    s = tried(plan, objects=[{"id": "m", "type": "mine"}, {"id": "q", "type": "pond"}])
    assert {(h.obligation.subject, h.firmness) for h in s.obligations} == {("m", "firm"), ("q", "untested")}


def test_a_duty_that_shares_records_hangs_on_the_readings_of_the_other():
    plan = plain(at_least="1 per month")
    extra = {**plan["duties"]["patrol"], "adds_to": "patrol", "reading": reading(changed(at_least="2 per month"))}
    plan["duties"]["extra"] = extra
    # Three visits in June: patrol needs one, extra one (or two). Two visits: extra could take what patrol needs; the base is served first.
    s = tried(plan, "2026-06-10", "2026-06-11")
    assert s.of("patrol/m/2026-06-01").firmness == "firm"
    (choice,) = s.of("extra/m/2026-06-01").otherwise[0].readings
    assert choice.held.holder == "duties.extra"
    assert {h.holder for h in room.readings_by_duty(load_plan(plan))["patrol"]} == {"duties.extra"}


def test_readings_that_contradict_each_other_are_not_tried_together():
    # Two visits are owed and one came, unsigned. One reading asks for three visits, signed or not; the other for one signed
    # visit. One visit, signed or not, would be met; but no reading of the plan says so.
    three, one = changed(at_least={"flood": "3 per month"}, where=None), changed(at_least={"flood": "1 per month"})
    for order in ((three, one), (one, three)):
        plan = plain(at_least={"flood": "2 per month"}, where={"signed": True}, reading=[reading(a) for a in order])
        plan["events"]["inspection"]["attributes"] = {"signed": "boolean"}
        assert told(tried(plan, "2026-06-10"))["2026-06-01"] == ("violated", "firm", {})


def test_readings_that_together_give_no_plan_are_not_tried_together():
    # A visit from the third day after an alert on, or one within two days: together the window would be over before it opens.
    later, sooner = changed(not_before="3 days"), changed(within="2 days")
    plan = plain(trigger="alert", within="5 days", roll="none", reading=[reading(later), reading(sooner)])
    for key in ("at_least", "cut_windows"):
        del plan["duties"]["patrol"][key]
    plan["events"]["alert"] = {"en": "A"}
    history = [
        {"id": "a", "date": "2026-06-01", "event": "alert"},
        {"id": "r1", "date": "2026-06-02", "event": "inspection", "object": "m", "by": "l"},
        {"id": "r2", "date": "2026-06-05", "event": "inspection", "object": "m", "by": "l"},
    ]
    roster = {
        "objects": [{"id": "m", "type": "mine"}], "persons": [{"id": "l"}], "tenures": [{"role": "leader", "person": "l", "object": "m"}]
    }  # fmt: skip
    assert told(readings(plan, roster, history, as_of=date(2026, 6, 30))) == {"a": ("met", "firm", {})}


def test_each_plan_in_turn_has_its_own_readings():
    first, second = plain(reading=reading(changed(cut_windows="skip"))), plain(reading=reading(changed(cut_windows="prorate")))
    second["plan"] = {**second["plan"], "id": "q", "follows": "p", "in_force": {"from": "2026-06-15"}}
    second["duties"]["patrol"]["at_least"] = {"flood": "2 per month"}
    s = readings(
        [first, second], {"objects": [{"id": "m", "type": "mine"}]},
        [{"id": "r", "date": "2026-06-20", "event": "inspection", "object": "m"}], as_of=date(2026, 6, 30),
    )  # fmt: skip
    plans = {c.held.plan for h in s.obligations for o in h.otherwise for c in o.readings}
    assert plans == {"p"}  # nobody bears the role, so that no number of visits is enough; only `skip` drops an obligation
    assert {h.obligation.plan for h in s.obligations} == {"p", "q"}


def test_a_reading_that_two_plans_hold_alike_is_decided_for_both():
    first = plain(at_least="2 per quarter", cut_windows="full", reading=reading(changed(at_least="1 per quarter")))
    second = deepcopy(first)
    second["plan"] = {**second["plan"], "id": "q", "follows": "p", "in_force": {"from": "2026-05-15"}}
    second["duties"]["patrol"]["reading"]["because"] = {"en": "as before"}
    roster = {
        "objects": [{"id": "m", "type": "mine"}], "persons": [{"id": "l"}], "tenures": [{"role": "leader", "person": "l", "object": "m"}]
    }  # fmt: skip
    rows = [{"id": "r", "date": "2026-06-20", "event": "inspection", "object": "m", "by": "l"}]
    s = readings([first, second], roster, rows, as_of=date(2026, 6, 30))
    # The duty runs on through both plans, under either reading: its quarter is not cut where the second plan begins.
    assert told(s) == {"2026-04-16": ("violated", "depends", {"met": ([{"at_least": "1 per quarter"}], 0)})}


def test_too_many_ways_are_cut_short_and_then_nothing_is_firm(monkeypatch):
    plan = plain(reading=[reading(changed(cut_windows="skip")), reading(changed(apart="1 day"))])
    assert tried(plan, "2026-06-10").counts()["firm"] == 1
    monkeypatch.setattr(room, "MOST", 3)
    s = tried(plan, "2026-06-10")
    assert s.counts() == {"firm": 0, "depends": 1, "untested": 1} and all(h.capped for h in s.obligations)


# -------------------------------------------------------------------------------------------------------------- laws


def candidates(plan: Plan) -> list[tuple[str, str, dict[str, Any]]]:
    """Changes that the plan's seasons and duties might bear; those that give no plan are left out by the loader."""
    found: list[tuple[str, str, dict[str, Any]]] = []
    data = plan.to_dict()
    used = {n for duty in plan.duties.values() for n in duty.periods_named()}
    for name, season in data.get("seasons", {}).items():
        if not used & {name, f"non_{name}"}:
            continue
        found.append(("seasons", name, {"snap": None if "snap" in season else "month"}))
        if "every_year" in season:
            found.append(("seasons", name, {"every_year": {**season["every_year"], "through": "11-10"}}))
    for name, duty in data["duties"].items():
        if "at_least" in duty:
            found += [("duties", name, {"cut_windows": p}) for p in ("full", "skip", "prorate", {"skip_below": "1/2"})]
            found += [("duties", name, {"at_least": others}) for others in counts(duty["at_least"])]
        if "within" in duty:
            found += [("duties", name, {"within": w}) for w in ("1 hour", "3 days")]
        found += [("duties", name, {key: None}) for key in ("may_be_done_by", "late", "apart", "where", "one_episode") if key in duty]
        found.append(("duties", name, {"object_type": "mine"}))
    return found


def counts(at_least: Any) -> list[Any]:
    """One more, one fewer, another period."""
    if isinstance(at_least, dict) and not {"count", "per"} & set(at_least):
        return [{**at_least, key: other} for key, phrase in at_least.items() for other in counts(phrase)]
    if not isinstance(at_least, str) or not at_least.split()[0].isdigit():
        return []
    number, _, rest = at_least.partition(" ")
    found = [f"{int(number) + 1} {rest}", f"{int(number) - 1} {rest}"]
    return found + ([f"{at_least.rsplit(' ', 1)[0]} {period}" for period in ("week", "quarter")] if " per " in at_least else [])


@st.composite
def with_readings(draw: st.DrawFn) -> Case:
    """A case whose plan has up to four readings, on duties and on seasons."""
    case = draw(cases(kinds=["at_least", "at_most", "response", "keep"]))
    data = case.plan.to_dict()
    possible = candidates(case.plan)
    for part, name, changes in draw(st.lists(st.sampled_from(possible), min_size=3, max_size=5)) if possible else ():
        more = deepcopy(data)
        held = more[part][name].setdefault("reading", [])
        held = more[part][name]["reading"] = [held] if isinstance(held, dict) else held
        if held and draw(st.booleans()):
            held[-1] = {**held[-1], "alternatives": [*held[-1]["alternatives"], {"means": "otherwise", "changes": changes}]}
        else:
            held.append({"of": "a word", "means": "this", "alternatives": [{"means": "otherwise", "changes": changes}]})
        try:
            load_plan(more)
        except InputError:
            continue
        data = more
    return Case(load_plan(data), case.roster, case.history, case.as_of, case.known_at, case.waivers)


Pick = tuple[str, str, int, int]
"""Part, name, reading, alternative."""


def every_set(plan: Plan) -> list[tuple[Pick, ...]]:
    """Every way to decide some of the readings otherwise, from the plan's plain data."""
    data = plan.to_dict()
    variables = []
    for part in ("duties", "seasons", "object_types"):
        for name, entry in data.get(part, {}).items():
            held = entry.get("reading", [])
            for i, r in enumerate([held] if isinstance(held, dict) else held):
                variables.append([(part, name, i, k) for k in range(len(r["alternatives"]))])
    return [chosen for n in range(len(variables) + 1) for some in combinations(variables, n) for chosen in product(*some)]


def decided_otherwise(plan: Plan, chosen: tuple[Pick, ...]) -> Plan | None:
    """The plan with these alternatives, written out by hand; ``None`` where they contradict each other or give no plan."""
    data, original = plan.to_dict(), plan.to_dict()
    given: dict[tuple[str, str, str], Any] = {}
    for part, name, i, k in chosen:
        held = original[part][name]["reading"]
        changes = ([held] if isinstance(held, dict) else held)[i]["alternatives"][k]["changes"]
        for key, value in changes.items():
            if given.setdefault((part, name, key), value) != value:
                return None
            data[part][name][key] = value
    for (part, name, key), value in given.items():
        if value is None:
            data[part][name].pop(key, None)
    for part in ("duties", "seasons", "object_types"):
        for entry in data.get(part, {}).values():
            entry.pop("reading", None)
    try:
        return load_plan(data)
    except InputError:
        return None


@settings(max_examples=max(50, settings.default.max_examples * 2 // 3))  # type: ignore[union-attr]
@given(with_readings())
def test_what_is_told_is_what_every_plan_by_itself_would_give(case: Case) -> None:
    def judged(plan: Plan) -> dict[str, Any]:
        e = evaluate(plan, case.roster, case.history, as_of=case.as_of, known_at=case.known_at, waivers=case.waivers)
        return {o.id: o.verdict for o in e.obligations}

    sets = every_set(case.plan)
    plans = {chosen: plan for chosen in sets if (plan := decided_otherwise(case.plan, chosen)) is not None}
    verdicts = {chosen: judged(plan) for chosen, plan in plans.items()}
    decided = verdicts[()]
    expected: dict[str, dict[Any, list[tuple[Pick, ...]]]] = {}
    for chosen, now in verdicts.items():
        for i in decided.keys() | now.keys():
            if now.get(i) != decided.get(i):
                best = expected.setdefault(i, {}).setdefault(now.get(i), [chosen])
                if len(chosen) == len(best[0]) and chosen not in best:
                    best.append(chosen)
    s = readings(case.plan, case.roster, case.history, as_of=case.as_of, known_at=case.known_at, waivers=case.waivers)
    assert [h.obligation.id for h in s.obligations] == s.evaluation.ids()
    assert {h.obligation.id: h.verdict for h in s.obligations} == decided
    assert {h.obligation.id for h in s.elsewhere} == set(expected) - set(decided)
    for h in (*s.obligations, *s.elsewhere):
        smallest = expected.get(h.obligation.id, {})
        assert h.firmness == ("depends" if smallest else "firm")
        assert {o.verdict: len(o.readings) for o in h.otherwise} == {v: len(sets[0]) for v, sets in smallest.items()}
        for o in h.otherwise:
            picked = tuple((c.held.part, c.held.name, c.held.number, c.number) for c in o.readings)
            assert set(picked) in [set(p) for p in smallest[o.verdict]]
            assert o.ties == len(smallest[o.verdict]) - 1
            event(f"flip by {len(o.readings)}")


@given(cases())
def test_without_alternatives_everything_is_firm(case: Case) -> None:
    s = readings(case.plan, case.roster, case.history, as_of=case.as_of, known_at=case.known_at, waivers=case.waivers)
    assert s.counts() == {"firm": len(s.evaluation.obligations), "depends": 0, "untested": 0} and s.elsewhere == ()


# ---------------------------------------------------------------------------------------------- documents, commands, example


@pytest.fixture(scope="module")
def xixia() -> Sensitivity:
    return readings(
        load_plan(SHIPPED), load_roster(EXAMPLE / "roster.yaml"), load_history(EXAMPLE / "history.csv"), as_of=date(2026, 6, 30),
        waivers=load_waivers(EXAMPLE / "waivers.yaml"),
    )  # fmt: skip


def test_three_violations_of_the_example_would_be_met_under_another_reading(xixia):
    found = {
        h.obligation.id: [c.alternative.means for c in o.readings]
        for h in xixia.obligations
        for o in h.otherwise
        if (h.verdict, o.verdict) == ("violated", "met")
    }
    assert {i: [str(m).split(",")[0] for m in means] for i, means in found.items()} == {
        "controller.presence/mine-invented-1/2026-05-01": ["any 10 days"],
        "pond_officer.patrol/pond-invented-1/2026-05-01": ["whole months"],
        "principal.underground/mine-invented-1/2026-05-01": ["10 shifts"],
    }


def test_the_documents_satisfy_their_schemas(xixia):
    s = xixia
    for name, document in (("readings", readings_document(s)), ("evaluation", to_document(s.evaluation, readings=s))):
        check = jsonschema.Draft202012Validator(schema(name))
        assert not list(check.iter_errors(document)), name
    hanging = {o["id"]: o["hangs_on"] for o in to_document(s.evaluation, readings=s)["obligations"]}
    assert hanging["principal.hazard_review/mine-invented-1/2026-06-01"] == "firm"
    (first, *_) = hanging["principal.underground/mine-invented-1/2026-05-01"]
    assert first["verdict"] == "met" and first["readings"][0]["holder"] == "duties.principal.underground"
    assert all("hangs_on" not in o for o in to_document(s.evaluation)["obligations"])


def run(capsys, *args):
    try:
        status = main(list(args))
    except SystemExit as stop:
        status = stop.code
    out = capsys.readouterr()
    assert "Traceback" not in out.err + out.out
    return status, out.out, out.err


def small(tmp_path: Path, alternative: str, sites: int = 1) -> list[str]:
    """The arguments of a call over the small plan: nobody came in May, and in June only to the first site."""
    ids = [f"m{n}" for n in range(sites)]
    files = {
        "plan.yaml": PLAN.replace("ALTERNATIVE", alternative),
        "roster.yaml": "objects:\n" + "".join(f"  - {{id: {i}, type: mine}}\n" for i in ids)
        + "persons: [{id: l}]\ntenures:\n" + "".join(f"  - {{role: leader, person: l, object: {i}}}\n" for i in ids),
        "h.csv": "id,time,event,object,by\nr1,2026-06-10,inspection,m0,l\n",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    plan, roster, history = (str(tmp_path / name) for name in files)
    return [plan, "--roster", roster, "--history", history, "--as-of", "2026-06-30"]


def test_the_command_tells_the_readings_in_two_languages_and_exits_1_if_some_verdict_hangs(capsys, tmp_path):
    inputs = small(tmp_path, "{means: none in a cut month, changes: {cut_windows: skip}}", sites=7)
    status, short, _ = run(capsys, "readings", *inputs)
    assert status == 1 and "verdicts: firm 7, depending on a reading 7, not tried in full 0\n" in short
    assert "if it meant: none in a cut month\n    violated → not owed (7):" in short and "and 2 more (see --all)" in short
    assert "seasons.flood: flood season = from 15 May\n  if it meant: whole months\n    not owed → violated (7):" in short
    status, whole, _ = run(capsys, "readings", *inputs, "--all")
    assert "see --all" not in whole and len(whole) > len(short)
    status, out, _ = run(capsys, "readings", *inputs, "--lang", "zh")
    assert status == 1 and "违反 → 无此事项（7 项）" in out
    status, out, _ = run(capsys, "readings", *inputs, "--only", "met")
    assert status == 1 and "→" not in out
    status, out, _ = run(capsys, "readings", *inputs, "--only", "met", "--format", "json")
    document = json.loads(out)
    assert status == 1 and [o["id"] for o in document["obligations"]] == ["patrol/m0/2026-06-01"] and document["elsewhere"] == []


def test_the_command_exits_0_if_no_verdict_hangs_and_2_on_faulty_input(capsys, tmp_path):
    inputs = small(tmp_path, "in words only")
    plan = Path(inputs[0])
    plan.write_text(plan.read_text(encoding="utf-8").replace("{means: whole months, changes: {snap: month}}", "whole months"), encoding="utf-8")
    status, out, _ = run(capsys, "readings", *inputs)
    assert status == 0 and "firm 0, depending on a reading 0, not tried in full 2\n" in out and "flood season = whole months" in out
    for bad in (tmp_path, tmp_path / "none.yaml", inputs[2], inputs[4]):
        status, out, err = run(capsys, "readings", str(bad), *inputs[1:])
        assert (status, out) == (2, "") and err.startswith(str(bad))


def test_evaluate_marks_each_verdict_and_explain_shows_every_reading(capsys, tmp_path):
    inputs = small(tmp_path, "{means: none in a cut month, changes: {cut_windows: skip}}")
    status, out, _ = run(capsys, "evaluate", *inputs, "--readings", "--only", "met,violated")
    assert status == 1 and "violated  depends  1 " in out and "met       firm     1 " in out and "depending on a reading 1," in out
    _, out, _ = run(capsys, "evaluate", *inputs, "--readings", "--format", "csv")
    assert [line.rsplit(",", 1)[1] for line in out.splitlines()] == ["hangs_on", "depends", "firm"]
    _, out, _ = run(capsys, "evaluate", *inputs, "--format", "csv")
    assert "hangs_on" not in out
    _, out, _ = run(capsys, "explain", *inputs, "patrol/m0/2026-06-01")
    assert "  reading: each month = a cut month as well\n  reading (seasons.flood): flood season = from 15 May\n" in out
