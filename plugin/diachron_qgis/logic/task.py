"""A question in QGIS's task manager."""

from __future__ import annotations

from qgis.core import QgsTask
from qgis.PyQt.QtCore import QEventLoop, Qt, pyqtSignal

from ..link.engine import Request
from ..link.protocol import ProgressReport


class JobTask(QgsTask):
    """Shows a request's progress; cancelling the task cancels the request. The task only waits, in its own thread."""

    _ended = pyqtSignal()

    def __init__(self, description: str, request: Request) -> None:
        super().__init__(description, QgsTask.Flag.CanCancel)
        self._request = request
        self._succeeded = False
        self._over = False
        request.progress.connect(self._advance)
        request.done.connect(lambda _: self._end(True))
        request.failed.connect(lambda _: self._end(False))
        request.cancelled.connect(lambda: self._end(False))

    def run(self) -> bool:
        """Wait until the request has ended."""
        loop = QEventLoop()
        self._ended.connect(loop.quit, Qt.ConnectionType.QueuedConnection)
        if not self._over:
            loop.exec()
        return self._succeeded

    def cancel(self) -> None:
        """Cancel the request; called from the task manager, in the main thread."""
        if not self._over:
            self._request.cancel()
        super().cancel()

    def _advance(self, report: ProgressReport) -> None:
        if report.total:
            self.setProgress(100.0 * report.done / report.total)

    def _end(self, succeeded: bool) -> None:
        self._succeeded, self._over = succeeded, True
        self._ended.emit()
