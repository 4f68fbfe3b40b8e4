"""Measure what became what."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProcessingContext, QgsProcessingParameterFileDestination

from ..gui.words import tr
from ..link.answer import Answer
from ..link.protocol import Look
from .base import Asked, PairAlgorithm, Values
from .outputs import ResultOutputs
from .session import EngineSession


class TransitionMatrixAlgorithm(PairAlgorithm):
    """The areas from each class to each, as a table."""

    TABLE, WORKBOOK = "TABLE", "WORKBOOK"

    def __init__(self) -> None:
        super().__init__()
        self.outputs = ResultOutputs(self, first=())

    def name(self) -> str:
        """Return the algorithm's id."""
        return "transitionmatrix"

    def displayName(self) -> str:
        """Return the algorithm's name."""
        return tr("Transition matrix")

    def tags(self) -> list[str]:
        """Return words that the toolbox finds it by."""
        return tr("transition,matrix,from,to,cross table,area,statistics").split(",")

    def shortHelpString(self) -> str:
        """Return the help text."""
        return tr(
            "Measures what became what between two dates: a table with a row for each class before and a column for "
            "each class after, in m² on the ellipsoid (geodesic), with sums.\n\n"
            "The CSV table holds the changes. The workbook (XLSX) has them as one sheet, and as another the two "
            "land-cover maps compared pixel by pixel, where the diagonal is what stayed as it was."
        )

    def add_outputs(self) -> None:
        """Add the tables, then the layers that they were measured on."""
        for name, text, kind, made in (
            (self.TABLE, tr("Table"), "CSV (*.csv)", True),
            (self.WORKBOOK, tr("Workbook"), "XLSX (*.xlsx)", False),
        ):
            self.addParameter(QgsProcessingParameterFileDestination(name, text, kind, None, True, made))
        self.outputs.add()

    def asked(self, parameters: Values, context: QgsProcessingContext) -> Asked:
        """Return the question and its reading."""
        return Asked(tr("What has changed?"), Look("list", ("any",), ("any",), (), "both"))

    def deliver(
        self, parameters: Values, context: QgsProcessingContext, session: EngineSession, folder: Path, answer: Answer
    ) -> Values:
        """Write the tables as well."""
        values = super().deliver(parameters, context, session, folder, answer)
        for name, format in ((self.TABLE, "csv"), (self.WORKBOOK, "xlsx")):
            file = self.parameterAsFileOutput(parameters, name, context)
            if file:
                values[name] = session.export(str(folder), format, str(Path(file).absolute()))[0]
        return values
