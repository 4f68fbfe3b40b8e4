"""Showing the polygons behind a number on the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qgis.core import QgsCoordinateTransform, QgsProject, QgsVectorLayer
from qgis.PyQt.QtGui import QColor

from ..logic.changes_table import extent_of

FLASH = QColor(255, 235, 59, 220)


def show_features(canvas: Any, layer: QgsVectorLayer, fids: Sequence[int]) -> None:
    """Select features of a layer, zoom the canvas to them, and flash them."""
    layer.selectByIds(fids)
    extent = extent_of(layer, fids)
    extent.scale(1.25)
    transform = QgsCoordinateTransform(layer.crs(), canvas.mapSettings().destinationCrs(), QgsProject.instance())
    canvas.setExtent(transform.transformBoundingBox(extent) if layer.crs().isValid() else extent)
    canvas.flashFeatureIds(layer, fids, FLASH, QColor(255, 235, 59, 0), 3, 400)
    canvas.refresh()
