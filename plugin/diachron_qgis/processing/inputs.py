"""A raster parameter as a file for the engine: a local one as it is, any other rendered over the area first."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingUtils,
    QgsRasterBlockFeedback,
    QgsRasterFileWriter,
    QgsRasterLayer,
    QgsRasterPipe,
    QgsRectangle,
)

from ..gui.words import tr
from ..logic.sources import LARGEST_PX, extent_in, local_path, rendering_pipe, rendering_resolution, rendering_writer


@dataclass(frozen=True)
class Rendering:
    """What a layer shows over an extent of a CRS, as pixels of a size (width, height) to be written."""

    pipe: QgsRasterPipe
    extent: QgsRectangle
    crs: QgsCoordinateReferenceSystem
    size: tuple[int, int]
    transform_context: Any

    def write(self, feedback: QgsProcessingFeedback) -> str:
        """Write it to a temporary GeoTIFF and return its path; this may run in any thread.

        Raises
        ------
        QgsProcessingException: it cannot be written, or the person cancelled.
        """
        path = Path(QgsProcessingUtils.generateTempFilename("rendered.tif"))
        block_feedback = QgsRasterBlockFeedback()
        feedback.canceled.connect(block_feedback.cancel)
        result = rendering_writer(path).writeRaster(
            self.pipe, *self.size, self.extent, self.crs, self.transform_context, block_feedback
        )
        if result != QgsRasterFileWriter.WriterError.NoError or block_feedback.isCanceled():
            raise QgsProcessingException(tr("The layer cannot be rendered"))
        return str(path)


@dataclass(frozen=True)
class RasterInput:
    """A raster: the path of its file, or what has to be rendered."""

    file: Path | None
    rendering: Rendering | None

    def path(self, feedback: QgsProcessingFeedback) -> str:
        """Return the file's path, rendered now where there is none yet."""
        return self.rendering.write(feedback) if self.rendering is not None else str(self.file)


def raster_input(
    layer: QgsRasterLayer,
    other: QgsRasterLayer,
    extent: QgsRectangle,
    crs: QgsCoordinateReferenceSystem,
    context: QgsProcessingContext,
) -> RasterInput:
    """Return a layer as an input; to be called in the main thread.

    Parameters
    ----------
    other: the other raster of the pair, whose ground and resolution a rendered one takes. extent: in ``crs``, null for
    all of that ground.

    Raises
    ------
    QgsProcessingException: nothing says over which ground to render it, or that is too large.
    """
    file = local_path(layer)
    if file is not None:
        return RasterInput(file, None)
    ground = extent if not extent.isNull() else extent_in(other, crs) if local_path(other) is not None else None
    if ground is None:
        raise QgsProcessingException(tr("{0} is no file; choose an area to render it over").format(layer.name()))
    gsd = rendering_resolution(other, ground, crs)
    size = (max(1, round(ground.width() / gsd)), max(1, round(ground.height() / gsd)))
    if max(size) > LARGEST_PX:
        text = tr("{0} would be rendered to {1} x {2} pixels; choose a smaller area")
        raise QgsProcessingException(text.format(layer.name(), *size))
    transforms = context.transformContext()
    return RasterInput(None, Rendering(rendering_pipe(layer, crs, transforms), ground, crs, size, transforms))
