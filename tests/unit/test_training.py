"""Augmentation, losses, recipe files and exact resume."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from diachron.data.sample import IGNORED, Sample
from diachron.errors import UnusableInput
from diachron.training.augment import AugmentConfig, augment
from diachron.training.config import read_config
from diachron.training.losses import change_loss, class_loss, text_loss
from diachron.training.recipe import mean_of


def sample(size: int = 96) -> Sample:
    rng = np.random.default_rng(0)
    change = np.zeros((size, size), np.uint8)
    change[20:40, 30:60] = 1
    before = rng.integers(0, 60, (3, size, size), dtype=np.uint8)
    after = before.copy()
    after[:, change == 1] = 250
    classes = np.where(change == 1, 1, 10).astype(np.uint8)
    return Sample(before, after, change, 1, np.full_like(classes, 10), classes, "flair", 0.5, "test", "", "here", "one")


def test_images_and_labels_move_together():
    still = AugmentConfig(shift_px=0.0, gain=0.0, gamma=0.0, colour=0.0, noise=0.0, blur=0.0, swap=0.0)
    for seed in range(12):
        crop = augment(sample(), 64, np.random.default_rng(seed), still)
        bright = crop.images[1].mean(axis=0) > 200
        agreement = (bright == (crop.change == 1)).mean()
        assert agreement > 0.97, seed
        assert ((crop.classes[1] == 1) == (crop.change == 1)).all()


def test_images_and_labels_rotate_together_by_any_angle():
    still = AugmentConfig(shift_px=0.0, gain=0.0, gamma=0.0, colour=0.0, noise=0.0, blur=0.0, swap=0.0, rotate=1.0)
    slanted = 0
    for seed in range(12):
        crop = augment(sample(), 64, np.random.default_rng(seed), still)
        bright = crop.images[1].mean(axis=0) > 155
        assert (bright == (crop.change == 1)).mean() > 0.95, seed
        assert ((crop.classes[1] == 1) == (crop.change == 1)).all()
        starts = {int(row.argmax()) for row in crop.change == 1 if row.any()}
        slanted += len(starts) > 4
    assert slanted > 6


def test_crops_are_scaled_to_the_distances_asked_for_and_mirrored_where_the_sample_is_smaller():
    settings = AugmentConfig(gsd_low=1.0, gsd_high=1.0, shift_px=0.0, gain=0.0, gamma=0.0, colour=0.0, noise=0.0)
    wide = replace(sample(), gsd_m=0.5)  # 96 pixels of 0.5 m are 48 of 1 m
    crop = augment(wide, 48, np.random.default_rng(0), replace(settings, blur=0.0))
    assert (crop.change == 1).sum() == pytest.approx((wide.change == 1).sum() / 4, rel=0.1)
    crop = augment(wide, 96, np.random.default_rng(0), replace(settings, blur=0.0))
    assert (crop.change == 1).sum() >= (wide.change == 1).sum() / 4
    assert crop.images.shape == (2, 3, 96, 96)
    bright = crop.images[1 - crop.swapped].mean(axis=0) > 155
    assert (bright == (crop.change == 1)).mean() > 0.95


def test_saturation_keeps_what_is_grey():
    grey = np.repeat(np.random.default_rng(0).integers(0, 255, (1, 96, 96), dtype=np.uint8), 3, axis=0)
    pair = replace(sample(), before=grey, after=grey)
    settings = AugmentConfig(colour=0.0, noise=0.0, saturation=0.5)
    assert np.ptp(augment(pair, 64, np.random.default_rng(3), settings).images.astype(int), axis=1).max() <= 1


def test_a_swap_exchanges_images_and_classes():
    swap = AugmentConfig(shift_px=0.0, gain=0.0, gamma=0.0, colour=0.0, noise=0.0, blur=0.0, swap=1.0, seek_change=1.0)
    crop = augment(sample(), 64, np.random.default_rng(1), swap)
    assert crop.swapped
    assert crop.images[0][:, crop.change == 1].mean() > 200
    assert (crop.classes[0][crop.change == 1] == 1).all()


def test_change_loss_falls_towards_the_truth_and_ignores_the_unknown():
    change = torch.zeros(1, 8, 8, dtype=torch.uint8)
    change[0, 2:5, 2:5] = 1
    right = (change.float() * 2 - 1) * 10
    assert change_loss(right, change) < 0.01 < change_loss(-right, change)
    unknown = torch.full_like(change, IGNORED)
    assert change_loss(right, unknown) == 0


def test_class_and_text_losses_are_zero_where_nothing_is_taught():
    assert class_loss(torch.zeros(1, 2, 3, 4, 4), torch.full((1, 2, 4, 4), -1)) == 0
    assert text_loss(torch.zeros(0, 7), torch.zeros(0, dtype=torch.long)) == 0


def test_a_recipe_refuses_what_it_does_not_know(tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('name = "x"\nversion = "1"\n[model]\nhiden_size = 3\n')
    with pytest.raises(UnusableInput, match="hiden_size"):
        read_config(recipe)
    recipe.write_text('name = "x"\nversion = 1\n')
    with pytest.raises(UnusableInput, match="version"):
        read_config(recipe)
    recipe.write_text('name = "x"\nversion = "1"\n[[stages]]\nname = "text"\nsteps = 3\nrate_decoder = 1\n')
    assert read_config(recipe).stages[0].rate_decoder == 1.0


def test_what_is_shipped_is_the_mean_of_two_runs_but_for_the_language_model():
    one = {"decoder.out.weight": torch.tensor([1.0, 3.0]), "model.language_model.norm.weight": torch.tensor([1.0])}
    other = {"decoder.out.weight": torch.tensor([3.0, 3.0]), "model.language_model.norm.weight": torch.tensor([9.0])}
    one["pyramid.bn1.num_batches_tracked"] = torch.tensor(7)
    other["pyramid.bn1.num_batches_tracked"] = torch.tensor(1)
    shipped = mean_of(one, other)
    assert {name: tensor.tolist() for name, tensor in shipped.items()} == {
        "decoder.out.weight": [2.0, 3.0],
        "model.language_model.norm.weight": [1.0],
        "pyramid.bn1.num_batches_tracked": 7,
    }
    assert mean_of(one, other, share=0.75)["decoder.out.weight"].tolist() == [1.5, 3.0]
    both = mean_of(one, other, share=0.75, language=0.5)
    assert both["decoder.out.weight"].tolist() == [1.5, 3.0] and both["model.language_model.norm.weight"].tolist() == [
        5.0
    ]


def test_pairs_without_a_new_building_teach_that_nothing_changed_and_others_only_what_they_know():
    from diachron.training.batches import _building_query

    crop = augment(sample(), 64, np.random.default_rng(0), AugmentConfig(seek_change=1.0, swap=0.0))
    assert (crop.change == 1).any()
    still = replace(crop, change=np.where(crop.change == 1, 0, crop.change).astype(np.uint8))
    rng, asked = np.random.default_rng(1), 0
    for _ in range(400):
        change, look = _building_query(crop, 0.25, rng)
        if look.task == "list":
            asked += 1
            assert look.source == look.target == ("any",)
            assert ((change == 1) == (crop.change == 1)).all() and (change[change != 1] == IGNORED).all()
    assert asked / 400 == pytest.approx(0.25, abs=0.07)
    for _ in range(100):
        change, look = _building_query(still, 0.25, rng)
        assert not (change == 1).any() and (change == still.change).all()
