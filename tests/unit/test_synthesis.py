"""Procedural scenes: a seed is a pair, and the truth is the truth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.features import geometry_mask

from diachron.model.vocabulary import load_vocabulary
from diachron.synthesis.scene import SyntheticPair, generate_pair, write_pair

SEEDS = (1, 2, 3, 4)


@pytest.fixture(scope="module")
def pairs() -> list[SyntheticPair]:
    return [generate_pair(seed, 192, 0.5) for seed in SEEDS]


def test_a_seed_gives_one_pair_and_another_seed_another(pairs: list[SyntheticPair]):
    again = generate_pair(SEEDS[0], 192, 0.5)
    assert np.array_equal(again.after, pairs[0].after) and np.array_equal(again.change, pairs[0].change)
    assert not np.array_equal(pairs[0].before, pairs[1].before)


def test_change_is_where_the_classes_differ_and_every_class_is_in_the_vocabulary(pairs: list[SyntheticPair]):
    known = {each.id for each in load_vocabulary().classes}
    for pair in pairs:
        assert np.array_equal(pair.change, pair.classes_before != pair.classes_after)
        assert set(np.unique([pair.classes_before, pair.classes_after])) <= known
    assert any(pair.change.any() for pair in pairs)


def test_every_changed_object_lies_where_its_classes_were_painted(pairs: list[SyntheticPair]):
    checked = 0
    for pair in pairs:
        for each in pair.objects:
            inside = geometry_mask([each.outline], pair.change.shape, pair.transform, invert=True)
            if inside.sum() < 40:
                continue
            became = pair.classes_after[inside]
            # A crown or another object may hang over it.
            assert (became == each.target).mean() > 0.5
            checked += 1
    assert checked > 0


def test_radiometry_tells_the_dates_apart_even_where_nothing_changed(pairs: list[SyntheticPair]):
    for pair in pairs:
        still = ~pair.change
        assert np.abs(pair.before[:, still].astype(int) - pair.after[:, still].astype(int)).mean() > 2


def test_a_written_pair_has_its_place_and_its_truth(pairs: list[SyntheticPair], tmp_path: Path):
    files = write_pair(pairs[0], tmp_path)
    with rasterio.open(files.after) as image:
        assert image.crs.to_epsg() == 2154 and image.transform == pairs[0].transform
        assert np.array_equal(image.read(), pairs[0].after)
    with rasterio.open(files.change) as truth:
        assert np.array_equal(truth.read(1) == 255, pairs[0].change)
