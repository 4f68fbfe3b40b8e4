"""A saved recipe, as far as the dock needs it: the engine reads the rest, and makes it again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from qgis.core import QgsProject, QgsRasterLayer

from .sources import local_path


class NotARecipe(ValueError):
    """A file that is no recipe."""


@dataclass(frozen=True)
class RecipeFile:
    """What was asked of which rasters (the earliest first), with their dates; ``area`` is WKT, "" for all of it."""

    path: Path
    question: str
    rasters: tuple[Path, ...]
    dates: tuple[str, ...]
    area: str

    def layers(self, project: QgsProject) -> tuple[QgsRasterLayer, ...]:
        """Return the rasters as layers of a project, added where they are not in it; none where a file has gone."""
        if not all(path.is_file() for path in self.rasters):
            return ()
        loaded = [layer for layer in project.mapLayers().values() if isinstance(layer, QgsRasterLayer)]
        found = []
        for path in self.rasters:
            layer = next((each for each in loaded if local_path(each) == path), None)
            if layer is None:
                layer = QgsRasterLayer(str(path), path.stem, "gdal")
                if not layer.isValid():
                    return ()
                project.addMapLayer(layer)
            found.append(layer)
        return tuple(found)


def read_recipe_file(path: Path) -> RecipeFile:
    """Read a recipe; a raster that is not where it was is looked for beside the file, by its name.

    Raises
    ------
    NotARecipe: it is none.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        rasters = [Path(each["path"]) for each in values["rasters"]]
        dates = tuple(str(each.get("date") or "") for each in values["rasters"])
        question, area = str(values["question"]), str(values.get("area") or "")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotARecipe(str(path)) from error
    beside = [path.parent / each.name for each in rasters]
    places = tuple(near if not there.is_file() and near.is_file() else there for there, near in zip(rasters, beside))
    return RecipeFile(path, question, places, dates, area)
