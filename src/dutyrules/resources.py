"""The plans, schemas and examples that come with the package."""

from __future__ import annotations

from pathlib import Path

__all__ = ["shipped"]


def shipped(name: str) -> Path:
    """The path of a shipped file, such as ``duties/xixia-mines-2026h1.yaml``.

    Raises:
        FileNotFoundError: there is no such file.
    """
    here = Path(__file__).resolve().parent
    # Inside an installed package the files lie in `data`; in a checkout they lie at its top.
    for root in (here / "data", here.parents[1]):
        if (root / name).exists():
            return root / name
    raise FileNotFoundError(name)
