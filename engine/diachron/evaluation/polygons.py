"""Whether change polygons are where the truth has change, and whether their confidence can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rasterio.features import rasterize

from diachron.evaluation.pixels import BinaryCounts
from diachron.rasters.grid import Grid
from diachron.results.polygons import Change

HALF = 0.5
"""A polygon is right where so much of it is true change."""
BINS = 10


def drawn_on(changes: Sequence[Change], grid: Grid) -> NDArray[np.int32]:
    """Return the number from 1, in the order of ``changes``, of the polygon at each pixel, int32 [H, W], 0 for none."""
    if not changes:
        return np.zeros(grid.shape, np.int32)
    numbered = ((change.polygon, number) for number, change in enumerate(changes, 1))
    return rasterize(numbered, out_shape=grid.shape, transform=grid.transform, dtype="int32")


def shares_of(changes: Sequence[Change], grid: Grid, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return which share of each polygon's pixels lies in a mask bool [H, W]; 0 for one that covers no pixel centre."""
    numbers = drawn_on(changes, grid).ravel()
    pixels = np.bincount(numbers, minlength=len(changes) + 1)[1:]
    inside = np.bincount(numbers, weights=mask.ravel(), minlength=len(changes) + 1)[1:]
    return inside / np.maximum(pixels, 1)


def count_places(found: Sequence[Change], true: Sequence[Change], grid: Grid) -> BinaryCounts:
    """Count polygons: a found one is right where half of it is true change, a true one missed where less than half of
    it is found. True positives are right found ones.
    """
    found_on, true_on = (drawn_on(each, grid) > 0 for each in (found, true))
    right = int((shares_of(found, grid, true_on) >= HALF).sum())
    missed = int((shares_of(true, grid, found_on) < HALF).sum())
    return BinaryCounts(right, len(found) - right, missed)


@dataclass(frozen=True)
class Calibration:
    """How far confidence is from being right, over polygons."""

    expected_error: float
    confidence: float
    right: float
    polygons: int


def calibration(confidences: Sequence[float], right: Sequence[bool]) -> Calibration:
    """Return the expected calibration error (Naeini et al. 2015): in ten bins of confidence, how far its mean is from
    the share that is right, weighted by the polygons of each.
    """
    if not confidences:
        return Calibration(0.0, 0.0, 0.0, 0)
    sure, true = np.asarray(confidences, float), np.asarray(right, float)
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs(sure[bins == each].mean() - true[bins == each].mean()) * (bins == each).mean() for each in set(bins)]
    return Calibration(float(sum(gaps)), float(sure.mean()), float(true.mean()), len(sure))
