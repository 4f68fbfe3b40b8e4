"""Write a result in the format that another program takes."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)

from ..gui.words import tr
from ..logic.exports import FORMATS, NOT_REJECTED
from ..logic.proposals import STATUSES
from . import definitions as kinds
from .base import DiachronAlgorithm, Values
from .session import EngineSession


class ExportAlgorithm(DiachronAlgorithm):
    """A result folder as GeoPackage, GeoParquet, FlatGeobuf, GeoJSON, Shapefile, COG, CSV or XLSX."""

    FOLDER, FORMAT, STATUSES, OUTPUT = "FOLDER", "FORMAT", "STATUSES", "OUTPUT"

    def name(self) -> str:
        """Return the algorithm's id."""
        return "export"

    def displayName(self) -> str:
        """Return the algorithm's name."""
        return tr("Export a result")

    def tags(self) -> list[str]:
        """Return words that the toolbox finds it by."""
        return ["geopackage", "geoparquet", "flatgeobuf", "geojson", "shapefile", "cog", "csv", "xlsx"]

    def shortHelpString(self) -> str:
        """Return the help text."""
        return tr(
            "Writes the changes of a result as GeoPackage, GeoParquet, FlatGeobuf, GeoJSON or Shapefile, its rasters "
            "as "
            "COG (a folder), its transition matrix as CSV or XLSX, or its recipe.\n\n"
            "Changes that a person has rejected are left out unless you choose them. Shapefile has field names of ten "
            "characters, no NULL, texts of 254 bytes and files of 2 GB; what that costs a result is said in the log."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        """Add the parameters and the output."""
        self.add(
            QgsProcessingParameterFile(self.FOLDER, tr("Folder of the result"), kinds.FOLDER_PATH),
            tr("A folder with an answer.json, as the Diachron panel and the algorithms save it."),
        )
        titles = [each.title for each in FORMATS.values()]
        self.add(QgsProcessingParameterEnum(self.FORMAT, tr("Format"), titles, defaultValue=0))
        default = [STATUSES.index(status) for status in NOT_REJECTED]
        self.add_advanced(
            QgsProcessingParameterEnum(self.STATUSES, tr("Changes that are"), list(STATUSES), True, default)
        )
        self.add(QgsProcessingParameterFileDestination(self.OUTPUT, tr("File")), tr("For COG, a folder."))

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Have the engine write it."""
        format = list(FORMATS)[self.parameterAsEnum(parameters, self.FORMAT, context)]
        chosen = tuple(STATUSES[at] for at in self.parameterAsEnums(parameters, self.STATUSES, context))
        folder = Path(self.parameterAsFile(parameters, self.FOLDER, context)).absolute()
        out = Path(self.parameterAsFileOutput(parameters, self.OUTPUT, context)).absolute()
        if FORMATS[format].suffix and out.suffix == ".file":  # what Processing calls a file of no known kind
            out = out.with_suffix(FORMATS[format].suffix)
        with EngineSession(feedback) as session:
            files = session.export(str(folder), format, str(out), chosen)
        for file in files:
            feedback.pushInfo(file)
        return {self.OUTPUT: str(out) if format == "cog" else _main_file(files, FORMATS[format].suffix)}


def _main_file(files: tuple[str, ...], suffix: str) -> str:
    return next((file for file in files if file.lower().endswith(suffix)), files[0])
