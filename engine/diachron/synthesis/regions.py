"""Where an image is changed: objects selected from labels or footprints, and the masks made of them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

SMALLEST_M2, LARGEST_M2 = 40.0, 2500.0
INPAINT_BUFFER_M, LABEL_BUFFER_M = 2.0, 0.5
"""An object is painted over with a wide margin, which hides its edge and shadow; its label grows by a small one."""
EDGE_PX = 4
LEAST_PX = 40


@dataclass(frozen=True)
class Region:
    """A selected object: its class, and its shape bool [H, W]."""

    number: int
    shape: NDArray[np.bool_]


@dataclass(frozen=True)
class Masks:
    """``painted`` bool [H, W] is made anew; ``labelled``, inside it, gets the new class."""

    painted: NDArray[np.bool_]
    labelled: NDArray[np.bool_]


class RegionSelector:
    """Selects objects of a class map at random: small ones whole, and pieces of what is large.

    Parameters
    ----------
    classes: ids uint8 [H, W], 0 unlabelled. footprints: objects to select from first, ids of them int32 [H, W] from 1.
    """

    def __init__(self, classes: NDArray[np.uint8], gsd_m: float, footprints: NDArray[np.int32] | None = None) -> None:
        self.classes, self.gsd_m, self.footprints = classes, gsd_m, footprints
        self.free = classes > 0
        self.free[:EDGE_PX] = self.free[-EDGE_PX:] = self.free[:, :EDGE_PX] = self.free[:, -EDGE_PX:] = False

    def draw(self, rng: Generator) -> Region | None:
        """Return an object that no mask covers yet, None where nothing sensible was found."""
        if not self.free.any():
            return None
        if self.footprints is not None and (self.footprints[self.free] > 0).any():
            return self._footprint(rng)
        number = int(rng.choice(np.unique(self.classes[self.free])))
        where = ((self.classes == number) & self.free).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(where, connectivity=4)
        sizes = stats[1:, cv2.CC_STAT_AREA] * self.gsd_m**2
        large = np.flatnonzero((sizes >= SMALLEST_M2) & (stats[1:, cv2.CC_STAT_AREA] >= LEAST_PX)) + 1
        if not len(large):
            return None
        chosen = int(rng.choice(large))
        shape = labels == chosen
        return Region(number, shape if sizes[chosen - 1] <= LARGEST_M2 else self._piece(shape, rng))

    def take(self, masks: Masks) -> None:
        """Let no later object touch these masks."""
        self.free &= cv2.dilate(masks.painted.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0

    def _footprint(self, rng: Generator) -> Region:
        assert self.footprints is not None
        chosen = int(rng.choice(np.unique(self.footprints[self.free & (self.footprints > 0)])))
        shape = (self.footprints == chosen) & self.free
        found = np.bincount(self.classes[shape], minlength=256)
        return Region(int(found[1:].argmax()) + 1, shape)

    def _piece(self, shape: NDArray[np.bool_], rng: Generator) -> NDArray[np.bool_]:
        """Return the part of a large region that lies in a turned rectangle or an ellipse about a point in it."""
        rows, columns = np.nonzero(shape)
        at = int(rng.integers(len(rows)))
        length = float(rng.uniform(10, 45)) / self.gsd_m
        sides = (length, length * float(rng.uniform(0.35, 1.0)))
        frame = ((float(columns[at]), float(rows[at])), sides, float(rng.uniform(0, 180)))
        drawn = np.zeros(shape.shape, np.uint8)
        if rng.random() < 0.6:
            cv2.fillPoly(drawn, [cv2.boxPoints(frame).astype(np.int32)], 1)
        else:
            cv2.ellipse(drawn, frame, 1, cv2.FILLED)
        return shape & (drawn > 0)


def masks_of(shape: NDArray[np.bool_], gsd_m: float) -> Masks:
    """Return the masks of an object, painted wider than labelled."""
    painted = grown(shape, INPAINT_BUFFER_M / gsd_m)
    painted[:EDGE_PX] = painted[-EDGE_PX:] = painted[:, :EDGE_PX] = painted[:, -EDGE_PX:] = False
    return Masks(painted, grown(shape, LABEL_BUFFER_M / gsd_m) & painted)


def grown(shape: NDArray[np.bool_], by_px: float) -> NDArray[np.bool_]:
    """Return a shape with all that is at most ``by_px`` pixels from it."""
    side = 2 * max(1, round(by_px)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    return cv2.dilate(shape.astype(np.uint8), disc) > 0
