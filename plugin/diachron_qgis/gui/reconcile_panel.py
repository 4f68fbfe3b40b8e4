"""The panel that reconciles accepted proposals with a database layer."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsMapLayerProxyModel,
    QgsProject,
    QgsVectorLayer,
)
from qgis.gui import QgsMapLayerComboBox, QgsMessageBar
from qgis.PyQt.QtCore import QModelIndex, Qt, QTimer
from qgis.PyQt.QtGui import QCloseEvent
from qgis.PyQt.QtWidgets import (
    QDockWidget,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QProgressDialog,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ..logic.reconcile_apply import Applied, NotApplied, conflicts, edit_slices, is_editable
from ..logic.reconcile_changeset import ChangeSet
from ..logic.reconcile_listing import Finding, ListingJob, Reconciliation
from ..logic.reconcile_mapping import PROPERTY, ClassMapping
from ..logic.reconcile_match import ACTIONS, CONFIRMED
from ..logic.reconcile_task import ReconcileTask, Work
from ..logic.review_store import is_reviewable
from .reconcile_form import MappingForm
from .reconcile_guards import SaveGuards
from .reconcile_map import FindingOnMap
from .reconcile_table import FindingsModel, findings_view
from .reconcile_words import problem_text, summary
from .words import seconds_left, tr

NAME = "DiachronReconcile"
SCROLL_BAR_PX = 24


_panels: list[ReconcilePanel] = []
"""The one panel, once it has been opened: Python must hold it, for its window alone does not keep it."""


def open_reconcile(iface: Any, changes: QgsVectorLayer | None = None) -> ReconcilePanel:
    """Show the panel, one for all, with a changes layer picked."""
    if not _panels:
        _panels.append(ReconcilePanel(iface, iface.mainWindow()))
        iface.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, _panels[0])
    panel = _panels[0]
    panel.show()
    panel.raise_()
    panel.pick(changes)
    return panel


def close_reconcile() -> None:
    """Take the panel away, and what it does for layers; the plugin calls this when it is unloaded."""
    while _panels:
        panel = _panels.pop()
        panel.close_down()
        panel.iface.removeDockWidget(panel)
        panel.deleteLater()


class ReconcilePanel(QDockWidget):
    """Compare, look, leave out, then apply to the edit buffer or write a change-set."""

    def __init__(self, iface: Any, parent: QWidget | None = None) -> None:
        super().__init__(tr("Reconcile with a database"), parent)
        self.setObjectName(NAME)
        self.iface = iface
        self.model = FindingsModel(self)
        self._task: ReconcileTask | None = None
        self._edits: Generator[int, None, None] | None = None
        self._curtain: QProgressDialog | None = None
        self._guards = SaveGuards(iface, self._say)
        self._listed_layers: tuple[QgsVectorLayer, QgsVectorLayer] | None = None
        self._listed_mapping = ClassMapping()
        self.on_map = FindingOnMap(iface.mapCanvas())
        self._build()
        self._connect()

    # -- the layers ---------------------------------------------------------------------------

    def pick(self, changes: QgsVectorLayer | None = None) -> None:
        """Offer the layers of the project, and pick a changes layer; what is listed of the same two layers stays."""
        layers = [each for each in QgsProject.instance().mapLayers().values() if isinstance(each, QgsVectorLayer)]
        self.changes.setExceptedLayerList([each for each in layers if not is_reviewable(each)])
        self.database.setExceptedLayerList([each for each in layers if is_reviewable(each)])
        if changes is not None:
            self.changes.setLayer(changes)
        self._take_over_layers()

    def layers(self) -> tuple[QgsVectorLayer | None, QgsVectorLayer | None]:
        """Return the changes and the database layer."""
        return self.changes.currentLayer(), self.database.currentLayer()

    def _take_over_layers(self, *_: object) -> None:
        changes, database = pair = self.layers()
        self.form.set_layers(changes, database)
        kept = str(database.customProperty(PROPERTY, "")) if database is not None else ""
        self.form.show_mapping(ClassMapping.from_json(kept))
        if self._listed_layers != pair:
            self.model.show(None)
        self._show_state()

    # -- comparing ----------------------------------------------------------------------------

    def compare(self) -> None:
        """Make the list anew."""
        pair = self._ready()
        if pair is None:
            return
        changes, database = pair
        mapping = self.form.mapping()
        database.setCustomProperty(PROPERTY, mapping.as_json())
        self._listed_layers, self._listed_mapping = pair, mapping
        self.model.show(None)
        job = ListingJob.of(changes, database, mapping)
        self._start(tr("Comparing"), job.run, self._show_listed)

    def _ready(self) -> tuple[QgsVectorLayer, QgsVectorLayer] | None:
        changes, database = self.layers()
        if changes is None or database is None:
            self._say(tr("Pick a layer of proposals and a polygon layer of the database."))
            return None
        if not self.form.mapping().classes:
            self._say(tr("Name at least one class that the database has."))
            return None
        if changes.crs().isValid() != database.crs().isValid():
            self._say(tr("One of the two layers has no CRS: set it in its properties, then compare."))
            return None
        return changes, database

    def _show_listed(self, listed: Reconciliation) -> None:
        self.model.show(listed)
        for row in range(len(ACTIONS)):
            self.tree.setFirstColumnSpanned(row, QModelIndex(), True)
        self.tree.expandAll() if len(listed.findings) <= 200 else self.tree.collapseAll()
        self.tree.setExpanded(self.model.index(ACTIONS.index(CONFIRMED), 0), False)

    # -- applying -----------------------------------------------------------------------------

    def apply(self) -> None:
        """Compare once more, and if all lines that are chosen still hold, put them into the edit buffer."""
        pair, listed = self._listed_layers, self.model.listed
        chosen = self.model.chosen()
        if pair is None or listed is None or not chosen:
            return
        if pair[1].readOnly() or not is_editable(pair[1]):
            self._say(tr("{0} cannot be edited: write a change-set instead.").format(pair[1].name()))
            return
        job = ListingJob.of(*pair, self._listed_mapping)

        def go_on(now: Reconciliation) -> None:
            found = conflicts(listed, now, chosen)
            if found:
                self.model.show_conflicts(found)
                self.tree.setCurrentIndex(self.model.index_of(min(found)))
                self._say(
                    tr(
                        "Nothing was applied. Lines that no longer hold: {0}; they are marked and left out. Apply "
                        "again without them, or compare again."
                    ).format(len(found))
                )
            else:
                self._edit(pair[1], listed, [listed.findings[line] for line in chosen])

        self._start(tr("Looking for others' edits"), job.run, go_on)

    def _edit(self, layer: QgsVectorLayer, listed: Reconciliation, findings: list[Finding]) -> None:
        applied = Applied()
        text = tr("Diachron: {0} objects reconciled").format(len(findings))
        self._edits = edit_slices(layer, findings, self._listed_mapping.keeps_removed, text, applied)
        self._busy(tr("Applying"), len(findings))
        # Nobody may edit the layer in between: what they did would become a part of the command.
        self._curtain = QProgressDialog(tr("Applying"), tr("Stop"), 0, len(findings), self)
        self._curtain.setWindowModality(Qt.WindowModality.ApplicationModal)
        self._curtain.canceled.connect(self.stop)
        self._curtain.show()
        QTimer.singleShot(0, lambda: self._edit_on(layer, listed, applied, len(findings)))

    def _edit_on(self, layer: QgsVectorLayer, listed: Reconciliation, applied: Applied, total: int) -> None:
        if self._edits is None:
            return
        try:
            done = next(self._edits, None)
        except NotApplied as problem:
            self._end_edits()
            self._say(tr("{0} refused an edit ({1}); nothing was applied.").format(layer.name(), problem))
            return
        except Exception:
            self._end_edits()
            raise
        if done is not None:
            self.bar.setValue(done)
            QTimer.singleShot(0, lambda: self._edit_on(layer, listed, applied, total))
            return
        self._end_edits()
        self._guards.of(layer).watch(applied, listed.states)
        self.model.show(None)
        self._say(
            tr("{0} objects are in the edit buffer of {1}: undo, or save the layer.").format(total, layer.name()),
            Qgis.MessageLevel.Success,
        )

    def _end_edits(self) -> None:
        if self._edits is not None:
            self._edits.close()
        self._edits = None
        if self._curtain is not None:
            self._curtain.deleteLater()
            self._curtain = None
        self._show_state()

    # -- the change-set -----------------------------------------------------------------------

    def write_changeset(self, path: Path) -> None:
        """Write the lines that are chosen, and the confirmed ones, as a GeoPackage and GeoJSON."""
        listed, pair = self.model.listed, self._listed_layers
        if listed is None or pair is None:
            return
        lines = tuple(self.model.chosen(with_confirmed=True))
        keys = tuple(pair[1].primaryKeyAttributes())
        work = ChangeSet(listed, lines, pair[1].crs(), QgsProject.instance().transformContext(), keys)

        def tell(paths: tuple[Path, ...]) -> None:
            names = ", ".join(each.name for each in paths)
            self._say(tr("{0} records: {1} in {2}").format(len(lines), names, path.parent), Qgis.MessageLevel.Success)

        self._start(tr("Writing"), lambda report, cancelled: work.write(path, report, cancelled), tell)

    def _ask_where(self) -> None:
        title = tr("Write the change-set (GeoPackage, and GeoJSON beside it)")
        chosen, _ = QFileDialog.getSaveFileName(self, title, "change_set.gpkg", "GeoPackage (*.gpkg)")
        if chosen:
            self.write_changeset(Path(chosen))

    # -- work in the background ---------------------------------------------------------------

    def stop(self) -> None:
        """Stop what runs; edits that were made so far are taken back."""
        if self._edits is not None:
            self._end_edits()
            self._say(tr("Stopped; nothing was applied."))
        elif self._task is not None:
            self._task.cancel()

    def _start(self, what: str, work: Work, go_on: Callable[[Any], None]) -> None:
        task = ReconcileTask(tr("Diachron: {0}").format(what.lower()), work)
        self._task = task
        self._busy(what, 0)
        task.told.connect(lambda done, total, left: self._show_progress(what, done, total, left))
        task.ended.connect(lambda: self._ended(task, go_on))
        QgsApplication.taskManager().addTask(task)

    def _ended(self, task: ReconcileTask, go_on: Callable[[Any], None]) -> None:
        self._task = None
        self._show_state()
        if task.problem is not None:
            self._say(problem_text(task.problem))
        elif task.made is None:
            self._say(tr("Stopped; nothing was changed."))
        else:
            go_on(task.made)

    def _show_progress(self, what: str, done: int, total: int, left: float) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        words = [what, tr("{0} of {1}").format(done, total)]
        self.state.setText(" · ".join(words + ([seconds_left(left)] if left >= 1 else [])))

    def _busy(self, what: str, total: int) -> None:
        self.messages.clearWidgets()
        self.state.setText(what)
        self.bar.setRange(0, total)
        self.bar.setValue(0)
        self._show_state()

    def _show_state(self) -> None:
        """Enable what can be done, and count what is listed."""
        is_busy = self._task is not None or self._edits is not None
        listed, chosen = self.model.listed, self.model.chosen()
        for widget in (self.settings, self.compare_button):
            widget.setEnabled(not is_busy)
        self.apply_button.setEnabled(not is_busy and bool(chosen))
        self.write_button.setEnabled(not is_busy and listed is not None)
        for widget in (self.bar, self.stop_button):
            widget.setVisible(is_busy)
        if is_busy:
            return
        self.state.setText(summary(listed) if listed is not None else "")
        self.apply_button.setText(
            tr("Apply {0} to the edit buffer").format(len(chosen)) if chosen else tr("Apply to the edit buffer")
        )

    def _say(self, text: str, level: Qgis.MessageLevel = Qgis.MessageLevel.Warning) -> None:
        self.messages.clearWidgets()
        self.messages.pushMessage("", text, level, 0)

    # -- on the map ---------------------------------------------------------------------------

    def show_on_map(self, index: QModelIndex, *_: object) -> None:
        """Zoom to a line's object; its outline before and after are drawn."""
        finding = self.model.finding(index)
        if finding is None or self._listed_layers is None:
            self.on_map.clear()
        else:
            self.on_map.show(finding, self._listed_layers[1])

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing stays on the map, what runs is stopped; saving stays guarded."""
        self.stop()
        self.on_map.clear()
        super().closeEvent(event)

    def close_down(self) -> None:
        """Undo what the panel did to QGIS."""
        self.close()
        self._guards.release()

    # -- building -----------------------------------------------------------------------------

    def _build(self) -> None:
        body = QWidget(self)
        self.setWidget(body)
        self.messages = QgsMessageBar(body)
        self.changes, self.database = QgsMapLayerComboBox(self), QgsMapLayerComboBox(self)
        self.form = MappingForm(self)
        self.settings = QWidget(self)
        column = QVBoxLayout(self.settings)
        rows = QFormLayout()
        rows.addRow(tr("Proposals"), self.changes)
        rows.addRow(tr("Database layer"), self.database)
        column.addLayout(rows)
        column.addWidget(self.form)
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.settings)
        area.setMinimumWidth(self.settings.minimumSizeHint().width() + SCROLL_BAR_PX)
        self.tree = findings_view(self.model, self)
        parts = QSplitter(Qt.Orientation.Horizontal, self)
        parts.addWidget(area)
        parts.addWidget(self.tree)
        parts.setStretchFactor(1, 1)
        whole = QVBoxLayout(body)
        whole.addWidget(self.messages)
        whole.addWidget(parts, 1)
        whole.addLayout(self._foot())
        self.resize(1360, 420)

    def _foot(self) -> QHBoxLayout:
        self.compare_button = QPushButton(tr("Compare"), self)
        self.state, self.bar = QLabel(self), QProgressBar(self)
        # What is counted must not make the panel, and QGIS's window with it, wider than a screen.
        self.state.setWordWrap(True)
        self.bar.setTextVisible(False)
        self.bar.setMaximumWidth(220)
        self.stop_button = QPushButton(tr("Stop"), self)
        self.write_button = QPushButton(tr("Write a change-set…"), self)
        self.apply_button = QPushButton(tr("Apply to the edit buffer"), self)
        self.apply_button.setToolTip(tr("One command that undo takes back; nothing is saved until you save the layer"))
        row = QHBoxLayout()
        row.addWidget(self.compare_button)
        row.addWidget(self.state, 1)
        for widget in (self.bar, self.stop_button, self.write_button, self.apply_button):
            row.addWidget(widget)
        return row

    def _connect(self) -> None:
        for box in (self.changes, self.database):
            box.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
            box.layerChanged.connect(self._take_over_layers)
        self.compare_button.clicked.connect(self.compare)
        self.apply_button.clicked.connect(self.apply)
        self.write_button.clicked.connect(self._ask_where)
        self.stop_button.clicked.connect(self.stop)
        self.model.chosen_changed.connect(self._show_state)
        self.tree.selectionModel().currentChanged.connect(self.show_on_map)
        self._show_state()
