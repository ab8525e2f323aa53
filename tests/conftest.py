"""Profiles of hypothesis: ``ci`` (the default, the same cases each time) and ``deep`` (``HYPOTHESIS_PROFILE=deep``)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings

sys.path.insert(0, str(Path(__file__).parent))

_COMMON = {"database": None, "deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
# Without shrinking: a failing case is told at once; `deep` makes it small.
settings.register_profile("ci", max_examples=60, derandomize=True, phases=[Phase.explicit, Phase.generate], **_COMMON)
settings.register_profile("deep", max_examples=3000, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
