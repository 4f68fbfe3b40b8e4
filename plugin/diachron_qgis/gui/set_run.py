"""Asking the questions of a set, one after another."""

from __future__ import annotations

from typing import Any

from qgis.PyQt.QtCore import QObject, QTimer

from ..logic.conversation import Entry
from ..logic.question_sets import QuestionSet
from .examples_menu import shown_language


class SetRun(QObject):
    """Asks the next question of a set when the one before has been answered; after one that was stopped, or failed, no
    more."""

    def __init__(self, dock: Any) -> None:
        super().__init__(dock)
        self._dock = dock
        self._set: QuestionSet | None = None
        self._left: tuple[str, ...] = ()
        dock.ended.connect(self._next)

    def begin(self, asked: QuestionSet) -> None:
        """Ask the first question; the others follow."""
        if self._dock.running is None:
            self._set, self._left = asked, asked.asked(shown_language())
        self._ask()

    def forget(self) -> None:
        """Ask nothing more."""
        self._set, self._left = None, ()

    def _ask(self) -> None:
        if self._set is None or not self._left:
            return
        question, self._left = self._left[0], self._left[1:]
        self._dock.ask(question, wanted=self._set)
        if self._dock.running is None:
            self.forget()

    def _next(self, entry: Entry) -> None:
        if entry.state != "done":
            self.forget()
        else:
            # Once QGIS has shown the answer.
            QTimer.singleShot(0, self._ask)
