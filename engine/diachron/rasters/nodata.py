"""Which pixels hold no image: declared nodata, masks, NaN, and black borders that nobody declared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rasterio.features import shapes
from rasterio.io import DatasetReader

BORDER_SHARE = 0.002
"""Black regions at the edge smaller than this share of the overview are taken for shadow, not for a border."""


def known_values(values: NDArray, nodata: float | None) -> NDArray[np.bool_]:
    """Return where values [C, h, w] are an image, bool [h, w]: finite in every band, and not nodata in all of them."""
    known = np.isfinite(values).all(axis=0) if values.dtype.kind == "f" else np.ones(values.shape[1:], bool)
    if nodata is None or np.isnan(nodata):
        return known
    return known & ~(values == nodata).all(axis=0)


def has_black_border(dataset: DatasetReader, shape: tuple[int, int]) -> bool:
    """True where an overview has a black region along its edge though nothing declares it as nodata."""
    if dataset.nodata is not None:
        return False
    black = (dataset.read(out_shape=(dataset.count, *shape))[:3] == 0).all(axis=0)
    return bool(border_regions(black).sum() > BORDER_SHARE * black.size)


def border_regions(black: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the part of ``black`` (bool [h, w]) that is connected to the edge of the image."""
    from rasterio.features import rasterize

    touching = []
    height, width = black.shape
    for outline, _ in shapes(black.astype(np.uint8), mask=black, connectivity=4):
        ring = np.array(outline["coordinates"][0])
        at_edge = (ring[:, 0] == 0) | (ring[:, 1] == 0) | (ring[:, 0] == width) | (ring[:, 1] == height)
        if at_edge.any():
            touching.append((outline, 1))
    if not touching:
        return np.zeros_like(black)
    return rasterize(touching, out_shape=black.shape, dtype="uint8").astype(bool)
