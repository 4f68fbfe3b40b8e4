"""Where things lie in the repository."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
METADATA = ROOT / "metadata.txt"
PYPROJECT = ROOT / "pyproject.toml"
LICENSE = ROOT / "LICENSE"
ENGINE = ROOT / "engine" / "diachron"
PLUGIN = ROOT / "plugin" / "diachron_qgis"
RESOURCES = ROOT / "resources"
TRANSLATIONS = ROOT / "i18n"
HELP = ROOT / "docs" / "help"
DIST = ROOT / "dist"

ENGINE_ENVIRONMENT = ROOT / ".venv"
QGIS_ENVIRONMENT = ROOT / ".venv-qgis"
OTHER_QGIS_ENVIRONMENT = ROOT / ".venv-qgis-other"


def executable(environment: Path, name: str) -> Path:
    """Return the path of a program in a virtual environment, whatever the platform."""
    if os.name == "nt":
        return environment / "Scripts" / f"{name}.exe"
    return environment / "bin" / name


def version() -> str:
    """Return the version, which is written in metadata.txt alone."""
    for line in METADATA.read_text(encoding="utf-8").splitlines():
        if line.startswith("version="):
            return line.removeprefix("version=").strip()
    raise LookupError(f"no version= line in {METADATA}")


def data_folder() -> Path | None:
    """Return the folder of real imagery (``DIACHRON_DATA``, else ``../shared/data``), or None where there is none."""
    named = os.environ.get("DIACHRON_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None
