"""The help pages, in a window of their own: Markdown of the plugin's folder ``help``, nothing from the network."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, Qt, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QImage, QKeySequence, QTextDocument
from qgis.PyQt.QtWidgets import QDialog, QHBoxLayout, QPushButton, QShortcut, QTextBrowser, QVBoxLayout, QWidget

from ..about import PACKAGE
from .words import tr

START = "index.md"


def help_folder() -> Path:
    """Return the folder of the pages, in QGIS's language where they are translated.

    They are in the package when installed, in the documents of a checkout.
    """
    installed = PACKAGE / "help"
    folder = installed if installed.is_dir() else PACKAGE.parents[1] / "docs" / "help"
    translated = folder / QgsApplication.locale()[:2]
    return translated if translated.is_dir() else folder


class Pages(QTextBrowser):
    """Shows pages of one folder; pictures are as wide as the window at the most."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folder, self.page = folder, ""
        self.setOpenLinks(False)
        self.document().setBaseUrl(QUrl.fromLocalFile(f"{folder}/"))
        self.anchorClicked.connect(self.follow)
        self.setAccessibleName(tr("Help"))

    def show_page(self, name: str) -> None:
        """Show a page by its file's name."""
        self.page = name
        text = (self.folder / name).read_text(encoding="utf-8")
        self.document().setMarkdown(text, QTextDocument.MarkdownFeature.MarkdownDialectGitHub)
        self.moveCursor(self.textCursor().MoveOperation.Start)

    def follow(self, url: QUrl) -> None:
        """Show the page that a link names; what is no page of ours is the system's to open."""
        if url.isRelative() and (self.folder / url.path()).is_file():
            self.show_page(url.path())
        elif url.scheme() == "https":
            QDesktopServices.openUrl(url)

    def loadResource(self, kind: int, url: QUrl) -> object:
        """Return a picture no wider than the window; everything else is a browser's."""
        if kind != QTextDocument.ResourceType.ImageResource:
            return super().loadResource(kind, url)
        image = QImage(str(self.folder / url.path()) if url.isRelative() else url.toLocalFile())
        # A document takes no notice of how many pixels of the screen a picture's pixel has: its width is what counts.
        widest = max(200, self.viewport().width() - 30)
        if image.width() <= widest:
            return image
        return image.scaledToWidth(widest, Qt.TransformationMode.SmoothTransformation)


class HelpWindow(QDialog):
    """The pages, with a way back to the list of them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Diachron: help"))
        self.resize(QSize(760, 720))
        self.pages = Pages(help_folder(), self)
        self.contents = QPushButton(tr("&Contents"), self)
        self.contents.setToolTip(tr("The list of pages (Alt+Home)"))
        self.contents.clicked.connect(lambda *_: self.pages.show_page(START))
        close = QPushButton(tr("C&lose"), self)
        close.setToolTip(tr("Close this window (Esc)"))
        close.clicked.connect(self.close)
        QShortcut(QKeySequence("Alt+Home"), self).activated.connect(lambda: self.pages.show_page(START))
        row = QHBoxLayout()
        row.addWidget(self.contents)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.addWidget(self.pages, 1)
        column.addLayout(row)

    def open_page(self, name: str = START) -> None:
        """Show the window with a page."""
        self.show()
        self.raise_()
        self.pages.show_page(name)
        self.pages.setFocus()
