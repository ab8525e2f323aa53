"""The eight duties by hand in OpenFisca: records are its persons, sites and hazards its groups of them, windows its periods.

Everything is reckoned by its formulas, from records as they are. What it lacks is numpy inside of a formula, as its own rule books
have it: the search for the arrival after an alert, and sums of groups some of which have no members.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from openfisca_core.entities import Entity, GroupEntity
from openfisca_core.periods import DateUnit, Instant, Period
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable
from parquet import read
from workload import AS_OF, D1_EDGES, D2_EDGES, DAY, HOUR, KINDS, MONTH_EDGES, ROLES, SECOND, Workload, instant, seconds

NOW = int(seconds(np.array([instant(AS_OF.date()) + AS_OF.hour * HOUR]))[0])
A_DAY, TWO_HOURS = DAY // SECOND, 2 * HOUR // SECOND
YEAR_START = date(2025, 1, 1)
ALWAYS, EVERY_DAY = DateUnit.ETERNITY, DateUnit.DAY
YEAR = Period((DateUnit.YEAR, Instant((2025, 1, 1)), 1))
K = {name: i for i, name in enumerate(KINDS)}
COUNTED = {
    "D1": ("township", "inspection"), "D2": ("officer", "inspection"), "D3": ("village", "inspection"), "D4": ("enterprise", "shift"),
    "D5": ("enterprise", "review"), "D6": ("township", "on_site"), "D7a": ("enterprise", "reported"), "D7b": ("enterprise", "closed"),
}  # fmt: skip
"""Role and kind of the records that count."""
QUOTAS = {"D1": (D1_EDGES, 1), "D2": (D2_EDGES, 1), "D3": (MONTH_EDGES, 1), "D4": (MONTH_EDGES, 10), "D5": (MONTH_EDGES, 1)}
"""Windows, and on how many days of each."""

Formula = Callable[[Any, Period], np.ndarray]


def _days(start: int, end: int) -> Period:
    """From an instant to another, both the beginning of a day."""
    first = YEAR_START + timedelta(seconds=start)
    return Period((EVERY_DAY, Instant((first.year, first.month, first.day)), (end - start) // A_DAY))


def _number(period: Period) -> int:
    """The number of a day within the year, from 0."""
    return (date(*period.start) - YEAR_START).days


def _borne(role: str, terms: int) -> Formula:
    """Whether a record is by whoever bore the role at its site then."""

    def formula(record: Any, period: Period) -> np.ndarray:
        time, by = record("time", period), record("by", period)
        found = np.zeros(record.count, dtype=bool)
        for i in range(terms):
            person, start, end = (record.site(f"{role}_{i}_{what}", period) for what in ("person", "from", "end"))
            found |= (person == by) & (start <= time) & (time < end)
        return found

    return formula


def _counts(duty: str) -> Formula:
    role, kind = COUNTED[duty]

    def formula(record: Any, period: Period) -> np.ndarray:
        counted = (record("kind", period) == K[kind]) & (record("time", period) < NOW) & record(f"{role}_acted", period)
        return counted & (record("signed", period) == 1) if duty == "D5" else counted

    return formula


def _day(duty: str) -> Formula:
    """The day of a record that counts; -1 of one that does not."""
    return lambda record, period: np.where(record(f"{duty}_counts", period), record("time", period) // A_DAY, -1)


def _on_day(duty: str) -> Formula:
    """Whether there is a record that counts on that day."""

    def formula(site: Any, period: Period) -> np.ndarray:
        counted = site.members(f"{duty}_day", period) == _number(period)
        return np.bincount(site.members_entity_id[counted], minlength=site.count) > 0

    return formula


def _answered(record: Any, period: Period) -> np.ndarray:
    """Whether whoever should came to the site within two hours of the alert that the record is."""
    key = record.site.members_entity_id.astype(np.int64) * (1 << 32) + record("time", period)
    came = np.sort(key[record("D6_counts", period)])
    return np.searchsorted(came, key + TWO_HOURS, side="right") > np.searchsorted(came, key)


def _of_finding(what: str) -> Formula:
    """Time or site of the record with which a hazard was found; -1: it was not, or after the day of judgement."""

    def formula(hazard: Any, period: Period) -> np.ndarray:
        finds = (hazard.members("kind", period) == K["found"]) & (hazard.members("time", period) < NOW)
        found = np.full(hazard.count, -1)
        found[hazard.members_entity_id[finds]] = hazard.members(what, period)[finds]
        return found

    return formula


def _followed(duty: str) -> Formula:
    """Whether the hazard was dealt with at its site, from when it was found until the end of the limit."""

    def formula(hazard: Any, period: Period) -> np.ndarray:
        record = hazard.members
        last = record.hazard(f"{duty}_last", period)
        time, found = record("time", period), record.hazard("found_at", period)
        here = record.hazard("found_site", period) == record("site_number", period)
        good = record(f"{duty}_counts", period) & here & (found >= 0) & (found <= time) & (time <= last)
        return np.bincount(hazard.members_entity_id[good], minlength=hazard.count) > 0

    return formula


def system(terms: int) -> TaxBenefitSystem:
    """The duties as a rule book of OpenFisca, for posts that were held in so many terms at most."""
    record = Entity("record", "records", "Record", "")
    site, hazard = (GroupEntity(n, f"{n}s", n.capitalize(), "", [{"key": "of", "plural": "ofs"}]) for n in ("site", "hazard"))
    book = TaxBenefitSystem([record, site, hazard])

    def add(entity: Entity, name: str, formula: Formula | None = None, kind: type = int, unit: DateUnit = ALWAYS) -> None:
        body = {"value_type": kind, "entity": entity, "definition_period": unit}
        book.add_variable(type(name, (Variable,), body if formula is None else body | {"formula": formula}))

    for name in ("time", "kind", "by", "signed", "site_number"):
        add(record, name)
    for role in ROLES:
        for i in range(terms):
            for what in ("person", "from", "end"):
                add(site, f"{role}_{i}_{what}")
        add(record, f"{role}_acted", _borne(role, terms), bool)
    for duty in COUNTED:
        add(record, f"{duty}_counts", _counts(duty), bool)
    for duty in QUOTAS:
        add(record, f"{duty}_day", _day(duty))
        add(site, f"{duty}_on_day", _on_day(duty), bool, EVERY_DAY)
    add(record, "is_alert", lambda record, period: (record("kind", period) == K["alert"]) & (record("time", period) < NOW), bool)
    add(record, "D6_met", _answered, bool)
    add(record, "D6_last", lambda record, period: record("time", period) + TWO_HOURS)
    add(hazard, "found_at", _of_finding("time"))
    add(hazard, "found_site", _of_finding("site_number"))
    add(hazard, "D7a_last", lambda hazard, period: hazard("found_at", period) + A_DAY)
    add(hazard, "D7b_last", lambda hazard, period: (hazard("found_at", period) // A_DAY + 31) * A_DAY - 1)
    for duty in ("D7a", "D7b"):
        add(hazard, f"{duty}_met", _followed(duty), bool)
    return book


def _posts(w: Workload) -> dict[str, np.ndarray]:
    """Who held each post of each site in which term, as columns of sites."""
    order = np.lexsort((w.tenure_from, w.tenure_site, w.tenure_role))
    role, site = w.tenure_role[order], w.tenure_site[order]
    place = np.arange(len(order))
    fresh = np.append(True, (role[1:] != role[:-1]) | (site[1:] != site[:-1]))
    term = place - np.maximum.accumulate(np.where(fresh, place, 0))
    columns = {"person": w.tenure_person[order], "from": seconds(w.tenure_from)[order], "end": seconds(w.tenure_end)[order]}
    posts = {}
    for r, name in enumerate(ROLES):
        for i in range(int(term.max()) + 1):
            held = (role == r) & (term == i)
            for what, values in columns.items():
                posts[f"{name}_{i}_{what}"] = np.full(w.sites, 0, dtype=np.int32)
                posts[f"{name}_{i}_{what}"][site[held]] = values[held]
    return posts


def of(w: Workload) -> Simulation:
    """Rule book, records and posts, ready to be reckoned."""
    posts = _posts(w)
    book = system(len(posts) // (3 * len(ROLES)))
    builder = SimulationBuilder()
    builder.create_entities(book)
    builder.declare_person_entity("record", range(len(w)))
    builder.declare_entity("site", range(w.sites)).members_entity_id = w.site
    # Whoever belongs to no hazard belongs to one that was never found.
    none = int(w.hazard.max()) + 1
    builder.declare_entity("hazard", range(none + 1)).members_entity_id = np.where(w.hazard < 0, none, w.hazard)
    simulation = builder.build(book)
    records = {"time": seconds(w.time), "kind": w.kind, "by": w.by, "signed": w.signed, "site_number": w.site}
    for name, values in (records | posts).items():
        simulation.set_input(name, YEAR, values)
    return simulation


def load(folder: Path) -> Simulation:
    return of(read(folder))


def _quota(simulation: Simulation, duty: str) -> Counter[str]:
    edges, needed = QUOTAS[duty]
    verdicts: Counter[str] = Counter()
    for start, end in pairwise(seconds(edges).tolist()):
        if start > NOW:
            break
        done = simulation.calculate_add(f"{duty}_on_day", _days(start, end))
        met = done >= needed
        verdicts["met"] += int(met.sum())
        if end <= NOW:
            verdicts["violated"] += int((~met).sum())
        else:
            today = NOW // A_DAY * A_DAY
            left = (end - today) // A_DAY - simulation.calculate(f"{duty}_on_day", _days(today, today + A_DAY)).astype(int)
            late = done + left < needed
            verdicts["cannot_be_met"] += int((~met & late).sum())
            verdicts["pending"] += int((~met & ~late).sum())
    return verdicts


def _limit(simulation: Simulation, duty: str, whose: np.ndarray) -> Counter[str]:
    met, last = (simulation.calculate(f"{duty}_{what}", YEAR)[whose] for what in ("met", "last"))
    return Counter(met=int(met.sum()), violated=int((~met & (last < NOW)).sum()), pending=int((~met & (last >= NOW)).sum()))


def evaluate(simulation: Simulation) -> dict[str, Counter[str]]:
    """The counts of each duty by verdict."""
    alerts, found = simulation.calculate("is_alert", YEAR), simulation.calculate("found_at", YEAR) >= 0
    quotas = {duty: _quota(simulation, duty) for duty in QUOTAS}
    return quotas | {"D6": _limit(simulation, "D6", alerts)} | {duty: _limit(simulation, duty, found) for duty in ("D7a", "D7b")}
