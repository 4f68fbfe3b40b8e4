"""The list of a review: a table over the queue, which keeps no copy of it."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QAbstractTableModel, QModelIndex, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from ..logic import language
from ..logic.class_words import transition_name
from ..logic.proposals import ACCEPTED, EDITED, REJECTED, Proposal
from ..logic.review_queue import ReviewQueue
from .words import decimal, status_name, tr

ICONS = {ACCEPTED: "/mIconSuccess.svg", REJECTED: "/mIconCritical.svg", EDITED: "/mActionToggleEditing.svg"}
WIDTHS_EM = (3, 0, 7, 5)


class QueueModel(QAbstractTableModel):
    """A queue as rows of status, transition, area and confidence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.queue = ReviewQueue()
        self._shown = 0
        self._icons: dict[str, QIcon] = {}
        self._headings = ("", tr("Change"), tr("Size"), tr("Conf."))

    def show(self, queue: ReviewQueue) -> None:
        """Show a queue, or what has become of it; rows are asked for anew only where their number has changed."""
        if queue is self.queue and 0 < len(queue) == self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(self._shown - 1, len(self._headings) - 1))
            return
        self.beginResetModel()
        self.queue, self._shown = queue, len(queue)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return how many proposals are shown."""
        return 0 if parent is not None and parent.isValid() else self._shown

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self._headings)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid() or index.row() >= len(self.queue):
            return None
        proposal = self.queue.at(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(proposal, index.column())
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return self._icon(proposal.status)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(part for part in (status_name(proposal.status), proposal.caption, proposal.note) if part)
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return status_name(proposal.status)
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() > 1:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the heading of a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._headings[section]
        return None

    def _text(self, proposal: Proposal, column: int) -> str:
        if column == 1:
            return transition_name(proposal.from_class, proposal.to_class) + (" ✎" if proposal.note else "")
        if column == 2:
            return area_text(proposal.area_m2)
        if column == 3:
            return "" if proposal.confidence is None else decimal(proposal.confidence)
        return ""

    def _icon(self, status: str) -> QIcon | None:
        if status in ICONS and status not in self._icons:
            self._icons[status] = QgsApplication.getThemeIcon(ICONS[status])
        return self._icons.get(status)


class QueueTable(QTableView):
    """The rows of a queue; ``picked`` carries the number (fid) of the one that a person went to."""

    picked = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = QueueModel(self)
        self.setModel(self.rows)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setIconSize(QSize(14, 14))
        self.verticalHeader().setVisible(False)
        em = self.fontMetrics().height()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(em + 6)
        for column, width in enumerate(WIDTHS_EM):
            if width:
                self.setColumnWidth(column, int(width * em * 0.7))
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self.setMinimumHeight(6 * em)

    def show_queue(self, queue: ReviewQueue) -> None:
        """Show a queue with its current proposal selected."""
        self.rows.show(queue)
        self.show_current()

    def show_current(self) -> None:
        """Select the row of the current proposal and bring it into view."""
        current = self.rows.queue.current
        row = self.rows.queue.row_of(current.fid) if current is not None else None
        if row is None:
            self.clearSelection()
            return
        blocked = self.selectionModel().blockSignals(True)
        self.setCurrentIndex(self.rows.index(row, 1))
        self.selectionModel().blockSignals(blocked)
        self.selectRow(row)
        self.scrollTo(self.rows.index(row, 1))

    def resizeEvent(self, event: Any) -> None:
        """Keep the current proposal in view where other parts of the desk take room."""
        super().resizeEvent(event)
        self.scrollTo(self.currentIndex())

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Tell where a person went by mouse or arrow keys."""
        super().currentChanged(current, previous)
        if current.isValid() and self.hasFocus():
            proposal = self.rows.queue.at(current.row())
            at_hand = self.rows.queue.current
            if at_hand is None or at_hand.fid != proposal.fid:
                self.picked.emit(proposal.fid)


def area_text(area_m2: float | None) -> str:
    """Return an area as a person reads it."""
    if area_m2 is None:
        return ""
    return tr("{0} m²").format(language.whole(round(area_m2)))
