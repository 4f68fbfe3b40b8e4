"""The model a command runs, and what is set up for it: offline, repeatable, on the cores it may use."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diachron.model.interpreter import Interpreter
    from diachron.model.loading import LoadedModel

SEED = 0


@dataclass(frozen=True)
class ModelChoice:
    """Which model to load (a shipped one's name, or a folder), with which adapter, on which device."""

    name: str = "mini"
    adapter: str | None = None
    device: str = "auto"


Loader = Callable[[ModelChoice], "Interpreter"]


class ModelLoader:
    """Loads models; the one that is loaded only gets another adapter where nothing else is asked for."""

    def __init__(self) -> None:
        self._loaded: tuple[ModelChoice, LoadedModel] | None = None

    def __call__(self, choice: ModelChoice) -> Interpreter:
        """Set torch up and return a choice's interpreter; the one before it is then of no more use."""
        stay_offline()
        prepare_torch()
        from transformers.utils import logging as transformers_logging

        from diachron.model.loading import LoadedModel

        transformers_logging.disable_progress_bar()
        transformers_logging.set_verbosity_error()
        base = replace(choice, adapter=None)
        if self._loaded is None or self._loaded[0] != base:
            self._loaded = None  # two large models need not fit in memory together
            self._loaded = (base, LoadedModel(choice.name, choice.device))
        return self._loaded[1].interpreter(choice.adapter)


load_model = ModelLoader()


def share_cores() -> None:
    """Let waiting threads sleep rather than spin. Call it before torch is imported: OpenMP looks once.

    QGIS draws while the engine works. Two threads that spin on two cores, one of them busy elsewhere, made a tile take
    over twice as long as two that sleep, and longer than one thread alone.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def keep_quiet() -> None:
    """Keep what libraries say to developers off a person's terminal (``python -W`` brings the warnings back).

    GDAL prints what rasterio does not catch, such as libtiff's words for a full disk, to the log that CPL_LOG names.
    """
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    os.environ.setdefault("CPL_LOG", os.devnull)
    for name in ("rasterio", "pyogrio"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def stay_offline() -> None:
    """Keep the model libraries off the network. Call it before they are imported: they look once."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"


def prepare_torch() -> None:
    """Make the same question give the same answer, and use the cores this process may run on."""
    import torch

    from diachron.allocation import keep_freed_memory
    from diachron.tuning import tuning

    torch.manual_seed(SEED)
    torch.set_num_threads(tuning(torch.device("cpu"), usable_cores()).threads)
    keep_freed_memory()


def usable_cores() -> int:
    """Return how many cores this process may run on, which in a container is less than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
