"""The command ``read``: what it prints in each form, and what it says to a faulty call."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dutyrules import load_plan
from dutyrules.cli import main
from dutyrules.cli.reading import _cell, _wrapped
from dutyrules.sentences import sentence
from dutyrules.textual import width

ROOT = Path(__file__).parents[1]
PLAN = str(ROOT / "duties" / "xixia-mines-2026h1.yaml")


def run(capsys, *args):
    try:
        status = main(["read", *args])
    except SystemExit as stop:
        status = stop.code
    out = capsys.readouterr()
    assert "Traceback" not in out.err + out.out
    return status, out.out, out.err


def squeezed(text):
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_duty_is_read_within_the_terminals_width(capsys, monkeypatch, lang):
    monkeypatch.setenv("COLUMNS", "80")
    plan = load_plan(PLAN)
    status, out, err = run(capsys, PLAN, "--lang", lang)
    assert (status, err) == (0, "")
    assert max(map(width, out.splitlines())) <= 80
    for name, duty in plan.duties.items():
        assert f"{name}  {duty.clause}\n" in out
        assert squeezed(sentence(plan, name, lang)) in squeezed(out) and squeezed(duty.summary.text(lang)) in squeezed(out)
        for reading in duty.reading:
            told = squeezed(out)
            assert squeezed(reading.of) in told and squeezed(str(reading.means)) in told
            assert all(squeezed(str(a.means)) in told for a in reading.alternatives)


def test_both_languages_and_chosen_duties(capsys):
    status, out, _ = run(capsys, PLAN, "village.check", "county.lead", "village.check", "--both")
    assert status == 0
    assert re.findall(r"^\S+", out, re.MULTILINE) == ["village.check", "county.lead"]
    assert "must carry out" in out and "开展检查" in out


def test_json_holds_sentences_and_readings(capsys):
    status, out, _ = run(capsys, PLAN, "township.patrol", "--both", "--format", "json")
    (found,) = json.loads(out)
    plan = load_plan(PLAN)
    assert status == 0
    assert found["sentence"] == {lang: sentence(plan, "township.patrol", lang) for lang in ("zh", "en")}
    assert (found["id"], found["clause"]) == ("township.patrol", "四(二)4")
    assert found["readings"][1]["alternatives"] == ["anyone sent by the township"]


def rows(markdown):
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in markdown.splitlines() if line.startswith("|")]


def test_markdown_is_a_sheet_with_room_for_the_plans_words(capsys):
    status, out, _ = run(capsys, PLAN, "--format", "markdown", "--lang", "zh")
    head, rule, *body = rows(out)
    plan = load_plan(PLAN)
    assert status == 0 and len(head) == len(rule) == 6 and len(body) == len(plan.duties)
    for (name, duty), cells in zip(plan.duties.items(), body, strict=True):
        assert [c.strip() for c in cells][:3] == [duty.clause, _cell(name), ""]
        assert cells[3].strip() == _cell(sentence(plan, name, "zh")) and cells[5].strip() == ""


HOSTILE = "a|b\n\n# h <script>alert(1)</script> [x](javascript:y) ![i](http://i) **b** `c` \\| www.x.org m@x.org ~~s~~ $m$"


def test_a_label_cannot_break_out_of_the_sheet(capsys, tmp_path):
    plan = {
        "dutyrules": 1,
        "plan": {"id": "p", "title": {"en": HOSTILE}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
        "roles": {"leader": {"en": HOSTILE}},
        "object_types": {"pond": {"en": HOSTILE}},
        "events": {"inspection": {"en": HOSTILE}},
        "duties": {
            "d": {
                "clause": HOSTILE, "summary": {"en": HOSTILE}, "role": "leader", "object_type": "pond", "must": "inspection",
                "for_each": "object", "at_least": "1 per month", "reading": {"of": HOSTILE, "means": HOSTILE, "alternatives": [HOSTILE]},
            },
        },
    }  # fmt: skip
    (tmp_path / "plan.yaml").write_text(yaml.safe_dump(plan), encoding="utf-8")
    status, out, err = run(capsys, str(tmp_path / "plan.yaml"), "--format", "markdown", "--both")
    assert (status, err) == (0, "")
    assert [len(r) for r in rows(out)] == [6, 6, 6]
    assert len([line for line in out.splitlines() if line.startswith("#")]) == 1
    assert not re.search(r"<(?!br>)|(?<!\\)[\[\]*`~$]|http:|www\.|@", out)


@given(st.text(alphabet="ab|\\`*_[]<>&#~$@:/.\n\t wWhHtTpP矿，\x1b", max_size=40))
def test_what_a_cell_shows_is_the_text(text):
    cell = _cell(text)
    assert not re.search(r"[<>\n\x1b]", cell)
    assert not re.search(r"(?<!\\)(?:\\\\)*[|`*_\[\]~$]", re.sub(r"\\[|`*_\[\]#~$\\]", "", cell))
    shown = re.sub(r"\\([\\`*_\[\]#|~$])", r"\1", cell)
    for entity, sign in (("&#58;", ":"), ("&#46;", "."), ("&#64;", "@"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        shown = shown.replace(entity, sign)
    assert shown == " ".join(text.split()).replace("\x1b", "\\x1b")


@given(st.text(alphabet="ab 1矿月，。（）“”(),.", max_size=200), st.integers(20, 60))
def test_wrapping_loses_nothing_and_fits(text, total):
    lines = _wrapped("  → ", text, total)
    assert squeezed("".join(lines)) == squeezed("→" + text)
    assert all(width(line) <= total or not re.search(r"\s", line.strip().removeprefix("→ ")) for line in lines)
    assert not any(re.match(r"\s*[，。）”]", line) for line in lines[1:] if squeezed(line) != squeezed(text))


def test_a_faulty_call_is_told_and_exits_2(capsys, tmp_path):
    status, out, err = run(capsys, PLAN, "township.patrl", "x", "--lang", "en")
    assert (status, out) == (2, "") and "did you mean 'township.patrol'?" in err and "'x'" in err
    status, out, err = run(capsys, PLAN, "township.patrl", "--lang", "zh")
    assert (status, out) == (2, "") and "是否指 'township.patrol'" in err
    (tmp_path / "faulty.yaml").write_text(Path(PLAN).read_text(encoding="utf-8").replace("role: office", "role: ofice"), encoding="utf-8")
    (tmp_path / "empty.yaml").write_text("", encoding="utf-8")
    for file, code in (("faulty.yaml", "DR103"), ("empty.yaml", "DR008"), ("none.yaml", "DR001"), ("", "DR001")):
        status, out, err = run(capsys, str(tmp_path / file))
        assert (status, out) == (2, "") and code in err
    for wrong in ("roster.yaml", "history.csv", "waivers.yaml"):
        assert run(capsys, str(ROOT / "examples" / "xixia" / wrong))[:2] == (2, "")
