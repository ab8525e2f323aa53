"""The workload as dutyrules takes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from workload import DAY, FAR, KINDS, OFFSET, ROLES, Workload

from dutyrules import load_plan, load_roster
from dutyrules.history import Record
from dutyrules.plan import Plan
from dutyrules.roster import Roster

if TYPE_CHECKING:
    import pyarrow as pa

PLAN = Path(__file__).parent / "plan.yaml"
_EPOCH = datetime(1970, 1, 1)


def local(instant: int) -> datetime:
    """The clock in China."""
    return _EPOCH + timedelta(microseconds=int(instant) + OFFSET)


def plain_inputs(w: Workload) -> tuple[Plan, Roster, tuple[Record, ...]]:
    """The workload as objects, one for each record."""
    records = []
    for i, (time, kind, site, by, signed, hazard) in enumerate(
        zip(w.time.tolist(), w.kind.tolist(), w.site.tolist(), w.by.tolist(), w.signed.tolist(), w.hazard.tolist(), strict=True)
    ):
        attributes = ({"signed": bool(signed)} if signed >= 0 else {}) | ({"hazard_id": hazard} if hazard >= 0 else {})
        performers = (f"p{by}",) if by >= 0 else ()
        records.append(Record(f"r{i}", local(time), KINDS[kind], (f"s{site}",), None, performers, attributes=attributes))
    return load_plan(PLAN), plain_roster(w), tuple(records)


def plain_roster(w: Workload) -> Roster:
    """The roster as objects."""
    tenures = []
    for role, site, person, start, end in zip(w.tenure_role, w.tenure_site, w.tenure_person, w.tenure_from, w.tenure_end, strict=True):
        tenure = {"role": ROLES[role], "person": f"p{person}", "object": f"s{site}"}
        if start > -FAR:
            tenure["from"] = local(start).date().isoformat()
        if end < FAR:
            tenure["through"] = (local(end).date() - timedelta(days=1)).isoformat()
        tenures.append(tenure)
    objects = [{"id": f"s{i}", "type": "site"} for i in range(w.sites)]
    return load_roster({"objects": objects, "persons": [{"id": f"p{i}"} for i in range(w.persons)], "tenures": tenures})


def arrow_records(w: Workload) -> pa.Table:
    """The workload as an Arrow table, coded as it would be in a file."""
    import pyarrow as pa

    def coded(codes: np.ndarray, names: list[str]) -> pa.Array:
        mask = codes < 0
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=mask if mask.any() else None), pa.array(names))

    signed = pa.array(w.signed == 1, mask=w.signed < 0)
    return pa.table(
        {
            "id": pa.array(np.arange(len(w))), "time": pa.array(w.time, pa.timestamp("us", "UTC")),
            "event": coded(w.kind, list(KINDS)), "object": coded(w.site, [f"s{i}" for i in range(w.sites)]),
            "by": coded(w.by, [f"p{i}" for i in range(w.persons)]), "signed": signed, "hazard_id": pa.array(w.hazard, mask=w.hazard < 0),
        }
    )


def arrow_roster(w: Workload) -> tuple[pa.Table, pa.Table, pa.Table]:
    """The objects, the tenures and the persons as Arrow tables."""
    import pyarrow as pa

    start = pa.array((w.tenure_from + OFFSET) // DAY, mask=w.tenure_from <= -FAR).cast(pa.int32()).cast(pa.date32())
    end = pa.array((w.tenure_end + OFFSET) // DAY - 1, mask=w.tenure_end >= FAR).cast(pa.int32()).cast(pa.date32())
    objects = pa.table({"id": [f"s{i}" for i in range(w.sites)], "type": ["site"] * w.sites})
    tenures = pa.table(
        {
            "role": pa.array([ROLES[r] for r in w.tenure_role.tolist()]), "person": [f"p{p}" for p in w.tenure_person.tolist()],
            "object": [f"s{s}" for s in w.tenure_site.tolist()], "from": start, "through": end,
        }
    )
    return objects, tenures, pa.table({"id": [f"p{i}" for i in range(w.persons)], "name": pa.nulls(w.persons, pa.string())})
