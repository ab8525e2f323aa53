"""DR516: words that the plan declares and no duty uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dutyrules.errors import Problem
from dutyrules.plan import Plan

__all__ = ["unused_words"]


def unused_words(plan: Plan) -> Iterator[Problem]:
    """Roles, object types, seasons, named periods and kinds of events that no duty uses; a deputy of a used role is used.

    Attributes are not looked at, since a roster or a record may carry them for the reader's sake.
    """
    duties = plan.duties.values()
    periods = {name for duty in duties for name in duty.periods_named()}
    roles = {role for duty in duties for role in duty.roles()}
    roles |= {deputy for role in roles if (deputy := plan.roles[role].deputy)}
    events = {e for duty in duties for _, pattern in duty.patterns() for e in pattern.event}
    opened = [plan.calendar.named_periods[n] for n in periods if n in plan.calendar.named_periods]
    events |= {e for period in opened for e in (period.opened_by, period.closed_by) if e}
    types = {t for duty in duties for t in duty.object_type}
    seasons = {season for name, (season, _) in plan.season_keys().items() if name in periods}
    yield from _unused("role", ("roles",), plan.roles, roles)
    yield from _unused("object_type", ("object_types",), plan.object_types, types)
    yield from _unused("season", ("seasons",), plan.seasons, seasons)
    yield from _unused("named_period", ("calendar", "named_periods"), plan.calendar.named_periods, periods)
    yield from _unused("event", ("events",), plan.events, events)


def _unused(kind: str, path: tuple[str, ...], declared: Iterable[str], used: set[str]) -> Iterator[Problem]:
    for name in declared:
        if name not in used:
            yield Problem("DR516", {"kind": kind, "value": name}, path=(*path, name))
