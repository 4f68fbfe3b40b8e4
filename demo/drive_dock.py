"""Works the real dock inside QGIS, as a person would: run by ``qgis --code`` with a job named in DIACHRON_DEMO_JOB.

The job is JSON: ``before``, ``after`` (rasters), ``questions``, ``project`` (file to save), ``screenshots`` (folder),
``report`` (JSON to write), and optionally ``wheel`` (of the engine, which the dock then sets up), ``keep`` (leave the
window open), ``kill_during`` (number of a question during which the engine is killed once), ``review`` (work the review
desk on the first answer), ``database`` (then reconcile with this PostGIS layer).
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QTimer
from qgis.utils import iface, plugins

WINDOW_PX = (1560, 940)
QUESTION_PATIENCE_S = 400
START_PATIENCE_S, SETUP_PATIENCE_S = 120, 900


class Drive:
    """One job, step by step; each step is started by a timer, so that QGIS lives between them."""

    def __init__(self, job: dict) -> None:
        self.job = job
        self.shots = Path(job["screenshots"])
        self.shots.mkdir(parents=True, exist_ok=True)
        self.records: list[dict] = []
        self.left = list(job["questions"])
        sys.path.insert(0, job["code"])
        from stall_watch import StallWatch

        self.watch = StallWatch()
        self.asked_at = 0.0
        self.killed = False
        self.reviewed: dict = {}
        self.reconciled: dict = {}

    def begin(self) -> None:
        """Open the pair in a saved project."""
        self.dock = plugins["diachron_qgis"].dock
        project = QgsProject.instance()
        layers = [QgsRasterLayer(self.job[name], self.layer_name(name), "gdal") for name in ("before", "after")]
        for layer in layers:
            if not layer.isValid():
                raise RuntimeError(f"QGIS cannot open {layer.source()}")
        project.addMapLayers(list(reversed(layers)))
        if layers[1].crs().isValid():
            project.setCrs(layers[1].crs())
        project.write(self.job["project"])
        if not self.job.get("keep"):
            iface.mainWindow().resize(*WINDOW_PX)
        self.dock.setVisible(True)
        iface.mainWindow().resizeDocks([self.dock], [470], 1)
        self.dock.form.before.setLayer(layers[0])
        self.dock.form.after.setLayer(layers[1])
        for date, field in zip(self.job.get("dates", ()), (self.dock.form.before_date, self.dock.form.after_date)):
            field.setText(date)
        self.dock.form.set_area_mode("overlap")
        iface.mapCanvas().setExtent(layers[1].extent())
        iface.mapCanvas().refresh()
        self.after_layer = layers[1]
        if self.job.get("wheel"):
            self.set_up_engine()
        else:
            self.wait_for_engine(time.monotonic())

    def set_up_engine(self) -> None:
        """Have the dock set an engine up from the wheel, with a picture of its card, and ask once it is there."""
        card = self.dock.setup
        if not card.isVisible():
            raise RuntimeError("the dock does not offer to set an engine up")
        card.install(Path(self.job["wheel"]))
        QTimer.singleShot(5000, lambda: self.shoot("setting_up"))
        self.wait_for_engine(time.monotonic(), SETUP_PATIENCE_S)

    def layer_name(self, name: str) -> str:
        """Return a file's name as the layer's, with the date's where both files are called the same."""
        stem = Path(self.job[name]).stem
        return f"{stem}, {name}" if Path(self.job["before"]).stem == Path(self.job["after"]).stem else stem

    def wait_for_engine(self, since: float, patience_s: float = START_PATIENCE_S) -> None:
        """Ask the first question once the engine has said hello."""
        if self.dock.engine.greeting is None and time.monotonic() - since < patience_s:
            QTimer.singleShot(200, lambda: guarded(lambda: self.wait_for_engine(since, patience_s)))
            return
        self.watch.restart()
        self.next_question()

    def next_question(self) -> None:
        """Type the next question and press Ask; where none is left, review the first answer, or end."""
        if not self.left:
            self.review()
            return
        question = self.left.pop(0)
        self.asked_at = time.monotonic()
        self.dock.box.line.setText(question)
        self.dock.box.ask_button.click()
        if self.dock.running is None:
            raise RuntimeError(f"the dock did not ask: {self.dock.message.text()}")
        number = len(self.records) + 1
        if self.job.get("kill_during") == number and not self.killed:
            QTimer.singleShot(1500, self.kill_engine)
        QTimer.singleShot(100, lambda: guarded(lambda: self.wait_for_answer(question)))

    def kill_engine(self) -> None:
        """Kill the engine's process, as an unlucky machine would."""
        self.killed = True
        pid = self.dock.engine.process_id()
        if pid:
            os.kill(pid, signal.SIGKILL)

    def wait_for_answer(self, question: str) -> None:
        """Wait until the question has ended, then record it and click its first number."""
        if self.dock.running is not None:
            if time.monotonic() - self.asked_at > QUESTION_PATIENCE_S:
                raise RuntimeError(f"no answer within {QUESTION_PATIENCE_S} s: {question}")
            QTimer.singleShot(100, lambda: guarded(lambda: self.wait_for_answer(question)))
            return
        entry = self.dock.conversation.entries[-1]
        answer = entry.read_answer()
        self.records.append({
            "question": question, "state": entry.state, "text": answer.text if answer else "", "folder": entry.folder,
            "error": entry.read_error().line() if entry.error else "",
                "seconds": round(time.monotonic() - self.asked_at, 2),
        })  # fmt: skip
        if entry.state == "failed" and self.killed and self.job.get("kill_during") == len(self.records):
            self.shoot(f"question_{len(self.records)}_killed")
            self.left.insert(0, question)
        linked = [fact for fact in (answer.facts if answer else ()) if fact.features]
        if linked and len(self.records) == 1:
            self.dock.show_fact(entry.id, linked[0].id)
            QTimer.singleShot(1500, lambda: guarded(self.shoot_and_go_on))
        else:
            QTimer.singleShot(700, lambda: guarded(self.shoot_and_go_on))

    def shoot_and_go_on(self) -> None:
        """Take a picture of the window and of the dock, then ask on."""
        self.shoot(f"question_{len(self.records)}")
        if len(self.records) == 1:
            iface.mapCanvas().setExtent(self.after_layer.extent())
            iface.mapCanvas().refresh()
        QTimer.singleShot(300, lambda: guarded(self.next_question))

    def shoot(self, name: str) -> None:
        """Save the window and the dock as PNG; the stall that this makes is not counted."""
        longest, work = self.watch.longest_ms, self.watch.longest_work_ms
        iface.mainWindow().grab().save(str(self.shots / f"{name}.png"))
        self.dock.grab().save(str(self.shots / f"{name}_dock.png"))
        self.watch.restart()
        self.watch.longest_ms, self.watch.longest_work_ms = longest, work

    def review(self) -> None:
        """Work the review desk where the job says so, then end."""
        if self.job.get("pages"):
            from drive_pages import PagesDrive

            self.job["pages"] = False
            PagesDrive(self, guarded, self.review).begin()
            return
        if not self.job.get("review"):
            self.end()
            return
        from drive_review import ReviewDrive

        ReviewDrive(self, guarded, self.end_review).begin()

    def end_review(self, record: dict) -> None:
        """Keep what the review recorded; reconcile with the job's database where it has one, then end."""
        self.reviewed = record
        if not self.job.get("database"):
            self.end()
            return
        from drive_reconcile import ReconcileDrive

        from diachron_qgis.logic.results import changes_layer

        entry = next(each for each in self.dock.conversation.entries if each.state == "done")
        changes = changes_layer(QgsProject.instance(), entry.folder)
        ReconcileDrive(self, changes, guarded, self.end_reconcile).begin()

    def end_reconcile(self, record: dict) -> None:
        """Keep what the reconciliation recorded, and end."""
        self.reconciled = record
        self.end()

    def end(self, error: str = "") -> None:
        """Save the project, write the report, and leave."""
        QgsProject.instance().write()
        report = {
            "questions": self.records,
            "longest_stall_ms": round(self.watch.longest_ms, 1),
            "longest_work_ms": round(self.watch.longest_work_ms, 1),
            "error": error,
            "review": self.reviewed,
            "reconcile": self.reconciled,
        }
        Path(self.job["report"]).write_text(json.dumps(report, ensure_ascii=False, indent=2), encoding="utf-8")
        if not self.job.get("keep"):
            QTimer.singleShot(500, leave)


def leave() -> None:
    """Close QGIS without its questions: of a project touched since it was saved, or of layers that lie in a
    temporary folder."""
    QgsProject.instance().clear()
    QgsProject.instance().setDirty(False)
    iface.actionExit().trigger()


def guarded(step) -> None:
    """Run a step; where it fails, report it and leave, so that QGIS never stays behind."""
    try:
        step()
    except Exception:
        traceback.print_exc()
        drive.end(traceback.format_exc())


drive = Drive(json.loads(Path(os.environ["DIACHRON_DEMO_JOB"]).read_text(encoding="utf-8")))
sys.stdout.flush()
QTimer.singleShot(1500, lambda: guarded(drive.begin))
