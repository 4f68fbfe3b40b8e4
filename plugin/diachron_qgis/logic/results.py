"""A result folder as one group of styled layers."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsFillSymbol,
    QgsLayerTreeGroup,
    QgsMapLayer,
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
from .language import decimal
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


@dataclass(frozen=True)
class _Opened:
    """The layers of a folder before they are in a project."""

    changes: QgsVectorLayer | None
    probability: QgsRasterLayer | None
    steps: tuple[QgsRasterLayer, ...]
    classes: tuple[QgsRasterLayer, ...]

    def rasters(self) -> list[QgsRasterLayer]:
        """Return those of the whole time, whatever is None left out."""
        return [each for each in (self.probability, *self.classes) if each is not None]

    def all(self) -> list[QgsMapLayer]:
        """Return every layer in the order of the layer tree."""
        layers = (self.changes, self.probability, *self.steps, *self.classes)
        return [each for each in layers if each is not None]


def load_results(
    folder: Path, question: str, vocabulary: Sequence[VocabularyEntry], project: QgsProject, names: Sequence[str]
) -> ResultLayers:
    """Load a result folder as a group at the top of the layer tree; ``names`` name the layers: changes, probability,
    land cover."""
    steps = loading_results(folder, question, vocabulary, project, names)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("ResultLayers", end.value)


def loading_results(
    folder: Path, question: str, vocabulary: Sequence[VocabularyEntry], project: QgsProject, names: Sequence[str]
) -> Generator[None, None, ResultLayers]:
    """Do what `load_results` does in steps, each of them short: nothing is in the project before all files are open."""
    opened = yield from _opening(folder, vocabulary, names)
    dates = answer_dates(folder)
    if dates:
        _play(dates, opened)
    attach_evidence(folder, opened.changes, opened.rasters(), vocabulary)
    yield
    group = project.layerTreeRoot().insertGroup(0, question[:LONGEST_NAME])
    for layer in opened.all():
        project.addMapLayer(layer, False)
        group.addLayer(layer).setItemVisibilityChecked(layer is opened.changes)
        yield
    for node in group.findLayers()[1:]:
        node.setExpanded(False)
    return ResultLayers(group, opened.changes, opened.probability, opened.classes)


def _opening(
    folder: Path, vocabulary: Sequence[VocabularyEntry], names: Sequence[str]
) -> Generator[None, None, _Opened]:
    """Open and style every file of a folder, each in a step of its own."""
    changes = _changes(folder / "changes.gpkg", names[0])
    yield
    if changes is not None:
        style_changes(changes, {entry.name: entry.colour for entry in vocabulary})
        yield
    probability = _probability(folder / "change_probability.tif", names[1])
    yield
    steps: list[QgsRasterLayer | None] = []
    classes: list[QgsRasterLayer | None] = []
    for number, path in _numbered(folder, "change_probability"):
        steps.append(_probability(path, f"{names[1]} {number}"))
        yield
    for number, path in _numbered(folder, "classes"):
        classes.append(_classes(path, f"{names[2]} {number}", vocabulary))
        yield
    return _Opened(
        changes, probability, *(tuple(each for each in found if each is not None) for found in (steps, classes))
    )


def _numbered(folder: Path, name: str) -> list[tuple[int, Path]]:
    """Return the rasters of a name that have a number, in the order of their numbers."""
    found = ((path.stem[len(name) + 1 :], path) for path in folder.glob(f"{name}_*.tif"))
    return sorted((int(number), path) for number, path in found if number.isdigit())


def _play(dates: Sequence[str], layers: _Opened) -> None:
    """Give each layer the time that it holds for."""
    if layers.changes is not None:
        show_changes_in_their_step(layers.changes)
    if layers.probability is not None:
        show_from(layers.probability, dates, 0, len(dates))
    for number, layer in (*enumerate(layers.steps), *enumerate(layers.classes)):
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


def _changes(path: Path, name: str) -> QgsVectorLayer | None:
    options = QgsVectorLayer.LayerOptions(QgsProject.instance().transformContext())
    # A style of the file's own would be looked for, and then replaced.
    options.loadDefaultStyle = False
    layer = QgsVectorLayer(f"{path}|layername=changes", name, "ogr", options)
    return layer if path.is_file() and layer.isValid() else None


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


def _raster(path: Path, name: str) -> QgsRasterLayer | None:
    options = QgsRasterLayer.LayerOptions()
    # The usual style would be made of statistics, for which the pixels are read.
    options.loadDefaultStyle = False
    layer = QgsRasterLayer(str(path), name, "gdal", options)
    return layer if path.is_file() and layer.isValid() else None


def _probability(path: Path, name: str) -> QgsRasterLayer | None:
    layer = _raster(path, name)
    if layer is None:
        return None
    style_probability(layer)
    return layer


def style_probability(layer: QgsRasterLayer) -> None:
    """Show a probability of change from nothing to opaque."""
    ramp = QgsColorRampShader(0.0, 1.0)
    stops = ((0.0, 0), (0.3, 0), (0.5, 120), (1.0, 230))
    ramp.setColorRampItemList(
        [
            QgsColorRampShader.ColorRampItem(value, QColor(219, 14, 154, alpha), decimal(value, 1, 1))
            for value, alpha in stops
        ]
    )
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(ramp)
    layer.setRenderer(QgsSingleBandPseudoColorRenderer(layer.dataProvider(), 1, shader))


def _classes(path: Path, name: str, vocabulary: Sequence[VocabularyEntry]) -> QgsRasterLayer | None:
    layer = _raster(path, name)
    if layer is None:
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
