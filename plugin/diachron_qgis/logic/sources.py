"""Rasters as files: local ones as they are, all others rendered over the area first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsCoordinateTransform,
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
    """Return the file of a raster layer, None where the layer is not a local file (WMS, XYZ, virtual, a subdataset)."""
    if layer.providerType() != "gdal":
        return None
    path = Path(layer.source().split("|")[0])
    return path if path.is_file() else None


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
        projector = QgsRasterProjector()
        projector.setCrs(layer.crs(), crs, context)
        pipe = QgsRasterPipe()
        for part in (layer.dataProvider().clone(), layer.renderer().clone(), projector):
            pipe.set(part)
        writer = QgsRasterFileWriter(str(path))
        writer.setCreateOptions(["COMPRESS=DEFLATE", "TILED=YES"])
        self._task = QgsRasterFileWriterTask(writer, pipe, *self.size, extent, crs, context)
        self._task.writeComplete.connect(lambda *_: self.finished.emit(str(self.path)))
        self._task.errorOccurred.connect(lambda *_: self.failed.emit(str(self.path)))

    def start(self) -> None:
        """Begin; returns at once."""
        if max(self.size) > LARGEST_PX:
            self.failed.emit(f"{self.size[0]} x {self.size[1]}")
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        QgsApplication.taskManager().addTask(self._task)


def rendering_resolution(other: QgsRasterLayer | None, extent: QgsRectangle) -> float:
    """Return the pixel size, in the extent's units, to render at: that of the other raster where it has one, else
    1000 pixels across."""
    if other is not None and local_path(other) is not None and other.rasterUnitsPerPixelX() > 0:
        return float(other.rasterUnitsPerPixelX())
    return max(extent.width(), extent.height()) / 1000


def extent_in(layer: QgsRasterLayer, crs: Any) -> QgsRectangle:
    """Return a layer's extent in a CRS."""
    return QgsCoordinateTransform(layer.crs(), crs, QgsProject.instance()).transformBoundingBox(layer.extent())
