"""The menu of question sets: one question to take, a whole set to ask, and a person's own sets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QInputDialog, QMenu, QWidget

from ..logic.class_words import class_name
from ..logic.language import decimal
from ..logic.question_sets import (
    LANGUAGES,
    SHIPPED,
    BadQuestionSets,
    QuestionSet,
    delete_own_set,
    in_language,
    own_set,
    read_own_sets,
    read_sets,
    save_own_set,
)
from ..logic.settings import read_settings
from .words import tr


def shown_language() -> str:
    """Return the language of examples: the one of answers where it is set, else QGIS's own."""
    return read_settings().language or ("fr" if QgsApplication.locale().startswith("fr") else "en")


class ExamplesMenu(QMenu):
    """Filled anew each time it opens. ``taken`` carries one question, ``set_asked`` a `QuestionSet`, ``failed`` why a
    set could not be read or kept."""

    taken = pyqtSignal(str)
    set_asked = pyqtSignal(object)
    failed = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked: tuple[str, ...] = ()
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def show_asked(self, questions: Sequence[str]) -> None:
        """Take the questions of the conversation, which can be saved as a set."""
        self._asked = tuple(questions)

    def fill(self) -> None:
        """Show the shipped sets, a person's own, and what can be done with those."""
        self.clear()
        for one in read_sets(SHIPPED):
            self._add_set(one)
        try:
            own = read_own_sets()
        except BadQuestionSets as error:
            own = ()
            self.addAction(tr("Your own sets cannot be read")).setEnabled(False)
            self.failed.emit(str(error))
        self.addSeparator()
        for one in own:
            self._add_set(one)
        save = self.addAction(tr("&Save this conversation's questions as a set…"))
        save.setToolTip(tr("Keep what was asked here, in this order, to ask all of it of another pair"))
        save.setEnabled(bool(self._asked))
        save.triggered.connect(lambda *_: self._ask_name())

    def save(self, name: str) -> None:
        """Keep the conversation's questions as a set of this name."""
        self._try(lambda: save_own_set(own_set(name, self._asked, shown_language())))

    def _ask_name(self) -> None:
        told = tr("Name of the set; one of your own with the same name is replaced")
        name, agreed = QInputDialog.getText(self.parentWidget(), tr("Save questions"), told)
        if agreed and name.strip():
            self.save(name.strip())

    def _add_set(self, one: QuestionSet) -> None:
        language = shown_language()
        menu = self.addMenu(_plain(in_language(one.name, language)))
        menu.setToolTipsVisible(True)
        questions = one.asked(language)
        everything = menu.addAction(tr("&Ask all {0}, one after another").format(len(questions)))
        everything.setToolTip(told(one, language))
        everything.triggered.connect(lambda *_: self.set_asked.emit(one))
        menu.addSeparator()
        self._add_questions(menu, questions)
        for other in LANGUAGES:
            if other != language and other in one.questions and language in one.questions:
                name = {"en": tr("In English"), "fr": tr("In French")}[other]
                self._add_questions(menu.addMenu(name), one.questions[other])
        if one.is_own:
            menu.addSeparator()
            menu.addAction(tr("&Delete this set")).triggered.connect(
                lambda *_: self._try(lambda: delete_own_set(one.id))
            )

    def _add_questions(self, menu: QMenu, questions: Sequence[str]) -> None:
        for question in questions:
            menu.addAction(_plain(question)).triggered.connect(lambda *_, text=question: self.taken.emit(text))

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except BadQuestionSets as error:
            self.failed.emit(str(error))


def _plain(text: str) -> str:
    """Return a text as a menu shows it: "&" marks a key there."""
    return text.replace("&", "&&")


def told(one: QuestionSet, language: str) -> str:
    """Return what a set is for, as a tip."""
    lines = [in_language(one.purpose, language)]
    if one.classes:
        lines.append(tr("Classes: {0}").format(", ".join(class_name(name) for name in one.classes)))
    if one.minimum_area is not None:
        lines.append(tr("Minimum mapping unit: {0} m²").format(decimal(one.minimum_area, 2)))
    if one.threshold is not None:
        lines.append(tr("Threshold: {0}").format(decimal(one.threshold, 2)))
    return "\n".join(line for line in lines if line)
