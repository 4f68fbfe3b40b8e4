"""Long work in steps, between which QGIS's window lives."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from qgis.PyQt.QtCore import QObject, QTimer

REST_MS = 10
"""How long the window lives between two steps: long enough to draw what the last one changed."""


class Steps(QObject):
    """Works through iterators one after another; what one does up to its next ``yield`` is a step."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._works: deque[Iterator[object]] = deque()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._step)

    def run(self, work: Iterator[object]) -> None:
        """Do a work after those that are still being done."""
        self._works.append(work)
        self._timer.start()

    def finish(self) -> None:
        """Do at once whatever is left to do."""
        while self._works:
            self._go_on()
        self._timer.stop()

    def forget(self) -> None:
        """Do nothing more."""
        self._works.clear()
        self._timer.stop()

    def _step(self) -> None:
        # Started before the step, so that one that fails does not keep the works after it from being done.
        self._timer.start()
        if self._works:
            self._go_on()
        if not self._works:
            self._timer.stop()

    def _go_on(self) -> None:
        """Do one step; a work that is over, or has failed, is left."""
        work = self._works[0]
        going_on = False
        try:
            next(work)
            going_on = True
        except StopIteration:
            pass
        finally:
            if not going_on and self._works and self._works[0] is work:
                self._works.popleft()
