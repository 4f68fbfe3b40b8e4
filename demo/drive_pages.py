"""Opens the help and Diachron's page of QGIS's options inside QGIS, and takes pictures of both."""

from __future__ import annotations

from collections.abc import Callable

from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface

OPTIONS_PAGE = "mOptionsPageDiachron"


class PagesDrive:
    """Works the dock of a drive; ``done`` is called when both have been seen."""

    def __init__(self, drive, guarded: Callable, done: Callable[[], None]) -> None:
        self.drive, self.guarded, self.done = drive, guarded, done

    def begin(self) -> None:
        """Press the help button and follow the first link."""
        self.drive.dock.box.help.click()
        self.drive.dock._help.pages.show_page("ask.md")
        QTimer.singleShot(1000, lambda: self.guarded(self.see_help))

    def see_help(self) -> None:
        """Take the help's picture, then open the options, which hold on to the event loop until they are closed."""
        self.drive.dock._help.grab().save(str(self.drive.shots / "help.png"))
        self.drive.dock._help.close()
        QTimer.singleShot(3000, lambda: self.guarded(self.see_options))
        iface.showOptionsDialog(iface.mainWindow(), OPTIONS_PAGE)
        QTimer.singleShot(200, lambda: self.guarded(self.done))

    def see_options(self) -> None:
        """Take the options' picture, and close them."""
        dialog = QApplication.activeModalWidget()
        dialog.grab().save(str(self.drive.shots / "options.png"))
        dialog.reject()
