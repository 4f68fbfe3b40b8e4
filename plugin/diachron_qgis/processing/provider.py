"""The provider: Diachron's algorithms under one name."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from ..about import version
from ..gui.words import tr
from .ask import AskAlgorithm
from .base import ICON
from .batch import BatchAlgorithm
from .change_map import ChangeMapAlgorithm
from .export import ExportAlgorithm
from .recipe import RecipeAlgorithm
from .reconcile import ReconcileAlgorithm
from .report import ReportAlgorithm
from .semantic_map import SemanticMapAlgorithm
from .transition_matrix import TransitionMatrixAlgorithm

ALGORITHMS = (
    AskAlgorithm,
    ChangeMapAlgorithm,
    SemanticMapAlgorithm,
    TransitionMatrixAlgorithm,
    BatchAlgorithm,
    RecipeAlgorithm,
    ExportAlgorithm,
    ReportAlgorithm,
    ReconcileAlgorithm,
)


class DiachronProvider(QgsProcessingProvider):
    """What QGIS lists in the toolbox, the modeler and ``qgis_process list``."""

    def id(self) -> str:
        """Return the first part of the algorithms' ids."""
        return "diachron"

    def name(self) -> str:
        """Return the name in the toolbox."""
        return "Diachron"

    def longName(self) -> str:
        """Return the name with what it is for."""
        return tr("Diachron: ask what has changed")

    def versionInfo(self) -> str:
        """Return the plugin's version."""
        return version()

    def icon(self) -> QIcon:
        """Return the plugin's icon."""
        return QIcon(str(ICON))

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        """Rasters are copied as they are: GeoTIFF."""
        return ["tif"]

    def loadAlgorithms(self) -> None:
        """Add every algorithm."""
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())
