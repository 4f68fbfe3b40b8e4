"""Suites with a model that sees the truth, and with one that sees nothing: what they measure is known beforehand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from diachron.cli import main
from diachron.data.nomenclature import nomenclature
from diachron.data.sample import DAMAGE_LEVELS, Sample
from diachron.errors import UnusableInput, WrongUsage
from diachron.evaluation import asking, changes, maps
from diachron.evaluation.changes import asked_of
from diachron.evaluation.language import abstention
from diachron.evaluation.result import SuiteResult, Table
from diachron.evaluation.suites import SUITES, WordSuite, evaluate
from diachron.mapping import plan_tiles
from diachron.model.damage import FIRST_LEVEL, NO_BUILDING
from diachron.model.interpreter import Reading
from diachron.model.look import ANY, Look
from diachron.model.vocabulary import Vocabulary, load_vocabulary
from fake_interpreter import CARD, EchoInterpreter, EchoMaps
from published_layouts import hi_ucd

SIDE = 64
FLAIR = (1, 3, 4, 10)


@dataclass
class Oracle(EchoInterpreter):
    """Sees the class of each pixel, which is its red, and its damage, which is its green; ``blind`` sees no change."""

    blind: bool = False
    readings: dict[str, Look] = field(default_factory=dict)
    vocabulary: Vocabulary = field(default_factory=load_vocabulary)
    damage: None = None

    def read(self, question: str) -> Reading:
        look = self.readings.get(question, Look("unanswerable", reason="no_meaning"))
        return Reading(question, "en", look, look.line())

    def maps(self, images: np.ndarray, reading: Reading, vocabulary: Vocabulary, gsd_m: object = None) -> EchoMaps:
        ids = [each.id for each in vocabulary.classes]
        shown = images[:, 1] if FIRST_LEVEL in ids else images[:, 0]
        classes = np.stack([shown == number for number in ids], axis=1).astype(np.float32)
        first, last = images[:, 0]
        changed = (first != last) & self._so(reading.look, vocabulary, first, last)
        return EchoMaps((changed[None] & (not self.blind)).astype(np.float32), classes)

    @staticmethod
    def _so(look: Look, vocabulary: Vocabulary, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        source, target = (
            {each.id for phrase in phrases if phrase != ANY for each in vocabulary.resolve(phrase)}
            for phrases in (look.source, look.target)
        )
        was, became = np.isin(first, list(source)), np.isin(last, list(target))
        if source and source == target:
            return was | became
        was = was & (bool(target) | ~np.isin(last, list(source))) if source else np.ones_like(was)
        return was & (became & (bool(source) | ~np.isin(first, list(target))) if target else True)


def pair(seed: int, ids: Sequence[int] = FLAIR, **known: object) -> Sample:
    """Return a pair whose pictures show its labels: squares, some of which became another class."""
    rng = np.random.default_rng(seed)
    before = rng.choice(ids, (4, 4))
    after = np.where(rng.random((4, 4)) < 0.4, rng.choice(ids, (4, 4)), before)
    first, last = (np.kron(each, np.ones((16, 16))).astype(np.uint8) for each in (before, after))
    images = [np.stack([each, np.full_like(each, NO_BUILDING), each]) for each in (first, last)]
    values: dict = {
        "before": images[0], "after": images[1], "change": None, "changed_class": 0, "classes_before": first,
        "classes_after": last, "nomenclature": "flair", "gsd_m": 1.0, "source": "test", "licence": "none",
        "place": "fotbcd/here", "name": str(seed),
    } | known  # fmt: skip
    return Sample(**values)


SECOND = nomenclature("second").from_flair()
PAIRS = [pair(seed) for seed in range(4)]


def masked(sample: Sample, **known: object) -> Sample:
    """Return a pair of which only the change of buildings is labelled."""
    was, became = sample.classes_before == 1, sample.classes_after == 1
    return replace(
        sample,
        change=(was != became).astype(np.uint8),
        changed_class=1,
        classes_before=None,
        classes_after=None,
        **known,
    )


# -- maps ---------------------------------------------------------------------------------------


def test_land_cover_is_told_for_all_places_for_the_target_and_by_source():
    far = replace(PAIRS[1], place="dsifn/3", classes_after=np.where(PAIRS[1].classes_after == 1, 3, 0).astype(np.uint8))
    measured = maps.land_cover([PAIRS[0], far], Oracle())
    figures = measured.figures
    assert (
        figures["France and Texas, overall accuracy"] == figures["France and Texas, mean IoU of the main classes"] == 1
    )
    assert figures["overall accuracy"] < 1 and figures["IoU building"] < 1
    assert [row[0] for row in measured.tables[0].rows] == ["fotbcd", "dsifn", "France and Texas", "all"]
    assert sum(row[1] for row in measured.tables[0].rows[:2]) == measured.tables[0].rows[-1][1]


def test_own_classes_are_asked_by_their_own_names():
    tallinn = pair(5, (5, 106, 107, 108), nomenclature="hi_ucd")
    figures = maps.own_classes([tallinn], Oracle())
    assert figures["mean F1"] == 1 and {"F1 water", "F1 woodland", "F1 grass", "F1 road"} <= set(figures)
    assert figures["mean F1 by way of FLAIR"] < 1, "this picture shows no FLAIR class but water"
    texas = maps.own_classes([replace(PAIRS[0], nomenclature="second", classes_before=SECOND[PAIRS[0].classes_before],
                                      classes_after=SECOND[PAIRS[0].classes_after])], Oracle())  # fmt: skip
    assert texas["mean F1 by way of FLAIR"] == texas["overall accuracy by way of FLAIR"] == 1


def test_semantic_change_seen_rightly_and_not_at_all():
    perfect = maps.semantic_change(PAIRS, Oracle())
    for name in ("OA", "mIoU", "SeK", "Fscd", "torchange SeK", "torchange mIoU of from-to pairs", "F1"):
        assert perfect[name] == pytest.approx(1), name
    blind = maps.semantic_change(PAIRS, Oracle(blind=True))
    assert blind["Fscd"] == blind["SeK"] == blind["recall"] == 0 and 0 < blind["OA"] < 1


def test_each_class_is_asked_about_by_name():
    measured = maps.open_vocabulary(PAIRS, Oracle())
    assert measured.figures["mean F1"] == 1 and measured.figures["classes"] == 4
    assert {row[0] for row in measured.tables[0].rows} == {"building", "impervious surface", "bare soil", "herbaceous"}
    assert maps.open_vocabulary(PAIRS, Oracle(blind=True)).figures["mean F1"] == 0


def test_building_change_and_an_image_against_itself():
    figures = maps.building_change([masked(each) for each in PAIRS], Oracle())
    assert figures["F1"] == figures["precision"] == 1 and figures["called in unchanged pairs"] == 0
    assert maps.identity(PAIRS, Oracle())["called, same image"] == 0
    assert maps.identity(PAIRS, Oracle())["called, other radiometry and shift"] > 0.5, "this model believes every pixel"


def test_damage_levels():
    damage = np.zeros((SIDE, SIDE), np.uint8)
    seen = np.full((SIDE, SIDE), NO_BUILDING, np.uint8)
    for level in range(1, len(DAMAGE_LEVELS) + 1):
        damage[8:20, 14 * level - 8 : 14 * level] = level
        seen[8:20, 14 * level - 8 : 14 * level] = FIRST_LEVEL + level - 1
    buildings = (damage > 0).astype(np.uint8)
    images = np.stack([buildings, seen, buildings])
    sample = pair(1, before=images, after=images, classes_before=buildings, nomenclature="xbd", damage=damage)
    assert maps.damage([sample], Oracle())["xView2 score"] == pytest.approx(1, abs=1e-4)
    images[1, 8:20, 6:20] = NO_BUILDING
    assert maps.damage([sample], Oracle())["F1 no damage"] == 0


# -- changes and answers --------------------------------------------------------------------------


def test_places_of_buildings_and_their_confidence():
    figures = changes.places([masked(each) for each in PAIRS], Oracle())
    assert figures["location F1"] == 1 and figures["count MAE"] == 0 and figures["polygons"] > 3
    assert figures["ECE"] == pytest.approx(0, abs=0.01) and figures["polygons right"] == 1
    blind = changes.places([masked(each) for each in PAIRS], Oracle(blind=True))
    assert blind["location recall"] == 0 and blind["count MAE"] > 0


def test_transitions_are_a_table_of_labels_and_of_what_was_told():
    measured = changes.transitions(PAIRS, Oracle())
    assert measured.figures["from and to right"] == measured.figures["from and to right where the label changed"] == 1
    assert measured.figures["on ground whose label did not change"] == 0
    table = measured.tables[0]
    assert all(row[:2] == row[2:4] and row[0] != row[1] for row in table.rows)
    assert sum(row[-1] for row in table.rows) == measured.figures["polygons"]


def test_answers_of_a_model_that_reads_and_sees_rightly_are_right():
    oracle = Oracle(readings={each.question: each.look for _, each in asked_of(PAIRS)})
    figures = changes.answers(PAIRS, oracle)
    assert figures["overall accuracy"] == figures["average accuracy"] == figures["read right"] == 1
    assert figures["count MAE"] == 0 and figures["location F1"] == figures["mask F1"] == 1
    nothing = changes.answers(PAIRS, Oracle())
    assert nothing["overall accuracy"] == nothing["read right"] == nothing["mask F1"] == 0


# -- whole questions ------------------------------------------------------------------------------


def tile(seed: int, flagged: bool, **known: object) -> Sample:
    sample = pair(seed) if flagged else replace(pair(seed), after=pair(seed).before)
    return replace(sample, flagged=flagged, captions=("some houses appear", "new houses"), **known)


def test_the_flag_is_the_verdict_of_the_answer():
    readings = dict.fromkeys(asking.FLAG_QUESTIONS.values(), Look("change_or_not"))
    tiles = [tile(0, True), tile(1, False), replace(PAIRS[0], captions=("no flag",))]
    figures = asking.change_flag(tiles, Oracle(readings=readings))
    assert (figures["accuracy"], figures["tiles"], figures["unchanged tiles called changed"]) == (1, 2, 0)
    blind = asking.change_flag(tiles, Oracle(readings=readings, blind=True))
    assert (blind["accuracy"], blind["changed tiles called changed"]) == (0.5, 0)


def test_captions_are_scored_against_those_of_people(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    oracle = Oracle(readings={asking.CAPTION_QUESTION: Look("caption")}, answers=["<fact_1> houses appear"])
    figures = asking.captions([tile(0, True), PAIRS[1]], oracle)
    assert figures["tiles"] == 1 and 0.5 < figures["BLEU-1"] < 1 and 0.3 < figures["ROUGE-L"] < 1


@pytest.mark.parametrize("side", [16, 32, 33, 64])
def test_a_raster_no_larger_than_the_overlap_of_tiles_is_looked_at_whole(side):
    (tile,) = plan_tiles(side, side, 1.0, replace(CARD, overlap_px=64))
    assert (tile.height, tile.width) == (side, side)


# -- running them -----------------------------------------------------------------------------------


def test_one_sample_in_so_many_of_those_that_are_named():
    result = evaluate("semantic_change", Oracle(), 3, PAIRS)
    assert result.every == 3 and result.figures["F1"] == 1
    assert "one sample in 3" in result.markdown() and result.as_json()["one sample in"] == 3
    assert evaluate("captions", Oracle(), None, [tile(0, True)]).every == 1, (
        "only its own samples are thinned by default"
    )


def test_samples_that_tell_a_suite_nothing_are_refused():
    with pytest.raises(UnusableInput, match="no labels"):
        evaluate("semantic_change", Oracle(), None, [masked(PAIRS[0])])
    with pytest.raises(UnusableInput, match="no samples"):
        evaluate("semantic_change", Oracle(), None, [])
    with pytest.raises(WrongUsage, match="no images"):
        evaluate("reading", Oracle(), None, PAIRS)
    with pytest.raises(WrongUsage, match="land_cover"):
        evaluate("everything", Oracle())


def test_abstention_is_told_by_its_reasons():
    figures = abstention(Oracle(), every=30)
    assert set(figures.values()) == {1.0}, "a model that reads nothing refuses all"
    assert len(figures) == 5


def test_a_result_is_a_table_and_an_object():
    result = SuiteResult("one", {"F1": 0.51234}, (Table("Words", ("a", "b"), (("x", 1), ("y", 0.5))),))
    assert result.markdown().splitlines()[:3] == ["| one | |", "|---|---|", "| F1 | 0.5123 |"]
    assert "| x | 1 |" in result.markdown() and "| y | 0.5000 |" in result.markdown()
    assert result.as_json()["tables"][0]["rows"] == [["x", 1], ["y", 0.5]]


def test_the_suites_are_listed(capsys):
    assert main(["evaluate", "--list"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in SUITES) and "hi_ucd" in printed
    assert any(isinstance(suite, WordSuite) for suite in SUITES.values())


def test_a_data_set_is_measured_on_the_command_line(tmp_path, capsys):
    hi_ucd(tmp_path)
    arguments = ["evaluate", "semantic_change", "--from", str(tmp_path), "--reader", "hi_ucd", "--json", "-"]
    assert main(arguments, load=lambda choice: Oracle()) == 0
    told = json.loads(capsys.readouterr().out)
    assert {"OA", "SeK", "Fscd", "torchange SeK"} <= set(told["semantic_change"])


@pytest.mark.parametrize("wrong", [[], ["--from", "x"], ["nothing"], ["reading", "--from", ".", "--reader", "xbd"]])
def test_wrong_usage(wrong, capsys):
    assert main(["evaluate", *wrong], load=lambda choice: Oracle()) == 2
