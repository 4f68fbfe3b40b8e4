"""Making a saved recipe again from the dock."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path

from qgis.core import QgsProject
from qgis.PyQt.QtWidgets import QFileDialog

from ..logic.conversation import Entry
from ..logic.recipe_file import NotARecipe, read_recipe_file
from .dock import DiachronDock
from .words import tr


def make_again(dock: DiachronDock, file: str = "") -> None:
    """Make a recipe again: its question, area and settings on its own rasters, as the engine checks them.

    ``file`` is asked for where it is "". The answer comes as any other, on a card of its own.
    """
    if dock.running is not None:
        dock.message.say(tr("A question is running; wait for its answer, or stop it."))
        return
    file = file or QFileDialog.getOpenFileName(dock, tr("Make a recipe again"), "", tr("Recipes (*.json)"))[0]
    if not file:
        return
    try:
        recipe = read_recipe_file(Path(file))
    except NotARecipe:
        dock.message.say(tr("That is no recipe: {0}; choose one that was saved from an answer.").format(file))
        return
    folder = dock.new_folder(recipe.question)
    if folder is None:
        return
    layers = recipe.layers(QgsProject.instance())
    ids = [layer.id() for layer in layers] or [""] * len(recipe.rasters)
    entry = Entry(
        uuid.uuid4().hex, recipe.question, ids[0], ids[-1], recipe.dates, recipe.area, str(folder),
        datetime.now().isoformat(timespec="seconds"), between=tuple(ids[1:-1]),
    )  # fmt: skip
    rasters = tuple(str(path) for path in recipe.rasters) if layers else ()
    dock.begin(entry, dock.engine.rerun(file, str(folder), rasters), str(recipe.rasters[-1]))
