"""The evidence of each change, in its attribute form: images, classes, decision, and where all of it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import (
    QgsAttributeEditorContainer,
    QgsAttributeEditorField,
    QgsEditFormConfig,
    QgsEditorWidgetSetup,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QCoreApplication

from ..link.answer import Answer
from .class_words import class_name
from .proposals import STATUSES

CHIPS = "DiachronChips"
"""Name of the form widget that shows a change's images (`gui.chip_widget`); without the plugin, the bare number is."""


def configure_form(layer: QgsVectorLayer, answer: Answer, classes: Sequence[str]) -> None:
    """Lay out the form of a layer of changes; classes, note and status can be edited in it, nothing else."""
    names = _names()
    fields = layer.fields()
    for name, told in names.items():
        if fields.indexOf(name) >= 0:
            layer.setFieldAlias(fields.indexOf(name), told)
    _set_widgets(layer, answer, classes)
    config = layer.editFormConfig()
    config.setLayout(QgsEditFormConfig.EditorLayout.TabLayout)
    config.clearTabs()
    for title, members in _groups():
        config.addTab(_group(layer, title, members))
    editable = {"from_class", "to_class", "status", "note"}
    for place in range(fields.count()):
        config.setReadOnly(place, fields.at(place).name() not in editable)
    layer.setEditFormConfig(config)
    layer.setDisplayExpression('"caption"')


def _set_widgets(layer: QgsVectorLayer, answer: Answer, classes: Sequence[str]) -> None:
    images: dict[str, str] = {}
    for name, each in zip(("before", "after"), answer.inputs[:1] + answer.inputs[-1:]):
        images |= {name: each.path, f"{name}_date": each.date}
    setups = {
        "id": QgsEditorWidgetSetup(CHIPS, images),
        "status": QgsEditorWidgetSetup("ValueMap", {"map": [{_status(status): status} for status in STATUSES]}),
        "note": QgsEditorWidgetSetup("TextEdit", {"IsMultiline": True}),
        "fid": QgsEditorWidgetSetup("Hidden", {}),
    }
    if classes:
        choice = QgsEditorWidgetSetup("ValueMap", {"map": [{class_name(name): name} for name in (*classes, "other")]})
        setups |= {"from_class": choice, "to_class": choice}
    for name, setup in setups.items():
        if layer.fields().indexOf(name) >= 0:
            layer.setEditorWidgetSetup(layer.fields().indexOf(name), setup)


def _group(layer: QgsVectorLayer, title: str, members: Sequence[str]) -> QgsAttributeEditorContainer:
    group = QgsAttributeEditorContainer(title, None)
    group.setIsGroupBox(True)
    group.setColumnCount(2 if len(members) > 1 else 1)
    for name in members:
        place = layer.fields().indexOf(name)
        if place >= 0:
            group.addChildElement(QgsAttributeEditorField(name, place, group))
    return group


def _groups() -> tuple[tuple[str, tuple[str, ...]], ...]:
    measured = ("from_class", "to_class", "from_probability", "to_probability", "area_m2", "confidence")
    return (
        (_tr("Images"), ("id",)),
        (_tr("Change"), ("caption", "damage", *measured)),
        (_tr("Decision"), ("status", "note", "decided_by", "decided_at")),
        (_tr("Where it comes from"), ("question", "model", "date_from", "date_to", "adapter", "licence")),
    )


def _names() -> dict[str, str]:
    return {
        "id": _tr("Change"), "caption": _tr("Caption"), "damage": _tr("Damage"), "from_class": _tr("It was"),
        "to_class": _tr("It is"), "from_probability": _tr("Probability of what it was"),
        "to_probability": _tr("Probability of what it is"), "area_m2": _tr("Area (m²)"),
        "confidence": _tr("Confidence"), "status": _tr("Status"), "note": _tr("Note"),
        "decided_by": _tr("Decided by"), "decided_at": _tr("Decided at"),
        "question": _tr("Question"), "model": _tr("Model"), "date_from": _tr("Before"), "date_to": _tr("After"),
        "adapter": _tr("Adapter"), "licence": _tr("Licence"),
    }  # fmt: skip


def _status(status: str) -> str:
    return {
        "proposed": _tr("to decide"),
        "accepted": _tr("accepted"),
        "rejected": _tr("rejected"),
        "edited": _tr("edited"),
    }.get(status, status)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Diachron", text)
