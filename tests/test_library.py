"""The shipped plans: what an author who starts from one of them must be able to rely on."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest

from dutyrules.loading import load_plan

FOLDER = Path(__file__).parents[1] / "duties"
FILES = sorted(FOLDER.glob("*.yaml"))
PLANS = {p.stem: load_plan(p) for p in FILES}
MODELS = sorted(set(PLANS) - {"xixia-mines-2026h1"})
HOLDERS = ("seasons", "object_types", "duties")


def labels(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], set[str]]]:
    """Every label of a plan as plain data, with its languages."""
    if isinstance(value, dict):
        here = [(path, {"zh", "en"} & set(value))] if {"zh", "en"} & set(value) else []
        return here + [found for k, v in value.items() for found in labels(v, (*path, k))]
    if isinstance(value, list):
        return [found for i, v in enumerate(value) for found in labels(v, (*path, i))]
    return []


def alternatives(data: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Every alternative of a reading that says what it changes: the group, the holder's name, the changes."""
    out = []
    for group in HOLDERS:
        for name, holder in data.get(group, {}).items():
            readings = holder.get("reading", [])
            for reading in readings if isinstance(readings, list) else [readings]:
                out += [(group, name, a["changes"]) for a in reading.get("alternatives", ()) if isinstance(a, dict)]
    return out


@pytest.mark.parametrize("name", PLANS)
def test_every_label_is_in_both_languages(name):
    assert [path for path, languages in labels(PLANS[name].to_dict()) if languages != {"zh", "en"}] == []


@pytest.mark.parametrize("name", MODELS)
def test_every_alternative_gives_another_plan_that_loads(name):
    data = PLANS[name].to_dict()
    assert alternatives(data)
    for group, holder, changes in alternatives(data):
        other = copy.deepcopy(data)
        # The alternatives of the holder speak of the plan as it is, not of the one that they would make.
        del other[group][holder]["reading"]
        for key, value in changes.items():
            if value is None:
                del other[group][holder][key]
            else:
                other[group][holder][key] = value
        unchanged = copy.deepcopy(data)
        del unchanged[group][holder]["reading"]
        assert load_plan(other) != load_plan(unchanged), (holder, changes)


@pytest.mark.parametrize("name", MODELS)
def test_every_clause_is_answered_once(name):
    plan = PLANS[name]
    answered = {duty.clause for duty in plan.duties.values()} | set(plan.clauses)
    assert answered == set(plan.plan.contents or ())
    assert not {duty.clause for duty in plan.duties.values()} & set(plan.clauses)


@pytest.mark.parametrize("name", MODELS)
def test_the_tests_show_every_duty_and_step_both_ways(name):
    plan = PLANS[name]
    shown: dict[tuple[str, str], set[str]] = {}
    for case in plan.tests:
        for duty, keys in case.expect.items():
            for key, verdict in keys.items():
                step = re.search(r"/(\d+)\Z", key)
                shown.setdefault((duty, step[1] if step else ""), set()).add(verdict)
    for duty_id, duty in plan.duties.items():
        for step in [str(n) for n, _ in enumerate(getattr(duty, "steps", ()), 1)] or [""]:
            verdicts = shown.get((duty_id, step), set())
            assert verdicts & {"met", "pending"} and verdicts - {"met"}, (duty_id, step, verdicts)
            assert len(verdicts) > 1, (duty_id, step, verdicts)


def test_the_list_of_plans_names_each_file_in_both_languages():
    english, chinese = (FOLDER / "README.md").read_text("utf-8").split("\n---\n")
    for half in (english, chinese):
        assert sorted(set(re.findall(r"\]\(([\w-]+\.yaml)\)", half))) == [p.name for p in FILES]
