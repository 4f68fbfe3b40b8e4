"""Changes coloured by the level of damage, for questions of a set that is about it."""

from __future__ import annotations

from qgis.core import QgsCategorizedSymbolRenderer, QgsFillSymbol, QgsRendererCategory, QgsVectorLayer
from qgis.PyQt.QtCore import QCoreApplication

FIELD = "damage"
# From pale to dark, so that the order is seen without telling colours apart.
COLOURS = {"no damage": "#ffffb2", "minor damage": "#fecc5c", "major damage": "#f03b20", "destroyed": "#7a0019"}


def style_damage(layer: QgsVectorLayer) -> bool:
    """Give each level that a changes layer holds a symbol, and the rest another; False, and the layer as it was, where
    it holds none: no damage adapter looked."""
    place = layer.fields().indexOf(FIELD)
    held = layer.uniqueValues(place) if place >= 0 else set()
    if not any(level in held for level in COLOURS):
        return False
    categories = [
        QgsRendererCategory(level, _symbol(colour), _name(level)) for level, colour in COLOURS.items() if level in held
    ]
    categories.append(QgsRendererCategory("", _symbol("#9a9a9a"), _tr("no level told")))
    layer.setRenderer(QgsCategorizedSymbolRenderer(FIELD, categories))
    layer.triggerRepaint()
    return True


def _symbol(colour: str) -> QgsFillSymbol:
    style = {"color": colour, "style": "dense4", "outline_color": colour, "outline_width": "0.8"}
    return QgsFillSymbol.createSimple(style)


def _name(level: str) -> str:
    return {
        "no damage": _tr("no damage"),
        "minor damage": _tr("minor damage"),
        "major damage": _tr("major damage"),
        "destroyed": _tr("destroyed"),
    }[level]


def _tr(text: str) -> str:
    return QCoreApplication.translate("Diachron", text)
