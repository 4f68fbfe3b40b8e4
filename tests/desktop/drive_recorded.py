"""Works a whole round inside QGIS and takes a picture of each part: a question, the review by keys alone, the slider, a
database, saving, opening again, the report. Run by ``qgis --code`` with a job named in DIACHRON_DEMO_JOB.

The job is JSON: ``before``, ``after`` (rasters), ``dates``, ``question``, ``project`` (file to save), ``buildings``
(URI of a PostGIS layer whose field ``nature`` says ``batiment``), ``screenshots`` (folder), ``report`` (JSON to write).
"""

from __future__ import annotations

import json
import os
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from qgis.core import QgsFillSymbol, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QApplication, QDialogButtonBox, QDockWidget, QFileDialog, QWidget
from qgis.utils import iface, plugins

DECISIONS = "AARACAMARRAACARAMARCAR"
"""Keys of the desk; M (a note) and C (other classes) are followed by what `TYPED` says, and by Enter."""
TYPED = {"M": "seen on the ground", "C": "bare"}
WINDOW_PX, SMALL_PX, DOCK_PX, TABLE_PX = (1360, 820), (1200, 740), 390, 300
KEY_MS = 100
PATIENCE_S, ENGINE_PATIENCE_S = 90, 400
LEAVE_MS = 15_000


class RecordedRun:
    """The parts one after another; ``record`` is what was seen."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.job, self.shots = job, Path(job["screenshots"])
        self.shots.mkdir(parents=True, exist_ok=True)
        self.record: dict[str, Any] = {"seconds": {}, "error": ""}
        self._steps = self._run()

    def go_on(self) -> None:
        """Do the next step; where one fails, report it and leave, so that QGIS never stays behind."""
        try:
            wait_ms = next(self._steps, None)
        except Exception:
            traceback.print_exc()
            self.record["error"] = traceback.format_exc()
            wait_ms = None
        if wait_ms is None:
            self._leave()
        else:
            QTimer.singleShot(wait_ms, self.go_on)

    def _run(self) -> Iterator[int]:
        parts = (self._ask, self._review, self._move_slider, self._reconcile, self._save, self._reopen, self._report)
        for part in parts:
            started = time.monotonic()
            yield from part()
            self.record["seconds"][part.__name__.strip("_")] = round(time.monotonic() - started, 1)

    def _leave(self) -> None:
        Path(self.job["report"]).write_text(json.dumps(self.record, ensure_ascii=False, indent=2), encoding="utf-8")
        # A question that QGIS asks before it ends, where something went wrong, has nobody to answer it.
        QTimer.singleShot(LEAVE_MS, lambda: os._exit(1))
        QgsProject.instance().clear()
        QgsProject.instance().setDirty(False)
        iface.actionExit().trigger()

    # -- the parts ------------------------------------------------------------------------------

    def _ask(self) -> Iterator[int]:
        """Open the pair in a saved project, and ask."""
        window, project = iface.mainWindow(), QgsProject.instance()
        self.dock = plugins["diachron_qgis"].dock
        layers = [QgsRasterLayer(self.job[name], name, "gdal") for name in ("before", "after")]
        project.addMapLayers(layers[::-1])
        project.setCrs(layers[1].crs())
        project.write(self.job["project"])
        window.resize(*SMALL_PX)
        window.findChild(QDockWidget, "Browser").close()
        self.dock.setVisible(True)
        window.resizeDocks([self.dock], [DOCK_PX], Qt.Orientation.Horizontal)
        self.dock.form.show_rasters(layers, self.job["dates"])
        self.dock.form.set_area_mode("overlap")
        self._show_all(layers[1])
        yield from self._until(lambda: self.dock.engine.greeting is not None, ENGINE_PATIENCE_S)
        self.dock.box.line.setFocus()
        self.write(self.job["question"])
        self.press(Qt.Key.Key_Return)
        yield from self._until(lambda: self.dock.running is None, ENGINE_PATIENCE_S)
        self.entry = self.dock.conversation.entries[0]
        self._show_all(layers[1])
        yield from self._rest()
        iface.messageBar().clearWidgets()
        self.shoot("answer")

    def _review(self) -> Iterator[int]:
        iface.mainWindow().resize(*WINDOW_PX)
        self.dock.review(self.entry.id)
        desk = self.dock.desk
        yield from self._until(lambda: desk.session is not None and desk.session.is_loaded)
        yield 1000
        iface.mapCanvas().setFocus()
        half = len(DECISIONS) // 2
        yield from self._decide(DECISIONS[:half])
        yield from self._ask_for_classes()
        yield from self._decide(DECISIONS[half:])
        yield from self._rest()
        self.shoot("decided")
        self.record |= {"bar": desk.bar.text(), "proposals": desk.session.queue.total, "decided": self._decided()}

    def _decide(self, keys: str) -> Iterator[int]:
        for key in keys:
            self.press(key)
            yield KEY_MS
            if key in TYPED:
                self.write(TYPED[key])
                yield KEY_MS
                self.press(Qt.Key.Key_Return)
                yield KEY_MS

    def _ask_for_classes(self) -> Iterator[int]:
        """Take the picture of a decision in the making."""
        self.press("C")
        yield from self._rest()
        self.shoot("review")
        self.press(Qt.Key.Key_Escape)
        yield KEY_MS

    def _move_slider(self) -> Iterator[int]:
        self.dock.raise_()
        card, drawn = self.dock.cards[self.entry.id], []
        self.dock.scroll.ensureWidgetVisible(card)
        yield 400
        self.record["before"] = self._numbers()
        self.dock.grab().save(str(self.shots / "slider_before.png"))
        self.dock.live.redrawn.connect(lambda *_: drawn.append(1))
        card.tools.slider.setFocus()
        for _ in range(6):
            QTest.keyClick(card.tools.slider, Qt.Key.Key_PageUp)
        yield from self._until(lambda: bool(drawn))
        yield 500
        self.dock.grab().save(str(self.shots / "slider_after.png"))
        self.record |= {"after": self._numbers(), "decided_after": self._decided()}

    def _reconcile(self) -> Iterator[int]:
        from diachron_qgis.gui import reconcile_panel
        from diachron_qgis.logic.reconcile_mapping import ClassMapping, Fill

        database = QgsVectorLayer(self.job["buildings"], "buildings", "postgres")
        if not database.isValid():
            raise RuntimeError(f"QGIS cannot open {self.job['buildings']}")
        outlined = {"color": "0,0,0,0", "outline_color": "white", "outline_width": "0.5"}
        database.renderer().setSymbol(QgsFillSymbol.createSimple(outlined))
        QgsProject.instance().addMapLayer(database)
        self.dock.desk.raise_()
        self.dock.desk.set_layout("swipe")
        self.dock.desk.table.setFocus()
        yield 500
        self.press("B")
        (panel,) = reconcile_panel._panels
        iface.mainWindow().resizeDocks([panel], [TABLE_PX], Qt.Orientation.Vertical)
        self.record["picked"] = panel.layers()[0] is self.dock.desk.session.layer
        panel.database.setLayer(database)
        fill = Fill("source", "'Diachron, proposal ' || \"id\"")
        panel.form.show_mapping(ClassMapping("nature", (("building", "batiment"),), (fill,)))
        self.dock.desk.close()
        yield 500
        panel.compare_button.click()
        yield from self._until(lambda: panel.model.listed is not None)
        self.record["listed"] = dict(Counter(each.action for each in panel.model.listed.findings))
        panel.tree.setCurrentIndex(panel.model.index_of(panel.model.chosen()[0]))
        yield from self._rest()
        self.shoot("listed")
        panel.apply_button.click()
        yield from self._until(lambda: database.isModified() and panel._edits is None)
        iface.setActiveLayer(database)
        yield from self._rest()
        self.shoot("applied")
        self.record["undone"] = yield from self._undo_and_redo(database)

    def _undo_and_redo(self, layer: QgsVectorLayer) -> Iterator[int]:
        """Take the one command back, see that nothing is left of it, and do it again."""
        undo, redo = (iface.mainWindow().findChild(QAction, name) for name in ("mActionUndo", "mActionRedo"))
        undo.trigger()
        yield 300
        is_clean = not layer.isModified()
        redo.trigger()
        yield 300
        return is_clean and layer.isModified()

    def _save(self) -> Iterator[int]:
        """Save the edits of the database's layer, then the project."""
        from diachron_qgis.gui.reconcile_panel import close_reconcile

        database = iface.activeLayer()
        iface.actionSaveActiveLayerEdits().trigger()
        yield from self._until(lambda: not database.isModified())
        iface.actionToggleEditing().trigger()
        close_reconcile()
        iface.mainWindow().resize(*SMALL_PX)
        yield 200
        self._show_all()
        yield from self._rest()
        self.shoot("saved")
        iface.setActiveLayer(self._changes())
        iface.actionSaveProject().trigger()
        self.record["kept"] = self._what_is_there()

    def _reopen(self) -> Iterator[int]:
        project = QgsProject.instance()
        file = project.fileName()
        iface.newProject(False)
        yield 500
        self.record["closed"] = [len(project.mapLayers()), len(self.dock.cards)]
        iface.messageBar().clearWidgets()
        iface.addProject(file)
        yield from self._until(lambda: self.entry.id in self.dock.cards and self._numbers()["text"] != "")
        yield from self._rest()
        self.record["reopened"] = self._what_is_there()
        self.dock.raise_()
        self._show_all()
        yield from self._rest()
        self.shoot("reopened")

    def _report(self) -> Iterator[int]:
        pdf = Path(self.entry.folder).with_suffix(".pdf")
        QTimer.singleShot(500, self._save_in_dialog)
        files = self.dock.cards[self.entry.id].files
        files.report.click()
        yield from self._until(lambda: files.isEnabled() and pdf.is_file())
        self.record["pdf"] = str(pdf)

    @staticmethod
    def _save_in_dialog() -> None:
        """Save where the dialog proposes to."""
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QFileDialog):
            dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save).click()

    # -- pieces -----------------------------------------------------------------------------------

    def shoot(self, name: str) -> None:
        """Save the window as PNG."""
        iface.mainWindow().grab().save(str(self.shots / f"{name}.png"))

    def press(self, key: str | Qt.Key) -> None:
        """Press a key where the focus is, as a person does."""
        QTest.keyClick(self._focus(), key)

    def write(self, text: str) -> None:
        """Write letter by letter where the focus is."""
        for letter in text:
            QTest.keyClick(self._focus(), letter)

    @staticmethod
    def _focus() -> QWidget:
        QApplication.setActiveWindow(iface.mainWindow())
        focused = QApplication.focusWidget()
        if focused is None:
            raise RuntimeError("nothing has the focus")
        return focused

    def _show_all(self, layer: QgsRasterLayer | None = None) -> None:
        layer = layer or QgsProject.instance().mapLayer(self.entry.after)
        iface.mapCanvas().setExtent(layer.extent())
        iface.mapCanvas().refresh()

    def _changes(self) -> QgsVectorLayer:
        from diachron_qgis.logic.results import changes_layer

        return changes_layer(QgsProject.instance(), self.entry.folder)

    def _decided(self) -> list[tuple[str, str, str]]:
        """Return status, class and note of each proposal that is decided."""
        rows = [
            [str(each[name] or "") for name in ("status", "to_class", "note")] for each in self._changes().getFeatures()
        ]
        return sorted(tuple(row) for row in rows if row[0] != "proposed")

    def _numbers(self) -> dict[str, Any]:
        tools = self.dock.cards[self.entry.id].tools
        return {
            "text": self.dock.cards[self.entry.id].view.toPlainText(), "review": tools.review.text(),
            "threshold": tools.value.text(), "polygons": self._changes().featureCount(),
        }  # fmt: skip

    def _what_is_there(self) -> dict[str, Any]:
        layers = sorted(each.name() for each in QgsProject.instance().mapLayers().values())
        said = [each.question for each in self.dock.conversation.entries]
        picked = [each.name() for each in self.dock.form.layers()]
        return {"layers": layers, "asked": said, "picked": picked, "decided": self._decided(), **self._numbers()}

    def _rest(self) -> Iterator[int]:
        """Wait until the map is drawn."""
        yield 300
        yield from self._until(lambda: not iface.mapCanvas().isDrawing())
        yield 300

    @staticmethod
    def _until(is_so: Callable[[], bool], patience_s: float = PATIENCE_S) -> Iterator[int]:
        started = time.monotonic()
        while not is_so():
            if time.monotonic() - started > patience_s:
                raise RuntimeError(f"QGIS was still at work after {patience_s} s")
            yield 100


# Qt's timers keep no object alive: a name does.
recorded = RecordedRun(json.loads(Path(os.environ["DIACHRON_DEMO_JOB"]).read_text(encoding="utf-8")))
QTimer.singleShot(1500, recorded.go_on)
