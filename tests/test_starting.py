"""``init``: what an author starts from is sound, follows the last plan, and never writes over anything."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dutyrules.casebook import run_case
from dutyrules.cli import main
from dutyrules.engine import evaluate
from dutyrules.errors import InputError
from dutyrules.loading import load_history, load_plan, load_roster
from dutyrules.starting import from_plan

ROOT = Path(__file__).parents[1]
LAST = str(ROOT / "duties" / "xixia-mines-2026h1.yaml")


def test_a_new_folder_is_sound_and_shows_every_kind_of_verdict_it_speaks_of(tmp_path, capsys):
    folder = tmp_path / "new" / "plan"
    assert main(["init", str(folder)]) == 0
    plan, roster = load_plan(folder / "plan.yaml"), load_roster(folder / "roster.yaml")
    assert all(run_case(plan, case) == [] for case in plan.tests)
    result = evaluate(plan, roster, load_history(folder / "history.csv"), as_of=date(2026, 6, 30))
    assert result.warnings == () and {"met", "violated", "pending"} <= set(result.counts())
    modeline = (folder / "plan.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert (folder / modeline.partition("$schema=")[2]).exists()


def test_nothing_is_written_over(tmp_path, capsys):
    (tmp_path / "roster.yaml").write_text("mine\n")
    assert main(["init", str(tmp_path), "--lang", "zh"]) == 2
    assert "DR012" in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["roster.yaml"]
    assert main(["init", str(tmp_path / "roster.yaml" / "x")]) == 2
    assert "DR001" in capsys.readouterr().err


def test_a_new_issue_follows_the_last_plan_and_keeps_its_duties_comments_and_tests(tmp_path):
    assert main(["init", str(tmp_path), "--from", LAST]) == 0
    old, new = load_plan(LAST), load_plan(tmp_path / "plan.yaml")
    assert (tmp_path / "previous.yaml").read_text(encoding="utf-8") == Path(LAST).read_text(encoding="utf-8")
    assert (new.plan.id, new.plan.follows, new.plan.in_force.from_) == ("xixia-mines-2026h2", old.plan.id, date(2026, 7, 1))
    assert (new.plan.number, new.plan.issued, new.tests) == (None, None, ())
    assert new.duties == old.duties and new.clauses == old.clauses
    written = "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "plan.yaml", tmp_path / "plan.dutytest.yaml"))
    comments = [line.strip() for line in Path(LAST).read_text(encoding="utf-8").splitlines() if line.strip().startswith("#")]
    assert [c for c in comments if c not in written] == []


@pytest.mark.parametrize(
    ("last", "expected"), [("a-2026h1", "a-2026h2"), ("a-2026h2", "a-2027h1"), ("a-2026H2", "a-2027h1"), ("a", "a-next"), ("b-h2", "b-h1")]
)
def test_the_next_id(tmp_path, last, expected):
    file = tmp_path / "last.yaml"
    file.write_text(Path(LAST).read_text(encoding="utf-8").replace("id: xixia-mines-2026h1", f"id: {last}"), encoding="utf-8")
    assert from_plan(str(file)).id == expected


def test_ids_and_days_that_cannot_be_are_refused(tmp_path):
    with pytest.raises(InputError, match="DR013"):
        from_plan(LAST, in_force=date(2026, 4, 16))
    with pytest.raises(InputError, match="DR104"):
        from_plan(LAST, new_id="9 lives")
    with pytest.raises(InputError, match="DR001"):
        from_plan(str(tmp_path / "none.yaml"))
    assert from_plan(LAST, in_force=date(2026, 8, 1)).in_force == date(2026, 8, 1)
