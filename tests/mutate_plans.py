"""Shipped plans, mutated at random: is every fault of form found at its line, and every change of meaning in the diff?

    python tests/mutate_plans.py --plans 200 --seed 1

Six kinds of mutation, drawn in turn. Whether a mutant is a fault or a change of meaning is known from how it was made, not from what
the library says of it; only of a broken indentation is that asked of the YAML parser itself.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from dutyrules.errors import InputError
from dutyrules.loading import load_plan
from dutyrules.reissue import diff

ROOT = Path(__file__).parents[1]
PLANS = sorted(ROOT.glob("duties/*.yaml"))
FREE = {"duties", "roles", "object_types", "events", "seasons", "clauses", "named_periods", "attributes", "years", "in_year",
        "where", "while", "changes", "accepted", "tests", "at_least", "at_most"}  # fmt: skip
"""Under these keys an author chooses the names himself, so a misspelt one is another name and no fault of form."""

WRONG = {
    "from": "2026-02-30", "through": "2026-13-01", "issued": "16.4.2026", "decided": "yesterday", "timezone": "Asia/Xixia",
    "for_each": "sites", "cut_windows": "half", "severity": "grave", "decidable": "maybe", "working_days": "mars",
    "within": "two hours", "one_episode": "a while", "late": "sometimes", "roll": "backward", "starts": "whenever",
    "gaps_up_to": "3 shifts", "apart": "long", "dutyrules": "7", "snap": "week", "personal": "perhaps",
}  # fmt: skip
"""A value that each of these keys cannot have."""

FIGURE = re.compile(r"(?<![\w-])\d+(?= (?:per|days?|working|hours?|times|months?|minutes?|weeks?|years?|in any)\b)|(?<=every )\d+")
MONTH_DAY = re.compile(r"(?<![\d-])(\d\d)-(\d\d)(?![\d-])")


@dataclass(frozen=True)
class Mutant:
    """A mutated text, the line that was touched, and what it is known to be."""

    kind: str
    text: str
    line: int
    fault: bool
    detail: str


@dataclass(frozen=True)
class Node:
    """A scalar of a plan: where it stands and under which keys."""

    path: tuple[str | int, ...]
    node: yaml.ScalarNode
    is_key: bool


def scalars(text: str) -> list[Node]:
    found: list[Node] = []

    def walk(node: yaml.Node, path: tuple[str | int, ...]) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                found.append(Node((*path, key.value), key, True))
                walk(value, (*path, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for i, child in enumerate(node.value):
                walk(child, (*path, i))
        else:
            found.append(Node(path, node, False))

    walk(yaml.compose(text, Loader=yaml.SafeLoader), ())
    return found


def replaced(text: str, node: yaml.Node, new: str) -> str:
    return text[: node.start_mark.index] + new + text[node.end_mark.index :]


def names(path: tuple[str | int, ...]) -> tuple[str, ...]:
    return tuple(p for p in path if isinstance(p, str))


def key_misspelt(text: str, random: random.Random) -> Mutant | None:
    keys = [
        n for n in scalars(text)
        if n.is_key and len(str(n.path[-1])) > 3 and len(n.path) > 1 and names(n.path)[-2] not in FREE and "tests" not in n.path
        and "changes" not in n.path and not {"where", "while"} & set(n.path[:-1])
    ]  # fmt: skip
    chosen = random.choice(keys)
    key = str(chosen.path[-1])
    at = random.randrange(len(key) - 1)
    new = random.choice([key[:at] + key[at + 1 :], key[:at] + key[at + 1] + key[at] + key[at + 2 :], key[:at] + "x" + key[at:]])
    if new == key or new in ("zh", "en"):
        return None
    return Mutant("key misspelt", replaced(text, chosen.node, new), chosen.node.start_mark.line + 1, True, f"{key} -> {new}")


def value_out_of_range(text: str, random: random.Random) -> Mutant | None:
    values = [n for n in scalars(text) if not n.is_key and n.path[-1] in WRONG and not {"tests", "changes", "in_any"} & set(n.path)]
    chosen = random.choice(values)
    new = WRONG[str(chosen.path[-1])]
    detail = f"{'.'.join(map(str, chosen.path))} = {new}"
    return Mutant("value out of range", replaced(text, chosen.node, new), chosen.node.start_mark.line + 1, True, detail)


def indentation_broken(text: str, random: random.Random) -> Mutant | None:
    lines = text.split("\n")
    inside = [i for i, line in enumerate(lines) if re.match(r" +[^\s#]", line)]
    at = random.choice(inside)
    by = random.choice([-1, 1, -2, 3])
    if by < 0 and not lines[at].startswith(" " * -by):
        return None
    lines[at] = " " * by + lines[at] if by > 0 else lines[at][-by:]
    new = "\n".join(lines)
    if _data(new) == _data(text):
        return None
    return Mutant("indentation broken", new, at + 1, False, f"by {by:+}")


def season_removed(text: str, random: random.Random) -> Mutant | None:
    seasons = [n for n in scalars(text) if n.is_key and len(n.path) == 2 and n.path[0] == "seasons"]
    if not seasons:
        return None
    chosen = random.choice(seasons)
    used = [
        n for n in scalars(text)
        if n.node.value in (chosen.path[1], f"non_{chosen.path[1]}") and n.path[0] == "duties" and "changes" not in n.path
        and (n.is_key or names(n.path)[-1] in ("during", "season"))
    ]  # fmt: skip
    lines = text.split("\n")
    first = chosen.node.start_mark.line
    last = first + 1
    while last < len(lines) and (not lines[last].strip() or lines[last].startswith("   ") or lines[last].lstrip().startswith("#")):
        last += 1
    if not used:
        return None
    cut = last - first
    mended = lines[:first] + lines[last:]
    if len(seasons) == 1:
        mended[first - 1] = re.sub(r"^seasons:.*", "seasons: {}", mended[first - 1])
        if not mended[first - 1].startswith("seasons:"):
            at = next(i for i, line in enumerate(mended) if line.startswith("seasons:"))
            mended[at] = "seasons: {}"
    line = min(n.node.start_mark.line for n in used) + 1
    return Mutant("season removed", "\n".join(mended), line - cut if line > first else line, True, str(chosen.path[1]))


def figure_changed(text: str, random: random.Random) -> Mutant | None:
    places = [
        (n, m) for n in scalars(text) if n.path[0] == "duties" and not n.is_key and not {"reading", "summary", "note"} & set(n.path)
        for m in FIGURE.finditer(n.node.value)
    ]  # fmt: skip
    chosen, found = random.choice(places)
    new = str(int(found[0]) + random.choice([1, 2, 5]))
    value = chosen.node.value[: found.start()] + new + chosen.node.value[found.end() :]
    detail = f"{'.'.join(map(str, chosen.path))}: {chosen.node.value} -> {value}"
    return Mutant("figure changed", replaced(text, chosen.node, value), chosen.node.start_mark.line + 1, False, detail)


def date_changed(text: str, random: random.Random) -> Mutant | None:
    places = [
        (n, m) for n in scalars(text) if n.path[0] in ("seasons", "calendar") and not n.is_key and "source" not in n.path
        for m in [MONTH_DAY.fullmatch(n.node.value)] if m and "reading" not in n.path
    ]  # fmt: skip
    if not places:
        return None
    chosen, found = random.choice(places)
    day = int(found[2])
    value = f"{found[1]}-{day - 1 if day > 1 else day + 1:02d}"
    detail = f"{'.'.join(map(str, chosen.path))}: {chosen.node.value} -> {value}"
    return Mutant("season or period moved", replaced(text, chosen.node, value), chosen.node.start_mark.line + 1, False, detail)


KINDS = (key_misspelt, value_out_of_range, indentation_broken, season_removed, figure_changed, date_changed)


def _data(text: str) -> Any:
    try:
        return yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        return str(error)


def mutants(count: int, seed: int) -> Iterator[tuple[Path, Mutant]]:
    """So many mutants, the kinds in turn, from the shipped plans."""
    source = random.Random(seed)
    made = 0
    while made < count:
        plan = source.choice(PLANS)
        mutant = KINDS[made % len(KINDS)](plan.read_text(encoding="utf-8"), source)
        if mutant is not None:
            made += 1
            yield plan, mutant


def outcome(plan: Path, mutant: Mutant, folder: Path) -> str:
    """What the library says of a mutant: ``at its line``, ``on the next line``, ``elsewhere``, ``in the diff``, ``missed``."""
    file = folder / "mutant.yaml"
    file.write_text(mutant.text, encoding="utf-8")
    try:
        changed = load_plan(file)
    except InputError as error:
        lines = {p.line for p in error.problems if p.line is not None}
        if mutant.line in lines:
            return "at its line"
        # A parser notices a wrong indentation with the line that no longer fits.
        return "on a line beside it" if lines & {mutant.line - 1, mutant.line + 1} else "elsewhere"
    if mutant.fault:
        return "missed"
    return "in the diff" if diff(load_plan(plan), changed).items else "missed"


def main() -> int:
    """Make the mutants, and print what became of them by kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print each mutant that was not found at its line or in the diff")
    args = parser.parse_args()
    found: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        for plan, mutant in mutants(args.plans, args.seed):
            what = outcome(plan, mutant, Path(folder))
            found[(mutant.kind, what)] += 1
            if args.show and what not in ("at its line", "in the diff"):
                print(f"{plan.name}:{mutant.line}: {mutant.kind} ({mutant.detail}): {what}")
    for (kind, what), n in sorted(found.items()):
        print(f"{kind:24}{what:22}{n:4}")
    return 1 if any(what == "missed" for _, what in found) else 0


if __name__ == "__main__":
    sys.exit(main())
