"""Tiles over a grid, and their blending into one map without seams."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diachron.rasters.grid import Window


@dataclass(frozen=True)
class Tile:
    """One tile of a grid, in pixels.

    ``fade_*`` are the pixels it shares with its neighbour at each side, over which its weight falls; 0 at the
    raster's own edges.
    """

    row: int
    col: int
    height: int
    width: int
    fade_top: int
    fade_bottom: int
    fade_left: int
    fade_right: int

    @property
    def window(self) -> Window:
        """The tile's place in the grid."""
        return Window(self.row, self.col, self.height, self.width)


@dataclass(frozen=True)
class _Span:
    """A tile along one axis: where it begins, its length, and what it shares with the one before and the one after."""

    start: int
    length: int
    before: int
    after: int


def tiles(width: int, height: int, size: int, overlap: int, step: int = 1) -> list[Tile]:
    """Return the tiles of ``size`` pixels that cover a raster, row of tiles by row of tiles.

    Neighbours share at least ``overlap`` pixels; no tile reaches over the edge, and a raster smaller than a tile
    gets one of its own size. Tiles begin at multiples of ``step``, for which less than that is taken off what they
    share and off the size of the last ones.

    Raises
    ------
    ValueError: the overlap is not from 0 to less than the size, or a side is not positive.
    """
    if not 0 <= overlap < size or min(width, height) < 1:
        raise ValueError(f"tiles of {size} px that share {overlap} px cannot cover {width} x {height} px")
    return [
        Tile(row.start, col.start, row.length, col.length, row.before, row.after, col.before, col.after)
        for row in _spans(height, size, overlap, step)
        for col in _spans(width, size, overlap, step)
    ]


def _spans(length: int, size: int, overlap: int, step: int) -> list[_Span]:
    if length <= size:
        return [_Span(0, length, 0, 0)]
    count = -(-(length - overlap) // (size - overlap))
    # Spread evenly, so that the last tile does not repeat most of the one before.
    starts = [-(-(k * (length - size) // (count - 1)) // step) * step for k in range(count)]
    ends = [min(start + size, length) for start in starts]
    shared = [0, *(end - following for end, following in zip(ends, starts[1:], strict=False)), 0]
    return [
        _Span(start, end - start, before, after)
        for start, end, before, after in zip(starts, ends, shared, shared[1:], strict=False)
    ]


def tile_weights(tile: Tile) -> NDArray[np.float32]:
    """Return weights float32 [height, width]: 1 inside, falling smoothly, and never to 0, over what a neighbour
    shares.
    """
    rows, columns = row_weights(tile), column_weights(tile)
    return rows[:, None] * columns[None, :]


def row_weights(tile: Tile) -> NDArray[np.float32]:
    """Return the weight of each row of a tile, float32 [height]."""
    return _fade(tile.height, tile.fade_top, tile.fade_bottom)


def column_weights(tile: Tile) -> NDArray[np.float32]:
    """Return the weight of each column of a tile, float32 [width]."""
    return _fade(tile.width, tile.fade_left, tile.fade_right)


def _fade(length: int, first: int, last: int) -> NDArray[np.float32]:
    """Return weights float32 [length] that rise over ``first`` pixels and fall over ``last``, as half cosines."""
    weights = np.ones(length, np.float32)
    weights[:first] = _rise(first)
    weights[length - last :] *= _rise(last)[::-1]
    return weights


def _rise(count: int) -> NDArray[np.float32]:
    steps = (np.arange(count, dtype=np.float32) + 0.5) / max(count, 1)
    return np.sin(0.5 * np.pi * steps) ** 2


class Mosaic:
    """Blends overlapping tiles of float maps [C, h, w] into one [C, height, width] in memory.

    Weights are made to sum to one, so that a constant stays constant and no seam shows.
    """

    def __init__(self, channels: int, height: int, width: int) -> None:
        self._sum = np.zeros((channels, height, width), np.float32)
        self._weight = np.zeros((height, width), np.float32)

    def add(self, tile: Tile, values: NDArray[np.float32]) -> None:
        """Add one tile's values, float32 [C, tile.height, tile.width].

        Raises
        ------
        ValueError: they have another shape.
        """
        wanted = (self._sum.shape[0], tile.height, tile.width)
        if values.shape != wanted:
            raise ValueError(f"a tile's values must be {wanted}, not {values.shape}")
        weights = tile_weights(tile)
        rows, columns = tile.window.slices
        self._sum[:, rows, columns] += values * weights
        self._weight[rows, columns] += weights

    def result(self) -> NDArray[np.float32]:
        """Return the blended map; pixels that no tile covered are 0."""
        blended = self._sum / np.maximum(self._weight, np.finfo(np.float32).tiny)
        return blended.astype(np.float32, copy=False)
