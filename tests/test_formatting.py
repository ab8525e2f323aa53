"""Formatting: one form for every way to write a file; nothing lost, nothing changed but order and spacing."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from dutyrules.cli import main
from dutyrules.duties import KINDS
from dutyrules.errors import InputError
from dutyrules.formatting import format_text
from dutyrules.formatting.orders import _DUTY, shape_of
from dutyrules.yamlfile import read_yaml
from perturbations import WAYS, shuffled, windows
from test_docs import files

ROOT = Path(__file__).parents[1]
FILES = sorted(p for d in ("duties", "examples", "tests") for p in (ROOT / d).rglob("*.yaml"))
TEXTS = {p.name: p.read_text(encoding="utf-8") for p in FILES}
# Long files say nothing that short ones do not, and cost the time of many.
SHORT = [t for t in TEXTS.values() if len(t) < 8000]
ODD = (ROOT / "tests" / "formatting" / "odd.txt").read_text(encoding="utf-8")


def data(text: str) -> Any:
    found = read_yaml(text.encode())
    assert not found.problems
    return found.data


def comments(text: str) -> Counter[str]:
    """Every comment, found by a way of its own: what is left of each line when all the scalars are blotted out."""
    blotted = list(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    for token in yaml.scan("".join(blotted), Loader=yaml.CSafeLoader):
        if isinstance(token, yaml.ScalarToken):
            start, end = token.start_mark.index, token.end_mark.index
            if token.style in ("|", ">"):
                start = "".join(blotted).index("\n", start)
            for i in range(start, end):
                blotted[i] = "\n" if blotted[i] == "\n" else "x"
    return Counter(found.rstrip() for found in re.findall(r"#.*", "".join(blotted)))


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Files as they are, and as others might have laid them out."""
    rng = random.Random(draw(st.integers(0, 10**9)))
    text = draw(st.one_of(st.sampled_from(SHORT), st.just(ODD)))
    ways = draw(st.lists(st.sampled_from(WAYS), max_size=3, unique=True))
    for way in sorted(ways, key=lambda w: w is windows):
        text = way(text, rng)
    assume(not read_yaml(text.encode()).problems)
    return text


@given(texts())
def test_formatting_keeps_meaning_and_comments_and_changes_nothing_the_second_time(text):
    found = format_text(text)
    assert data(found) == data(text)
    assert comments(found) == comments(text)
    assert format_text(found) == found


@given(texts())
def test_the_spacing_is_canonical(text):
    found = format_text(text)
    assert found.startswith("\ufeff") == text.startswith("\ufeff")
    assert "\r" not in found
    # What stands in a block scalar belongs to its text.
    if not re.search(r": [|>]", found):
        assert found.endswith("\n") and not found.endswith("\n\n")
        assert not re.search(r"[ \t]\n", found) and "\n\n\n" not in found
        assert not re.search(r"\S[,:]  +[^ #\"\n]", re.sub(r"#.*|\"[^\"\n]*\"", "", found))


@given(st.sampled_from(SHORT), st.integers(0, 10**9))
def test_the_order_of_keys_makes_no_difference(text, seed):
    formatted = format_text(text)
    otherwise = shuffled(formatted, random.Random(seed))
    assert data(otherwise) == data(formatted)
    assert format_text(otherwise) == formatted


@pytest.mark.parametrize("name", TEXTS)
def test_every_file_of_the_project_can_be_formatted(name):
    found = format_text(TEXTS[name])
    assert data(found) == data(TEXTS[name])
    assert comments(found) == comments(TEXTS[name])
    assert format_text(found) == found


def test_names_and_lists_keep_the_order_that_their_author_chose():
    for text in SHORT:
        before, after = data(text), data(format_text(text))
        for section in ("seasons", "roles", "object_types", "events", "duties", "clauses"):
            assert list(before.get(section) or {}) == list(after.get(section) or {})


def test_a_file_in_the_worst_form():
    assert format_text(ODD) == (ROOT / "tests" / "formatting" / "odd-formatted.txt").read_text(encoding="utf-8")


BEFORE = """\
# The plan of an invented county.

duties:
    leader.visit:   # once a month
        at_least: 1 per month
        # who
        role: leader
        clause:   "1"
        summary: {en: The leader visits,zh:  领导到场}
        object_type:
        -  mine
        # not yet built
        -  pond
        for_each: object # each
                         # and every one
        must: inspection


    a.one: {role: leader, clause: "2"}
    a.two: {role: leader, clause: "3"}
    leader.again:
        role: leader
# ---- who there is
roles:
    leader:     {zh: 领导}
    # stands in
    deputy:     {zh: 副职}
dutyrules: 1
plan: {title: {en: Example}, id: example}
# the end
"""
AFTER = """\
# The plan of an invented county.

dutyrules: 1
plan: {id: example, title: {en: Example}}

# ---- who there is
roles:
  leader: {zh: 领导}
  # stands in
  deputy: {zh: 副职}

duties:
  leader.visit:     # once a month
    clause: "1"
    summary: {en: The leader visits, zh: 领导到场}
    # who
    role: leader
    object_type:
      - mine
      # not yet built
      - pond
    must: inspection
    for_each: object  # each
                      # and every one
    at_least: 1 per month

  a.one: {clause: "2", role: leader}
  a.two: {clause: "3", role: leader}

  leader.again:
    role: leader
# the end
"""


def test_the_example_of_the_documents():
    shown = files(ROOT / "docs" / "formatting.md")
    assert format_text(shown["untidy.yaml"]) == shown["tidy.yaml"]


def test_before_and_after():
    assert format_text(BEFORE) == AFTER


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # A comment keeps its column if it has two blanks before it, and the new text leaves it room.
        ("plan:\n    id: x          # c\n    title: w # d\n", "plan:\n  id: x            # c\n  title: w  # d\n"),
        ("plan: {id: x}\nwaivers: []\n", "plan: {id: x}\nwaivers: []\n"),
        ("roles: {a: {deputy: b, en: x, zh: w}}\n", "roles: {a: {en: x, zh: w, deputy: b}}\n"),
        ("persons:\n- {name: A, id: a,}\n", "persons:\n  - {id: a, name: A}\n"),
        ("tenures: [{from: 2026-01-01, area: x, person: a, role: r}]", "tenures: [{role: r, person: a, area: x, from: 2026-01-01}]\n"),
        ("waivers:\n- through: 2\n  id: w\n", "waivers:\n  - id: w\n    through: 2\n"),
        ("plan:\n  note: |+\n    x\n\n\n", "plan:\n  note: |+\n    x\n\n\n"),
        ("duties:\n  a:\n    note: |+\n      x\n  b:\n    role: r\n", "duties:\n  a:\n    note: |+\n      x\n  b:\n    role: r\n"),
        ("plan:\n  note: |\n    x", "plan:\n  note: |\n    x"),
        ("plan:\n    note: |2\n         x  \n       y\n", "plan:\n  note: |2\n       x  \n     y\n"),
        ("plan:\n  id:\n  # a\n    # b\n  title:\n      # c\n", "plan:\n  id:\n  # a\n  # b\n  title:\n    # c\n"),
        ("---\n\nplan: x\n", "---\nplan: x\n"),
        ("tests:\n-\n  # a\n  - # b\n    x: 1\n", "tests:\n  # a\n  # b\n  - - x: 1\n"),
        ('plan:\n  id: "a\\ \n    b"\n', 'plan:\n  id: "a\\ \n    b"\n'),
        ("duties: {a: {within: {after: 1 day, before: 1 day}}}\n", "duties: {a: {within: {before: 1 day, after: 1 day}}}\n"),
        ("plan: {zh, en: , id: }\n", "plan: {id: , zh, en: }\n"),
    ],
)
def test_small_cases(before, after):
    assert format_text(before) == after
    assert format_text(after) == after


def test_every_key_of_a_duty_has_its_place():
    assert {f.alias or n for kind in KINDS.values() for n, f in kind.model_fields.items()} == set(_DUTY)


def test_files_are_told_apart_by_their_keys():
    assert shape_of({"dutyrules": 1, "plan": "../plan.yaml", "tests": []}) == shape_of({"duties": {}})
    assert shape_of({"note": "", "objects": []}).keys[:2] == ("note", "areas")
    assert shape_of({"waivers": []}).keys == ("waivers",)
    assert shape_of({"note": ""}) is None


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("plan:\n  id: no\n", "DR004", 2),
        ("plan: [\n", "DR002", 2),
        ("plan: &a 1\n", "DR005", 1),
        ("", "DR023", 1),
        ("- plan\n", "DR023", 1),
        ("note: x\n", "DR023", 1),
        ("plan:\n  ? id\n  : x\n", "DR024", 2),
        ("plan: {\n  ? id : x}\n", "DR024", 2),
        ("plan: 1\n...\n", "DR024", 2),
        ("%YAML 1.1\n---\nplan: 1\n", "DR024", 1),
    ],
)
def test_what_cannot_be_formatted_is_refused_with_its_place(text, code, line):
    with pytest.raises(InputError) as refused:
        format_text(text)
    (problem,) = refused.value.problems
    assert (problem.code, problem.line) == (code, line)
    assert problem.text("zh") != problem.text("en")


def test_a_layout_that_would_change_the_meaning_is_not_given_out(monkeypatch):
    for spoilt in ("plan: {id: y1}\n", "plan: {id: x, title: 1}\n", "plan: [\n", "plan: {id: x}  # c\n"):
        monkeypatch.setattr("dutyrules.formatting.laid_out", lambda *_, spoilt=spoilt: spoilt)
        with pytest.raises(InputError) as refused:
            format_text("plan: {title: 1, id: x}\n" if "title" not in spoilt else "plan: {id: x}\n")
        assert [p.code for p in refused.value.problems] == ["DR022"]


# --------------------------------------------------------------------------------------------------------- the command


def run(capsys, *args):
    status = main(["fmt", *map(str, args), "--lang", "en"])
    out = capsys.readouterr()
    return status, out.out, out.err


def test_the_command_writes_what_it_changes_and_says_so(capsys, tmp_path):
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_bytes(BEFORE.replace("\n", "\r\n").encode())
    two.write_text(AFTER, encoding="utf-8")
    link = tmp_path / "link.yaml"
    link.symlink_to(one)
    status, out, err = run(capsys, link, two)
    assert (status, err) == (0, "")
    assert out == f"{link}: formatted\n{two}: unchanged\n"
    assert one.read_bytes() == AFTER.encode() and link.is_symlink()


def test_check_writes_nothing(capsys, tmp_path):
    one = tmp_path / "one.yaml"
    one.write_text(BEFORE, encoding="utf-8")
    status, out, _ = run(capsys, "--check", one)
    assert (status, out) == (1, f"{one}: would be formatted\n")
    status, out, _ = run(capsys, "--check", "--diff", one)
    assert status == 1 and '\n-        clause:   "1"\n' in out and '\n+    clause: "1"\n' in out
    assert one.read_text(encoding="utf-8") == BEFORE
    one.write_text(AFTER, encoding="utf-8")
    assert run(capsys, "--check", one)[:2] == (0, f"{one}: unchanged\n")
    one.write_bytes(AFTER.replace("\n", "\r\n").encode())
    assert "\\x0d" in run(capsys, "--diff", one)[1]


def test_faulty_files_are_all_told_and_the_others_written(capsys, tmp_path):
    good, form, latin = tmp_path / "good.yaml", tmp_path / "form.yaml", tmp_path / "latin.yaml"
    good.write_text(BEFORE, encoding="utf-8")
    form.write_text("plan:\n  a: no\n  b: yes\n", encoding="utf-8")
    latin.write_bytes("plan: é\n".encode("latin-1"))
    status, out, err = run(capsys, form, tmp_path / "missing.yaml", good, tmp_path, latin)
    assert (status, out) == (2, f"{good}: formatted\n")
    assert [line.partition(": ")[2][:5] for line in err.splitlines()] == ["DR004", "DR004", "DR001", "DR001", "DR010"]
    assert f"{form}:2:6: DR004" in err and f"{latin}:1: DR010" in err
    assert good.read_text(encoding="utf-8") == AFTER


def test_from_stdin_to_stdout(capsys, monkeypatch):
    import io
    import sys

    def given_in(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="ascii"))

    given_in(BEFORE)
    assert run(capsys, "-") == (0, AFTER, "")
    given_in(BEFORE)
    assert run(capsys, "--check", "-") == (1, "<stdin>: would be formatted\n", "")
    given_in("plan: [\n")
    status, out, err = run(capsys, "-")
    assert (status, out) == (2, "") and err.startswith("<stdin>:2:1: DR002")
