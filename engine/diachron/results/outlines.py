"""Outlines of labelled runs, as polygons along pixel edges: exteriors first, holes after, each ring whole and simple.

A vertical edge of a region ends where the row above and the row below begin or end differently. Sorted along rows,
these corners are the ends of horizontal edges, two by two; sorted along columns, of vertical ones. Going from partner
to partner walks a ring.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from diachron.results.runs import Integers, Runs


def trace(runs: Runs, labels: Integers) -> NDArray[np.object_]:
    """Return the polygon of each label 0 to n - 1 (each a region connected along pixel sides), in columns and rows.

    A ring begins at its leftmost topmost corner. Where two pixels of a region meet at a corner alone, its rings pass
    there without joining, so that every polygon is valid.
    """
    if not len(labels):
        return np.zeros(0, object)
    label, y, x, goes_right, partner = _corners(runs, labels)
    edges = len(label) // 2
    # The region lies on the right hand of whoever walks: below a rightward edge, above a leftward one.
    start = 2 * np.arange(edges) + ~goes_right[::2]
    order, ring = _rings((partner[start ^ 1] // 2).tolist())
    from_, to = start[order], start[order] ^ 1
    points = np.stack([np.stack([x[from_], y[from_]], 1), np.stack([x[to], y[to]], 1)], axis=1).reshape(-1, 2)
    # Each ring is closed by its first point once more.
    ends = 2 * np.append(ring[1:], edges)
    points = np.insert(points, ends, points[2 * ring], axis=0).astype(np.float64)
    offsets = np.append(0, ends + np.arange(1, len(ring) + 1))
    of_polygon = np.searchsorted(label[start[order[ring]]], np.arange(int(labels.max()) + 2))
    return shapely.from_ragged_array(shapely.GeometryType.POLYGON, points, (offsets, of_polygon))


def _corners(runs: Runs, labels: Integers) -> tuple[Integers, Integers, Integers, NDArray[np.bool_], Integers]:
    """Return corners by label, row and column: label, y, x, whether the edge that begins there (at every second one) is
    the upper side of its region, and each corner's partner along its column.
    """
    row, start, stop, label = _joined(runs, labels)
    count = len(row)
    # Every end of a run is one of the line above it and of the line below it.
    y = np.concatenate([row, row, row + 1, row + 1])
    x = np.concatenate([start, stop, start, stop])
    label = np.tile(label, 4)
    wide, tall = runs.width + 1, int(row[-1]) + 2
    by_row = np.argsort((label * tall + y) * wide + x)
    upper = np.repeat(np.array([True, False, False, True]), count)[by_row]
    begins = np.repeat(np.array([True, False, True, False]), count)[by_row]
    label, y, x = label[by_row], y[by_row], x[by_row]
    again = np.flatnonzero((label[1:] == label[:-1]) & (y[1:] == y[:-1]) & (x[1:] == x[:-1]))
    straight = again[begins[again] == begins[again + 1]]
    kept = np.ones(len(label), bool)
    kept[straight] = kept[straight + 1] = False
    label, y, x, upper = label[kept], y[kept], x[kept], upper[kept]
    return label, y, x, upper, _partners(label, y, x, upper, wide, tall)


def _joined(runs: Runs, labels: Integers) -> tuple[Integers, Integers, Integers, Integers]:
    """Return runs with neighbours in their row that have the same label joined: row, start, stop, label."""
    follows = (runs.row[1:] == runs.row[:-1]) & (runs.stop[:-1] == runs.start[1:]) & (labels[1:] == labels[:-1])
    first, last = np.append(True, ~follows), np.append(~follows, True)
    return runs.row[first], runs.start[first], runs.stop[last], labels[first]


def _partners(label: Integers, y: Integers, x: Integers, upper: NDArray[np.bool_], wide: int, tall: int) -> Integers:
    """Return each corner's other end along its column.

    Where four edges meet, corners are two, the first the end of the edge on the left, the second of the one on the
    right. Edges are joined around the pixels that are not the region's: where its pixels are the upper left and lower
    right, the edge on the left goes on downwards, else upwards.
    """
    first = np.flatnonzero((label[1:] == label[:-1]) & (y[1:] == y[:-1]) & (x[1:] == x[:-1]))
    late = np.zeros(len(label), np.int64)
    falling = upper[first]
    late[first], late[first + 1] = falling, ~falling
    by_column = np.argsort(((label * wide + x) * tall + y) * 2 + late)
    partner = np.empty(len(label), np.int64)
    partner[by_column[::2]], partner[by_column[1::2]] = by_column[1::2], by_column[::2]
    return partner


def _rings(following: list[int]) -> tuple[Integers, Integers]:
    """Return edges ring by ring, and where each ring begins, of edges that each have one that follows."""
    order: list[int] = []
    begins: list[int] = []
    walked = bytearray(len(following))
    for first in range(len(following)):
        if not walked[first]:
            begins.append(len(order))
            edge = first
            while not walked[edge]:
                walked[edge] = 1
                order.append(edge)
                edge = following[edge]
    return np.array(order), np.array(begins)
