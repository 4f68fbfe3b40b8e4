"""A result folder as one group of styled layers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsLayerTreeGroup,
    QgsPalettedRasterRenderer,
    QgsProject,
    QgsRasterLayer,
    QgsRasterShader,
    QgsRendererCategory,
    QgsSingleBandPseudoColorRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from ..link.protocol import VocabularyEntry
from .changes_table import transitions
from .class_words import class_name, transition_name
from .provenance import attach_evidence
from .temporal import answer_dates, show_changes_in_their_step, show_from

TRANSITION = '"from_class" || \' › \' || "to_class"'
LONGEST_NAME = 60
PINK = "#db0e9a"


@dataclass(frozen=True)
class ResultLayers:
    """The layers of one answer; those that the folder lacks are None."""

    group: QgsLayerTreeGroup
    changes: QgsVectorLayer | None
    probability: QgsRasterLayer | None
    classes: tuple[QgsRasterLayer, ...]


def load_results(
    folder: Path, question: str, vocabulary: Sequence[VocabularyEntry], project: QgsProject, names: Sequence[str]
) -> ResultLayers:
    """Load a result folder as a group at the top of the layer tree; ``names`` name the layers: changes, probability,
    land cover."""
    group = project.layerTreeRoot().insertGroup(0, question[:LONGEST_NAME])
    colours = {entry.name: entry.colour for entry in vocabulary}
    changes = _changes(folder / "changes.gpkg", names[0], colours)
    probability = _probability(folder / "change_probability.tif", names[1])
    steps = tuple(
        layer
        for number, path in _numbered(folder, "change_probability")
        for layer in [_probability(path, f"{names[1]} {number}")]
        if layer is not None
    )
    classes = tuple(
        layer
        for number, path in _numbered(folder, "classes")
        for layer in [_classes(path, f"{names[2]} {number}", vocabulary)]
        if layer is not None
    )
    dates = answer_dates(folder)
    if dates:
        _play(dates, changes, probability, steps, classes)
    for layer, shown in ((changes, True), (probability, False), *((each, False) for each in (*steps, *classes))):
        if layer is not None:
            project.addMapLayer(layer, False)
            group.addLayer(layer).setItemVisibilityChecked(shown)
    attach_evidence(folder, changes, [each for each in (probability, *classes) if each is not None], vocabulary)
    for node in group.findLayers()[1:]:
        node.setExpanded(False)
    return ResultLayers(group, changes, probability, classes)


def _numbered(folder: Path, name: str) -> list[tuple[int, Path]]:
    """Return the rasters of a name that have a number, in the order of their numbers."""
    found = ((path.stem[len(name) + 1 :], path) for path in folder.glob(f"{name}_*.tif"))
    return sorted((int(number), path) for number, path in found if number.isdigit())


def _play(
    dates: Sequence[str],
    changes: QgsVectorLayer | None,
    probability: QgsRasterLayer | None,
    steps: Sequence[QgsRasterLayer],
    classes: Sequence[QgsRasterLayer],
) -> None:
    """Give each layer the time that it holds for."""
    if changes is not None:
        show_changes_in_their_step(changes)
    if probability is not None:
        show_from(probability, dates, 0, len(dates))
    for number, layer in enumerate(steps):
        show_from(layer, dates, number, number + 1)
    for number, layer in enumerate(classes):
        show_from(layer, dates, number, number + 1)


def group_of(project: QgsProject, folder: str) -> QgsLayerTreeGroup | None:
    """Return the group whose changes layer lies in a folder, None where there is none."""
    for node in project.layerTreeRoot().findLayers():
        layer = node.layer()
        if layer is not None and layer.source().startswith(folder) and isinstance(node.parent(), QgsLayerTreeGroup):
            return node.parent()
    return None


def show_alone(project: QgsProject, folders: Iterable[str], shown: str) -> None:
    """Show the group of one result folder, and hide and fold those of the others."""
    for folder in folders:
        group = group_of(project, folder)
        if group is not None:
            group.setItemVisibilityChecked(folder == shown)
            group.setExpanded(folder == shown)


def changes_layer(project: QgsProject, folder: str) -> QgsVectorLayer | None:
    """Return the loaded changes layer of a folder."""
    start = str(Path(folder) / "changes.gpkg")
    layers = (layer for layer in project.mapLayers().values() if isinstance(layer, QgsVectorLayer))
    return next((layer for layer in layers if layer.source().startswith(start)), None)


def refresh_changes(layer: QgsVectorLayer) -> None:
    """Show what another program has written into the layer's file."""
    layer.removeSelection()
    layer.dataProvider().reloadData()
    layer.updateExtents()
    renderer = layer.renderer()
    colours = {}
    if isinstance(renderer, QgsCategorizedSymbolRenderer):
        colours = {
            str(each.value()).rpartition(" › ")[2]: each.symbol().color().name() for each in renderer.categories()
        }
    for pair in transitions(layer):
        show_transition(layer, pair, colours.get(pair[1]))
    layer.triggerRepaint()


def show_transition(layer: QgsVectorLayer, pair: tuple[str, str], colour: str | None) -> None:
    """Give a transition that a person has made a symbol of its own, where the layer has none for it."""
    renderer, label = layer.renderer(), f"{pair[0]} › {pair[1]}"
    if not isinstance(renderer, QgsCategorizedSymbolRenderer) or renderer.classAttribute() != TRANSITION:
        return
    if renderer.categoryIndexForValue(label) < 0:
        renderer.addCategory(QgsRendererCategory(label, _symbol(colour or PINK), transition_name(*pair)))


def _changes(path: Path, name: str, colours: dict[str, str]) -> QgsVectorLayer | None:
    layer = QgsVectorLayer(f"{path}|layername=changes", name, "ogr")
    if not path.is_file() or not layer.isValid():
        return None
    style_changes(layer, colours)
    return layer


def style_changes(layer: QgsVectorLayer, colours: dict[str, str]) -> None:
    """Give each transition of a changes layer a symbol, in the colour (#rrggbb) of the class that it became."""
    categories = [
        QgsRendererCategory(f"{source} › {target}", _symbol(colours.get(target, PINK)), transition_name(source, target))
        for source, target in transitions(layer)
    ]
    layer.setRenderer(QgsCategorizedSymbolRenderer(TRANSITION, categories))


def _symbol(colour: str) -> QgsFillSymbol:
    fill, edge = QColor(colour), QColor(colour).darker(130)
    style = {
        "color": f"{fill.red()},{fill.green()},{fill.blue()},90",
        "outline_color": f"{edge.red()},{edge.green()},{edge.blue()},255",
        "outline_width": "0.6", "joinstyle": "miter",
    }  # fmt: skip
    return QgsFillSymbol.createSimple(style)


def _probability(path: Path, name: str) -> QgsRasterLayer | None:
    layer = QgsRasterLayer(str(path), name, "gdal")
    if not path.is_file() or not layer.isValid():
        return None
    style_probability(layer)
    return layer


def style_probability(layer: QgsRasterLayer) -> None:
    """Show a probability of change from nothing to opaque."""
    ramp = QgsColorRampShader(0.0, 1.0)
    stops = ((0.0, 0), (0.3, 0), (0.5, 120), (1.0, 230))
    ramp.setColorRampItemList(
        [QgsColorRampShader.ColorRampItem(value, QColor(219, 14, 154, alpha), f"{value:.1f}") for value, alpha in stops]
    )
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(ramp)
    layer.setRenderer(QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader))


def _classes(path: Path, name: str, vocabulary: Sequence[VocabularyEntry]) -> QgsRasterLayer | None:
    layer = QgsRasterLayer(str(path), name, "gdal")
    if not layer.isValid():
        return None
    style_classes(layer, vocabulary)
    return layer


def style_classes(layer: QgsRasterLayer, vocabulary: Sequence[VocabularyEntry]) -> None:
    """Name and colour the classes of a land-cover map; without a vocabulary as the file's own colour table does."""
    classes = [
        QgsPalettedRasterRenderer.Class(entry.id, QColor(entry.colour), class_name(entry.name)) for entry in vocabulary
    ]
    if not classes:
        classes = QgsPalettedRasterRenderer.colorTableToClassData(layer.dataProvider().colorTable(1))
    renderer = QgsPalettedRasterRenderer(layer.dataProvider(), 1, classes)
    renderer.setOpacity(0.7)
    layer.setRenderer(renderer)
