"""Changes on the canvas while the engine is still looking: outlines that go when the question ends."""

from __future__ import annotations

from collections.abc import Iterator

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsRasterLayer, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtGui import QColor

from ..link.engine import Request
from ..logic.steps import Steps

OUTLINE = QColor(255, 140, 0)
FILL = QColor(255, 140, 0, 60)
WIDTH_PX = 2
MOST_DRAWN = 3000
"""QGIS takes too long to draw more polygons of this kind; so many tell where the changes are."""


class EarlyOutlines(QObject):
    """Outlines of one running question; ``after`` is the raster in whose coordinate system they come."""

    def __init__(self, canvas: QgsMapCanvas, after: str, request: Request) -> None:
        super().__init__(request)
        self._canvas, self._after = canvas, after
        self._band: QgsRubberBand | None = None
        self._crs: QgsCoordinateReferenceSystem | None = None
        self._steps = Steps(self)
        self._drawn = 0
        for ended in (request.done, request.failed, request.cancelled):
            ended.connect(self.clear)

    def show(self, wkt: str) -> None:
        """Add polygons, given as WKT, to what is shown, as soon as the window has drawn those before."""
        self._steps.run(self._adding(wkt))

    def _adding(self, wkt: str) -> Iterator[None]:
        if self._drawn >= MOST_DRAWN:
            return
        geometry = QgsGeometry.fromWkt(wkt)
        if geometry.isEmpty():
            return
        if self._band is None:
            self._band = QgsRubberBand(self._canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
            self._band.setStrokeColor(OUTLINE)
            self._band.setFillColor(FILL)
            self._band.setWidth(WIDTH_PX)
            self._crs = _crs_of(self._after)
        yield
        self._drawn += geometry.constGet().partCount()
        self._band.addGeometry(geometry, self._crs)

    def clear(self, *_: object) -> None:
        """Take the outlines off the canvas: the answer's layers take their place."""
        self._steps.forget()
        if self._band is not None:
            self._canvas.scene().removeItem(self._band)
            self._band = None


def _crs_of(raster: str) -> QgsCoordinateReferenceSystem:
    options = QgsRasterLayer.LayerOptions()
    # The usual style would be made of statistics, for which the pixels are read.
    options.loadDefaultStyle = False
    return QgsRasterLayer(raster, "", "gdal", options).crs()
