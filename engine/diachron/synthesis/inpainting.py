"""Inpainters: each paints the masks of a scene anew. This one cuts and pastes real exemplars, blended without a seam.

Blending is Poisson image editing (Perez et al. 2003) by OpenCV's ``seamlessClone``, which alone of the kept libraries
has it (scikit-image fills by diffusion, which leaves a blur). It needs no weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from diachron.data.sample import Image
from diachron.synthesis.exemplars import OBJECTS, Exemplar
from diachron.synthesis.regions import Masks

MOST_GAIN = 1.5
MARGIN_PX = 6


@dataclass(frozen=True)
class Fill:
    """One mask, the class that shows there afterwards, and an exemplar of it (a thing's shape lies in the mask)."""

    masks: Masks
    number: int
    exemplar: Exemplar


@dataclass(frozen=True)
class Scene:
    """What an inpainter gets: an image uint8 [3, H, W], its masks, all the classes that it will show (ids uint8 [H, W],
    0 unknown), and a prompt that says so.
    """

    image: Image
    fills: tuple[Fill, ...]
    classes: Image
    gsd_m: float
    prompt: str


class Inpainter(Protocol):
    """Returns the scene's image with its masks painted anew, and all else as it was."""

    def __call__(self, scene: Scene, rng: Generator) -> Image:
        """Paint: uint8 [3, H, W]."""


class ExemplarInpainter:
    """Pastes exemplars."""

    def __call__(self, scene: Scene, rng: Generator) -> Image:
        """Paint each mask with its exemplar."""
        colours = scene.image.transpose(1, 2, 0).copy()
        flat = colours.reshape(-1, 3)
        look = flat.mean(axis=0), flat.std(axis=0) + 1.0
        for fill in scene.fills:
            _paste(colours, fill, look)
        return np.ascontiguousarray(colours.transpose(2, 0, 1))


def _paste(colours: NDArray[np.uint8], fill: Fill, look: tuple[NDArray[np.float64], NDArray[np.float64]]) -> None:
    """Paint one mask in place; pixels outside it keep their values."""
    box = _box(fill.masks.painted)
    host, painted, labelled = colours[box], fill.masks.painted[box], fill.masks.labelled[box]
    patch = _patch(fill, box, host.shape[:2])
    gain = np.clip(look[1] / fill.exemplar.spread, 1 / MOST_GAIN, MOST_GAIN)
    patch = np.clip((patch - fill.exemplar.mean) * gain + look[0], 0, 255).astype(np.uint8)
    rows, columns = np.nonzero(painted)
    centre = (int(columns.min() + columns.max() + 1) // 2, int(rows.min() + rows.max() + 1) // 2)
    # OpenCV wears the mask that it is given away, hence the copy.
    mask = painted.astype(np.uint8) * 255
    cloned = cv2.seamlessClone(patch, host.copy(), mask.copy(), centre, cv2.NORMAL_CLONE)
    # Cloning takes on the colours around: at the edge that hides the seam, further in the class would lose its own.
    own = np.clip(cv2.distanceTransform(labelled.astype(np.uint8), cv2.DIST_L2, 3) / 3, 0, 1)[..., None]
    mixed = cloned * (1 - own) + patch * own
    colours[box] = np.where(painted[..., None], np.rint(mixed), host).astype(np.uint8)


def _box(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    rows, columns = np.nonzero(mask)
    return (
        slice(max(0, int(rows.min()) - MARGIN_PX), int(rows.max()) + MARGIN_PX + 1),
        slice(max(0, int(columns.min()) - MARGIN_PX), int(columns.max()) + MARGIN_PX + 1),
    )


def _patch(fill: Fill, box: tuple[slice, slice], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the exemplar's colours over a box, float [h, w, 3]: a thing in its place, ground as often as it takes."""
    exemplar = fill.exemplar
    if fill.number not in OBJECTS:
        pad = [(0, max(0, wanted - have)) for wanted, have in zip(shape, exemplar.shape.shape, strict=False)]
        return np.pad(exemplar.colours, [*pad, (0, 0)], mode="symmetric")[: shape[0], : shape[1]].astype(np.float64)
    top, left = place_of_thing(fill)
    rows = np.clip(np.arange(box[0].start, box[0].start + shape[0]) - top, 0, exemplar.shape.shape[0] - 1)
    columns = np.clip(np.arange(box[1].start, box[1].start + shape[1]) - left, 0, exemplar.shape.shape[1] - 1)
    return exemplar.colours[rows[:, None], columns[None]].astype(np.float64)


def place_of_thing(fill: Fill) -> tuple[int, int]:
    """Return the row and column at which a thing's exemplar begins, for its middle to be the mask's."""
    rows, columns = np.nonzero(fill.masks.painted)
    height, width = fill.exemplar.shape.shape
    return (int(rows.min() + rows.max() + 1) - height) // 2, (int(columns.min() + columns.max() + 1) - width) // 2
