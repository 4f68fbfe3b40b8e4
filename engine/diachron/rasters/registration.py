"""The shift between two dates, measured to a fraction of a pixel by phase correlation over windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOW_PX = 256
LEAST_CONFIDENCE = 0.3


@dataclass(frozen=True)
class Shift:
    """How far the later date lies from the earlier one: ``dx_px`` to the right, ``dy_px`` down, in grid pixels.

    ``confidence`` is the share of windows that agree within a pixel; ``corrected`` tells whether reads undo the shift.
    """

    dx_px: float
    dy_px: float
    confidence: float
    corrected: bool


def gradient(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the gradient magnitude float32 [h, w] of uint8 [3, h, w]: edges stay when season and sun change colours."""
    grey = image.astype(np.float32).mean(axis=0)
    rows, columns = np.gradient(grey)
    return np.hypot(rows, columns)


def window_shift(first: NDArray[np.float32], second: NDArray[np.float32], limit_px: int) -> tuple[float, float, float]:
    """Return (dx, dy, peak strength) of ``second`` against ``first``, float32 [h, w] gradients of one window.

    Phase correlation (Kuglin and Hines 1975) with a Hann window; the peak within ``limit_px`` is refined by a parabola on each axis. The
    strength is the peak over the standard deviation of the surface.
    """
    height, width = first.shape
    taper = np.hanning(height)[:, None] * np.hanning(width)[None, :]
    spectrum = np.conj(np.fft.rfft2((first - first.mean()) * taper)) * np.fft.rfft2((second - second.mean()) * taper)
    spectrum /= np.maximum(np.abs(spectrum), 1e-9)
    surface = np.fft.fftshift(np.fft.irfft2(spectrum * _low_pass(height, width), s=(height, width)))
    row0, col0 = height // 2, width // 2
    reach = min(limit_px, row0 - 2, col0 - 2)
    near = surface[row0 - reach : row0 + reach + 1, col0 - reach : col0 + reach + 1]
    row, col = np.unravel_index(int(near.argmax()), near.shape)
    row, col = row + row0 - reach, col + col0 - reach
    dy = row - row0 + _parabola(surface[row - 1 : row + 2, col])
    dx = col - col0 + _parabola(surface[row, col - 1 : col + 2])
    return float(dx), float(dy), float(surface[row, col] / (surface.std() + 1e-9))


def _low_pass(height: int, width: int) -> NDArray[np.float64]:
    """Return a Gaussian in frequency: sensor noise fills the highest ones, and a smooth peak suits the parabola."""
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :]
    return np.exp(-(rows**2 + columns**2) / (2 * 0.15**2))


def _parabola(values: NDArray[np.float64]) -> float:
    left, middle, right = values
    curvature = left - 2 * middle + right
    return float(0.5 * (left - right) / curvature) if curvature < 0 else 0.0


def agree(measured: list[tuple[float, float, float]]) -> tuple[float, float, float]:
    """Return the (dx, dy) that most windows agree on, weighted by strength, and the share of windows within a pixel of it."""
    if not measured:
        return 0.0, 0.0, 0.0
    values = np.array(measured)
    dx, dy = _weighted_median(values[:, 0], values[:, 2]), _weighted_median(values[:, 1], values[:, 2])
    near = np.hypot(values[:, 0] - dx, values[:, 1] - dy) < 1.0
    if near.any():
        dx, dy = (float(np.average(values[near, axis], weights=values[near, 2])) for axis in (0, 1))
    return dx, dy, float(near.mean())


def _weighted_median(values: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    order = np.argsort(values)
    below = np.cumsum(weights[order])
    return float(values[order][int(np.searchsorted(below, below[-1] / 2))])
