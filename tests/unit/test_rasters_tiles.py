"""Tiles cover a raster, and blend without seams."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from diachron.rasters.tiles import Mosaic, tile_weights, tiles


@st.composite
def layouts(draw: st.DrawFn) -> tuple[int, int, int, int]:
    size = draw(st.integers(4, 40))
    return draw(st.integers(1, 150)), draw(st.integers(1, 150)), size, draw(st.integers(0, size - 1))


@given(layouts())
def test_tiles_cover_every_pixel_and_stay_inside(layout: tuple[int, int, int, int]):
    width, height, size, overlap = layout
    assume((width // (size - overlap) + 1) * (height // (size - overlap) + 1) < 500)
    covered = np.zeros((height, width), int)
    for tile in tiles(width, height, size, overlap):
        assert tile.row >= 0 and tile.col >= 0
        assert tile.row + tile.height <= height and tile.col + tile.width <= width
        assert (tile.height, tile.width) == (min(size, height), min(size, width))
        covered[tile.window.slices] += 1
    assert covered.min() >= 1


@given(layouts())
def test_neighbours_share_at_least_the_overlap(layout: tuple[int, int, int, int]):
    width, _, size, overlap = layout
    row = tiles(width, 1, size, overlap)
    for left, right in itertools.pairwise(row):
        assert left.fade_right == right.fade_left == left.col + left.width - right.col >= overlap
    assert row[0].fade_left == row[-1].fade_right == 0


@given(layouts())
def test_a_constant_stays_constant(layout: tuple[int, int, int, int]):
    width, height, size, overlap = layout
    assume((width // (size - overlap) + 1) * (height // (size - overlap) + 1) < 500)
    mosaic = Mosaic(1, height, width)
    for tile in tiles(width, height, size, overlap):
        assert tile_weights(tile).min() > 0
        mosaic.add(tile, np.full((1, tile.height, tile.width), 0.7, np.float32))
    np.testing.assert_allclose(mosaic.result(), 0.7, rtol=1e-5)


def test_a_picture_cut_into_tiles_comes_back_whole():
    picture = np.random.default_rng(0).random((2, 70, 90)).astype(np.float32)
    mosaic = Mosaic(2, 70, 90)
    for tile in tiles(90, 70, 32, 8):
        mosaic.add(tile, picture[(slice(None), *tile.window.slices)])
    np.testing.assert_allclose(mosaic.result(), picture, atol=1e-6)


def test_tiles_that_disagree_meet_without_a_step():
    mosaic = Mosaic(1, 1, 100)
    for level, tile in enumerate(tiles(100, 1, 60, 20)):
        mosaic.add(tile, np.full((1, 1, 60), level, np.float32))
    line = mosaic.result()[0, 0]
    assert line[0] == 0 and line[-1] == 1
    assert (np.diff(line) >= -1e-6).all() and np.diff(line).max() < 0.1


def test_one_tile_is_full_to_the_raster_s_edges():
    (tile,) = tiles(20, 10, 64, 16)
    assert (tile_weights(tile) == 1).all()


@pytest.mark.parametrize("layout", [(10, 10, 8, 8), (10, 10, 8, -1), (0, 10, 8, 2)])
def test_tiles_that_cannot_cover_are_refused(layout: tuple[int, int, int, int]):
    with pytest.raises(ValueError, match="cannot cover"):
        tiles(*layout)


def test_a_mosaic_refuses_values_of_another_shape():
    with pytest.raises(ValueError, match=r"\(1, 10, 20\)"):
        Mosaic(1, 10, 20).add(tiles(20, 10, 64, 16)[0], np.zeros((1, 10, 10), np.float32))
