"""Outlines traced from runs, beside GDAL's; and the same ones whatever the strips they were found in."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.features import shapes

from diachron.results.outlines import trace
from diachron.results.runs import Runs, Strip, connect, find_runs


def runs_of(values: np.ndarray, tall: int) -> Runs:
    """Return the runs of the non-zero pixels of a map, found in strips of ``tall`` rows."""
    parts = ((row, values[row : row + tall]) for row in range(0, len(values), tall))
    return find_runs(Strip(row, part > 0, (part,), (part,)) for row, part in parts)


def traced(values: np.ndarray, tall: int = 3) -> np.ndarray:
    runs = runs_of(values, tall)
    return trace(runs, runs.regions(runs.values[0]))


maps = st.builds(
    lambda height, width, seed, classes: np.random.default_rng(seed)
    .integers(0, classes, (height, width))
    .astype(np.uint8),
    st.integers(1, 14), st.integers(1, 14), st.integers(0, 10_000), st.integers(2, 4),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(maps, st.integers(1, 6))
def test_outlines_are_those_that_gdal_draws_and_valid(values: np.ndarray, tall: int):
    drawn = traced(values, tall)
    theirs = [shapely.make_valid(shapely.geometry.shape(each)) for each, _ in shapes(values, values > 0, 4)]
    assert len(drawn) == len(theirs)
    assert shapely.is_valid(drawn).all()
    assert all(any(each.equals(other) for other in theirs) for each in drawn)


@settings(max_examples=50, deadline=None)
@given(maps, st.integers(1, 6))
def test_strips_do_not_show(values: np.ndarray, tall: int):
    whole = traced(values, len(values))
    assert [each.wkb for each in traced(values, tall)] == [each.wkb for each in whole]


@settings(max_examples=50, deadline=None)
@given(maps)
def test_areas_and_sums_are_those_of_the_pixels(values: np.ndarray):
    runs = runs_of(values, 4)
    labels = runs.regions(runs.values[0])
    sizes = np.bincount(labels, weights=runs.length)
    assert shapely.area(trace(runs, labels)).tolist() == sizes.tolist()
    assert runs.sums[0].sum() == values.sum() and sizes.sum() == (values > 0).sum()


def test_pixels_that_meet_at_a_corner_make_a_ring_and_a_hole_there():
    values = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 0]], np.uint8)
    (drawn,) = traced(values)
    assert len(drawn.interiors) == 1 and drawn.is_valid and drawn.area == 7


def test_a_map_of_nothing_has_no_outlines():
    assert len(traced(np.zeros((4, 5), np.uint8))) == 0


@pytest.mark.parametrize("pairs, labels", [([], [0, 1, 2, 3]), ([(3, 1), (1, 2)], [0, 1, 1, 1])])
def test_connected_things_are_numbered_by_their_first(pairs: list[tuple[int, int]], labels: list[int]):
    one, other = np.array(pairs, int).reshape(-1, 2).T
    assert connect(4, one, other).tolist() == labels
