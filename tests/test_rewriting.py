"""Edits of YAML texts: the data is as intended, and every other character is where it was."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dutyrules.errors import InputError
from dutyrules.rewriting import insert_entry, quoted, remove_entry, same, set_value
from dutyrules.yamlfile import read_yaml
from perturbations import WAYS, windows

ROOT = Path(__file__).parents[1]
TEXTS = [
    p.read_text(encoding="utf-8")
    for p in (
        ROOT / "tests" / "cases" / "notation-example.yaml",
        ROOT / "examples" / "xixia" / "roster.yaml",
        ROOT / "tests" / "regimes" / "03-yichang-warnings.yaml",
        ROOT / "tests" / "formatting" / "odd.txt",
    )
]

TEXT = """\
plan:
  id: x    # the id
           # goes on
  # about title
  title: {zh: a, en: b}  # t
  in_force:
    from: 1  # f
    # below from

# banner
duties:  # all

  a:
    must: [v, w]
    note: |  # hm
      text
      # no comment
  # about b
  b:
    - p: 1   # c
      q: 2
    - {r: 1}
    -
      # odd
      s:
  c: {}
  d: {a: 1, # one
    # about b
    b: 2, # two
    e: 3 # three
  }
"""


def data(text: str) -> Any:
    found = read_yaml(text.encode())
    assert not found.problems
    return found.data


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in entries:
        yield from paths(inner, (*path, step))


def at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


scalars = st.one_of(st.text(max_size=12), st.booleans(), st.none(), st.integers(-(10**16), 10**16), st.sampled_from([0.5, -2.25]))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Files as they are and as others might have laid them out."""
    rng = random.Random(draw(st.integers(0, 10**9)))
    text = draw(st.sampled_from(TEXTS))
    ways = draw(st.lists(st.sampled_from(WAYS), max_size=2, unique=True))
    for way in sorted(ways, key=lambda w: w is windows):
        text = way(text, rng)
    assume(not read_yaml(text.encode()).problems)
    return text


def untouched(before: str, after: str) -> tuple[str, str]:
    """What differs between two texts, without what they begin and end with in common."""
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return before[start : len(before) - end], after[start : len(after) - end]


@given(st.data(), texts(), scalars)
def test_setting_a_scalar_changes_nothing_but_that_scalar(draw, text, value):
    before = data(text)
    path = draw.draw(st.sampled_from([p for p in paths(before) if not isinstance(at(before, p), (dict, list))]))
    after = set_value(text, path, quoted(value))
    expected = copy.deepcopy(before)
    at(expected, path[:-1])[path[-1]] = value
    assert same(data(after), expected)
    gone, new = untouched(text, after)
    assert "#" not in gone or "#" in str(at(before, path))
    assert "\n" not in new and ("\n" in gone or len(new) <= len(quoted(value)) + 3)


@given(st.data(), texts(), st.text(min_size=1, max_size=8), scalars)
def test_what_is_inserted_stands_where_it_should_and_leaves_no_trace_when_removed(draw, text, key, value):
    before = data(text)
    path = draw.draw(st.sampled_from([p for p in paths(before) if isinstance(at(before, p), dict)]))
    held = at(before, path)
    assume(key not in held)
    follower = draw.draw(st.sampled_from([None, *held]))
    after = insert_entry(text, path, key, quoted(value), before=follower)
    entries = list(held.items())
    place = len(entries) if follower is None else list(held).index(follower)
    expected = dict([*entries[:place], (key, value), *entries[place:]])
    assert same(at(data(after), path), expected)
    gone, _ = untouched(text, after)
    assert gone == "" or gone.isspace()
    for line in text.splitlines():
        assert line.partition("#")[2] in after
    if follower is not None:
        assert remove_entry(after, (*path, key)) == text


@given(st.data(), texts())
def test_removing_an_entry_takes_its_lines_and_no_others(draw, text):
    before = data(text)
    path = draw.draw(st.sampled_from([p for p in paths(before) if p]))
    after = remove_entry(text, path)
    expected = copy.deepcopy(before)
    del at(expected, path[:-1])[path[-1]]
    assert same(data(after), expected)
    _, new = untouched(text, after)
    assert new.strip() in ("", "-", "{", "[") or new.strip().startswith(("{}", "[]"))


@given(scalars)
def test_a_quoted_scalar_is_read_as_itself_wherever_it_stands(value):
    source = quoted(value)
    assert "\n" not in source
    for text, found in (
        (f"k: {source}", {"k": value}),
        (f"k: {source}  # c", {"k": value}),
        (f"[{source}, {source}]", [value, value]),
        (f"{{k: {source}}}", {"k": value}),
        (f"- {source}", [value]),
    ):
        assert same(data(text), found)


def test_quotes_only_where_needed():
    bare = ["巡查", "四(二)4", "a b", "2026-01-01", 'q"\\', "it's", "1 per month", "a:b", "《a》、b", "2 days"]
    assert [quoted(v) for v in bare] == bare
    needed = ["no", "08:30", "1", "1.0", "a: b", "a #b", "a, b", "", " a", "- a", "#", "true", "null", "~", "{", "*a", "a\nb"]
    assert all(quoted(v).startswith('"') for v in needed)
    for impossible in (1.0, 10**20, [], float("nan")):
        with pytest.raises(ValueError):
            quoted(impossible)


@pytest.mark.parametrize(
    ("edit", "lines"),
    [
        (lambda t: set_value(t, ("plan", "id"), "y1"), ["-  id: x    # the id", "+  id: y1    # the id"]),
        (
            lambda t: set_value(t, ("plan", "in_force"), "{from: 2}"),
            ["-  in_force:", "-    from: 1  # f", "-    # below from", "+  in_force: {from: 2}"],
        ),
        (lambda t: set_value(t, ("duties", "b", 2, "s"), "z"), ["-      s:", "+      s: z"]),
        (
            lambda t: set_value(t, ("duties", "a", "note"), "z"),
            ["-    note: |  # hm", "-      text", "-      # no comment", "+    note: z  # hm"],
        ),
        (lambda t: insert_entry(t, ("plan",), "new", "1", before="title"), ["+  new: 1"]),
        (lambda t: insert_entry(t, ("plan", "in_force"), "through", "2"), ["+    through: 2"]),
        (
            lambda t: insert_entry(t, (), "new", "a: 1\nb:\n  c: 2", before="duties"),
            ["+new:", "+  a: 1", "+  b:", "+    c: 2"],
        ),
        (lambda t: insert_entry(t, ("duties", "b", 0), "o", "1", before="p"), ["-    - p: 1   # c", "+    - o: 1", "+      p: 1   # c"]),
        (lambda t: insert_entry(t, ("duties", "c"), 2026, "x"), ["-  c: {}", "+  c: {2026: x}"]),
        (lambda t: remove_entry(t, ("plan", "id")), ["-  id: x    # the id", "-           # goes on"]),
        (
            lambda t: remove_entry(t, ("duties", "b", 0, "p")),
            ["-    - p: 1   # c", "-      q: 2", "+    - q: 2"],
        ),
        (lambda t: remove_entry(t, ("duties", "d", "b")), ["-    b: 2, # two"]),
        (lambda t: remove_entry(t, ("duties", "d", "e")), ["-    e: 3 # three"]),
        (lambda t: remove_entry(t, ("duties", "a", "must", 1)), ["-    must: [v, w]", "+    must: [v]"]),
    ],
)
def test_edits_as_a_careful_hand_would_make_them(edit, lines):
    from difflib import ndiff

    assert sorted(x[0] + x[2:] for x in ndiff(TEXT.splitlines(), edit(TEXT).splitlines()) if x[0] in "+-") == sorted(lines)


def test_the_comments_above_an_entry_stay_with_it():
    inserted = insert_entry(TEXT, ("plan",), "new", "1", before="title")
    assert "  new: 1\n  # about title\n  title:" in inserted
    inserted = insert_entry(TEXT, ("plan", "in_force"), "through", "2")
    assert "    # below from\n    through: 2\n\n# banner" in inserted


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # Wide blanks are letters.
        (insert_entry("a: 1\n", (), "b", quoted("\u3000x\xa0")), "a: 1\nb: \u3000x\xa0\n"),
        # A comment as far left as a list and its key is about what follows.
        (set_value("a:\n- b\n# about c\nc: 1\n", ("a",), "[]"), "a: []\n# about c\nc: 1\n"),
        (insert_entry('a:\n  b: "x\n  # z"\n  c: 1\n', ("a",), "d", "2", before="c"), 'a:\n  b: "x\n  # z"\n  d: 2\n  c: 1\n'),
        (insert_entry("\ufeffa: 1\r\n", (), "b", "2"), "\ufeffa: 1\r\nb: 2\r\n"),
        (insert_entry("a: |+\n  x\n\n", (), "b", "2"), "a: |+\n  x\n\nb: 2\n"),
        (insert_entry("a: 1", (), "b", "2"), "a: 1\nb: 2"),
        (remove_entry("a: 1\nb: 2", ("b",)), "a: 1"),
        (remove_entry("a: {b: 1,}\n", ("a", "b")), "a: {}\n"),
        (set_value("{a: {b}}\n", ("a", "b"), "1"), "{a: {b: 1}}\n"),
    ],
)
def test_odd_places(found, expected):
    assert found == expected


@pytest.mark.parametrize(
    "edit",
    [
        lambda: set_value(TEXT, ("plan", "nothing"), "1"),
        lambda: set_value(TEXT, ("duties", "b", 7), "1"),
        lambda: set_value(TEXT, ("duties", "a", "must", 0), "a, b"),
        lambda: set_value(TEXT, ("plan", "id"), "a\nb: 1"),
        lambda: set_value(TEXT, ("plan", "id"), "no"),
        lambda: insert_entry(TEXT, ("plan",), "id", "1"),
        lambda: insert_entry(TEXT, ("plan",), "new", "1", before="nothing"),
        lambda: insert_entry(TEXT, ("plan", "id"), "new", "1"),
        lambda: insert_entry(TEXT, ("duties", "d"), "new", "- a\n- b"),
        lambda: remove_entry(TEXT, ()),
        lambda: remove_entry(TEXT, ("nothing",)),
        lambda: set_value("a: [\n", ("a",), "1"),
        lambda: set_value("", ("a",), "1"),
    ],
)
def test_what_cannot_be_done_is_refused(edit):
    with pytest.raises(InputError) as refused:
        edit()
    assert all(p.text("zh") != p.text("en") for p in refused.value.problems)
