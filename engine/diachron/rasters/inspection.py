"""Measuring a stack before it is used: what lacks data, what looks like cloud, and the shift between dates."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diachron.errors import Cancelled, UnusableInput
from diachron.rasters.clouds import cloud_share
from diachron.rasters.grid import Window
from diachron.rasters.normalisation import Radiometry, compare_colours
from diachron.rasters.placement import Image, Offset
from diachron.rasters.preflight import write_notes
from diachron.rasters.registration import (
    LEAST_CONFIDENCE,
    WINDOW_PX,
    EdgePair,
    Edges,
    Shift,
    edges,
    measure_shift,
    overlap,
)
from diachron.rasters.stack import THUMBNAIL_PX, Block, Stack

LEAST_VALID = 0.75
_LEAST_CONTRAST = 0.002


def inspect(stack: Stack, cancelled: Callable[[], bool], normalise: bool = False) -> None:
    """Fill ``stack.preflight``, correct the shifts that are sure, and with ``normalise`` the colours.

    Raises
    ------
    UnusableInput: a raster holds no image here. Cancelled: ``cancelled`` said so.
    """
    overview = stack.overview(THUMBNAIL_PX, cancelled)
    reduced = stack.grid.reduced(THUMBNAIL_PX)
    nodata = tuple(_nodata_share(valid, stack.inside(reduced)) for valid in overview.valid)
    _refuse_empty(stack, overview)
    clouds = tuple(
        cloud_share(Image(*date), reduced.gsd_m) for date in zip(overview.images, overview.valid, strict=True)
    )
    shifts = measure_shifts(stack, overview, cancelled)
    correct(stack, shifts)
    shifts = _measured_again(stack, overview, shifts, cancelled)
    colours = bring_together(stack, compare_dates(stack, overview)) if normalise else compare_dates(stack, overview)
    measured = replace(stack.preflight, shift_px=shifts, nodata_share=nodata, cloud_share=clouds, radiometry=colours)
    crs = tuple(date.crs for date in stack.dates)
    stack.preflight = replace(measured, notes=write_notes(measured, stack.grid.gsd_m, crs, normalise))


def _measured_again(
    stack: Stack, overview: Block, shifts: tuple[Shift, ...], cancelled: Callable[[], bool]
) -> tuple[Shift, ...]:
    """Return the shifts with what their correction has left, where one was corrected and can be measured again."""
    if not any(shift.corrected for shift in shifts):
        return shifts
    left = measure_shifts(stack, overview, cancelled)
    return tuple(
        replace(shift, residual_px=after.length_px)
        if shift.corrected and after.confidence >= LEAST_CONFIDENCE
        else shift
        for shift, after in zip(shifts, left, strict=True)
    )


def correct(stack: Stack, shifts: tuple[Shift, ...]) -> None:
    """Move each date by the corrected shifts that follow it: the last one, on which results are drawn, stays where
    it is.
    """
    dx = dy = 0.0
    for placed, shift in zip(reversed(stack.placed[:-1]), reversed(shifts), strict=True):
        if shift.corrected:
            dx, dy = dx + shift.dx_px, dy + shift.dy_px
        placed.move(Offset(dx, dy))


def compare_dates(stack: Stack, overview: Block) -> tuple[Radiometry, ...]:
    """Compare the colours of each date but the last with the last's, on an overview read before any was moved."""
    share = overview.valid.shape[2] / stack.grid.width
    found = []
    for number, placed in enumerate(stack.placed[:-1]):
        dx, dy = round(placed.offset.dx_px * share), round(placed.offset.dy_px * share)
        first, last = overlap(overview.images[number], overview.images[-1], dx, dy)
        seen = np.logical_and(*overlap(overview.valid[number], overview.valid[-1], dx, dy))
        found.append(compare_colours(first, last, seen))
    return tuple(found)


def bring_together(stack: Stack, radiometry: tuple[Radiometry, ...]) -> tuple[Radiometry, ...]:
    """Read each date in the last's colours from now on, where they were found and differ; return what was done."""
    for placed, each in zip(stack.placed, radiometry, strict=False):
        if each.found and not each.agrees:
            placed.recolour(each.gain, each.offset)
    return tuple(replace(each, corrected=each.found and not each.agrees) for each in radiometry)


def measure_shifts(stack: Stack, overview: Block, cancelled: Callable[[], bool]) -> tuple[Shift, ...]:
    """Measure the shift between each date and the next over up to sixteen windows that both show.

    Raises
    ------
    Cancelled, UnusableInput: as `Stack.read`.
    """
    pairs: list[list[EdgePair]] = [[] for _ in stack.dates[1:]]
    for window in _windows(stack, overview):
        if cancelled():
            raise Cancelled
        block = stack.read(window)
        found = [_edges(image, valid) for image, valid in zip(block.images, block.valid, strict=True)]
        for pair, (first, second) in zip(pairs, itertools.pairwise(found), strict=True):
            if first is not None and second is not None:
                pair.append((first, second))
    return tuple(measure_shift(pair) for pair in pairs)


def _edges(image: NDArray[np.uint8], valid: NDArray[np.bool_]) -> Edges | None:
    """Return the edges of one date of a window, None where there is too little to see."""
    if valid.mean() < LEAST_VALID:
        return None
    found = edges(image, valid)
    return found if np.abs(found).mean() > _LEAST_CONTRAST else None


def _windows(stack: Stack, overview: Block) -> list[Window]:
    """Return the windows of a regular spread in which every date is mostly valid on the overview."""
    height, width = stack.grid.shape
    tall, wide = min(WINDOW_PX, height), min(WINDOW_PX, width)
    valid = np.asarray(overview.valid.all(axis=0))
    rows, columns = valid.shape[0] / height, valid.shape[1] / width
    spread = (Window(row, col, tall, wide) for row in _spread(height, tall) for col in _spread(width, wide))
    return [
        each
        for each in spread
        if valid[_part(each.row, tall, rows), _part(each.col, wide, columns)].mean() >= LEAST_VALID
    ]


def _part(start: int, length: int, share: float) -> slice:
    first = int(start * share)
    return slice(first, max(first + 1, int((start + length) * share)))


def _spread(length: int, side: int) -> list[int]:
    """Return up to four starts of windows spread evenly over an axis; they may overlap by a half."""
    count = 1 if length < 1.25 * side else 2 if length < 1.5 * side else 3 if length < 4 * side else 4
    # Away from the edges where there is room: orthophotos are at their worst there.
    margin = min((length - side) // 2, side // 4) if count == 4 else 0
    return (
        [round(start) for start in np.linspace(margin, length - side - margin, count)]
        if count > 1
        else [(length - side) // 2]
    )


def _nodata_share(valid: NDArray[np.bool_], inside: NDArray[np.bool_]) -> float:
    return 1 - int(np.count_nonzero(valid & inside)) / max(1, int(np.count_nonzero(inside)))


def _refuse_empty(stack: Stack, overview: Block) -> None:
    for date, valid in zip(stack.dates, overview.valid, strict=True):
        if not valid.any():
            raise UnusableInput(
                "the raster holds no data here (all nodata or black)", date.path, "pick another raster or area"
            )
    if not overview.valid.all(axis=0).any():
        paths = " and ".join(date.path for date in stack.dates)
        raise UnusableInput("no place holds data in all rasters", paths, "pick other rasters, or another area")
