"""Checkpoints: weights, their running mean, the optimiser and the loop's place, all safetensors and JSON.

Only what is trained is in them: of a model with an adapter, the adapter.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.distributed.tensor import DTensor

from diachron.model.change_model import ChangeModel
from diachron.training.processes import parted_like, whole


@dataclass(frozen=True)
class Place:
    """Where a run stands: stage index, steps done in it, steps skipped, seconds of training so far."""

    stage: int = 0
    step: int = 0
    skipped: int = 0
    seconds: float = 0.0


class RunningMean:
    """Exponential moving average of the weights that are trained when a run begins, and of the buffers."""

    def __init__(self, model: ChangeModel, decay: float) -> None:
        self.decay, self.updates = decay, 0
        state = model.state_dict()
        trained = {name for name, weight in model.named_parameters() if weight.requires_grad}
        buffers = {name for name, _ in model.named_buffers()}
        self.weights = {name: state[name].detach().clone() for name in state if name in trained | buffers}

    @torch.no_grad()
    def update(self, model: ChangeModel) -> None:
        """Move towards the model's weights, faster over the first steps."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        current = self.current(model)
        floats = [name for name, tensor in current.items() if tensor.is_floating_point()]
        parted = {name for name in floats if isinstance(current[name], DTensor)}
        whole_ones = [name for name in floats if name not in parted]
        for name in parted:
            self.weights[name].lerp_(current[name], 1 - decay)
        torch._foreach_lerp_([self.weights[n] for n in whole_ones], [current[n] for n in whole_ones], 1 - decay)

    def current(self, model: ChangeModel) -> dict[str, Tensor]:
        """Return the model's own tensors of the same names."""
        state = model.state_dict()
        return {name: state[name] for name in self.weights}


def save_checkpoint(
    folder: Path, model: ChangeModel, mean: RunningMean, optimiser: torch.optim.Optimizer, place: Place, first: bool
) -> None:
    """Write a checkpoint beside ``folder`` and put it in its place, so that a cut never leaves half of one.

    Every process calls this, for parted weights are gathered; the ``first`` one writes.
    """
    tensors = {
        "model": _gathered(mean.current(model)),
        "mean": _gathered(mean.weights),
        "optimiser": _gathered({
            f"{index}.{key}": value
            for index, state in optimiser.state_dict()["state"].items()
            for key, value in state.items()
        }),
    }  # fmt: skip
    if first:
        _write(folder, tensors, {**asdict(place), "updates": mean.updates})


def _gathered(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: whole(tensor).detach().contiguous() for name, tensor in tensors.items()}


def _write(folder: Path, tensors: dict[str, dict[str, Tensor]], place: dict[str, object]) -> None:
    draft, old = (folder.with_name(folder.name + end) for end in (".part", ".old"))
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, content in tensors.items():
        save_file(content, draft / f"{name}.safetensors")
    (draft / "place.json").write_text(json.dumps(place), encoding="utf-8")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(draft, folder)
    shutil.rmtree(old, ignore_errors=True)


@torch.no_grad()
def load_checkpoint(folder: Path, model: ChangeModel, mean: RunningMean, optimiser: torch.optim.Optimizer) -> Place:
    """Restore everything that `save_checkpoint` wrote."""
    current = mean.current(model)
    for name, tensor in load_file(folder / "model.safetensors").items():
        current[name].copy_(parted_like(tensor, current[name]))
    for name, tensor in load_file(folder / "mean.safetensors").items():
        mean.weights[name].copy_(parted_like(tensor, mean.weights[name]))
    groups = optimiser.state_dict()["param_groups"]
    weights = [weight for group in optimiser.param_groups for weight in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in load_file(folder / "optimiser.safetensors").items():
        index, key = name.split(".", 1)
        weight = weights[int(index)]
        state.setdefault(int(index), {})[key] = parted_like(tensor, weight) if tensor.shape == weight.shape else tensor
    optimiser.load_state_dict({"state": state, "param_groups": groups})
    values = json.loads((folder / "place.json").read_text(encoding="utf-8"))
    mean.updates = values.pop("updates")
    return Place(**values)
