"""The list as a change-set for another tool: the same records as a GeoPackage and as GeoJSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsField,
    QgsFields,
    QgsGeometry,
    QgsVectorFileWriter,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QMetaType, QVariant

from .reconcile_listing import Cancelled, Finding, NotListed, Reconciliation, Report
from .reconcile_mapping import as_text
from .review_store import FIRST_NEW_FIELD_TYPE_VERSION

LAYER = "change_set"
if Qgis.QGIS_VERSION_INT >= FIRST_NEW_FIELD_TYPE_VERSION:
    TEXT, REAL = QMetaType.Type.QString, QMetaType.Type.Double
else:
    TEXT, REAL = QVariant.Type.String, QVariant.Type.Double
FIELDS = (
    ("action", TEXT), ("object", TEXT), ("class", TEXT), ("was_class", TEXT), ("match", TEXT), ("proposals", TEXT),
    ("shared", REAL), ("area_before_m2", REAL), ("area_after_m2", REAL), ("confidence", REAL), ("values", TEXT),
)  # fmt: skip
DRIVERS = {".gpkg": ("GPKG", []), ".geojson": ("GeoJSON", ["RFC7946=YES", "WRITE_NAME=NO"])}


@dataclass(frozen=True)
class ChangeSet:
    """What to write: lines of a list, the CRS of their outlines, and where the database's key stands in its records.

    ``action`` is created, removed, modified or confirmed; ``object`` the key; ``values`` JSON, the attributes to write;
    the outline is the one that is to be, of a removed object the one that was.
    """

    listed: Reconciliation
    lines: tuple[int, ...]
    crs: QgsCoordinateReferenceSystem
    context: QgsCoordinateTransformContext
    key_places: tuple[int, ...]

    def write(self, path: Path, report: Report, cancelled: Callable[[], bool]) -> tuple[Path, ...]:
        """Write the GeoPackage at ``path`` and the GeoJSON beside it, whole or not at all, and return both paths.

        Raises
        ------
        NotListed: of kind ``unwritable``. Cancelled: ``cancelled`` said so; no file was changed.
        """
        paths = tuple(path.with_suffix(suffix) for suffix in DRIVERS)
        partial = [each.with_name(f".{each.stem}.part{each.suffix}") for each in paths]
        try:
            for number, each in enumerate(partial):
                self._write_one(each, _shifted(report, number, len(self.lines)), cancelled)
            for source, target in zip(partial, paths):
                os.replace(source, target)
        except OSError as problem:
            raise NotListed("unwritable", f"{problem.filename}: {problem.strerror}") from None
        finally:
            for each in partial:
                each.unlink(missing_ok=True)
        return paths

    def _write_one(self, path: Path, report: Callable[[int], None], cancelled: Callable[[], bool]) -> None:
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.driverName, options.layerOptions = DRIVERS[path.suffix]
        options.layerName = LAYER
        fields = record_fields()
        writer = QgsVectorFileWriter.create(
            str(path), fields, QgsWkbTypes.Type.MultiPolygon, self.crs, self.context, options
        )
        for done, feature in enumerate(self.records(fields), 1):
            if cancelled():
                del writer
                raise Cancelled
            writer.addFeature(feature)
            report(done)
        problem = writer.errorMessage() if writer.hasError() else ""
        del writer  # closes the file
        if problem:
            raise NotListed("unwritable", problem)

    def records(self, fields: QgsFields) -> Iterator[QgsFeature]:
        """Yield a record for each line."""
        for line in self.lines:
            finding = self.listed.findings[line]
            feature = QgsFeature(fields)
            feature.setAttributes(self._attributes(finding))
            feature.setGeometry(_outline(finding))
            yield feature

    def _attributes(self, finding: Finding) -> list[object]:
        item = finding.item
        state = self.listed.states.get(item.object) if item.object is not None else None
        key = ",".join(as_text(state[0][place]) for place in self.key_places) if state else None
        return [
            item.action, key, item.class_name, item.was_class, item.match.kind, ",".join(map(str, item.proposals)),
            round(item.share, 4), finding.before_m2, finding.after_m2, finding.confidence,
            json.dumps({name: as_text(value) for name, value in finding.values.items()}, ensure_ascii=False),
        ]  # fmt: skip


def _shifted(report: Report, number: int, records: int) -> Callable[[int], None]:
    return lambda done: report(number * records + done, len(DRIVERS) * records)


def record_fields() -> QgsFields:
    """Return the fields of a change-set."""
    fields = QgsFields()
    for name, kind in FIELDS:
        fields.append(QgsField(name, kind))
    return fields


def _outline(finding: Finding) -> QgsGeometry:
    parts: Sequence[QgsGeometry] = finding.after or (finding.outline,)
    whole = QgsGeometry(parts[0]) if len(parts) == 1 else QgsGeometry.collectGeometry(list(parts))
    whole.convertToMultiType()
    return whole
