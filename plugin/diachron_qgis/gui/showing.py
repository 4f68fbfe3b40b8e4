"""What is seen of a conversation: its cards, its layers on the map, and the review of its proposals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, Qt

from ..link.answer import Answer
from ..logic.changes_table import fids_of, mean_confidence
from ..logic.conversation import Entry
from ..logic.damage_style import style_damage
from ..logic.question_sets import find_set, report_title
from ..logic.results import changes_layer, loading_results, show_alone
from ..logic.settings import Settings
from ..logic.steps import Steps
from .card import QuestionCard
from .fact_on_map import flash, zoom_to
from .live_answers import LiveAnswers
from .pair_form import PairForm
from .result_files import ResultFiles
from .review_desk import ReviewDesk
from .words import tr


class Showing(QObject):
    """Shows what the dock's conversation holds. What takes long is done in ``steps``."""

    def __init__(self, dock: Any) -> None:
        super().__init__(dock)
        self._dock, self._iface = dock, dock.iface
        self.cards: dict[str, QuestionCard] = {}
        self.steps = Steps(self)
        self.live = LiveAnswers(dock.engine, dock.say, self)
        self.live.redrawn.connect(self._redrawn)
        self.files = ResultFiles(dock.iface, dock.engine, lambda: dock.vocabulary, dock)
        self._desk: ReviewDesk | None = None

    # -- cards --------------------------------------------------------------------------------

    def add_card(self, entry: Entry) -> QuestionCard:
        """Add the card of a question at the end."""
        layers = (QgsProject.instance().mapLayer(each) for each in entry.rasters())
        subject = " › ".join(layer.name() for layer in layers if layer is not None)
        card = QuestionCard(entry.question, subject, self._dock.vocabulary, self._dock.scroll)
        card.chosen.connect(lambda: self.show_layers(entry.id))
        card.fact_clicked.connect(lambda fact: self.show_fact(entry.id, fact))
        card.review_wanted.connect(lambda: self.review(entry.id))
        self.live.attach(entry.id, card, lambda: self._folder(entry.id))
        self.files.attach(card.files, lambda: self._folder(entry.id), lambda: self.report_title(entry.id))
        card.asked_again.connect(lambda look: self._dock.ask_again(entry.id, look))
        if entry.rendered:
            card.show_rendered(entry.rendered)
        self.cards[entry.id] = card
        self._dock.scroll.add(card)
        return card

    def clear(self) -> None:
        """Take every card away: the project is another one."""
        self.steps.forget()
        for card in self.cards.values():
            card.hide()
            card.deleteLater()
        self.cards.clear()
        self.live.forget()

    def restoring(self) -> Iterator[None]:
        """Show the cards of the conversation, in steps."""
        for entry in self._dock.conversation.entries:
            card = self.add_card(entry)
            card.progress_row.setVisible(False)
            yield
            answer, error = entry.read_answer(), entry.read_error()
            if entry.state == "done" and answer is not None:
                confidence = mean_confidence(changes_layer(QgsProject.instance(), entry.folder))
                yield
                card.show_answer(answer, confidence)
                self.live.watch(entry.id, entry.folder)
            elif error is not None:
                card.show_error(error)
            else:
                card.show_stopped()
            yield

    def answering(self, entry: Entry, answer: Answer) -> Iterator[None]:
        """Load the layers of an answer and show it on its card, in steps."""
        confidence = None
        if not answer.abstained:
            names = (tr("Changes"), tr("Change probability"), tr("Land cover"))
            project, vocabulary = QgsProject.instance(), self._dock.vocabulary
            layers = yield from loading_results(Path(entry.folder), entry.question, vocabulary, project, names)
            confidence = mean_confidence(layers.changes)
            yield
            wanted = find_set(entry.wanted)
            if wanted is not None and wanted.style == "damage" and layers.changes is not None:
                style_damage(layers.changes)
                yield
            # The current layer stays: its selection may be the next question's area.
            self._show_alone(entry)
            self.live.watch(entry.id, entry.folder)
            yield
        self.cards[entry.id].show_answer(answer, confidence)
        yield

    # -- layers -------------------------------------------------------------------------------

    def show_fact(self, entry_id: str, fact_id: int) -> None:
        """Zoom to the polygons behind a number, select them and flash them."""
        entry = self.entry(entry_id)
        answer = entry.read_answer() if entry else None
        fact = answer.fact(fact_id) if answer else None
        layer = changes_layer(QgsProject.instance(), entry.folder) if entry else None
        if fact is None or layer is None:
            self._dock.say(tr("These layers are no longer in the project."))
            return
        self.steps.run(self._showing(entry_id, layer, fact.features))

    def _showing(self, entry_id: str, layer: QgsVectorLayer, features: Iterable[int]) -> Iterator[None]:
        """Show features of a question's layer, in steps."""
        self.show_layers(entry_id)
        yield
        fids = fids_of(layer, features)
        yield
        if fids:
            layer.selectByIds(fids)
            yield
            zoom_to(self._iface.mapCanvas(), layer, fids)
            yield
            flash(self._iface.mapCanvas(), layer, fids)

    def show_layers(self, entry_id: str) -> None:
        """Bring a question's layers up, and hide those of the others."""
        entry = self.entry(entry_id)
        if entry is None or entry.state != "done":
            return
        self._show_alone(entry)
        layer = changes_layer(QgsProject.instance(), entry.folder)
        if layer is not None:
            self._iface.setActiveLayer(layer)

    def _show_alone(self, entry: Entry) -> None:
        folders = {each.folder for each in self._dock.conversation.entries if each.folder}
        show_alone(QgsProject.instance(), folders | {entry.folder}, entry.folder)

    def _redrawn(self, entry_id: str, value: dict[str, Any]) -> None:
        """Keep an answer whose polygons were drawn anew."""
        entry = self.entry(entry_id)
        if entry is None:
            return
        self._dock.keep(replace(entry, answer=value))
        layer = changes_layer(QgsProject.instance(), entry.folder)
        if self._desk is not None and self._desk.session is not None and self._desk.session.layer is layer:
            self._desk.reload()

    # -- the review ---------------------------------------------------------------------------

    def review(self, entry_id: str) -> None:
        """Open the review desk on a question's proposals."""
        entry, project = self.entry(entry_id), QgsProject.instance()
        layer = changes_layer(project, entry.folder) if entry else None
        if entry is None or layer is None:
            self._dock.say(tr("These layers are no longer in the project."))
            return
        self.show_layers(entry_id)
        images = (project.mapLayer(entry.before), project.mapLayer(entry.after))
        self.desk.open(layer, *images, (entry.dates[0], entry.dates[-1]), self._dock.vocabulary)

    def review_layer(self) -> None:
        """Open the review desk on the current layer, with the pair that is picked."""
        form: PairForm = self._dock.form
        self.desk.open(self._iface.activeLayer(), *form.layers(), form.ends(), self._dock.vocabulary)

    @property
    def desk(self) -> ReviewDesk:
        """Return the review desk, made when it is first needed."""
        if self._desk is None:
            window = self._iface.mainWindow()
            self._desk = ReviewDesk(self._iface, window)
            self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._desk)
            if self._dock.parent() is window:
                window.tabifyDockWidget(self._dock, self._desk)
        return self._desk

    def settings_changed(self, before: Settings, now: Settings) -> None:
        """Take a margin that was set in QGIS's options."""
        if self._desk is not None and before.review_margin_m != now.review_margin_m:
            self._desk.margin.setValue(now.review_margin_m)

    # -- what is known of a question ----------------------------------------------------------

    def entry(self, entry_id: str) -> Entry | None:
        """Return a question of the conversation."""
        return next((each for each in self._dock.conversation.entries if each.id == entry_id), None)

    def report_title(self, entry_id: str) -> str:
        """Return what a question's report is called, "" for the usual."""
        entry = self.entry(entry_id)
        answer = entry.read_answer() if entry is not None else None
        return report_title(entry.wanted, answer.language) if entry is not None and answer is not None else ""

    def _folder(self, entry_id: str) -> str:
        entry = self.entry(entry_id)
        return entry.folder if entry is not None else ""

    def close_down(self) -> None:
        """Undo what was done to QGIS."""
        self.steps.forget()
        self.live.close_down()
        self.files.close_down()
        if self._desk is not None:
            self._desk.close_down()
            self._iface.removeDockWidget(self._desk)
            self._desk.deleteLater()
