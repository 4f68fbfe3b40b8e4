"""What can be done with an answer: review its proposals, and move the threshold that they were drawn with."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)

from ..link.answer import Settings
from ..logic import language
from .words import decimal, tr

REST_MS = 180
"""How long the slider must rest before the polygons are drawn anew."""
LARGEST_AREA = 1e6


class AnswerTools(QWidget):
    """``reviewed`` asks for the review desk; ``settled`` carries threshold and minimum area once they rest."""

    reviewed = pyqtSignal()
    settled = pyqtSignal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawn_with: Settings | None = None
        self._asked_with: Settings | None = None
        self.review = QPushButton(self)
        self.review.setIcon(QgsApplication.getThemeIcon("/mActionToggleEditing.svg"))
        self.review.setToolTip(tr("Decide on each of these changes, one after another"))
        self.review.clicked.connect(lambda *_: self.reviewed.emit())
        self.label = QLabel(tr("Confidence"), self)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setRange(1, 99)
        self.slider.setPageStep(5)
        self.slider.setToolTip(tr("Probability from which a pixel counts as changed; the answer follows"))
        self.slider.setAccessibleName(tr("Confidence threshold"))
        self.value = QLabel(self)
        self.area = QDoubleSpinBox(self)
        self.area.setRange(0, LARGEST_AREA)
        self.area.setDecimals(0)
        self.area.setSingleStep(10)
        self.area.setToolTip(tr("Minimum mapping unit: smaller changes are left out"))
        self.area.setAccessibleName(tr("Minimum mapping unit"))
        self.again = QToolButton(self)
        self.again.setIcon(QgsApplication.getThemeIcon("/mActionUndo.svg"))
        self.again.setToolTip(tr("Back to what the question was asked with"))
        self.again.setAutoRaise(True)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self._settle)
        self.slider.valueChanged.connect(self._moved)
        self.area.valueChanged.connect(self._moved)
        self.again.clicked.connect(lambda *_: self._show(self._asked_with))
        self._lay_out()

    def show_settings(self, settings: Settings, count: int) -> None:
        """Show what the polygons are drawn with, and how many there are; what a person is moving stays."""
        self._drawn_with = settings
        self._asked_with = self._asked_with or settings
        self.show_count(count)
        if not self._rest.isActive():
            self._show(settings)

    def show_count(self, count: int) -> None:
        """Show how many proposals there are to review."""
        self.review.setText(tr("Review {0}").format(language.whole(count)))
        self.review.setEnabled(count > 0)

    def set_busy(self, busy: bool) -> None:
        """Show that the polygons are being drawn anew."""
        self.value.setEnabled(not busy)

    def _show(self, settings: Settings | None) -> None:
        if settings is None:
            return
        self.area.setSuffix(tr(" px") if settings.unit == "px" else tr(" m²"))
        self.slider.setValue(round(100 * settings.threshold))
        self.area.setValue(settings.minimum_area)
        self._moved()

    def _moved(self, *_: object) -> None:
        self.value.setText(decimal(self.slider.value() / 100))
        wanted, drawn, asked = self._wanted(), _figures(self._drawn_with), _figures(self._asked_with)
        self.again.setEnabled(wanted != asked)
        if wanted == drawn:
            self._rest.stop()
        else:
            self._rest.start()

    def _settle(self) -> None:
        if self._wanted() != _figures(self._drawn_with):
            threshold = self.slider.value() / 100
            # The slider knows hundredths; what the question was asked with may be finer.
            if self._asked_with is not None and round(100 * self._asked_with.threshold) == self.slider.value():
                threshold = self._asked_with.threshold
            self.settled.emit(threshold, self.area.value())

    def _wanted(self) -> tuple[int, float]:
        return self.slider.value(), self.area.value()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 0)
        grid.setHorizontalSpacing(5)
        widest = self.value.fontMetrics().boundingRect("0.00").width()
        self.value.setMinimumWidth(widest + 2)
        # Two rows: in one, a dock of usual width leaves the slider no room.
        for column, widget in enumerate((self.label, self.slider, self.value)):
            grid.addWidget(widget, 0, column)
        row = QHBoxLayout()
        row.setSpacing(5)
        for widget in (self.review, self.area, self.again):
            row.addWidget(widget)
        row.addStretch(1)
        grid.addLayout(row, 1, 0, 1, 3)
        for one, other in ((self.slider, self.review), (self.review, self.area), (self.area, self.again)):
            self.setTabOrder(one, other)
        grid.setColumnStretch(1, 1)


def _figures(settings: Settings | None) -> tuple[int, float] | None:
    return None if settings is None else (round(100 * settings.threshold), settings.minimum_area)
