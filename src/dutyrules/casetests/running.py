"""Running tests: each test's result as a value, each failure with its place and its reason."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dutyrules.casebook import Mismatch, evaluate_case, mismatches
from dutyrules.errors import InputError, Problem
from dutyrules.evaluation import Evaluation
from dutyrules.explanation import Explanation
from dutyrules.loading import CaseSource
from dutyrules.plan import PlanTest

__all__ = ["CaseResult", "Failure", "FileResult", "run_file", "run_test", "untested"]

Path = tuple[str | int, ...]
_CODES = {"wrong": "DR720", "no_obligation": "DR721", "ambiguous": "DR722", "unexpected": "DR723", "breaches": "DR724"}


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that did not hold: as a problem with its place, and, where there is an obligation, how that came about."""

    mismatch: Mismatch
    problem: Problem
    explanation: Explanation | None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What became of one test."""

    file: str
    number: int
    """Its place among the tests of the file, from 0."""
    line: int | None
    case: PlanTest
    failures: tuple[Failure, ...]
    evaluation: Evaluation = field(compare=False, repr=False)

    @property
    def holds(self) -> bool:
        """Whether everything was as expected."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of the tests of one file (of those that were asked for)."""

    source: CaseSource
    results: tuple[CaseResult, ...]

    @property
    def holds(self) -> bool:
        """Whether all of them hold."""
        return all(r.holds for r in self.results)


def run_file(source: CaseSource, only: str | None = None) -> FileResult:
    """Run the tests of a file, or those whose name holds a text.

    Raises:
        InputError: its plans do not go together.
    """
    chosen = [i for i, case in enumerate(source.tests) if only is None or is_called(case, only)]
    return FileResult(source, tuple(run_test(source, i) for i in chosen))


def run_test(source: CaseSource, number: int) -> CaseResult:
    """Run one test of a file, by its number from 0.

    Raises:
        InputError: its plans do not go together.
    """
    case, path = source.tests[number], ("tests", number)
    try:
        result = evaluate_case(source.plans, case)
    except InputError as error:
        raise InputError(source.places.placed(Problem(p.code, p.args, path=("plan",)) for p in error.problems)) from None
    failures = tuple(_failure(source, m, result, path) for m in mismatches(result, case))
    return CaseResult(source.file, number, source.places.line(path), case, failures, result)


def is_called(case: PlanTest, text: str) -> bool:
    """Whether a text is part of a test's name, in either language and whatever the case of letters."""
    return any(text.casefold() in (name or "").casefold() for name in (case.name.en, case.name.zh))


def untested(results: Iterable[FileResult]) -> list[str]:
    """The files of plans that no test is about."""
    results = list(results)
    tested = {os.path.realpath(p.file or "") for r in results if r.source.tests for p in r.source.plan_places}
    return [r.source.file for r in results if os.path.realpath(r.source.file) not in tested and not r.source.tests]


def _failure(source: CaseSource, m: Mismatch, result: Evaluation, path: Path) -> Failure:
    part = "breaches" if m.kind == "breaches" else "expect"
    place: Path = (*path, part, m.duty) if m.kind == "unexpected" else (*path, part, m.duty, m.key)
    args: dict[str, object] = {"duty": m.duty, "key": m.key, "expected": _shown(m.expected), "found": _shown(m.found)}
    (problem,) = source.places.placed([Problem(_CODES[m.kind], args, path=place)])
    return Failure(m, problem, result.explain(m.obligation.id) if m.obligation else None)


def _shown(value: str | Sequence[str] | None) -> str:
    return value if isinstance(value, str) else "[" + ", ".join(value) + "]" if value is not None else ""
