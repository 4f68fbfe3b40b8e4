"""A second canvas that shows the earlier image beside the map, in step with it, cursor and all."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsPointXY, QgsRectangle
from qgis.gui import QgsMapCanvas, QgsMapToolPan, QgsVertexMarker
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QDockWidget, QWidget

from .words import tr

CURSOR = QColor(255, 235, 59)


class BeforeView(QDockWidget):
    """A dock with a canvas that shows the same ground as the main one at the same scale."""

    def __init__(self, main: Any, parent: QWidget | None = None) -> None:
        super().__init__(tr("Before"), parent)
        self.setObjectName("DiachronBefore")
        self.setAllowedAreas(Qt.DockWidgetArea.AllDockWidgetAreas)
        self.main = main
        self.canvas = QgsMapCanvas(self)
        self.canvas.setCanvasColor(main.canvasColor())
        self.canvas.enableAntiAliasing(True)
        self.canvas.setMinimumSize(160, 160)
        self._pan = QgsMapToolPan(self.canvas)
        self.canvas.setMapTool(self._pan)
        self._follows = False
        self._cursors = {canvas: _cursor(canvas) for canvas in (main, self.canvas)}
        self._signals = (
            (main.extentsChanged, self.follow),
            (main.destinationCrsChanged, self.follow),
            (self.canvas.extentsChanged, self._lead),
            (main.xyCoordinates, lambda point: self._mirror(self.canvas, point)),
            (self.canvas.xyCoordinates, lambda point: self._mirror(main, point)),
        )
        for signal, slot in self._signals:
            signal.connect(slot)
        self.setWidget(self.canvas)

    def show_layers(self, layers: list[Any], title: str) -> None:
        """Show layers under a title, such as the earlier date."""
        self.setWindowTitle(title)
        self.canvas.setLayers([each for each in layers if each is not None])
        self.follow()

    def follow(self) -> None:
        """Take over ground and scale of the main canvas."""
        if self._follows:
            return
        self._follows = True
        self.canvas.setDestinationCrs(self.main.mapSettings().destinationCrs())
        self.canvas.setRotation(self.main.rotation())
        self.canvas.setExtent(_same_scale(self.main, self.canvas))
        self.canvas.refresh()
        self._follows = False

    def _lead(self) -> None:
        """Have the main canvas follow a pan or zoom in this one."""
        if self._follows or not self.isVisible():
            return
        self._follows = True
        self.main.setExtent(_same_scale(self.canvas, self.main))
        self.main.refresh()
        self._follows = False

    def resizeEvent(self, event: Any) -> None:
        """Keep the scale when the dock changes its size."""
        super().resizeEvent(event)
        self.follow()

    def _mirror(self, canvas: Any, point: QgsPointXY) -> None:
        """Show where the cursor is in the other canvas."""
        for each, marker in self._cursors.items():
            marker.setVisible(each is canvas and self.isVisible())
        self._cursors[canvas].setCenter(point)

    def close_down(self) -> None:
        """Let the main canvas go."""
        for signal, slot in self._signals:
            signal.disconnect(slot)
        self.main.scene().removeItem(self._cursors[self.main])
        self.canvas.scene().removeItem(self._cursors[self.canvas])
        self._cursors = {}


def _cursor(canvas: Any) -> QgsVertexMarker:
    marker = QgsVertexMarker(canvas)
    marker.setIconType(QgsVertexMarker.IconType.ICON_CROSS)
    marker.setIconSize(18)
    marker.setPenWidth(2)
    marker.setColor(CURSOR)
    marker.setVisible(False)
    return marker


def _same_scale(source: Any, target: Any) -> QgsRectangle:
    """Return the extent by which a canvas shows another one's middle at its scale, whatever their sizes."""
    middle, units_a_pixel = source.extent().center(), source.mapUnitsPerPixel()
    size = target.mapSettings().outputSize()
    return QgsRectangle.fromCenterAndSize(middle, size.width() * units_a_pixel, size.height() * units_a_pixel)
