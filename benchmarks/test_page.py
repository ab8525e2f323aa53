"""The page about speed shows the run it says it shows: ``python -m pytest benchmarks``."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from page import PAGE, PICTURE, RESULTS, renewed, tables
from targets import targets


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return json.loads(RESULTS.read_text(encoding="utf-8"))


def test_the_page_shows_the_results(found) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page, found) == page


def test_every_table_has_its_place(found) -> None:
    places = re.findall(r"<!-- measured: (\w+) -->", PAGE.read_text(encoding="utf-8"))
    assert sorted(places) == sorted(tables(found))
    assert PICTURE.is_file()


def test_a_table_is_put_into_its_place(found) -> None:
    page = "a\n<!-- measured: about -->\n```text\nold\nolder\n```\nb\n```text\nkept\n```\n"
    assert renewed(page, found) == f"a\n<!-- measured: about -->\n```text\n{tables(found)['about']}\n```\nb\n```text\nkept\n```\n"


def test_a_target_is_met_up_to_its_aim() -> None:
    imports = {"import dutyrules": {"ratio": {"median": 1.3}}}
    (met,) = targets({"sizes": {}, "growth": {}, "imports": imports})
    assert met.met
    tiny = {"dutyrules": {"median": 0.0006}, "numpy": {"median": 0.0003}, "duckdb": {"median": 0.01}}
    assert [(t.measured, t.met) for t in targets({"sizes": {}, "growth": {}, "tiny": tiny})] == [
        (pytest.approx(0.6), False), (pytest.approx(2), True), (pytest.approx(0.06), False)
    ]  # fmt: skip


def test_nothing_is_said_of_what_was_not_measured() -> None:
    assert list(targets({"sizes": {}, "growth": {}})) == []
