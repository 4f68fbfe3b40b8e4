"""A map tool that draws one rectangle."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsGeometry, QgsPointXY, QgsRectangle, QgsWkbTypes
from qgis.gui import QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor


class RectangleTool(QgsMapTool):
    """Press, drag and release; ``drawn`` carries the rectangle in the map's CRS."""

    drawn = pyqtSignal(QgsGeometry)

    def __init__(self, canvas: Any) -> None:
        super().__init__(canvas)
        self._corner: QgsPointXY | None = None
        self._band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self._band.setColor(QColor(219, 14, 154, 50))
        self._band.setStrokeColor(QColor(219, 14, 154))
        self._band.setWidth(2)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def canvasPressEvent(self, event: Any) -> None:
        """Begin a rectangle."""
        self._corner = event.mapPoint()

    def canvasMoveEvent(self, event: Any) -> None:
        """Stretch it."""
        if self._corner is not None:
            self._show(QgsRectangle(self._corner, event.mapPoint()))

    def canvasReleaseEvent(self, event: Any) -> None:
        """Keep it, where it has a size."""
        if self._corner is None:
            return
        rectangle = QgsRectangle(self._corner, event.mapPoint())
        self._corner = None
        if rectangle.width() > 0 and rectangle.height() > 0:
            self._show(rectangle)
            self.drawn.emit(QgsGeometry.fromRect(rectangle))

    def clear(self) -> None:
        """Take the rectangle off the map."""
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)

    def _show(self, rectangle: QgsRectangle) -> None:
        self._band.setToGeometry(QgsGeometry.fromRect(rectangle), None)
