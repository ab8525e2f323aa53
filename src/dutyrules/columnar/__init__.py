"""Duties judged for all their objects at once, in columns.

What a duty means is said in :mod:`dutyrules.duties`, record by record. Here the same is reckoned with arrays where nothing about the
duty, the roster and the records asks for more: windows, time limits and the order of the questions come from there. A duty (or an
object) that does ask for more is left to the other way, and tests hold both to the same answer for every case that can be drawn.
"""

from __future__ import annotations

from dutyrules.columnar.judging import judge

__all__ = ["judge"]
