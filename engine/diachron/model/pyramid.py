"""The light convolutional pyramid that both dates go through."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from diachron.model.backend import create_backbone

# TensorFlow's EfficientNet-Lite was trained on pixels mapped from [0, 255] to about [-1, 1].
PIXEL_MEAN = 127.0
PIXEL_SCALE = 128.0


class ConvPyramid(nn.Module):
    """EfficientNet-Lite features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the resolution.

    Batch normalisation always uses its running statistics, in training too: a tile's features never depend on
    the other tiles of its batch.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self.body = create_backbone(name, features_only=True, pretrained=False)
        self.channels: tuple[int, ...] = tuple(self.body.feature_info.channels())

    def train(self, mode: bool = True) -> ConvPyramid:
        """Set training mode, keeping batch normalisation on its running statistics."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the five feature maps, finest first.

        Parameters
        ----------
        images: uint8 or float pixels in 0..255, shape [N, 3, H, W]; H and W multiples of 32.
        """
        pixels = (images.to(next(self.body.parameters()).dtype) - PIXEL_MEAN) / PIXEL_SCALE
        return list(self.body(pixels.contiguous(memory_format=torch.channels_last)))
