"""The form of a pair: before, after, their dates, and the area to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qgis.core import QgsGeometry, QgsMapLayerProxyModel, QgsRasterLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from .area_tool import RectangleTool
from .words import tr

SWAP = Path(__file__).resolve().parent.parent / "resources" / "swap.svg"
AREA_MODES = ("canvas", "overlap", "selection", "drawn")


class PairForm(QWidget):
    """Layers, dates and area. ``changed`` is emitted when any of them is."""

    changed = pyqtSignal()

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.iface = iface
        self.before, self.after = self._picker(tr("The earlier raster")), self._picker(tr("The later raster"))
        self.before_date, self.after_date = self._date(), self._date()
        self.swap = QToolButton(self)
        self.swap.setIcon(QIcon(str(SWAP)))
        self.swap.setToolTip(tr("Swap before and after"))
        self.swap.clicked.connect(self.swap_dates)
        self.drawn: QgsGeometry | None = None
        self.areas = QButtonGroup(self)
        self.tool = RectangleTool(iface.mapCanvas())
        self.tool.drawn.connect(self._keep_drawn)
        self._lay_out()

    def layers(self) -> tuple[QgsRasterLayer | None, QgsRasterLayer | None]:
        """Return the layers picked as before and after."""
        return self.before.currentLayer(), self.after.currentLayer()

    def dates(self) -> tuple[str, str]:
        """Return both dates as typed."""
        return self.before_date.text().strip(), self.after_date.text().strip()

    def area_mode(self) -> str:
        """Return which area is chosen: one of `AREA_MODES`."""
        return AREA_MODES[self.areas.checkedId()]

    def set_area_mode(self, mode: str) -> None:
        """Choose an area."""
        self.areas.button(AREA_MODES.index(mode)).setChecked(True)

    def show_pair(self, before: QgsRasterLayer, after: QgsRasterLayer, dates: tuple[str, str]) -> None:
        """Pick two layers and their dates."""
        self.before.setLayer(before)
        self.after.setLayer(after)
        self.before_date.setText(dates[0])
        self.after_date.setText(dates[1])
        self.changed.emit()

    def swap_dates(self) -> None:
        """Exchange both layers and their dates."""
        before, after = self.layers()
        first, second = self.dates()
        self.show_pair(after, before, (second, first))

    def close_down(self) -> None:
        """Give the canvas its own tool back."""
        self.tool.clear()
        self.iface.mapCanvas().unsetMapTool(self.tool)

    def _picker(self, tip: str) -> QgsMapLayerComboBox:
        picker = QgsMapLayerComboBox(self)
        picker.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        picker.setToolTip(tip)
        picker.setMinimumContentsLength(8)
        picker.layerChanged.connect(lambda layer: self.changed.emit())
        return picker

    def _date(self) -> QLineEdit:
        field = QLineEdit(self)
        field.setPlaceholderText(tr("date"))
        field.setMaximumWidth(86)
        field.setToolTip(tr("Date of this raster, such as 2018 or 2018-06-30; it is written with the results"))
        return field

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(3)
        for row, (name, picker, date) in enumerate(
            ((tr("Before"), self.before, self.before_date), (tr("After"), self.after, self.after_date))
        ):
            grid.addWidget(QLabel(name, self), row, 0)
            grid.addWidget(picker, row, 1)
            grid.addWidget(date, row, 2)
        grid.addWidget(self.swap, 0, 3, 2, 1)
        grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(grid)
        column.addLayout(self._area_row())

    def _area_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(QLabel(tr("Area"), self))
        texts = (
            (tr("canvas"), tr("What the map shows now")),
            (tr("overlap"), tr("All the ground that both rasters show")),
            (tr("selection"), tr("The selected polygons of the current layer")),
            (tr("draw"), tr("A rectangle drawn on the map")),
        )
        for number, (text, tip) in enumerate(texts):
            button = QRadioButton(text, self)
            button.setToolTip(tip)
            self.areas.addButton(button, number)
            row.addWidget(button)
        self.areas.button(1).setChecked(True)
        self.areas.button(3).clicked.connect(lambda: self.iface.mapCanvas().setMapTool(self.tool))
        for number in range(3):
            self.areas.button(number).clicked.connect(self._leave_tool)
        row.addStretch(1)
        return row

    def _leave_tool(self) -> None:
        self.tool.clear()
        self.iface.mapCanvas().unsetMapTool(self.tool)
        self.changed.emit()

    def _keep_drawn(self, geometry: QgsGeometry) -> None:
        self.drawn = geometry
        self.changed.emit()
