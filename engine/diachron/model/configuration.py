"""Configuration of the change model: VideoLLaMA3's own, and the image decoder's."""

from __future__ import annotations

from huggingface_hub.dataclasses import strict

from diachron.model.backend import VideoLlama3Config


@strict
class DiachronConfig(VideoLlama3Config):
    """VideoLLaMA3's configuration with the image decoder's sizes.

    ``pyramid`` names the timm backbone of the convolutional pyramid. Where ``vision_config.num_channels`` is 3 the
    vision encoder reads pixels (``2b``, ``7b``); otherwise it reads the pyramid's coarsest map, one cell a patch
    (``mini``: a hybrid ViT, so that each pixel is encoded once).
    ``embedding_size`` is the length of the pixel and class-text embeddings; ``decoder_channels`` are those of
    the U-Net blocks from 1/16 to 1/4 of the resolution; ``latent_token_id`` is the id of ``<image_latent>``.
    """

    model_type = "diachron"

    pyramid: str = "tf_efficientnet_lite0"
    pyramid_channels: tuple[int, ...] | list[int] = (16, 24, 40, 112, 320)
    decoder_width: int = 192
    decoder_heads: int = 6
    decoder_channels: tuple[int, ...] | list[int] = (96, 64, 48)
    embedding_size: int = 64
    latent_token_id: int = 3

    @property
    def cell_px(self) -> int:
        """Side of the square of pixels behind one image token."""
        return 32 if self.vision_config.num_channels != 3 else self.vision_config.patch_size
