"""JSON Schemas (draft 2020-12) of what goes in and of what comes out, made from the models."""

from __future__ import annotations

import ast
import inspect
import json
from itertools import pairwise
from textwrap import dedent
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from dutyrules.history import FIELDS

__all__ = ["SCHEMAS", "schema", "schema_text"]

SCHEMAS = ("plan", "tests", "roster", "history", "waivers", "evaluation", "obligation", "readings", "changes", "diff", "impact")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?$"}
_MANY = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}


def schema(name: str) -> dict[str, Any]:
    """The schema of ``plan``, ``tests`` (a file of tests), ``roster``, ``history`` (one record of a JSON lines file), ``waivers``,
    ``evaluation``, ``obligation`` (one line of its JSON lines), ``readings``, ``changes``, ``diff`` or ``impact``.

    Raises:
        KeyError: another name.
    """
    if name == "history":
        found = _history()
    else:
        from dutyrules.document import EvaluationDocument, ObligationDocument
        from dutyrules.hindsight.document import ChangesDocument
        from dutyrules.plan import Plan
        from dutyrules.plantests import CaseFile
        from dutyrules.reissue.comparison import Diff
        from dutyrules.reissue.impact import ImpactDocument
        from dutyrules.roster import Roster
        from dutyrules.sensitivity.document import ReadingsDocument
        from dutyrules.waivers import Waivers

        inputs: dict[str, type[BaseModel]] = {"plan": Plan, "tests": CaseFile, "roster": Roster, "waivers": Waivers}
        outputs: dict[str, type[BaseModel]] = {
            "evaluation": EvaluationDocument, "obligation": ObligationDocument, "readings": ReadingsDocument, "changes": ChangesDocument,
            "diff": Diff, "impact": ImpactDocument,
        }  # fmt: skip
        models = {**inputs, **outputs}
        mode: Any = "serialization" if name in outputs else "validation"
        found = models[name].model_json_schema(by_alias=True, mode=mode, schema_generator=_Described)
    return {"$schema": _DIALECT, "$id": f"urn:dutyrules:{name}:1", **found}


class _Described(GenerateJsonSchema):
    """A schema in which the text below a field of a model is its description."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        found = super().model_schema(schema)
        fields = schema["cls"].model_fields
        for name, text in _field_texts(schema["cls"]).items():
            if name in fields:
                found["properties"][fields[name].alias or name].setdefault("description", text)
        return found


def _field_texts(model: type[BaseModel]) -> dict[str, str]:
    """The text below each field of a model, its bases' included."""
    found: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if issubclass(kind, BaseModel) and kind is not BaseModel:
            (tree,) = ast.parse(dedent(inspect.getsource(kind))).body
            assert isinstance(tree, ast.ClassDef)
            for field, text in pairwise(tree.body):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant) and isinstance(text.value.value, str):
                        found[field.target.id] = inspect.cleandoc(text.value.value)
    return found


def _history() -> dict[str, Any]:
    known: dict[str, Any] = {
        "id": {"type": "string", "minLength": 1, "description": "Stable identifier of the record."},
        "time": {**_TIME, "description": "When it happened; without offset in the plan's zone; a bare date if the hour is not known."},
        "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$", "description": "In place of time where only the day is known."},
        "event": {"type": "string", "minLength": 1, "description": "Kind of event, as named in the plan."},
        "object": {**_MANY, "description": "Object or objects it is about; several joined by ;"},
        "area": {"type": "string", "description": "Area it is about."},
        "by": {**_MANY, "description": "Person or persons who did it; several joined by ;"},
        "recorded_at": {**_TIME, "description": "When it was entered."},
        "until": {**_TIME, "description": "When it ended."},
        "retracts": {"type": "string", "description": "Id of the record that this one takes back."},
    }
    assert set(known) == set(FIELDS)
    return {
        "title": "Record",
        "description": "One record of a history in JSON lines; further keys are attributes.",
        "type": "object",
        "properties": known,
        "required": ["id", "event"],
        "oneOf": [{"required": ["time"]}, {"required": ["date"]}],
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    }


def schema_text(name: str) -> str:
    """The schema as the text of the published file."""
    return json.dumps(schema(name), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
