"""How much faster two Ray workers are than one, one thread each, and what a tile costs.

    python benchmarks/workers.py [--parts 8] [--rounds 3] [--json FILE]

A procedural pair is cut into parts of equal size, and a crew of one worker and one of two look at them in turn, round
by round. Times are taken of warm workers. On a machine that does other work as well, wall-clock times are those of what
is left: the time that the workers' processes spent on the cores is given beside them, and how many cores they had.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine

from diachron.cluster.parts import Part, PartOf, cut
from diachron.cluster.ray_crew import RayCrew
from diachron.cluster.rows import Asked
from diachron.cluster.workers import Job
from diachron.mapping import plan_tiles, touching
from diachron.model.vocabulary import load_vocabulary
from diachron.rasters.stack import open_stack
from diachron.runtime import ModelChoice, keep_quiet, load_model, share_cores
from diachron.synthesis.scene import stream_pairs

QUESTION = "How many buildings are new?"
GSD_M = 0.2
SCENE_PX = 1024
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Run:
    """One crew's work on every part: seconds by the clock, and on the cores, of all workers together."""

    workers: int
    wall_s: float
    cpu_s: float


def write_mosaic(folder: Path, parts: int) -> tuple[str, str]:
    """Write a pair of procedural scenes side by side, one a part; return both paths."""
    pair = next(stream_pairs(7, SCENE_PX, GSD_M))
    paths = []
    for name, image in (("before", pair.before), ("after", pair.after)):
        wide = np.tile(image, (1, 1, parts))
        profile = {
            "driver": "GTiff", "dtype": "uint8", "count": 3, "height": wide.shape[1], "width": wide.shape[2],
            "crs": "EPSG:2154", "transform": Affine(GSD_M, 0, 652_000, 0, -GSD_M, 6_862_000), "tiled": True,
        }  # fmt: skip
        with rasterio.open(folder / f"{name}.tif", "w", **profile) as file:
            file.write(wide)
        paths.append(str(folder / f"{name}.tif"))
    return paths[0], paths[1]


def cpu_seconds() -> float:
    """Return the seconds on the cores of every worker process so far."""
    spent = 0.0
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and (folder / "cmdline").read_bytes().startswith(b"ray::Worker"):
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                spent += (int(fields[11]) + int(fields[12])) / TICKS
        except OSError:
            continue
    return spent


def timed(crew: RayCrew, parts: list[Part]) -> Run:
    """Have a crew look at every part."""
    wall_s, cpu_s = time.monotonic(), cpu_seconds()
    faults = [fault for fault in crew.each("look", parts, lambda _, reason: reason) if fault]
    assert not faults, faults
    return Run(crew.size, time.monotonic() - wall_s, cpu_seconds() - cpu_s)


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--parts", type=int, default=8)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--json", type=Path)
    options = arguments.parse_args()
    share_cores()
    keep_quiet()
    with tempfile.TemporaryDirectory() as folder:
        runs, tiles = measure(Path(folder), options.parts, options.rounds)
    report(runs, tiles, options.json)


def measure(folder: Path, parts: int, rounds: int) -> tuple[list[Run], int]:
    """Return the runs, and how many tiles each looked at."""
    rasters = write_mosaic(folder, parts)
    choice = ModelChoice(device="cpu")
    interpreter = load_model(choice)
    of = PartOf(rasters, None, None, interpreter.read(QUESTION), load_vocabulary(None))
    with open_stack(rasters) as stack:
        grid = stack.grid
    windows = cut(grid, interpreter.card, grid.width * GSD_M / 1000 / parts)
    plan = plan_tiles(grid.width, grid.height, grid.gsd_m, interpreter.card)
    tiles = sum(len(touching(plan, window)) for window in windows)
    todo = [Part(of, window, folder / f"{number}.tif") for number, window in enumerate(windows)]
    job = Job(Asked(QUESTION, folder), choice, load_model, threads=1)
    runs = []
    for _ in range(rounds):
        for workers in (1, 2):
            crew = RayCrew(job, None, workers)
            try:
                timed(crew, [replace(part, path=folder / f"warm{at}.tif") for at, part in enumerate(todo[:workers])])
                runs.append(timed(crew, todo))
            finally:
                crew.close()
    return runs, tiles


def report(runs: list[Run], tiles: int, path: Path | None) -> None:
    """Print a table and, where wanted, write it as JSON."""
    figures: dict[str, float] = {"tiles": tiles}
    for workers in (1, 2):
        mine = [run for run in runs if run.workers == workers]
        figures[f"wall_s_{workers}"] = round(statistics.median(run.wall_s for run in mine), 2)
        figures[f"cpu_s_a_tile_{workers}"] = round(statistics.median(run.cpu_s for run in mine) / tiles, 3)
        figures[f"cores_had_{workers}"] = round(statistics.median(run.cpu_s / run.wall_s for run in mine), 2)
    figures["ratio_by_the_clock"] = round(figures["wall_s_1"] / figures["wall_s_2"], 2)
    figures["ratio_on_the_cores"] = round(2 * figures["cpu_s_a_tile_1"] / figures["cpu_s_a_tile_2"], 2)
    for name, value in figures.items():
        print(f"{name:<22} {value:g}")
    if path is not None:
        path.write_text(json.dumps(figures | {"runs": [vars(run) for run in runs]}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
