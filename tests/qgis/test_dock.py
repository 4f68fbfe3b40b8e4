"""The dock in real QGIS, driven as a person would, with an engine that speaks the protocol."""

from __future__ import annotations

from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsGeometry, QgsProject, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import QUrl

QUESTION = "How many buildings are new?"


def ask(dock, qtbot, question: str = QUESTION) -> object:
    dock.box.line.setText(question)
    dock.box.ask_button.click()
    qtbot.waitUntil(lambda: dock.running is None and bool(dock.conversation.entries), timeout=15_000)
    return dock.conversation.entries[-1]


def test_an_answer_arrives_with_its_layers_beside_the_project(dock, qtbot, tmp_path):
    entry = ask(dock, qtbot)
    assert entry.state == "done"
    assert Path(entry.folder).parent == tmp_path / "work_diachron"
    group = QgsProject.instance().layerTreeRoot().findGroup(QUESTION)
    names = [node.layer().name() for node in group.findLayers()]
    assert len(names) == 4
    changes = group.findLayers()[0].layer()
    assert [category.label() for category in changes.renderer().categories()] == ["herbaceous › building"]
    classes = group.findLayers()[2].layer()
    assert {item.label for item in classes.renderer().classes()} == {"building", "herbaceous"}
    assert [node.itemVisibilityChecked() for node in group.findLayers()] == [True, False, False, False]


def test_a_new_answer_hides_the_layers_of_earlier_ones_and_leaves_the_current_layer(dock, qtbot, pair):
    dock.iface.setActiveLayer(pair[0])
    ask(dock, qtbot)
    ask(dock, qtbot, "What has changed?")
    tree = QgsProject.instance().layerTreeRoot()
    assert not tree.findGroup(QUESTION).itemVisibilityChecked()
    assert tree.findGroup("What has changed?").itemVisibilityChecked()
    assert dock.iface.activeLayer() is pair[0]


def test_a_number_is_a_link_to_its_polygons(dock, qtbot):
    entry = ask(dock, qtbot)
    card = dock.cards[entry.id]
    assert '<a href="fact-1">' in card.view.toHtml().replace('<a href="fact-1"', '<a href="fact-1"')
    card.view.anchorClicked.emit(QUrl("fact-1"))
    layer = QgsProject.instance().layerTreeRoot().findGroup(QUESTION).findLayers()[0].layer()
    qtbot.waitUntil(lambda: layer.selectedFeatureCount() == 3)


def test_the_reading_can_be_corrected_and_asked_again(dock, qtbot):
    entry = ask(dock, qtbot)
    chips = dock.cards[entry.id].chips
    assert chips.look.target == ("building",)
    chips._set("target", ("herbaceous",))
    chips.corrected.emit(chips.look)
    qtbot.waitUntil(lambda: dock.running is None and len(dock.conversation.entries) == 2, timeout=15_000)
    again = dock.conversation.entries[-1]
    assert again.read_answer().look.target == ("herbaceous",)


def test_a_running_question_is_in_the_task_manager_and_can_be_stopped(dock, qtbot, fake_engine, monkeypatch):
    restart(dock, qtbot, monkeypatch, "slow")
    dock.box.line.setText(QUESTION)
    dock.box.ask_button.click()
    assert any(QUESTION in task.description() for task in QgsApplication.taskManager().tasks())
    qtbot.waitUntil(
        lambda: dock.running is not None and dock.cards[dock.running[0].id].bar.maximum() == 4, timeout=10_000
    )
    dock.box.stop_button.click()
    qtbot.waitUntil(lambda: dock.running is None, timeout=10_000)
    assert dock.conversation.entries[-1].state == "stopped"
    assert not Path(dock.conversation.entries[-1].folder).exists()


def test_an_engine_that_dies_leaves_a_card_and_the_next_question_works(dock, qtbot, monkeypatch):
    restart(dock, qtbot, monkeypatch, "crash")
    entry = ask(dock, qtbot)
    assert entry.state == "failed"
    assert entry.read_error().kind == "crashed"
    monkeypatch.setenv("DIACHRON_FAKE", "answer")
    assert ask(dock, qtbot).state == "done"


def test_an_error_says_what_where_and_what_to_do(dock, qtbot, monkeypatch):
    restart(dock, qtbot, monkeypatch, "error")
    entry = ask(dock, qtbot)
    assert entry.read_error().line() == "the rasters do not overlap: a.tif; pick others"


def test_the_conversation_is_there_after_reopening(dock, qtbot):
    entry = ask(dock, qtbot)
    project = QgsProject.instance()
    file = project.fileName()
    project.write()
    project.clear()
    assert dock.cards == {}
    project.read(file)
    qtbot.waitUntil(lambda: list(dock.cards) == [entry.id])
    dock.show_fact(entry.id, 1)
    layers = [layer for layer in project.mapLayers().values() if layer.name() == "Changes"]
    qtbot.waitUntil(lambda: layers[0].selectedFeatureCount() == 3)


def test_what_cannot_be_asked_is_said(dock, qtbot, pair):
    dock.form.after.setLayer(pair[0])
    dock.box.line.setText(QUESTION)
    dock.box.ask_button.click()
    assert dock.running is None
    assert "same raster" in dock.message.text()


def test_swapping_exchanges_layers_and_dates(dock, pair):
    dock.form.before_date.setText("2018")
    dock.form.after_date.setText("2023")
    dock.form.swap.click()
    assert dock.form.layers() == (pair[1], pair[0])
    assert dock.form.dates() == ("2023", "2018")


@pytest.mark.parametrize("mode", ["selection", "drawn"])
def test_an_area_that_does_not_exist_is_said(dock, mode):
    dock.form.set_area_mode(mode)
    dock.ask(QUESTION)
    assert dock.running is None
    assert dock.message.text()


def test_a_drawn_area_reaches_the_engine(dock, qtbot):
    dock.form.set_area_mode("drawn")
    dock.form.drawn = QgsGeometry.fromRect(QgsRectangle(700001, 6599980, 700010, 6599990))
    assert ask(dock, qtbot).area.startswith("Polygon")


def test_a_layer_that_is_no_file_is_rendered_first(dock, qtbot, pair, tmp_path):
    virtual = QgsRasterLayer(
        "?crs=EPSG:2154&extent=700000,6599968,700032,6600000&width=64&height=64&formula=%22before@1%22&"
        f"before:uri={pair[0].source()}&before:provider=gdal", "virtual", "virtualraster",
    )  # fmt: skip
    if not virtual.isValid():
        pytest.skip("this QGIS has no virtual rasters of this form")
    QgsProject.instance().addMapLayer(virtual)
    dock.form.before.setLayer(virtual)
    entry = ask(dock, qtbot)
    assert entry.state == "done"
    assert list(Path(entry.folder + "_inputs").glob("*.tif"))


def test_history_brings_back_what_was_asked(dock, qtbot):
    from qgis.PyQt.QtCore import Qt

    ask(dock, qtbot)
    qtbot.keyClick(dock.box.line, Qt.Key.Key_Up)
    assert dock.box.line.text() == QUESTION


def restart(dock, qtbot, monkeypatch, mode: str) -> None:
    """Have the next engine process behave in a mode."""
    monkeypatch.setenv("DIACHRON_FAKE", mode)
    dock.engine.shutdown()
    qtbot.waitUntil(lambda: not dock.engine.running(), timeout=5_000)
