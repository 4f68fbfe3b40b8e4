"""The shift between two dates, measured to a fraction of a pixel by phase correlation over several windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
_BAND = 0.12
# In noise levels of the image, and at least in grey levels a pixel: weaker gradients count by their strength, stronger
# ones ever more by their direction alone.
_FLAT_NOISES = 6.0
_LEAST_FLAT = 4.0
_GRIDS_PX = ((1.0, 0.1), (0.1, 0.01))
"""Reach and step of the search for a peak between the pixels: first over its neighbourhood, then around the best."""
_ROUNDS = 2
_MEDIAN_OF_NORMAL = 0.6745
"""Median of a normal distribution's absolute values, in standard deviations."""
_LEAST_WINDOWS = 3
"""Fewer cannot tell how far they disagree."""


Edges = NDArray[np.complex64]
"""The edges of one image, complex [h, w]: `edges` makes them."""
EdgePair = tuple[Edges, Edges]


@dataclass(frozen=True)
class Shift:
    """How far the later date's image lies from the earlier one's, in grid pixels: ``dx_px`` to the right, ``dy_px``
    down.

    ``confidence``, 0 to 1, is the share of windows (weighted by their peaks) that agree on it by themselves, less where
    the shift changes with the windows asked; ``corrected`` tells whether reads undo it; ``residual_px`` is then the
    length of what is left, measured again.
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
class Summit:
    """Where the correlation of all windows is highest, between the pixels, and the standard error of that place, 0
    where too few windows tell it.
    """

    dx_px: float
    dy_px: float
    error_px: float


@dataclass(frozen=True)
class Peak:
    """The highest place of a correlation surface: shift in pixels, and its height over the surface's spread."""

    dx_px: float
    dy_px: float
    height: float


def measure_shift(pairs: Sequence[EdgePair]) -> Shift:
    """Return the shift that windows agree on, from the edges of both dates in each (`edges`), all of one size.

    The windows vote for it to the pixel or so, and the ground that both dates show is then laid on itself: what each
    window would show of its own alone, and its taper, pull towards no shift. Between the pixels all windows speak
    together (`refine`). The windows whose own highest peak lies there make the confidence.
    """
    if not pairs:
        return UNKNOWN
    surfaces = [correlate(*pair) for pair in pairs]
    voted = _vote(surfaces)
    if voted is None:
        return UNKNOWN
    found = refine(pairs, *voted)
    return Shift(found.dx_px, found.dy_px, *_trust(surfaces, found))


def _vote(surfaces: Sequence[NDArray[np.float64]]) -> tuple[float, float] | None:
    """Return the shift (dx, dy) to about a pixel, None where no window shows a peak.

    The peak of all surfaces together says where to look: noise differs between windows and the shift does not. Each
    window's own peak near it then votes by a weighted median.
    """
    together = _peak_together(surfaces)
    near = [find_peak(surface, around=together) for surface in surfaces]
    weights = np.array([max(peak.height, 0.0) for peak in near])
    if weights.sum() == 0:
        return None
    dx = weighted_median(np.array([peak.dx_px for peak in near]), weights)
    return dx, weighted_median(np.array([peak.dy_px for peak in near]), weights)


def _peak_together(surfaces: Sequence[NDArray[np.float64]]) -> Peak:
    return find_peak(np.sum([surface / surface.std() for surface in surfaces], axis=0))


def _trust(surfaces: Sequence[NDArray[np.float64]], found: Summit) -> tuple[float, bool]:
    """Return a shift's confidence, and whether it is to be corrected."""
    dx, dy, length = found.dx_px, found.dy_px, float(np.hypot(found.dx_px, found.dy_px))
    own = [find_peak(surface) for surface in surfaces]
    agree = np.array([np.hypot(peak.dx_px - dx, peak.dy_px - dy) < AGREEMENT_PX for peak in own])
    heights = np.array([peak.height for peak in own])
    confidence = float((heights * agree).sum() / heights.sum())
    # One window has nobody to agree with: its own peak must stand out.
    if len(surfaces) < _LEAST_WINDOWS:
        confidence *= float(np.clip((_peak_together(surfaces).height / len(surfaces) ** 0.5 - 4) / 6, 0, 1))
    # Undoing a shift mends less than it spoils where its error is as large as what is left alone, or as half of it.
    allowed = max(LEAST_SHIFT_PX, length / 2)
    confidence *= allowed / max(allowed, found.error_px)
    return confidence, _is_sure(length, confidence)


def _is_sure(length_px: float, confidence: float) -> bool:
    """Tell whether to correct a shift: the larger it is, the rarer, and the surer it must be."""
    wanted = LEAST_CONFIDENCE + 0.3 * length_px / MOST_SHIFT_PX
    return LEAST_SHIFT_PX < length_px <= MOST_SHIFT_PX and confidence >= wanted


def refine(pairs: Sequence[EdgePair], dx: float, dy: float) -> Summit:
    """Return a shift of about (dx, dy) to a hundredth of a pixel: where the correlation of all windows is highest.

    The correlation is evaluated between the pixels by a discrete Fourier transform at the wanted places alone
    (Guizar-Sicairos et al., 2008). A window counts by the square of how well it correlates at the shift found so far.
    """
    whole = round(dx), round(dy)
    spectra = np.stack([_damped(_cross_spectrum(*overlap(*pair, *whole))) for pair in pairs])
    place = dx - whole[0], dy - whole[1]
    weights = np.ones(len(spectra))
    for _ in range(_ROUNDS):
        place = _climb(np.asarray(np.tensordot(weights, spectra, 1)), place)
        heights = [max(float(_values(each, *(np.array([axis]) for axis in place))[0, 0]), 0.0) for each in spectra]
        weights = (np.array(heights) / (max(heights) or 1.0)) ** 2
    return Summit(whole[0] + place[0], whole[1] + place[1], _error(spectra, weights, place))


def _error(spectra: NDArray[np.complex64], weights: NDArray[np.float64], place: tuple[float, float]) -> float:
    """Return the standard error of a place by leaving out each window in turn (the jackknife), 0 for few windows."""
    if len(spectra) < _LEAST_WINDOWS:
        return 0.0
    together = np.tensordot(weights, spectra, 1)
    others = np.array([_climb(together - weight * each, place) for weight, each in zip(weights, spectra, strict=True)])
    return float(np.sqrt((len(others) - 1) * others.var(axis=0).sum()))


def _climb(spectrum: Edges, place: tuple[float, float]) -> tuple[float, float]:
    """Return the place (dx, dy) near another at which a cross-spectrum's correlation is highest."""
    for reach, step in _GRIDS_PX:
        place = _highest(spectrum, place, reach, step)
    return place


def overlap(first: NDArray[Any], second: NDArray[Any], dx: int, dy: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the parts of two images [..., h, w] of the same ground where the second lies (dx, dy) pixels further."""
    height, width = first.shape[-2:]
    return (
        first[..., max(0, -dy) : height - max(0, dy), max(0, -dx) : width - max(0, dx)],
        second[..., max(0, dy) : height - max(0, -dy), max(0, dx) : width - max(0, -dx)],
    )


def _highest(spectrum: Edges, around: tuple[float, float], reach_px: float, step_px: float) -> tuple[float, float]:
    """Return the place (dx, dy) of a grid around another at which a cross-spectrum's correlation is highest."""
    steps = np.arange(-reach_px, reach_px + step_px / 2, step_px)
    across, down = around[0] + steps, around[1] + steps
    row, col = divmod(int(_values(spectrum, across, down).argmax()), len(steps))
    return float(across[col]), float(down[row])


def _values(spectrum: Edges, across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlation at the shifts ``across`` [n] to the right and ``down`` [m], [m, n]."""
    rows, columns = (np.fft.fftfreq(side) for side in spectrum.shape)
    turned = np.exp(2j * np.pi * np.outer(down, rows)) @ spectrum @ np.exp(2j * np.pi * np.outer(columns, across))
    return np.asarray(turned.real)


def edges(colours: NDArray[np.uint8], valid: NDArray[np.bool_]) -> Edges:
    """Return the gradient of uint8 [3, h, w] as complex numbers [h, w], 0 where it is flat or not valid.

    Strong gradients keep little more than their direction, which stays where season, haze and sensor change the
    colours and their contrast (Fitch et al., "Orientation correlation", 2002); what is strong, the image's own noise
    tells, as faint texture speaks in a clean image and not in a noisy one. The outline of what is valid is an edge
    too, and not one of the ground.
    """
    grey = colours.mean(axis=0, dtype=np.float32)
    rows, columns = np.gradient(grey)
    gradient = columns + 1j * rows
    inner = valid.copy()
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        inner &= np.roll(valid, step, axis)
    flat = max(_FLAT_NOISES * noise_level(grey, inner), _LEAST_FLAT)
    return np.asarray(inner * gradient / (np.abs(gradient) + flat), np.complex64)


def noise_level(grey: NDArray[np.float32], valid: NDArray[np.bool_]) -> float:
    """Return the standard deviation of an image's noise, in grey levels: what a plane through neighbours leaves.

    Immerkaer, "Fast noise variance estimation", 1996; the median in place of the mean, as edges are few.
    """
    bend = np.diff(np.diff(grey, 2, axis=0), 2, axis=1)
    left = np.abs(bend[valid[1:-1, 1:-1]])
    return float(np.median(left)) / (6 * _MEDIAN_OF_NORMAL) if left.size else 0.0


def correlate(first: Edges, second: Edges) -> NDArray[np.float64]:
    """Return the phase correlation of two images [h, w] of the same size, float64, with no shift at its middle.

    Only shifts up to `_SEARCH_PX` are kept. Kuglin and Hines, 1975; damped by a Gaussian, whose peak a parabola of
    its logarithm fits.
    """
    surface = np.fft.ifft2(_damped(_cross_spectrum(first, second))).real.astype(np.float64)
    reach = min(_SEARCH_PX, (min(first.shape) - 1) // 2)
    return np.roll(surface, (reach, reach), axis=(0, 1))[: 2 * reach + 1, : 2 * reach + 1]


def _cross_spectrum(first: Edges, second: Edges) -> Edges:
    """Return the phases by which the second image's frequencies differ from the first's, complex [h, w]."""
    height, width = first.shape
    taper = (np.hanning(height)[:, None] * np.hanning(width)[None, :]).astype(np.float32)
    cross = np.conj(np.fft.fft2(first * taper)) * np.fft.fft2(second * taper)
    return np.asarray(cross / (np.abs(cross) + 1e-12 * np.abs(cross).max() + 1e-30))


def _damped(spectrum: Edges) -> Edges:
    rows, columns = (np.fft.fftfreq(side) for side in spectrum.shape)
    gauss = np.exp(-(rows[:, None] ** 2 + columns[None, :] ** 2) / (2 * _BAND**2))
    return np.asarray(spectrum * gauss.astype(np.float32))


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
