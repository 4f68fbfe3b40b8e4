"""The plugin: actions, one dock and the algorithms, all undone on unload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

from .gui.chip_widget import register_chips
from .gui.dock import DiachronDock
from .gui.options_page import OptionsFactory
from .gui.recipe_again import make_again
from .gui.reconcile_panel import close_reconcile, open_reconcile
from .link.engine import Engine
from .logic.language import install_translator, remove_translator
from .processing.provider import DiachronProvider

ICON = Path(__file__).parent / "resources" / "diachron.svg"


class DiachronPlugin:
    """What QGIS loads and unloads."""

    def __init__(self, iface: Any) -> None:
        self.iface = iface
        # Before any widget is made: a text is translated when it is set.
        self.translator = install_translator()
        self.engine: Engine | None = None
        self.dock: DiachronDock | None = None
        self.action: QAction | None = None
        self.review_action: QAction | None = None
        self.reconcile_action: QAction | None = None
        self.recipe_action: QAction | None = None
        self.provider: DiachronProvider | None = None
        self.options: OptionsFactory | None = None

    def initProcessing(self) -> None:
        """Add the algorithms; ``qgis_process`` calls this alone."""
        self.provider = DiachronProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        """Add the algorithms, the dock and the action that shows it."""
        self.initProcessing()
        window = self.iface.mainWindow()
        register_chips()
        self.engine = Engine(window)
        self.dock = DiachronDock(self.iface, self.engine, window)
        self.iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
        self.options = OptionsFactory(self.dock.settings_changed)
        self.iface.registerOptionsWidgetFactory(self.options)
        self.action = self.dock.toggleViewAction()
        self.action.setIcon(QIcon(str(ICON)))
        self.action.setText("Diachron")
        self.action.setToolTip(QCoreApplication.translate("Diachron", "Ask what has changed between two rasters"))
        self.iface.addRasterToolBarIcon(self.action)
        self.iface.addPluginToRasterMenu("Diachron", self.action)
        self.review_action = QAction(QCoreApplication.translate("Diachron", "Review changes"), window)
        self.review_action.triggered.connect(self.dock.review_layer)
        self.iface.addPluginToRasterMenu("Diachron", self.review_action)
        self.reconcile_action = QAction(QCoreApplication.translate("Diachron", "Reconcile with a database"), window)
        self.reconcile_action.triggered.connect(lambda: open_reconcile(self.iface))
        self.iface.addPluginToRasterMenu("Diachron", self.reconcile_action)
        self.recipe_action = QAction(QCoreApplication.translate("Diachron", "Make a recipe again…"), window)
        self.recipe_action.triggered.connect(lambda *_, dock=self.dock: make_again(dock))
        self.iface.addPluginToRasterMenu("Diachron", self.recipe_action)

    def unload(self) -> None:
        """Take away everything that `initGui` added, and end the engine."""
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        if self.action is not None:
            self.iface.removeRasterToolBarIcon(self.action)
            self.iface.removePluginRasterMenu("Diachron", self.action)
        if self.review_action is not None:
            self.iface.removePluginRasterMenu("Diachron", self.review_action)
        if self.reconcile_action is not None:
            self.iface.removePluginRasterMenu("Diachron", self.reconcile_action)
        if self.recipe_action is not None:
            self.iface.removePluginRasterMenu("Diachron", self.recipe_action)
        if self.options is not None:
            self.iface.unregisterOptionsWidgetFactory(self.options)
            self.options = None
        close_reconcile()
        if self.dock is not None:
            self.dock.close_down()
            self.iface.removeDockWidget(self.dock)
            self.dock.deleteLater()
        if self.engine is not None:
            self.engine.shutdown()
            self.engine.deleteLater()
        self.action = self.review_action = self.reconcile_action = self.recipe_action = None
        self.dock = self.engine = None
        remove_translator(self.translator)
        self.translator = None
