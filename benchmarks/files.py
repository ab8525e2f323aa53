"""The workload as files, and as Arrow tables: what every contestant starts from.

Times are microseconds since 1970 UTC, kinds and roles are places in ``KINDS`` and ``ROLES``, sites and persons are numbers, so
that no contestant pays for a spelling that suits another. ``by``, ``signed`` and ``hazard`` are -1 where a record does not say.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from workload import Workload

RECORDS, TENURES = "records.parquet", "tenures.parquet"
RECORD_COLUMNS = ("time", "kind", "site", "by", "signed", "hazard")
TENURE_COLUMNS = ("role", "site", "person", "from", "end")


def record_columns(w: Workload) -> dict[str, np.ndarray]:
    return {name: getattr(w, name) for name in RECORD_COLUMNS}


def tenure_columns(w: Workload) -> dict[str, np.ndarray]:
    return {name: getattr(w, f"tenure_{name}") for name in TENURE_COLUMNS}


def record_table(w: Workload) -> pa.Table:
    return pa.table(record_columns(w))


def tenure_table(w: Workload) -> pa.Table:
    return pa.table(tenure_columns(w))


def write(w: Workload, folder: Path) -> None:
    """Two Parquet files, records and tenures."""
    pq.write_table(record_table(w), folder / RECORDS)
    pq.write_table(tenure_table(w), folder / TENURES)


def read(folder: Path) -> Workload:
    """The columns of the two files as numpy arrays. Sites and persons are numbered without gaps."""
    records, tenures = pq.read_table(folder / RECORDS), pq.read_table(folder / TENURES)
    t = {name: tenures[name].to_numpy() for name in TENURE_COLUMNS}
    return Workload(
        int(t["site"].max()) + 1,
        *(records[name].to_numpy() for name in RECORD_COLUMNS),
        *(t[name] for name in TENURE_COLUMNS),
        max(int(t["person"].max()), int(records["by"].to_numpy().max())) + 1,
    )
