"""Bands of any type as 8-bit red, green and blue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rasterio.io import DatasetReader

from diachron.errors import UnusableInput

SUPPORTED = ("uint8", "uint16", "int16", "uint32", "int32", "float32", "float64")
OVERVIEW_PX = 512


@dataclass(frozen=True)
class Stretch:
    """How one raster's bands become 8-bit RGB: ``bands`` (1-based), then (value - low) / (high - low) * 255 a band.

    ``palette`` uint8 [256, 3] replaces all that for a raster of colour indices; ``identity`` leaves 8-bit bands as they are.
    """

    bands: tuple[int, int, int]
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    identity: bool
    palette: NDArray[np.uint8] | None = None

    @property
    def read_bands(self) -> list[int]:
        """Return the bands to read, each once."""
        return list(dict.fromkeys(self.bands))

    def apply(self, values: NDArray) -> NDArray[np.uint8]:
        """Turn values [len(read_bands), h, w] into uint8 [3, h, w]."""
        if self.palette is not None:
            return np.ascontiguousarray(self.palette[values[0].astype(np.uint8)].transpose(2, 0, 1))
        order = [self.read_bands.index(band) for band in self.bands]
        chosen = values[order]
        if self.identity:
            return np.ascontiguousarray(chosen, dtype=np.uint8)
        low = np.array(self.low, np.float32)[:, None, None]
        high = np.array(self.high, np.float32)[:, None, None]
        scaled = (chosen.astype(np.float32) - low) * (255.0 / np.maximum(high - low, 1e-6))
        return np.clip(np.nan_to_num(scaled) + 0.5, 0, 255).astype(np.uint8)


def choose_stretch(dataset: DatasetReader, path: str) -> Stretch:
    """Choose the stretch of a whole raster: 8 bits stay, others go from the 1st to the 99th percentile of an overview.

    Raises
    ------
    UnusableInput: a band's type is not one that holds an image.
    """
    wrong = next((kind for kind in dataset.dtypes if kind not in SUPPORTED), None)
    if wrong is not None:
        raise UnusableInput(f"bands of type {wrong} are not supported", path, f"convert it to one of {', '.join(SUPPORTED)}")
    bands = (1, 2, 3) if dataset.count >= 3 else (1, 1, 1)
    palette = _palette(dataset)
    if palette is not None or all(dataset.dtypes[band - 1] == "uint8" for band in bands):
        return Stretch(bands, (0, 0, 0), (255, 255, 255), True, palette)
    limits = [_limits(dataset, band) for band in bands]
    low, high = zip(*limits, strict=True)
    return Stretch(bands, low, high, False)


def overview_shape(dataset: DatasetReader) -> tuple[int, int]:
    """Return rows and columns of a small overview."""
    share = min(1.0, OVERVIEW_PX / max(dataset.height, dataset.width))
    return max(1, round(dataset.height * share)), max(1, round(dataset.width * share))


def _limits(dataset: DatasetReader, band: int) -> tuple[float, float]:
    values = dataset.read(band, out_shape=overview_shape(dataset), masked=True)
    known = np.asarray(values.compressed(), np.float64)
    known = known[np.isfinite(known) & (known != 0)]
    if known.size == 0:
        return 0.0, 1.0
    low, high = np.percentile(known, (1, 99))
    return float(low), float(max(high, low + 1e-6))


def _palette(dataset: DatasetReader) -> NDArray[np.uint8] | None:
    if dataset.count != 1 or dataset.dtypes[0] != "uint8":
        return None
    try:
        colours = dataset.colormap(1)
    except ValueError:
        return None
    table = np.zeros((256, 3), np.uint8)
    for index, colour in colours.items():
        table[index] = colour[:3]
    return table
