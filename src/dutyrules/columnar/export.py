"""An evaluation as an Arrow table: obligations that are held in columns stay in columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dutyrules.columnar.blocks import Block
from dutyrules.columnar.people import ObjectColumns
from dutyrules.evaluation import VERDICTS
from dutyrules.time.intervals import END

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dutyrules.evaluation import Evaluation, Obligation

__all__ = ["table"]

_ORDINAL_OF_EPOCH = 719_163


def table(evaluation: Evaluation, evidence: bool) -> Any:
    """The obligations as an Arrow table, in their order; the columns are those of :func:`dutyrules.to_csv`.

    Texts that recur are dictionaries; ``from`` and ``through`` are days, ``deadline`` an instant in the plan's zone. With
    ``evidence``, also ``settled_at``, ``late_by`` (seconds) and ``evidence`` (lists of ids).
    """
    import pyarrow as pa

    ledger = evaluation.ledger
    parts = [_objects(evaluation, [evaluation._obligation(i) for i in range(ledger.single)], evidence)] if ledger.single else []
    first = ledger.single
    for block in ledger.blocks:
        if evidence or (block.end >= END).any() or len(evaluation.ruled[block.duty]) > 1:
            # What only looking at each of them tells: its records, who answers without a deadline, which plan it is of.
            parts.append(_objects(evaluation, [evaluation._obligation(first + i) for i in range(len(block))], evidence))
        else:
            parts.append(_columns(evaluation, block))
        first += len(block)
    if not parts:
        return pa.schema(_fields(evaluation, evidence)).empty_table()
    found = pa.concat_tables(parts).unify_dictionaries()
    order = np.asarray(evaluation._order, dtype=np.int64)
    return found if (order == np.arange(len(order))).all() else found.take(pa.array(order))


def _fields(evaluation: Evaluation, evidence: bool) -> list[Any]:
    import pyarrow as pa

    name, zoned = pa.dictionary(pa.int32(), pa.string()), pa.timestamp("us", evaluation.zone.name)
    kinds = {
        "id": pa.string(), "verdict": name, "reason": name, "plan": name, "clause": name, "duty": name, "role": name, "subject": name,
        "object": name, "area": name, "bearer": name, "from": pa.date32(), "through": pa.date32(), "cut": name, "trigger": pa.string(),
        "deadline": zoned, "required": pa.int64(), "unit": name, "counted": pa.int64(), "shortfall": pa.int64(),
    }  # fmt: skip
    if evidence:
        # A day stands for the hour where only the day is known, so that it is told as text.
        kinds |= {"settled_at": pa.string(), "late_by": pa.float64(), "evidence": pa.list_(pa.string())}
    return [pa.field(n, k) for n, k in kinds.items()]


def _objects(evaluation: Evaluation, obligations: Sequence[Obligation], evidence: bool) -> Any:
    import pyarrow as pa

    rows = [
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
    fields = _fields(evaluation, evidence)
    columns = [pa.array([r[f.name] for r in rows], f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in fields]
    coded = [c.dictionary_encode().cast(f.type) if pa.types.is_dictionary(f.type) else c for c, f in zip(columns, fields, strict=True)]
    return pa.table(coded, schema=pa.schema(fields))


def _columns(evaluation: Evaluation, block: Block) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    people, zone, size = block.people, evaluation.zone, len(block)
    (ruled,) = evaluation.ruled[block.duty]

    def same(text: str | None) -> Any:
        return coded(np.zeros(size, dtype=np.int32), [text])

    def coded(codes: Any, names: Sequence[str | None]) -> Any:
        codes = np.asarray(codes, dtype=np.int32)
        absent = (codes < 0) | np.array([n is None for n in names] + [True])[codes]
        kept = pa.array(["" if n is None else n for n in names], pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=absent if absent.any() else None), kept)

    tails, triggers = coded(*block.tails()).cast(pa.string()), block.triggers()
    subject = coded(block.objects, people.ids)
    areas, area_names = _areas(people)
    holders = people.posts(block.role).holder(block.objects, block.end - 1) if block.role else np.full(size, -1, dtype=np.int32)
    columns = {
        "id": pc.binary_join_element_wise(pa.scalar(block.duty), subject.cast(pa.string()), tails, "/"),
        "verdict": coded(block.verdict, VERDICTS), "reason": coded(block.reason, block.reasons), "plan": same(ruled.plan.plan.id),
        "clause": same(ruled.duty.clause), "duty": same(block.duty), "role": same(block.role), "subject": subject, "object": subject,
        "area": coded(areas[block.objects], area_names), "bearer": coded(holders, list(people.persons)),
        "from": _days(zone.days_of(block.start)), "through": _days(zone.days_of(np.maximum(block.end - 1, block.start))),
        "cut": same(None) if block.cut is None else coded(block.cut, block.cuts),
        "trigger": pa.nulls(size, pa.string()) if triggers is None else pa.array(triggers, pa.string()),
        "deadline": pa.array(block.deadline).cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone.name)),
        "required": pa.array(block.required.astype(np.int64)), "unit": same(block.unit), "counted": pa.array(block.counted.astype(np.int64)),
        "shortfall": pa.array(np.maximum(0, block.required - block.counted).astype(np.int64)),
    }  # fmt: skip
    return pa.table(list(columns.values()), schema=pa.schema(_fields(evaluation, False)))


def _days(ordinals: Any) -> Any:
    import pyarrow as pa

    return pa.array((ordinals - _ORDINAL_OF_EPOCH).astype(np.int32)).cast(pa.date32())


def _areas(people: ObjectColumns) -> tuple[Any, Sequence[str | None]]:
    held = people.areas
    return held.codes, [*held.names, None]
