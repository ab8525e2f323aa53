"""Tables in: a history or a roster from Arrow, or from any data frame that speaks Arrow, without an object for each row.

A table is anything with the Arrow stream protocol (``__arrow_c_stream__``): a pyarrow, polars or pandas table, a DuckDB relation. Its
columns have the names of a history file (of the roster's lists). The package ``pyarrow`` is needed (extra ``arrow``).
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from dutyrules.columns import DATE, NONE, Coded, Instants
from dutyrules.errors import InputError, Problem
from dutyrules.history import Completeness, History, completeness
from dutyrules.roster import Area, unknown
from dutyrules.rostertable import NO_DAY, RosterTable

if TYPE_CHECKING:
    from dutyrules.arrowtable import RecordsOfTable, TableColumns

__all__ = ["history_from_table", "is_table", "records_of", "roster_from_tables"]

_MOST = 20
"""Faulty rows of which is told, and faulty values of a column."""


def is_table(value: object) -> bool:
    """Whether a value is a table that speaks Arrow."""
    return hasattr(value, "__arrow_c_stream__")


def _arrow(table: Any) -> Any:
    try:
        import pyarrow
    except ImportError:
        raise InputError([Problem("DR312", {"extra": "arrow"})]) from None
    return table if isinstance(table, pyarrow.Table) else pyarrow.table(table)


def history_from_table(table: Any, complete_through: Completeness | date | datetime | None = None) -> History:
    """A history from a table with the columns of a history file; further columns are attributes.

    ``time``, ``until`` and ``recorded_at`` are timestamps (with a zone: instants; without: the plan's clock) or text as in a
    file; ``date`` and a ``time`` of type date are days. ``object`` and ``by`` are text (several joined by ``;``) or lists of text.

    Raises:
        InputError: columns that are missing, values that cannot be read, with the number of their row, ids that occur twice.
    """
    arrow = _arrow(table)
    from dutyrules.arrowtable import column_faults

    if problems := column_faults(arrow.column_names):
        raise InputError(problems)
    records = records_of(arrow)
    if problems := list(records.columns.problems(_MOST)):
        raise InputError(problems)
    return History(records, completeness(complete_through))


def records_of(table: Any) -> RecordsOfTable:
    """The records of an Arrow table; whether its rows are sound is not asked."""
    from dutyrules.arrowtable import RecordsOfTable, TableColumns, plain

    return RecordsOfTable(TableColumns(plain(table)))


# ------------------------------------------------------------------------------------------------------------- rosters


def roster_from_tables(objects: Any, tenures: Any, areas: Any = None, persons: Any = None) -> RosterTable:
    """A roster from tables with the columns of its lists; it is used wherever a roster is.

    Args:
        objects: ``id``, ``type``, and where there are: ``area``, ``from``, ``through``, ``state``; further columns are attributes.
            One row for each object; an object whose state or attribute changes belongs into a roster file.
        tenures: ``role``, ``person``, ``object`` and/or ``area``, and where there are ``from``, ``through`` (days).
        areas: ``id``, and where there are ``name``, ``type``, ``within``.
        persons: ``id``, ``name``.

    Raises:
        InputError: columns that are missing, names that lead nowhere, values that cannot be read.
    """
    held = {n: _arrow(t) for n, t in (("objects", objects), ("tenures", tenures), ("areas", areas), ("persons", persons)) if t is not None}
    lacking = [
        f"{name}.{n}" for name, columns in (("objects", ("id", "type")), ("tenures", ("role", "person"))) for n in columns
        if n not in held[name].column_names
    ]  # fmt: skip
    if lacking:
        raise InputError([Problem("DR311", {"names": ", ".join(lacking)})])
    from dutyrules.arrowtable import TableColumns, plain

    things, terms = TableColumns(plain(held["objects"])), TableColumns(plain(held["tenures"]))
    ids = [str(v) for v in things.table.column("id").to_pylist()]
    over = _named(terms, "object")
    places = {name: i for i, name in enumerate(ids)}
    lut = np.array([*(places.get(str(n), -2) for n in over.names), -1], dtype=np.int64)
    roster = RosterTable(
        object_ids=ids, object_type=_named(things, "type"), object_area=_named(things, "area"), object_from=_days(things, "from"),
        object_through=_days(things, "through"),
        attributes={n: _named(things, n) for n in things.table.column_names if n not in ("id", "type", "area", "from", "through", "name")},
        tenure_role=_named(terms, "role"), tenure_person=_named(terms, "person"), tenure_object=lut[over.codes],
        tenure_area=_named(terms, "area") if "area" in terms.table.column_names else None, tenure_from=_days(terms, "from"),
        tenure_through=_days(terms, "through"),
        areas=tuple(Area(**{k: v for k, v in row.items() if v is not None}) for row in (held["areas"].to_pylist() if areas is not None else ())),
        person_names={str(r["id"]): r.get("name") for r in (held["persons"].to_pylist() if persons is not None else ())},
    )  # fmt: skip
    problems = [unknown("object", str(n), set(), ("tenures", "object")) for n in over.names if str(n) not in places][:_MOST]
    repeated = len(places) < len(ids)
    if repeated:
        problems += [Problem("DR203", {"value": n}, path=("objects", "id")) for n, k in Counter(ids).items() if k > 1][:_MOST]
    if problems:
        raise InputError(problems)
    return roster


def _named(columns: TableColumns, name: str) -> Coded:
    from dutyrules.arrowtable import coded

    column = columns.column(name)
    return Coded(np.full(len(columns), -1, dtype=np.int32), []) if column is None else coded(column)


def _days(columns: TableColumns, name: str) -> Instants:
    """Days as ordinals.

    Raises:
        InputError: values that are no days.
    """
    from dutyrules.arrowtable import times

    column = columns.column(name)
    if column is None:
        return np.full(len(columns), NO_DAY, dtype=np.int64)
    found, unread = times(column)
    mode = np.broadcast_to(np.asarray(found.mode), len(columns))
    bad = np.union1d(unread, np.flatnonzero((mode != DATE) & (mode != NONE)))[:_MOST].tolist()
    if bad:
        raise InputError([Problem("DR302", {"name": name, "value": column[row].as_py()}, line=row + 1) for row in bad])
    return np.where(mode == NONE, NO_DAY, found.value)
