"""The results as text and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contestants import CONTESTANTS


def _time(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} µs"
    return f"{seconds * 1e3:.3g} ms" if seconds < 0.9995 else f"{seconds:.3g} s"


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need; the first to the left, the others to the right."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [head, ["-" * w for w in widths], *rows]
    return "\n".join(
        "  ".join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))).rstrip()
        for line in lines
    )


def _span(measure: dict[str, float]) -> str:
    return f"{_time(measure['median'])} ({_time(measure['min'])}–{_time(measure['max'])})"


def _ratio(measure: dict[str, float]) -> str:
    return f"{measure['median']:.3g} ({measure['min']:.3g}–{measure['max']:.3g})"


def _bytes(number: float) -> str:
    return f"{number / 1e6:,.0f} MB" if number >= 1e7 else f"{number / 1e6:.2g} MB"


def sizes_text(size: str, records: int, result: dict[str, Any], growth: dict[str, float]) -> str:
    """The table of a size, what it holds above it and what the columns take below."""
    held = result["contestants"]
    again = any("again" in m for m in held.values())
    head = ["contestant", "rounds", "load", "evaluate", "÷ numpy", *(["again", "÷ numpy"] if again else []), "process", "peak", "÷ columns"]
    rows = [
        [
            name, str(m["rounds"]), _time(m["load"]["median"]), _span(m["evaluate"]), _ratio(m["ratio"]),
            *([_span(m["again"]), _ratio(m["ratio_again"])] if again else []),
            _time(m["process"]["median"]), _bytes(m["peak"]["median"]), f"{m['peak_ratio']:.3g}",
        ]
        for name, m in held.items()
    ]  # fmt: skip
    if growth:
        head.append("growth")
        rows = [[*row, f"{growth[name]:.2f}" if name in growth else ""] for row, name in zip(rows, held, strict=True)]
    columns = held["numpy"]["columns"]
    notes = [f"columns: {_bytes(columns)} as numpy holds the input"] + [
        f"{name} is given {_bytes(m['columns'])}; its peak is {m['peak_ratio_own']:.3g} times that"
        for name, m in held.items()
        if m["columns"] != columns
    ]
    absent = [c.name for c in CONTESTANTS if size in c.sizes and c.name not in held]
    notes += [f"not there: {', '.join(absent)}"] if absent else []
    about = f"{size}: {records:,} records, {result['obligations']:,} obligations; all counts equal"
    return "\n".join([about, _grid(head, rows), *notes])


def tiny_text(result: dict[str, Any]) -> str:
    best = min(m["median"] for m in result.values())
    rows = [[name, str(m["rounds"]), _span(m), f"{m['median'] / best:.3g}"] for name, m in result.items()]
    return f"tiny: 20 records of 3 sites, one call; all counts equal\n{_grid(['contestant', 'rounds', 'a call', '÷ fastest'], rows)}"


def startup_text(result: dict[str, Any]) -> str:
    rows = [[name, _span(m), _time(max(0.0, m["beyond"]))] for name, m in result.items()]
    return f"imports: a fresh interpreter each time\n{_grid(['statement', 'process', 'beyond a bare start'], rows)}"


_COLOURS = {"dutyrules": "#c0392b", "dutyrules, objects": "#e6b0aa"}


def picture(results: dict[str, Any], file: Path) -> None:
    """Bars of the time of evaluation, a panel for each size, on one logarithmic scale. It needs matplotlib."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    sizes = [(name, r["records"], r["contestants"]) for name, r in results.items()]
    names = [c.name for c in CONTESTANTS if any(c.name in held for _, _, held in sizes)]
    medians = [m["evaluate"] for _, _, held in sizes for m in held.values()]
    figure, panels = plt.subplots(
        1, len(sizes), figsize=(1.6 + 3.6 * len(sizes), 1.4 + 0.42 * len(names)), sharex=True, sharey=True, squeeze=False, layout="constrained"
    )  # fmt: skip
    for panel, (size, records, held) in zip(panels[0], sizes, strict=True):
        there = [(i, name, held[name]["evaluate"]) for i, name in enumerate(names) if name in held]
        middle = [m["median"] for _, _, m in there]
        reach = [[m["median"] - m["min"] for _, _, m in there], [m["max"] - m["median"] for _, _, m in there]]
        panel.barh([i for i, _, _ in there], middle, xerr=reach, color=[_COLOURS.get(n, "#5d7b93") for _, n, _ in there],
                   error_kw={"elinewidth": 1, "ecolor": "#333333"})  # fmt: skip
        for i, _, m in there:
            panel.annotate(_time(m["median"]), (m["max"], i), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
        panel.set_xscale("log")
        panel.set_title(f"{size}: {records:,} records", fontsize=10)
        panel.grid(axis="x", which="major", alpha=0.3)
        panel.set_axisbelow(True)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0][0].set_yticks(range(len(names)), names)
    panels[0][0].invert_yaxis()
    panels[0][0].set_xlim(min(m["min"] for m in medians) / 2, max(m["max"] for m in medians) * 8)
    figure.supxlabel("evaluation, seconds, logarithmic (median; line: fastest and slowest round)", fontsize=9)
    figure.savefig(file, dpi=150)
    plt.close(figure)
