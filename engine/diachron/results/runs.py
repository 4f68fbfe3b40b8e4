"""Pixels as runs: the connected regions of a map of any height, found strip by strip.

A run is a stretch of one row whose pixels have one key. A map's runs are as many as its outlines are long, not as it
has pixels, so that regions that cross strips need nothing sewn together: the runs of all strips are simply one list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Places = NDArray[np.int32]
"""Rows, columns and sums along them, of which a large map has many."""


@dataclass(frozen=True)
class Strip:
    """Rows of a map from ``row`` on: ``inside`` bool [h, W]; ``values``: planes uint8 [h, W] that are constant along a
    run; ``weights``: planes uint8 [h, W] whose sum over each run is kept.
    """

    row: int
    inside: NDArray[np.bool_]
    values: Sequence[NDArray[np.uint8]]
    weights: Sequence[NDArray[np.uint8]] = ()


@dataclass(frozen=True)
class Runs:
    """Runs by row, then column: columns ``start`` to before ``stop`` of ``row``, int32 [n]; ``values`` uint8 [planes,
    n]; ``sums`` int32 [weights, n]; ``width`` is the map's.
    """

    row: Places
    start: Places
    stop: Places
    values: NDArray[np.uint8]
    sums: Places
    width: int

    @property
    def length(self) -> Places:
        """Pixels of each run."""
        return self.stop - self.start

    def only(self, kept: NDArray[np.bool_]) -> Runs:
        """Return the runs of a mask, bool [n]."""
        if kept.all():
            return self
        row, start, stop = (each[kept] for each in (self.row, self.start, self.stop))
        return Runs(row, start, stop, self.values[:, kept], self.sums[:, kept], self.width)

    def regions(self, value: NDArray[np.integer] | None = None) -> Integers:
        """Return the connected regions (along pixel sides) as labels from 0 by their first run, int64 [n]; where a
        value is given for each run, regions have one value.
        """
        one, other = self._neighbours()
        if value is not None:
            alike = value[one] == value[other]
            one, other = one[alike], other[alike]
        return connect(len(self.row), one, other)

    def _neighbours(self) -> tuple[Integers, Integers]:
        """Return the pairs of runs that share a pixel's side, as two arrays of indices."""
        # Places along one line on which a row begins after a gap of one, so that rows never meet.
        row = self.row.astype(np.int64) * (self.width + 1)
        first, last = row + self.start, row + self.stop
        beside = np.flatnonzero(last[:-1] == first[1:])
        below = np.searchsorted(last, first + self.width + 1, "right")
        count = np.maximum(np.searchsorted(first, last + self.width + 1, "left") - below, 0)
        above = np.repeat(np.arange(len(first)), count)
        nth = np.arange(len(above)) - np.repeat(np.cumsum(count) - count, count)
        return np.concatenate([beside, above]), np.concatenate([beside + 1, below[above] + nth])


def find_runs(strips: Iterable[Strip]) -> Runs:
    """Return the runs of all strips, which follow each other from top to bottom."""
    found = [_runs_of(strip) for strip in strips]
    row, start, stop = (np.concatenate([getattr(each, name) for each in found]) for name in ("row", "start", "stop"))
    values, sums = (np.concatenate([getattr(each, name) for each in found], axis=1) for name in ("values", "sums"))
    return Runs(row, start, stop, values, sums, found[0].width)


def _runs_of(strip: Strip) -> Runs:
    width = strip.inside.shape[1]
    places = np.flatnonzero(strip.inside)
    values = [plane.ravel()[places] for plane in strip.values]
    begins = np.ones(len(places), bool)
    begins[1:] = (places[1:] != places[:-1] + 1) | (places[1:] % width == 0)
    for each in values:
        begins[1:] |= each[1:] != each[:-1]
    first = np.flatnonzero(begins)
    row, start = np.divmod(places[first], width)
    sums = [np.add.reduceat(plane.ravel()[places], first, dtype=np.int32) if len(first) else first
            for plane in strip.weights]  # fmt: skip
    return Runs(
        (row + strip.row).astype(np.int32), start.astype(np.int32),
        (start + np.diff(first, append=len(places))).astype(np.int32),
        np.array([each[first] for each in values], np.uint8).reshape(len(values), len(first)),
        np.array(sums, np.int32).reshape(len(sums), len(first)), width,
    )  # fmt: skip


def connect(count: int, one: Integers, other: Integers) -> Integers:
    """Return connected things 0 to ``count`` - 1 as labels from 0, int64 [count], numbered by their first member."""
    root = np.arange(count)
    while len(one):
        low, high = np.minimum(root[one], root[other]), np.maximum(root[one], root[other])
        apart = low != high
        one, other, low, high = one[apart], other[apart], low[apart], high[apart]
        np.minimum.at(root, high, low)
        while (root != root[root]).any():
            root = root[root]
    return np.unique(root, return_inverse=True)[1]
