"""What later knowledge changes, and why: a table worked by hand, and the laws."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from dutyrules import InputError, evaluate, load_plan
from dutyrules.cli import main
from dutyrules.evaluation import Evaluation
from dutyrules.hindsight import Cause, Change, SeasonCause, changes, look_back, minimal
from dutyrules.hindsight.document import to_document
from dutyrules.history import RETRACTION, History, Record
from dutyrules.schema import schema
from dutyrules.strategies import Case, cases
from dutyrules.time.zone import Zone, zone_named

PLAN: dict[str, Any] = {
    "dutyrules": 1,
    "plan": {"id": "p", "title": {"en": "P"}, "in_force": {"from": "2026-04-16"}, "timezone": "Asia/Shanghai"},
    "seasons": {"flood": {"every_year": {"from": "05-15", "through": "09-30"}, "in_year": {2026: {"from": "06-01", "decided": "2026-07-06"}}}},
    "roles": {"leader": {"en": "L"}},
    "object_types": {"mine": {"en": "M"}},
    "events": {"inspection": {"en": "I"}, "alert": {"en": "A"}, "on_site": {"en": "O"}},
    "duties": {
        "monthly": {
            "clause": "1", "summary": {"en": "Each month"}, "role": "leader", "object_type": "mine", "must": "inspection",
            "for_each": "object", "at_least": "1 per month",
        },
        "flood": {
            "clause": "2", "summary": {"en": "Each flood season month"}, "role": "leader", "object_type": "mine", "must": "on_site",
            "for_each": "object", "at_least": {"flood": "1 per month"}, "cut_windows": "full",
        },
        "storm": {
            "clause": "3", "summary": {"en": "After an alert"}, "role": "leader", "object_type": "mine", "trigger": "alert",
            "must": "on_site", "for_each": "object", "within": "2 hours",
        },
    },
}  # fmt: skip
ROSTER = {
    "objects": [{"id": "m", "type": "mine"}], "persons": [{"id": "l"}], "tenures": [{"role": "leader", "person": "l", "object": "m"}]
}  # fmt: skip


def row(identifier: str, time: str, recorded: str, kind: str = "inspection", **more: Any) -> dict[str, Any]:
    return {"id": identifier, "time": time, "event": kind, "recorded_at": recorded, "object": "m", "by": "l", **more}


def back(identifier: str, recorded: str, retracts: str) -> dict[str, Any]:
    return {"id": identifier, "time": recorded, "event": "retraction", "recorded_at": recorded, "retracts": retracts}


# Two visits that were known in time, so that only May to June move; everything else is told by each row of the table.
APRIL = [row("april", "2026-04-20T09:00", "2026-04-20T10:00"), row("site", "2026-05-20T09:00", "2026-05-20T10:00", "on_site")]
JUNE = row("june", "2026-06-15T09:00", "2026-06-15T10:00")
MAY = row("may", "2026-05-31T23:00", "2026-06-01T08:00")

TABLE = [
    # An entry that came late.
    ([MAY, row("late", "2026-06-30T16:00", "2026-07-08T09:00")], {"monthly/m/2026-06-01": ("violated", "met", ["late"])}),
    # Of two entries that came late one is enough; the other is a cause of nothing.
    (
        [MAY, row("late-1", "2026-06-10T16:00", "2026-07-07T09:00"), row("late-2", "2026-06-30T16:00", "2026-07-08T09:00")],
        {"monthly/m/2026-06-01": ("violated", "met", ["late-1"])},
    ),
    # A retraction.
    ([MAY, JUNE, back("back", "2026-07-08T09:00", "june")], {"monthly/m/2026-06-01": ("met", "violated", ["back"])}),
    # A correction that moves a record over the edge of its window: one act, two changes.
    (
        [JUNE, MAY, row("right", "2026-06-01T00:00", "2026-07-08T09:00", retracts="may")],
        {"monthly/m/2026-05-01": ("met", "violated", ["right"]), "monthly/m/2026-06-01": ("met", "met", ["right"])},
    ),
    # A retraction that is itself taken back: the first record stands again.
    (
        [MAY, JUNE, back("back", "2026-07-01T09:00", "june"), back("back-2", "2026-07-08T09:00", "back")],
        {"monthly/m/2026-06-01": ("violated", "met", ["back-2"])},
    ),
    # Both within the two moments: nothing is different in the end.
    ([MAY, JUNE, back("back", "2026-07-07T09:00", "june"), back("back-2", "2026-07-08T09:00", "back")], {}),
    # A trigger that came late brings an obligation; the answer to it was known all along.
    (
        [MAY, JUNE, row("there", "2026-06-20T10:00", "2026-06-20T11:00", "on_site"), row("alert", "2026-06-20T09:00", "2026-07-08T09:00", "alert")],
        {"storm/m/alert": (None, "met", ["alert"])},
    ),
    # Trigger and answer came late: the answer alone would be no answer to anything.
    (
        [MAY, JUNE, row("there", "2026-06-20T10:00", "2026-07-08T10:00", "on_site"), row("alert", "2026-06-20T09:00", "2026-07-08T09:00", "alert")],
        {"storm/m/alert": (None, "met", ["alert", "there"]), "flood/m/2026-06-01": ("violated", "met", ["there"])},
    ),
    # Recorded before the first moment, or at the second (the first instant that is not known then): no change.
    ([MAY, row("then", "2026-06-30T16:00", "2026-07-05T23:59")], {}),
    ([MAY, row("then", "2026-06-30T16:00", "2026-07-10T00:00")], {}),
]  # fmt: skip
SEASON = {"flood/m/2026-05-15": ("met", None, ["season"])}
"""The season was moved to begin in June by a decision of 6 July: what May owed is not owed any more."""


def log(rows: list[dict[str, Any]], *moments: Any, plan: Any = PLAN) -> list[Change]:
    known_at = moments or (date(2026, 7, 5), date(2026, 7, 9))
    return changes(plan, ROSTER, [*APRIL, *rows], as_of=date(2026, 7, 9), known_at=known_at)  # type: ignore[arg-type]


def names(change: Change) -> list[str]:
    return ["season" if isinstance(c, SeasonCause) else c.record.id for c in change.causes]


def told(found: list[Change]) -> dict[str, Any]:
    return {
        c.obligation.id: (c.before and c.before.verdict, c.after and c.after.verdict, names(c)) for c in found
    }  # fmt: skip


@pytest.mark.parametrize(("rows", "expected"), TABLE)
def test_each_change_is_told_with_its_cause(rows, expected):
    assert told(log(rows)) == {**expected, **SEASON}
    # Asked in another order of records, the answer is the same.
    assert told(log(rows[::-1])) == {**expected, **SEASON}


def test_a_decision_about_a_season_is_a_cause_where_no_record_is():
    (change,) = [c for c in log([MAY, JUNE]) if c.obligation.duty == "flood"]
    assert change.causes == (SeasonCause("p", "flood", 2026, date(2026, 7, 6), "06-01", None),)
    # Also where there is no record at all.
    found = changes(PLAN, ROSTER, [], as_of=date(2026, 7, 9), known_at=(date(2026, 7, 5), date(2026, 7, 9)))
    assert told(found) == {"flood/m/2026-05-15": ("violated", None, ["season"])}
    # From the end of the day on which it was decided.
    assert log([MAY, JUNE], datetime(2026, 7, 6, 23, 59), datetime(2026, 7, 7)) != []
    assert log([MAY, JUNE], date(2026, 7, 6), date(2026, 7, 9)) == []
    assert log([MAY, JUNE], date(2026, 7, 1), datetime(2026, 7, 6, 23, 59)) == []


def test_a_decision_and_a_record_may_be_needed_together():
    # Only a season that begins in May brings this window, and only the late arrival meets it.
    plan = deepcopy(PLAN)
    plan["seasons"]["flood"]["in_year"] = {2026: {"from": "05-01", "decided": "2026-07-06"}}
    late = row("late", "2026-05-03T09:00", "2026-07-07T09:00", "on_site")
    rows = [MAY, JUNE, row("retract-site", "2026-05-21T09:00", "2026-05-21T10:00", "retraction", retracts="site"), late]
    found = told(log(rows, plan=plan))
    assert found["flood/m/2026-05-01"] == (None, "met", ["late", "season"])
    assert found["flood/m/2026-05-15"] == ("violated", None, ["season"])
    # Once the decision is known, the record alone is news.
    later = told(log(rows, date(2026, 7, 6), date(2026, 7, 9), plan=plan))
    assert later["flood/m/2026-05-01"] == ("violated", "met", ["late"])


def test_a_record_of_another_kind_may_be_the_cause():
    # The survey that came late serves the first duty, so that the inspection is left for the one that adds to it.
    plan = deepcopy(PLAN)
    plan["events"] = {"inspection": {"en": "I"}, "survey": {"en": "S"}}
    base = {**plan["duties"]["monthly"], "must": ["inspection", "survey"]}
    plan["duties"] = {"base": base, "extra": {**plan["duties"]["monthly"], "adds_to": "base"}}
    found = told(log([JUNE, row("survey", "2026-06-20T09:00", "2026-07-08T09:00", "survey")], plan=plan))
    assert found["extra/m/2026-06-01"] == ("violated", "met", ["survey"])
    # The other way round: the month is served before the quarter, and the survey leaves the inspection to the quarter.
    plan["duties"] = {"base": {**base, "must": "inspection", "at_least": "1 per quarter"}, "extra": {**base, "adds_to": "base"}}
    found = told(changes(
        plan, ROSTER, [MAY, row("survey", "2026-05-20T09:00", "2026-07-08T09:00", "survey")], as_of=date(2026, 7, 9),
        known_at=(date(2026, 7, 5), date(2026, 7, 9)),
    ))  # fmt: skip
    assert found["base/m/2026-04-16"] == ("violated", "met", ["survey"])


def test_the_record_that_opens_a_period_may_be_the_cause():
    plan = deepcopy(PLAN)
    plan["calendar"] = {"named_periods": {"special": "declared"}}
    plan["duties"] = {"special": {**plan["duties"]["monthly"], "at_least": "1 per special"}}
    opened = {"id": "open", "time": "2026-06-10", "event": "period_opened", "recorded_at": "2026-07-06T09:00", "period": "special"}
    closed = {"id": "close", "time": "2026-06-14", "event": "period_closed", "recorded_at": "2026-07-08T09:00", "period": "special"}
    assert told(log([JUNE, opened, closed], plan=plan)) == {"special/m/2026-06-10": (None, "violated", ["open", "close"])}
    # Once it is known to be open it is open; then its end is the cause.
    assert told(log([JUNE, opened, closed], date(2026, 7, 6), date(2026, 7, 9), plan=plan)) == {
        "special/m/2026-06-10": ("met", "violated", ["close"])
    }


def test_the_chain_of_what_is_taken_back_is_told():
    rows = [MAY, JUNE, back("back", "2026-07-01T09:00", "june"), back("back-2", "2026-07-08T09:00", "back")]
    (cause,) = next(c for c in log(rows) if c.obligation.duty == "monthly").causes
    assert isinstance(cause, Cause) and cause.kind == "retraction"
    assert [r.id for r in cause.retracts] == ["back", "june"]
    rows = [MAY, row("right", "2026-06-01T00:00", "2026-07-08T09:00", retracts="may")]
    assert {c.kind for change in log(rows) for c in change.causes if isinstance(c, Cause)} == {"correction"}
    ring = [back("a", "2026-07-08T09:00", "b"), back("b", "2026-07-08T09:00", "a"), JUNE, MAY]
    assert told(log(ring)) == SEASON


def test_the_later_moment_may_not_come_first():
    with pytest.raises(InputError, match="DR803"):
        log([MAY], date(2026, 7, 9), date(2026, 7, 5))
    assert log([MAY], date(2026, 7, 5), date(2026, 7, 5)) == []
    # A date is the end of its day.
    assert log([MAY], date(2026, 7, 5), datetime(2026, 7, 6)) == []


def test_minimal_keeps_nothing_that_can_be_left_out():
    asked = []

    def gives(some: Any) -> bool:
        asked.append(some)
        return {3, 11, 29} <= set(some)

    assert sorted(minimal(range(40), gives)) == [3, 11, 29]
    assert len(asked) < 100
    assert minimal([1, 2], lambda some: 2 in some) == [2]


# --------------------------------------------------------------------------------------------------------------- laws


def latest(zone: Zone, moment: date | datetime) -> int:
    """The last instant that a time, or a day, may mean."""
    return zone.instant(moment) if isinstance(moment, datetime) else zone.start(moment.toordinal() + 1) - 1


def known(zone: Zone, r: Record) -> int:
    return latest(zone, r.recorded_at or r.time)


def with_causes(case: Case, change: Change, without: Any = None) -> Evaluation:
    """What would be known with the old knowledge and the causes (but for one), put together from plain data."""
    zone = zone_named(case.plan.plan.timezone)
    causes = [c for c in change.causes if c is not without]
    records = {c.record.id for c in causes if isinstance(c, Cause)}
    decisions = {(c.season, c.year) for c in causes if isinstance(c, SeasonCause)}
    first = zone.moment(case.known_at)  # type: ignore[arg-type]
    rows = tuple(r for r in case.history.records if known(zone, r) < first or r.id in records)
    data = case.plan.to_dict()
    for name, season in data.get("seasons", {}).items():
        for year, d in season.get("in_year", {}).items():
            if "decided" in d:
                decided = zone.start(date.fromisoformat(d["decided"]).toordinal() + 1)
                # Known from the start, or by the causes; everything else is decided in another age.
                d["decided"] = "1990-01-01" if decided <= first or (name, int(year)) in decisions else "2190-01-01"
    history = History(rows, case.history.complete_through)
    # With `known_at` beyond all records and before that age.
    return evaluate(load_plan(data), case.roster, history, as_of=case.as_of, known_at=date(2189, 1, 1), waivers=case.waivers)


@st.composite
def looked_back(draw: st.DrawFn) -> tuple[Case, Any]:
    """A case with more second thoughts than usual, and two moments about which something came to be known."""
    case = draw(cases(kinds=["at_least", "at_most", "response", "chain", "must_not", "every"]))
    zone = zone_named(case.plan.plan.timezone)
    end = zone.to_datetime(zone.moment(case.as_of))
    records = list(case.history.records)
    for n, r in enumerate(draw(st.lists(st.sampled_from(records), min_size=2, max_size=5)) if records else ()):
        thought = draw(st.sampled_from(["retraction", "correction", "late"]))
        late = end + timedelta(days=n)
        if thought == "retraction":
            records.append(Record(f"x{n}", r.time, RETRACTION, recorded_at=late, retracts=r.id))
        elif thought == "correction":
            moved = r.time + timedelta(days=draw(st.integers(-20, 20)))
            records.append(replace(r, id=f"x{n}", time=moved, until=None, recorded_at=late, retracts=r.id))
        elif r in records:
            records[records.index(r)] = replace(r, recorded_at=late)
    data = case.plan.to_dict()
    year = end.year - draw(st.integers(0, 1))
    for season in data.get("seasons", {}).values():
        if "every_year" in season and draw(st.booleans()):
            decided = (end + timedelta(days=draw(st.integers(-5, 5)))).date().isoformat()
            season["in_year"] = {year: {"from": f"{year}-05-02", "through": f"{year}-10-20", "decided": decided}}
    with suppress(InputError):  # a season that is moved may come to overlap with another
        case = replace(case, plan=load_plan(data))
    case = replace(case, history=History(tuple(records), case.history.complete_through))
    moments = [zone.to_datetime(i) for i in entered(case)] or [end]
    half = len(moments) // 2
    first, last = draw(st.sampled_from(moments[: half + 1])), draw(st.sampled_from(moments[half:][-3:]))
    return replace(case, known_at=first), last


def told_of(e: Evaluation, change: Change) -> Any:
    """What an evaluation says of a change: the verdict, and if that is not what changed, all of it."""
    o = e.obligation(change.obligation.id)
    return o and (o.verdict if change.of_verdict else (o.verdict, o.evidence, o.counted, o.bearer))


@settings(max_examples=max(250, settings.default.max_examples))  # type: ignore[union-attr]
@given(looked_back())
def test_the_causes_alone_turn_the_old_answer_into_the_new_and_none_can_be_left_out(given_: tuple[Case, Any]) -> None:
    case, last = given_
    zone = zone_named(case.plan.plan.timezone)
    before, after = (
        evaluate(case.plan, case.roster, case.history, as_of=case.as_of, known_at=k, waivers=case.waivers) for k in (case.known_at, last)
    )
    found = look_back(before, last)
    old, new = ({o.id: (o.verdict, o.evidence, o.counted, o.bearer) for o in e.obligations} for e in (before, after))
    assert {c.obligation.id for c in found.changes} == {i for i in old.keys() | new.keys() if old.get(i) != new.get(i)}
    for c in found.changes[:4]:
        assert c.causes
        assert told_of(with_causes(case, c), c) == told_of(after, c) != told_of(before, c)
        for cause in c.causes:
            assert told_of(with_causes(case, c, without=cause), c) != told_of(after, c)
            if isinstance(cause, Cause):
                assert zone.moment(case.known_at) <= known(zone, cause.record) < zone.moment(last)  # type: ignore[arg-type]
            event(type(cause).__name__ + (f" {cause.kind}" if isinstance(cause, Cause) else ""))
        event(f"causes: {len(c.causes)}")


def entered(case: Case) -> list[int]:
    """The instants from which something is known: a record was entered, a season decided."""
    zone = zone_named(case.plan.plan.timezone)
    decisions = [d.decided for s in case.plan.seasons.values() for d in s.in_year.values() if d.decided]
    # A record entered at an instant is known after it; a decision from the end of its day on.
    return sorted({*(known(zone, r) + 1 for r in case.history.records), *(zone.start(d.toordinal() + 1) for d in decisions)})


@given(cases(), st.data())
def test_without_new_knowledge_nothing_changes(case: Case, data: Any) -> None:
    zone = zone_named(case.plan.plan.timezone)
    instants = entered(case)
    # From the moment at which something became known until just before the next one nobody learns anything.
    first, following = data.draw(st.sampled_from(list(pairwise([*instants, instants[-1] + 2**40])))) if instants else (0, 2)
    before = evaluate(
        case.plan, case.roster, case.history, as_of=case.as_of, known_at=zone.to_datetime(first), waivers=case.waivers
    )
    found = look_back(before, zone.to_datetime(following - 1))
    assert found.changes == () and list(found.after.obligations) == list(before.obligations)


# ------------------------------------------------------------------------------------------------ document and command


def test_the_document_satisfies_its_schema():
    check = jsonschema.Draft202012Validator(schema("changes"))
    for rows, expected in TABLE:
        before = evaluate(PLAN, ROSTER, [*APRIL, *rows], as_of=date(2026, 7, 9), known_at=date(2026, 7, 5))
        document = to_document(look_back(before, date(2026, 7, 9)))
        assert not list(check.iter_errors(document))
        assert [c["id"] for c in document["changes"]] == sorted({**expected, **SEASON})
        assert [m[:10] for m in document["known_at"]] == ["2026-07-06", "2026-07-10"]


def run(capsys, *args):
    try:
        status = main(list(args))
    except SystemExit as stop:
        status = stop.code
    out = capsys.readouterr()
    assert "Traceback" not in out.err + out.out
    return status, out.out, out.err


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    rows = [*APRIL, MAY, JUNE, back("back", "2026-07-08T09:00", "june"), row("more", "2026-05-30T09:00", "2026-07-07T09:00")]
    (tmp_path / "h.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    # JSON is YAML; a year is a number there, which JSON cannot say.
    (tmp_path / "plan.yaml").write_text(json.dumps(PLAN).replace('"2026":', "2026:"), encoding="utf-8")
    (tmp_path / "roster.yaml").write_text(json.dumps(ROSTER), encoding="utf-8")
    plan, roster, history = (str(tmp_path / n) for n in ("plan.yaml", "roster.yaml", "h.jsonl"))
    return [plan, "--roster", roster, "--history", history, "--as-of", "2026-07-09"]


def test_the_command_tells_each_change_in_two_languages(capsys, inputs):
    status, out, _ = run(capsys, "changes", *inputs, "--known-at", "2026-07-05", "2026-07-09")
    assert status == 1 and "    a retraction, entered 2026-07-08 09:00: back  " in out
    assert "2026-07-05: met — 1 of 1 counted\n  2026-07-09: violated — 0 of 1 by the deadline" in out
    assert "a decision on the season flood of 2026, decided 2026-07-06: 06-01 .. …" in out
    assert "      which takes back one, entered 2026-06-15 10:00: june  " in out
    assert out.endswith("verdicts changed: 2; the same verdict for other reasons: 1 (see --all)\n") and "more  " not in out
    status, whole, _ = run(capsys, "changes", *inputs, "--known-at", "2026-07-05", "2026-07-09", "--all")
    assert "which takes back one, entered 2026-06-15 10:00: june  2026-06-15 09:00:00  inspection  m  by l\n" in whole
    assert "    a record, entered 2026-07-07 09:00: more  " in whole and whole.endswith("other reasons: 1\n")
    status, out, _ = run(capsys, "changes", *inputs, "--known-at", "2026-07-05", "2026-07-09", "--lang", "zh")
    assert status == 1 and "撤回（2026-07-08 09:00 登记）：back" in out and "结论改变 2 项" in out
    status, out, _ = run(capsys, "changes", *inputs, "--known-at", "2026-07-05", "2026-07-09", "--format", "json")
    assert status == 1 and len(json.loads(out)["changes"]) == 3


def test_the_command_exits_0_if_no_verdict_changed_and_2_on_a_faulty_call(capsys, inputs, tmp_path):
    status, out, _ = run(capsys, "changes", *inputs, "--known-at", "2026-07-06", "2026-07-07")
    assert status == 0 and "verdicts changed: 0; the same verdict for other reasons: 1" in out
    for moments, code in ((["2026-07-09", "2026-07-05"], "DR803"), (["2026-07-09", "soon"], "'soon'"), (["2026-07-09"], "--known-at")):
        status, out, err = run(capsys, "changes", *inputs, "--known-at", *moments)
        assert (status, out) == (2, "") and code in err
    status, out, err = run(capsys, "changes", str(tmp_path), *inputs[1:], "--known-at", "2026-07-05", "2026-07-09")
    assert (status, out) == (2, "") and "DR001" in err
