"""Three dates and more: steps, what places went through, facts, words and files, from scenes counted by hand."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import jsonschema
import numpy as np
import pyogrio
import pytest
import rasterio
from affine import Affine
from rasterio.crs import CRS

from batch_loaders import load_echo
from diachron.ask import ask
from diachron.cli import main
from diachron.model.look import Look
from diachron.model.vocabulary import load_vocabulary
from diachron.rasters.grid import Grid
from diachron.request import AskRequest
from diachron.resources import resource
from diachron.results.answer import render
from diachron.results.maps import Maps
from diachron.results.measures import measure
from diachron.results.plain import plain_answer
from diachron.results.polygons import draw_changes
from diachron.results.remeasure import read_kept, remeasure
from diachron.results.sequences import STEP_KINDS, sequence_sentences, step_names, trajectory_words
from fake_interpreter import EchoInterpreter
from small_rasters import ground, with_roof, write

VOCABULARY = load_vocabulary()
GRID = Grid(CRS.from_epsg(2154), Affine(0.5, 0, 700_000, 0, -0.5, 6_600_000), 120, 100, 0.5)
BUILDING, BARE, GRASS = 1, 4, 10
DATES = ("2012", "2015", "2018")


def series() -> Maps:
    """Return maps of three dates: A grass, bare, building; B grass, grass, building; C grass, building, building."""
    classes = [np.full((100, 120), GRASS, np.uint8) for _ in DATES]
    steps = [np.zeros((100, 120), np.uint8) for _ in DATES[1:]]
    a, b, c = (np.s_[10:30, 10:30], np.s_[10:40, 60:90], np.s_[60:80, 10:50])
    classes[1][a], classes[2][a] = BARE, BUILDING
    classes[2][b] = BUILDING
    classes[1][c] = classes[2][c] = BUILDING
    steps[0][a], steps[1][a] = 230, 200
    steps[1][b] = 235
    steps[0][c] = 240
    return Maps(np.maximum(*steps), tuple(classes), np.ones((100, 120), bool), (), tuple(steps))


def drawn(maps: Maps, look: Look | None = None) -> list:
    return sorted(
        draw_changes(maps, look or Look("list"), VOCABULARY, GRID, threshold=0.5), key=lambda each: each.polygon.bounds
    )


def test_each_change_is_of_the_step_that_first_shows_it():
    c, a, b = drawn(series())
    assert [(each.step, each.source, each.target) for each in (a, b, c)] == [
        (0, "herbaceous", "bare soil"), (1, "herbaceous", "building"), (0, "herbaceous", "building"),
    ]  # fmt: skip
    assert a.trajectory == ("herbaceous", "bare soil", "building")
    assert b.trajectory == ("herbaceous", "herbaceous", "building")
    assert [each.area for each in (a, b, c)] == pytest.approx([100, 225, 200], rel=0.01)


def test_a_change_of_the_second_step_alone_is_drawn_where_it_alone_was_asked_for():
    maps = series()
    maps.steps[0][10:30, 10:30] = 0  # the query "any>building" sees bare soil as no change
    c, a, b = drawn(maps, Look("count", target=("building",)))
    assert (a.step, a.source, a.target) == (1, "bare soil", "building")
    assert a.trajectory == ("herbaceous", "bare soil", "building")


def test_a_small_piece_of_a_later_step_goes_with_what_it_is_part_of():
    maps = series()
    maps.steps[1][80:81, 10:39] = 240  # C's edge wavers: under the minimum mapping unit of 40 pixels
    maps.change[:] = np.maximum(*maps.steps)
    c, _, _ = drawn(maps, Look("count", target=("building",)))
    assert (c.step, c.area) == (0, pytest.approx(207, rel=0.01))


def test_neighbours_of_two_steps_are_two_polygons():
    maps = series()
    maps.steps[1][60:80, 50:70] = 240
    maps.classes[2][60:80, 50:70] = BUILDING
    maps.change[:] = np.maximum(*maps.steps)
    found = drawn(maps, Look("count", target=("building",)))
    assert sorted(each.step for each in found if each.polygon.bounds[1] < 6_599_975) == [0, 1]


def test_the_facts_of_a_sequence_count_each_step_and_the_commonest_way():
    changes = draw_changes(series(), Look("list"), VOCABULARY, GRID, threshold=0.5)
    facts = measure(Look("list"), changes, series(), VOCABULARY, GRID, DATES)
    own = [fact for fact in facts if fact.kind in STEP_KINDS]
    assert [(fact.kind, fact.value) for fact in own] == [
        ("step_count", 2), ("step_dates", "2012 – 2015"), ("step_count", 1), ("step_dates", "2015 – 2018"),
        ("trajectory_count", 1), ("trajectory", "herbaceous>bare soil>building"),
    ]  # fmt: skip
    assert [fact.id for fact in facts] == list(range(1, len(facts) + 1))
    by_id = {change.id: change for change in changes}
    assert {by_id[each].step for each in own[0].features} == {0} and {by_id[each].step for each in own[2].features} == {
        1
    }
    assert not [fact for fact in measure(Look("list"), changes, series(), VOCABULARY, GRID) if fact.kind in STEP_KINDS]


@pytest.mark.parametrize(
    ("language", "periods"),
    [
        ("en", "Changes by period: 2 in 2012 – 2015, 1 in 2015 – 2018. In 1 of these: "),
        ("fr", "Changements par période\u202f: 2 en 2012 – 2015, 1 en 2015 – 2018. Pour 1 d'entre eux\u202f: "),
    ],
)
def test_the_sentences_hold_no_digit_that_is_no_fact(language: str, periods: str):
    changes = draw_changes(series(), Look("list"), VOCABULARY, GRID, threshold=0.5)
    facts = measure(Look("list"), changes, series(), VOCABULARY, GRID, DATES)
    text, spans = render(sequence_sentences(facts, language), facts, language, VOCABULARY)
    names = [VOCABULARY.display(name, language) for name in ("herbaceous", "bare soil", "building")]
    assert text == periods + (", then " if language == "en" else ", puis ").join(names) + "."
    bare = "".join(letter for at, letter in enumerate(text) if not any(span.start <= at < span.end for span in spans))
    assert not any(letter.isdigit() for letter in bare)
    plain = plain_answer(Look("list"), facts, language, VOCABULARY)
    assert plain.endswith(sequence_sentences(facts, language)) and all(
        plain.count(f"<fact_{f.id}>") == 1 for f in facts
    )


def test_dates_that_are_not_known_are_numbered():
    assert step_names(("2012", "", "2018", "2020-05-01")) == ["dates 1 – 2", "dates 2 – 3", "2018 – 2020-05-01"]


def test_a_place_is_told_with_the_dates_that_first_show_it():
    names = ("herbaceous", "herbaceous", "building", "building")
    grass, house = (VOCABULARY.display(each, "en") for each in ("herbaceous", "building"))
    assert (
        trajectory_words(names, "en", VOCABULARY, ("2010", "2012", "2014", "2016"))
        == f"{grass} (2010), then {house} (2014)"
    )
    assert trajectory_words(names, "en", VOCABULARY, ("", "", "", "")) == f"{grass}, then {house}"


# -- the whole job ----------------------------------------------------------------------------


@pytest.fixture
def answered(tmp_path: Path) -> Path:
    """Ask of three dates: one roof by the second, another by the third; return the folder."""
    first = with_roof(ground(), 10, 12)
    images = {"2012": ground(), "2015-05": first, "2018-06-30": with_roof(first, 60, 90, 24)}
    paths = tuple(write(tmp_path / f"ortho_{date}.tif", image) for date, image in images.items())
    ask(AskRequest(paths, "How many buildings are new?", tmp_path / "out"), EchoInterpreter())
    return tmp_path / "out"


def table(folder: Path) -> list[dict]:
    meta, _, _, fields = pyogrio.raw.read(folder / "changes.gpkg", layer="changes")
    return [dict(zip(meta["fields"], row)) for row in zip(*fields)]


def test_a_sequence_is_written_with_the_dates_of_each_change(answered: Path):
    rows = table(answered)
    assert [(row["date_from"], row["date_to"]) for row in rows] == [("2015-05", "2018-06-30"), ("2012", "2015-05")]
    assert rows[0]["trajectory"].endswith("(2018-06-30)") and "(2012)" in rows[0]["trajectory"]
    assert {f"classes_{n}.tif" for n in (1, 2, 3)} <= {path.name for path in answered.iterdir()}
    seen = []
    for number in (1, 2):
        with rasterio.open(answered / f"change_probability_{number}.tif") as file:
            seen.append(int((file.read(1) > 0.5).sum()))
    assert seen == [20 * 20, 24 * 24]
    assert not (answered / "change_probability_3.tif").exists()


def test_its_text_says_what_each_step_showed(answered: Path):
    answer = json.loads((answered / "answer.json").read_text())
    jsonschema.validate(answer, json.loads(resource("schemas/answer.schema.json").read_text(encoding="utf-8")))
    assert answer["text"].endswith("Changes by period: 1 in 2012 – 2015-05, 1 in 2015-05 – 2018-06-30.")
    told = {fact["id"] for fact in answer["facts"] if fact["kind"] == "step_count"}
    assert told <= {span["fact"] for span in answer["spans"]}


def test_a_sequence_drawn_anew_is_the_same_and_decisions_keep_their_step(answered: Path):
    before, text = table(answered), json.loads((answered / "answer.json").read_text())["text"]
    kept = read_kept(answered)
    assert len(kept.maps.steps) == 2
    assert remeasure(kept, *kept.drawn_with)["text"] == text
    assert table(answered) == before
    with sqlite3.connect(answered / "changes.gpkg") as database:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            database.create_function(name, 1, lambda blob: 0)
        database.execute("UPDATE changes SET status = 'accepted' WHERE date_from = '2015-05'")
    assert remeasure(read_kept(answered), 0.4, 10)["text"] == text


def test_three_dates_part_by_part_are_those_of_one_machine(answered: Path, tmp_path: Path):
    paths = sorted(str(path) for path in tmp_path.glob("ortho_*.tif"))
    words = ["batch", *paths, "--question", "How many buildings are new?", "--out", str(tmp_path / "parts")]
    assert main([*words, "--tile-km", "0.03"], load_echo) == 0
    assert table(tmp_path / "parts") == table(answered)
