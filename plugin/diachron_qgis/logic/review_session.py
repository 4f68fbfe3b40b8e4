"""One layer under review: its queue, and every step written to the file before it is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from qgis.core import QgsApplication, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication, QObject, QTimer, pyqtSignal

from .class_words import class_name
from .proposals import Proposal, Wanted
from .review_queue import Change, ReviewQueue, Signature, accepted, annotated, reclassified, redrawn, rejected
from .review_store import NotSaved, ProposalStore

REST_MS = 15
"""How long the window lives between the parts of a long work."""
Step = Callable[[Proposal], Proposal]


class ReviewSession(QObject):
    """The review of one layer.

    ``loaded`` comes once all proposals are read; ``changed`` when the queue shows something else; ``moved`` when
    another proposal, or none, is at hand; ``failed`` carries why a step was not saved; ``ended`` comes when the layer
    is gone.
    """

    loaded = pyqtSignal()
    changed = pyqtSignal()
    moved = pyqtSignal()
    failed = pyqtSignal(str)
    ended = pyqtSignal()

    def __init__(
        self, layer: QgsVectorLayer, order: str = "surest", wanted: Wanted | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.layer = layer
        self.store = ProposalStore(layer)
        self.queue = ReviewQueue((), order, wanted)
        self._order, self._wanted = order, wanted
        self.is_loaded = False
        self.layer_is_there = True
        self._slices: Iterator[list[Proposal]] | None = None
        self._read: list[Proposal] = []
        self._outlines_before: dict[int, bytes] = {}
        self._writing = False
        self._untold: list[Callable[[], None]] = []
        # Timers of its own end with the session, whatever they were to do.
        self._reading, self._pace = QTimer(self), QTimer(self)
        self._reading.timeout.connect(self._read_slice)
        self._pace.timeout.connect(self._tell_next)
        for timer in (self._reading, self._pace):
            timer.setSingleShot(True)
        self._signals = (
            (layer.beforeCommitChanges, self._about_to_commit),
            (layer.afterCommitChanges, self._committed),
            (layer.committedAttributeValuesChanges, self._attributes_committed),
            (layer.committedFeaturesAdded, self._features_added),
            (layer.committedFeaturesRemoved, self._features_removed),
            (layer.willBeDeleted, self._layer_gone),
        )
        for signal, slot in self._signals:
            signal.connect(slot)

    # -- reading ------------------------------------------------------------------------------

    def load(self) -> None:
        """Read all proposals, in slices between which the window lives; also what another program has changed."""
        self._read = []
        self._untold = [self._finish_reading]
        self._slices = self.store.slices()
        self._reading.start(0)

    def _read_slice(self) -> None:
        if self._slices is None:
            return
        part = next(self._slices, None)
        if part is not None:
            self._read += part
            self._reading.start(0)
            return
        self._pace.start(REST_MS)

    def _finish_reading(self) -> None:
        if self._slices is None:
            return
        self._slices = None
        read, self._read = self._read, []
        if self.is_loaded:
            self._take_over(read)
        else:
            self.queue = ReviewQueue(read, self._order, self._wanted)
            self.queue.go_first()
        self._untold = [self.loaded.emit, self.changed.emit, self._all_told]
        self._pace.start(REST_MS)

    def _tell_next(self) -> None:
        """Tell what was read part by part, so that the window lives between them."""
        tell = self._untold.pop(0)
        if self._untold:
            self._pace.start(REST_MS)
        tell()

    def _all_told(self) -> None:
        self.is_loaded = True
        self.moved.emit()

    def _take_over(self, read: list[Proposal]) -> None:
        """Put in what was read anew; where the proposal at hand is gone, take the first."""
        there = {each.fid for each in read}
        self.queue.reload(read, [fid for fid in self.queue.fids() if fid not in there])
        if self.queue.current is None:
            self.queue.go_first()

    # -- moving -------------------------------------------------------------------------------

    def step(self, by: int) -> None:
        """Go to the next proposal (1) or the one before (-1)."""
        self.queue.step(by)
        self.moved.emit()

    def go_to(self, fid: int) -> None:
        """Take a proposal in hand."""
        if self.queue.current is None or self.queue.current.fid != fid:
            self.queue.go_to(fid)
            self.moved.emit()

    def sort(self, order: str) -> None:
        """Put the queue in an order."""
        self._order = order
        self.queue.sort(order)
        self.changed.emit()

    def want(self, wanted: Wanted) -> None:
        """Show other proposals; the one at hand changes where it is not among them."""
        self._wanted = wanted
        self.queue.want(wanted)
        current = self.queue.current
        if current is None or self.queue.row_of(current.fid) is None:
            self.queue.go_first()
            self.moved.emit()
        self.changed.emit()

    # -- steps --------------------------------------------------------------------------------

    def accept(self) -> bool:
        """Accept the proposal at hand and go on to the next undecided one."""
        return self._decide(lambda each: accepted(each, self._signature()))

    def reject(self) -> bool:
        """Reject the proposal at hand and go on."""
        return self._decide(lambda each: rejected(each, self._signature()))

    def reclassify(self, pair: tuple[str, str]) -> bool:
        """Give the proposal at hand another transition, and go on."""
        caption = _tr("{0} became {1}").format(*map(class_name, pair))
        return self._decide(lambda each: reclassified(each, pair, caption, self._signature()))

    def annotate(self, note: str) -> bool:
        """Give the proposal at hand a note, and stay."""
        return self._apply(lambda each: annotated(each, note))

    def undo(self) -> bool:
        """Take the last step back, in the file too, and its proposal in hand."""
        change = self.queue.last_step()
        if change is None:
            return False
        if change.outline is not None and self.layer.isModified():
            self.failed.emit(_tr("Save or discard the edits of this layer first"))
            return False
        if not self._write(change.after, change.before, change.outline):
            return False
        self.queue.take_back()
        if change.outline is not None:
            self.layer.triggerRepaint()
        self.changed.emit()
        self.moved.emit()
        return True

    def _decide(self, step: Step) -> bool:
        if not self._apply(step):
            return False
        if not self.queue.go_on():
            self.queue.step(1)
        self.moved.emit()
        return True

    def _apply(self, step: Step) -> bool:
        before = self.queue.current
        if before is None:
            return False
        after = step(before)
        if not self._write(before, after):
            return False
        self.queue.apply(Change(before, after))
        self.changed.emit()
        return True

    def _write(self, before: Proposal, after: Proposal, outline: bytes | None = None) -> bool:
        self._writing = True
        try:
            self.store.write(before, after, outline)
        except NotSaved as problem:
            self.failed.emit(_tr("Not saved: {0}").format(problem))
            return False
        finally:
            self._writing = False
        return True

    def _signature(self) -> Signature:
        who = QgsApplication.userFullName() or QgsApplication.userLoginName()
        return Signature(who, datetime.now(timezone.utc).isoformat(timespec="seconds"))

    # -- what QGIS's own editing does -----------------------------------------------------------

    def _about_to_commit(self, *_: object) -> None:
        """Keep the outlines as they are in the file: what is redrawn can be undone."""
        buffer = self.layer.editBuffer()
        fids = [fid for fid in (buffer.changedGeometries() if buffer else {}) if self.queue.get(fid) is not None]
        self._outlines_before = self.store.saved_outlines(fids)

    def _committed(self) -> None:
        """What was redrawn is edited, by this person, now; its area is measured again."""
        outlines, self._outlines_before = self._outlines_before, {}
        for now in self.store.read(outlines) if outlines else ():
            before = self.queue.get(now.fid)
            if before is None:
                continue
            area = self.store.measured_m2(self.store.outline(now.fid))
            after = redrawn(before, replace(now, area_m2=area), self._signature())
            if self._write(before, after):
                self.queue.apply(Change(before, after, outlines[now.fid]))
        if outlines:
            self.changed.emit()
            self.moved.emit()

    def _attributes_committed(self, layer_id: str, changes: dict[int, Any]) -> None:
        self._reread([fid for fid in changes if self.queue.get(fid) is not None])

    def _features_added(self, layer_id: str, features: Iterable[Any]) -> None:
        self._reread([feature.id() for feature in features])

    def _features_removed(self, layer_id: str, fids: Iterable[int]) -> None:
        self.queue.reload((), fids)
        if self.queue.current is None:
            self.queue.go_first()
        self.changed.emit()
        self.moved.emit()

    def _reread(self, fids: list[int]) -> None:
        if fids and not self._writing:
            self.queue.reload(self.store.read(fids))
            self.changed.emit()

    def _layer_gone(self) -> None:
        self._slices = None
        self.layer_is_there = False
        self.ended.emit()

    def close_down(self) -> None:
        """Let the layer go."""
        self._slices = None
        self._reading.stop()
        self._pace.stop()
        for signal, slot in self._signals:
            try:
                signal.disconnect(slot)
            except (TypeError, RuntimeError):
                # The layer has been deleted, and its signals with it.
                return


def _tr(text: str) -> str:
    return QCoreApplication.translate("Diachron", text)
