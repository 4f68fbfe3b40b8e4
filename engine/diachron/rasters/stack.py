"""Rasters of one place at several dates, on one common grid, read by windows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.features import geometry_mask
from shapely.geometry.base import BaseGeometry

from diachron.errors import Cancelled, WrongUsage
from diachron.rasters.alignment import Alignment, align, check_gsd, refuse_mixture
from diachron.rasters.area import read_area, rows_downwards, to_crs
from diachron.rasters.grid import Grid, Window
from diachron.rasters.ground import same_crs
from diachron.rasters.measured import Measured, Measurements, key_of
from diachron.rasters.nodata import find_borders
from diachron.rasters.placement import Image, PlacedSource
from diachron.rasters.preflight import Preflight
from diachron.rasters.radiometry import choose_stretch
from diachron.rasters.source import Source

THUMBNAIL_PX = 512
_STRIPS = 16
_MEASUREMENTS = Measurements()
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_.]?(0[1-9]|1[0-2])(?:[-_.]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")


@dataclass(frozen=True)
class Block:
    """One window of all dates: ``images`` uint8 [T, 3, h, w], black where ``valid``, bool [T, h, w], is not."""

    images: NDArray[np.uint8]
    valid: NDArray[np.bool_]


@dataclass(frozen=True)
class Date:
    """One raster as it is on disk.

    ``date`` is read from the file's name (``2011``, ``2011-05`` or ``2011-05-24``; "" where it names none); ``crs``
    is ``EPSG:26915``
    or WKT; ``gsd_m`` is metres on the ground per pixel.
    """

    path: str
    date: str
    crs: str | None
    gsd_m: float | None
    width: int
    height: int


class Stack:
    """Rasters, oldest first, on their common grid: made by `open_stack`, closed by ``with`` or `close`.

    One thread reads at a time. ``output_crs`` is the last raster's CRS, in which results are drawn; None where there
    is none.
    """

    def __init__(self, placed: Sequence[PlacedSource], alignment: Alignment, area: BaseGeometry | None) -> None:
        self.grid: Grid = alignment.grid
        self.output_crs: CRS | None = placed[-1].source.crs
        self.dates: tuple[Date, ...] = tuple(_date(each.source, alignment.grid) for each in placed)
        # Filled by `open_stack`, which needs the stack to measure them.
        self.preflight = Preflight(alignment.overlap, tuple(each.gsd_m for each in self.dates), (), (), ())
        self._placed, self._area = tuple(placed), area

    @property
    def placed(self) -> tuple[PlacedSource, ...]:
        """The rasters, each on the grid."""
        return self._placed

    def read(self, window: Window) -> Block:
        """Read a window of every date at the grid's resolution; it may reach over the grid's edge, where nothing is
        valid.

        Raises
        ------
        UnusableInput: a file is damaged there.
        """
        return self._block([each.read(window) for each in self._placed], self.grid.part(window))

    def overview(self, longest_px: int = THUMBNAIL_PX, cancelled: Callable[[], bool] = lambda: False) -> Block:
        """Read the whole grid reduced to at most ``longest_px`` a side.

        Raises
        ------
        Cancelled, UnusableInput: as `read`.
        """
        reduced = self.grid.reduced(longest_px)
        tall = -(-reduced.height // _STRIPS)
        strips = []
        for row in range(0, reduced.height, tall):
            if cancelled():
                raise Cancelled
            strip = reduced.part(Window(row, 0, min(tall, reduced.height - row), reduced.width))
            strips.append(self._block([each.read_onto(strip) for each in self._placed], strip))
        images = np.concatenate([strip.images for strip in strips], axis=2)
        return Block(images, np.concatenate([strip.valid for strip in strips], axis=1))

    def inside(self, part: Grid) -> NDArray[np.bool_]:
        """Return where a part of the grid lies in the area of interest, bool [h, w]."""
        if self._area is None:
            return np.ones(part.shape, bool)
        return geometry_mask([self._area], part.shape, part.transform, invert=True)

    def close(self) -> None:
        """Close every file."""
        for each in self._placed:
            each.source.close()

    def __enter__(self) -> Stack:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _block(self, images: Sequence[Image], part: Grid) -> Block:
        valid = np.stack([image.valid for image in images]) & self.inside(part)
        return Block(np.stack([image.colours for image in images]) * valid[:, None], valid)


def open_stack(
    paths: Sequence[str],
    *,
    area: str | None = None,
    gsd: float | None = None,
    normalise: bool = False,
    cancelled: Callable[[], bool] = lambda: False,
) -> Stack:
    """Open rasters, oldest first, lay them on one grid, measure them and correct the shift between dates.

    Parameters
    ----------
    area: WKT or ``xmin,ymin,xmax,ymax`` in the last raster's CRS, or the path of a vector file.
    gsd: metres on the ground per pixel of the common grid; for rasters without a CRS, of the first raster.
    normalise: bring the colours of each date to the last's, where enough ground is alike in both to tell how.
    cancelled: asked between parts of the work.

    Raises
    ------
    UnusableInput: a raster or the area cannot be used; the message says which, why and what to do.
    WrongUsage: fewer than two rasters, or a ``gsd`` that is no length.
    Cancelled: ``cancelled`` said so.
    """
    from diachron.rasters.inspection import inspect

    check_gsd(gsd)
    if len(paths) < 2:
        raise WrongUsage(
            "one raster is not enough", ", ".join(map(str, paths)), "give one for each of two dates or more"
        )
    with ExitStack() as opened:
        sources = []
        for path in paths:
            sources.append(Source(str(path)))
            opened.callback(sources[-1].close)
        alignment, polygon = _align(sources, area, gsd)
        key = key_of(sources, alignment, polygon, normalise)
        stack = _as_measured(sources, alignment, polygon, _MEASUREMENTS.find(key))
        if stack is None:
            stack = Stack(_placed(sources, alignment, cancelled), alignment, polygon)
            inspect(stack, cancelled, normalise)
            _MEASUREMENTS.keep(key, _measured(stack))
        opened.pop_all()
        return stack


def _align(sources: Sequence[Source], area: str | None, gsd: float | None) -> tuple[Alignment, BaseGeometry | None]:
    refuse_mixture(sources)
    output_crs = sources[-1].crs
    polygon = read_area(area, output_crs) if area else None
    if polygon is not None and output_crs is None and sources[-1].transform.is_identity and polygon.bounds[1] >= 0:
        polygon = rows_downwards(polygon)
    alignment = align(sources, polygon, gsd)
    if polygon is not None and output_crs is not None and not same_crs(output_crs, alignment.grid.crs):
        assert alignment.grid.crs is not None
        polygon = to_crs(polygon, output_crs, alignment.grid.crs)
    return alignment, polygon


def _placed(sources: Sequence[Source], alignment: Alignment, cancelled: Callable[[], bool]) -> list[PlacedSource]:
    placed = []
    for source, place in zip(sources, alignment.transforms, strict=True):
        borders = find_borders(source, cancelled)
        placed.append(PlacedSource(source, place, alignment.grid, borders, choose_stretch(source, borders, cancelled)))
    return placed


def _measured(stack: Stack) -> Measured:
    placed = stack.placed
    return Measured(
        stack.preflight, tuple(each.borders for each in placed), tuple(each.stretch for each in placed),
        tuple(each.offset for each in placed),
    )  # fmt: skip


def _as_measured(
    sources: Sequence[Source], alignment: Alignment, area: BaseGeometry | None, measured: Measured | None
) -> Stack | None:
    """Return the stack of rasters that were measured before, None where they were not."""
    if measured is None:
        return None
    placed = []
    each_date = zip(sources, alignment.transforms, measured.borders, measured.stretches, measured.offsets, strict=True)
    for source, place, borders, stretch, offset in each_date:
        placed.append(PlacedSource(source, place, alignment.grid, borders, stretch))
        placed[-1].move(offset)
    stack = Stack(placed, alignment, area)
    stack.preflight = measured.preflight
    return stack


def _date(source: Source, grid: Grid) -> Date:
    crs = source.crs and (source.crs.to_string() or source.crs.to_wkt())
    gsd_m = source.gsd_m if source.crs else grid.gsd_m
    return Date(source.path, date_in_name(source.path), crs or None, gsd_m, source.width, source.height)


def date_in_name(path: str) -> str:
    """Return the date that a file's name holds, as ISO 8601 to the precision it has, "" where it holds none or
    several.
    """
    found = {"-".join(part for part in match.groups() if part) for match in _DATE.finditer(Path(path).stem)}
    return found.pop() if len(found) == 1 else ""
