"""The published schemas are those of the models, and everything that is shipped satisfies them."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from dutyrules import evaluate, load_history, load_plan, load_roster, load_waivers
from dutyrules.document import to_document, to_json
from dutyrules.schema import SCHEMAS, schema, schema_text
from dutyrules.yamlfile import read_yaml

ROOT = Path(__file__).parents[1]
PLANS = sorted(p for folder in ("duties", "tests/cases", "tests/edges", "tests/regimes") for p in (ROOT / folder).glob("*.yaml"))


def validator(name):
    found = schema(name)
    jsonschema.Draft202012Validator.check_schema(found)
    return jsonschema.Draft202012Validator(found)


@pytest.mark.parametrize("name", SCHEMAS)
def test_published_schemas_are_current(name):
    published = (ROOT / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    assert published == schema_text(name), f"stale: run `dutyrules schema {name} > schemas/{name}.json`"


def test_every_plan_satisfies_the_schema():
    check = validator("plan")
    for path in PLANS:
        data = read_yaml(path.read_bytes()).data
        # JSON has no other keys than text; years of seasons and calendars are numbers in YAML.
        errors = list(check.iter_errors(json.loads(json.dumps(data))))
        assert not errors, (path, errors[0].message)
        assert not list(check.iter_errors(json.loads(json.dumps(load_plan(path).to_dict())))), path


def test_what_the_models_refuse_in_form_the_schema_refuses_too():
    check = validator("plan")
    sound = read_yaml((ROOT / "tests/cases/notation-example.yaml").read_bytes()).data
    for change in (
        lambda p: p.pop("plan"),
        lambda p: p.update(dutyrules=2),
        lambda p: p["plan"].update(titel="x"),
        lambda p: p["duties"]["township.patrol"].update(for_each="mine"),
        lambda p: p["duties"]["township.patrol"].update(at_leest="1 per month"),
        lambda p: p["duties"]["township.patrol"].update(at_least="once a month"),
        lambda p: p["plan"]["in_force"].update({"from": "16 April"}),
    ):
        data = json.loads(json.dumps(sound))
        change(data)
        assert list(check.iter_errors(data)), change


def test_rosters_waivers_and_histories_satisfy_their_schemas():
    example = ROOT / "examples" / "xixia"
    for name in ("roster", "waivers"):
        data = yaml.safe_load((example / f"{name}.yaml").read_text(encoding="utf-8"))
        assert not list(validator(name).iter_errors(json.loads(json.dumps(data, default=str))))
    check = validator("history")
    with (example / "history.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert not list(check.iter_errors({k: v for k, v in row.items() if v}))


def xixia(history=None):
    example = ROOT / "examples" / "xixia"
    return evaluate(
        load_plan(ROOT / "duties" / "xixia-mines-2026h1.yaml"),
        load_roster(example / "roster.yaml"),
        load_history(example / "history.csv") if history is None else history,
        as_of=date(2026, 6, 30),
        waivers=load_waivers(example / "waivers.yaml"),
    )


def test_an_evaluation_satisfies_its_schema_and_is_the_same_in_any_order():
    import random

    first = xixia()
    assert not list(validator("evaluation").iter_errors(to_document(first)))
    text = to_json(first)
    assert text == to_json(xixia())
    rows = list(first.inputs.history.records)
    random.Random(7).shuffle(rows)
    assert text == to_json(xixia(rows))
    assert {o.duty for o in first.obligations} <= set(first.inputs.plans[0].duties)
