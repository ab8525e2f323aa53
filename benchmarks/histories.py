"""A history file to what can be judged, beside readers of tables: ``python benchmarks/histories.py``. See README.md in this folder."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from contest import environment, spread
from report import _grid, _span, _time

FILES = ("csv", "jsonl", "parquet")
WORDS = ("event", "object", "by")


# --------------------------------------------------------------------------------------------------- what is measured


def dutyrules(file: str) -> Any:
    """A history; every row is checked, and every id to be there once."""
    from dutyrules import load_history

    return load_history(file)


def dutyrules_rows(file: str) -> Any:
    """The same, an object for each record."""
    from dutyrules import load_history, loading

    loading._LARGE = sys.maxsize
    return load_history(file)


def polars(file: str) -> Any:
    """A data frame, its types given: times, categories, numbers, text."""
    import polars as pl

    schema = {"id": pl.String, "time": pl.Datetime("us"), **dict.fromkeys(WORDS, pl.Categorical), "signed": pl.Boolean, "hazard_id": pl.Int64}
    if file.endswith(".csv"):
        return pl.read_csv(file, schema=schema)
    if file.endswith(".jsonl"):
        # It reads no times and no categories from JSON.
        return pl.read_ndjson(file, schema={**schema, **dict.fromkeys(("time", *WORDS), pl.String)})
    return pl.read_parquet(file)


def pyarrow(file: str) -> Any:
    """A table, its types given."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.json
    import pyarrow.parquet

    words = pa.dictionary(pa.int32(), pa.string())
    types = {"id": pa.string(), "time": pa.timestamp("us"), **dict.fromkeys(WORDS, words), "signed": pa.bool_(), "hazard_id": pa.int64()}
    if file.endswith(".csv"):
        return pyarrow.csv.read_csv(file, convert_options=pyarrow.csv.ConvertOptions(column_types=types))
    if file.endswith(".jsonl"):
        schema = pa.schema({**types, **dict.fromkeys(WORDS, pa.string())})
        return pyarrow.json.read_json(file, parse_options=pyarrow.json.ParseOptions(explicit_schema=schema))
    return pyarrow.parquet.read_table(file)


READERS: dict[str, Callable[[str], Any]] = {
    "dutyrules": dutyrules, "polars": polars, "pyarrow": pyarrow, "dutyrules, row by row": dutyrules_rows,
}  # fmt: skip


_NEEDED = {
    "dutyrules": ("dutyrules.loading", "dutyrules.historyfiles"), "polars": ("polars",), "dutyrules, row by row": ("dutyrules.loading",),
    "pyarrow": ("pyarrow.csv", "pyarrow.json", "pyarrow.parquet"),
}  # fmt: skip


def child(name: str, file: str) -> None:
    """Read a file, and print what it took."""
    begun = perf_counter()
    for module in _NEEDED[name]:
        import_module(module)
    imported = perf_counter()
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].set_cpu_count(2)
    found = READERS[name](file)
    done = perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({"rows": len(found), "import": imported - begun, "load": done - imported, "peak": peak}))


# ---------------------------------------------------------------------------------------------------------- the files


def write(records: int, seed: int, folder: Path) -> None:
    """The workload as a CSV, as JSON lines and as Parquet."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.csv
    import pyarrow.parquet
    from adapters import arrow_records
    from workload import OFFSET, make

    w = make(max(3, records // 200), records, seed)
    coded = arrow_records(w)
    local = pc.floor_temporal(pa.array(w.time + OFFSET, pa.timestamp("us")), unit="second")
    columns = {n: coded[n] for n in coded.column_names} | {"id": pa.array([f"r{i}" for i in range(len(w))]), "time": local}
    pyarrow.parquet.write_table(pa.table(columns), folder / "history.parquet")
    text = pc.strftime(local.cast(pa.timestamp("s")), "%Y-%m-%dT%H:%M:%S")
    plain = pa.table({n: c.cast(pa.string()) if n in WORDS else c for n, c in (columns | {"time": text}).items()})
    pyarrow.csv.write_csv(plain, folder / "history.csv", pyarrow.csv.WriteOptions(quoting_style="none"))
    with open(folder / "history.jsonl", "w", encoding="utf-8") as out:
        for batch in plain.to_batches(50_000):
            out.writelines(json.dumps({k: v for k, v in row.items() if v is not None}) + "\n" for row in batch.to_pylist())


# ------------------------------------------------------------------------------------------------------------ rounds


def run(*words: str) -> str:
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, env=environment())
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr.strip().splitlines()[-1]}")
    return done.stdout


def measured(file: Path, rounds: int, say: Callable[[str], None]) -> dict[str, list[dict[str, Any]]]:
    """What each reader took, round by round, after one round that is not counted; the row reader takes part in one round."""
    present = [n for n in READERS if n != "polars" or find_spec("polars")]
    present = [n for n in present if n != "dutyrules, row by row" or file.suffix != ".parquet"]
    found: dict[str, list[dict[str, Any]]] = {n: [] for n in present}
    for number in range(rounds + 1):
        say(f"{file.name}: round {number} of {rounds}")
        turn = number % len(present)
        for name in (*present[turn:], *present[:turn]):
            if name != "dutyrules, row by row" or number == 1:
                taken = json.loads(run("child", name, str(file)))
                found[name] += [taken] * (number > 0)
    if len({m["rows"] for runs in found.values() for m in runs}) != 1:
        raise SystemExit(f"{file.name}: not all give as many rows")
    return found


def text(file: Path, found: dict[str, list[dict[str, Any]]]) -> str:
    rows = []
    for name, runs in found.items():
        times = spread([m["load"] for m in runs])
        ratios = {
            other: [m["load"] / o["load"] for m, o in zip(runs, found[other], strict=False)] for other in ("polars", "pyarrow") if other in found
        }
        told = [f"{median(r):.2f} ({min(r):.2f}–{max(r):.2f})" for r in ratios.values()]
        rows.append([name, _span(times) if len(runs) > 1 else _time(times["median"]), *told, _time(median(m["import"] for m in runs)), f"{median(m['peak'] for m in runs) / 2**20:,.0f} MB"])
    head = ["reader", "load", *(f"÷ {other}" for other in ("polars", "pyarrow") if other in found), "import", "peak"]
    size = file.stat().st_size / 2**20
    return f"{file.name}: {next(iter(found.values()))[0]['rows']:,} records, {size:,.0f} MB\n{_grid(head, rows)}"


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Measure how long a history file takes to be read, beside readers of tables.")
    parser.add_argument("--records", type=int, default=1_000_000, help="(1,000,000)")
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds, after one that is not (5)")
    parser.add_argument("--seed", type=int, default=2025, help="of the workload (2025)")
    parser.add_argument("--file", choices=FILES, action="append", help="only these kinds of file")
    args = parser.parse_args(words)
    if args.rounds < 1 or args.records < 1:
        parser.error("--rounds, --records: at least 1")
    if find_spec("pyarrow") is None:
        parser.error('pyarrow is needed: pip install -e ".[bench]"')
    say = partial(print, file=sys.stderr, flush=True)
    with TemporaryDirectory(prefix="dutyrules-bench-") as folder:
        say("writing the files")
        run("write", str(args.records), str(args.seed), folder)
        for ending in args.file or FILES:
            file = Path(folder, f"history.{ending}")
            print(text(file, measured(file, args.rounds, say)), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["child"]:
        child(*sys.argv[2:])
    elif sys.argv[1:2] == ["write"]:
        write(int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    else:
        sys.exit(main())
