"""Textures of the ground: noise, rows and furrows."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Field = NDArray[np.float32]


def value_noise(rng: Generator, shape: tuple[int, int], cell_px: float) -> Field:
    """Return smooth noise float32 [H, W] in about -1..1: random values ``cell_px`` apart, joined linearly."""
    rows, columns = (max(2, int(np.ceil(n / cell_px)) + 2) for n in shape)
    grid = rng.uniform(-1, 1, (rows, columns)).astype(np.float32)
    r, c = np.arange(shape[0]) / cell_px, np.arange(shape[1]) / cell_px
    r0, c0 = np.minimum(r.astype(int), rows - 2), np.minimum(c.astype(int), columns - 2)
    fr, fc = (r - r0)[:, None].astype(np.float32), (c - c0)[None, :].astype(np.float32)
    top = grid[r0][:, c0] * (1 - fc) + grid[r0][:, c0 + 1] * fc
    bottom = grid[r0 + 1][:, c0] * (1 - fc) + grid[r0 + 1][:, c0 + 1] * fc
    return top * (1 - fr) + bottom * fr


def fractal_noise(rng: Generator, shape: tuple[int, int], cell_px: float, octaves: int = 4) -> Field:
    """Return noise float32 [H, W] with detail at ``cell_px`` and its halves."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        total += value_noise(rng, shape, max(1.0, cell_px / 2**octave)) * 0.55**octave
    return total / 1.6


def rows_pattern(x_m: Field, y_m: Field, angle: float, period_m: float, sharpness: float = 1.0) -> Field:
    """Return rows float32 [H, W] in -1..1 across ``angle`` (radians), ``period_m`` apart."""
    across = x_m * np.cos(angle) + y_m * np.sin(angle)
    wave = np.sin(2 * np.pi * across / period_m)
    return np.tanh(wave * sharpness) if sharpness > 1 else wave


def tramlines(x_m: Field, y_m: Field, angle: float, spacing_m: float) -> Field:
    """Return pairs of wheel tracks, 1 on a track and 0 elsewhere, ``spacing_m`` apart."""
    across = (x_m * np.cos(angle) + y_m * np.sin(angle)) % spacing_m
    return ((np.abs(across - 1.0) < 0.35) | (np.abs(across - 3.0) < 0.35)).astype(np.float32)
