"""Loading a model from a folder: safetensors and JSON only, checksums first, no network and no remote code."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError

from diachron.errors import UnusableInput
from diachron.model.backend import PreTrainedTokenizerFast
from diachron.model.card import read_card
from diachron.model.change_model import ChangeModel
from diachron.model.folders import check_weights, model_folder
from diachron.model.folding import fold_normalisation
from diachron.model.interpreter import Interpreter
from diachron.model.vocabulary import load_vocabulary


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
