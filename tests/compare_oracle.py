"""A longer comparison of the engine with the oracle: ``python tests/compare_oracle.py --cases 20000 --seed 1``.

Counts the agreements by kind of duty and by verdict, prints the smallest cases of which the two do not say the same, and
exits with 1 if there are any. Case ``n`` of a seed is always the same case: ``--only N`` looks at one of them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from agreement import differences, engine_says, failure, same_failure, smallest
from dutyrules.evaluation import VERDICTS
from dutyrules.strategies import KINDS, Case, sample

_STRIDE = 10_000_000


def compare(numbers: Iterable[int], seed: int, kinds: tuple[str, ...]) -> tuple[Counter[tuple[str, str]], dict[str, list[tuple[int, Case]]]]:
    """The agreements by kind of duty and verdict, and the cases that fail by how they fail."""
    agreed: Counter[tuple[str, str]] = Counter()
    failed: dict[str, list[tuple[int, Case]]] = {}
    for number in numbers:
        kind = kinds[number % len(kinds)] if number % 2 else None
        case = sample(seed * _STRIDE + number, [kind] if kind else kinds)  # type: ignore[list-item]
        marks = failure(case)
        if marks:
            failed.setdefault(marks[0], []).append((number, case))
            continue
        for o in engine_says(case).values():
            agreed[type(case.plan.duties[o["duty"]]).__name__, o["verdict"]] += 1
    return agreed, failed


def report(number: int, case: Case, shrink: bool) -> None:
    """Print a case of which the two do not say the same."""
    if shrink:
        case = smallest(case, same_failure(case))
    print(f"--- case {number}")
    try:
        print("\n".join(differences(case)))
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
    print(case.text())


def table(agreed: Counter[tuple[str, str]]) -> None:
    """Print the agreements."""
    kinds = sorted({k for k, _ in agreed})
    print(f"{'':16}" + "".join(f"{v:>15}" for v in VERDICTS))
    for kind in kinds:
        print(f"{kind:16}" + "".join(f"{agreed[kind, v]:>15}" for v in VERDICTS))


def main() -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--only", type=int, help="look at one case")
    parser.add_argument("--show", type=int, default=3, help="how many failures to print of each sort")
    parser.add_argument("--no-shrink", action="store_true")
    args = parser.parse_args()
    started = time.monotonic()
    numbers = range(args.cases) if args.only is None else [args.only]
    agreed, failed = compare(numbers, args.seed, tuple(args.kinds.split(",")))
    table(agreed)
    count = sum(len(cases) for cases in failed.values())
    print(f"{len(numbers)} cases, {sum(agreed.values())} obligations agree, {count} cases do not, {time.monotonic() - started:.0f} s")
    for how, cases in sorted(failed.items(), key=lambda item: -len(item[1])):
        print(f"=== {how}: {len(cases)} cases")
        for number, case in sorted(cases, key=lambda c: len(c[1].history) + 5 * len(c[1].plan.duties))[: args.show]:
            report(number, case, not args.no_shrink)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
