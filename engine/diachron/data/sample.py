"""The one typed sample that every reader yields."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
IGNORED = 255
"""Value of a change or damage label where nothing is known."""
DAMAGE_LEVELS = ("no damage", "minor damage", "major damage", "destroyed")
"""xView2's levels of a building's damage, 1 to 4 in damage labels."""


@dataclass(frozen=True)
class Sample:
    """Two dates of one place and what is known of them.

    ``before``, ``after``: uint8 [3, H, W]. ``change``: uint8 [H, W], 0 unchanged, 1 changed, `IGNORED` unknown; None
    where no change label exists. ``changed_class``: the vocabulary id that ``change`` is about (1 for building change),
    0 where it is about several classes. ``classes_before``, ``classes_after``: uint8 [H, W] of ids in ``nomenclature``,
    0 unlabelled; None where there is no label. ``nomenclature``: the phrase of each id that these labels use.
    ``gsd_m``: metres per pixel. ``place``: what samples of one place share, so that splits never part them.
    ``damage``: uint8 [H, W] of the buildings' damage after, 0 no building, 1 to 4 by `DAMAGE_LEVELS`, `IGNORED`
    unknown. ``captions``: what people wrote of the change; ``flagged`` whether they said that there is one.
    """

    before: Image
    after: Image
    change: Image | None
    changed_class: int
    classes_before: Image | None
    classes_after: Image | None
    nomenclature: str
    gsd_m: float
    source: str
    licence: str
    place: str
    name: str
    damage: Image | None = None
    captions: tuple[str, ...] = ()
    flagged: bool | None = None
