"""The guards of layers that hold applied lines, and what a person hears of their saving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import Qgis, QgsVectorLayer

from ..logic.reconcile_save import SAVED, SaveGuard, Saving
from .reconcile_words import saving_text
from .words import tr

SAVED_SHOWN_S = 8


class SaveGuards:
    """One guard a layer, for as long as the layer is there; ``refused`` hears why a saving was refused."""

    def __init__(self, iface: Any, refused: Callable[[str], None]) -> None:
        self.iface, self._refused = iface, refused
        self._guards: dict[str, SaveGuard] = {}

    def of(self, layer: QgsVectorLayer) -> SaveGuard:
        """Return the one that stands before a layer's saving."""
        key, name = layer.id(), layer.name()
        if key not in self._guards:
            guard = SaveGuard(layer, layer)
            guard.ended.connect(lambda saving: self._tell(saving, name))
            layer.willBeDeleted.connect(lambda: self._guards.pop(key, None))
            self._guards[key] = guard
        return self._guards[key]

    def release(self) -> None:
        """Leave all layers to themselves."""
        for guard in self._guards.values():
            guard.release()
        self._guards = {}

    def _tell(self, saving: Saving, name: str) -> None:
        bar = self.iface.messageBar()
        if saving.kind == SAVED:
            text = tr("{0}: {1} objects saved in one transaction.").format(name, saving.number)
            bar.pushMessage("Diachron", text, Qgis.MessageLevel.Success, SAVED_SHOWN_S)
            return
        bar.pushMessage("Diachron", saving_text(saving, name), Qgis.MessageLevel.Warning, 0)
        self._refused(saving_text(saving, name))
