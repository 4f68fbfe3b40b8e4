"""Works the review desk inside QGIS, key by key, once `drive_dock` has asked its questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from qgis.core import QgsGeometry, QgsProject
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface

DECISIONS = "AARARAAARRAARAAARAAR"
"""Twenty decisions, as the keys that make them."""
KEY_MS = 120
WRITE_PATIENCE_S = 60


class ReviewDrive:
    """Decides, compares, redraws, undoes, moves the slider, saves and opens again; ``record`` is what it saw."""

    def __init__(self, drive: Any, guarded: Callable, then: Callable[[dict], None]) -> None:
        self.dock, self.shoot, self.shots, self.guarded, self.then = drive.dock, drive.shoot, drive.shots, guarded, then
        self.record: dict[str, Any] = {"work_ms": {}}
        self.watch = drive.watch
        self._longest = (0.0, 0.0)
        self._steps: Iterator[int] = iter(())

    def begin(self) -> None:
        """Start the steps; each says how long QGIS is to live before the next, in ms."""
        self._steps = self._run()
        self._next()

    def _mark(self, phase: str) -> None:
        """Keep the longest work of the main thread in a phase, in ms of its own time, and begin the next."""
        watch = self.watch
        self.record["work_ms"][phase] = round(watch.longest_work_ms, 1)
        self._longest = (max(self._longest[0], watch.longest_ms), max(self._longest[1], watch.longest_work_ms))
        watch.restart()

    def _next(self) -> None:
        wait_ms = next(self._steps, None)
        if wait_ms is None:
            self.then(self.record)
        else:
            QTimer.singleShot(wait_ms, lambda: self.guarded(self._next))

    def _run(self) -> Iterator[int]:
        self._mark("questions")
        entry = next(each for each in self.dock.conversation.entries if each.state == "done")
        self.dock.review(entry.id)
        desk = self.dock.desk
        while desk.session is None or not desk.session.is_loaded:
            yield 100
        yield 2500
        self._mark("open")
        self.shoot("review_beside")
        self.record["proposals"] = desk.session.queue.total
        slowest_ms = 0.0
        decided = 0
        for key in DECISIONS[: desk.session.queue.total]:
            started = time.perf_counter()
            self.press(key)
            slowest_ms = max(slowest_ms, (time.perf_counter() - started) * 1000)
            decided += 1
            yield KEY_MS
        self.record |= {"decided": decided, "slowest_key_ms": round(slowest_ms, 1), "bar": desk.bar.text()}
        yield 1200
        self._mark("decide")
        self.shoot("review_decided")
        for phase, steps in (
            ("compare", self._compare(desk)),
            ("edit", self._edit(desk)),
            ("slider", self._move_slider(entry.id, desk)),
            ("reopen", self._reopen(entry.id)),
        ):
            yield from steps
            self._mark(phase)
        self.watch.longest_ms, self.watch.longest_work_ms = self._longest

    def _compare(self, desk: Any) -> Iterator[int]:
        self.press("2")
        yield 1800
        desk.stage.curtain.set_share(0.6)
        yield 200
        self.shoot("review_swipe")
        self.press("W")
        yield 1000
        self.record["swept_to"] = desk.stage.curtain.share
        self.press("3")
        yield 1500
        self.press("1")
        yield 800

    def _edit(self, desk: Any) -> Iterator[int]:
        desk.session.queue.go_first(undecided=False)
        desk.session.moved.emit()
        yield 300
        self.press("C")
        yield 400
        self.shoot("review_classes")
        desk.class_editor.leave()
        self.press("D")
        yield 1500
        layer, fid = desk.session.layer, desk.session.queue.current.fid
        outline = layer.getFeature(fid).geometry()
        layer.changeGeometry(fid, QgsGeometry.fromRect(outline.boundingBox()))
        yield 600
        self.shoot("review_redraw")
        self.press("D")
        yield 800
        self.record["redrawn"] = desk.session.queue.last_step().after.status
        self.press("U")
        yield 500
        self.record["undone"] = layer.getFeature(fid).geometry().equals(outline)
        layer.selectByIds([fid])
        yield 300

    def _move_slider(self, entry_id: str, desk: Any) -> Iterator[int]:
        self.dock.raise_()
        card, drawn = self.dock.cards[entry_id], []
        self.dock.scroll.ensureWidgetVisible(card)
        yield 600
        self.shoot("review_sentence")
        self.dock.live.redrawn.connect(lambda *_: drawn.append(1))
        before = card.view.toPlainText()
        card.tools.slider.setValue(85)
        started = time.monotonic()
        while not drawn and time.monotonic() - started < WRITE_PATIENCE_S:
            yield 100
        spent_s = round(time.monotonic() - started, 2)
        self.record |= {"slider_drawn": bool(drawn), "slider_s": spent_s}
        self.record |= {"text_before": before, "text": card.view.toPlainText()}
        yield 1200
        self.shoot("review_slider")
        self.record["kept"] = sorted(self._statuses(desk.session.layer))

    def _reopen(self, entry_id: str) -> Iterator[int]:
        project = QgsProject.instance()
        file = project.fileName()
        self.dock.desk.close()
        project.write()
        project.clear()
        yield 300
        project.read(file)
        yield 1500
        from diachron_qgis.logic.results import changes_layer

        entry = next(each for each in self.dock.conversation.entries if each.id == entry_id)
        layer = changes_layer(project, entry.folder)
        self.record["reopened"] = sorted(self._statuses(layer))
        feature = next(layer.getFeatures())
        form = iface.getFeatureForm(layer, feature)
        form.show()
        yield 2500
        form.grab().save(str(self.shots / "review_form.png"))
        form.close()
        yield 200

    @staticmethod
    def _statuses(layer: Any) -> list[str]:
        return [str(feature["status"]) for feature in layer.getFeatures()]

    def press(self, key: str) -> None:
        """Press a key on the map, as a person does whose eyes are on it."""
        QApplication.setActiveWindow(iface.mainWindow())
        iface.mapCanvas().setFocus()
        QTest.keyClick(iface.mapCanvas(), key)
