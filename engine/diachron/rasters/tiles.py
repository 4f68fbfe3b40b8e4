"""Tiles over a grid, and their blending into one map without seams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Tile:
    """One tile in pixels. ``fade_*`` are the widths over which its weight rises at each side (0 at the raster's own edges)."""

    row: int
    col: int
    height: int
    width: int
    fade_top: int
    fade_bottom: int
    fade_left: int
    fade_right: int


def tiles(width: int, height: int, size: int, overlap: int) -> list[Tile]:
    """Return the tiles of ``size`` pixels that cover a raster, row by row; neighbours share at least ``overlap`` pixels.

    A raster smaller than a tile gets one tile of its own size.
    """
    rows, columns = _spans(height, size, overlap), _spans(width, size, overlap)
    return [
        Tile(row, col, tall, wide, top, bottom, left, right)
        for row, tall, top, bottom in rows
        for col, wide, left, right in columns
    ]


def _spans(length: int, size: int, overlap: int) -> list[tuple[int, int, int, int]]:
    """Return (start, length, shared with the one before, shared with the one after) along one axis."""
    if length <= size:
        return [(0, length, 0, 0)]
    count = -(-(length - overlap) // (size - overlap))
    starts = [round(k * (length - size) / (count - 1)) for k in range(count)]
    spans = []
    for k, start in enumerate(starts):
        before = starts[k - 1] + size - start if k else 0
        after = start + size - starts[k + 1] if k + 1 < count else 0
        spans.append((start, size, before, after))
    return spans


def tile_weights(tile: Tile) -> NDArray[np.float32]:
    """Return weights float32 [height, width]: 1 inside, falling linearly (never to 0) over what a neighbour shares."""
    rows = _ramp(tile.height, tile.fade_top, tile.fade_bottom)
    columns = _ramp(tile.width, tile.fade_left, tile.fade_right)
    return rows[:, None] * columns[None, :]


def _ramp(length: int, first: int, last: int) -> NDArray[np.float32]:
    ramp = np.ones(length, np.float32)
    if first:
        ramp[:first] = (np.arange(first) + 1) / (first + 1)
    if last:
        ramp[length - last :] = np.minimum(ramp[length - last :], ((np.arange(last) + 1) / (last + 1))[::-1])
    return ramp


class Mosaic:
    """Blends overlapping tiles of float maps [C, h, w] into one [C, height, width].

    Weights of neighbours are made to sum to one, so a map that is constant stays constant, and no seam shows.
    """

    def __init__(self, channels: int, height: int, width: int) -> None:
        self._sum = np.zeros((channels, height, width), np.float32)
        self._weight = np.zeros((height, width), np.float32)

    def add(self, tile: Tile, values: NDArray[np.float32]) -> None:
        """Add one tile's values, float32 [C, tile.height, tile.width]."""
        weights = tile_weights(tile)
        rows, columns = slice(tile.row, tile.row + tile.height), slice(tile.col, tile.col + tile.width)
        self._sum[:, rows, columns] += values * weights
        self._weight[rows, columns] += weights

    def result(self) -> NDArray[np.float32]:
        """Return the blended map; pixels that no tile covered are 0."""
        return self._sum / np.maximum(self._weight, 1e-6)
