"""A report made in a process of its own, with QGIS's own Python: the window stays alive, whatever drawing takes."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QObject, QProcess, QProcessEnvironment, pyqtSignal

PACKAGE = Path(__file__).resolve().parents[1]


class ReportProcess(QObject):
    """``finished`` carries the PDF's path, ``failed`` a sentence; exactly one of them is emitted."""

    finished = pyqtSignal(str)
    failed = pyqtSignal(str)

    def __init__(self, job: Mapping[str, Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job, self._ended = dict(job), False
        self._folder = Path(tempfile.mkdtemp(prefix="diachron-report-"))
        self._process = QProcess(self)
        self._process.setProcessEnvironment(_environment())
        self._process.finished.connect(self._end)
        self._process.errorOccurred.connect(self._broken)

    def start(self) -> None:
        """Begin; returns at once."""
        file = self._folder / "job.json"
        job = {**self._job, "prefix": QgsApplication.prefixPath()}
        file.write_text(json.dumps(job, ensure_ascii=False), encoding="utf-8")
        self._process.start(qgis_python(), ["-m", f"{PACKAGE.name}.logic.report_worker", str(file)])

    def cancel(self) -> None:
        """Stop; a report is written whole or not at all."""
        self._process.kill()
        self._process.waitForFinished(1000)

    def _end(self, code: int, status: QProcess.ExitStatus) -> None:
        lines = bytes(self._process.readAllStandardError()).decode("utf-8", "replace").strip().splitlines()
        if code == 0 and status == QProcess.ExitStatus.NormalExit:
            self._finish("")
        else:
            self._finish(_tr("The report could not be made: {0}").format(lines[-1] if lines else _tr("it was stopped")))

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._finish(_tr("QGIS's Python could not be started: {0}").format(qgis_python()))

    def _finish(self, problem: str) -> None:
        if self._ended:
            return
        self._ended = True
        shutil.rmtree(self._folder, ignore_errors=True)
        if problem:
            self.failed.emit(problem)
        else:
            self.finished.emit(str(self._job["pdf"]))


def qgis_python() -> str:
    """Return the Python that QGIS runs: inside QGIS, ``sys.executable`` may be QGIS itself."""
    base = Path(sys.base_prefix)
    if sys.platform == "win32":
        return str(base / "python.exe")
    names = (f"python3.{sys.version_info[1]}", "python3")
    folders = (base / "bin", Path(QgsApplication.prefixPath()) / "bin")
    found = next((folder / name for folder in folders for name in names if (folder / name).is_file()), None)
    return str(found or shutil.which("python3") or "python3")


def _environment() -> QProcessEnvironment:
    """Return this process's environment, where its modules are found; on Linux it needs no screen."""
    environment = QProcessEnvironment.systemEnvironment()
    paths = [str(PACKAGE.parent), *(path for path in sys.path if path)]
    environment.insert("PYTHONPATH", os.pathsep.join(dict.fromkeys(paths)))
    environment.insert("PYTHONUTF8", "1")
    if sys.platform.startswith("linux"):
        environment.insert("QT_QPA_PLATFORM", "offscreen")
    return environment


def _tr(text: str) -> str:
    return QCoreApplication.translate("Diachron", text)
