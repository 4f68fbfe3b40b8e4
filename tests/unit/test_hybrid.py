"""Hybrid pairs: what is selected, what it becomes, and that nothing outside the masks changes."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine

from diachron.cli import main
from diachron.data.fsc import fsc_pairs
from diachron.data.sample import IGNORED, Sample
from diachron.errors import UnusableInput
from diachron.model.torchvision_shim import declare_missing_operators
from diachron.model.vocabulary import load_vocabulary
from diachron.synthesis.exemplars import OBJECTS, ExemplarBank
from diachron.synthesis.hybrid import HybridMaker, HybridPair, hybrid_pairs, prompt_of, write_hybrid
from diachron.synthesis.inpainting import ExemplarInpainter
from diachron.synthesis.regions import RegionSelector, masks_of
from diachron.synthesis.transitions import draw_target, transitions

BUILDING, SOIL, GRASS = 1, 4, 10
SIDE = 160
COLOURS = {BUILDING: (170, 80, 70), SOIL: (150, 120, 80), GRASS: (70, 120, 60)}


def place(seed: int = 0) -> Sample:
    """Grass with bare soil on its right and four roofs, each class in its colour, and some texture."""
    rng = np.random.default_rng(seed)
    classes = np.full((SIDE, SIDE), GRASS, np.uint8)
    classes[:, 110:] = SOIL
    for row, col in ((20, 20), (70, 30), (110, 60), (40, 70)):
        classes[row : row + 18, col : col + 24] = BUILDING
    table = np.zeros((256, 3))
    for number, colour in COLOURS.items():
        table[number] = colour
    dates = [
        np.clip(table[classes] + rng.normal(0, 6, (SIDE, SIDE, 3)) + light, 0, 255).astype(np.uint8).transpose(2, 0, 1)
        for light in (0, 8)
    ]
    return Sample(dates[0], dates[1], None, 0, classes, classes, "flair", 0.5, "test", "", "xbd_harvey/one", "one")


@pytest.fixture(scope="module")
def pairs() -> list[HybridPair]:
    return list(hybrid_pairs([place(0), place(1)], range(12), seed=3))


def test_every_plausible_change_is_between_classes_of_the_vocabulary_and_to_another_class():
    table = transitions()
    known = {each.id for each in load_vocabulary().classes}
    assert set(table) <= known and all(set(row) <= known for row in table.values())
    for source in table:
        target = draw_target(source, known, {}, np.random.default_rng(0))
        assert target in table[source] and target != source


def test_rare_classes_are_drawn_more_often_and_impossible_ones_never():
    shares = {BUILDING: 0.5, SOIL: 0.01}
    drawn = [draw_target(GRASS, (BUILDING, SOIL), shares, np.random.default_rng(seed)) for seed in range(60)]
    assert drawn.count(SOIL) > 50
    assert draw_target(GRASS, (GRASS,), shares, np.random.default_rng(0)) is None


def test_exemplars_are_whole_roofs_and_squares_of_one_ground():
    sample = place()
    bank = ExemplarBank([sample])
    assert set(bank.exemplars) == {BUILDING, SOIL, GRASS}
    assert bank.shares[GRASS] == pytest.approx((sample.classes_before == GRASS).mean())
    for roof in bank.exemplars[BUILDING]:
        assert roof.shape.sum() == 18 * 24
        assert np.abs(roof.colours[roof.shape].mean(axis=0) - COLOURS[BUILDING]).max() < 12
    for number in (SOIL, GRASS):
        for ground in bank.exemplars[number]:
            assert ground.shape.all()
            assert np.abs(ground.colours.reshape(-1, 3).mean(axis=0) - COLOURS[number]).max() < 12
    halved = bank.draw(BUILDING, 1.0, np.random.default_rng(0))
    assert halved is not None and halved.shape.sum() == pytest.approx(9 * 12, abs=25)
    assert bank.draw(BUILDING, 5.0, np.random.default_rng(0)) is None


def test_masks_are_nested_and_drawn_objects_never_meet():
    selector = RegionSelector(place().classes_after, 0.5)
    seen = np.zeros((SIDE, SIDE), bool)
    for seed in range(6):
        region = selector.draw(np.random.default_rng(seed))
        if region is None:
            continue
        masks = masks_of(region.shape, 0.5)
        assert not (masks.labelled & ~masks.painted).any() and (masks.painted.sum() > masks.labelled.sum())
        assert not (region.shape & seen).any()
        selector.take(masks)
        seen |= masks.painted


def test_nothing_changes_outside_the_masks_and_the_change_is_where_the_classes_differ(pairs):
    for pair in pairs:
        assert np.array_equal(pair.after[:, ~pair.painted], pair.sample.after[:, ~pair.painted])
        known = (pair.classes_before > 0) & (pair.classes_after > 0)
        assert np.array_equal(pair.change == 1, known & (pair.classes_before != pair.classes_after))
        assert (pair.change[~known] == IGNORED).all()
        assert not ((pair.change == 1) & ~pair.painted).any()
    assert sum((pair.change == 1).any() for pair in pairs) >= 8


def test_what_is_painted_looks_like_its_new_class(pairs):
    checked = 0
    for pair in pairs:
        for number, colour in COLOURS.items():
            here = (pair.change == 1) & (pair.classes_after == number)
            if here.sum() > 150:
                seen = pair.after[:, here].mean(axis=1)
                nearest = min(COLOURS, key=lambda other: np.abs(seen - COLOURS[other]).sum())
                checked += 1
                assert nearest == number, (number, seen, colour)
    assert checked > 5


def test_some_objects_are_painted_anew_as_what_they_were(pairs):
    same = sum(bool((pair.painted & (pair.classes_after == pair.classes_before)).sum() > 200) for pair in pairs)
    assert same >= 4


def test_a_seed_gives_the_same_pairs(pairs):
    again = next(hybrid_pairs([place(0), place(1)], range(1), seed=3))
    assert np.array_equal(again.after, pairs[0].after) and again.prompt == pairs[0].prompt


def test_a_prompt_names_the_classes_by_area_the_place_and_a_season():
    prompt = prompt_of(place().classes_after, place(), np.random.default_rng(0))
    assert "herbaceous, bare soil, building in Texas" in prompt
    assert any(season in prompt for season in ("spring", "summer", "autumn", "winter"))


def test_written_pairs_are_read_as_fsc_180k_is(pairs, tmp_path):
    for number, pair in enumerate(pairs[:3]):
        write_hybrid(pair, tmp_path, number)
    read = list(fsc_pairs(tmp_path))
    assert [each.name for each in read] == [f"IMG_{number:06d}-11" for number in range(3)]
    for sample, pair in zip(read, pairs, strict=False):
        assert np.array_equal(sample.after, pair.after) and np.array_equal(sample.change, pair.change)
        assert np.array_equal(sample.classes_after, pair.classes_after)
    rows = list(csv.DictReader((tmp_path / "prompts.csv").open(encoding="utf-8")))
    assert [row["prompt"] for row in rows] == [pair.prompt for pair in pairs[:3]]


def written(folder: Path, sample: Sample) -> None:
    transform = Affine(0.5, 0, 600_000, 0, -0.5, 6_000_000)
    for kind, values in (("images", sample.after), ("labels", sample.classes_after[None])):
        (folder / kind).mkdir(parents=True)
        profile = {"count": len(values), "height": SIDE, "width": SIDE, "dtype": "uint8", "crs": "EPSG:2154"}
        with rasterio.open(folder / kind / "one.tif", "w", driver="GTiff", transform=transform, **profile) as file:
            file.write(values)


def footprints(path: Path, box: tuple[int, int, int, int]) -> Path:
    left, top, right, bottom = box
    ground = shapely.box(600_000 + left / 2, 6_000_000 - bottom / 2, 600_000 + right / 2, 6_000_000 - top / 2)
    outline = np.array([shapely.to_wkb(ground)], dtype=object)
    pyogrio.raw.write(path, outline, [], [], driver="GPKG", geometry_type="Polygon", crs="EPSG:2154")
    return path


def test_the_command_changes_the_footprints_of_a_vector_layer(tmp_path, capsys):
    written(tmp_path, place())
    layer = footprints(tmp_path / "roofs.gpkg", (20, 20, 44, 38))
    arguments = ["synthesize", "--inpaint", "exemplar", "--images", str(tmp_path / "images"), "--count", "6"]
    arguments += ["--labels", str(tmp_path / "labels"), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--footprints", str(layer)]) == 0
    assert capsys.readouterr().out.count("IMG_") == 6
    for sample in fsc_pairs(tmp_path / "out"):
        with rasterio.open(tmp_path / "out" / "MSK11" / "00" / f"MSK_{sample.name[4:10]}.tif") as mask:
            assert (mask.read(1)[20:38, 20:44] > 0).mean() > 0.5
    far = footprints(tmp_path / "far.gpkg", (9000, 20, 9044, 38))
    assert main([*arguments, "--footprints", str(far)]) == UnusableInput.exit_status
    assert "no footprint lies" in capsys.readouterr().err


@pytest.mark.parametrize(
    "given",
    [("--images", "here"), ("--footprints", "roofs.gpkg"), ("--inpaint", "diffusion")],
    ids=lambda each: each[0],
)
def test_arguments_that_do_not_go_together_are_refused(given, tmp_path):
    extra = () if given[0] == "--inpaint" else ("--inpaint", "exemplar")
    labelled = (
        () if given[0] != "--inpaint" else ("--images", str(tmp_path / "images"), "--labels", str(tmp_path / "labels"))
    )
    if labelled:
        written(tmp_path, place())
    assert main(["synthesize", "--out", str(tmp_path / "out"), *given, *extra, *labelled]) == 2


def test_a_thing_that_replaces_one_leaves_no_label_of_the_old():
    sample = place()
    maker = HybridMaker(ExemplarBank([sample]), ExemplarInpainter())
    seen = 0
    for seed in range(20):
        pair = maker.make(sample, np.random.default_rng([9, seed]))
        roofs = (pair.classes_before == BUILDING) & pair.painted
        replaced = roofs & (pair.classes_after == BUILDING)
        assert set(np.unique(pair.classes_after[roofs])) <= {0, BUILDING, SOIL, GRASS, 2, 3, 8}
        seen += bool(replaced.any())
    assert seen and BUILDING in OBJECTS


def test_diffusion_paints_inside_the_masks_alone(tmp_path):
    diffusers = pytest.importorskip("diffusers", reason="diffusion is tried where diffusers is installed")
    import torch

    from diachron.synthesis.diffusion import DiffusionInpainter

    save_tiny_pipeline(diffusers, tmp_path / "pipeline")
    small = place()
    small = replace(
        small, after=small.after[:, :100, :90].copy(), before=small.before[:, :100, :90].copy(),
        classes_before=small.classes_before[:100, :90].copy(), classes_after=small.classes_after[:100, :90].copy(),
    )  # fmt: skip
    inpainter = DiffusionInpainter(tmp_path / "pipeline", torch.device("cpu"), steps=2)
    maker = HybridMaker(ExemplarBank([small]), inpainter)
    pair = next(
        made for seed in range(9) if (made := maker.make(small, np.random.default_rng(seed))).painted.any()
    )  # fmt: skip
    assert pair.after.shape == small.after.shape and pair.after.dtype == np.uint8
    assert np.array_equal(pair.after[:, ~pair.painted], small.after[:, ~pair.painted])
    assert (pair.after[:, pair.painted] != small.after[:, pair.painted]).mean() > 0.3


def test_a_folder_without_a_pipeline_is_refused(tmp_path):
    pytest.importorskip("diffusers", reason="diffusion is tried where diffusers is installed")
    import torch

    from diachron.synthesis.diffusion import DiffusionInpainter

    with pytest.raises(UnusableInput, match="no diffusion pipeline"):
        DiffusionInpainter(tmp_path, torch.device("cpu"))


def save_tiny_pipeline(diffusers, folder: Path) -> None:
    """Save an inpainting pipeline and a ControlNet with random weights, as diffusers saves them."""
    import torch

    declare_missing_operators()
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    torch.manual_seed(0)
    sizes = {
        "block_out_channels": (16, 32), "layers_per_block": 1, "cross_attention_dim": 16, "norm_num_groups": 8,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"), "attention_head_dim": 4, "in_channels": 4,
    }  # fmt: skip
    unet = diffusers.UNet2DConditionModel(
        sample_size=16, out_channels=4, up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), **sizes
    )
    control = diffusers.ControlNetModel(conditioning_embedding_out_channels=(8, 16), **sizes)
    vae = diffusers.AutoencoderKL(
        block_out_channels=(16, 32), down_block_types=("DownEncoderBlock2D",) * 2, latent_channels=4,
        up_block_types=("UpDecoderBlock2D",) * 2, norm_num_groups=8,
    )  # fmt: skip
    letters = {letter: number for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz,")}
    ends = {f"{letter}</w>": len(letters) + number for letter, number in letters.items()}
    words = {**letters, **ends, "<|startoftext|>": 54, "<|endoftext|>": 55}
    clip = CLIPTokenizer(vocab=words, merges=[], model_max_length=24)
    text = CLIPTextModel(CLIPTextConfig(
        vocab_size=56, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
        max_position_embeddings=24, bos_token_id=54, eos_token_id=55, pad_token_id=55,
    ))  # fmt: skip
    scheduler = diffusers.DDIMScheduler(clip_sample=False)
    pipeline = diffusers.StableDiffusionControlNetInpaintPipeline(
        vae=vae, text_encoder=text, tokenizer=clip, unet=unet, controlnet=control, scheduler=scheduler,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.save_pretrained(folder, safe_serialization=True)
