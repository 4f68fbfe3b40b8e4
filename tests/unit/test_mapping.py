"""Blending row by row, and coarse class probabilities as classes of pixels, beside the plain ways to do both."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from diachron.mapping import Canvas
from diachron.model.card import CELL_PX
from diachron.rasters.blending import ONE, Shares, enlarge, enlarge_classes
from diachron.rasters.grid import Window
from diachron.rasters.stack import Block
from diachron.rasters.tiles import Tile, tiles
from fake_interpreter import EchoMaps


def as_sums(probabilities: np.ndarray) -> np.ndarray:
    return np.rint(probabilities * ONE).astype(np.uint16)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(1, 12), st.integers(2, 5), st.integers(0, 999), st.sampled_from([2, 4, 8]))
def test_classes_between_places_are_those_of_full_interpolation(
    height: int, width: int, classes: int, seed: int, cell: int
):
    cells = np.random.default_rng(seed).random((classes, height, width), np.float32)
    padded = as_sums(np.pad(cells, ((0, 0), (1, 1), (0, 0)), mode="edge"))
    ids = np.arange(3, 3 + classes, dtype=np.uint8)
    best, surest = enlarge_classes(padded, ids, cell, (cell * height - 1, cell * width))
    full = F.interpolate(torch.from_numpy(cells)[None], scale_factor=cell, mode="bilinear")[0].numpy()[:, :-1]
    top = np.sort(full, axis=0)
    clear = np.ones(best.shape, bool) if classes == 1 else top[-1] - top[-2] > 1e-4
    assert (best == ids[full.argmax(axis=0)])[clear].all()
    # Where four places have the same class, its probability is interpolated alone; elsewhere all are.
    assert np.abs(surest - 254 * full.max(axis=0)).max() <= 1


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.integers(1, 12), st.integers(0, 999), st.sampled_from([1, 2, 4, 8]))
def test_change_between_places_is_that_of_full_interpolation(height: int, width: int, seed: int, cell: int):
    places = np.random.default_rng(seed).random((2, height, width), np.float32)
    padded = as_sums(np.pad(places, ((0, 0), (1, 1), (0, 0)), mode="edge"))
    pixels = enlarge(padded, cell, (cell * height, cell * width))
    full = F.interpolate(torch.from_numpy(places)[None], scale_factor=cell, mode="bilinear")[0].numpy()
    assert pixels.dtype == np.uint8 and np.abs(pixels - 254 * full).max() <= 1


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


@pytest.mark.parametrize("cell", [1, 4, 8])
@pytest.mark.parametrize("part", [Window(0, 0, 150, 170), Window(48, 0, 60, 170), Window(96, 104, 54, 66)])
def test_tiles_blend_into_what_one_tile_shows(cell: int, part: Window):
    """Maps that agree where tiles overlap come out as they are, in the whole and in any part of it."""
    height, width = 150, 170
    rng = np.random.default_rng(3)
    change = rng.random((1, height, width), np.float32)
    cells = rng.random((4, -(-height // cell), -(-width // cell)), np.float32)
    plan = tiles(width, height, 96, 32, step=max(4, cell))
    maps = [
        blended(change, cells, [tile for tile in each if tile.window.intersection(part).height], each, part, cell)
        for each in (plan, tiles(width, height, 512, 32))
    ]
    assert np.abs(maps[0].change.astype(int) - maps[1].change).max() <= 1
    for first, second in zip(maps[0].classes, maps[1].classes, strict=True):
        assert (first == second).mean() > 0.995  # sums of two bytes may tip an even contest
    whole = blended(change, cells, plan, plan, Window(0, 0, height, width), cell)
    assert np.array_equal(maps[0].change, whole.change[part.slices])


def blended(change, cells, touched, plan, part, cell):
    canvas = Canvas(part, plan, 2, np.array([3, 7], np.uint8))
    for tile in touched:
        if not tile.window.intersection(part).width:
            continue
        seen = EchoMaps(part_of(change, tile, 1), part_of(cells, tile, cell).reshape(2, 2, *_places(tile, cell)))
        valid = np.ones((2, tile.height, tile.width), bool)
        canvas.finish(tile.row - part.row)
        canvas.add(tile, Block(np.zeros((2, 3, tile.height, tile.width), np.uint8), valid), seen)
    canvas.finish(part.height)
    return canvas.maps


def part_of(values: np.ndarray, tile: Tile, cell: int) -> np.ndarray:
    """Return a tile's places [C, h, w], with more of them where its sides are no multiples of `CELL_PX`."""
    rows = slice(tile.row // cell, -(-(tile.row + tile.height) // cell))
    columns = slice(tile.col // cell, -(-(tile.col + tile.width) // cell))
    found, (height, width) = values[:, rows, columns], _places(tile, cell)
    missing = ((0, 0), (0, height - found.shape[1]), (0, width - found.shape[2]))
    return np.pad(found, missing)


def _places(tile: Tile, cell: int) -> tuple[int, int]:
    return (tile.height + -tile.height % CELL_PX) // cell, (tile.width + -tile.width % CELL_PX) // cell
