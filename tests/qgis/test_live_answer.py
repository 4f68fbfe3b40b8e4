"""The slider and the links of an answer, with the real engine: drawing anew asks no model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, osr
from qgis.core import QgsProject
from qgis.PyQt.QtCore import QUrl

from proposal_layers import write_proposals

ENGINE = Path(__file__).resolve().parents[2] / ".venv" / "bin" / "diachron"
SURE, UNSURE = slice(10, 30), slice(60, 80)
BUILDING, GRASS = 1, 10


def write_band(path: Path, values: np.ndarray, kind: int, nodata: float) -> None:
    height, width = values.shape
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, 1, kind)
    dataset.SetGeoTransform((700000.0, 0.5, 0, 6600000.0, 0, -0.5))
    system = osr.SpatialReference()
    system.ImportFromEPSG(2154)
    dataset.SetProjection(system.ExportToWkt())
    dataset.GetRasterBand(1).SetNoDataValue(nodata)
    dataset.GetRasterBand(1).WriteArray(values)


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a result of two new buildings of 100 m², one sure and one not."""
    if not ENGINE.is_file():
        pytest.skip("the engine's environment is not set up")
    out = tmp_path / "result"
    out.mkdir()
    probability = np.full((100, 120), 0.1, np.float32)
    after = np.full((100, 120), GRASS, np.uint8)
    for place, value in ((SURE, 0.9), (UNSURE, 0.6)):
        probability[place, place] = value
        after[place, place] = BUILDING
    write_band(out / "change_probability.tif", probability, gdal.GDT_Float32, -1)
    write_band(out / "classes_1.tif", np.full_like(after, GRASS), gdal.GDT_Byte, 0)
    write_band(out / "classes_2.tif", after, gdal.GDT_Byte, 0)
    write_proposals(out / "changes.gpkg", 2)
    look = {
        "task": "count",
        "from": ["any"],
        "to": ["building"],
        "classes": [],
        "date": "both",
        "region": "",
        "reason": "",
    }
    fact = {"id": 1, "kind": "count", "from": "any", "to": "building", "value": 2, "unit": "", "features": [1, 2]}
    area = {**fact, "id": 2, "kind": "area", "value": 200.0, "unit": "m2"}
    answer = {
        "question": "How many buildings are new?", "language": "en", "look": look,
        "text": "2 new buildings. They cover 200 m².",
        "spans": [{"start": 0, "end": 1, "fact": 1}, {"start": 28, "end": 34, "fact": 2}], "facts": [fact, area],
        "abstained": False, "reason": "", "preflight": None, "inputs": [], "timings": {},
        "model": {"name": "fake", "version": "1", "adapter": "", "licence": "free"},
        "settings": {"threshold": 0.5, "minimum_area": 10.0, "unit": "m2", "gsd_m": 0.5, "vocabulary": ""},
    }  # fmt: skip
    (out / "answer.json").write_text(json.dumps(answer))
    return out


@pytest.fixture
def live(qtbot, folder, monkeypatch, qgis_new_project):
    """Return card, layer and the live answers of the result."""
    from diachron_qgis.gui.card import QuestionCard
    from diachron_qgis.gui.live_answers import LiveAnswers
    from diachron_qgis.link.answer import Answer
    from diachron_qgis.link.engine import Engine
    from diachron_qgis.logic.results import load_results

    monkeypatch.setenv("DIACHRON_ENGINE", str(ENGINE))
    engine, told = Engine(), []
    card = QuestionCard("How many buildings are new?", "", ())
    qtbot.addWidget(card)
    layers = load_results(folder, "How many?", (), QgsProject.instance(), ("Changes", "Probability", "Land cover"))
    answers = LiveAnswers(engine, told.append)
    answers.attach("1", card, lambda: str(folder))
    answers.watch("1", str(folder))
    card.show_answer(Answer.from_json(json.loads((folder / "answer.json").read_text())), 0.8)
    card.told = told
    yield card, layers.changes, answers
    engine.shutdown()


def move(qtbot, card, answers, threshold: int, area: float | None = None) -> None:
    with qtbot.waitSignal(answers.redrawn, timeout=60_000):
        card.tools.slider.setValue(threshold)
        if area is not None:
            card.tools.area.setValue(area)


def test_polygons_and_numbers_follow_the_slider_and_decisions_stay(live, qtbot, folder):
    from diachron_qgis.logic.review_session import ReviewSession

    card, layer, answers = live
    assert card.tools.review.text() == "Review 2"
    move(qtbot, card, answers, 40)
    assert card.view.toPlainText().startswith("2 new buildings.")
    assert sorted(round(feature["area_m2"]) for feature in layer.getFeatures()) == [100, 100]
    move(qtbot, card, answers, 70)
    assert layer.featureCount() == 1
    assert card.tools.review.text() == "Review 1"
    assert "1" in card.view.toPlainText().split()
    move(qtbot, card, answers, 50)
    assert card.view.toPlainText().startswith("2 new buildings.")
    session = ReviewSession(layer)
    with qtbot.waitSignal(session.loaded, timeout=5_000):
        session.load()
    session.sort("least_sure")
    session.queue.go_first()
    assert session.accept()
    move(qtbot, card, answers, 80)
    kept = {feature["status"]: feature["confidence"] for feature in layer.getFeatures()}
    assert set(kept) == {"accepted", "proposed"}
    assert kept["accepted"] == pytest.approx(0.6, abs=0.02)
    assert card.view.toPlainText().startswith("2 new buildings.")
    move(qtbot, card, answers, 80, area=500)
    assert [feature["status"] for feature in layer.getFeatures()] == ["accepted"]
    assert card.told[-1] == ""
    session.close_down()


def test_a_slider_that_keeps_moving_asks_once(live, qtbot):
    card, _, answers = live
    asked = []
    card.tools.settled.connect(lambda *settled: asked.append(settled))
    with qtbot.waitSignal(answers.redrawn, timeout=60_000):
        for value in range(51, 96):
            card.tools.slider.setValue(value)
            qtbot.wait(3)
    assert asked == [(0.95, 10.0)]


def test_what_comes_too_late_gives_way_to_what_is_wanted_now(live, qtbot):
    from diachron_qgis.logic.remeasuring import Drawing

    _, layer, answers = live
    drawn = []
    answers.remeasuring.done.connect(lambda drawing, _: drawn.append(drawing.threshold))
    folder = layer.source().split("/changes.gpkg")[0]
    for threshold in (0.3, 0.4, 0.5, 0.7):
        answers.remeasuring.ask(Drawing("1", folder, threshold, 10.0))
    qtbot.waitUntil(lambda: drawn[-1:] == [0.7], timeout=60_000)
    assert 0.4 not in drawn and 0.5 not in drawn
    assert layer.featureCount() == 1


def test_back_is_what_the_question_was_asked_with(live, qtbot):
    card, layer, answers = live
    move(qtbot, card, answers, 90)
    with qtbot.waitSignal(answers.redrawn, timeout=60_000):
        card.tools.again.click()
    assert card.tools.slider.value() == 50
    assert layer.featureCount() == 2


def test_an_engine_that_cannot_draw_says_why(live, qtbot, folder):
    card, _, answers = live
    (folder / "change_probability.tif").unlink()
    with qtbot.waitSignal(answers.remeasuring.failed, timeout=60_000):
        card.tools.slider.setValue(80)
    assert "not whole" in card.told[-1]


def test_sentences_light_up_for_the_polygons_that_are_selected(live):
    card, layer, _ = live
    assert "background-color" not in card.view.toHtml()
    layer.selectByIds([1])
    html = card.view.toHtml()
    assert card.view.lit == (1, 2)
    assert html.count("background-color") >= 2
    layer.removeSelection()
    assert "background-color" not in card.view.toHtml()


def test_a_sentence_lights_up_alone():
    from diachron_qgis.gui.answer_view import answer_html, sentences
    from diachron_qgis.link.answer import Answer

    text = "2 grew; 3.5 m² <shrank>. End."
    facts = [{"id": 1, "value": 2, "features": [1]}, {"id": 2, "value": 3.5, "features": [2]}]
    spans = [{"start": 0, "end": 1, "fact": 1}, {"start": 8, "end": 14, "fact": 2}]
    answer = Answer.from_json({"text": text, "facts": facts, "spans": spans})
    assert [text[start:end] for start, end in sentences(text)] == ["2 grew; ", "3.5 m² <shrank>. ", "End."]
    html = answer_html(answer, {2}, "#111111", "#222222")
    assert html.startswith('<a href="fact-1">2</a> grew; <span style="background-color:#111111">')
    assert (
        '<a href="fact-2"><span style="background-color:#222222">3.5 m²</span></a> &lt;shrank&gt;. </span>End.' in html
    )


def test_a_number_still_leads_to_its_polygons_once_it_is_lit(live, qtbot):
    card, layer, _ = live
    layer.selectByIds([2])
    with qtbot.waitSignal(card.fact_clicked) as clicked:
        card.view.anchorClicked.emit(QUrl("fact-2"))
    assert clicked.args == [2]
