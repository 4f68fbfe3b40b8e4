"""The list as a tree: a branch an action, a line an object, each with a box to leave it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QFont, QIcon
from qgis.PyQt.QtWidgets import QTreeView, QWidget

from ..logic.class_words import class_name, transition_name
from ..logic.language import decimal as short_decimal
from ..logic.reconcile_apply import is_edit
from ..logic.reconcile_listing import Finding, Reconciliation
from ..logic.reconcile_match import ACTIONS, CONFIRMED
from .chips import swatch
from .reconcile_words import action_help, action_name, conflict_name
from .review_table import area_text
from .words import decimal, percent, tr

COLOURS = {"created": "#2e9e4f", "removed": "#d7301f", "modified": "#e08214", "confirmed": "#6b7785"}
"""Shown as squares beside the texts, which are in the theme's own colour: legible in a dark one too."""
WIDTHS_EM = (7.5, 7.5, 8.5, 3, 4, 4, 4)
"""Against the height of the font; each heading is whole besides."""
INDENTATION_PX = 14
CONFLICT_ICON = "/mIconWarning.svg"


class FindingsModel(QAbstractItemModel):
    """A branch's internal id is 0, a line's the number of its branch plus one."""

    chosen_changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.listed: Reconciliation | None = None
        self._findings: tuple[Finding, ...] = ()
        self.conflicts: dict[int, str] = {}
        self._branches: list[list[int]] = [[] for _ in ACTIONS]
        self._left_out: set[int] = set()
        self._squares: dict[str, QIcon] = {action: swatch(colour) for action, colour in COLOURS.items()}
        self._titles = (
            tr("Object"), tr("Class"), tr("Match"), tr("Shared"), tr("Before"), tr("After"), tr("Confidence"),
            tr("Remark"),
        )  # fmt: skip

    # -- what is shown and chosen -------------------------------------------------------------

    def show(self, listed: Reconciliation | None) -> None:
        """Show a list, with everything chosen that changes the database."""
        self.beginResetModel()
        self.listed, self.conflicts, self._left_out = listed, {}, set()
        self._findings = listed.findings if listed is not None else ()
        self._branches = [[] for _ in ACTIONS]
        for line, finding in enumerate(self._findings):
            self._branches[ACTIONS.index(finding.action)].append(line)
        self.endResetModel()
        self.chosen_changed.emit()

    def show_conflicts(self, conflicts: Mapping[int, str]) -> None:
        """Mark lines that no longer hold, and leave them out."""
        self.conflicts = dict(conflicts)
        self._left_out |= set(conflicts)
        self._changed_all()

    def chosen(self, *, with_confirmed: bool = False) -> list[int]:
        """Return the lines that are ticked; those that change nothing only if asked for."""
        lines = [line for branch in self._branches for line in branch if line not in self._left_out]
        return [line for line in lines if with_confirmed or self._can_choose(line)]

    def finding(self, index: QModelIndex) -> Finding | None:
        """Return the line of an index, None for a branch."""
        line = self._line(index)
        return None if line is None else self._findings[line]

    def index_of(self, line: int) -> QModelIndex:
        """Return where a line is shown."""
        branch = ACTIONS.index(self._findings[line].action)
        return self.index(self._branches[branch].index(line), 0, self.index(branch, 0))

    # -- Qt's questions -----------------------------------------------------------------------

    def index(self, row: int, column: int, parent: QModelIndex | None = None) -> QModelIndex:
        """Return the index of a branch or a line."""
        parent = parent or QModelIndex()
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: QModelIndex | None = None) -> Any:
        """Return a line's branch."""
        if index is None or not index.isValid() or not index.internalId():
            return QModelIndex()
        return self.createIndex(int(index.internalId()) - 1, 0, 0)

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of branches, or of a branch's lines."""
        if parent is None or not parent.isValid():
            return len(ACTIONS) if self.listed else 0
        return 0 if parent.internalId() or parent.column() else len(self._branches[parent.row()])

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns."""
        return len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Say which boxes can be ticked."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == 0 and self._check_state(index) is not None:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if role == Qt.ItemDataRole.CheckStateRole:
            return self._check_state(index) if index.column() == 0 else None
        line = self._line(index)
        if line is None:
            return self._branch_data(index, role)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self._cell(line, index.column())
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0 and line in self.conflicts:
            return QgsApplication.getThemeIcon(CONFLICT_ICON)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in (3, 4, 5, 6):
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick or untick a line, or all of a branch."""
        if role != Qt.ItemDataRole.CheckStateRole:
            return False
        line = self._line(index)
        lines = self._branches[index.row()] if line is None else [line]
        if Qt.CheckState(value) == Qt.CheckState.Checked:
            self._left_out -= {each for each in lines if each not in self.conflicts}
        else:
            self._left_out |= set(lines)
        self._changed_all()
        return True

    # -- pieces -------------------------------------------------------------------------------

    def _line(self, index: QModelIndex) -> int | None:
        branch = int(index.internalId())
        return self._branches[branch - 1][index.row()] if branch else None

    def _can_choose(self, line: int) -> bool:
        return line not in self.conflicts and is_edit(self._findings[line])

    def _check_state(self, index: QModelIndex) -> Any:
        line = self._line(index)
        if line is not None:
            if not self._can_choose(line):
                return None
            return Qt.CheckState.Unchecked if line in self._left_out else Qt.CheckState.Checked
        lines = [each for each in self._branches[index.row()] if self._can_choose(each)]
        left_out = sum(each in self._left_out for each in lines)
        if not lines:
            return None
        if left_out in (0, len(lines)):
            return Qt.CheckState.Unchecked if left_out else Qt.CheckState.Checked
        return Qt.CheckState.PartiallyChecked

    def _branch_data(self, index: QModelIndex, role: int) -> Any:
        action = ACTIONS[index.row()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return action_help(action)
        if index.column() == 0 and role == Qt.ItemDataRole.DisplayRole:
            return f"{action_name(action)}  {len(self._branches[index.row()])}"
        if role == Qt.ItemDataRole.FontRole:
            font = QFont()
            font.setBold(True)
            return font
        if index.column() == 0 and role == Qt.ItemDataRole.DecorationRole:
            return self._squares[action]
        return None

    def _cell(self, line: int, column: int) -> str:
        finding = self._findings[line]
        item = finding.item
        if column == 0:
            return tr("object {0}").format(item.object) if item.object is not None else tr("new")
        if column == 1:
            is_same = item.was_class in ("", item.class_name)
            return class_name(item.class_name) if is_same else transition_name(item.was_class, item.class_name)
        if column == 2:
            proposals = ", ".join(map(str, item.proposals[:4])) + ("…" if len(item.proposals) > 4 else "")
            return f"{item.match.kind}  (" + tr("proposal {0}").format(proposals) + ")"
        if column == 3:
            return percent(item.share) if item.object is not None else ""
        if column in (4, 5):
            return _square_metres(finding.before_m2 if column == 4 else finding.after_m2)
        if column == 6:
            return "" if finding.confidence is None else decimal(finding.confidence)
        return self._remark(line, finding)

    def _remark(self, line: int, finding: Finding) -> str:
        if line in self.conflicts:
            return conflict_name(self.conflicts[line])
        if finding.action == CONFIRMED:
            return tr("not in the database, as it should be") if finding.before is None else ""
        return tr("becomes {0} objects").format(len(finding.after)) if len(finding.after) > 1 else ""

    def _changed_all(self) -> None:
        for row in range(len(ACTIONS)):
            branch = self.index(row, 0)
            self.dataChanged.emit(branch, branch)
            lines = self.rowCount(branch)
            if lines:
                self.dataChanged.emit(self.index(0, 0, branch), self.index(lines - 1, len(self._titles) - 1, branch))
        self.chosen_changed.emit()


def findings_view(model: FindingsModel, parent: QWidget) -> QTreeView:
    """Return the tree that shows a list."""
    tree = QTreeView(parent)
    tree.setModel(model)
    tree.setUniformRowHeights(True)
    tree.setIndentation(INDENTATION_PX)
    tree.setAlternatingRowColors(True)
    em, header = tree.fontMetrics().height(), tree.header()
    for place, width_em in enumerate(WIDTHS_EM):
        tree.setColumnWidth(place, max(int(width_em * em), header.sectionSizeHint(place)))
    return tree


def _square_metres(area: float | None) -> str:
    if area is None:
        return ""
    return area_text(area) if area >= 10 else tr("{0} m²").format(short_decimal(area, 1))
