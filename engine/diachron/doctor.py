"""``diachron doctor`` and ``diachron models``: what is installed, whether it is sound, and what is missing."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

from diachron.errors import DiachronError
from diachron.runtime import usable_cores
from diachron.version import engine_version

PACKAGES = (
    "torch", "torchvision", "transformers", "peft", "segmentation-models-pytorch", "safetensors", "tokenizers",
    "numpy", "rasterio", "pyproj", "shapely", "pyogrio",
)  # fmt: skip
LEAST_FREE_BYTES = 2 * 1024**3
"""Below this, scratch maps of a large mosaic may not fit."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: ``sound`` is False where something must be done, which ``told`` then says."""

    name: str
    told: str
    sound: bool = True

    def line(self) -> str:
        """Return the line that is printed."""
        return f"{'ok' if self.sound else '!!'}  {self.name:<28} {self.told}"


def examine() -> list[Finding]:
    """Look at versions, libraries that carry data, device, models and free disk."""
    findings = [
        Finding("diachron", f"{engine_version()}, Python {platform.python_version()}, {platform.platform()}"),
        Finding("python", sys.executable),
        *map(_package, PACKAGES),
        _checked("GDAL", _gdal),
        _checked("PROJ", _proj),
        _checked("device", _device),
        _checked("runs on", _tuning),
    ]
    findings += [*model_findings(), *adapter_findings()]
    return [*findings, _free_disk(Path(tempfile.gettempdir())), _free_disk(Path.cwd())]


def _package(name: str) -> Finding:
    try:
        return Finding(name, installed_version(name))
    except PackageNotFoundError:
        return Finding(name, "missing; set the engine up again", sound=False)


def _checked(name: str, look: Callable[[], str]) -> Finding:
    """Report what ``look`` says; a library that fails to load, however it fails, is what a doctor is to find."""
    try:
        return Finding(name, look())
    except Exception as error:
        return Finding(name, f"{type(error).__name__}: {error}; set the engine up again", sound=False)


def _gdal() -> str:
    import rasterio

    return f"{rasterio.__gdal_version__}"


def _proj() -> str:
    """Say PROJ's version, after a transformation that needs its database."""
    import pyproj

    pyproj.Transformer.from_crs(4326, 3857).transform(45.0, 5.0)
    return f"{pyproj.proj_version_str}, data in {pyproj.datadir.get_data_dir()}"


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        return f"{torch.cuda.get_device_name()}, {free / 1024**3:.1f} of {total / 1024**3:.1f} GiB free"
    return f"cpu, {usable_cores()} cores ({platform.machine()})"


def _tuning() -> str:
    """Say how the model is run here, measured now where it has not been yet."""
    import torch

    from diachron.tuning import tuning, tuning_file

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    return f"{tuning(device, usable_cores()).told()} (measured; {tuning_file()})"


def _free_disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    enough = free >= LEAST_FREE_BYTES
    return Finding(f"free disk, {folder}", f"{free / 1024**3:.1f} GiB{'' if enough else '; make room'}", enough)


def model_findings() -> list[Finding]:
    """Check every installed model's files against its card."""
    try:
        from diachron.model.folders import installed_models

        names = installed_models()
    except Exception as error:
        return [Finding("models", f"{type(error).__name__}: {error}; set the engine up again", sound=False)]
    if not names:
        return [Finding("models", "none; install the engine's wheel, or name a folder with --model", sound=False)]
    return [_model(name) for name in names]


def adapter_findings() -> list[Finding]:
    """Check every installed adapter's files against its card, and the base that it was trained on."""
    from diachron.model.adapters import adapter_folder, check_base, installed_adapters, read_adapter_card
    from diachron.model.folders import model_folder

    findings = []
    for name in installed_adapters():
        try:
            folder = adapter_folder(name)
            card = read_adapter_card(folder)
            check_base(card, model_folder(card.base), folder)
        except DiachronError as error:
            findings.append(Finding(name, error.line(), sound=False))
        else:
            told = f"adapter {card.version} for {card.base} {card.base_version}, {card.licence}; sha256 verified"
            findings.append(Finding(name, told))
    return findings


def _model(name: str) -> Finding:
    from diachron.model.card import read_card
    from diachron.model.folders import check_weights, model_folder

    try:
        folder = model_folder(name)
        card = read_card(folder)
        check_weights(folder, card.sha256)
    except DiachronError as error:
        return Finding(name, error.line(), sound=False)
    sums = ", ".join(f"{file} {sum[:12]}" for file, sum in sorted(card.sha256.items()))
    return Finding(name, f"{card.name} {card.version}, {card.licence}; sha256 verified: {sums}")
