"""Where models are, and whether their files are the ones their cards name. Nothing here loads a model, or torch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from diachron.errors import UnusableInput
from diachron.model.card import CARD_FILE
from diachron.resources import resource

WEIGHTS_FILE = "model.safetensors"
SHARDS_FILE = "model.safetensors.index.json"
"""Lists the files of weights that are in several (`7b`)."""
_PICKLES = (".bin", ".pt", ".pth", ".pkl", ".ckpt")


def model_folder(name: str) -> Path:
    """Return the folder of a model named as shipped (``mini``) or by path.

    Raises
    ------
    UnusableInput: there is none, or it holds a pickle instead of safetensors.
    """
    for folder in (resource("weights") / name, Path(name)):
        if (folder / WEIGHTS_FILE).exists() or (folder / CARD_FILE).exists() or (folder / SHARDS_FILE).exists():
            return folder
    path = Path(name)
    if path.suffix in _PICKLES or (path.is_dir() and any(each.suffix in _PICKLES for each in path.iterdir())):
        advice = "use a folder with safetensors weights"
        raise UnusableInput("the weights are a pickle, which can run code", name, advice)
    installed = ", ".join(installed_models()) or "none"
    raise UnusableInput("no such model", name, f"installed are {installed}; or name a folder")


def installed_models() -> list[str]:
    """Return the names of the models that came with Diachron."""
    folder = resource("weights")
    return sorted(each.name for each in folder.iterdir() if (each / CARD_FILE).exists()) if folder.is_dir() else []


def check_weights(folder: Path, sha256: Mapping[str, str]) -> None:
    """Compare each file with its checksum in the folder's card.

    Raises
    ------
    UnusableInput: a file is missing or is not the one the card names.
    """
    for file, expected in sha256.items():
        path = folder / Path(file).name
        if not path.is_file():
            raise UnusableInput("a file of the model is missing", str(path), "install the weights again")
        if hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            what = "a file of the model is corrupt (its checksum differs)"
            raise UnusableInput(what, str(path), "install the weights again")
