"""The files every contestant starts from: their names, and the columns they hold.

Times are microseconds since 1970 UTC, kinds and roles are places in ``KINDS`` and ``ROLES``, sites and persons are numbers, so
that no contestant pays for a spelling that suits another. ``by``, ``signed`` and ``hazard`` are -1 where a record does not say.
"""

from __future__ import annotations

import numpy as np
from workload import Workload

RECORDS, TENURES = "records.parquet", "tenures.parquet"
RECORD_COLUMNS = ("time", "kind", "site", "by", "signed", "hazard")
TENURE_COLUMNS = ("role", "site", "person", "from", "end")


def record_columns(w: Workload) -> dict[str, np.ndarray]:
    return {name: getattr(w, name) for name in RECORD_COLUMNS}


def tenure_columns(w: Workload) -> dict[str, np.ndarray]:
    return {name: getattr(w, f"tenure_{name}") for name in TENURE_COLUMNS}
