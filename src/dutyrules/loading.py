"""The edge: files in, frozen values out. Every fault of a file is reported at once, with file, line and column."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

from pydantic import BaseModel, ValidationError

from dutyrules.duties import KINDS
from dutyrules.errors import InputError, Problem
from dutyrules.history import FIELDS, History, Record, completeness, is_json_lines, is_parquet, record_from
from dutyrules.messages import FAULTS
from dutyrules.plan import Plan
from dutyrules.plantests import CaseFile, PlanTest, Words, case_faults
from dutyrules.progress import Progress, Watch, portion
from dutyrules.roster import Roster
from dutyrules.variants import alone, choices, form, users
from dutyrules.waivers import Waiver, Waivers
from dutyrules.yamlfile import Document, read_yaml

if TYPE_CHECKING:
    from dutyrules.historyfiles import InColumns

__all__ = [
    "CaseSource", "Places", "is_case_file", "load_cases", "load_history", "load_plan", "load_plan_with_places", "load_roster",
    "load_waivers", "load_with_places",
]  # fmt: skip

M = TypeVar("M", bound=BaseModel)
Source = str | os.PathLike[str]


def load_plan(source: Source | Mapping[str, Any] | Plan) -> Plan:
    """A plan from a YAML file, from plain data in the same shape, or as it is.

    Raises:
        InputError: with every fault of the file, each with its place and its cure.
    """
    return source if isinstance(source, Plan) else load_plan_with_places(source)[0]


class Places:
    """Where everything stands in the file that a plan (roster, …) came from."""

    def __init__(self, document: Document, file: str | None) -> None:
        self._document, self.file = document, file

    def line(self, path: Sequence[str | int]) -> int | None:
        """The line of a path, or of the nearest thing above it that the file has; ``None`` without a file."""
        return self._document.mark(tuple(path))[0] if self._document.marks else None

    def placed(self, problems: Iterable[Problem]) -> list[Problem]:
        """The problems with file, line and column, in order of place, each once."""
        found = []
        for p in problems:
            line, column = self._document.mark(p.path) if self._document.marks else (p.line, p.column)
            file = self.file or (None if self._document.marks else _dotted(p.path))
            found.append(Problem(p.code, p.args, file, line, column, p.path))
        found += [Problem(p.code, p.args, self.file, p.line, p.column, p.path) for p in self._document.problems]
        return sorted(set(found), key=lambda p: (p.line or 0, p.column or 0, p.code, str(p.args)))


def load_plan_with_places(source: Source | Mapping[str, Any]) -> tuple[Plan, Places]:
    """A plan as :func:`load_plan` gives it, and where each of its parts stands.

    Raises:
        InputError: with every fault of the file.
    """
    document, file = _document(source, "a plan")
    return _plan(document, file), Places(document, file)


def load_with_places(
    source: Source, progress: Watch | None = None
) -> tuple[Plan | Roster | tuple[Waiver, ...] | History | CaseSource, Places]:
    """What a file holds, and where each of its parts stands.

    A history and a file of tests are known by the endings of their names; a plan, a roster and waivers by their keys.
    ``progress`` is that of :func:`load_history`.

    Raises:
        InputError: with every fault of the file.
    """
    file = os.fspath(source)
    if file.lower().endswith(".csv") or is_json_lines(file) or is_parquet(file) or os.path.isdir(file):
        return load_history(file, progress=progress), Places(Document(), file)
    if is_case_file(file):
        cases = load_cases(file)
        return cases, cases.places
    document, _ = _document(file, "a plan")
    keys = set(document.data) if isinstance(document.data, dict) else set()
    load: Callable[[Document, str | None], Plan | Roster | tuple[Waiver, ...]] = _plan
    if not keys & {"dutyrules", "plan", "duties"}:
        load = _waivers if "waivers" in keys else _roster if keys & {"areas", "objects", "persons", "tenures"} else _plan
    return load(document, file), Places(document, file)


def _plan(document: Document, file: str | None) -> Plan:
    plan, problems = _validate(Plan, document)
    if plan is not None:
        problems += plan.faults()
        problems += _alternative_faults(plan)
    elif document.data is not None:
        problems += _further_faults(document, problems)
    return _finish(plan, document, problems, file)


def _further_faults(document: Document, problems: Sequence[Problem]) -> list[Problem]:
    """What does not fit together in the sound parts of a plan that has faults of form, so that all is told at once."""
    trimmed = {p.path[:2] for p in problems}
    # Tests are looked at as they stand below, so that one faulty row takes none of the others away.
    data = _without(document.data, [*(p.path for p in problems), ("tests",)])
    partial, rest = _validate(Plan, Document(data, document.marks))
    if partial is None:
        # What is faulty even without its faulty keys is left out as a whole.
        trimmed |= {p.path[:2] for p in rest}
        data = _without(data, [p.path[:2] for p in rest])
        partial, _ = _validate(Plan, Document(data, document.marks))
    if partial is None:
        return []
    # That a key is missing is no news where a faulty one was taken out.
    names = _names(document.data)
    found = [*partial.faults(names), *case_faults(document.data.get("tests"), Words.of([partial], names))]
    kept = [p for p in found if p.path[:2] not in trimmed or p.code not in _MISSING]
    return kept + [p for p in _alternative_faults(partial, names) if p.path[:2] not in trimmed]


_MISSING = ("DR102", "DR110", "DR111", "DR112", "DR115")


def _alternative_faults(plan: Plan, names: Mapping[str, set[str]] | None = None) -> Iterator[Problem]:
    """What keeps an alternative of a reading from being tried, each fault at the place of the alternative itself."""
    before: list[Problem] | None = None
    for choice in choices(plan):
        if choice.changes is None:
            continue
        if not choice.changes:
            yield Problem("DR802", path=(*choice.path(), "changes"))
        part, name = choice.held.part, choice.held.name
        entry = getattr(plan, part)[name]
        place = (*choice.path(), "changes")
        fields = {f.alias or n: n for n, f in type(entry).model_fields.items()}
        told = [key for key in choice.changes if fields.get(key) in entry.told]
        yield from (Problem("DR801", {"key": key}, path=(*place, key)) for key in told)
        changed, problems = _validate(Plan, Document(alone(plan, part, name, form(entry, [choice.changes]))))
        if changed is not None:
            new = getattr(changed, part)[name]
            varied = plan.model_copy(update={part: {**getattr(plan, part), name: new}})
            before = list(plan.faults(names)) if before is None else before
            problems = [p for p in varied.faults(names, only=users(plan, part, name)) if p not in before]
        for p in problems:
            # A fault that shows elsewhere, or in a key that is not there, is one of the changes as a whole.
            inside = p.path[:2] == (part, name) and p.path[2:3] and p.path[2] in choice.changes
            yield Problem(p.code, p.args, path=(*place, *p.path[2:]) if inside else place)


@dataclass(frozen=True)
class CaseSource:
    """The tests of a file, and the plans (one, or several in turn) that they are about."""

    file: str
    tests: tuple[PlanTest, ...]
    places: Places
    plans: tuple[Plan, ...]
    plan_places: tuple[Places, ...]


def is_case_file(file: str) -> bool:
    """Whether a file holds tests and no plan, by its name."""
    return file.lower().endswith((".dutytest.yaml", ".dutytest.yml"))


def load_cases(file: Source, load: Callable[[str], tuple[Plan, Places]] = load_plan_with_places) -> CaseSource:
    """The tests of a file of their own (``*.dutytest.yaml``) with the plans that it names; ``load`` loads a plan.

    Raises:
        InputError: with every fault of the file, and those of its plans.
    """
    document, name = _document(file, "tests")
    assert name is not None
    cases, problems = _validate(CaseFile, document)
    faulty = {p.path[:2] for p in problems}
    given = document.data.get("plan") if isinstance(document.data, dict) and not {("plan",), ("plan", 0)} & faulty else None
    names = [given] if isinstance(given, str) else [n for n in given or () if isinstance(n, str)]
    files = [os.path.normpath(os.path.join(os.path.dirname(name), n)) for n in names]
    plans: list[tuple[Plan, Places]] = []
    elsewhere: list[Problem] = []
    for n, path in zip(names, files, strict=True):
        try:
            plans.append(load(path))
        except InputError as error:
            unread = [p for p in error.problems if p.code == "DR001"]
            problems += [Problem("DR707", {"value": n, **p.args}, path=("plan",)) for p in unread]
            elsewhere += [p for p in error.problems if p not in unread]
    if plans and len(plans) == len(files):
        problems += case_faults(document.data.get("tests"), Words.of(plan for plan, _ in plans))
    placed = Places(document, name).placed(problems)
    if placed or elsewhere:
        raise InputError([*placed, *elsewhere])
    assert cases is not None
    return CaseSource(name, cases.tests, Places(document, name), tuple(p for p, _ in plans), tuple(places for _, places in plans))


def load_roster(source: Source | Mapping[str, Any] | Roster) -> Roster:
    """A roster from a YAML file, from plain data in the same shape, or as it is.

    Raises:
        InputError: with every fault of the file.
    """
    if isinstance(source, Roster):
        return source
    if not isinstance(source, (str, os.PathLike, Mapping)):
        from dutyrules.rostertable import RosterTable

        # It has all that a roster is asked for.
        assert isinstance(source, RosterTable), type(source)
        return cast(Roster, source)
    return _roster(*_document(source, "a roster"))


def _roster(document: Document, file: str | None) -> Roster:
    roster, problems = _validate(Roster, document)
    if roster is not None:
        problems += roster.faults()
    return _finish(roster, document, problems, file)


def load_waivers(source: Source | Mapping[str, Any] | Iterable[Waiver] | None) -> tuple[Waiver, ...]:
    """Waivers from a YAML file with the key ``waivers``, or from plain data in the same shape.

    Raises:
        InputError: with every fault of the file.
    """
    if source is None:
        return ()
    if not isinstance(source, (str, os.PathLike, Mapping)):
        found = tuple(source)
        if all(isinstance(w, Waiver) for w in found):
            return found
        source = {"waivers": list(found)}
    return _waivers(*_document(source, "waivers"))


def _waivers(document: Document, file: str | None) -> tuple[Waiver, ...]:
    waivers, problems = _validate(Waivers, document)
    if waivers is not None:
        ids: set[str] = set()
        for i, w in enumerate(waivers.waivers):
            if w.id in ids:
                problems.append(Problem("DR203", {"value": w.id}, path=("waivers", i, "id")))
            ids.add(w.id)
    return _finish(waivers, document, problems, file).waivers


def _document(source: Source | Mapping[str, Any], expected: str) -> tuple[Document, str | None]:
    if isinstance(source, Mapping):
        return Document(dict(source)), None
    file = os.fspath(source)
    document = read_yaml(read_bytes(file))
    if document.data is None and not document.problems:
        document.problems.append(Problem("DR008", {"expected": expected}, line=1))
    return document, file


def read_bytes(file: str) -> bytes:
    """The content of a file.

    Raises:
        InputError: it cannot be read, with the reason.
    """
    try:
        return Path(file).read_bytes()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise InputError([Problem("DR001", {"why": why}, file=file)]) from None


def _finish(model: M | None, document: Document, problems: list[Problem], file: str | None) -> M:
    placed = Places(document, file).placed(problems)
    if placed:
        raise InputError(placed)
    assert model is not None
    return model


def _dotted(path: Sequence[str | int]) -> str | None:
    return ".".join(map(str, path)) or None


def _names(data: Any) -> dict[str, set[str]]:
    """Names that the file gives, faulty or not."""
    data = data if isinstance(data, dict) else {}
    found = {
        key: {str(k) for k in value} if isinstance(value := data.get(key), dict) else set()
        for key in ("roles", "object_types", "events", "duties", "seasons")
    }
    periods = (data.get("calendar") or {}).get("named_periods") if isinstance(data.get("calendar"), dict) else None
    found["named_periods"] = {str(k) for k in periods} if isinstance(periods, dict) else set()
    return found


_STAND_INS: dict[str, Any] = {
    "dutyrules": 1,
    "plan": {"id": "x", "title": {"en": "x"}, "in_force": {"from": "2000-01-01"}, "timezone": "UTC"},
    "roles": {},
    "object_types": {},
    "events": {},
    "duties": {},
}
"""What stands in for a compulsory part of a plan that is faulty, so that the others can still be looked at."""


_STAND_IN_FIELDS: dict[str, Any] = {
    "clause": "x",
    "summary": {"en": "x"},
    "for_each": "object",
    "at_least": "1 per year",
    "at_most": "1 per year",
}
"""The same for fields of a duty on which nothing else depends, or by which its kind is known."""


def _without(data: Any, paths: Iterable[tuple[str | int, ...]]) -> Any:
    """A copy of the data without what stands at some paths; compulsory parts of a plan are replaced by stand-ins."""
    if not isinstance(data, dict):
        return data
    out = _copied(data)
    for path in sorted((_written(data, path) for path in paths), key=len, reverse=True):
        if not path:
            return {}
        if path[0] in ("plan", "tests") or len(path) == 1:
            out.pop(path[0], None)
            continue
        here: Any = out
        for step in path[:-1]:
            here = here[step] if isinstance(here, dict) and step in here else None
        if isinstance(here, dict):
            here.pop(path[-1], None)
            if len(path) == 3 and path[0] == "duties" and path[2] in _STAND_IN_FIELDS:
                here[path[2]] = _STAND_IN_FIELDS[str(path[2])]
        else:
            # Entries of lists keep their numbers only while none is taken out.
            out.get(path[0], {}).pop(path[1], None) if isinstance(out.get(path[0]), dict) else out.pop(path[0], None)
    return {**_STAND_INS, **out}


def _written(data: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A path without the names that models have put behind a plain value, such as the ``always`` of a single quantity."""
    here = data
    for n, step in enumerate(path):
        if not isinstance(here, (dict, list)):
            return path[:n]
        if isinstance(here, dict):
            here = here.get(step, {})
        else:
            here = here[step] if isinstance(step, int) and step < len(here) else {}
    return path


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _copied(v) for k, v in value.items()}
    return [_copied(v) for v in value] if isinstance(value, list) else value


def _validate(model: type[M], document: Document) -> tuple[M | None, list[Problem]]:
    if document.data is None:
        return None, []
    try:
        return model.model_validate(document.data), []
    except ValidationError as error:
        found = [_problem(e, model, document.data) for e in error.errors(include_url=False)]
        # A key that is misspelt is also missing; it is told once, where it stands.
        misspelt = {(*p.path[:-1], p.args["near"]) for p in found if p.code == "DR101"}
        return None, [p for p in found if p.code != "DR102" or (*p.path, p.args["key"]) not in misspelt]
    except RecursionError:
        return None, [Problem("DR006", {"why": "nesting"})]


def _problem(error: Any, model: type[BaseModel], data: Any) -> Problem:
    kind, args = error["type"], dict(error.get("ctx") or {})
    path, allowed = _resolve(model, tuple(error["loc"]), data)
    if kind == "extra_forbidden":
        key = str(path[-1])
        if error["input"] is None and " " in key:
            return Problem("DR107", {"key": key}, path=path)
        near = get_close_matches(key, allowed, n=1, cutoff=0.6)
        return Problem("DR101", {"key": key, "near": near[0] if near else "", "allowed": ", ".join(allowed)}, path=path)
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return _kindless(error["input"], path)
    if kind == "missing":
        return Problem("DR102", {"key": str(path[-1])}, path=path[:-1])
    code = FAULTS[kind][0] if kind in FAULTS else "DR106"
    if kind not in FAULTS:
        return Problem(code, {"why": error["msg"]}, path=path)
    value = args.get("value", error.get("input"))
    shown = value if isinstance(value, (str, int, float)) else type(value).__name__
    args = {"value": str(shown), "key": str(path[-1]) if path else "", **args, "fault": kind}
    if "expected" not in args:
        args["expected"] = args.get("ge", args.get("le", args.get("min_length", "")))
    return Problem(code, {k: v if isinstance(v, (int, float)) else str(v) for k, v in args.items()}, path=path)


def _kindless(duty: Any, path: tuple[str | int, ...]) -> Problem:
    """A duty of no kind: the key that tells its kind is missing, or misspelt."""
    known = {key for kind in KINDS.values() for key in _allowed(kind)}
    marks = sorted({mark for kind in KINDS.values() for mark in kind.marks})
    for key in duty if isinstance(duty, dict) else ():
        near = get_close_matches(str(key), marks, n=1, cutoff=0.6)
        if near and key not in known:
            return Problem("DR101", {"key": str(key), "near": near[0], "allowed": ", ".join(marks)}, path=(*path, key))
    return Problem("DR105", path=path)


def _resolve(model: type[BaseModel], loc: tuple[Any, ...], data: Any) -> tuple[tuple[str | int, ...], list[str]]:
    """A fault's place as a path in the document, and the keys allowed where it stands.

    The models put tags of their own into a place (the kind of duty, the branch of a union, ``[key]``); those are
    recognised by not being in the document.
    """
    path: list[str | int] = []
    here, current = data, model
    for i, step in enumerate(loc):
        last = i == len(loc) - 1
        if isinstance(step, str) and step in KINDS and not (isinstance(here, dict) and step in here):
            current = KINDS[step]
            continue
        inside = (isinstance(here, dict) and step in here) or (
            isinstance(here, list) and isinstance(step, int) and step < len(here)
        )
        if not inside and not last:
            continue
        if not inside and last and step == "[key]":
            continue
        if not last or not inside:
            current = _below(current, step) or current
        elif not isinstance(step, int):
            pass
        path.append(step)
        here = here[step] if inside else None
    return tuple(path), _allowed(current)


def _allowed(model: type[BaseModel]) -> list[str]:
    return [f.alias or name for name, f in model.model_fields.items()]


def _below(model: type[BaseModel], step: Any) -> type[BaseModel] | None:
    """The model under a field, if the field holds one."""
    for name, f in model.model_fields.items():
        if step in (name, f.alias):
            return _model_in(f.annotation)
    return None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _model_in(inner)
        if found is not None:
            return found
    return None


# ------------------------------------------------------------------------------------------------------------ history


def load_history(
    source: Source | Sequence[Source] | Iterable[Mapping[str, Any] | Record] | History,
    complete_through: Mapping[str, date | datetime] | date | datetime | None = None,
    skip_bad_rows: Source | None = None,
    progress: Watch | None = None,
) -> History:
    """A history from files (``.csv``, ``.jsonl``, ``.parquet``), or from records or mappings with the same columns.

    Large files are read in columns, without an object for each row, where ``pyarrow`` is installed (extra ``arrow``).

    Args:
        source: one file or folder of Parquet files, several of them, or rows.
        complete_through: through when nothing is missing; for all kinds of events, or by kind (``*``: all others).
        skip_bad_rows: a file to which rows that cannot be read are written, with their reasons, instead of stopping.
        progress: is called with a :class:`Progress` (stage ``load``) now and then, with so much read of so much, over all files.

    Raises:
        InputError: with every row that cannot be read.
    """
    if hasattr(source, "__arrow_c_stream__"):
        from dutyrules.tables import history_from_table

        return history_from_table(source, completeness(complete_through))
    if isinstance(source, History):
        if complete_through is None:
            return source
        return History(source.records, completeness(complete_through))
    sources: list[Any] = [source] if isinstance(source, (str, os.PathLike)) else list(source)
    if not all(isinstance(s, (str, os.PathLike)) for s in sources) or not sources:
        return History.of(sources, complete_through)
    files = [part for s in sources for part in _parts(os.fspath(s))]
    if not any(map(is_parquet, files)) and sum(map(_size, files)) < _LARGE:
        return _row_by_row(files, None, complete_through, skip_bad_rows, progress)
    held = _in_columns(files, portion(progress, 0, 2))
    if held is not None and not held.broken and not len(held.doubtful):
        if progress is not None:
            progress(Progress("load", files[-1], 1, 1))
        return History(held.records, completeness(complete_through))
    return _row_by_row(files, held, complete_through, skip_bad_rows, portion(progress, 1, 2))


_LARGE = 1 << 20
"""Bytes of text from which on it pays to load what reads in columns."""


def _parts(source: str) -> list[str]:
    """A file, or the Parquet files of a folder in order of name."""
    if not os.path.isdir(source):
        return [source]
    return sorted(os.path.join(source, n) for n in os.listdir(source) if is_parquet(n)) or [source]


def _size(file: str) -> int:
    try:
        return os.path.getsize(file)
    except (OSError, ValueError):
        return 0


def _in_columns(files: Sequence[str], progress: Watch | None) -> InColumns | None:
    """The rows of files in columns; ``None`` where they must be read row by row.

    Raises:
        InputError: a Parquet file cannot be read.
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        if unread := [file for file in files if is_parquet(file)]:
            raise InputError([Problem("DR312", {"extra": "arrow"}, file) for file in unread]) from None
        return None
    from dutyrules.historyfiles import in_columns

    return in_columns(files, progress)


def _row_by_row(
    files: Sequence[str], held: InColumns | None, complete_through: Any, skip_bad_rows: Source | None, progress: Watch | None
) -> History:
    """A history from rows that are looked at one by one; ``held``: all rows that are whole, of which few are doubtful.

    Raises:
        InputError: with every row that cannot be read.
    """
    records: list[Record] = []
    problems: list[Problem] = []
    bad: list[dict[str, Any]] = []
    seen: dict[str, str] = {}
    doubtful = None if held is None else set(held.doubtful.tolist())
    whole, faulty = 0, []
    for place, file in enumerate(files):
        for number, row, fault in _rows(file, _among(doubtful, whole), portion(progress, place, len(files))):
            found = [fault] if fault else []
            if row is not None and not fault:
                try:
                    record = record_from(row)
                    if record.id in seen:
                        found.append(Problem("DR308", {"value": record.id, "first": seen[record.id]}))
                    else:
                        seen[record.id] = str(number) if len(files) == 1 else f"{number}, {file}"
                        records.append(record)
                except InputError as error:
                    found += error.problems
            placed = [Problem(p.code, p.args, file, number, p.column) for p in found]
            problems += placed
            if placed:
                bad.append({"file": file, "row": number, "why": [p.text() for p in placed], "content": row})
            if not fault:
                faulty += [whole] * bool(placed)
                whole += 1
    if problems and (skip_bad_rows is None or any(p.code in ("DR001", "DR010", "DR311", "DR008") for p in problems)):
        raise InputError(problems)
    if skip_bad_rows is not None:
        lines = "".join(json.dumps(b, ensure_ascii=False, default=str) + "\n" for b in bad)
        # Half a letter, as JSON can escape it, fits into no file but as it was escaped.
        write_text(os.fspath(skip_bad_rows), lines.encode(errors="backslashreplace").decode())
    return History(tuple(records) if held is None else held.without(faulty), completeness(complete_through))


@contextmanager
def written_whole(file: Source) -> Iterator[Path]:
    """A place beside a file to write to; what is there in the end becomes the file, whole or not at all.

    Raises:
        InputError: it cannot be written, with the reason.
    """
    target = Path(file)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield beside
        os.replace(beside, target)
    except OSError as error:
        raise InputError([Problem("DR001", {"why": error.strerror or str(error)}, file=os.fspath(file))]) from None
    finally:
        # Nothing of it stays, whatever ended the writing.
        with suppress(OSError):
            beside.unlink()


def write_text(file: Source, text: str) -> None:
    """Write a text as :func:`write_pieces` does."""
    write_pieces(file, [text.encode()])


def write_pieces(file: Source, pieces: Iterable[bytes]) -> None:
    """Write a file whole or not at all.

    Raises:
        InputError: it cannot be written, with the reason.
    """
    with written_whole(file) as beside, open(beside, "wb") as out:
        out.writelines(pieces)


def write_new(folder: str, files: Mapping[str, str]) -> None:
    """Write files into a folder, which is made if it is not there; nothing that is there already is written over.

    Raises:
        InputError: with every file that is in the way, before anything is written; or it cannot be written, with the reason.
    """
    root = Path(folder)
    try:
        there = [name for name in files if (root / name).exists()]
        if there:
            raise InputError([Problem("DR012", file=str(root / name)) for name in there])
        for name in files:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise InputError([Problem("DR001", {"why": getattr(error, "strerror", None) or str(error)}, file=folder)]) from None
    for name, text in files.items():
        write_text(str(root / name), text)


_Row = tuple[int, dict[str, Any] | None, Problem | None]
"""A row: the number of the line on which it begins, its content, what is wrong with its form."""

Wanted = Callable[[int], bool]
"""Which of the rows that are whole are wanted, counted from 0; the others come without content."""


def _among(doubtful: set[int] | None, first: int) -> Wanted:
    return (lambda row: True) if doubtful is None else (lambda row: first + row in doubtful)


def _rows(file: str, wanted: Wanted, progress: Watch | None) -> Iterator[_Row]:
    """The rows of a file, by the number of the line on which each begins, with what is wrong with its form."""
    if is_parquet(file):
        from dutyrules.historyfiles import parquet_rows

        yield from parquet_rows(file, wanted, progress)
        return
    raw = read_bytes(file)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield raw[: error.start].count(b"\n") + 1, None, Problem("DR010")
        return
    rows = _json_rows(text, wanted) if is_json_lines(file) else _csv_rows(text, wanted)
    yield from rows if progress is None else _counted(rows, file, text.count("\n") + 1, progress)


_STEP = 1000
"""Rows between two calls that tell how far the reading has come."""

def _counted(rows: Iterator[_Row], file: str, lines: int, progress: Watch) -> Iterator[_Row]:
    for n, row in enumerate(rows):
        if n % _STEP == 0:
            progress(Progress("load", file, row[0] - 1, lines))
        yield row
    progress(Progress("load", file, lines, lines))


def _json_rows(text: str, wanted: Wanted) -> Iterator[_Row]:
    def no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        row = dict(pairs)
        if len(row) < len(pairs):
            raise ValueError("a key occurs twice")
        return row

    whole = 0
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if not wanted(whole):
            whole += 1
            yield number, None, None
            continue
        try:
            row = json.loads(line, object_pairs_hook=no_repeats, parse_constant=lambda c: c)
        except (ValueError, RecursionError) as error:
            yield number, {"line": line}, Problem("DR309", {"why": str(error)})
            continue
        if not isinstance(row, dict):
            yield number, {"line": line}, Problem("DR309", {"why": type(row).__name__})
            continue
        whole += 1
        yield number, row, None


def _csv_rows(text: str, wanted: Wanted) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [h.strip() for h in next(reader, [])]
    except csv.Error as error:
        yield 1, None, Problem("DR311", {"names": str(error)})
        return
    missing = [n for n in ("id", "event") if n not in header] + ([] if {"time", "date"} & set(header) else ["time"])
    if missing or len(set(header)) < len(header) or not all(header):
        twice = sorted({h for h in header if header.count(h) > 1})
        yield 1, None, Problem("DR311", {"names": ", ".join(missing)} if missing else {"names": f"distinct names ({', '.join(twice)})"})
        return
    whole = 0
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, None, Problem("DR309", {"why": str(error)})
            continue
        if not cells:
            continue
        if len(cells) == len(header):
            content = {k: v.strip() if k in FIELDS else v for k, v in zip(header, cells, strict=True)} if wanted(whole) else None
            whole += 1
            yield number, content, None
        else:
            yield number, dict(zip(header, cells, strict=False)), Problem("DR310", {"found": len(cells), "expected": len(header)})
