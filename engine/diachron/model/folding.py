"""Batch normalisation folded into the convolutions before it, for inference."""

from __future__ import annotations

import torch
from torch import nn


def fold_normalisation(model: nn.Module) -> None:
    """Fold each batch normalisation into the convolution before it (exact: running statistics are constants)."""
    for parent in list(model.modules()):
        previous: tuple[str, nn.Conv2d] | None = None
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm2d) and previous is not None:
                _fold(parent, previous, name, child)
                previous = None
            else:
                previous = (name, child) if isinstance(child, nn.Conv2d) else None


def _fold(parent: nn.Module, conv: tuple[str, nn.Conv2d], name: str, norm: nn.BatchNorm2d) -> None:
    convolution = conv[1]
    assert norm.running_mean is not None and norm.running_var is not None
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    bias = convolution.bias if convolution.bias is not None else torch.zeros_like(norm.running_mean)
    convolution.weight = nn.Parameter(convolution.weight * scale.view(-1, 1, 1, 1), requires_grad=False)
    convolution.bias = nn.Parameter((bias - norm.running_mean) * scale + norm.bias, requires_grad=False)
    # timm's normalisation layers hold the activation that follows them.
    rest = nn.Sequential(
        *[part for part in (getattr(norm, "drop", None), getattr(norm, "act", None)) if part is not None]
    )
    setattr(parent, name, rest)
