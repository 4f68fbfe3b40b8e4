"""The rasters of a question as files: local ones as they are, all others rendered over the ground asked about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCoordinateTransform,
    QgsGeometry,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsUnitTypes,
)
from qgis.PyQt.QtCore import QCoreApplication, QObject, pyqtSignal

from ..link.protocol import EngineError
from .sources import LARGEST_PX, RenderJob, extent_in, local_path, rendering_resolution


class PairFiles(QObject):
    """Ends with one signal, once: ``ready`` carries every path in the rasters' order, ``failed`` an `EngineError`,
    ``cancelled`` nothing.

    ``told`` says what is rendered and at which resolution; it is empty where all layers are local files.
    """

    ready = pyqtSignal(object)
    failed = pyqtSignal(object)
    cancelled = pyqtSignal()

    def __init__(
        self, pair: tuple[QgsRasterLayer, ...], area: str, canvas: Any, folder: Path,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._ids = [layer.id() for layer in pair]
        self._found = {layer.id(): str(local_path(layer)) for layer in pair if local_path(layer) is not None}
        self._jobs: list[RenderJob] = []
        self._over = False
        told = []
        crs = pair[-1].crs()
        for layer in pair:
            if layer.id() not in self._found:
                others = [each for each in pair if each is not layer]
                other = next((each for each in others if each.id() in self._found), others[-1])
                extent, pixel = _ground(other, crs, area, canvas)
                path = folder / f"{layer.id()[-32:]}.tif"
                self._jobs.append(self._job(layer, RenderJob(layer, extent, crs, pixel, path, self)))
                told.append(_tr("{0} rendered at {1} a pixel").format(layer.name(), _length(pixel, crs)))
        self.told = " · ".join(told)

    def start(self) -> None:
        """Begin; returns at once."""
        self._end_if_found()
        for job in self._jobs:
            if not self._over:
                job.start()

    def cancel(self) -> None:
        """Stop what is being rendered."""
        if not self._over:
            self._end()
            self.cancelled.emit()

    def _job(self, layer: QgsRasterLayer, job: RenderJob) -> RenderJob:
        name, id_ = layer.name(), layer.id()
        job.finished.connect(lambda path: self._keep(id_, path))
        job.failed.connect(lambda where: self._fail(name, job, where))
        return job

    def _keep(self, id_: str, path: str) -> None:
        self._found[id_] = path
        self._end_if_found()

    def _end_if_found(self) -> None:
        if not self._over and all(id_ in self._found for id_ in self._ids):
            self._end()
            self.ready.emit(tuple(self._found[id_] for id_ in self._ids))

    def _fail(self, name: str, job: RenderJob, where: str) -> None:
        if self._over:
            return
        self._end()
        if job.is_too_large:
            what = _tr("The layer would be rendered at {0} x {1} pixels, more than {2} a side").format(
                *job.size, LARGEST_PX
            )
            self.failed.emit(EngineError("input", what, name, _tr("choose a smaller area")))
        else:
            advice = _tr("check that the layer is shown there and that the results folder can be written")
            what = _tr("{0} could not be rendered").format(name)
            self.failed.emit(EngineError("input", what, where, advice))

    def _end(self) -> None:
        self._over = True
        for job in self._jobs:
            job.cancel()


def _ground(other: QgsRasterLayer, crs: Any, area: str, canvas: Any) -> tuple[QgsRectangle, float]:
    """Return what to render, in a CRS, and the pixel's side: the ground and pixels of the other raster where that is a
    file, else those of the map; cut to the area."""
    if local_path(other) is not None:
        extent, pixel = extent_in(other, crs), rendering_resolution(other, QgsRectangle(), crs)
    else:
        transform = QgsCoordinateTransform(canvas.mapSettings().destinationCrs(), crs, QgsProject.instance())
        extent = transform.transformBoundingBox(canvas.extent())
        pixel = extent.width() / max(1, canvas.width())
    if area:
        extent = extent.intersect(QgsGeometry.fromWkt(area).boundingBox())
    return extent, pixel


def _length(pixel: float, crs: Any) -> str:
    """Return a pixel's side with its unit."""
    return f"{pixel:.3g} {QgsUnitTypes.toAbbreviatedString(crs.mapUnits())}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("Diachron", text)
