"""Writing what a person takes away from an answer: asks where, has it written, and says when it is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qgis.core import Qgis
from qgis.PyQt.QtCore import QObject, QUrl
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QFileDialog, QWidget

from ..link.engine import Engine
from ..link.engine_words import engine_text
from ..link.protocol import VocabularyEntry
from ..link.report_process import ReportProcess
from ..logic.exports import FORMATS, report_job
from .result_buttons import ResultButtons
from .words import tr


class ResultFiles(QObject):
    """Serves the buttons of every card. ``vocabulary`` is asked for when a report is made."""

    def __init__(
        self, iface: Any, engine: Engine, vocabulary: Callable[[], tuple[VocabularyEntry, ...]], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._iface, self._engine, self._vocabulary, self._window = iface, engine, vocabulary, parent
        self._reports: list[ReportProcess] = []

    def attach(self, buttons: ResultButtons, folder: Callable[[], str], title: Callable[[], str]) -> None:
        """Serve the buttons of a card whose result lies in ``folder()``; its report is called ``title()`` ("" for the
        usual)."""
        buttons.report_wanted.connect(lambda: self.report(buttons, Path(folder()), title()))
        buttons.export_wanted.connect(lambda format: self.export(buttons, Path(folder()), format))

    def report(self, buttons: ResultButtons, folder: Path, title: str = "") -> None:
        """Make the report of a result where the person says."""
        pdf = self._where(tr("Save the report"), folder.parent / f"{folder.name}.pdf", "PDF (*.pdf)")
        if not pdf:
            return
        report = ReportProcess(report_job(str(folder), pdf, self._vocabulary(), title=title), self)
        self._reports.append(report)
        buttons.set_busy(True)
        # Connected by themselves: they may be gone by then, with the project's cards.
        report.finished.connect(buttons.set_free)
        report.failed.connect(buttons.set_free)
        report.finished.connect(lambda file: self._finish_report(report, file))
        report.failed.connect(lambda why: self._fail_report(report, why))
        self._tell(tr("The report is being made"))
        report.start()

    def export(self, buttons: ResultButtons, folder: Path, format: str) -> None:
        """Have the engine write a result in a format where the person says."""
        kind = FORMATS[format]
        if kind.suffix:
            start = folder.parent / f"{folder.name}{kind.suffix}"
            out = self._where(kind.title, start, f"{kind.name} (*{kind.suffix})")
        else:
            out = QFileDialog.getExistingDirectory(self._window, kind.title, str(folder.parent))
        if not out:
            return
        buttons.set_busy(True)
        request = self._engine.export(str(folder), format, out)
        for ended in (request.done, request.failed, request.cancelled):
            ended.connect(buttons.set_free)
        request.done.connect(self._finish_export)
        request.failed.connect(lambda error: self._tell(error.line(), Qgis.MessageLevel.Warning))

    def close_down(self) -> None:
        """Stop what is being made."""
        for report in tuple(self._reports):
            report.cancel()

    def _where(self, title: str, start: Path, kinds: str) -> str:
        chosen, _ = QFileDialog.getSaveFileName(self._window, title, str(start), kinds)
        return str(chosen)

    def _finish_report(self, report: ReportProcess, file: str) -> None:
        self._reports.remove(report)
        self._tell(tr("The report is in {0}").format(file))
        QDesktopServices.openUrl(QUrl.fromLocalFile(file))

    def _fail_report(self, report: ReportProcess, why: str) -> None:
        self._reports.remove(report)
        self._tell(why, Qgis.MessageLevel.Warning)

    def _finish_export(self, written: dict[str, Any]) -> None:
        files = [str(file) for file in written.get("files") or ()]
        words = [tr("Written: {0}").format(files[0] if len(files) == 1 else str(Path(files[0]).parent))]
        self._tell("\n".join([*words, *(engine_text(str(note)) for note in written.get("notes") or ())]))

    def _tell(self, words: str, level: Qgis.MessageLevel = Qgis.MessageLevel.Success) -> None:
        self._iface.messageBar().pushMessage("Diachron", words, level, 8)
