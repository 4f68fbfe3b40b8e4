"""Make a recipe again."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFile,
    QgsProcessingParameterRasterLayer,
)

from ..gui.words import tr
from ..logic.sources import local_path
from . import definitions as kinds
from .base import DiachronAlgorithm, Values
from .outputs import ResultOutputs
from .session import EngineSession


class RecipeAlgorithm(DiachronAlgorithm):
    """The answer of a saved recipe, once more."""

    RECIPE, BEFORE, AFTER = "RECIPE", "BEFORE", "AFTER"

    def __init__(self) -> None:
        super().__init__()
        self.outputs = ResultOutputs(self)
        self._rasters: tuple[str, ...] = ()

    def name(self) -> str:
        """Return the algorithm's id."""
        return "recipe"

    def displayName(self) -> str:
        """Return the algorithm's name."""
        return tr("Make a recipe again")

    def tags(self) -> list[str]:
        """Return words that the toolbox finds it by."""
        return tr("recipe,reproduce,again,provenance").split(",")

    def shortHelpString(self) -> str:
        """Return the help text."""
        return tr(
            "Makes the answer of a recipe file again: the same question, area, settings and model on the same images "
            "give the same polygons. An image that is not the one of the recipe, or another model, is refused.\n\n"
            "Images that are no longer where they were are looked for beside the recipe; or choose them here."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        """Add the parameters and outputs."""
        self.add(QgsProcessingParameterFile(self.RECIPE, tr("Recipe"), kinds.FILE_PATH, "json"))
        for name, text in ((self.BEFORE, tr("Before")), (self.AFTER, tr("After"))):
            self.add_advanced(QgsProcessingParameterRasterLayer(name, text, None, True), tr("Where that image is now."))
        self.outputs.add()

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Take the layers, which belong to the main thread."""
        layers = [self.parameterAsRasterLayer(parameters, name, context) for name in (self.BEFORE, self.AFTER)]
        paths = [local_path(layer) for layer in layers if layer is not None]
        self._rasters = tuple(str(path) for path in paths if path is not None)
        return True

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Make it again, in a thread of Processing's own."""
        recipe = Path(self.parameterAsFile(parameters, self.RECIPE, context)).absolute()
        folder = self.outputs.folder(parameters, context)
        with EngineSession(feedback) as session:
            answer = session.rerun(str(recipe), str(folder), self._rasters)
            return self.outputs.deliver(parameters, context, folder, answer, session.vocabulary())
