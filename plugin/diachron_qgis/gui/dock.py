"""The dock: a pair, a conversation, and a question box."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
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
from ..logic.conversation import Conversation, Entry
from ..logic.output import choose_root, output_folder
from ..logic.pair_files import PairFiles
from ..logic.question_job import question_job
from ..logic.question_sets import QuestionSet, find_set
from ..logic.settings import Settings
from ..logic.task import JobTask
from .card import QuestionCard
from .card_stream import CardStream
from .early_outlines import EarlyOutlines
from .help_window import HelpWindow
from .message_card import MessageCard
from .options_page import engine_differs
from .pair_form import PairForm
from .preflight_desk import PreflightDesk
from .question_box import QuestionBox, question_problem
from .review_desk import ReviewDesk
from .set_run import SetRun
from .setup_card import SetupCard
from .showing import Showing
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
        self.vocabulary: tuple[VocabularyEntry, ...] = ()
        self.running: tuple[Entry, PairFiles | Request] | None = None
        self._help: HelpWindow | None = None
        self._build()
        self.showing = Showing(self)
        self.cards, self.live = self.showing.cards, self.showing.live
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
        card = self._new_card(entry)
        self.preflight.pause()
        self.box.set_running(True)
        self.running = (entry, files)
        files.ready.connect(lambda rasters: self._send(entry, card, rasters, look))
        files.failed.connect(lambda error: self._fail(entry, error))
        files.cancelled.connect(lambda: self._stopped(entry))
        files.start()

    def ask_again(self, entry_id: str, look: Look | None) -> None:
        """Ask an earlier question again, of its own pair and area."""
        entry = self.showing.entry(entry_id)
        if entry is None:
            return
        layers = [QgsProject.instance().mapLayer(each) for each in entry.rasters()]
        if None in layers:
            self.say(tr("The rasters of this question are no longer in the project; pick others and ask anew."))
            return
        self.form.show_rasters(layers, entry.dates)
        self.ask(entry.question, look, entry.area, find_set(entry.wanted))

    def begin(self, entry: Entry, request: Request, after: str) -> None:
        """Show a question that the engine has been asked already."""
        self.box.set_running(True)
        self._follow(entry, self._new_card(entry), request, after)

    def stop(self) -> None:
        """Stop the question that is running."""
        if self.running is not None:
            self.running[1].cancel()

    def _new_card(self, entry: Entry) -> QuestionCard:
        # Below those of a project that has just been opened.
        self.showing.steps.finish()
        return self.showing.add_card(entry)

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
            self.say(problem)
            return None
        folder = self.new_folder(question)
        if folder is None:
            return None
        self.say("")
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
                self.say(tr("Save the project, or choose a folder for results."))
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
        answer, folder = result.get("answer") or {}, str(result.get("folder") or entry.folder)
        self.showing.steps.run(self._finishing(replace(entry, state="done", answer=answer, folder=folder)))

    def _finishing(self, entry: Entry) -> Iterator[None]:
        """Show the layers and the answer, in steps, and end."""
        answer = entry.read_answer()
        if answer is not None:
            yield from self.showing.answering(entry, answer)
        self._end(entry)

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
        self.keep(entry)
        self.box.sets.show_asked([each.question for each in self.conversation.entries])
        self.scroll.follow()
        self.ended.emit(entry)

    def keep(self, entry: Entry) -> None:
        """Keep a question, as it is now, in the conversation and in the project."""
        self.conversation = self.conversation.with_entry(entry)
        self.conversation.save(QgsProject.instance())

    # -- what is shown ------------------------------------------------------------------------

    def show_fact(self, entry_id: str, fact_id: int) -> None:
        """Zoom to the polygons behind a number, select them and flash them."""
        self.showing.show_fact(entry_id, fact_id)

    def review(self, entry_id: str) -> None:
        """Open the review desk on a question's proposals."""
        self.showing.review(entry_id)

    def review_layer(self) -> None:
        """Open the review desk on the current layer, with the pair that is picked."""
        self.showing.review_layer()

    @property
    def desk(self) -> ReviewDesk:
        """Return the review desk, made when it is first needed."""
        return self.showing.desk

    # -- the project --------------------------------------------------------------------------

    def restore(self) -> None:
        """Show the conversation of the project that is open."""
        self.showing.clear()
        self._let_go()
        self.conversation = Conversation.load(QgsProject.instance())
        asked = [entry.question for entry in self.conversation.entries]
        self.box.line.recall(asked)
        self.box.sets.show_asked(asked)
        self._pick_last_pair()
        self.showing.steps.run(self.showing.restoring())

    def _pick_last_pair(self) -> None:
        """Pick what was asked about last; QGIS itself picks any of the rasters that a project brings."""
        entries = self.conversation.entries
        layers = [QgsProject.instance().mapLayer(each) for each in entries[-1].rasters()] if entries else [None]
        if None not in layers:
            self.form.show_rasters(layers, entries[-1].dates)

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
        self.showing.close_down()
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
        self.box.sets.failed.connect(self.say)
        self.setup.ready.connect(self._engine_ready)
        self.engine.greeted.connect(self._greeted)
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
        self.showing.settings_changed(before, now)
        if engine_differs(before, now):
            self.engine.renew()
            self.setup.setVisible(self.engine.executable() is None)
            if self.running is None and self.engine.executable() is not None:
                self.engine.hello()

    def _greeted(self, hello: Hello) -> None:
        self.vocabulary = hello.vocabulary
        self.setup.setVisible(False)

    def say(self, text: str) -> None:
        """Say something above the question box; "" takes away what was said."""
        self.message.say(text)
