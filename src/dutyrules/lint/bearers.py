"""DR510, DR511, DR512: what a plan and a roster say together about who bears a role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from dutyrules.bench import Bench, People
from dutyrules.duties.chain import ChainDuty
from dutyrules.duties.counting import ALWAYS_KEY, CountDuty
from dutyrules.duty import BaseDuty
from dutyrules.errors import Problem
from dutyrules.lint.rehearsal import Rehearsal
from dutyrules.roster import Roster
from dutyrules.time.intervals import END, Intervals, intersect, subtract, union

__all__ = ["bearers"]

MANY_TIMES, MANY = 3, 8
"""A bearer has unusually many objects with more than so many times the median of his role, and at least so many."""


def bearers(stage: Rehearsal, roster: Roster) -> Iterator[Problem]:
    """Roles that nobody bears, objects over which nobody bears a role for some days, persons who bear unusually much.

    Sees the whole time of the plan's force as the tenures of the roster have it: one that ends is taken to end. A duty whose
    time is a season or named period asks for a bearer then only; one for each area is not asked about single objects. Each
    role and object is named once, at the first of its duties by name, with the first days that are empty.
    """
    watch = _Watch(stage, roster)
    yield from watch.nobody()
    yield from watch.gaps()
    yield from watch.many()


@dataclass(frozen=True, eq=False)
class _Watch:
    stage: Rehearsal
    roster: Roster

    @cached_property
    def people(self) -> People:
        return People(self.roster, self.stage.zone)

    @cached_property
    def bench(self) -> Bench:
        """The plan's bench with this roster on it."""
        empty = self.stage.bench
        return Bench(self.stage.plan, self.stage.force, self.people, empty.sight, (), {}, empty.limit, empty.ledger)

    @cached_property
    def needs(self) -> list[tuple[str, str, BaseDuty]]:
        """Each role that a duty about some object of the roster needs, with the duty, in order of the duties' names."""
        types = {o.type for o in self.roster.objects}
        return [
            (role, name, duty)
            for name, duty in sorted(self.stage.plan.duties.items())
            if types & set(duty.object_type)
            for role in _needed(duty)
        ]

    def held(self, role: str) -> Intervals:
        """The time of the force in which anybody bears the role over anything."""
        return intersect(self.stage.force, union((t.start, t.end) for t, _, _ in self.people.roles.get(role, ())))

    def nobody(self) -> Iterator[Problem]:
        told: set[str] = set()
        for role, name, _ in self.needs:
            if role not in told and not self.held(role):
                told.add(role)
                yield Problem("DR510", {"role": role}, path=("duties", name))

    def gaps(self) -> Iterator[Problem]:
        told: set[tuple[str, str]] = set()
        for role, name, duty in self.needs:
            if getattr(duty, "for_each", "object") == "area" or not self.held(role):
                continue
            asked = self.asked(duty)
            for o in self.bench.objects_of(duty):
                scope = intersect(intersect(self.stage.force, asked), self.bench.object_time(duty, o))
                empty = subtract(scope, union((t.start, t.end) for t in self.people.over_object(role, o)))
                if empty and (role, o) not in told:
                    told.add((role, o))
                    yield self.gap(role, o, name, empty[0])

    def gap(self, role: str, object_id: str, duty: str, empty: tuple[int, int]) -> Problem:
        args: dict[str, object] = {"form": "empty_on", "role": role, "object": object_id, "first": self.stage.day(empty[0])}
        if empty[1] < END:
            args |= {"form": "empty_until", "last": self.stage.day(empty[1] - 1)}
        return Problem("DR511", args, path=("duties", duty))

    def asked(self, duty: BaseDuty) -> Intervals:
        """The time in which a duty needs somebody: its seasons or named periods where it has some, otherwise always."""
        keys: set[str] = set()
        if isinstance(duty, CountDuty):
            keys = {key for _, key, _ in duty.quantities()}
        during = getattr(duty, "during", None)
        if during is not None and during.period is not None:
            keys = {during.period}
        if not keys or ALWAYS_KEY in keys:
            return self.stage.force
        return union(piece for key in keys for piece in self.bench.period_time(key))

    def many(self) -> Iterator[Problem]:
        for role in dict.fromkeys(role for role, _, _ in self.needs):
            most = self.most(role)
            middle = median(most.values()) if most else 0
            for person, count in sorted(most.items()):
                if count >= MANY and count > MANY_TIMES * middle:
                    told: dict[str, object] = {"person": person, "role": role, "count": count}
                    yield Problem("DR512", {**told, "bearers": len(most), "median": f"{middle:g}"}, path=("roles", role))

    def most(self, role: str) -> dict[str, int]:
        """For each bearer, over how many objects he bears the role at the time when they are most."""
        edges: dict[str, list[tuple[int, int]]] = {}
        objects = {o for r, _, duty in self.needs if r == role for o in self.bench.objects_of(duty)}
        for o in sorted(objects):
            by_person: dict[str, list[tuple[int, int]]] = {}
            for t in self.people.over_object(role, o):
                by_person.setdefault(t.person, []).append((t.start, t.end))
            for person, spans in by_person.items():
                for start, end in intersect(self.stage.force, union(spans)):
                    edges.setdefault(person, []).extend(((start, 1), (end, -1)))
        return {person: _highest(found) for person, found in edges.items()}


def _needed(duty: BaseDuty) -> list[str]:
    """The roles without which nobody could do what a duty asks, or answer for it."""
    steps = [step.role for _, step in duty.all_steps()] if isinstance(duty, ChainDuty) else []
    return list(dict.fromkeys([*([duty.role] if duty.role else []), *steps]))


def _highest(edges: list[tuple[int, int]]) -> int:
    """The most that are open at once."""
    level = most = 0
    for _, step in sorted(edges):
        level += step
        most = max(most, level)
    return most
