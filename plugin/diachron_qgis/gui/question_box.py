"""The question box: one line with history, examples, and help."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QKeyEvent
from qgis.PyQt.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QToolButton, QWidget

from .examples_menu import ExamplesMenu
from .words import tr

LONGEST_QUESTION = 2000


def question_problem(text: str) -> str:
    """Return why a text is no question, and what to do; "" where it may be one."""
    if not any(character.isalnum() for character in text):
        return tr("The question is empty; ask something, such as “What has changed?”")
    if len(text) > LONGEST_QUESTION:
        found = tr("The question is too long ({0} characters, at most {1} are read); ask it in a sentence or two.")
        return found.format(len(text), LONGEST_QUESTION)
    return ""


class HistoryLine(QLineEdit):
    """A line edit whose up and down keys go through what was asked before."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked: list[str] = []
        self._place = 0

    def remember(self, text: str) -> None:
        """Add a text to the history."""
        if not self._asked or self._asked[-1] != text:
            self._asked.append(text)
        self._place = len(self._asked)

    def recall(self, texts: Sequence[str]) -> None:
        """Take a conversation's questions as the history, oldest first."""
        self._asked = [text for number, text in enumerate(texts) if number == 0 or text != texts[number - 1]]
        self._place = len(self._asked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back and forth in the history; everything else is a line edit's."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(event.key())
        if step is None or not self._asked:
            super().keyPressEvent(event)
            return
        self._place = max(0, min(len(self._asked), self._place + step))
        self.setText(self._asked[self._place] if self._place < len(self._asked) else "")


class QuestionBox(QWidget):
    """Question, examples, Ask, Stop and help. ``asked`` carries the question's text; ``stopped`` asks to stop, and
    ``help_wanted`` for the help pages."""

    asked = pyqtSignal(str)
    stopped = pyqtSignal()
    help_wanted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = HistoryLine(self)
        self.line.setPlaceholderText(tr("Ask about this pair…"))
        self.line.setClearButtonEnabled(True)
        self.line.setToolTip(tr("English or French. Enter asks; up and down bring back earlier questions."))
        self.line.setAccessibleName(tr("Question"))
        self.examples = QToolButton(self)
        self.examples.setIcon(QgsApplication.getThemeIcon("/mIconListView.svg"))
        self.examples.setToolTip(tr("Examples of questions, and sets of them to ask at once (Alt+E)"))
        self.examples.setAccessibleName(tr("Examples of questions"))
        self.examples.setShortcut("Alt+E")
        self.examples.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.examples.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.sets = ExamplesMenu(self.examples)
        self.examples.setMenu(self.sets)
        self.ask_button = QPushButton(tr("Ask"), self)
        self.ask_button.setToolTip(tr("Ask this question (Enter)"))
        self.stop_button = QPushButton(tr("Stop"), self)
        self.stop_button.setToolTip(tr("Stop the question that is running (Esc)"))
        self.stop_button.setVisible(False)
        self.help = QToolButton(self)
        self.help.setIcon(QgsApplication.getThemeIcon("/mActionHelpContents.svg"))
        self.help.setToolTip(tr("Help (F1)"))
        self.help.setAccessibleName(tr("Help"))
        self.help.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        widgets = (self.examples, self.line, self.ask_button, self.stop_button, self.help)
        for widget in widgets:
            row.addWidget(widget)
        for one, other in zip(widgets, widgets[1:]):
            self.setTabOrder(one, other)
        self.line.returnPressed.connect(self._ask)
        self.ask_button.clicked.connect(self._ask)
        self.stop_button.clicked.connect(self.stopped)
        self.help.clicked.connect(self.help_wanted)
        self.sets.taken.connect(self._take)

    def set_running(self, running: bool) -> None:
        """Show Stop in the place of Ask while a question runs."""
        self.ask_button.setVisible(not running)
        self.stop_button.setVisible(running)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Esc stop the question that is running."""
        if event.key() == Qt.Key.Key_Escape and not self.stop_button.isHidden():
            self.stopped.emit()
            return
        super().keyPressEvent(event)

    def _ask(self) -> None:
        text = self.line.text().strip()
        if self.ask_button.isHidden():
            return
        if not question_problem(text):
            self.line.remember(text)
            self.line.clear()
        self.asked.emit(text)

    def _take(self, text: str) -> None:
        self.line.setText(text)
        self.line.setFocus()
