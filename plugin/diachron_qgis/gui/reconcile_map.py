"""A line of the list on the map: its outline as it is and as it is to be."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsCoordinateTransform, QgsProject, QgsVectorLayer, QgsWkbTypes
from qgis.gui import QgsRubberBand
from qgis.PyQt.QtGui import QColor

from ..logic.reconcile_listing import Finding
from .reconcile_table import COLOURS

MARGIN = 1.6
WIDTH_PX = 2


class FindingOnMap:
    """Draws one line at a time on a canvas, and zooms to it."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas
        self._bands: list[QgsRubberBand] = []

    def show(self, finding: Finding, layer: QgsVectorLayer) -> None:
        """Draw what is in the colour of removal, what is to be in that of creation, on top."""
        self.clear()
        extent = finding.outline.boundingBox()
        outlines = [(finding.before, COLOURS["removed"])] if finding.before is not None else []
        for outline, colour in [*outlines, *((each, COLOURS["created"]) for each in finding.after)]:
            self._draw(outline, QColor(colour), layer)
            extent.combineExtentWith(outline.boundingBox())
        target = self.canvas.mapSettings().destinationCrs()
        if layer.crs().isValid() and target.isValid():
            extent = QgsCoordinateTransform(layer.crs(), target, QgsProject.instance()).transformBoundingBox(extent)
        extent.scale(MARGIN)
        self.canvas.setExtent(extent)
        self.canvas.refresh()

    def clear(self) -> None:
        """Take everything off the map."""
        for band in self._bands:
            self.canvas.scene().removeItem(band)
        self._bands = []

    def _draw(self, outline: Any, colour: QColor, layer: QgsVectorLayer) -> None:
        band = QgsRubberBand(self.canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        band.setToGeometry(outline, layer)
        band.setStrokeColor(colour)
        band.setWidth(WIDTH_PX)
        colour.setAlpha(50)
        band.setFillColor(colour)
        self._bands.append(band)
