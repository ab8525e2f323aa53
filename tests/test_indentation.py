"""A text whose indentation is broken: the line that was moved is named, wherever the parser notices it."""

from __future__ import annotations

import pytest

from dutyrules.indentation import suspect_line
from dutyrules.yamlfile import read_yaml

SOUND = """\
plan:
  title: {zh: 方案, en: Plan}   # a comment: with a colon
  note: |
      a text
    # not a comment
  in_force:
    from: 2026-01-01
duties:
  a.duty:
    reading:
      - of: a word
        means: this
        because:
          zh: 原因
          en: a cause
      - of: another
        means: that
    must: [inspection,
      survey]
    at_least:
      flood: 1 per month
      non_flood: 1 per quarter
  another.duty:
    must: inspection
"""


def moved(line: int, by: int) -> str:
    lines = SOUND.split("\n")
    at = line - 1
    lines[at] = " " * by + lines[at] if by > 0 else lines[at][-by:]
    return "\n".join(lines)


def test_a_sound_text_has_no_suspect():
    assert suspect_line(SOUND) is None
    assert read_yaml(SOUND.encode()).problems == []


@pytest.mark.parametrize(
    ("line", "by"),
    [(10, -1), (12, 1), (12, -1), (14, -1), (15, 2), (18, 1), (21, -1), (22, 1), (22, -1), (23, 1), (23, -1)],
)
def test_the_line_that_was_moved_is_named(line, by):
    document = read_yaml(moved(line, by).encode())
    assert document.data is None
    assert line in {p.line for p in document.problems}


def test_full_width_signs_are_named_where_they_stand_for_yaml_signs_only():
    text = "plan:\n  note: 甲，乙：丙\n  title：x\n  id: y\n   bad: z\n"
    problems = read_yaml(text.encode()).problems
    assert [(p.code, p.line) for p in problems if p.code == "DR009"] == [("DR009", 3)]
    assert [p.code for p in read_yaml("a: {zh: 甲，en: x\n".encode()).problems].count("DR009") == 1
