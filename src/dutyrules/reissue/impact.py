"""``impact``: for whom a new issue of a plan changes what, on a roster and a history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dutyrules.document import ObligationDocument, PlanRef, obligation_document
from dutyrules.duties.ahead import AheadDuty
from dutyrules.duties.chain import ChainDuty
from dutyrules.duties.counting import CountDuty
from dutyrules.duties.response import ResponseDuty
from dutyrules.engine import evaluate, rerun
from dutyrules.evaluation import Evaluation, Obligation
from dutyrules.history import History, Record
from dutyrules.loading import load_plan
from dutyrules.model import Model
from dutyrules.plan import Plan
from dutyrules.progress import Watch, portion
from dutyrules.reissue.comparison import renamed
from dutyrules.roster import Roster
from dutyrules.waivers import Waiver

__all__ = ["Impact", "ImpactDocument", "Load", "Pair", "impact"]

Moment = date | datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """The same thing owed before and after."""

    before: Obligation
    after: Obligation

    @property
    def moved(self) -> bool:
        """Whether its window, its deadline or how much is owed has changed, or its id."""
        a, b = self.before, self.after
        return (a.id, a.window, a.deadline, a.required) != (b.id, b.window, b.deadline, b.required)

    @property
    def judged_otherwise(self) -> bool:
        """Whether its verdict has changed."""
        return self.before.verdict != self.after.verdict


@dataclass(frozen=True, slots=True)
class Load:
    """What a person owes in a month, before and after: obligations, and acts that they ask for.

    The month is that of the deadline; ``None``: no deadline. ``person`` ``None``: nobody bears the post.
    """

    person: str | None
    month: str | None
    obligations_before: int
    obligations_after: int
    acts_before: int
    acts_after: int


@dataclass(frozen=True)
class Impact:
    """What changes for whom. Every obligation of either side is in ``appear``, in ``vanish`` or in ``pairs``."""

    before: Evaluation
    """The old plan, going on."""
    after: Evaluation
    """The old plan and then the new one, or the new one alone where it does not follow."""
    in_turn: bool
    """Whether the new plan follows the old one."""
    as_of: Moment
    until: Moment
    appear: tuple[Obligation, ...]
    vanish: tuple[Obligation, ...]
    pairs: tuple[Pair, ...]
    """What is owed on both sides: the same id, or the same duty and subject in an overlapping window."""
    loads: tuple[Load, ...]
    """For each person and month that has any."""

    @property
    def moved(self) -> tuple[Pair, ...]:
        """What has another window, deadline, number or id."""
        return tuple(p for p in self.pairs if p.moved)

    @property
    def judged_otherwise(self) -> tuple[Pair, ...]:
        """What has another verdict."""
        return tuple(p for p in self.pairs if p.judged_otherwise)

    @property
    def unchanged(self) -> tuple[Pair, ...]:
        """What is as it was."""
        return tuple(p for p in self.pairs if not p.moved and not p.judged_otherwise)

    @property
    def changes(self) -> bool:
        """Whether anything changes for anybody."""
        return bool(self.appear or self.vanish or len(self.unchanged) < len(self.pairs))

    def to_dict(self) -> dict[str, Any]:
        """The impact as plain data; its schema is published as ``schemas/impact.json``."""
        return _document(self)


def impact(
    old: Plan | Mapping[str, Any],
    new: Plan | Mapping[str, Any],
    roster: Roster | Mapping[str, Any],
    history: History | Iterable[Record | Mapping[str, Any]],
    *,
    as_of: Moment,
    until: Moment | None = None,
    known_at: Moment | None = None,
    waivers: Mapping[str, Any] | Iterable[Waiver] | None = None,
    complete_through: Mapping[str, Moment] | Moment | None = None,
    progress: Watch | None = None,
) -> Impact:
    """Compare what is owed under the old plan alone with what is owed when the new one comes.

    ``until`` bounds the obligations by the beginning of their windows; without it, the end of the year in which the new plan
    comes into force (or of ``as_of``'s year, if that is later). The other arguments are those of :func:`dutyrules.evaluate`.

    Raises:
        InputError: an input given as plain data is faulty, or the plans do not go together.
    """
    a, b = load_plan(old), load_plan(new)
    last = until or date(max(b.plan.in_force.from_.year, as_of.year), 12, 31)
    # Read once: an iterable cannot be read twice.
    records = history if isinstance(history, History) else list(history)
    excused = waivers if waivers is None or isinstance(waivers, Mapping) else tuple(waivers)

    def judged(side: int, *plans: Plan) -> Evaluation:
        found = evaluate(
            plans, roster, records, as_of=as_of, known_at=known_at, waivers=excused, complete_through=complete_through,
            progress=portion(progress, 2 * side, 4),
        )  # fmt: skip
        return rerun(found, until=last, progress=portion(progress, 2 * side + 1, 4))

    in_turn = b.plan.follows == a.plan.id
    before, after = judged(0, a), judged(1, a, b) if in_turn else judged(1, b)
    appear, vanish, pairs = _matched(before.obligations, after.obligations, renamed(a, b))
    return Impact(before, after, in_turn, as_of, last, appear, vanish, pairs, tuple(_loads(before, after)))


# ----------------------------------------------------------------------------------------------------------- matching


def _tail(o: Obligation) -> str:
    return o.id[len(o.duty) + 1 + len(o.subject) + 1 :]


def _matched(
    before: Sequence[Obligation], after: Sequence[Obligation], names: Mapping[str, str]
) -> tuple[tuple[Obligation, ...], tuple[Obligation, ...], tuple[Pair, ...]]:
    """What appears, what vanishes, and what is owed on both sides."""
    new = {(o.duty, o.subject, _tail(o)): o for o in after}
    pairs: list[Pair] = []
    left = list(before)
    # What has kept its id, then what has it in the duty's new name.
    for known in ({}, names):
        rest = []
        for o in left:
            match = new.pop((known.get(o.duty, o.duty), o.subject, _tail(o)), None)
            if match is None:
                rest.append(o)
            else:
                pairs.append(Pair(o, match))
        left = rest
    places: dict[tuple[str, ...], list[Obligation]] = {}
    for o in new.values():
        if (place := _place(o, {})) is not None:
            places.setdefault(place, []).append(o)
    vanish = []
    for o in left:
        there = places.get(_place(o, names) or (), [])
        match = max(there, key=lambda n: (_overlap(o, n), n.window.start == o.window.start, n.id), default=None)
        if match is None or not _overlap(o, match):
            vanish.append(o)
            continue
        there.remove(match)
        del new[match.duty, match.subject, _tail(match)]
        pairs.append(Pair(o, match))
    pairs.sort(key=lambda p: (p.after.duty, p.after.subject, p.after.window.start, p.after.id))
    return tuple(new.values()), tuple(vanish), tuple(pairs)


def _place(o: Obligation, names: Mapping[str, str]) -> tuple[str, ...] | None:
    """What must be equal for windows to be the same thing moved; a trigger is its own, and moves nowhere."""
    return None if o.trigger is not None else (names.get(o.duty, o.duty), o.subject, *_tail(o).split("/")[1:])


def _overlap(a: Obligation, b: Obligation) -> float:
    """How long two windows overlap, in seconds."""
    start = max(a.window.start, b.window.start)
    ends = [w.end for w in (a.window, b.window) if w.end is not None]
    return max(0.0, (min(ends) - start).total_seconds()) if ends else float("inf")


# -------------------------------------------------------------------------------------------------------------- loads


def acts(evaluation: Evaluation, o: Obligation) -> int:
    """How many acts an obligation asks for: records or days; a ceiling, a gap, a state or hours ask for no number of acts."""
    duty = next(r.duty for r in evaluation.ruled[o.duty] if r.plan.plan.id == o.plan)
    if o.required is None or o.required.count is None or o.required.unit == "hours":
        return 0
    if isinstance(duty, CountDuty):
        counted = duty.at_least is not None and all(q.per for q in duty.at_least.values())
        return o.required.count if counted and not o.id.endswith("/at_most") else 0
    return o.required.count if isinstance(duty, (ResponseDuty, AheadDuty, ChainDuty)) else 0


def _loads(before: Evaluation, after: Evaluation) -> Iterator[Load]:
    found: dict[tuple[str | None, str | None], list[int]] = {}
    for side, evaluation in enumerate((before, after)):
        for o in evaluation.obligations:
            if o.verdict == "not_applicable":
                continue
            sums = found.setdefault((o.bearer, month_of(o)), [0, 0, 0, 0])
            sums[side] += 1
            sums[2 + side] += acts(evaluation, o)
    for (person, month), sums in sorted(found.items(), key=lambda kv: (kv[0][0] or "", kv[0][0] is None, kv[0][1] or "~")):
        yield Load(person, month, *sums)


def month_of(o: Obligation) -> str | None:
    """The month of the deadline; one at midnight belongs to the day that ends with it."""
    return o.window.through.strftime("%Y-%m") if o.window.through else None


# ----------------------------------------------------------------------------------------------------------- document


class PairDocument(Model):
    """The same thing owed before and after."""

    before: ObligationDocument
    after: ObligationDocument


class LoadDocument(Model):
    """What a person owes in a month (of the deadline; null: none), before and after."""

    person: str | None
    month: str | None
    obligations_before: int
    obligations_after: int
    acts_before: int
    acts_after: int


class ImpactDocument(Model):
    """An impact as JSON."""

    dutyrules: str
    old: PlanRef
    new: PlanRef
    in_turn: bool
    """Whether the new plan follows the old one; otherwise it is judged alone."""
    as_of: str
    known_at: str | None
    until: str
    obligations_before: int
    obligations_after: int
    unchanged: int
    appear: list[ObligationDocument]
    vanish: list[ObligationDocument]
    moved: list[PairDocument]
    """Another window, deadline, number or id."""
    judged_otherwise: list[PairDocument]
    """Another verdict; may be in ``moved`` too."""
    loads: list[LoadDocument]


def _document(i: Impact) -> dict[str, Any]:
    from dutyrules._version import version

    def pair(p: Pair) -> dict[str, Any]:
        return {"before": obligation_document(p.before), "after": obligation_document(p.after)}

    old, new = i.before.inputs.plans[0], i.after.inputs.plans[-1]
    known_at = i.before.inputs.known_at
    return {
        "dutyrules": version(),
        "old": {"id": old.plan.id, "sha256": old.sha256()},
        "new": {"id": new.plan.id, "sha256": new.sha256()},
        "in_turn": i.in_turn,
        "as_of": i.as_of.isoformat(),
        "known_at": None if known_at is None else known_at.isoformat(),
        "until": i.until.isoformat(),
        "obligations_before": len(i.before.obligations),
        "obligations_after": len(i.after.obligations),
        "unchanged": len(i.unchanged),
        "appear": [obligation_document(o) for o in i.appear],
        "vanish": [obligation_document(o) for o in i.vanish],
        "moved": [pair(p) for p in i.moved],
        "judged_otherwise": [pair(p) for p in i.judged_otherwise],
        "loads": [{s: getattr(load, s) for s in Load.__slots__} for load in i.loads],
    }
