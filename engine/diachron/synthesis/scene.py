"""Procedural pairs: a scene at two dates with everything known of it.

A scene is laid out in metres (`layout`), painted at each date (`paint`) under its own sun and season, and exposed by
its own sensor
(`sensor`). Sun, season, radiometry, cars and sub-pixel shift differ between the dates and are no change; ``change``
is where
the classes differ. The same seed gives the same pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.random import Generator
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.features import shapes
from shapely.geometry import Polygon, shape

from diachron.synthesis.layout import AFTER, BEFORE, BUILDING, STYLES, Layout, LayoutConfig, lay_out
from diachron.synthesis.paint import Canvas, Light
from diachron.synthesis.sensor import draw_sensor, expose

DEMO_CRS = CRS.from_epsg(2154)
DEMO_CORNER = (652_000.0, 6_862_000.0)
UNCHANGED_SHARE = 0.15


@dataclass(frozen=True)
class ChangedObject:
    """One object that came or went: its footprint in the pair's CRS, and its class before and after (FLAIR ids)."""

    source: int
    target: int
    outline: Polygon


@dataclass(frozen=True)
class SyntheticPair:
    """A pair and its truth: images uint8 [3, H, W], classes uint8 [H, W] (FLAIR ids), ``change`` bool [H, W] where
    they differ;
    ``transform`` maps pixels to ``crs``; ``shift_px`` (dx, dy) is how far the after image lies from its labels' grid.
    """

    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    classes_before: NDArray[np.uint8]
    classes_after: NDArray[np.uint8]
    change: NDArray[np.bool_]
    objects: tuple[ChangedObject, ...]
    transform: Affine
    crs: CRS
    gsd_m: float
    shift_px: tuple[float, float]


@dataclass(frozen=True)
class PairFiles:
    """The files of a pair that was written: both images, the classes at both dates, and the change mask (0 or 255)."""

    before: Path
    after: Path
    classes_before: Path
    classes_after: Path
    change: Path


def generate_pair(seed: int, size_px: int = 512, gsd_m: float = 0.5) -> SyntheticPair:
    """Return the pair of a seed: ``size_px`` pixels a side of ``gsd_m`` metres; some pairs have no change."""
    rng = np.random.default_rng([seed, size_px])
    still = rng.random() < UNCHANGED_SHARE
    config = LayoutConfig(
        style=str(rng.choice(STYLES, p=[0.45, 0.25, 0.12, 0.18])),
        new_buildings=0.0 if still else float(rng.uniform(0.05, 0.6)),
        lost_buildings=0.0 if still else float(rng.uniform(0, 0.12)),
        changed_parcels=0.0 if still else float(rng.uniform(0, 0.3)),
        new_road=not still,
    )
    return _pair(lay_out(size_px * gsd_m, config, rng), size_px, gsd_m, rng, shift_px=1.0)


def stream_pairs(seed: int, size_px: int = 512, gsd_m: float = 0.5) -> Iterator[SyntheticPair]:
    """Yield pairs without end, of seeds that follow from one."""
    number = seed * 1_000_003
    while True:
        yield generate_pair(number, size_px, gsd_m)
        number += 1


def demo_pair(seed: int = 7, size_px: int = 1024, gsd_m: float = 0.3) -> SyntheticPair:
    """Return the demo's pair: a suburb that has grown, with a known number of new buildings."""
    rng = np.random.default_rng([seed, 2])
    config = LayoutConfig(style="suburb", new_buildings=0.14, lost_buildings=0.0, changed_parcels=0.25, new_road=True)
    return _pair(lay_out(size_px * gsd_m, config, rng), size_px, gsd_m, rng, shift_px=0.6)


def _pair(layout: Layout, size_px: int, gsd_m: float, rng: Generator, shift_px: float) -> SyntheticPair:
    first, second = (_painted(layout, size_px, date, rng) for date in (BEFORE, AFTER))
    sensors = draw_sensor(rng, 0.0), draw_sensor(rng, shift_px)
    images = [expose(canvas.colour, sensor, rng) for canvas, sensor in zip((first, second), sensors, strict=True)]
    left, top = DEMO_CORNER
    transform = Affine(gsd_m, 0, left, 0, -gsd_m, top)
    change = first.classes != second.classes
    return SyntheticPair(
        images[0], images[1], first.classes, second.classes, change, _objects(layout, first, second, transform),
        transform, DEMO_CRS, gsd_m, sensors[1].shift_px,
    )  # fmt: skip


def _painted(layout: Layout, size_px: int, date: str, rng: Generator) -> Canvas:
    light = Light(
        float(rng.uniform(0.3, 1.8) * np.pi), float(np.radians(rng.uniform(35, 65))), float(rng.uniform(0.15, 0.95))
    )
    canvas = Canvas(layout, size_px, light, date, rng)
    canvas.paint()
    return canvas


def _objects(layout: Layout, first: Canvas, second: Canvas, transform: Affine) -> tuple[ChangedObject, ...]:
    """Return the buildings that came or went, joined where they touch, each with what stood there at the other date."""
    objects = []
    for one, other, gained in ((first, second, True), (second, first, False)):
        came = (other.classes == BUILDING) & (one.classes != BUILDING)
        for outline, _ in shapes(came.astype(np.uint8), mask=came, connectivity=8, transform=transform):
            polygon = shape(outline)
            if polygon.area < 12:
                continue
            inside = rasterio.features.geometry_mask([polygon], came.shape, transform, invert=True) & came
            ground = int(np.bincount(one.classes[inside]).argmax())
            objects.append(
                ChangedObject(ground, BUILDING, polygon) if gained else ChangedObject(BUILDING, ground, polygon)
            )
    return tuple(objects)


def write_pair(pair: SyntheticPair, folder: Path) -> PairFiles:
    """Write a pair and its truth as GeoTIFFs in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ("before", "after", "truth_classes_before", "truth_classes_after", "truth_change")
    files = PairFiles(*(folder / f"{name}.tif" for name in names))
    for path, values in (
        (files.before, pair.before), (files.after, pair.after), (files.classes_before, pair.classes_before[None]),
        (files.classes_after, pair.classes_after[None]), (files.change, pair.change[None].astype(np.uint8) * 255),
    ):  # fmt: skip
        _write(path, values, pair)
    return files


def _write(path: Path, values: NDArray[np.uint8], pair: SyntheticPair) -> None:
    profile = {
        "driver": "GTiff", "dtype": "uint8", "count": len(values), "height": values.shape[1], "width": values.shape[2],
        "transform": pair.transform, "crs": pair.crs, "compress": "deflate", "tiled": True,
    }  # fmt: skip
    if len(values) == 3:
        profile["photometric"] = "RGB"
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(values)
