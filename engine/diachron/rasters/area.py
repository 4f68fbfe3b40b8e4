"""The area of interest: WKT, four numbers, or a vector file, as a polygon in the after raster's CRS."""

from __future__ import annotations

from pathlib import Path

import pyogrio
import shapely
from pyproj import Transformer
from rasterio.crs import CRS
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from diachron.errors import UnusableInput

_ADVICE = "give a WKT polygon, xmin,ymin,xmax,ymax, or a vector file"


def read_area(text: str, crs: CRS | None) -> BaseGeometry:
    """Return the polygon that ``text`` gives, in ``crs``.

    Raises
    ------
    UnusableInput: it is none of the three, or is empty.
    """
    geometry = _bounds(text) or _wkt(text) or _file(text, crs)
    if geometry is None or geometry.is_empty or geometry.area == 0:
        raise UnusableInput("the area holds no polygon", text[:80], _ADVICE)
    return shapely.make_valid(geometry)


def to_crs(geometry: BaseGeometry, source: CRS, target: CRS) -> BaseGeometry:
    """Return a geometry brought from one CRS to another."""
    if source == target:
        return geometry
    transformer = Transformer.from_crs(source.to_wkt(), target.to_wkt(), always_xy=True)
    return shapely.transform(geometry, transformer.transform, interleaved=False)


def _bounds(text: str) -> BaseGeometry | None:
    try:
        left, bottom, right, top = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return box(min(left, right), min(bottom, top), max(left, right), max(bottom, top))


def _wkt(text: str) -> BaseGeometry | None:
    try:
        return shapely.from_wkt(text)
    except shapely.errors.GEOSException:
        return None


def _file(text: str, crs: CRS | None) -> BaseGeometry | None:
    path = Path(text)
    if not path.is_file():
        raise UnusableInput("the area is not understood", text[:80], _ADVICE)
    try:
        meta, _, geometries, _ = pyogrio.raw.read(path, columns=[])
    except pyogrio.errors.DataSourceError as error:
        raise UnusableInput("the area's file cannot be read", text, _ADVICE) from error
    union = shapely.union_all(shapely.from_wkb(geometries))
    if crs is not None and meta.get("crs"):
        return to_crs(union, CRS.from_string(meta["crs"]), crs)
    return union
