"""The model's reading of a question as chips that a person can correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QIcon, QPixmap
from qgis.PyQt.QtWidgets import QLabel, QMenu, QPushButton, QToolButton, QWidget

from ..link.protocol import Look, VocabularyEntry
from ..logic.class_words import class_name, part_name, task_name
from .flow_layout import FlowLayout
from .words import tr

ANY = "any"
MOST_NAMES = 2
"""Classes that a chip names; its menu has them all."""
DATES = ("before", "after")
REGIONS = (
    "", "north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west", "centre",
)  # fmt: skip
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
    "smallest_change",
    "change_ratio",
    "change_ratio_types",
    "increase_or_not",
    "decrease_or_not",
    "temporary_or_permanent",
    "damage",
    "caption",
    "report",
    "semantic_map",
    "class_at",
)
BUILDING = "building"
OF_ONE_DATE = ("semantic_map", "class_at")


class ReadingChips(QWidget):
    """Task, from and to as buttons with menus; ``corrected`` carries the reading to ask again with."""

    corrected = pyqtSignal(object)

    def __init__(self, look: Look, vocabulary: Sequence[VocabularyEntry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self._read = look
        self._vocabulary = tuple(vocabulary)
        self._row = FlowLayout(self)
        self._build()

    def change(self, look: Look) -> None:
        """Show another reading; "ask again" appears where it is not the model's own."""
        self.look = look
        while self._row.count():
            item = self._row.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._build()

    def _build(self) -> None:
        label = QLabel(tr("Reading"), self)
        self._row.addWidget(label)
        self._row.addWidget(
            self._chip(task_name(self.look.task), self._task_menu(), tr("What is asked; click to change it"))
        )
        if self.look.classes:
            self._row.addWidget(self._classes_chip("classes", self.look.classes))
        elif self.look.task != "unanswerable":
            self._row.addWidget(self._classes_chip("source", self.look.source))
            self._row.addWidget(QLabel("›", self))
            self._row.addWidget(self._classes_chip("target", self.look.target))
        if self.look.classes or self.look.date in ("before", "after"):
            self._row.addWidget(self._choice("date", self.look.date, DATES, tr("At which date; click to change it")))
        if self.look.region:
            tip = tr("In which part of the area; click to change it")
            self._row.addWidget(self._choice("region", self.look.region, REGIONS, tip))
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

    def _choice(self, part: str, value: str, values: Sequence[str], tip: str) -> QToolButton:
        menu = QMenu()
        for each in values:
            menu.addAction(part_name(each), lambda name=each: self.change(replace(self.look, **{part: name})))
        return self._chip(part_name(value), menu, tip)

    def _task_menu(self) -> QMenu:
        menu = QMenu()
        for task in TASKS:
            menu.addAction(task_name(task), lambda name=task: self.change(with_task(self.look, name)))
        return menu

    def _classes_chip(self, part: str, names: tuple[str, ...]) -> QToolButton:
        tip = {"source": tr("From which classes"), "target": tr("To which classes"), "classes": tr("Which classes")}[
            part
        ]
        shown = " + ".join(map(class_name, names[:MOST_NAMES])) if names and names != (ANY,) else tr("any")
        if len(names) > MOST_NAMES:
            shown = tr("{0} + {1} more").format(shown, len(names) - MOST_NAMES)
            tip = f"{tip}: {' + '.join(map(class_name, names))}"
        chip = self._chip(shown, self._classes_menu(part, names), tip + tr("; click to add or remove"))
        colour = next((entry.colour for entry in self._vocabulary if names and entry.name == names[0]), None)
        if colour:
            chip.setIcon(swatch(colour))
            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return chip

    def _classes_menu(self, part: str, names: tuple[str, ...]) -> QMenu:
        menu = QMenu()
        for name in names:
            if name != ANY:
                icon = QgsApplication.getThemeIcon("/mActionRemove.svg")
                menu.addAction(
                    icon,
                    tr("remove {0}").format(class_name(name)),
                    lambda gone=name: self._set(part, tuple(n for n in names if n != gone)),
                )
        menu.addAction(tr("any"), lambda: self._set(part, (ANY,)))
        menu.addSeparator()
        kept = tuple(n for n in names if n != ANY)
        for entry in self._vocabulary:
            if entry.name not in kept:
                shown = class_name(entry.name)
                menu.addAction(swatch(entry.colour), shown, lambda more=entry.name: self._set(part, (*kept, more)))
        return menu

    def _set(self, part: str, names: tuple[str, ...]) -> None:
        names = names or (ANY,)
        if part == "source":
            self.change(replace(self.look, source=names))
        elif part == "target":
            self.change(replace(self.look, target=names))
        else:
            self.change(replace(self.look, classes=names))


def with_task(look: Look, task: str) -> Look:
    """Return a reading with another task; between changes and the land cover of one date, its classes go along.

    Damage is that of the classes themselves, of buildings where none is named.
    """
    change = look.target if look.target not in ((), (ANY,)) else look.source
    if task in OF_ONE_DATE:
        date = look.date if look.date in DATES else "after"
        classes = look.classes or change or (ANY,)
        return replace(look, task=task, source=(), target=(), classes=classes, date=date, reason="")
    if task == "damage":
        hit = look.classes or change
        hit = hit if hit and hit != (ANY,) else (BUILDING,)
        return replace(look, task=task, source=hit, target=hit, classes=(), date="both", reason="")
    if look.classes or not look.source:
        target = look.classes or look.target or (ANY,)
        return replace(look, task=task, source=(ANY,), target=target, classes=(), date="both", reason="")
    return replace(look, task=task, reason="")


def swatch(colour: str) -> QIcon:
    """Return a small square of a colour."""
    pixmap = QPixmap(QSize(12, 12))
    pixmap.fill(QColor(colour))
    return QIcon(pixmap)
