"""Drawing the changes of answers anew while a slider moves: one at a time, and of those that wait the newest alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..link.engine import Engine, Request
from ..link.protocol import EngineError


@dataclass(frozen=True)
class Drawing:
    """What is to be drawn: the answer's entry and folder, and with what."""

    entry_id: str
    folder: str
    threshold: float
    minimum_area: float


class Remeasuring(QObject):
    """``done`` carries a drawing and the answer (JSON), ``failed`` a drawing and why; ``busy`` an entry's id and
    whether it waits."""

    done = pyqtSignal(object, object)
    failed = pyqtSignal(object, object)
    busy = pyqtSignal(str, bool)

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._running: tuple[Drawing, Request] | None = None
        self._waiting: Drawing | None = None

    def ask(self, drawing: Drawing) -> None:
        """Draw this next; what runs for it is stopped, what waited is forgotten."""
        self.busy.emit(drawing.entry_id, True)
        if self._running is None:
            self._send(drawing)
            return
        if self._waiting is not None and self._waiting.entry_id != drawing.entry_id:
            self.busy.emit(self._waiting.entry_id, False)
        self._waiting = drawing
        if self._running[0].entry_id == drawing.entry_id:
            self._running[1].withdraw()

    def _send(self, drawing: Drawing) -> None:
        request = self._engine.remeasure(drawing.folder, drawing.threshold, drawing.minimum_area)
        self._running = (drawing, request)
        request.done.connect(lambda result: self._ended(drawing, result, None))
        request.failed.connect(lambda error: self._ended(drawing, None, error))
        request.cancelled.connect(lambda: self._ended(drawing, None, None))

    def _ended(self, drawing: Drawing, result: dict[str, Any] | None, error: EngineError | None) -> None:
        self._running = None
        following, self._waiting = self._waiting, None
        if following is None or following.entry_id != drawing.entry_id:
            self.busy.emit(drawing.entry_id, False)
        if result is not None:
            self.done.emit(drawing, result.get("answer") or {})
        elif error is not None:
            self.failed.emit(drawing, error)
        if following is not None:
            self._send(following)
