"""Bands of any type as 8-bit colours: one stretch for the whole raster, so that tiles do not differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diachron.rasters.nodata import Border, covered
from diachron.rasters.source import Source

Bands = tuple[float, float, float]
"""One value for each of red, green and blue."""

PERCENTILES = (1.0, 99.0)


@dataclass(frozen=True)
class Stretch:
    """Values from ``low`` to ``high`` (float32 [3], a band each) become 0 to 255; without them, 8-bit values stay as
    they are.
    """

    low: NDArray[np.float32] | None = None
    high: NDArray[np.float32] | None = None

    def adjusted(self, gain: Bands, offset: Bands) -> Stretch:
        """Return the stretch whose results are ``gain`` x this one's + ``offset``, band by band, clipped once."""
        low = np.zeros(3) if self.low is None else self.low.astype(np.float64)
        high = np.full(3, 255.0) if self.high is None else self.high.astype(np.float64)
        width = (high - low) / np.array(gain)
        start = low - np.array(offset) * width / 255.0
        return Stretch(start.astype(np.float32), (start + width).astype(np.float32))

    def apply(self, values: NDArray) -> NDArray[np.uint8]:
        """Turn values [3, h, w] of the raster's type into uint8 [3, h, w]; what is not finite becomes 0."""
        if self.low is None or self.high is None:
            return values.astype(np.uint8, copy=False)
        low, high = self.low[:, None, None], self.high[:, None, None]
        with np.errstate(over="ignore", invalid="ignore"):  # infinity is clipped like any other value
            scaled = (values.astype(np.float32) - low) * (255.0 / (high - low))
        return np.rint(np.nan_to_num(scaled, posinf=255.0, neginf=0.0).clip(0, 255)).astype(np.uint8)


def choose_stretch(source: Source, borders: Sequence[Border], cancelled: Callable[[], bool]) -> Stretch:
    """Choose a raster's stretch: none for 8 bits, else between percentiles of an overview's valid pixels, band by band.

    Raises
    ------
    Cancelled, UnusableInput: as `Source.read`.
    """
    if source.dtype == np.uint8:
        return Stretch()
    overview = source.overview(cancelled)
    valid = overview.valid & ~covered(borders, overview.values, source.whole)
    if not valid.any():
        return Stretch(np.zeros(3, np.float32), np.ones(3, np.float32))
    low, high = np.percentile(overview.values[:, valid].astype(np.float64), PERCENTILES, axis=1)
    # A band of one value has no range: it becomes black rather than a division by zero.
    high = np.where(high > low, high, low + np.maximum(1.0, np.abs(low) * 1e-3))
    return Stretch(low.astype(np.float32), high.astype(np.float32))
