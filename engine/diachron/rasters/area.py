"""The area of interest: WKT, four numbers or a vector file, as one polygon in the after raster's CRS."""

from __future__ import annotations

from pathlib import Path

import shapely
from pyproj import Transformer
from rasterio.crs import CRS
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from diachron.errors import UnusableInput

_ADVICE = "give a WKT polygon, xmin,ymin,xmax,ymax, or the path of a vector file"
_SEGMENTS = 64


def read_area(text: str, crs: CRS | None) -> BaseGeometry:
    """Return the polygon or polygons that ``text`` gives, in ``crs``.

    A vector file's features are joined, and brought from the file's CRS where both have one. Rasters without any
    place take pixels:
    ``0,0,200,100`` are their first 200 columns and 100 rows.

    Raises
    ------
    UnusableInput: it is none of the three, or holds no polygon.
    """
    area = _four_numbers(text) or _wkt(text) or _vector_file(text, crs)
    area = shapely.union_all([part for part in shapely.get_parts(shapely.make_valid(area)).tolist() if part.area > 0])
    if area.is_empty:
        raise UnusableInput("the area holds no polygon", _short(text), _ADVICE)
    return area


def rows_downwards(area: BaseGeometry) -> BaseGeometry:
    """Return an area given in columns and rows as QGIS lays a plain picture: y from 0 downwards, below zero."""
    return shapely.transform(area, lambda points: points * (1, -1))


def to_crs(geometry: BaseGeometry, source: CRS, target: CRS) -> BaseGeometry:
    """Return a geometry brought from one CRS to another; long sides are bent as the projections ask."""
    transformer = Transformer.from_crs(source.to_wkt(), target.to_wkt(), always_xy=True)
    left, bottom, right, top = geometry.bounds
    fine = shapely.segmentize(geometry, max(right - left, top - bottom) / _SEGMENTS)
    return shapely.make_valid(shapely.transform(fine, transformer.transform, interleaved=False))


def _four_numbers(text: str) -> BaseGeometry | None:
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


def _vector_file(text: str, crs: CRS | None) -> BaseGeometry:
    # Imported where it is needed: pyogrio brings a second GDAL with it, and most questions name no file.
    import pyogrio

    if not Path(text).is_file():
        raise UnusableInput("the area is not understood", _short(text), _ADVICE)
    try:
        meta, _, geometries, _ = pyogrio.raw.read(text, columns=[])
    except pyogrio.errors.DataSourceError as error:
        raise UnusableInput("the area's file is not a vector file that can be read", text, _ADVICE) from error
    area = shapely.union_all(shapely.make_valid(shapely.from_wkb(geometries)))
    if crs is not None and meta.get("crs"):
        return to_crs(area, CRS.from_user_input(meta["crs"]), crs)
    return area


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."
