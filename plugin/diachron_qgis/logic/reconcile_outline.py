"""Outlines: brought into the database's coordinates, mended, cut and joined; and their areas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsDistanceArea,
    QgsGeometry,
    QgsUnitTypes,
    QgsWkbTypes,
)

POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry
SMALLEST_PART = 0.01
"""What a cut leaves over is dropped where it is smaller than this share of the whole outline."""


def polygons_of(geometry: QgsGeometry) -> QgsGeometry:
    """Return the polygons of a geometry, valid; what GEOS leaves of touching edges, lines and points, is dropped."""
    if geometry.type() == POLYGON and geometry.isGeosValid():
        return geometry
    parts = [each for each in geometry.makeValid().asGeometryCollection() if each.type() == POLYGON]
    return QgsGeometry.unaryUnion(parts) if parts else QgsGeometry()


def redrawn_outline(
    outline: QgsGeometry, takes: Sequence[QgsGeometry], adds: Sequence[QgsGeometry], spares: Sequence[QgsGeometry]
) -> QgsGeometry:
    """Return an outline without some ground, and with other ground as far as nobody else stands on it."""
    drawn = polygons_of(outline)
    if takes:
        drawn = polygons_of(drawn.difference(QgsGeometry.unaryUnion(list(takes))))
    if adds:
        gained = QgsGeometry.unaryUnion(list(adds))
        if spares:
            gained = gained.difference(QgsGeometry.unaryUnion(list(spares)))
        drawn = polygons_of(drawn.combine(gained))
    return _without_crumbs(drawn)


def as_type(geometry: QgsGeometry, wanted: QgsWkbTypes.Type) -> list[QgsGeometry]:
    """Return a geometry as a layer takes it, the largest part first: one, or one for each part where the layer has
    single parts only. New vertices of a layer with heights are at 0."""
    parts = geometry.coerceToType(wanted) if wanted != QgsWkbTypes.Type.Unknown else [geometry]
    return sorted(parts, key=lambda each: each.area(), reverse=True)


def area_measure(crs: QgsCoordinateReferenceSystem, context: QgsCoordinateTransformContext) -> QgsDistanceArea:
    """Return what measures geodesic areas in a CRS."""
    measure = QgsDistanceArea()
    measure.setSourceCrs(crs, context)
    measure.setEllipsoid(crs.ellipsoidAcronym())
    return measure


def area_m2(measure: QgsDistanceArea, outline: QgsGeometry | None) -> float | None:
    """Return an outline's area, None where there is none or no CRS tells metres."""
    if outline is None or not measure.sourceCrs().isValid():
        return None
    square_metres = QgsUnitTypes.AreaUnit.AreaSquareMeters
    return float(measure.convertAreaMeasurement(measure.measureArea(outline), square_metres))


def _without_crumbs(geometry: QgsGeometry) -> QgsGeometry:
    parts: Iterable[QgsGeometry] = geometry.asGeometryCollection()
    least = SMALLEST_PART * geometry.area()
    kept = [each for each in parts if each.area() >= least]
    return geometry if len(kept) < 2 and not geometry.isMultipart() else QgsGeometry.collectGeometry(kept)
