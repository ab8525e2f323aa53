"""What the formats for hosts of code share: how bad a problem is, and how a file is named from the root of a project."""

from __future__ import annotations

import os.path
from pathlib import PurePath

from dutyrules.errors import Problem

__all__ = ["from_root", "level"]


def level(problem: Problem) -> str:
    """``error`` for a fault, ``warning`` for a finding: a file with findings alone can be used."""
    return "warning" if problem.code.startswith("DR5") else "error"


def from_root(file: str, root: PurePath | None) -> PurePath:
    """The file as a path relative to the root where it lies below it, or else an absolute one (as far as the root tells it)."""
    if root is None:
        return PurePath(file)
    whole = PurePath(os.path.normpath(root / file))
    return whole.relative_to(root) if whole.is_relative_to(root) else whole
