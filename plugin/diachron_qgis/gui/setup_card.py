"""What the dock shows where no engine is found: choose one, or set one up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..link.installer import Installer
from ..logic.settings import read_settings, write_settings
from .words import tr


class SetupCard(QFrame):
    """``ready`` is emitted when an engine has been chosen or set up."""

    ready = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._installer: Installer | None = None
        self.text = QLabel(
            tr("Diachron needs its engine: a program of its own, so that QGIS's Python stays as it is."), self
        )
        self.text.setWordWrap(True)
        self.choose = QPushButton(tr("Choose an engine…"), self)
        self.choose.setToolTip(tr("The program “diachron” of an environment that has it"))
        self.set_up = QPushButton(tr("Set one up…"), self)
        self.set_up.setToolTip(tr("Make a private environment in this profile from the engine's wheel"))
        self.stop = QPushButton(tr("Stop"), self)
        self.stop.setToolTip(tr("Stop setting up, and take away what is installed so far"))
        self.stop.setVisible(False)
        self.bar = QProgressBar(self)
        self.bar.setVisible(False)
        self.log = QPlainTextEdit(self)
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(500)
        self.log.setMaximumHeight(110)
        self.log.setVisible(False)
        row = QHBoxLayout()
        row.addWidget(self.choose)
        row.addWidget(self.set_up)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addLayout(row)
        working = QHBoxLayout()
        working.addWidget(self.bar, 1)
        working.addWidget(self.stop)
        column.addLayout(working)
        column.addWidget(self.log)
        self.choose.clicked.connect(self._choose)
        self.set_up.clicked.connect(self._pick_wheel)
        self.stop.clicked.connect(self._stop)

    def install(self, wheel: Path) -> None:
        """Set an engine up from a wheel, with progress and log."""
        self._installer = Installer(wheel, self)
        self._installer.progress.connect(self._show)
        self._installer.line.connect(self.log.appendPlainText)
        self._installer.finished.connect(self._finish)
        self.log.clear()
        for widget in (self.bar, self.log):
            widget.setVisible(True)
        self._show_running(True)
        self._installer.start()

    def close_down(self) -> None:
        """Stop what is being set up."""
        if self.stop.isVisibleTo(self):
            self._stop()

    def _stop(self) -> None:
        if self._installer is not None:
            self._installer.cancel()

    def _show_running(self, running: bool) -> None:
        for button in (self.choose, self.set_up):
            button.setVisible(not running)
        self.stop.setVisible(running)

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("The engine's program"), "", "diachron (diachron diachron.exe)")
        if path:
            write_settings(replace(read_settings(), engine=path))
            self.ready.emit()

    def _pick_wheel(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, tr("The engine's wheel"), "", tr("Wheels (*.whl)"))
        if path:
            self.install(Path(path))

    def _show(self, what: str, share: int) -> None:
        self.text.setText(what)
        self.bar.setValue(share)

    def _finish(self, succeeded: bool, sentence: str) -> None:
        self.text.setText(sentence)
        self.bar.setVisible(False)
        self._show_running(False)
        if succeeded:
            self.ready.emit()
