"""The common grid of a pair, and windows on it."""

from __future__ import annotations

from dataclasses import dataclass

from affine import Affine
from pyproj import Geod
from pyproj import Transformer as ProjTransformer
from rasterio.crs import CRS


@dataclass(frozen=True)
class Window:
    """A part of a grid, in pixels; ``row`` and ``col`` are those of its first pixel."""

    row: int
    col: int
    height: int
    width: int


@dataclass(frozen=True)
class Grid:
    """A north-up grid. ``transform`` maps (column, row) to ``crs``; ``gsd_m`` is metres on the ground per pixel, None where nothing tells."""

    crs: CRS | None
    transform: Affine
    width: int
    height: int
    gsd_m: float | None

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right and top in CRS units."""
        left, top = self.transform * (0, 0)
        right, bottom = self.transform * (self.width, self.height)
        return left, min(top, bottom), right, max(top, bottom)

    def window_transform(self, window: Window) -> Affine:
        """Return the transform of a window's own pixels."""
        return self.transform * Affine.translation(window.col, window.row)


def ground_sample_distance(crs: CRS | None, transform: Affine, width: int, height: int) -> float | None:
    """Return metres on the ground per pixel at the raster's middle (geodesic, so Web Mercator is told right), None without a CRS."""
    if crs is None:
        return None
    to_degrees = ProjTransformer.from_crs(crs.to_wkt(), "EPSG:4326", always_xy=True)
    middle = [transform * (width / 2 + dx, height / 2 + dy) for dx, dy in ((0, 0), (1, 0), (0, 1))]
    (lon, lat), (lon_x, lat_x), (lon_y, lat_y) = (to_degrees.transform(*point) for point in middle)
    geod = Geod(ellps="WGS84")
    across = geod.inv(lon, lat, lon_x, lat_x)[2]
    down = geod.inv(lon, lat, lon_y, lat_y)[2]
    return float((across * down) ** 0.5)


def is_metric(crs: CRS) -> bool:
    """True where the CRS's units are metres on the ground to within a few per mille (so not for Web Mercator)."""
    return bool(crs.is_projected and crs.linear_units.lower() in ("metre", "meter", "m") and crs.to_epsg() not in (3857, 3395, 900913))


def utm_of(lon: float, lat: float) -> CRS:
    """Return the WGS 84 UTM zone of a place in degrees."""
    zone = int((lon + 180) // 6) % 60 + 1
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)
