"""Faulty inputs: one clear problem for each fault, at its place, all at once, and never a traceback."""

from __future__ import annotations

import pytest

from dutyrules.errors import InputError
from dutyrules.loading import load_history, load_plan, load_roster, load_waivers
from dutyrules.messages import FAULTS, MESSAGES

PLAN = """\
dutyrules: 1
plan:
  id: test
  title: {en: Test}
  in_force: {from: 2026-01-01}
  timezone: Asia/Shanghai
seasons:
  flood: {every_year: {from: 05-15, through: 09-30}}
calendar: {working_days: china}
roles:
  leader: {en: Leader}
object_types:
  mine: {en: Mine}
events:
  visit: {en: Visit, attributes: {signed: boolean, colour: [blue, red]}}
duties:
  patrol:
    clause: 1
    summary: {en: Visits}
    role: leader
    object_type: mine
    must: visit
    for_each: object
    at_least: {flood: 1 per month, non_flood: 1 per quarter}
    cut_windows: full
""".replace("clause: 1", 'clause: "1"')


def faults(tmp_path, text, load=load_plan, name="plan.yaml"):
    file = tmp_path / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        load(file)
    for p in caught.value.problems:
        assert p.text("zh") and p.text("en") and p.file == str(file)
    return [(p.line, p.column, p.code) for p in caught.value.problems]


def test_a_sound_plan_loads(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(PLAN)
    assert list(load_plan(file).duties) == ["patrol"]


# What is changed, what it becomes, and the place and code of the fault: found by counting lines and columns in PLAN.
ONE_FAULT = [
    ("must: visit", "must: vist", (22, 5, "DR103")),
    ("    for_each: object\n", "", (17, 3, "DR102")),
    ("for_each: object", "for_eech: object", (23, 5, "DR101")),
    ("1 per month", "one per month", (24, 16, "DR104")),
    ("    cut_windows: full\n", "", (17, 3, "DR115")),
    ("cut_windows: full", "cut_windows: half", (25, 5, "DR104")),
    ("role: leader", "role: leeder", (20, 5, "DR103")),
    ("object_type: mine", "object_type: pond", (21, 5, "DR103")),
    ("{flood: 1 per month, non_flood", "{flod: 1 per month, non_flood", (24, 16, "DR103")),
    ("from: 2026-01-01", "from: 2026-02-30", (5, 14, "DR104")),
    ("timezone: Asia/Shanghai", "timezone: Asia/Xixia", (6, 3, "DR104")),
    ("from: 05-15", "from: 05-32", (8, 24, "DR104")),
    ("{en: Leader}", "{en: yes}", (11, 16, "DR004")),
    ("{en: Leader}", "{}", (11, 3, "DR104")),
    ("{en: Leader}", "{en: Leader, zh: 12:30}", (11, 28, "DR004")),
    ("clause: \"1\"", "clause: 1.10", (18, 13, "DR004")),
    ("clause: \"1\"", "clause: 4", (18, 5, "DR104")),
    ("    role: leader\n", "    role: leader\n    role: leader\n", (21, 5, "DR003")),
    ("must: visit", "must: visit\n    where: {colour: green}", (23, 13, "DR116")),
    ("must: visit", "must: visit\n    where: {signed: {at_least: true}}", (23, 13, "DR117")),
    ("must: visit", "must: visit\n    where: {sined: true}", (23, 13, "DR103")),
    ("must: visit", "must: &a visit", (22, 11, "DR005")),
    ("flood: 1 per month, non_flood: 1 per quarter", "flood: 1 per month, always: 1 per year", (24, 36, "DR113")),
    ("flood: 1 per month, non_flood: 1 per quarter", "flood: 0 per month", (24, 16, "DR123")),
    ("flood: 1 per month, non_flood: 1 per quarter", "flood: 1", (24, 16, "DR114")),
    ("at_least: {flood: 1 per month, non_flood: 1 per quarter}", "at_least: 1 per season", (24, 5, "DR121")),
    ("calendar: {working_days: china}", "calendar: {}", None),
    ("{en: Test}", "{en: Inspect, then report}", (4, 24, "DR107")),
    ("must: visit", "must: visit\n    personal: true\n    may_be_done_by: leader", (24, 5, "DR131")),
    ("must: visit", "must: visit\n    covers: every_object", (23, 5, "DR130")),
    ("must: visit", "must: visit\n    adds_to: patrol", (23, 5, "DR126")),
    ("must: visit", "must: visit\n    may_be_done_by: deputy", (23, 5, "DR112")),
    ("{signed: boolean,", "{lasted_minutes: number, signed: boolean,", (15, 35, "DR129")),
]


@pytest.mark.parametrize(("old", "new", "fault"), ONE_FAULT)
def test_one_fault_is_found_at_its_place(tmp_path, old, new, fault):
    assert old in PLAN
    text = PLAN.replace(old, new, 1)
    if fault is None:
        file = tmp_path / "plan.yaml"
        file.write_text(text)
        load_plan(file)
    else:
        assert faults(tmp_path, text) == [fault]


def test_ten_faults_are_told_at_once(tmp_path):
    changes = [
        ("title: {en: Test}", "titel: {en: Test}"),
        ("from: 2026-01-01", "from: 1 January"),
        ("from: 05-15", "from: 5-15"),
        ("working_days: china", "working_days: chine"),
        ("{en: Leader}", "{en: off}"),
        ("    role: leader", "    role: leader\n    role: other"),
        ("object_type: mine", "object_type: myne"),
        ("must: visit", "must: vizit"),
        ("1 per quarter", "1 per quartre"),
        ("cut_windows: full", "cut_windows: fool"),
    ]
    text = PLAN + PLAN[PLAN.index("  patrol:") :].replace("patrol:", "second:").replace("must: visit", "must: vissit")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    found = faults(tmp_path, text)
    lines = {line for line, _, _ in found}
    assert {4, 5, 8, 9, 11, 21, 22, 25, 26, 32} <= lines
    assert len(found) >= 10


def test_a_faulty_quantity_hides_no_other_fault_of_its_duty(tmp_path):
    for quantity in ("at_least: once a month", "at_least: {flood: once a month}", "at_most: twice"):
        old = "at_least: {flood: 1 per month, non_flood: 1 per quarter}"
        text = PLAN.replace(old, quantity).replace("role: leader", "role: leeder").replace("must: visit", "must: vist")
        assert [code for _, _, code in faults(tmp_path, text)] == ["DR103", "DR103", "DR104"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (b"", "DR008"),
        (b"\xff\xfe\x00", "DR010"),
        (b"a: [1, 2", "DR002"),
        (b"a: b: c", "DR002"),
        (b"\t- x", "DR002"),
        (b"a: 1\n---\nb: 2\n", "DR007"),
        (b"[" * 5000 + b"]" * 5000, "DR006"),
        (b"a: &x [1]\nb: [*x, *x]\n", "DR005"),
        (b"a: !!python/object/apply:os.system ['true']\n", "DR005"),
        (b"- 1\n", "DR104"),
        (b"just text\n", "DR104"),
        (b"a: \x00\n", "DR002"),
    ],
)
def test_unreadable_yaml_is_a_problem_and_nothing_else(tmp_path, text, code):
    assert code in {c for _, _, c in faults(tmp_path, text)}


def test_a_full_width_colon_is_named(tmp_path):
    found = faults(tmp_path, PLAN.replace("role: leader", "role： leader"))
    assert (20, 9, "DR009") in found


def test_a_fault_of_form_hides_no_other_fault_of_the_same_duty(tmp_path):
    text = PLAN.replace('clause: "1"', "clause: 4").replace("role: leader", "role: leadr").replace("must: visit", "must: vist")
    assert [code for _, _, code in faults(tmp_path, text)] == ["DR104", "DR103", "DR103"]


def test_a_missing_file_is_told():
    for load in (load_plan, load_roster, load_waivers, load_history):
        with pytest.raises(InputError, match="DR001"):
            load("no-such-file.yaml")


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + PLAN.replace("\n", "\r\n").encode())
    assert list(load_plan(file).duties) == ["patrol"]


ROSTER = """\
areas: [{id: county}, {id: town, within: county}]
objects:
  - {id: m1, type: mine, area: town, states: [{state: open, from: 2026-01-01, through: 2026-03-31}, {state: shut, from: 2026-04-01}]}
persons: [{id: p1, name: 甲}]
tenures:
  - {role: leader, person: p1, object: m1, from: 2026-01-01}
"""


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("person: p1", "person: p2", (6, 20, "DR103")),
        ("object: m1, from", "object: m2, from", (6, 32, "DR103")),
        ("object: m1, from", "from", (6, 5, "DR104")),
        ("area: town, states", "area: twon, states", (3, 26, "DR103")),
        ("from: 2026-04-01}", "from: 2026-03-31}", (3, 101, "DR205")),
        ("{id: county}", "{id: county, within: town}", (1, 22, "DR204")),
        ("{id: town,", "{id: county,", (1, 24, "DR203")),
        ("from: 2026-01-01}\n", "from: 2026-01-01, through: 2025-01-01}\n", (6, 5, "DR104")),
        ("{id: m1,", "{id: a/b,", (3, 6, "DR104")),
    ],
)
def test_roster_faults_are_found_at_their_place(tmp_path, old, new, fault):
    assert old in ROSTER
    found = faults(tmp_path, ROSTER.replace(old, new, 1), load_roster, "roster.yaml")
    assert fault in found


def test_history_rows_are_named(tmp_path):
    text = (
        "id,time,date,event,object,by,until,extra\n"
        "r1,2026-01-05T09:00,,visit,m1,p1,,\n"
        "r2,2026-13-05,,visit,m1,p1,,\n"
        "r3,,,visit,m1,p1,,\n"
        "r4,2026-01-05,2026-01-05,visit,m1,p1,,\n"
        "r1,2026-01-05,,visit,m1,p1,,\n"
        "r6,2026-01-05,,,m1,p1,,\n"
        "r7,2026-01-05T10:00,,visit,m1;;m2,p1,,\n"
        "r8,2026-01-05T10:00,,visit,m1,p1,2026-01-05T09:00,\n"
        "r9,2026-01-05T10:00,,visit\n"
        "r10,,2026-01-05T10:00,visit,m1,p1,,\n"
        'r11,2026-01-06T10:00,,visit,m1,p1,,"two\nlines"\n'
        "r12,20260105,,visit,m1,p1,,\n"
    )
    found = faults(tmp_path, text, load_history, "h.csv")
    assert [(line, code) for line, _, code in found] == [
        (3, "DR302"), (4, "DR301"), (5, "DR305"), (6, "DR308"), (7, "DR301"), (8, "DR304"), (9, "DR306"), (10, "DR310"),
        (11, "DR302"), (14, "DR302"),
    ]  # fmt: skip


def test_bad_rows_can_be_set_aside_and_none_is_lost(tmp_path):
    file, aside = tmp_path / "h.jsonl", tmp_path / "bad.jsonl"
    file.write_text('{"id": "a", "event": "visit", "time": "2026-01-05"}\nnot json\n{"id": "b", "event": "visit"}\n[1]\n')
    history = load_history(file, skip_bad_rows=aside)
    assert [r.id for r in history.records] == ["a"]
    assert len(aside.read_text().splitlines()) == 3
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("header", ["id,event", "time,event", "id,id,event,time", "id,event,time,", ""])
def test_a_header_that_lacks_a_column_is_told(tmp_path, header):
    found = faults(tmp_path, header + "\n1,2,3,4\n", load_history, "h.csv")
    assert found[0][2] == "DR311"


def test_messages_exist_in_both_languages_and_take_the_same_arguments():
    import string

    def fields(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for en, zh in MESSAGES.values():
        assert fields(en) == fields(zh)
    for _, en, zh in FAULTS.values():
        assert fields(en) == fields(zh)
