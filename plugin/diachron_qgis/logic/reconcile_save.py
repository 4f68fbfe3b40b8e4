"""Saving a layer whose buffer holds applied lines: in one transaction of the database, and over nobody's edits.

QGIS itself saves changes, removals and additions in a transaction each, asks nobody whether an object has been edited
since, and does not notice that a connection was lost at the very end. So before it saves, this does: all of the edit
buffer through a connection of its own, compared and written in one transaction, read again afterwards. Then the buffer
is empty and QGIS has nothing left to write. Where it cannot save, QGIS is kept from saving, its buffer as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsExpression,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsTransaction,
    QgsVectorDataProvider,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from .reconcile_apply import Applied
from .reconcile_states import ProviderErrors, State, stored_states

SAVED, CONFLICT, FAILED = "saved", "conflict", "failed"
ISOLATED = {"postgres": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"}
"""From the first reading on, what others commit to the same objects makes the writing fail instead of being lost."""


@dataclass(frozen=True)
class Saving:
    """How a saving ended; ``fids`` are the objects that others have changed, ``detail`` the database's own words."""

    kind: str
    number: int = 0
    fids: tuple[int, ...] = ()
    detail: str = ""


@dataclass(frozen=True)
class Pending:
    """What an edit buffer holds."""

    added: Mapping[int, QgsFeature]
    values: Mapping[int, Mapping[int, Any]]
    outlines: Mapping[int, QgsGeometry]
    deleted: frozenset[int]
    changes_fields: bool

    @classmethod
    def of(cls, layer: QgsVectorLayer) -> Pending:
        """Copy a layer's edit buffer."""
        buffer = layer.editBuffer()
        return cls(
            dict(buffer.addedFeatures()),
            dict(buffer.changedAttributeValues()),
            dict(buffer.changedGeometries()),
            frozenset(buffer.deletedFeatureIds()),
            bool(buffer.addedAttributes() or buffer.deletedAttributeIds()),
        )

    @property
    def touched(self) -> frozenset[int]:
        """Return the stored objects that it changes or deletes."""
        return frozenset(self.values) | frozenset(self.outlines) | self.deleted


class SaveGuard(QObject):
    """Stands before the saving of one layer while what was applied is in its buffer.

    ``ended`` carries a `Saving`, after QGIS's own part.
    """

    ended = pyqtSignal(object)

    def __init__(self, layer: QgsVectorLayer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.layer = layer
        self._states: dict[int, State] = {}
        self._added: set[int] = set()
        layer.beforeCommitChanges.connect(self._before_saving)
        layer.afterRollBack.connect(self._forget)

    def watch(self, applied: Applied, states: Mapping[int, State]) -> None:
        """Answer for one more command; ``states``: its objects as they were when they were listed."""
        self._states.update((fid, states[fid]) for fid in applied.touched if fid in states)
        self._added |= applied.added

    def release(self) -> None:
        """Leave the layer to itself."""
        self.layer.beforeCommitChanges.disconnect(self._before_saving)
        self.layer.afterRollBack.disconnect(self._forget)

    def _forget(self) -> None:
        self._states, self._added = {}, set()

    def _before_saving(self, *_: object) -> None:
        layer = self.layer
        if layer.editBuffer() is None or layer.dataProvider().transaction() is not None:
            return  # QGIS's own transaction of the project: it is one already, and has locked what it changed.
        pending = Pending.of(layer)
        states = {fid: state for fid, state in self._states.items() if fid in pending.touched}
        if not states and not self._added & set(pending.added):
            return  # it has been undone
        if not _saves_in_one(layer, pending):
            changed = changed_since(layer.dataProvider(), states)
            if not changed:
                self._forget()
                return
            saving = Saving(CONFLICT, fids=changed)
        else:
            saving = self._saved(pending, states)
        if saving.kind == SAVED:
            layer.undoStack().setIndex(0)
            layer.dataProvider().reloadData()
            self._forget()
        else:
            _block_saving(layer)
        QTimer.singleShot(0, lambda: self.ended.emit(saving))

    def _saved(self, pending: Pending, states: Mapping[int, State]) -> Saving:
        try:
            return save_in_one_transaction(self.layer, pending, states)
        except Exception:
            _block_saving(self.layer)
            raise


def changed_since(provider: QgsVectorDataProvider, states: Mapping[int, State]) -> tuple[int, ...]:
    """Return the objects that are not stored as they were."""
    now = stored_states(provider.featureSource(), states)
    return tuple(sorted(fid for fid, state in states.items() if now.get(fid) != state))


def save_in_one_transaction(layer: QgsVectorLayer, pending: Pending, states: Mapping[int, State]) -> Saving:
    """Write what a buffer holds through a connection of its own, all or nothing, unless others have changed any of the
    objects in ``states``; the layer's buffer itself is left as it is."""
    provider = layer.dataProvider()
    copy = QgsVectorLayer(layer.source(), "", layer.providerType())
    transaction = QgsTransaction.create([copy]) if copy.isValid() else None
    if transaction is None or not transaction.begin()[0]:
        return Saving(FAILED, detail=provider.name())
    is_over = False
    try:
        with ProviderErrors() as errors:
            if layer.providerType() in ISOLATED:
                transaction.executeSql(ISOLATED[layer.providerType()])
            written = _compared_and_written(provider, copy.dataProvider(), pending, states)
            if written is None:
                errors.texts += copy.dataProvider().errors()
                is_over = transaction.rollback()[0]
                return _conflict_or_lost(provider, states, errors)
            is_over, why = transaction.commit()
    finally:
        if not is_over:
            transaction.rollback()
    # A commit over a connection that was lost reports success: only a second look tells.
    if not is_over or not _is_stored(copy, written):
        return Saving(FAILED, detail=why or " ".join(errors.texts))
    return Saving(SAVED, number=len(pending.touched) + len(pending.added))


@dataclass(frozen=True)
class _Written:
    """What a transaction has written, as it itself reads it; ids are those of the copy."""

    states: Mapping[int, State]
    deleted: frozenset[int]


def _compared_and_written(
    here: QgsVectorDataProvider, there: QgsVectorDataProvider, pending: Pending, states: Mapping[int, State]
) -> _Written | None:
    """Write everything through ``there``, None where an object is not as it was, or a step fails."""
    twins = _twins(here, there, pending.touched)
    now = stored_states(there.featureSource(), twins.values())
    if any(fid not in twins or now.get(twins[fid]) != state for fid, state in states.items()):
        return None
    return _write(there, pending, twins)


def _write(provider: QgsVectorDataProvider, pending: Pending, twins: Mapping[int, int]) -> _Written | None:
    """Write everything; None where a step fails."""
    values = {twins[fid]: dict(each) for fid, each in pending.values.items() if fid in twins}
    outlines = {twins[fid]: each for fid, each in pending.outlines.items() if fid in twins}
    deleted = frozenset(twins[fid] for fid in pending.deleted if fid in twins)
    if outlines and not provider.changeGeometryValues(outlines):
        return None
    if values and not provider.changeAttributeValues(values):
        return None
    if deleted and not provider.deleteFeatures(list(deleted)):
        return None
    added: list[QgsFeature] = []
    if pending.added:
        is_added, added = provider.addFeatures([_trimmed(each, provider) for each in pending.added.values()])
        if not is_added:
            return None
    wanted = (set(values) | set(outlines) | {each.id() for each in added}) - deleted
    states = stored_states(provider.featureSource(), wanted)
    return _Written(states, deleted) if len(states) == len(wanted) else None


def _is_stored(copy: QgsVectorLayer, written: _Written) -> bool:
    """Read what was written again, over a connection that had no part in writing it."""
    there = copy.dataProvider()
    with ProviderErrors() as errors:
        now = stored_states(there.featureSource(), set(written.states) | written.deleted)
    return not errors.texts and now == dict(written.states)


def _conflict_or_lost(provider: QgsVectorDataProvider, states: Mapping[int, State], errors: ProviderErrors) -> Saving:
    """Tell others' edits from a database that does not answer; both have been rolled back."""
    with ProviderErrors() as later:
        changed = changed_since(provider, states)
    if changed and not later.texts:
        return Saving(CONFLICT, fids=changed)
    return Saving(FAILED, detail=" ".join(errors.texts) or provider.name())


def _twins(here: QgsVectorDataProvider, there: QgsVectorDataProvider, fids: Iterable[int]) -> dict[int, int]:
    """Return the ids that another provider of the same table has for objects, by their primary keys."""
    keys = list(here.pkAttributeIndexes())
    wanted = {state[0][keys[0]] for state in stored_states(here.featureSource(), fids).values()}
    if not wanted:
        return {}
    name = QgsExpression.quotedColumnRef(here.fields().at(keys[0]).name())
    values = ", ".join(QgsExpression.quotedValue(each) for each in wanted)
    request = QgsFeatureRequest().setFilterExpression(f"{name} IN ({values})")
    by_key = {_key(each, keys): each.id() for each in there.getFeatures(request)}
    own = {each.id(): _key(each, keys) for each in here.getFeatures(QgsFeatureRequest().setFilterFids(list(fids)))}
    return {fid: by_key[key] for fid, key in own.items() if key in by_key}


def _key(feature: QgsFeature, places: Iterable[int]) -> tuple[Any, ...]:
    return tuple(feature[place] for place in places)


def _trimmed(feature: QgsFeature, provider: QgsVectorDataProvider) -> QgsFeature:
    """Return a feature without the fields that the layer adds to those of its provider (joined, virtual)."""
    plain = QgsFeature(provider.fields())
    plain.setAttributes(feature.attributes()[: provider.fields().count()])
    plain.setGeometry(feature.geometry())
    return plain


def _saves_in_one(layer: QgsVectorLayer, pending: Pending) -> bool:
    is_server = layer.providerType() != "ogr" and QgsTransaction.supportsTransaction(layer)
    return is_server and not pending.changes_fields and bool(layer.dataProvider().pkAttributeIndexes())


def _block_saving(layer: QgsVectorLayer) -> None:
    """Keep QGIS from the saving that it is about to do: it looks first whether new features fit the layer, and a point
    among polygons does not. Afterwards the point is taken out again, and everything is as it was."""
    layer.beginEditCommand("")
    bar = QgsFeature(layer.fields())
    bar.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(0, 0)))
    layer.addFeature(bar)
    layer.endEditCommand()
    QTimer.singleShot(0, lambda: _forget_last(layer))


def _forget_last(layer: QgsVectorLayer) -> None:
    """Undo the last command for good: one that is obsolete is dropped when it is to be done again."""
    steps = layer.undoStack()
    steps.undo()
    steps.command(steps.index()).setObsolete(True)
    steps.redo()
