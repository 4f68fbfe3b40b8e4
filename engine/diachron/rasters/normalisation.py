"""The colours of one date brought to those of another: a gain and an offset a band, from what has not changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diachron.rasters.radiometry import Bands

LEAST_STABLE_PX = 200
LEAST_STABLE_SHARE = 0.2
LEAST_CORRELATION = 0.6
"""Of the stable pixels of the two dates, in every band: below, there is no line to fit."""
LEAST_DIFFERENCE = 4.0
"""Grey levels by which stable pixels must differ in the mean: below, the dates agree."""
MOST_GAIN = 3.0

_SIDE_PX = 128
"""The dates are compared reduced to about this: by then parallax, shadows and a pixel of shift weigh little."""
_DARKEST, _BRIGHTEST = 3, 252
"""Beyond these a sensor may have clipped: such pixels lie on no line."""
_ROUNDS = 30
_KEPT = 2.5
_LEAST_SPREAD = 2.0
"""Grey levels: a smaller spread is rounding."""


@dataclass(frozen=True)
class Radiometry:
    """How one date's colours differ from the last date's: the last's are ``gain`` x colours + ``offset``, a band each.

    ``stable_share`` is the share of the compared pixels that follow this; ``found`` tells whether enough of them do
    (else gain and offset are 1 and 0), ``difference`` is by how many grey levels the stable pixels differ in the mean,
    and ``corrected`` whether reads apply it.
    """

    gain: Bands = (1.0, 1.0, 1.0)
    offset: Bands = (0.0, 0.0, 0.0)
    stable_share: float = 0.0
    difference: float = 0.0
    found: bool = False
    corrected: bool = False

    @property
    def agrees(self) -> bool:
        """True where the dates are known to look alike, so that nothing need be done."""
        return self.found and self.difference < LEAST_DIFFERENCE


NOT_FOUND = Radiometry()


def compare_colours(first: NDArray[np.uint8], last: NDArray[np.uint8], valid: NDArray[np.bool_]) -> Radiometry:
    """Return how the colours of two dates of the same ground, uint8 [3, h, w] each, differ where both are ``valid``.

    A line a band is fitted to the pixels that lie near the lines of all bands, again and again until these stay the
    same: what has changed lies far from them and has no say. The lines are those of the reduced major axis, for
    which both dates are equally uncertain: least squares would take noise for a loss of contrast.
    """
    step = max(1, max(valid.shape) // _SIDE_PX)
    first_means, last_means = _means(first, step), _means(last, step)
    where = (_means(valid[None], step)[0] == 1) & _exposed(first_means) & _exposed(last_means)
    x, y = first_means[:, where], last_means[:, where]
    if x.shape[1] < LEAST_STABLE_PX:
        return NOT_FOUND
    stable, gain, offset = _fit(x, y)
    if not _is_sure(x[:, stable], y[:, stable], stable.mean(), gain):
        return Radiometry(stable_share=float(stable.mean()))
    difference = float(np.abs(gain[:, None] * x[:, stable] + offset[:, None] - x[:, stable]).mean())
    return Radiometry(_bands(gain), _bands(offset), float(stable.mean()), difference, True)


def _means(image: NDArray, step: int) -> NDArray[np.float64]:
    """Return the means of an image's squares of ``step`` pixels, float64 [C, h // step, w // step]."""
    rows, columns = image.shape[1] // step, image.shape[2] // step
    squares = image[:, : rows * step, : columns * step].reshape(-1, rows, step, columns, step)
    return np.asarray(squares.mean(axis=(2, 4), dtype=np.float64))


def _exposed(image: NDArray[np.float64]) -> NDArray[np.bool_]:
    return np.asarray(((image >= _DARKEST) & (image <= _BRIGHTEST)).all(axis=0))


def _fit(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
    """Return the stable pixels, bool [n], and the gain and offset [3] that take ``x`` to ``y`` there."""
    gain, offset = _line_of_quartiles(x, y)
    stable = np.zeros(x.shape[1], bool)
    for _ in range(_ROUNDS):
        residual = y - (gain[:, None] * x + offset[:, None])
        spread = np.maximum(1.4826 * np.median(np.abs(residual), axis=1), _LEAST_SPREAD)
        near = np.sqrt(((residual / spread[:, None]) ** 2).mean(axis=0)) < _KEPT
        if (near == stable).all() or near.sum() < LEAST_STABLE_PX:
            return near, gain, offset
        stable = near
        gain, offset = _line_of_spreads(x[:, stable], y[:, stable])
    return stable, gain, offset


def _line_of_quartiles(
    x: NDArray[np.float64], y: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    (x_low, x_middle, x_high), (y_low, y_middle, y_high) = (
        np.percentile(each, (25, 50, 75), axis=1) for each in (x, y)
    )
    gain = np.maximum(y_high - y_low, 1.0) / np.maximum(x_high - x_low, 1.0)
    return gain, y_middle - gain * x_middle


def _line_of_spreads(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    gain = np.maximum(y.std(axis=1), 1e-3) / np.maximum(x.std(axis=1), 1e-3)
    return gain, y.mean(axis=1) - gain * x.mean(axis=1)


def _is_sure(x: NDArray[np.float64], y: NDArray[np.float64], share: float, gain: NDArray[np.float64]) -> bool:
    if x.shape[1] < LEAST_STABLE_PX or share < LEAST_STABLE_SHARE or not (gain > 1 / MOST_GAIN).all():
        return False
    if (gain > MOST_GAIN).any() or min(x.std(axis=1).min(), y.std(axis=1).min()) < 1:
        return False
    return all(np.corrcoef(*pair)[0, 1] >= LEAST_CORRELATION for pair in zip(x, y, strict=True))


def _bands(values: NDArray[np.float64]) -> Bands:
    red, green, blue = (round(float(value), 4) for value in values)
    return red, green, blue
