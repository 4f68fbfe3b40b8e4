"""How a question failed: what happened, where, and what to do."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, QUrl, pyqtSignal
from qgis.PyQt.QtGui import QDesktopServices
from qgis.PyQt.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from ..link.log import log_file
from ..link.protocol import EngineError
from .words import tr

OWN_FAULT = ("failed", "crashed", "absent")
"""Kinds of error of which the engine's log may say more."""


class ErrorNote(QWidget):
    """An error with its buttons; ``again`` asks for the question to be asked again."""

    again = pyqtSignal()

    def __init__(self, error: EngineError, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        sign = QLabel(self)
        sign.setPixmap(QgsApplication.getThemeIcon("/mTaskCancel.svg").pixmap(16, 16))
        grid.addWidget(sign, 0, 0, Qt.AlignmentFlag.AlignTop)
        for row, text in enumerate(part for part in (error.what, error.where, error.advice) if part):
            grid.addWidget(self._line(text[:1].upper() + text[1:] if text != error.where else text), row, 1)
        grid.addLayout(self._buttons(error), 3, 0, 1, 2)

    def _line(self, text: str) -> QLabel:
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _buttons(self, error: EngineError) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        if error.kind in OWN_FAULT and log_file().is_file():
            log = QPushButton(tr("Show the log"), self)
            log.setToolTip(str(log_file()))
            log.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_file()))))
            row.addWidget(log)
        again = QPushButton(tr("Ask again"), self)
        again.setToolTip(tr("Ask the same question of the same rasters"))
        again.clicked.connect(self.again)
        row.addWidget(again)
        return row
