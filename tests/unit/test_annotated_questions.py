"""Questions from annotations: each answer is derived again from the labels, by other means than the engine's own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diachron.cli import main
from diachron.data.annotated import KINDS, AnnotatedQuestion, Asker, questions_of
from diachron.data.follow_ups import follow_up_templates
from diachron.data.grammar import expand
from diachron.data.nomenclature import nomenclature
from diachron.data.sample import IGNORED, Sample
from diachron.data.truth import truth_of
from diachron.model.look import ANY, TASKS, Look
from diachron.model.vocabulary import Vocabulary
from published_layouts import hi_ucd

SIDE, GSD_M = 48, 2.0
FLAIR = (1, 3, 4, 7, 10)
PIXEL_M2 = GSD_M**2


def sample(before: np.ndarray, after: np.ndarray, **known: object) -> Sample:
    image = np.zeros((3, SIDE, SIDE), np.uint8)
    values: dict = {
        "before": image, "after": image, "change": None, "changed_class": 0, "classes_before": before,
        "classes_after": after, "nomenclature": "flair", "gsd_m": GSD_M, "source": "test", "licence": "none",
        "place": "here", "name": "one",
    } | known  # fmt: skip
    return Sample(**values)


def blocks(seed: int, ids: tuple[int, ...] = FLAIR) -> Sample:
    """Return a pair on whose grid of squares some have become another class."""
    rng = np.random.default_rng(seed)
    before = rng.choice(ids, (6, 6))
    after = np.where(rng.random((6, 6)) < rng.choice([0, 0.15, 0.5]), rng.choice(ids, (6, 6)), before)
    first, last = (np.kron(each, np.ones((8, 8))).astype(np.uint8) for each in (before, after))
    if rng.random() < 0.3:
        first[: rng.integers(1, 9)] = 0  # a strip that nobody labelled
    return sample(first, last)


# -- the labels' answer, worked out anew ----------------------------------------------------------


def ids_of(phrases: tuple[str, ...], vocabulary: Vocabulary) -> set[int]:
    return {each.id for phrase in phrases if phrase != ANY for each in vocabulary.resolve(phrase)}


def in_region(region: str) -> np.ndarray:
    here = np.zeros((SIDE, SIDE), bool)
    north, south = slice(0, SIDE // 2), slice(SIDE // 2, SIDE)
    middle = slice(SIDE // 4, SIDE - SIDE // 4)
    rows = north if region.startswith("north") else south if region.startswith("south") else slice(None)
    columns = north if region.endswith("west") else south if region.endswith("east") else slice(None)
    here[(middle, middle) if region == "centre" else (rows, columns)] = True
    return here


def pixels_asked_about(labels: Sample, look: Look, vocabulary: Vocabulary) -> np.ndarray:
    first, last = labels.classes_before, labels.classes_after
    source, target = ids_of(look.source, vocabulary), ids_of(look.target, vocabulary)
    asked = np.zeros((SIDE, SIDE), bool)
    for row, col in np.argwhere((first > 0) & (last > 0) & (first != last)):
        was, became = int(first[row, col]), int(last[row, col])
        if source == target:
            asked[row, col] = not source or was in source or became in source
        elif source and target:
            asked[row, col] = was in source and became in target
        elif source:
            asked[row, col] = was in source and became not in source
        else:
            asked[row, col] = became in target and was not in target
    return asked & in_region(look.region)


def pieces(mask: np.ndarray, kinds: np.ndarray) -> list[list[tuple[int, int]]]:
    """Return the 4-connected pieces of a mask within which ``kinds`` is one value."""
    left = {(int(row), int(col)) for row, col in np.argwhere(mask)}
    found = []
    while left:
        piece, edge = [], [left.pop()]
        while edge:
            row, col = edge.pop()
            piece.append((row, col))
            for near in ((row + 1, col), (row - 1, col), (row, col + 1), (row, col - 1)):
                if near in left and kinds[near] == kinds[row, col]:
                    left.discard(near)
                    edge.append(near)
        found.append(piece)
    return found


def check(asked: AnnotatedQuestion, vocabulary: Vocabulary) -> None:
    """Derive the facts of a question from the labels again and compare."""
    labels, look = asked.sample, asked.look
    facts = {fact.kind: fact for fact in reversed(asked.facts)}
    known = (labels.classes_before > 0) & (labels.classes_after > 0) & in_region(look.region)
    if look.abstains:
        assert not asked.facts and not asked.mask.any()
        return
    if look.classes:
        check_cover(asked, known, vocabulary)
        return
    mask = pixels_asked_about(labels, look, vocabulary)
    assert (asked.mask == mask).all()
    one_thing = len(ids_of(look.target, vocabulary)) == 1 and look.source != look.target
    whole = pieces(mask, np.zeros_like(labels.classes_after) if one_thing else labels.classes_after)
    if "verdict" in facts and "difference" not in facts:
        assert facts["verdict"].value == ("yes" if mask.any() else "no")
    if "count" in facts:
        assert facts["count"].value == len(whole)
    if "area" in facts:
        # Outlines are simplified by under a pixel.
        assert facts["area"].value == pytest.approx(mask.sum() * PIXEL_M2, rel=0.12, abs=8 * PIXEL_M2)
    if "share" in facts:
        assert facts["share"].value == pytest.approx(100 * mask.sum() / known.sum(), rel=0.12, abs=2)
    if "difference" in facts:
        check_growth(asked, known, vocabulary)
    names = {number: each.name for number, each in vocabulary.by_id.items()}
    for fact in asked.facts:
        if fact.kind in ("transition", "transition_count", "largest", "smallest"):
            here = mask & np.isin(labels.classes_before, [k for k, name in names.items() if name == fact.source])
            assert (here & np.isin(labels.classes_after, [k for k, name in names.items() if name == fact.target])).any()
        if fact.kind in ("count", "area"):
            assert len(fact.features) == len(whole)
    if "where" in facts:
        row, col = np.argwhere(mask).mean(axis=0) + 0.5 - SIDE / 2
        for word, holds in (("north", row < 2), ("south", row > -2), ("west", col < 2), ("east", col > -2)):
            assert holds or word not in str(facts["where"].value)


def check_growth(asked: AnnotatedQuestion, known: np.ndarray, vocabulary: Vocabulary) -> None:
    ids = sorted(ids_of(asked.look.target, vocabulary))
    before, after = (
        np.isin(each, ids)[known].sum() * PIXEL_M2 for each in (asked.sample.classes_before, asked.sample.classes_after)
    )
    facts = {fact.kind: fact.value for fact in asked.facts}
    assert (facts["area_before"], facts["area_after"], facts["difference"]) == (before, after, after - before)
    grew = after > before if asked.look.task == "increase_or_not" else after < before
    assert facts["verdict"] == ("yes" if grew else "no")


def check_cover(asked: AnnotatedQuestion, known: np.ndarray, vocabulary: Vocabulary) -> None:
    classes = asked.sample.classes_before if asked.look.date == "before" else asked.sample.classes_after
    ids = {each.name: number for number, each in vocabulary.by_id.items()}
    for fact in asked.facts:
        if fact.kind.startswith("share"):
            share = 100 * (classes[known] == ids[fact.target]).mean()
            assert fact.value == pytest.approx(share, abs=0.01)
        elif fact.kind.startswith("area"):
            here = np.isin(classes[known], sorted(ids_of((fact.target,), vocabulary)))
            assert fact.value == pytest.approx(here.sum() * PIXEL_M2)
        else:
            assert fact.kind == "class" and (classes == ids[str(fact.value)]).any()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**6))
def test_every_answer_is_derived_from_the_labels_again(seed: int):
    truth = truth_of(blocks(seed))
    assert truth is not None
    for asked in Asker(seed).ask(truth):
        check(asked, truth.vocabulary)
        shown = {str(fact.value) for fact in asked.facts}
        assert any(c.isdigit() for c in asked.text) <= any(any(c.isdigit() for c in value) for value in shown)


def test_classes_of_another_nomenclature_are_asked_about_by_their_own_words():
    truth = truth_of(replace(blocks(3, (5, 106, 107, 108, 110)), nomenclature="hi_ucd"))
    words = {word for pair in zip(nomenclature("hi_ucd").names, nomenclature("hi_ucd").french) for word in pair} | {ANY}
    asker = Asker(1)
    asked = [each for _ in range(40) for each in asker.ask(truth)]
    assert {each.language for each in asked} == {"en", "fr"}
    named = {name for each in asked for name in (*each.look.source, *each.look.target, *each.look.classes)}
    assert {"woodland", "bois"} & named
    plain = {word.replace("â", "a").replace("é", "e") for word in words}
    assert named <= words | plain
    for each in asked:
        check(each, truth.vocabulary)


# -- what is asked --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def many() -> list[AnnotatedQuestion]:
    pairs = [blocks(seed) for seed in range(12)]
    pairs.append(damaged())
    return list(islice(questions_of(lambda: pairs, seed=2), 700))


def damaged() -> Sample:
    damage = np.zeros((SIDE, SIDE), np.uint8)
    for col, level in enumerate((1, 2, 3, 4, IGNORED)):
        damage[8:14, 8 * col + 1 : 8 * col + 7] = level
    buildings = (damage > 0).astype(np.uint8)
    return sample(buildings, buildings, nomenclature="xbd", damage=damage)


def test_every_task_is_asked_in_both_languages(many):
    asked = Counter((each.look.task, each.language) for each in many)
    assert {task for task, _ in asked} == set(TASKS)
    missing = [(task, language) for task in TASKS for language in ("en", "fr") if not asked[task, language]]
    assert not missing


def test_every_kind_is_asked_and_what_is_not_there_has_an_empty_mask(many):
    assert {each.kind for each in many} == set(KINDS)
    for each in many:
        assert each.mask.any() == (each.kind == "present")
        assert each.text and each.question
    assert sum(bool(each.look.region) for each in many) > 40
    assert all(not each.mask[~in_region(each.look.region)].any() for each in many if each.look.region)


def test_a_follow_up_keeps_all_of_the_reading_but_one_thing(many):
    following = [each for each in many if each.follows]
    assert len(following) > 40
    for each in following:
        first, then = each.follows.look, each.look
        assert each.follows.language == each.language and each.follows.sample is each.sample
        changed = [part for part in ("task", "region") if getattr(first, part) != getattr(then, part)] + ["classes"] * (
            (first.source, first.target) != (then.source, then.target)
        )
        assert len(changed) == 1, (first, then)
    assert {each.look.task for each in following} > {"count", "area", "where"}


def test_damage_is_every_level_above_none(many):
    asked = next(each for each in many if each.look.task == "damage")
    assert {fact.kind: fact.value for fact in asked.facts}["count"] == 3
    assert np.unique(asked.sample.damage[asked.mask]).tolist() == [2, 3, 4]


def test_a_mask_of_one_class_is_asked_about_that_class_alone():
    change = np.zeros((SIDE, SIDE), np.uint8)
    change[4:12, 4:12] = 1
    change[40:] = IGNORED
    truth = truth_of(sample(None, None, change=change, changed_class=1))
    asker = Asker(5)
    for asked in [each for _ in range(60) for each in asker.ask(truth)]:
        assert asked.look.abstains or asked.look.source == asked.look.target == ("building",)
        assert not any("transition" in fact.kind for fact in asked.facts), "nobody knows what stood there"
        assert not asked.look.abstains or not asked.mask.any()


def test_the_same_seed_asks_the_same():
    pairs = [blocks(1), blocks(2)]
    first, again = ([each.question for each in islice(questions_of(lambda: pairs, seed=4), 20)] for _ in range(2))
    assert first == again and len(set(first)) > 15


def test_pairs_without_labels_end_the_questions():
    assert not list(questions_of(lambda: [sample(None, None)]))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_follow_ups_have_eight_phrasings_or_more_of_each_kind(language):
    templates = follow_up_templates(language)
    assert set(templates) == set(follow_up_templates("en" if language == "fr" else "fr"))
    for kind, texts in templates.items():
        said = {
            expand(text, {}, lambda slot: f"<{slot.form} {slot.key}>", Random(seed))
            for text in texts
            for seed in range(8)
        }
        assert len(said) >= 8, kind


# -- the command ------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    hi_ucd(tmp_path / "data")
    return tmp_path / "data"


def test_the_command_prints_lines_and_writes_masks(folder, tmp_path, capsys):
    arguments = ["questions", "--from", folder, "--reader", "hi_ucd", "--count", 12, "--masks", tmp_path / "masks"]
    assert main(list(map(str, arguments))) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["id"] for line in lines] == list(range(1, 13))
    for line in lines:
        assert {"question", "language", "look", "kind", "text", "facts", "source", "sample", "place"} <= set(line)
        assert all({"id", "kind", "from", "to", "value", "unit", "features"} == set(fact) for fact in line["facts"])
        with rasterio.open(tmp_path / "masks" / line["mask"]) as dataset:
            assert (dataset.read(1) == 255).sum() == line["mask_px"]


@pytest.mark.parametrize(
    "wrong", [["--from", "x"], ["--reader", "hi_ucd"], ["--masks", "m"], ["--from", ".", "--reader", "landsat"]]
)
def test_wrong_usage_of_the_command(wrong, capsys):
    assert main(["questions", *wrong]) == 2
    assert capsys.readouterr().out == ""


def test_a_folder_without_labels_is_no_source_of_questions(tmp_path, capsys):
    for name in ("pre_naip.tif", "post.tif"):
        with rasterio.open(tmp_path / name, "w", "GTiff", 8, 8, 3, dtype="uint8") as dataset:
            dataset.write(np.zeros((3, 8, 8), np.uint8))
    assert main(["questions", "--from", str(tmp_path), "--reader", "joplin_2011"]) == 3
    assert "no labels" in capsys.readouterr().err
