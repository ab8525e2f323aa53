"""What is judged part by part gives together what the whole gives."""

from __future__ import annotations

import sys
from collections import Counter
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


def several(case: Case, random: Random) -> Case:
    """The places of a case three times, with some records, tenures and areas that reach from one to another."""
    copies = [case, renamed(case, "x"), renamed(case, "y")]
    groups = {g: [x for c in copies for x in getattr(c.roster, g)] for g in ("areas", "objects", "persons", "tenures")}
    if random.random() < 0.3:
        inner = random.choice([a for a in groups["areas"] if a.id.endswith("x")])
        groups["areas"] = [a.model_copy(update={"within": "a1"}) if a is inner and a.within is None else a for a in groups["areas"]]
    persons = [p.id for p in groups["persons"]]
    groups["tenures"] = [
        t.model_copy(update={"person": random.choice(persons)}) if random.random() < 0.1 else t for t in groups["tenures"]
    ]
    objects, areas = [o.id for o in groups["objects"]], [a.id for a in groups["areas"]]
    records = [r for c in copies for r in c.history.records]
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
    waivers = tuple(w for c in copies for w in c.waivers)
    return replace(case, roster=roster, history=History(tuple(records), case.history.complete_through), waivers=waivers)


def given_inputs(case: Case) -> Inputs:
    return inputs_of(case.plan, case.roster, case.history, case.as_of, case.known_at, case.waivers, None)


@settings(max_examples=max(500, settings.default.max_examples))  # type: ignore[union-attr]
@given(cases(), st.randoms(use_true_random=False))
def test_the_parts_of_a_drawn_case_give_what_the_whole_gives(case: Case, random: Random) -> None:
    parts = agree(given_inputs(several(case, random)), random.choice([1, 1, 2, 4]))
    event(f"parts: {len(parts)}")
