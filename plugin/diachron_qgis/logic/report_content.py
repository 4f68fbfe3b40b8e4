"""What a report tells, read from a result folder: nothing here draws."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import QgsRectangle, QgsVectorLayer

from ..link.answer import Answer
from ..link.protocol import VocabularyEntry

REJECTED = "rejected"


class NoReport(Exception):
    """There is nothing to report; the message says what is missing."""


@dataclass(frozen=True)
class ReportedChange:
    """One change that was not rejected; ``area`` in the report's unit, ``box`` in the layer's CRS."""

    id: int
    source: str
    target: str
    area: float
    confidence: float | None
    status: str
    note: str
    box: QgsRectangle


@dataclass(frozen=True)
class Transition:
    """What became of one class: area and number of the changes from ``source`` to ``target``."""

    source: str
    target: str
    area: float
    count: int


@dataclass(frozen=True)
class ReportContent:
    """A result as a report tells it. ``recipe`` is empty for a result that has none; ``unit`` is m2 or px."""

    folder: Path
    answer: Answer
    raw: Mapping[str, Any]
    recipe: Mapping[str, Any]
    changes: tuple[ReportedChange, ...]
    statuses: Mapping[str, int]
    unit: str
    vocabulary: tuple[VocabularyEntry, ...]

    @property
    def language(self) -> str:
        """Return the report's language: the answer's."""
        return self.answer.language or "en"

    @property
    def total(self) -> float:
        """Return the area of all changes."""
        return sum(change.area for change in self.changes)

    @property
    def confidence(self) -> float | None:
        """Return the mean confidence of the changes, None where none is known."""
        known = [change.confidence for change in self.changes if change.confidence is not None]
        return sum(known) / len(known) if known else None

    @property
    def rasters(self) -> tuple[Path, ...]:
        """Return the images that were compared, the earliest first; one may have gone since."""
        return tuple(Path(each["path"]) for each in self.raw.get("inputs") or ())

    @property
    def dates(self) -> tuple[str, str]:
        """Return the dates of the first and the last image, "" where not known."""
        dates = [str(each.get("date") or "") for each in self.raw.get("inputs") or ()]
        return (dates[0], dates[-1]) if dates else ("", "")

    def transitions(self) -> tuple[Transition, ...]:
        """Return what became what, the largest area first."""
        sums: dict[tuple[str, str], tuple[float, int]] = {}
        for change in self.changes:
            area, count = sums.get((change.source, change.target), (0.0, 0))
            sums[change.source, change.target] = (area + change.area, count + 1)
        rows = [Transition(source, target, area, count) for (source, target), (area, count) in sums.items()]
        return tuple(sorted(rows, key=lambda row: -row.area))

    def largest(self, most: int) -> tuple[ReportedChange, ...]:
        """Return the largest changes."""
        return tuple(sorted(self.changes, key=lambda change: -change.area)[:most])

    def shown(self, name: str) -> str:
        """Return a class's name in the report's language."""
        entry = next((each for each in self.vocabulary if each.name == name), None)
        return entry.fr if entry is not None and self.language == "fr" and entry.fr else name

    def colour(self, name: str) -> str:
        """Return a class's colour, #rrggbb."""
        return next((each.colour for each in self.vocabulary if each.name == name), "#808080")


def read_content(folder: Path, vocabulary: Sequence[VocabularyEntry]) -> ReportContent:
    """Read a result folder.

    Raises
    ------
    NoReport: it is none.
    """
    try:
        raw = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NoReport(str(folder)) from error
    layer = QgsVectorLayer(f"{folder / 'changes.gpkg'}|layername=changes", "changes", "ogr")
    if not layer.isValid():
        raise NoReport(str(folder / "changes.gpkg"))
    changes = _changes(layer)
    statuses: dict[str, int] = {}
    for change in changes:
        statuses[change.status] = statuses.get(change.status, 0) + 1
    unit = "m2" if layer.crs().isValid() or (raw.get("settings") or {}).get("gsd_m") else "px"
    kept = tuple(change for change in changes if change.status != REJECTED)
    answer = Answer.from_json(raw)
    return ReportContent(folder, answer, raw, _recipe(folder), kept, statuses, unit, tuple(vocabulary))


def _changes(layer: QgsVectorLayer) -> list[ReportedChange]:
    names = {field.name() for field in layer.fields()}
    found = []
    for feature in layer.getFeatures():
        values = {name: feature[name] for name in names}
        area = values.get("area_m2")
        confidence = values.get("confidence")
        box = feature.geometry().boundingBox()
        found.append(
            ReportedChange(
                int(values.get("id") or feature.id()),
                _text(values.get("from_class")),
                _text(values.get("to_class")),
                float(area) if isinstance(area, (int, float)) else feature.geometry().area(),
                float(confidence) if isinstance(confidence, (int, float)) else None,
                _text(values.get("status")) or "proposed",
                _text(values.get("note")),
                box,
            )
        )
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _recipe(folder: Path) -> Mapping[str, Any]:
    try:
        return dict(json.loads((folder / "recipe.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
