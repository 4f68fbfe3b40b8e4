"""`diachron train`: from a recipe to a model folder that can be shipped."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers.utils import logging

from diachron.data import real
from diachron.data.damage import damage_samples, with_levels
from diachron.data.nomenclature import flair, nomenclature, nomenclatures
from diachron.data.questions import QuestionGenerator
from diachron.data.sample import Sample
from diachron.errors import UnusableInput
from diachron.model.backend import PreTrainedTokenizerFast
from diachron.model.card import CARD_FILE, ModelCard, read_card, write_card
from diachron.model.change_model import ChangeModel
from diachron.model.loading import device_for
from diachron.model.prompts import fact_lines, reading_target
from diachron.model.sequences import SequenceBuilder
from diachron.synthesis.hybrid import synthesized_samples
from diachron.synthesis.scene import generate_pair
from diachron.training.batches import TextBatches, VisionBatches, inverse_shares
from diachron.training.config import MixtureConfig, TrainingConfig, read_config
from diachron.training.loop import Trainer
from diachron.training.processes import Processes, joined, shard, whole
from diachron.training.start import new_model
from diachron.training.tokenizer import train_tokenizer
from diachron.training.tuning import Tuned, open_to_tune, write_tuned_adapter

TOKENIZER_TEXTS = 40_000
LANGUAGE = "model.language_model."


def train(recipe: Path, run: Path, folder: str | None = None) -> None:
    """Train a recipe in the folder ``run``, going on from its checkpoint where there is one, and write ``run/model``,
    or ``run/adapter`` where the recipe trains one. ``folder`` is what is tuned, if not the recipe's own.
    """
    config = read_config(recipe)
    if folder is not None:
        config = replace(config, model=replace(config.model, folder=folder))
    train_config(config, run)


def train_config(config: TrainingConfig, run: Path) -> None:
    """Train what a recipe says, as `train` does."""
    run.mkdir(parents=True, exist_ok=True)
    print(json.dumps(asdict(config), indent=1), file=sys.stderr)
    logging.set_verbosity_error()  # a checkpoint that gets a decoder lacks its weights, as it should
    logging.disable_progress_bar()
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    with joined() as processes:
        tuned = open_to_tune(config) if config.model.folder else _begin(config, run)
        pools = sample_pools(config)
        trainer = _trainer(config, tuned, pools, run, processes)
        trainer.train()
        weights = {name: whole(tensor) for name, tensor in trainer.mean.weights.items()}
        if config.mean_with:
            earlier = _weights_of(run.parent / config.mean_with)
            weights = mean_of(weights, earlier, config.mean_share, config.mean_language)
        if processes.first and tuned.adapter is not None:
            sources, seconds = _source_lines(list(pools)), trainer.place.seconds
            write_tuned_adapter(run / "adapter", config, tuned, weights, sources, seconds)
        elif processes.first:
            begun = run.parent / config.start / "model" if config.start else run
            write_model(run / "model", config, tuned.model, weights, tuned.tokenizer, trainer.vision.names, begun)


def _begin(config: TrainingConfig, run: Path) -> Tuned:
    """Return a model to train wholly: a new one, or with the weights of the runs that it goes on from."""
    tokenizer = _tokenizer(config, run)
    model = new_model(config.model, tokenizer)
    if config.start:
        _go_on_from(model, run.parent / config.start, config.new_words)
    if config.start_language:
        _take_language(model, run.parent / config.start_language)
    return Tuned(model, tokenizer, run, None)


def _trainer(
    config: TrainingConfig, tuned: Tuned, pools: dict[str, Sequence[Sample]], run: Path, processes: Processes
) -> Trainer:
    model = tuned.model.to(device_for(config.device))
    if config.shard:
        shard(model)
    sequences = SequenceBuilder(tuned.tokenizer)
    questions = QuestionGenerator(seed=config.seed, split="train")
    used = {sample.nomenclature for pool in pools.values() for sample in pool}
    known = {name: nomenclature(name) for name in used} if used == {"damage"} else nomenclatures()
    weights = inverse_shares(pools.values(), config.class_weights) if config.class_weights else None
    vision = VisionBatches(
        pools, config.mixture, config.augment, known, sequences, questions, weights, model.config.cell_px
    )
    return Trainer(config, model, vision, TextBatches(questions, sequences), run, processes)


def _go_on_from(model: ChangeModel, run: Path, new_words: bool) -> None:
    """Take over another run's weights, but for the word embeddings where the tokenizer is another one."""
    weights = _weights_of(run)
    if new_words:
        weights = {name: tensor for name, tensor in weights.items() if "embed_tokens" not in name}
    left_out = model.load_state_dict(weights, strict=False)
    print(f"going on from {run}; weights of their own: {', '.join(left_out.missing_keys) or 'none'}", file=sys.stderr)


def _take_language(model: ChangeModel, run: Path) -> None:
    """Take over the language model of another run."""
    weights = {name: tensor for name, tensor in _weights_of(run).items() if name.startswith(LANGUAGE)}
    model.load_state_dict(weights, strict=False)
    print(f"the language model is that of {run}", file=sys.stderr)


def mean_of(
    weights: dict[str, torch.Tensor], others: dict[str, torch.Tensor], share: float = 0.5, language: float = 1.0
) -> dict[str, torch.Tensor]:
    """Return the mean of two runs' weights, ``share`` of it the first's, and of the language model ``language``.

    Where one run goes on from the other, their mean finds more than either (Wortsman et al. 2022, "Model soups"), above
    all on images unlike those of the last run (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").
    """

    def mean(name: str, tensor: torch.Tensor) -> torch.Tensor:
        if not tensor.is_floating_point() or name not in others:
            return tensor
        part = language if name.startswith(LANGUAGE) else share
        return part * tensor.float() + (1 - part) * others[name].to(tensor.device)

    return {name: mean(name, tensor) for name, tensor in weights.items()}


def _weights_of(run: Path) -> dict[str, torch.Tensor]:
    """Return a run's running mean, else (a run of which only the model was kept) its shipped weights in float32."""
    for path in (run / "checkpoint" / "mean.safetensors", run / "model" / "model.safetensors"):
        if path.is_file():
            return {
                name: tensor.float() if tensor.is_floating_point() else tensor
                for name, tensor in load_file(path).items()
            }
    raise UnusableInput("the run to go on from has neither checkpoint nor model", str(run), "train it first")


def _tokenizer(config: TrainingConfig, run: Path) -> PreTrainedTokenizerFast:
    """Return the run's tokenizer: its own from before, else that of the run it goes on from, else a new one."""
    folder = run / "tokenizer"
    if not folder.exists() and config.start and not config.new_words:
        begun = run.parent / config.start
        taken = next((each for each in (begun / "tokenizer", begun / "model") if each.is_dir()), None)
        if taken is None:
            raise UnusableInput("the run to go on from has no tokenizer", str(begun), "train it first")
        folder.mkdir()
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(taken / name, folder / name)
    if not folder.exists():
        train_tokenizer(_texts(config.seed), config.model.vocabulary_size).save_pretrained(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)


def _texts(seed: int) -> Sequence[str]:
    """Return what the tokenizer is trained on: questions, readings, fact tables and answers."""
    questions = QuestionGenerator(seed=seed, split="train")
    texts: list[str] = []
    for _ in range(TOKENIZER_TEXTS // 4):
        read, tell = questions.sample_read(), questions.sample_tell()
        texts += [read.question.lower(), reading_target(read.language, read.look), fact_lines(tell.facts), tell.text]
    for row in flair().synonyms:
        texts += [phrase.lower() for phrase in row]
    return texts


def sample_pools(config: TrainingConfig) -> dict[str, Sequence[Sample]]:
    """Read or make every pool of samples that the mixture draws from."""
    mixture: MixtureConfig = config.mixture
    readers = {
        "levir": lambda: list(real.building_change_pairs("levir_cd_train")),
        "levir_native": lambda: list(real.building_change_pairs("levir_cd_train_native_jittered")),
        "land_cover": lambda: list(real.land_cover_pairs(held_out=False)),
        "dubai": lambda: list(real.dubai_images(held_out=False)),
        "synthetic": lambda: made(partial(synthetic_pairs, config.seed), config.synthetic_pairs, config.workers),
        "synthesized": lambda: made(
            partial(synthesized_samples, config.seed), config.synthesized_pairs, config.workers
        ),
        "damage": lambda: [with_levels(sample) for sample in damage_samples(held_out=False)],
    }
    return {name: read() for name, read in readers.items() if getattr(mixture, name) > 0}


def made(make: Callable[[range], list[Sample]], count: int, workers: int) -> list[Sample]:
    """Make the samples 0 to ``count``, a part of them in each of the ``workers`` processes where there are some."""
    if not workers:
        return make(range(count))
    share = -(-count // workers)
    parts = [range(start, min(count, start + share)) for start in range(0, count, share)]
    with ProcessPoolExecutor(workers, mp_context=get_context("fork")) as pool:
        return [sample for part in pool.map(make, parts) for sample in part]


def synthetic_pairs(seed: int, numbers: range) -> list[Sample]:
    """Return the procedural pairs of these numbers, 512 pixels of 0.3 to 1 m."""
    samples = []
    for number in numbers:
        gsd_m = (0.3, 0.5, 0.7, 1.0)[number % 4]
        pair = generate_pair(seed * 100_000 + number, size_px=512, gsd_m=gsd_m)
        samples.append(
            Sample(
                pair.before,
                pair.after,
                pair.change.astype("uint8"),
                0,
                pair.classes_before,
                pair.classes_after,
                "flair",
                gsd_m,
                "procedural",
                "the project's own",
                f"procedural/{number}",
                str(number),
            )  # fmt: skip
        )
    return samples


def write_model(
    folder: Path,
    config: TrainingConfig,
    model: ChangeModel,
    weights: dict[str, torch.Tensor],
    tokenizer: PreTrainedTokenizerFast,
    sources: Sequence[str],
    begun: Path,
) -> None:
    """Write weights (float16, which loses nothing that evaluation can see), configuration, tokenizer and card.

    The card names the sources of the model ``begun`` from too, where that has a card.
    """
    earlier = read_card(begun).sources if (begun / CARD_FILE).is_file() else ()
    model.load_state_dict(weights, strict=False)
    folder.mkdir(parents=True, exist_ok=True)
    model.to(torch.float16).save_pretrained(folder, safe_serialization=True)
    tokenizer.save_pretrained(folder)
    files = ("model.safetensors", "config.json", "tokenizer.json")
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}
    write_card(folder, ModelCard(
        name=config.name, version=config.version, adapter="",
        licence="non-commercial: trained on LEVIR-CD (academic, non-commercial)",
        sources=tuple(dict.fromkeys([*earlier, *_source_lines(sources)])),
        threshold=config.use.threshold, tile_px=512, overlap_px=64,
        finest_gsd_m=config.use.finest_gsd_m, sha256=sums, coarsest_gsd_m=config.use.coarsest_gsd_m,
    ))  # fmt: skip


def _source_lines(pools: Sequence[str]) -> tuple[str, ...]:
    folders = {
        "levir": ["levir_cd_train"],
        "levir_native": ["levir_cd_train_native_jittered"],
        "land_cover": ["fotbcd", "dsifn", "xbd_harvey", "ida_bd"],
        "dubai": ["dubai_land_cover"],
        "synthesized": ["fotbcd", "dsifn", "xbd_harvey", "ida_bd"],
        "damage": ["xbd_harvey", "ida_bd"],
    }
    named = {folder for pool in pools for folder in folders.get(pool, [])}
    lines = [f"{name}: {real.REAL_SOURCES[name].licence}" for name in sorted(named)]
    if set(pools) == {"damage"}:
        return tuple(lines)
    return (
        *lines,
        "land-cover labels: CC0",
        "procedural scenes: the project's own",
        "EfficientNet-Lite0 ImageNet weights: Apache-2.0",
    )
