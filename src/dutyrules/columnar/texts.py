"""Obligations in columns as text: what a line of JSON or of a CSV file says of each row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import repeat
from json.encoder import encode_basestring
from typing import Any

import numpy as np

from dutyrules.columnar.shown import NOBODY, SEVERAL, Shown, instants_text, spread
from dutyrules.columns import Codes, Instants, ids_of
from dutyrules.evaluation import VERDICTS, BearerSpan, bearer_spans
from dutyrules.time.intervals import END

__all__ = ["cells", "json_lines"]

Told = Callable[[str | None], str]


def json_lines(shown: Shown) -> list[str]:
    """Each row as the JSON of its :func:`dutyrules.document.obligation_document`, without blanks and line ends."""
    c = cells(shown, _json)
    columns = (
        c["id"], c["duty"], c["plan"], c["clause"], c["role"], c["subject"], c["object"], c["area"], _bearers(shown), c["bearer"], c["from"],
        c["through"], _instants(shown, "start", _json), _instants(shown, "end", _json), c["cut"], c["trigger"], c["deadline"], c["required"],
        c["unit"], c["counted"], c["shortfall"], c["verdict"], c["reason"], c["settled_at"], c["late_by"], c["evidence"],
    )  # fmt: skip
    return [
        f'{{"id":{id_},"duty":{duty},"plan":{plan},"clause":{clause},"role":{role},"subject":{subject},"object":{object_},"area":{area},'
        f'"bearers":{bearers},"bearer":{bearer},"window":{{"from":{first},"through":{through},"start":{start},"end":{end},"cut":{cut}}},'
        f'"trigger":{trigger},"deadline":{deadline},"required":{{"count":{required},"unit":{unit}}},"counted":{counted},'
        f'"shortfall":{shortfall},"verdict":{verdict},"reason":{reason},"settled_at":{settled_at},"late_by":{late_by},'
        f'"evidence":[{",".join(map(encode_basestring, evidence))}]}}'
        for (
            id_, duty, plan, clause, role, subject, object_, area, bearers, bearer, first, through, start, end, cut, trigger, deadline,
            required, unit, counted, shortfall, verdict, reason, settled_at, late_by, evidence,
        ) in zip(*columns, strict=False)
    ]  # fmt: skip


def cells(shown: Shown, told: Told) -> dict[str, Iterable[Any]]:
    """What each row says, by the names of :data:`dutyrules.document.COLUMNS`.

    ``told`` makes a cell of a text or of none; numbers stay numbers, and ``evidence`` is a list of ids. A column in which all rows
    say the same has no end.
    """
    block, people = shown.block, shown.block.people
    first, through, days = _days(shown)
    subjects = _among(shown.objects, people.ids, told)
    ids = (f"{block.duty}/{people.ids[o]}/{tail}" for o, tail in zip(shown.objects.tolist(), _tails(shown), strict=True))
    required, counted = block.required[shown.rows], block.counted[shown.rows]
    return {
        "id": map(told, ids), "verdict": _among(shown.verdict, VERDICTS, told), "reason": _among(block.reason[shown.rows], block.reasons, told),
        "plan": _among(shown.ruling, [r.plan.plan.id for r in shown.ruled], told),
        "clause": _among(shown.ruling, [r.duty.clause for r in shown.ruled], told),
        "duty": repeat(told(block.duty)), "role": repeat(told(block.role)), "subject": subjects, "object": subjects,
        "area": _among(people.areas.codes[shown.objects], people.areas.names, told),
        "bearer": _among(shown.bearer, people.person_names, told), "from": _among(first, days, told), "through": _among(through, days, told),
        "cut": repeat(told(None)) if block.cut is None else _among(block.cut[shown.rows], block.cuts, told),
        "trigger": repeat(told(None)) if block.opened is None else map(told, _ids(shown, block.opened[shown.rows])),
        "deadline": _instants(shown, "deadline", told), "required": required.tolist(), "unit": repeat(told(block.unit)),
        "counted": counted.tolist(), "shortfall": np.maximum(0, required - counted).tolist(), "settled_at": map(told, shown.settled_at),
        "late_by": repeat(told(None)), "evidence": _evidence(shown),
    }  # fmt: skip


def _json(text: str | None) -> str:
    return "null" if text is None else encode_basestring(text)


def _among(codes: Any, texts: Iterable[str | None], told: Told) -> list[str]:
    """A cell for each code; the last one, which -1 leads to, is for none."""
    table = [*map(told, texts), told(None)]
    return [table[c] for c in codes.tolist()]


def _ids(shown: Shown, rows: Instants) -> list[str]:
    return ids_of(shown.block.sight.history.records, rows)


def _tails(shown: Shown) -> Iterable[str]:
    block = shown.block
    if block.windows is not None:
        codes, rows = block.windows
        tails = [block.tail(i) for i in rows.tolist()]
        return [tails[c] for c in codes[shown.rows].tolist()]
    assert block.opened is not None
    opened = block.opened[shown.rows]
    return _ids(shown, opened) if block.cases is None else [f"{case}/{block.step}" for case in block.cases.texts(opened)]


def _days(shown: Shown) -> tuple[Codes, Codes, list[str]]:
    """The first and the last day of each window as codes (-1: no last day), and the days in words."""
    first, through = shown.days
    since = int(first.min())
    days = [date.fromordinal(d).isoformat() for d in range(since, max(int(first.max()), int(through.max())) + 1)]
    return first - since, np.where(through < 0, -1, through - since), days


def _instants(shown: Shown, name: str, told: Told) -> list[str]:
    """The ``start``, ``end`` or ``deadline`` of each row."""
    instants = getattr(shown.block, name)
    if shown.block.windows is None:
        return list(map(told, _moments(shown, instants[shown.rows])))
    codes, rows = shown.block.windows
    return _among(codes[shown.rows], _moments(shown, instants[rows]), told)


def _moments(shown: Shown, instants: Instants) -> list[str | None]:
    endless = instants >= END
    texts = iter(instants_text(shown.evaluation.zone, instants[~endless]))
    return [None if e else next(texts) for e in endless.tolist()]


def _evidence(shown: Shown) -> Iterator[list[str]]:
    """The ids of the records that counted for each row."""
    held = shown.block.evidence
    first, stop = held.first[shown.rows], held.stop[shown.rows]
    ids, at = _ids(shown, spread(first, stop, held.rows)), 0
    for count in (stop - first).tolist():
        yield ids[at : at + count]
        at += count


def _bearers(shown: Shown) -> Iterator[str]:
    """The JSON of the tenures within each window."""
    places = np.unique(shown.tenure).tolist()
    alone = {p: _spans([] if p == NOBODY else bearer_spans([shown.tenancy(p)])) for p in places if p != SEVERAL}
    for i, place in enumerate(shown.tenure.tolist()):
        yield _spans(bearer_spans(shown.tenures(i))) if place == SEVERAL else alone[place]


def _spans(spans: Iterable[BearerSpan]) -> str:
    def day(value: date | None) -> str:
        return _json(None if value is None else value.isoformat())

    told = (f'{{"person":{_json(s.person)},"from":{day(s.from_)},"through":{day(s.through)}}}' for s in spans)
    return f"[{','.join(told)}]"
