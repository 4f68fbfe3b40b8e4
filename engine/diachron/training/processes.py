"""Processes that train one model together (``torchrun``, ``accelerate launch``; one machine or many).

Each process draws its own batches; gradients are averaged before the step, so that all keep the same weights. Where one
device cannot hold the weights, the layers of both transformers are parted among the processes (FSDP).
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from diachron.model.change_model import ChangeModel


@dataclass(frozen=True)
class Processes:
    """How many train together, and which of them this one is, from 0."""

    rank: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """True in the process that writes checkpoints, curves and the model."""
        return self.rank == 0

    def agreed(self, holds: bool) -> bool:
        """True where it holds in every process."""
        if self.count == 1:
            return holds
        told = torch.tensor(float(holds), device=_device())
        dist.all_reduce(told, dist.ReduceOp.MIN)
        return bool(told.item())

    def average(self, tensors: Iterable[Tensor | None]) -> None:
        """Give each tensor the mean of all processes; parted ones have it already. All name the same tensors."""
        whole = [tensor for tensor in tensors if tensor is not None and not isinstance(tensor, DTensor)]
        if self.count == 1 or not whole:
            return
        flat = torch.cat([tensor.flatten() for tensor in whole])
        dist.all_reduce(flat)
        flat /= self.count
        for tensor, mean in zip(whole, flat.split([tensor.numel() for tensor in whole]), strict=True):
            tensor.copy_(mean.view_as(tensor))


ALONE = Processes()


@contextmanager
def joined() -> Iterator[Processes]:
    """Join the processes that a launcher started, or be the only one."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield ALONE
        return
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield Processes(dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()


def _device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


# -- parted weights ---------------------------------------------------------------------------


def shard(model: ChangeModel) -> None:
    """Part each layer of the language model and of the vision encoder among the processes; the rest stays whole."""
    for layer in (*model.model.language_model.layers, *model.model.vision_model.encoder.layers):
        fully_shard(layer)


def whole(tensor: Tensor) -> Tensor:
    """Return a tensor that may be parted as a whole one; every process must ask."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def parted_like(tensor: Tensor, other: Tensor) -> Tensor:
    """Return a whole tensor parted as ``other`` is."""
    if not isinstance(other, DTensor):
        return tensor
    return distribute_tensor(tensor.to(other.device), other.device_mesh, other.placements)


def clip_gradients(weights: Sequence[nn.Parameter], most: float) -> float:
    """Scale gradients so that their common norm is at most ``most``; return the norm there was."""
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    if not any(isinstance(gradient, DTensor) for gradient in gradients):
        return float(torch.nn.utils.clip_grad_norm_(weights, most))
    norm = math.sqrt(sum(float(whole(gradient.float().norm())) ** 2 for gradient in gradients))
    if norm > most:
        for gradient in gradients:
            gradient.mul_(most / norm)
    return norm
