"""What a question's card offers to hand over: report, exports and recipe."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from ..logic.exports import FORMATS
from .words import tr


class ResultButtons(QWidget):
    """``report_wanted`` asks for the PDF, ``export_wanted`` carries a key of `FORMATS`."""

    report_wanted = pyqtSignal()
    export_wanted = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.report = self._button(tr("Report"), "/mActionSaveAsPDF.svg", tr("Make a PDF to hand over"))
        self.report.clicked.connect(lambda *_: self.report_wanted.emit())
        self.recipe = self._button(
            tr("Save recipe"), "/mActionFileSave.svg", tr("Save what makes this answer again, to the same polygons")
        )
        self.recipe.clicked.connect(lambda *_: self.export_wanted.emit("recipe"))
        # A tool button: themes leave no room for a menu's mark on a push button.
        self.export = QToolButton(self)
        self.export.setText(tr("Export"))
        self.export.setIcon(QgsApplication.getThemeIcon("/mActionFileSaveAs.svg"))
        self.export.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.export.setToolTip(tr("Write changes, rasters or tables for other programs"))
        self.export.setSizePolicy(self.recipe.sizePolicy())
        menu = QMenu(self.export)
        menu.setToolTipsVisible(True)
        for key, format in FORMATS.items():
            if key != "recipe":
                action = menu.addAction(format.title, lambda key=key: self.export_wanted.emit(key))
                action.setToolTip(format.limits)
        self.export.setMenu(menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.report, self.recipe, self.export):
            row.addWidget(button)
        row.addStretch(1)

    def set_busy(self, busy: bool) -> None:
        """Let nothing be asked for while a report or an export is being written."""
        self.setEnabled(not busy)

    def set_free(self, *_: object) -> None:
        """Let everything be asked for again."""
        self.set_busy(False)

    def _button(self, text: str, icon: str, tip: str) -> QPushButton:
        button = QPushButton(QgsApplication.getThemeIcon(icon), text, self)
        button.setToolTip(tip)
        return button
