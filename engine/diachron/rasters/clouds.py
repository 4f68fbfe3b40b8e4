"""A cautious guess at cloud: large parts that are bright, colourless and smooth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diachron.rasters.placement import Image

LEAST_BRIGHTNESS = 195
MOST_COLOUR = 26
MOST_SLOPE = 10.0
LEAST_SIZE_M = 60.0
"""Smaller bright squares are roofs."""


def cloud_share(image: Image, gsd_m: float | None) -> float:
    """Return the share of valid pixels of an overview that look like cloud (or snow, or glare), 0 to 1.

    Parameters
    ----------
    gsd_m: metres per pixel of the overview; None counts what is large in the picture.
    """
    if not image.valid.any():
        return 0.0
    cloudy = _opened(_bright_and_smooth(image), _least_size_px(image.valid.shape, gsd_m))
    return float(cloudy.sum() / image.valid.sum())


def _bright_and_smooth(image: Image) -> NDArray[np.bool_]:
    colours = image.colours.astype(np.float32)
    low, high = colours.min(axis=0), colours.max(axis=0)
    rows, columns = np.gradient(colours.mean(axis=0))
    return (
        image.valid & (low >= LEAST_BRIGHTNESS) & (high - low <= MOST_COLOUR) & (np.hypot(rows, columns) <= MOST_SLOPE)
    )


def _least_size_px(shape: tuple[int, int], gsd_m: float | None) -> int:
    wanted = LEAST_SIZE_M / gsd_m if gsd_m else min(shape) / 4
    # A picture of less ground than a cloud can still be all cloud.
    return int(np.clip(round(wanted), 5, max(5, min(shape) * 2 // 3)))


def _opened(mask: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """Return the union of all squares of ``size`` pixels that fit in a mask (a morphological opening)."""
    height, width = mask.shape
    if min(height, width) < size:
        return np.zeros_like(mask)
    fits = _sums(mask, size) == size * size
    return _sums(np.pad(fits, size - 1), size) > 0


def _sums(mask: NDArray[np.bool_], size: int) -> NDArray[np.int64]:
    """Return the sum over each square of ``size`` pixels that lies within, int64 [h - size + 1, w - size + 1]."""
    table = np.pad(mask.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    return table[size:, size:] - table[:-size, size:] - table[size:, :-size] + table[:-size, :-size]
