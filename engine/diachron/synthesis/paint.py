"""Painting a layout at one date: classes, colours, heights and shadows on a pixel grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.random import Generator
from numpy.typing import NDArray
from rasterio.features import rasterize
from shapely.geometry import Polygon

from diachron.synthesis.ground import Field, fractal_noise, rows_pattern, tramlines, value_noise
from diachron.synthesis.layout import (
    BARE,
    BOTH,
    BRUSHWOOD,
    BUILDING,
    CONIFEROUS,
    CROP,
    DECIDUOUS,
    GREENHOUSE,
    HERBACEOUS,
    IMPERVIOUS,
    PERVIOUS,
    PLOWED,
    POOL,
    VINEYARD,
    WATER,
    Building,
    Layout,
    Road,
    Tree,
)  # fmt: skip

# Mean colours (red, green, blue, 0 to 1) of each class, and how far noise moves them.
GROUND = {
    IMPERVIOUS: ((0.52, 0.51, 0.50), 0.05), PERVIOUS: ((0.62, 0.57, 0.49), 0.07), BARE: ((0.62, 0.51, 0.40), 0.10),
    WATER: ((0.16, 0.24, 0.26), 0.03), CONIFEROUS: ((0.20, 0.29, 0.20), 0.08), DECIDUOUS: ((0.28, 0.36, 0.22), 0.10),
    BRUSHWOOD: ((0.38, 0.41, 0.28), 0.14), VINEYARD: ((0.50, 0.46, 0.34), 0.06), HERBACEOUS: ((0.43, 0.49, 0.31), 0.09),
    CROP: ((0.47, 0.52, 0.30), 0.06), PLOWED: ((0.47, 0.38, 0.29), 0.07), POOL: ((0.30, 0.66, 0.74), 0.04),
}  # fmt: skip
ROOFS = {
    "suburb": ((0.50, 0.47, 0.44), (0.42, 0.39, 0.37), (0.58, 0.53, 0.48), (0.46, 0.40, 0.35), (0.62, 0.60, 0.58)),
    "village": ((0.66, 0.40, 0.29), (0.60, 0.36, 0.27), (0.70, 0.47, 0.34), (0.40, 0.39, 0.41)),
    "industrial": ((0.75, 0.75, 0.74), (0.60, 0.61, 0.63), (0.52, 0.50, 0.48), (0.85, 0.85, 0.84)),
    "rural": ((0.55, 0.38, 0.30), (0.50, 0.48, 0.46), (0.62, 0.45, 0.35)),
}  # fmt: skip


@dataclass(frozen=True)
class Light:
    """Where the sun stands (azimuth clockwise from up, elevation; radians) and how green the season is (0 dry to 1
    lush).
    """

    azimuth: float
    elevation: float
    green: float

    @property
    def toward(self) -> tuple[float, float]:
        """Unit vector (x, y) on the ground towards the sun, y down."""
        return float(np.sin(self.azimuth)), float(-np.cos(self.azimuth))


class Canvas:
    """One date of a scene being painted: ``colour`` float32 [3, H, W] 0 to 1, ``classes`` uint8 [H, W], ``height``
    float32 [H, W] metres.
    """

    def __init__(self, layout: Layout, size_px: int, light: Light, date: str, rng: Generator) -> None:
        self.layout, self.size, self.light, self.date, self.rng = layout, size_px, light, date, rng
        self.gsd = layout.side_m / size_px
        self.transform = Affine.scale(self.gsd, self.gsd)
        rows, columns = np.mgrid[0:size_px, 0:size_px].astype(np.float32)
        self.x, self.y = (columns + 0.5) * self.gsd, (rows + 0.5) * self.gsd
        self.colour = np.zeros((3, size_px, size_px), np.float32)
        self.classes = np.full((size_px, size_px), HERBACEOUS, np.uint8)
        self.height = np.zeros((size_px, size_px), np.float32)
        self.grain = fractal_noise(rng, (size_px, size_px), 6 / self.gsd)
        self.fine = value_noise(rng, (size_px, size_px), max(1.0, 0.5 / self.gsd)) * 0.6 + rng.normal(
            0, 0.35, (size_px, size_px)
        ).astype(np.float32)

    def paint(self) -> None:
        """Paint from the ground up, then cast the shadows."""
        self._fill(np.ones((self.size, self.size), bool), HERBACEOUS, 0.0, 1)
        for parcel in self.layout.parcels:
            number = parcel.before if self.date == "before" else parcel.after
            self._fill(self._mask([parcel.outline]), number, parcel.angle, parcel.seed)
        for road in self._present(self.layout.roads):
            self._road(road)
        for pool in self._present(self.layout.pools):
            mask = self._mask([pool.outline])
            if pool.kind == POOL:
                rim = self._mask([pool.outline.buffer(1.2)])
                self.colour[:, rim] = np.array([[0.70], [0.67], [0.62]], np.float32)
                self.classes[rim] = IMPERVIOUS
            self._fill(mask, pool.kind, 0.0, 3)
        self._cars()
        shaded: list[tuple[NDArray[np.bool_], float]] = []
        trees = sorted(self._present(self.layout.trees), key=lambda tree: tree.radius_m)
        for tree in trees:
            self._tree(tree)
        for building in self._present(self.layout.buildings):
            self._building(building)
        for low, high in ((1.0, 4.0), (4.0, 6.0), (6.0, 9.0), (9.0, 99.0)):
            mask = (self.height > low) & (self.height <= high)
            if mask.any():
                shaded.append((mask, float(self.height[mask].mean())))
        self._shade(shaded)

    def _present(self, things: Sequence) -> list:
        return [thing for thing in things if thing.when in (BOTH, self.date)]

    def _mask(self, outlines: list[Polygon]) -> NDArray[np.bool_]:
        there = [(outline, 1) for outline in outlines if not outline.is_empty]
        if not there:
            return np.zeros((self.size, self.size), bool)
        burnt = rasterize(there, out_shape=(self.size, self.size), transform=self.transform, dtype="uint8")
        return burnt.astype(bool)

    # -- ground -------------------------------------------------------------------------------

    def _fill(self, mask: NDArray[np.bool_], number: int, angle: float, seed: int) -> None:
        if not mask.any():
            return
        looks = np.random.default_rng(seed)
        base, spread = GROUND[number]
        tone = np.array(base) * (1 + looks.normal(0, 0.07)) + looks.normal(0, 0.012, 3)
        tone = tone + self._season(number, seed)
        relief = 0.6 * self.grain + 0.4 * self.fine + self._rows(number, angle, looks)
        colour = tone[:, None, None].astype(np.float32) * (1 + spread * relief * 1.6)[None]
        self.colour[:, mask] = colour[:, mask]
        self.classes[mask] = number
        if number == VINEYARD:
            self._vine_rows(mask, angle)

    def _season(self, number: int, seed: int) -> NDArray[np.float64]:
        """Return how the season moves a class's colour: crops ripen, grass dries; the class stays."""
        if number not in (HERBACEOUS, CROP, DECIDUOUS, BRUSHWOOD, VINEYARD):
            return np.zeros(3)
        stage = np.random.default_rng([seed, int(self.light.green * 1000)]).normal(0, 0.25) if number == CROP else 0.0
        dry = (0.5 - self.light.green + stage) * (0.28 if number == CROP else 0.16)
        return np.array([dry, dry * 0.35, dry * 0.25])

    def _rows(self, number: int, angle: float, looks: Generator) -> Field | float:
        if number == CROP:
            lines = tramlines(self.x, self.y, angle, 18.0)
            return rows_pattern(self.x, self.y, angle, looks.uniform(1.2, 2.5)) * 0.5 + lines * 1.6
        if number == PLOWED:
            return rows_pattern(self.x, self.y, angle, looks.uniform(1.0, 1.8)) * 0.8
        if number == BARE:
            return rows_pattern(self.x, self.y, angle + 0.7, 7.0, 3.0) * 0.15
        return 0.0

    def _vine_rows(self, mask: NDArray[np.bool_], angle: float) -> None:
        rows = (rows_pattern(self.x, self.y, angle, 2.4, 3.0) > 0.1) & mask
        leaf = np.array([[0.27], [0.36], [0.20]], np.float32) * (1 + 0.15 * self.fine[rows])
        self.colour[:, rows] = leaf

    def _road(self, road: Road) -> None:
        mask = self._mask([road.outline])
        number = IMPERVIOUS if road.paved else PERVIOUS
        self._fill(mask, number, 0.0, int(abs(road.outline.bounds[0]) * 10) + 7)
        if road.marked and road.paved and self.gsd < 0.7:
            edge = self._mask([road.line.buffer(0.12)])
            dashes = (rows_pattern(self.x, self.y, 0.3, 9.0) > 0) & edge
            self.colour[:, dashes] = 0.82

    def _cars(self) -> None:
        """Park cars on paved ground: they differ between the dates and are no change."""
        rows, columns = np.nonzero(self.classes == IMPERVIOUS)
        if len(rows) == 0:
            return
        count = min(150, int(len(rows) * self.gsd**2 / 160))
        for pick in self.rng.integers(0, len(rows), count):
            row, col = rows[pick], columns[pick]
            long, wide = max(1, round(4.4 / self.gsd)), max(1, round(1.9 / self.gsd))
            if self.rng.random() < 0.5:
                long, wide = wide, long
            part = (slice(None), slice(row, row + wide), slice(col, col + long))
            self.colour[part] = np.array(
                self.rng.choice([0.12, 0.3, 0.55, 0.85, 0.9]) + self.rng.normal(0, 0.05, 3), np.float32
            )[:, None, None]

    # -- what stands up -----------------------------------------------------------------------

    def _local(self, x: float, y: float, reach_m: float) -> tuple[slice, slice] | None:
        reach = reach_m + self.gsd
        first_row, last_row = int((y - reach) / self.gsd), int((y + reach) / self.gsd) + 1
        first_col, last_col = int((x - reach) / self.gsd), int((x + reach) / self.gsd) + 1
        rows, columns = (
            slice(max(0, first_row), min(self.size, last_row)),
            slice(max(0, first_col), min(self.size, last_col)),
        )
        return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None

    def _tree(self, tree: Tree) -> None:
        part = self._local(tree.x, tree.y, tree.radius_m)
        if part is None:
            return
        dx, dy = self.x[part] - tree.x, self.y[part] - tree.y
        distance = np.hypot(dx, dy) / tree.radius_m + 0.22 * self.grain[part] + 0.1 * self.fine[part]
        inside = distance < 1
        sx, sy = self.light.toward
        facing = (dx * sx + dy * sy) / tree.radius_m
        bare = not tree.evergreen and self.light.green < 0.25
        base = np.array([0.17, 0.25, 0.17] if tree.evergreen else [0.40, 0.37, 0.33] if bare else [0.25, 0.35, 0.19])
        base = (
            base
            + (0 if tree.evergreen else 1) * np.array([0.10, 0.03, 0.0]) * (0.6 - self.light.green)
            + (hash((tree.x, tree.y)) % 100 / 100 - 0.5) * 0.05
        )
        shading = 0.85 + 0.45 * facing + 0.28 * self.fine[part] - 0.2 * distance**2
        self.colour[:, part[0], part[1]] = np.where(
            inside, base[:, None, None] * np.clip(shading, 0.35, 1.7), self.colour[:, part[0], part[1]]
        )
        self.classes[part] = np.where(inside, CONIFEROUS if tree.evergreen else DECIDUOUS, self.classes[part])
        self.height[part] = np.where(inside, 2.2 * tree.radius_m * (0.6 if bare else 1), self.height[part])

    def _building(self, building: Building) -> None:
        part = self._local(building.x, building.y, np.hypot(building.length_m, building.width_m) / 2)
        if part is None:
            return
        dx, dy = self.x[part] - building.x, self.y[part] - building.y
        along = dx * np.cos(building.angle) + dy * np.sin(building.angle)
        across = -dx * np.sin(building.angle) + dy * np.cos(building.angle)
        inside = (np.abs(along) <= building.length_m / 2) & (np.abs(across) <= building.width_m / 2)
        colour = self._roof(building, along, across, self.fine[part])
        self.colour[:, part[0], part[1]] = np.where(inside, colour, self.colour[:, part[0], part[1]])
        self.classes[part] = np.where(inside, building.kind, self.classes[part])
        self.height[part] = np.where(inside, building.height_m, self.height[part])

    def _roof(self, building: Building, along: Field, across: Field, fine: Field) -> NDArray[np.float32]:
        looks = np.random.default_rng(building.seed)
        palette = ROOFS[self.layout.style]
        tone = np.array(palette[int(looks.integers(len(palette)))]) * looks.uniform(0.85, 1.15)
        if building.kind == GREENHOUSE:
            bands = 1 + 0.10 * np.sign(np.sin(2 * np.pi * along / 4.0))
            return (np.array([0.72, 0.76, 0.77])[:, None, None] * bands * (1 + 0.04 * fine)).astype(np.float32)
        light = self._slopes(building, along, across)
        texture = 1 + 0.05 * fine + (0.05 * np.sin(2 * np.pi * across / 0.9) if building.roof != "flat" else 0)
        colour = (tone[:, None, None] * light * texture).astype(np.float32)
        if building.roof == "flat":
            rim = (np.abs(along) > building.length_m / 2 - 0.6) | (np.abs(across) > building.width_m / 2 - 0.6)
            colour = np.where(rim, colour * np.float32(1.15), colour)
            colour = self._boxes(building, looks, along, across, colour)
        elif looks.random() < 0.12:
            panels = (across > 0.8) & (across < building.width_m / 2 - 0.8) & (np.abs(along) < building.length_m * 0.3)
            colour = np.where(panels, np.array([0.10, 0.13, 0.22])[:, None, None] * (1 + 0.1 * fine), colour)
        chimney = (np.abs(along - building.length_m * 0.2) < 0.6) & (np.abs(across - 0.8) < 0.5)
        return np.where(chimney & (building.roof in ("gable", "hip")), colour * 0.55, colour).astype(np.float32)

    def _slopes(self, building: Building, along: Field, across: Field) -> Field | float:
        """Return each roof plane's brightness by the angle between its slope and the sun."""
        if building.roof == "flat":
            return 1.0
        sx, sy = self.light.toward
        cos, sin = np.cos(building.angle), np.sin(building.angle)
        side = np.sign(across) * (-sx * sin + sy * cos)
        if building.roof == "hip":
            end = np.abs(along) - (building.length_m - building.width_m) / 2 > np.abs(across)
            side = np.where(end, np.sign(along) * (sx * cos + sy * sin), side)
        ridge = np.abs(across) < 0.35
        return np.where(ridge, 1.12, 1.0 + 0.30 * side)

    @staticmethod
    def _boxes(building: Building, looks: Generator, along: Field, across: Field, colour: Field) -> Field:
        for _ in range(int(looks.integers(0, 6))):
            a, b = looks.uniform(-0.4, 0.4) * building.length_m, looks.uniform(-0.4, 0.4) * building.width_m
            unit = (np.abs(along - a) < 1.2) & (np.abs(across - b) < 1.0)
            colour = np.where(unit, colour * looks.uniform(0.6, 1.35), colour)
        return colour

    # -- shadows ------------------------------------------------------------------------------

    def _shade(self, layers: list[tuple[NDArray[np.bool_], float]]) -> None:
        """Darken what lies behind each height, seen from the sun, and is lower."""
        shadow = np.zeros((self.size, self.size), bool)
        sx, sy = self.light.toward
        for mask, height in layers:
            length = height / np.tan(self.light.elevation) / self.gsd
            cast = np.zeros_like(mask)
            for step in np.arange(1.0, length + 1.0):
                cast |= _moved(mask, round(-sy * step), round(-sx * step))
            shadow |= cast & (self.height < height * 0.7)
        dim = np.array([0.42, 0.46, 0.55], np.float32)[:, None]
        self.colour[:, shadow] *= dim


def _moved(mask: NDArray[np.bool_], rows: int, columns: int) -> NDArray[np.bool_]:
    """Return a mask moved down and right, what leaves the edge lost."""
    moved = np.zeros_like(mask)
    height, width = mask.shape
    moved[max(0, rows) : height + min(0, rows), max(0, columns) : width + min(0, columns)] = mask[
        max(0, -rows) : height + min(0, -rows), max(0, -columns) : width + min(0, -columns)
    ]
    return moved


__all__ = ["BUILDING", "Canvas", "Light"]
