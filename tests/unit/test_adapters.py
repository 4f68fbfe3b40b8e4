"""Tuning by an adapter: a VideoLLaMA3 folder, and a model of ours; adapters put on, taken off and refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import torch

from diachron.cli import main
from diachron.damage import TASK, asked_maps, note_damage, with_levels
from diachron.data.damage import with_levels as with_damage_classes
from diachron.data.sample import IGNORED
from diachron.errors import UnusableInput
from diachron.model.adapters import AdapterCard, check_base, fingerprint, read_adapter_card
from diachron.model.backend import VideoLlama3Config, VideoLlama3ForConditionalGeneration
from diachron.model.card import ModelCard, write_card
from diachron.model.checkpoints import open_checkpoint, our_tokens
from diachron.model.damage import FIRST_LEVEL, NO_BUILDING
from diachron.model.interpreter import Reading
from diachron.model.loading import LoadedModel
from diachron.model.look import Look
from diachron.model.sequences import SPECIAL_TOKENS
from diachron.model.vocabulary import load_vocabulary
from diachron.results.maps import Maps
from diachron.training import recipe
from diachron.training.config import AdapterConfig
from diachron.training.tuning import open_to_tune
from tiny_training import TEXTS, config, tiny_model, tiny_sample, tiny_tokenizer

LOOK = Look("count", ("any",), ("building",))
READING = Reading("where are new buildings?", "en", LOOK, "")
ADAPTER = """
name = "tuned"
version = "0"
threads = 1
[model]
pyramid_weights = ""
[adapter]
rank = 2
task = "{task}"
licence = "for tests"
[mixture]
levir = 0.0
levir_native = 0.0
land_cover = 0.0
dubai = 0.0
synthetic = {synthetic}
identical = 0.0
damage = {damage}
[[stages]]
name = "tune"
steps = 2
vision_batch = 1
crop_px = 64
text_batch = {text}
warmup = 1
"""


def video_llama_folder(folder: Path, tied: bool = True) -> Path:
    """Save a tiny VideoLLaMA3 with random weights as the published checkpoints are laid out."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.BPE())
    words.pre_tokenizer, words.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    words.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=300, initial_alphabet=alphabet))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    torch.manual_seed(0)
    text = {
        "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 512, "tie_word_embeddings": tied,
        "pad_token_id": tokenizer.pad_token_id, "eos_token_id": tokenizer.eos_token_id, "bos_token_id": None,
    }  # fmt: skip
    vision = {
        "hidden_size": 24, "intermediate_size": 48, "num_hidden_layers": 1, "num_attention_heads": 2,
        "patch_size": 14, "num_channels": 3,
    }  # fmt: skip
    model = VideoLlama3ForConditionalGeneration(
        VideoLlama3Config(
            text_config=text, vision_config=vision, tie_word_embeddings=tied, image_token_id=1, video_token_id=2
        )
    )
    model.save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)
    processor = {"image_processor_type": "VideoLlama3ImageProcessor", "patch_size": 14, "merge_size": 1}
    (folder / "preprocessor_config.json").write_text(json.dumps(processor), encoding="utf-8")
    return folder


def our_folder(folder: Path) -> Path:
    tiny_model().save_pretrained(folder, safe_serialization=True)
    tiny_tokenizer().save_pretrained(folder)
    write_card(folder, ModelCard("base", "1", "", "free", ("nothing",), 0.5, 128, 32, 0.5, {}))
    return folder


def trained(folder: Path, base: Path, monkeypatch: pytest.MonkeyPatch, task: str = "") -> Path:
    """Train an adapter by the command, and return its folder."""
    damaged = task == "damage"
    text = ADAPTER.format(task=task, synthetic=float(not damaged), damage=float(damaged), text=0 if damaged else 2)
    (folder / "recipe.toml").write_text(text, encoding="utf-8")
    sample = tiny_sample()
    pool = {
        "damage": [with_damage_classes(replace(sample, classes_before=(sample.classes_after == 1).astype(np.uint8)))]
    }
    monkeypatch.setattr(recipe, "sample_pools", lambda settings: pool if damaged else {"synthetic": [sample]})
    assert main(["train", str(folder / "recipe.toml"), "--model", str(base), "--out", str(folder / "run")]) == 0
    return folder / "run" / "adapter"


def write_image(path: Path, values: np.ndarray) -> str:
    with rasterio.open(path, "w", driver="PNG", count=3, height=96, width=96, dtype="uint8") as file:
        file.write(values)
    return str(path)


def test_a_video_llama_folder_is_tuned_and_its_adapter_answers_a_question(tmp_path, monkeypatch, capsys):
    base = video_llama_folder(tmp_path / "VideoLLaMA3-tiny")
    adapter = trained(tmp_path, base, monkeypatch)
    files = {"adapter_model.safetensors", "adapter_config.json", "card.json", "README.md"}
    assert {path.name for path in adapter.iterdir()} == files
    assert "**for tests.**" in (adapter / "README.md").read_text(encoding="utf-8")
    sample = tiny_sample()
    pair = [write_image(tmp_path / f"{name}.png", getattr(sample, name)) for name in ("before", "after")]
    asked = ["ask", *pair, "--question", "How many buildings are new?", "--look", "task=count change=any>building"]
    asked += ["--language", "en", "--gsd", "0.5", "--model", str(base), "--out"]
    assert main([*asked, str(tmp_path / "out"), "--adapter", str(adapter)]) == 0
    answer = json.loads((tmp_path / "out" / "answer.json").read_text(encoding="utf-8"))
    assert answer["model"]["name"] == "VideoLLaMA3-tiny" and answer["model"]["adapter"] == "tuned"
    assert answer["model"]["licence"] == "for tests"
    capsys.readouterr()
    assert main([*asked, str(tmp_path / "other")]) == UnusableInput.exit_status
    assert "no image decoder of its own" in capsys.readouterr().err


@pytest.mark.parametrize("tied", [True, False])
def test_a_checkpoint_keeps_its_weights_and_gets_our_tokens_and_a_decoder(tied, tmp_path):
    base = video_llama_folder(tmp_path / "base", tied)
    model, tokenizer = open_checkpoint(base)
    theirs = VideoLlama3ForConditionalGeneration.from_pretrained(base, dtype=torch.float32).state_dict()
    ours = model.state_dict()
    for name, weight in theirs.items():
        assert torch.equal(ours[name][: len(weight)], weight), name
    assert len(set(our_tokens(tokenizer))) == len(SPECIAL_TOKENS)
    assert max(our_tokens(tokenizer)) < model.get_input_embeddings().num_embeddings
    sight = model.see(torch.randint(0, 256, (1, 2, 3, 64, 64), dtype=torch.uint8))
    assert sight.vision.shape == (1, 2, 4, 4, 24)
    adapter = AdapterConfig(rank=2)
    tuned = open_to_tune(config(adapter=adapter, model=replace(config().model, folder=str(base))))
    learnt = {name for name, weight in tuned.model.named_parameters() if weight.requires_grad}
    assert not [name for name in learnt if "vision_model" in name]
    for part in ("lora_A", "decoder.modules_to_save", "projector.modules_to_save", "pyramid.modules_to_save"):
        assert any(part in name for name in learnt), part
    rows = [weight for name, weight in tuned.model.named_parameters() if "trainable_tokens_delta" in name]
    assert {len(row) for row in rows} == {len(SPECIAL_TOKENS)} and len(rows) == (1 if tied else 2)


def test_an_adapter_is_put_on_and_taken_off_without_loading_the_base_again(tmp_path, monkeypatch):
    base = our_folder(tmp_path / "base")
    adapter = trained(tmp_path, base, monkeypatch, "damage")
    loaded = LoadedModel(str(base), "cpu")
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 64, 64), np.uint8)
    alone = loaded.interpreter(None)
    seen = alone.maps(images, READING, alone.vocabulary)
    adapted = loaded.interpreter(str(adapter))
    assert np.abs(adapted.maps(images, READING, adapted.vocabulary).change - seen.change).max() < 1e-5
    assert adapted.damage is not None and adapted.card.adapter == "tuned" and "for tests" in adapted.card.licence
    levels = adapted.damage.maps(images, READING, adapted.damage.vocabulary)
    assert levels.classes.shape[1] == 5 and np.abs(levels.change - seen.change).max() > 1e-4
    assert np.abs(adapted.maps(images, READING, adapted.vocabulary).change - seen.change).max() < 1e-5
    again = loaded.interpreter(None)
    assert again.damage is None
    assert np.abs(again.maps(images, READING, again.vocabulary).change - seen.change).max() < 1e-5


@torch.no_grad()
def test_with_an_adapter_too_training_states_are_inference_states(tmp_path):
    base = our_folder(tmp_path / "base")
    tuned = open_to_tune(config(adapter=AdapterConfig(rank=2), model=replace(config().model, folder=str(base))))
    for name, weight in tuned.model.named_parameters():
        if "lora_B" in name or "delta" in name:
            weight.normal_(0, 0.3)
    model = tuned.model.eval()
    ids = torch.randint(10, 300, (1, 24), generator=torch.Generator().manual_seed(0))
    ids[0, -1] = model.config.latent_token_id
    forced = model.states(ids, torch.ones_like(ids, dtype=torch.bool))
    written, cache = [], None
    for position in range(ids.shape[1]):
        embedded = model.get_input_embeddings()(ids[:, position : position + 1])
        output = model.model.language_model(inputs_embeds=embedded, past_key_values=cache, use_cache=True)
        cache = output.past_key_values
        written.append(output.last_hidden_state)
    assert torch.allclose(torch.cat(written, dim=1), forced, atol=1e-4)


def test_an_adapter_of_other_weights_is_refused(tmp_path):
    base, other = tmp_path / "base", tmp_path / "other"
    for folder, content in ((base, b"one"), (other, b"two")):
        folder.mkdir()
        (folder / "card.json").write_text("{}", encoding="utf-8")
        (folder / "model.safetensors").write_bytes(content)
    card = AdapterCard("a", "1", "", "mini", "1.2", fingerprint(base), "free", (), 0.5, 512, 64, 0.5, {})
    check_base(card, base, tmp_path)
    with pytest.raises(UnusableInput, match="trained on other weights, mini 1.2"):
        check_base(card, other, tmp_path)


def test_a_damaged_or_strange_adapter_is_refused(tmp_path):
    with pytest.raises(UnusableInput, match="no card"):
        read_adapter_card(tmp_path)
    card = AdapterCard(
        "a", "1", "", "mini", "1", "x", "free", (), 0.5, 512, 64, 0.5, {"adapter_model.safetensors": "0"}
    )
    (tmp_path / "adapter_model.safetensors").write_bytes(b"weights")
    (tmp_path / "card.json").write_text(json.dumps(vars(card)), encoding="utf-8")
    with pytest.raises(UnusableInput, match="corrupt"):
        read_adapter_card(tmp_path)
    (tmp_path / "card.json").write_text(json.dumps({**vars(card), "task": "poetry"}), encoding="utf-8")
    with pytest.raises(UnusableInput, match="'poetry'"):
        read_adapter_card(tmp_path)


def test_damage_labels_become_levels_with_all_buildings_whole_before():
    sample = tiny_sample()
    damage = np.array(sample.damage)
    damage[0, 0] = IGNORED
    told = with_damage_classes(replace(sample, damage=damage, classes_before=(damage > 0).astype(np.uint8)))
    assert set(np.unique(told.classes_before)) == {FIRST_LEVEL, NO_BUILDING}
    assert told.classes_after[1, 1] == FIRST_LEVEL + 2 and told.classes_after[0, 0] == 0
    assert told.change[1, 1] == 1 and told.change[0, 0] == IGNORED and told.change[-1, -1] == 0


# -- what an adapter for damage adds to an answer ---------------------------------------------


def damage_scene():
    """Two buildings of 20 x 20 pixels; the first is destroyed but for a corner, the second has minor damage."""
    from affine import Affine
    from shapely.geometry import box

    from diachron.rasters.grid import Grid
    from diachron.results.polygons import Change

    grid = Grid(None, Affine(0.5, 0, 0, 0, -0.5, 30), 60, 60, 0.5)
    levels = np.full((60, 60), NO_BUILDING, np.uint8)
    levels[10:30, 10:30], levels[10:14, 10:14], levels[35:55, 35:55] = FIRST_LEVEL + 3, FIRST_LEVEL, FIRST_LEVEL + 1
    plain = np.zeros((60, 60), np.uint8)
    seen = Maps(np.full((60, 60), 7, np.uint8), (plain, levels), plain == 0)
    changes = [
        Change(number, "building", "bare soil", 100.0, "m2", 0.9, box(left, 30 - bottom, right, 30 - top))
        for number, (left, top, right, bottom) in enumerate(((5, 5, 15, 15), (17.5, 17.5, 27.5, 27.5)), 1)
    ]
    return changes, seen, grid


def test_each_change_of_a_building_gets_its_commonest_level():
    changes, damage, grid = damage_scene()
    told = with_levels(changes, damage, Look("list"), load_vocabulary(), grid)
    assert [change.damage for change in told] == ["destroyed", "minor damage"]
    new = [replace(change, source="herbaceous", target="building") for change in changes]
    assert [change.damage for change in with_levels(new, damage, LOOK, load_vocabulary(), grid)] == ["", ""]
    assert with_levels(changes, None, LOOK, load_vocabulary(), grid) == tuple(changes)


def test_in_an_answer_about_damage_a_building_that_stands_stays_one():
    changes, damage, grid = damage_scene()
    look = Look(TASK, ("building",), ("building",))
    told = with_levels(changes, damage, look, load_vocabulary(), grid)
    assert [(change.source, change.target) for change in told] == [("building", "bare soil"), ("building", "building")]
    assert asked_maps(damage, LOOK, replace(damage, change=damage.change + 1)) is damage
    assert asked_maps(damage, look, replace(damage, change=damage.change + 1)).change[0, 0] == 8


def test_levels_are_facts_the_worst_first_each_with_its_polygons():
    from diachron.results.answer import render
    from diachron.results.measures import measure
    from diachron.results.plain import plain_answer

    changes, damage, grid = damage_scene()
    look, vocabulary = Look(TASK, ("building",), ("building",)), load_vocabulary()
    told = with_levels(changes, damage, look, vocabulary, grid)
    facts = measure(look, told, damage, vocabulary, grid)
    assert [(fact.kind, fact.target, fact.value, fact.features) for fact in facts[2:]] == [
        ("damage_count", "destroyed", 1, (1,)), ("damage_count", "minor damage", 1, (2,)),
    ]  # fmt: skip
    text, _ = render(plain_answer(look, facts, "fr", vocabulary), facts, "fr", vocabulary)
    assert "détruit" in text and "dégâts mineurs" in text
    bare = measure(look, changes, damage, vocabulary, grid)
    assert [fact.kind for fact in bare] == ["count", "area", "transition"]


def test_the_engine_says_that_no_adapter_tells_damage():
    from diachron.rasters.preflight import Preflight
    from fake_interpreter import EchoInterpreter

    empty = Preflight(1.0, (0.5, 0.5), (), (0.0, 0.0), (0.0, 0.0), ())
    look = Look(TASK, ("building",), ("building",))
    assert "no adapter for damage" in note_damage(empty, look, EchoInterpreter()).notes[0].what
    assert not note_damage(empty, LOOK, EchoInterpreter()).notes
    assert not note_damage(empty, look, EchoInterpreter(damage=EchoInterpreter())).notes


# -- diachron models --------------------------------------------------------------------------


def test_the_usual_model_is_switched_and_kept_for_later_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    base = our_folder(tmp_path / "base")
    assert main(["models"]) in (0, 1)
    assert "mini, by" in capsys.readouterr().out
    assert main(["models", "--use", str(base)]) in (0, 1)
    assert str(base) in capsys.readouterr().out
    chosen = []

    def load(choice):
        chosen.append(choice)
        raise UnusableInput("enough")

    main(["read", "what changed?"], load=load)
    main(["read", "what changed?", "--model", "mini"], load=load)
    assert [choice.name for choice in chosen] == [str(base), "mini"]
    assert main(["models", "--use", str(tmp_path / "nothing")]) == UnusableInput.exit_status
    assert main(["models", "--use", str(base), "--adapter", "nothing"]) == UnusableInput.exit_status
    assert "no such adapter" in capsys.readouterr().err
