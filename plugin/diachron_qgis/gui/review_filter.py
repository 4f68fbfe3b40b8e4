"""Order and filter of a review."""

from __future__ import annotations

from collections.abc import Iterable

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QHBoxLayout, QLabel, QToolButton, QWidget

from ..logic.class_words import class_name
from ..logic.proposals import ORDERS, STATUSES, Wanted
from .words import order_name, status_name, tr

TYPING_MS = 250
LARGEST_M2 = 1e9


class ReviewFilter(QWidget):
    """``ordered`` carries an order, ``wanted`` which proposals to show."""

    ordered = pyqtSignal(str)
    wanted = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.order = QComboBox(self)
        for order in ORDERS:
            self.order.addItem(order_name(order), order)
        self.order.setToolTip(tr("Order of the list"))
        self.order.currentIndexChanged.connect(lambda _: self.ordered.emit(self.order.currentData()))
        self.toggle = QToolButton(self)
        self.toggle.setIcon(QgsApplication.getThemeIcon("/mActionFilter2.svg"))
        self.toggle.setText(tr("Filter"))
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setCheckable(True)
        self.toggle.setToolTip(tr("Show only some proposals: by class, size or status"))
        self.fields = QWidget(self)
        self.toggle.toggled.connect(self._show_fields)
        self.source, self.target, self.status = (QComboBox(self.fields) for _ in range(3))
        self.smallest, self.largest = self._size(tr("from 0")), self._size(tr("any"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPING_MS)
        self._timer.timeout.connect(self._tell)
        self._lay_out()
        self._fill_status()
        self.set_pairs(())
        for combo in (self.source, self.target, self.status):
            combo.currentIndexChanged.connect(self._tell)

    def set_pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Offer the classes that occur; what was chosen stays where it still occurs."""
        pairs = list(pairs)
        for combo, place in ((self.source, 0), (self.target, 1)):
            chosen = combo.currentData()
            combo.blockSignals(True)
            combo.clear()
            combo.addItem(tr("any class"), "")
            for name in sorted({pair[place] for pair in pairs}):
                combo.addItem(class_name(name), name)
            combo.setCurrentIndex(max(0, combo.findData(chosen)))
            combo.blockSignals(False)

    def value(self) -> Wanted:
        """Return which proposals are wanted."""
        status = self.status.currentData()
        return Wanted(
            self.source.currentData() or "",
            self.target.currentData() or "",
            frozenset({status} if status else ()),
            self.smallest.value() or None,
            self.largest.value() if 0 < self.largest.value() < LARGEST_M2 else None,
        )

    def clear(self) -> None:
        """Show every proposal."""
        fields = (self.source, self.target, self.status, self.smallest, self.largest)
        for field in fields:
            field.blockSignals(True)
        for combo in fields[:3]:
            combo.setCurrentIndex(0)
        for size in fields[3:]:
            size.setValue(0)
        for field in fields:
            field.blockSignals(False)
        self._tell()

    def _tell(self, *_: object) -> None:
        wanted = self.value()
        self.toggle.setText(tr("Filter") if wanted == Wanted() else tr("Filtered"))
        self.wanted.emit(wanted)

    def _show_fields(self, shown: bool) -> None:
        self.fields.setVisible(shown)
        if not shown:
            self.clear()

    def _size(self, empty: str) -> QDoubleSpinBox:
        field = QDoubleSpinBox(self.fields)
        field.setRange(0, LARGEST_M2)
        field.setDecimals(0)
        field.setSingleStep(10)
        field.setSuffix(tr(" m²"))
        field.setSpecialValueText(empty)
        field.setKeyboardTracking(True)
        field.valueChanged.connect(lambda _: self._timer.start())
        return field

    def _fill_status(self) -> None:
        self.status.addItem(tr("any status"), "")
        for status in STATUSES:
            self.status.addItem(status_name(status), status)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(3)
        grid.addWidget(self.order, 0, 0)
        grid.addWidget(self.toggle, 0, 1)
        grid.setColumnStretch(0, 1)
        inner = QGridLayout(self.fields)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setVerticalSpacing(3)
        for row, (name, left, right) in enumerate(
            (
                (tr("Change"), self.source, self.target),
                (tr("Size"), self.smallest, self.largest),
                (tr("Status"), self.status, None),
            )
        ):
            inner.addWidget(QLabel(name, self.fields), row, 0)
            pair = QHBoxLayout()
            pair.addWidget(left, 1)
            if right is not None:
                pair.addWidget(QLabel("›" if row == 0 else "–", self.fields))
                pair.addWidget(right, 1)
            inner.addLayout(pair, row, 1)
        inner.setColumnStretch(1, 1)
        grid.addWidget(self.fields, 1, 0, 1, 2)
        self.fields.setVisible(False)
