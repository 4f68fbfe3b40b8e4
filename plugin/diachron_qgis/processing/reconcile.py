"""Compare accepted changes with a topographic database."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsFeatureSink,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterField,
    QgsProcessingParameterMatrix,
    QgsProcessingParameterVectorLayer,
    QgsWkbTypes,
)

from ..gui.reconcile_words import action_name, problem_text
from ..gui.words import tr
from ..logic.reconcile_changeset import ChangeSet, record_fields
from ..logic.reconcile_listing import Cancelled, ListingJob, NotListed
from ..logic.reconcile_mapping import ClassMapping
from ..logic.reconcile_match import ACTIONS
from . import definitions as kinds
from .base import DiachronAlgorithm, Values


class ReconcileAlgorithm(DiachronAlgorithm):
    """The change-set between accepted proposals and the objects of a database layer; the layer itself is not "
    "changed."""

    CHANGES, DATABASE, CLASS_FIELD, CLASSES, OUTPUT = "CHANGES", "DATABASE", "CLASS_FIELD", "CLASSES", "OUTPUT"

    def __init__(self) -> None:
        super().__init__()
        self._job: ListingJob | None = None
        self._key: tuple[int, ...] = ()

    def name(self) -> str:
        """Return the algorithm's id."""
        return "reconcile"

    def displayName(self) -> str:
        """Return the algorithm's name."""
        return tr("Reconcile with a database")

    def tags(self) -> list[str]:
        """Return words that the toolbox finds it by."""
        return tr("database,update,change set,conflation,postgis").split(",")

    def shortHelpString(self) -> str:
        """Return the help text."""
        return tr(
            "Compares the accepted changes of a result with a polygon layer of a topographic database (PostGIS, "
            "GeoPackage, Shapefile), and lists which of its objects are created, removed, modified or confirmed.\n\n"
            "The output is a change-set: a polygon for each object, with the action, the object's key, both classes, "
            "the "
            "areas before and after, and the attributes to write. The database is only read; to apply the list, use "
            "“Reconcile with a database” in the Diachron menu, or hand the change-set to another tool.\n\n"
            "Classes: which value of the class field stands for which of Diachron's classes; without a class field, "
            "the "
            "one class that the whole layer holds."
        )

    def canExecute(self) -> tuple[bool, str]:
        """No engine is needed."""
        return True, ""

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        """Add the parameters and the outputs."""
        self.add(
            QgsProcessingParameterVectorLayer(self.CHANGES, tr("Changes"), [kinds.POLYGONS]),
            tr("The changes of a result; those that were accepted or edited count."),
        )
        self.add(QgsProcessingParameterVectorLayer(self.DATABASE, tr("Database layer"), [kinds.POLYGONS]))
        self.add(
            QgsProcessingParameterField(self.CLASS_FIELD, tr("Class field"), None, self.DATABASE, optional=True),
            tr("Empty for a layer that holds one class."),
        )
        headers = [tr("Class"), tr("Value in the database")]
        self.add(
            QgsProcessingParameterMatrix(self.CLASSES, tr("Classes"), 1, False, headers, ["building", ""]),
            tr("Such as building, Bâtiment; a class may have several values."),
        )
        self.addParameter(QgsProcessingParameterFeatureSink(self.OUTPUT, tr("Change-set"), kinds.POLYGONS))
        for action in ACTIONS:
            self.addOutput(QgsProcessingOutputNumber(action.upper(), action))

    def prepareAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Copy what any thread may read of the two layers."""
        changes = self.parameterAsVectorLayer(parameters, self.CHANGES, context)
        database = self.parameterAsVectorLayer(parameters, self.DATABASE, context)
        for name, layer in ((self.CHANGES, changes), (self.DATABASE, database)):
            if layer is None:
                raise QgsProcessingException(self.invalidSourceError(parameters, name))
        fields = self.parameterAsFields(parameters, self.CLASS_FIELD, context)
        values = _pairs(self.parameterAsMatrix(parameters, self.CLASSES, context))
        if not values:
            raise QgsProcessingException(tr("Name at least one class"))
        self._key = tuple(database.primaryKeyAttributes())
        self._job = ListingJob.of(changes, database, ClassMapping(fields[0] if fields else "", values))
        return True

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Make the list and write it as a change-set."""
        job = self._job
        if job is None:
            raise QgsProcessingException(tr("Name at least one class"))
        try:
            listed = job.run(lambda done, total: feedback.setProgress(100 * done / max(1, total)), feedback.isCanceled)
        except Cancelled:
            raise QgsProcessingException(tr("Stopped; nothing was saved")) from None
        except NotListed as problem:
            raise QgsProcessingException(problem_text(problem)) from problem
        records = record_fields()
        sink, destination = self.parameterAsSink(
            parameters, self.OUTPUT, context, records, QgsWkbTypes.Type.MultiPolygon, job.crs
        )
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, self.OUTPUT))
        lines = tuple(range(len(listed.findings)))
        for record in ChangeSet(listed, lines, job.crs, job.context, self._key).records(records):
            sink.addFeature(record, QgsFeatureSink.Flag.FastInsert)
        del sink  # what is not flushed yet is written now
        counts = {action: sum(finding.action == action for finding in listed.findings) for action in ACTIONS}
        for action, count in counts.items():
            feedback.pushInfo(tr("{0}: {1}").format(action_name(action), count))
        if listed.outside:
            feedback.pushWarning(tr("{0} changes are of classes that are not mapped").format(listed.outside))
        return {self.OUTPUT: str(destination), **{action.upper(): count for action, count in counts.items()}}


def _pairs(cells: list[Any]) -> tuple[tuple[str, str], ...]:
    """Return the rows of a table of two columns; a row without a class is no row."""
    words = [str(cell).strip() for cell in cells]
    return tuple((name, value) for name, value in zip(words[::2], words[1::2]) if name)
