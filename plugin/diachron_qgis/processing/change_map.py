"""Map changes between chosen classes."""

from __future__ import annotations

from qgis.core import QgsProcessingContext, QgsProcessingParameterString

from ..gui.words import tr
from ..link.protocol import Look
from .base import Asked, PairAlgorithm, Values, class_phrases
from .outputs import ResultOutputs


class ChangeMapAlgorithm(PairAlgorithm):
    """Change polygons and probability from and to given classes."""

    FROM, TO = "FROM", "TO"

    def __init__(self) -> None:
        super().__init__()
        self.outputs = ResultOutputs(self, first=("changes", "probability"))

    def name(self) -> str:
        """Return the algorithm's id."""
        return "changemap"

    def displayName(self) -> str:
        """Return the algorithm's name."""
        return tr("Map changes from and to classes")

    def tags(self) -> list[str]:
        """Return words that the toolbox finds it by."""
        return tr("change detection,difference,segmentation,from,to").split(",")

    def shortHelpString(self) -> str:
        """Return the help text."""
        return tr(
            "Draws what became something else between two dates, from any of the classes “From” to any of the classes "
            "“To”. Classes are words, with commas between them: building, impervious surface, greenhouse; empty for "
            "any. "
            "Words that the vocabulary does not have are looked for too, and flagged as untested.\n\n"
            "The outputs are polygons with both classes, area and confidence, and the change probability as a raster."
        )

    def add_question(self) -> None:
        """Add the classes."""
        text = tr("Classes with commas between them, in English or French; empty for any.")
        for name, title in ((self.FROM, tr("From")), (self.TO, tr("To"))):
            self.add(QgsProcessingParameterString(name, title, "", False, True), text)

    def asked(self, parameters: Values, context: QgsProcessingContext) -> Asked:
        """Return a question of those classes and its reading."""
        source, target = (
            class_phrases(self.parameterAsString(parameters, name, context)) for name in (self.FROM, self.TO)
        )
        return Asked(question_of(source, target), Look("segment", source, target, (), "both"))


def question_of(source: tuple[str, ...], target: tuple[str, ...]) -> str:
    """Return the question that a person would have asked of such a change."""
    words = tuple(" and ".join(each) for each in (source, target))
    if source == target == ("any",):
        return tr("Show the changes")
    if source == ("any",):
        return tr("Show where {0} appeared").format(words[1])
    if target == ("any",):
        return tr("Show where {0} disappeared").format(words[0])
    return tr("Show where {0} became {1}").format(*words)
