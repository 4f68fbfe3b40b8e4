"""The form of a pair: before, after, their dates, and the area to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class BetweenRow:
    """The widgets of one further date: label, layer, date, and the button that takes it away."""

    label: QLabel
    picker: QgsMapLayerComboBox
    date: QLineEdit
    remove: QToolButton

    def widgets(self) -> tuple[QWidget, ...]:
        """Return them from left to right."""
        return self.label, self.picker, self.date, self.remove


class PairForm(QWidget):
    """Layers, dates and area; between before and after there may be further dates. ``changed`` is emitted when any of
    them is."""

    changed = pyqtSignal()

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.iface = iface
        self.before, self.after = self._picker(tr("The earlier raster")), self._picker(tr("The later raster"))
        self.before_date, self.after_date = self._date(), self._date()
        self.swap = QToolButton(self)
        self.swap.setIcon(QIcon(str(SWAP)))
        self.swap.setToolTip(tr("Swap before and after"))
        self.swap.setAccessibleName(tr("Swap before and after"))
        self.swap.clicked.connect(self.swap_dates)
        self.between: list[BetweenRow] = []
        self.add_date = QToolButton(self)
        self.add_date.setText(tr("+ date"))
        self.add_date.setToolTip(tr("Add a raster of a date between before and after"))
        self.add_date.clicked.connect(lambda _: self.add_between())
        self.drawn: QgsGeometry | None = None
        self.areas = QButtonGroup(self)
        self.tool = RectangleTool(iface.mapCanvas())
        self.tool.drawn.connect(self._keep_drawn)
        self._lay_out()

    def layers(self) -> tuple[QgsRasterLayer | None, QgsRasterLayer | None]:
        """Return the layers picked as before and after."""
        return self.before.currentLayer(), self.after.currentLayer()

    def dates(self) -> tuple[str, ...]:
        """Return the date of each raster as typed, in their order."""
        fields = (self.before_date, *(row.date for row in self.between), self.after_date)
        return tuple(field.text().strip() for field in fields)

    def ends(self) -> tuple[str, str]:
        """Return the first and the last date."""
        return self.dates()[0], self.dates()[-1]

    def rasters(self) -> tuple[QgsRasterLayer | None, ...]:
        """Return every layer that is picked, the earliest first."""
        before, after = self.layers()
        return (before, *(row.picker.currentLayer() for row in self.between), after)

    def problem(self) -> str:
        """Return why what is picked cannot be compared, and what to do; "" where it can."""
        rasters = self.rasters()
        if None in rasters:
            return tr("Pick a raster as before and another as after.")
        if rasters[0] is rasters[-1]:
            return tr("Before and after are the same raster; pick another one.")
        if len({layer.id() for layer in rasters if layer is not None}) < len(rasters):
            return tr("Two dates have the same raster; pick another one, or take a date away.")
        return ""

    def add_between(self, layer: QgsRasterLayer | None = None, date: str = "") -> None:
        """Add a date before the last one."""
        row = BetweenRow(
            QLabel(tr("Between"), self), self._picker(tr("A raster between both")), self._date(), QToolButton(self)
        )
        row.remove.setText("−")
        row.remove.setToolTip(tr("Take this date away"))
        row.remove.setAccessibleName(tr("Take this date away"))
        row.remove.clicked.connect(lambda: self.remove_between(row))
        if layer is not None:
            row.picker.setLayer(layer)
        row.date.setText(date)
        self.between.append(row)
        self._place_rows()
        self.changed.emit()

    def remove_between(self, row: BetweenRow) -> None:
        """Take a date between away."""
        self.between.remove(row)
        for widget in row.widgets():
            self.grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._place_rows()
        self.changed.emit()

    def area_mode(self) -> str:
        """Return which area is chosen: one of `AREA_MODES`."""
        return AREA_MODES[self.areas.checkedId()]

    def set_area_mode(self, mode: str) -> None:
        """Choose an area."""
        self.areas.button(AREA_MODES.index(mode)).setChecked(True)

    def show_rasters(self, layers: Sequence[QgsRasterLayer | None], dates: Sequence[str]) -> None:
        """Pick two layers or more, the earliest first, and their dates."""
        for row in tuple(self.between):
            self.remove_between(row)
        for layer, date in zip(layers[1:-1], dates[1:-1]):
            self.add_between(layer, date)
        self.before.setLayer(layers[0])
        self.after.setLayer(layers[-1])
        self.before_date.setText(dates[0])
        self.after_date.setText(dates[-1])
        self.changed.emit()

    def swap_dates(self) -> None:
        """Turn the order of layers and dates round."""
        self.show_rasters(self.rasters()[::-1], self.dates()[::-1])

    def close_down(self) -> None:
        """Give the canvas its own tool back."""
        self.tool.clear()
        self.iface.mapCanvas().unsetMapTool(self.tool)

    def _picker(self, tip: str) -> QgsMapLayerComboBox:
        picker = QgsMapLayerComboBox(self)
        picker.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
        picker.setToolTip(tip)
        picker.setAccessibleName(tip)
        picker.setMinimumContentsLength(8)
        picker.layerChanged.connect(lambda layer: self.changed.emit())
        return picker

    def _date(self) -> QLineEdit:
        field = QLineEdit(self)
        field.setPlaceholderText(tr("date"))
        field.setAccessibleName(tr("Date of this raster"))
        field.setMaximumWidth(86)
        field.setToolTip(tr("Date of this raster, such as 2018 or 2018-06-30; it is written with the results"))
        return field

    def _lay_out(self) -> None:
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(4)
        self.grid.setVerticalSpacing(3)
        self.grid.setColumnStretch(1, 1)
        self._first = (QLabel(tr("Before"), self), self.before, self.before_date, self.swap)
        self._last = (QLabel(tr("After"), self), self.after, self.after_date, self.add_date)
        self._place_rows()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self.grid)
        column.addLayout(self._area_row())

    def _place_rows(self) -> None:
        """Lay the dates out in their order; a widget that has a place already is moved, and tabs follow the order."""
        rows = (self._first, *(row.widgets() for row in self.between), self._last)
        for at, widgets in enumerate(rows):
            for column, widget in enumerate(widgets):
                self.grid.addWidget(widget, at, column)
        fields = [widget for widgets in rows for widget in widgets[1:]]
        for one, other in zip(fields, fields[1:]):
            self.setTabOrder(one, other)

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
