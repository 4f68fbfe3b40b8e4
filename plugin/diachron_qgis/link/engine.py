"""The engine process: the one place that finds, starts, speaks to and ends it. All by signals; nothing here waits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.PyQt.QtCore import QCoreApplication, QObject, QProcess, QTimer, pyqtSignal

from ..logic.settings import read_settings
from .environment import engine_environment, find_engine
from .log import engine_log, log_file
from .protocol import EngineError, Hello, Look, PreflightReport, ProgressReport, Reading

PATIENCE_MS = 5000
"""How long a cancelled question may take to end before the process is killed."""


@dataclass(frozen=True)
class AskJob:
    """A question as the engine takes it; ``area`` is WKT in the after raster's CRS, ``look`` a corrected reading."""

    rasters: tuple[str, ...]
    question: str
    out: str
    dates: tuple[str, ...] = ()
    area: str = ""
    gsd: float | None = None
    threshold: float | None = None
    language: str = ""
    look: Look | None = None
    vocabulary: str = ""
    model: str = ""
    adapter: str = ""
    minimum_area: float | None = None

    def params(self) -> dict[str, Any]:
        """Return the parameters of ``ask``; what is not set is left out."""
        values: dict[str, Any] = {
            "rasters": list(self.rasters), "question": self.question, "out": self.out, "dates": list(self.dates),
            "area": self.area, "gsd": self.gsd, "threshold": self.threshold, "language": self.language,
            "look": self.look.as_json() if self.look else None, "vocabulary": self.vocabulary, "model": self.model,
            "adapter": self.adapter, "minimum_area": self.minimum_area,
        }  # fmt: skip
        if not any(self.dates):
            del values["dates"]
        return {name: value for name, value in values.items() if value not in (None, "")}


class Request(QObject):
    """One request; its last signal is ``done``, ``failed`` or ``cancelled``, exactly one of them."""

    stage = pyqtSignal(str)
    progress = pyqtSignal(object)
    preflight = pyqtSignal(object)
    reading = pyqtSignal(object)
    partial = pyqtSignal(str)
    text = pyqtSignal(str)
    done = pyqtSignal(object)
    failed = pyqtSignal(object)
    cancelled = pyqtSignal()

    def __init__(self, engine: Engine, id: str, method: str, params: dict[str, Any]) -> None:
        super().__init__(engine)
        self.id, self.method, self.params = id, method, params
        self.ended = False

    def cancel(self) -> None:
        """Stop this request: ask the engine first, and kill it where it does not answer."""
        if not self.ended:
            self.parent().cancel(self)

    def withdraw(self) -> None:
        """Say that nobody waits for this request any more; unlike `cancel`, the engine lives whatever it does."""
        if not self.ended:
            self.parent().withdraw(self)

    def take(self, event: dict[str, Any]) -> None:
        """Turn one event into its signal."""
        kind = event.get("event")
        if kind == "stage":
            self.stage.emit(str(event.get("stage", "")))
        elif kind == "progress":
            self.progress.emit(ProgressReport.from_json(event))
        elif kind == "preflight":
            self.preflight.emit(PreflightReport.from_json(event.get("preflight") or {}))
        elif kind == "reading":
            self.reading.emit(Reading.from_json(event))
        elif kind == "partial":
            self.partial.emit(str(event.get("polygons", "")))
        elif kind == "text":
            self.text.emit(str(event.get("text", "")))
        elif kind in ("done", "error", "cancelled"):
            self.end(event)

    def end(self, event: dict[str, Any]) -> None:
        """End with the last event's signal."""
        if self.ended:
            return
        self.ended = True
        if event["event"] == "done":
            self.done.emit({name: value for name, value in event.items() if name not in ("id", "event")})
        elif event["event"] == "cancelled":
            self.cancelled.emit()
        else:
            self.failed.emit(EngineError.from_json(event.get("error") or {}))


class Engine(QObject):
    """Starts ``diachron serve`` when it is first needed, and again after it has died."""

    stateChanged = pyqtSignal(str)
    logged = pyqtSignal(str)
    greeted = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._requests: dict[str, Request] = {}
        self._number = 0
        self._buffer = b""
        self._stopping = self._outdated = False
        self.greeting: Hello | None = None

    # -- what can be asked --------------------------------------------------------------------

    def executable(self) -> Path | None:
        """Return the engine's program, None where none is found."""
        return find_engine()

    def hello(self) -> Request:
        """Ask who the engine is; ``greeted`` carries the `Hello`."""
        request = self._send("hello", {})
        request.done.connect(self._greet)
        return request

    def read(self, question: str, language: str = "") -> Request:
        """Ask how a question is read."""
        return self._send("read", {"question": question} | ({"language": language} if language else {}))

    def preflight(
        self, rasters: Sequence[str], area: str = "", dates: Sequence[str] = (), gsd: float | None = None
    ) -> Request:
        """Ask what is to be known of rasters before they are compared."""
        values = {"rasters": list(rasters), "area": area, "dates": list(dates), "gsd": gsd}
        return self._send("preflight", {name: value for name, value in values.items() if value})

    def ask(self, job: AskJob) -> Request:
        """Ask a question."""
        return self._send("ask", job.params())

    def rerun(self, recipe: str, out: str, rasters: tuple[str, ...] = ()) -> Request:
        """Make a recipe again; ``rasters`` where they are now, none for where the recipe says."""
        return self._send("rerun", {"recipe": recipe, "out": out} | ({"rasters": list(rasters)} if rasters else {}))

    def export(self, folder: str, format: str, out: str, statuses: tuple[str, ...] = ()) -> Request:
        """Have a result written in another format; without statuses all changes but the rejected ones."""
        params = {"folder": folder, "format": format, "out": out, "statuses": list(statuses)}
        return self._send("export", params)

    def remeasure(self, folder: str, threshold: float, minimum_area: float) -> Request:
        """Ask that the changes of a result be drawn anew; no model is needed."""
        return self._send("remeasure", {"folder": folder, "threshold": threshold, "minimum_area": minimum_area})

    def cancel(self, request: Request) -> None:
        """Ask the engine to stop a request; kill it after five seconds."""
        self._send("cancel", {"target": request.id})
        QTimer.singleShot(PATIENCE_MS, lambda: self._kill_if_running(request))

    def withdraw(self, request: Request) -> None:
        """Ask the engine to stop a request, and leave it at that."""
        self._send("cancel", {"target": request.id})

    def running(self) -> bool:
        """True while the process lives."""
        return self._process is not None and self._process.state() != QProcess.ProcessState.NotRunning

    def process_id(self) -> int:
        """Return the process's number, 0 where none runs."""
        return int(self._process.processId()) if self._process is not None and self.running() else 0

    def renew(self) -> None:
        """Have the next request that finds the process idle start it anew, with the settings of then."""
        self._outdated = True

    def shutdown(self, patience_ms: int = 1000) -> None:
        """End the process; the only place that waits: so long for it to end by itself, and so long once killed."""
        self._stopping = True
        process = self._process
        if process is None or process.state() == QProcess.ProcessState.NotRunning:
            return
        process.closeWriteChannel()
        if not process.waitForFinished(patience_ms):
            process.kill()
            process.waitForFinished(patience_ms)
        # A busy machine may need longer; nobody is left to hear of it then.
        process.blockSignals(True)

    # -- the process --------------------------------------------------------------------------

    def _send(self, method: str, params: dict[str, Any]) -> Request:
        self._number += 1
        request = Request(self, str(self._number), method, params)
        self._requests[request.id] = request
        program = self.executable()
        if program is None:
            QTimer.singleShot(0, lambda: self._fail(request, _absent()))
            return request
        if self._outdated and len(self._requests) == 1:
            self._leave_process()
        if not self.running():
            self._start(program)
        line = json.dumps({"id": request.id, "method": method, "params": params}, ensure_ascii=False)
        if self._process is not None:
            self._process.write(line.encode("utf-8") + b"\n")
        self.stateChanged.emit("busy")
        return request

    def _leave_process(self) -> None:
        """Let an idle process end by itself, and hear no more of it."""
        process, self._process, self._outdated = self._process, None, False
        if process is None:
            return
        for signal in (process.readyReadStandardOutput, process.readyReadStandardError, process.finished,
                       process.errorOccurred):  # fmt: skip
            signal.disconnect()
        process.finished.connect(process.deleteLater)
        process.closeWriteChannel()

    def _start(self, program: Path) -> None:
        process = QProcess(self)
        process.setProcessEnvironment(engine_environment())
        process.readyReadStandardOutput.connect(lambda: self._read_events(process))
        process.readyReadStandardError.connect(lambda: self._read_log(process))
        process.finished.connect(lambda *_: self._ended(process))
        process.errorOccurred.connect(lambda error: self._not_started(process, error))
        self._process, self._buffer, self._stopping = process, b"", False
        self.stateChanged.emit("starting")
        process.start(str(program), read_settings().engine_arguments())

    def _read_events(self, process: QProcess) -> None:
        self._buffer += bytes(process.readAllStandardOutput())
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            event = json.loads(line)
        except ValueError:
            engine_log().warning("not a protocol line: %r", line[:200])
            return
        request = self._requests.get(str(event.get("id")))
        if request is None:
            engine_log().warning("an event for no request: %r", line[:200])
            return
        request.take(event)
        if request.ended:
            self._forget(request)

    def _read_log(self, process: QProcess) -> None:
        text = bytes(process.readAllStandardError()).decode("utf-8", "replace")
        for line in text.splitlines():
            engine_log().info(line)
            self.logged.emit(line)

    def _ended(self, process: QProcess) -> None:
        self._read_events(process)
        self._read_log(process)
        if process is self._process:
            self._process = None
        process.deleteLater()
        for request in list(self._requests.values()):
            self._fail(request, _crashed())
        if not self._stopping:
            self.stateChanged.emit("stopped")

    def _not_started(self, process: QProcess, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._process = None
            for request in list(self._requests.values()):
                self._fail(request, _absent(str(self.executable() or "")))
            self.stateChanged.emit("absent")

    def _kill_if_running(self, request: Request) -> None:
        if request.ended:
            return
        request.end({"event": "cancelled"})
        self._forget(request)
        if self._process is not None:
            self._process.kill()

    def _fail(self, request: Request, error: EngineError) -> None:
        self._forget(request)
        if not request.ended:
            request.ended = True
            request.failed.emit(error)

    def _forget(self, request: Request) -> None:
        self._requests.pop(request.id, None)
        if not self._requests and self.running():
            self.stateChanged.emit("ready")

    def _greet(self, result: dict[str, Any]) -> None:
        self.greeting = Hello.from_json(result)
        self.greeted.emit(self.greeting)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Diachron", text)


def _absent(where: str = "") -> EngineError:
    return EngineError(
        "absent",
        _tr("The engine was not found or does not start"),
        where,
        _tr("choose one, or set one up, at the top of the dock"),
    )


def _crashed() -> EngineError:
    return EngineError(
        "crashed", _tr("The engine stopped in mid-question"), str(log_file()), _tr("ask again; it starts anew")
    )
