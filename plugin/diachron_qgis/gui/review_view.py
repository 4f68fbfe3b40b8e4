"""The map of a review: centred on the proposal at hand, its outline drawn over everything."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsCoordinateTransform, QgsGeometry, QgsProject, QgsRectangle, QgsUnitTypes, QgsWkbTypes
from qgis.gui import QgsRubberBand
from qgis.PyQt.QtGui import QColor

from ..logic.proposals import Box

OUTLINE, HALO = QColor(255, 235, 59), QColor(0, 0, 0, 160)


class ReviewView:
    """What a review does to a map canvas."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas
        polygon = QgsWkbTypes.GeometryType.PolygonGeometry
        self._bands = [QgsRubberBand(canvas, polygon), QgsRubberBand(canvas, polygon)]
        for band, colour, width in zip(self._bands, (HALO, OUTLINE), (5, 2)):
            band.setFillColor(QColor(0, 0, 0, 0))
            band.setStrokeColor(colour)
            band.setWidth(width)

    def outline(self, outline: QgsGeometry, layer: Any) -> None:
        """Draw an outline, given in a layer's CRS."""
        for band in self._bands:
            band.setToGeometry(outline, layer)

    def centre(self, box: Box, layer: Any, margin_m: float) -> None:
        """Show a box of a layer with a margin around it, in metres where the map has any, else in its units."""
        extent = QgsRectangle(box.left, box.bottom, box.right, box.top)
        target = self.canvas.mapSettings().destinationCrs()
        if layer.crs().isValid() and target.isValid() and layer.crs() != target:
            extent = QgsCoordinateTransform(layer.crs(), target, QgsProject.instance()).transformBoundingBox(extent)
        extent.grow(max(margin_m * self._units_a_metre(), 1e-9))
        self.canvas.setExtent(extent)
        self.canvas.refresh()

    def clear(self) -> None:
        """Take the outline off the map."""
        for band in self._bands:
            band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)

    def close_down(self) -> None:
        """Take everything off the canvas for good."""
        for band in self._bands:
            self.canvas.scene().removeItem(band)
        self._bands = []

    def _units_a_metre(self) -> float:
        metres, unit = QgsUnitTypes.DistanceUnit.DistanceMeters, self.canvas.mapUnits()
        if unit == QgsUnitTypes.DistanceUnit.DistanceUnknownUnit:
            return 1.0
        return float(QgsUnitTypes.fromUnitToUnitFactor(metres, unit))
