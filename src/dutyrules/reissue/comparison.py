"""``diff``: what a new issue of a plan changes, by meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from dutyrules.duty import BaseDuty
from dutyrules.loading import load_plan
from dutyrules.meaning import OWN, Word, meaning, plain
from dutyrules.model import Label, Model
from dutyrules.plan import Plan
from dutyrules.reissue.directions import Effect, Side, field_effects, together
from dutyrules.reissue.words import item_text, phrase, phrases, sentence, told_text

__all__ = ["Diff", "FieldChange", "Finding", "Item", "Kind", "Part", "PlanName", "diff", "renamed"]

Kind = Literal["added", "removed", "renamed", "tightened", "loosened", "changed", "reworded"]
Part = Literal[
    "plan", "duty", "season", "calendar", "named_period", "role", "object_type", "event", "clause", "tests"
]  # fmt: skip


class PlanName(Model):
    """A plan that was compared."""

    id: str
    title: Label
    sha256: str
    """The fingerprint of its meaning."""


class FieldChange(Model):
    """A field that differs, with both values as short phrases (``null``: not there)."""

    field: str
    old: str | None
    new: str | None
    effect: Effect


class Item(Model):
    """One thing that differs: a duty, a word of the plan, a clause's account, the header, the tests."""

    kind: Kind
    part: Part
    name: str
    """Its name in the new plan, or in the old one where it was removed."""
    was: str | None = None
    """Its name in the old plan, where it was renamed."""
    clauses: tuple[str, ...] = ()
    """The clauses of a duty in either plan."""
    fields: tuple[FieldChange, ...] = ()
    through: tuple[str, ...] = ()
    """The words of the plan through which a duty has changed, such as ``season flood``."""
    told: Label | None = None
    """What differs, in one line; the summary of a duty that is added or removed."""
    text: Label
    """All of it in one line."""


class Finding(Model):
    """Something about the reissue that should be looked at."""

    code: str
    duty: str | None = None
    text: Label


class Diff(Model):
    """What differs between two plans, and what should be looked at."""

    dutyrules: str
    old: PlanName
    new: PlanName
    items: tuple[Item, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def changes_meaning(self) -> bool:
        """Whether anything but wording and tests differs."""
        return any(i.kind != "reworded" for i in self.items)

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data; its schema is published as ``schemas/diff.json``."""
        return self.model_dump(mode="json")


def diff(old: Plan | Mapping[str, Any], new: Plan | Mapping[str, Any]) -> Diff:
    """Compare two plans by what they mean.

    Order, comments and equivalent spellings are no change. A duty is ``tightened`` or ``loosened`` only where that holds for
    every obligation that both plans have; a duty with the same meaning under another id is ``renamed``.

    Raises:
        InputError: a plan given as plain data is faulty.
    """
    from dutyrules._version import version
    from dutyrules.reissue.findings import findings

    a, b = load_plan(old), load_plan(new)
    items = tuple(_items(a, b))
    return Diff(dutyrules=version(), old=_name(a), new=_name(b), items=items, findings=tuple(findings(a, b, items)))


def _name(plan: Plan) -> PlanName:
    return PlanName(id=plan.plan.id, title=plan.plan.title, sha256=plan.sha256())


def _items(a: Plan, b: Plan) -> Iterator[Item]:
    was, now = a.to_dict(), b.to_dict()
    yield from _header(was["plan"], now["plan"])
    yield from _duties(a, b, was["duties"], now["duties"])
    yield from _seasons(a, b, was, now)
    yield from _calendar(a, b, was.get("calendar", {}), now.get("calendar", {}))
    sections: tuple[tuple[Part, str], ...] = (("role", "roles"), ("object_type", "object_types"), ("event", "events"))
    for part, section in sections:
        yield from _words(part, getattr(a, section), getattr(b, section), was[section], now[section])
    yield from _words("clause", a.clauses, b.clauses, was.get("clauses", {}), now.get("clauses", {}))
    yield from _tests(was.get("tests", []), now.get("tests", []))


def _item(
    kind: Kind, part: Part, name: str, fields: Iterable[tuple[str, Any, Any, Effect]] = (), *, was: str | None = None,
    clauses: Iterable[str] = (), through: Iterable[str] = (), said: Mapping[str, str] | None = None,
) -> Item:  # fmt: skip
    """An item; ``said`` takes the place of its changes where there is only one side."""
    given, words, cited = list(fields), tuple(sorted(through)), tuple(sorted(set(clauses)))
    # Beside a change of meaning, other words are only named. Where an item goes no one way, each field says which way it goes.
    worded = [f for f, _, _, e in given if e == "reworded"] if kind != "reworded" else []
    shown = [
        (f, old, new, e if kind == "changed" and e in ("tightened", "loosened") else None)
        for f, old, new, e in given if f not in worded
    ]  # fmt: skip
    before = was if kind == "renamed" else None
    told = {
        lang: phrase(said, lang) if said else told_text(shown, lang, was=before, worded=worded, through=words)
        for lang in ("zh", "en")
    }
    return Item(
        kind=kind, part=part, name=name, was=was, clauses=cited, through=words,
        fields=tuple(
            FieldChange(field=f, old=(values := phrases(old, new))[0], new=values[1], effect=e) for f, old, new, e in given
        ),
        told=Label(**told) if told["en"] else None,
        text=Label(**{lang: item_text(kind, part, name, cited, told[lang], lang) for lang in told}),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- duties


def renamed(a: Plan, b: Plan) -> dict[str, str]:
    """Duties of the first plan that stand in the second under another id with the same meaning: old id to new id."""
    gone = [d for d in a.duties if d not in b.duties]
    come = [d for d in b.duties if d not in a.duties]
    pairs: dict[str, str] = {}
    # The same clause and summary first, then the same clause, then the meaning alone.
    alike: list[Callable[[BaseDuty], object]] = [lambda d: (d.clause, d.summary), lambda d: d.clause, lambda d: None]
    for said in alike:
        for old in sorted(d for d in gone if d not in pairs):
            free = sorted(set(come) - set(pairs.values()))
            match = next((n for n in free if said(a.duties[old]) == said(b.duties[n]) and _same(a, old, b, n)), None)
            if match is not None:
                pairs[old] = match
    return pairs


def _same(a: Plan, old: str, b: Plan, new: str) -> bool:
    return meaning(a, old) == meaning(b, new)


def _duties(a: Plan, b: Plan, was: dict[str, Any], now: dict[str, Any]) -> Iterator[Item]:
    names = renamed(a, b)
    for old in a.duties:
        new = names.get(old, old)
        if new not in b.duties:
            yield _item("removed", "duty", old, clauses=[was[old]["clause"]], said=was[old]["summary"])
            continue
        fields = list(field_effects(Side(a, old), Side(b, new), was[old], now[new]))
        through = _through(meaning(a, old), meaning(b, new))
        clauses = (was[old]["clause"], now[new]["clause"])
        if old != new:
            yield _item("renamed", "duty", new, fields, was=old, clauses=clauses)
        elif fields or through:
            kind = together([*(e for *_, e in fields), *(_worded(False) for _ in through)])
            yield _item(kind, "duty", old, fields, clauses=clauses, through=through)
    for new in b.duties:
        if new not in a.duties and new not in names.values():
            yield _item("added", "duty", new, clauses=[now[new]["clause"]], said=now[new]["summary"])


def _through(was: Mapping[Word, Any], now: Mapping[Word, Any]) -> list[str]:
    """The words that differ, as far as the duty looks for the same in both."""
    same_own = was[OWN] == now[OWN]
    found = []
    for word in (set(was) | set(now)) - {OWN}:
        a, b = was.get(word), now.get(word)
        if not same_own and isinstance(a, dict) and isinstance(b, dict):
            both = a.keys() & b.keys()
            a, b = ({k: x[k] for k in both} for x in (a, b))
        if a != b and (same_own or (word in was and word in now)):
            found.append(" ".join(word))
    return found


# -------------------------------------------------------------------------------------------------- the rest of the plan

_HEADER_WORDING = frozenset({"title", "number", "issued", "note", "contents", "accepted"})
_WORDING = frozenset({"zh", "en", "source", "reading", "why"})


def _spread(value: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """The entries of a mapping, those under some keys one by one."""
    out: dict[str, Any] = {}
    for key, v in value.items():
        if key in keys and isinstance(v, Mapping):
            out.update({f"{key}.{k}": w for k, w in v.items()})
        else:
            out[key] = v
    return out


def _differing(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in dict.fromkeys((*was, *now)):
        if was.get(key) != now.get(key):
            yield key, was.get(key), now.get(key)


def _header(was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Item]:
    spread = [_spread(x, ("in_force",)) for x in (was, now)]
    fields = [(k, old, new, _worded(k in _HEADER_WORDING)) for k, old, new in _differing(*spread)]
    if fields:
        renumbered = was["id"] if was["id"] != now["id"] else None
        yield _item(together(e for *_, e in fields), "plan", now["id"], fields, was=renumbered)


def _worded(only_words: bool) -> Effect:
    return "reworded" if only_words else "changed"


def _words(
    part: Part, a: Mapping[Any, Any], b: Mapping[Any, Any], was: Mapping[str, Any], now: Mapping[str, Any], same: Any = None
) -> Iterator[Item]:
    """Named words of a plan; ``same`` tells whether two with different fields mean the same nevertheless."""
    keys = {str(k): k for k in (*a, *b)}
    for name, key in keys.items():
        if name not in now:
            yield _item("removed", part, name)
        elif name not in was:
            yield _item("added", part, name)
        elif was[name] != now[name]:
            alike = same is not None and same(a[key], b[key])
            yield _word(part, name, a[key], b[key], was[name], now[name], alike)


def _word(part: Part, name: str, a: Any, b: Any, was: Any, now: Any, alike: bool) -> Item:
    # A named period is said in one phrase, whichever form it has.
    spread: list[dict[str, Any]] = [
        {part: x} if part == "named_period" else _spread(x, ("attributes", "in_year")) for x in (was, now)
    ]
    fields = [
        (key, old, new, _worded(alike or key in _WORDING or _equal(a, b, key))) for key, old, new in _differing(*spread)
    ]
    return _item(together(e for *_, e in fields), part, name, fields)


def _equal(a: Any, b: Any, key: str) -> bool:
    """Whether a field that is written differently means the same."""
    first, _, rest = key.partition(".")
    if first == "attributes":
        return bool(a.attributes.get(rest) == b.attributes.get(rest))
    name = f"{first}_" if first == "while" else first
    return bool(plain(getattr(a, name, a)) == plain(getattr(b, name, b)))


def _seasons(a: Plan, b: Plan, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Item]:
    def same(p: Any, q: Any) -> bool:
        return bool(p.rule() == q.rule())

    yield from _words("season", a.seasons, b.seasons, was.get("seasons", {}), now.get("seasons", {}), same)


def _calendar(a: Plan, b: Plan, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Item]:
    if was.get("working_days") != now.get("working_days"):
        yield _item("changed", "calendar", "working_days", [("working_days", was.get("working_days"), now.get("working_days"), "changed")])
    yield from _words("calendar", a.calendar.years, b.calendar.years, was.get("years", {}), now.get("years", {}))
    periods = a.calendar.named_periods, b.calendar.named_periods
    yield from _words("named_period", *periods, was.get("named_periods", {}), now.get("named_periods", {}))


def _tests(was: list[Any], now: list[Any]) -> Iterator[Item]:
    if was == now:
        return
    lists = [Counter(repr(_sorted(t)) for t in tests) for tests in (was, now)]
    moved = sum(p != q for p, q in zip(was, now, strict=False))
    n = max((lists[0] - lists[1]).total(), (lists[1] - lists[0]).total()) or moved
    text = Label(**{lang: sentence("tests", lang, n=n) for lang in ("zh", "en")})
    yield Item(kind="reworded", part="tests", name=str(n), text=text)


def _sorted(value: Any) -> Any:
    """Plain data in one order of keys."""
    if isinstance(value, Mapping):
        return {k: _sorted(value[k]) for k in sorted(value)}
    return [_sorted(v) for v in value] if isinstance(value, list) else value
