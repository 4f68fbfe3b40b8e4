"""Checkpoints: weights, their running mean, the optimiser and the loop's place, all safetensors and JSON."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from diachron.model.change_model import ChangeModel


@dataclass(frozen=True)
class Place:
    """Where a run stands: stage index, steps done in it, steps skipped, seconds of training so far."""

    stage: int = 0
    step: int = 0
    skipped: int = 0
    seconds: float = 0.0


class RunningMean:
    """Exponential moving average of the float weights and buffers."""

    def __init__(self, model: ChangeModel, decay: float) -> None:
        self.decay, self.updates = decay, 0
        self.weights = {name: tensor.detach().clone() for name, tensor in _unique(model).items()}

    @torch.no_grad()
    def update(self, model: ChangeModel) -> None:
        """Move towards the model's weights, faster over the first steps."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        current = _unique(model)
        floats = [name for name, tensor in current.items() if tensor.is_floating_point()]
        torch._foreach_lerp_([self.weights[n] for n in floats], [current[n] for n in floats], 1 - decay)


def save_checkpoint(
    folder: Path, model: ChangeModel, mean: RunningMean, optimiser: torch.optim.Optimizer, place: Place
) -> None:
    """Write a checkpoint beside ``folder`` and put it in its place, so that a cut never leaves half of one."""
    draft = folder.with_name(folder.name + ".part")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    save_file({name: tensor.contiguous() for name, tensor in _unique(model).items()}, draft / "model.safetensors")
    save_file({name: tensor.contiguous() for name, tensor in mean.weights.items()}, draft / "mean.safetensors")
    moments = {
        f"{index}.{key}": value.contiguous()
        for index, state in optimiser.state_dict()["state"].items()
        for key, value in state.items()
    }
    save_file(moments, draft / "optimiser.safetensors")
    (draft / "place.json").write_text(json.dumps({**asdict(place), "updates": mean.updates}), encoding="utf-8")
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(draft, folder)
    shutil.rmtree(old, ignore_errors=True)


def load_checkpoint(folder: Path, model: ChangeModel, mean: RunningMean, optimiser: torch.optim.Optimizer) -> Place:
    """Restore everything that `save_checkpoint` wrote."""
    model.load_state_dict(load_file(folder / "model.safetensors"), strict=False)
    mean.weights = load_file(folder / "mean.safetensors")
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in load_file(folder / "optimiser.safetensors").items():
        index, key = name.split(".", 1)
        state.setdefault(int(index), {})[key] = tensor
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    values = json.loads((folder / "place.json").read_text(encoding="utf-8"))
    mean.updates = values.pop("updates")
    return Place(**values)


def _unique(model: ChangeModel) -> dict[str, Tensor]:
    """Return the state without tied copies (the output layer is the embedding)."""
    tied = set(model.all_tied_weights_keys) if hasattr(model, "all_tied_weights_keys") else {"lm_head.weight"}
    return {name: tensor for name, tensor in model.state_dict().items() if name not in tied}
