"""One raster read on the common grid: pixels copied where they are the grid's own, else warped window by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.warp import reproject, transform

from diachron.rasters.grid import Grid, Window
from diachron.rasters.ground import same_crs
from diachron.rasters.nodata import Border, covered
from diachron.rasters.opening import damaged
from diachron.rasters.radiometry import Bands, Stretch
from diachron.rasters.source import Source

COPY_TOLERANCE_PX = 0.1
"""Two grids that differ by less are taken for one: resampling would blur more than the difference is worth."""

# Rasters without a CRS meet in pixels. GDAL warps nothing without a CRS, so both sides are given the same one, away
# from its origin: at the origin GDAL takes a transform of whole pixels for no transform at all.
_PIXEL_CRS = CRS.from_epsg(32631)
_PIXEL_ORIGIN = Affine.translation(4096, 4096)
_WARP_TOLERANCE_PX = 0.02
_SIDE_POINTS = 9


@dataclass(frozen=True)
class Image:
    """One date of a window: ``colours`` uint8 [3, h, w], black where ``valid``, bool [h, w], is not."""

    colours: NDArray[np.uint8]
    valid: NDArray[np.bool_]


@dataclass(frozen=True)
class Offset:
    """Correction of a raster's place, in pixels of the grid: its image belongs ``dx_px`` further right and ``dy_px``
    further down.
    """

    dx_px: float = 0.0
    dy_px: float = 0.0

    def __bool__(self) -> bool:
        return self.dx_px != 0 or self.dy_px != 0


class PlacedSource:
    """A raster on a grid.

    Parameters
    ----------
    transform: from the raster's (column, row) to its own CRS's units, or to the grid's where it has no CRS.
    """

    def __init__(
        self, source: Source, transform: Affine, grid: Grid, borders: Sequence[Border], stretch: Stretch
    ) -> None:
        self.source, self.grid = source, grid
        self._transform, self._borders, self._stretch = transform, tuple(borders), stretch
        self._offset = Offset()
        self._first = self._first_pixel()

    def move(self, offset: Offset) -> None:
        """Read at a corrected place from now on, which resamples the raster."""
        self._offset = offset
        self._first = self._first_pixel()

    def recolour(self, gain: Bands, offset: Bands) -> None:
        """Read ``gain`` x colours + ``offset``, band by band, from now on."""
        self._stretch = self._stretch.adjusted(gain, offset)

    @property
    def offset(self) -> Offset:
        """The correction of its place."""
        return self._offset

    @property
    def borders(self) -> tuple[Border, ...]:
        """The borders that hold no image."""
        return self._borders

    @property
    def stretch(self) -> Stretch:
        """How values become colours."""
        return self._stretch

    @property
    def is_copied(self) -> bool:
        """True where reads take the file's own pixels, none interpolated."""
        return self._first is not None

    def read(self, window: Window) -> Image:
        """Read a window of the grid, at the grid's resolution; what lies outside the raster is not valid.

        Raises
        ------
        UnusableInput: the file is damaged there.
        """
        if self._first is None:
            return self.read_onto(self.grid.part(window))
        row, col = self._first
        return self._copied(Window(window.row + row, window.col + col, window.height, window.width))

    def read_onto(self, target: Grid) -> Image:
        """Read onto any grid of the same CRS: averaged where it is coarser than the raster, else interpolated.

        Raises
        ------
        UnusableInput: the file is damaged there.
        """
        # The image belongs further right by the offset: its pixels for a target are found as much further left.
        step = self.grid.transform
        back = Affine.translation(-self._offset.dx_px * step.a, -self._offset.dy_px * step.e)
        outline = self._outline(back * target.transform, target)
        ratio = _pixels_per_pixel(outline, target)
        needed = _window_around(outline, margin=int(3 * max(1.0, ratio)) + 2).intersection(self.source.whole)
        if needed.height == 0 or needed.width == 0:
            return Image(np.zeros((3, *target.shape), np.uint8), np.zeros(target.shape, bool))
        return self._warped(needed, ratio, back * target.transform, target.shape)

    def _copied(self, window: Window) -> Image:
        colours = np.zeros((3, window.height, window.width), np.uint8)
        valid = np.zeros((window.height, window.width), bool)
        inside = window.intersection(self.source.whole)
        if inside.height and inside.width:
            rows, columns = Window(inside.row - window.row, inside.col - window.col, inside.height, inside.width).slices
            part = self._native(inside, 1)
            colours[:, rows, columns], valid[rows, columns] = part.colours, part.valid
        return Image(colours, valid)

    def _native(self, window: Window, step: int) -> Image:
        """Read a window of the raster's own pixels as 8-bit colours."""
        pixels = self.source.read(window, step)
        valid = pixels.valid & ~covered(self._borders, pixels.values, window)
        return Image(self._stretch.apply(pixels.values) * valid, valid)

    def _warped(self, needed: Window, ratio: float, place: Affine, shape: tuple[int, int]) -> Image:
        # Reading reduced to between two and four pixels a target pixel bounds memory, whatever the ratio.
        image = self._native(needed, max(1, int(ratio // 2)))
        height, width = image.valid.shape
        own = (
            self._transform
            * Affine.translation(needed.col, needed.row)
            * Affine.scale(needed.width / width, needed.height / height)
        )
        # Validity goes as opacity, so that no black bleeds into the image at its edge.
        layers = np.concatenate([image.colours, image.valid[None] * np.uint8(255)])
        warped = np.zeros((4, *shape), np.uint8)
        crs = self.source.crs if self.grid.crs else None
        try:
            reproject(
                layers, warped, src_alpha=4, dst_alpha=4, resampling=_resampling(ratio), tolerance=_WARP_TOLERANCE_PX,
                src_crs=crs or _PIXEL_CRS, src_transform=own if crs else _PIXEL_ORIGIN * own,
                dst_crs=self.grid.crs or _PIXEL_CRS, dst_transform=place if crs else _PIXEL_ORIGIN * place,
            )  # fmt: skip
        except RasterioError as error:
            raise damaged(self.source.path) from error
        valid = warped[3] >= 128
        return Image(warped[:3] * valid, valid)

    def _outline(self, place: Affine, target: Grid) -> NDArray[np.float64]:
        """Return the target's outline in the raster's pixels, clockwise from its top left, float64 [n, 2] of
        (column, row).
        """
        x, y = place * np.array(_outline_points(target.width, target.height)).T
        if self.grid.crs is not None and not same_crs(self.source.crs, self.grid.crs):
            x, y = (np.array(axis) for axis in transform(self.grid.crs, self.source.crs, x, y))
        return np.stack(~self._transform * np.array([x, y]), axis=1)

    def _first_pixel(self) -> tuple[int, int] | None:
        """Return (row, col), in the raster, of the grid's first pixel where both have the same pixels, else None."""
        if self._offset or (self.grid.crs is not None and not same_crs(self.source.crs, self.grid.crs)):
            return None
        width, height = self.grid.shape[::-1]
        corners = np.array(
            [self._pixel_at(col, row) for col, row in ((0, 0), (width, 0), (0, height), (width, height))]
        )
        first = np.rint(corners[0])
        wanted = first + np.array([(0, 0), (width, 0), (0, height), (width, height)])
        if np.abs(corners - wanted).max() > COPY_TOLERANCE_PX:
            return None
        return int(first[1]), int(first[0])

    def _pixel_at(self, col: float, row: float) -> tuple[float, float]:
        return ~self._transform * (self.grid.transform * (col, row))


def _outline_points(width: float, height: float) -> list[tuple[float, float]]:
    steps = np.linspace(0, 1, _SIDE_POINTS)[:-1]
    return [
        *((width * s, 0.0) for s in steps),
        *((width, height * s) for s in steps),
        *((width * (1 - s), height) for s in steps),
        *((0.0, height * (1 - s)) for s in steps),
    ]


def outline_of(source: Source) -> list[tuple[float, float]]:
    """Return points along a raster's edge in its pixels, clockwise from its top left, as (column, row)."""
    return _outline_points(source.width, source.height)


def _pixels_per_pixel(outline: NDArray[np.float64], target: Grid) -> float:
    """Return how many of the raster's pixels make a side of one of the target's: the root of the ratio of areas."""
    x, y = outline.T
    area = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
    return float(np.sqrt(area / (target.width * target.height))) if np.isfinite(area) else 1.0


def _window_around(outline: NDArray[np.float64], margin: int) -> Window:
    """Return the window of whole pixels around the points that are finite, with a margin for the resampling kernel."""
    points = outline[np.isfinite(outline).all(axis=1)]
    if not len(points):
        return Window(0, 0, 0, 0)
    left, top = np.floor(points.min(axis=0)).astype(int) - margin
    right, bottom = np.ceil(points.max(axis=0)).astype(int) + margin
    return Window(int(top), int(left), int(bottom - top), int(right - left))


def _resampling(ratio: float) -> Resampling:
    if ratio >= 2:
        return Resampling.average
    # At the same resolution (a shift, a turn) cubic keeps edges that bilinear would soften.
    return Resampling.cubic if ratio > 0.9 else Resampling.bilinear
