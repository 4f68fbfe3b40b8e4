"""Answers that live: their numbers follow the slider, their sentences light up for what is selected on the map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..link.answer import Answer
from ..link.engine import Engine
from ..link.protocol import EngineError
from ..logic.changes_table import ids_of, mean_confidence
from ..logic.provenance import add_history, drawn_with
from ..logic.remeasuring import Drawing, Remeasuring
from ..logic.results import changes_layer, refresh_changes
from .card import QuestionCard
from .words import tr


class LiveAnswers(QObject):
    """Ties cards to their layers. ``redrawn`` carries an entry's id and its new answer (JSON) once the layer has it."""

    redrawn = pyqtSignal(str, object)

    def __init__(self, engine: Engine, say: Callable[[str], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._say = say
        self._cards: dict[str, QuestionCard] = {}
        self._watched: dict[str, tuple[str, str]] = {}
        self.remeasuring = Remeasuring(engine, self)
        self.remeasuring.done.connect(self._drawn)
        self.remeasuring.failed.connect(self._failed)
        self.remeasuring.busy.connect(self._busy)

    def attach(self, entry_id: str, card: QuestionCard, folder: Callable[[], str]) -> None:
        """Have a card's slider draw its polygons anew; ``folder`` tells where they are by then."""
        self._cards[entry_id] = card
        card.tools.settled.connect(lambda threshold, area: self._draw(entry_id, folder(), threshold, area))

    def watch(self, entry_id: str, folder: str) -> None:
        """Have the sentences of an answer light up for the polygons that are selected in its layer, and count all of
        them: those that a person has rejected are no longer in the answer, but in the review."""
        layer = changes_layer(QgsProject.instance(), folder)
        if layer is None or self._watched.get(entry_id) == (layer.id(), folder):
            return
        self._watched[entry_id] = (layer.id(), folder)
        if entry_id in self._cards:
            self._cards[entry_id].tools.show_count(layer.featureCount())
        layer.selectionChanged.connect(lambda *_: self._selected(entry_id, layer))

    def forget(self) -> None:
        """Forget all cards: the project is another one."""
        self._cards, self._watched = {}, {}

    def close_down(self) -> None:
        """Hear nothing any more."""
        self.forget()
        self.remeasuring.blockSignals(True)

    def _selected(self, entry_id: str, layer: QgsVectorLayer) -> None:
        card = self._cards.get(entry_id)
        if card is not None:
            card.light_up(ids_of(layer, layer.selectedFeatureIds()))

    def _draw(self, entry_id: str, folder: str, threshold: float, area: float) -> None:
        layer = changes_layer(QgsProject.instance(), folder)
        if layer is not None and layer.isEditable() and layer.isModified():
            self._say(tr("Save or discard the edits of this layer first"))
            return
        self._say("")
        self.remeasuring.ask(Drawing(entry_id, folder, threshold, area))

    def _drawn(self, drawing: Drawing, value: dict[str, Any]) -> None:
        layer, card = changes_layer(QgsProject.instance(), drawing.folder), self._cards.get(drawing.entry_id)
        if layer is not None:
            refresh_changes(layer)
            answer = Answer.from_json(value)
            add_history(layer, drawn_with(answer))
        if card is not None:
            card.show_answer(Answer.from_json(value), mean_confidence(layer))
            card.tools.show_count(layer.featureCount() if layer is not None else 0)
        self.redrawn.emit(drawing.entry_id, value)

    def _failed(self, drawing: Drawing, error: EngineError) -> None:
        self._say(error.line())

    def _busy(self, entry_id: str, busy: bool) -> None:
        if entry_id in self._cards:
            self._cards[entry_id].tools.set_busy(busy)
