"""The form of a reconciliation: classes and attributes of the database, and the rule of matching."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from qgis.core import QgsVectorLayer
from qgis.gui import QgsCollapsibleGroupBox, QgsFieldComboBox, QgsFieldExpressionWidget
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..logic.class_words import class_name
from ..logic.reconcile_mapping import WRITING, ClassMapping, Fill
from ..logic.reconcile_match import Rule
from .reconcile_words import action_name
from .words import tr

ROWS_SHOWN = 3
ATTRIBUTE_PX = 90


class MappingForm(QWidget):
    """Edits a `ClassMapping` for one pair of layers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._changes: QgsVectorLayer | None = None
        self._database: QgsVectorLayer | None = None
        self._class_names: list[str] = []
        self.class_field = QgsFieldComboBox(self)
        self.class_field.setAllowEmptyFieldName(True)
        self.class_field.setToolTip(tr("Leave it empty where every object of the layer is of one class"))
        self.classes = _table((tr("Class of the proposals"), tr("Value in the database")), self)
        self.fills = _table((tr("Attribute"), tr("Value (expression)"), *_action_titles()), self)
        self.keeps_removed = QCheckBox(tr("Keep removed objects, and only write to them"), self)
        self.keeps_removed.setToolTip(
            tr("Instead of being deleted, they get the attributes that are ticked at “Removed”")
        )
        self.shares = {name: _percent(self) for name in ("least_overlap", "same_iou", "covered", "gone")}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._classes_box())
        column.addWidget(self._fills_box())
        column.addWidget(self._rule_box())
        self.class_field.fieldChanged.connect(self._show_value_column)

    def set_layers(self, changes: QgsVectorLayer | None, database: QgsVectorLayer | None) -> None:
        """Take over another pair of layers, and what was kept with the database."""
        self._changes, self._database = changes, database
        self._class_names = _class_names(changes)
        self.class_field.setLayer(database)

    def mapping(self) -> ClassMapping:
        """Return what is filled in; lines without a class, or without an attribute, are left out."""
        field = self.class_field.currentField()
        rows = range(self.classes.rowCount())
        pairs = [(self._class_at(row), self._value_at(row).strip() if field else "") for row in rows]
        values = tuple((name, value) for name, value in pairs if name)
        fills = [self._fill_at(row) for row in range(self.fills.rowCount())]
        shares = {name: box.value() / 100 for name, box in self.shares.items()}
        return ClassMapping(
            field,
            values if field else values[:1],
            tuple(each for each in fills if each.field and each.expression),
            self.keeps_removed.isChecked(),
            Rule(**shares),
        )

    def show_mapping(self, mapping: ClassMapping) -> None:
        """Fill the form in; a mapping without classes offers the likeliest."""
        self.class_field.setField(mapping.class_field)
        self.classes.setRowCount(0)
        for name, value in mapping.values or ((_likeliest(self._class_names), ""),):
            self.add_class(name, value)
        self.fills.setRowCount(0)
        for fill in mapping.fills:
            self.add_fill(fill)
        self.keeps_removed.setChecked(mapping.keeps_removed)
        for name, box in self.shares.items():
            box.setValue(round(100 * getattr(mapping.rule, name)))
        self._show_value_column()

    def add_class(self, name: str = "", value: str = "") -> None:
        """Add a line to the table of classes."""
        row = self.classes.rowCount()
        self.classes.insertRow(row)
        box = QComboBox(self.classes)
        box.setEditable(True)
        for each in self._class_names:
            box.addItem(class_name(each), each)
        box.setCurrentText(class_name(name))
        self.classes.setCellWidget(row, 0, box)
        line = QLineEdit(value, self.classes)
        line.setPlaceholderText(tr("as it stands in the field"))
        self.classes.setCellWidget(row, 1, line)

    def add_fill(self, fill: Fill | None = None) -> None:
        """Add a line to the table of attributes."""
        fill = fill or Fill("", "")
        row = self.fills.rowCount()
        self.fills.insertRow(row)
        field = QgsFieldComboBox(self.fills)
        field.setAllowEmptyFieldName(True)
        field.setLayer(self._database)
        field.setField(fill.field)
        expression = QgsFieldExpressionWidget(self.fills)
        expression.setLayer(self._changes)
        expression.setExpression(fill.expression)
        self.fills.setCellWidget(row, 0, field)
        self.fills.setCellWidget(row, 1, expression)
        for column, action in enumerate(WRITING, 2):
            item = QTableWidgetItem()
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if action in fill.on else Qt.CheckState.Unchecked)
            self.fills.setItem(row, column, item)

    # -- pieces -------------------------------------------------------------------------------

    def _class_at(self, row: int) -> str:
        box = self.classes.cellWidget(row, 0)
        text = str(box.currentText()).strip()
        return str(box.itemData(box.findText(text)) or text)

    def _value_at(self, row: int) -> str:
        return str(self.classes.cellWidget(row, 1).text())

    def _fill_at(self, row: int) -> Fill:
        ticked = [
            action
            for column, action in enumerate(WRITING, 2)
            if self.fills.item(row, column).checkState() == Qt.CheckState.Checked
        ]
        field, expression = (self.fills.cellWidget(row, column) for column in (0, 1))
        return Fill(field.currentField(), expression.asExpression(), tuple(ticked))

    def _show_value_column(self, *_: object) -> None:
        """A layer of one class needs no values: one line is enough."""
        is_whole = not self.class_field.currentField()
        self.classes.setColumnHidden(1, is_whole)
        for row in range(1, self.classes.rowCount()):
            self.classes.setRowHidden(row, is_whole)
        self._add_class.setEnabled(not is_whole)

    def _classes_box(self) -> QWidget:
        box = QgsCollapsibleGroupBox(tr("Classes"), self)
        column = QVBoxLayout(box)
        row = QFormLayout()
        row.addRow(tr("Field that holds the class"), self.class_field)
        column.addLayout(row)
        column.addWidget(self.classes)
        self._add_class, buttons = _row_buttons(self.classes, self.add_class, tr("Add a class"), box)
        column.addLayout(buttons)
        return box

    def _fills_box(self) -> QWidget:
        box = QgsCollapsibleGroupBox(tr("Attributes to write"), self)
        column = QVBoxLayout(box)
        column.addWidget(self.fills)
        _, buttons = _row_buttons(self.fills, self.add_fill, tr("Add an attribute"), box)
        column.addLayout(buttons)
        column.addWidget(self.keeps_removed)
        header = self.fills.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(0, ATTRIBUTE_PX)
        for place in range(2, self.fills.columnCount()):
            header.setSectionResizeMode(place, QHeaderView.ResizeMode.ResizeToContents)
        return box

    def _rule_box(self) -> QWidget:
        box = QgsCollapsibleGroupBox(tr("Matching"), self)
        rows = QFormLayout(box)
        for name, (text, help_text) in _rule_words().items():
            self.shares[name].setToolTip(help_text)
            rows.addRow(text, self.shares[name])
        box.setCollapsed(True)
        return box


def _table(titles: Iterable[str], parent: QWidget) -> QTableWidget:
    titles = list(titles)
    table = QTableWidget(0, len(titles), parent)
    table.setHorizontalHeaderLabels(titles)
    table.verticalHeader().hide()
    table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
    for place in range(min(2, len(titles))):
        table.horizontalHeader().setSectionResizeMode(place, QHeaderView.ResizeMode.Stretch)
    line = table.verticalHeader().defaultSectionSize()
    table.setFixedHeight((ROWS_SHOWN + 1) * line)
    return table


def _row_buttons(
    table: QTableWidget, add: Callable[[], None], text: str, parent: QWidget
) -> tuple[QPushButton, QHBoxLayout]:
    row = QHBoxLayout()
    plus, minus = QPushButton(text, parent), QPushButton(tr("Take the line out"), parent)
    plus.clicked.connect(lambda _checked: add())
    minus.clicked.connect(lambda _checked: table.removeRow(max(table.currentRow(), 0)))
    for button in (plus, minus):
        button.setAutoDefault(False)
        row.addWidget(button)
    row.addStretch(1)
    return plus, row


def _percent(parent: QWidget) -> QSpinBox:
    box = QSpinBox(parent)
    box.setRange(1, 100)
    box.setSuffix(tr("{0}%").format(""))
    return box


def _action_titles() -> list[str]:
    return [action_name(action) for action in WRITING]


def _rule_words() -> dict[str, tuple[str, str]]:
    return {
        "least_overlap": (
            tr("They meet from"),
            tr("A proposal and an object belong together where they share at least this of the smaller of the two"),
        ),
        "same_iou": (
            tr("Same outline from"),
            tr("Confirmed: what they share, of the ground of both together (IoU)"),
        ),
        "covered": (
            tr("Already there from"),
            tr("Confirmed: the part of a proposal that lies on objects of its class"),
        ),
        "gone": (
            tr("Removed from"),
            tr("An object is removed where proposals cover at least this of it, else reduced"),
        ),
    }


def _class_names(changes: QgsVectorLayer | None) -> list[str]:
    if changes is None:
        return []
    fields = [changes.fields().indexOf(name) for name in ("from_class", "to_class")]
    return sorted({str(value) for place in fields if place >= 0 for value in changes.uniqueValues(place, 100) if value})


def _likeliest(names: list[str]) -> str:
    return "building" if "building" in names or not names else names[0]
