"""Where a result comes from, in the fields that QGIS has for it: a layer's metadata and its history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from qgis.core import QgsAbstractMetadataBase, QgsLayerMetadata, QgsMapLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication

from ..link.answer import Answer
from ..link.protocol import VocabularyEntry
from .evidence import configure_form
from .language import decimal


def attach_evidence(
    folder: Path, changes: QgsVectorLayer | None, rasters: Sequence[QgsMapLayer], vocabulary: Sequence[VocabularyEntry]
) -> None:
    """Give the layers of a result folder their metadata, and the changes the form that shows their evidence."""
    try:
        answer = Answer.from_json(json.loads((folder / "answer.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        # Layers without an answer beside them are shown all the same.
        return
    for layer in rasters:
        describe(layer, answer)
    if changes is not None:
        configure_form(changes, answer, [entry.name for entry in vocabulary])
        describe(changes, answer)


def describe(layer: QgsMapLayer, answer: Answer, steps: Sequence[str] = ()) -> None:
    """Write title, abstract, language, licence, sources and history into a layer's metadata; ``steps`` end its history.

    It is kept in the project; `QgsMapLayer.saveDefaultMetadata` keeps it beside the layer's file too.
    """
    model = " ".join(part for part in (answer.model.name, answer.model.version, answer.model.adapter) if part)
    metadata = QgsLayerMetadata()
    metadata.setType("dataset")
    metadata.setTitle(f"{layer.name()}: {answer.question}")
    metadata.setAbstract(answer.text)
    metadata.setLanguage(answer.language)
    metadata.setCrs(layer.crs())
    metadata.setLicenses([answer.model.licence] if answer.model.licence else [])
    metadata.setKeywords({"diachron": [word for word in ("change detection", answer.look.task, model) if word]})
    for each in answer.inputs:
        metadata.addLink(_link(each.path, each.date))
    metadata.setHistory([*_history(answer, model), *steps])
    layer.setMetadata(metadata)


def add_history(layer: QgsMapLayer, step: str, now: datetime | None = None) -> None:
    """Add a dated step to a layer's history."""
    metadata = layer.metadata()
    metadata.addHistoryItem(f"{(now or datetime.now()).isoformat(timespec='seconds')}: {step}")
    layer.setMetadata(metadata)


def drawn_with(answer: Answer) -> str:
    """Return what the polygons were drawn with, as a step of a history; "" where that is not known."""
    settings = answer.settings
    if settings is None:
        return ""
    unit = {"m2": "m²"}.get(settings.unit, settings.unit)
    text = _tr("drawn where the change probability is {0} or more, {1} {2} at least")
    return text.format(decimal(settings.threshold, 2, 2), decimal(settings.minimum_area, 2), unit)


def _history(answer: Answer, model: str) -> list[str]:
    dates = " › ".join(" ".join(part for part in (each.date, each.path) if part) for each in answer.inputs)
    steps = [_tr("compared: {0}").format(dates)] if dates else []
    steps += [_tr("asked of {0}: {1}").format(model, answer.question)]
    steps += [note.what for note in answer.preflight.notes if note.level != "fine"]
    drawn = drawn_with(answer)
    return [*steps, drawn] if drawn else steps


def _link(path: str, date: str) -> QgsAbstractMetadataBase.Link:
    link = QgsAbstractMetadataBase.Link(_tr("image of {0}").format(date) if date else _tr("image"), "file", path)
    link.description = path
    return link


def _tr(text: str) -> str:
    return QCoreApplication.translate("Diachron", text)
