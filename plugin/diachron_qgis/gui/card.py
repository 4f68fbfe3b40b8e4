"""One question of the conversation: its reading, progress, answer or error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..link.answer import Answer
from ..link.protocol import EngineError, Look, PreflightReport, ProgressReport, VocabularyEntry
from .answer_tools import AnswerTools
from .answer_view import AnswerView
from .chips import ReadingChips
from .error_note import ErrorNote
from .result_buttons import ResultButtons
from .words import decimal, seconds_left, stage_name, tr

LEVEL_ICONS = {"fine": "/mIconSuccess.svg", "warning": "/mIconWarning.svg", "stop": "/mIconCritical.svg"}


class QuestionCard(QFrame):
    """A card; ``chosen`` asks to bring its layers up, ``fact_clicked`` to show a fact's polygons, ``asked_again``
    carries a reading or None, ``review_wanted`` asks for the review of its proposals."""

    chosen = pyqtSignal()
    fact_clicked = pyqtSignal(int)
    asked_again = pyqtSignal(object)
    review_wanted = pyqtSignal()

    def __init__(
        self, question: str, subject: str, vocabulary: Sequence[VocabularyEntry], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._vocabulary = tuple(vocabulary)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 6, 8, 6)
        self._column.setSpacing(4)
        self._column.addLayout(self._heading(question, subject))
        self.notes = QVBoxLayout()
        self._column.addLayout(self.notes)
        self.chips: ReadingChips | None = None
        self._chips_place = QVBoxLayout()
        self._column.addLayout(self._chips_place)
        self.progress_row, self.stage, self.bar = self._progress()
        self._column.addWidget(self.progress_row)
        self.view = AnswerView(self)
        self.view.fact_clicked.connect(self.fact_clicked)
        self.view.setVisible(False)
        self._column.addWidget(self.view)
        self.tools = AnswerTools(self)
        self.tools.reviewed.connect(self.review_wanted)
        self.tools.setVisible(False)
        self._column.addWidget(self.tools)
        self.files = ResultButtons(self)
        self.files.setVisible(False)
        self._column.addWidget(self.files)
        self._answer: Answer | None = None
        self.foot = self._label("", small=True)
        self.foot.setVisible(False)
        self._column.addWidget(self.foot)

    # -- while it runs ------------------------------------------------------------------------

    def show_rendered(self, text: str) -> None:
        """Say which layers were rendered to files, and at which resolution."""
        self._column.insertLayout(1, self._note("fine", text, ""))

    def show_stage(self, stage: str) -> None:
        """Say what the engine is doing."""
        self.progress_row.setVisible(True)
        self.stage.setText(stage_name(stage))
        self.bar.setRange(0, 0)

    def show_progress(self, report: ProgressReport) -> None:
        """Show how far a stage is, and the time that is left."""
        self.bar.setRange(0, max(1, report.total))
        self.bar.setValue(report.done)
        words = [stage_name(report.stage), tr("{0} of {1}").format(report.done, report.total)]
        if report.remaining_s is not None:
            words.append(seconds_left(report.remaining_s))
        self.stage.setText(" · ".join(words))

    def show_preflight(self, report: PreflightReport) -> None:
        """Show what was found of the rasters: what is fine in one line, each warning with what to do."""
        _empty(self.notes)
        fine = [note.what for note in report.notes if note.level == "fine"]
        if fine:
            self.notes.addLayout(self._note("fine", " · ".join(fine), ""))
        for note in report.notes:
            if note.level != "fine":
                self.notes.addLayout(self._note(note.level, note.what, note.advice))

    def show_reading(self, look: Look) -> None:
        """Show the model's reading as chips."""
        _empty(self._chips_place)
        self.chips = ReadingChips(look, self._vocabulary, self)
        self.chips.corrected.connect(self.asked_again)
        self._chips_place.addWidget(self.chips)

    def show_text(self, text: str) -> None:
        """Show the answer as far as it is written."""
        self.view.setVisible(True)
        self.view.stream(text)

    # -- when it has ended --------------------------------------------------------------------

    def show_answer(self, answer: Answer, confidence: float | None) -> None:
        """Show the answer with its links, what can be done with it, and the line that says what it is worth."""
        self._answer = answer
        self.progress_row.setVisible(False)
        self.view.setVisible(True)
        self.view.show_answer(answer)
        if self.chips is None and answer.look.task:
            self.show_reading(answer.look)
        if answer.preflight.notes and self.notes.count() == 0:
            self.show_preflight(answer.preflight)
        if answer.settings is not None and answer.look.is_change:
            self.tools.show_settings(answer.settings, len({each for fact in answer.facts for each in fact.features}))
            self.tools.setVisible(True)
        self.files.setVisible(not answer.abstained)
        model = " ".join(part for part in (answer.model.name, answer.model.version, answer.model.adapter) if part)
        words = [tr("confidence {0}").format(decimal(confidence))] if confidence is not None else []
        words += [part for part in (model, answer.model.licence) if part]
        self._foot(" · ".join(words))

    def light_up(self, features: Iterable[int]) -> None:
        """Mark the sentences that stand on these polygons."""
        if self._answer is not None:
            self.view.light_up(self._answer.facts_on(features))

    def show_error(self, error: EngineError) -> None:
        """Show what happened, where, and what to do, with a button to ask again."""
        self._end_without_answer()
        note = ErrorNote(error, self)
        note.again.connect(self._ask_again)
        self._column.addWidget(note)

    def show_stopped(self) -> None:
        """Say that the question was stopped."""
        self._end_without_answer()
        self._column.addLayout(self._note("warning", tr("Stopped; nothing was saved"), ""))
        row = QHBoxLayout()
        row.addStretch(1)
        button = QPushButton(tr("Ask again"), self)
        button.clicked.connect(self._ask_again)
        row.addWidget(button)
        self._column.addLayout(row)

    # -- pieces -------------------------------------------------------------------------------

    def mousePressEvent(self, event: object) -> None:
        """A click on the card brings its layers up."""
        self.chosen.emit()
        super().mousePressEvent(event)

    def _heading(self, question: str, subject: str) -> QHBoxLayout:
        row = QHBoxLayout()
        text = self._label(question)
        font = text.font()
        font.setBold(True)
        text.setFont(font)
        row.addWidget(text, 1)
        layers = QToolButton(self)
        layers.setIcon(QgsApplication.getThemeIcon("/mActionShowAllLayers.svg"))
        layers.setAutoRaise(True)
        layers.setToolTip(tr("Bring this question's layers up") + (f"\n{subject}" if subject else ""))
        layers.setAccessibleName(tr("Bring this question's layers up"))
        layers.clicked.connect(self.chosen)
        row.addWidget(layers, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _progress(self) -> tuple[QWidget, QLabel, QProgressBar]:
        box = QWidget(self)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        label = self._label(tr("Starting the engine"), small=True)
        bar = QProgressBar(box)
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setMaximumHeight(8)
        column.addWidget(label)
        column.addWidget(bar)
        return box, label, bar

    def _note(self, level: str, text: str, advice: str) -> QHBoxLayout:
        row = QHBoxLayout()
        icon = QLabel(self)
        icon.setPixmap(QgsApplication.getThemeIcon(LEVEL_ICONS.get(level, LEVEL_ICONS["warning"])).pixmap(14, 14))
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._label(f"{text} — {advice}" if advice else text, small=True), 1)
        return row

    def _end_without_answer(self) -> None:
        """Take away what was half done: a text that has not been checked is no answer."""
        self.progress_row.setVisible(False)
        self.view.setVisible(False)

    def _ask_again(self) -> None:
        self.asked_again.emit(self.chips.look if self.chips is not None else None)

    def _foot(self, text: str) -> None:
        self.foot.setText(text)
        self.foot.setVisible(bool(text))

    def _label(self, text: str, small: bool = False) -> QLabel:
        label = QLabel(text, self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        if small:
            font = label.font()
            font.setPointSizeF(font.pointSizeF() * 0.9)
            label.setFont(font)
        return label


def _empty(layout: QLayout) -> None:
    """Take every widget out of a layout and its inner layouts."""
    while layout.count():
        item = layout.takeAt(0)
        if item.widget() is not None:
            item.widget().hide()
            item.widget().deleteLater()
        elif item.layout() is not None:
            _empty(item.layout())
