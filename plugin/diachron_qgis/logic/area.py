"""The area of a question as WKT in the after raster's CRS."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
    QgsWkbTypes,
)


class NoArea(ValueError):
    """The chosen area does not exist; the message says what to do."""


def area_wkt(mode: str, after: QgsRasterLayer, canvas: Any, layer: Any, drawn: QgsGeometry | None, tr: Any) -> str:
    """Return the area of a mode (canvas, overlap, selection, drawn); "" for the whole overlap.

    Raises
    ------
    NoArea: nothing is selected, or drawn, or the canvas does not show the raster.
    """
    project = QgsProject.instance()
    if mode == "overlap" or not after.crs().isValid():
        return ""
    map_crs = canvas.mapSettings().destinationCrs()
    if mode == "canvas":
        return _canvas(after, canvas, map_crs, project, tr)
    if mode == "selection":
        return _wkt(transformed(_selection(layer, tr), layer.crs(), after.crs(), project), after.crs())
    if drawn is None or drawn.isEmpty():
        raise NoArea(tr("Draw a rectangle on the map first"))
    return _wkt(transformed(drawn, map_crs, after.crs(), project), after.crs())


def _canvas(
    after: QgsRasterLayer, canvas: Any, map_crs: QgsCoordinateReferenceSystem, project: QgsProject, tr: Any
) -> str:
    shown = transformed(QgsGeometry.fromRect(canvas.extent()), map_crs, after.crs(), project)
    whole = QgsGeometry.fromRect(after.extent())
    if not shown.intersects(whole):
        raise NoArea(tr("The map does not show these rasters; zoom to them, or choose the overlap"))
    if shown.contains(whole):
        return ""
    return _wkt(shown.intersection(whole), after.crs())


def _selection(layer: Any, tr: Any) -> QgsGeometry:
    if not isinstance(layer, QgsVectorLayer) or layer.geometryType() != QgsWkbTypes.GeometryType.PolygonGeometry:
        raise NoArea(tr("Make a polygon layer the current one, and select polygons in it"))
    polygons = [feature.geometry() for feature in layer.selectedFeatures()]
    if not polygons:
        raise NoArea(tr("Select one or more polygons of the current layer"))
    return QgsGeometry.unaryUnion(polygons)


def transformed(
    geometry: QgsGeometry,
    source: QgsCoordinateReferenceSystem,
    target: QgsCoordinateReferenceSystem,
    project: QgsProject,
) -> QgsGeometry:
    """Return a geometry in another CRS, the same where one of the two is not known."""
    moved = QgsGeometry(geometry)
    if source.isValid() and target.isValid() and source != target:
        moved.transform(QgsCoordinateTransform(source, target, project))
    return moved


def _wkt(geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> str:
    """Return a geometry as WKT to a millimetre."""
    return geometry.asWkt(8 if crs.isGeographic() else 3)
