"""Transition matrices of a result: of its change polygons, and of its land-cover maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from rasterio.io import DatasetReader
from rasterio.windows import Window

from diachron.rasters.cog import read_categories

BLOCK_PX = 512
TOTAL = {"en": "total", "fr": "total"}
FROM_TO = {"en": "from \\ to", "fr": "de \\ vers"}
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class TransitionMatrix:
    """Areas float64 [K, K] from the class of a row to the class of a column, in ``unit`` ("m2" or "px")."""

    names: tuple[str, ...]
    areas: NDArray[np.float64]
    unit: str

    @property
    def total(self) -> float:
        """Return the sum of all areas."""
        return float(self.areas.sum())

    def columns(self, language: str, shown: Mapping[str, str] | None = None) -> dict[str, NDArray]:
        """Return the matrix as a table, column by column: the first names the from class, then one a class, then sums.

        The last row holds the sums of the columns. ``shown`` are the names to show instead of the classes' own.
        """
        unit = {"m2": "m²", "px": "px"}[self.unit]
        names = [(shown or {}).get(name, name) for name in self.names]
        corner, total = f"{FROM_TO[language]} ({unit})", TOTAL[language]
        table = np.vstack([self.areas, self.areas.sum(axis=0)])
        table = np.round(np.hstack([table, table.sum(axis=1, keepdims=True)]), 1)
        columns: dict[str, NDArray] = {corner: np.array([*names, total], object)}
        return columns | {name: table[:, place] for place, name in enumerate([*names, total])}


def matrix_of_changes(pairs: Sequence[tuple[str, str]], areas: NDArray[np.float64], unit: str) -> TransitionMatrix:
    """Add up the areas of changes by their from and to class; the largest classes come first."""
    weight: dict[str, float] = {}
    for (source, target), area in zip(pairs, areas.tolist(), strict=True):
        weight[source] = weight.get(source, 0.0) + area
        weight[target] = weight.get(target, 0.0) + area
    names = tuple(sorted(weight, key=lambda name: (-weight[name], name)))
    place = {name: number for number, name in enumerate(names)}
    table = np.zeros((len(names), len(names)))
    for (source, target), area in zip(pairs, areas.tolist(), strict=True):
        table[place[source], place[target]] += area
    return TransitionMatrix(names, table, unit)


def matrix_of_maps(first: Path, last: Path, gsd_m: float | None) -> TransitionMatrix:
    """Compare two class maps on one grid pixel by pixel; what stayed the same stands on the diagonal.

    A pixel's area is geodesic, taken anew for each block of the map; without a CRS it is ``gsd_m`` squared, or 1 px.
    """
    names = read_categories(first) | read_categories(last)
    table = np.zeros((256, 256))
    with rasterio.open(first) as before, rasterio.open(last) as after:
        for row in range(0, before.height, BLOCK_PX):
            for col in range(0, before.width, BLOCK_PX):
                height, width = min(BLOCK_PX, before.height - row), min(BLOCK_PX, before.width - col)
                window = Window(col, row, width, height)
                keys = before.read(1, window=window).astype(np.int64) * 256 + after.read(1, window=window)
                counts = np.bincount(keys.ravel(), minlength=65536).reshape(256, 256)
                table += counts * _pixel_area(before, window, gsd_m)
        unit = "px" if before.crs is None and gsd_m is None else "m2"
    table[0, :] = table[:, 0] = 0
    kept = np.flatnonzero(table.sum(axis=0) + table.sum(axis=1))
    kept = kept[np.argsort(-(table.sum(axis=0) + table.sum(axis=1))[kept], kind="stable")]
    shown = tuple(names.get(int(each), str(each)) for each in kept)
    return TransitionMatrix(shown, table[np.ix_(kept, kept)], unit)


def _pixel_area(dataset: DatasetReader, window: Window, gsd_m: float | None) -> float:
    """Return the area of a window's pixels, each in m², or 1 where nothing tells metres."""
    if dataset.crs is None:
        return 1.0 if gsd_m is None else gsd_m**2
    corners = [(0, 0), (window.width, 0), (window.width, window.height), (0, window.height)]
    points = [dataset.transform * (window.col_off + x, window.row_off + y) for x, y in corners]
    to_degrees = Transformer.from_crs(dataset.crs.to_wkt(), "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform([x for x, _ in points], [y for _, y in points])
    return float(abs(_GEOD.polygon_area_perimeter(lon, lat)[0])) / (window.width * window.height)
