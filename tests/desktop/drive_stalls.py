"""Asks a question with many changes and reviews 10,000 proposals inside QGIS, under a watchdog: run by ``qgis --code``.

The job, named in DIACHRON_DEMO_JOB, is JSON: ``before``, ``after`` (rasters), ``dates``, ``project`` (file to save),
``report`` (JSON to write), ``code`` and ``tests`` (folders to import from), ``proposals`` (how many to review) and
``rounds`` (how often everything is done: the first time, QGIS fills caches of its own).
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface, plugins

JOB = json.loads(Path(os.environ["DIACHRON_DEMO_JOB"]).read_text(encoding="utf-8"))

WINDOW_PX = (1560, 940)
PATIENCE_S = 120
QUESTION = "How many buildings are new?"
KEYS = "AARANUPR" * 3


class Drive:
    """Steps by generator; each yields how long QGIS is to live before the next, in ms."""

    def __init__(self) -> None:
        sys.path[:0] = [JOB["code"], JOB["tests"]]
        self.folder = Path(JOB["project"]).parent
        self.rounds: list[dict[str, dict[str, float]]] = []
        self.steps = self.run()

    def go_on(self) -> None:
        """Do the next step; where it fails, report it and leave, so that QGIS never stays behind."""
        try:
            wait_ms = next(self.steps, None)
        except Exception:
            self.leave(traceback.format_exc())
            return
        if wait_ms is None:
            self.leave("")
        else:
            QTimer.singleShot(wait_ms, self.go_on)

    def run(self) -> Iterator[int]:
        """Set up, then every phase once a round."""
        from stall_watch import StallWatch

        from proposal_layers import load, write_proposals

        self.dock = plugins["diachron_qgis"].dock
        many = write_proposals(self.folder / "many.gpkg", JOB["proposals"])
        yield from self.set_up()
        yield from self.until(lambda: self.dock.engine.greeting is not None)
        self.many = load(many)
        yield 2000
        self.watch = StallWatch()
        for _ in range(JOB["rounds"]):
            self.rounds.append({})
            for phase in (self.question, self.link, self.open_review, self.decide, self.look_about, self.close_review):
                yield from self.measured(phase.__name__, phase())
            yield from self.reopen()

    def measured(self, name: str, steps: Iterator[int]) -> Iterator[int]:
        """Watch a phase; what Python's own collection of the set-up's rubbish takes is not the phase's."""
        if name != "reopen":
            gc.collect()
            yield 300
        self.watch.restart()
        yield from steps
        self.rounds[-1][name] = self.watch.told()

    def until(self, condition: Callable[[], bool]) -> Iterator[int]:
        """Wait for a condition."""
        since = time.monotonic()
        while not condition():
            if time.monotonic() - since > PATIENCE_S:
                raise RuntimeError("waited in vain")
            yield 50

    def set_up(self) -> Iterator[int]:
        """Open the pair in a saved project."""
        project = QgsProject.instance()
        before, after = (QgsRasterLayer(JOB[name], name, "gdal") for name in ("before", "after"))
        project.addMapLayers([after, before])
        project.setCrs(after.crs())
        project.write(JOB["project"])
        iface.mainWindow().resize(*WINDOW_PX)
        self.dock.setVisible(True)
        self.pair = (before, after)
        self.pick()
        iface.mapCanvas().setExtent(after.extent())
        iface.mapCanvas().refresh()
        yield 1500

    def pick(self) -> None:
        """Pick the pair in the dock."""
        form = self.dock.form
        form.before.setLayer(self.pair[0])
        form.after.setLayer(self.pair[1])
        for date, field in zip(JOB["dates"], (form.before_date, form.after_date)):
            field.setText(date)
        form.set_area_mode("overlap")

    def question(self) -> Iterator[int]:
        """Type a question, press Ask, and wait until its layers are drawn."""
        self.dock.box.line.setText(QUESTION)
        self.dock.box.ask_button.click()
        if self.dock.running is None:
            raise RuntimeError(f"the dock did not ask: {self.dock.message.text()}")
        yield from self.until(lambda: self.dock.running is None)
        entry = self.dock.conversation.entries[-1]
        if entry.state != "done":
            raise RuntimeError(f"the question {entry.state}: {entry.error}")
        yield 2500

    def link(self) -> Iterator[int]:
        """Click a number of the answer, then on the card."""
        entry = self.dock.conversation.entries[-1]
        self.dock.cards[entry.id].fact_clicked.emit(1)
        yield 2500
        self.dock.cards[entry.id].chosen.emit()
        yield 500

    def open_review(self) -> Iterator[int]:
        """Open the desk on the many proposals."""
        self.dock.desk.open(self.many, *self.pair, ("2018", "2023"), self.dock.vocabulary)
        session = self.dock.desk.session
        yield from self.until(lambda: session.is_loaded)
        if len(session.queue) != JOB["proposals"]:
            raise RuntimeError(f"{len(session.queue)} proposals were read")
        yield 2500

    def decide(self) -> Iterator[int]:
        """Decide by keys on the map, as a person does."""
        desk = self.dock.desk
        for key in KEYS:
            self.press(key)
            yield 150
        self.press("C")
        yield 500
        desk.class_editor.leave()
        self.press("M")
        yield 300
        desk.note_editor.leave()
        yield 500

    def look_about(self) -> Iterator[int]:
        """Compare in every way, and put the list in every order and under every filter."""
        desk = self.dock.desk
        for key in "2W31":
            self.press(key)
            yield 1200
        for combo in (desk.filter.order, desk.filter.status):
            for place in (*range(1, combo.count()), 0):
                combo.setCurrentIndex(place)
                yield 250
        self.many.selectByIds([9_000])
        yield 500

    def close_review(self) -> Iterator[int]:
        """Close the desk."""
        self.dock.desk.close()
        yield 1000

    def reopen(self) -> Iterator[int]:
        """Save and open the project; what QGIS takes to read its file is left out, what the dock does in it is told."""
        project, own_s = QgsProject.instance(), []
        project.write()
        yield 500
        restore = self.dock.restore

        def timed() -> None:
            started = time.thread_time()
            restore()
            own_s.append(time.thread_time() - started)

        self.dock.restore = timed
        project.read(JOB["project"])
        del self.dock.restore
        yield from self.measured("reopen", iter([2500]))
        self.rounds[-1]["reopen"]["own_ms"] = round(1000 * sum(own_s), 1)
        cards, entries = list(self.dock.cards), [each.id for each in self.dock.conversation.entries]
        if cards != entries or not own_s:
            raise RuntimeError(f"{len(cards)} cards of {len(entries)} questions")
        self.many = next(each for each in project.mapLayers().values() if "many.gpkg" in each.source())
        self.pair = tuple(project.mapLayersByName(name)[0] for name in ("before", "after"))
        self.pick()
        yield 1000

    def press(self, key: str) -> None:
        """Press a key on the map."""
        QApplication.setActiveWindow(iface.mainWindow())
        iface.mapCanvas().setFocus()
        QTest.keyClick(iface.mapCanvas(), key)

    def leave(self, error: str) -> None:
        """Write the report and close QGIS without its questions."""
        report = {"error": error, "rounds": self.rounds}
        Path(JOB["report"]).write_text(json.dumps(report, indent=2), encoding="utf-8")
        QgsProject.instance().clear()
        QgsProject.instance().setDirty(False)
        QTimer.singleShot(500, iface.actionExit().trigger)


drive = Drive()
QTimer.singleShot(1500, drive.go_on)
