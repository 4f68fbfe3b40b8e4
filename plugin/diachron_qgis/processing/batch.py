"""Ask one question about many places."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFeature,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterString,
    QgsRasterLayer,
    QgsWkbTypes,
)

from ..gui.words import tr
from ..link.answer import Answer
from ..link.engine import AskJob
from ..logic.batch_items import BatchItem, NoBatch, batch_items
from . import definitions as kinds
from .base import SettingsAlgorithm, Values
from .session import EngineSession

DEGREES = "EPSG:4326"


class BatchAlgorithm(SettingsAlgorithm):
    """One question, a folder or manifest of places, a result folder for each and a layer that sums them up."""

    PLACES, MANIFEST, QUESTION = "PLACES", "MANIFEST", "QUESTION"
    FOLDER, SUMMARY, FAILED = "FOLDER", "SUMMARY", "FAILED"

    def name(self) -> str:
        """Return the algorithm's id."""
        return "batch"

    def displayName(self) -> str:
        """Return the algorithm's name."""
        return tr("Ask about many places")

    def tags(self) -> list[str]:
        """Return words that the toolbox finds it by."""
        return tr("batch,folder,manifest,stac,many").split(",")

    def shortHelpString(self) -> str:
        """Return the help text."""
        return tr(
            "Asks one question about every pair of rasters of a folder or a manifest.\n\n"
            "A folder has two folders in it, before and after (or avant and apres, pre and post, A and B), with "
            "files of "
            "the same names; or files of one name but for that word or a date: lyon_2018.tif, lyon_2023.tif.\n"
            "A CSV manifest has the columns id, before, after, and where wanted before_date, after_date and gsd.\n"
            "A GeoJSON manifest is a collection of STAC items: each with the assets before and after; or with one "
            "raster "
            "each, those of one place (grid:code, else the same bbox) being put in the order of their datetime.\n\n"
            "Each place gets a folder with its result. Places that have one already are not asked again, so a batch "
            "that "
            "was stopped goes on where it was. The layer has the outline of each place, its answer, and why there is "
            "none."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        """Add the parameters and outputs."""
        self.add(
            QgsProcessingParameterFile(self.PLACES, tr("Folder of rasters"), kinds.FOLDER_PATH, "", None, True),
            tr("With folders before and after in it, or with a date in the files' names."),
        )
        self.add(
            QgsProcessingParameterFile(self.MANIFEST, tr("Or a manifest"), kinds.FILE_PATH, "", None, True),
            tr("A CSV, or a collection of STAC items (GeoJSON)."),
        )
        self.add(
            QgsProcessingParameterString(self.QUESTION, tr("Question"), tr("What has changed?")),
            tr("In English or French."),
        )
        self.add_settings()
        self.add(QgsProcessingParameterFolderDestination(self.FOLDER, tr("Results")))
        self.addParameter(
            QgsProcessingParameterFeatureSink(self.SUMMARY, tr("Places"), kinds.POLYGONS, None, True, True)
        )
        self.addOutput(QgsProcessingOutputNumber(self.FAILED, tr("Places without an answer")))

    def checkParameterValues(self, parameters: Values, context: QgsProcessingContext) -> tuple[bool, str]:
        """Say early what is wrong with the folder or manifest."""
        try:
            batch_items(self._source(parameters, context))
        except NoBatch as problem:
            return False, str(problem)
        return super().checkParameterValues(parameters, context)

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Ask place by place, in a thread of Processing's own; a place that fails does not stop the others."""
        items = batch_items(self._source(parameters, context))
        root = Path(self.parameterAsString(parameters, self.FOLDER, context)).absolute()
        question = self.parameterAsString(parameters, self.QUESTION, context).strip()
        settings = self.settings(parameters, context)
        rows: list[Row] = []
        with EngineSession(feedback) as session:
            for number, item in enumerate(items):
                if feedback.isCanceled():
                    break
                session.share = (100 * number / len(items), 100 / len(items))
                feedback.setProgress(session.share[0])
                feedback.pushInfo(f"{item.id} ({number + 1}/{len(items)})")
                folder = root / item.id
                job = AskJob(item.rasters, question, str(folder), dates=item.dates, **settings)
                job = job if job.gsd is not None else replace(job, gsd=item.gsd)
                rows.append(Row(item, folder, *self._answer(session, job, folder, feedback)))
        destination = self._write_summary(parameters, context, rows)
        failed = sum(bool(row.error) for row in rows) + len(items) - len(rows)
        return {self.FOLDER: str(root), self.SUMMARY: destination, self.FAILED: failed}

    def _source(self, parameters: Values, context: QgsProcessingContext) -> Path:
        """Return the folder or the manifest, whichever is given."""
        given = [self.parameterAsString(parameters, name, context) for name in (self.PLACES, self.MANIFEST)]
        if bool(given[0]) == bool(given[1]):
            raise NoBatch(tr("Choose a folder of rasters or a manifest, one of the two"))
        return Path(given[0] or given[1]).absolute()

    def _answer(
        self, session: EngineSession, job: AskJob, folder: Path, feedback: QgsProcessingFeedback
    ) -> tuple[Answer | None, str]:
        """Return the answer of a place, or why there is none."""
        kept = kept_answer(folder, job.question)
        if kept is not None:
            feedback.pushInfo(tr("is answered already"))
            return kept, ""
        try:
            return session.ask(job), ""
        except QgsProcessingException as problem:
            feedback.reportError(str(problem))
            return None, str(problem)

    def _write_summary(self, parameters: Values, context: QgsProcessingContext, rows: Sequence[Row]) -> str | None:
        fields = QgsFields()
        for name, kind in SUMMARY_FIELDS.items():
            fields.append(QgsField(name, kind))
        crs = QgsCoordinateReferenceSystem(DEGREES)
        sink, destination = self.parameterAsSink(
            parameters, self.SUMMARY, context, fields, QgsWkbTypes.Type.Polygon, crs
        )
        if sink is None:
            return None
        for row in rows:
            feature = QgsFeature(fields)
            feature.setAttributes(row.attributes())
            feature.setGeometry(outline(row.item, crs, context))
            sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert)
        return str(destination)


SUMMARY_FIELDS = {
    "id": kinds.TEXT, "answer": kinds.TEXT, "changes": kinds.WHOLE_NUMBER, "area_m2": kinds.DECIMAL_NUMBER,
    "error": kinds.TEXT, "folder": kinds.TEXT,
}  # fmt: skip


class Row:
    """What became of one place."""

    def __init__(self, item: BatchItem, folder: Path, answer: Answer | None, error: str) -> None:
        self.item, self.folder, self.answer, self.error = item, folder, answer, error

    def attributes(self) -> list[object]:
        """Return the values of `SUMMARY_FIELDS`; numbers are those of the answer, empty where it has none."""
        if self.answer is None:
            return [self.item.id, "", None, None, self.error, ""]
        facts = {fact.kind: fact for fact in reversed(self.answer.facts)}
        count, area = facts.get("count"), facts.get("area")
        number = None if count is None else int(count.value)
        square_metres = float(area.value) if area is not None and area.unit == "m2" else None
        return [self.item.id, self.answer.text, number, square_metres, "", str(self.folder)]


def kept_answer(folder: Path, question: str) -> Answer | None:
    """Return the answer that a folder has to this question, None where it has none."""
    try:
        answer = Answer.from_json(json.loads((folder / "answer.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
    return answer if answer.question == question else None


def outline(item: BatchItem, crs: QgsCoordinateReferenceSystem, context: QgsProcessingContext) -> QgsGeometry:
    """Return the outline of a place's last raster, empty where it has no place on the ground."""
    layer = QgsRasterLayer(item.rasters[-1], item.id, "gdal")
    if not layer.isValid() or not layer.crs().isValid():
        return QgsGeometry()
    ground = QgsGeometry.fromRect(layer.extent())
    ground.transform(QgsCoordinateTransform(layer.crs(), crs, context.transformContext()))
    return ground
