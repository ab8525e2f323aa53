"""Where tests stand: in plans, and in files of their own named ``*.dutytest.yaml``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence

from dutyrules.errors import InputError, Problem
from dutyrules.loading import CaseSource, Places, is_case_file, load_cases, load_plan_with_places, read_bytes
from dutyrules.plan import Plan

__all__ = ["find_files", "load_source", "load_sources", "says_dutyrules"]

_YAML = (".yaml", ".yml")
_NAMES_A_PLAN = re.compile(rb"^plan[ \t]*:[ \t]*[^\s{#]", re.MULTILINE)
_SAYS = re.compile(rb"^(\xef\xbb\xbf)?[\"']?dutyrules[\"']?[ \t]*:", re.MULTILINE)


def says_dutyrules(raw: bytes) -> bool:
    """Whether a text has the line ``dutyrules: …``, as every plan and every file of tests has."""
    return _SAYS.search(raw) is not None


def find_files(paths: Iterable[str]) -> list[str]:
    """The files that are named, and every plan and file of tests below the folders that are named; each once.

    Raises:
        InputError: a folder holds none.
    """
    found: list[str] = []
    problems: list[Problem] = []
    for path in paths:
        below = _below(path) if os.path.isdir(path) else [path]
        if not below:
            problems.append(Problem("DR709", file=path))
        found += below
    if problems:
        raise InputError(problems)
    return list({os.path.realpath(f): f for f in reversed(found)}.values())[::-1]


def _below(folder: str) -> list[str]:
    found: list[str] = []
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        yamls = [os.path.normpath(os.path.join(here, f)) for f in sorted(files) if f.lower().endswith(_YAML) and not f.startswith(".")]
        found += filter(_is_ours, yamls)
    return found


def _is_ours(file: str) -> bool:
    try:
        return is_case_file(file) or says_dutyrules(read_bytes(file))
    except InputError:
        # What cannot be read is told when it is loaded, beside the results of the others.
        return True


def load_source(file: str, load: Callable[[str], tuple[Plan, Places]] | None = None) -> CaseSource:
    """The tests of a plan, or of a file of tests with its plans; ``load`` loads a plan.

    Raises:
        InputError: with every fault of the file and of its plans.
    """
    load = load or _plan
    if is_case_file(file):
        return load_cases(file, load)
    plan, places = load(file)
    return CaseSource(file, plan.tests, places, (plan,), (places,))


def load_sources(files: Sequence[str]) -> tuple[list[CaseSource], list[Problem]]:
    """The tests of some files, each plan loaded once, and the faults of those files that have any."""
    loaded: dict[str, tuple[Plan, Places] | InputError] = {}

    def load(file: str) -> tuple[Plan, Places]:
        key = os.path.realpath(file)
        if key not in loaded:
            try:
                loaded[key] = _plan(file)
            except InputError as error:
                loaded[key] = error
        found = loaded[key]
        if isinstance(found, InputError):
            raise found
        return found

    sources: list[CaseSource] = []
    problems: list[Problem] = []
    for file in files:
        try:
            sources.append(load_source(file, load))
        except InputError as error:
            problems += [p for p in error.problems if p not in problems]
    return sources, problems


def _plan(file: str) -> tuple[Plan, Places]:
    raw = read_bytes(file)
    if not says_dutyrules(raw):
        raise InputError([Problem("DR708", file=file)])
    if _NAMES_A_PLAN.search(raw):
        raise InputError([Problem("DR712", file=file)])
    return load_plan_with_places(file)
