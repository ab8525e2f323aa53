"""The tests of plans as tests of pytest: ``pytest -p dutyrules.pytest_plugin``, or in a ``conftest.py``
``pytest_plugins = ["dutyrules.pytest_plugin"]``. Nothing in dutyrules imports this module, and it is no entry point.

Collected are ``*.dutytest.yaml``, ``*.duty.yaml``, files that the ini option ``dutyrules_plans`` names (patterns relative to the
root, such as ``duties/*.yaml``), and YAML files named on the command line that have a line ``dutyrules: …``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dutyrules.casetests import CaseResult, load_source, result_text, run_test, says_dutyrules
from dutyrules.cli.common import language
from dutyrules.errors import InputError
from dutyrules.loading import CaseSource, is_case_file

__all__ = ["CaseItem", "PlanFile", "pytest_addoption", "pytest_collect_file"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the ini option."""
    parser.addini("dutyrules_plans", "plans whose tests are run: patterns relative to the root", type="args", default=[])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> PlanFile | None:
    """A collector for a file of tests, or for a plan that is asked for."""
    if file_path.suffix not in (".yaml", ".yml"):
        return None
    wanted = (
        is_case_file(file_path.name)
        or file_path.name.endswith((".duty.yaml", ".duty.yml"))
        or any(file_path.match(str(parent.config.rootpath / p)) for p in parent.config.getini("dutyrules_plans"))
        or (parent.session.isinitpath(file_path) and says_dutyrules(file_path.read_bytes()))
    )
    return PlanFile.from_parent(parent, path=file_path) if wanted else None


class CaseFailed(Exception):
    """A test of a plan does not hold."""

    def __init__(self, result: CaseResult) -> None:
        self.result = result


@dataclass(frozen=True)
class Place:
    """Where the first expectation stands that does not hold; what pytest asks a failure for."""

    path: str
    lineno: int
    message: str


class Told:
    """A failure in our own words, without a traceback."""

    def __init__(self, text: str, place: Place) -> None:
        self.text, self.reprcrash = text, place

    def toterminal(self, tw: Any) -> None:
        """Print it."""
        for line in self.text.splitlines():
            tw.line(line, red=not line.startswith(" "))

    def __str__(self) -> str:
        return self.text


class PlanFile(pytest.File):
    """A plan or a file of tests."""

    def collect(self) -> Iterator[CaseItem]:
        """Its tests, one item each."""
        try:
            source = load_source(_shown(self.path))
        except InputError as error:
            raise self.CollectError("\n".join(p.text(language(None)) for p in error.problems)) from None
        for i, case in enumerate(source.tests):
            yield CaseItem.from_parent(self, name=case.name.text("en"), source=source, number=i)


class CaseItem(pytest.Item):
    """One test of a plan."""

    def __init__(self, *, source: CaseSource, number: int, **more: Any) -> None:
        super().__init__(**more)
        self.source, self.number = source, number

    def runtest(self) -> None:
        """Run it."""
        result = run_test(self.source, self.number)
        if not result.holds:
            raise CaseFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is told of a failure."""
        lang = language(None)
        if isinstance(excinfo.value, InputError):
            return "\n".join(p.text(lang) for p in excinfo.value.problems)
        if not isinstance(excinfo.value, CaseFailed):
            return super().repr_failure(excinfo, style)
        result = excinfo.value.result
        first = result.failures[0].problem
        place = Place(first.file or result.file, first.line or 1, first.text(lang))
        return Told("\n".join(result_text(result, lang)), place)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where it stands."""
        line = self.source.places.line(("tests", self.number))
        return self.path, None if line is None else line - 1, self.name


def _shown(path: Path) -> str:
    """A path as short as it can be told from here."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
