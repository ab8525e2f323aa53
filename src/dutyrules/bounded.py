"""Evaluation of a history that is larger than the memory: part after part of the roster, from Parquet files (extra ``arrow``).

The parts are those of :mod:`dutyrules.partition`, and each is judged by the same function as a whole. The files are read once to look at
every row. Where the records of a bucket of parts lie near each other, each bucket reads them where they are; otherwise they are first
sorted into one file for each bucket, in a folder that is gone in the end.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from dutyrules.columnar.people import names_of, people_of
from dutyrules.columns import ids_of
from dutyrules.engine import Inputs, Strays, inputs_of, run, strays_of_records, strays_of_words, told_of
from dutyrules.errors import InputError, Problem
from dutyrules.evaluation import VERDICTS, Evaluation
from dutyrules.history import FIELDS, History
from dutyrules.loading import Source, written_whole
from dutyrules.partition import Buckets, Division, Router, kinds_of
from dutyrules.plan import Plan
from dutyrules.progress import Progress, Watch, portion
from dutyrules.roster import Roster
from dutyrules.tables import history_from_table, records_of
from dutyrules.time.zone import zone_named
from dutyrules.verdicts import Verdict
from dutyrules.waivers import Waiver

__all__ = ["Judged", "evaluate_in_parts", "evaluations_in_parts"]

Moment = date | datetime
MOST_READ = 2
"""How many times over the rows may be read before it is better to sort them first."""
MOST_PROBLEMS = 100
"""How many faulty rows are told at most."""
LEAST_READ, MOST_AT_ONCE = 1 << 14, 1 << 18
"""How many rows are read at a time, at least and at most."""
_ROUTING = ("id", "event", "object", "area")


@dataclass(frozen=True)
class Judged:
    """What an evaluation in parts gave, in figures; the obligations are in the file."""

    counts: Mapping[Verdict, int]
    """How many obligations have each verdict, the gravest first."""
    violations: int
    vacancies: int
    skipped: int
    problems: tuple[Problem, ...]
    """What kept the records from being decided, such as an unpublished calendar."""
    warnings: tuple[Problem, ...]
    """What nothing looked at: records, tenures and waivers whose names lead nowhere."""
    buckets: int
    """How many evaluations it took."""


def evaluate_in_parts(
    plans: Plan | Mapping[str, Any] | Iterable[Plan | Mapping[str, Any]],
    roster: Roster | Mapping[str, Any],
    history: Source | Sequence[Source],
    out: Source,
    *,
    as_of: Moment,
    known_at: Moment | None = None,
    waivers: Mapping[str, Any] | Iterable[Waiver] | None = None,
    complete_through: Mapping[str, Moment] | Moment | None = None,
    at_once: int = 500_000,
    evidence: bool = False,
    progress: Watch | None = None,
) -> Judged:
    """Judge a history in Parquet files part by part, and write the obligations to a Parquet file.

    Args:
        plans, roster, as_of, known_at, waivers, complete_through: as for :func:`dutyrules.evaluate`.
        history: a Parquet file, a folder of them (``*.parquet``), or several, with the columns of a history file.
        out: the file that gets the obligations, with the columns of :meth:`Evaluation.to_arrow`, bucket after bucket; it is written
            beside its place and put there at the end.
        at_once: about how many records are judged at once. What must be judged together is, even if it is more.
        evidence: also the columns that :meth:`Evaluation.to_arrow` adds for it.
        progress: as for :func:`dutyrules.evaluate`; first with the stage ``load``.

    Raises:
        InputError: an input is faulty; rows that cannot be read, with their file and number, and ids that occur twice.
    """
    work = _Work.of(plans, roster, history, as_of, known_at, waivers, complete_through, at_once, progress)
    import pyarrow.parquet as pq

    counts: Counter[Verdict] = Counter()
    violations = vacancies = skipped = 0
    problems: set[Problem] = set()
    with written_whole(out) as beside, work:
        writer: Any = None
        try:
            for e in work.evaluations():
                table = e.to_arrow(evidence)
                if writer is None:
                    writer = pq.ParquetWriter(beside, table.schema)
                writer.write_table(table)
                counts.update(e.counts())
                violations += len(e.ledger.breaches) + sum(len(block.violated()) for block in e.ledger.blocks)
                vacancies, skipped = vacancies + len(e.vacancies), skipped + len(e.skipped)
                problems.update(e.problems)
        finally:
            if writer is not None:
                writer.close()
        return Judged(
            {v: counts[v] for v in VERDICTS if counts[v]}, violations, vacancies, skipped, tuple(sorted(problems, key=str)),
            tuple(told_of(work.survey.strays)), len(work.buckets),
        )  # fmt: skip


def evaluations_in_parts(
    plans: Plan | Mapping[str, Any] | Iterable[Plan | Mapping[str, Any]],
    roster: Roster | Mapping[str, Any],
    history: Source | Sequence[Source],
    *,
    as_of: Moment,
    known_at: Moment | None = None,
    waivers: Mapping[str, Any] | Iterable[Waiver] | None = None,
    complete_through: Mapping[str, Moment] | Moment | None = None,
    at_once: int = 500_000,
    progress: Watch | None = None,
) -> Iterator[Evaluation]:
    """The evaluations of the parts, one after the other; the arguments are those of :func:`evaluate_in_parts`.

    Each is over its own share of roster and records. Their ``warnings`` speak of that share only. Who keeps them all keeps all in memory.

    Raises:
        InputError: as :func:`evaluate_in_parts`.
    """
    with _Work.of(plans, roster, history, as_of, known_at, waivers, complete_through, at_once, progress) as work:
        yield from work.evaluations()


# ---------------------------------------------------------------------------------------------------------------- the work


@dataclass
class _Work:
    """The inputs, the files, and a folder for what does not fit into memory."""

    inputs: Inputs
    """With an empty history."""
    files: _Files
    at_once: int
    progress: Watch | None
    folder: TemporaryDirectory[str] = field(default_factory=lambda: TemporaryDirectory(prefix="dutyrules-"))

    @staticmethod
    def of(
        plans: Any, roster: Any, history: Any, as_of: Moment, known_at: Moment | None, waivers: Any, complete_through: Any, at_once: int,
        progress: Watch | None,
    ) -> _Work:  # fmt: skip
        if at_once < 1:
            raise ValueError("at_once: at least 1")
        return _Work(inputs_of(plans, roster, (), as_of, known_at, waivers, complete_through), _Files.of(history), at_once, progress)

    def __enter__(self) -> _Work:
        return self

    def __exit__(self, *_: object) -> None:
        self.folder.cleanup()

    @cached_property
    def survey(self) -> _Survey:
        """What a first look at all rows found."""
        return _Survey(self)

    @cached_property
    def buckets(self) -> Buckets:
        """The buckets, each with about as many records as are to be judged at once."""
        division = Division(self.inputs.plans, self.inputs.roster)
        # Objects without records weigh something too.
        weights = self.survey.uses(division) + 0.1
        return division.in_buckets(self.at_once, weights)

    def evaluations(self) -> Iterator[Evaluation]:
        """The evaluation of each bucket."""
        import pyarrow as pa

        router = self._router()
        tables = self._where_they_are(router) or self._sorted_out(router)
        for b in range(len(self.buckets)):
            history = History(history_from_table(tables.of(b)).records, self.inputs.history.complete_through)
            yield run(replace(self.inputs, roster=self.buckets.share(b), history=history), progress=portion(self.progress, b, len(self.buckets)))
            del history
            pa.default_memory_pool().release_unused()

    def _router(self) -> Router:
        router, takers = self.buckets.router, self.survey.takers
        if not takers:
            return router
        wanted = {*takers, *takers.values()}
        own: dict[str, set[int]] = {}
        for part in self.files.tables(_ROUTING, self.at_once):
            records = records_of(part.table)
            rows, buckets = router.routes(records.columns, records)
            for name, b in zip(ids_of(records, rows), buckets.tolist(), strict=True):
                if name in wanted:
                    own.setdefault(name, set()).add(b)
        return router.following(takers, own)

    def _where_they_are(self, router: Router) -> _InPlace | None:
        """The records where they lie, if each bucket finds them in few row groups."""
        groups: list[list[_Group]] = [[] for _ in range(len(self.buckets))]
        left = MOST_READ * self.files.rows
        for group in self.files.groups:
            reached: set[int] = set()
            for part in self.files.tables(_ROUTING, self.at_once, [group]):
                records = records_of(part.table)
                reached.update(np.unique(router.routes(records.columns, records)[1]).tolist())
            left -= len(reached) * group.rows
            if left < 0 and len(self.buckets) > 1:
                return None
            for b in reached:
                groups[b].append(group)
        return _InPlace(self.files, router, groups, self.at_once)

    def _sorted_out(self, router: Router) -> _Spilled:
        """The records in one file for each bucket."""
        spilled = _Spilled(Path(self.folder.name), self.files.schema)
        for part in self.files.tables(None, self.at_once // 2):
            self.tell(part, 1)
            records = records_of(part.table)
            rows, buckets = router.routes(records.columns, records)
            order = np.argsort(buckets, kind="stable")
            spilled.add(part.table.take(rows[order]), buckets[order])
        return spilled

    def tell(self, part: _Part, turn: int) -> None:
        """Tell whoever asked how far the files are read, the first (0) or the second time (1)."""
        if self.progress is not None:
            self.progress(Progress("load", part.group.file, turn * self.files.rows + part.before, 2 * self.files.rows))


# --------------------------------------------------------------------------------------------------------------- the files


@dataclass(frozen=True)
class _Group:
    """A row group of a file, and how many rows of that file come before it."""

    file: str
    number: int
    rows: int
    before: int


@dataclass(frozen=True)
class _Part:
    """Some rows of a row group, the number of the first in its file (from 0), and how many rows come before it in all."""

    group: _Group
    table: Any
    first: int
    before: int


@dataclass(frozen=True)
class _Files:
    """Parquet files with the same columns."""

    groups: tuple[_Group, ...]
    schema: Any

    @staticmethod
    def of(history: Source | Sequence[Source]) -> _Files:
        """The files that a caller names.

        Raises:
            InputError: files that cannot be read, or lack columns.
        """
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            raise InputError([Problem("DR312", {"extra": "arrow"})]) from None
        named = [os.fspath(f) for f in ([history] if isinstance(history, (str, os.PathLike)) else history)]
        files = [str(f) for n in named for f in (sorted(Path(n).glob("*.parquet")) if Path(n).is_dir() else [n])]
        groups: list[_Group] = []
        problems: list[Problem] = []
        schemas = []
        for file in files:
            try:
                with pq.ParquetFile(file) as opened:
                    before = 0
                    for i in range(opened.num_row_groups):
                        rows = opened.metadata.row_group(i).num_rows
                        groups.append(_Group(file, i, rows, before))
                        before += rows
                    schemas.append(opened.schema_arrow.remove_metadata())
            except (OSError, pa.ArrowException) as error:
                problems.append(Problem("DR001", {"why": getattr(error, "strerror", None) or str(error)}, file=file))
                continue
            lacking = _missing(schemas[-1].names)
            if lacking:
                problems.append(Problem("DR311", {"names": ", ".join(lacking)}, file=file))
        if not files:
            problems.append(Problem("DR008", {"expected": "a Parquet file"}, file=named[0] if named else None))
        if problems:
            raise InputError(problems)
        kinds: dict[str, Any] = {}
        for file, schema in zip(files, schemas, strict=True):
            for f in schema:
                # One bucket's records may come from several files, whose dictionaries differ.
                kind = f.type.value_type if pa.types.is_dictionary(f.type) else f.type
                if pa.types.is_null(kinds.setdefault(f.name, kind)):
                    kinds[f.name] = kind
                if kind not in (kinds[f.name], pa.null()):
                    problems.append(Problem("DR302", {"name": f.name, "value": f"{kind}, {kinds[f.name]}"}, file=file))
        if problems:
            raise InputError(problems)
        return _Files(tuple(groups), pa.schema(list(kinds.items())))

    @cached_property
    def rows(self) -> int:
        """How many rows they have."""
        return sum(g.rows for g in self.groups)

    def tables(self, names: Sequence[str] | None, most: int, groups: Iterable[_Group] | None = None) -> Iterator[_Part]:
        """The rows of some row groups, so many at a time, with some of the columns (``None``: all)."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = self.schema if names is None else pa.schema([f for f in self.schema if f.name in names])
        size = max(LEAST_READ, min(most, MOST_AT_ONCE))
        before = 0
        for group in self.groups if groups is None else groups:
            first = group.before
            with pq.ParquetFile(group.file, pre_buffer=False) as opened:
                held = [n for n in schema.names if n in opened.schema_arrow.names]
                for batch in opened.iter_batches(size, row_groups=[group.number], columns=held):
                    table = pa.table([batch.column(f.name).cast(f.type) if f.name in held else pa.nulls(len(batch), f.type) for f in schema], schema)
                    yield _Part(group, table, first, before)
                    first, before = first + len(table), before + len(table)


def _missing(names: Sequence[str]) -> list[str]:
    return [n for n in ("id", "event") if n not in names] + ([] if {"time", "date"} & set(names) else ["time"])


# -------------------------------------------------------------------------------------------------------------- first look


class _Survey:
    """A first look at all rows: how many there are of each object, what takes back what, names that lead nowhere.

    Raises:
        InputError: rows that cannot be read, with file and number, and ids that occur twice.
    """

    def __init__(self, work: _Work) -> None:
        inputs, files = work.inputs, work.files
        _, people = people_of(inputs.roster, zone_named(inputs.plans[0].plan.timezone))
        self._places = people.places
        self._uses = np.zeros(len(people.ids), dtype=np.int64)
        self.takers: dict[str, str] = {}
        self.strays: Strays = strays_of_words(inputs, people)
        kinds = {k for plan in inputs.plans for duty in plan.duties.values() for k in kinds_of(plan, duty)}
        seen = _Seen(Path(work.folder.name), 1 + files.rows // max(work.at_once, 1 << 16))
        problems: list[Problem] = []
        for part in files.tables(FIELDS, work.at_once):
            work.tell(part, 0)
            records = records_of(part.table)
            columns, at = records.columns, part.first
            told = columns.problems(MOST_PROBLEMS)
            problems += [Problem(p.code, p.args, part.group.file, (p.line or 0) + at) for p in told if p.code != "DR308"]
            if problems:
                continue
            seen.add(part.table.column("id"))
            wanted = np.flatnonzero(np.isin(columns.event.codes, [columns.event.code(k) for k in kinds]))
            found = names_of(columns, people).objects[columns.object.pairs(wanted)[1]]
            np.add.at(self._uses, found[found >= 0], 1)
            rows = np.array(list(columns.retracts), dtype=np.int64)
            self.takers.update(zip(ids_of(records, rows), columns.retracts.values(), strict=True))
            for key, counts in strays_of_records(replace(inputs, history=History(records)), people).items():
                held = Counter(self.strays.get(key, {}))
                held.update(counts)
                self.strays[key] = dict(held)
        if not problems:
            problems = list(_repeated(files, seen.twice()))
        if problems:
            raise InputError(problems[:MOST_PROBLEMS])

    def uses(self, division: Division) -> Any:
        """How many times records name each object of a division."""
        return self._uses[[self._places[o] for o in division.object_ids]] if len(self._uses) else self._uses


class _Seen:
    """All ids, in as many files that any one of them fits into memory; one id always goes to the same file."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder, self._count = folder, count

    def add(self, ids: Any) -> None:
        """Note some ids."""
        import pyarrow as pa

        texts = ids.cast(pa.string()).combine_chunks()
        texts = texts.chunk(0) if isinstance(texts, pa.ChunkedArray) else texts
        places = np.fromiter(map(hash, texts.to_pylist()), np.int64, len(texts)) % self._count
        order = np.argsort(places, kind="stable")
        _append(pa.table({"id": texts.take(pa.array(order))}), places[order], self._file)

    def _file(self, place: int) -> Path:
        return self._folder / f"ids-{place}"

    def twice(self) -> set[str]:
        """The ids that occur more than once."""
        import pyarrow as pa
        import pyarrow.compute as pc

        found: set[str] = set()
        for place in range(self._count):
            file = self._file(place)
            if not file.exists():
                continue
            ids = _read(file, pa.schema([("id", pa.string())])).column("id")
            file.unlink()
            if pc.count_distinct(ids).as_py() < len(ids):
                counts = pc.value_counts(ids)
                found.update(counts.filter(pc.greater(counts.field("counts"), 1)).field("values").to_pylist())
        return found


def _repeated(files: _Files, ids: set[str]) -> Iterator[Problem]:
    """Where ids occur again."""
    import pyarrow as pa
    import pyarrow.compute as pc

    first: dict[str, str] = {}
    for part in files.tables(("id",), MOST_AT_ONCE) if ids else ():
        texts = part.table.column("id").cast(pa.string())
        for row in np.flatnonzero(pc.is_in(texts, pa.array(sorted(ids))).to_numpy()).tolist():
            name, number = texts[row].as_py(), part.first + row + 1
            if name in first:
                yield Problem("DR308", {"value": name, "first": first[name]}, part.group.file, number)
            # In another file the number alone would not tell.
            first.setdefault(name, str(number) if len({g.file for g in files.groups}) == 1 else f"{part.group.file}:{number}")


# ----------------------------------------------------------------------------------------------------- records of a bucket


@dataclass(frozen=True)
class _InPlace:
    """The records of each bucket, out of the row groups in which they lie."""

    files: _Files
    router: Router
    groups: Sequence[Sequence[_Group]]
    at_once: int

    def of(self, bucket: int) -> Any:
        """The records of a bucket as a table."""
        import pyarrow as pa

        found = [self.files.schema.empty_table()]
        for part in self.files.tables(None, self.at_once, self.groups[bucket]):
            records = records_of(part.table)
            rows, buckets = self.router.routes(records.columns, records)
            found.append(part.table.take(rows[buckets == bucket]))
        return pa.concat_tables(found)


@dataclass(frozen=True)
class _Spilled:
    """The records of each bucket in a file of its own."""

    folder: Path
    schema: Any

    def _file(self, bucket: int) -> Path:
        return self.folder / f"bucket-{bucket}"

    def add(self, table: Any, buckets: Any) -> None:
        """Put rows, in order of their buckets, where they belong."""
        _append(table, buckets, self._file)

    def of(self, bucket: int) -> Any:
        """The records of a bucket as a table; the file is gone afterwards."""
        file = self._file(bucket)
        if not file.exists():
            return self.schema.empty_table()
        table = _read(file, self.schema)
        file.unlink()
        return table


def _append(table: Any, places: Any, file: Any) -> None:
    """Append rows, in order of their places, to the file of each place, as one Arrow stream more."""
    import pyarrow as pa

    options = pa.ipc.IpcWriteOptions(compression="lz4")
    edges = [0, *(np.flatnonzero(np.diff(places)) + 1).tolist(), len(places)]
    for start, stop in pairwise(edges) if len(places) else ():
        # Files are opened anew each time: there may be more of them than a process may hold open.
        with open(file(int(places[start])), "ab") as out, pa.ipc.new_stream(out, table.schema, options=options) as stream:
            stream.write_table(table.slice(start, stop - start))


def _read(file: Path, schema: Any) -> Any:
    import pyarrow as pa

    found = []
    size = file.stat().st_size
    with open(file, "rb") as source:
        while source.tell() < size:
            with pa.ipc.open_stream(source) as stream:
                found.append(stream.read_all())
    return pa.concat_tables(found) if found else schema.empty_table()
