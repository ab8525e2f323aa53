"""Chains: steps that follow one case, each with its own role and clock."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dutyrules.bench import WRONG_ATTRIBUTE, Bench, Entry, Subject
from dutyrules.conditions import Conditions, EventPattern, PatternField
from dutyrules.duties.response import Term, WithinField, term_after, term_until
from dutyrules.duty import BaseDuty
from dutyrules.model import Label, Model, Names
from dutyrules.quantity import DurationField
from dutyrules.tally import possibly_inside
from dutyrules.time.intervals import END, contains
from dutyrules.verdicts import Demand, settle_demand


class Step(Model):
    """One step of a chain."""

    role: str
    must: Names
    where: Conditions = {}
    may_be_done_by: Names = ()
    within: WithinField
    or_by: str | None = None
    """An attribute of the case's records that holds the last day, in place of ``within``."""
    starts: Literal["done", "due"] = "done"
    """Whether its clock starts when the previous step was done or when it was due."""
    roll: Literal["forward", "none"] = "forward"
    late: Literal["accepted"] | None = None
    summary: Label | None = None


def _due(term: Term) -> tuple[int, int] | None:
    """The last instant of a step's time, and the instant at which what follows its deadline opens."""
    if term.open_end or term.passes >= END:
        return None
    return term.passes - 1, term.passes - 1 if term.exact else term.passes


def _clock(step: Step, due: tuple[int, int]) -> tuple[int, int]:
    """From when a step's limit runs that starts with a deadline: hours from its instant, days from its day."""
    at = due[1] if step.within.after and step.within.after.exact else due[0]
    return at, at


class ChainDuty(BaseDuty):
    """``starts_with`` an event, then ``steps``, told apart by ``case``."""

    marks: ClassVar[tuple[str, ...]] = ("steps",)

    case: str
    """The attribute that identifies the case."""
    starts_with: PatternField
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]
    if_missed: Step | None = None
    for_each: Literal["object"] = "object"

    def all_steps(self) -> list[tuple[tuple[str | int, ...], Step]]:
        """The steps and the one that follows a miss, each with its place."""
        found: list[tuple[tuple[str | int, ...], Step]] = [(("steps", i), s) for i, s in enumerate(self.steps)]
        return found + ([(("if_missed",), self.if_missed)] if self.if_missed else [])

    def places(self) -> list[tuple[str | int, ...]]:
        return [place for place, _ in self.all_steps()]

    def roles(self) -> list[str]:
        named = [r for _, s in self.all_steps() for r in (s.role, *(x for x in s.may_be_done_by if x != "deputy"))]
        return [*([self.role] if self.role else []), *named]

    def patterns(self) -> list[tuple[tuple[str | int, ...], EventPattern]]:
        found: list[tuple[tuple[str | int, ...], EventPattern]] = [(("starts_with", "event"), self.starts_with)]
        return found + [((*place, "must"), EventPattern(event=s.must, where=s.where)) for place, s in self.all_steps()]

    def durations(self) -> list[DurationField]:
        return [d for _, s in self.all_steps() for d in (s.within.after, s.within.before) if d]

    def needs_working_days(self) -> bool:
        rolled = (s.within.after and not s.within.after.exact and s.roll == "forward" for _, s in self.all_steps())
        return super().needs_working_days() or any(rolled)

    def judge(self, duty_id: str, bench: Bench) -> None:
        subjects = {o: bench.object_subject(duty_id, self, o) for o in bench.objects_of(self)}
        for start in bench.counted(bench.pattern(self.starts_with)):
            for o in bench.sight.record(start.row).objects:
                subject = subjects.get(o)
                if subject is None or not contains(subject.scope, start.low):
                    continue
                case = bench.attribute(start.row, self.case)
                if case is None:
                    self._nameless(duty_id, bench, subject, start)
                elif (duty_id, o, str(case)) not in bench.ledger.cases:
                    bench.ledger.cases.add((duty_id, o, str(case)))
                    self._follow(duty_id, bench, subject, start, case)

    def _nameless(self, duty_id: str, bench: Bench, subject: Subject, start: Entry) -> None:
        """A case without its identifying value cannot be followed."""
        step = self.steps[0]
        term = self._term(bench, step, (start.low, start.high), None, [start])
        demand = self._demand(duty_id, subject, start, step, f"{start.id}/1", term, [])
        settle_demand(bench, replace(demand, undecidable="no_case", place=("steps", 0)))

    def _follow(self, duty_id: str, bench: Bench, subject: Subject, start: Entry, case: object) -> None:
        """The steps one after the other, as far as they are demanded."""
        trail = [start]
        done: Entry | None = start
        due: tuple[int, int] | None = None
        due_unknown = False
        for number, step in enumerate(self.steps, 1):
            clock = (done.low, done.high) if done else None
            opens = None
            if number > 1 and step.starts == "due" and due is not None:
                # Who is early may go on early; the clock is that of the due day.
                clock, opens = _clock(step, due), (due[1], due[1])
                opens = min((done.low, done.high), opens) if done else opens
            if clock is None:
                return
            term = self._term(bench, step, clock, opens, trail, due_unknown and step.starts == "due")
            # A window that a deadline opens is there as soon as that has passed.
            if term.maybe[0][0] > (bench.limit if opens is None else max(bench.limit, bench.as_of)):
                return
            answers = self._answers(bench, subject, step, case, trail)
            demand = self._demand(duty_id, subject, start, step, f"{case}/{number}", term, answers)
            settled = settle_demand(bench, replace(demand, place=("steps", number - 1)))
            due, due_unknown = _due(term), term.undecidable is not None
            if self.if_missed is not None and settled.missed and due is not None:
                self._missed(duty_id, bench, subject, trail, f"{case}/{number}/if_missed", due)
            since = ((term.maybe[0][0], END),)
            done = next((e for e in answers if not e.failed and possibly_inside(e, since)), None)
            if done is not None:
                trail.append(done)

    def _missed(
        self, duty_id: str, bench: Bench, subject: Subject, trail: list[Entry], tail: str, due: tuple[int, int]
    ) -> None:
        """What follows a miss: its clock starts at the deadline that was missed."""
        assert self.if_missed is not None
        step, case = self.if_missed, bench.attribute(trail[0].row, self.case)
        term = self._term(bench, step, _clock(step, due), (due[1], due[1]), trail)
        answers = self._answers(bench, subject, step, case, trail)
        demand = self._demand(duty_id, subject, trail[0], step, tail, term, answers)
        settle_demand(bench, replace(demand, place=("if_missed",)))

    def _term(
        self, bench: Bench, step: Step, clock: tuple[int, int], opens: tuple[int, int] | None, trail: list[Entry],
        due_unknown: bool = False,
    ) -> Term:  # fmt: skip
        if step.or_by is not None:
            for e in reversed(trail):
                day = bench.day_held(bench.attribute(e.row, step.or_by))
                if day is not None:
                    start = opens[0] if opens else clock[0]
                    return term_until(bench, start, start, day)
        if due_unknown:
            # Nobody can say when the step before was due, and so from when this one's time runs.
            return Term(((clock[1], END),), ((clock[0], END),), END, undecidable="due_unknown")
        return term_after(bench, clock[0], clock[1], step.within, None, step.roll == "forward", opens=opens)

    def _answers(
        self, bench: Bench, subject: Subject, step: Step, case: object, trail: list[Entry]
    ) -> list[Entry]:
        """The records of the case that do a step, apart from those that did the steps before it.

        They may leave out the object, which the case already tells.
        """
        out = []
        used = {e.row for e in trail}
        # Near misses are looked for among all that names the object.
        for row in bench.sight.rows(step.must) if bench.keep_failed else bench.of_case(step.must, self.case, case):
            if row in used:
                continue
            record = bench.sight.record(row)
            its_case = bench.attribute(row, self.case) == case
            if (record.objects and subject.object not in record.objects) or not (its_case or (bench.keep_failed and record.objects)):
                continue
            failed = bench.failures(row, subject, self, step.must, step.where, step.role, step.may_be_done_by, named=True)
            e = bench.sight.entry(row, (failed or 0) | (0 if its_case else WRONG_ATTRIBUTE))
            if bench.keep_failed or not e.failed:
                out.append(e)
        return out

    def _demand(
        self, duty_id: str, subject: Subject, start: Entry, step: Step, tail: str, term: Term, answers: list[Entry]
    ) -> Demand:
        return Demand(
            duty=duty_id, subject=subject, tail=tail, role=step.role, pieces=term.pieces, maybe=term.maybe,
            passes=term.passes, exact=term.exact, open_end=term.open_end, undecidable=term.undecidable,
            events=step.must, entries=answers, required=1, trigger=start.id, late=step.late is not None,
        )  # fmt: skip
