"""Black and white borders that nobody declared as nodata: regions of one end of the range that touch the edge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diachron.rasters.grid import Window
from diachron.rasters.source import Pixels, Source

Edges = tuple[Pixels, Pixels, Pixels, Pixels]
"""The first and last row, the first and last column of a raster."""

LEAST_RUN_PX = 16
"""A shorter run of black along the edge is a shadow, not a border."""
LEAST_WHITE_SHARE = 0.1
"""Of an edge: a shorter run of white along it is a roof, a road or a cloud that the sensor clipped."""
LOSSY_BLACK = 8


@dataclass(frozen=True)
class Border:
    """Where a raster's border of one end of its range lies.

    Parameters
    ----------
    cells: bool [n, m], squares of ``cell_px`` pixels in which a black (or white) pixel belongs to the border. They
        are the overview's, so that their number does not grow with the raster.
    low, high: the range of values that count as black (or white).
    """

    cells: NDArray[np.bool_]
    cell_px: int
    low: int
    high: int

    def covers(self, values: NDArray, window: Window) -> NDArray[np.bool_]:
        """Return the border in a window read as ``values`` [3, h, w] (perhaps reduced), bool [h, w]."""
        height, width = values.shape[1:]
        rows = window.row + (np.arange(height) * 2 + 1) * window.height // (2 * height)
        columns = window.col + (np.arange(width) * 2 + 1) * window.width // (2 * width)
        near = self.cells[np.ix_(rows // self.cell_px, columns // self.cell_px)]
        return near & is_between(values, self.low, self.high) if near.any() else near


def find_borders(source: Source, cancelled: Callable[[], bool]) -> tuple[Border, ...]:
    """Trace a raster's borders of black and of white; none, after a look at its four edges alone, where there is none.

    White is the highest value of an unsigned type, and nothing near it: what is bright may well be ground.

    Raises
    ------
    Cancelled, UnusableInput: as `Source.read`.
    """
    lines = _read_edges(source)
    levels = [(0, LOSSY_BLACK if source.is_lossy else 0, 0.0)]
    if source.dtype.kind == "u":
        white = int(np.iinfo(source.dtype).max)
        levels.append((white, white, LEAST_WHITE_SHARE))
    found = (_trace(source, lines, low, high, share, cancelled) for low, high, share in levels)
    return tuple(border for border in found if border is not None)


def covered(borders: Sequence[Border], values: NDArray, window: Window) -> NDArray[np.bool_]:
    """Return where any border lies in a window read as ``values`` [3, h, w], bool [h, w]."""
    where = np.zeros(values.shape[1:], bool)
    for border in borders:
        where |= border.covers(values, window)
    return where


def _trace(
    source: Source, lines: Edges, low: int, high: int, least_share: float, cancelled: Callable[[], bool]
) -> Border | None:
    cell_px = source.overview_step
    seeds = _cells_on_edges(source, lines, low, high, least_share)
    if not seeds.any():
        return None
    overview = source.overview(cancelled)
    alike = is_between(overview.values, low, high) & overview.valid
    return Border(_grown(connected(seeds, alike | seeds)), cell_px, low, high)


def is_between(values: NDArray, low: int, high: int) -> NDArray[np.bool_]:
    """Return where all bands of values [C, h, w] are ``low`` to ``high``."""
    return np.asarray(((values >= low) & (values <= high)).all(axis=0))


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


def _read_edges(source: Source) -> Edges:
    height, width = source.height, source.width
    return (
        source.read(Window(0, 0, 1, width)),
        source.read(Window(height - 1, 0, 1, width)),
        source.read(Window(0, 0, height, 1)),
        source.read(Window(0, width - 1, height, 1)),
    )


def _cells_on_edges(source: Source, lines: Edges, low: int, high: int, least_share: float) -> NDArray[np.bool_]:
    """Return the cells along the raster's edges whose edge pixels all are ``low`` to ``high``, bool [n, m]."""
    cell_px = source.overview_step
    cells = np.zeros((-(-source.height // cell_px), -(-source.width // cell_px)), bool)
    top, bottom, left, right = (_line_cells(line, low, high, least_share, cell_px) for line in lines)
    cells[0] |= top
    cells[-1] |= bottom
    cells[:, 0] |= left
    cells[:, -1] |= right
    return cells


def _line_cells(line: Pixels, low: int, high: int, least_share: float, cell_px: int) -> NDArray[np.bool_]:
    """Return which cells of an edge line are all ``low`` to ``high``, short runs left out, bool [n]."""
    alike = (is_between(line.values, low, high) & line.valid).ravel()
    alike = _long_runs(alike, max(LEAST_RUN_PX, round(least_share * len(alike))))
    padded = np.pad(alike, (0, -len(alike) % cell_px), mode="edge")
    return np.asarray(padded.reshape(-1, cell_px).all(axis=1))


def _long_runs(alike: NDArray[np.bool_], least_px: int) -> NDArray[np.bool_]:
    """Return the runs of True of a line, bool [n], that are at least ``least_px`` long (or all of it)."""
    runs = np.cumsum(~alike)
    lengths = np.bincount(runs, weights=alike)
    return alike & (lengths[runs] >= min(least_px, len(alike)))


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask grown by one cell all round: the cells beside the border mix it with the image."""
    padded = np.pad(mask, 1)
    height, width = mask.shape
    return np.logical_or.reduce([padded[row : row + height, col : col + width] for row in range(3) for col in range(3)])
