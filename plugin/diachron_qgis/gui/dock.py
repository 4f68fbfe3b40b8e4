"""The dock: a pair, a conversation, and a question box."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from qgis.core import QgsApplication, QgsProject
from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QKeySequence
from qgis.PyQt.QtWidgets import QDockWidget, QFileDialog, QShortcut, QVBoxLayout, QWidget

from ..link.engine import Engine, Request
from ..link.protocol import EngineError, Hello, Look, Reading, VocabularyEntry
from ..logic.area import NoArea, area_wkt
from ..logic.changes_table import fids_of, mean_confidence
from ..logic.conversation import Conversation, Entry
from ..logic.damage_style import style_damage
from ..logic.output import choose_root, output_folder
from ..logic.pair_files import PairFiles
from ..logic.question_job import question_job
from ..logic.question_sets import QuestionSet, find_set, report_title
from ..logic.results import changes_layer, load_results, show_alone
from ..logic.settings import Settings
from ..logic.task import JobTask
from .card import QuestionCard
from .card_stream import CardStream
from .early_outlines import EarlyOutlines
from .fact_on_map import show_features
from .help_window import HelpWindow
from .live_answers import LiveAnswers
from .message_card import MessageCard
from .options_page import engine_differs
from .pair_form import PairForm
from .preflight_desk import PreflightDesk
from .question_box import QuestionBox, question_problem
from .result_files import ResultFiles
from .review_desk import ReviewDesk
from .set_run import SetRun
from .setup_card import SetupCard
from .tab_order import order_tabs
from .words import tr


class DiachronDock(QDockWidget):
    """Everything a person sees of Diachron. ``ended`` carries the `Entry` of a question that has ended."""

    ended = pyqtSignal(object)

    def __init__(self, iface: Any, engine: Engine, parent: QWidget | None = None) -> None:
        super().__init__("Diachron", parent)
        self.setObjectName("DiachronDock")
        self.iface, self.engine = iface, engine
        self.conversation = Conversation()
        self.cards: dict[str, QuestionCard] = {}
        self.vocabulary: tuple[VocabularyEntry, ...] = ()
        self.running: tuple[Entry, PairFiles | Request] | None = None
        self._desk: ReviewDesk | None = None
        self._help: HelpWindow | None = None
        self.live = LiveAnswers(engine, self._say, self)
        self.files = ResultFiles(iface, engine, lambda: self.vocabulary, self)
        self._build()
        self.set_run = SetRun(self)
        self._connect()
        # A timer of its own, so that a plugin that is unloaded at once starts no engine.
        self._beginning = QTimer(self)
        self._beginning.setSingleShot(True)
        self._beginning.timeout.connect(self._begin)
        self._beginning.start(0)

    # -- asking -------------------------------------------------------------------------------

    def ask(
        self, question: str, look: Look | None = None, area: str | None = None, wanted: QuestionSet | None = None
    ) -> None:
        """Ask a question of the pair that is picked; ``look`` is a corrected reading, ``area`` WKT in the place of the
        form's, ``wanted`` the set that the question is of."""
        entry = self._new_entry(question, look, area)
        if entry is None:
            return
        entry = replace(entry, wanted=wanted.id if wanted else "")
        rasters = tuple(QgsProject.instance().mapLayer(each) for each in entry.rasters())
        files = PairFiles(rasters, entry.area, self.iface.mapCanvas(), Path(entry.folder + "_inputs"), self)
        entry = replace(entry, rendered=files.told)
        card = self._add_card(entry)
        self.preflight.pause()
        self.box.set_running(True)
        self.running = (entry, files)
        files.ready.connect(lambda rasters: self._send(entry, card, rasters, look))
        files.failed.connect(lambda error: self._fail(entry, error))
        files.cancelled.connect(lambda: self._stopped(entry))
        files.start()

    def ask_again(self, entry_id: str, look: Look | None) -> None:
        """Ask an earlier question again, of its own pair and area."""
        entry = self._entry(entry_id)
        if entry is None:
            return
        layers = [QgsProject.instance().mapLayer(each) for each in entry.rasters()]
        if None in layers:
            self._say(tr("The rasters of this question are no longer in the project; pick others and ask anew."))
            return
        self.form.show_rasters(layers, entry.dates)
        self.ask(entry.question, look, entry.area, find_set(entry.wanted))

    def begin(self, entry: Entry, request: Request, after: str) -> None:
        """Show a question that the engine has been asked already."""
        self.box.set_running(True)
        self._follow(entry, self._add_card(entry), request, after)

    def stop(self) -> None:
        """Stop the question that is running."""
        if self.running is not None:
            self.running[1].cancel()

    def _new_entry(self, question: str, look: Look | None, area: str | None) -> Entry | None:
        """Check what can be checked before the engine is troubled; None, with a message, where it cannot be asked."""
        problem = self._problem(question)
        try:
            if not problem and area is None:
                after = self.form.layers()[1]
                area = area_wkt(
                    self.form.area_mode(), after, self.iface.mapCanvas(), self.iface.activeLayer(), self.form.drawn, tr
                )
        except NoArea as none:
            problem = str(none)
        if problem:
            self._say(problem)
            return None
        folder = self.new_folder(question)
        if folder is None:
            return None
        self._say("")
        ids = tuple(layer.id() for layer in self.form.rasters() if layer is not None)
        return Entry(
            uuid.uuid4().hex, question, ids[0], ids[-1], self.form.dates(), area or "", str(folder),
            datetime.now().isoformat(timespec="seconds"), look=look.as_json() if look else None,
            between=ids[1:-1],
        )  # fmt: skip

    def _problem(self, question: str) -> str:
        """Return why a question cannot be asked of what is picked, and what to do; "" where it can."""
        if self.running is not None:
            return tr("A question is running; wait for its answer, or stop it.")
        return self.form.problem() or question_problem(question)

    def new_folder(self, question: str) -> Path | None:
        """Return a folder for a question's results, asked for where nothing says where; None where nobody says."""
        project = QgsProject.instance()
        folder = output_folder(project, question)
        if folder is None:
            title = tr("This project is not saved yet. Where shall results go?")
            chosen = QFileDialog.getExistingDirectory(self, title)
            if not chosen:
                self._say(tr("Save the project, or choose a folder for results."))
                return None
            choose_root(project, chosen)
            folder = output_folder(project, question)
        return folder

    def _send(self, entry: Entry, card: QuestionCard, rasters: tuple[str, str], look: Look | None) -> None:
        job = question_job(entry, rasters, self.preflight.gsd, look)
        self._follow(entry, card, self.engine.ask(job), rasters[-1])

    def _follow(self, entry: Entry, card: QuestionCard, request: Request, after: str) -> None:
        """Show a question's way to its answer on its card, and in the task manager."""
        self.running = (entry, request)
        request.stage.connect(card.show_stage)
        request.progress.connect(card.show_progress)
        request.preflight.connect(card.show_preflight)
        request.reading.connect(lambda reading: self._show_reading(entry, reading))
        request.partial.connect(EarlyOutlines(self.iface.mapCanvas(), after, request).show)
        request.text.connect(card.show_text)
        request.done.connect(lambda result: self._finish(entry, result))
        request.failed.connect(lambda error: self._fail(entry, error))
        request.cancelled.connect(lambda: self._stopped(entry))
        QgsApplication.taskManager().addTask(JobTask(tr("Diachron: {0}").format(entry.question), request))

    def _show_reading(self, entry: Entry, reading: Reading) -> None:
        if self._is_running(entry):
            self.cards[entry.id].show_reading(reading.look)
            self.scroll.follow()

    # -- ending -------------------------------------------------------------------------------

    def _finish(self, entry: Entry, result: dict[str, Any]) -> None:
        if not self._is_running(entry):
            return
        entry = replace(
            entry, state="done", answer=result.get("answer") or {}, folder=str(result.get("folder") or entry.folder)
        )
        answer = entry.read_answer()
        confidence = None
        if answer is not None and not answer.abstained:
            names = (tr("Changes"), tr("Change probability"), tr("Land cover"))
            layers = load_results(Path(entry.folder), entry.question, self.vocabulary, QgsProject.instance(), names)
            confidence = mean_confidence(layers.changes)
            wanted = find_set(entry.wanted)
            if wanted is not None and wanted.style == "damage" and layers.changes is not None:
                style_damage(layers.changes)
            self.live.watch(entry.id, entry.folder)
        if answer is not None:
            self.cards[entry.id].show_answer(answer, confidence)
        self._end(entry)
        if answer is not None and not answer.abstained:
            # The current layer stays: its selection may be the next question's area.
            show_alone(QgsProject.instance(), self._folders(), entry.folder)

    def _fail(self, entry: Entry, error: EngineError) -> None:
        if not self._is_running(entry):
            return
        fields = {"kind": error.kind, "what": error.what, "where": error.where, "advice": error.advice}
        self.cards[entry.id].show_error(error)
        self._end(replace(entry, state="failed", error=fields))
        if error.kind == "absent":
            self.setup.setVisible(True)

    def _stopped(self, entry: Entry) -> None:
        if not self._is_running(entry):
            return
        self.cards[entry.id].show_stopped()
        self._end(replace(entry, state="stopped"))

    def _is_running(self, entry: Entry) -> bool:
        """False for a question whose project has been closed: nobody waits for its end."""
        return self.running is not None and self.running[0].id == entry.id

    def _end(self, entry: Entry) -> None:
        self.running = None
        self.box.set_running(False)
        self.conversation = self.conversation.with_entry(entry)
        self.conversation.save(QgsProject.instance())
        self.box.sets.show_asked([each.question for each in self.conversation.entries])
        self.scroll.follow()
        self.ended.emit(entry)

    # -- showing ------------------------------------------------------------------------------

    def show_fact(self, entry_id: str, fact_id: int) -> None:
        """Zoom to the polygons behind a number, select them and flash them."""
        entry = self._entry(entry_id)
        answer = entry.read_answer() if entry else None
        fact = answer.fact(fact_id) if answer else None
        layer = changes_layer(QgsProject.instance(), entry.folder) if entry else None
        if fact is None or layer is None:
            self._say(tr("These layers are no longer in the project."))
            return
        self.show_layers(entry_id)
        fids = fids_of(layer, fact.features)
        if not fids:
            return
        show_features(self.iface.mapCanvas(), layer, fids)

    def show_layers(self, entry_id: str) -> None:
        """Bring a question's layers up, and hide those of the others."""
        entry = self._entry(entry_id)
        if entry is None or entry.state != "done":
            return
        show_alone(QgsProject.instance(), self._folders(), entry.folder)
        layer = changes_layer(QgsProject.instance(), entry.folder)
        if layer is not None:
            self.iface.setActiveLayer(layer)

    def _redrawn(self, entry_id: str, value: dict[str, Any]) -> None:
        """Keep an answer whose polygons were drawn anew."""
        entry = self._entry(entry_id)
        if entry is None:
            return
        self.conversation = self.conversation.with_entry(replace(entry, answer=value))
        self.conversation.save(QgsProject.instance())
        layer = changes_layer(QgsProject.instance(), entry.folder)
        if self._desk is not None and self._desk.session is not None and self._desk.session.layer is layer:
            self._desk.reload()

    def review(self, entry_id: str) -> None:
        """Open the review desk on a question's proposals."""
        entry, project = self._entry(entry_id), QgsProject.instance()
        layer = changes_layer(project, entry.folder) if entry else None
        if entry is None or layer is None:
            self._say(tr("These layers are no longer in the project."))
            return
        self.show_layers(entry_id)
        images = (project.mapLayer(entry.before), project.mapLayer(entry.after))
        self.desk.open(layer, *images, (entry.dates[0], entry.dates[-1]), self.vocabulary)

    def review_layer(self) -> None:
        """Open the review desk on the current layer, with the pair that is picked."""
        self.desk.open(self.iface.activeLayer(), *self.form.layers(), self.form.ends(), self.vocabulary)

    @property
    def desk(self) -> ReviewDesk:
        """Return the review desk, made when it is first needed."""
        if self._desk is None:
            window = self.iface.mainWindow()
            self._desk = ReviewDesk(self.iface, window)
            self.iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self._desk)
            if self.parent() is window:
                window.tabifyDockWidget(self, self._desk)
        return self._desk

    def _folders(self) -> list[str]:
        return [each.folder for each in self.conversation.entries if each.folder]

    def _folder(self, entry_id: str) -> str:
        entry = self._entry(entry_id)
        return entry.folder if entry is not None else ""

    def _report_title(self, entry_id: str) -> str:
        entry = self._entry(entry_id)
        answer = entry.read_answer() if entry is not None else None
        return report_title(entry.wanted, answer.language) if entry is not None and answer is not None else ""

    def _entry(self, entry_id: str) -> Entry | None:
        return next((each for each in self.conversation.entries if each.id == entry_id), None)

    def _add_card(self, entry: Entry) -> QuestionCard:
        layers = (QgsProject.instance().mapLayer(each) for each in entry.rasters())
        subject = " › ".join(layer.name() for layer in layers if layer is not None)
        card = QuestionCard(entry.question, subject, self.vocabulary, self.scroll)
        card.chosen.connect(lambda: self.show_layers(entry.id))
        card.fact_clicked.connect(lambda fact: self.show_fact(entry.id, fact))
        card.review_wanted.connect(lambda: self.review(entry.id))
        self.live.attach(entry.id, card, lambda: self._folder(entry.id))
        self.files.attach(card.files, lambda: self._folder(entry.id), lambda: self._report_title(entry.id))
        card.asked_again.connect(lambda look: self.ask_again(entry.id, look))
        if entry.rendered:
            card.show_rendered(entry.rendered)
        self.cards[entry.id] = card
        self.scroll.add(card)
        return card

    # -- the project --------------------------------------------------------------------------

    def restore(self) -> None:
        """Show the conversation of the project that is open."""
        for card in self.cards.values():
            card.hide()
            card.deleteLater()
        self.cards = {}
        self._let_go()
        self.live.forget()
        self.conversation = Conversation.load(QgsProject.instance())
        asked = [entry.question for entry in self.conversation.entries]
        self.box.line.recall(asked)
        self.box.sets.show_asked(asked)
        for entry in self.conversation.entries:
            card = self._add_card(entry)
            card.progress_row.setVisible(False)
            answer, error = entry.read_answer(), entry.read_error()
            if entry.state == "done" and answer is not None:
                card.show_answer(answer, mean_confidence(changes_layer(QgsProject.instance(), entry.folder)))
                self.live.watch(entry.id, entry.folder)
            elif error is not None:
                card.show_error(error)
            else:
                card.show_stopped()

    def _let_go(self) -> None:
        """Stop the question of a project that is no longer open."""
        self.set_run.forget()
        if self.running is not None:
            (_, job), self.running = self.running, None
            job.cancel()
            self.box.set_running(False)

    def close_down(self) -> None:
        """Undo what the dock did to QGIS."""
        self._beginning.stop()
        self.stop()
        self.form.close_down()
        self.setup.close_down()
        self.preflight.close_down()
        self.live.close_down()
        self.files.close_down()
        if self._desk is not None:
            self._desk.close_down()
            self.iface.removeDockWidget(self._desk)
            self._desk.deleteLater()
        QgsProject.instance().readProject.disconnect(self._project_read)
        QgsProject.instance().cleared.disconnect(self._project_cleared)

    def _project_read(self, *_: object) -> None:
        self.restore()

    def _project_cleared(self) -> None:
        self.restore()

    # -- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        body = QWidget(self)
        column = QVBoxLayout(body)
        column.setContentsMargins(6, 6, 6, 6)
        self.form = PairForm(self.iface, body)
        self.preflight = PreflightDesk(self.iface, self.engine, self.form, body)
        self.setup = SetupCard(body)
        self.setup.setVisible(self.engine.executable() is None)
        self.scroll = CardStream(body)
        self.message = MessageCard(body)
        self.box = QuestionBox(body)
        for widget in (self.form, self.preflight.card, self.setup):
            column.addWidget(widget)
        column.addWidget(self.scroll, 1)
        column.addWidget(self.message)
        column.addWidget(self.box)
        self.setWidget(body)

    def _connect(self) -> None:
        self.box.asked.connect(self.ask)
        self.box.stopped.connect(self.stop)
        self.box.help_wanted.connect(self.show_help)
        help_key = QShortcut(QKeySequence("F1"), self)
        help_key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        for signal in (help_key.activated, help_key.activatedAmbiguously):
            signal.connect(self.show_help)
        self.box.sets.set_asked.connect(self.set_run.begin)
        self.box.sets.failed.connect(self._say)
        self.setup.ready.connect(self._engine_ready)
        self.engine.greeted.connect(self._greeted)
        self.live.redrawn.connect(self._redrawn)
        QgsProject.instance().readProject.connect(self._project_read)
        QgsProject.instance().cleared.connect(self._project_cleared)

    def _begin(self) -> None:
        self.restore()
        if self.engine.executable() is not None:
            self.engine.hello()

    def _engine_ready(self) -> None:
        self.setup.setVisible(False)
        self.engine.hello()

    def show_help(self) -> None:
        """Show the help pages."""
        if self._help is None:
            self._help = HelpWindow(self)
        self._help.open_page()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Go on by Tab from top to bottom, whatever has been added meanwhile."""
        order_tabs(self.window(), (self.form, self.preflight.card, self.setup, self.scroll, self.message, self.box))
        return bool(super().focusNextPrevChild(forward))

    def settings_changed(self, before: Settings, now: Settings) -> None:
        """Take settings that were applied in QGIS's options."""
        if self._desk is not None and before.review_margin_m != now.review_margin_m:
            self._desk.margin.setValue(now.review_margin_m)
        if engine_differs(before, now):
            self.engine.renew()
            self.setup.setVisible(self.engine.executable() is None)
            if self.running is None and self.engine.executable() is not None:
                self.engine.hello()

    def _greeted(self, hello: Hello) -> None:
        self.vocabulary = hello.vocabulary
        self.setup.setVisible(False)

    def _say(self, text: str) -> None:
        self.message.say(text)
