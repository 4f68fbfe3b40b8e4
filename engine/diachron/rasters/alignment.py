"""The common grid: the ground that all rasters show, at the coarsest resolution, in a metric CRS."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from affine import Affine
from rasterio.crs import CRS
from rasterio.warp import transform
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from diachron.errors import UnusableInput, WrongUsage
from diachron.rasters.grid import Grid
from diachron.rasters.ground import ground_sample_distance, metric_crs, same_crs
from diachron.rasters.placement import COPY_TOLERANCE_PX, outline_of
from diachron.rasters.source import Source

LEAST_GRID_PX = 32
SAME_GSD = 0.01
MOST_ENLARGEMENT = 16.0
_MOST_ASPECT = 1.1
_SAME_SHAPE = 0.02


@dataclass(frozen=True)
class Alignment:
    """How rasters meet.

    Parameters
    ----------
    transforms: of each raster, from its pixels to its own CRS, or to the grid's units where there is none.
    overlap: share of the smallest raster's ground that all rasters show.
    """

    grid: Grid
    transforms: tuple[Affine, ...]
    overlap: float


def check_gsd(gsd_m: float | None) -> None:
    """Refuse a ground sample distance that is no length.

    Raises
    ------
    WrongUsage: it is not above 0.
    """
    if gsd_m is not None and not (math.isfinite(gsd_m) and gsd_m > 0):
        raise WrongUsage(
            "the ground sample distance is no length", f"--gsd {gsd_m:g}", "give metres per pixel, above 0"
        )


def refuse_mixture(sources: Sequence[Source]) -> None:
    """Refuse rasters of which only some tell where they lie.

    Raises
    ------
    UnusableInput: some have a CRS and some have none.
    """
    without = [source for source in sources if source.crs is None]
    if without and len(without) < len(sources):
        raise UnusableInput(
            "the raster has no coordinate reference system, and another one has", without[0].path,
            "assign its CRS (in QGIS: Raster, Projections, Assign Projection), or georeference it first",
        )  # fmt: skip


def align(sources: Sequence[Source], area: BaseGeometry | None, gsd_m: float | None) -> Alignment:
    """Lay rasters, oldest first, on one grid.

    Parameters
    ----------
    area: a polygon in the last raster's CRS; the grid is cut to its bounds.
    gsd_m: metres on the ground per pixel of the grid; None takes the coarsest raster's. Without a CRS, that of the
    first raster.

    Raises
    ------
    UnusableInput: the rasters do not overlap, the area lies elsewhere, or too few pixels are common.
    """
    if sources[-1].crs is not None:
        return _align_in_space(sources, area, gsd_m)
    transforms = _pixel_transforms(sources)
    footprints = [_polygon(source, place) for source, place in zip(sources, transforms, strict=True)]
    common = _common_ground(sources, footprints, area)
    lattice = transforms[0]
    return Alignment(
        _snapped(lattice, common, None, gsd_m, sources[0].path), transforms, _overlap(common, footprints, area)
    )


def _align_in_space(sources: Sequence[Source], area: BaseGeometry | None, gsd_m: float | None) -> Alignment:
    last = sources[-1]
    assert last.crs is not None
    crs = metric_crs(last.crs, *(last.transform * (last.width / 2, last.height / 2)))
    transforms = tuple(source.transform for source in sources)
    footprints = [_projected(_polygon(source, source.transform), source.crs, crs) for source in sources]
    if area is not None:
        area = _projected_area(area, last.crs, crs)
    common = _common_ground(sources, footprints, area)
    grid = _snapped(_lattice(sources, crs, common, gsd_m), common, crs, None, last.path)
    return Alignment(grid, transforms, _overlap(common, footprints, area))


def _pixel_transforms(sources: Sequence[Source]) -> tuple[Affine, ...]:
    """Return transforms of rasters without a CRS: their own where all have a usable one, else all stretched over the
    first's pixels.
    """
    own = tuple(source.transform for source in sources)
    if all(_is_north_up(place) for place in own):
        return own
    first = sources[0]
    shape = first.width / first.height
    for source in sources[1:]:
        if abs(source.width / source.height / shape - 1) > _SAME_SHAPE:
            raise UnusableInput(
                f"without a coordinate reference system, {source.width} x {source.height} pixels cannot be laid over "
                f"{first.width} x {first.height}",
                source.path, "georeference the rasters, or cut them to the same size",
            )  # fmt: skip
    return tuple(Affine.scale(first.width / each.width, -first.height / each.height) for each in sources)


def _polygon(source: Source, place: Affine) -> Polygon:
    return Polygon([place * point for point in outline_of(source)])


def _projected(polygon: Polygon, source: CRS | None, target: CRS) -> Polygon:
    if same_crs(source, target):
        return polygon
    assert source is not None
    x, y = transform(source, target, *zip(*polygon.exterior.coords, strict=True))
    points = [point for point in zip(x, y, strict=True) if np.isfinite(point).all()]
    return Polygon(points).buffer(0) if len(points) >= 3 else Polygon()


def _projected_area(area: BaseGeometry, source: CRS, target: CRS) -> BaseGeometry:
    from diachron.rasters.area import to_crs

    return area if same_crs(source, target) else to_crs(area, source, target)


def _common_ground(sources: Sequence[Source], footprints: Sequence[Polygon], area: BaseGeometry | None) -> BaseGeometry:
    common: BaseGeometry = footprints[-1]
    for source, footprint in zip(sources, footprints, strict=True):
        common = common.intersection(footprint)
        if common.area == 0:
            raise UnusableInput(
                "the rasters do not overlap", f"{source.path} and {sources[-1].path}",
                "pick rasters of the same place, and check their coordinate reference systems",
            )  # fmt: skip
    if area is None:
        return common
    common = common.intersection(area)
    if common.area == 0:
        raise UnusableInput(
            "the area lies outside the rasters' overlap", sources[-1].path, "choose an area that all rasters show"
        )
    return common


def _overlap(common: BaseGeometry, footprints: Sequence[Polygon], area: BaseGeometry | None) -> float:
    smallest = min(footprint.area if area is None else footprint.intersection(area).area for footprint in footprints)
    return float(min(1.0, common.area / smallest))


def _lattice(sources: Sequence[Source], crs: CRS, common: BaseGeometry, gsd_m: float | None) -> Affine:
    """Return a transform whose pixels the grid takes: a raster's own where one has the wanted resolution in ``crs``,
    the last first.
    """
    wanted_m = gsd_m or max(source.gsd_m or 0.0 for source in sources)
    finest_m = min(source.gsd_m or math.inf for source in sources)
    if finest_m > wanted_m * MOST_ENLARGEMENT:
        raise UnusableInput(
            f"a ground sample distance of {wanted_m:g} m is far below the rasters' {finest_m:.3g} m", sources[-1].path,
            "leave it out: it is read from the rasters",
        )  # fmt: skip
    for source in reversed(sources):
        fits = same_crs(source.crs, crs) and _is_north_up(source.transform)
        if fits and source.gsd_m and abs(source.gsd_m / wanted_m - 1) < SAME_GSD:
            return source.transform
    middle = common.centroid
    step = wanted_m / ground_sample_distance(crs, Affine.translation(middle.x, middle.y), 0, 0)
    return Affine.scale(step, -step)


def _is_north_up(place: Affine) -> bool:
    turned = abs(place.b) + abs(place.d) > 1e-9 * abs(place.a)
    return not turned and place.a > 0 > place.e and max(place.a / -place.e, -place.e / place.a) < _MOST_ASPECT


def _snapped(lattice: Affine, common: BaseGeometry, crs: CRS | None, gsd_m: float | None, path: str) -> Grid:
    """Return the whole pixels of a lattice that lie within the bounds of the common ground."""
    left, bottom, right, top = common.bounds
    first_col, first_row = ~lattice * (left, top)
    last_col, last_row = ~lattice * (right, bottom)
    col, row = math.ceil(first_col - COPY_TOLERANCE_PX), math.ceil(first_row - COPY_TOLERANCE_PX)
    width = math.floor(last_col + COPY_TOLERANCE_PX) - col
    height = math.floor(last_row + COPY_TOLERANCE_PX) - row
    if min(width, height) < LEAST_GRID_PX:
        raise UnusableInput(
            f"only {max(width, 0)} x {max(height, 0)} pixels are common", path,
            f"give rasters, or an area, of at least {LEAST_GRID_PX} x {LEAST_GRID_PX} pixels",
        )  # fmt: skip
    place = lattice * Affine.translation(col, row)
    if crs is not None:
        gsd_m = ground_sample_distance(crs, place, width / 2, height / 2)
    return Grid(crs, place, width, height, gsd_m)
