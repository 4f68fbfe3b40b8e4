"""Objects as they are stored, to tell whether others have changed them; and a reading that notices its own failure."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from qgis.core import QgsAbstractFeatureSource, QgsApplication, QgsFeature, QgsFeatureRequest
from qgis.PyQt.QtCore import Qt

from .reconcile_mapping import is_null

State = tuple[tuple[Any, ...], bytes]
"""Attributes in the order of the provider's fields, and the outline as WKB."""

PROVIDER_TAGS = {"PostGIS", "OGR", "SpatiaLite", "MSSQL", "Oracle"}
HARMLESS_LEVELS = {0, 3, 4}
"""Info, success and no level."""


def stored_states(source: QgsAbstractFeatureSource, fids: Iterable[int]) -> dict[int, State]:
    """Return objects as a source has them; those that are gone, or are not stored yet, are left out."""
    request = QgsFeatureRequest().setFilterFids([fid for fid in fids if fid >= 0])
    return {feature.id(): state_of(feature) for feature in source.getFeatures(request)}


def state_of(feature: QgsFeature) -> State:
    """Return what two readings of an object are compared by."""
    values = tuple(None if is_null(value) else value for value in feature.attributes())
    return values, bytes(feature.geometry().asWkb())


class ProviderErrors:
    """Hears what providers complain of in this thread while it is open.

    A feature iterator whose connection is lost just ends: without this, objects would seem to be missing.
    """

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __enter__(self) -> ProviderErrors:
        self._thread = threading.get_ident()
        QgsApplication.messageLog().messageReceived.connect(self._hear, Qt.ConnectionType.DirectConnection)
        return self

    def __exit__(self, *_: object) -> None:
        QgsApplication.messageLog().messageReceived.disconnect(self._hear)

    def _hear(self, text: str, tag: str, level: int) -> None:
        is_ours = threading.get_ident() == self._thread and tag in PROVIDER_TAGS
        if is_ours and int(level) not in HARMLESS_LEVELS:
            self.texts.append(" ".join(text.split()))
