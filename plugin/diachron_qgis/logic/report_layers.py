"""The layers of a report: both images, the changes as the dock shows them, and outlines for close views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsBilinearRasterResampler,
    QgsFillSymbol,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)

from .report_content import REJECTED, ReportContent
from .results import style_changes

OUTLINE = ("255,235,59,255", "0.5")
OTHERS = ("255,255,255,200", "0.2")
LEAST_SIDE_M = 24.0


@dataclass(frozen=True)
class ReportLayers:
    """Layers of a project of the report's own; an image is None where its file has gone."""

    project: QgsProject
    before: QgsRasterLayer | None
    after: QgsRasterLayer | None
    changes: QgsVectorLayer
    others: QgsVectorLayer

    @property
    def crs(self) -> Any:
        """Return the CRS of the maps: that of the changes."""
        return self.changes.crs()

    def outline(self, id: int) -> QgsVectorLayer:
        """Return a layer that outlines one change."""
        layer = _outlines(self.changes.source().split("|")[0], f'"id" = {id}', *OUTLINE)
        self.project.addMapLayer(layer, False)
        return layer


def load_layers(content: ReportContent, project: QgsProject, names: tuple[str, str, str]) -> ReportLayers:
    """Load a result into a project; ``names`` are those of the image before, the image after, and the changes."""
    file = content.folder / "changes.gpkg"
    changes = QgsVectorLayer(f"{file}|layername=changes", names[2], "ogr")
    kept = f'"status" IS NULL OR "status" <> \'{REJECTED}\'' if changes.fields().indexOf("status") >= 0 else ""
    changes.setSubsetString(kept)
    style_changes(changes, {entry.name: entry.colour for entry in content.vocabulary})
    rasters = content.rasters
    images = [_image(str(rasters[at]), name) if rasters else None for at, name in zip((0, -1), names)]
    others = _outlines(str(file), kept, *OTHERS)
    for layer in (*images, changes, others):
        if layer is not None:
            project.addMapLayer(layer, layer is not others)
    project.setCrs(changes.crs())
    return ReportLayers(project, images[0], images[1], changes, others)


def close_extent(box: QgsRectangle, in_metres: bool) -> QgsRectangle:
    """Return a square around a change with the ground beside it; in metres never less than a house and its garden."""
    side = max(box.width(), box.height()) * 1.5
    side = max(side, LEAST_SIDE_M) if in_metres else side
    centre = box.center()
    half = side / 2
    return QgsRectangle(centre.x() - half, centre.y() - half, centre.x() + half, centre.y() + half)


def _image(path: str, name: str) -> QgsRasterLayer | None:
    layer = QgsRasterLayer(path, name, "gdal")
    if not layer.isValid():
        return None
    layer.resampleFilter().setZoomedInResampler(QgsBilinearRasterResampler())
    layer.resampleFilter().setZoomedOutResampler(QgsBilinearRasterResampler())
    return layer


def _outlines(file: str, subset: str, colour: str, width: str) -> QgsVectorLayer:
    layer = QgsVectorLayer(f"{file}|layername=changes", "outline", "ogr")
    layer.setSubsetString(subset)
    style = {"style": "no", "outline_color": colour, "outline_width": width, "joinstyle": "miter"}
    layer.setRenderer(QgsSingleSymbolRenderer(QgsFillSymbol.createSimple(style)))
    return layer
