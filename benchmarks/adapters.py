"""The workload as dutyrules takes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from workload import FAR, KINDS, OFFSET, ROLES, Workload

from dutyrules import load_plan, load_roster
from dutyrules.history import Record
from dutyrules.plan import Plan
from dutyrules.roster import Roster

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
