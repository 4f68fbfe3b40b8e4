"""The main job with an interpreter that echoes pixels: every number can be counted by hand."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pyogrio
import pytest
import rasterio

from diachron.ask import ask
from diachron.errors import Cancelled, UnusableInput, WrongUsage
from diachron.mapping import tile_size
from diachron.model.look import Look
from diachron.progress import Progress, Step
from diachron.rasters.tiles import tiles
from diachron.request import AskRequest
from diachron.resources import resource
from fake_interpreter import CARD, EchoInterpreter
from small_rasters import GSD_M, ground, with_roof, write

ROOF_M2 = 20 * 20 * GSD_M**2


class Heard(Progress):
    """Keeps all that is reported; ``stop_at`` cancels when that stage begins."""

    def __init__(self, stop_at: str = "") -> None:
        super().__init__()
        self.stop_at, self.stages, self.steps, self.texts = stop_at, [], [], []
        self.preflights: list[Any] = []
        self.readings: list[Any] = []

    def cancelled(self) -> bool:
        return bool(self.stop_at) and self.stop_at in self.stages

    def on_stage(self, name: str) -> None:
        self.stages.append(name)

    def on_step(self, step: Step) -> None:
        self.steps.append(step)

    def on_preflight(self, preflight: Any) -> None:
        self.preflights.append(preflight)

    def on_reading(self, reading: Any) -> None:
        self.readings.append(reading)

    def on_text(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[str, str]:
    """Return grass, and grass with two roofs."""
    roofed = with_roof(with_roof(ground(), 10, 12), 60, 90)
    return write(tmp_path / "before.tif", ground()), write(tmp_path / "after.tif", roofed)


@pytest.fixture
def request_(pair: tuple[str, str], tmp_path: Path) -> AskRequest:
    return AskRequest(pair, "How many buildings are new?", tmp_path / "out")


def changes(folder: Path) -> tuple[dict[str, np.ndarray], list[bytes]]:
    meta, _, geometry, fields = pyogrio.raw.read(folder / "changes.gpkg", layer="changes")
    return dict(zip(meta["fields"], fields)), geometry


# -- the whole job ----------------------------------------------------------------------------


def test_two_new_roofs_are_counted_measured_told_and_written(request_: AskRequest):
    heard = Heard()
    answer = ask(request_, EchoInterpreter(), heard)
    fields, geometry = changes(request_.out)
    assert len(geometry) == 2
    assert fields["to_class"].tolist() == ["building", "building"]
    assert fields["from_class"].tolist() == ["herbaceous", "herbaceous"]
    assert fields["area_m2"] == pytest.approx(ROOF_M2, rel=0.01)
    count, area = answer.facts[:2]
    assert (count.kind, count.value) == ("count", 2)
    assert area.value == round(float(fields["area_m2"].sum()), 1)
    assert sorted(count.features) == sorted(fields["id"].tolist())
    assert answer.text.startswith("2 new, ") and answer.text.endswith("m² of them.")
    assert answer.text[answer.spans[0].start : answer.spans[0].end] == "2"
    assert heard.stages == ["align", "look", "map", "measure", "tell", "write"]
    assert heard.texts[-1] == answer.text and heard.texts[0] != answer.text


def test_the_folder_holds_what_the_contract_says(request_: AskRequest):
    answer = ask(replace(request_, dates=("2018-06-01", "2023-06-01")), EchoInterpreter())
    names = {path.name for path in request_.out.iterdir()}
    assert {"answer.json", "changes.gpkg", "change_probability.tif", "classes_1.tif", "classes_2.tif"} <= names
    written = json.loads((request_.out / "answer.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(answer.as_json()))
    assert written["look"]["task"] == "count" and written["look"]["to"] == ["building"]
    assert [each["date"] for each in written["inputs"]] == ["2018-06-01", "2023-06-01"]
    assert written["inputs"][0]["crs"] == "EPSG:2154" and written["inputs"][0]["width"] == 128
    assert set(written["timings"]) == {"align", "look", "map", "measure", "tell"}
    assert written["model"]["name"] == "echo"
    with rasterio.open(request_.out / "classes_2.tif") as classes:
        values = classes.read(1)
    assert (values == 1).sum() == 2 * 20 * 20, "roofs are class 1, building"
    assert not [path for path in request_.out.parent.iterdir() if path.name.startswith(".")], "no draft is left"


def test_drafts_of_killed_runs_are_swept_and_those_of_running_ones_stay(request_: AskRequest):
    old, young = (request_.out.with_name(f".out-{name}.draft") for name in ("killed", "running"))
    for draft in (old, young):
        draft.mkdir()
        (draft / "changes.gpkg").write_bytes(b"half")
    os.utime(old, (0, 0))
    ask(request_, EchoInterpreter())
    assert not old.exists() and young.exists()


def test_a_raster_that_cannot_be_written_is_told_by_the_folder_that_was_named(request_: AskRequest, monkeypatch):
    def full(path: Path, *_: Any, **__: Any) -> None:
        raise UnusableInput("the raster cannot be written", str(path), "make room")

    monkeypatch.setattr("diachron.results.export.write_cog", full)
    with pytest.raises(UnusableInput) as told:
        ask(request_, EchoInterpreter())
    assert told.value.where == str(request_.out) and told.value.advice == "make room"
    assert not list(request_.out.parent.glob(".*")) and not request_.out.exists()


@pytest.mark.parametrize("question", ["How many buildings are new?", "Why was it built?", "Where is the land sealed?"])
def test_answers_follow_the_schema_that_others_read_them_by(request_: AskRequest, question: str):
    ask(replace(request_, question=question), EchoInterpreter())
    schema = json.loads(resource("schemas/answer.schema.json").read_text(encoding="utf-8"))
    written = json.loads((request_.out / "answer.json").read_text(encoding="utf-8"))
    jsonschema.validate(written, schema)
    for wrong in (
        {**written, "text": ""},
        {**written, "score": 1},
        {key: written[key] for key in written if key != "facts"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)


def test_a_person_is_told_where_the_model_sees_less_than_the_images_show(request_: AskRequest):
    interpreter = EchoInterpreter()
    assert "looks at" not in str(ask(request_, interpreter).preflight)
    interpreter.card = replace(CARD, finest_gsd_m=0.8)
    assert "the model looks at 0.8 m" in str(ask(request_, interpreter).preflight)
    interpreter.card = replace(CARD, coarsest_gsd_m=0.3)
    assert "the model looks at 0.3 m" in str(ask(request_, interpreter).preflight)


def test_the_same_question_gives_the_same_answer(request_: AskRequest, tmp_path: Path):
    first = ask(request_, EchoInterpreter())
    second = ask(replace(request_, out=tmp_path / "again"), EchoInterpreter())
    assert replace(first, timings={}) == replace(second, timings={})


def test_a_former_answer_is_replaced(request_: AskRequest):
    ask(request_, EchoInterpreter())
    ask(replace(request_, question="Why?"), EchoInterpreter())
    assert json.loads((request_.out / "answer.json").read_text(encoding="utf-8"))["abstained"]
    assert not (request_.out / "classes_1.tif").exists()


def test_a_reader_of_french_is_answered_in_french(request_: AskRequest):
    assert ask(replace(request_, question="Combien de bâtiments sont nouveaux ?"), EchoInterpreter()).language == "fr"
    forced = ask(replace(request_, language="fr"), EchoInterpreter())
    assert forced.language == "fr" and "2" in forced.text


def test_three_dates_add_up_their_changes(tmp_path: Path):
    """A roof that comes and goes again changed between two dates, though the first and the last are the same."""
    images = [ground(), with_roof(ground(), 10, 12), with_roof(ground(), 60, 90)]
    paths = tuple(write(tmp_path / f"{number}.tif", image) for number, image in enumerate(images))
    interpreter = EchoInterpreter()
    answer = ask(AskRequest(paths, "How many buildings are new?", tmp_path / "out"), interpreter)
    assert answer.facts[0].value == 2
    assert interpreter.tiles_seen == [(3, 3, 96, 128)]
    assert (tmp_path / "out" / "classes_3.tif").is_file()


def test_a_look_of_a_class_at_both_ends_finds_what_came_and_what_went(tmp_path: Path):
    before, after = with_roof(ground(), 10, 12), with_roof(ground(), 60, 90)
    paths = (write(tmp_path / "b.tif", before), write(tmp_path / "a.tif", after))
    ask(AskRequest(paths, "Have the buildings changed?", tmp_path / "out"), EchoInterpreter())
    fields, _ = changes(tmp_path / "out")
    pairs = sorted(zip(fields["from_class"].tolist(), fields["to_class"].tolist()))
    assert pairs == [("building", "herbaceous"), ("herbaceous", "building")]


def test_facts_of_one_dates_land_cover_come_from_the_class_map(request_: AskRequest):
    answer = ask(replace(request_, question="What is there?"), EchoInterpreter())
    shares = {fact.target: fact.value for fact in answer.facts}
    assert shares["building"] == round(100 * 2 * 400 / (96 * 128), 2)


def test_rasters_without_a_place_are_measured_in_pixels_or_by_the_gsd(tmp_path: Path):
    from affine import Affine

    paths = tuple(
        write(tmp_path / name, image, Affine(1, 0, 0, 0, 1, 0), crs=None)
        for name, image in (("b.tif", ground()), ("a.tif", with_roof(ground(), 10, 12)))
    )
    plain = ask(AskRequest(paths, "How many?", tmp_path / "px"), EchoInterpreter())
    assert (plain.facts[1].value, plain.facts[1].unit) == (400, "px")
    sized = ask(AskRequest(paths, "How many?", tmp_path / "m", gsd=0.5), EchoInterpreter())
    assert (sized.facts[1].value, sized.facts[1].unit) == (100, "m2")


# -- reading ----------------------------------------------------------------------------------


def test_a_corrected_look_is_not_read_again(request_: AskRequest):
    pytest.importorskip("torch")
    interpreter = EchoInterpreter()
    answer = ask(replace(request_, look=Look("area", ("any",), ("building",)), language="en"), interpreter)
    assert answer.look.task == "area" and answer.facts[0].kind == "area"
    assert interpreter.questions_read == []


def test_a_corrected_look_keeps_the_questions_language(request_: AskRequest):
    pytest.importorskip("torch")
    corrected = replace(request_, question="Combien ?", look=Look("area", ("any",), ("building",)))
    assert ask(corrected, EchoInterpreter()).language == "fr"


def test_an_unanswerable_question_is_declined_before_the_model_looks(request_: AskRequest):
    interpreter, heard = EchoInterpreter(), Heard()
    answer = ask(replace(request_, question="Why was it built?"), interpreter, heard)
    assert answer.abstained and answer.reason == "not_in_imagery" and answer.facts == ()
    assert "cannot show" in answer.text and heard.texts == [answer.text]
    assert interpreter.tiles_seen == [] and "map" not in heard.stages
    assert json.loads((request_.out / "answer.json").read_text(encoding="utf-8"))["abstained"] is True
    assert len(changes(request_.out)[1]) == 0
    assert not list(request_.out.glob("*.tif"))


def test_a_language_it_does_not_speak_is_unusable_input(request_: AskRequest):
    with pytest.raises(UnusableInput, match="English or French"):
        ask(replace(request_, question="Wie viele Gebäude sind neu?"), EchoInterpreter())
    assert not request_.out.exists()


def test_a_phrase_the_vocabulary_lacks_is_looked_for_and_flagged(request_: AskRequest):
    heard = Heard()
    answer = ask(replace(request_, question="Count the solar farms."), EchoInterpreter(), heard)
    assert answer.preflight is not None
    note = answer.preflight.notes[-1]
    assert note.level == "warning" and "solar farm" in note.what
    assert heard.preflights[-1] == answer.preflight
    assert changes(request_.out)[0]["to_class"].tolist() == ["solar farm"] * 2


# -- telling ----------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["There are 7.", "Many of them.", "<fact_9> new.", "Yes, <fact_1>."])
def test_an_answer_that_says_what_was_not_measured_is_written_again(request_: AskRequest, bad: str):
    answer = ask(request_, EchoInterpreter(answers=[bad, "<fact_1> new."]))
    assert answer.text == "2 new."


def test_failing_that_the_facts_are_stated_plainly(request_: AskRequest):
    heard = Heard()
    answer = ask(request_, EchoInterpreter(answers=["There are 7."]), heard)
    assert "7" not in answer.text and "2" in answer.text
    assert {span.fact for span in answer.spans} == {fact.id for fact in answer.facts}
    assert heard.texts[-1] == answer.text


def test_a_text_grows_without_half_tokens(request_: AskRequest):
    heard = Heard()
    ask(request_, EchoInterpreter(answers=["<fact_1> roofs, <fact_2>."]), heard)
    assert not any("<" in text for text in heard.texts)


# -- maps -------------------------------------------------------------------------------------


def test_tiles_leave_no_seam_and_rows_are_finished_as_they_pass(tmp_path: Path):
    """The echo of a raster of many tiles is the echo of the raster, whatever the tiles."""
    height, width = 300, 340
    after = ground(height, width)
    for row, col in ((90, 100), (130, 20), (200, 250), (280, 318)):
        after = with_roof(after, row, col, 22)
    paths = (write(tmp_path / "b.tif", ground(height, width)), write(tmp_path / "a.tif", after))
    request = AskRequest(paths, "How many?", tmp_path / "tiled")
    interpreter, heard = EchoInterpreter(), Heard()
    tiled = ask(request, interpreter, heard)
    assert len(interpreter.tiles_seen) > 9
    whole = EchoInterpreter(card=replace(CARD, tile_px=512))
    one = ask(replace(request, out=tmp_path / "whole"), whole)
    assert whole.tiles_seen == [(2, 3, 320, 352)]
    assert tiled.facts == one.facts
    for name in ("classes_1.tif", "classes_2.tif", "change_probability.tif"):
        with rasterio.open(tmp_path / "tiled" / name) as first, rasterio.open(tmp_path / "whole" / name) as second:
            assert np.array_equal(first.read(1), second.read(1))
    assert [step.done for step in heard.steps] == list(range(len(interpreter.tiles_seen) + 1))
    assert heard.steps[0].remaining_s is None and heard.steps[-1].remaining_s == 0


@pytest.mark.parametrize(("width", "height"), [(600, 700), (1024, 1024), (200, 513), (100, 60), (512, 512), (4000, 90)])
def test_tiles_are_no_larger_than_their_number_asks_for(width: int, height: int):
    size = tile_size(width, height, 512, 64)
    assert size % 32 == 0 and size <= 512
    assert len(tiles(width, height, size, 64)) == len(tiles(width, height, 512, 64))
    if size > 96:
        assert size == 512 or len(tiles(width, height, size - 32, 64)) > len(tiles(width, height, 512, 64))


def test_tiles_without_data_are_not_looked_at(tmp_path: Path):
    height, width = 128, 384
    image = ground(height, width) + 1
    image[:, :, 128:] = 0
    paths = tuple(write(tmp_path / f"{name}.tif", image, nodata=0) for name in "ba")
    interpreter = EchoInterpreter()
    ask(AskRequest(paths, "How many?", tmp_path / "out"), interpreter)
    assert len(interpreter.tiles_seen) == 2, "of four tiles, two touch data"
    with rasterio.open(tmp_path / "out" / "classes_2.tif") as classes:
        assert not classes.read(1)[:, 128:].any()


def test_an_area_limits_what_is_measured(request_: AskRequest):
    inside = f"{652_000},{6_861_975},{652_030},{6_862_000}"
    answer = ask(replace(request_, area=inside), EchoInterpreter())
    assert answer.facts[0].value == 1


def test_a_threshold_above_every_probability_finds_nothing(request_: AskRequest):
    answer = ask(replace(request_, threshold=0.95), EchoInterpreter())
    assert answer.facts[0].value == 0
    assert len(changes(request_.out)[1]) == 0


# -- refusals ---------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["align", "look", "map", "measure", "tell"])
def test_a_cancelled_question_leaves_nothing(request_: AskRequest, stage: str):
    with pytest.raises(Cancelled):
        ask(request_, EchoInterpreter(), Heard(stop_at=stage))
    assert sorted(path.name for path in request_.out.parent.iterdir()) == ["after.tif", "before.tif"]


def test_a_cancel_is_seen_at_the_next_tile(request_: AskRequest):
    heard = Heard()
    interpreter = EchoInterpreter(card=replace(CARD, tile_px=64, overlap_px=16))
    interpreter.on_tile = lambda: setattr(heard, "stop_at", "map")
    with pytest.raises(Cancelled):
        ask(request_, interpreter, heard)
    assert len(interpreter.tiles_seen) == 1


def test_a_model_that_fails_leaves_nothing(request_: AskRequest):
    def fail() -> None:
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError):
        ask(request_, EchoInterpreter(on_tile=fail), Heard())
    assert not request_.out.exists()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"dates": ("2018",)}, "each raster has one date"),
        ({"gsd": 0.0}, "ground sample distance"),
        ({"gsd": float("nan")}, "ground sample distance"),
        ({"threshold": 1.0}, "threshold"),
        ({"language": "de"}, "no language"),
        ({"rasters": ("a.tif",)}, "one raster"),
    ],
)
def test_options_that_make_no_sense_are_wrong_usage(request_: AskRequest, wrong: dict[str, Any], told: str):
    with pytest.raises(WrongUsage, match=told):
        ask(replace(request_, **wrong), EchoInterpreter())


def test_ground_that_no_two_dates_share_is_unusable(tmp_path: Path):
    left, right = ground() + 1, ground() + 1
    left[:, :, 60:] = 0
    right[:, :, :68] = 0
    paths = (write(tmp_path / "b.tif", left, nodata=0), write(tmp_path / "a.tif", right, nodata=0))
    with pytest.raises(UnusableInput, match="data in all rasters"):
        ask(AskRequest(paths, "How many?", tmp_path / "out"), EchoInterpreter())
    assert not (tmp_path / "out").exists()
