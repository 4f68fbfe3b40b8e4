"""Reports, recipes and exports from a card, and what a report says of a result."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsLayoutItemLegend,
    QgsPrintLayout,
    QgsProject,
    QgsRendererCategory,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFileDialog

from diachron_qgis.gui.recipe_again import make_again
from diachron_qgis.gui.result_buttons import ResultButtons
from diachron_qgis.link.protocol import VocabularyEntry
from diachron_qgis.link.report_process import ReportProcess
from diachron_qgis.logic.exports import FORMATS
from diachron_qgis.logic.report_canvas import Paper, text_height
from diachron_qgis.logic.report_charts import Flow, bars_svg, figures_svg, sankey_svg, table_svg
from diachron_qgis.logic.report_content import read_content
from diachron_qgis.logic.report_method import KEY_MM, Block
from diachron_qgis.logic.report_pages import LEGEND_ROW
from diachron_qgis.logic.report_words import area, number, probability
from diachron_qgis.logic.review_store import ProposalStore

QUESTION = "How many buildings are new?"
FLOWS = [
    Flow("grass", "roof", 300.0, 3, "#55ff00", "#db0e9a"),
    Flow("grass", "road", 100.0, 1, "#55ff00", "#f80c00"),
    Flow("bare & dry soil", "roof", 100.0, 2, "#a97101", "#db0e9a"),
]


@pytest.fixture
def entry(dock, qtbot):
    dock.box.line.setText(QUESTION)
    dock.box.ask_button.click()
    qtbot.waitUntil(lambda: dock.running is None and bool(dock.conversation.entries), timeout=15_000)
    return dock.conversation.entries[-1]


@pytest.fixture
def chosen(monkeypatch):
    """Answer every question for a file with the path that is put here."""
    paths: list[str] = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (paths[0] if paths else "", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: paths[0] if paths else "")
    monkeypatch.setattr("diachron_qgis.gui.result_files.QDesktopServices.openUrl", lambda url: True)
    return paths


def words_of(pdf: Path) -> str:
    """Return a PDF's text; a line break may stand anywhere."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    done = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.replace("\ufb01", "fi").split())


# -- from the card ----------------------------------------------------------------------------


def test_a_card_makes_a_report_while_the_window_lives(dock, entry, qtbot, tmp_path, chosen):
    raw = json.loads((Path(entry.folder) / "answer.json").read_text(encoding="utf-8"))
    rasters = [QgsProject.instance().mapLayer(each).source() for each in (entry.before, entry.after)]
    raw["inputs"] = [
        {"path": path, "date": date, "crs": "EPSG:2154", "gsd_m": 0.5, "width": 64, "height": 64}
        for path, date in zip(rasters, ("2018", "2023"))
    ]
    (Path(entry.folder) / "answer.json").write_text(json.dumps(raw))
    chosen.append(str(tmp_path / "report.pdf"))
    buttons = dock.cards[entry.id].files
    assert not buttons.isHidden()
    buttons.report.click()
    assert not buttons.isEnabled()
    qtbot.waitUntil(buttons.isEnabled, timeout=60_000)
    words = words_of(tmp_path / "report.pdf")
    assert QUESTION in words
    assert "3 new buildings cover 300 m²." in words
    assert "herbaceous › building" in words
    assert "before.tif (2018) › after.tif (2023)" in words
    assert "Licence of the weights: free" in words
    assert "What became what" in words and "The largest changes" in words
    assert "confidence 0.80" in words and "Not reviewed: 3." in words
    assert sorted(path.name for path in tmp_path.glob("*report*")) == ["report.pdf"]


def test_rejected_changes_are_not_in_a_report(entry, tmp_path, qtbot):
    layer = QgsVectorLayer(f"{entry.folder}/changes.gpkg|layername=changes", "changes", "ogr")
    store = ProposalStore(layer)
    first = store.read([1])[0]
    store.write(first, replace(first, status="rejected"))
    content = read_content(Path(entry.folder), [VocabularyEntry(1, "building", "bâtiment", "#db0e9a")])
    assert (len(content.changes), content.total) == (2, 200.0)
    assert content.statuses["rejected"] == 1
    assert [(row.source, row.target, row.area, row.count) for row in content.transitions()] == [
        ("herbaceous", "building", 200.0, 2)
    ]


def test_a_project_closed_while_its_report_is_made_gets_it_all_the_same(dock, entry, qtbot, tmp_path, chosen):
    chosen.append(str(tmp_path / "report.pdf"))
    buttons = dock.cards[entry.id].files
    buttons.report.click()
    with qtbot.waitSignal(buttons.destroyed, timeout=5_000):
        QgsProject.instance().clear()
    qtbot.waitUntil(lambda: not dock.showing.files._reports, timeout=60_000)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_plugin_unloaded_while_a_report_is_made_leaves_none(dock, entry, qtbot, tmp_path, chosen):
    chosen.append(str(tmp_path / "report.pdf"))
    buttons = dock.cards[entry.id].files
    buttons.report.click()
    with qtbot.waitSignal(buttons.destroyed, timeout=5_000):
        QgsProject.instance().clear()
    dock.showing.files.close_down()
    assert not dock.showing.files._reports
    assert not list(tmp_path.glob("report.pdf*"))


def test_a_report_of_no_result_says_what_is_missing(qgis_app, tmp_path, qtbot):
    report = ReportProcess({"folder": str(tmp_path), "pdf": str(tmp_path / "report.pdf"), "project": ""})
    with qtbot.waitSignal(report.failed, timeout=60_000) as signal:
        report.start()
    assert str(tmp_path) in signal.args[0]
    assert not (tmp_path / "report.pdf").exists()


def test_a_stopped_report_leaves_nothing(qgis_app, entry, tmp_path, qtbot):
    report = ReportProcess({"folder": entry.folder, "pdf": str(tmp_path / "report.pdf"), "project": ""})
    with qtbot.waitSignal(report.failed, timeout=10_000):
        report.start()
        report.cancel()
    assert not list(tmp_path.glob("*report.pdf*"))


@pytest.mark.parametrize(("format", "name"), [("gpkg", "out.gpkg"), ("cog", "rasters"), ("xlsx", "out.xlsx")])
def test_a_card_exports_in_a_format(dock, entry, qtbot, tmp_path, chosen, format, name):
    chosen.append(str(tmp_path / name))
    buttons = dock.cards[entry.id].files
    action = next(each for each in buttons.export.menu().actions() if format_of(each.text()) == format)
    action.trigger()
    qtbot.waitUntil(buttons.isEnabled, timeout=10_000)
    assert (tmp_path / name).read_text() == f"{format} of {entry.folder}"


def test_the_limits_of_a_format_are_said_before_it_is_chosen(qgis_app, qtbot):
    buttons = ResultButtons()
    qtbot.addWidget(buttons)
    menu = buttons.export.menu()
    told = {format_of(action.text()): action.toolTip() for action in menu.actions()}
    assert menu.toolTipsVisible()
    assert "10 characters" in told["shapefile"] and "2 GB" in told["shapefile"]
    assert "longitude and latitude" in told["geojson"]
    assert set(told) == set(FORMATS) - {"recipe"}


def format_of(title: str) -> str:
    return next(key for key, each in FORMATS.items() if each.title == title)


def test_a_card_saves_its_recipe(dock, entry, qtbot, tmp_path, chosen):
    chosen.append(str(tmp_path / "mine.json"))
    buttons = dock.cards[entry.id].files
    buttons.recipe.click()
    qtbot.waitUntil(buttons.isEnabled, timeout=10_000)
    assert (tmp_path / "mine.json").read_text() == f"recipe of {entry.folder}"


def test_nothing_is_written_where_nobody_says_where(dock, entry, chosen):
    buttons = dock.cards[entry.id].files
    for button in (buttons.report, buttons.recipe):
        button.click()
        assert buttons.isEnabled()


def test_every_row_of_the_method_is_as_tall_as_the_words_at_its_left():
    words = "unité minimale de collecte des changements"
    one, two = (Block("", rows=[("", key, "10 m²")]).height(178) for key in ("unité", words))
    assert two - one == pytest.approx(text_height(words, KEY_MM - 4, 8.5) - 3.5, abs=0.2) and two - one > 2


# -- pictures ---------------------------------------------------------------------------------


def numbers(svg: str, tag: str, attribute: str) -> list[float]:
    return [
        float(each.get(attribute)) for each in ElementTree.fromstring(svg).iter(f"{{http://www.w3.org/2000/svg}}{tag}")
    ]


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def metres(value: float) -> str:
    return area(value, "m2", "en")


def test_bars_are_as_long_as_areas():
    svg = bars_svg(FLOWS, 178, 40, metres)
    bars = [width for width, fill in zip(numbers(svg, "rect", "width"), re.findall(r'<rect[^>]*fill="([^"]+)"', svg))
            if fill in ("#db0e9a", "#f80c00")]  # fmt: skip
    assert bars[0] / bars[1] == pytest.approx(3, abs=0.01)
    assert "300 m²  (3)" in texts(svg)
    assert "bare & dry soil › roof" in texts(svg)


def test_sankey_ribbons_keep_their_width_and_meet_their_nodes():
    svg = sankey_svg(FLOWS, 178, 60, metres, ("2018", "2023"))
    paths = re.findall(r'<path d="([^"]+)"', svg)
    ribbons = [[float(each) for each in re.findall(r"-?\d+\.\d+", path)] for path in paths]
    thick = {round(path[15] - path[1], 1) for path in ribbons}
    widths = sorted(round(path[9] - path[7], 1) for path in ribbons)
    assert widths[0] == widths[1] == pytest.approx(widths[2] / 3, abs=0.06)
    assert thick == set(widths)
    assert {"grass", "roof", "road", "bare & dry soil", "400 m²", "2018", "2023"} <= set(texts(svg))


def test_labels_of_many_small_flows_stand_apart_within_the_picture():
    flows = [Flow("grass", f"class {number}", 2.0, 1, "#55ff00", "#db0e9a") for number in range(9)]
    flows.append(Flow("grass", "roof", 900.0, 1, "#55ff00", "#db0e9a"))
    svg = sankey_svg(flows, 178, 40, metres, ("2018", "2023"))
    words = [each for each in ElementTree.fromstring(svg).iter() if (each.text or "").startswith(("class", "roof"))]
    heights = sorted(float(each.get("y")) for each in words)
    assert [each.text for each in words][:2] == ["roof  900 m²", "class 0  2 m²"]
    assert min(low - high for high, low in pairwise(heights)) > 2.5
    assert heights[0] > 0 and heights[-1] < 40


def test_names_of_columns_are_whole():
    names = ["agricultural land", "impervious surface", *(f"class {number}" for number in range(6))]
    svg = table_svg(names, [[1.0] * 8] * 8, ["#55ff00"] * 8, 178, 88, lambda value: f"{value:g}", "", "total")
    assert {"agricultural", "land", "impervious", "surface", "class 0"} <= set(texts(svg))


def test_a_legend_explains_what_is_named_in_its_order_and_takes_its_rows(qgis_new_project):
    names = [f"class {number} › building" for number in range(20)]
    layer = QgsVectorLayer("Polygon?crs=EPSG:2154&field=kind:string", "changes", "memory")
    categories = [QgsRendererCategory(name, QgsFillSymbol.createSimple({}), name) for name in names]
    layer.setRenderer(QgsCategorizedSymbolRenderer("kind", categories))
    QgsProject.instance().addMapLayer(layer)
    layout = QgsPrintLayout(QgsProject.instance())
    layout.initializeDefaults()
    shown = {name: name.upper() for name in reversed(names[:14])}
    Paper(layout).legend(layer, shown, 16, 200, 110)
    (legend,) = [each for each in layout.items() if isinstance(each, QgsLayoutItemLegend)]
    (node,) = legend.model().rootGroup().findLayers()
    labels = [each.data(Qt.ItemDataRole.DisplayRole) for each in legend.model().layerLegendNodes(node)]
    assert labels == list(shown.values())
    assert legend.rect().height() < 7 * LEGEND_ROW


def test_the_table_has_sums():
    cells = [[0.0, 300.0], [0.0, 0.0]]
    svg = table_svg(["grass", "roof"], cells, ["#55ff00", "#db0e9a"], 178, 40, lambda value: f"{value:g}", "", "total")
    assert texts(svg).count("300") == 4
    assert texts(svg).count("total") == 2


def test_no_flows_are_no_error():
    pictures = [bars_svg([], 178, 40, metres), sankey_svg([], 178, 40, metres, ("a", "b"))]
    pictures += [figures_svg([("1", "one")], 178, 18), table_svg([], [], [], 178, 40, metres, "m²", "total")]
    for svg in pictures:
        assert ElementTree.fromstring(svg).get("viewBox")


def test_numbers_are_written_as_a_language_does():
    assert number(1750.94, "en", 1) == "1,750.9"
    assert number(1750.94, "fr", 1) == "1\u202f750,9"
    assert area(39.46, "m2", "fr") == "39,5 m²"
    assert area(1234.0, "px", "en") == "1,234 px"
    assert [probability(1.0, language) for language in ("en", "fr")] == ["1.00", "1,00"]


# -- a recipe made again ----------------------------------------------------------------------


@pytest.fixture
def recipe(pair, tmp_path) -> Path:
    """Return a recipe file as the fake engine takes it: with the question's parameters, and what the dock reads."""
    file = tmp_path / "saved.json"
    rasters = [{"path": layer.source(), "date": date} for layer, date in zip(pair, ("2018", ""))]
    file.write_text(json.dumps({"question": QUESTION, "rasters": rasters, "area": None}))
    return file


def test_the_dock_makes_a_recipe_again(dock, qtbot, pair, recipe, tmp_path):
    make_again(dock, str(recipe))
    qtbot.waitUntil(lambda: dock.running is None and bool(dock.conversation.entries), timeout=15_000)
    entry = dock.conversation.entries[-1]
    assert (entry.state, entry.question, entry.dates) == ("done", QUESTION, ("2018", ""))
    assert (entry.before, entry.after) == (pair[0].id(), pair[1].id())
    sent = json.loads((Path(entry.folder) / "request.json").read_text(encoding="utf-8"))
    assert sent["rasters"] == [layer.source() for layer in pair]
    assert QgsProject.instance().layerTreeRoot().findGroup(QUESTION) is not None
    assert not dock.cards[entry.id].files.isHidden()


def test_rasters_of_a_recipe_are_loaded_from_beside_it(dock, qtbot, pair, recipe, tmp_path):
    elsewhere = tmp_path / "handed over"
    elsewhere.mkdir()
    for layer in pair:
        shutil.copy(layer.source(), elsewhere)
    values = json.loads(recipe.read_text(encoding="utf-8"))
    for each in values["rasters"]:
        each["path"] = str(Path("/gone") / Path(each["path"]).name)
    (elsewhere / "saved.json").write_text(json.dumps(values))
    make_again(dock, str(elsewhere / "saved.json"))
    qtbot.waitUntil(lambda: dock.running is None and bool(dock.conversation.entries), timeout=15_000)
    entry = dock.conversation.entries[-1]
    assert QgsProject.instance().mapLayer(entry.after).source() == str(elsewhere / "after.tif")


def test_a_file_that_is_no_recipe_is_said(dock, tmp_path):
    (tmp_path / "other.json").write_text("[]")
    make_again(dock, str(tmp_path / "other.json"))
    assert dock.running is None
    assert "no recipe" in dock.message.text()
