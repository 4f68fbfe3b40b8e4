"""Where results are saved: beside the project, or in a chosen folder; never in a temporary one by accident."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from pathlib import Path

from qgis.core import QgsProject

from .settings import read_settings

SCOPE, KEY = "diachron", "results_folder"


def choose_root(project: QgsProject, folder: str) -> None:
    """Keep a folder as the place of this project's results."""
    project.writeEntry(SCOPE, KEY, folder)


def results_root(project: QgsProject) -> Path | None:
    """Return the folder of all of a project's results: the one chosen for it, else the one of the settings, else
    beside the project; None for an unsaved project without one."""
    chosen = project.readEntry(SCOPE, KEY, "")[0] or read_settings().results_folder
    if chosen:
        return Path(chosen)
    if not project.fileName():
        return None
    file = Path(project.fileName())
    return file.parent / f"{file.stem}_diachron"


def output_folder(project: QgsProject, question: str, now: datetime | None = None) -> Path | None:
    """Return a new folder for a question's results, None where nothing says where; it is not made."""
    root = results_root(project)
    if root is None:
        return None
    stamp = (now or datetime.now()).strftime("%Y%m%d-%H%M%S")
    folder = root / f"{stamp}-{slug(question)}"
    number = 2
    while folder.exists():
        folder = root / f"{stamp}-{slug(question)}-{number}"
        number += 1
    return folder


def slug(question: str) -> str:
    """Return a question as a short file name of plain letters."""
    plain = unicodedata.normalize("NFKD", question).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:40].strip("-") or "question"
