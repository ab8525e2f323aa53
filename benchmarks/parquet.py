"""The workload as Parquet files and as Arrow tables, for those who use Arrow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from files import RECORD_COLUMNS, RECORDS, TENURE_COLUMNS, TENURES, record_columns, tenure_columns
from workload import Workload


def record_table(w: Workload) -> pa.Table:
    return pa.table(record_columns(w))


def tenure_table(w: Workload) -> pa.Table:
    return pa.table(tenure_columns(w))


def write(w: Workload, folder: Path) -> None:
    """Two Parquet files, records and tenures."""
    pq.write_table(record_table(w), folder / RECORDS)
    pq.write_table(tenure_table(w), folder / TENURES)


def _columns(file: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Columns of a file as numpy arrays, let go one by one in Arrow, so that no more than one is held twice.

    Through DLPack: ``to_numpy`` would load pandas, where it is installed, only to look whether a value is of it.
    """
    with pq.ParquetFile(file) as opened:
        table = opened.read(columns=list(names))
    found = {}
    for name in names:
        found[name] = np.concatenate([np.from_dlpack(chunk) for chunk in table.column(name).chunks])
        table = table.drop_columns([name])
    return found


def read(folder: Path) -> Workload:
    """The columns of the two files. Sites and persons are numbered without gaps."""
    r, t = _columns(folder / RECORDS, RECORD_COLUMNS), _columns(folder / TENURES, TENURE_COLUMNS)
    persons = max(int(t["person"].max()), int(r["by"].max())) + 1
    return Workload(int(t["site"].max()) + 1, *r.values(), *t.values(), persons)
