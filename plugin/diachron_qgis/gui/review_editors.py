"""What a review asks for in a line of its own: other classes, and a note."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qgis.PyQt.QtCore import QEvent, QObject, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from ..link.protocol import VocabularyEntry
from ..logic.class_words import class_name
from .chips import swatch
from .words import tr

LONGEST_NOTE = 500
NEUTRAL = "#9a9a9a"


class LineEditor(QWidget):
    """A line that is kept with Enter and left with Esc; ``left`` comes either way, after it was kept or not."""

    left = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(4)
        self.setVisible(False)

    def keyPressEvent(self, event: Any) -> None:
        """Keep with Enter, leave with Esc."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keep()
        elif event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def keep(self) -> None:
        """Take what was entered; a subclass says what becomes of it."""
        self.leave()

    def leave(self) -> None:
        """Go away."""
        self.setVisible(False)
        self.left.emit()

    def add_keep_button(self) -> None:
        """Add the button that does what Enter does."""
        button = QToolButton(self)
        button.setText(tr("Keep ⏎"))
        button.setToolTip(tr("Keep (Enter); leave it as it was with Esc"))
        button.clicked.connect(lambda *_: self.keep())
        self.row.addWidget(button)


class ClassEditor(LineEditor):
    """From and to class; ``chosen`` carries both names."""

    chosen = pyqtSignal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.source, self.target = QComboBox(self), QComboBox(self)
        for combo in (self.source, self.target):
            for widget in (combo, combo.view()):
                widget.installEventFilter(self)
        self.source.setToolTip(tr("What it was; type the first letters"))
        self.target.setToolTip(tr("What it is now; type the first letters"))
        self.row.addWidget(self.source, 1)
        self.row.addWidget(QLabel("›", self))
        self.row.addWidget(self.target, 1)
        self.add_keep_button()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Have letters look for a class: elsewhere in the review they decide."""
        if event.type() == QEvent.Type.ShortcutOverride and event.text().isalnum():
            event.accept()
            return True
        return bool(super().eventFilter(watched, event))

    def offer(self, vocabulary: Iterable[VocabularyEntry], pairs: Iterable[tuple[str, str]]) -> None:
        """Offer the vocabulary's classes, and any others that occur."""
        colours = {entry.name: entry.colour for entry in vocabulary}
        names = [*colours, *sorted({name for pair in pairs for name in pair} - set(colours) - {""})]
        for combo in (self.source, self.target):
            combo.clear()
            for name in names:
                combo.addItem(swatch(colours.get(name, NEUTRAL)), class_name(name), name)

    def ask(self, pair: tuple[str, str]) -> None:
        """Ask for other classes than these."""
        for combo, name in zip((self.source, self.target), pair):
            combo.setCurrentIndex(combo.findData(name))
        self.setVisible(True)
        self.target.setFocus()

    def keep(self) -> None:
        """Tell the chosen classes."""
        pair = (str(self.source.currentData() or ""), str(self.target.currentData() or ""))
        self.leave()
        if all(pair):
            self.chosen.emit(pair)


class NoteEditor(LineEditor):
    """A note; ``written`` carries it."""

    written = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit(self)
        self.line.setMaxLength(LONGEST_NOTE)
        self.line.setPlaceholderText(tr("A note on this change"))
        self.line.setToolTip(tr("It is saved with the change; an empty one takes the note away"))
        self.row.addWidget(self.line, 1)
        self.add_keep_button()

    def ask(self, note: str) -> None:
        """Ask for a note in the place of this one."""
        self.line.setText(note)
        self.setVisible(True)
        self.line.setFocus()
        self.line.selectAll()

    def keep(self) -> None:
        """Tell the note."""
        note = self.line.text().strip()
        self.leave()
        self.written.emit(note)
