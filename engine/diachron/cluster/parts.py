"""A mosaic cut into parts that workers look at one by one, and the parts' maps put together again.

A part's maps are exactly what the maps of the whole would hold there: parts are looked at by the tiles of the whole
that touch them, so that tiles on a border are looked at by both sides. What follows from the maps is then the same too.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio

from diachron.mapping import map_tiles, plan_tiles, plane
from diachron.model.vocabulary import Vocabulary
from diachron.progress import Progress
from diachron.rasters.grid import Grid, Window
from diachron.rasters.stack import Stack, open_stack
from diachron.results.maps import Maps

if TYPE_CHECKING:
    from diachron.model.card import ModelCard
    from diachron.model.interpreter import Interpreter, Reading

WITHOUT_SIZE_KM = 0.5e-3
"""A pixel of rasters that do not tell their size counts for this much: half a metre."""


@dataclass(frozen=True)
class PartOf:
    """What is cut: ``rasters``, ``area``, ``gsd``, ``normalise`` as in `AskRequest`; what is looked for; the classes.

    ``sees_damage``: looked at by the model's damage adapter.
    """

    rasters: tuple[str, ...]
    area: str | None
    gsd: float | None
    reading: Reading
    vocabulary: Vocabulary
    sees_damage: bool = False
    normalise: bool = False

    def same_place(self, other: PartOf) -> bool:
        """Tell whether both are of the same rasters on the same grid."""
        return (self.rasters, self.area, self.gsd, self.normalise) == (
            other.rasters, other.area, other.gsd, other.normalise,
        )  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One part of a mosaic, in pixels of its grid, and the file that its maps are written to."""

    of: PartOf
    window: Window
    path: Path


@dataclass(frozen=True)
class Placed:
    """Rasters opened for a mosaic, on its grid."""

    of: PartOf
    stack: Stack

    @classmethod
    def open(cls, of: PartOf) -> Placed:
        """Open them.

        Raises
        ------
        UnusableInput: one cannot be.
        """
        return cls(of, open_stack(of.rasters, area=of.area, gsd=of.gsd, normalise=of.normalise))


def cut(grid: Grid, card: ModelCard, part_km: float) -> list[Window]:
    """Cut a grid into parts of about ``part_km`` a side, along the starts of the tiles that the model looks at.

    They cover the grid, each pixel once.
    """
    plan = plan_tiles(grid.width, grid.height, grid.gsd_m, card)
    side_px = part_km / ((grid.gsd_m or 0) / 1000 or WITHOUT_SIZE_KM)
    rows = _bounds(sorted({tile.row for tile in plan}), grid.height, side_px)
    columns = _bounds(sorted({tile.col for tile in plan}), grid.width, side_px)
    return [
        Window(top, left, bottom - top, right - left)
        for top, bottom in itertools.pairwise(rows)
        for left, right in itertools.pairwise(columns)
    ]


def _bounds(starts: Sequence[int], length: int, side_px: float) -> list[int]:
    """Return where parts begin along one axis, and its end: at every so many tiles."""
    step = (starts[-1] - starts[0]) / (len(starts) - 1) if len(starts) > 1 else length
    every = max(1, round(side_px / step))
    return [*starts[::every], length]


def look_at_part(part: Part, placed: Placed, interpreter: Interpreter) -> None:
    """Look at one part and write its maps, whole or not at all.

    Raises
    ------
    UnusableInput: a raster is damaged there.
    """
    of = part.of
    maps = map_tiles(placed.stack, interpreter, of.reading, of.vocabulary, Progress(), part=part.window)
    draft = part.path.with_name(f".{part.path.stem}-{os.getpid()}.tif")
    layers = maps.planes()
    profile = {
        "driver": "GTiff", "dtype": "uint8", "count": len(layers), "height": part.window.height,
        "width": part.window.width, "crs": placed.stack.grid.crs, "compress": "LZW", "tiled": True,
        "transform": placed.stack.grid.window_transform(part.window), "bigtiff": "IF_SAFER",
    }  # fmt: skip
    try:
        with rasterio.open(draft, "w", **profile) as file:
            for band, layer in enumerate(layers, 1):
                file.write(np.asarray(layer), band)
        os.replace(draft, part.path)
    finally:
        draft.unlink(missing_ok=True)


def put_together(parts: Sequence[Part], grid: Grid, dates: int) -> Maps:
    """Return the maps of the whole grid from the files of its parts."""
    with rasterio.open(parts[0].path) as file:
        layers = [plane(grid.height, grid.width) for _ in range(file.count)]
    for part in parts:
        with rasterio.open(part.path) as file:
            for band, layer in enumerate(layers, 1):
                layer[part.window.slices] = file.read(band)
    return Maps.of_planes(layers, dates)


def is_whole(part: Part, dates: int) -> bool:
    """Tell whether a part's maps are there, from this run or one before."""
    if not part.path.is_file():
        return False
    with rasterio.open(part.path) as file:
        fits = file.count >= 2 + 2 * dates and file.shape == (part.window.height, part.window.width)
    return bool(fits)
