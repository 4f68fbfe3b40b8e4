"""What a change's form and a layer's metadata tell of where it comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from osgeo import gdal
from qgis.core import QgsProject, QgsVectorLayer
from qgis.gui import QgsAttributeForm
from qgis.PyQt.QtWidgets import QComboBox, QPlainTextEdit

from proposal_layers import write_proposals


@pytest.fixture
def folder(tmp_path, pair) -> Path:
    """Return a result on the pair of a dark and a lighter raster."""
    out = tmp_path / "result"
    out.mkdir()
    write_proposals(out / "changes.gpkg", 3)
    before, after = (layer.source() for layer in pair)
    answer = {
        "question": "What changed?", "language": "en", "look": {"task": "list"}, "text": "3 places.",
        "preflight": {"overlap": 1.0, "notes": [{"level": "warning", "what": "shift 1.4 px, corrected", "advice": ""}]},
        "model": {"name": "mini", "version": "1.2", "adapter": "damage", "licence": "free"},
        "inputs": [{"path": before, "date": "2018"}, {"path": after, "date": "2023"}],
        "settings": {"threshold": 0.62, "minimum_area": 10.0, "unit": "m2"},
    }  # fmt: skip
    (out / "answer.json").write_text(json.dumps(answer))
    return out


@pytest.fixture
def changes(folder) -> QgsVectorLayer:
    from diachron_qgis.gui.chip_widget import register_chips
    from diachron_qgis.link.protocol import VocabularyEntry
    from diachron_qgis.logic.results import load_results

    register_chips()
    vocabulary = [
        VocabularyEntry(1, "building", "bâtiment", "#db0e9a"),
        VocabularyEntry(10, "herbaceous", "", "#55ff00"),
    ]
    names = ("Changes", "Change probability", "Land cover")
    return load_results(folder, "What changed?", vocabulary, QgsProject.instance(), names).changes


def test_the_form_shows_both_images_with_the_outline(changes, qtbot):
    from diachron_qgis.gui.chip_widget import Chip

    form = QgsAttributeForm(changes, changes.getFeature(1))
    qtbot.addWidget(form)
    chips = form.findChildren(Chip)
    assert [chip.title.text() for chip in chips] == ["Before · 2018", "After · 2023"]
    qtbot.waitUntil(lambda: all(chip.picture.pixmap() for chip in chips), timeout=10_000)
    assert all(chip.isEnabled() for chip in chips)
    for chip, red in zip(chips, (60, 120)):
        image = chip.picture.pixmap().toImage()
        assert abs(image.pixelColor(image.rect().center()).red() - red) <= 1
        line = [image.pixelColor(x, image.height() // 2) for x in range(image.width())]
        assert any(colour.red() > 200 and colour.blue() < 90 for colour in line)


def test_the_form_tells_the_rest_and_lets_only_the_decision_be_edited(changes, qtbot):
    form = QgsAttributeForm(changes, changes.getFeature(2))
    qtbot.addWidget(form)
    config = changes.editFormConfig()
    titles = [tab.name() for tab in config.tabs()]
    assert titles == ["Images", "Change", "Decision", "Where it comes from"]
    told = {child.name() for tab in config.tabs() for child in tab.children()}
    assert {
        "caption", "from_probability", "to_probability", "model", "adapter", "licence", "question", "date_from",
        "date_to", "decided_by", "decided_at", "note", "status",
    } <= told  # fmt: skip
    fields = changes.fields()
    open_ones = {field.name() for place, field in enumerate(fields) if not config.readOnly(place)}
    assert open_ones == {"from_class", "to_class", "status", "note"}
    assert form.findChildren(QComboBox) and form.findChildren(QPlainTextEdit)


def test_a_form_without_its_images_says_so(changes, folder, qtbot, pair):
    from diachron_qgis.gui.chip_widget import Chip, image_layer

    assert image_layer(str(folder / "gone.tif")) is None
    chip = Chip("Before")
    qtbot.addWidget(chip)
    chip.show_place(None, changes.getFeature(1).geometry(), changes.crs())
    assert chip.picture.text() == "no image"


def test_metadata_stand_in_qgiss_own_fields_and_survive_the_project(changes, tmp_path):
    metadata = changes.metadata()
    assert metadata.title() == "Changes: What changed?"
    assert metadata.abstract() == "3 places."
    assert metadata.licenses() == ["free"]
    assert [link.name for link in metadata.links()] == ["image of 2018", "image of 2023"]
    history = metadata.history()
    assert history[0].startswith("compared: 2018")
    assert "asked of mini 1.2 damage: What changed?" in history
    assert "shift 1.4 px, corrected" in history
    assert history[-1] == "drawn where the change probability is 0.62 or more, 10 m² at least"
    project = QgsProject.instance()
    project.write(str(tmp_path / "kept.qgz"))
    layer_id = changes.id()
    project.read(str(tmp_path / "kept.qgz"))
    assert project.mapLayer(layer_id).metadata().history() == history


def test_a_review_is_part_of_the_history(changes, qgis_iface, qtbot, pair):
    from diachron_qgis.gui.review_desk import ReviewDesk

    desk = ReviewDesk(qgis_iface)
    qtbot.addWidget(desk)
    desk.open(changes, *pair)
    qtbot.waitUntil(lambda: desk.session is not None and desk.session.is_loaded, timeout=5_000)
    desk.accept()
    desk.reject()
    desk.close()
    assert "2 of 3 reviewed by" in changes.metadata().history()[-1]
    desk.close_down()


def test_layers_without_an_answer_are_shown_all_the_same(folder, pair):
    from diachron_qgis.logic.results import load_results

    (folder / "answer.json").write_text("{")
    layers = load_results(folder, "What changed?", (), QgsProject.instance(), ("Changes", "P", "L"))
    assert layers.changes.featureCount() == 3
    assert gdal.VersionInfo()
