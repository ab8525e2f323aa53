"""Writing what was found into the tests themselves, for review: only ``expect`` and ``breaches``, and of them only what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

from dutyrules.casebook import keys_of, observed, observed_breaches
from dutyrules.casetests.running import CaseResult, FileResult
from dutyrules.errors import InputError
from dutyrules.rewriting import BOM, LOADER, insert_entry, quoted, remove_entry, set_value
from dutyrules.yamlfile import read_yaml

__all__ = ["updated"]

Path = tuple[str | int, ...]


def updated(text: str, file: FileResult) -> str:
    """The text of a file of tests with the verdicts and breaches that were found.

    A wrong verdict is replaced, a missing key is added in the order of time, a key without an obligation (or with several)
    is removed. All comments stay. Where everything holds, nothing is changed.

    Raises:
        InputError: an edit cannot be made by itself.
    """
    bom = BOM if text.startswith(BOM) else ""
    text = text.removeprefix(BOM)
    try:
        for result in file.results:
            for duty, keys in result.case.expect.items():
                text = _expect(text, ("tests", result.number, "expect", duty), keys, result, duty)
            for duty, spans in result.case.breaches.items():
                text = _breaches(text, ("tests", result.number, "breaches", duty), spans, result, duty)
    except InputError as error:
        raise InputError(file.source.places.placed(error.problems)) from None
    return bom + text


def _expect(text: str, path: Path, expected: Mapping[str, str], result: CaseResult, duty: str) -> str:
    found = observed(result.evaluation, duty)
    order = [o.id for o in found.values()]
    names = {k: order.index(o.id) for o in found.values() for k in keys_of(o)}
    kept: dict[int, str] = {}
    stale: list[str] = []
    for key, verdict in expected.items():
        fits = [o for o in found.values() if key in keys_of(o)]
        if len(fits) != 1:
            stale.append(key)
            continue
        kept[names[key]] = key
        if fits[0].verdict != verdict:
            text = set_value(text, (*path, key), fits[0].verdict)
    missing = {i: (key, o.verdict) for i, (key, o) in enumerate(found.items()) if i not in kept}
    if missing and not expected:
        return _filled(text, path, list(missing.values()))
    for i, (key, found_verdict) in missing.items():
        after = next((kept[n] for n in range(i + 1, len(order)) if n in kept), None)
        text = insert_entry(text, path, key, found_verdict, before=after)
        kept[i] = key
    for key in stale:
        text = _keeping_comments(text, (*path, key), lambda t, key=key: remove_entry(t, (*path, key)))  # type: ignore[misc]
    return text


def _breaches(text: str, path: Path, expected: Mapping[str, Sequence[str]], result: CaseResult, duty: str) -> str:
    wrong = {f.mismatch.key: f.mismatch for f in result.failures if f.mismatch.kind == "breaches" and f.mismatch.duty == duty}
    for key in expected:
        place = (*path, key)
        if key not in wrong:
            continue
        obligation = wrong[key].obligation
        if obligation is None:
            text = _keeping_comments(text, place, lambda t, place=place: remove_entry(t, place))  # type: ignore[misc]
        else:
            spans = "[" + ", ".join(map(quoted, observed_breaches(result.evaluation, obligation))) + "]"
            text = _keeping_comments(text, place, lambda t, place=place, spans=spans: set_value(t, place, spans))  # type: ignore[misc]
    return text


def _filled(text: str, path: Path, entries: Sequence[tuple[str, str]]) -> str:
    """Entries in place of nothing: one to a line where the mapping may stand so, otherwise within braces."""
    line, column = read_yaml(text.encode()).marks[path]
    newline = "\r\n" if "\r\n" in text else "\n"
    block = "".join(f"{newline}{' ' * (column + 1)}{quoted(key)}: {verdict}" for key, verdict in entries)
    try:
        text = set_value(text, path, block)
    except InputError:
        return set_value(text, path, "{" + ", ".join(f"{quoted(key)}: {verdict}" for key, verdict in entries) + "}")
    lines = text.split("\n")
    lines[line - 1] = lines[line - 1].rstrip() + ("\r" if newline == "\r\n" else "")
    return "\n".join(lines)


def _keeping_comments(text: str, path: Path, edit: Callable[[str], str]) -> str:
    """The text after an edit, with the comments that it took away on lines of their own where the entry stood."""
    line, column = read_yaml(text.encode()).marks[path]
    after = edit(text)
    left = Counter(_comments(after))
    lost = list((Counter(_comments(text)) - left).elements())
    if not lost:
        return after
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = after.splitlines(keepends=True)
    at = min(line - 1, len(lines))
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += newline
    lines[at:at] = [f"{' ' * (column - 1)}{comment}{newline}" for comment in lost]
    kept = "".join(lines)
    return kept if read_yaml(kept.encode()).data == read_yaml(after.encode()).data else after


def _comments(text: str) -> list[str]:
    """Every comment of a YAML text, in order: what stands between its tokens and is not blank."""
    found: list[str] = []
    at = 0
    tokens: Any = yaml.scan(text, Loader=LOADER)
    for token in tokens:
        found += [part.strip() for part in text[at : token.start_mark.index].splitlines() if part.strip()]
        at = max(at, token.end_mark.index)
    return found + [part.strip() for part in text[at:].splitlines() if part.strip()]
