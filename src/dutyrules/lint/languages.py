"""DR513: labels that lack a language in which the plan is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dutyrules.duties.chain import ChainDuty
from dutyrules.errors import Problem
from dutyrules.model import Label
from dutyrules.plan import Plan
from dutyrules.reading import Reading
from dutyrules.vocabulary import Named

__all__ = ["missing_languages"]

Path = tuple[str | int, ...]
Place = tuple[Path, Label | Named]


def missing_languages(plan: Plan) -> Iterator[Problem]:
    """Labels without a language that the plan's title has: one finding for each.

    Whether a text is in the language that it is filed under cannot be seen.
    """
    used = [lang for lang in ("zh", "en") if getattr(plan.plan.title, lang)]
    for path, label in _labels(plan):
        missing = [lang for lang in used if not getattr(label, lang)]
        if missing:
            yield Problem("DR513", {"language": missing[0], "key": missing[0]}, path=path)


def _labels(plan: Plan) -> Iterator[Place]:
    yield from _given(("plan", "note"), plan.plan.note)
    yield from _accepted(("plan", "accepted"), plan.plan.accepted)
    for name, season in plan.seasons.items():
        yield from _readings(("seasons", name, "reading"), season.reading)
    for name, role in plan.roles.items():
        yield ("roles", name), role
    for name, kind in plan.object_types.items():
        yield ("object_types", name), kind
        yield from _readings(("object_types", name, "reading"), kind.reading)
    for name, event in plan.events.items():
        yield ("events", name), event
    for name, duty in plan.duties.items():
        path: Path = ("duties", name)
        yield (*path, "summary"), duty.summary
        yield from _given((*path, "note"), duty.note)
        yield from _readings((*path, "reading"), duty.reading)
        yield from _accepted((*path, "accepted"), duty.accepted)
        for place, step in duty.all_steps() if isinstance(duty, ChainDuty) else ():
            yield from _given((*path, *place, "summary"), step.summary)
    for clause, account in plan.clauses.items():
        yield ("clauses", clause, "why"), account.why
    for i, test in enumerate(plan.tests):
        yield ("tests", i, "name"), test.name
        yield from _given(("tests", i, "note"), test.note)


def _given(path: Path, label: Label | None) -> Iterator[Place]:
    if label is not None:
        yield path, label


def _accepted(path: Path, accepted: Mapping[str, Label]) -> Iterator[Place]:
    for code, label in accepted.items():
        yield (*path, code), label


def _readings(path: Path, readings: tuple[Reading, ...]) -> Iterator[Place]:
    for i, reading in enumerate(readings):
        yield from _given((*path, i, "because"), reading.because)
