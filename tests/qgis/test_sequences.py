"""Three dates and more in real QGIS: the form, what the engine is asked, and layers that can be played."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from osgeo import gdal, ogr, osr
from qgis.core import QgsDateTimeRange, QgsFeatureRequest, QgsProject, QgsVectorLayerTemporalContext
from qgis.PyQt.QtCore import QDate, QDateTime, QTime

NAMES = ("Changes", "Change probability", "Land cover")
STEPS = (("2012", "2015-09"), ("2012", "2015-09"), ("2015-09", "2017-08-27"))


def result_folder(folder: Path, dates: tuple[str, ...]) -> Path:
    """Write the result of a question of three dates: two changes in the first step, one in the second."""
    folder.mkdir()
    for name in (
        "change_probability",
        "change_probability_1",
        "change_probability_2",
        *(f"classes_{n}" for n in (1, 2, 3)),
    ):
        raster = gdal.GetDriverByName("GTiff").Create(str(folder / f"{name}.tif"), 64, 64, 1, gdal.GDT_Byte)
        raster.SetGeoTransform((700000.0, 0.5, 0, 6600000.0, 0, -0.5))
        raster = None
    system = osr.SpatialReference()
    system.ImportFromEPSG(2154)
    store = ogr.GetDriverByName("GPKG").CreateDataSource(str(folder / "changes.gpkg"))
    layer = store.CreateLayer("changes", system, ogr.wkbPolygon)
    for name in ("from_class", "to_class", "date_from", "date_to"):
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTString))
    for number, (first, last) in enumerate(STEPS):
        feature = ogr.Feature(layer.GetLayerDefn())
        for name, value in (("from_class", "grass"), ("to_class", "building"), ("date_from", first), ("date_to", last)):
            feature.SetField(name, value)
        x = 700000 + 8 * number
        feature.SetGeometry(
            ogr.CreateGeometryFromWkt(f"POLYGON (({x} 6599990, {x + 4} 6599990, {x + 4} 6599994, {x} 6599990))")
        )
        layer.CreateFeature(feature)
    store = None
    (folder / "answer.json").write_text(json.dumps({"inputs": [{"date": date} for date in dates]}))
    return folder


@pytest.fixture
def layers(tmp_path, qgis_new_project):
    from diachron_qgis.logic.results import load_results

    folder = result_folder(tmp_path / "result", ("2012", "2015-09", "2017-08-27"))
    return load_results(folder, "What changed?", (), QgsProject.instance(), NAMES)


def day(year: int, month: int, number: int) -> QDateTime:
    return QDateTime(QDate(year, month, number), QTime(12, 0))


def moment(*at: int) -> QgsDateTimeRange:
    return QgsDateTimeRange(day(*at), day(*at))


def test_each_change_is_played_in_the_step_that_first_shows_it(layers):
    properties = layers.changes.temporalProperties()
    assert properties.isActive()
    context = QgsVectorLayerTemporalContext()
    context.setLayer(layers.changes)
    shown = []
    for at in ((2011, 6, 1), (2013, 6, 1), (2016, 6, 1), (2018, 1, 1)):
        request = QgsFeatureRequest().setFilterExpression(properties.createFilterString(context, moment(*at)))
        shown.append(len(list(layers.changes.getFeatures(request))))
    assert shown == [0, 2, 1, 0]


def test_each_land_cover_is_played_until_the_next_date(layers):
    held = [layer.temporalProperties() for layer in layers.classes]
    assert all(each.isActive() for each in held) and len(held) == 3
    at = [(2011, 6, 1), (2013, 6, 1), (2016, 6, 1), (2017, 8, 27), (2018, 1, 1)]
    shown = [[each.isVisibleInTemporalRange(moment(*one)) for each in held] for one in at]
    assert [row.index(True) if any(row) else None for row in shown] == [None, 0, 1, 2, None]
    assert all(sum(row) <= 1 for row in shown)


def test_each_step_has_its_probability(layers):
    names = [node.name() for node in layers.group.findLayers()]
    assert names[:4] == ["Changes", "Change probability", "Change probability 1", "Change probability 2"]
    step = layers.group.findLayers()[3].layer().temporalProperties()
    assert not step.isVisibleInTemporalRange(moment(2013, 6, 1)) and step.isVisibleInTemporalRange(moment(2016, 6, 1))


def test_without_every_date_nothing_is_played(tmp_path, qgis_new_project):
    from diachron_qgis.logic.results import load_results

    folder = result_folder(tmp_path / "result", ("2012", "", "2017"))
    layers = load_results(folder, "What changed?", (), QgsProject.instance(), NAMES)
    assert not layers.changes.temporalProperties().isActive()
    assert not any(layer.temporalProperties().isActive() for layer in layers.classes)


@pytest.mark.parametrize("text", ["", "spring", "2012-13", "2012-02-30", "201", "2012-1"])
def test_what_is_no_date_is_none(text):
    from diachron_qgis.logic.temporal import first_day, last_day

    assert first_day(text) is None and last_day(text) is None


def test_a_date_may_be_a_year_or_a_month():
    from diachron_qgis.logic.temporal import first_day, last_day

    assert [str(first_day(each)) for each in ("2012", "2012-02", "2012-02-03")] == [
        "2012-01-01",
        "2012-02-01",
        "2012-02-03",
    ]
    assert [str(last_day(each)) for each in ("2012", "2012-02", "2012-02-03")] == [
        "2012-12-31",
        "2012-02-29",
        "2012-02-03",
    ]


# -- the form ---------------------------------------------------------------------------------


def test_a_date_between_is_asked_about_in_its_place(dock, qtbot, add_raster, pair, monkeypatch):
    middle = add_raster("middle", 90)
    dock.form.add_date.click()
    dock.form.between[0].picker.setLayer(middle)
    for field, text in zip(
        (dock.form.before_date, dock.form.between[0].date, dock.form.after_date), ("2012", "2015", "2017")
    ):
        field.setText(text)
    jobs = []
    ask = dock.engine.ask
    monkeypatch.setattr(dock.engine, "ask", lambda job: jobs.append(job) or ask(job))
    dock.ask("How many buildings are new?")
    qtbot.waitUntil(lambda: dock.running is None and bool(dock.conversation.entries), timeout=15_000)
    assert [Path(path).stem for path in jobs[0].rasters] == ["before", "middle", "after"]
    assert jobs[0].dates == ("2012", "2015", "2017")
    entry = dock.conversation.entries[-1]
    assert entry.state == "done" and entry.rasters() == (pair[0].id(), middle.id(), pair[1].id())


def test_a_question_of_three_dates_is_asked_again_of_them_after_reopening(dock, qtbot, add_raster):
    middle = add_raster("middle", 90)
    dock.form.add_between(middle, "2015")
    dock.ask("How many buildings are new?")
    qtbot.waitUntil(lambda: dock.running is None and bool(dock.conversation.entries), timeout=15_000)
    dock.form.remove_between(dock.form.between[0])
    dock.conversation = type(dock.conversation).load(QgsProject.instance())
    dock.ask_again(dock.conversation.entries[0].id, None)
    qtbot.waitUntil(lambda: dock.running is None and len(dock.conversation.entries) == 2, timeout=15_000)
    assert dock.conversation.entries[1].rasters() == dock.conversation.entries[0].rasters()
    assert [row.date.text() for row in dock.form.between] == ["2015"]


def test_two_dates_with_the_same_raster_are_not_asked_about(dock, pair):
    dock.form.add_between(pair[0])
    dock.ask("How many buildings are new?")
    assert dock.running is None and "take a date away" in dock.message.text()


def test_dates_between_are_taken_away_and_turned_round(dock, add_raster, pair):
    first, second = add_raster("first", 70), add_raster("second", 90)
    dock.form.add_between(first, "2013")
    dock.form.add_between(second, "2015")
    dock.form.swap.click()
    assert dock.form.rasters() == (pair[1], second, first, pair[0])
    assert dock.form.dates() == ("", "2015", "2013", "")
    dock.form.between[0].remove.click()
    assert dock.form.rasters() == (pair[1], first, pair[0])
