"""Pixel metrics, pooled over a suite: counts are added first and divided once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class BinaryCounts:
    """True positives, false positives, false negatives and true negatives, in pixels."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0

    def __add__(self, other: BinaryCounts) -> BinaryCounts:
        return BinaryCounts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn, self.tn + other.tn)

    @property
    def precision(self) -> float:
        """Share of the called pixels that are right (0 where none is called)."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of the true pixels that are called (0 where none is true)."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    @property
    def iou(self) -> float:
        """Intersection over union of the true class."""
        return _ratio(self.tp, self.tp + self.fp + self.fn)

    @property
    def called(self) -> float:
        """Share of all pixels that are called changed."""
        return _ratio(self.tp + self.fp, self.tp + self.fp + self.fn + self.tn)


def count_binary(predicted: NDArray[np.bool_], truth: NDArray[np.bool_]) -> BinaryCounts:
    """Count one mask against its truth, both bool [H, W]."""
    tp = int((predicted & truth).sum())
    called, true = int(predicted.sum()), int(truth.sum())
    return BinaryCounts(tp, called - tp, true - tp, predicted.size - called - true + tp)


def confusion(predicted: NDArray[np.uint8], truth: NDArray[np.uint8], classes: int) -> NDArray[np.int64]:
    """Return the confusion matrix [classes + 1, classes + 1] (rows: truth), over pixels whose truth is not 0."""
    known = truth > 0
    index = truth[known].astype(np.int64) * (classes + 1) + predicted[known]
    return np.bincount(index, minlength=(classes + 1) ** 2).reshape(classes + 1, classes + 1)


@dataclass(frozen=True)
class ClassScore:
    """IoU and F1 of one class, and its true pixels."""

    iou: float
    f1: float
    pixels: int


def class_scores(matrix: NDArray[np.int64]) -> dict[int, ClassScore]:
    """Return the scores of every class that the truth has, from a confusion matrix (rows: truth)."""
    scores = {}
    for number in range(1, len(matrix)):
        tp, true, called = int(matrix[number, number]), int(matrix[number].sum()), int(matrix[:, number].sum())
        if true:
            scores[number] = ClassScore(_ratio(tp, true + called - tp), _ratio(2 * tp, true + called), true)
    return scores


def overall_accuracy(matrix: NDArray[np.int64]) -> float:
    """Return the share of labelled pixels that are right."""
    return _ratio(int(np.trace(matrix)), int(matrix.sum()))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
