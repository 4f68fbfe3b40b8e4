"""Drawing and measuring the regions of a class map: ours beside `rasterio.features.shapes` and shapely, one by one."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes
from shapely.geometry import shape

from benchmarks.measuring import Figure, least
from diachron.results.outlines import trace
from diachron.results.runs import Strip, find_runs

STRIP_ROWS = 512
FIELD_PX = 50
ROUNDS = 2


def class_map(size_px: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return a map of smooth fields of six classes, as a land-cover map has them, uint8 [size, size]."""
    rng = np.random.default_rng(seed)
    fields = []
    for _ in range(6):
        coarse = rng.standard_normal((size_px // FIELD_PX + 2,) * 2).astype(np.float32)
        fields.append(coarse)
    values = np.empty((size_px, size_px), np.uint8)
    places = np.arange(size_px, dtype=np.float32) / FIELD_PX
    first, part = places.astype(int), (places % 1)[:, None]
    for start in range(0, size_px, STRIP_ROWS):
        rows, down = first[start : start + STRIP_ROWS], part[start : start + STRIP_ROWS]
        between = [field[rows] * (1 - down) + field[rows + 1] * down for field in fields]
        values[start : start + STRIP_ROWS] = 1 + np.argmax(
            [each[:, first] * (1 - part.T) + each[:, first + 1] * part.T for each in between], axis=0
        )
    return values


def ours(values: NDArray[np.uint8]) -> dict[int, tuple[int, float]]:
    """Return count and area in pixels of each class's polygons."""
    parts = ((row, values[row : row + STRIP_ROWS]) for row in range(0, len(values), STRIP_ROWS))
    runs = find_runs(Strip(row, part > 0, (part,)) for row, part in parts)
    labels = runs.regions(runs.values[0])
    areas = shapely.area(trace(runs, labels))
    classes = np.zeros(len(areas), int)
    classes[labels] = runs.values[0]
    return {each: (int((classes == each).sum()), float(areas[classes == each].sum())) for each in np.unique(classes)}


def theirs(values: NDArray[np.uint8]) -> dict[int, tuple[int, float]]:
    """Do the same one polygon after another."""
    found: dict[int, tuple[int, float]] = {}
    for outline, value in shapes(values, values > 0, connectivity=4):
        count, area = found.get(int(value), (0, 0.0))
        found[int(value)] = (count + 1, area + shape(outline).area)
    return found


def drawing(size_px: int) -> list[Figure]:
    values = class_map(size_px)
    first, second = ours(values), theirs(values)
    one, other = least(lambda: ours(values), ROUNDS), least(lambda: theirs(values), ROUNDS)
    equal = first == dict(sorted(second.items()))
    count = sum(each[0] for each in first.values())
    note = f"{count} polygons, {one.cpu_s:.1f} s to {other.cpu_s:.1f} s of core time; counts and areas "
    return [
        Figure(
            f"polygons of a {size_px} x {size_px} class map", one.wall_s / other.wall_s if equal else float("inf"),
            1, "times shapes + shapely", note=note + ("equal" if equal else "DIFFER"),
        )
    ]  # fmt: skip
