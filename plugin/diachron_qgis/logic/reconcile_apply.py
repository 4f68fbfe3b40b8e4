"""The list's lines as edits of a layer: one command in its edit buffer, made in slices; and what has changed since."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer, QgsVectorLayerUtils

from .reconcile_listing import Finding, Reconciliation
from .reconcile_match import CREATED, MODIFIED, REMOVED

SLICE_S = 0.015

CHANGED, GONE, OTHERWISE = "changed", "gone", "otherwise"
"""Why a line no longer holds: its object was changed, is gone, or other objects or proposals stand there now."""


class NotApplied(Exception):
    """The layer refused an edit; nothing of the command was kept."""


@dataclass
class Applied:
    """What one command has touched: stored objects, and new ones by the ids that the edit buffer gave them."""

    touched: set[int] = field(default_factory=set)
    added: set[int] = field(default_factory=set)


def is_editable(layer: QgsVectorLayer) -> bool:
    """Say whether a layer's provider takes new, redrawn and deleted objects."""
    provider = layer.dataProvider()
    wanted = (provider.Capability.AddFeatures, provider.Capability.ChangeGeometries, provider.Capability.DeleteFeatures)
    return all(bool(provider.capabilities() & each) for each in wanted)


def is_edit(finding: Finding) -> bool:
    """Say whether a line changes anything in the database."""
    return finding.action in (CREATED, REMOVED, MODIFIED) or (finding.before is not None and bool(finding.values))


def conflicts(listed: Reconciliation, now: Reconciliation, chosen: Iterable[int]) -> dict[int, str]:
    """Return why lines of a list no longer hold, by line: ``CHANGED``, ``GONE`` or ``OTHERWISE``; ``now`` is the list
    made again."""
    still = {(each.item, each.action) for each in now.findings}
    found = {}
    for line in chosen:
        finding = listed.findings[line]
        thing = finding.item.object
        state = listed.states.get(thing) if thing is not None else None
        if thing is not None and state is not None and now.states.get(thing, state) != state:
            found[line] = CHANGED
        elif (finding.item, finding.action) not in still:
            is_gone = thing is not None and all(each.item.object != thing for each in now.findings)
            found[line] = GONE if is_gone else OTHERWISE
    return found


def edit_slices(
    layer: QgsVectorLayer, findings: Sequence[Finding], keeps_removed: bool, text: str, applied: Applied
) -> Generator[int, None, None]:
    """Make the edits as one command that undo takes back, yielding the number done each `SLICE_S`; closing the iterator
    before its end takes back what it did. ``applied`` is filled as it goes.

    Raises
    ------
    NotApplied: the layer cannot be edited, or refuses an edit.
    """
    if not layer.isEditable() and not layer.startEditing():
        raise NotApplied(layer.name())
    layer.beginEditCommand(text)
    finished = False
    started = time.perf_counter()
    try:
        for done, finding in enumerate(findings, 1):
            _edit(layer, finding, keeps_removed, applied)
            if time.perf_counter() - started > SLICE_S:
                yield done
                started = time.perf_counter()
        finished = True
    finally:
        if finished:
            layer.endEditCommand()
        else:
            layer.destroyEditCommand()
    layer.triggerRepaint()


def _edit(layer: QgsVectorLayer, finding: Finding, keeps_removed: bool, applied: Applied) -> None:
    values = {layer.fields().indexOf(name): value for name, value in finding.values.items()}
    thing = finding.item.object
    if thing is None:
        for part in finding.after if finding.action == CREATED else ():
            _add(layer, part, values, applied)
        return
    applied.touched.add(thing)
    if finding.action == REMOVED and not keeps_removed:
        _insist(layer.deleteFeature(thing), finding)
        return
    if finding.action == MODIFIED and finding.after and not finding.after[0].equals(finding.before):
        parts = finding.after[1:]
        copied = _attributes_without_key(layer, thing) if parts else {}
        _insist(layer.changeGeometry(thing, finding.after[0]), finding)
        for part in parts:
            _add(layer, part, {**copied, **values}, applied)
    if values:
        _insist(layer.changeAttributeValues(thing, values), finding)


def _add(layer: QgsVectorLayer, outline: QgsGeometry, values: Mapping[int, Any], applied: Applied) -> None:
    feature: QgsFeature = QgsVectorLayerUtils.createFeature(
        layer, outline, dict(values), layer.createExpressionContext()
    )
    if not layer.addFeature(feature):
        raise NotApplied(layer.name())
    applied.added.add(feature.id())


def _attributes_without_key(layer: QgsVectorLayer, fid: int) -> dict[int, Any]:
    keys = set(layer.primaryKeyAttributes())
    attributes = layer.getFeature(fid).attributes()
    return {place: value for place, value in enumerate(attributes) if place not in keys}


def _insist(done: bool, finding: Finding) -> None:
    if not done:
        raise NotApplied(str(finding.item.object))
