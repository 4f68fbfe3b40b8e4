"""Parts of an area by compass: "in the north-east" is a quarter, "in the north" a half, "in the centre" the middle."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diachron.rasters.scratch import let_go, plane
from diachron.results.maps import Maps


def within(maps: Maps, region: str) -> Maps:
    """Return the maps with only a region's pixels valid; all of them where ``region`` is ""."""
    if not region:
        return maps
    valid = plane(*maps.valid.shape).view(bool)
    for window, strip in maps.strips():
        valid[window.slices] = strip.valid & region_mask(region, maps.valid.shape, window.slices[0])
        let_go(valid)
    return replace(maps, valid=valid)


def region_mask(region: str, shape: tuple[int, int], of_rows: slice = slice(None)) -> NDArray[np.bool_]:
    """Return the pixels of a region of a north-up grid of ``shape``, in some of its rows, bool [h, W]."""
    height, width = shape
    rows, columns = np.arange(height)[of_rows, None], np.arange(width)[None, :]
    if region == "centre":
        return (np.abs(2 * rows + 1 - height) <= height / 2) & (np.abs(2 * columns + 1 - width) <= width / 2)
    mask = np.ones((len(rows), width), bool)
    for word in region.split("-"):
        mask &= {
            "north": 2 * rows < height,
            "south": 2 * rows >= height,
            "west": 2 * columns < width,
            "east": 2 * columns >= width,
        }[word]
    return mask


def centre_of(region: str, shape: tuple[int, int]) -> tuple[int, int]:
    """Return row and column of the middle pixel of a region, of the whole area where ``region`` is ""."""
    if not region:
        return shape[0] // 2, shape[1] // 2
    rows, columns = np.nonzero(region_mask(region, shape))
    return (int(rows[0]) + int(rows[-1]) + 1) // 2, (int(columns[0]) + int(columns[-1]) + 1) // 2
