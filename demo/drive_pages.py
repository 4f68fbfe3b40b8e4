"""Opens the examples, the help and Diachron's page of QGIS's options inside QGIS, and takes pictures of them."""

from __future__ import annotations

from collections.abc import Callable

from qgis.PyQt.QtCore import QPoint, QTimer
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface

OPTIONS_PAGE = "mOptionsPageDiachron"


class PagesDrive:
    """Works the dock of a drive; ``done`` is called when all have been seen. What opening QGIS's own options takes is
    not counted."""

    def __init__(self, drive, guarded: Callable, done: Callable[[], None]) -> None:
        self.drive, self.guarded, self.done = drive, guarded, done
        self.box = drive.dock.box
        self.longest = (drive.watch.longest_ms, drive.watch.longest_work_ms)

    def begin(self) -> None:
        """Open the examples with the second set."""
        menu = self.box.sets
        corner = self.box.examples.mapToGlobal(QPoint(0, 0))
        menu.popup(corner - QPoint(120, 160))
        part = menu.actions()[1]
        menu.setActiveAction(part)
        part.menu().popup(menu.mapToGlobal(menu.actionGeometry(part).topRight()))
        QTimer.singleShot(800, lambda: self.guarded(self.see_examples))

    def see_examples(self) -> None:
        """Take the screen's picture, then press the help button."""
        QApplication.primaryScreen().grabWindow(0).save(str(self.drive.shots / "examples.png"))
        self.box.sets.actions()[1].menu().close()
        self.box.sets.close()
        self.box.help.click()
        self.drive.dock._help.pages.show_page("ask.md")
        QTimer.singleShot(1000, lambda: self.guarded(self.see_help))

    def see_help(self) -> None:
        """Take the help's picture, then open the options, which hold on to the event loop until they are closed."""
        self.drive.dock._help.grab().save(str(self.drive.shots / "help.png"))
        self.drive.dock._help.close()
        QTimer.singleShot(3000, lambda: self.guarded(self.see_options))
        iface.showOptionsDialog(iface.mainWindow(), OPTIONS_PAGE)
        self.drive.watch.restart()
        self.drive.watch.longest_ms, self.drive.watch.longest_work_ms = self.longest
        QTimer.singleShot(200, lambda: self.guarded(self.done))

    def see_options(self) -> None:
        """Take the options' picture, and close them."""
        dialog = QApplication.activeModalWidget()
        dialog.grab().save(str(self.drive.shots / "options.png"))
        dialog.reject()
