"""The review desk in real QGIS: keys, the file, undo, redrawing, and a process that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest
from qgis.core import QgsGeometry, QgsProject, QgsRectangle
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QEvent, QPointF, Qt
from qgis.PyQt.QtGui import QMouseEvent
from qgis.PyQt.QtWidgets import (
    QApplication,
    QDockWidget,
    QLabel,
    QLineEdit,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from diachron_qgis.gui.key_button import KeyButton
from proposal_layers import FIELDS, LEFT, SIDE_M, STEP_M, TOP, load, stored, write_proposals

HERE = Path(__file__).resolve().parent


@pytest.fixture
def file(tmp_path) -> Path:
    return write_proposals(tmp_path / "changes.gpkg", 12)


@pytest.fixture
def desk(qgis_iface, qtbot, pair, file):
    made = open_desk(qgis_iface, qtbot, load(file), pair)
    yield made
    made.close_down()


def open_desk(iface, qtbot, layer, pair):
    from diachron_qgis.gui.review_desk import ReviewDesk

    desk = ReviewDesk(iface)
    qtbot.addWidget(desk)
    desk.open(layer, *pair, ("2018", "2023"))
    qtbot.waitUntil(lambda: desk.session is not None and desk.session.is_loaded, timeout=5_000)
    return desk


def press(desk, key: str) -> None:
    """Do what a key of the desk does."""
    (shortcut,) = [each for each in desk._own_keys if each.key().toString() == key]
    shortcut.activated.emit()


def current(desk) -> int:
    return desk.session.queue.current.fid


def test_the_surest_comes_first_and_the_map_shows_it_at_a_margin(desk, qgis_iface):
    assert current(desk) == 1
    extent = qgis_iface.mapCanvas().extent()
    assert extent.center().x() == pytest.approx(LEFT + STEP_M + SIDE_M / 2)
    assert extent.center().y() == pytest.approx(TOP - SIDE_M / 2)
    assert min(extent.width(), extent.height()) == pytest.approx(SIDE_M + 2 * desk.margin.value(), rel=0.02)


def test_each_decision_is_in_the_file_at_once_and_the_next_proposal_comes(desk, file):
    press(desk, "A")
    press(desk, "R")
    assert stored(file, 1)["status"] == "accepted"
    assert stored(file, 2)["status"] == "rejected"
    assert stored(file, 1)["decided_by"] and stored(file, 1)["decided_at"].startswith("20")
    assert current(desk) == 3
    assert desk.bar.text() == "2 of 12"


def test_every_button_shows_the_key_that_does_the_same(desk):
    buttons = desk.findChildren(KeyButton)
    keys = [each.key().toString() for each in desk._own_keys]
    assert sorted(button.cap.text() for button in buttons) == sorted(keys)
    assert len(set(keys)) == len(keys) == 15
    assert all(len(key) == 1 for key in keys)


def test_keys_are_real_ones_and_a_text_field_keeps_its_letters(desk, qtbot, file):
    desk.setFloating(True)
    with qtbot.waitExposed(desk):
        desk.show()
    QApplication.setActiveWindow(desk)
    desk.table.setFocus()
    qtbot.waitUntil(desk.table.hasFocus, timeout=3_000)
    qtbot.keyClick(desk.table, Qt.Key.Key_A)
    assert stored(file, 1)["status"] == "accepted"
    desk.note()
    qtbot.keyClicks(desk.note_editor.line, "raw")
    qtbot.keyClick(desk.note_editor.line, Qt.Key.Key_Return)
    assert stored(file, 2)["note"] == "raw"
    assert stored(file, 2)["status"] == "proposed"
    assert isinstance(desk.note_editor.line, QLineEdit)


def test_undo_takes_each_step_back_in_the_file(desk, file):
    press(desk, "A")
    press(desk, "R")
    press(desk, "U")
    assert stored(file, 2)["status"] == "proposed"
    assert current(desk) == 2
    press(desk, "U")
    assert (stored(file, 1)["status"], stored(file, 1)["decided_by"]) == ("proposed", "")
    press(desk, "U")
    assert desk.bar.text() == "0 of 12"


def test_other_classes_are_chosen_and_styled(desk, file):
    press(desk, "C")
    assert desk.class_editor.isVisibleTo(desk)
    desk.class_editor.source.setCurrentText("bare soil")
    desk.class_editor.target.setCurrentText("impervious surface")
    desk.class_editor.keep()
    row = stored(file, 1)
    assert (row["from_class"], row["to_class"], row["status"]) == ("bare soil", "impervious surface", "edited")
    assert row["caption"] == "bare soil became impervious surface"


def test_letters_in_the_list_of_classes_look_for_a_class_and_decide_nothing(desk, qtbot):
    desk.setFloating(True)
    with qtbot.waitExposed(desk):
        desk.show()
    QApplication.setActiveWindow(desk)
    press(desk, "C")
    target = desk.class_editor.target
    target.addItem("arable", "arable")
    qtbot.waitUntil(target.hasFocus, timeout=3_000)
    qtbot.keyClicks(target, "ar")
    assert target.currentText() == "arable"
    qtbot.keyClick(target.view(), Qt.Key.Key_A)
    assert desk.bar.text() == "0 of 12"
    qtbot.keyClick(target, Qt.Key.Key_Escape)
    qtbot.keyClick(desk.table, Qt.Key.Key_A)
    assert desk.bar.text() == "1 of 12"


def test_the_layer_under_review_is_reconciled_by_one_key(desk, qgis_iface):
    from diachron_qgis.gui.reconcile_panel import close_reconcile, open_reconcile

    (button,) = [each for each in desk.findChildren(KeyButton) if each.command.key == "B"]
    assert (button.button.text(), button.button.toolTip()) == ("Reconcile", "Compare with a database (B)")
    load_another = open_reconcile(qgis_iface)
    load_another.changes.setLayer(None)
    button.button.click()
    assert open_reconcile(qgis_iface).layers()[0] is desk.session.layer
    close_reconcile()
    press(desk, "B")
    panel = open_reconcile(qgis_iface)
    assert panel is not load_another and panel.layers()[0] is desk.session.layer
    assert desk.bar.text() == "0 of 12"
    close_reconcile()


def test_the_proposal_at_hand_stays_in_view_when_the_list_has_less_room(desk):
    desk.resize(400, 900)
    desk.show()
    desk.session.go_to(9)
    row = desk.table.visualRect(desk.table.currentIndex())
    desk.table.resize(desk.table.width(), row.height() * 4)
    QApplication.processEvents()
    assert desk.table.viewport().rect().contains(desk.table.visualRect(desk.table.currentIndex()).center())


def test_a_redrawn_outline_is_measured_again_and_can_be_undone(desk, file):
    layer = desk.session.layer
    press(desk, "D")
    assert layer.isEditable()
    before = layer.getFeature(1).geometry()
    wider = QgsGeometry.fromRect(QgsRectangle(LEFT + 10, TOP - 5, LEFT + 20, TOP))
    layer.changeGeometry(1, wider)
    press(desk, "D")
    assert not layer.isEditable()
    row = stored(file, 1)
    assert row["status"] == "edited"
    assert row["area"] == pytest.approx(50)
    assert row["area_m2"] == pytest.approx(50, rel=0.01)
    press(desk, "U")
    assert stored(file, 1)["area"] == pytest.approx(25)
    assert stored(file, 1)["status"] == "proposed"
    assert layer.getFeature(1).geometry().equals(before)


def test_what_qgis_deletes_and_adds_is_followed(desk):
    layer = desk.session.layer
    layer.startEditing()
    layer.deleteFeature(1)
    feature = layer.getFeature(2)
    feature.setId(0)
    feature.setAttribute("fid", None)
    layer.addFeature(feature)
    assert layer.commitChanges(), layer.commitErrors()
    fids = desk.session.queue.fids()
    assert 1 not in fids and len(fids) == 12
    assert current(desk) != 1


def test_filters_and_orders_reach_the_list(desk):
    desk.filter.target.setCurrentIndex(desk.filter.target.findData("impervious surface"))
    assert {desk.session.queue.at(row).to_class for row in range(len(desk.session.queue))} == {"impervious surface"}
    assert desk.table.rows.rowCount() == 4
    assert desk.bar.text() == "0 of 4"
    desk.filter.clear()
    desk.filter.order.setCurrentIndex(desk.filter.order.findData("least_sure"))
    assert desk.session.queue.at(0).fid == 12


def test_a_polygon_that_is_selected_on_the_map_comes_to_hand(desk):
    desk.session.layer.selectByIds([7])
    assert current(desk) == 7


def test_layouts_follow_the_map_and_leave_nothing(desk, qtbot, qgis_iface, pair):
    stage, canvas = desk.stage, qgis_iface.mapCanvas()
    assert stage.before_view.isVisibleTo(stage.before_view.parent())
    assert stage.before_view.canvas.layers() == [pair[0]]
    assert stage.before_view.canvas.mapUnitsPerPixel() == pytest.approx(canvas.mapUnitsPerPixel(), rel=1e-6)
    assert stage.before_view.canvas.extent().center().distance(canvas.extent().center()) < 1e-6
    press(desk, "2")
    assert stage.curtain.is_shown and stage.before_view.isHidden()
    press(desk, "W")
    qtbot.waitUntil(lambda: stage.curtain.share == 0.0, timeout=3_000)
    press(desk, "3")
    shares = set()
    qtbot.waitUntil(lambda: shares.add(stage.curtain.share) or shares == {0.0, 1.0}, timeout=3_000)
    desk.close()
    assert not stage.curtain.is_shown and stage.before_view.isHidden()


@pytest.fixture
def window(qtbot):
    """Return a window as QGIS's: a panel, a map, and behind the map a page that would be much wider."""
    window, pages, welcome = QMainWindow(), QStackedWidget(), QWidget()
    qtbot.addWidget(window)
    QVBoxLayout(welcome).addWidget(QLabel("projects that were opened " * 4))
    pages.canvas = QgsMapCanvas()
    pages.addWidget(pages.canvas)
    pages.addWidget(welcome)
    window.setCentralWidget(pages)
    panel = QDockWidget("Layers", window)
    panel.setObjectName("Layers")
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, panel)
    window.resize(1000, 400)
    window.show()
    qtbot.waitExposed(window)
    assert pages.minimumSizeHint().width() > 500
    return window


def test_each_image_has_half_of_the_room_whatever_another_page_of_the_window_wants(window, qtbot, pair, file):
    from diachron_qgis.gui.review_stage import ReviewStage

    pages = window.centralWidget()
    gone = window.removeDockWidget
    iface = SimpleNamespace(mapCanvas=lambda: pages.canvas, mainWindow=lambda: window, removeDockWidget=gone)
    stage = ReviewStage(iface)
    least = pages.minimumWidth()

    def halves() -> bool:
        widths = pages.canvas.width(), stage.before_view.width()
        return sum(widths) > window.width() * 0.4 and abs(widths[0] - widths[1]) <= 4

    stage.set_images(load(file), *pair)
    qtbot.waitUntil(halves, timeout=5_000)
    for width_px in (800, 1400):
        window.resize(width_px, 400)
        qtbot.waitUntil(halves, timeout=5_000)
    side = QDockWidget("Review", window)
    side.setMinimumWidth(120)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, side)
    for width_px in (120, 260):
        side.setMinimumWidth(width_px)
        qtbot.waitUntil(lambda least=width_px: side.width() >= least and halves(), timeout=5_000)
        qtbot.wait(200)
        assert halves()
    panel = window.findChild(QDockWidget, "Layers")
    window.resizeDocks([panel, stage.before_view], [panel.width(), 400], Qt.Orientation.Horizontal)
    qtbot.wait(200)
    assert not halves(), "the border between both is a person's to move"
    stage.set_layout("swipe")
    assert pages.minimumWidth() == least
    stage.set_layout("side_by_side")
    qtbot.waitUntil(halves, timeout=5_000)
    stage.close_down()
    assert pages.minimumWidth() == least


def test_the_swipe_line_follows_the_mouse_and_shows_the_earlier_image(desk, qtbot, qgis_iface):
    canvas = qgis_iface.mapCanvas()
    canvas.resize(400, 300)
    press(desk, "2")
    curtain = desk.stage.curtain
    qtbot.waitUntil(lambda: curtain._item.image is not None, timeout=5_000)
    line, away = QPointF(canvas.width() / 2, 150), QPointF(100, 150)
    for kind, place in (
        (QEvent.Type.MouseButtonPress, line),
        (QEvent.Type.MouseMove, away),
        (QEvent.Type.MouseButtonRelease, away),
        (QEvent.Type.MouseMove, line),
    ):
        left = Qt.MouseButton.LeftButton
        event = QMouseEvent(kind, place, left, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(canvas.viewport(), event)
    assert curtain.share == pytest.approx(100 / canvas.width(), abs=0.02)
    colour = curtain._item.image.pixelColor(curtain._item.image.rect().center())
    assert colour.red() == 60


def test_the_cursor_is_mirrored(desk, qgis_iface):
    view = desk.stage.before_view
    point = qgis_iface.mapCanvas().extent().center()
    qgis_iface.mapCanvas().xyCoordinates.emit(point)
    marker = view._cursors[view.canvas]
    assert marker.center().distance(point) < 1e-6


def test_a_layer_without_the_reviews_fields_gets_them_with_the_first_decision(qgis_iface, qtbot, pair, tmp_path):
    bare = [field for field in FIELDS if field[0] in ("from_class", "to_class")]
    path = write_proposals(tmp_path / "bare.gpkg", 3, bare)
    desk = open_desk(qgis_iface, qtbot, load(path), pair)
    press(desk, "A")
    assert stored(path, desk.session.queue.last_step().after.fid)["status"] == "accepted"
    desk.close_down()


def test_a_layer_that_is_none_is_said(qgis_iface, qtbot, pair):
    from diachron_qgis.gui.review_desk import ReviewDesk

    desk = ReviewDesk(qgis_iface)
    qtbot.addWidget(desk)
    desk.open(None, *pair)
    assert "from_class" in desk.message.text()
    desk.close_down()


def test_a_layer_that_goes_away_ends_the_review(desk, qtbot):
    QgsProject.instance().removeMapLayer(desk.session.layer.id())
    assert desk.session is None
    press(desk, "A")


KILLED = """
    import os, sys
    sys.path[:0] = [{plugin!r}]
    from qgis.core import QgsApplication, QgsVectorLayer
    from qgis.PyQt.QtCore import QTimer
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], True)
    application.initQgis()
    from diachron_qgis.logic.review_session import ReviewSession
    layer = QgsVectorLayer({file!r} + "|layername=changes", "Changes", "ogr")
    session = ReviewSession(layer)

    def decide():
        session.accept()
        session.annotate("seen before the crash")
        print("decided", flush=True)

    session.loaded.connect(lambda: QTimer.singleShot(0, decide))
    session.load()
    application.exec()
"""


def test_a_decision_survives_a_qgis_that_is_killed(tmp_path):
    file = write_proposals(tmp_path / "changes.gpkg", 5)
    code = textwrap.dedent(KILLED).format(plugin=str(HERE.parents[1] / "plugin"), file=str(file))
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
    try:
        assert any("decided" in line for line in child.stdout)
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert child.returncode == -signal.SIGKILL
    layer = load(file)
    status = {feature["id"]: (feature["status"], feature["note"]) for feature in layer.getFeatures()}
    assert status[1] == ("accepted", "")
    assert status[2] == ("proposed", "seen before the crash")
