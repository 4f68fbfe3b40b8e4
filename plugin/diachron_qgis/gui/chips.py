"""The model's reading of a question as chips that a person can correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QPixmap
from qgis.PyQt.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QToolButton, QWidget

from ..link.protocol import Look, VocabularyEntry
from .words import tr

ANY = "any"
TASKS = (
    "count",
    "area",
    "list",
    "where",
    "segment",
    "change_or_not",
    "change_to_what",
    "change_from_what",
    "largest_change",
    "change_ratio",
)


class ReadingChips(QWidget):
    """Task, from and to as buttons with menus; ``corrected`` carries the reading to ask again with."""

    corrected = pyqtSignal(object)

    def __init__(self, look: Look, vocabulary: Sequence[VocabularyEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self._read = look
        self._vocabulary = tuple(vocabulary)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(3)
        self._build()

    def change(self, look: Look) -> None:
        """Show another reading; "ask again" appears where it is not the model's own."""
        self.look = look
        while self._row.count():
            widget = self._row.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._build()

    def _build(self) -> None:
        label = QLabel(tr("Reading"), self)
        label.setEnabled(False)
        self._row.addWidget(label)
        self._row.addWidget(
            self._chip(self.look.task.replace("_", " "), self._task_menu(), tr("What is asked; click to change it"))
        )
        if self.look.classes:
            self._row.addWidget(self._classes_chip("classes", self.look.classes))
        elif self.look.task != "unanswerable":
            self._row.addWidget(self._classes_chip("source", self.look.source))
            self._row.addWidget(QLabel("›", self))
            self._row.addWidget(self._classes_chip("target", self.look.target))
        self._row.addStretch(1)
        if self.look != self._read:
            again = QPushButton(tr("Ask again"), self)
            again.setToolTip(tr("Ask with this reading"))
            again.clicked.connect(lambda: self.corrected.emit(self.look))
            self._row.addWidget(again)

    def _chip(self, text: str, menu: QMenu, tip: str) -> QToolButton:
        chip = QToolButton(self)
        chip.setText(text)
        chip.setToolTip(tip)
        chip.setMenu(menu)
        chip.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu.setParent(chip, menu.windowFlags())
        return chip

    def _task_menu(self) -> QMenu:
        menu = QMenu()
        for task in TASKS:
            menu.addAction(task.replace("_", " "), lambda name=task: self.change(replace(self.look, task=name)))
        return menu

    def _classes_chip(self, part: str, names: tuple[str, ...]) -> QToolButton:
        tip = {"source": tr("From which classes"), "target": tr("To which classes"), "classes": tr("Which classes")}[
            part
        ]
        shown = " + ".join(names) if names and names != (ANY,) else tr("any")
        chip = self._chip(shown, self._classes_menu(part, names), tip + tr("; click to add or remove"))
        colour = next((entry.colour for entry in self._vocabulary if names and entry.name == names[0]), None)
        if colour:
            chip.setIcon(swatch(colour))
            from qgis.PyQt.QtCore import Qt

            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return chip

    def _classes_menu(self, part: str, names: tuple[str, ...]) -> QMenu:
        menu = QMenu()
        for name in names:
            if name != ANY:
                icon = QgsApplication.getThemeIcon("/mActionRemove.svg")
                menu.addAction(
                    icon,
                    tr("remove {0}").format(name),
                    lambda gone=name: self._set(part, tuple(n for n in names if n != gone)),
                )
        menu.addAction(tr("any"), lambda: self._set(part, (ANY,)))
        menu.addSeparator()
        kept = tuple(n for n in names if n != ANY)
        for entry in self._vocabulary:
            if entry.name not in kept:
                menu.addAction(swatch(entry.colour), entry.name, lambda more=entry.name: self._set(part, (*kept, more)))
        return menu

    def _set(self, part: str, names: tuple[str, ...]) -> None:
        names = names or (ANY,)
        if part == "source":
            self.change(replace(self.look, source=names))
        elif part == "target":
            self.change(replace(self.look, target=names))
        else:
            self.change(replace(self.look, classes=names))


def swatch(colour: str) -> QIcon:
    """Return a small square of a colour."""
    pixmap = QPixmap(QSize(12, 12))
    pixmap.fill(QColor(colour))
    return QIcon(pixmap)
