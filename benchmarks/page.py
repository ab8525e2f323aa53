"""Put the tables and the picture of a run into the page about speed: ``python benchmarks/page.py``.

The run is that of ``python benchmarks/run.py --size all --json benchmarks/results.json``.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from report import about_text, picture, sizes_text, startup_text, targets_text, tiny_text

HERE = Path(__file__).parent
RESULTS, PAGE, PICTURE = HERE / "results.json", HERE.parent / "docs" / "speed.md", HERE.parent / "docs" / "speed.svg"
_PLACE = re.compile(r"(<!-- measured: (\w+) -->\n```text\n).*?(^```$)", re.MULTILINE | re.DOTALL)


def tables(found: dict[str, Any]) -> dict[str, str]:
    """The tables of a run by name."""
    growth = found["growth"]
    sizes = {name: sizes_text(name, result["records"], result, growth.get(name, {})) for name, result in found["sizes"].items()}
    return sizes | {
        "about": about_text(found["about"]),
        "targets": targets_text(found),
        "tiny": tiny_text(found["tiny"]),
        "imports": startup_text(found["imports"]),
    }


def renewed(page: str, found: dict[str, Any]) -> str:
    """The page with the tables of a run."""
    made = tables(found)
    return _PLACE.sub(lambda place: f"{place[1]}{made[place[2]]}\n{place[3]}", page)


def main() -> int:
    if not RESULTS.is_file():
        print(f"{RESULTS} is missing: python benchmarks/run.py --size all --json {RESULTS}", file=sys.stderr)
        return 1
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")
    picture(found["sizes"], found["growth"], PICTURE)
    return 0


if __name__ == "__main__":
    sys.exit(main())
