"""Which rasters a question is asked of: of layers that are no files, of earlier questions, of projects that close."""

from __future__ import annotations

from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
)

QUESTION = "How many buildings are new?"
MERCATOR_M = 20037508.342789244
ZOOM = 17


def ask(dock, qtbot, question: str = QUESTION) -> object:
    dock.box.line.setText(question)
    dock.box.ask_button.click()
    qtbot.waitUntil(lambda: dock.running is None and bool(dock.conversation.entries), timeout=15_000)
    return dock.conversation.entries[-1]


@pytest.fixture
def tiles(tmp_path) -> QgsRasterLayer:
    """Return an XYZ layer of tiles on disk around the pair, one colour each."""
    corner = QgsPointXY(700016, 6599984)
    systems = QgsCoordinateReferenceSystem("EPSG:2154"), QgsCoordinateReferenceSystem("EPSG:3857")
    place = QgsCoordinateTransform(*systems, QgsProject.instance()).transform(corner)
    side = 2 * MERCATOR_M / 2**ZOOM
    column, row = int((place.x() + MERCATOR_M) // side), int((MERCATOR_M - place.y()) // side)
    memory, png = gdal.GetDriverByName("MEM"), gdal.GetDriverByName("PNG")
    for x in range(column - 1, column + 2):
        for y in range(row - 1, row + 2):
            tile = memory.Create("", 256, 256, 3, gdal.GDT_Byte)
            for band in (1, 2, 3):
                tile.GetRasterBand(band).Fill(40 + 60 * band)
            folder = tmp_path / "tiles" / str(ZOOM) / str(x)
            folder.mkdir(parents=True, exist_ok=True)
            png.CreateCopy(str(folder / f"{y}.png"), tile)
    source = f"type=xyz&url=file://{tmp_path}/tiles/{{z}}/{{x}}/{{y}}.png&zmin={ZOOM}&zmax={ZOOM}"
    layer = QgsRasterLayer(source, "basemap", "wms")
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


def virtual(pair) -> QgsRasterLayer:
    layer = QgsRasterLayer(
        "?crs=EPSG:2154&extent=700000,6599968,700032,6600000&width=64&height=64&formula=%22before@1%22&"
        f"before:uri={pair[0].source()}&before:provider=gdal", "virtual", "virtualraster",
    )  # fmt: skip
    assert layer.isValid()
    QgsProject.instance().addMapLayer(layer)
    return layer


def rendered(entry) -> gdal.Dataset:
    (file,) = Path(entry.folder + "_inputs").glob("*.tif")
    return gdal.Open(str(file))


# -- layers that are no files -----------------------------------------------------------------


def test_tiles_are_rendered_at_the_other_rasters_resolution_which_is_stated_and_kept(dock, qtbot, pair, tiles):
    dock.form.before.setLayer(tiles)
    entry = ask(dock, qtbot)
    assert entry.state == "done", entry.error
    assert entry.rendered == "basemap rendered at 0.5 m a pixel"
    image = rendered(entry)
    assert (image.RasterXSize, image.RasterYSize) == (64, 64)
    assert [int(image.GetRasterBand(band).ReadAsArray()[32, 32]) for band in (1, 2, 3)] == [100, 160, 220]
    project = QgsProject.instance()
    project.write()
    project.read(project.fileName())
    assert dock.conversation.entries[0].rendered == entry.rendered


def test_a_rendered_after_has_pixels_of_the_before_in_its_own_crs(dock, qtbot, pair, tiles):
    dock.form.after.setLayer(tiles)
    entry = ask(dock, qtbot)
    assert entry.state == "done", entry.error
    image = rendered(entry)
    # Web Mercator stretches by 1 / cos(46.5 degrees) here: 0.5 m on the ground are 0.73 of its metres.
    assert image.GetGeoTransform()[1] == pytest.approx(0.73, abs=0.01)
    assert image.RasterXSize == pytest.approx(64, abs=4)


def test_two_virtual_layers_are_rendered_as_the_map_shows_them(dock, qtbot, pair):
    first, second = virtual(pair), virtual(pair)
    dock.form.before.setLayer(first)
    dock.form.after.setLayer(second)
    dock.iface.mapCanvas().setExtent(QgsRectangle(700000, 6599968, 700032, 6600000))
    entry = ask(dock, qtbot)
    assert entry.state == "done", entry.error
    assert len(list(Path(entry.folder + "_inputs").glob("*.tif"))) == 2


def test_only_the_area_is_rendered(dock, qtbot, pair):
    dock.form.before.setLayer(virtual(pair))
    dock.form.set_area_mode("drawn")
    dock.form.drawn = QgsGeometry.fromRect(QgsRectangle(700004, 6599980, 700012, 6599990))
    image = rendered(ask(dock, qtbot))
    assert (image.RasterXSize, image.RasterYSize) == (16, 20)


def test_what_is_too_large_to_render_is_said_and_nothing_is_left(dock, qtbot, pair, add_raster):
    huge = add_raster("huge", size=7000)
    dock.form.before.setLayer(virtual(pair))
    dock.form.after.setLayer(huge)
    entry = ask(dock, qtbot)
    assert entry.state == "failed"
    error = entry.read_error()
    assert "7000 x 7000" in error.what and error.where == "virtual" and "smaller area" in error.advice
    assert not Path(entry.folder).exists()


def test_a_file_that_has_gone_is_left_to_the_engine_to_miss(pair, add_raster):
    from diachron_qgis.logic.sources import local_path

    layer = add_raster("gone")
    Path(layer.source()).unlink()
    assert local_path(layer) == Path(layer.source())
    assert local_path(virtual(pair)) is None


def test_rendering_can_be_stopped(dock, qtbot, pair, add_raster):
    large = add_raster("large", size=5000)
    dock.form.before.setLayer(virtual(pair))
    dock.form.after.setLayer(large)
    dock.box.line.setText(QUESTION)
    dock.box.ask_button.click()
    assert dock.running is not None
    dock.box.stop_button.click()
    assert dock.running is None
    assert dock.conversation.entries[-1].state == "stopped"
    dock.form.before.setLayer(pair[0])
    assert ask(dock, qtbot).state == "done"


# -- what cannot be asked ---------------------------------------------------------------------


@pytest.mark.parametrize("text, said", [("", "empty"), ("  ?! ", "empty"), ("building " * 1111, "too long")])
def test_a_text_that_is_no_question_is_answered_by_a_card(dock, text, said):
    dock.show()
    dock.box.line.setText(text)
    dock.box.ask_button.click()
    assert dock.running is None and not dock.conversation.entries
    assert said in dock.message.text() and dock.message.isVisibleTo(dock)
    assert dock.box.line.text() == text, "what was typed stays, to be mended"


def test_a_second_question_waits_for_the_first(dock, qtbot, monkeypatch, fake_engine):
    monkeypatch.setenv("DIACHRON_FAKE", "slow")
    dock.engine.shutdown()
    qtbot.waitUntil(lambda: not dock.engine.running(), timeout=5_000)
    dock.ask(QUESTION)
    first = dock.running
    dock.ask("What has changed?")
    assert dock.running is first and len(dock.cards) == 1
    assert "running" in dock.message.text()
    dock.stop()
    qtbot.waitUntil(lambda: dock.running is None, timeout=10_000)


# -- earlier questions and other projects -----------------------------------------------------


def test_asking_again_is_of_the_questions_own_pair_dates_and_area(dock, qtbot, add_raster):
    dock.form.set_area_mode("drawn")
    dock.form.drawn = QgsGeometry.fromRect(QgsRectangle(700004, 6599980, 700012, 6599990))
    dock.form.before_date.setText("2018")
    first = ask(dock, qtbot)
    other = add_raster("other")
    dock.form.after.setLayer(other)
    dock.form.set_area_mode("overlap")
    dock.form.before_date.setText("")
    dock.cards[first.id].asked_again.emit(None)
    qtbot.waitUntil(lambda: dock.running is None and len(dock.conversation.entries) == 2, timeout=15_000)
    again = dock.conversation.entries[-1]
    assert (again.before, again.after, again.area, again.dates) == (first.before, first.after, first.area, first.dates)


def test_asking_again_without_its_rasters_is_said(dock, qtbot, pair):
    first = ask(dock, qtbot)
    QgsProject.instance().removeMapLayer(pair[0].id())
    dock.cards[first.id].asked_again.emit(None)
    assert dock.running is None and "no longer" in dock.message.text()


def test_closing_the_project_in_mid_question_stops_it(dock, qtbot, monkeypatch):
    monkeypatch.setenv("DIACHRON_FAKE", "slow")
    dock.engine.shutdown()
    qtbot.waitUntil(lambda: not dock.engine.running(), timeout=5_000)
    dock.ask(QUESTION)
    request = dock.running[1]
    QgsProject.instance().clear()
    assert dock.running is None and not dock.cards and not dock.box.ask_button.isHidden()
    qtbot.waitUntil(lambda: request.ended, timeout=10_000)
    assert not dock.conversation.entries


def test_history_is_there_after_reopening(dock, qtbot):
    from qgis.PyQt.QtCore import Qt

    ask(dock, qtbot)
    project = QgsProject.instance()
    project.write()
    project.read(project.fileName())
    qtbot.keyClick(dock.box.line, Qt.Key.Key_Up)
    assert dock.box.line.text() == QUESTION


def test_the_pair_asked_about_is_picked_after_reopening(dock, qtbot, pair, add_raster):
    ask(dock, qtbot)
    add_raster("another")
    project = QgsProject.instance()
    project.write()
    project.read(project.fileName())
    assert [layer.name() for layer in dock.form.layers()] == ["before", "after"]


def test_a_folder_chosen_for_an_unsaved_project_is_that_projects_own(qgis_new_project, tmp_path):
    from diachron_qgis.logic.output import choose_root, output_folder, results_root
    from diachron_qgis.logic.settings import read_settings

    project = QgsProject.instance()
    assert output_folder(project, QUESTION) is None
    choose_root(project, str(tmp_path / "here"))
    assert output_folder(project, QUESTION).parent == tmp_path / "here"
    assert not read_settings().results_folder
    project.clear()
    assert results_root(project) is None


def test_an_area_in_degrees_keeps_its_place(dock, qtbot, pair, tmp_path):
    from diachron_qgis.logic.area import area_wkt

    target = str(tmp_path / "degrees.tif")
    gdal.Warp(target, pair[1].source(), dstSRS="EPSG:4326")
    after = QgsRasterLayer(target, "degrees", "gdal")
    drawn = QgsGeometry.fromRect(QgsRectangle(700004, 6599980, 700012, 6599990))
    canvas = dock.iface.mapCanvas()
    canvas.setDestinationCrs(pair[1].crs())
    box = QgsGeometry.fromWkt(area_wkt("drawn", after, canvas, None, drawn, str)).boundingBox()
    assert box.width() * 111_000 * 0.69 == pytest.approx(8, abs=0.5)
    assert box.height() * 111_000 == pytest.approx(10, abs=0.5)


def test_the_newest_card_stays_in_view_until_a_person_scrolls_away(dock, qtbot, monkeypatch):
    from qgis.PyQt.QtWidgets import QAbstractSlider

    monkeypatch.setenv("DIACHRON_FAKE", "error")
    dock.engine.shutdown()
    qtbot.waitUntil(lambda: not dock.engine.running(), timeout=5_000)
    dock.resize(420, 420)
    dock.show()
    bar = dock.scroll.verticalScrollBar()
    for _ in range(4):
        ask(dock, qtbot)
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum(), timeout=5_000)
    bar.triggerAction(QAbstractSlider.SliderAction.SliderToMinimum)
    dock.resize(420, 400)
    qtbot.wait(50)
    assert bar.value() == 0
