"""An evaluation as an Arrow table: obligations that are held in columns stay in columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from dutyrules.arrowtable import RecordsOfTable
from dutyrules.columnar.blocks import Block
from dutyrules.columnar.shown import Shown, same, spread
from dutyrules.columns import Codes, Instants, ids_of
from dutyrules.evaluation import VERDICTS
from dutyrules.time.intervals import END

if TYPE_CHECKING:
    from dutyrules.evaluation import Evaluation, Obligation

__all__ = ["table"]

_ORDINAL_OF_EPOCH = np.int32(719_163)
NAMED = ("verdict", "reason", "plan", "clause", "duty", "role", "subject", "object", "area", "bearer", "cut", "unit")
"""The columns whose texts recur."""


def table(evaluation: Evaluation, evidence: bool) -> Any:
    """The obligations as an Arrow table, in their order; the columns are those of :func:`dutyrules.to_csv`.

    Texts that recur are dictionaries; ``from`` and ``through`` are days, ``deadline`` an instant in the plan's zone. With
    ``evidence``, also ``settled_at``, ``late_by`` (seconds) and ``evidence`` (lists of ids).
    """
    import pyarrow as pa

    ledger = evaluation.ledger
    names = {name: _Names() for name in NAMED}
    names["verdict"] = _Names(VERDICTS)
    if ledger.blocks:
        people = ledger.blocks[0].people
        names["subject"] = names["object"] = _Names(people.ids)
        names["bearer"], names["area"] = _Names(people.person_names), _Names(people.areas.names)
    parts = [_objects([evaluation._obligation(i) for i in range(ledger.single)], evaluation.zone.name, names, evidence)] if ledger.single else []
    # Columns in which all rows say the same share their memory.
    constant = cache(_constant)
    for block in ledger.blocks:
        shown = Shown(evaluation, block, slice(None))
        parts.append(_columns(shown, _met(shown, names), names["subject"].known, constant, evidence))
    fields = _fields(evaluation.zone.name, evidence)
    texts = {name: found.array for name, found in names.items()}
    chunks = [
        [pa.DictionaryArray.from_arrays(part[f.name], texts[f.name], safe=False) if f.name in texts else part[f.name] for part in parts] for f in fields
    ]
    found = pa.table([pa.chunked_array(c, f.type) for c, f in zip(chunks, fields, strict=True)], schema=pa.schema(fields))
    runs = [found.slice(run.start, len(run)) if isinstance(run, range) else found.take(pa.array(run)) for run in evaluation.runs]
    return pa.concat_tables(runs) if runs else found


def _fields(zone: str, evidence: bool) -> list[Any]:
    import pyarrow as pa

    name, zoned = pa.dictionary(pa.int32(), pa.string()), pa.timestamp("us", zone)
    kinds = {
        "id": pa.string(), "verdict": name, "reason": name, "plan": name, "clause": name, "duty": name, "role": name, "subject": name,
        "object": name, "area": name, "bearer": name, "from": pa.date32(), "through": pa.date32(), "cut": name, "trigger": pa.string(),
        "deadline": zoned, "required": pa.int64(), "unit": name, "counted": pa.int64(), "shortfall": pa.int64(),
    }  # fmt: skip
    if evidence:
        # A day stands for the hour where only the day is known, so that it is told as text.
        kinds |= {"settled_at": pa.string(), "late_by": pa.float64(), "evidence": pa.list_(pa.string())}
    return [pa.field(n, k) for n, k in kinds.items()]


class _Names:
    """The distinct texts of a column, as they are met."""

    def __init__(self, known: Sequence[str] = ()) -> None:
        self._known, self._more = known, dict[str, int]()

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self._known)}

    def code(self, name: str | None) -> int:
        """The place of a text; -1 for none."""
        if name is None:
            return -1
        found = self._places.get(name)
        return self._more.setdefault(name, len(self._known) + len(self._more)) if found is None else found

    def codes(self, names: Iterable[str | None]) -> Codes:
        """The places of some texts."""
        return np.array([self.code(n) for n in names], dtype=np.int32)

    @cached_property
    def known(self) -> Any:
        """The texts that were known from the start, as an Arrow array."""
        import pyarrow as pa

        return pa.array(self._known, pa.string())

    @property
    def array(self) -> Any:
        """All texts as an Arrow array."""
        import pyarrow as pa

        return pa.concat_arrays([self.known, pa.array(list(self._more), pa.string())]) if self._more else self.known


def _objects(obligations: Sequence[Obligation], zone: str, names: dict[str, _Names], evidence: bool) -> dict[str, Any]:
    """The columns of obligations that are held one by one."""
    import pyarrow as pa

    rows: list[dict[str, Any]] = [
        {
            "id": o.id, "verdict": o.verdict, "reason": o.reason, "plan": o.plan, "clause": o.clause, "duty": o.duty, "role": o.role,
            "subject": o.subject, "object": o.object, "area": o.area, "bearer": o.bearer, "from": o.window.from_, "through": o.window.through,
            "cut": o.window.cut, "trigger": o.trigger, "deadline": o.deadline, "required": o.required.count if o.required else None,
            "unit": o.required.unit if o.required else None, "counted": o.counted, "shortfall": o.shortfall,
            "settled_at": None if o.settled_at is None else o.settled_at.isoformat(),
            "late_by": None if o.late_by is None else o.late_by.total_seconds(), "evidence": list(o.evidence),
        }
        for o in obligations
    ]  # fmt: skip
    return {
        f.name: _coded(names[f.name].codes(r[f.name] for r in rows)) if f.name in names else pa.array([r[f.name] for r in rows], f.type)
        for f in _fields(zone, evidence)
    }


def _met(shown: Shown, names: dict[str, _Names]) -> dict[str, Codes]:
    """The places in ``names`` of the texts that rows of a block may say."""
    block = shown.block
    texts: dict[str, Sequence[str | None]] = {
        "reason": block.reasons, "plan": [r.plan.plan.id for r in shown.ruled], "clause": [r.duty.clause for r in shown.ruled],
        "duty": [block.duty], "role": [block.role], "cut": block.cuts, "unit": [block.unit],
    }  # fmt: skip
    return {name: names[name].codes(found) for name, found in texts.items()}


def _columns(
    shown: Shown, places: dict[str, Codes], subjects: Any, constant: Callable[[int, int], Any], evidence: bool
) -> dict[str, Any]:
    """The columns of obligations that are held in columns; those with texts that recur as places among all of these texts."""
    import pyarrow as pa

    block, size, zone = shown.block, len(shown), shown.evaluation.zone
    people = block.people

    def told(name: str, codes: Any = None) -> Any:
        lut = places[name]
        if codes is None or len(lut) == 1:
            return constant(int(lut[0]), size)
        return _coded(codes.astype(np.int32) if (lut == np.arange(len(lut))).all() else lut[codes])

    objects = pa.array(shown.objects)
    triggers = pa.nulls(size, pa.string()) if block.opened is None else _ids(block, block.opened)
    found = {
        "verdict": pa.array(shown.verdict.astype(np.int32)), "reason": told("reason", block.reason), "plan": told("plan", shown.ruling),
        "clause": told("clause", shown.ruling), "duty": told("duty"), "role": told("role"), "subject": objects, "object": objects,
        "area": _coded(people.areas.codes[shown.objects]) if len(people.areas.names) else constant(-1, size),
        "bearer": constant(-1, size) if block.role is None else _coded(shown.bearer),
        "cut": constant(-1, size) if block.cut is None or not block.cut.any() else told("cut", block.cut), "unit": told("unit"),
        "id": _obligation_ids(block, objects, subjects, triggers), **_days(shown), "trigger": triggers,
        "deadline": _instants(block.deadline, zone.name), "required": pa.array(block.required.astype(np.int64)),
        "counted": pa.array(block.counted.astype(np.int64)),
        "shortfall": pa.array(np.maximum(0, block.required - block.counted).astype(np.int64)),
    }  # fmt: skip
    if evidence:
        which = block.evidence
        ids = _ids(block, spread(which.first, which.stop, which.rows))
        offsets = np.append(0, np.cumsum(which.stop - which.first)).astype(np.int32)
        found |= {
            "settled_at": pa.array(shown.settled_at, pa.string()), "late_by": pa.nulls(size, pa.float64()),
            "evidence": pa.ListArray.from_arrays(pa.array(offsets), ids),
        }  # fmt: skip
    return found


def _constant(code: int, size: int) -> Any:
    """The same place for all rows; -1: none."""
    import pyarrow as pa

    if code >= 0:
        return pa.array(same(code, size))
    nothing = [pa.py_buffer(np.zeros(size // 8 + 1, dtype=np.uint8)), pa.py_buffer(same(0, size))]
    return pa.Array.from_buffers(pa.int32(), size, nothing, null_count=size)


def _coded(codes: Codes) -> Any:
    import pyarrow as pa

    return pa.array(codes, mask=codes < 0 if codes.min(initial=0) < 0 else None)


def _ids(block: Block, rows: Instants) -> Any:
    """The ids of some records."""
    import pyarrow as pa

    records = block.sight.history.records
    if isinstance(records, RecordsOfTable):
        return records.texts(rows)
    return pa.array(ids_of(records, rows), pa.string())


def _obligation_ids(block: Block, objects: Any, subjects: Any, triggers: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    heads, end = pc.binary_join_element_wise(block.duty, subjects, "", "/").take(objects), ""
    if block.windows is not None:
        codes, rows = block.windows
        tails = pa.array([block.tail(i) for i in rows.tolist()], pa.string()).take(pa.array(codes))
    elif block.cases is None:
        tails = triggers
    else:
        assert block.opened is not None
        numbers, end = block.cases.numbers(block.opened), f"/{block.step}"
        if numbers is None:
            tails = pa.array(block.cases.texts(block.opened), pa.string())
        else:
            tails, end = pa.array(numbers[0]).cast(pa.string()), numbers[1] + end
    return pc.binary_join_element_wise(heads, tails, end, "") if end else pc.binary_join_element_wise(heads, tails, "")


def _days(shown: Shown) -> dict[str, Any]:
    """The first and the last day of each window."""
    import pyarrow as pa

    first, last = shown.days
    endless = last < 0 if last.min(initial=0) < 0 else None
    return {
        "from": pa.array(first - _ORDINAL_OF_EPOCH).view(pa.date32()),
        "through": pa.array(last - _ORDINAL_OF_EPOCH, mask=endless).view(pa.date32()),
    }


def _instants(instants: Instants, zone: str) -> Any:
    import pyarrow as pa

    return pa.array(instants, mask=instants >= END if instants.max(initial=0) >= END else None).view(pa.timestamp("us", zone))
