"""Tests of a plan as they are written: a small roster and history, and the verdicts that they must have.

Their form is that of the models here. :func:`case_faults` looks at what a test names: a kind of event, an object or a duty that is
misspelt would prove something else in silence. It takes plain data, so that one fault of form hides no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from dutyrules.conditions import AttributeType, coerce
from dutyrules.errors import InputError, Problem
from dutyrules.history import FIELDS, RETRACTION, Record, record_from
from dutyrules.model import Label, Model, Names, require
from dutyrules.roster import Area, Key, Object, Roster, _Span, unknown
from dutyrules.time.zone import FIRST_YEAR, LAST_YEAR
from dutyrules.verdicts import VERDICTS
from dutyrules.waivers import Waiver

if TYPE_CHECKING:
    from dutyrules.plan import Plan

__all__ = ["CaseFile", "PlanTest", "Words", "breach_span", "case_faults", "record_rows", "roster_data"]

Path = tuple[str | int, ...]
PERIOD_EVENTS = ("period_opened", "period_closed")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?\Z")
_TIME_SCHEMA = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?$"}


# ------------------------------------------------------------------------------------------------------------ the form


def _moment(value: Any) -> date | datetime:
    found = value
    if not isinstance(value, date):
        require(isinstance(value, str) and _MOMENT.match(value), "moment", value=value)
        try:
            found = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
        except ValueError:
            require(False, "moment", value=value)
    require(FIRST_YEAR < found.year < LAST_YEAR, "day_range", value=value, first=FIRST_YEAR + 1, last=LAST_YEAR - 1)
    assert isinstance(found, date)
    return found


Moment = Annotated[
    date | datetime, PlainValidator(_moment), PlainSerializer(lambda m: m.isoformat()), WithJsonSchema(_TIME_SCHEMA)
]
"""A date, or a time (without offset: in the plan's zone)."""


def _verdict(value: Any) -> Any:
    text = value if isinstance(value, str) else ""
    near = get_close_matches(text.strip().lower().replace(" ", "_"), VERDICTS, n=1, cutoff=0.6)
    require(value in VERDICTS, "verdict", value=value, near=near[0] if near else "")
    return value


VerdictName = Annotated[str, BeforeValidator(_verdict), WithJsonSchema({"enum": sorted(VERDICTS)})]


def breach_span(text: str) -> tuple[datetime, datetime | None]:
    """The two ends of ``FROM .. UNTIL`` on the local clock (a date: its midnight); without an end while it goes on.

    Raises:
        ValueError: the text has another form.
    """
    first, dots, last = text.partition("..")
    ends = [end.strip() for end in (first, last)]
    if not dots or not ends[0] or not all(_MOMENT.match(end) for end in ends if end):
        raise ValueError(text)
    start, until = (datetime.fromisoformat(end) if end else None for end in ends)
    assert start is not None
    return start, until


def _span(value: str) -> str:
    try:
        breach_span(value)
    except ValueError:
        require(False, "breach_span", value=value)
    return value


def _open_map(value: Any) -> Any:
    # `patrol:` with nothing after it names the duty, as `patrol: {}` does.
    return {} if value is None else value


class _OrNothing:
    """In the JSON Schema: nothing will do as well."""

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [handler(core_schema), {"type": "null"}]}


T = TypeVar("T")
_ByDuty = dict[str, Annotated[dict[str, T], BeforeValidator(_open_map), _OrNothing()]]
"""Duty to key to something."""


class CaseTenure(_Span):
    """Who bears a role, in short form; objects, areas and persons that stand nowhere else are made up."""

    role: str
    bearer: Key | None = None
    person: Key | None = None
    """The same as ``bearer``."""
    object: Key | None = None
    area: Key | None = None
    type: str | None = None
    """The type of the object, where ``objects`` does not list it; otherwise the plan's first type."""
    note: str | None = None

    @model_validator(mode="after")
    def _one(self) -> CaseTenure:
        require((self.bearer is None) != (self.person is None), "tenure_bearer")
        require((self.object is None) != (self.area is None), "tenure_over")
        return self


class CaseWaiver(Waiver):
    """A waiver; what no verdict depends on may be left out."""

    id: Key = ""
    because: str | Label = "test"
    approved_by: str = "test"


def _expects(value: dict[str, Any]) -> dict[str, Any]:
    require(value, "expect_empty")
    return value


_Row = Annotated[
    dict[str, Any],
    WithJsonSchema({"type": "object", "properties": {"event": {"type": "string"}}, "required": ["event"]}),
]


class PlanTest(Model):
    """A small history and the verdicts it must give. ``roster`` rows are tenures in short form."""

    name: Label
    note: Label | None = None
    areas: tuple[Area, ...] = ()
    objects: tuple[Object, ...] = ()
    roster: tuple[CaseTenure, ...] = ()
    history: tuple[_Row, ...] = ()
    """Rows with the columns of a history file; ``id`` may be left out."""
    waivers: tuple[CaseWaiver, ...] = ()
    complete_through: dict[str, Moment] | None = None
    as_of: Moment
    known_at: Moment | None = None
    expect: Annotated[_ByDuty[VerdictName], AfterValidator(_expects)]
    """Duty to key to verdict; see :mod:`dutyrules.casebook`."""
    breaches: _ByDuty[tuple[Annotated[str, AfterValidator(_span)], ...]] = {}
    """Duty to key to its violations, each ``FROM .. UNTIL`` in local time."""

    def to_dict(self) -> dict[str, Any]:
        """The test as plain data in the notation."""
        found: dict[str, Any] = self.model_dump(by_alias=True, mode="json", exclude_defaults=True)
        return found


def _some(value: tuple[Any, ...]) -> tuple[Any, ...]:
    require(value, "empty_list")
    return value


class CaseFile(Model):
    """Tests in a file of their own (``*.dutytest.yaml``), for a plan or for several plans in turn."""

    dutyrules: Literal[1]
    """The version of the notation."""
    plan: Names
    """The file of the plan (or plans), relative to this file."""
    note: Label | None = None
    tests: Annotated[tuple[PlanTest, ...], AfterValidator(_some)]


# ----------------------------------------------------------------------------------------------- the inputs it stands for


def _rows(case: Mapping[str, Any], part: str) -> list[tuple[int, Mapping[str, Any]]]:
    """The entries of a part that can be looked at, with their numbers."""
    given = case.get(part)
    return [(i, row) for i, row in enumerate(given) if isinstance(row, Mapping)] if isinstance(given, (list, tuple)) else []


def _named(rows: Iterable[tuple[int, Mapping[str, Any]]], *keys: str) -> list[str]:
    return list(dict.fromkeys(v for _, row in rows for key in keys if isinstance(v := row.get(key), str)))


def roster_data(case: Mapping[str, Any], first_type: str) -> dict[str, Any]:
    """The roster of a test in the shape of a roster file: what it lists, in its order, then what it only names."""
    objects, areas, tenures = (_rows(case, part) for part in ("objects", "areas", "roster"))
    listed = {*_named(objects, "id"), *_named(areas, "id")}
    types = {row.get("object"): row.get("type") or first_type for _, row in reversed(tenures)}
    places = _named([*objects, *tenures], "area")
    return {
        "areas": [dict(row) for _, row in areas] + [{"id": a} for a in places if a not in listed],
        "objects": [dict(row) for _, row in objects]
        + [{"id": o, "type": types[o]} for o in _named(tenures, "object") if o not in listed],
        "persons": [{"id": p} for p in _named(tenures, "bearer", "person")],
        "tenures": [
            {k: v for k, v in {**row, "person": row.get("bearer", row.get("person"))}.items() if k not in ("bearer", "type")}
            for _, row in tenures
        ],
    }


def record_rows(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a test's history, those without an id numbered r1, r2, … by their place."""
    return [{"id": f"r{i + 1}", **row} for i, row in _rows(case, "history")]


# ------------------------------------------------------------------------------------------------------- what it names


@dataclass(frozen=True)
class Words:
    """What a test may name: the words of its plan, or of its plans together."""

    roles: frozenset[str]
    object_types: Mapping[str, Mapping[str, AttributeType] | None]
    events: Mapping[str, Mapping[str, AttributeType] | None]
    """Each with its attributes; ``None`` where they are not known."""
    duties: frozenset[str]
    first_type: str

    @staticmethod
    def of(plans: Iterable[Plan], more: Mapping[str, set[str]] | None = None) -> Words:
        """The words of some plans; ``more`` adds names that exist in a file but were faulty themselves."""
        plans, more = list(plans), more or {}
        types: dict[str, Mapping[str, AttributeType] | None] = dict.fromkeys(sorted(more.get("object_types", ())))
        events: dict[str, Mapping[str, AttributeType] | None] = dict.fromkeys(sorted(more.get("events", ())))
        events |= {RETRACTION: {}, **{name: {"period": "text"} for name in PERIOD_EVENTS}}
        for plan in plans:
            for name, kind in plan.object_types.items():
                types[name] = {**(types.get(name) or {}), **kind.attributes}
            for name, event in plan.events.items():
                events[name] = {**(events.get(name) or {}), **event.attributes}
        return Words(
            roles=frozenset({r for p in plans for r in p.roles} | more.get("roles", set())),
            object_types=types,
            events=events,
            duties=frozenset({d for p in plans for d in p.duties} | more.get("duties", set())),
            first_type=next((t for p in plans for t in p.object_types), ""),
        )


def case_faults(tests: Any, words: Words, path: Path = ("tests",)) -> Iterator[Problem]:
    """What does not fit in some tests, given as plain data: names that lead nowhere, rows that cannot be read."""
    for i, case in enumerate(tests if isinstance(tests, (list, tuple)) else ()):
        if isinstance(case, Mapping):
            yield from _Check(case, words, (*path, i)).run()


class _Check:
    """One pass over a test; every method yields problems with the path of their place."""

    def __init__(self, case: Mapping[str, Any], words: Words, path: Path) -> None:
        self.case, self.words, self.path = case, words, path
        self.roster = roster_data(case, words.first_type)
        self.objects = set(_named(_numbered(self.roster["objects"]), "id"))
        self.areas = set(_named(_numbered(self.roster["areas"]), "id"))
        self.persons = set(_named(_numbered(self.roster["persons"]), "id"))

    def run(self) -> Iterator[Problem]:
        for i, row in _rows(self.case, "roster"):
            yield from self.name("role", row.get("role"), self.words.roles, "roster", i, "role")
            yield from self.name("object_type", row.get("type"), self.words.object_types, "roster", i, "type")
        for i, row in _rows(self.case, "objects"):
            yield from self.object(row, i)
        yield from self.structure()
        yield from self.history()
        for i, row in _rows(self.case, "waivers"):
            duties = row.get("duties")
            for name in [duties] if isinstance(duties, str) else duties if isinstance(duties, list) else []:
                yield from self.name("duty", name, self.words.duties, "waivers", i, "duties")
            for kind, names in (("object", self.objects), ("area", self.areas), ("person", self.persons)):
                yield from self.here(kind, row.get(kind), names, "waivers", i, kind)
        complete = self.case.get("complete_through")
        for event in complete if isinstance(complete, Mapping) else ():
            if event != "*":
                yield from self.name("event", event, self.words.events, "complete_through", event)
        for part in ("expect", "breaches"):
            duties = self.case.get(part)
            for duty in duties if isinstance(duties, Mapping) else ():
                yield from self.name("duty", duty, self.words.duties, part, duty)

    def name(self, kind: str, value: Any, names: Iterable[str], *place: str | int) -> Iterator[Problem]:
        if isinstance(value, str) and value not in names:
            yield unknown(kind, value, set(names), (*self.path, *place))

    def here(self, kind: str, value: Any, names: set[str], *place: str | int) -> Iterator[Problem]:
        """A name that only the test itself can give."""
        if isinstance(value, str) and value not in names:
            near = get_close_matches(value, sorted(names), n=1, cutoff=0.6)
            yield Problem("DR705", {"kind": kind, "value": value, "near": near[0] if near else ""}, path=(*self.path, *place))

    def object(self, row: Mapping[str, Any], i: int) -> Iterator[Problem]:
        kind, attributes = row.get("type"), row.get("attributes")
        yield from self.name("object_type", kind, self.words.object_types, "objects", i, "type")
        declared = self.words.object_types.get(str(kind))
        if declared is None or not isinstance(attributes, Mapping):
            return
        for name, value in attributes.items():
            place = ("objects", i, "attributes", name)
            yield from self.name("attribute", name, declared, *place)
            if name in declared:
                for dated in [d.get("value") for _, d in _numbered(value)] if isinstance(value, (list, tuple)) else [value]:
                    yield from self.value(dated, declared[name], *place)

    def value(self, value: Any, kind: AttributeType, *place: str | int) -> Iterator[Problem]:
        if value is None or value == "":
            return
        if (_day(value) if kind == "date" else coerce(value, kind)) is None:
            allowed = ", ".join(kind) if isinstance(kind, tuple) else kind
            yield Problem("DR116", {"value": value, "allowed": allowed}, path=(*self.path, *place))

    def structure(self) -> Iterator[Problem]:
        """What the roster itself knows: ids used twice, areas within themselves, states that overlap."""
        parts = {p: self.case.get(p) for p in ("areas", "objects", "roster")}
        if any(given and (not isinstance(given, list) or len(_rows(self.case, p)) < len(given)) for p, given in parts.items()):
            return
        try:
            roster = Roster.model_validate(self.roster)
        except ValidationError:
            return
        for p in roster.faults():
            part = "roster" if p.path[0] == "tenures" else p.path[0]
            yield Problem(p.code, p.args, path=(*self.path, part, *p.path[1:]))

    def history(self) -> Iterator[Problem]:
        rows = record_rows(self.case)
        ids = [str(row["id"]) for row in rows]
        for at, ((i, _), row) in enumerate(zip(_rows(self.case, "history"), rows, strict=True)):
            place: Path = ("history", i)
            strays = list(self.attributes(row, place))
            # A column that is misspelt is also missing; it is told once, where it stands.
            meant = {p.args.get("near") for p in strays}
            record, problems = _sound(row)
            for p in problems:
                if p.code != "DR301" or not meant & ({"time", "date"} if p.args["name"] == "time" else {p.args["name"]}):
                    yield Problem(p.code, p.args, path=(*self.path, *place, str(p.args.get("name", ""))))
            yield from strays
            first = ids.index(ids[at])
            if first < at:
                yield Problem("DR308", {"value": row["id"], "first": first + 1}, path=(*self.path, *place, "id"))
            yield from self.name("event", row.get("event"), self.words.events, *place, "event")
            if record is not None:
                for o in record.objects:
                    yield from self.here("object", o, self.objects, *place, "object")
                yield from self.here("area", record.area, self.areas, *place, "area")
                yield from self.here("record", record.retracts, set(ids), *place, "retracts")

    def attributes(self, row: Mapping[str, Any], place: Path) -> Iterator[Problem]:
        event = row.get("event")
        # Of a row without an event only the columns can be told that are misspelt.
        declared = self.words.events.get(event) if isinstance(event, str) else {}
        for name, value in row.items():
            if declared is None or name in FIELDS or not isinstance(name, str) or isinstance(value, (list, dict)):
                continue
            if name in declared:
                yield from self.value(value, declared[name], *place, name)
                continue
            near = next(iter(get_close_matches(name, sorted({*declared, *FIELDS}), n=1, cutoff=0.6)), "")
            if event is not None:
                args = {"event": event, "value": name, "near": near, "allowed": ", ".join(declared) or "-"}
                yield Problem("DR706", args, path=(*self.path, *place, name))
            elif near:
                yield Problem("DR101", {"key": name, "near": near, "allowed": ", ".join(FIELDS)}, path=(*self.path, *place, name))


def _numbered(rows: Iterable[Any]) -> list[tuple[int, Mapping[str, Any]]]:
    return [(i, row) for i, row in enumerate(rows) if isinstance(row, Mapping)]


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _sound(row: Mapping[str, Any]) -> tuple[Record | None, list[Problem]]:
    """The record that a row gives once its faulty columns are left out, and what was wrong with them."""
    rest = dict(row)
    problems: list[Problem] = []
    while True:
        try:
            return record_from(rest), problems
        except InputError as error:
            problems += error.problems
            name = {"DR305": "date", "DR306": "until"}.get(error.problems[0].code, error.problems[0].args.get("name"))
            if name not in rest or name in ("id", "event"):
                return None, problems
            del rest[name]
            if not {"time", "date"} & set(rest):
                rest["date"] = "2000-01-01"
