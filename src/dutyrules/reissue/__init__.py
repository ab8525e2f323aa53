"""What a new issue of a plan changes: by meaning (:func:`diff`), and for whom (:func:`impact`)."""

from __future__ import annotations

from dutyrules.reissue.comparison import Diff, diff
from dutyrules.reissue.impact import Impact, impact

__all__ = ["Diff", "Impact", "diff", "impact"]
