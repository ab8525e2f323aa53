"""What of a plan no test reaches: duties, entries, triggers, steps, verdicts, clauses."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from dutyrules.casetests.running import FileResult
from dutyrules.loading import Places
from dutyrules.plan import Plan
from dutyrules.verdicts import VERDICTS, Verdict

__all__ = ["DutyCoverage", "PlanCoverage", "coverage"]

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class DutyCoverage:
    """What of a duty the tests reach. A test reaches an obligation when it names its duty under ``expect``."""

    duty: str
    clause: str
    line: int | None
    places: tuple[Place, ...]
    """Every place in the duty from which obligations come: an entry of a count, a trigger, a step."""
    missing: tuple[Place, ...]
    """Those from which none of the obligations came that a test names."""
    verdicts: tuple[Verdict, ...]
    """The verdicts that were reached."""

    @property
    def reached(self) -> bool:
        """Whether a test names an obligation of it."""
        return bool(self.verdicts)


@dataclass(frozen=True, slots=True)
class PlanCoverage:
    """What of a plan the tests reach, in the order of its duties."""

    file: str
    plan: str
    duties: tuple[DutyCoverage, ...]

    def clauses(self) -> dict[str, bool]:
        """The clauses that have a duty, and whether one of their duties is reached."""
        found: dict[str, bool] = {}
        for d in self.duties:
            found[d.clause] = found.get(d.clause, False) or d.reached
        return found


def coverage(results: Iterable[FileResult]) -> list[PlanCoverage]:
    """What the tests of some files reach of each plan that they are about."""
    plans: dict[str, tuple[Plan, Places]] = {}
    seen: dict[tuple[str, str], set[tuple[Place, Verdict]]] = {}
    for file in results:
        homes = {}
        for plan, places in zip(file.source.plans, file.source.plan_places, strict=True):
            home = homes[plan.plan.id] = os.path.realpath(places.file or "")
            plans.setdefault(home, (plan, places))
        for result in file.results:
            for o in result.evaluation.obligations:
                if o.duty in result.case.expect:
                    seen.setdefault((homes[o.plan], o.duty), set()).add((result.evaluation.place(o.id), o.verdict))
    return [
        PlanCoverage(
            places.file or "",
            plan.plan.id,
            tuple(_duty(plan, duty, seen.get((home, duty), set()), places) for duty in plan.duties),
        )
        for home, (plan, places) in plans.items()
    ]


def _duty(plan: Plan, name: str, seen: set[tuple[Place, Verdict]], places: Places) -> DutyCoverage:
    duty = plan.duties[name]
    reached = {place for place, _ in seen}
    verdicts = {verdict for _, verdict in seen}
    return DutyCoverage(
        duty=name,
        clause=duty.clause,
        line=places.line(("duties", name)),
        places=tuple(duty.places()),
        missing=tuple(p for p in duty.places() if p not in reached),
        verdicts=tuple(v for v in VERDICTS if v in verdicts),
    )
