"""Loading a model from a folder: safetensors and JSON only, checksums first, no network and no remote code."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from diachron.errors import UnusableInput
from diachron.model.adapters import (
    AdapterCard,
    adapter_folder,
    check_base,
    load_adapter,
    read_adapter_card,
    remove_adapter,
    switched_on,
)
from diachron.model.card import CARD_FILE, ModelCard, read_card
from diachron.model.checkpoints import THEIRS, checkpoint_kind, open_checkpoint
from diachron.model.damage import damage_vocabulary
from diachron.model.folders import check_weights, model_folder
from diachron.model.folding import fold_normalisation
from diachron.model.interpreter import Interpreter, Reading, TileMaps
from diachron.model.vocabulary import Vocabulary, load_vocabulary
from diachron.runtime import usable_cores
from diachron.tuning import tuning

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from peft import PeftModel


SMALL = 100_000_000
"""Parameters: a larger model's products keep every thread at work, and a look that was begun is waited for."""


def load_interpreter(name: str = "mini", adapter: str | None = None, device: str = "cpu") -> Interpreter:
    """Load a shipped model by name, or one from a folder, with an adapter by name or folder.

    Raises
    ------
    UnusableInput: no such model or adapter, a checksum that differs, weights that are corrupt or a pickle, an adapter
    of another base, or no such device.
    """
    return LoadedModel(name, device).interpreter(adapter)


class LoadedModel:
    """Weights that are loaded once, and the adapter that is on them: another one is put on in their place."""

    def __init__(self, name: str, device: str) -> None:
        self.folder, self.device = model_folder(name), device_for(device)
        self.card = read_card(self.folder) if (self.folder / CARD_FILE).exists() else None
        if self.card is not None:
            check_weights(self.folder, self.card.sha256)
        self.tuning = tuning(self.device, usable_cores())
        self.model, self.tokenizer = open_checkpoint(self.folder)
        # Folding normalisation changes these parts; an adapter is trained on them as they were.
        self._plain = {part: copy.deepcopy(getattr(self.model, part)) for part in ("pyramid", "decoder")}
        self._adapter: PeftModel | None = None

    def interpreter(self, adapter: str | None) -> Interpreter:
        """Return the model with an adapter, or without one.

        Raises
        ------
        UnusableInput: no such adapter, one of another base, or a checkpoint that cannot see without one.
        """
        if adapter is None:
            return self._alone()
        folder = adapter_folder(adapter)
        card = read_adapter_card(folder)
        check_base(card, self.folder, folder)
        self._restore()
        self._adapter = load_adapter(self.model, folder)
        self._ready()
        return self._with(card, self._adapter)

    def _alone(self) -> Interpreter:
        if self.card is None:
            theirs = checkpoint_kind(self.folder) == THEIRS
            advice = "name an adapter too, made by `diachron train`" if theirs else "name a folder with a card"
            raise UnusableInput("the checkpoint has no image decoder of its own", str(self.folder), advice)
        self._restore()
        self._ready()
        return self._interpreter(self.card)

    def _restore(self) -> None:
        """Bring the model back to what was loaded."""
        if self._adapter is not None:
            self.model = remove_adapter(self._adapter)
            self._adapter = None
        for part, module in self._plain.items():
            setattr(self.model, part, copy.deepcopy(module))

    def _ready(self) -> None:
        self.model.eval()
        fold_normalisation(self.model)
        self.model.to(self.device, self.tuning.torch_dtype)

    def _with(self, card: AdapterCard, adapter: PeftModel) -> Interpreter:
        told = self._interpreter(card.on(self.card))
        if card.task == "damage":
            own = replace(card, task="").on(self.card)
            told.damage = AdapterInterpreter(self.model, self.tokenizer, own, damage_vocabulary(), adapter)
            adapter.base_model.disable_adapter_layers()
        return told

    def _interpreter(self, card: ModelCard) -> Interpreter:
        interpreter = Interpreter(self.model, self.tokenizer, card, load_vocabulary(None))
        interpreter.batch = self.tuning.batch
        if self.model.num_parameters() < SMALL:
            interpreter.side_by_side = self.tuning.side_by_side
        return interpreter


class AdapterInterpreter(Interpreter):
    """The same model looking with an adapter that is off at all other times."""

    def __init__(self, model, tokenizer, card: ModelCard, vocabulary: Vocabulary, adapter: PeftModel) -> None:  # type: ignore[no-untyped-def]
        super().__init__(model, tokenizer, card, vocabulary)
        self.adapter = adapter

    def maps_together(
        self, tiles: Sequence[NDArray[np.uint8]], reading: Reading, vocabulary: Vocabulary, gsd_m: float | None = None
    ) -> list[TileMaps]:
        """Look at tiles as `Interpreter.maps_together` does, with the adapter on."""
        with switched_on(self.adapter):
            return super().maps_together(tiles, reading, vocabulary, gsd_m)


def device_for(name: str) -> torch.device:
    """Return a device by name; "auto" is a GPU where there is one.

    Raises
    ------
    UnusableInput: there is no such device here.
    """
    wanted = "cuda" if name == "auto" and torch.cuda.is_available() else "cpu" if name == "auto" else name
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise UnusableInput("no such device", name, "use cpu, cuda or auto") from error
    if device.type == "cuda" and not torch.cuda.is_available():
        raise UnusableInput("no GPU can be used here", name, "use --device cpu")
    return device
