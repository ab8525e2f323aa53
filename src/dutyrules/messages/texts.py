"""Edits of YAML texts that cannot be made, by code: English and Chinese."""

from __future__ import annotations

__all__ = ["MESSAGES"]

MESSAGES: dict[str, tuple[str, str]] = {
    "DR011": (
        "the text at `{value}` cannot be changed without touching more than that; make this change by hand",
        "`{value}` 处的文字无法单独改动；请手工修改",
    ),
}
