"""The libraries the model is built from, imported once torchvision can be."""

from __future__ import annotations

from diachron.model.torchvision_shim import declare_missing_operators

declare_missing_operators()

from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoderBlock
from timm import create_model as create_backbone
from transformers import (
    AttentionInterface,
    PreTrainedTokenizerFast,
    Qwen2Config,
    VideoLlama3Config,
    VideoLlama3ForConditionalGeneration,
    VideoLlama3VisionConfig,
)

__all__ = [
    "AttentionInterface",
    "PreTrainedTokenizerFast",
    "Qwen2Config",
    "UnetDecoderBlock",
    "VideoLlama3Config",
    "VideoLlama3ForConditionalGeneration",
    "VideoLlama3VisionConfig",
    "create_backbone",
]
