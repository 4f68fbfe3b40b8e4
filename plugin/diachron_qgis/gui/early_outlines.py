"""Changes on the canvas while the engine is still looking: outlines that go when the question ends."""

from __future__ import annotations

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsRasterLayer, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtGui import QColor

from ..link.engine import Request

OUTLINE = QColor(255, 140, 0)
FILL = QColor(255, 140, 0, 60)
WIDTH_PX = 2


class EarlyOutlines(QObject):
    """Outlines of one running question; ``after`` is the raster in whose coordinate system they come."""

    def __init__(self, canvas: QgsMapCanvas, after: str, request: Request) -> None:
        super().__init__(request)
        self._canvas, self._after = canvas, after
        self._band: QgsRubberBand | None = None
        self._crs: QgsCoordinateReferenceSystem | None = None
        for ended in (request.done, request.failed, request.cancelled):
            ended.connect(self.clear)

    def show(self, wkt: str) -> None:
        """Add polygons, given as WKT, to what is shown."""
        geometry = QgsGeometry.fromWkt(wkt)
        if geometry.isEmpty():
            return
        if self._band is None:
            self._band = QgsRubberBand(self._canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
            self._band.setStrokeColor(OUTLINE)
            self._band.setFillColor(FILL)
            self._band.setWidth(WIDTH_PX)
            self._crs = QgsRasterLayer(self._after).crs()
        self._band.addGeometry(geometry, self._crs)

    def clear(self, *_: object) -> None:
        """Take the outlines off the canvas: the answer's layers take their place."""
        if self._band is not None:
            self._canvas.scene().removeItem(self._band)
            self._band = None
