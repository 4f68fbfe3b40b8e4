"""Rasters as files: local ones as they are, all others rendered over the area first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsCoordinateTransform,
    QgsGeometry,
    QgsProject,
    QgsRasterFileWriter,
    QgsRasterFileWriterTask,
    QgsRasterLayer,
    QgsRasterPipe,
    QgsRasterProjector,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QObject, pyqtSignal

LARGEST_PX = 6000


def local_path(layer: QgsRasterLayer) -> Path | None:
    """Return the file of a raster layer, None where the layer is not a local file (WMS, XYZ, virtual, a subdataset).

    A file that has gone since the layer was opened is still one: the engine says so; rendering would show nothing.
    """
    if layer.providerType() != "gdal":
        return None
    path = Path(layer.source().split("|")[0])
    gone = path.is_absolute() and not path.exists() and not str(path).startswith("/vsi") and ":" not in path.name
    return path if path.is_file() or gone else None


class RenderJob(QObject):
    """Renders a layer over an extent to a GeoTIFF, in a task of QGIS's own; ``finished`` carries its path,
    ``failed`` why not."""

    finished = pyqtSignal(str)
    failed = pyqtSignal(str)

    def __init__(
        self,
        layer: QgsRasterLayer,
        extent: QgsRectangle,
        crs: Any,
        gsd: float,
        path: Path,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.path = path
        self.size = (max(1, round(extent.width() / gsd)), max(1, round(extent.height() / gsd)))
        context = QgsProject.instance().transformContext()
        pipe = rendering_pipe(layer, crs, context)
        self._task = QgsRasterFileWriterTask(rendering_writer(path), pipe, *self.size, extent, crs, context)
        self._task.writeComplete.connect(lambda *_: self._end(self.finished))
        self._task.errorOccurred.connect(lambda *_: self._end(self.failed))

        self._begun = False

    @property
    def is_too_large(self) -> bool:
        """True where there would be more pixels a side than are rendered."""
        return max(self.size) > LARGEST_PX

    def start(self) -> None:
        """Begin; returns at once."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            self.failed.emit(str(self.path))
            return
        if self.is_too_large:
            self.failed.emit(str(self.path))
            return
        self._begun = True
        QgsApplication.taskManager().addTask(self._task)

    def cancel(self) -> None:
        """Stop; what is half written is of no use."""
        if self._begun:
            self._begun = False
            self._task.cancel()

    def _end(self, signal: Any) -> None:
        self._begun = False
        signal.emit(str(self.path))


def rendering_pipe(layer: QgsRasterLayer, crs: Any, context: Any) -> QgsRasterPipe:
    """Return what a layer shows, in a CRS, as pixels to be written: a copy that another thread may use."""
    projector = QgsRasterProjector()
    projector.setCrs(layer.crs(), crs, context)
    pipe = QgsRasterPipe()
    for part in (layer.dataProvider().clone(), layer.renderer().clone(), projector):
        pipe.set(part)
    return pipe


def rendering_writer(path: Path) -> QgsRasterFileWriter:
    """Return what writes such pixels to a GeoTIFF."""
    writer = QgsRasterFileWriter(str(path))
    writer.setCreateOptions(["COMPRESS=DEFLATE", "TILED=YES"])
    return writer


def rendering_resolution(other: QgsRasterLayer | None, extent: QgsRectangle, crs: Any) -> float:
    """Return the pixel size, in a CRS's units, to render at: that of the other raster where it is a file, else 1000
    pixels across the extent."""
    if other is None or local_path(other) is None or not other.width():
        return max(extent.width(), extent.height()) / 1000
    pixel, middle = QgsRectangle(other.extent()), other.extent().center()
    pixel.scale(1 / max(other.width(), other.height()), middle)
    there = QgsGeometry.fromRect(pixel)
    there.transform(QgsCoordinateTransform(other.crs(), crs, QgsProject.instance()))
    pixels = other.width() * other.height() / max(other.width(), other.height()) ** 2
    return float((there.area() / pixels) ** 0.5)


def extent_in(layer: QgsRasterLayer, crs: Any) -> QgsRectangle:
    """Return a layer's extent in a CRS."""
    return QgsCoordinateTransform(layer.crs(), crs, QgsProject.instance()).transformBoundingBox(layer.extent())
