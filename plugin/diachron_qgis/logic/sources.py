"""Rasters as files: local ones as they are, all others rendered over the area first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from osgeo import gdal, osr
from qgis.core import (
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QObject, QSize, pyqtSignal
from qgis.PyQt.QtGui import QColor, QImage

LARGEST_PX = 6000


def local_path(layer: QgsRasterLayer) -> Path | None:
    """Return the file of a raster layer, None where the layer is not a local file (WMS, XYZ, virtual, a subdataset)."""
    if layer.providerType() != "gdal":
        return None
    path = Path(layer.source().split("|")[0])
    return path if path.is_file() else None


class RenderJob(QObject):
    """Renders a layer over an extent to a GeoTIFF, off the main thread; ``finished`` carries its path, ``failed``
    why not."""

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
        self.extent, self.crs, self.path = extent, crs, path
        self.size = QSize(max(1, round(extent.width() / gsd)), max(1, round(extent.height() / gsd)))
        settings = QgsMapSettings()
        settings.setLayers([layer])
        settings.setDestinationCrs(crs)
        settings.setExtent(extent)
        settings.setOutputSize(self.size)
        settings.setOutputDpi(96)
        settings.setBackgroundColor(QColor(0, 0, 0, 0))
        settings.setTransformContext(QgsProject.instance().transformContext())
        self._job = QgsMapRendererParallelJob(settings)
        self._job.finished.connect(self._write)

    def start(self) -> None:
        """Begin; returns at once."""
        if max(self.size.width(), self.size.height()) > LARGEST_PX:
            self.failed.emit(f"{self.size.width()} x {self.size.height()}")
            return
        self._job.start()

    def _write(self) -> None:
        image = self._job.renderedImage().convertToFormat(QImage.Format.Format_RGBA8888)
        width, height = image.width(), image.height()
        bits = image.constBits()
        bits.setsize(image.bytesPerLine() * height)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        dataset = gdal.GetDriverByName("GTiff").Create(
            str(self.path), width, height, 4, gdal.GDT_Byte, ["COMPRESS=DEFLATE", "TILED=YES"]
        )
        if dataset is None:
            self.failed.emit(str(self.path))
            return
        stepx, stepy = self.extent.width() / width, self.extent.height() / height
        dataset.SetGeoTransform((self.extent.xMinimum(), stepx, 0, self.extent.yMaximum(), 0, -stepy))
        system = osr.SpatialReference()
        system.ImportFromWkt(self.crs.toWkt())
        dataset.SetProjection(system.ExportToWkt())
        dataset.WriteRaster(
            0, 0, width, height, bytes(bits), buf_type=gdal.GDT_Byte, band_list=[1, 2, 3, 4],
            buf_pixel_space=4, buf_line_space=image.bytesPerLine(), buf_band_space=1,
        )  # fmt: skip
        dataset.GetRasterBand(4).SetColorInterpretation(gdal.GCI_AlphaBand)
        dataset = None
        self.finished.emit(str(self.path))


def rendering_resolution(other: QgsRasterLayer | None, extent: QgsRectangle) -> float:
    """Return the pixel size, in the extent's units, to render at: that of the other raster where it has one, else
    1000 pixels across."""
    if other is not None and local_path(other) is not None and other.rasterUnitsPerPixelX() > 0:
        return float(other.rasterUnitsPerPixelX())
    return max(extent.width(), extent.height()) / 1000


def extent_in(layer: QgsRasterLayer, crs: Any) -> QgsRectangle:
    """Return a layer's extent in a CRS."""
    return QgsCoordinateTransform(layer.crs(), crs, QgsProject.instance()).transformBoundingBox(layer.extent())
