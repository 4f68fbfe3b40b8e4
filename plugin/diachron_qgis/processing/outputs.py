"""The outputs of a question, and a result folder put where they say."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsFeatureSink,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterRasterDestination,
    QgsProcessingUtils,
    QgsVectorLayer,
)

from ..gui.words import tr
from ..link.answer import Answer
from ..link.protocol import VocabularyEntry
from . import definitions as kinds
from .styling import style_on_load

Values = dict[str, Any]
ALL_OUTPUTS = ("changes", "probability", "classes")


class ResultOutputs:
    """Outputs that an algorithm adds and fills. Those that are named ``first`` are made unless the person says no."""

    CHANGES, PROBABILITY, FOLDER = "CHANGES", "PROBABILITY", "FOLDER"
    CLASSES = ("CLASSES_BEFORE", "CLASSES_AFTER")
    ANSWER, COUNT, AREA_M2 = "ANSWER", "COUNT", "AREA_M2"

    def __init__(self, algorithm: QgsProcessingAlgorithm, first: Sequence[str] = ("changes",)) -> None:
        self._algorithm, self._first = algorithm, tuple(first)

    def add(self, offered: Sequence[str] = ALL_OUTPUTS) -> None:
        """Add what is offered, then the folder of the whole result and the answer's values."""
        add = self._algorithm.addParameter
        if "changes" in offered:
            add(self._sink())
        if "probability" in offered:
            add(self._raster(self.PROBABILITY, tr("Change probability"), "probability" in self._first))
        if "classes" in offered:
            for name, text in zip(self.CLASSES, (tr("Land cover before"), tr("Land cover after"))):
                add(self._raster(name, text, "classes" in self._first))
        folder = QgsProcessingParameterFolderDestination(self.FOLDER, tr("Whole result"), None, True, False)
        folder.setHelp(tr("A new folder for the answer, its layers and its recipe, as the Diachron panel saves them."))
        add(folder)
        for output in (
            QgsProcessingOutputString(self.ANSWER, tr("Answer")),
            QgsProcessingOutputNumber(self.COUNT, tr("Number of changes")),
            QgsProcessingOutputNumber(self.AREA_M2, tr("Changed area (m²)")),
        ):
            self._algorithm.addOutput(output)

    def folder(self, parameters: Values, context: QgsProcessingContext) -> Path:
        """Return the folder to have the result written to: the chosen one, or one that nobody keeps."""
        chosen = self._algorithm.parameterAsString(parameters, self.FOLDER, context)
        if not chosen or chosen == "TEMPORARY_OUTPUT":
            return Path(QgsProcessingUtils.generateTempFilename("diachron"))
        return Path(chosen).absolute()

    def deliver(
        self,
        parameters: Values,
        context: QgsProcessingContext,
        folder: Path,
        answer: Answer,
        vocabulary: Sequence[VocabularyEntry],
    ) -> Values:
        """Copy a result's layers to the outputs that are wanted and return all outputs."""
        values: Values = {self.FOLDER: str(folder), self.ANSWER: answer.text}
        changes = QgsVectorLayer(f"{folder / 'changes.gpkg'}|layername=changes", "changes", "ogr")
        areas = [feature["area_m2"] for feature in changes.getFeatures()]
        values[self.COUNT] = len(areas)
        values[self.AREA_M2] = round(sum(area for area in areas if isinstance(area, (int, float))), 1)
        if self._offers(self.CHANGES):
            values[self.CHANGES] = self._write_changes(parameters, context, changes, vocabulary)
        for name, file, kind in self._rasters(folder):
            wanted = self._offers(name) and self._algorithm.parameterAsOutputLayer(parameters, name, context)
            if wanted and file.is_file():
                values[name] = _copy(file, wanted)
                style_on_load(context, wanted, kind, vocabulary)
        return values

    def _offers(self, name: str) -> bool:
        return self._algorithm.parameterDefinition(name) is not None

    def _rasters(self, folder: Path) -> list[tuple[str, Path, str]]:
        maps = sorted(folder.glob("classes_*.tif"), key=lambda path: int(path.stem.rpartition("_")[2]))
        found = [(self.PROBABILITY, folder / "change_probability.tif", "probability")]
        return found + ([(name, maps[at], "classes") for name, at in zip(self.CLASSES, (0, -1))] if maps else [])

    def _write_changes(
        self,
        parameters: Values,
        context: QgsProcessingContext,
        changes: QgsVectorLayer,
        vocabulary: Sequence[VocabularyEntry],
    ) -> str | None:
        sink, destination = self._algorithm.parameterAsSink(
            parameters, self.CHANGES, context, changes.fields(), changes.wkbType(), changes.crs()
        )
        if sink is None:
            return None
        for feature in changes.getFeatures():
            feature.setId(-1)
            if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
                raise QgsProcessingException(self._algorithm.writeFeatureError(sink, parameters, self.CHANGES))
        del sink  # what is not flushed yet is written now
        style_on_load(context, destination, "changes", vocabulary)
        return str(destination)

    def _sink(self) -> QgsProcessingParameterFeatureSink:
        made = "changes" in self._first
        return QgsProcessingParameterFeatureSink(self.CHANGES, tr("Changes"), kinds.POLYGONS, None, True, made)

    def _raster(self, name: str, text: str, made: bool) -> QgsProcessingParameterRasterDestination:
        parameter = QgsProcessingParameterRasterDestination(name, text, None, True, made)
        parameter.setHelp(tr("A GeoTIFF (.tif), optimised for the cloud (COG)."))
        return parameter


def _copy(file: Path, wanted: str) -> str:
    """Copy a raster, with the category names that lie beside it; return where it is now."""
    for suffix in ("", ".aux.xml"):
        if Path(f"{file}{suffix}").is_file():
            shutil.copyfile(f"{file}{suffix}", f"{wanted}{suffix}")
    return wanted
