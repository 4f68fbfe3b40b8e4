"""Suites of the model's maps: change, land cover at each date, both together, damage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diachron.data.nomenclature import nomenclature
from diachron.data.sample import Sample
from diachron.data.truth import Truth, truth_of
from diachron.evaluation.damage_score import DamageCounts, count_damage
from diachron.evaluation.looking import called, predict, seen
from diachron.evaluation.pixels import (
    BinaryCounts,
    class_scores,
    confusion,
    count_binary,
    overall_accuracy,
)
from diachron.evaluation.result import Measured, Table
from diachron.evaluation.semantic import (
    ChangedClasses,
    SemanticCounts,
    count_semantic,
    scannet_scores,
    torchange_scores,
)
from diachron.model.damage import DAMAGE_LOOK, DAMAGE_QUESTION, FIRST_LEVEL, NO_BUILDING, damage_vocabulary
from diachron.model.interpreter import Interpreter, Reading
from diachron.model.look import Look

if TYPE_CHECKING:
    from diachron.model.vocabulary import Vocabulary

BUILDINGS = Reading("Have the buildings changed?", "en", Look("change_or_not", ("building",), ("building",)), "")
EVERYTHING = Reading("What has changed?", "en", Look("list"), "")
DAMAGE = Reading(DAMAGE_QUESTION, "en", DAMAGE_LOOK, "")
MAIN_CLASSES = ("building", "impervious surface", "pervious surface", "bare soil", "deciduous", "herbaceous")
FRANCE_AND_TEXAS = ("fotbcd", "levir_cd_train")
"""Where the land-cover target is set; the other labelled places are other countries and sensors."""

Matrix = NDArray[np.int64]


# -- change -------------------------------------------------------------------------------------


def building_change(samples: Iterable[Sample], interpreter: Interpreter) -> dict[str, float]:
    """Pooled precision, recall, F1 and IoU of building change, and the share of pixels called in pairs without any."""
    pooled, still = BinaryCounts(), BinaryCounts()
    for sample in samples:
        if sample.change is None:
            continue
        change, _ = predict(interpreter, sample.before, sample.after, BUILDINGS, sample.gsd_m)
        counts = count_binary(change >= interpreter.card.threshold, sample.change == 1)
        pooled = pooled + counts
        still = still + counts if not (sample.change == 1).any() else still
    return {**_binary(pooled), "called in unchanged pairs": still.called}


def _binary(counts: BinaryCounts) -> dict[str, float]:
    return {"precision": counts.precision, "recall": counts.recall, "F1": counts.f1, "IoU": counts.iou}


def identity(samples: Iterable[Sample], interpreter: Interpreter) -> dict[str, float]:
    """Share of pixels called changed between an image and itself: as it is, and brighter, with more contrast and
    half a pixel of shift.
    """
    same, altered = BinaryCounts(), BinaryCounts()
    for sample in samples:
        image = sample.after
        nothing = np.zeros(image.shape[1:], bool)
        for reading in (BUILDINGS, EVERYTHING):
            for other, counts in ((image, "same"), (_altered(image), "altered")):
                change, _ = predict(interpreter, image, other, reading)
                found = count_binary(change >= interpreter.card.threshold, nothing)
                same, altered = (same + found, altered) if counts == "same" else (same, altered + found)
    return {"called, same image": same.called, "called, other radiometry and shift": altered.called}


def _altered(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an image half a pixel aside, with more contrast, brighter."""
    half = (image[:, :, :-1].astype(np.float32) + image[:, :, 1:]) / 2
    shifted = np.pad(half, ((0, 0), (0, 0), (0, 1)), mode="edge")
    return np.clip((shifted - 128) * 1.1 + 138, 0, 255).astype(np.uint8)


def open_vocabulary(samples: Iterable[Sample], interpreter: Interpreter) -> Measured:
    """F1 of the change of each class, asked by its name (OVCD): a pixel counts where it was the class, or became it."""
    counts: dict[str, BinaryCounts] = defaultdict(BinaryCounts)
    for truth in _with_classes(samples):
        for number in truth.ids:
            name = truth.vocabulary.by_id[number].name
            look = Look("segment", (name,), (name,))
            reading = Reading(f"Where have the {name} areas changed?", "en", look, look.line())
            found = called(interpreter, seen(interpreter, truth.sample, reading, truth))
            counts[name] = counts[name] + count_binary(found[truth.valid], truth.mask(look)[truth.valid])
    rows = tuple(
        (name, each.precision, each.recall, each.f1, each.iou, each.tp + each.fn)
        for name, each in sorted(counts.items(), key=lambda item: -item[1].f1)
    )
    seen_classes = [each for each in counts.values() if each.tp + each.fn]
    return Measured(
        {"mean F1": _mean([each.f1 for each in seen_classes]), "mean IoU": _mean([each.iou for each in seen_classes]),
         "classes": float(len(seen_classes))},
        (Table("Change of each class", ("class", "precision", "recall", "F1", "IoU", "true pixels"), rows),),
    )  # fmt: skip


# -- land cover ---------------------------------------------------------------------------------


def land_cover(samples: Iterable[Sample], interpreter: Interpreter) -> Measured:
    """IoU of the main classes, their mean, and overall accuracy, both dates; for France and Texas, and each source."""
    classes = interpreter.vocabulary.classes
    size = max(each.id for each in classes)
    of_source: dict[str, Matrix] = defaultdict(lambda: np.zeros((size + 1, size + 1), np.int64))
    for sample in samples:
        _, ids = predict(interpreter, sample.before, sample.after, EVERYTHING, sample.gsd_m)
        if sample.classes_before is None or sample.classes_after is None:
            continue
        matrix = confusion(ids[0], sample.classes_before, size) + confusion(ids[1], sample.classes_after, size)
        of_source[sample.place.split("/")[0]] += matrix
    none: Matrix = np.zeros((size + 1, size + 1), np.int64)
    every = sum(of_source.values(), none)
    target = sum((of_source[name] for name in FRANCE_AND_TEXAS if name in of_source), none)
    named = _named_iou(every, interpreter.vocabulary)
    return Measured(
        {
            "mean IoU of the main classes": _main_iou(every, interpreter.vocabulary),
            "overall accuracy": overall_accuracy(every),
            "France and Texas, mean IoU of the main classes": _main_iou(target, interpreter.vocabulary),
            "France and Texas, overall accuracy": overall_accuracy(target),
            **{f"IoU {name}": value for name, value in named.items()},
        },
        (_source_table({**of_source, "France and Texas": target, "all": every}, interpreter.vocabulary),),
    )


def _source_table(matrices: dict[str, Matrix], vocabulary: Vocabulary) -> Table:
    rows = []
    for name, matrix in matrices.items():
        named = _named_iou(matrix, vocabulary)
        each = [named.get(main, "") for main in MAIN_CLASSES]
        rows.append((name, int(matrix.sum()), _main_iou(matrix, vocabulary), overall_accuracy(matrix), *each))
    return Table(
        "Land cover by source: IoU of each main class",
        ("source", "pixels", "mean IoU", "overall accuracy", *MAIN_CLASSES),
        tuple(rows),
    )


def _named_iou(matrix: Matrix, vocabulary: Vocabulary) -> dict[str, float]:
    scores = class_scores(matrix)
    return {each.name: scores[each.id].iou for each in vocabulary.classes if each.id in scores}


def _main_iou(matrix: Matrix, vocabulary: Vocabulary) -> float:
    named = _named_iou(matrix, vocabulary)
    return _mean([named[name] for name in MAIN_CLASSES if name in named])


def own_classes(samples: Iterable[Sample], interpreter: Interpreter) -> dict[str, float]:
    """F1 of each class of a data set's own nomenclature and their mean, both dates, among its own class names; and for
    comparison by way of FLAIR's classes, each taken for the one that it is a member of.
    """
    by_name: dict[str, Matrix] = {}
    by_flair: dict[str, Matrix] = {}
    for sample in samples:
        own = nomenclature(sample.nomenclature)
        _, ids = _everything(interpreter, sample, own.vocabulary(sample.nomenclature))
        _, flair_ids = _everything(interpreter, sample, interpreter.vocabulary)
        for told, matrices in ((ids, by_name), (own.from_flair()[flair_ids], by_flair)):
            counts = _both_dates(told, sample, max(own.ids))
            matrices[sample.nomenclature] = matrices.get(sample.nomenclature, 0) + counts
    if len(by_name) != 1:
        return {}
    (name,) = by_name
    scores, names = class_scores(by_name[name]), nomenclature(name)
    return {
        "mean F1": _mean([score.f1 for score in scores.values()]),
        "overall accuracy": overall_accuracy(by_name[name]),
        **{f"F1 {names.name(number)}": score.f1 for number, score in scores.items()},
        "mean F1 by way of FLAIR": _mean([score.f1 for score in class_scores(by_flair[name]).values()]),
        "overall accuracy by way of FLAIR": overall_accuracy(by_flair[name]),
    }


def _everything(
    interpreter: Interpreter, sample: Sample, vocabulary: Vocabulary
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:  # fmt: skip
    return predict(interpreter, sample.before, sample.after, EVERYTHING, sample.gsd_m, vocabulary)


def _both_dates(told: NDArray[np.uint8], sample: Sample, size: int) -> Matrix:
    """Count the classes of each labelled date; of the one date where both are the same image."""
    dates = [(told[0], sample.classes_before), (told[1], sample.classes_after)]
    counts: Matrix = np.zeros((size + 1, size + 1), np.int64)
    for ids, true in dates if sample.before is not sample.after else dates[:1]:
        counts += confusion(ids, true, size) if true is not None else 0
    return counts


# -- both together ------------------------------------------------------------------------------


def semantic_change(samples: Iterable[Sample], interpreter: Interpreter) -> dict[str, float]:
    """OA, mIoU, SeK, Fscd and Score as SCanNet has them, torchange's variant, and binary change, on labelled pixels."""
    total: SemanticCounts | None = None
    pooled = BinaryCounts()
    for truth in _with_classes(samples):
        maps = seen(interpreter, truth.sample, EVERYTHING, truth)
        found = called(interpreter, maps)
        rows = _rows(truth.vocabulary)
        counts = count_semantic(
            ChangedClasses(found, *(rows[each] for each in maps.classes)),
            ChangedClasses(truth.changed, *(np.maximum(rows[each], 1) for each in (truth.before, truth.after))),
            len(truth.vocabulary.classes), truth.valid,
        )  # fmt: skip
        total = counts if total is None else total + counts
        pooled = pooled + count_binary(found[truth.valid], truth.changed[truth.valid])
    if total is None:
        return {}
    return {**scannet_scores(total.dates), **torchange_scores(total.pairs), **_binary(pooled)}


def _rows(vocabulary: Vocabulary) -> NDArray[np.int64]:
    """Return the place from 1 of each class id in the vocabulary, int [256]."""
    rows = np.zeros(256, np.int64)
    rows[[each.id for each in vocabulary.classes]] = np.arange(1, len(vocabulary.classes) + 1)
    return rows


def _with_classes(samples: Iterable[Sample]) -> Iterable[Truth]:
    """Yield what is known of the samples whose changed pixels have their classes at both dates."""
    for sample in samples:
        truth = truth_of(sample)
        if truth is not None and sample.damage is None and truth.names_transitions:
            yield truth


def damage(samples: Iterable[Sample], interpreter: Interpreter) -> dict[str, float]:
    """xView2's score, its parts, and the F1 of each damage level; of the damage adapter where one is loaded."""
    sees = interpreter.damage or interpreter
    counts = DamageCounts()
    for sample in samples:
        if sample.damage is None or sample.classes_before is None:
            continue
        _, ids = predict(sees, sample.before, sample.after, DAMAGE, sample.gsd_m, damage_vocabulary())
        levels = np.where(ids[1] == NO_BUILDING, 0, ids[1] - FIRST_LEVEL + 1).astype(np.uint8)
        counts = counts + count_damage(levels, sample.classes_before > 0, sample.damage)
    return counts.scores()


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0
