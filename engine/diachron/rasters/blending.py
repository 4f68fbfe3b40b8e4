"""Blending tiles into maps row of tiles by row of tiles, and coarse probabilities into what pixels show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diachron.rasters.grid import Window
from diachron.rasters.tiles import Tile, column_weights, row_weights

Floats = NDArray[np.float32]
Sums = NDArray[np.uint16]
CERTAIN = 254
"""A probability of 1 in maps of bytes."""
ONE = CERTAIN << 8
"""A probability of 1 in sums of tiles: two bytes hold it, and its first byte is that of the maps."""
_CHUNK = 4096


class Shares:
    """What each tile of a plan has a share of: its weights, made to sum to one with those of its neighbours."""

    def __init__(self, plan: Sequence[Tile]) -> None:
        last = plan[-1]
        self._rows = np.zeros(last.row + last.height, np.float32)
        self._columns = np.zeros(last.col + last.width, np.float32)
        for tile in {tile.row: tile for tile in plan}.values():
            self._rows[tile.row : tile.row + tile.height] += row_weights(tile)
        for tile in {tile.col: tile for tile in plan}.values():
            self._columns[tile.col : tile.col + tile.width] += column_weights(tile)

    def of(self, tile: Tile) -> tuple[Floats, Floats]:
        """Return a tile's share of its rows, float32 [height], and of its columns, float32 [width]."""
        rows = row_weights(tile) / self._rows[tile.row : tile.row + tile.height]
        return rows, column_weights(tile) / self._columns[tile.col : tile.col + tile.width]


class Band:
    """Sums of weighted tiles over the rows of a map that tiles still touch, probabilities as uint16 of 0 to `ONE`.

    Parameters
    ----------
    width_px: the map's. Values may stand for squares of ``cell`` pixels, which the first tile tells.
    """

    def __init__(self, channels: int, width_px: int) -> None:
        self.channels, self.width_px, self.cell = channels, width_px, 1
        self._sum: Sums = np.zeros((channels, 0, 0), np.uint16)
        # The row of which the sums begin, the first that has not been taken, and the one after the last.
        self._first = self._next = self._end = 0
        self._above: Sums | None = None

    def add(self, at: Window, values: Floats, rows: Floats, columns: Floats, cell: int) -> None:
        """Add a tile's probabilities [C, h / cell, w / cell] at a window of pixels, with the shares of its rows and
        columns.

        Where they stand for squares, the window begins at a multiple of their side.
        """
        self.cell = cell
        row, col = at.row // cell, at.col // cell
        self._make_room(row + values.shape[1])
        row -= self._first
        weights = _means(rows, cell)[:, None] * (ONE * _means(columns, cell))[None, :]
        here = (slice(None), slice(row, row + values.shape[1]), slice(col, col + values.shape[2]))
        self._sum[here] += (values * weights).astype(np.uint16)

    def take(self, count_px: int) -> Sums:
        """Return the next rows of so many pixels, [C, n + 2, w], with one row more on either side."""
        count = -(-count_px // self.cell)
        if self._next + count > self._end:
            self._make_room(self._next + count)
        start = self._next - self._first
        taken = self._sum[:, start : min(start + count + 1, self._end - self._first)]
        above = taken[:, :1] if self._above is None else self._above
        self._above, self._next = taken[:, count - 1 : count].copy(), self._next + count
        return np.concatenate([above, taken[:, :count], taken[:, -1:]], axis=1)

    def _make_room(self, end: int) -> None:
        """Forget the rows that were taken, and make room for those up to ``end``; in place, for sums are large."""
        taken, kept = self._next - self._first, max(0, self._end - self._next)
        if end - self._next > self._sum.shape[1]:
            larger = np.zeros((self.channels, end - self._next, -(-self.width_px // self.cell)), np.uint16)
            if kept:
                larger[:, :kept] = self._sum[:, taken : taken + kept]
            self._sum = larger
        elif taken:
            for channel in self._sum:
                channel[:kept] = channel[taken : taken + kept]
                channel[kept:] = 0
        self._first, self._end = self._next, max(self._end, end)


def _means(weights: Floats, cell: int) -> Floats:
    return np.pad(weights, (0, -len(weights) % cell), mode="edge").reshape(-1, cell).mean(axis=1)


def enlarge(sums: Sums, cell: int, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the probability x 254 of each pixel, [C, h, w], by bilinear interpolation.

    Parameters
    ----------
    sums: as `Band.take` gives them, [C, n + 2, m], one place for ``cell`` pixels a side.
    shape: rows and columns of pixels, at most n and m times ``cell``.
    """
    if cell == 1:
        return _as_bytes(sums[:, 1 : shape[0] + 1])
    half = cell // 2
    inside = slice(half, half + shape[0]), slice(half, half + shape[1])
    padded = np.pad(sums, ((0, 0), (0, 0), (1, 1)), mode="edge")
    return np.stack([_spread(channel, cell)[inside] for channel in padded])


def enlarge_classes(
    sums: Sums, ids: NDArray[np.uint8], cell: int, shape: tuple[int, int]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the likeliest class of each pixel and its probability x 254, [h, w] each, by bilinear interpolation.

    Where four neighbouring places have the same likeliest class, so has all that lies between them, and it alone is
    interpolated: that is most of a map.

    Parameters
    ----------
    sums: as `Band.take` gives them, [K, n + 2, m], one place for ``cell`` pixels a side. ids: what stands for each
    class, [K].
    shape: rows and columns of pixels, at most n and m times ``cell``.
    """
    if cell == 1:
        best, top = _likeliest(sums[:, 1 : shape[0] + 1], ids)
        return best, _as_bytes(top)
    padded = np.pad(sums, ((0, 0), (0, 0), (1, 1)), mode="edge")
    best, top = _likeliest(padded, ids)
    surest = _spread(top, cell)
    classes = np.repeat(np.repeat(best[:-1, :-1], cell, axis=0), cell, axis=1)
    corner = best[:-1, :-1]
    mixed = (corner != best[1:, :-1]) | (corner != best[:-1, 1:]) | (corner != best[1:, 1:])
    weights = np.einsum("ay,bx->abyx", *[np.stack([1 - _parts(cell), _parts(cell)])] * 2).reshape(4, cell * cell)
    places = np.argwhere(mixed)
    squares_of = (-1, cell, cell)
    for start in range(0, len(places), _CHUNK):
        row, col = places[start : start + _CHUNK].T
        corners = np.stack([padded[:, row + down, col + right] for down in (0, 1) for right in (0, 1)], axis=-1)
        best, top = _likeliest(corners.astype(np.float32) @ weights, ids)
        here = (row[:, None, None] * cell + np.arange(cell)[:, None], col[:, None, None] * cell + np.arange(cell))
        classes[here] = best.reshape(squares_of)
        surest[here] = _as_bytes(top.astype(np.uint16)).reshape(squares_of)
    half = cell // 2
    inside = slice(half, half + shape[0]), slice(half, half + shape[1])
    return classes[inside], surest[inside]


def _likeliest(values: NDArray, ids: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray]:
    """Return the id of the greatest of values [K, ...] everywhere, the first of equal ones, and that value.

    NumPy's own ``argmax`` along a first axis goes through it value by value, five times slower.
    """
    top, best = values[0].copy(), np.full(values.shape[1:], ids[0], np.uint8)
    for number, each in zip(ids[1:], values[1:], strict=True):
        np.copyto(best, number, where=each > top)
        np.maximum(top, each, out=top)
    return best, top


def _as_bytes(sums: Sums) -> NDArray[np.uint8]:
    return ((sums + np.uint16(128)) >> np.uint16(8)).astype(np.uint8)


def _spread(sums: Sums, cell: int) -> NDArray[np.uint8]:
    """Return what lies between places [n + 1, m + 1], [n * cell, m * cell]."""
    values = sums.astype(np.float32) * np.float32(1 / 256)
    return (_between(_between(values, cell).T, cell).T + np.float32(0.5)).astype(np.uint8)


def _parts(cell: int) -> Floats:
    return ((np.arange(cell) + 0.5) / cell).astype(np.float32)


def _between(values: Floats, cell: int) -> Floats:
    """Return values [n + 1, m] interpolated at ``cell`` places between each row and the next, [n * cell, m]."""
    first, step = values[:-1, None], np.diff(values, axis=0)[:, None]
    return (first + step * _parts(cell)[None, :, None]).reshape(-1, values.shape[1])
