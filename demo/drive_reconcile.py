"""Reconciles what the review accepted with a database inside QGIS, once `drive_review` has reviewed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt, QTimer
from qgis.utils import iface

WORK_PATIENCE_S = 60
TABLE_PX = 360


class ReconcileDrive:
    """Compares, looks at a line on the map, applies, undoes, applies again and saves; ``record`` is what it saw.

    ``job["database"]`` is the URI of a PostGIS layer of buildings, whose field ``nature`` says ``batiment``.
    """

    def __init__(self, drive: Any, changes: QgsVectorLayer, guarded: Callable, then: Callable[[dict], None]) -> None:
        self.job, self.shoot, self.changes, self.guarded, self.then = drive.job, drive.shoot, changes, guarded, then
        self.record: dict[str, Any] = {}
        self._steps: Iterator[int] = iter(())

    def begin(self) -> None:
        """Start the steps; each says how long QGIS is to live before the next, in ms."""
        self._steps = self._run()
        self._next()

    def _next(self) -> None:
        wait_ms = next(self._steps, None)
        if wait_ms is None:
            self.then(self.record)
        else:
            QTimer.singleShot(wait_ms, lambda: self.guarded(self._next))

    def _run(self) -> Iterator[int]:
        from diachron_qgis.gui.reconcile_panel import open_reconcile
        from diachron_qgis.logic.reconcile_mapping import ClassMapping, Fill

        database = QgsVectorLayer(self.job["database"], "buildings", "postgres")
        if not database.isValid():
            raise RuntimeError(f"QGIS cannot open {self.job['database']}")
        QgsProject.instance().addMapLayer(database)
        panel = open_reconcile(iface, self.changes)
        iface.mainWindow().resizeDocks([panel], [TABLE_PX], Qt.Orientation.Vertical)
        panel.database.setLayer(database)
        fill = Fill("source", "'Diachron, proposal ' || \"id\"")
        panel.form.show_mapping(ClassMapping("nature", (("building", "batiment"),), (fill,)))
        yield 300
        panel.compare_button.click()
        yield from self._until(lambda: panel.model.listed is not None)
        counts = Counter(each.action for each in panel.model.listed.findings)
        self.record |= {"listed": dict(counts), "seconds": round(panel.model.listed.seconds, 2)}
        panel.tree.setCurrentIndex(panel.model.index_of(panel.model.chosen()[0]))
        yield 1500
        self.shoot("reconcile_listed")
        panel.apply_button.click()
        yield from self._until(database.isModified)
        yield 800
        self.shoot("reconcile_applied")
        database.undoStack().undo()
        self.record["undone"] = not database.isModified()
        database.undoStack().redo()
        iface.setActiveLayer(database)
        iface.actionSaveActiveLayerEdits().trigger()
        yield 1200
        self.shoot("reconcile_saved")
        self.record["saved"] = not database.isModified()
        panel.close()

    @staticmethod
    def _until(is_so: Callable[[], bool]) -> Iterator[int]:
        started = time.monotonic()
        while not is_so():
            if time.monotonic() - started > WORK_PATIENCE_S:
                raise RuntimeError(f"the reconciliation was still at work after {WORK_PATIENCE_S} s")
            yield 100
