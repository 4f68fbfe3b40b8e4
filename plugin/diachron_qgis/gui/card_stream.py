"""The cards of a conversation, one under the other."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget


class CardStream(QScrollArea):
    """Keeps its end in view while cards come and grow, until a person scrolls away from it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._following = True
        body = QWidget(self)
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 4, 0)
        self._column.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(body)
        # A card's height is known only once it has been laid out: the range then changes.
        self.verticalScrollBar().rangeChanged.connect(self._keep_end)
        self.verticalScrollBar().actionTriggered.connect(self._see_where)

    def add(self, card: QWidget) -> None:
        """Add a card at the end."""
        self._column.insertWidget(self._column.count() - 1, card)
        self.follow()

    def follow(self) -> None:
        """Go to the end, and stay there."""
        self._following = True
        self._keep_end()

    def _keep_end(self, *_: int) -> None:
        if self._following:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _see_where(self, _action: int) -> None:
        """Learn from where a person scrolls to; the bar's value follows after this."""
        bar = self.verticalScrollBar()
        self._following = bar.sliderPosition() >= bar.maximum()
