"""Writing what was found into the tests: what is changed, what is left alone, and the laws of it for whatever can be drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dutyrules.casebook import case_inputs, observed
from dutyrules.casetests import load_source, run_file, updated
from dutyrules.casetests.running import FileResult
from dutyrules.errors import InputError
from dutyrules.plan import Plan
from dutyrules.plantests import Words, case_faults
from dutyrules.rewriting import quoted
from dutyrules.strategies import Case, cases
from dutyrules.verdicts import VERDICTS
from dutyrules.yamlfile import read_yaml
from test_casefaults import HEAD, PLAN
from test_casetests import CASE, put, run


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DUTYRULES_LANG", "en")
    (tmp_path / "plan.yaml").write_text(PLAN)
    return tmp_path


# What is changed in CASE, and the lines below `expect:` after the update.
UPDATES = [
    ("02-28: violated", "02-28: met", ["2026-01-01 .. 2026-01-31: met", "2026-02-01 .. 2026-02-28: violated    # nobody came"]),
    ("        2026-01-01 .. 2026-01-31: met\n", "", ["2026-01-01 .. 2026-01-31: met", "2026-02-01 .. 2026-02-28: violated    # nobody came"]),
    (
        "2026-02-01 ..",
        "2026-02-02 ..",
        ["2026-01-01 .. 2026-01-31: met", "# nobody came", "2026-02-01 .. 2026-02-28: violated"],
    ),
    (
        "    # nobody came\n",
        "\n        2026-03-01 .. 2026-03-31: pending  # not yet\n",
        ["2026-01-01 .. 2026-01-31: met", "2026-02-01 .. 2026-02-28: violated", "# not yet"],
    ),
    (
        "object: mine-a}]",
        "object: mine-a}, {role: leader, bearer: leader-1, object: mine-b}]",
        [
            "# nobody came",
            "mine-a 2026-01-01 .. 2026-01-31: met",
            "mine-a 2026-02-01 .. 2026-02-28: violated",
            "mine-b 2026-01-01 .. 2026-01-31: violated",
            "mine-b 2026-02-01 .. 2026-02-28: violated",
        ],
    ),
]


@pytest.mark.parametrize(("old", "new", "lines"), UPDATES)
def test_only_what_differs_is_written(folder, capsys, old, new, lines):
    assert old in CASE
    before = CASE.replace(old, new, 1)
    put(before)
    status, out, err = run(capsys, "a.dutytest.yaml", "--update")
    after = Path("a.dutytest.yaml").read_text(encoding="utf-8")
    assert (status, err) == (0, "")
    head = HEAD + before[: before.index("      patrol:\n")] + "      patrol:\n"
    assert after.startswith(head) and [line.strip() for line in after[len(head) :].splitlines()] == lines
    assert out.startswith("--- a.dutytest.yaml\n+++ a.dutytest.yaml\n@@") and out.endswith("tests: 1; hold: 1; fail: 0\n")
    changed = [line[1:] for line in out.splitlines() if line[:1] == "+" and not line.startswith("+++")]
    assert all(line in after.splitlines() for line in changed) and changed


def test_a_file_whose_tests_hold_is_not_touched(folder, capsys):
    put(CASE.replace("violated    #", "violated #").replace("by: leader-1", "by:  leader-1"))
    before = Path("a.dutytest.yaml").stat()
    assert run(capsys, "a.dutytest.yaml", "--update")[0] == 0
    after = Path("a.dutytest.yaml").stat()
    assert (before.st_mtime_ns, before.st_ino) == (after.st_mtime_ns, after.st_ino)


@pytest.mark.parametrize("empty", ["patrol:", "patrol:   # all of it", "patrol: {}", "patrol: {}  # all of it", "{patrol: {}}"])
def test_a_duty_that_is_only_named_is_filled(folder, capsys, empty):
    entries = CASE[CASE.index("      patrol:") :]
    put(CASE.replace(entries, f"      {empty}\n"))
    assert run(capsys, "a.dutytest.yaml", "--update")[0] == 0
    text = Path("a.dutytest.yaml").read_text(encoding="utf-8")
    assert ("# all of it" in text) == ("# all of it" in empty)
    assert not [line for line in text.splitlines() if line != line.rstrip()]
    expect = read_yaml(text.encode()).data["tests"][0]["expect"]
    assert expect == {"patrol": {"2026-01-01 .. 2026-01-31": "met", "2026-02-01 .. 2026-02-28": "violated"}}
    if not empty.startswith("{"):
        assert "\n        2026-01-01 .. 2026-01-31: met\n        2026-02-01 .. 2026-02-28: violated" in text


def test_windows_lines_a_byte_order_mark_and_a_missing_last_line_end_stay(folder, capsys):
    text = (HEAD + CASE.replace("01-31: met", "01-31: violated")).rstrip("\n").replace("\n", "\r\n")
    Path("a.dutytest.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert run(capsys, "a.dutytest.yaml", "--update")[0] == 0
    assert Path("a.dutytest.yaml").read_bytes() == b"\xef\xbb\xbf" + text.replace("01-31: violated", "01-31: met").encode()


def test_breaches_are_written_too(folder, capsys):
    put(CASE + '    breaches:\n      patrol:\n        2026-01-01 .. 2026-01-31: []\n        2026-02-01 .. 2026-02-28:   # one\n        - "2026-02-28 .."\n')
    assert run(capsys, "a.dutytest.yaml", "--update")[0] == 0
    text = Path("a.dutytest.yaml").read_text(encoding="utf-8")
    assert text.endswith('      patrol:\n        2026-01-01 .. 2026-01-31: []\n        2026-02-01 .. 2026-02-28: ["2026-03-01T00:00 .."]   # one\n')


def test_json_and_the_changes_do_not_mix(folder, capsys):
    put(CASE.replace("01-31: met", "01-31: violated"))
    status, out, err = run(capsys, "a.dutytest.yaml", "--update", "--format", "json")
    assert status == 0 and out.startswith("{") and err.startswith("---")


# ----------------------------------------------------------------------------------------------------------------- laws


def as_test(case: Case) -> dict[str, Any]:
    """A drawn case as a test, without the records and waivers that name what is not there."""
    plain = case.to_dict()
    roster = plain["roster"]
    test = {
        "name": {"en": "drawn"},
        "areas": roster.get("areas", []),
        "objects": roster.get("objects", []),
        "roster": roster.get("tenures", []),
        "history": plain.get("history", []),
        "waivers": plain.get("waivers", []),
        **{k: plain[k] for k in ("complete_through", "as_of", "known_at") if k in plain},
    }
    words = Words.of([case.plan])
    while faulty := {p.path[2:4] for p in case_faults([test], words) if p.path[2] in ("history", "waivers", "complete_through")}:
        for part in ("history", "waivers"):
            test[part] = [row for i, row in enumerate(test[part]) if (part, i) not in faulty]
        if any(path[0] == "complete_through" for path in faulty):
            del test["complete_through"]
    return test


def plan_text(case: Case) -> str:
    """The plan of a drawn case, with the case as its test, which expects nothing yet of each duty."""
    plan = {k: v for k, v in case.plan.to_dict().items() if k != "tests"}
    test = yaml.safe_dump([as_test(case)], allow_unicode=True, sort_keys=False, width=1000)
    inside = "".join(f"  {line}\n" for line in test.splitlines())
    expect = "".join(f"      # before {d}\n      {d}: {{}}  # beside {d}\n" for d in case.plan.duties)
    return f"# the head\n{yaml.safe_dump(plan, allow_unicode=True, sort_keys=False)}tests:  # one\n{inside}    expect:\n{expect}# the end\n"


def ran(text: str, folder: Path) -> FileResult:
    file = folder / "drawn.yaml"
    file.write_text(text, encoding="utf-8")
    return run_file(load_source(str(file)))


def comments(text: str) -> list[str]:
    return sorted(line[line.index("#") :].strip() for line in text.splitlines() if "# " in line)


def breaches_of_nothing(result: FileResult) -> list[str]:
    """Lines that say of every obligation that it has no breach."""
    lines = ["    breaches:"]
    for duty in result.results[0].case.expect:
        lines.append(f"      {duty}:  # breaches of {duty}")
        keys = observed(result.results[0].evaluation, duty)
        lines += [f"        {quoted(key)}: []  # breach {duty} {i}" for i, key in enumerate(keys)]
    return lines


FEW = settings(max_examples=min(12, settings.default.max_examples))  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("drawn")


@FEW
@given(cases())
def test_a_test_that_was_filled_from_nothing_holds(place: Path, case: Case) -> None:
    text = plan_text(case)
    result = ran(text, place)
    filled = updated(text, result)
    after = ran(filled, place)
    assert after.holds
    assert updated(filled, after) == filled
    assert comments(filled) == comments(text)
    assert filled.startswith(text[: text.index("    expect:\n")]) and filled.endswith("# the end\n")
    assert all(set(observed(after.results[0].evaluation, d)) == set(keys) for d, keys in after.results[0].case.expect.items())


@FEW
@given(cases(), st.randoms(use_true_random=False))
def test_a_test_that_was_spoilt_is_mended_and_nothing_else_is_changed(place: Path, case: Case, random: Any) -> None:
    text = plan_text(case)
    filled = updated(text, ran(text, place))
    lines, spans = [], []
    for line in filled.splitlines():
        indent = len(line) - len(line.lstrip())
        if indent == 8 and line.rstrip().split("  #")[0].endswith(tuple(f": {v}" for v in VERDICTS)) and "    expect:" in lines:
            key, _, rest = line.strip().rpartition(": ")
            verdict, _, comment = rest.partition("  #")
            what = random.choice(["keep", "keep", "spoil", "drop", "rename"])
            if what == "drop" and not comment:
                continue
            verdict = random.choice(VERDICTS) if what == "spoil" else verdict
            key = f"{key.strip(chr(34))} gone" if what == "rename" and chr(92) not in key else key
            key = f'"{key}"' if what == "rename" and chr(92) not in key else key
            number = len(spans)
            spans.append(number)
            comment = comment or f" note {number}"
            line = f"        {key}: {verdict}  #{comment}"
        lines.append(line)
    lines[-1:] = [*breaches_of_nothing(ran(filled, place)), lines[-1]]
    spoilt = "\n".join(lines) + "\n"
    result = ran(spoilt, place)
    mended = updated(spoilt, result)
    after = ran(mended, place)
    assert after.holds
    written = [span for keys in after.results[0].case.breaches.values() for spans in keys.values() for span in spans]
    assert len(written) == len(after.results[0].evaluation.violations)
    assert updated(mended, after) == mended
    assert comments(mended) == comments(spoilt)
    head = spoilt[: spoilt.index("    expect:\n")]
    assert mended.startswith(head) and mended.endswith("# the end\n")
    if result.holds:
        assert mended == spoilt


@FEW
@given(cases())
def test_a_drawn_case_means_the_same_as_a_test(place: Path, case: Case) -> None:
    text = plan_text(case)
    source = load_source(str(_written(place, text)))
    roster, history, waivers = case_inputs(source.plans, source.tests[0])
    assert [o.id for o in roster.objects][: len(case.roster.objects)] == [o.id for o in case.roster.objects]
    assert {r.id for r in history.records} <= {r.id for r in case.history.records}
    assert set(waivers) <= set(case.waivers)
    plan: Plan = source.plans[0]
    assert Plan.model_validate(plan.to_dict()) == plan


def _written(folder: Path, text: str) -> Path:
    (folder / "drawn.yaml").write_text(text, encoding="utf-8")
    return folder / "drawn.yaml"


def test_an_edit_that_cannot_be_made_is_told_at_its_place(folder):
    put(CASE.replace("01-31: met", "01-31: violated"))
    result = run_file(load_source("a.dutytest.yaml"))
    with pytest.raises(InputError, match=r"a\.dutytest\.yaml"):
        updated("tests: []\n", result)
