"""Exemplars: real objects and patches of ground, cut out of labelled images, of which other images are mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from diachron.data.sample import Image, Sample

OBJECTS = (1, 13, 18)
"""Classes that are things with an outline (building, swimming pool, greenhouse); the others are ground."""
SMALLEST_OBJECT_M2, LARGEST_OBJECT_M2 = 20.0, 3000.0
MARGIN_M = 2.5
"""What is cut out around an object: its shadow and its edge."""
LEAST_GROUND_PX = 16
GROUNDS_AN_IMAGE = 3
MOST_RESCALED = 2.2
_FILLED = 0.45
"""Share of its bounding box that an object covers at least: what is less is a label's left-over."""


@dataclass(frozen=True)
class Exemplar:
    """A cut-out: ``colours`` uint8 [h, w, 3]; ``shape`` bool [h, w], the object in it (all of it for ground).

    ``mean`` and ``spread`` are those of the colours of the whole image it comes from, float [3].
    """

    number: int
    colours: NDArray[np.uint8]
    shape: NDArray[np.bool_]
    gsd_m: float
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]


class ExemplarBank:
    """Exemplars by class, and each class's share of the labels they were cut from."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self.exemplars: dict[int, list[Exemplar]] = {}
        pixels = np.zeros(256, np.float64)
        for sample in samples:
            for image, classes in ((sample.before, sample.classes_before), (sample.after, sample.classes_after)):
                if classes is not None:
                    pixels += np.bincount(classes.ravel(), minlength=256)
                    for exemplar in _cut(image, classes, sample.gsd_m):
                        self.exemplars.setdefault(exemplar.number, []).append(exemplar)
        pixels[0] = 0
        self.shares = {number: float(pixels[number] / pixels.sum()) for number in np.flatnonzero(pixels).tolist()}

    def draw(self, number: int, gsd_m: float, rng: Generator) -> Exemplar | None:
        """Return an exemplar of a class brought to ``gsd_m``, turned at random; None where none is near that scale."""
        near = [
            each for each in self.exemplars.get(number, []) if 1 / MOST_RESCALED <= each.gsd_m / gsd_m <= MOST_RESCALED
        ]
        if not near:
            return None
        chosen = near[int(rng.integers(len(near)))]
        return _turned(_at(chosen, gsd_m), rng)


def _cut(image: Image, classes: Image, gsd_m: float) -> Iterable[Exemplar]:
    colours = np.ascontiguousarray(image.transpose(1, 2, 0))
    mean, spread = colours.reshape(-1, 3).mean(axis=0), colours.reshape(-1, 3).std(axis=0) + 1.0
    for number in np.unique(classes[classes > 0]).tolist():
        found = _objects(classes == number, gsd_m) if number in OBJECTS else _grounds(classes == number)
        for box, shape in found:
            yield Exemplar(number, colours[box], shape, gsd_m, mean, spread)


def _objects(where: NDArray[np.bool_], gsd_m: float) -> Iterable[tuple[tuple[slice, slice], NDArray[np.bool_]]]:
    """Yield each whole object of a sensible size: its box with a margin, and its shape in the box."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(where.astype(np.uint8), connectivity=4)
    margin = max(2, round(MARGIN_M / gsd_m))
    rows, columns = where.shape
    for label in range(1, count):
        left, top, width, height, area = stats[label].tolist()
        inside = left > margin and top > margin and left + width + margin < columns and top + height + margin < rows
        sensible = SMALLEST_OBJECT_M2 <= area * gsd_m**2 <= LARGEST_OBJECT_M2 and area >= _FILLED * width * height
        if inside and sensible:
            box = (slice(top - margin, top + height + margin), slice(left - margin, left + width + margin))
            yield box, labels[box] == label


def _grounds(where: NDArray[np.bool_]) -> Iterable[tuple[tuple[slice, slice], NDArray[np.bool_]]]:
    """Yield the largest squares that are all of one class, some an image."""
    reach = cv2.distanceTransform(np.pad(where, 1).astype(np.uint8), cv2.DIST_C, 3)[1:-1, 1:-1]
    for _ in range(GROUNDS_AN_IMAGE):
        row, col = np.unravel_index(int(reach.argmax()), reach.shape)
        half = int(reach[row, col]) - 1
        if 2 * half < LEAST_GROUND_PX:
            return
        box = (slice(row - half, row + half + 1), slice(col - half, col + half + 1))
        yield box, np.ones((2 * half + 1, 2 * half + 1), bool)
        reach[max(0, row - 2 * half) : row + 2 * half + 1, max(0, col - 2 * half) : col + 2 * half + 1] = 0


def _at(exemplar: Exemplar, gsd_m: float) -> Exemplar:
    scale = exemplar.gsd_m / gsd_m
    if abs(scale - 1) < 0.05:
        return exemplar
    size = tuple(max(4, round(side * scale)) for side in exemplar.shape.shape[::-1])
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    colours = np.asarray(cv2.resize(exemplar.colours, size, interpolation=how), np.uint8)
    shape = cv2.resize(exemplar.shape.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return Exemplar(exemplar.number, colours, shape, gsd_m, exemplar.mean, exemplar.spread)


def _turned(exemplar: Exemplar, rng: Generator) -> Exemplar:
    """Turn ground any way; things stay as they are, for their shadows tell where the sun is."""
    if exemplar.number in OBJECTS:
        return exemplar
    quarter, flip = int(rng.integers(4)), bool(rng.integers(2))
    colours, shape = np.rot90(exemplar.colours, quarter), np.rot90(exemplar.shape, quarter)
    if flip:
        colours, shape = colours[:, ::-1], shape[:, ::-1]
    return Exemplar(
        exemplar.number, np.ascontiguousarray(colours), np.ascontiguousarray(shape), exemplar.gsd_m,
        exemplar.mean, exemplar.spread,
    )  # fmt: skip
