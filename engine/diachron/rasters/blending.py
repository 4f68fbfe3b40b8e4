"""Blending tiles into maps row of tiles by row of tiles, and coarse class probabilities into classes of pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diachron.rasters.grid import Window
from diachron.rasters.tiles import Tile, column_weights, row_weights

Floats = NDArray[np.float32]
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
    """Sums of weighted tiles over the rows of a map that tiles still touch.

    Parameters
    ----------
    width_px: the map's. Values may stand for squares of ``cell`` pixels, which the first tile tells. kept: the type of
    the sums.
    """

    def __init__(self, channels: int, width_px: int, kept: type[np.floating]) -> None:
        self.channels, self.width_px, self.kept, self.cell = channels, width_px, kept, 1
        self._first_row = 0
        self._sum: NDArray[np.floating] | None = None
        self._above: Floats | None = None

    def add(self, at: Window, values: Floats, rows: Floats, columns: Floats, cell: int) -> None:
        """Add a tile's values [C, h / cell, w / cell] at a window of pixels, with the shares of its rows and columns.

        Where values stand for squares, the window begins at a multiple of their side.
        """
        self.cell = cell
        first, col = at.row // cell - self._first_row, at.col // cell
        self._extend(first + values.shape[1])
        assert self._sum is not None
        weights = _means(rows, cell)[:, None] * _means(columns, cell)[None, :]
        here = (slice(None), slice(first, first + values.shape[1]), slice(col, col + values.shape[2]))
        self._sum[here] += (values * weights).astype(self.kept)

    def take(self, count_px: int) -> Floats:
        """Return the first rows of so many pixels, float32 [C, n + 2, w], with one row more on either side, and forget
        them.
        """
        count = -(-count_px // self.cell)
        self._extend(count)
        assert self._sum is not None
        taken = self._sum[:, : count + 1].astype(np.float32)
        below = taken[:, -1:]
        above = taken[:, :1] if self._above is None else self._above
        self._above = taken[:, count - 1 : count]
        self._sum, self._first_row = self._sum[:, count:].copy(), self._first_row + count
        return np.concatenate([above, taken[:, :count], below], axis=1)

    def _extend(self, rows: int) -> None:
        """Make room for so many rows."""
        if self._sum is None:
            self._sum = np.zeros((self.channels, 0, -(-self.width_px // self.cell)), self.kept)
        missing = rows - self._sum.shape[1]
        if missing > 0:
            self._sum = np.pad(self._sum, ((0, 0), (0, missing), (0, 0)))


def _means(weights: Floats, cell: int) -> Floats:
    return np.pad(weights, (0, -len(weights) % cell), mode="edge").reshape(-1, cell).mean(axis=1)


def enlarge_classes(cells: Floats, cell: int, shape: tuple[int, int]) -> tuple[NDArray[np.intp], Floats]:
    """Return the likeliest class of each pixel and its probability, [h, w] each, by bilinear interpolation.

    Where four neighbouring places have the same likeliest class, so has all that lies between them, and it alone is
    interpolated: that is most of a map.

    Parameters
    ----------
    cells: probabilities [K, n + 2, m], one place for ``cell`` pixels a side, with a row more above and below.
    shape: rows and columns of pixels, at most n and m times ``cell``.
    """
    if cell == 1:
        best = cells[:, 1 : shape[0] + 1].argmax(axis=0)
        return best, cells[:, 1 : shape[0] + 1].max(axis=0)
    padded = np.pad(cells, ((0, 0), (0, 0), (1, 1)), mode="edge")
    best, top = padded.argmax(axis=0), padded.max(axis=0)
    part = ((np.arange(cell) + 0.5) / cell).astype(np.float32)
    surest = _between(_between(top, part).T, part).T
    classes = np.repeat(np.repeat(best[:-1, :-1], cell, axis=0), cell, axis=1)
    corner = best[:-1, :-1]
    mixed = (corner != best[1:, :-1]) | (corner != best[:-1, 1:]) | (corner != best[1:, 1:])
    weights = np.einsum("ay,bx->abyx", *[np.stack([1 - part, part])] * 2).reshape(4, cell * cell)
    places = np.argwhere(mixed)
    squares_of = (-1, cell, cell)
    for start in range(0, len(places), _CHUNK):
        row, col = places[start : start + _CHUNK].T
        corners = np.stack([padded[:, row + down, col + right] for down in (0, 1) for right in (0, 1)], axis=-1)
        between = corners @ weights
        here = (row[:, None, None] * cell + np.arange(cell)[:, None], col[:, None, None] * cell + np.arange(cell))
        classes[here] = between.argmax(axis=0).reshape(squares_of)
        surest[here] = between.max(axis=0).reshape(squares_of)
    half = cell // 2
    inside = slice(half, half + shape[0]), slice(half, half + shape[1])
    return classes[inside], surest[inside]


def _between(values: Floats, part: Floats) -> Floats:
    """Return values [n + 1, m] interpolated at ``part`` [c] of the way from each row to the next, [n * c, m]."""
    first, step = values[:-1, None], np.diff(values, axis=0)[:, None]
    return (first + step * part[None, :, None]).reshape(-1, values.shape[1])
