"""What is to be known of the rasters before they are compared: fine, warning or stop, with the button that mends it."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from ..link.protocol import Note
from .words import tr

LEVELS = {"fine": "/mIconSuccess.svg", "warning": "/mIconWarning.svg", "stop": "/mIconCritical.svg"}
ICON_PX = 14


class PreflightCard(QWidget):
    """All that is fine in one line, each warning and stop in one of its own; ``mended`` carries what a button mends."""

    mended = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(5)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self.buttons: dict[str, QToolButton] = {}
        self.setVisible(False)

    def show_notes(self, notes: Sequence[Note]) -> None:
        """Show the lines of a preflight; none hides the card."""
        self._clear()
        fine = [note.what for note in notes if note.level == "fine"]
        if fine:
            self._row("fine", " · ".join(fine), "")
        for note in sorted(notes, key=lambda each: each.level != "stop"):
            if note.level != "fine":
                self._row(note.level, note.what, note.advice, note.mend)
        self.setVisible(bool(notes))

    def texts(self) -> list[str]:
        """Return the lines as they are shown."""
        items = (self._grid.itemAtPosition(row, 1) for row in range(self._grid.rowCount()))
        return [item.widget().text() for item in items if item is not None]

    def _row(self, level: str, what: str, advice: str, mend: str = "") -> None:
        row = self._grid.rowCount()
        icon = QLabel(self)
        icon.setPixmap(QgsApplication.getThemeIcon(LEVELS.get(level, LEVELS["warning"])).pixmap(ICON_PX, ICON_PX))
        icon.setAccessibleName(level)
        self._grid.addWidget(icon, row, 0, Qt.AlignmentFlag.AlignTop)
        text = QLabel(f"{what} — {advice}" if advice else what, self)
        text.setWordWrap(True)
        text.setTextFormat(Qt.TextFormat.PlainText)
        font = text.font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        text.setFont(font)
        name = mend_name(mend)
        self._grid.addWidget(text, row, 1, 1, 1 if name else 2)
        if name:
            self._grid.addWidget(self._button(mend, name), row, 2, Qt.AlignmentFlag.AlignTop)

    def _button(self, mend: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(name)
        button.clicked.connect(lambda *_: self.mended.emit(mend))
        self.buttons[mend] = button
        return button

    def _clear(self) -> None:
        self.buttons = {}
        while self._grid.count():
            widget = self._grid.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def mend_name(mend: str) -> str:
    """Return what a button says that mends something, "" where nothing can."""
    return {
        "swap_dates": tr("Swap"),
        "area_overlap": tr("Use the overlap"),
        "set_gsd": tr("Give it…"),
        "build_overviews": tr("Build them"),
    }.get(mend, "")
