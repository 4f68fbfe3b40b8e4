"""What a review is of, and what it says of the proposal at hand."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsMapLayerProxyModel
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtWidgets import QDoubleSpinBox, QGridLayout, QHBoxLayout, QLabel, QWidget

from ..logic.class_words import transition_name
from ..logic.proposals import Proposal
from ..logic.settings import LARGEST_MARGIN_M, read_settings
from .review_table import area_text
from .words import decimal, status_name, tr


class ReviewSubject(QWidget):
    """The layer of proposals, the images to compare, and how much ground is shown around each proposal."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layer = self._picker(QgsMapLayerProxyModel.Filter.PolygonLayer, tr("The layer of proposals"))
        self.before = self._picker(QgsMapLayerProxyModel.Filter.RasterLayer, tr("The earlier image"))
        self.after = self._picker(QgsMapLayerProxyModel.Filter.RasterLayer, tr("The later image"))
        self.margin = QDoubleSpinBox(self)
        self.margin.setRange(0, LARGEST_MARGIN_M)
        self.margin.setDecimals(0)
        self.margin.setSingleStep(5)
        self.margin.setValue(read_settings().review_margin_m)
        self.margin.setSuffix(tr(" m"))
        self.margin.setToolTip(tr("Ground shown around each proposal"))
        self._lay_out()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(3)
        for row, (name, picker) in enumerate(
            ((tr("Review"), self.layer), (tr("Before"), self.before), (tr("After"), self.after))
        ):
            grid.addWidget(QLabel(name, self), row, 0)
            grid.addWidget(picker, row, 1)
        margin = QHBoxLayout()
        # It would have the grid's own, which has none for both directions, and so none at all.
        margin.setSpacing(grid.horizontalSpacing())
        margin.addWidget(QLabel(tr("margin"), self))
        margin.addWidget(self.margin)
        grid.addLayout(margin, 0, 2)
        grid.setColumnStretch(1, 1)

    def _picker(self, filters: Any, tip: str) -> QgsMapLayerComboBox:
        picker = QgsMapLayerComboBox(self)
        picker.setFilters(filters)
        picker.setAllowEmptyLayer(True)
        picker.setToolTip(tip)
        picker.setMinimumContentsLength(6)
        return picker


def proposal_caption(proposal: Proposal | None) -> str:
    """Return what there is to know of a proposal, in two lines."""
    if proposal is None:
        return tr("No proposal is shown.")
    words = [transition_name(proposal.from_class, proposal.to_class), area_text(proposal.area_m2)]
    if proposal.confidence is not None:
        words.append(tr("confidence {0}").format(decimal(proposal.confidence)))
    state = [status_name(proposal.status)]
    if proposal.is_decided and proposal.decided_by:
        state.append(tr("by {0}, {1}").format(proposal.decided_by, proposal.decided_at[:16].replace("T", " ")))
    if proposal.note:
        state.append(tr("note: {0}").format(proposal.note))
    return " · ".join(word for word in words if word) + "\n" + " · ".join(state)
