"""Outlines that show while the engine still looks."""

from __future__ import annotations

import pytest

SQUARE = "MULTIPOLYGON (((700005 6599995, 700010 6599995, 700010 6599990, 700005 6599990, 700005 6599995)))"


@pytest.fixture
def outlines(qgis_iface, fake_engine, pair):
    from diachron_qgis.gui.early_outlines import EarlyOutlines
    from diachron_qgis.link.engine import Engine, Request

    engine = Engine()
    request = Request(engine, "1", "ask", {})
    shown = EarlyOutlines(qgis_iface.mapCanvas(), pair[1].source(), request)
    request.partial.connect(shown.show)
    yield shown, request
    engine.shutdown()


def test_strips_add_up_and_go_when_the_question_ends(outlines, qtbot):
    shown, request = outlines
    scene = shown._canvas.scene()
    before = len(scene.items())
    request.take({"event": "partial", "polygons": SQUARE})
    request.take({"event": "partial", "polygons": SQUARE.replace("70000", "70001").replace("70001 0", "700020")})
    qtbot.waitUntil(lambda: shown._band is not None and shown._band.size() == 2)
    assert shown._band.asGeometry().area() > 0 and shown._band.isVisible()
    assert len(scene.items()) == before + 1
    request.take({"event": "done", "answer": {}})
    assert len(scene.items()) == before and shown._band is None


@pytest.mark.parametrize("wkt", ["", "no geometry", "MULTIPOLYGON EMPTY"])
def test_what_is_no_outline_shows_nothing(outlines, qtbot, wkt):
    shown, request = outlines
    request.take({"event": "partial", "polygons": wkt})
    qtbot.wait(100)
    assert shown._band is None


def test_a_question_that_ends_before_its_outlines_are_drawn_leaves_none(outlines, qtbot):
    shown, request = outlines
    request.take({"event": "partial", "polygons": SQUARE})
    request.take({"event": "done", "answer": {}})
    qtbot.wait(100)
    assert shown._band is None


def test_outlines_in_great_number_are_not_all_drawn(outlines, qtbot, monkeypatch):
    monkeypatch.setattr("diachron_qgis.gui.early_outlines.MOST_DRAWN", 2)
    shown, request = outlines
    for _ in range(4):
        request.take({"event": "partial", "polygons": SQUARE})
    qtbot.waitUntil(lambda: not shown._steps._works)
    assert shown._drawn == 2
