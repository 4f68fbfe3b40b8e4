"""Questions to the table of a result's changes that its database answers at once, however many there are.

Going through ten thousand features one by one keeps the window waiting; SQL does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from qgis.core import QgsFeatureRequest, QgsProviderRegistry, QgsRectangle, QgsVectorLayer

MOST_BOXES = 1000


def transitions(layer: QgsVectorLayer) -> list[tuple[str, str]]:
    """Return every pair of from and to class that occurs, sorted."""
    if layer.source().endswith("|layername=changes"):
        rows = _rows(layer, "SELECT DISTINCT from_class, to_class FROM changes")
        return sorted((str(source), str(target)) for source, target in rows)
    # An output of Processing: a layer in memory, or a file of any format and name.
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
    request.setSubsetOfAttributes(["from_class", "to_class"], layer.fields())
    return sorted({(str(each["from_class"]), str(each["to_class"])) for each in layer.getFeatures(request)})


def mean_confidence(layer: QgsVectorLayer | None) -> float | None:
    """Return the mean confidence of the changes, None where there are none."""
    if layer is None:
        return None
    ((mean,),) = _rows(layer, "SELECT avg(confidence) FROM changes")
    return float(mean) if isinstance(mean, (int, float)) else None


def fids_of(layer: QgsVectorLayer, ids: Iterable[int]) -> list[int]:
    """Return QGIS's ids of the features whose field ``id`` is one of ``ids``."""
    wanted = set(ids)
    return [fid for fid, id in _pairs(layer) if id in wanted] if wanted else []


def ids_of(layer: QgsVectorLayer, fids: Iterable[int]) -> list[int]:
    """Return the field ``id`` of some features."""
    wanted = set(fids)
    return [id for fid, id in _pairs(layer) if fid in wanted] if wanted else []


def extent_of(layer: QgsVectorLayer, fids: Iterable[int]) -> QgsRectangle:
    """Return the extent of some features, in the layer's CRS; the whole layer's where they are so many that going
    through them would keep the window waiting: they lie all over it then.
    """
    wanted = list(fids)
    if len(wanted) > MOST_BOXES:
        return QgsRectangle(layer.extent())
    extent = QgsRectangle()
    for feature in layer.getFeatures(QgsFeatureRequest().setFilterFids(wanted).setNoAttributes()):
        extent.combineExtentWith(feature.geometry().boundingBox())
    return extent


def _pairs(layer: QgsVectorLayer) -> list[tuple[int, int]]:
    """Return fid and id of every change."""
    ((told,),) = _rows(layer, "SELECT group_concat(fid || ' ' || id) FROM changes")
    return [(int(fid), int(id)) for fid, _, id in (pair.partition(" ") for pair in str(told or "").split(",") if pair)]


def _rows(layer: QgsVectorLayer, sql: str) -> list[list[Any]]:
    provider = QgsProviderRegistry.instance().providerMetadata("ogr")
    return list(provider.createConnection(layer.source().split("|")[0], {}).executeSql(sql))
