"""The engine for one run of an algorithm: the dock's own link, waited for in the thread that the algorithm runs in."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from qgis.core import QgsProcessingException, QgsProcessingFeedback
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEventLoop, QTimer

from ..gui.words import seconds_left, stage_name, tr
from ..link.answer import Answer
from ..link.engine import AskJob, Engine, Request
from ..link.engine_words import engine_text, one_line
from ..link.protocol import EngineError, Hello, PreflightReport, ProgressReport, Reading, VocabularyEntry

CANCEL_CHECK_MS = 200
PATIENCE_MS = 10_000
"""How long a thread of Processing's may wait for the engine to end: longer than QGIS's window may."""


class EngineSession:
    """An engine that lives from ``with`` to its end, and all of whose objects belong to this thread.

    A request is waited for in an event loop of this thread's own: QProcess gives its signals there, and QGIS's window
    is not held up. Whether the person cancelled is looked at in the same loop.
    """

    def __init__(self, feedback: QgsProcessingFeedback) -> None:
        self._feedback = feedback
        self._engine = Engine()
        self.share = (0.0, 100.0)
        """Which part of the feedback's progress, in %, the next request fills: its start and its width."""

    def __enter__(self) -> EngineSession:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._engine.shutdown(PATIENCE_MS)
        sip.delete(self._engine)  # here and now: left to Python, it might be deleted in another thread

    def vocabulary(self) -> tuple[VocabularyEntry, ...]:
        """Return the classes that the engine knows."""
        return Hello.from_json(self._wait(self._engine.hello())).vocabulary

    def ask(self, job: AskJob) -> Answer:
        """Ask a question; its answer lies in the job's folder.

        Raises
        ------
        QgsProcessingException: the engine failed, or the person cancelled.
        """
        return self._answer(self._engine.ask(job))

    def rerun(self, recipe: str, out: str, rasters: tuple[str, ...] = ()) -> Answer:
        """Make a recipe again; see `ask`."""
        return self._answer(self._engine.rerun(recipe, out, rasters))

    def export(self, folder: str, format: str, out: str, statuses: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Write a result in another format and return the files; see `ask`."""
        written = self._wait(self._engine.export(folder, format, out, statuses))
        for note in written.get("notes") or ():
            self._feedback.pushWarning(engine_text(str(note)))
        return tuple(str(file) for file in written.get("files") or ())

    def _answer(self, request: Request) -> Answer:
        request.stage.connect(lambda stage: self._feedback.setProgressText(stage_name(stage)))
        request.progress.connect(self._show_progress)
        request.preflight.connect(self._show_preflight)
        request.reading.connect(self._show_reading)
        answer = Answer.from_json(self._wait(request).get("answer") or {})
        self._feedback.pushInfo(answer.text)
        return answer

    def _wait(self, request: Request) -> dict[str, Any]:
        loop, timer = QEventLoop(), QTimer()
        ended: list[Any] = []

        def end(outcome: Any) -> None:
            ended.append(outcome)
            loop.quit()

        request.done.connect(end)
        request.failed.connect(end)
        request.cancelled.connect(lambda: end(None))
        timer.timeout.connect(lambda: self._look_for_cancel(request, timer))
        timer.start(CANCEL_CHECK_MS)
        loop.exec()
        timer.stop()
        outcome = ended[0] if ended else None
        if isinstance(outcome, EngineError):
            raise QgsProcessingException(outcome.line())
        if outcome is None:
            raise QgsProcessingException(tr("Stopped; nothing was saved"))
        return dict(outcome)

    def _look_for_cancel(self, request: Request, timer: QTimer) -> None:
        if self._feedback.isCanceled():
            timer.stop()
            request.cancel()

    def _show_progress(self, report: ProgressReport) -> None:
        start, width = self.share
        if report.stage == "map" and report.total:
            self._feedback.setProgress(start + width * report.done / report.total)
        if report.remaining_s is not None:
            self._feedback.setProgressText(f"{stage_name(report.stage)} · {seconds_left(report.remaining_s)}")

    def _show_preflight(self, report: PreflightReport) -> None:
        for note in report.notes:
            text = one_line(note.what, "", note.advice)
            if note.level == "fine":
                self._feedback.pushInfo(text)
            else:
                self._feedback.pushWarning(text)

    def _show_reading(self, reading: Reading) -> None:
        self._feedback.pushInfo(reading.line)
