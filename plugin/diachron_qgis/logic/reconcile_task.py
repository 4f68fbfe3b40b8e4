"""Work on copies in QGIS's task manager: making the list, writing a change-set."""

from __future__ import annotations

import time
from typing import Any, Callable

from qgis.core import QgsTask
from qgis.PyQt.QtCore import pyqtSignal

from .reconcile_listing import Cancelled, NotListed, Report

Work = Callable[[Report, Callable[[], bool]], Any]


class ReconcileTask(QgsTask):
    """Runs one piece of work in a thread; ``told`` carries done, total and the seconds left (-1: not known yet).

    ``ended`` comes in the main thread, whatever the end: then ``made`` is the result, or ``problem`` says why there is
    none, or both are None, for a person has stopped it.
    """

    told = pyqtSignal(int, int, float)
    ended = pyqtSignal()

    def __init__(self, description: str, work: Work) -> None:
        super().__init__(description, QgsTask.Flag.CanCancel)
        self._work = work
        self.made: Any = None
        self.problem: NotListed | None = None
        self._started = 0.0
        self._last = 0.0

    def run(self) -> bool:
        """Do the work."""
        self._started = time.monotonic()
        try:
            self.made = self._work(self._report, self.isCanceled)
        except Cancelled:
            return False
        except NotListed as problem:
            self.problem = problem
        except Exception as problem:
            self.problem = NotListed("failed", f"{type(problem).__name__}: {problem}")
        return self.made is not None

    def finished(self, result: bool) -> None:
        """Say that it is over; QGIS calls this in the main thread."""
        self.ended.emit()

    def _report(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._last < 0.1 and done < total:
            return
        self._last = now
        self.setProgress(100.0 * done / total if total else 100.0)
        left = (now - self._started) / done * (total - done) if done else -1.0
        self.told.emit(done, total, left)
