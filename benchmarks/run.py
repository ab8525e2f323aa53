"""Measure dutyrules beside hand-written peers: ``python benchmarks/run.py --size small``. See README.md in this folder."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from contest import Failed, contest, exponents
from contestants import COUNTED
from report import about_text, picture, sizes_text, startup_text, targets_text, tiny_text
from startup import startup

PACKAGES = ("dutyrules", "numpy", "pyarrow", "polars", "duckdb", "pandas", "openfisca-core", "clingo", "pydantic")
RECORDS = {"small": 20_000, "medium": 2_000_000, "large": 10_000_000}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _about() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "packages": {p: v for p in PACKAGES if (v := _version(p))},
        "load": [],
    }


def _load() -> list[float]:
    """How many processes want to run, on average over some minutes, where the system tells."""
    return [os.getloadavg()[1]] if hasattr(os, "getloadavg") else []


def _arguments(words: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure dutyrules beside the same duties written by hand in other tools.")
    parser.add_argument("--size", choices=("tiny", *COUNTED, "imports", "all"), default="small")
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds, after a warm-up (at least 1; 5)")
    parser.add_argument("--seed", type=int, default=2025, help="of the workload (2025)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all measures")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the sizes (.svg or .png; needs matplotlib)")
    args = parser.parse_args(words)
    if args.rounds < 1:
        parser.error("--rounds: at least 1")
    for file in (args.json, args.picture):
        if file is not None and not file.absolute().parent.is_dir():
            parser.error(f"{file}: there is no such folder")
        if file is not None and file.is_dir():
            parser.error(f"{file}: this is a folder, not a file")
    if args.picture is not None and args.picture.suffix not in (".svg", ".png"):
        parser.error(f"{args.picture}: a picture is .svg or .png")
    if args.picture is not None and args.size in ("tiny", "imports"):
        parser.error(f"--picture: there is none of --size {args.size}")
    if args.picture is not None and find_spec("matplotlib") is None:
        parser.error("--picture needs matplotlib: pip install matplotlib")
    if find_spec("pyarrow") is None:
        parser.error('pyarrow is needed to read the files: pip install -e ".[bench]"')
    return args


def main(words: list[str] | None = None) -> int:
    args = _arguments(words)

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    wanted = ("imports", *COUNTED, "tiny") if args.size == "all" else (args.size,)
    found: dict[str, Any] = {"about": _about(), "seed": args.seed, "sizes": {}, "growth": {}}
    before = _load()
    try:
        for name in wanted:
            # The tiny histories come last: they bring the data libraries into this process.
            if name == "tiny":
                from tiny import tiny

                say("tiny: calls in one process")
                found["tiny"] = tiny(max(args.rounds, 5), args.seed)
                print(tiny_text(found["tiny"]), end="\n\n", flush=True)
            elif name == "imports":
                say("imports: fresh interpreters")
                found["imports"] = startup(max(args.rounds, 9))
                print(startup_text(found["imports"]), end="\n\n", flush=True)
            else:
                result = contest(name, args.rounds, args.seed, say)
                found["sizes"][name] = {"records": RECORDS[name], **result}
                growth = exponents(RECORDS, found["sizes"])
                found["growth"] = growth
                print(sizes_text(name, RECORDS[name], result, growth.get(name, {})), end="\n\n", flush=True)
    except Failed as failure:
        say(str(failure))
        return 1
    found["about"]["load"] = before + _load()
    print(f"{about_text(found['about'])}\n\n{targets_text(found)}")
    if args.json is not None:
        args.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if args.picture is not None:
        picture(found["sizes"], found["growth"], args.picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
