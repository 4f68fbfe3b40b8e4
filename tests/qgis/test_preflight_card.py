"""The preflight in the dock: what is shown of it, when it is asked for, and what its buttons do."""

from __future__ import annotations

from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import QgsRasterLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

NOTES = [
    {"level": "fine", "what": "overlap 100%", "about": "overlap"},
    {"level": "fine", "what": "CRS EPSG:2154", "about": "crs"},
    {
        "level": "warning",
        "what": "dates 2023 › 2018",
        "advice": "exchange them",
        "about": "dates",
        "mend": "swap_dates",
    },
    {"level": "warning", "what": "shift 1.4 px, corrected to 0.1 px", "advice": "look", "about": "shift"},
]


class Asked(QObject):
    done = pyqtSignal(object)
    failed = pyqtSignal(object)

    def __init__(self, *asked) -> None:
        super().__init__()
        self.asked, self.withdrawn = asked, False

    def withdraw(self) -> None:
        self.withdrawn = True


class StandIn(QObject):
    """An engine that keeps what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Asked] = []

    def executable(self) -> Path:
        return Path("/bin/true")

    def preflight(self, *asked) -> Asked:
        self.requests.append(Asked(*asked))
        return self.requests[-1]


@pytest.fixture
def desk(qgis_iface, qtbot, pair):
    from diachron_qgis.gui.pair_form import PairForm
    from diachron_qgis.gui.preflight_desk import PreflightDesk

    form = PairForm(qgis_iface)
    qtbot.addWidget(form)
    form.before.setLayer(pair[0])
    form.after.setLayer(pair[1])
    form.set_area_mode("overlap")
    made = PreflightDesk(qgis_iface, StandIn(), form, form)
    yield made
    form.close_down()


def answer(desk, notes=NOTES) -> None:
    desk.engine.requests[-1].done.emit({"preflight": {"overlap": 1.0, "notes": notes}})


def test_the_pair_is_looked_at_once_the_form_rests_and_not_again(desk, qtbot, pair):
    desk.form.before_date.setText("2023")
    desk.form.after_date.setText("2018")
    for _ in range(5):
        desk.form.changed.emit()
    qtbot.waitUntil(lambda: len(desk.engine.requests) == 1, timeout=5_000)
    paths, area, dates, gsd = desk.engine.requests[0].asked
    assert paths == [layer.source() for layer in pair]
    assert (area, dates, gsd) == ("", ("2023", "2018"), None)
    desk.look()
    assert len(desk.engine.requests) == 1


def test_what_is_fine_is_one_line_and_each_warning_has_its_own_and_its_button(desk):
    desk.look()
    answer(desk)
    assert desk.card.texts() == [
        "overlap 100% · CRS EPSG:2154", "dates 2023 › 2018 — exchange them", "shift 1.4 px, corrected to 0.1 px — look",
    ]  # fmt: skip
    assert list(desk.card.buttons) == ["swap_dates"]
    assert desk.card.isVisibleTo(desk.form)


def test_the_button_swaps_the_images_and_the_pair_is_looked_at_anew(desk, qtbot, pair):
    desk.look()
    answer(desk)
    desk.card.buttons["swap_dates"].click()
    assert desk.form.layers() == (pair[1], pair[0])
    qtbot.waitUntil(lambda: len(desk.engine.requests) == 2, timeout=5_000)


def test_the_button_takes_the_whole_overlap(desk):
    desk.form.set_area_mode("drawn")
    desk.look()
    note = {"level": "warning", "what": "overlap 30%", "advice": "", "about": "overlap", "mend": "area_overlap"}
    answer(desk, [note])
    desk.card.buttons["area_overlap"].click()
    assert desk.form.area_mode() == "overlap"


def test_the_ground_sample_distance_that_a_person_gives_is_asked_with(desk, qtbot, monkeypatch):
    monkeypatch.setattr("diachron_qgis.gui.preflight_desk.QInputDialog.getDouble", lambda *_: (0.3, True))
    desk.look()
    answer(desk, [{"level": "warning", "what": "resolution unknown", "about": "resolution", "mend": "set_gsd"}])
    desk.card.buttons["set_gsd"].click()
    qtbot.waitUntil(lambda: len(desk.engine.requests) == 2, timeout=5_000)
    assert desk.engine.requests[1].asked[3] == 0.3


def test_rasters_that_cannot_be_compared_are_a_stop(desk):
    from diachron_qgis.link.protocol import EngineError

    desk.look()
    error = EngineError("input", "the rasters do not overlap", "a.tif", "pick others")
    desk.engine.requests[-1].failed.emit(error)
    assert desk.card.texts() == ["the rasters do not overlap: a.tif — pick others"]


def test_a_question_withdraws_it_and_a_late_answer_is_not_shown(desk):
    desk.look()
    request = desk.engine.requests[-1]
    desk.pause()
    assert request.withdrawn
    answer(desk)
    assert not desk.card.isVisibleTo(desk.form)


def test_large_rasters_without_overviews_get_them(desk, qtbot, tmp_path, qgis_processing):
    from qgis.core import QgsProject

    path = tmp_path / "large.tif"
    gdal.GetDriverByName("GTiff").Create(str(path), 5000, 300, 1, gdal.GDT_Byte).SetGeoTransform((0, 1, 0, 0, 0, -1))
    large = QgsRasterLayer(str(path), "large", "gdal")
    QgsProject.instance().addMapLayer(large)
    desk.form.before.setLayer(large)
    desk.look()
    answer(desk, [])
    assert desk.card.texts() == ["no overviews: large — the map draws them slowly"]
    desk.card.buttons["build_overviews"].click()
    qtbot.waitUntil(lambda: path.with_name("large.tif.ovr").is_file(), timeout=30_000)
    qtbot.waitUntil(lambda: large.dataProvider().hasPyramids(), timeout=10_000)
