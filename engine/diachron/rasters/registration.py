"""The shift between two dates, measured to a fraction of a pixel by phase correlation over several windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOW_PX = 256
LEAST_CONFIDENCE = 0.5
LEAST_SHIFT_PX = 0.25
"""A smaller shift is left: resampling would blur more than it mends."""
MOST_SHIFT_PX = 20.0
"""A larger one is not corrected: it is more likely a wrong peak, or a raster in the wrong place."""
AGREEMENT_PX = 1.0

_SEARCH_PX = 24
# Share of the sampling rate at which the correlation is damped: above, noise and resampling outweigh the image.
_BAND = 0.15
# Grey levels a pixel: a weaker gradient is mostly noise.
_FLAT = 4.0


@dataclass(frozen=True)
class Shift:
    """How far the later date's image lies from the earlier one's, in grid pixels: ``dx_px`` to the right, ``dy_px``
    down.

    ``confidence``, 0 to 1, is the share of windows (weighted by their peaks) that agree on it by themselves;
    ``corrected`` tells
    whether reads undo it; ``residual_px`` is then the length of what is left, measured again.
    """

    dx_px: float
    dy_px: float
    confidence: float
    corrected: bool
    residual_px: float | None = None

    @property
    def length_px(self) -> float:
        """Length of the shift, in grid pixels."""
        return float(np.hypot(self.dx_px, self.dy_px))


UNKNOWN = Shift(0.0, 0.0, 0.0, False)


@dataclass(frozen=True)
class Peak:
    """The highest place of a correlation surface: shift in pixels, and its height over the surface's spread."""

    dx_px: float
    dy_px: float
    height: float


def measure_shift(surfaces: Sequence[NDArray[np.float64]]) -> Shift:
    """Return the shift that windows agree on, from their correlation surfaces (`correlate`).

    The peak of all surfaces together says where to look: noise differs between windows and the shift does not. Each
    window's own peak
    near it then votes by a weighted median, and the windows whose own highest peak lies there make the confidence.
    """
    if not surfaces:
        return UNKNOWN
    together = find_peak(np.sum([surface / surface.std() for surface in surfaces], axis=0))
    near = [find_peak(surface, around=together) for surface in surfaces]
    weights = np.array([max(peak.height, 0.0) for peak in near])
    if weights.sum() == 0:
        return UNKNOWN
    dx = weighted_median(np.array([peak.dx_px for peak in near]), weights)
    dy = weighted_median(np.array([peak.dy_px for peak in near]), weights)
    own = [find_peak(surface) for surface in surfaces]
    agree = np.array([np.hypot(peak.dx_px - dx, peak.dy_px - dy) < AGREEMENT_PX for peak in own])
    heights = np.array([peak.height for peak in own])
    confidence = float((heights * agree).sum() / heights.sum())
    # One window has nobody to agree with: its own peak must stand out.
    if len(surfaces) < 3:
        confidence *= float(np.clip((together.height / len(surfaces) ** 0.5 - 4) / 6, 0, 1))
    return Shift(dx, dy, confidence, _is_sure(float(np.hypot(dx, dy)), confidence))


def _is_sure(length_px: float, confidence: float) -> bool:
    """Tell whether to correct a shift: the larger it is, the rarer, and the surer it must be."""
    wanted = LEAST_CONFIDENCE + 0.3 * length_px / MOST_SHIFT_PX
    return LEAST_SHIFT_PX < length_px <= MOST_SHIFT_PX and confidence >= wanted


def orientations(colours: NDArray[np.uint8], valid: NDArray[np.bool_]) -> NDArray[np.complex128]:
    """Return the direction of the gradient of uint8 [3, h, w] as complex numbers [h, w], near 0 where it is flat or
    not valid.

    Directions of edges stay where season, haze and sensor change the colours and their contrast (Fitch et al.,
    "Orientation
    correlation", 2002). The outline of what is valid is an edge too, and not one of the ground.
    """
    rows, columns = np.gradient(colours.mean(axis=0, dtype=np.float64))
    gradient = columns + 1j * rows
    inner = valid.copy()
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        inner &= np.roll(valid, step, axis)
    return inner * gradient / (np.abs(gradient) + _FLAT)


def correlate(first: NDArray[np.complex128], second: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return the phase correlation of two images [h, w] of the same size, float64, with no shift at its middle.

    Only shifts up to `_SEARCH_PX` are kept. Kuglin and Hines, 1975; damped by a Gaussian, whose peak a parabola of
    its logarithm fits.
    """
    height, width = first.shape
    taper = np.hanning(height)[:, None] * np.hanning(width)[None, :]
    cross = np.conj(np.fft.fft2(first * taper)) * np.fft.fft2(second * taper)
    cross /= np.abs(cross) + 1e-12 * np.abs(cross).max() + 1e-30
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :]
    surface = np.fft.ifft2(cross * np.exp(-(rows**2 + columns**2) / (2 * _BAND**2))).real
    reach = min(_SEARCH_PX, (min(height, width) - 1) // 2)
    return np.roll(surface, (reach, reach), axis=(0, 1))[: 2 * reach + 1, : 2 * reach + 1]


def find_peak(surface: NDArray[np.float64], around: Peak | None = None, radius_px: int = 2) -> Peak:
    """Return the highest place of a surface [2 n + 1, 2 n + 1] whose middle is no shift, or the highest within a
    radius of a peak.
    """
    reach = surface.shape[0] // 2
    searched = surface
    if around is not None:
        away = np.arange(-reach, reach + 1)
        far = np.maximum(abs(away[:, None] - around.dy_px), abs(away[None, :] - around.dx_px)) > radius_px
        searched = np.where(far, -np.inf, surface)
    row, col = divmod(int(searched.argmax()), surface.shape[1])
    # A peak on the rim has no neighbour to be refined by.
    row, col = (int(np.clip(index, 1, 2 * reach - 1)) for index in (row, col))
    dy = row - reach + _summit(surface[row - 1 : row + 2, col])
    dx = col - reach + _summit(surface[row, col - 1 : col + 2])
    spread = float(surface.std()) or 1.0
    return Peak(dx, dy, float((surface[row, col] - np.median(surface)) / spread))


def weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """Return the value at which half of the weight lies on either side (between two values, their mean)."""
    order = np.argsort(values)
    values, below = values[order], np.cumsum(weights[order])
    half = below[-1] / 2
    low, high = np.searchsorted(below, half, "left"), np.searchsorted(below, half, "right")
    return float((values[low] + values[min(high, len(values) - 1)]) / 2)


def _summit(three: NDArray[np.float64]) -> float:
    """Return where a Gaussian through three equidistant values peaks, -0.5 to 0.5 from the middle one."""
    if three.min() <= 0 or three[1] < max(three[0], three[2]):
        return 0.0
    left, middle, right = np.log(three)
    curvature = left - 2 * middle + right
    return float(np.clip(0.5 * (left - right) / curvature, -0.5, 0.5)) if curvature < 0 else 0.0
