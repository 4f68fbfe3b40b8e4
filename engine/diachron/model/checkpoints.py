"""A folder as a `ChangeModel`: one of ours, or a VideoLLaMA3 checkpoint, which gets an image decoder and our tokens.

Safetensors and JSON only. A checkpoint's own weights keep their names, so that one folder serves both projects; what it
lacks (pyramid, decoder, query and class-text layers) begins untrained and is what an adapter brings.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError

from diachron.errors import UnusableInput
from diachron.model.backend import PreTrainedTokenizerFast, VideoLlama3Config
from diachron.model.change_model import ChangeModel
from diachron.model.configuration import DiachronConfig
from diachron.model.sequences import SPECIAL_TOKENS

OURS, THEIRS = "diachron", "video_llama_3"


def checkpoint_kind(folder: Path) -> str:
    """Return whose checkpoint a folder holds, `OURS` or `THEIRS`.

    Raises
    ------
    UnusableInput: it has no configuration, or one of another kind of model.
    """
    path = folder / "config.json"
    try:
        kind = json.loads(path.read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError) as error:
        advice = "name a folder with config.json and safetensors weights"
        raise UnusableInput("the model's configuration cannot be read", str(path), advice) from error
    if kind not in (OURS, THEIRS):
        raise UnusableInput(f"a model of type {kind!r} cannot be used", str(path), f"use {OURS} or {THEIRS}")
    return str(kind)


def open_checkpoint(folder: Path, words: Path | None = None) -> tuple[ChangeModel, PreTrainedTokenizerFast]:
    """Load the model and the tokenizer of a folder, float32, on the CPU.

    ``words`` is the folder whose tokenizer is used, where it is not the model's own (an adapter's).

    Raises
    ------
    UnusableInput: the weights or the tokenizer cannot be read.
    """
    kind = checkpoint_kind(folder)
    try:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(words or folder, local_files_only=True)
        model = _ours(folder) if kind == OURS else _theirs(folder, tokenizer)
    except (OSError, SafetensorError, ValueError) as error:
        raise UnusableInput("the weights cannot be read", str(folder), "install the weights again") from error
    return model.to(memory_format=torch.channels_last), tokenizer


def _ours(folder: Path) -> ChangeModel:
    model: ChangeModel = ChangeModel.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
    )
    return model


def _theirs(folder: Path, tokenizer: PreTrainedTokenizerFast) -> ChangeModel:
    """Load a VideoLLaMA3 checkpoint; ``tokenizer`` gets the tokens that it lacks."""
    tokenizer.add_tokens([token for token in SPECIAL_TOKENS if token not in tokenizer.get_vocab()], special_tokens=True)
    theirs = VideoLlama3Config.from_pretrained(folder, local_files_only=True)
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in SPECIAL_TOKENS}
    config = DiachronConfig(
        text_config=theirs.text_config.to_dict(), vision_config=theirs.vision_config.to_dict(),
        tie_word_embeddings=theirs.tie_word_embeddings, image_token_id=ids["<image>"],
        video_token_id=ids["<video>"], latent_token_id=ids["<image_latent>"],
        decoder_width=384, decoder_channels=(160, 96, 64),
    )  # fmt: skip
    model: ChangeModel = ChangeModel.from_pretrained(
        folder, config=config, local_files_only=True, use_safetensors=True, dtype=torch.float32
    )
    model.begin_decoder()
    if len(tokenizer) > model.get_input_embeddings().num_embeddings:
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    return model


def our_tokens(tokenizer: PreTrainedTokenizerFast) -> tuple[int, ...]:
    """Return the ids of our special tokens."""
    return tuple(sorted(tokenizer.convert_tokens_to_ids(token) for token in SPECIAL_TOKENS))
