"""Overviews of large rasters: whether they lack any, and their making in a task of QGIS's own."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import (
    QgsApplication,
    QgsDataProvider,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsRasterLayer,
)

LARGE_PX = 4096
ALGORITHM = "gdal:overviews"
BESIDE_THE_FILE = 1


def lacks_overviews(layer: QgsRasterLayer) -> bool:
    """Say whether a raster is so large that the map draws it slowly without overviews, and has none."""
    if layer.providerType() != "gdal" or max(layer.width(), layer.height()) <= LARGE_PX:
        return False
    return not layer.dataProvider().hasPyramids()


class OverviewBuilder:
    """Builds overviews in files beside the rasters, one raster after another, while the window lives."""

    def __init__(self, layers: list[QgsRasterLayer], done: Callable[[bool], None]) -> None:
        self._left, self._done = list(layers), done
        self._context, self._feedback = QgsProcessingContext(), QgsProcessingFeedback()

    def start(self) -> None:
        """Begin; ``done`` is told whether all went well."""
        algorithm = QgsApplication.processingRegistry().algorithmById(ALGORITHM)
        if algorithm is None or not self._left:
            self._done(not self._left)
            return
        layer = self._left.pop(0)
        values = {"INPUT": layer, "FORMAT": BESIDE_THE_FILE, "CLEAN": False, "RESAMPLING": 3}
        task = QgsProcessingAlgRunnerTask(algorithm, values, self._context, self._feedback)
        task.executed.connect(lambda worked, _: self._built(layer, worked))
        QgsApplication.taskManager().addTask(task)

    def _built(self, layer: QgsRasterLayer, worked: bool) -> None:
        if not worked:
            self._done(False)
            return
        # Opened anew, with the style it has: a provider looks for overviews only once.
        layer.setDataSource(
            layer.source(), layer.name(), layer.providerType(), QgsDataProvider.ProviderOptions(), False
        )
        self.start()
