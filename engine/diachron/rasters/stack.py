"""Rasters of one place at several dates, on one common metric grid, read by windows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.features import geometry_mask
from rasterio.transform import array_bounds
from rasterio.warp import transform_bounds
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from diachron.errors import Cancelled, UnusableInput
from diachron.rasters.area import read_area, to_crs
from diachron.rasters.grid import Grid, Window, ground_sample_distance, is_metric, utm_of
from diachron.rasters.nodata import BORDER_SHARE, border_regions
from diachron.rasters.preflight import Preflight, cloud_share, notes
from diachron.rasters.registration import LEAST_CONFIDENCE, WINDOW_PX, Shift, agree, gradient, window_shift
from diachron.rasters.source import Placement, SourceRaster, open_raster

# Rasters without a CRS are compared pixel by pixel: any metric CRS serves GDAL's warper as their common plane.
_PIXEL_PLANE = CRS.from_epsg(32631)
LEAST_GRID_PX = 32
OVERVIEW_PX = 512
LEAST_SHIFT_PX, MOST_SHIFT_PX = 0.25, 20


@dataclass(frozen=True)
class Block:
    """One window of all dates: ``images`` uint8 [T, 3, h, w], ``valid`` bool [T, h, w]."""

    images: NDArray[np.uint8]
    valid: NDArray[np.bool_]


class Stack:
    """Opened rasters on their common grid; a context manager. Made by `open_stack`."""

    def __init__(
        self, sources: Sequence[SourceRaster], grid: Grid, plane: CRS, output_crs: CRS | None, area: BaseGeometry | None
    ) -> None:
        self.sources, self.grid, self.output_crs = tuple(sources), grid, output_crs
        self._plane, self._area = plane, area
        self._borders: list[NDArray[np.bool_] | None] = [None] * len(sources)
        self.preflight = Preflight(0.0, (), (), (), (), ())
        for source in self.sources:
            source.put_on(grid, plane)

    @property
    def dates(self) -> tuple[str, ...]:
        """The path of each date's raster, oldest first."""
        return tuple(source.path for source in self.sources)

    def read(self, window: Window) -> Block:
        """Read one window of every date; pixels that are not valid are black.

        Raises
        ------
        UnusableInput: a file is damaged.
        """
        images, valid = zip(*(self._read(number, window) for number in range(len(self.sources))), strict=True)
        return Block(np.stack(images), np.stack(valid))

    def _read(self, number: int, window: Window) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        image, valid = self.sources[number].read(window)
        border = self._borders[number]
        if border is not None:
            rows = (window.row + np.arange(window.height)) * border.shape[0] // self.grid.height
            columns = (window.col + np.arange(window.width)) * border.shape[1] // self.grid.width
            valid = valid & ~(border[rows[:, None], columns[None, :]] & (image.max(axis=0) <= 1))
        if self._area is not None:
            shape, transform = (window.height, window.width), self.grid.window_transform(window)
            valid = valid & geometry_mask([self._area], shape, transform, invert=True)
        return image * valid, valid

    def overview(self, number: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Read a reduced picture of one date's whole grid (at most 512 pixels a side)."""
        share = min(1.0, OVERVIEW_PX / max(self.grid.height, self.grid.width))
        shape = (max(1, round(self.grid.height * share)), max(1, round(self.grid.width * share)))
        return self.sources[number].read(Window(0, 0, self.grid.height, self.grid.width), shape)

    def find_borders(self) -> list[float]:
        """Find black borders that nobody declared; return each date's share of pixels without data."""
        shares = []
        for number in range(len(self.sources)):
            image, valid = self.overview(number)
            black = (image.max(axis=0) <= 1) & valid
            border = border_regions(black) if black.any() else black
            if border.sum() > BORDER_SHARE * border.size:
                self._borders[number] = _grown(border)
            else:
                border = np.zeros_like(border)
            shares.append(float((~valid | border).mean()))
        return shares

    def measure_shifts(self, cancelled: Callable[[], bool]) -> tuple[Shift, ...]:
        """Measure the shift between consecutive dates, and correct each later date where the measure is sure."""
        total, shifts = np.zeros(2), []
        for number in range(1, len(self.sources)):
            dx, dy, confidence = agree(self._window_shifts(number, cancelled))
            length = math.hypot(dx, dy)
            sure = confidence >= LEAST_CONFIDENCE and LEAST_SHIFT_PX < length <= MOST_SHIFT_PX
            shifts.append(Shift(dx, dy, confidence, sure))
            total += np.array([dx, dy]) * sure
            if total.any():
                self.sources[number].put_on(self.grid, self._plane, (float(total[0]), float(total[1])))
        return tuple(shifts)

    def _window_shifts(self, number: int, cancelled: Callable[[], bool]) -> list[tuple[float, float, float]]:
        side = min(WINDOW_PX, self.grid.height, self.grid.width)
        measured = []
        for row in _spread(self.grid.height, side):
            for col in _spread(self.grid.width, side):
                if cancelled():
                    raise Cancelled
                window = Window(row, col, side, side)
                (first, first_valid), (second, second_valid) = (self._read(each, window) for each in (number - 1, number))
                if (first_valid & second_valid).mean() > 0.95:
                    dx, dy, strength = window_shift(gradient(first), gradient(second), min(MOST_SHIFT_PX, side // 4))
                    if strength > 5:
                        measured.append((dx, dy, strength))
        return measured

    def close(self) -> None:
        """Close every file."""
        for source in self.sources:
            source.close()

    def __enter__(self) -> Stack:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_stack(
    paths: Sequence[str], *, area: str | None = None, gsd: float | None = None, cancelled: Callable[[], bool] = lambda: False
) -> Stack:
    """Open rasters, oldest first, on one common grid, measure them and correct the shift between dates.

    Parameters
    ----------
    area: what `read_area` takes, in the last raster's CRS. gsd: metres per pixel of the common grid (and, without a CRS, of the rasters).

    Raises
    ------
    UnusableInput: a raster that cannot be used, rasters that do not overlap or are partly without a CRS, or nothing but nodata.
    """
    sources: list[SourceRaster] = []
    try:
        for path in paths:
            dataset = open_raster(path)
            sources.append(SourceRaster(path, dataset, Placement(dataset.crs or _PIXEL_PLANE, dataset.transform)))
        stack = _stack(sources, area, gsd)
        _preflight(stack, cancelled)
    except BaseException:
        for source in sources:
            source.close()
        raise
    return stack


def _stack(sources: list[SourceRaster], area: str | None, gsd: float | None) -> Stack:
    with_crs = [source for source in sources if source.dataset.crs]
    if with_crs and len(with_crs) < len(sources):
        bare = next(source for source in sources if not source.dataset.crs)
        raise UnusableInput("the raster has no coordinate system, and another has one", bare.path, "georeference it, or give both without")
    if not with_crs:
        return _pixel_stack(sources, area, gsd)
    output_crs = sources[-1].dataset.crs
    polygon = read_area(area, output_crs) if area else None
    plane = output_crs if is_metric(output_crs) else utm_of(*_middle_degrees(sources[-1]))
    if polygon is not None:
        polygon = to_crs(polygon, output_crs, plane)
    return Stack(sources, _common_grid(sources, plane, polygon, gsd), plane, output_crs, polygon)


def _pixel_stack(sources: list[SourceRaster], area: str | None, gsd: float | None) -> Stack:
    """Lay rasters without a CRS over the first one's pixels: they are taken to show the same ground."""
    width, height = sources[0].dataset.width, sources[0].dataset.height
    for source in sources:
        step = Affine(width / source.dataset.width, 0, 0, 0, -height / source.dataset.height, 0)
        source.placement = Placement(_PIXEL_PLANE, step)
    _refuse_small(width, height, sources[0].path)
    polygon = read_area(area, None) if area else None
    grid = Grid(None, Affine(1, 0, 0, 0, -1, 0), width, height, gsd)
    return Stack(sources, grid, _PIXEL_PLANE, None, polygon)


def _middle_degrees(source: SourceRaster) -> tuple[float, float]:
    left, bottom, right, top = transform_bounds(source.placement.crs, "EPSG:4326", *_bounds(source))
    return (left + right) / 2, (bottom + top) / 2


def _bounds(source: SourceRaster) -> tuple[float, float, float, float]:
    left, bottom, right, top = array_bounds(source.dataset.height, source.dataset.width, source.placement.transform)
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _common_grid(sources: list[SourceRaster], plane: CRS, area: BaseGeometry | None, gsd: float | None) -> Grid:
    """Return the grid of the ground that all rasters show: the after raster's own pixels where they can be kept."""
    extent = box(*transform_bounds(sources[0].placement.crs, plane, *_bounds(sources[0])))
    for source in sources[1:]:
        extent = extent.intersection(box(*transform_bounds(source.placement.crs, plane, *_bounds(source))))
        if extent.area == 0:
            raise UnusableInput("the rasters do not overlap", f"{sources[0].path} and {source.path}", "pick rasters of the same place")
    if area is not None:
        extent = extent.intersection(box(*area.bounds))
        if extent.area == 0:
            raise UnusableInput("the area lies outside the rasters' overlap", sources[-1].path, "draw it over both rasters")
    return _snapped(sources, plane, extent.bounds, gsd)


def _snapped(sources: list[SourceRaster], plane: CRS, bounds: tuple[float, float, float, float], gsd: float | None) -> Grid:
    probe = Grid(plane, Affine(1, 0, 0, 0, -1, 0), 1, 1, None)
    steps = [source._resolution_in(probe, plane) for source in sources]
    last = sources[-1].placement.transform
    step = gsd or max(steps)
    own = sources[-1].placement.crs == plane and math.isclose(step, abs(last.a), rel_tol=1e-6) and last.b == 0 and last.e < 0
    x0, y0 = (last.c, last.f) if own else (0.0, 0.0)
    left, bottom, right, top = bounds
    col0, col1 = math.ceil((left - x0) / step - 1e-3), math.floor((right - x0) / step + 1e-3)
    row0, row1 = math.ceil((y0 - top) / step - 1e-3), math.floor((y0 - bottom) / step + 1e-3)
    width, height = col1 - col0, row1 - row0
    _refuse_small(width, height, sources[-1].path)
    transform = Affine(step, 0, x0 + col0 * step, 0, -step, y0 - row0 * step)
    return Grid(plane, transform, width, height, ground_sample_distance(plane, transform, width, height))


def _refuse_small(width: int, height: int, path: str) -> None:
    if min(width, height) < LEAST_GRID_PX:
        raise UnusableInput(
            f"only {max(width, 0)} x {max(height, 0)} pixels to compare", path, f"give rasters or an area of at least {LEAST_GRID_PX} pixels a side"
        )


def _preflight(stack: Stack, cancelled: Callable[[], bool]) -> None:
    """Measure the stack, correct its shifts, and keep the record on it."""
    nodata = stack.find_borders()
    empty = next((number for number, share in enumerate(nodata) if share >= 1.0), None)
    if empty is not None:
        raise UnusableInput("the raster holds no data here", stack.sources[empty].path, "pick another raster or area")
    shifts = stack.measure_shifts(cancelled)
    clouds = tuple(cloud_share(*stack.overview(number)) for number in range(len(stack.sources)))
    overlap = _overlap(stack)
    gsd = tuple(_source_gsd(source, stack.grid) for source in stack.sources)
    measured = Preflight(overlap, gsd, shifts, tuple(nodata), clouds, ())
    stack.preflight = replace(measured, notes=notes(overlap, gsd, shifts, tuple(nodata), clouds))


def _source_gsd(source: SourceRaster, grid: Grid) -> float | None:
    if source.dataset.crs is None:
        return grid.gsd_m
    return ground_sample_distance(source.placement.crs, source.placement.transform, source.dataset.width, source.dataset.height)


def _overlap(stack: Stack) -> float:
    """Return the common ground's share of the smallest raster."""
    boxes = [box(*transform_bounds(each.placement.crs, stack._plane, *_bounds(each))) for each in stack.sources]
    common = boxes[0]
    for each in boxes[1:]:
        common = common.intersection(each)
    return float(min(1.0, common.area / min(each.area for each in boxes)))


def _spread(length: int, side: int) -> list[int]:
    """Return up to three window starts spread over an axis."""
    if length < 2 * side:
        return [(length - side) // 2]
    return [0, (length - side) // 2, length - side]


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask grown by one cell: the overview's cells mix image and border."""
    padded = np.pad(mask, 1)
    height, width = mask.shape
    return np.logical_or.reduce([padded[r : r + height, c : c + width] for r in range(3) for c in range(3)])
