"""Make the report of a result."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)
from qgis.PyQt.QtCore import QEventLoop, QTimer

from ..gui.words import tr
from ..link.report_process import ReportProcess
from ..logic.exports import report_job
from . import definitions as kinds
from .base import DiachronAlgorithm, Values
from .session import CANCEL_CHECK_MS, EngineSession


class ReportAlgorithm(DiachronAlgorithm):
    """A result as a PDF to hand over, and where wanted as a project with its print layout."""

    FOLDER, OUTPUT, PROJECT = "FOLDER", "OUTPUT", "PROJECT"

    def name(self) -> str:
        """Return the algorithm's id."""
        return "report"

    def displayName(self) -> str:
        """Return the algorithm's name."""
        return tr("Report of a result")

    def tags(self) -> list[str]:
        """Return words that the toolbox finds it by."""
        return tr("report,pdf,layout,print").split(",")

    def shortHelpString(self) -> str:
        """Return the help text."""
        return tr(
            "Makes a PDF of a result: the question and its answer, a map, key figures, the transition table, a Sankey "
            "diagram and bars, close views of the largest changes before and after, the preflight, the images, the "
            "settings, and the model with the licence of its weights. Changes that a person has rejected are left "
            "out.\n\n"
            "The print layout can be kept as a project of its own, to be changed in QGIS before it is printed."
        )

    def initAlgorithm(self, configuration: Values | None = None) -> None:
        """Add the parameters and the outputs."""
        self.add(
            QgsProcessingParameterFile(self.FOLDER, tr("Folder of the result"), kinds.FOLDER_PATH),
            tr("A folder with an answer.json, as the Diachron panel and the algorithms save it."),
        )
        self.addParameter(QgsProcessingParameterFileDestination(self.OUTPUT, tr("Report"), "PDF (*.pdf)"))
        self.add_advanced(
            QgsProcessingParameterFileDestination(
                self.PROJECT, tr("Project with the layout"), "QGIS (*.qgz)", None, True, False
            )
        )

    def processAlgorithm(
        self, parameters: Values, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> Values:
        """Have it made in a process of its own."""
        folder = Path(self.parameterAsFile(parameters, self.FOLDER, context)).absolute()
        pdf = Path(self.parameterAsFileOutput(parameters, self.OUTPUT, context)).absolute()
        project = self.parameterAsFileOutput(parameters, self.PROJECT, context)
        with EngineSession(feedback) as session:
            vocabulary = session.vocabulary()
        _wait(ReportProcess(report_job(str(folder), str(pdf), vocabulary, project)), feedback)
        return {self.OUTPUT: str(pdf)} | ({self.PROJECT: project} if project else {})


def _wait(report: ReportProcess, feedback: QgsProcessingFeedback) -> None:
    """Wait for a report in this thread.

    Raises
    ------
    QgsProcessingException: it could not be made, or the person cancelled.
    """
    loop, timer = QEventLoop(), QTimer()
    problems: list[str] = []

    def fail(why: str) -> None:
        problems.append(why)
        loop.quit()

    report.finished.connect(lambda _: loop.quit())
    report.failed.connect(fail)
    timer.timeout.connect(lambda: report.cancel() if feedback.isCanceled() else None)
    timer.start(CANCEL_CHECK_MS)
    report.start()
    loop.exec()
    timer.stop()
    if problems:
        raise QgsProcessingException(problems[0])
