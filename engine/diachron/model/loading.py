"""Loading a model from a folder: safetensors and JSON only, checksums first, no network and no remote code."""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch
from safetensors import SafetensorError

from diachron.errors import UnusableInput
from diachron.model.backend import PreTrainedTokenizerFast
from diachron.model.card import ModelCard, read_card
from diachron.model.change_model import ChangeModel
from diachron.model.folding import fold_normalisation
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
