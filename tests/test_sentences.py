"""Sentences say all that a duty says, and nothing else; the reviewed ones are kept as data.

``python tests/test_sentences.py`` writes the sentences of every plan under ``duties`` and ``tests/regimes``, and of a
plan that uses every option, anew into ``tests/sentences``, to be reviewed as a diff.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dutyrules.duties import KINDS
from dutyrules.duties.ahead import AheadDuty
from dutyrules.duties.chain import ChainDuty
from dutyrules.duties.counting import CountDuty
from dutyrules.duties.keeping import KeepDuty
from dutyrules.duties.response import ResponseDuty, Within
from dutyrules.duty import BaseDuty
from dutyrules.errors import InputError
from dutyrules.loading import load_plan
from dutyrules.plan import Plan
from dutyrules.sentences import chinese_kinds, english_kinds, sentence
from dutyrules.strategies import plans

ROOT = Path(__file__).parents[1]
EVERY_OPTION = ROOT / "tests" / "sentences" / "every-option.yaml"
FILES = [*sorted(p for folder in ("duties", "tests/regimes") for p in (ROOT / folder).glob("*.yaml")), EVERY_OPTION]
PLANS = {p.relative_to(ROOT).as_posix(): load_plan(p) for p in FILES}
LANGS = ("en", "zh")
DUTIES = [pytest.param(plan, name, id=f"{file}: {name}") for file, plan in PLANS.items() for name in plan.duties]


# ------------------------------------------------------------------------------------------------------------- reviewed


def kept(lang: str) -> Path:
    return ROOT / "tests" / "sentences" / f"{lang}.json"


def current(lang: str) -> dict[str, dict[str, str]]:
    return {file: {name: sentence(plan, name, lang) for name in plan.duties} for file, plan in PLANS.items()}


@pytest.mark.parametrize("lang", LANGS)
def test_sentences_are_the_reviewed_ones(lang: str) -> None:
    assert json.loads(kept(lang).read_text(encoding="utf-8")) == current(lang)


def test_every_kind_has_a_sentence_in_both_languages() -> None:
    for kind in KINDS.values():
        for language in (english_kinds, chinese_kinds):
            assert language._read.dispatch(kind) is not language._read.dispatch(BaseDuty)


def test_a_kind_without_a_sentence_says_so() -> None:
    plan = next(iter(PLANS.values()))
    nameless = BaseDuty(clause="1", summary={"en": "x"}, object_type="pond")
    for lang in LANGS:
        with pytest.raises(InputError, match="BaseDuty"):
            sentence(plan.model_copy(update={"duties": {"x": nameless}}), "x", lang)


YAML_WORDS = re.compile(
    r"\b(for_each|at_least|at_most|in_any|half_year|ten_days|working_days|non_\w+|cut_windows|skip_below|adds_to|must_not|one_episode|"
    r"until_lapsed|lapses_with|not_before|unspecified|if_missed|gaps_up_to|every_object|one_of|lasted_minutes)\b|None|[{}\[\]]"
)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("plan", "name"), DUTIES)
def test_it_is_one_sentence_without_words_of_the_notation(plan: Plan, name: str, lang: str) -> None:
    text = sentence(plan, name, lang)
    stop = "." if lang == "en" else "。"
    assert text.endswith(stop) and not re.search(r"[.。!?！？](\s|$)|。.", text[:-1]) and not YAML_WORDS.search(text)
    assert not re.search(r"  |,,|, [,;.:]|;;|\(\)|（）|，，|，；|；；|：：", text)
    if lang == "zh":
        assert not re.search(r"[,;:()]", text)


# ------------------------------------------------------------------------------------------------------------- faithful

SAID_ELSEWHERE = {"clause", "summary", "severity", "note", "reading", "accepted"}
"""What a duty holds besides its meaning."""


def _rolls(within: Within | None) -> bool:
    return bool(within and within.after and not within.after.exact and within.after.unit != "working_days")


def meaning(duty: BaseDuty) -> Any:
    """What a duty means: its fields, without those that change nothing where they stand, and with defaults filled in."""
    data = duty.model_dump(mode="json", exclude=SAID_ELSEWHERE)
    if getattr(duty, "for_each", None) != "area":
        data.pop("area_type", None)
    if isinstance(duty, CountDuty):
        owed = any(q.per for q in (duty.at_least or {}).values())
        data["cut_windows"] = (data["cut_windows"] or "full") if owed else None
        if not any(q.per for _, _, q in duty.quantities()):
            data["between"] = None
        if duty.at_least is None:
            data["late"] = None
    if isinstance(duty, (ResponseDuty, AheadDuty)):
        data["at_least"] = None if data["at_least"] == "1" else data["at_least"]
    if isinstance(duty, ResponseDuty):
        if not _rolls(duty.within):
            data["roll"] = None
        if duty.before:
            data["before"]["opens"] = None
    if isinstance(duty, ChainDuty):
        steps = [*zip(data["steps"], duty.steps, strict=True), *([(data["if_missed"], duty.if_missed)] if duty.if_missed else [])]
        for i, (shown, step) in enumerate(steps):
            del shown["summary"]
            if not _rolls(step.within):
                shown["roll"] = None
            if i == 0 or step is duty.if_missed:
                shown["starts"] = None
    if isinstance(duty, KeepDuty) and duty.keep.post:
        data["may_be_done_by"] = None
    return type(duty).__name__, _unordered(data)


def _unordered(value: Any, key: str = "") -> Any:
    """Lists of which any one will do, without their order; a list of one as its value."""
    if isinstance(value, dict):
        return {k: _unordered(v, k) for k, v in value.items()}
    if isinstance(value, list) and key != "steps":
        return sorted((_unordered(v) for v in value), key=repr)
    return [_unordered(v) for v in value] if isinstance(value, list) else value


UNITS = ("minute", "hour", "day", "working day", "week", "month", "year")
PERIODS = ("day", "week", "ten_days", "month", "quarter", "half_year", "year")
POLICIES: dict[str, tuple[Any, ...]] = {
    "for_each": ("object", "bearer", "area"),
    "cut_windows": ("full", "prorate", "skip", "merge", {"skip_below": "1/2"}, {"skip_below": "1/3"}),
    "starts": ("done", "due"),
    "roll": ("none", "forward"),
    "area_type": ("county", "town"),
    "unit": ("events", "days", "working_days", "hours"),
    "one_episode": ("until_lapsed", "5 hours"),
    "within": ("unspecified", "5 hours", "5 days", "5 working days", {"before": "5 days", "after": "5 days"}, {"before": "5 days"}),
}
ADDED: dict[str, Any] = {
    **{key: values[-1] for key, values in POLICIES.items() if key not in ("for_each", "unit", "within")},
    "late": "accepted", "personal": True, "apart": "5 days", "between": {"from_day": 2, "through_day": 9}, "covers": "every_object",
    "while": {"state": "flooded"}, "where": {"lasted_minutes": {"at_least": 45}}, "gaps_up_to": "4 days", "not_before": "1 hour",
    "at_most": "90 per year", "at_least": "2 days", "by": "4 days", "opens": "4 weeks", "or_by": "rectify_by",
}  # fmt: skip
COMPARISONS = ("at_least", "at_most", "over", "under")
ROLES, EVENTS, TIMES, ATTRIBUTES = "roles", "events", "times", "attributes"
NAMES = {
    "role": ROLES, "post": ROLES, "may_be_done_by": ROLES, "object_type": "object_types", "adds_to": "duties",
    **dict.fromkeys(("must", "must_not", "event", "staffed", "trigger", "starts_with", "lapses_with", "until"), EVENTS),
    **dict.fromkeys(("during", "season"), TIMES), **dict.fromkeys(("attribute", "or_by", "case", "from"), ATTRIBUTES),
}  # fmt: skip


def names(plan: Plan) -> dict[str, list[str]]:
    """The names of a plan by what they name."""
    kinds = [*plan.events.values(), *plan.object_types.values()]
    return {
        ROLES: [*plan.roles, "deputy"], "object_types": list(plan.object_types), EVENTS: list(plan.events),
        "duties": list(plan.duties), TIMES: [*plan.season_keys(), *plan.calendar.named_periods],
        ATTRIBUTES: sorted({a for k in kinds for a in k.attributes} | {"state", "lasted_minutes"}),
    }  # fmt: skip


def changed(value: Any, key: str, known: dict[str, list[str]]) -> Iterator[Any]:
    """Every value that differs from this one in a single place."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, (int, float)):
        yield value + 1
        yield value - 1
    elif isinstance(value, str):
        for found in re.finditer(r"\d+", value):
            for other in (int(found[0]) + 1, int(found[0]) - 1):
                yield f"{value[: found.start()]}{str(other).zfill(len(found[0]))}{value[found.end() :]}"
        for unit in re.finditer(r"\b(working day|minute|hour|day|week|month|year|quarter|half_year|ten_days)", value):
            for other in (*UNITS, *PERIODS):
                yield f"{value[: unit.start()]}{other}{value[unit.end() :]}"
        for word, other in (("per", "in any"), ("in any", "per"), (" per", " days per"), (" days", ""), (" days", " working days")):
            if word in value:
                yield value.replace(word, other)
        yield from known.get(NAMES.get(key, ""), ())
        if key not in NAMES:
            yield from known["words"]
    elif isinstance(value, list):
        for i, item in enumerate(value):
            if len(value) > 1:
                yield value[:i] + value[i + 1 :]
            yield from ([*value[:i], other, *value[i + 1 :]] for other in changed(item, key, known))
    elif isinstance(value, dict):
        for k, item in value.items():
            if k in SAID_ELSEWHERE:
                continue
            yield {x: y for x, y in value.items() if x != k}
            others = [*COMPARISONS, *known[TIMES], *known[ATTRIBUTES]] if key in ("where", "while", "at_least", "at_most") or k in COMPARISONS else []
            yield from ({(o if x == k else x): y for x, y in value.items()} for o in others if o not in value)
            yield from ({**value, k: other} for other in changed(item, k, known))
        if key in ("", "before"):
            yield from ({**value, k: added} for k, added in ADDED.items() if k not in value)
    yield from POLICIES.get(key, ())


def mutants(plan: Plan, name: str) -> Iterator[tuple[dict[str, Any], Plan]]:
    """Sound plans in which the duty differs from what it was in a single place, and means something else."""
    data = plan.to_dict()
    needed = {name, getattr(plan.duties[name], "adds_to", None)}
    data["duties"] = {k: v for k, v in data["duties"].items() if k in needed}
    data.pop("tests", None)
    data.pop("clauses", None)
    data["calendar"] = {"working_days": "china", **data.get("calendar", {})}
    before = meaning(plan.duties[name])
    known = {**names(plan), "words": ["red", "orange", "another"]}
    seen = []
    for other in changed(data["duties"][name], "", known):
        try:
            found = Plan.model_validate({**data, "duties": {**data["duties"], name: deepcopy(other)}})
        except ValidationError:
            continue
        its = meaning(found.duties[name])
        if its != before and its not in seen and not list(found.faults()):
            seen.append(its)
            yield other, found


@pytest.mark.parametrize(("plan", "name"), DUTIES)
def test_a_change_of_any_field_changes_the_sentence(plan: Plan, name: str) -> None:
    before = {lang: sentence(plan, name, lang) for lang in LANGS}
    count = 0
    for data, mutant in mutants(plan, name):
        count += 1
        for lang in LANGS:
            assert sentence(mutant, name, lang) != before[lang], data
    assert count >= 5


@given(plans(), st.randoms(use_true_random=False))
def test_duties_that_differ_in_meaning_have_different_sentences(plan: Plan, random: Any) -> None:
    for name, duty in plan.duties.items():
        for other, its in plan.duties.items():
            if meaning(duty) != meaning(its):
                for lang in LANGS:
                    assert sentence(plan, name, lang) != sentence(plan, other, lang)
    name = random.choice(sorted(plan.duties))
    for data, mutant in mutants(plan, name):
        for lang in LANGS:
            assert sentence(mutant, name, lang) != sentence(plan, name, lang), data


def numbers(value: Any) -> Iterator[str]:
    """The numbers of a duty, apart from those in dates and names."""
    if isinstance(value, dict):
        for k, v in value.items():
            # A greatest gap is between single records; its count of one is not written.
            if k not in SAID_ELSEWHERE and not (k == "count" and "every" in value):
                yield from numbers(v)
    elif isinstance(value, list):
        for v in value:
            yield from numbers(v)
    elif isinstance(value, str):
        yield from re.findall(r"(?<![\w.-])\d+(?![\w.-])", value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(int(value)) if value == int(value) else str(value)


NUMBER_WORDS = {"once": "1", "twice": "2"}


def _tells_its_numbers(plan: Plan, name: str) -> None:
    wanted = set(numbers(meaning(plan.duties[name])[1]))
    for lang in LANGS:
        text = sentence(plan, name, lang)
        found = {*re.findall(r"\d+(?:\.\d+)?", text), *(n for w, n in NUMBER_WORDS.items() if w in text)}
        assert wanted <= found, text


@given(plans())
def test_every_number_of_a_duty_is_in_its_sentence(plan: Plan) -> None:
    for name in plan.duties:
        _tells_its_numbers(plan, name)


@pytest.mark.parametrize(("plan", "name"), DUTIES)
def test_every_number_of_a_reviewed_duty_is_in_its_sentence(plan: Plan, name: str) -> None:
    _tells_its_numbers(plan, name)


def turned(value: Any) -> Any:
    """Plain data with the keys of every mapping the other way round."""
    if isinstance(value, dict):
        return {k: turned(v) for k, v in reversed(value.items())}
    return [turned(v) for v in value] if isinstance(value, list) else value


def _says_the_same_turned(plan: Plan, path: Path) -> None:
    data = {k: v for k, v in plan.to_dict().items() if k != "tests"}
    text = yaml.safe_dump(turned(data), allow_unicode=True, sort_keys=False)
    path.write_text("".join(f"{line}   # {i}\n" if line.endswith(":") else f"{line}\n" for i, line in enumerate(text.splitlines())), encoding="utf-8")
    other = load_plan(path)
    for name in plan.duties:
        for lang in LANGS:
            assert sentence(other, name, lang) == sentence(plan, name, lang)


@pytest.mark.parametrize("file", PLANS)
def test_order_of_keys_and_comments_change_nothing(file: str, tmp_path: Path) -> None:
    _says_the_same_turned(PLANS[file], tmp_path / "plan.yaml")


@given(plans())
def test_order_of_keys_changes_nothing(plan: Plan) -> None:
    other = load_plan(turned(plan.to_dict()))
    assert all(sentence(other, name, lang) == sentence(plan, name, lang) for name in plan.duties for lang in LANGS)


# ---------------------------------------------------------------------------------------------------------------- words


BASE = {
    "clause": "1", "summary": {"en": "x"}, "role": "leader", "object_type": "pond", "must": "inspection", "for_each": "object",
    "at_least": "1 per month",
}  # fmt: skip


def small(**changes: Any) -> Plan:
    """A plan with one duty, ``d``."""
    frame: dict[str, Any] = {
        "dutyrules": 1,
        "plan": {"id": "p", "title": {"en": "P"}, "in_force": {"from": "2026-01-01"}, "timezone": "Asia/Shanghai"},
        "roles": {"leader": {"zh": "包保领导", "en": "Leader"}},
        "object_types": {"pond": {"zh": "尾矿库", "en": "Pond"}},
        "events": {"inspection": {"zh": "检查", "en": "Inspection"}},
        "duties": {"d": {**BASE, **changes.get("duty", {})}},
    }
    return load_plan({**frame, **{k: v for k, v in changes.items() if k != "duty"}})


def test_labels_that_read_alike_are_told_apart_by_their_names() -> None:
    events = {"inspection": {"zh": "检查", "en": "Inspection"}, "visit": {"zh": "检查", "en": "inspection"}}
    told = {lang: {sentence(small(events=events, duty={"must": e}), "d", lang) for e in events} for lang in LANGS}
    assert all(len(texts) == 2 for texts in told.values())
    assert "（" not in sentence(small(), "d", "zh")


def test_a_label_is_borrowed_from_the_other_language() -> None:
    plan = small(events={"inspection": {"zh": "检查"}}, roles={"leader": {"en": "Leader"}})
    assert "“检查”" in sentence(plan, "d", "en") and "Leader须" in sentence(plan, "d", "zh")


@pytest.mark.parametrize("lang", LANGS)
def test_which_types_a_condition_is_about_is_clear(lang: str) -> None:
    two = ["mine", "pond"]
    own = {"while": {"state": "producing"}}
    kinds = [
        {"mine": {"en": "Mine", "zh": "矿", **(own if first else {})}, "pond": {"en": "Pond", "zh": "库", **(own if second else {})}}
        for first, second in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]
    told = [sentence(small(object_types=k, duty={"object_type": two, **w}), "d", lang) for k in kinds for w in ({}, own)]
    assert len(set(told)) == 8


@pytest.mark.parametrize(
    ("season", "zh", "en"),
    [
        ({"every_year": {"from": "05-15", "through": "09-30"}}, "非汛期（10月1日至次年5月14日）", "(1 October to 14 May)"),
        ({"every_year": {"from": "12-01", "through": "02-end"}}, "非汛期（3月1日至11月30日）", "(1 March to 30 November)"),
        ({"every_year": {"from": "03-01", "through": "10-31"}}, "非汛期（11月1日至次年2月底）", "(1 November to the end of February)"),
        ({"every_year": {"from": "12-01", "through": "02-28"}}, "（除12月1日至次年2月28日以外）", "(all days but 1 December to 28 February)"),
        ({"every_year": {"from": "05-10", "through": "08-20"}, "snap": "month"}, "（9月1日至次年4月30日）", "(1 September to 30 April)"),
        (
            {"every_year": {"from": "05-15", "through": "09-30"}, "in_year": {2026: {"through": "10-10"}}},
            "（除5月15日至9月30日，另定2026年5月15日至10月10日以外）",
            "(all days but 15 May to 30 September, by decision 15 May to 10 October 2026)",
        ),
    ],
)
def test_the_rest_of_the_year_has_its_dates(season: dict[str, Any], zh: str, en: str) -> None:
    plan = small(seasons={"flood": season}, duty={"at_least": {"non_flood": "1 per month"}, "cut_windows": "full"})
    assert zh in sentence(plan, "d", "zh") and en in sentence(plan, "d", "en")


@pytest.mark.parametrize(
    "duty",
    [
        {"must": None, "at_least": None, "keep": {"post": "deputy"}},
        {"must": None, "at_least": None, "case": "no", "starts_with": "found", "steps": [{"role": "deputy", "must": "found", "within": "1 day"}]},
    ],
)
def test_a_role_called_deputy_must_be_declared_like_any_other(duty: dict[str, Any]) -> None:
    events = {"found": {"en": "found", "attributes": {"no": "text"}}}
    whole = {k: v for k, v in {**BASE, **duty}.items() if v is not None}
    with pytest.raises(InputError, match="no role is called 'deputy'"):
        small(events=events, duties={"d": whole})


def test_signs_that_steer_a_terminal_do_not_pass() -> None:
    plan = small(roles={"leader": {"en": "Lead\x1b[31mer\nx", "zh": "领\x07导"}})
    assert "\x1b" not in sentence(plan, "d") and "\n" not in sentence(plan, "d") and "\x07" not in sentence(plan, "d", "zh")


if __name__ == "__main__":
    for language in LANGS:
        text = json.dumps(current(language), ensure_ascii=False, indent=1) + "\n"
        if not kept(language).exists() or kept(language).read_text(encoding="utf-8") != text:
            kept(language).write_text(text, encoding="utf-8")
            print(kept(language).relative_to(ROOT))
