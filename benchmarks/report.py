"""The results as text and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contestants import CONTESTANTS
from targets import targets


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
    head = ["contestant", "rounds", "load", "evaluate", "÷ numpy", "cpu", "÷ numpy", *(["again", "÷ numpy"] if again else []), "process", "peak", "÷ columns"]
    rows = [
        [
            name, str(m["rounds"]), _time(m["load"]["median"]), _span(m["evaluate"]), _ratio(m["ratio"]), _time(m["cpu"]["median"]), f"{m['cpu']['median'] / held['numpy']['cpu']['median']:.3g}",
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
    rows = [[name, _span(m), _time(max(0.0, m["beyond"])), _ratio(m["ratio"])] for name, m in result.items()]
    return f"imports: a fresh interpreter each time\n{_grid(['statement', 'process', 'beyond a bare start', '÷ import pydantic'], rows)}"


def targets_text(found: dict[str, Any]) -> str:
    rows = [[t.what, _figure(t.aim, t.unit), _figure(t.measured, t.unit), "yes" if t.met else "no"] for t in targets(found)]
    return _grid(["target", "at most", "measured", "met"], rows)


def _figure(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}".rstrip()


def about_text(about: dict[str, Any]) -> str:
    """The machine and the versions of a run."""
    load = about["load"]
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    lines = [
        f"{about['cores']} cores, Python {about['python']}",
        packages,
        f"load of the machine, all programs: {load[0]:.1f} at the beginning, {load[1]:.1f} at the end" if load else "",
    ]
    return "\n".join(line for line in lines if line)


_COLOURS = {"dutyrules": "#c0392b", "dutyrules, objects": "#e6b0aa"}
_PANELS = {"evaluate": "evaluate, seconds", "process": "whole process, seconds", "peak": "peak memory, megabytes"}


def _label(measure: str, m: dict[str, Any], growth: float | None) -> str:
    """What stands beside a bar."""
    if measure == "peak":
        return _bytes(m["peak"]["median"])
    text = _time(m[measure]["median"])
    if measure == "process":
        return text
    return f"{text}, {m['ratio']['median']:.3g} × numpy" + ("" if growth is None else f", growth {growth:.2f}")


def picture(results: dict[str, Any], growth: dict[str, dict[str, float]], file: Path) -> None:
    """Bars on logarithmic scales: a row of panels for each measure, a column for each size. It needs matplotlib."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    names = [c.name for c in CONTESTANTS if any(c.name in r["contestants"] for r in results.values())]
    figure, panels = plt.subplots(
        len(_PANELS), len(results), figsize=(1.6 + 4.4 * len(results), 0.6 + len(_PANELS) * (0.7 + 0.27 * len(names))),
        sharex="row", sharey=True, squeeze=False, layout="constrained",
    )  # fmt: skip
    for row, (measure, title) in zip(panels, _PANELS.items(), strict=True):
        scale = 1e6 if measure == "peak" else 1.0
        spans = [m[measure] for r in results.values() for m in r["contestants"].values()]
        low, high = min(m["min"] for m in spans) / scale / 2, max(m["max"] for m in spans) / scale
        for panel, (size, result) in zip(row, results.items(), strict=True):
            held = result["contestants"]
            there = [(i, name, {k: v / scale for k, v in held[name][measure].items()}) for i, name in enumerate(names) if name in held]
            reach = [[m["median"] - m["min"] for _, _, m in there], [m["max"] - m["median"] for _, _, m in there]]
            panel.barh([i for i, _, _ in there], [m["median"] for _, _, m in there], xerr=reach, height=0.7,
                       color=[_COLOURS.get(n, "#5d7b93") for _, n, _ in there], error_kw={"elinewidth": 1, "ecolor": "#222222"})  # fmt: skip
            for i, name, m in there:
                text = _label(measure, held[name], growth.get(size, {}).get(name))
                panel.annotate(text, (m["max"], i), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8)
            panel.set_xscale("log")
            # The scale goes on beneath the labels, its numbers do not.
            panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _, end=high: f"{value:,g}" if value <= end else ""))
            if high / low < 300:
                panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
                panel.xaxis.set_minor_locator(NullLocator())
            panel.set_title(f"{size}, {result['records']:,} records: {title}", fontsize=9, loc="left")
            panel.grid(axis="x", which="major", alpha=0.3)
            panel.set_axisbelow(True)
            panel.tick_params(labelsize=8)
            panel.spines[["top", "right"]].set_visible(False)
        # Room for the longest label: bars and labels share a logarithmic axis.
        row[0].set_xlim(low, high * (high / low) ** (0.9 if measure == "evaluate" else 0.3))
    panels[0][0].set_yticks(range(len(names)), names)
    panels[0][0].invert_yaxis()
    figure.supxlabel(
        "logarithmic scales; bar: median, line: least and most of the rounds\n"
        "growth: with which power of the number of records the time grew since the size before", fontsize=8,
    )  # fmt: skip
    figure.savefig(file, dpi=150)
    plt.close(figure)
