"""The form widget of a change: what its place looked like before, and what it looks like after."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.gui import QgsEditorConfigWidget, QgsEditorWidgetFactory, QgsEditorWidgetWrapper, QgsGui
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ..logic.evidence import CHIPS
from .review_view import HALO, OUTLINE
from .words import tr

CHIP_PX = 220
MARGIN_SHARE = 0.6
"""Ground around the outline, as a share of its longer side."""


class Chip(QWidget):
    """One image with the outline of a change; it is rendered in threads of QGIS's own."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = QLabel(tr("no image"), self)
        self.picture.setFixedSize(QSize(CHIP_PX, CHIP_PX))
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title = QLabel(title, self)
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.picture)
        column.addWidget(self.title)
        self._job: QgsMapRendererParallelJob | None = None
        self._outline = QgsGeometry()

    def show_place(self, image: QgsRasterLayer | None, outline: QgsGeometry, crs: Any) -> None:
        """Show a place, its outline given in a CRS, in an image."""
        if image is None or outline.isEmpty():
            return
        extent = _square_around(outline.boundingBox())
        settings = QgsMapSettings()
        settings.setDestinationCrs(crs)
        settings.setTransformContext(QgsProject.instance().transformContext())
        settings.setLayers([image])
        settings.setOutputSize(QSize(CHIP_PX, CHIP_PX))
        settings.setExtent(extent)
        self._outline = outline
        self._job = QgsMapRendererParallelJob(settings)
        # A bound method, unlike a function, is let go with its widget: a form may be closed before it is rendered.
        self._job.finished.connect(self._rendered)
        self._job.start()

    def _rendered(self) -> None:
        job = self.sender()
        if job is not self._job or self._job is None:
            return
        image = _outlined(self._job.renderedImage(), self._job.mapSettings(), self._outline)
        self.picture.setPixmap(QPixmap.fromImage(image))


class ChipWrapper(QgsEditorWidgetWrapper):
    """Both images of the feature that the form shows; the field's own value stays as it is."""

    def __init__(self, layer: Any, field: int, editor: QWidget | None, parent: QWidget | None) -> None:
        super().__init__(layer, field, editor, parent)
        self._value: Any = None
        self.chips: list[Chip] = []

    def value(self) -> Any:
        """Return the field's value."""
        return self._value

    def setValue(self, value: Any) -> None:
        """Keep the field's value."""
        self._value = value

    def updateValues(self, value: Any, additional: Any = ()) -> None:
        """Keep the field's value (QGIS asks this from 3.10 on)."""
        self._value = value

    def valid(self) -> bool:
        """Say that there is a widget."""
        return True

    def setEnabled(self, enabled: bool) -> None:
        """Stay as it is: the field cannot be edited, and its images are to be seen all the same."""

    def createWidget(self, parent: QWidget) -> QWidget:
        """Make the widget."""
        return QWidget(parent)

    def initWidget(self, editor: QWidget) -> None:
        """Put both chips side by side."""
        config = self.config()
        row = QHBoxLayout(editor)
        row.setContentsMargins(0, 0, 0, 0)
        for name, title in (("before", tr("Before")), ("after", tr("After"))):
            date = str(config.get(f"{name}_date") or "")
            self.chips.append(Chip(f"{title} · {date}" if date else title, editor))
            row.addWidget(self.chips[-1])
        row.addStretch(1)

    def setFeature(self, feature: QgsFeature) -> None:
        """Show a feature's place."""
        super().setFeature(feature)
        for chip, name in zip(self.chips, ("before", "after")):
            chip.show_place(image_layer(str(self.config().get(name) or "")), feature.geometry(), self.layer().crs())


class ChipConfig(QgsEditorConfigWidget):
    """The widget's settings: paths that the result itself tells, so there is nothing to set."""

    def __init__(self, layer: Any, field: int, parent: QWidget | None) -> None:
        super().__init__(layer, field, parent)
        self._config: dict[str, Any] = {}

    def config(self) -> dict[str, Any]:
        """Return the settings."""
        return self._config

    def setConfig(self, config: dict[str, Any]) -> None:
        """Keep the settings."""
        self._config = dict(config)


class ChipFactory(QgsEditorWidgetFactory):
    """Makes the widgets for QGIS, and keeps them alive as long as QGIS has them."""

    def __init__(self) -> None:
        super().__init__(tr("Images of a change"))
        self._made: list[QWidget] = []

    def create(self, layer: Any, field: int, editor: QWidget | None, parent: QWidget | None) -> ChipWrapper:
        """Make a wrapper."""
        wrapper = ChipWrapper(layer, field, editor, parent)
        self._made.append(wrapper)
        wrapper.destroyed.connect(lambda *_: self._made.remove(wrapper) if wrapper in self._made else None)
        return wrapper

    def configWidget(self, layer: Any, field: int, parent: QWidget | None) -> ChipConfig:
        """Make the settings' widget."""
        config = ChipConfig(layer, field, parent)
        self._made.append(config)
        return config


_factory: ChipFactory | None = None


def register_chips() -> None:
    """Make the widget known to QGIS, once: QGIS has no way to forget one, so it outlives a reload of the plugin."""
    global _factory
    if CHIPS not in QgsGui.editorWidgetRegistry().factories():
        _factory = ChipFactory()
        QgsGui.editorWidgetRegistry().registerWidget(CHIPS, _factory)


def image_layer(path: str) -> QgsRasterLayer | None:
    """Return the project's layer of a raster, with its style; else the raster itself, None where it is gone."""
    if not path:
        return None
    for layer in QgsProject.instance().mapLayers().values():
        if isinstance(layer, QgsRasterLayer) and layer.source().split("|")[0] == path:
            return layer
    layer = QgsRasterLayer(path, path, "gdal")
    return layer if layer.isValid() else None


def _square_around(box: QgsRectangle) -> QgsRectangle:
    side = max(box.width(), box.height()) * (1 + 2 * MARGIN_SHARE)
    return QgsRectangle.fromCenterAndSize(box.center(), side, side)


def _outlined(image: QImage, settings: QgsMapSettings, outline: QgsGeometry) -> QImage:
    """Return an image with an outline, given in the map's CRS, drawn on it."""
    to_pixel = settings.mapToPixel()
    path = QPainterPath()
    for polygon in outline.asGeometryCollection() or [outline]:
        for ring in polygon.asPolygon():
            points = [to_pixel.transform(point) for point in ring]
            path.moveTo(points[0].x(), points[0].y())
            for point in points[1:]:
                path.lineTo(point.x(), point.y())
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((HALO, 4.0), (OUTLINE, 1.8)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawPath(path)
    painter.end()
    return image
