"""Losses, all in float32."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from diachron.data.sample import IGNORED


def change_loss(logits: Tensor, change: Tensor) -> Tensor:
    """Binary cross-entropy plus Dice over the known pixels.

    ``logits`` float [B, H, W]; ``change`` uint8 [B, H, W] of 0, 1 and `IGNORED`. Dice (Milletari et al. 2016) is
    pooled over the
    batch, so that crops without change neither dominate nor vanish. Where nothing is known it is 0.
    """
    # Unknown pixels are weighed by 0 and not cut out: that asks a GPU for no sorting, and nobody waits for a count.
    known, truth = (change != IGNORED).float(), (change == 1).float()
    logits = logits.float()
    entropy = F.binary_cross_entropy_with_logits(logits, truth, known, reduction="sum") / known.sum().clamp(min=1)
    probability = logits.sigmoid() * known
    dice = 1 - (2 * (probability * truth).sum() + 1) / (probability.sum() + truth.sum() + 1)
    return entropy + dice


def class_loss(logits: Tensor, targets: Tensor, weights: Tensor | None = None) -> Tensor:
    """Cross-entropy over labelled cells: logits [B, 2, K, h, w], targets int64 [B, 2, h, w] with -1 unlabelled; each
    class counts by ``weights`` [K] where they are given.
    """
    if not bool((targets >= 0).any()):
        return logits.sum() * 0.0
    return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(0, 1), weights, ignore_index=-1)


def text_loss(logits: Tensor, ids: Tensor) -> Tensor:
    """Cross-entropy of written tokens: logits [N, V] at the places before them, ids int64 [N]."""
    return F.cross_entropy(logits.float(), ids) if len(ids) else logits.sum() * 0.0


def finite(loss: Tensor) -> bool:
    """True where a loss is a finite number."""
    return bool(torch.isfinite(loss).all())
