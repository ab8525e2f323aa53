"""Who takes part, in which sizes, and in how many counted rounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.util import find_spec

COUNTED = ("small", "medium", "large")


@dataclass(frozen=True, eq=False)
class Contestant:
    name: str
    module: str
    needs: str
    """The package without which it cannot take part."""
    load: str = "load"
    sizes: tuple[str, ...] = COUNTED
    fewer: dict[str, int] = field(default_factory=dict)
    """Counted rounds in sizes in which the usual number would take too long."""

    @property
    def present(self) -> bool:
        try:
            return find_spec(self.needs) is not None
        except ModuleNotFoundError:
            return False


TABLES = Contestant("dutyrules", "by_dutyrules", "dutyrules.tables")
OBJECTS = Contestant("dutyrules, objects", "by_dutyrules", "dutyrules", load="load_objects", sizes=("small",))
NUMPY = Contestant("numpy", "by_numpy", "numpy")
CONTESTANTS = (
    TABLES,
    OBJECTS,
    NUMPY,
    Contestant("polars", "by_polars", "polars"),
    Contestant("duckdb", "by_duckdb", "duckdb"),
    Contestant("pandas", "by_pandas", "pandas", fewer={"large": 3}),
    Contestant("python", "by_python", "numpy", fewer={"medium": 3, "large": 1}),
    Contestant("openfisca", "by_openfisca", "openfisca_core", sizes=("small",)),
    Contestant("clingo", "by_clingo", "clingo", sizes=("small",)),
)


def taking_part(size: str) -> list[Contestant]:
    """The contestants of a size whose tools are there, dutyrules first."""
    return [c for c in CONTESTANTS if c.present and size in c.sizes]
