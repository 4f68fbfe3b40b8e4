"""Blending row by row, and coarse class probabilities as classes of pixels, beside the plain ways to do both."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from diachron.mapping import Canvas
from diachron.rasters.blending import Shares, enlarge_classes
from diachron.rasters.grid import Window
from diachron.rasters.stack import Block
from diachron.rasters.tiles import tiles
from fake_interpreter import EchoMaps


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(1, 12), st.integers(2, 5), st.integers(0, 999))
def test_classes_between_places_are_those_of_full_interpolation(height: int, width: int, classes: int, seed: int):
    cells = np.random.default_rng(seed).random((classes, height, width), np.float32)
    padded = np.pad(cells, ((0, 0), (1, 1), (0, 0)), mode="edge")
    best, surest = enlarge_classes(padded, 4, (4 * height - 1, 4 * width))
    full = F.interpolate(torch.from_numpy(cells)[None], scale_factor=4, mode="bilinear")[0].numpy()[:, :-1]
    top = np.sort(full, axis=0)
    clear = np.ones(best.shape, bool) if classes == 1 else top[-1] - top[-2] > 1e-5
    assert (best == full.argmax(axis=0))[clear].all()
    assert np.allclose(surest, full.max(axis=0), atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 700), st.integers(1, 700), st.sampled_from([96, 128, 256]), st.sampled_from([0, 16, 32]))
def test_tiles_begin_at_steps_cover_all_and_share_to_one(width: int, height: int, size: int, overlap: int):
    plan = tiles(width, height, size, overlap, step=4)
    assert all(tile.row % 4 == tile.col % 4 == 0 for tile in plan)
    assert max(tile.row + tile.height for tile in plan) == height
    shares, total = Shares(plan), np.zeros((height, width), np.float32)
    for tile in plan:
        rows, columns = shares.of(tile)
        total[tile.window.slices] += rows[:, None] * columns[None, :]
    assert np.allclose(total, 1, atol=1e-5)


@pytest.mark.parametrize("cell", [1, 4])
@pytest.mark.parametrize("part", [Window(0, 0, 150, 170), Window(48, 0, 60, 170), Window(96, 104, 54, 66)])
def test_tiles_blend_into_what_one_tile_shows(cell: int, part: Window):
    """Maps that agree where tiles overlap come out as they are, in the whole and in any part of it."""
    height, width = 150, 170
    rng = np.random.default_rng(3)
    change = rng.random((1, height, width), np.float32)
    cells = rng.random((4, -(-height // cell), -(-width // cell)), np.float32)
    plan = tiles(width, height, 96, 32, step=4)
    maps = [
        blended(change, cells, [tile for tile in each if tile.window.intersection(part).height], each, part, cell)
        for each in (plan, tiles(width, height, 512, 32))
    ]
    assert np.abs(maps[0].change.astype(int) - maps[1].change).max() <= 1
    for first, second in zip(maps[0].classes, maps[1].classes, strict=True):
        assert (first == second).mean() > 0.995  # half precision may tip an even contest
    whole = blended(change, cells, plan, plan, Window(0, 0, height, width), cell)
    assert np.array_equal(maps[0].change, whole.change[part.slices])


def blended(change, cells, touched, plan, part, cell):
    canvas = Canvas(part, plan, 2, np.array([3, 7], np.uint8))
    for tile in touched:
        if not tile.window.intersection(part).width:
            continue
        rows = slice(tile.row // cell, -(-(tile.row + tile.height) // cell))
        columns = slice(tile.col // cell, -(-(tile.col + tile.width) // cell))
        padded = np.zeros((1, -(-tile.height // cell) * cell, -(-tile.width // cell) * cell), np.float32)
        padded[:, : tile.height, : tile.width] = change[(slice(None), *tile.window.slices)]
        seen = EchoMaps(padded, cells.reshape(2, 2, *cells.shape[1:])[:, :, rows, columns])
        valid = np.ones((2, tile.height, tile.width), bool)
        canvas.finish(tile.row - part.row)
        canvas.add(tile, Block(np.zeros((2, 3, tile.height, tile.width), np.uint8), valid), seen)
    canvas.finish(part.height)
    return canvas.maps
