"""Metres on the ground: what a pixel measures, and which CRS measures it truly."""

from __future__ import annotations

import math
from dataclasses import dataclass

from affine import Affine
from pyproj import Geod, Transformer
from rasterio.crs import CRS

DEGREES = CRS.from_epsg(4326)
MOST_DISTORTION = 0.02
"""A projection whose metre differs more than this from a metre on the ground is not taken for a metric one."""

_GEOD = Geod(ellps="WGS84")
_METRE_NAMES = frozenset({"metre", "meter", "metres", "meters", "m"})
# Pixels over which a length is measured: one pixel alone would be lost in the rounding of degrees.
_BASE_PX = 16


@dataclass(frozen=True)
class LonLat:
    """A place on the ellipsoid, in degrees."""

    lon_deg: float
    lat_deg: float


def same_crs(one: CRS | None, other: CRS | None) -> bool:
    """Tell whether two CRSs are the same, though their texts may be written by different programs."""
    if one is None or other is None:
        return one is other
    return one == other or (one.to_epsg() is not None and one.to_epsg() == other.to_epsg())


def ground_sample_distance(crs: CRS, transform: Affine, col: float, row: float) -> float:
    """Return metres on the ground per pixel at (col, row): the side of the square with the pixel's area."""
    to_degrees = _to_degrees(crs)
    half = _BASE_PX / 2
    across = _length_m(to_degrees, transform * (col - half, row), transform * (col + half, row))
    down = _length_m(to_degrees, transform * (col, row - half), transform * (col, row + half))
    return math.sqrt(across * down) / _BASE_PX


def place_of(crs: CRS, x: float, y: float) -> LonLat:
    """Return where a point of a CRS lies."""
    return LonLat(*_to_degrees(crs).transform(x, y))


def metric_crs(crs: CRS, x: float, y: float) -> CRS:
    """Return ``crs`` where its units are metres on the ground near (x, y), else the UTM zone (near the poles, UPS)
    of that place.
    """
    if _is_metric(crs, x, y):
        return crs
    return utm_zone(place_of(crs, x, y))


def utm_zone(place: LonLat) -> CRS:
    """Return the WGS 84 UTM zone of a place, or the polar stereographic CRS beyond UTM's limits."""
    if place.lat_deg > 84:
        return CRS.from_epsg(32661)
    if place.lat_deg < -80:
        return CRS.from_epsg(32761)
    zone = int((place.lon_deg + 180) % 360 // 6) + 1
    return CRS.from_epsg((32600 if place.lat_deg >= 0 else 32700) + zone)


def _is_metric(crs: CRS, x: float, y: float) -> bool:
    if not crs.is_projected or crs.linear_units.lower() not in _METRE_NAMES:
        return False
    # Web Mercator is in metres too, but at 45 degrees north its metre is 0.7 m on the ground: measuring tells,
    # a list of codes does not.
    metre = ground_sample_distance(crs, Affine.translation(x, y), 0, 0)
    return abs(metre - 1) < MOST_DISTORTION


def _to_degrees(crs: CRS) -> Transformer:
    return Transformer.from_crs(crs.to_wkt(), "EPSG:4326", always_xy=True)


def _length_m(to_degrees: Transformer, start: tuple[float, float], end: tuple[float, float]) -> float:
    (lon_1, lat_1), (lon_2, lat_2) = to_degrees.transform(*start), to_degrees.transform(*end)
    return float(_GEOD.inv(lon_1, lat_1, lon_2, lat_2)[2])
