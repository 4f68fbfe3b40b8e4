"""Damage of buildings: a second look with the damage adapter, and what it adds to the changes.

Levels are attributes of buildings (xView2's four). Without an adapter there are none, and a question about damage is
answered by what changed among buildings, with a note that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rasterio.features import rasterize

from diachron.data.sample import DAMAGE_LEVELS
from diachron.mapping import map_tiles
from diachron.model.damage import DAMAGE_LOOK, DAMAGE_QUESTION, FIRST_LEVEL
from diachron.model.look import Look
from diachron.model.vocabulary import Vocabulary
from diachron.progress import Progress
from diachron.rasters.grid import Grid
from diachron.rasters.preflight import Note, Preflight
from diachron.rasters.stack import Stack
from diachron.results.maps import Maps
from diachron.results.polygons import Change

if TYPE_CHECKING:
    from diachron.model.interpreter import Interpreter, Reading

TASK = "damage"
BUILDING = "building"
UNDAMAGED, *DAMAGED = DAMAGE_LEVELS


LookOver: TypeAlias = "Callable[[Stack, Interpreter, Reading, Vocabulary, Progress], Maps]"
"""Makes the maps of a whole stack, as `map_tiles` does."""


def look_at_damage(
    stack: Stack, interpreter: Interpreter, progress: Progress, look_over: LookOver = map_tiles
) -> Maps | None:
    """Return the maps that the damage adapter makes (change: what was damaged; classes: levels); None without one."""
    adapted = interpreter.damage
    if adapted is None:
        return None
    from diachron.model.interpreter import Reading

    reading = Reading(DAMAGE_QUESTION, "en", DAMAGE_LOOK, DAMAGE_LOOK.line())
    return look_over(stack, adapted, reading, adapted.vocabulary, progress)


def note_damage(preflight: Preflight, look: Look, interpreter: Interpreter) -> Preflight:
    """Say where levels of damage were asked for and none can be told."""
    if look.task != TASK or interpreter.damage is not None:
        return preflight
    note = Note("warning", "no adapter for damage is loaded: its levels are not told", "name one, such as damage")
    return replace(preflight, notes=(*preflight.notes, note))


def asked_maps(maps: Maps, look: Look, damage: Maps | None) -> Maps:
    """Return the maps to draw changes from: for a question about damage, where buildings were damaged."""
    return maps if damage is None or look.task != TASK else replace(maps, change=damage.change, steps=())


def with_levels(
    changes: Sequence[Change], damage: Maps | None, look: Look, vocabulary: Vocabulary, grid: Grid
) -> tuple[Change, ...]:
    """Return the changes with the level of each building that stood before: the commonest over its pixels.

    In an answer about damage every change is a building, and a damaged one: a building that stands stays one.
    """
    if damage is None or not changes:
        return tuple(changes)
    buildings = {each.name for each in vocabulary.resolve(BUILDING)}
    counts = _level_counts(changes, damage, grid)
    told = []
    for change, found in zip(changes, counts, strict=True):
        if look.task == TASK:
            level = DAMAGED[int(found[1:].argmax())] if found[1:].any() else DAMAGED[0]
            target = change.target if level == DAMAGED[-1] and change.target not in buildings else BUILDING
            told.append(replace(change, source=BUILDING, target=target, damage=level))
        elif change.source in buildings and found.any():
            told.append(replace(change, damage=DAMAGE_LEVELS[int(found.argmax())]))
        else:
            told.append(change)
    return tuple(told)


def _level_counts(changes: Sequence[Change], damage: Maps, grid: Grid) -> NDArray[np.int64]:
    """Return the pixels of each level in each change, [changes, levels]."""
    levels = len(DAMAGE_LEVELS)
    numbered = [(change.polygon, number) for number, change in enumerate(changes, 1)]
    where = rasterize(numbered, out_shape=damage.change.shape, transform=grid.transform, dtype="int32")
    level = np.asarray(damage.classes[-1]).astype(np.int64) - FIRST_LEVEL
    here = (where > 0) & (level >= 0) & (level < levels)
    keys = (where[here].astype(np.int64) - 1) * levels + level[here]
    return np.bincount(keys, minlength=len(changes) * levels).reshape(-1, levels)
