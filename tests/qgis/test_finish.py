"""What makes the product whole: settings in QGIS's options, sets of questions, help, and work without a mouse."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSettings, Qt, QUrl
from qgis.PyQt.QtWidgets import QAbstractButton, QWidget

QUESTION = "How many buildings are new?"


@pytest.fixture
def plain_settings(qgis_app):
    from diachron_qgis.logic.settings import Settings, write_settings

    write_settings(Settings())
    yield
    write_settings(Settings())


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(QgsApplication, "qgisSettingsDirPath", staticmethod(lambda: str(tmp_path / "profile")))


# Settings


def test_settings_come_back_as_they_were_kept(plain_settings):
    from diachron_qgis.logic.settings import Settings, read_settings, write_settings

    kept = Settings("/opt/diachron", "/data/results", "fr", 35.0, 12.5, "cpu", 3)
    write_settings(kept)
    assert read_settings() == kept
    assert QSettings().value("diachron/engine") == "/opt/diachron"
    assert QSettings().value("diachron/results_folder") == "/data/results"
    write_settings(Settings())
    assert not [key for key in QSettings().allKeys() if key.startswith("diachron/")]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("language", "de"),
        ("threads", "many"),
        ("review_margin_m", "nan"),
        ("minimum_area_m2", "-4"),
        ("device", "abacus"),
    ],
)
def test_a_setting_that_cannot_be_used_is_as_none(plain_settings, key, value):
    from diachron_qgis.logic.settings import Settings, read_settings

    QSettings().setValue(f"diachron/{key}", value)
    assert read_settings() == Settings()
    QSettings().remove(f"diachron/{key}")


def test_the_options_page_shows_keeps_and_names_the_engine_that_is_found(plain_settings, qtbot, fake_engine, tmp_path):
    from diachron_qgis.gui.options_page import OptionsFactory, engine_differs
    from diachron_qgis.logic.settings import Settings, read_settings

    applied = []
    page = OptionsFactory(lambda *both: applied.append(both)).createWidget()
    qtbot.addWidget(page)
    assert page.settings() == Settings()
    assert str(fake_engine) in page.found.text()
    page.engine.setFilePath(str(tmp_path / "nowhere"))
    assert "no such program" in page.found.text()
    page.engine.setFilePath("")
    page.language.setCurrentIndex(2)
    page.margin.setValue(44)
    page.threads.setValue(2)
    page.apply()
    assert read_settings() == Settings(language="fr", review_margin_m=44.0, threads=2)
    assert applied == [(Settings(), read_settings())] and engine_differs(*applied[0])
    page.apply()
    assert len(applied) == 1
    assert not engine_differs(read_settings(), replace(read_settings(), language="en"))


def test_the_engine_is_started_anew_as_it_is_set(plain_settings, dock, qtbot):
    from diachron_qgis.link.environment import engine_environment
    from diachron_qgis.logic.settings import Settings, write_settings

    first = dock.engine.process_id()
    now = Settings(device="cpu", threads=2)
    write_settings(now)
    assert engine_environment().value("OMP_NUM_THREADS") == "2"
    with qtbot.waitSignal(dock.engine.greeted, timeout=60_000):
        dock.settings_changed(Settings(), now)
    assert dock.engine.process_id() not in (0, first)
    assert dock.engine._process.arguments() == ["serve", "--device", "cpu"]


def test_language_and_smallest_area_go_with_each_question(plain_settings, dock):
    from diachron_qgis.logic.conversation import Entry
    from diachron_qgis.logic.question_job import question_job
    from diachron_qgis.logic.settings import Settings, write_settings

    entry = Entry("1", QUESTION, "a", "b", ("", ""), "", "/out", "now")
    assert "language" not in question_job(entry, ("a", "b"), None, None).params()
    write_settings(Settings(language="fr", minimum_area_m2=7.0))
    params = question_job(entry, ("a", "b"), None, None).params()
    assert (params["language"], params["minimum_area"]) == ("fr", 7.0)
    of_a_set = question_job(replace(entry, wanted="soil_sealing"), ("a", "b"), None, None).params()
    assert of_a_set["minimum_area"] == 50


def test_the_page_is_in_qgis_options_while_the_plugin_is_loaded(plain_settings, qgis_iface, fake_engine, monkeypatch):
    from diachron_qgis.gui.options_page import OptionsFactory
    from diachron_qgis.plugin import DiachronPlugin

    held: list[object] = []
    for name, step in (
        ("registerOptionsWidgetFactory", held.append),
        ("unregisterOptionsWidgetFactory", held.remove),
        ("addRasterToolBarIcon", lambda action: None),
        ("removeRasterToolBarIcon", lambda action: None),
        ("addPluginToRasterMenu", lambda menu, action: None),
        ("removePluginRasterMenu", lambda menu, action: None),
        ("removeDockWidget", lambda dock: None),
    ):
        monkeypatch.setattr(qgis_iface, name, step, raising=False)
    plugin = DiachronPlugin(qgis_iface)
    plugin.initGui()
    assert [type(each) for each in held] == [OptionsFactory]
    assert held[0].title() == "Diachron" and not held[0].icon().isNull()
    plugin.unload()
    assert not held


# Sets of questions


def test_the_shipped_sets_cover_the_four_uses_in_both_languages_and_name_classes_that_exist(qgis_app):
    from diachron_qgis.logic.question_sets import SHIPPED, read_sets, report_title

    sets = read_sets(SHIPPED)
    assert [each.id for each in sets] == ["topographic_update", "soil_sealing", "disaster_damage", "interpretation"]
    vocabulary = json.loads(Path(__file__).parents[2].joinpath("resources/vocabularies/flair.json").read_text())
    known = {each["name"] for each in vocabulary["classes"]}
    for each in sets:
        assert set(each.name) == set(each.purpose) == set(each.report_title) == set(each.questions) == {"en", "fr"}
        assert len(each.questions["en"]) == len(each.questions["fr"]) >= 4
        assert set(each.classes) <= known
    assert report_title("disaster_damage", "fr") == "Dégâts après l'événement"
    assert report_title("", "fr") == report_title("gone", "fr") == ""


@pytest.mark.parametrize(
    "fault",
    [{"colour": "red"}, {"style": "pretty"}, {"threshold": 1.5}, {"questions": {"en": []}},
     {"questions": {"de": ["was"]}}, {"name": {"en": 3}}, {"minimum_area": True}],
)  # fmt: skip
def test_a_set_with_a_key_or_value_that_nobody_knows_is_refused(qgis_app, tmp_path, fault):
    from diachron_qgis.logic.question_sets import BadQuestionSets, read_sets

    path = tmp_path / "sets.json"
    path.write_text(
        json.dumps({"sets": [{"id": "one", "name": {"en": "One"}, "questions": {"en": ["what?"]}} | fault]})
    )
    with pytest.raises(BadQuestionSets, match=re.escape(str(path))):
        read_sets(path)


def test_a_conversation_is_saved_as_a_set_of_ones_own_and_deleted(dock, own_folder):
    from diachron_qgis.logic.question_sets import delete_own_set, own_file, read_own_sets

    menu = dock.box.sets
    menu.show_asked(["What has changed?", QUESTION, "What has changed?"])
    menu.save("Mine & theirs")
    (own,) = read_own_sets()
    assert own.asked("fr") == ("What has changed?", QUESTION) and own.is_own
    menu.fill()
    assert "Mine && theirs" in [action.text() for action in menu.actions()]
    own_file().write_text("{")
    told = []
    menu.failed.connect(told.append)
    menu.fill()
    assert str(own_file()) in told[0]
    own_file().unlink()
    menu.save("Mine & theirs")
    delete_own_set(own.id)
    assert not read_own_sets()


def test_asking_a_whole_set_asks_its_questions_one_after_another(dock, qtbot, own_folder):
    from diachron_qgis.logic.question_sets import SHIPPED, read_sets

    sealing = read_sets(SHIPPED)[1]
    dock.box.sets.fill()
    part = next(each.menu() for each in dock.box.sets.actions() if each.text() == sealing.name["en"])
    part.actions()[0].trigger()
    qtbot.waitUntil(lambda: dock.running is None and len(dock.conversation.entries) == 4, timeout=60_000)
    entries = dock.conversation.entries
    assert [each.question for each in entries] == list(sealing.questions["en"])
    assert {each.wanted for each in entries} == {"soil_sealing"} and {each.state for each in entries} == {"done"}
    assert dock.showing.report_title(entries[0].id) == "Soil sealing"


def test_a_set_that_is_stopped_asks_no_more(dock, qtbot, monkeypatch, own_folder):
    from diachron_qgis.logic.question_sets import SHIPPED, read_sets

    dock.engine.shutdown()
    monkeypatch.setenv("DIACHRON_FAKE", "slow")
    dock.set_run.begin(read_sets(SHIPPED)[0])
    qtbot.waitUntil(lambda: dock.running is not None and hasattr(dock.running[1], "params"), timeout=20_000)
    dock.stop()
    qtbot.waitUntil(lambda: dock.running is None, timeout=20_000)
    qtbot.wait(200)
    assert len(dock.conversation.entries) == 1 and dock.running is None


def test_changes_of_a_set_on_damage_are_coloured_by_its_level(qgis_app):
    from qgis.core import QgsFeature, QgsVectorLayer

    from diachron_qgis.logic.damage_style import style_damage

    layer = QgsVectorLayer("Polygon?field=damage:string", "changes", "memory")
    assert not style_damage(layer)
    features = []
    for level in ("destroyed", "", "minor damage"):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([level])
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    assert style_damage(layer)
    assert [each.value() for each in layer.renderer().categories()] == ["minor damage", "destroyed", ""]


# Help


def test_the_help_pages_lead_to_each_other_and_to_pictures_that_are_there(dock, qtbot):
    from diachron_qgis.gui.help_window import help_folder

    dock.box.help.click()
    pages = dock._help.pages
    assert pages.page == "index.md" and "Reconcile" in pages.toPlainText()
    named = re.findall(r"\]\((\w+\.md)\)", (help_folder() / "index.md").read_text(encoding="utf-8"))
    assert {path.name for path in help_folder().glob("*.md")} == {"index.md", *named}
    for name in named:
        dock._help.contents.click()
        pages.follow(QUrl(name))
        assert pages.page == name and len(pages.toPlainText()) > 200
        text = (help_folder() / name).read_text(encoding="utf-8")
        for picture in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", text):
            assert not pages.loadResource(2, QUrl(picture)).isNull(), picture
    dock._help.close()


def test_pages_show_what_they_tell_of_and_the_same_in_both_languages():
    from diachron_qgis.gui.help_window import help_folder

    def shown(page: Path) -> list[str]:
        return re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8").replace("../../images", "../images"))

    pages = {path.name: shown(path) for path in help_folder().glob("*.md")}
    assert pages == {path.name: shown(path) for path in (help_folder() / "fr").glob("*.md")}
    for name in ("ask.md", "review.md", "reconcile.md", "export.md", "run.md"):
        assert any(target.startswith("../images/") for target in pages[name]), name
    assert "run.md" in pages["index.md"] and len(pages["run.md"]) >= 9


# Without a mouse


def walk(window: QWidget, qtbot) -> list[QWidget]:
    """Press Tab until the focus is back where it was; return what had it, in order."""
    found = [window.focusWidget()]
    for _ in range(200):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        if window.focusWidget() is found[0]:
            return found
        found.append(window.focusWidget())
    raise AssertionError(f"Tab does not come back: {[type(each).__name__ for each in found[-6:]]}")


def buttons(part: QWidget) -> list[QAbstractButton]:
    """Return the buttons that a person sees, without those inside a line edit or a calendar."""
    found = (each for each in part.findChildren(QAbstractButton) if each.isVisible() and each.isEnabled())
    return [each for each in found if not each.parent().inherits("QLineEdit")]


def test_everything_in_the_dock_is_reached_by_tab_from_top_to_bottom_and_has_a_name(dock, qtbot, add_raster):
    dock.form.add_between(add_raster("between"))
    dock.box.line.setText(QUESTION)
    qtbot.keyClick(dock.box.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dock.running is None and bool(dock.conversation.entries), timeout=20_000)
    dock.resize(460, 1000)
    dock.show()
    qtbot.waitExposed(dock)
    dock.form.before.setFocus()
    stops = walk(dock, qtbot)
    # Of radio buttons Tab reaches the one that is chosen; arrows reach the others.
    missed = [each for each in buttons(dock.widget()) if each not in stops and not each.inherits("QRadioButton")]
    assert not [(each.text() or each.toolTip()) for each in missed]
    parts = (dock.form, dock.preflight.card, dock.scroll, dock.box)
    places = [next((n for n, part in enumerate(parts) if part.isAncestorOf(each)), None) for each in stops]
    inside = [place for place in places if place is not None]
    assert inside == sorted(inside) and {0, 2, 3} <= set(inside)
    assert [each for each in stops if each.parent() is dock.box] == [
        dock.box.examples, dock.box.line, dock.box.ask_button, dock.box.help,
    ]  # fmt: skip
    nameless = [each for each in buttons(dock.widget()) if not each.text() and not each.accessibleName()]
    assert not [each.toolTip() for each in nameless]


def test_everything_in_the_options_page_is_reached_by_tab_and_has_a_name(plain_settings, qtbot, fake_engine):
    from diachron_qgis.gui.options_page import OptionsPage

    page = OptionsPage(lambda before, now: None)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitExposed(page)
    page.engine.lineEdit().setFocus()
    stops = walk(page, qtbot)
    fields = (page.engine, page.device, page.threads, page.folder, page.language, page.least, page.margin)
    firsts = [next(n for n, each in enumerate(stops) if each is field or field.isAncestorOf(each)) for field in fields]
    assert firsts == sorted(firsts)
    assert all(field.accessibleName() for field in fields)


def test_the_review_desk_is_worked_by_tab_too_and_its_buttons_have_names(dock, qtbot):
    from diachron_qgis.logic.settings import read_settings

    dock.box.line.setText(QUESTION)
    qtbot.keyClick(dock.box.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dock.running is None and bool(dock.conversation.entries), timeout=20_000)
    dock.review(dock.conversation.entries[0].id)
    desk = dock.desk
    desk.setFloating(True)
    desk.show()
    qtbot.waitExposed(desk)
    first = desk.subject.layer
    assert desk.margin.value() == read_settings().review_margin_m
    dock.settings_changed(read_settings(), replace(read_settings(), review_margin_m=75.0))
    assert desk.margin.value() == 75.0
    first.setFocus()
    stops = walk(desk, qtbot)
    missed = [each for each in buttons(desk.widget()) if each not in stops and not each.inherits("QRadioButton")]
    assert not [(each.text() or each.toolTip()) for each in missed]
    assert not [each.toolTip() for each in buttons(desk.widget()) if not each.text() and not each.accessibleName()]


def test_the_reconciliation_is_worked_by_tab_too_and_its_buttons_have_names(qgis_iface, qtbot, qgis_new_project):
    from diachron_qgis.gui.reconcile_panel import ReconcilePanel

    panel = ReconcilePanel(qgis_iface)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    panel.changes.setFocus()
    stops = walk(panel, qtbot)
    missed = [each for each in buttons(panel) if each not in stops and not each.inherits("QRadioButton")]
    missed = [each for each in missed if not each.parent().inherits("QTableView") and each.parent() is not panel]
    assert not [(each.text() or each.toolTip()) for each in missed]
