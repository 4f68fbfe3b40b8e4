"""Setting an engine up: a private environment in the profile, and a wheel installed into it, step by step by
QProcess."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from qgis.PyQt.QtCore import QCoreApplication, QObject, QProcess, pyqtSignal

from .environment import clean_environment, private_environment, program_in

OLDEST_PYTHON = (3, 11)


class Installer(QObject):
    """``progress`` carries what is done and its share in %, ``line`` a line of output, ``finished`` success and a
    sentence."""

    progress = pyqtSignal(str, int)
    line = pyqtSignal(str)
    finished = pyqtSignal(bool, str)

    def __init__(self, wheel: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.wheel, self.folder = wheel, private_environment()
        self._steps = self._plan()
        self._process: QProcess | None = None
        self._done = 0

    def start(self) -> None:
        """Begin; returns at once."""
        if not self.wheel.is_file() or self.wheel.suffix != ".whl":
            self.finished.emit(False, _tr("That is not an engine wheel (.whl)"))
            return
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._next()

    def cancel(self) -> None:
        """Stop, and take away what is half done: gigabytes, so in a process of its own."""
        self._steps = []
        if self._process is not None:
            self._process.kill()
        remove = "import shutil, sys, time; time.sleep(1); shutil.rmtree(sys.argv[1], ignore_errors=True)"
        QProcess.startDetached(system_python(), ["-c", remove, str(self.folder)])
        self.finished.emit(False, _tr("Stopped; what was installed is taken away again"))

    def _plan(self) -> list[tuple[str, int, list[str]]]:
        python = program_in(self.folder).with_name("python.exe" if sys.platform == "win32" else "python")
        pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile"]
        return [
            (_tr("Making a private environment"), 5, [system_python(), "-m", "venv", str(self.folder)]),
            (_tr("Installing torch"), 15, [*pip, "torch==2.13.0"]),
            (_tr("Installing the engine"), 70, [*pip, str(self.wheel)]),
            (_tr("Checking it"), 95, [str(program_in(self.folder)), "doctor"]),
        ]

    def _next(self) -> None:
        if self._done == len(self._steps):
            self.progress.emit(_tr("Ready"), 100)
            self.finished.emit(True, _tr("The engine is set up"))
            return
        name, share, command = self._steps[self._done]
        self.progress.emit(name, share)
        self._process = QProcess(self)
        self._process.setProcessEnvironment(clean_environment())
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.errorOccurred.connect(self._broken)
        self._process.finished.connect(self._ended)
        self._process.start(command[0], command[1:])

    def _read(self) -> None:
        if self._process is not None:
            for text in bytes(self._process.readAllStandardOutput()).decode("utf-8", "replace").splitlines():
                self.line.emit(text)

    def _broken(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._steps:
            self.finished.emit(False, _tr("Python could not be started; install Python 3.11 or newer"))

    def _ended(self, code: int, _status: object = None) -> None:
        if not self._steps:
            return
        if code != 0:
            name = self._steps[self._done][0]
            self.finished.emit(False, _tr("{0} failed; the log says why").format(name))
            return
        self._done += 1
        self._next()


def system_python() -> str:
    """Return a Python that can make the engine's environment: QGIS's own where that is new enough, else one on the
    path.

    Inside QGIS, ``sys.executable`` may be QGIS itself, and what the path names may be no more than a version manager's
    pointer to a Python that is not there.
    """
    windows = sys.platform == "win32"
    own = Path(sys.base_prefix) / ("python.exe" if windows else f"bin/python3.{sys.version_info[1]}")
    if sys.version_info >= OLDEST_PYTHON and own.is_file():
        return str(own)
    names = ("python3.13", "python3.12", "python3.11", "python3", "python")
    return next((path for path in map(shutil.which, names) if path), None) or str(own)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Diachron", text)
