"""What Diachron's algorithms share, and the parameters of those that ask about two rasters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingUtils,
)
from qgis.PyQt.QtGui import QIcon

from ..gui.words import tr
from ..link.answer import Answer
from ..link.engine import AskJob
from ..link.environment import find_engine
from ..link.protocol import Look
from ..logic.area import transformed
from ..logic.settings import LANGUAGES, read_settings
from . import definitions as kinds
from .inputs import RasterInput, raster_input
from .outputs import ResultOutputs
from .session import EngineSession

ICON = Path(__file__).resolve().parents[1] / "resources" / "diachron.svg"
Values = dict[str, Any]


class DiachronAlgorithm(QgsProcessingAlgorithm):
    """What all of Diachron's algorithms share."""

    def createInstance(self) -> QgsProcessingAlgorithm:
        """Return a new one, for each run has its own."""
        return type(self)()

    def group(self) -> str:
        """No groups: there are few."""
        return ""

    def groupId(self) -> str:
        """No groups."""
        return ""

    def icon(self) -> QIcon:
        """Return the plugin's icon."""
        return QIcon(str(ICON))

    def canExecute(self) -> tuple[bool, str]:
        """Say whether the engine is there."""
        if find_engine() is not None:
            return True, ""
        return False, tr("Diachron's engine was not found; open the Diachron panel, choose it or set one up there")

    def add_advanced(self, parameter: QgsProcessingParameterDefinition, help: str = "") -> None:
        """Add a parameter that is seldom needed."""
        parameter.setFlags(parameter.flags() | kinds.ADVANCED)
        self.add(parameter, help)

    def add(self, parameter: QgsProcessingParameterDefinition, help: str = "") -> None:
        """Add a parameter with its help."""
        parameter.setHelp(help)
        self.addParameter(parameter)


@dataclass(frozen=True)
class Asked:
    """A question, and the reading it is asked with where the algorithm knows better than the model."""

    question: str
    look: Look | None = None


class SettingsAlgorithm(DiachronAlgorithm):
    """An algorithm that asks: the settings of a question, all of them seldom needed.

    Language and minimum mapping unit begin with what is set in QGIS's options, as the dock's questions do.
    """

    THRESHOLD, MINIMUM_AREA, LANGUAGE, GSD = "THRESHOLD", "MINIMUM_AREA", "LANGUAGE", "GSD"
    VOCABULARY, MODEL, ADAPTER = "VOCABULARY", "MODEL", "ADAPTER"

    def add_settings(self) -> None:
        """Add the settings."""
        number, set_by_person = kinds.REAL_NUMBER, read_settings()
        self.add_advanced(
            QgsProcessingParameterNumber(self.THRESHOLD, tr("Threshold"), number, None, True, 0.01, 0.99),
            tr("Probability from which a pixel counts as changed; empty for the model's own."),
        )
        self.add_advanced(
            QgsProcessingParameterNumber(
                self.MINIMUM_AREA, tr("Minimum mapping unit (m²)"), number, set_by_person.asked_area(), True, 0.0
            ),
            tr("Smaller changes are left out; empty for what suits the resolution."),
        )
        self.add_advanced(
            QgsProcessingParameterNumber(self.GSD, tr("Ground sample distance (m)"), number, None, True, 0.001),
            tr("Metres per pixel, for rasters without a coordinate system."),
        )
        languages = [tr("As the question"), "English", "Français"]
        self.add_advanced(
            QgsProcessingParameterEnum(
                self.LANGUAGE, tr("Language of the answer"), languages,
                defaultValue=LANGUAGES.index(set_by_person.language),
            )
        )  # fmt: skip
        self.add_advanced(
            QgsProcessingParameterFile(self.VOCABULARY, tr("Vocabulary"), kinds.FILE_PATH, "json", None, True),
            tr("A file of classes to use instead of the default ones."),
        )
        self.add_advanced(
            QgsProcessingParameterString(self.MODEL, tr("Model"), "", False, True),
            tr("An installed model's name, or a folder; empty for the engine's default."),
        )
        self.add_advanced(
            QgsProcessingParameterFile(self.ADAPTER, tr("Adapter"), kinds.FOLDER_PATH, "", None, True),
            tr("A folder with an adapter for the model."),
        )

    def settings(self, parameters: Values, context: QgsProcessingContext) -> Values:
        """Return the settings as fields of an `AskJob`: what is not given is as the parameter begins, what is given
        empty is the engine's own."""

        def number(name: str) -> float | None:
            given = parameters.get(name, self.parameterDefinition(name).defaultValue())
            return None if given is None else self.parameterAsDouble(parameters, name, context)

        return {
            "threshold": number(self.THRESHOLD), "minimum_area": number(self.MINIMUM_AREA), "gsd": number(self.GSD),
            "language": LANGUAGES[self.parameterAsEnum(parameters, self.LANGUAGE, context)],
            "vocabulary": self.parameterAsFile(parameters, self.VOCABULARY, context),
            "model": self.parameterAsString(parameters, self.MODEL, context),
            "adapter": self.parameterAsFile(parameters, self.ADAPTER, context),
        }  # fmt: skip


class PairAlgorithm(SettingsAlgorithm):
    """Asks a question about two rasters of one place. A subclass says what is asked, and which outputs it has."""

    BEFORE, AFTER, EXTENT, MASK = "BEFORE", "AFTER", "EXTENT", "MASK"
    BEFORE_DATE, AFTER_DATE = "BEFORE_DATE", "AFTER_DATE"

    def __init__(self) -> None:
        super().__init__()
        self._rasters: tuple[RasterInput, ...] = ()
        self._area = ""
        self.outputs = ResultOutputs(self)

    # -- what a subclass says -----------------------------------------------------------------

    def add_question(self) -> None:
        """Add the parameters that say what is asked."""

    def asked(self, parameters: Values, context: QgsProcessingContext) -> Asked:
        """Return what is asked."""
        raise NotImplementedError

    def add_outputs(self) -> None:
        """Add the outputs."""
        self.outputs.add()

    def deliver(
        self, parameters: Values, context: QgsProcessingContext, session: EngineSession, folder: Path, answer: Answer
    ) -> Values:
        """Put the result where the outputs say and return where that is."""
        return self.outputs.deliver(parameters, context, folder, answer, session.vocabulary())

    # -- Processing's part --------------------------------------------------------------------

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        """Add the parameters and outputs."""
        for name, text in ((self.BEFORE, tr("Before")), (self.AFTER, tr("After"))):
            self.add(QgsProcessingParameterRasterLayer(name, text), tr("A raster of any kind that QGIS shows."))
        self.add_question()
        self.add(
            QgsProcessingParameterExtent(self.EXTENT, tr("Area"), None, True),
            tr("A rectangle to look at; empty for all the ground that both rasters show."),
        )
        self.add_advanced(
            QgsProcessingParameterFeatureSource(self.MASK, tr("Polygons to look at"), [kinds.POLYGONS], None, True),
            tr("Only what these polygons cover is looked at."),
        )
        for name, text in ((self.BEFORE_DATE, tr("Date before")), (self.AFTER_DATE, tr("Date after"))):
            self.add_advanced(
                QgsProcessingParameterString(name, text, "", False, True),
                tr("Such as 2018 or 2018-06-30; it is written with the results."),
            )
        self.add_settings()
        self.add_outputs()

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Take what belongs to the main thread: layers and their renderers."""
        layers = [self.parameterAsRasterLayer(parameters, name, context) for name in (self.BEFORE, self.AFTER)]
        for name, layer in zip((self.BEFORE, self.AFTER), layers):
            if layer is None:
                raise QgsProcessingException(self.invalidRasterError(parameters, name))
        before, after = layers
        self._area = self._area_wkt(parameters, context, after.crs())
        extent = self.parameterAsExtent(parameters, self.EXTENT, context, after.crs())
        self._rasters = tuple(
            raster_input(layer, other, extent, after.crs(), context)
            for layer, other in ((before, after), (after, before))
        )
        return True

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Ask, in a thread of Processing's own."""
        folder = self.outputs.folder(parameters, context)
        asked = self.asked(parameters, context)
        dates = tuple(self.parameterAsString(parameters, each, context) for each in (self.BEFORE_DATE, self.AFTER_DATE))
        job = AskJob(
            tuple(each.path(feedback) for each in self._rasters), asked.question, str(folder), dates=dates,
            area=self._area, look=asked.look, **self.settings(parameters, context),
        )  # fmt: skip
        with EngineSession(feedback) as session:
            answer = session.ask(job)
            return self.deliver(parameters, context, session, folder, answer)

    # -- pieces -------------------------------------------------------------------------------

    def _area_wkt(self, parameters: Values, context: QgsProcessingContext, crs: QgsCoordinateReferenceSystem) -> str:
        """Return the area in the after raster's CRS, "" for all of it."""
        parts = []
        if parameters.get(self.EXTENT):
            parts.append(self.parameterAsExtentGeometry(parameters, self.EXTENT, context, crs))
        mask = self.parameterAsSource(parameters, self.MASK, context)
        if mask is not None:
            joined = QgsGeometry.unaryUnion([feature.geometry() for feature in mask.getFeatures()])
            parts.append(transformed(joined, mask.sourceCrs(), crs, context.project()))
        if not parts:
            return ""
        area = parts[0] if len(parts) == 1 else parts[0].intersection(parts[1])
        if area.isEmpty():
            raise QgsProcessingException(tr("The area holds no polygon; choose another one"))
        return str(area.asWkt(3))


def temporary_folder() -> Path:
    """Return a new folder for a result that nobody keeps; it is not made."""
    return Path(QgsProcessingUtils.generateTempFilename("diachron"))


def class_phrases(text: str) -> tuple[str, ...]:
    """Return classes written with commas between them, ("any",) for none."""
    phrases: Iterable[str] = (" ".join(part.split()) for part in text.split(","))
    return tuple(phrase for phrase in phrases if phrase) or ("any",)
