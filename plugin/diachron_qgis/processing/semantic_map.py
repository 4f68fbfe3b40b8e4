"""Map the land cover at both dates."""

from __future__ import annotations

from qgis.core import QgsProcessingContext

from ..gui.words import tr
from ..link.protocol import Look
from .base import Asked, PairAlgorithm, Values
from .outputs import ResultOutputs


class SemanticMapAlgorithm(PairAlgorithm):
    """Land cover of two dates, without a question."""

    def __init__(self) -> None:
        super().__init__()
        self.outputs = ResultOutputs(self, first=("classes",))

    def name(self) -> str:
        """Return the algorithm's id."""
        return "semanticmap"

    def displayName(self) -> str:
        """Return the algorithm's name."""
        return tr("Map the land cover at both dates")

    def tags(self) -> list[str]:
        """Return words that the toolbox finds it by."""
        return tr("land cover,land use,classification,segmentation,semantic").split(",")

    def shortHelpString(self) -> str:
        """Return the help text."""
        return tr(
            "Makes a land-cover raster of each of two dates, on one grid, with a colour and a name for each class. "
            "A pixel's value is the class's number in the vocabulary; 0 is no data."
        )

    def add_outputs(self) -> None:
        """Add the outputs: there are no changes here."""
        self.outputs.add(("classes",))

    def asked(self, parameters: Values, context: QgsProcessingContext) -> Asked:
        """Return the question and its reading."""
        return Asked(
            tr("Map the land cover in both images"), Look("semantic_map", ("any",), ("any",), ("any",), "both")
        )
