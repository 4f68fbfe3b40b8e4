"""Showing the polygons behind a number on the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qgis.core import QgsCoordinateTransform, QgsProject, QgsVectorLayer
from qgis.PyQt.QtGui import QColor

from ..logic.changes_table import extent_of

FLASH = QColor(255, 235, 59, 220)
MOST_FLASHED = 3000
"""More than these QGIS takes too long to flash; they are selected, which is seen as well."""


def zoom_to(canvas: Any, layer: QgsVectorLayer, fids: Sequence[int]) -> None:
    """Zoom the canvas to features of a layer."""
    extent = extent_of(layer, fids)
    extent.scale(1.25)
    transform = QgsCoordinateTransform(layer.crs(), canvas.mapSettings().destinationCrs(), QgsProject.instance())
    canvas.setExtent(transform.transformBoundingBox(extent) if layer.crs().isValid() else extent)
    canvas.refresh()


def flash(canvas: Any, layer: QgsVectorLayer, fids: Sequence[int]) -> None:
    """Flash features of a layer three times."""
    if len(fids) <= MOST_FLASHED:
        canvas.flashFeatureIds(layer, fids, FLASH, QColor(255, 235, 59, 0), 3, 400)
