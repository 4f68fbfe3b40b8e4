"""LoRA adapters: a folder with `peft`'s files and a card, put on a base that is already loaded, and taken off again.

An adapter belongs to the base it was trained on and to no other: its card holds the base's fingerprint. One with a
``task`` ("damage") is switched on for that task alone; one without is how the base is used from then on (a VideoLLaMA3
checkpoint has no image decoder without one).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diachron.errors import UnusableInput
from diachron.model.card import CARD_FILE, ModelCard
from diachron.model.folders import check_weights
from diachron.resources import resource

if TYPE_CHECKING:
    from peft import PeftModel
    from torch import Tensor

    from diachron.model.change_model import ChangeModel

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"
TASKS = ("", "damage")


@dataclass(frozen=True)
class AdapterSpec:
    """What an adapter trains: LoRA of ``rank`` on the layers that the regular expression ``layers`` names (the language
    model's alone: the vision tower has ``q_proj`` too), the modules ``save`` as a whole (by the end of their names),
    and the embeddings of the tokens ``tokens``.
    """

    rank: int
    alpha: int
    layers: str
    save: tuple[str, ...]
    tokens: tuple[int, ...]


@dataclass(frozen=True)
class AdapterCard:
    """What ``card.json`` of an adapter says; ``sha256`` maps its files to checksums.

    ``base`` is the name, version and `fingerprint` of the weights it was trained on. ``threshold``, ``tile_px``,
    ``overlap_px``, ``finest_gsd_m`` and ``coarsest_gsd_m`` are those of `ModelCard`.
    """

    name: str
    version: str
    task: str
    base: str
    base_version: str
    base_fingerprint: str
    licence: str
    sources: tuple[str, ...]
    threshold: float
    tile_px: int
    overlap_px: int
    finest_gsd_m: float
    sha256: dict[str, str]
    coarsest_gsd_m: float = 0.0

    def on(self, base: ModelCard | None) -> ModelCard:
        """Return the card of the base with this adapter: both licences hold, and every source is named.

        An adapter for one task leaves the use of the base as it is.
        """
        use = base if base is not None and self.task else self
        licences = dict.fromkeys([*([base.licence] if base else []), self.licence])
        sources = dict.fromkeys([*(base.sources if base else ()), *self.sources])
        return ModelCard(
            name=self.base, version=self.base_version, adapter=self.name,
            licence="; ".join(licences), sources=tuple(sources), threshold=use.threshold, tile_px=use.tile_px,
            overlap_px=use.overlap_px, finest_gsd_m=use.finest_gsd_m,
            sha256={**(base.sha256 if base else {}), **self.sha256}, coarsest_gsd_m=use.coarsest_gsd_m,
        )  # fmt: skip


# -- folders ----------------------------------------------------------------------------------


def adapter_folder(name: str) -> Path:
    """Return the folder of an adapter named as shipped (``damage``) or by path.

    Raises
    ------
    UnusableInput: there is none.
    """
    for folder in (resource("weights/adapters") / name, Path(name)):
        if (folder / CONFIG).is_file():
            return folder
    installed = ", ".join(installed_adapters()) or "none"
    raise UnusableInput("no such adapter", name, f"installed are {installed}; or name a folder with {CONFIG}")


def installed_adapters() -> list[str]:
    """Return the names of the adapters that came with Diachron."""
    folder = resource("weights/adapters")
    return sorted(each.name for each in folder.iterdir() if (each / CONFIG).is_file()) if folder.is_dir() else []


def read_adapter_card(folder: Path) -> AdapterCard:
    """Read an adapter's card and check its files.

    Raises
    ------
    UnusableInput: there is no card, it is none, or a file is not the one it names.
    """
    path = folder / CARD_FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        card = AdapterCard(**{**values, "sources": tuple(values["sources"])})
    except FileNotFoundError as error:
        raise UnusableInput("the adapter has no card", str(path), "name a folder made by `diachron train`") from error
    except (ValueError, TypeError, KeyError) as error:
        raise UnusableInput(f"the adapter's card cannot be read ({error})", str(path), "install it again") from error
    if card.task not in TASKS:
        raise UnusableInput(f"the adapter is for a task {card.task!r} that this engine lacks", str(path), "update it")
    check_weights(folder, card.sha256)
    return card


def fingerprint(base: Path) -> str:
    """Return what tells a base from any other: the checksum of its weights, or, where several gigabytes would have
    to be read, that of its configuration and of its weight files' names and sizes.
    """
    single = base / "model.safetensors"
    if (base / CARD_FILE).is_file() and single.is_file():
        return hashlib.sha256(single.read_bytes()).hexdigest()
    told = hashlib.sha256((base / "config.json").read_bytes())
    for path in sorted(base.glob("*.safetensors")):
        told.update(f"{path.name} {path.stat().st_size}\n".encode())
    return told.hexdigest()


def check_base(card: AdapterCard, base: Path, where: Path) -> None:
    """Refuse an adapter on weights that it was not trained on.

    Raises
    ------
    UnusableInput: the base is another one.
    """
    if card.base_fingerprint != fingerprint(base):
        what = f"the adapter was trained on other weights, {card.base} {card.base_version}"
        raise UnusableInput(what, str(where), f"train it again on {base.name}, or use those weights")


# -- on a model -------------------------------------------------------------------------------


def add_adapter(model: ChangeModel, spec: AdapterSpec) -> PeftModel:
    """Put a new adapter on a model, to be trained; nothing else of the model is trained any more."""
    from peft import LoraConfig, get_peft_model

    tied = bool(model.config.tie_word_embeddings)
    tokens: Any = list(spec.tokens) if tied else {"embed_tokens": list(spec.tokens), "lm_head": list(spec.tokens)}
    return get_peft_model(model, LoraConfig(
        r=spec.rank, lora_alpha=spec.alpha, target_modules=spec.layers, modules_to_save=list(spec.save),
        trainable_token_indices=tokens if spec.tokens else None, ensure_weight_tying=tied and bool(spec.tokens),
    ))  # fmt: skip


def load_adapter(model: ChangeModel, folder: Path) -> PeftModel:
    """Put an adapter of a folder on a model that has none, to be used; its base must have been checked.

    Raises
    ------
    UnusableInput: its weights do not fit the model.
    """
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(model, folder, local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise UnusableInput(f"the adapter does not fit the model ({reason})", str(folder), "train it again") from error


def remove_adapter(adapter: PeftModel) -> ChangeModel:
    """Take an adapter off and return the model as it was before."""
    from peft.utils import ModulesToSaveWrapper

    for module in list(adapter.modules()):
        if isinstance(module, ModulesToSaveWrapper):
            module.set_adapter([])  # unloading would leave the trained copy in the place of the module
    return adapter.unload()


@contextmanager
def switched_on(adapter: PeftModel) -> Iterator[None]:
    """Use an adapter that is otherwise off."""
    adapter.base_model.enable_adapter_layers()
    try:
        yield
    finally:
        adapter.base_model.disable_adapter_layers()


def write_adapter(folder: Path, adapter: PeftModel, weights: dict[str, Tensor], card: AdapterCard) -> None:
    """Write an adapter's weights (float16), configuration and card.

    ``weights`` are those of the model by name, of which the adapter's are taken: the running mean's, for example.
    """
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    adapter.get_base_model().load_state_dict(weights, strict=False)
    state = get_peft_model_state_dict(adapter, save_embedding_layers=False)
    halves = {name: (tensor.half() if tensor.is_floating_point() else tensor).cpu() for name, tensor in state.items()}
    save_file({name: tensor.contiguous().clone() for name, tensor in halves.items()}, folder / WEIGHTS)
    config = adapter.peft_config["default"]
    config.base_model_name_or_path, config.inference_mode = card.base, True
    config.save_pretrained(str(folder))
    sums = file_sums(folder, [WEIGHTS, CONFIG])
    text = json.dumps({**asdict(card), "sha256": sums}, indent=2, ensure_ascii=False)
    (folder / CARD_FILE).write_text(text + "\n", encoding="utf-8")


def file_sums(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Return the SHA-256 of each file."""
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names}
