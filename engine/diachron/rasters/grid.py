"""The common grid of a set of rasters, and windows on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from affine import Affine
from rasterio.coords import BoundingBox
from rasterio.crs import CRS
from rasterio.windows import Window as RasterioWindow


@dataclass(frozen=True)
class Window:
    """A part of a grid or raster, in pixels; ``row`` and ``col`` are those of its first pixel."""

    row: int
    col: int
    height: int
    width: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, to index an array [..., H, W] of the whole grid."""
        return slice(self.row, self.row + self.height), slice(self.col, self.col + self.width)

    def as_rasterio(self) -> RasterioWindow:
        """Return the same window as rasterio takes it."""
        return RasterioWindow(self.col, self.row, self.width, self.height)

    def intersection(self, other: Window) -> Window:
        """Return the part that both cover; its height or width is 0 where they do not meet."""
        row, col = max(self.row, other.row), max(self.col, other.col)
        bottom = min(self.row + self.height, other.row + other.height)
        right = min(self.col + self.width, other.col + other.width)
        return Window(row, col, max(0, bottom - row), max(0, right - col))


@dataclass(frozen=True)
class Grid:
    """A north-up grid of pixels.

    Parameters
    ----------
    crs: a projected CRS in metres; None where the rasters have none.
    transform: maps (column, row) to CRS units. Without a CRS, the first raster's own transform, or (column, -row)
    where it has
        none either: a plain picture then lies on the map canvas where QGIS draws it.
    gsd_m: metres on the ground per pixel, measured on the ellipsoid at the grid's middle (so a projection's scale
    does not enter).
        None where nothing tells: areas are then in pixels.
    """

    crs: CRS | None
    transform: Affine
    width: int
    height: int
    gsd_m: float | None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    @property
    def whole(self) -> Window:
        """The window that covers the grid."""
        return Window(0, 0, self.height, self.width)

    @property
    def bounds(self) -> BoundingBox:
        """Left, bottom, right and top in CRS units."""
        left, top = self.transform * (0, 0)
        right, bottom = self.transform * (self.width, self.height)
        return BoundingBox(left, bottom, right, top)

    def window_transform(self, window: Window) -> Affine:
        """Return the transform of a window's own pixels."""
        return self.transform * Affine.translation(window.col, window.row)

    def part(self, window: Window) -> Grid:
        """Return the grid of a window's own pixels."""
        return replace(self, transform=self.window_transform(window), width=window.width, height=window.height)

    def reduced(self, longest_px: int) -> Grid:
        """Return a grid of the same ground whose longer side has at most ``longest_px`` pixels."""
        share = min(1.0, longest_px / max(self.shape))
        height, width = (max(1, round(side * share)) for side in self.shape)
        transform = self.transform * Affine.scale(self.width / width, self.height / height)
        gsd_m = self.gsd_m and self.gsd_m * (self.width * self.height / (width * height)) ** 0.5
        return Grid(self.crs, transform, width, height, gsd_m)
