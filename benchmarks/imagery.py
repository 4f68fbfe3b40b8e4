"""Pairs of any size for benchmarks: procedural scenes laid side by side, turned, as tiled GeoTIFFs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from rasterio.windows import Window

from diachron.synthesis.scene import generate_pair

SCENE_PX, GSD_M = 512, 0.5
SEEDS = (3, 5, 9, 11)


def write_pair(folder: Path, size_px: int, gsd_m: float = GSD_M) -> tuple[str, str]:
    """Write a pair of so many pixels a side where it is not there yet; neighbouring scenes differ.

    With a finer ``gsd_m`` the same pixels are said to be smaller, which is all that the cost of a look depends on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(folder / f"{size_px}_{gsd_m:g}_{date}.tif" for date in ("before", "after"))
    if not all(path.is_file() for path in paths):
        scenes = [generate_pair(seed, SCENE_PX, GSD_M) for seed in SEEDS]
        for path, date in zip(paths, ("before", "after")):
            _write(path, [getattr(scene, date) for scene in scenes], size_px, gsd_m)
    return str(paths[0]), str(paths[1])


def _write(path: Path, images: list[np.ndarray], size_px: int, gsd_m: float) -> None:
    profile = {
        "driver": "GTiff", "dtype": "uint8", "count": 3, "height": size_px, "width": size_px, "crs": "EPSG:2154",
        "transform": Affine(gsd_m, 0, 652_000, 0, -gsd_m, 6_862_000), "tiled": True, "photometric": "RGB",
        "bigtiff": "IF_SAFER",
    }  # fmt: skip
    turned = [[np.rot90(image, turns, (1, 2)) for turns in range(4)] for image in images]
    draft = path.with_suffix(".part")
    with rasterio.open(draft, "w", **profile) as file:
        for row in range(0, size_px, SCENE_PX):
            for col in range(0, size_px, SCENE_PX):
                down, across = row // SCENE_PX, col // SCENE_PX
                image = turned[(7 * down + 3 * across) % len(images)][(down + 2 * across) % 4]
                tall, wide = min(SCENE_PX, size_px - row), min(SCENE_PX, size_px - col)
                file.write(image[:, :tall, :wide], window=Window(col, row, wide, tall))
    draft.rename(path)
