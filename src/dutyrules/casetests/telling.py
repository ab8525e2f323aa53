"""The results of tests and their coverage, as text and as data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from dutyrules._version import version
from dutyrules.casetests.coverage import DutyCoverage, Place, PlanCoverage
from dutyrules.casetests.running import CaseResult, Failure, FileResult
from dutyrules.errors import Problem
from dutyrules.explanation import Explanation
from dutyrules.messages import printable
from dutyrules.reasons import cut_text, near_text, reason_text
from dutyrules.rewriting import quoted
from dutyrules.textual import fit, record_text, width

__all__ = ["coverage_text", "failure_lines", "result_text", "results_document", "results_text"]

_SHOWN = 3
_WORDS = {
    "all_hold": ("{file}: tests: {n}, all hold", "{file}：测试 {n} 项，全部成立"),
    "some_fail": ("{file}: tests: {n}, failed: {failed}", "{file}：测试 {n} 项，{failed} 项不成立"),
    "total": ("tests: {n}; hold: {held}; fail: {failed}", "测试 {n} 项；成立 {held} 项；不成立 {failed} 项"),
    "why": ("why", "理由"),
    "clause": ("clause {clause}: {summary}", "条款 {clause}：{summary}"),
    "counted": ("counted", "已计入"),
    "near": ("nearly counted", "差一点计入"),
    "more": ("… and {n} more", "……另有 {n} 项"),
    "keys": ("keys that nothing expects yet", "尚未写入预期的键"),
    "one_of": ("write one of", "请写其中之一"),
    "nothing": (
        "the duty gives nothing at all here: no object of its types is in scope, or nothing sets it off",
        "此职责在这里没有任何应尽事项：没有在管的对象，或没有触发它的记录",
    ),
    "no_more": ("every obligation of the duty has its key already", "该职责的应尽事项都已有键"),
    "add": ("add", "请补写"),
    "coverage": (
        "{file}: reached by tests: duties {duties}, entries, triggers and steps {places}, clauses {clauses}",
        "{file}：测试已覆盖：职责 {duties}，分项、触发和步骤 {places}，条款 {clauses}",
    ),
    "duty": ("duty", "职责"),
    "place": ("entries, triggers, steps", "分项、触发、步骤"),
    "verdicts": ("verdicts reached", "已得出的结论"),
    "none": ("none", "无"),
    "unreached": ("no test reaches", "没有测试覆盖"),
    "of_duty": ("duty {duty}", "职责 {duty}"),
    "of_clause": ("clause {clause}", "条款 {clause}"),
    "step": ("step {n}", "第 {n} 步"),
    "trigger": ("trigger {n}", "触发 {n}"),
}


def _word(key: str, lang: str, **args: object) -> str:
    return _WORDS[key][lang == "zh"].format(**args)


# ------------------------------------------------------------------------------------------------------------- results


def results_text(files: Sequence[FileResult], bare: Sequence[str], lang: str) -> str:
    """The results for a terminal: each file, each test that fails with its reasons, plans without tests, the total."""
    lines = []
    for file in files:
        failed = [r for r in file.results if not r.holds]
        if file.results:
            word = "some_fail" if failed else "all_hold"
            lines.append(printable(_word(word, lang, file=file.source.file, n=len(file.results), failed=len(failed))))
        for result in failed:
            lines += ["", *result_text(result, lang), ""]
    lines += [Problem("DR711", file=file).text(lang) for file in bare]
    n, failed_tests = sum(len(f.results) for f in files), sum(not r.holds for f in files for r in f.results)
    lines.append(_word("total", lang, n=n, held=n - failed_tests, failed=failed_tests))
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def result_text(result: CaseResult, lang: str) -> list[str]:
    """A test that fails, in lines: its place and name, then each failure with its reasons."""
    lines = [f"{result.file}:{result.line}: {result.case.name.text(lang)}"]
    for failure in result.failures:
        lines.append(f"  {failure.problem.text(lang)}")
        lines += [f"    {line}" for line in failure_lines(failure, lang)]
    return [
        *map(printable, lines),
        *(f"  {p.text(lang)}" for p in result.evaluation.problems),
    ]


def failure_lines(failure: Failure, lang: str) -> list[str]:
    """Why an expectation does not hold, in a few lines."""
    m, e = failure.mismatch, failure.explanation
    if m.kind == "ambiguous":
        return [_line("one_of", _few(m.keys, lang), lang)]
    if e is None and not m.keys:
        return [_word("no_more" if m.owed else "nothing", lang)]
    if e is None:
        return [_line("keys", _few(m.keys, lang), lang)]
    reason = reason_text(e.obligation, lang) + (f" ({cut_text(e.obligation.window.cut, lang)})" if e.obligation.window.cut else "")
    if m.kind == "unexpected":
        return [_line("why", reason, lang), _line("add", f"{quoted(m.key)}: {m.found}", lang)]
    clause = _word("clause", lang, clause=e.obligation.clause, summary=e.summary.text(lang))
    return [_line("why", reason, lang), clause, *_records("counted", [record_text(r) for r in e.evidence], lang), *_nearly(e, lang)]


def _nearly(e: Explanation, lang: str) -> list[str]:
    """The near misses, those inside the window first; of what is done already nobody asks for more."""
    if e.obligation.verdict in ("met", "met_late"):
        return []
    near = sorted(e.near_misses, key=lambda n: n.code == "outside_window")
    return _records("near", [f"{record_text(n.record)}  [{near_text(n.code, lang)}]" for n in near], lang)


def _records(word: str, records: Sequence[str], lang: str) -> list[str]:
    more = [_word("more", lang, n=len(records) - _SHOWN)] if len(records) > _SHOWN else []
    return [_line(word, r, lang) for r in [*records[:_SHOWN], *more]]


def _line(word: str, text: str, lang: str) -> str:
    return f"{_word(word, lang)}{'：' if lang == 'zh' else ': '}{text}"


def _few(items: Sequence[str], lang: str) -> str:
    more = [_word("more", lang, n=len(items) - _SHOWN)] if len(items) > _SHOWN else []
    return ("；" if lang == "zh" else "; ").join([*items[:_SHOWN], *more])


# ------------------------------------------------------------------------------------------------------------- coverage


def coverage_text(plans: Iterable[PlanCoverage], lang: str) -> str:
    """What the tests reach of each plan: a table of its duties, and a list of what no test reaches."""
    return "\n".join("\n".join(_coverage(plan, lang)) for plan in plans) + "\n"


def _coverage(plan: PlanCoverage, lang: str) -> list[str]:
    places = [(d, p) for d in plan.duties for p in d.places]
    missing = [(d, p) for d in plan.duties for p in d.missing]
    clauses = plan.clauses()
    counts = {
        "duties": _of(sum(d.reached for d in plan.duties), len(plan.duties)),
        "places": _of(len(places) - len(missing), len(places)),
        "clauses": _of(sum(clauses.values()), len(clauses)),
    }
    head = [_word(key, lang) for key in ("duty", "place", "verdicts")]
    rows = [[d.duty, _of(len(d.places) - len(d.missing), len(d.places)), ", ".join(d.verdicts) or _word("none", lang)] for d in plan.duties]
    sizes = [max(width(printable(row[i])) for row in [head, *rows]) for i in (0, 1)]
    table = ["  ".join([fit(row[0], sizes[0]), fit(row[1], sizes[1]), row[2]]).rstrip() for row in [head, *rows]]
    lines = ["", printable(_word("coverage", lang, file=plan.file, **counts)), "", *table]
    left = _unreached(plan, lang)
    return [*lines, "", _line("unreached", "", lang).rstrip(), *(f"  {line}" for line in left)] if left else lines


def _unreached(plan: PlanCoverage, lang: str) -> list[str]:
    lines = []
    for d in plan.duties:
        at = f"{plan.file}:{d.line}: " if d.line else ""
        if not d.reached:
            lines.append(f"{at}{_word('of_duty', lang, duty=d.duty)}")
        else:
            lines += [f"{at}{_word('of_duty', lang, duty=d.duty)}, {place_text(p, lang)}" for p in d.missing]
    lines += [_word("of_clause", lang, clause=c) for c, reached in plan.clauses().items() if not reached]
    return [printable(line) for line in lines]


def place_text(place: Place, lang: str) -> str:
    """A place in a duty in words: ``at_least flood``, ``step 2``, ``trigger 1``."""
    if len(place) == 2 and isinstance(place[1], int):
        return _word("step" if place[0] == "steps" else "trigger", lang, n=place[1] + 1)
    return " ".join(map(str, place))


def _of(some: int, all_: int) -> str:
    return f"{some}/{all_}"


# ----------------------------------------------------------------------------------------------------------------- data


def results_document(
    files: Sequence[FileResult], bare: Sequence[str], plans: Sequence[PlanCoverage] | None, lang: str
) -> dict[str, Any]:
    """The results as plain data; messages are in the language asked for."""
    n, failed = sum(len(f.results) for f in files), sum(not r.holds for f in files for r in f.results)
    found: dict[str, Any] = {
        "dutyrules": version(),
        "tests": n,
        "held": n - failed,
        "failed": failed,
        "without_tests": list(bare),
        "files": [
            {"file": f.source.file, "plans": [p.plan.id for p in f.source.plans], "tests": [_result(r, lang) for r in f.results]}
            for f in files
            if f.results
        ],
    }
    if plans is not None:
        found["coverage"] = [_plan(p) for p in plans]
    return found


def _result(result: CaseResult, lang: str) -> dict[str, Any]:
    return {
        "name": result.case.name.model_dump(exclude_none=True),
        "line": result.line,
        "holds": result.holds,
        "failures": [_failed(f, lang) for f in result.failures],
    }


def _failed(failure: Failure, lang: str) -> dict[str, Any]:
    m, p, e = failure.mismatch, failure.problem, failure.explanation
    return {
        "line": p.line,
        "column": p.column,
        "code": p.code,
        "message": Problem(p.code, p.args).text(lang).removeprefix(f"{p.code} "),
        "kind": m.kind,
        "duty": m.duty,
        "key": m.key,
        "expected": m.expected,
        "found": m.found,
        "obligation": e.obligation.id if e else None,
        "reason": reason_text(e.obligation, lang) if e else None,
        "evidence": [r.id for r in e.evidence] if e else [],
        "near_misses": [{"record": n.record.id, "code": n.code} for n in e.near_misses] if e else [],
        "keys": list(m.keys),
    }


def _plan(plan: PlanCoverage) -> dict[str, Any]:
    return {
        "file": plan.file,
        "plan": plan.plan,
        "duties": [_duty(d) for d in plan.duties],
        "unreached": {
            "duties": [d.duty for d in plan.duties if not d.reached],
            "places": [[d.duty, *p] for d in plan.duties for p in d.missing],
            "clauses": [c for c, reached in plan.clauses().items() if not reached],
        },
    }


def _duty(d: DutyCoverage) -> dict[str, Any]:
    return {"duty": d.duty, "clause": d.clause, "line": d.line, "places": [[*p] for p in d.places], "verdicts": list(d.verdicts)}
