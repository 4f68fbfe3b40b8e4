"""Scores against cases worked by hand, and against the programs that define them."""

from __future__ import annotations

import math
import shutil
from random import Random

import numpy as np
import pytest
from affine import Affine
from shapely.geometry import box

from diachron.data.sample import IGNORED
from diachron.evaluation.answers import AnswerTally, answer_of, tenth
from diachron.evaluation.captioning import bleu, caption_scores, cider_d, rouge_l, words_of
from diachron.evaluation.damage_score import DamageCounts, count_damage
from diachron.evaluation.polygons import calibration, count_places, shares_of
from diachron.evaluation.semantic import ChangedClasses, count_semantic, scannet_scores, torchange_scores
from diachron.rasters.grid import Grid
from diachron.results.facts import Fact
from diachron.results.polygons import Change

# -- semantic change --------------------------------------------------------------------------------


def changed(before: list[int], after: list[int]) -> ChangedClasses:
    """Return one row of pixels; 0 stands for unchanged."""
    first, last = np.array([before]), np.array([after])
    return ChangedClasses(first > 0, np.maximum(first, 1), np.maximum(last, 1))


def test_semantic_scores_of_four_pixels_by_hand():
    truth, told = changed([0, 0, 1, 1], [0, 0, 2, 2]), changed([0, 1, 1, 1], [0, 2, 2, 1])
    counts = count_semantic(told, truth, 2, np.ones((1, 4), bool))
    # Before: unchanged right, called 1 for 0, 1 right, 1 right. After: unchanged right, 2 for 0, 2 right, 1 for 2.
    assert counts.dates.tolist() == [[2, 0, 0], [1, 2, 1], [1, 0, 1]]
    scores = scannet_scores(counts.dates)
    iou = (2 / 4 + 4 / 6) / 2
    agreed, chance = 3 / 6, (0 * 2 + 4 * 2 + 2 * 2) / 36
    kappa = (agreed - chance) / (1 - chance)
    assert scores["OA"] == pytest.approx(5 / 8)
    assert scores["mIoU"] == pytest.approx(iou)
    assert scores["SeK"] == pytest.approx(kappa * math.exp(4 / 6) / math.e)
    assert scores["Fscd"] == pytest.approx(2 / (6 / 3 + 4 / 3))
    assert scores["Score"] == pytest.approx(0.3 * iou + 0.7 * scores["SeK"])


def test_torchange_counts_pairs_of_classes():
    truth, told = changed([0, 0, 1, 1], [0, 0, 2, 2]), changed([0, 1, 1, 1], [0, 2, 2, 1])
    pairs = count_semantic(told, truth, 2, np.ones((1, 4), bool)).pairs
    assert pairs.sum() == 4 and pairs[0, 0] == 1 and pairs[2, 2] == 1 and pairs[1, 2] == 1 and pairs[2, 0] == 1
    scores = torchange_scores(pairs)
    assert scores["torchange mIoU"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert scores["torchange mIoU of from-to pairs"] == pytest.approx((1 / 2 + 1 / 3) / 2)
    kappa = (1 / 3 - (2 * 2) / 9) / (1 - (2 * 2) / 9)
    assert scores["torchange kappa"] == pytest.approx(kappa)
    assert scores["torchange SeK"] == pytest.approx(kappa * math.exp(2 / 3 - 1))


def test_perfect_semantic_change_is_one_and_pixels_left_out_count_nowhere():
    truth = changed([0, 1, 2, 2], [0, 2, 1, 1])
    valid = np.array([[True, True, True, False]])
    counts = count_semantic(truth, truth, 2, valid)
    assert counts.dates.sum() == 6
    assert all(scannet_scores(counts.dates)[name] == pytest.approx(1) for name in ("OA", "mIoU", "SeK", "Fscd"))
    assert torchange_scores(counts.pairs)["torchange Score"] == pytest.approx(1)
    nothing = scannet_scores(counts.dates * 0)
    assert set(nothing.values()) == {0.0}


# -- xView2 -------------------------------------------------------------------------------------


def test_the_xview2_score_by_hand():
    damage = np.array([[0, 1, 1, 2, 4, IGNORED]], np.uint8)
    told = np.array([[1, 1, 2, 2, 0, 4]], np.uint8)
    counts = count_damage(told, damage > 0, damage)
    scores = counts.scores()
    assert scores["location F1"] == pytest.approx(2 * 3 / (2 * 3 + 1 + 1)), "the last pixel is left out"
    # Of levels: 1 one right one missed, 2 one right one too many, 4 missed, 3 in no pair.
    assert (scores["F1 no damage"], scores["F1 minor damage"]) == (pytest.approx(2 / 3), pytest.approx(2 / 3))
    assert scores["F1 destroyed"] == scores["F1 major damage"] == 0
    harmonic = 4 / (2 / (2 / 3 + 1e-6) + 2 / 1e-6)
    assert scores["damage F1"] == pytest.approx(harmonic)
    assert scores["xView2 score"] == pytest.approx(0.3 * 0.75 + 0.7 * harmonic)


def test_a_level_is_judged_only_in_pairs_that_have_it():
    truth = np.array([[1, 1]], np.uint8)
    counts = count_damage(np.array([[3, 1]], np.uint8), truth > 0, truth)
    assert counts.levels[3].fp == 0 and counts.levels[1].fn == 1
    both = counts + DamageCounts()
    assert both.levels[1] == counts.levels[1] and both.buildings == counts.buildings


# -- captions -----------------------------------------------------------------------------------

WORDS = "a the two new house road built removed trees are is in of near appear left corner some field many".split()


def corpus(seed: int, size: int = 30) -> tuple[list[tuple[str, ...]], list[list[tuple[str, ...]]]]:
    rng = Random(seed)

    def sentence() -> tuple[str, ...]:
        return tuple(rng.choices(WORDS, k=rng.randint(3, 14)))

    references = [[sentence() for _ in range(rng.randint(1, 5))] for _ in range(size)]
    told = [
        tuple(rng.choice(others)[: rng.randint(2, 12)]) if rng.random() < 0.7 else sentence() for others in references
    ]
    return told, references


@pytest.mark.parametrize("seed", range(4))
def test_captions_score_as_in_cocos_own_evaluation(seed, capsys):
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge

    candidates, references = corpus(seed)
    told = {number: [" ".join(words)] for number, words in enumerate(candidates)}
    written = {number: [" ".join(words) for words in others] for number, others in enumerate(references)}
    assert bleu(candidates, references) == pytest.approx(Bleu(4).compute_score(written, told, verbose=0)[0])
    assert rouge_l(candidates, references) == pytest.approx(Rouge().compute_score(written, told)[0])
    assert cider_d(candidates, references) == pytest.approx(Cider().compute_score(written, told)[0])


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason="METEOR is COCO's own program, which needs Java")
def test_meteor_where_java_is():
    told = ["a house is built near the road", "nothing differs"]
    scores = caption_scores(told, [[told[0]], ["two sheds were put up"]])
    assert 0.4 < scores["METEOR"] < 0.8, "one caption is perfect, the other has no word in common"


def test_meteor_is_left_out_without_java(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda name: None)
    scores = caption_scores(["A house is built."], [["a house is built", "a new house"]])
    assert set(scores) == {"BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr-D"}
    assert scores["BLEU-4"] == pytest.approx(1) and scores["ROUGE-L"] == pytest.approx(1)


def test_words_and_numbers_of_a_caption():
    assert words_of("Two of l'herbe; 1,840 m², 12 new.") == ("two", "of", "l'herbe", "1,840", "m²", "12", "new")


def test_an_empty_caption_is_worth_nothing():
    told, written = [(), ("a",)], [[("a", "house")], [("a", "road")]]
    assert rouge_l(told, written) < 0.5 and cider_d(told, written) < 5 and bleu(told, written)[0] < 0.5
    assert cider_d([], []) == rouge_l([], []) == 0


# -- polygons -----------------------------------------------------------------------------------

GRID = Grid(None, Affine(1, 0, 0, 0, -1, 0), 40, 20, 1.0)


def change(number: int, left: float, top: float, side: float = 8) -> Change:
    square = box(left, -top - side, left + side, -top)
    return Change(number, "herbaceous", "building", square.area, "m2", 0.9, square)


def test_places_are_found_missed_and_too_many():
    true = [change(1, 0, 0), change(2, 20, 0)]
    found = [change(1, 1, 1), change(2, 30, 10)]
    counts = count_places(found, true, GRID)
    assert (counts.tp, counts.fp, counts.fn) == (1, 1, 1)
    assert counts.f1 == pytest.approx(0.5)
    assert count_places([], true, GRID).fn == 2 and count_places(found, [], GRID).fp == 2


def test_a_polygons_share_of_a_mask():
    mask = np.zeros(GRID.shape, bool)
    mask[:, :4] = True
    assert shares_of([change(1, 0, 0), change(2, 20, 0)], GRID, mask).tolist() == [0.5, 0]


def test_calibration_of_confidence_by_hand():
    told = calibration([0.95, 0.95, 0.55, 0.55], [True, True, True, False])
    assert told.expected_error == pytest.approx(0.5 * 0.05 + 0.5 * 0.05)
    assert (told.confidence, told.right, told.polygons) == (pytest.approx(0.75), 0.75, 4)
    assert calibration([1.0], [False]).expected_error == 1
    assert calibration([], []).polygons == 0


# -- answers ------------------------------------------------------------------------------------


def fact(kind: str, value: float | str, source: str = "any", target: str = "building") -> Fact:
    return Fact(1, kind, source, target, value, "", ())


@pytest.mark.parametrize(
    "share, told",
    [(0, "0"), (0.4, "0_to_10"), (10, "0_to_10"), (10.1, "10_to_20"), (99, "90_to_100"), (100, "90_to_100")],
)
def test_shares_are_compared_by_tenths(share, told):
    assert tenth(share) == told


@pytest.mark.parametrize(
    "task, facts, answer",
    [
        ("change_or_not", [fact("verdict", "yes"), fact("count", 2)], "yes"),
        ("increase_or_not", [fact("verdict", "no")], "no"),
        ("largest_change", [fact("largest", 9.5, "herbaceous"), fact("count", 2)], "herbaceous>building"),
        ("smallest_change", [fact("count", 0)], "none"),
        ("change_to_what", [fact("transition", 5, "water"), fact("area", 9)], "building"),
        ("change_from_what", [fact("transition", 5, "water"), fact("area", 9)], "water"),
        ("change_ratio", [fact("share", 12.5)], "building 10_to_20"),
        ("change_ratio_types", [fact("share_after", 3), fact("share_after", 1)], "building 0_to_10"),
        ("class_at", [fact("class", "water")], "water"),
        ("where", [fact("where", "north"), fact("count", 1)], "north"),
        ("where", [fact("count", 0)], "none"),
        ("count", [fact("count", 3)], "3"),
        ("count", [], None),
    ],
)
def test_what_is_compared_of_an_answer(task, facts, answer):
    assert answer_of(task, facts) == answer


def test_accuracy_overall_and_by_type():
    tally = AnswerTally()
    yes, no = [fact("verdict", "yes"), fact("count", 4)], [fact("verdict", "no"), fact("count", 1)]
    for told in (yes, yes, no):
        tally.add("change_or_not", told, yes)
    tally.add("change_ratio", [], [fact("share", 5)])
    tally.add("count", [fact("count", 2)], [fact("count", 2)])
    figures = tally.figures()
    assert figures["overall accuracy"] == pytest.approx(2 / 4), "counts are no type of CDVQA's"
    assert figures["average accuracy"] == pytest.approx((2 / 3 + 0) / 2)
    assert figures["accuracy count"] == 1 and figures["count MAE"] == pytest.approx(3 / 4)
