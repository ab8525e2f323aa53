"""What is aimed at, beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from contest import exponents


class Target(NamedTuple):
    what: str
    aim: float
    unit: str
    measured: float

    @property
    def met(self) -> bool:
        return self.measured <= self.aim


def _ratio(held: dict[str, Any], measure: str, peer: str) -> float:
    return float(held["dutyrules"][measure]["median"] / held[peer][measure]["median"])


def targets(found: dict[str, Any]) -> Iterator[Target]:
    """Those about which something was measured; every measure is better the smaller it is."""
    sizes, tiny, imports = found["sizes"], found.get("tiny"), found.get("imports")
    if "large" in sizes:
        held = sizes["large"]["contestants"]
        own = held["dutyrules"]
        yield Target("10 million records, evaluate ÷ numpy", 1.5, "×", own["ratio"]["median"])
        yield Target("10 million records, processor time of it ÷ numpy", 1.5, "×", _ratio(held, "cpu", "numpy"))
        for name in ("duckdb", "polars"):
            if name in held:
                yield Target(f"10 million records, evaluate ÷ {name}", 1, "×", _ratio(held, "evaluate", name))
                yield Target(f"10 million records, processor time of it ÷ {name}", 1, "×", _ratio(held, "cpu", name))
        yield Target("10 million records, peak memory ÷ columns as numpy holds them", 1.5, "×", own["peak_ratio"])
        yield Target("10 million records, peak memory ÷ columns as they were given", 1.5, "×", own["peak_ratio_own"])
    if {"medium", "large"} <= sizes.keys():
        records = {size: sizes[size]["records"] for size in ("medium", "large")}
        for what, measure in (("growth from 2 to 10 million records", "evaluate"), ("growth of the processor time of it", "cpu")):
            yield Target(what, 1.1, "", exponents(records, sizes, measure)["large"]["dutyrules"])
    if "small" in sizes:
        held = sizes["small"]["contestants"]
        own = held["dutyrules"]
        yield Target("20,000 records, first evaluation ÷ numpy", 3, "×", own["ratio"]["median"])
        yield Target("20,000 records, processor time of it ÷ numpy", 3, "×", _ratio(held, "cpu", "numpy"))
        yield Target("20,000 records, evaluated again ÷ numpy", 3, "×", own["ratio_again"]["median"])
    if tiny is not None:
        own = tiny["dutyrules"]["median"]
        yield Target("20 records, a call", 0.5, "ms", own * 1000)
        yield Target("20 records, a call ÷ numpy", 3, "×", own / tiny["numpy"]["median"])
        if "duckdb" in tiny:
            yield Target("20 records, a call ÷ duckdb", 1 / 20, "×", own / tiny["duckdb"]["median"])
    if imports is not None:
        yield Target("import dutyrules ÷ import pydantic", 1.3, "×", imports["import dutyrules"]["ratio"]["median"])
