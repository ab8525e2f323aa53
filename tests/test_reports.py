"""Reports: the same problems for a person, a program, and the hosts of code."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from string import Formatter

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutyrules.catalogue import entry
from dutyrules.errors import Problem
from dutyrules.messages import MESSAGES
from dutyrules.reports import FORMATS, render
from dutyrules.reports.excerpts import excerpt, lines_of
from dutyrules.reports.places import level
from dutyrules.textual import width

PARTS = json.loads((Path(__file__).parent / "sarif-parts.json").read_text(encoding="utf-8"))
ROOT = PurePosixPath("/home/office/plans")
FAULT = Problem("DR103", {"kind": "role", "value": "leeder", "near": "leader"}, "plan.yaml", 3, 9, ("duties", "patrol", "role"))
TEXT = "duties:\n  patrol:\n    role: leeder\n"


def sarif(problems, lang="en", sources=None, root=ROOT):
    log = json.loads(render(problems, "sarif", lang, sources, root))
    jsonschema.Draft202012Validator(PARTS).validate(log)
    return log["runs"][0]


# ------------------------------------------------------------------------------------------------------------- text


def test_text_is_that_of_a_compiler_with_the_line_and_a_caret():
    assert render([FAULT], "text", "en", {"plan.yaml": TEXT}) == (
        "plan.yaml:3:9: DR103 no role is called 'leeder' (did you mean 'leader'?)\n   3 |     role: leeder\n     |         ^\n"
    )
    assert render([FAULT], "text", "zh").startswith("plan.yaml:3:9: DR103 没有名为 'leeder' 的角色")


@pytest.mark.parametrize(
    ("line", "column", "shown", "caret"),
    [
        ("\trole: x", 2, "    role: x", 4),
        ("{zh: 乡镇领导, en: x}", 11, "{zh: 乡镇领导, en: x}", 14),
        ("a: \x1b[31mred", 10, "a: \\x1b[31mred", 12),
        ("a: \u202ecba", 5, "a: \\x202ecba", 9),
        ("key： x", 4, "key： x", 3),
        ("e\u0301: x", 5, "e\u0301: x", 3),
    ],
)
def test_the_caret_stands_under_the_column_as_a_terminal_shows_it(line, column, shown, caret):
    assert excerpt([line], 1, column) == [f"   1 | {shown}", "     | " + " " * caret + "^"]


def test_where_there_is_nothing_to_show_nothing_is_shown():
    assert excerpt(["x"], None, None) == excerpt(["x"], 2, 1) == excerpt([" "], 1, 1) == excerpt([], 1, 1) == excerpt(["x"], 0, 1) == []
    assert excerpt(["x: 1"], 1, None) == ["   1 | x: 1"]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.integers(1, 320))
def test_a_line_of_any_length_and_content_fits_and_shows_its_place(text, column):
    lines = lines_of(text)
    for number in range(1, len(lines) + 1):
        shown = excerpt(lines, number, column)
        assert all(line.isprintable() and width(line) <= 130 for line in shown)
        if shown:
            code, mark = shown
            at = len(mark) - 1
            rest = lines[number - 1][column - 1 :]
            its = width(code) > at
            assert its or not rest.strip() or not rest[0].isprintable() or width(rest[0]) == 0


def test_long_lines_are_cut_on_both_sides():
    code, mark = excerpt(["x" * 500 + "HERE" + "y" * 500], 1, 501)
    assert code[len(mark) - 1 :].startswith("HERE") and code.endswith("…") and code[7] == "…" and len(code) < 130


def test_a_line_of_a_million_signs_takes_no_time():
    code, mark = excerpt(["矿" * 1_000_000], 1, 900_001)
    assert width(code) < 130 and mark.endswith("^")


def test_lines_are_those_of_the_parser():
    from dutyrules.yamlfile import read_yaml

    text = "\ufeffa: 1\r\nb: '\u2028'\rc: x\x85d: yes\n"
    (problem,) = read_yaml(text.encode()).problems
    assert problem.line is not None and "d: yes" in excerpt(lines_of(text), problem.line, problem.column)[0]


# ------------------------------------------------------------------------------------------------------------- JSON


def test_json_holds_all_that_is_known():
    (row,) = json.loads(render([FAULT], "json"))
    assert row == {
        "file": "plan.yaml", "line": 3, "column": 9, "code": "DR103", "level": "error",
        "message": "DR103 no role is called 'leeder' (did you mean 'leader'?)",
        "args": {"kind": "role", "value": "leeder", "near": "leader"}, "path": ["duties", "patrol", "role"],
    }  # fmt: skip
    assert render([], "json") == "[]\n"
    (row,) = json.loads(render([Problem("DR405", {"kind": "object", "names": "a: b", "count": 1})], "json"))
    assert row["message"].startswith("DR405 not in the roster") and row["file"] is None


# ------------------------------------------------------------------------------------------------------------ SARIF


def every_code():
    """A problem of every code, with arguments that hold what has a meaning of its own in SARIF."""
    found = []
    for n, code in enumerate(sorted(MESSAGES), 1):
        names = [name for _, name, _, _ in Formatter().parse(MESSAGES[code][0]) if name]
        found.append(Problem(code, dict.fromkeys(names, "{0} [y](z)"), "plan.yaml", n, 1))
    return found


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sarif_has_a_rule_for_every_code_and_a_result_for_every_problem(lang):
    problems = every_code()
    run = sarif(problems, lang)
    rules = run["tool"]["driver"]["rules"]
    assert [rules[r["ruleIndex"]]["id"] for r in run["results"]] == [r["ruleId"] for r in run["results"]] == [p.code for p in problems]
    assert len({rule["id"] for rule in rules}) == len(rules) == len(problems)
    for rule in rules:
        told = entry(rule["id"])
        assert rule["fullDescription"]["text"].replace("{{", "{").replace("}}", "}") == told.meaning[lang]
        assert rule["help"]["text"].replace("{{", "{").replace("}}", "}").startswith(told.cure[lang])
    assert {r["level"] for r in run["results"] if not r["ruleId"].startswith("DR5")} == {"error"}
    assert {r["level"] for r in run["results"] if r["ruleId"].startswith("DR5")} <= {"warning"}
    assert run["language"] == {"en": "en", "zh": "zh-CN"}[lang] and run["columnKind"] == "unicodeCodePoints"
    # Nothing that a plan holds becomes a link or a placeholder.
    assert not any("](" in r["message"]["text"].replace("\\](", "") for r in run["results"])


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("plan.yaml", {"uri": "plan.yaml", "uriBaseId": "%SRCROOT%"}),
        ("./a/../尾矿库 1.yaml", {"uri": "%E5%B0%BE%E7%9F%BF%E5%BA%93%201.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/home/office/plans/2026/p.yaml", {"uri": "2026/p.yaml", "uriBaseId": "%SRCROOT%"}),
        ("../other/p.yaml", {"uri": "file:///home/office/other/p.yaml"}),
        ("/srv/p.yaml", {"uri": "file:///srv/p.yaml"}),
    ],
)
def test_sarif_names_files_from_the_root(file, place):
    (result,) = sarif([Problem("DR008", {"expected": "a plan"}, file, 1)])["results"]
    assert result["locations"] == [{"physicalLocation": {"artifactLocation": place, "region": {"startLine": 1}}}]


def test_a_problem_without_a_place_has_no_location():
    found = sarif([Problem("DR403", {"value": "x"}), Problem("DR001", {"why": "gone"}, "p.yaml")])["results"]
    assert "locations" not in found[0] and "region" not in found[1]["locations"][0]["physicalLocation"]
    assert sarif([])["results"] == []


def prints(problems, text, lang="en"):
    return [r["partialFingerprints"]["dutyrules/v1"] for r in sarif(problems, lang, {"plan.yaml": text})["results"]]


def moved(p, lines, **args):
    return Problem(p.code, {**p.args, **args}, p.file, p.line + lines, p.column, p.path)


def test_fingerprints_survive_moved_lines_and_another_language():
    (first,) = prints([FAULT], TEXT)
    assert prints([moved(FAULT, 4)], "# one\n" * 4 + TEXT) == [first]
    assert prints([FAULT], TEXT, "zh") == [first]
    assert prints([moved(FAULT, 0, near="loader")], TEXT) == [first]
    twice = Problem("DR003", {"key": "role", "line": 2}, "plan.yaml", 3, 5)
    assert prints([twice], TEXT) == prints([moved(twice, 4, line=6)], "# one\n" * 4 + TEXT)


def test_fingerprints_tell_problems_apart():
    others = [
        Problem("DR118", FAULT.args, "plan.yaml", 3, 9, FAULT.path),
        Problem("DR103", {**FAULT.args, "value": "ledder"}, "plan.yaml", 3, 9, FAULT.path),
        Problem("DR103", FAULT.args, "other.yaml", 3, 9, FAULT.path),
        Problem("DR103", FAULT.args, "plan.yaml", 3, 9, ("duties", "visit", "role")),
        Problem("DR103", FAULT.args, "plan.yaml", 2, 3, FAULT.path),
        FAULT,
    ]
    found = prints([FAULT, *others], TEXT)
    assert len(set(found)) == len(found)


# ----------------------------------------------------------------------------------------------------------- GitHub


def test_github_commands_are_escaped():
    problem = Problem("DR001", {"why": "100%:\r\nno, never"}, "a,b:c%.yaml", 7, 2)
    assert render([problem], "github") == (
        "::error file=a%2Cb%3Ac%25.yaml,line=7,col=2,title=DR001::cannot be read: 100%25:\\x0d%0Ano, never\n"
    )
    assert render([Problem("DR403", {"value": "x"})], "github") == "::error title=DR403::two plans are called 'x'\n"
    assert render([FAULT], "github", root=ROOT).startswith("::error file=plan.yaml,")


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_github_command_is_one_line_that_can_be_taken_apart(why, file):
    command = render([Problem("DR001", {"why": why}, file, 1, 1)], "github")
    assert command.endswith("\n") and not set(command[:-1]) & {"\n", "\r"}
    properties, _, _ = command.removeprefix("::error ").partition("::")
    assert [p.partition("=")[0] for p in properties.split(",")] == ["file", "line", "col", "title"]


def test_findings_are_warnings_and_faults_are_errors():
    assert (level(Problem("DR501")), level(Problem("DR103")), level(Problem("DR401"))) == ("warning", "error", "error")


def test_another_format_is_an_error():
    with pytest.raises(KeyError):
        render([FAULT], "xml")
    assert [bool(render([FAULT], format)) for format in FORMATS] == [True] * 4
