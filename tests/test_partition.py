"""What is judged part by part gives together what the whole gives."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from dutyrules import Evaluation, load_history, load_plan, load_roster, load_waivers
from dutyrules.engine import Inputs, inputs_of, run
from dutyrules.history import History, Record
from dutyrules.partition import Buckets, Division, Router
from dutyrules.roster import Roster
from dutyrules.strategies import Case, cases

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
EXAMPLE = ROOT / "examples" / "xixia"


def router_of(buckets: Buckets, history: History) -> Router:
    """The way of the records of a history, with what they take back."""
    router = buckets.router
    takers = {r.id: r.retracts for r in history.records if r.retracts is not None}
    own: dict[str, set[int]] = {}
    for row, b in zip(*router.routes(history.columns, history.records), strict=True):
        own.setdefault(history.records[row].id, set()).add(int(b))
    return router.following(takers, own) if takers else router


def in_parts(inputs: Inputs, size: float, router: Router | None = None) -> Iterator[Evaluation]:
    """The evaluation of each bucket."""
    buckets = Division(inputs.plans, inputs.roster).in_buckets(size)
    history = inputs.history
    rows, of = (router or router_of(buckets, history)).routes(history.columns, history.records)
    for b in range(len(buckets)):
        records = tuple(history.records[i] for i in rows[of == b].tolist())
        yield run(replace(inputs, roster=buckets.share(b), history=History(records, history.complete_through)))


def said(evaluations: list[Evaluation]) -> tuple[Any, ...]:
    """All that some evaluations say together, in one order."""
    obligations = sorted((o for e in evaluations for o in e.obligations), key=lambda o: (o.duty, o.subject, o.window.start, o.id))
    order = {o.id: i for i, o in enumerate(obligations)}
    return (
        obligations,
        sorted((v for e in evaluations for v in e.violations), key=lambda v: (order[v.obligation], v.from_, v.until is None, v.until, v.evidence)),
        sorted((s for e in evaluations for s in e.skipped), key=lambda s: (s.duty, s.subject, s.from_, str(s.through))),
        sorted((v for e in evaluations for v in e.vacancies), key=lambda v: (v.role, v.object or "", v.from_)),
        sorted({p for e in evaluations for p in e.problems}, key=str),
    )


def agree(inputs: Inputs, size: float = 1) -> list[Evaluation]:
    parts = list(in_parts(inputs, size))
    assert said(parts) == said([run(inputs)])
    return parts


def renamed(case: Case, mark: str) -> Case:
    """The same with other names of objects, areas, persons and records."""
    roster = case.roster.model_dump(by_alias=True, mode="json", exclude_defaults=True)
    for group, names in (("areas", ("id", "within")), ("objects", ("id", "area")), ("persons", ("id",)), ("tenures", ("person", "object", "area"))):
        roster[group] = [{k: v + mark if k in names else v for k, v in row.items()} for row in roster.get(group, [])]
    records = tuple(
        replace(
            r, id=r.id + mark, objects=tuple(o + mark for o in r.objects), area=r.area and r.area + mark, by=tuple(p + mark for p in r.by),
            retracts=r.retracts and r.retracts + mark,
        )
        for r in case.history.records
    )  # fmt: skip
    waivers = tuple(
        w.model_copy(update={"id": w.id + mark, **{n: v + mark for n in ("person", "object", "area") if (v := getattr(w, n)) is not None}})
        for w in case.waivers
    )
    return replace(case, roster=load_roster(roster), history=History(records, case.history.complete_through), waivers=waivers)


def together(cases: list[Case]) -> Case:
    """The rosters, histories and waivers of some cases as one."""
    first = cases[0]
    groups = {g: tuple(x for c in cases for x in getattr(c.roster, g)) for g in ("areas", "objects", "persons", "tenures")}
    records = tuple(r for c in cases for r in c.history.records)
    history = History(records, first.history.complete_through)
    return replace(first, roster=Roster(**groups), history=history, waivers=tuple(w for c in cases for w in c.waivers))


def several(case: Case, random: Random) -> Case:
    """The places of a case three times, with some records, tenures and areas that reach from one to another."""
    whole = together([case, renamed(case, "x"), renamed(case, "y")])
    groups = {g: list(getattr(whole.roster, g)) for g in ("areas", "objects", "persons", "tenures")}
    if random.random() < 0.3:
        inner = random.choice([a for a in groups["areas"] if a.id.endswith("x")])
        groups["areas"] = [a.model_copy(update={"within": "a1"}) if a is inner and a.within is None else a for a in groups["areas"]]
    persons = [p.id for p in groups["persons"]]
    groups["tenures"] = [
        t.model_copy(update={"person": random.choice(persons)}) if random.random() < 0.1 else t for t in groups["tenures"]
    ]
    objects, areas = [o.id for o in groups["objects"]], [a.id for a in groups["areas"]]
    records = list(whole.history.records)
    ids = [r.id for r in records]
    for i, r in enumerate(records):
        how = random.random()
        if how < 0.1:
            records[i] = replace(r, objects=tuple(random.sample(objects, min(len(objects), random.randint(0, 3)))))
        elif how < 0.2:
            records[i] = replace(r, objects=r.objects if random.random() < 0.3 else (), area=random.choice([*areas, "unknown"]))
        elif how < 0.25:
            records[i] = replace(r, objects=("unknown",))
        elif how < 0.3:
            records[i] = replace(r, by=(*r.by, random.choice(persons)))
    for i in range(random.randint(0, 4)):
        like = random.choice([*records, Record("z", case.plan.plan.in_force.from_, "retraction")])
        kind = random.choice([like.event, "retraction"])
        taken = random.choice([*ids, *(f"z{k}" for k in range(4)), "missing"])
        records.append(replace(like, id=f"z{i}", event=kind, retracts=taken))
    random.shuffle(records)
    roster = Roster(**{g: tuple(v) for g, v in groups.items()})
    return replace(whole, roster=roster, history=History(tuple(records), case.history.complete_through))


def given_inputs(case: Case) -> Inputs:
    return inputs_of(case.plan, case.roster, case.history, case.as_of, case.known_at, case.waivers, None)


@settings(max_examples=max(500, settings.default.max_examples))  # type: ignore[union-attr]
@given(cases(), st.randoms(use_true_random=False))
def test_the_parts_of_a_drawn_case_give_what_the_whole_gives(case: Case, random: Random) -> None:
    parts = agree(given_inputs(several(case, random)), random.choice([1, 1, 2, 4]))
    event(f"parts: {len(parts)}")


@pytest.mark.parametrize("as_of", [date(2026, 4, 16), date(2026, 6, 30), datetime(2026, 7, 13, 2, 5)])
def test_the_parts_of_the_example_give_what_the_whole_gives(as_of: Any) -> None:
    plan, roster = load_plan(ROOT / "duties" / "xixia-mines-2026h1.yaml"), load_roster(EXAMPLE / "roster.yaml")
    history, waivers = load_history(EXAMPLE / "history.csv"), load_waivers(EXAMPLE / "waivers.yaml")
    reissue = load_plan(EXAMPLE / "reissue" / "invented-2026h2.yaml")
    one = Case(plan, roster, history, as_of, None, waivers)
    # The county is one part, because its offices bear duties for all of it; so there are two counties here.
    both = together([one, renamed(one, "x")])
    assert len(agree(given_inputs(one))) == 1
    assert len(agree(given_inputs(both))) == 2
    assert len(agree(replace(given_inputs(both), plans=[plan, reissue], known_at=date(2026, 6, 20)))) == 2


@pytest.mark.parametrize("seed", range(2))
def test_the_parts_of_a_roster_of_tables_give_what_the_whole_gives(seed: int) -> None:
    from adapters import PLAN, arrow_records, arrow_roster
    from workload import AS_OF, make

    from dutyrules.tables import roster_from_tables

    w = make(23, 4600, seed)
    objects, tenures, persons = arrow_roster(w)
    inputs = inputs_of(load_plan(PLAN), roster_from_tables(objects, tenures, persons=persons), arrow_records(w), AS_OF, None, None, None)
    router = Division(inputs.plans, inputs.roster).in_buckets(5).router
    assert len(agree(inputs, 5)) == 5
    rows, _ = router.routes(inputs.history.columns, inputs.history.records)
    # Nobody looks for notes, and so they go nowhere.
    assert rows.tolist() == [i for i, r in enumerate(inputs.history.records) if r.event != "note"]


# --------------------------------------------------------------------------------------------------------- by hand

ROSTER: dict[str, Any] = {
    "areas": [
        {"id": "county"}, {"id": "east", "type": "town", "within": "county"}, {"id": "west", "type": "town", "within": "county"},
        {"id": "hamlet", "within": "east"},
    ],
    "objects": [
        {"id": "m1", "type": "mine", "area": "east"}, {"id": "p1", "type": "pond", "area": "east"}, {"id": "m2", "type": "mine", "area": "west"},
        {"id": "m3", "type": "mine", "area": "county"}, {"id": "m4", "type": "mine"},
    ],
    "persons": [{"id": "li"}, {"id": "wu"}],
    "tenures": [
        {"role": "chief", "person": "li", "object": "m2"}, {"role": "chief", "person": "li", "object": "m3"},
        {"role": "warden", "person": "li", "object": "p1"}, {"role": "chief", "person": "wu", "area": "east"},
    ],
}  # fmt: skip
ONE = {"object_type": "mine", "role": "chief", "must": "visit", "at_least": "1 per month", "for_each": "object"}


def plan_of(**duties: dict[str, Any]) -> Any:
    words = {"clause": "1", "summary": {"en": "Invented"}}
    return load_plan(
        {
            "dutyrules": 1, "plan": {"id": "p", "title": {"en": "P"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
            "roles": {"chief": {"en": "C"}, "warden": {"en": "W"}}, "object_types": {"mine": {"en": "M"}, "pond": {"en": "P"}},
            "events": {**{e: {"en": e} for e in ("visit", "alert", "lifted")}, "found": {"en": "f", "attributes": {"case": "text"}}},
            "duties": {name: {**words, **duty} for name, duty in duties.items()},
        }
    )  # fmt: skip


AREA = {**ONE, "for_each": "area", "area_type": "town"}
BEARER = {**ONE, "for_each": "bearer"}
STORM = {"object_type": "mine", "role": "chief", "trigger": "alert", "must": "visit", "within": "2 hours"}
STAFFED = {"object_type": "mine", "role": "chief", "keep": {"staffed": "visit"}, "for_each": "area", "area_type": "town"}


@pytest.mark.parametrize(
    ("duties", "parts"),
    [
        ({"a": ONE}, ["m1", "p1", "m2", "m3", "m4"]),
        ({"a": {**STORM, "for_each": "object"}}, ["m1", "p1", "m2", "m3", "m4"]),
        ({"a": AREA}, ["m1 p1", "m2", "m3", "m4"]),
        ({"a": {**AREA, "object_type": "pond"}}, ["m1 p1", "m2", "m3", "m4"]),
        ({"a": {k: v for k, v in AREA.items() if k != "area_type"}}, ["m1 p1", "m2", "m3", "m4"]),
        ({"a": BEARER}, ["m1", "p1", "m2 m3", "m4"]),
        ({"a": {**STORM, "for_each": "bearer"}}, ["m1", "p1", "m2 m3", "m4"]),
        # One who adds to what he owes in another role owes it as one person.
        ({"b": {**BEARER, "object_type": "pond", "role": "warden", "adds_to": "a"}, "a": BEARER}, ["m1", "p1 m2 m3", "m4"]),
        ({"b": {**BEARER, "object_type": "pond", "role": "warden"}, "a": BEARER}, ["m1", "p1", "m2 m3", "m4"]),
    ],
)
def test_what_is_judged_together_is_in_one_part(duties: dict[str, Any], parts: list[str]) -> None:
    division = Division([plan_of(**duties)], load_roster(ROSTER))
    found: dict[int, list[str]] = {}
    for o, p in zip(division.object_ids, division.part.tolist(), strict=True):
        found.setdefault(p, []).append(o)
    assert [" ".join(p) for p in found.values()] == parts


ALERTED = {"s": {**STORM, "for_each": "object"}}
CASES = {
    "c": {
        "object_type": "mine", "case": "case", "starts_with": "found",
        "steps": [{"role": "chief", "must": "found", "within": "3 days", "roll": "none"}],
    }
}  # fmt: skip


@pytest.mark.parametrize(
    ("duties", "record", "reached"),
    [
        ({"a": ONE}, {"event": "visit", "object": "m1;m3"}, "m1 m3"),
        ({"a": ONE}, {"event": "visit", "object": "unknown"}, ""),
        ({"a": ONE}, {"event": "visit", "object": "m1;unknown", "area": "west"}, "m1"),
        ({"a": ONE}, {"event": "visit", "area": "east"}, ""),
        ({"a": ONE}, {"event": "visit"}, ""),
        ({"a": ONE}, {"event": "alert", "object": "m1"}, ""),
        ({"a": AREA}, {"event": "visit", "area": "east"}, "m1 p1"),
        ({"a": AREA}, {"event": "visit", "area": "hamlet"}, "m1 p1"),
        ({"a": AREA}, {"event": "visit", "object": "m2", "area": "hamlet"}, "m1 p1 m2"),
        ({"a": AREA}, {"event": "visit", "area": "county"}, ""),
        ({"a": AREA}, {"event": "visit"}, ""),
        ({"a": {**STAFFED, "during": {"event": "alert"}}}, {"event": "alert", "area": "hamlet"}, "m1 p1"),
        ({"a": {**STAFFED, "during": {"event": "alert"}}}, {"event": "alert", "area": "county"}, "m1 p1 m2 m3"),
        ({"a": BEARER}, {"event": "visit"}, "m1 p1 m2 m3 m4"),
        ({"a": BEARER}, {"event": "visit", "area": "west"}, "m2 m3"),
        (ALERTED, {"event": "alert"}, "m1 p1 m2 m3 m4"),
        (ALERTED, {"event": "alert", "area": "east"}, "m1 p1"),
        (ALERTED, {"event": "alert", "area": "hamlet"}, ""),
        (ALERTED, {"event": "alert", "area": "unknown"}, ""),
        (ALERTED, {"event": "visit"}, ""),
        (CASES, {"event": "found", "area": "west"}, "m1 p1 m2 m3 m4"),
        (CASES, {"event": "found", "object": "m2"}, "m2"),
    ],
)
def test_where_a_record_goes(duties: dict[str, Any], record: dict[str, Any], reached: str) -> None:
    history = History.of([{"id": "r", "time": "2026-01-10T09:00", **record}])
    buckets = Division([plan_of(**duties)], load_roster(ROSTER)).in_buckets(1)
    _, of = buckets.router.routes(history.columns, history.records)
    held = {o: int(b) for o, b in zip(buckets.division.object_ids, buckets.of_object, strict=True)}
    assert " ".join(o for o, b in held.items() if b in of) == reached


def test_an_area_without_objects_in_an_area_that_is_a_subject() -> None:
    roster = load_roster({**ROSTER, "tenures": [{"role": "chief", "person": "wu", "area": "east"}]})
    rows = [
        {"id": "1", "time": "2026-01-10T09:00", "event": "visit", "area": "hamlet", "by": "wu", "until": "2026-01-10T10:00"},
        {"id": "2", "time": "2026-01-12T09:00", "event": "alert", "area": "hamlet", "until": "2026-01-13T09:00"},
    ]
    duties = {"a": AREA, "k": {**STAFFED, "during": {"event": "alert"}}}
    found = agree(inputs_of(plan_of(**duties), roster, rows, date(2026, 1, 31), None, None, None))
    assert {(o.duty, o.subject, o.verdict) for e in found for o in e.obligations} == {
        ("a", "east", "met"), ("a", "west", "violated"), ("k", "east", "violated"), ("k", "west", "pending"),
    }  # fmt: skip


def test_what_is_taken_back_is_the_same_in_each_part() -> None:
    # Rings and chains of retractions that reach from one mine to another.
    rows = [
        {"id": "0", "time": "2026-01-10T09:00", "event": "visit", "object": "m4", "by": "li", "retracts": ""},
        {"id": "a", "time": "2026-01-10T09:00", "event": "visit", "object": "m2", "by": "li", "retracts": "b"},
        {"id": "b", "time": "2026-01-11T09:00", "event": "visit", "object": "m3", "by": "li", "retracts": "a"},
        {"id": "c", "time": "2026-01-11T09:00", "event": "retraction", "retracts": "0"},
        {"id": "d", "time": "2026-01-11T09:00", "event": "retraction", "retracts": "c"},
        {"id": "e", "time": "2026-01-11T09:00", "event": "retraction", "retracts": "d"},
    ]
    tenures = [{"role": "chief", "person": "li", "object": o} for o in ("m2", "m3", "m4")]
    for links in ({}, {"b": "0"}, {"e": "a"}, {"0": "b"}):
        told = [{**r, "retracts": links.get(r["id"], r["retracts"])} for r in rows]
        agree(inputs_of(plan_of(a=ONE), load_roster({**ROSTER, "tenures": tenures}), told, date(2026, 1, 31), None, None, None))
    told = [*rows, {"id": "Z", "time": "2026-01-10T09:00", "event": "visit", "object": "m4", "by": "li"}]
    told[2] = {**rows[2], "retracts": "a"}
    told.append({"id": "f", "time": "2026-01-11T09:00", "event": "visit", "object": "m1", "retracts": "Z"})
    agree(inputs_of(plan_of(a=ONE), load_roster({**ROSTER, "tenures": tenures}), told, date(2026, 1, 31), None, None, None))


def test_parts_come_into_buckets_by_their_areas_and_weights() -> None:
    division = Division([plan_of(a=ONE)], load_roster(ROSTER))
    assert len(division) == 5

    def filled(buckets: Buckets) -> list[str]:
        return [" ".join(o for o, b in zip(division.object_ids, buckets.of_object, strict=True) if b == n) for n in range(len(buckets))]

    assert filled(division.in_buckets(100)) == ["m1 p1 m2 m3 m4"]
    # m3 lies in the county itself, m4 nowhere.
    assert filled(division.in_buckets(2)) == ["m1 m3", "p1 m2", "m4"]
    assert filled(division.in_buckets(10, np.array([1, 1, 30, 1, 1]))) == ["m1 p1 m2 m3", "m4"]


def test_without_objects_there_is_one_empty_bucket() -> None:
    (e,) = agree(inputs_of(plan_of(a=AREA, b=BEARER), load_roster({}), [{"id": "1", "time": "2026-01-02", "event": "visit"}], date(2026, 1, 31), None, None, None))
    assert not e.obligations
