"""Pixel metrics against cases that can be worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from diachron.evaluation.pixels import BinaryCounts, class_scores, confusion, count_binary, overall_accuracy


def test_counts_pool_before_they_are_divided():
    truth = np.array([[1, 1, 0, 0]], bool)
    called = np.array([[1, 0, 1, 0]], bool)
    counts = count_binary(called, truth)
    assert counts == BinaryCounts(1, 1, 1, 1)
    pooled = counts + BinaryCounts(tp=3)
    assert (pooled.precision, pooled.recall) == (0.8, 0.8)
    assert pooled.f1 == pytest.approx(0.8)
    assert pooled.iou == pytest.approx(4 / 6)


def test_nothing_called_and_nothing_true_is_no_division_by_zero():
    assert BinaryCounts(tn=10).f1 == 0.0


def test_unlabelled_pixels_count_nowhere():
    truth = np.array([[0, 1, 1, 2]], np.uint8)
    predicted = np.array([[2, 1, 2, 2]], np.uint8)
    matrix = confusion(predicted, truth, 2)
    assert matrix.sum() == 3
    assert overall_accuracy(matrix) == pytest.approx(2 / 3)
    scores = class_scores(matrix)
    assert scores[1].iou == pytest.approx(0.5)
    assert scores[2].f1 == pytest.approx(2 / 3)
