"""French: the compiled catalogue, the dock, the engine's messages, and how the plugin takes its translator away."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtWidgets import QToolButton

from building.places import RESOURCES, TRANSLATIONS
from diachron_qgis.link.engine_words import engine_text
from diachron_qgis.link.protocol import EngineError, Note
from diachron_qgis.logic.language import install_translator, remove_translator


@pytest.fixture
def french():
    """QGIS in French, as its options say it."""
    settings = QgsSettings()
    before = {name: settings.value(name) for name in ("locale/overrideFlag", "locale/userLocale")}
    settings.setValue("locale/overrideFlag", True)
    settings.setValue("locale/userLocale", "fr")
    translator = install_translator()
    yield translator
    remove_translator(translator)
    for name, value in before.items():
        settings.remove(name) if value is None else settings.setValue(name, value)


def test_the_compiled_catalogue_says_what_the_source_says(french):
    for context in ElementTree.parse(TRANSLATIONS / "diachron_fr.ts").getroot().iter("context"):
        for message in context.iter("message"):
            source = message.findtext("source")
            told = QCoreApplication.translate(context.findtext("name"), source)
            assert told == message.findtext("translation"), f"{source}: run `python3 build.py i18n`"


def test_the_plugin_speaks_the_language_that_qgis_is_set_to(french):
    assert QgsApplication.locale() == "fr"
    assert french is not None
    assert QCoreApplication.translate("Diachron", "Before") == "Avant"


def test_a_language_without_a_catalogue_is_english():
    assert install_translator("de") is None
    assert QCoreApplication.translate("Diachron", "Before") == "Before"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("overlap 82%", "recouvrement 82\u202f%"),
        ("resolution 0.5 m / 0.2 m", "résolution 0,5 m / 0,2 m"),
        (
            "shift between dates 1 and 2 3.4 px, corrected to 0.2 px",
            "décalage entre les dates 1 et 2 de 3,4 px, ramené à 0,2 px",
        ),
        ("untested phrase “swimming pool”", "terme non testé «\u00a0swimming pool\u00a0»"),
        ("no GPU can be used here", "aucune carte graphique ne peut être utilisée ici"),
        ("/data/lyon_2018.tif", "/data/lyon_2018.tif"),
        ("", ""),
    ],
)
def test_sentences_of_the_engine_with_their_values(french, said, told):
    assert engine_text(said) == told


def test_in_english_the_engine_is_left_as_it_speaks():
    for said in ("overlap 82%", "resolution 0.5 m / 0.2 m", "no GPU can be used here"):
        assert engine_text(said) == said


def test_errors_and_notes_come_translated(french):
    error = EngineError.from_json({"kind": "input", "what": "the rasters do not overlap", "where": "a.tif and b.tif"})
    assert error.line() == "les rasters ne se recouvrent pas\u00a0: a.tif et b.tif"
    note = Note.from_json({"level": "fine", "what": "CRS EPSG:2154", "about": "crs", "mend": ""})
    assert (note.what, note.about) == ("SCR EPSG:2154", "crs")


def test_the_dock_is_french(french, dock):
    assert dock.box.ask_button.text() == "Demander"
    assert dock.box.line.placeholderText() == "Posez une question…"
    dock.form.after.setLayer(dock.form.before.currentLayer())
    assert dock.form.problem() == "Avant et après sont le même raster\u202f; choisissez-en un autre."


def test_the_plugin_takes_its_translator_away(french, qgis_iface):
    from diachron_qgis import classFactory

    remove_translator(french)
    plugin = classFactory(qgis_iface)
    assert QCoreApplication.translate("Diachron", "Before") == "Avant"
    plugin.unload()
    assert QCoreApplication.translate("Diachron", "Before") == "Before"


def test_classes_and_readings_are_french_and_what_is_sent_is_not(french, qtbot):
    from diachron_qgis.gui.chips import ReadingChips
    from diachron_qgis.gui.review_editors import ClassEditor
    from diachron_qgis.link.protocol import Look, VocabularyEntry

    vocabulary = (
        VocabularyEntry(1, "building", "bâtiment", "#db0e9a"),
        VocabularyEntry(10, "herbaceous", "", "#55ff00"),
    )
    chips = ReadingChips(Look("count", ("any",), ("building",), region="north"), vocabulary)
    qtbot.addWidget(chips)
    assert [chip.text() for chip in chips.findChildren(QToolButton)] == ["nombre", "toutes", "bâtiment", "nord"]
    editor = ClassEditor()
    qtbot.addWidget(editor)
    editor.offer(vocabulary, [("greenhouse heated", "building")])
    editor.ask(("greenhouse heated", "building"))
    editor.target.setCurrentText("herbacé")
    with qtbot.waitSignal(editor.chosen) as chosen:
        editor.keep()
    assert chosen.args == [("greenhouse heated", "herbaceous")]


def test_every_task_of_a_reading_has_french_words(french):
    from diachron_qgis.logic.class_words import task_name

    schema = json.loads((RESOURCES / "schemas" / "answer.schema.json").read_text(encoding="utf-8"))
    tasks = schema["properties"]["look"]["properties"]["task"]["enum"]
    assert len(tasks) > 20
    with_words = {task: task_name(task) for task in tasks}
    assert not [task for task, words in with_words.items() if words == task.replace("_", " ")]


def test_decimals_in_french_texts_have_a_comma(french, qtbot, qgis_new_project, tmp_path):
    from dataclasses import replace

    from osgeo import gdal
    from qgis.core import QgsRasterLayer

    from diachron_qgis.gui import words
    from diachron_qgis.gui.answer_tools import AnswerTools
    from diachron_qgis.gui.examples_menu import told
    from diachron_qgis.gui.review_table import area_text
    from diachron_qgis.link.answer import Answer, Settings
    from diachron_qgis.logic.provenance import drawn_with
    from diachron_qgis.logic.question_sets import SHIPPED, read_sets
    from diachron_qgis.logic.report_words import coordinates
    from diachron_qgis.logic.results import style_probability

    answer = Answer.from_json({"text": "", "settings": {"threshold": 0.6, "minimum_area": 2.25, "unit": "m2"}})
    assert isinstance(answer.settings, Settings)
    assert "0,60 ou plus, 2,25 m² au moins" in drawn_with(answer)
    path = str(tmp_path / "probability.tif")
    gdal.GetDriverByName("GTiff").Create(path, 2, 2, 1, gdal.GDT_Float32).FlushCache()
    layer = QgsRasterLayer(path, "probability", "gdal")
    style_probability(layer)
    shown = layer.renderer().shader().rasterShaderFunction().colorRampItemList()
    assert [each.label for each in shown] == ["0,0", "0,3", "0,5", "1,0"]
    tip = told(replace(read_sets(SHIPPED)[0], threshold=0.5, minimum_area=12.5, classes=("building",)), "fr")
    assert "Seuil\u00a0: 0,5" in tip and "12,5 m²" in tip and "bâtiment" in tip and "building" not in tip
    assert (words.decimal(1), area_text(1234.0)) == ("1,00", "1\u202f234 m²")
    tools = AnswerTools()
    qtbot.addWidget(tools)
    tools.show_count(1777)
    assert tools.review.text() == "Vérifier 1\u202f777"
    assert words.percent(0.496) == "50\u202f%"
    assert coordinates(838686.44, 6288361.0, "fr") == "838686,4 ; 6288361,0"
    assert coordinates(838686.44, 6288361.0, "en") == "838686.4, 6288361.0"


def test_the_help_pages_are_french(french):
    from diachron_qgis.gui.help_window import help_folder

    assert (help_folder() / "index.md").read_text(encoding="utf-8").startswith("# Diachron\u00a0: aide")
