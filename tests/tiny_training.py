"""Tiny models and pools to train: shared by the tests, and run as a script it is one of two processes."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from diachron.data.nomenclature import nomenclatures
from diachron.data.questions import QuestionGenerator
from diachron.data.sample import Sample
from diachron.model.backend import PreTrainedTokenizerFast
from diachron.model.change_model import ChangeModel
from diachron.model.sequences import SequenceBuilder
from diachron.training.batches import TextBatches, VisionBatches
from diachron.training.config import MixtureConfig, ModelConfig, StageConfig, TrainingConfig
from diachron.training.loop import Trainer
from diachron.training.processes import ALONE, Processes, joined, shard
from diachron.training.start import new_model
from diachron.training.tokenizer import train_tokenizer

SIZES = ModelConfig(
    vocabulary_size=400, hidden_size=32, language_layers=2, language_mlp=64, language_heads=2, key_value_heads=1,
    vision_size=24, vision_layers=1, vision_mlp=48, vision_heads=2, pyramid_weights="",
)  # fmt: skip
STAGE = StageConfig("tiny", steps=3, vision_batch=2, crop_px=64, text_batch=2, text_every=2, warmup=1)
TEXTS = ["where are new buildings?", "en look task= where change= any> building date= both <image_latent>"] * 20


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(TEXTS, SIZES.vocabulary_size)


def tiny_model(seed: int = 0) -> ChangeModel:
    torch.manual_seed(seed)
    return new_model(SIZES, tiny_tokenizer())


def tiny_sample(seed: int = 0, side: int = 96) -> Sample:
    """A pair on which a quarter became buildings."""
    rng = np.random.default_rng(seed)
    first = np.full((side, side), 10, np.uint8)
    last = first.copy()
    last[: side // 2, : side // 2] = 1
    dates = [rng.integers(0, 90, (3, side, side), dtype=np.uint8) + 100 * (each == 1) for each in (first, last)]
    images = [each.astype(np.uint8) for each in dates]
    change = (first != last).astype(np.uint8)
    damage = np.where(last == 1, 3, 0).astype(np.uint8)
    return Sample(
        images[0], images[1], change, 0, first, last, "flair", 0.5, "test", "", "here", str(seed), damage=damage
    )


def config(**changes: object) -> TrainingConfig:
    mixture = MixtureConfig(levir=0, levir_native=0, land_cover=0, dubai=0, synthetic=0.8, identical=0.2)
    base = TrainingConfig("tiny", "0", stages=(STAGE,), model=SIZES, mixture=mixture, threads=1, clip=1e6, ema=0.5)
    return replace(base, **changes)


def trainer(
    settings: TrainingConfig, model: ChangeModel, run: Path, processes: Processes = ALONE, kind: type[Trainer] = Trainer
) -> Trainer:
    run.mkdir(parents=True, exist_ok=True)
    sequences, questions = SequenceBuilder(tiny_tokenizer()), QuestionGenerator(seed=1)
    pools = {"synthetic": [tiny_sample(0), tiny_sample(1)]}
    vision = VisionBatches(pools, settings.mixture, settings.augment, nomenclatures(), sequences, questions)
    return kind(settings, model, vision, TextBatches(questions, sequences), run, processes)


def main(folder: Path) -> None:
    """Train as one of the processes that the environment names: with whole weights, then with parted ones."""
    torch.set_num_threads(1)
    with joined() as processes:
        for name in ("whole", "parted"):
            model = tiny_model()
            if name == "parted":
                shard(model)
            trainer(config(), model, folder / name, processes).train()
        if processes.first:
            (folder / "done.json").write_text(json.dumps({"count": processes.count}), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
