"""What the sensor adds: blur, radiometry, noise, and a shift of part of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray


@dataclass(frozen=True)
class Sensor:
    """One flight's radiometry: gain, gamma, haze, a colour cast per band, blur and noise; ``shift_px`` (dx, dy)
    moves the image.
    """

    gain: float
    gamma: float
    haze: float
    cast: tuple[float, float, float]
    blur: float
    noise: float
    shift_px: tuple[float, float]


def draw_sensor(rng: Generator, shift_px: float) -> Sensor:
    """Draw a flight's radiometry; its shift is at most ``shift_px`` on each axis."""
    red, green, blue = (float(value) for value in rng.normal(1.0, 0.03, 3))
    dx, dy = rng.uniform(-shift_px, shift_px, 2) if shift_px else (0.0, 0.0)
    return Sensor(
        float(rng.uniform(0.85, 1.15)), float(rng.uniform(0.85, 1.2)), float(rng.uniform(0, 0.08)), (red, green, blue),
        float(rng.uniform(0.1, 0.7)), float(rng.uniform(0.004, 0.02)), (float(dx), float(dy)),
    )  # fmt: skip


def expose(colour: NDArray[np.float32], sensor: Sensor, rng: Generator) -> NDArray[np.uint8]:
    """Turn painted colours float32 [3, H, W] (0 to 1) into the 8-bit image a sensor would have taken."""
    image = _shifted(colour, sensor.shift_px)
    blurred = _binomial(image)
    image = image * (1 - sensor.blur) + blurred * sensor.blur
    image = np.clip(image * sensor.gain, 0, 1) ** sensor.gamma
    image = image * np.array(sensor.cast, np.float32)[:, None, None]
    image = image * (1 - sensor.haze) + sensor.haze * np.array([0.62, 0.66, 0.72], np.float32)[:, None, None]
    image = image + rng.normal(0, sensor.noise, image.shape).astype(np.float32)
    return np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8)


def _binomial(image: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.pad(image, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows = (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) / 4
    blurred = (rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]) / 4
    return blurred.astype(np.float32)


def _shifted(image: NDArray[np.float32], shift_px: tuple[float, float]) -> NDArray[np.float32]:
    """Move an image right by dx and down by dy (under a pixel or two), joining neighbours linearly."""
    dx, dy = shift_px
    height, width = image.shape[1:]
    rows, columns = np.clip(np.arange(height) - dy, 0, height - 1), np.clip(np.arange(width) - dx, 0, width - 1)
    r0, c0 = np.minimum(rows.astype(int), height - 2), np.minimum(columns.astype(int), width - 2)
    fr, fc = (rows - r0)[None, :, None].astype(np.float32), (columns - c0)[None, None, :].astype(np.float32)
    upper, lower = image[:, r0], image[:, r0 + 1]
    mixed = upper * (1 - fr) + lower * fr
    return mixed[:, :, c0] * (1 - fc) + mixed[:, :, c0 + 1] * fc
