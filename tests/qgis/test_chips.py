"""The chips of a reading: what they show, what a person can correct, and how they fit a narrow dock."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from qgis.PyQt.QtWidgets import QPushButton, QToolButton

SCHEMAS = Path(__file__).resolve().parents[2] / "resources" / "schemas"


@pytest.fixture
def show(qtbot, qgis_new_project):
    """Return what shows the chips of a reading."""
    from diachron_qgis.gui.chips import ReadingChips
    from diachron_qgis.link.protocol import Look, VocabularyEntry

    words = (VocabularyEntry(1, "building", "bâtiment", "#db0e9a"), VocabularyEntry(5, "water", "eau", "#1553ae"))

    def chips_of(**look: object) -> ReadingChips:
        chips = ReadingChips(Look(**look), words)
        qtbot.addWidget(chips)
        return chips

    return chips_of


def texts(chips) -> list[str]:
    return [each.text() for each in chips.findChildren(QToolButton) if not each.isHidden()]


def choose(chips, chip: str, text: str) -> None:
    button = next(each for each in chips.findChildren(QToolButton) if each.text() == chip and not each.isHidden())
    next(action for action in button.menu().actions() if action.text() == text).trigger()


def test_a_region_is_shown_and_can_be_left_out(show):
    chips = show(task="count", source=("any",), target=("building",), date="both", region="north-west")
    assert texts(chips) == ["count", "any", "building", "north-west"]
    choose(chips, "north-west", "whole area")
    assert chips.look.region == "" and texts(chips) == ["count", "any", "building"]
    again = []
    chips.corrected.connect(again.append)
    next(each for each in chips.findChildren(QPushButton) if not each.isHidden()).click()
    assert again == [chips.look]


def test_the_date_of_a_land_cover_question_can_be_changed(show):
    chips = show(task="semantic_map", classes=("any",), date="before")
    assert texts(chips) == ["semantic map", "any", "before"]
    choose(chips, "before", "after")
    assert chips.look.date == "after"


def test_every_task_but_no_answer_can_be_chosen_and_damage_is_that_of_buildings(show):
    from diachron_qgis.gui.chips import TASKS

    schema = json.loads((SCHEMAS / "answer.schema.json").read_text(encoding="utf-8"))
    known = set(schema["properties"]["look"]["properties"]["task"]["enum"])
    assert set(TASKS) == known - {"unanswerable"}
    chips = show(task="list", source=("any",), target=("any",), date="both")
    choose(chips, "list", "damage")
    assert (chips.look.source, chips.look.target) == (("building",), ("building",))


def test_classes_go_along_between_changes_and_land_cover(show):
    chips = show(task="count", source=("any",), target=("water",), date="both")
    choose(chips, "count", "semantic map")
    assert (chips.look.classes, chips.look.source, chips.look.date) == (("water",), (), "after")
    choose(chips, "semantic map", "area")
    assert (chips.look.classes, chips.look.source, chips.look.target) == ((), ("any",), ("water",))
    assert chips.look.date == "both"


def test_a_question_that_was_not_understood_can_be_given_a_reading(show):
    chips = show(task="unanswerable", reason="no_meaning")
    assert texts(chips) == ["unanswerable"]
    choose(chips, "unanswerable", "count")
    assert chips.look.source == ("any",) and chips.look.target == ("any",) and chips.look.reason == ""


def test_long_readings_take_more_rows_in_a_narrow_dock(show):
    classes = ("building", "water", "impervious surface", "agricultural land")
    chips = show(task="change_from_what", source=classes[:2], target=classes, date="both", region="south-east")
    chips.resize(260, chips.heightForWidth(260))
    chips.show()
    shown = [each for each in chips.findChildren(QToolButton) if not each.isHidden()]
    assert chips.heightForWidth(260) > shown[0].height() < chips.height()
    assert len({each.y() for each in shown}) >= 2
    assert [each.geometry().right() for each in shown if each.geometry().right() >= chips.width()] == [], chips.width()
    assert texts(chips)[2] == "building + water + 2 more" and "agricultural land" in shown[2].toolTip()
    assert not any(a.geometry().intersects(b.geometry()) for a in shown for b in shown if a is not b)
