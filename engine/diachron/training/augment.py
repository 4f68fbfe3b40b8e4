"""Augmentation of a sample: crop at a random scale, flips, turns, radiometry, sub-pixel shift, date swap."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.random import Generator
from numpy.typing import NDArray

from diachron.data.sample import IGNORED, Image, Sample


@dataclass(frozen=True)
class AugmentConfig:
    """How much each augmentation may do.

    Crops are scaled to a ground sample distance between ``gsd_low`` and ``gsd_high`` (m), those that the model will
    look at; where these are 0, by ``scale_low`` to ``scale_high`` output pixels a source pixel, whatever the source.
    ``rotate`` is the share of crops that are turned by any angle.
    """

    gsd_low: float = 0.0
    gsd_high: float = 0.0
    scale_low: float = 0.75
    scale_high: float = 1.6
    shift_px: float = 1.0
    gain: float = 0.25
    gamma: float = 0.25
    colour: float = 0.08
    saturation: float = 0.0
    noise: float = 6.0
    blur: float = 0.25
    swap: float = 0.5
    rotate: float = 0.0
    seek_change: float = 0.5


@dataclass(frozen=True)
class Crop:
    """A square training crop: uint8 images [2, 3, S, S], change [S, S] (0, 1, `IGNORED`), classes [2, S, S];
    ``swapped``: dates exchanged.
    """

    images: Image
    change: Image
    classes: Image
    swapped: bool


def augment(sample: Sample, side_px: int, rng: Generator, config: AugmentConfig) -> Crop:
    """Return one random crop of ``side_px`` pixels; all dates and labels move together but for radiometry and shift.

    A crop that is wider than the sample is filled by its mirror images.
    """
    side = max(2, round(side_px / _scale(sample, rng, config)))
    sample = _wide_enough(sample, side)
    row, col = _place(sample, side, rng, config.seek_change)
    images = np.stack(
        [_resize(_shifted(image, row, col, side, shift), side_px) for image, shift in _shifts(sample, rng, config)]
    )
    change = _labels(sample.change, row, col, side, side_px, IGNORED)
    classes = np.stack(
        [_labels(each, row, col, side, side_px, 0) for each in (sample.classes_before, sample.classes_after)]
    )
    if config.rotate and rng.random() < config.rotate:
        images, change, classes = _rotated(images, change, classes, float(rng.uniform(0, 90)))
    turned, change, classes = _turn(images, change, classes, rng)
    exposed = np.stack([_radiometry(image, rng, config) for image in turned])
    swapped = bool(rng.random() < config.swap)
    if swapped:
        exposed, classes = exposed[::-1].copy(), classes[::-1].copy()
    return Crop(exposed, change, classes, swapped)


def _scale(sample: Sample, rng: Generator, config: AugmentConfig) -> float:
    """Draw output pixels a source pixel, evenly in their logarithm."""
    if config.gsd_high:
        low, high = (sample.gsd_m / gsd_m for gsd_m in (config.gsd_high, config.gsd_low))
    else:
        low, high = config.scale_low, config.scale_high
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _wide_enough(sample: Sample, side: int) -> Sample:
    """Return a sample of at least ``side`` rows and columns, mirrored at its edges where it has fewer."""
    missing = [max(0, side - length) for length in sample.before.shape[1:]]
    if not any(missing):
        return sample
    around = [(each // 2, each - each // 2) for each in missing]

    def mirrored(plane: Image) -> Image:
        return np.pad(plane, [(0, 0)] * (plane.ndim - 2) + around, mode="symmetric")

    def labels(plane: Image | None) -> Image | None:
        return None if plane is None else mirrored(plane)

    return replace(
        sample, before=mirrored(sample.before), after=mirrored(sample.after), change=labels(sample.change),
        classes_before=labels(sample.classes_before), classes_after=labels(sample.classes_after),
    )  # fmt: skip


def _place(sample: Sample, side: int, rng: Generator, seek: float) -> tuple[int, int]:
    """Return a crop's first row and column; with probability ``seek`` the one of four that shows most change."""
    rows, columns = sample.before.shape[1:]
    tries = 4 if sample.change is not None and rng.random() < seek else 1
    places = [(int(rng.integers(rows - side + 1)), int(rng.integers(columns - side + 1))) for _ in range(tries)]
    if tries == 1 or sample.change is None:
        return places[0]
    change = sample.change
    return max(
        places,
        key=lambda place: int((change[place[0] : place[0] + side : 4, place[1] : place[1] + side : 4] == 1).sum()),
    )


def _shifts(sample: Sample, rng: Generator, config: AugmentConfig) -> list[tuple[Image, tuple[float, float]]]:
    drow, dcol = rng.uniform(-config.shift_px, config.shift_px, 2) if rng.random() < 0.5 else (0.0, 0.0)
    return [(sample.before, (0.0, 0.0)), (sample.after, (float(drow), float(dcol)))]


def _shifted(image: Image, row: int, col: int, side: int, shift: tuple[float, float]) -> torch.Tensor:
    """Crop float [1, 3, side, side], moved by ``shift`` source pixels (bilinear between four integer crops)."""
    low = np.floor(shift).astype(int)
    padded = torch.from_numpy(_padded(image, row + low[0], col + low[1], side + 1)).float()[None]
    a, b = shift[0] - low[0], shift[1] - low[1]
    top = padded[..., :-1, :-1] * (1 - b) + padded[..., :-1, 1:] * b
    bottom = padded[..., 1:, :-1] * (1 - b) + padded[..., 1:, 1:] * b
    return top * (1 - a) + bottom * a


def _padded(image: Image, row: int, col: int, side: int) -> Image:
    rows = np.clip(np.arange(row, row + side), 0, image.shape[1] - 1)
    columns = np.clip(np.arange(col, col + side), 0, image.shape[2] - 1)
    return image[:, rows[:, None], columns[None, :]]


def _resize(image: torch.Tensor, side: int) -> NDArray[np.float32]:
    if image.shape[-1] != side:
        image = F.interpolate(image, size=(side, side), mode="bilinear", align_corners=False, antialias=True)
    return image[0].numpy()


def _labels(labels: Image | None, row: int, col: int, side: int, side_px: int, absent: int) -> Image:
    if labels is None:
        return np.full((side_px, side_px), absent, np.uint8)
    index = np.minimum(((np.arange(side_px) + 0.5) * side / side_px).astype(int), side - 1)
    return labels[row + index[:, None], col + index[None, :]]


def _turn(
    images: NDArray[np.float32], change: Image, classes: Image, rng: Generator
) -> tuple[NDArray[np.float32], Image, Image]:
    quarter, flip = int(rng.integers(4)), bool(rng.integers(2))

    def turn(array: NDArray) -> NDArray:
        turned = np.rot90(array, quarter, axes=(-2, -1))
        return np.ascontiguousarray(turned[..., ::-1] if flip else turned)

    return turn(images), turn(change), turn(classes)


def _rotated(
    images: NDArray[np.float32], change: Image, classes: Image, degrees: float
) -> tuple[NDArray[np.float32], Image, Image]:
    """Rotate about the centre; corners that come from outside mirror what is inside, labels as well as images."""
    side = change.shape[-1]
    matrix = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), degrees, 1.0)

    def rotate(plane: NDArray, how: int) -> NDArray:
        return cv2.warpAffine(plane, matrix, (side, side), flags=how, borderMode=cv2.BORDER_REFLECT_101)

    rotated = np.stack([[rotate(band, cv2.INTER_LINEAR) for band in image] for image in images])
    return rotated, rotate(change, cv2.INTER_NEAREST), np.stack([rotate(each, cv2.INTER_NEAREST) for each in classes])


def _radiometry(source: NDArray[np.float32], rng: Generator, config: AugmentConfig) -> Image:
    """Change one date's brightness, contrast, gamma and colour, then blur and add noise, each at random."""
    image: NDArray[np.floating] = source / 255.0
    if rng.random() < 0.8:
        image = np.clip(image, 0, 1) ** np.exp(rng.uniform(-config.gamma, config.gamma))
        middle = image.mean()
        image = (image - middle) * (1 + rng.uniform(-config.gain, config.gain)) + middle * (
            1 + rng.uniform(-config.gain, config.gain)
        )
        image = image * (1 + rng.uniform(-config.colour, config.colour, (3, 1, 1)))
        if config.saturation:
            grey = image.mean(axis=0, keepdims=True)
            image = grey + (image - grey) * (1 + rng.uniform(-config.saturation, config.saturation))
    if rng.random() < config.blur:
        image = (image + np.roll(image, 1, 1) + np.roll(image, 1, 2) + np.roll(image, (1, 1), (1, 2))) / 4
    if rng.random() < 0.5:
        image = image + rng.normal(0, rng.uniform(0, config.noise) / 255, image.shape)
    return np.clip(image * 255 + 0.5, 0, 255).astype(np.uint8)
