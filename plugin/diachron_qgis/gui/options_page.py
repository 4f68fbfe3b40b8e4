"""Diachron's page in QGIS's own options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from qgis.gui import QgsFileWidget, QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ..link.environment import find_engine
from ..logic.settings import (
    DEVICES,
    LANGUAGES,
    LARGEST_MARGIN_M,
    LARGEST_UNIT_M2,
    MOST_THREADS,
    Settings,
    read_settings,
    write_settings,
)
from .tab_order import order_tabs
from .words import tr

ICON = Path(__file__).resolve().parent.parent / "resources" / "diachron.svg"
OBJECT_NAME = "mOptionsPageDiachron"


class OptionsPage(QgsOptionsPageWidget):
    """Every setting; ``applied`` is called with the settings of before and of now."""

    def __init__(self, applied: Callable[[Settings, Settings], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(OBJECT_NAME)
        self._applied = applied
        tip = tr("The program “diachron” of an environment that has it; empty: the one of this profile")
        self.engine = self._file(tip, QgsFileWidget.StorageMode.GetFile)
        self.found = QLabel(self)
        self.found.setWordWrap(True)
        self.folder = self._file(tr("Where results of every project go; empty: beside each project"),
                                 QgsFileWidget.StorageMode.GetDirectory)  # fmt: skip
        self.language = self._choice(
            {"": tr("the question's own"), "en": tr("English"), "fr": tr("French")}, LANGUAGES,
            tr("The language in which answers and reports are written"),
        )  # fmt: skip
        self.least = QDoubleSpinBox(self)
        self.least.setRange(0, LARGEST_UNIT_M2)
        self.least.setDecimals(1)
        self.least.setSuffix(tr(" m²"))
        self.least.setSpecialValueText(tr("what suits the resolution"))
        self.least.setToolTip(tr("New answers leave smaller changes out; an answer's own slider alters it"))
        self.margin = QDoubleSpinBox(self)
        self.margin.setRange(0, LARGEST_MARGIN_M)
        self.margin.setDecimals(0)
        self.margin.setSuffix(tr(" m"))
        self.margin.setToolTip(tr("Ground shown around each proposal in the review"))
        self.device = self._choice(
            {"auto": tr("graphics card, if there is one"), "cpu": tr("processor"), "cuda": tr("graphics card (CUDA)")},
            DEVICES, tr("What the model runs on"),
        )  # fmt: skip
        self.threads = QSpinBox(self)
        self.threads.setRange(0, MOST_THREADS)
        self.threads.setSpecialValueText(tr("as many as are fastest"))
        self.threads.setToolTip(tr("Threads of the processor; fewer leave more of it to other programs"))
        self._lay_out()
        self.show_settings(read_settings())
        self.engine.fileChanged.connect(lambda _: self._show_found())

    def show_settings(self, settings: Settings) -> None:
        """Show settings."""
        self.engine.setFilePath(settings.engine)
        self.folder.setFilePath(settings.results_folder)
        self.language.setCurrentIndex(LANGUAGES.index(settings.language))
        self.least.setValue(settings.minimum_area_m2)
        self.margin.setValue(settings.review_margin_m)
        self.device.setCurrentIndex(DEVICES.index(settings.device))
        self.threads.setValue(settings.threads)
        self._show_found()

    def settings(self) -> Settings:
        """Return the settings as they are shown."""
        return Settings(
            engine=self.engine.filePath().strip(),
            results_folder=self.folder.filePath().strip(),
            language=str(self.language.currentData()),
            review_margin_m=self.margin.value(),
            minimum_area_m2=self.least.value(),
            device=str(self.device.currentData()),
            threads=self.threads.value(),
        )

    def apply(self) -> None:
        """Keep what is shown; QGIS calls this when its dialog is accepted."""
        before, now = read_settings(), self.settings()
        if now != before:
            write_settings(now)
            self._applied(before, now)

    def _show_found(self) -> None:
        """Say which engine is used with what is shown."""
        named = self.engine.filePath().strip()
        found = find_engine(named)
        if found is None:
            self.found.setText(tr("No engine was found; choose one here, or set one up in the dock."))
        elif named and found != Path(named):
            self.found.setText(tr("There is no such program; used instead: {0}").format(found))
        else:
            self.found.setText(tr("Found: {0}").format(found))

    def _file(self, tip: str, mode: QgsFileWidget.StorageMode) -> QgsFileWidget:
        field = QgsFileWidget(self)
        field.setStorageMode(mode)
        field.setToolTip(tip)
        return field

    def _choice(self, names: dict[str, str], values: tuple[str, ...], tip: str) -> QComboBox:
        box = QComboBox(self)
        for value in values:
            box.addItem(names[value], value)
        box.setToolTip(tip)
        return box

    def _lay_out(self) -> None:
        groups = (
            (tr("Engine"), ((tr("&Program"), self.engine), ("", self.found), (tr("Runs &on"), self.device),
                            (tr("&Threads"), self.threads))),
            (tr("Answers"), ((tr("Results &folder"), self.folder), (tr("&Language"), self.language),
                             (tr("Minimum mapping &unit"), self.least))),
            (tr("Review"), ((tr("&Margin"), self.margin),)),
        )  # fmt: skip
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for title, rows in groups:
            group = QGroupBox(title, self)
            form = QFormLayout(group)
            for name, widget in rows:
                form.addRow(name, widget)
                widget.setAccessibleName(name.replace("&", ""))
            column.addWidget(group)
        column.addStretch(1)
        order_tabs(self, [widget for _, rows in groups for _, widget in rows])


class OptionsFactory(QgsOptionsWidgetFactory):
    """Makes the page each time QGIS shows its options."""

    def __init__(self, applied: Callable[[Settings, Settings], object]) -> None:
        super().__init__("Diachron", QIcon(str(ICON)))
        self._applied = applied

    def createWidget(self, parent: QWidget | None = None) -> OptionsPage:
        """Return a new page."""
        return OptionsPage(self._applied, parent)


def engine_differs(before: Settings, now: Settings) -> bool:
    """Say whether the engine must be started anew for settings to hold."""
    alike = replace(before, engine=now.engine, device=now.device, threads=now.threads)
    return alike != before
