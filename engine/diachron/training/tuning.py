"""Tuning: a model of ours or a VideoLLaMA3 checkpoint from a folder, whole or by an adapter that is then written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from diachron.model.adapters import AdapterCard, AdapterSpec, add_adapter, fingerprint, write_adapter
from diachron.model.backend import PreTrainedTokenizerFast
from diachron.model.card import CARD_FILE, read_card
from diachron.model.change_model import ChangeModel
from diachron.model.checkpoints import THEIRS, checkpoint_kind, open_checkpoint, our_tokens
from diachron.model.folders import model_folder
from diachron.training.config import AdapterConfig, TrainingConfig
from diachron.training.start import imagenet_pyramid

if TYPE_CHECKING:
    from peft import PeftModel

TILE_PX, OVERLAP_PX = 512, 64


@dataclass(frozen=True)
class Tuned:
    """What is trained: the model, its tokenizer, the folder it comes from, and the adapter where there is one."""

    model: ChangeModel
    tokenizer: PreTrainedTokenizerFast
    base: Path
    adapter: PeftModel | None


def open_to_tune(config: TrainingConfig) -> Tuned:
    """Open the folder that a recipe tunes, with a new adapter where it asks for one.

    A VideoLLaMA3 checkpoint gets an image decoder, whose pyramid starts from ImageNet; an adapter then carries both,
    and the embeddings of all our tokens. On a model of ours only ``<image_latent>`` is learnt anew.
    """
    base = model_folder(config.model.folder)
    theirs = checkpoint_kind(base) == THEIRS
    model, tokenizer = open_checkpoint(base)
    if theirs and config.model.pyramid_weights:
        model.pyramid.body.load_state_dict(imagenet_pyramid(config.model.pyramid_weights), strict=False)
    if not config.adapter.rank:
        return Tuned(model, tokenizer, base, None)
    adapter = add_adapter(model, _spec(config.adapter, theirs, model, tokenizer))
    return Tuned(model, tokenizer, base, adapter)


def _spec(config: AdapterConfig, theirs: bool, model: ChangeModel, tokenizer: PreTrainedTokenizerFast) -> AdapterSpec:
    save = (*config.save, "pyramid") if theirs else config.save
    tokens = our_tokens(tokenizer) if theirs else (int(model.config.latent_token_id),)
    return AdapterSpec(config.rank, config.alpha, config.layers, tuple(dict.fromkeys(save)), tokens)


def write_tuned_adapter(
    folder: Path,
    config: TrainingConfig,
    tuned: Tuned,
    weights: dict[str, torch.Tensor],
    sources: Sequence[str],
    seconds: float,
) -> None:
    """Write the adapter of a run with its card, as data and as a page to read; ``seconds`` is what training took."""
    assert tuned.adapter is not None
    card = read_card(tuned.base) if (tuned.base / CARD_FILE).is_file() else None
    told = AdapterCard(
        name=config.name, version=config.version, task=config.adapter.task,
        base=card.name if card else tuned.base.name, base_version=card.version if card else "",
        base_fingerprint=fingerprint(tuned.base), licence=config.adapter.licence, sources=tuple(sources),
        threshold=config.use.threshold, tile_px=TILE_PX, overlap_px=OVERLAP_PX,
        finest_gsd_m=config.use.finest_gsd_m, sha256={}, coarsest_gsd_m=config.use.coarsest_gsd_m,
    )  # fmt: skip
    write_adapter(folder, tuned.adapter, weights, told)
    (folder / "README.md").write_text(page(told, config, seconds), encoding="utf-8")


def page(card: AdapterCard, config: TrainingConfig, seconds: float) -> str:
    """Return an adapter's card to read: licence first, then what it is, its data, its recipe and its cost."""
    stages = "\n".join(
        f"- {stage.name}: {stage.steps} steps of {stage.vision_batch * stage.accumulate} pairs of {stage.crop_px} px"
        for stage in config.stages
    )
    sources = "\n".join(f"- {source}" for source in card.sources)
    suite = f"diachron evaluate {card.task} --adapter {card.name}" if card.task else "diachron evaluate SUITE"
    return f"""# Adapter `{card.name}` {card.version} for `{card.base}` {card.base_version}

**{card.licence}.** Every `answer.json` made with it repeats this, beside the licence of the weights it is used with.

LoRA of rank {config.adapter.rank} on the language model; its own {", ".join(config.adapter.save)}. For one base only:
`{card.base}` {card.base_version}, SHA-256 {card.base_fingerprint}. On other weights it is refused.

## Data
{sources}

## Recipe
{stages}

{seconds / 60:.0f} minutes of training with {config.threads} threads, seed {config.seed}.
Figures on places that it has not seen: `{suite}`.
"""
