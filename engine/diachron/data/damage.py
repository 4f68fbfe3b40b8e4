"""Pairs with damaged buildings as the damage adapter is trained and measured on them, split by place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from diachron.data.readers import read_samples
from diachron.data.real import is_held_out, require_data_folder
from diachron.data.sample import IGNORED, Sample
from diachron.model.damage import FIRST_LEVEL, NO_BUILDING

FOLDERS = ("xbd_harvey", "ida_bd")


def damage_samples(held_out: bool, root: Path | None = None) -> Iterator[Sample]:
    """Yield the pairs of one side of the split as the readers have them; ``root`` holds the folders.

    Held out are the places whose land-cover labels are, so that no weights have seen them.
    """
    root = root or require_data_folder()
    for folder in FOLDERS:
        for sample in read_samples(folder, root / folder):
            if is_held_out(f"{folder}/{sample.name}") == held_out:
                yield sample


def with_levels(sample: Sample) -> Sample:
    """Return a pair whose ``damage`` is known in the ids of the "damage" nomenclature: "no damage" to all buildings
    before; ``change`` is where one was damaged.
    """
    damage, buildings = sample.damage, sample.classes_before
    assert damage is not None and buildings is not None
    standing = damage + np.uint8(FIRST_LEVEL - 1)
    unknown = damage == IGNORED
    after = np.where(unknown, 0, np.where(damage == 0, NO_BUILDING, standing))
    before = np.where(buildings > 0, FIRST_LEVEL, NO_BUILDING)
    change = np.where(unknown, IGNORED, damage > 1)
    return replace(
        sample, change=change.astype(np.uint8), classes_before=before.astype(np.uint8),
        classes_after=after.astype(np.uint8), nomenclature="damage",
    )  # fmt: skip
