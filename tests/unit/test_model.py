"""The change model on tiny random weights: shapes, symmetry, and that training sees what inference sees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from diachron.errors import UnusableInput
from diachron.model.backend import PreTrainedTokenizerFast
from diachron.model.card import ModelCard
from diachron.model.change_model import IMAGES_TOGETHER, ChangeModel, Sight
from diachron.model.decoder import GuideConvolution, UpsamplingWeights, upsample_convex
from diachron.model.folding import fold_normalisation
from diachron.model.interpreter import Interpreter, Reading
from diachron.model.look import Look
from diachron.model.memory import SightMemory
from diachron.model.pyramid import ConvPyramid
from diachron.model.sequences import SequenceBuilder, TokenBatch
from diachron.model.vocabulary import load_vocabulary
from diachron.training.config import ModelConfig
from diachron.training.start import new_model
from diachron.training.tokenizer import train_tokenizer

SIZES = ModelConfig(
    vocabulary_size=400, hidden_size=32, language_layers=2, language_mlp=64, language_heads=2, key_value_heads=1,
    vision_size=24, vision_layers=1, vision_mlp=48, vision_heads=2, pyramid_weights="",
)  # fmt: skip
QUESTION = "where are new buildings?"
READING = "en look task=where change=any>building date=both <image_latent>"


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer([QUESTION, READING, "12 m² of soil"] * 20, SIZES.vocabulary_size)


@pytest.fixture(scope="module")
def model(tokenizer: PreTrainedTokenizerFast) -> ChangeModel:
    torch.manual_seed(0)
    return new_model(SIZES, tokenizer).eval()


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    return torch.randint(0, 256, (1, 2, 3, 96, 64), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def asked(tokenizer: PreTrainedTokenizerFast, sight: Sight) -> TokenBatch:
    build = SequenceBuilder(tokenizer)
    places = sight.tokens.shape[1] // 2
    sequence = build.images([places, places]) + build.question(QUESTION) + build.reading(READING)
    batch = build.batch([sequence])
    return TokenBatch(batch.ids[:, :-1], batch.present[:, :-1], batch.taught[:, :-1])


@torch.no_grad()
def looked(
    model: ChangeModel, tokenizer: PreTrainedTokenizerFast, images: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    sight = model.see(images)
    batch = asked(tokenizer, sight)
    build = SequenceBuilder(tokenizer)
    phrases = build.batch([build.class_phrase(name) for name in ("building", "water", "bare soil")])
    classes = model.class_embeddings(phrases.ids, phrases.present)
    logits = model.look(sight, model.states(batch.ids, batch.present, sight), batch.ids, batch.present, classes)
    return logits.change, logits.classes


@torch.no_grad()
def test_images_seen_as_one_batch_are_as_the_library_sees_them_one_by_one(model, images):
    pairs = torch.cat([images, images.flip(1), images.flip(-1)])
    sight = model.see(pairs)
    rows, columns, patches = model._patches(pairs, [level.flatten(0, 1) for level in sight.pyramid])
    vision = model.model.vision_model
    vision.config._attn_implementation = "sdpa"
    try:
        alone = vision(
            pixel_values=patches,
            grid_thw=torch.tensor([[1, rows, columns]] * 6),
            merge_sizes=torch.ones(6, dtype=torch.long),
        ).last_hidden_state
    finally:
        vision.config._attn_implementation = IMAGES_TOGETHER
    torch.testing.assert_close(sight.vision.flatten(0, 3), alone, atol=1e-5, rtol=1e-5)


def test_look_gives_full_resolution_change_and_quarter_resolution_classes(model, tokenizer, images):
    change, classes = looked(model, tokenizer, images)
    assert change.shape == (1, 96, 64)
    assert classes.shape == (1, 2, 3, 24, 16)


@torch.no_grad()
def test_decoder_sees_the_same_states_teacher_forced_and_written_token_by_token(model, tokenizer, images):
    sight = model.see(images)
    batch = asked(tokenizer, sight)
    forced = model.states(batch.ids, batch.present, sight)
    first_taught = int(batch.taught[0].nonzero()[0])
    embedded = model.embed(batch.ids, sight)
    output = model.model.language_model(inputs_embeds=embedded[:, :first_taught], use_cache=True)
    states = [output.last_hidden_state]
    for position in range(first_taught, batch.ids.shape[1]):
        output = model.model.language_model(
            inputs_embeds=embedded[:, position : position + 1], past_key_values=output.past_key_values, use_cache=True
        )
        states.append(output.last_hidden_state)
    assert torch.allclose(torch.cat(states, dim=1), forced, atol=1e-4)


@torch.no_grad()
def test_padding_and_neighbours_in_the_batch_change_nothing(model, tokenizer, images):
    other = images.flip(-1)
    alone, _ = looked(model, tokenizer, images)
    sight = model.see(torch.cat([images, other]))
    build = SequenceBuilder(tokenizer)
    places = sight.tokens.shape[1] // 2
    start = build.images([places, places])
    sequences = [start + build.question(text) + build.reading(READING) for text in (QUESTION, QUESTION * 3)]
    batch = build.batch(sequences)
    states = model.states(batch.ids, batch.present, sight)
    pixels = model.look(sight, states, batch.ids, batch.present, torch.eye(3, model.config.embedding_size))
    # <eos> stands after <image_latent> here and not in `asked`; hidden from the decoder it would change nothing else.
    assert pixels.change.shape == (2, 96, 64)
    assert torch.isfinite(pixels.change).all()
    repeated = model.see(torch.cat([images, other]))
    assert torch.allclose(repeated.tokens[:1], model.see(images).tokens, atol=1e-4)
    assert alone.shape == (1, 96, 64)


@torch.no_grad()
def test_swapping_the_dates_swaps_the_semantic_maps(model, tokenizer, images):
    sight, swapped = model.see(images), model.see(images.flip(1))
    states = torch.zeros(1, 5, model.config.text_config.hidden_size)
    present = torch.ones(1, 5, dtype=torch.bool)
    one = model.decoder(sight.vision, sight.pyramid, states, present)
    two = model.decoder(swapped.vision, swapped.pyramid, states, present)
    assert torch.allclose(one.classes, two.classes.flip(1), atol=1e-4)


@torch.no_grad()
def test_folding_normalisation_changes_no_output(model, tokenizer, images):
    import copy

    folded = copy.deepcopy(model)
    for module in folded.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.1, 0.1)
            module.running_var.uniform_(0.5, 2.0)
    change, classes = looked(folded, tokenizer, images)
    fold_normalisation(folded)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in folded.modules())
    again, classes_again = looked(folded, tokenizer, images)
    assert torch.allclose(change, again, atol=1e-3)
    assert torch.allclose(classes, classes_again, atol=1e-3)


@torch.no_grad()
def test_padding_as_tensorflow_pads_is_taken_into_the_kernel(images):
    pyramid = ConvPyramid("tf_efficientnet_lite0").eval()
    for module in pyramid.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.2, 0.2)
            module.running_var.uniform_(0.5, 2.0)
    before = pyramid(images[0])
    fold_normalisation(pyramid)
    grown = [each for each in pyramid.modules() if isinstance(each, torch.nn.Conv2d) and each.kernel_size[0] % 2]
    assert any(each.weight.shape[-1] == each.kernel_size[0] + 1 for each in grown)
    for one, other in zip(before, pyramid(images[0]), strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-4)


@torch.no_grad()
@pytest.mark.skipif(not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="no bfloat16 on this processor")
def test_folded_convolutions_in_bfloat16_are_those_of_float32_but_for_rounding(model, tokenizer, images):
    import copy

    folded = copy.deepcopy(model)
    fold_normalisation(folded)
    change, _ = looked(folded, tokenizer, images)
    short, _ = looked(folded.bfloat16(), tokenizer, images)
    assert float((change - short.float()).abs().mean()) < 0.05 * float(change.std()) + 0.02


@torch.no_grad()
def test_the_guide_is_a_convolution_over_squares_laid_out_as_channels():
    guide = GuideConvolution(5 + 8 * 3, 4, 1)
    both, finest = torch.rand(2, 5, 6, 7), torch.rand(2, 2, 3, 12, 14)
    laid_out = torch.nn.functional.pixel_unshuffle(finest.flatten(1, 2), 2)
    plain = torch.nn.functional.conv2d(torch.cat([both, laid_out], dim=1), guide.weight, guide.bias)
    torch.testing.assert_close(guide(both, finest), plain, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_weights_of_the_upsampling_are_shares_of_a_convolution():
    weigh = UpsamplingWeights(4, 144, 1)
    guide = torch.rand(2, 4, 5, 6)
    plain = torch.nn.functional.conv2d(guide, weigh.weight, weigh.bias).unflatten(1, (9, 4, 4)).softmax(dim=1)
    torch.testing.assert_close(weigh(guide), plain, atol=1e-5, rtol=1e-5)


def test_convex_upsampling_keeps_a_constant_and_stays_within_the_neighbours():
    weights = torch.rand(2, 9, 4, 4, 5, 6).softmax(dim=1)
    constant = upsample_convex(torch.full((2, 5, 6), 3.0), weights)
    assert constant.shape == (2, 20, 24)
    assert torch.allclose(constant, torch.full((2, 20, 24), 3.0), atol=1e-5)
    values = torch.rand(2, 5, 6)
    assert upsample_convex(values, weights).max() <= values.max() + 1e-6


def test_convex_upsampling_with_the_middle_weight_is_nearest_neighbour():
    weights = torch.zeros(1, 9, 4, 4, 3, 3)
    weights[:, 4] = 1.0
    values = torch.arange(9.0).view(1, 3, 3)
    expected = values.repeat_interleave(4, 1).repeat_interleave(4, 2)
    assert torch.equal(upsample_convex(values, weights), expected)


def test_finer_images_are_looked_at_as_the_model_was_trained(model, tokenizer):
    """Fine images that are coarse ones enlarged: the maps are those of the coarse ones, enlarged."""
    card = ModelCard("tiny", "0", "", "for tests", (), 0.5, 512, 64, finest_gsd_m=0.5, sha256={})
    interpreter = Interpreter(model, tokenizer, card, load_vocabulary())
    reading = Reading(QUESTION, "en", Look("where", ("any",), ("building",)), "")
    coarse = np.random.default_rng(0).integers(0, 256, (2, 3, 64, 96), np.uint8)
    fine = coarse.repeat(2, axis=-2).repeat(2, axis=-1)
    told, seen = (
        interpreter.maps(images, reading, interpreter.vocabulary, gsd_m)
        for images, gsd_m in ((coarse, 0.5), (fine, 0.25))
    )
    assert seen.pixels.shape == (1, 128, 192) and seen.classes.shape[-2:] == (128, 192)
    assert seen.change.shape == (1, 64, 96) and seen.cells.shape[-2:] == (16, 24), "kept as finely as it was seen"
    as_they_are = interpreter.maps(fine, reading, interpreter.vocabulary)
    off, off_as_they_are = (
        np.abs(each.pixels.reshape(1, 64, 2, 96, 2).mean(axis=(2, 4)) - told.change).mean()
        for each in (seen, as_they_are)
    )
    assert off < 0.5 * off_as_they_are
    assert [card.kept_px(each) for each in (None, 0.6, 0.3, 0.25, 0.2, 0.1, 0.01)] == [1, 1, 1, 2, 2, 4, 8]
    assert card.reduction(None) == card.reduction(0.6) == 1 and card.reduction(0.2) == 2.5
    assert [replace(card, coarsest_gsd_m=0.5).reduction(each) for each in (0.25, 0.5, 0.8, 5.0)] == [2, 1, 0.625, 0.5]


@torch.inference_mode()
def test_what_images_tell_before_the_question_is_seen_once_and_changes_no_map(model, tokenizer):
    card = ModelCard("tiny", "0", "", "for tests", (), 0.5, 512, 64, finest_gsd_m=0.5, sha256={})
    interpreter = Interpreter(model, tokenizer, card, load_vocabulary())
    frames = np.random.default_rng(0).integers(0, 256, (3, 3, 64, 96), np.uint8)
    readings = [Reading(text, "en", Look("where", ("any",), ("building",)), "") for text in (QUESTION, "is it new?")]
    interpreter.memory = SightMemory("tiny")
    for number, reading in enumerate(readings):
        seen = interpreter.maps(frames, reading, interpreter.vocabulary)
        assert interpreter.memory.hits == number
        pairs = torch.from_numpy(np.stack([frames[:-1], frames[1:]], axis=1))
        sight = model.see(pairs)
        batch = interpreter.sequences.batch([interpreter.tile_sequence(sight, reading)] * 2)
        states = model.states(batch.ids, batch.present, sight)
        names = tuple(each.name for each in interpreter.vocabulary.classes)
        logits = model.look(sight, states, batch.ids, batch.present, interpreter._embeddings(names))
        assert np.abs(seen.change - logits.change.sigmoid().numpy()).max() < 1e-4
        assert np.abs(seen.cells[0] - logits.classes.softmax(dim=2)[0, 0].numpy()).max() < 1e-4


def test_swapping_the_dates_swaps_what_is_new_and_what_is_lost(model, tokenizer):
    card = ModelCard("tiny", "0", "", "for tests", (), 0.5, 512, 64, finest_gsd_m=0.5, sha256={})
    interpreter = Interpreter(model, tokenizer, card, load_vocabulary())
    frames = np.random.default_rng(2).integers(0, 256, (2, 3, 64, 96), np.uint8)
    gain = Reading(QUESTION, "en", Look("where", ("any",), ("building",)), "")
    loss = Reading("where are lost buildings?", "en", Look("where", ("building",), ("any",)), "")
    new = interpreter.maps(frames, gain, interpreter.vocabulary)
    lost = interpreter.maps(frames[::-1].copy(), loss, interpreter.vocabulary)
    assert np.array_equal(new.change, lost.change) and np.array_equal(new.cells, lost.cells[::-1])
    interpreter.memory = SightMemory("tiny")
    before = [interpreter.maps(frames, each, interpreter.vocabulary) for each in (gain, loss)][1]
    assert interpreter.memory.hits == 1  # what each date shows is seen once for both directions
    interpreter.memory = None
    alone = interpreter.maps(frames, loss, interpreter.vocabulary)
    assert np.abs(alone.change - before.change).max() < 1e-5


def test_tiles_looked_at_together_are_as_alone_and_too_many_are_halved(model, tokenizer, monkeypatch):
    card = ModelCard("tiny", "0", "", "for tests", (), 0.5, 512, 64, finest_gsd_m=0.5, sha256={})
    interpreter = Interpreter(model, tokenizer, card, load_vocabulary())
    reading = Reading(QUESTION, "en", Look("where", ("any",), ("building",)), "")
    tiles = list(np.random.default_rng(1).integers(0, 256, (5, 2, 3, 64, 64), np.uint8))
    alone = [interpreter.maps(each, reading, interpreter.vocabulary) for each in tiles]
    look, sizes = interpreter._look, []

    def small(pairs: torch.Tensor, *rest: object) -> object:
        sizes.append(len(pairs))
        if len(pairs) > 2:
            raise torch.OutOfMemoryError
        return look(pairs, *rest)

    monkeypatch.setattr(interpreter, "_look", small)
    interpreter.batch = 4
    together = interpreter.maps_together(tiles, reading, interpreter.vocabulary)
    assert sizes == [4, 2, 2, 1] and interpreter.batch == 2
    for one, other in zip(together, alone, strict=True):
        assert np.abs(one.change - other.change).max() < 1e-4 and np.abs(one.cells - other.cells).max() < 1e-4
    monkeypatch.setattr(interpreter, "_look", lambda *_: (_ for _ in ()).throw(torch.OutOfMemoryError()))
    with pytest.raises(UnusableInput, match="too small for one tile"):
        interpreter.maps_together(tiles, reading, interpreter.vocabulary)


def test_what_was_seen_in_another_precision_is_not_taken_for_ones_own(model, tokenizer, tmp_path, monkeypatch):
    import copy

    monkeypatch.setattr("diachron.model.interpreter.cache_folder", lambda: tmp_path)
    card = ModelCard("tiny", "0", "", "for tests", (), 0.5, 512, 64, finest_gsd_m=0.5, sha256={})
    reading = Reading(QUESTION, "en", Look("where", ("any",), ("building",)), "")
    tile = np.random.default_rng(1).integers(0, 256, (2, 3, 64, 64), np.uint8)
    for dtype in (torch.float32, torch.bfloat16):
        interpreter = Interpreter(copy.deepcopy(model).to(dtype), tokenizer, card, load_vocabulary())
        interpreter.expect_questions()
        interpreter.memory.memory_bytes = 0  # all of it goes to disk, where the next one looks
        interpreter.maps(tile, reading, interpreter.vocabulary)
        assert interpreter.memory.hits == 0
        interpreter.maps(tile, reading, interpreter.vocabulary)
        assert interpreter.memory.hits == 1


def test_half_the_precision_sees_nearly_the_same(model, tokenizer):
    import copy

    card = ModelCard("tiny", "0", "", "for tests", (), 0.5, 512, 64, finest_gsd_m=0.5, sha256={})
    reading = Reading(QUESTION, "en", Look("where", ("any",), ("building",)), "")
    frames = np.random.default_rng(2).integers(0, 256, (2, 3, 64, 64), np.uint8)
    plain, short = copy.deepcopy(model), copy.deepcopy(model).bfloat16()
    told = [
        Interpreter(each, tokenizer, card, load_vocabulary()).maps(frames, reading, load_vocabulary())
        for each in (plain, short)
    ]
    assert told[1].change.dtype == np.float32
    assert np.abs(told[0].change - told[1].change).max() < 0.05
