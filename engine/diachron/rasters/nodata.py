"""Black borders that nobody declared as nodata: regions of zeros that touch the raster's edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diachron.rasters.grid import Window
from diachron.rasters.source import Pixels, Source

LEAST_RUN_PX = 16
"""A shorter run of black along the edge is a shadow, not a border."""
LOSSY_BLACK = 8


@dataclass(frozen=True)
class BlackBorder:
    """Where a raster's border of zeros lies.

    Parameters
    ----------
    cells: bool [n, m], squares of ``cell_px`` pixels in which a black pixel belongs to the border. They are the
        overview's, so that their number does not grow with the raster.
    level: the highest value that counts as black.
    """

    cells: NDArray[np.bool_]
    cell_px: int
    level: int

    def covers(self, values: NDArray, window: Window) -> NDArray[np.bool_]:
        """Return the border in a window read as ``values`` [3, h, w] (perhaps reduced), bool [h, w]."""
        height, width = values.shape[1:]
        rows = window.row + (np.arange(height) * 2 + 1) * window.height // (2 * height)
        columns = window.col + (np.arange(width) * 2 + 1) * window.width // (2 * width)
        near = self.cells[np.ix_(rows // self.cell_px, columns // self.cell_px)]
        return near & is_black(values, self.level) if near.any() else near


def find_black_border(source: Source, cancelled: Callable[[], bool]) -> BlackBorder | None:
    """Trace a raster's border of zeros; None, after a look at its four edges alone, where there is none.

    Raises
    ------
    Cancelled, UnusableInput: as `Source.read`.
    """
    level = LOSSY_BLACK if source.is_lossy else 0
    cell_px = source.overview_step
    edges = _black_edges(source, level, cell_px)
    if not edges.any():
        return None
    overview = source.overview(cancelled)
    black = is_black(overview.values, level) & overview.valid
    border = connected(edges, black | edges)
    return BlackBorder(_grown(border), cell_px, level)


def is_black(values: NDArray, level: int) -> NDArray[np.bool_]:
    """Return where all bands of values [C, h, w] are 0 to ``level``."""
    return np.asarray(((values >= 0) & (values <= level)).all(axis=0))


def connected(seeds: NDArray[np.bool_], region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the part of ``region`` (bool [h, w]) that touches ``seeds``, by steps along rows and columns."""
    reached = seeds & region
    while True:
        spread = _along_rows(_along_rows(reached, region).T, region.T).T
        if (spread == reached).all():
            return reached
        reached = spread


def _along_rows(reached: NDArray[np.bool_], region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return every run of ``region`` along a row that has a reached pixel."""
    # A run's number changes at each pixel outside the region, and at each row's start.
    breaks = ~region
    runs = np.cumsum(np.pad(breaks, ((0, 0), (1, 0)), constant_values=True), axis=None).reshape(region.shape[0], -1)[
        :, 1:
    ]
    hit = np.zeros(int(runs[-1, -1]) + 1, bool)
    hit[runs[reached]] = True
    return region & hit[runs]


def _black_edges(source: Source, level: int, cell_px: int) -> NDArray[np.bool_]:
    """Return the cells along the raster's edges whose edge pixels are all black, bool [n, m]."""
    height, width = source.height, source.width
    cells = np.zeros((-(-height // cell_px), -(-width // cell_px)), bool)

    def cells_of(window: Window) -> NDArray[np.bool_]:
        return _black_cells(source.read(window), level, cell_px)

    cells[0] |= cells_of(Window(0, 0, 1, width))
    cells[-1] |= cells_of(Window(height - 1, 0, 1, width))
    cells[:, 0] |= cells_of(Window(0, 0, height, 1))
    cells[:, -1] |= cells_of(Window(0, width - 1, height, 1))
    return cells


def _black_cells(line: Pixels, level: int, cell_px: int) -> NDArray[np.bool_]:
    """Return which cells of an edge line are all black, short runs left out, bool [n]."""
    black = _long_runs((is_black(line.values, level) & line.valid).ravel())
    padded = np.pad(black, (0, -len(black) % cell_px), mode="edge")
    return np.asarray(padded.reshape(-1, cell_px).all(axis=1))


def _long_runs(black: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the runs of True of a line, bool [n], that are at least `LEAST_RUN_PX` long (or all of it)."""
    runs = np.cumsum(~black)
    lengths = np.bincount(runs, weights=black)
    return black & (lengths[runs] >= min(LEAST_RUN_PX, len(black)))


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask grown by one cell all round: the cells beside the border mix it with the image."""
    padded = np.pad(mask, 1)
    height, width = mask.shape
    return np.logical_or.reduce([padded[row : row + height, col : col + width] for row in range(3) for col in range(3)])
