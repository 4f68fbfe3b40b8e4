"""A changes layer as a store of proposals: read once, in slices; each step written straight to the file."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from qgis.core import (
    Qgis,
    QgsDistanceArea,
    QgsFeature,
    QgsFeatureRequest,
    QgsField,
    QgsGeometry,
    QgsProject,
    QgsUnitTypes,
    QgsVectorDataProvider,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QMetaType, QVariant

from .proposals import PROPOSED, STATUSES, Box, Proposal

NEEDED = ("from_class", "to_class")
REVIEW_FIELDS = ("status", "note", "decided_by", "decided_at")
WRITTEN = (*NEEDED, "area_m2", "caption", *REVIEW_FIELDS)
SLICE_S = 0.012
FIRST_NEW_FIELD_TYPE_VERSION = 33800


class NotSaved(Exception):
    """A step could not be written; the message says what the file's driver says."""


def is_reviewable(layer: Any) -> bool:
    """Say whether a layer holds polygons with a from and a to class."""
    return (
        isinstance(layer, QgsVectorLayer)
        and layer.isValid()
        and layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry
        and all(layer.fields().indexOf(name) >= 0 for name in NEEDED)
    )


class ProposalStore:
    """The proposals of one layer."""

    def __init__(self, layer: QgsVectorLayer) -> None:
        self.layer = layer
        extent = layer.extent()
        self._extent = Box(extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())

    def slices(self, fids: Iterable[int] | None = None) -> Iterator[list[Proposal]]:
        """Yield all proposals, or some, in slices that take `SLICE_S` each, so that the window lives between them."""
        request = QgsFeatureRequest() if fids is None else QgsFeatureRequest().setFilterFids(list(fids))
        places = {field.name(): number for number, field in enumerate(self.layer.fields())}
        read: list[Proposal] = []
        started = time.perf_counter()
        for feature in self.layer.getFeatures(request):
            read.append(self._proposal(feature, places))
            if time.perf_counter() - started > SLICE_S:
                yield read
                read, started = [], time.perf_counter()
        yield read

    def read(self, fids: Iterable[int]) -> list[Proposal]:
        """Return some proposals as the layer has them now."""
        return [each for part in self.slices(fids) for each in part]

    def outline(self, fid: int) -> QgsGeometry:
        """Return the geometry of a proposal."""
        return QgsGeometry(self.layer.getFeature(fid).geometry())

    def saved_outlines(self, fids: Iterable[int]) -> dict[int, bytes]:
        """Return geometries (WKB) as the file has them, whatever an edit buffer holds."""
        request = QgsFeatureRequest().setFilterFids(list(fids)).setNoAttributes()
        features = self.layer.dataProvider().getFeatures(request)
        return {feature.id(): bytes(feature.geometry().asWkb()) for feature in features}

    def write(self, before: Proposal, after: Proposal, outline: bytes | None = None) -> None:
        """Write what differs, and an outline (WKB) where one is given; it is in the file when this returns.

        Raises
        ------
        NotSaved: the file is locked, read-only, or in a transaction of QGIS's own.
        """
        provider = self.layer.dataProvider()
        if provider.transaction() is not None:
            raise NotSaved("an edit transaction is open")
        self._add_missing_fields(provider)
        index = self.layer.fields().indexOf
        values = {
            index(name): getattr(after, name)
            for name in WRITTEN
            if getattr(after, name) != getattr(before, name) and index(name) >= 0
        }
        if values and not provider.changeAttributeValues({after.fid: values}):
            raise NotSaved(_reason(provider))
        if outline is not None and not provider.changeGeometryValues({after.fid: _geometry(outline)}):
            raise NotSaved(_reason(provider))

    def measured_m2(self, outline: QgsGeometry) -> float | None:
        """Return the geodesic area of an outline, None where the layer has no CRS to tell metres by."""
        if not self.layer.crs().isValid():
            return None
        measure = QgsDistanceArea()
        project = QgsProject.instance()
        measure.setSourceCrs(self.layer.crs(), project.transformContext())
        measure.setEllipsoid(self.layer.crs().ellipsoidAcronym() or project.ellipsoid())
        square_metres = QgsUnitTypes.AreaUnit.AreaSquareMeters
        return float(measure.convertAreaMeasurement(measure.measureArea(outline), square_metres))

    def _add_missing_fields(self, provider: QgsVectorDataProvider) -> None:
        missing = [name for name in REVIEW_FIELDS if self.layer.fields().indexOf(name) < 0]
        if not missing:
            return
        if not provider.addAttributes([_text_field(name) for name in missing]):
            raise NotSaved(_reason(provider))
        self.layer.updateFields()

    def _proposal(self, feature: QgsFeature, places: Mapping[str, int]) -> Proposal:
        values = feature.attributes()

        def text(name: str) -> str:
            value = values[places[name]] if name in places else None
            return value if isinstance(value, str) else ""

        def number(name: str) -> float | None:
            value = values[places[name]] if name in places else None
            return float(value) if isinstance(value, (int, float)) else None

        bounds = feature.geometry().boundingBox()
        box = Box(bounds.xMinimum(), bounds.yMinimum(), bounds.xMaximum(), bounds.yMaximum())
        centre = bounds.center()
        status = text("status")
        return Proposal(
            feature.id(), int(number("id") or feature.id()), text("from_class"), text("to_class"), number("area_m2"),
            number("confidence"), text("caption"), status if status in STATUSES else PROPOSED, text("note"),
            text("decided_by"), text("decided_at"), self._extent.place_of(centre.x(), centre.y()), box,
        )  # fmt: skip


def _text_field(name: str) -> QgsField:
    if Qgis.QGIS_VERSION_INT >= FIRST_NEW_FIELD_TYPE_VERSION:
        return QgsField(name, QMetaType.Type.QString)
    return QgsField(name, QVariant.Type.String)


def _geometry(wkb: bytes) -> QgsGeometry:
    geometry = QgsGeometry()
    geometry.fromWkb(wkb)
    return geometry


def _reason(provider: QgsVectorDataProvider) -> str:
    errors = provider.errors()
    return errors[-1] if errors else provider.dataSourceUri().split("|")[0]
