"""The review desk: proposals one after another, each decided by one key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qgis.core import QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtWidgets import (
    QDockWidget,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from ..link.protocol import VocabularyEntry
from ..logic.proposals import Wanted
from ..logic.provenance import add_history
from ..logic.results import show_transition
from ..logic.review_session import ReviewSession
from ..logic.review_store import is_reviewable
from .key_button import Command, KeyButton, add_keys, button_grid
from .reconcile_panel import open_reconcile
from .review_editors import ClassEditor, NoteEditor
from .review_filter import ReviewFilter
from .review_stage import FLICKER, SIDE_BY_SIDE, SWIPE, ReviewStage
from .review_subject import ReviewSubject, proposal_caption
from .review_table import QueueTable
from .words import tr

STAGING_MS = 40


class ReviewDesk(QDockWidget):
    """A dock; `open` begins the review of a layer, closing the dock ends it and gives the map back as it was."""

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(tr("Review"), parent)
        self.setObjectName("DiachronReview")
        self.iface = iface
        self.session: ReviewSession | None = None
        self.vocabulary: Sequence[VocabularyEntry] = ()
        self.stage = ReviewStage(iface, self)
        self._dates = ("", "")
        self._staging = QTimer(self)
        self._staging.setSingleShot(True)
        self._staging.timeout.connect(self._set_stage)
        self._build()
        self._connect()

    # -- beginning and ending -----------------------------------------------------------------

    def open(
        self,
        layer: QgsVectorLayer | None,
        before: QgsRasterLayer | None = None,
        after: QgsRasterLayer | None = None,
        dates: tuple[str, str] = ("", ""),
        vocabulary: Sequence[VocabularyEntry] = (),
    ) -> None:
        """Begin the review of a layer, with the images to compare where they are known."""
        self.vocabulary = tuple(vocabulary) or self.vocabulary
        self._dates = dates
        for picker, image in ((self.before, before), (self.after, after)):
            if image is not None:
                picker.blockSignals(True)
                picker.setLayer(image)
                picker.blockSignals(False)
        self.layer.blockSignals(True)
        self.layer.setLayer(layer)
        self.layer.blockSignals(False)
        self.setVisible(True)
        self.raise_()
        self._begin(layer)

    def reload(self) -> None:
        """Read the proposals anew, after another program has changed them."""
        if self.session is not None:
            self.session.load()

    def _begin(self, layer: Any) -> None:
        self._end()
        if not is_reviewable(layer):
            self._say(tr("Choose a layer of polygons with the fields from_class and to_class."))
            return
        self._say("")
        self.session = ReviewSession(layer, self.filter.order.currentData(), self.filter.value(), self)
        self.session.loaded.connect(self._loaded)
        self.session.changed.connect(self._show_queue)
        self.session.moved.connect(self._show_current)
        self.session.failed.connect(self._say)
        self.session.ended.connect(self._end)
        # A selection's colour would hide the images.
        layer.removeSelection()
        layer.selectionChanged.connect(self._selected)
        # The desk first, then the images: both at once would keep the window waiting.
        self._staging.start(STAGING_MS)

    def _set_stage(self) -> None:
        """Show the images, and read the proposals."""
        if self.session is not None:
            images = (self.before.currentLayer(), self.after.currentLayer())
            self.stage.set_images(self.session.layer, *images, self._dates)
            self.session.load()

    def _end(self) -> None:
        self._staging.stop()
        session, self.session = self.session, None
        if session is not None:
            self._tell_history(session)
            session.close_down()
            session.deleteLater()
        self.stage.leave()

    def _tell_history(self, session: ReviewSession) -> None:
        """Write what a person did into the layer's history."""
        progress, change = session.queue.progress(), session.queue.last_step()
        if change is not None and change.after.decided_by and session.layer_is_there:
            told = tr("{0} of {1} reviewed by {2}").format(progress.decided, progress.total, change.after.decided_by)
            add_history(session.layer, told)

    def closeEvent(self, event: Any) -> None:
        """End the review when a person closes the dock."""
        self._end()
        super().closeEvent(event)

    def close_down(self) -> None:
        """Undo what the desk did to QGIS."""
        self._end()
        for shortcut in self._canvas_keys:
            shortcut.setParent(None)
            shortcut.deleteLater()
        self.stage.close_down()

    # -- showing ------------------------------------------------------------------------------

    def _loaded(self) -> None:
        if self.session is not None:
            self.filter.set_pairs(self.session.queue.pairs())
            self.class_editor.offer(self.vocabulary, self.session.queue.pairs())

    def _show_queue(self) -> None:
        if self.session is None:
            return
        self.table.show_queue(self.session.queue)
        progress = self.session.queue.progress()
        self.bar.setRange(0, max(1, progress.total))
        self.bar.setValue(progress.decided)
        self.bar.setFormat(tr("{0} of {1}").format(progress.decided, progress.total))
        self.undo_button.setEnabled(self.session.queue.last_step() is not None)

    def _show_current(self) -> None:
        if self.session is None:
            return
        self._say("")
        current = self.session.queue.current
        self.table.show_current()
        self.caption.setText(proposal_caption(current))
        for button in self.deciding:
            button.setEnabled(current is not None)
        outline = self.session.store.outline(current.fid) if current is not None else None
        self.stage.show(current, outline, self.session.layer, self.margin.value())

    def _selected(self, selected: list[int], *_: object) -> None:
        """Go to the proposal that a person has selected on the map."""
        if self.session is not None and len(selected) == 1 and self.session.queue.get(selected[0]) is not None:
            self.session.go_to(selected[0])

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))

    # -- what the keys do -----------------------------------------------------------------------

    def accept(self) -> None:
        """Accept the proposal at hand and go on."""
        if self.session is not None:
            self.session.accept()

    def reject(self) -> None:
        """Reject the proposal at hand and go on."""
        if self.session is not None:
            self.session.reject()

    def reclassify(self) -> None:
        """Ask for other classes."""
        if self.session is not None and self.session.queue.current is not None:
            self.class_editor.ask(self.session.queue.current.pair)

    def _reclassified(self, pair: tuple[str, str]) -> None:
        if self.session is not None and self.session.reclassify(pair):
            colours = {entry.name: entry.colour for entry in self.vocabulary}
            show_transition(self.session.layer, pair, colours.get(pair[1]))
            self.filter.set_pairs(self.session.queue.pairs())

    def note(self) -> None:
        """Ask for a note."""
        if self.session is not None and self.session.queue.current is not None:
            self.note_editor.ask(self.session.queue.current.note)

    def _noted(self, note: str) -> None:
        if self.session is not None and self.session.annotate(note):
            self._show_current()

    def redraw(self) -> None:
        """Open the proposal for QGIS's vertex tool; once more, and what was drawn is kept."""
        if self.session is None or self.session.queue.current is None:
            return
        layer = self.session.layer
        if layer.isEditable():
            self._keep_redrawn(layer)
            return
        if not layer.startEditing():
            self._say(tr("QGIS cannot edit this layer: {0}").format(layer.publicSource()))
            return
        self.stage.show_proposals(layer)
        self.iface.setActiveLayer(layer)
        self.iface.actionVertexTool().trigger()
        self.redraw_button.set_checked(True)
        self._say(tr("Move the corners with QGIS's vertex tool, or use its other editing tools; then press D again."))

    def _keep_redrawn(self, layer: QgsVectorLayer) -> None:
        if not layer.commitChanges():
            self._say("; ".join(layer.commitErrors()))
            return
        self.redraw_button.set_checked(False)
        self.iface.actionPan().trigger()
        self._show_current()

    def undo(self) -> None:
        """Take the last step back."""
        if self.session is not None:
            self.session.undo()

    def step(self, by: int) -> None:
        """Go forth or back by one."""
        if self.session is not None:
            self.session.step(by)

    def set_layout(self, name: str) -> None:
        """Compare the images in another way."""
        self.stage.set_layout(name)
        for each, button in self.layout_buttons.items():
            button.set_checked(each == name)
        self._show_current()

    def sweep(self) -> None:
        """Swipe from one image to the other."""
        self.stage.sweep()
        for each, button in self.layout_buttons.items():
            button.set_checked(each == self.stage.layout_name)

    def toggle_proposals(self) -> None:
        """Show or hide the other proposals on the map."""
        if self.session is not None:
            self.others_button.set_checked(self.stage.toggle_proposals(self.session.layer))

    def reconcile(self) -> None:
        """Open the panel that compares the layer under review with a database."""
        if self.session is not None:
            open_reconcile(self.iface, self.session.layer)

    def _sort(self, order: str) -> None:
        if self.session is not None:
            self.session.sort(order)

    def _want(self, wanted: Wanted) -> None:
        if self.session is not None:
            self.session.want(wanted)

    def _go_to(self, fid: int) -> None:
        if self.session is not None:
            self.session.go_to(fid)

    def _images_changed(self, *_: object) -> None:
        if self.session is not None:
            images = (self.before.currentLayer(), self.after.currentLayer())
            self.stage.set_images(self.session.layer, *images, self._dates)
            self._show_current()

    # -- building -----------------------------------------------------------------------------

    def _commands(self) -> tuple[tuple[Command, ...], tuple[Command, ...], tuple[Command, ...]]:
        """Return what decides, what moves or leads on, and what changes the view."""
        deciding = (
            Command(tr("Accept"), "A", "/mIconSuccess.svg", tr("Accept this change and go on"), self.accept),
            Command(tr("Reject"), "R", "/mIconCritical.svg", tr("Reject this change and go on"), self.reject),
            Command(tr("Classes"), "C", "/rendererCategorizedSymbol.svg", tr("Give it other classes"), self.reclassify),
            Command(tr("Redraw"), "D", "/mActionVertexTool.svg", tr("Redraw its outline"), self.redraw),
            Command(tr("Note"), "M", "/mActionTextAnnotation.svg", tr("Write a note on it"), self.note),
        )
        moving = (
            Command(tr("Undo"), "U", "/mActionUndo.svg", tr("Take the last step back"), self.undo),
            Command(tr("Back"), "P", "/mActionArrowLeft.svg", tr("The one before"), lambda: self.step(-1)),
            Command(tr("Next"), "N", "/mActionArrowRight.svg", tr("The next one, undecided"), lambda: self.step(1)),
            Command(tr("Reconcile"), "B", "/mIconDbSchema.svg", tr("Compare with a database"), self.reconcile),
        )
        one, two, three = (lambda name=name: self.set_layout(name) for name in (SIDE_BY_SIDE, SWIPE, FLICKER))
        looking = (
            Command(tr("Beside"), "1", "/mActionNewMap.svg", tr("Both images in step, side by side"), one),
            Command(tr("Swipe"), "2", "/mActionSplitFeatures.svg", tr("One image over the other, by the mouse"), two),
            Command(tr("Flicker"), "3", "/mActionPlay.svg", tr("One image after the other"), three),
            Command(tr("Sweep"), "W", "/mActionDoubleArrowRight.svg", tr("Swipe to the other image"), self.sweep),
            Command(tr("Others"), "O", "/mActionShowAllLayers.svg", tr("Show the others"), self.toggle_proposals),
            Command(tr("Centre"), "Z", "/mActionZoomTo.svg", tr("Centre on this change"), self._show_current),
        )
        return deciding, moving, looking

    def _build(self) -> None:
        body = QWidget(self)
        self.subject = ReviewSubject(body)
        self.layer, self.before, self.after = self.subject.layer, self.subject.before, self.subject.after
        self.margin = self.subject.margin
        self.filter = ReviewFilter(body)
        self.table = QueueTable(body)
        self.bar = QProgressBar(body)
        self.caption = QLabel(body)
        self.caption.setWordWrap(True)
        self.caption.setTextFormat(Qt.TextFormat.PlainText)
        self.class_editor, self.note_editor = ClassEditor(body), NoteEditor(body)
        self.message = QLabel(body)
        self.message.setWordWrap(True)
        self.message.setVisible(False)
        self._lay_out(body)
        self.setWidget(body)

    def _lay_out(self, body: QWidget) -> None:
        deciding, moving, looking = self._commands()
        self.deciding = [KeyButton(command, body) for command in deciding]
        movers = [KeyButton(command, body) for command in moving]
        lookers = [KeyButton(command, body) for command in looking]
        self.redraw_button, self.undo_button, self.others_button = self.deciding[3], movers[0], lookers[4]
        self.layout_buttons = dict(zip((SIDE_BY_SIDE, SWIPE, FLICKER), lookers))
        self.layout_buttons[SIDE_BY_SIDE].set_checked(True)
        commands = (*deciding, *moving, *looking)
        self._own_keys = add_keys(self, commands)
        self._canvas_keys = add_keys(self.iface.mapCanvas(), commands)
        self._before_keys = add_keys(self.stage.before_view, commands)
        for shortcut in self._canvas_keys:
            shortcut.setEnabled(False)
        column = QVBoxLayout(body)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addWidget(self.subject)
        column.addLayout(button_grid(lookers, 3))
        column.addWidget(self.filter)
        column.addWidget(self.table, 1)
        column.addWidget(self.bar)
        for widget in (self.caption, self.class_editor, self.note_editor, self.message):
            column.addWidget(widget)
        column.addLayout(button_grid([*self.deciding[:2], movers[0], *self.deciding[2:], *movers[1:]], 3))

    def _connect(self) -> None:
        self.layer.layerChanged.connect(self._begin)
        self.before.layerChanged.connect(self._images_changed)
        self.after.layerChanged.connect(self._images_changed)
        self.margin.valueChanged.connect(lambda _: self._show_current())
        self.filter.ordered.connect(self._sort)
        self.filter.wanted.connect(self._want)
        self.table.picked.connect(self._go_to)
        self.class_editor.chosen.connect(self._reclassified)
        self.note_editor.written.connect(self._noted)
        for editor in (self.class_editor, self.note_editor):
            editor.left.connect(self.table.setFocus)
        self.visibilityChanged.connect(self._keys_on)

    def _keys_on(self, visible: bool) -> None:
        """Take the map's keys while the desk is there, and give them back with it."""
        for shortcut in self._canvas_keys:
            shortcut.setEnabled(not self.isHidden())
