"""Every target of the engine's speed and memory, as a table and as JSON.

    python benchmarks/run.py [all | question | fine | first | memory | polygons ...] [--json FILE] [--scratch DIR]
                            [--small]

Times are told in G: one 2048 x 2048 float32 matrix product, measured on the same machine in the same run. On a machine
that does other work as well, the figures by core time, beside the wall clock's, are steadier. ``--small`` takes
smaller rasters, to see that all of it runs; the targets are those of the full sizes.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.measuring import Figure, machine, table
from diachron.runtime import ModelChoice, keep_quiet, load_model, share_cores

LOOKED_AT = 4
FINE_GSD_M = 0.2
"""Of the orthophotos of a country: the model looks at them reduced to the distance of its card."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["all"], help="all, or some of them by name")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--scratch", type=Path, metavar="DIR", help="where rasters are written and kept for next time")
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    share_cores()
    keep_quiet()
    with tempfile.TemporaryDirectory() as folder:
        parts = runs(options.scratch or Path(folder), small=options.small)
        chosen = list(parts) if "all" in options.parts else options.parts
        figures = [figure for name in chosen for figure in parts[name]()]
    print(machine(), table(figures), sep="\n\n")
    if options.json:
        value = {"machine": machine(), "figures": [figure.as_json() for figure in figures]}
        options.json.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
    return 0


def runs(folder: Path, *, small: bool) -> dict[str, Callable[[], list[Figure]]]:
    """Return what can be measured, by name."""
    from benchmarks.memory import peaks
    from benchmarks.polygons import drawing
    from benchmarks.question import first_polygons, whole_question
    from benchmarks.synthesis import making

    return {
        "question": lambda: whole_question(load_model(ModelChoice()), folder, 1024 if small else 6144),
        "fine": lambda: whole_question(load_model(ModelChoice()), folder, 1024 if small else 6144, FINE_GSD_M),
        "first": lambda: first_polygons(load_model(ModelChoice()), folder, 1024 if small else 2048),
        "memory": lambda: peaks(folder, *((1000, 2000) if small else (4000, 20_000)), LOOKED_AT),
        "polygons": lambda: drawing(1000 if small else 10_000),
        "synthesis": lambda: making(4 if small else 24),
    }


if __name__ == "__main__":
    raise SystemExit(main())
