"""The environment and the program of the engine."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QProcessEnvironment

from ..logic.settings import read_settings

VARIABLE = "DIACHRON_ENGINE"
_REMOVED = ("PYTHONEXECUTABLE", "PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "VIRTUAL_ENV", "LD_PRELOAD")
_REMOVED_STARTS = ("PROJ_", "GDAL_", "QGIS_")


def clean_environment() -> QProcessEnvironment:
    """Return this process's environment without what QGIS puts there for its own Python, GDAL and PROJ."""
    environment = QProcessEnvironment.systemEnvironment()
    names: list[str] = environment.keys()
    for name in names:
        if name in _REMOVED or name.startswith(_REMOVED_STARTS):
            environment.remove(name)
    environment.insert("PYTHONUTF8", "1")
    environment.insert("PYTHONNOUSERSITE", "1")
    return environment


def engine_environment() -> QProcessEnvironment:
    """Return the clean environment with the number of threads that is set, which the engine then obeys."""
    environment, threads = clean_environment(), read_settings().threads
    if threads:
        environment.insert("OMP_NUM_THREADS", str(threads))
    return environment


def private_environment() -> Path:
    """Return the folder of the engine's own environment in the profile (it need not exist)."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "diachron" / "engine"


def program_in(environment: Path) -> Path:
    """Return where a virtual environment has the engine's program."""
    return environment / ("Scripts/diachron.exe" if sys.platform == "win32" else "bin/diachron")


def find_engine(named: str | None = None) -> Path | None:
    """Return the engine's program: the one that is named (None: in the settings), of the environment variable, a source
    checkout, or the profile; None where there is none."""
    checkout = Path(__file__).resolve().parents[3] / ".venv"
    told = (read_settings().engine if named is None else named, os.environ.get(VARIABLE, ""))
    candidates = [Path(path) for path in told if path] + [program_in(checkout), program_in(private_environment())]
    return next((path for path in candidates if path.is_file()), None)
