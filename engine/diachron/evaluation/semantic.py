"""Scores of semantic change, from confusion matrices in which 0 is unchanged: SCanNet's, and torchange's variant.

SCanNet (Ding et al. 2024) counts both dates' class maps in one matrix of K + 1 classes; torchange (Zheng et al.) counts
from-to pairs in one of K x K + 1. Rows are predictions, columns the truth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.int64]


@dataclass(frozen=True)
class SemanticCounts:
    """``dates``: class of changed pixels, both dates together, [K + 1, K + 1]; ``pairs``: [K * K + 1, K * K + 1]."""

    dates: Matrix
    pairs: Matrix

    def __add__(self, other: SemanticCounts) -> SemanticCounts:
        return SemanticCounts(self.dates + other.dates, self.pairs + other.pairs)


@dataclass(frozen=True)
class ChangedClasses:
    """Where something changed, bool [H, W], and the class at each date there, int [H, W] of 1 to K."""

    changed: NDArray[np.bool_]
    before: NDArray[np.int64]
    after: NDArray[np.int64]


def count_semantic(
    predicted: ChangedClasses, truth: ChangedClasses, classes: int, valid: NDArray[np.bool_]
) -> SemanticCounts:  # fmt: skip
    """Count one pair over its valid pixels."""
    dates = np.zeros((classes + 1, classes + 1), np.int64)
    for told, true in ((predicted.before, truth.before), (predicted.after, truth.after)):
        dates += _confusion(_shown(predicted, told)[valid], _shown(truth, true)[valid], classes + 1)
    told, true = (_shown(each, (each.before - 1) * classes + each.after)[valid] for each in (predicted, truth))
    return SemanticCounts(dates, _confusion(told, true, classes**2 + 1))


def scannet_scores(dates: Matrix) -> dict[str, float]:
    """Return OA, mIoU, SeK, Fscd and Score as SCanNet's code computes them; shares of 1.

    mIoU is that of changed and unchanged, SeK the kappa of the classes without the unchanged pixels both agree on,
    times e to the IoU of change, over e; Fscd the F1 of changed pixels whose class is right.
    """
    iou = _change_iou(dates)
    separated = _separated_kappa(dates, iou[1])
    changed = dates.sum() - np.array([dates[0].sum(), dates[:, 0].sum()])
    right = float(np.trace(dates[1:, 1:]))
    precision, recall = (_ratio(right, float(each)) for each in changed)
    mean_iou = (iou[0] + iou[1]) / 2
    return {
        "OA": _ratio(float(np.trace(dates)), float(dates.sum())),
        "mIoU": mean_iou,
        "SeK": separated,
        "Fscd": _ratio(2 * precision * recall, precision + recall),
        "Score": 0.3 * mean_iou + 0.7 * separated,
    }


def torchange_scores(pairs: Matrix) -> dict[str, float]:
    """Return torchange's kappa, mIoU, SeK and Score, from from-to pairs, and its mean IoU of the pairs that occur."""
    iou = _change_iou(pairs)
    separated = _separated_kappa(pairs, iou[1])
    mean_iou = (iou[0] + iou[1]) / 2
    occurs = pairs.sum(axis=0) > 0
    union = pairs.sum(axis=0) + pairs.sum(axis=1) - np.diag(pairs)
    return {
        "torchange kappa": _kappa(_without_agreed(pairs)),
        "torchange mIoU": mean_iou,
        "torchange SeK": separated,
        "torchange Score": 0.3 * mean_iou + 0.7 * separated,
        "torchange mIoU of from-to pairs": float(np.mean(np.diag(pairs)[occurs] / union[occurs]))
        if occurs.any()
        else 0,
    }


def _shown(each: ChangedClasses, classes: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.where(each.changed, classes, 0)


def _confusion(predicted: NDArray[np.int64], truth: NDArray[np.int64], size: int) -> Matrix:
    return np.bincount(predicted * size + truth, minlength=size**2).reshape(size, size)


def _change_iou(matrix: Matrix) -> tuple[float, float]:
    """Return the IoU of unchanged and of changed pixels."""
    both, called, true = int(matrix[1:, 1:].sum()), int(matrix[1:, 0].sum()), int(matrix[0, 1:].sum())
    unchanged = int(matrix[0, 0])
    return _ratio(unchanged, unchanged + called + true), _ratio(both, both + called + true)


def _without_agreed(matrix: Matrix) -> Matrix:
    """Return the matrix without the pixels that prediction and truth both leave unchanged."""
    without = matrix.copy()
    without[0, 0] = 0
    return without


def _separated_kappa(matrix: Matrix, change_iou: float) -> float:
    return _kappa(_without_agreed(matrix)) * math.exp(change_iou - 1)


def _kappa(matrix: Matrix) -> float:
    """Return Cohen's kappa; 0 where it is not defined."""
    total = float(matrix.sum())
    agreed = _ratio(float(np.trace(matrix)), total)
    chance = _ratio(float((matrix.sum(axis=1).astype(float) * matrix.sum(axis=0)).sum()), total**2)
    return _ratio(agreed - chance, 1 - chance) if total else 0.0


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
