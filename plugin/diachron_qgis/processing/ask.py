"""Ask a question in plain words about two rasters."""

from __future__ import annotations

from qgis.core import QgsProcessingContext, QgsProcessingParameterString

from ..gui.words import tr
from .base import Asked, PairAlgorithm, Values


class AskAlgorithm(PairAlgorithm):
    """The dock's question, in Processing."""

    QUESTION = "QUESTION"

    def name(self) -> str:
        """Return the algorithm's id."""
        return "ask"

    def displayName(self) -> str:
        """Return the algorithm's name."""
        return tr("Ask what has changed")

    def tags(self) -> list[str]:
        """Return words that the toolbox finds it by."""
        return tr("change detection,question,difference,time,before,after").split(",")

    def shortHelpString(self) -> str:
        """Return the help text."""
        return tr(
            "Answers a question in plain words, in English or French, about two rasters of the same place: “How many "
            "buildings are new?”, “Quelle surface a été imperméabilisée ?”.\n\n"
            "The answer's text goes to the log and to the output ANSWER; every number in it was measured on the "
            "polygons "
            "of the output “Changes”, which carry the class before, the class after, the area in m² (geodesic) and the "
            "confidence. The change probability and the land cover at each date can be had as rasters, and the whole "
            "result as a folder, with the recipe that makes it again.\n\n"
            "The images stay on this machine. What is proposed is to be checked by eye: the weights' card says what "
            "they "
            "were trained on and under which licence they may be used."
        )

    def add_question(self) -> None:
        """Add the question."""
        self.add(
            QgsProcessingParameterString(self.QUESTION, tr("Question"), tr("What has changed?")),
            tr("In English or French."),
        )

    def asked(self, parameters: Values, context: QgsProcessingContext) -> Asked:
        """Return the question; the model reads it."""
        return Asked(self.parameterAsString(parameters, self.QUESTION, context).strip())
