"""How outputs look when Processing has loaded them: as the dock's layers do."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingLayerPostProcessorInterface, QgsRasterLayer, QgsVectorLayer

from ..link.protocol import VocabularyEntry
from ..logic.results import style_changes, style_classes, style_probability


class ResultStyle(QgsProcessingLayerPostProcessorInterface):
    """Styles one layer of a result; ``kind`` is changes, probability or classes."""

    # QGIS holds the C++ half alone; without its Python half nothing would be styled.
    _alive: deque[ResultStyle] = deque(maxlen=256)

    def __init__(self, kind: str, vocabulary: Sequence[VocabularyEntry]) -> None:
        super().__init__()
        self._kind, self._vocabulary = kind, tuple(vocabulary)
        self._alive.append(self)

    def postProcessLayer(self, layer: Any, context: QgsProcessingContext, feedback: Any) -> None:
        """Style the layer; called by QGIS in the main thread."""
        if self._kind == "changes" and isinstance(layer, QgsVectorLayer):
            style_changes(layer, {entry.name: entry.colour for entry in self._vocabulary})
        elif self._kind == "probability" and isinstance(layer, QgsRasterLayer):
            style_probability(layer)
        elif isinstance(layer, QgsRasterLayer):
            style_classes(layer, self._vocabulary)
        layer.triggerRepaint()


def style_on_load(
    context: QgsProcessingContext, destination: str, kind: str, vocabulary: Sequence[VocabularyEntry]
) -> None:
    """Have a layer styled where QGIS is going to load it."""
    if destination and context.willLoadLayerOnCompletion(destination):
        context.layerToLoadOnCompletionDetails(destination).setPostProcessor(ResultStyle(kind, vocabulary))
