"""Loading a model from a folder: safetensors and JSON only, checksums first, no network and no remote code."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from safetensors import SafetensorError
from torch import nn

from diachron.errors import UnusableInput
from diachron.model.backend import PreTrainedTokenizerFast
from diachron.model.card import ModelCard, read_card
from diachron.model.change_model import ChangeModel
from diachron.model.interpreter import Interpreter
from diachron.model.vocabulary import load_vocabulary
from diachron.resources import resource

WEIGHTS_FILE = "model.safetensors"
_PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt")


def load_interpreter(name: str = "mini", adapter: str | None = None, device: str = "cpu") -> Interpreter:
    """Load a shipped model by name, or one from a folder.

    Raises
    ------
    UnusableInput: no such model, a checksum that differs, weights that are corrupt or a pickle, or no such device.
    """
    folder = model_folder(name)
    card = read_card(folder)
    check_weights(folder, card)
    if adapter is not None:
        raise UnusableInput("no adapter can be loaded on this model", adapter, "leave --adapter out")
    model = _load(folder).to(_device(device)).eval()
    fold_normalisation(model)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder, local_files_only=True)
    return Interpreter(model, tokenizer, card, load_vocabulary(None))


def model_folder(name: str) -> Path:
    """Return the folder of a model named as shipped (``mini``) or by path."""
    for folder in (Path(name), resource("weights") / name):
        if (folder / WEIGHTS_FILE).exists() or (folder / "card.json").exists():
            return folder
    path = Path(name)
    if path.suffix in _PICKLES or (path.is_dir() and any(each.suffix in _PICKLES for each in path.iterdir())):
        raise UnusableInput("the weights are a pickle, which can run code", name, "use a folder with safetensors weights")
    raise UnusableInput("no such model", name, f"installed are {', '.join(installed_models()) or 'none'}; or name a folder")


def installed_models() -> list[str]:
    """Return the names of the models that came with Diachron."""
    folder = resource("weights")
    return sorted(each.name for each in folder.iterdir() if (each / "card.json").exists()) if folder.is_dir() else []


def check_weights(folder: Path, card: ModelCard) -> None:
    """Compare each file with its checksum in the card.

    Raises
    ------
    UnusableInput: a file is missing or is not the one the card names.
    """
    for file, expected in card.sha256.items():
        path = folder / Path(file).name
        if not path.is_file():
            raise UnusableInput("a file of the model is missing", str(path), "install the weights again")
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise UnusableInput("a file of the model is corrupt (its checksum differs)", str(path), "install the weights again")


def _load(folder: Path) -> ChangeModel:
    try:
        model: ChangeModel = ChangeModel.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype=torch.float32
        )
    except (OSError, SafetensorError, ValueError) as error:
        raise UnusableInput("the weights cannot be read", str(folder), "install the weights again") from error
    return model.to(memory_format=torch.channels_last)


def _device(name: str) -> torch.device:
    wanted = "cuda" if name == "auto" and torch.cuda.is_available() else "cpu" if name == "auto" else name
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise UnusableInput("no such device", name, "use cpu, cuda or auto") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise UnusableInput("no GPU can be used here", name, "use --device cpu")
    return device


def fold_normalisation(model: nn.Module) -> None:
    """Fold each batch normalisation into the convolution before it (exact: running statistics are constants)."""
    for parent in list(model.modules()):
        previous: tuple[str, nn.Conv2d] | None = None
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.BatchNorm2d) and previous is not None:
                previous = _fold(parent, previous, name, child)
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
    rest = nn.Sequential(*[part for part in (getattr(norm, "drop", None), getattr(norm, "act", None)) if part is not None])
    setattr(parent, name, rest)
