"""The two private environments: the engine's, and the one the plugin's tests run in beside QGIS."""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from building.console import Word, run_logged, say
from building.machine import engine_python, other_qgis_python, qgis_python
from building.places import (
    ENGINE_ENVIRONMENT,
    OTHER_QGIS_ENVIRONMENT,
    PYPROJECT,
    QGIS_ENVIRONMENT,
    executable,
    version,
)

QGIS_TEST_PACKAGES = ("pytest>=8.4", "pytest-qgis>=2.1", "pytest-qt>=4.4", "hypothesis>=6.130")
STAMP = "diachron-setup.txt"
LOG = "diachron-setup.log"
PIP_OPTIONS = ("--disable-pip-version-check", "--no-compile")
"""Of the ten thousand modules that come, those that are used are compiled when they are first imported."""

TORCH_NOTE = """\
   torch comes from wherever this machine's pip is configured to look. On Linux the public index carries the CUDA build
   (several GB); for the CPU build (200 MB) add PyTorch's CPU index to pip's settings first."""


def set_up_engine() -> Path:
    """Make ``.venv`` with the engine installed editable, if it is not there yet, and return its Python."""
    return _set_up(ENGINE_ENVIRONMENT, _engine_recipe(), engine_python, _install_engine)


def set_up_qgis_tests() -> Path:
    """Make the environment of the tests in QGIS if it is not there yet, and return its Python.

    ``.venv-qgis`` sees the system's QGIS; ``.venv-qgis-other`` the one whose Python ``DIACHRON_QGIS_PYTHON`` names.
    """
    other = other_qgis_python()
    if other is None:
        return _set_up(QGIS_ENVIRONMENT, _digest(QGIS_TEST_PACKAGES), qgis_python, _install_qgis_tests)
    recipe = _digest([*QGIS_TEST_PACKAGES, str(other)])
    return _set_up(OTHER_QGIS_ENVIRONMENT, recipe, qgis_python, _install_qgis_tests)


def torch_requirement(pyproject: Path = PYPROJECT) -> str:
    """Return the pinned requirement for torch, which is installed before anything that would pull another build."""
    dependencies: list[str] = _read(pyproject)["project"]["dependencies"]
    return next(line for line in dependencies if line.startswith("torch=="))


def _set_up(folder: Path, recipe: str, base: Callable[[], Path], install: Callable[[Path, Path], None]) -> Path:
    python = executable(folder, "python")
    stamp = folder / STAMP
    if python.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == recipe:
        return python
    say(f"making the environment {folder.name} (log: {folder.name}/{LOG})")
    install(base(), folder)
    stamp.write_text(recipe, encoding="utf-8")
    return python


def _install_engine(base: Path, folder: Path) -> None:
    log = folder / LOG
    if not executable(folder, "python").exists():
        run_logged([base, "-m", "venv", folder], log)
    print(TORCH_NOTE, flush=True)
    pip: list[Word] = [executable(folder, "python"), "-m", "pip", "install", *PIP_OPTIONS]
    run_logged([*pip, torch_requirement()], log)
    run_logged([*pip, "--editable", ".[dev,train,cluster]"], log)


def _install_qgis_tests(base: Path, folder: Path) -> None:
    log = folder / LOG
    shutil.rmtree(folder, ignore_errors=True)  # venv would leave a link to another Python as it is
    run_logged([base, "-m", "venv", "--system-site-packages", folder], log)
    pip: list[Word] = [executable(folder, "python"), "-m", "pip", "install", *PIP_OPTIONS]
    run_logged([*pip, *QGIS_TEST_PACKAGES], log)


def _engine_recipe() -> str:
    """Return a digest of what pip is asked to install: settings of linters do not count."""
    content = _read(PYPROJECT)
    return _digest([content["build-system"], content["project"], content["tool"]["hatch"], version()])


def _digest(recipe: object) -> str:
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()


def _read(pyproject: Path) -> dict[str, Any]:
    with pyproject.open("rb") as stream:
        return tomllib.load(stream)
