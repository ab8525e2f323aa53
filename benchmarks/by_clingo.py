"""The eight duties by hand in answer set programming, in clingo: records are facts, and every rule is read as it stands."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

import clingo
import numpy as np
from parquet import read
from workload import AS_OF, D1_EDGES, D2_EDGES, DAY, HOUR, KINDS, MONTH_EDGES, ROLES, SECOND, Workload, instant, seconds

NOW = int(seconds(np.array([instant(AS_OF.date()) + AS_OF.hour * HOUR]))[0])
A_DAY = DAY // SECOND
WINDOWS = {"d1": D1_EDGES, "d2": D2_EDGES, "d3": MONTH_EDGES, "d4": MONTH_EDGES, "d5": MONTH_EDGES}

RULES = f"""
#const now = {NOW}.
#const day = {A_DAY}.

% Which records count for a duty, with role and kind.
duty(d1, township, inspection).  duty(d2, officer, inspection).  duty(d3, village, inspection).  duty(d4, enterprise, shift).
duty(d5, enterprise, review).  duty(d6, township, on_site).  duty(d7a, enterprise, reported).  duty(d7b, enterprise, closed).
lacks(d5, I) :- record(review, I, _, _, _), not signed(I).
counts(D, I, S, T) :- duty(D, R, K), record(K, I, S, P, T), T < now, term(R, S, P, From, End), From <= T, T < End, not lacks(D, I).

% So many days in each window. A window which is open still has days to come.
needs(d1, 1).  needs(d2, 1).  needs(d3, 1).  needs(d4, 10).  needs(d5, 1).
within(D, W, (From / day)..(End / day - 1)) :- window(D, W, From, End).
on(D, S, T / day) :- counts(D, I, S, T), needs(D, _).
done(D, S, W, Day) :- on(D, S, Day), within(D, W, Day).
closed(D, W) :- window(D, W, _, End), End <= now.
open(D, W) :- window(D, W, From, End), From <= now, now < End.
could(D, S, W, Day) :- done(D, S, W, Day), open(D, W).
could(D, S, W, Day) :- site(S), open(D, W), within(D, W, Day), now / day <= Day.
met(D, S, W) :- done(D, S, W, _), needs(D, 1).
met(D, S, W) :- site(S), window(D, W, _, _), needs(D, N), 1 < N, N <= #count {{ Day : done(D, S, W, Day) }}.
too_few(D, S, W) :- site(S), open(D, W), needs(D, N), #count {{ Day : could(D, S, W, Day) }} < N.

verdict(D, (S, W), met) :- met(D, S, W).
verdict(D, (S, W), violated) :- site(S), closed(D, W), not met(D, S, W).
verdict(D, (S, W), cannot_be_met) :- too_few(D, S, W).
verdict(D, (S, W), pending) :- site(S), open(D, W), not met(D, S, W), not too_few(D, S, W).

% An answer within a limit; the limit itself counts.
case(d6, I, S, T, T + 7200) :- record(alert, I, S, _, T), T < now.
case(d7a, I, S, T, T + day) :- record(found, I, S, _, T), T < now.
case(d7b, I, S, T, (T / day + 31) * day - 1) :- record(found, I, S, _, T), T < now.
kept(d6, I) :- case(d6, I, S, T, Last), counts(d6, _, S, U), T <= U, U <= Last.
kept(D, I) :- case(D, I, S, T, Last), hazard(I, H), hazard(J, H), counts(D, J, S, U), T <= U, U <= Last.

verdict(D, I, met) :- kept(D, I).
verdict(D, I, violated) :- case(D, I, _, _, Last), Last < now, not kept(D, I).
verdict(D, I, pending) :- case(D, I, _, _, Last), now <= Last, not kept(D, I).

total(D, V, N) :- duty(D, _, _), V = (met; violated; pending; cannot_be_met), N = #count {{ X : verdict(D, X, V) }}.
#show total/3.
"""


def of(w: Workload) -> clingo.Control:
    """Rules and facts, read by clingo."""
    windows = [
        f"window({duty},{i},{start},{end})."
        for duty, edges in WINDOWS.items()
        for i, (start, end) in enumerate(pairwise(seconds(edges).tolist()))
    ]
    tenures = (w.tenure_role, w.tenure_site, w.tenure_person, seconds(w.tenure_from), seconds(w.tenure_end))
    terms = [f"term({ROLES[r]},{s},{p},{a},{b})." for r, s, p, a, b in zip(*(c.tolist() for c in tenures), strict=True)]
    columns = (w.kind.tolist(), w.site.tolist(), w.by.tolist(), seconds(w.time).tolist())
    records = [f"record({KINDS[k]},{i},{s},{p},{t})." for i, (k, s, p, t) in enumerate(zip(*columns, strict=True))]
    signed = [f"signed({i})." for i in np.flatnonzero(w.signed == 1).tolist()]
    numbered = np.flatnonzero(w.hazard >= 0)
    hazards = [f"hazard({i},{h})." for i, h in zip(numbered.tolist(), w.hazard[numbered].tolist(), strict=True)]
    # A history in which nothing is signed says so by having no such fact; clingo would remark on it.
    control = clingo.Control(["--warn=no-atom-undefined"])
    control.add("base", [], "\n".join([RULES, f"site(0..{w.sites - 1}).", *windows, *terms, *records, *signed, *hazards]))
    return control


def load(folder: Path) -> clingo.Control:
    return of(read(folder))


def evaluate(control: clingo.Control) -> dict[str, Counter[str]]:
    """The counts of each duty by verdict. A control answers once."""
    control.ground([("base", [])])
    with control.solve(yield_=True) as answers:
        totals = [s.arguments for s in next(iter(answers)).symbols(shown=True)]
    found: dict[str, Counter[str]] = {}
    for duty, verdict, n in totals:
        found.setdefault(duty.name.replace("d", "D", 1), Counter())[verdict.name] = n.number
    return found
