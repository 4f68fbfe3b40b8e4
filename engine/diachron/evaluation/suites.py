"""Suites of `diachron evaluate`: what each measures, as JSON and a Markdown table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diachron.data import real
from diachron.data.nomenclature import nomenclatures
from diachron.data.questions import QuestionGenerator
from diachron.data.sample import Sample
from diachron.errors import WrongUsage
from diachron.evaluation.asking import change_flag, grounding, reversal
from diachron.evaluation.pixels import BinaryCounts, class_scores, confusion, count_binary, overall_accuracy
from diachron.mapping import plan_tiles
from diachron.model.interpreter import Interpreter, Reading
from diachron.model.look import Look
from diachron.model.vocabulary import Vocabulary, VocabularyClass
from diachron.rasters.tiles import Mosaic

BUILDINGS = Reading("Have the buildings changed?", "en", Look("change_or_not", ("building",), ("building",)), "")
EVERYTHING = Reading("What has changed?", "en", Look("list"), "")
MAIN_CLASSES = ("building", "impervious surface", "pervious surface", "bare soil", "deciduous", "herbaceous")
READ_QUESTIONS = 1000


@dataclass(frozen=True)
class SuiteResult:
    """One suite's figures, by name; shares are 0 to 1."""

    suite: str
    figures: dict[str, float]

    def markdown(self) -> str:
        """Return a Markdown table of the figures."""
        rows = [f"| {name} | {value:.4f} |" for name, value in self.figures.items()]
        return "\n".join([f"| {self.suite} | |", "|---|---|", *rows])


def evaluate(suite: str, interpreter: Interpreter) -> SuiteResult:
    """Run one suite.

    Raises
    ------
    WrongUsage: there is no such suite. UnusableInput: its data is absent.
    """
    if suite not in SUITES:
        raise WrongUsage(f"no suite {suite!r}", advice=f"suites are {', '.join(SUITES)}")
    return SuiteResult(suite, SUITES[suite](interpreter))


def predict(
    interpreter: Interpreter,
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    reading: Reading,
    gsd_m: float | None = None,
    vocabulary: Vocabulary | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return change probability float32 [H, W] and class ids uint8 [2, H, W], tiled as `ask` tiles.

    ``vocabulary`` names the classes, the interpreter's own where it is None.
    """
    height, width = before.shape[1:]
    vocabulary = vocabulary or interpreter.vocabulary
    pad = ((0, 0), (0, -height % 32), (0, -width % 32))
    images = np.stack([np.pad(before, pad, mode="reflect"), np.pad(after, pad, mode="reflect")])
    change, classes = _mosaic(interpreter, images, reading, gsd_m, vocabulary)
    ids = np.array([each.id for each in vocabulary.classes], np.uint8)[classes.argmax(axis=1)]
    return change[:height, :width], ids[:, :height, :width]


def _mosaic(
    interpreter: Interpreter,
    images: NDArray[np.uint8],
    reading: Reading,
    gsd_m: float | None,
    vocabulary: Vocabulary,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    height, width = images.shape[2:]
    count = len(vocabulary.classes)
    total = np.zeros((1 + 2 * count, height, width), np.float32)
    mosaic = Mosaic(total.shape[0], height, width)
    for tile in plan_tiles(width, height, gsd_m, interpreter.card):
        window = images[:, :, tile.row : tile.row + tile.height, tile.col : tile.col + tile.width]
        maps = interpreter.maps(np.ascontiguousarray(window), reading, vocabulary, gsd_m)
        mosaic.add(tile, np.concatenate([maps.change, maps.classes.reshape(2 * count, *maps.change.shape[1:])]))
    total = mosaic.result()
    return total[0], total[1:].reshape(2, count, height, width)


def building_change(samples: Iterable[Sample], interpreter: Interpreter) -> dict[str, float]:
    """Pooled precision, recall, F1 and IoU of building change, and the share of pixels called in pairs without any."""
    pooled, still = BinaryCounts(), BinaryCounts()
    for sample in samples:
        assert sample.change is not None
        change, _ = predict(interpreter, sample.before, sample.after, BUILDINGS, sample.gsd_m)
        counts = count_binary(change >= interpreter.card.threshold, sample.change == 1)
        pooled = pooled + counts
        still = still + counts if not (sample.change == 1).any() else still
    return {
        "precision": pooled.precision, "recall": pooled.recall, "F1": pooled.f1, "IoU": pooled.iou,
        "called in unchanged pairs": still.called,
    }  # fmt: skip


def land_cover(interpreter: Interpreter) -> dict[str, float]:
    """IoU of the main classes, their mean, and overall accuracy on the held-out places, both dates."""
    classes = interpreter.vocabulary.classes
    size = max(each.id for each in classes)
    matrix = np.zeros((size + 1, size + 1), np.int64)
    for sample in real.land_cover_pairs(held_out=True):
        _, ids = predict(interpreter, sample.before, sample.after, EVERYTHING, sample.gsd_m)
        assert sample.classes_before is not None and sample.classes_after is not None
        matrix += confusion(ids[0], sample.classes_before, size) + confusion(ids[1], sample.classes_after, size)
    scores = class_scores(matrix)
    named = {each.name: scores[each.id].iou for each in classes if each.id in scores}
    main = [named[name] for name in MAIN_CLASSES if name in named]
    return {
        "mean IoU of the main classes": float(np.mean(main)),
        "overall accuracy": overall_accuracy(matrix),
        **{f"IoU {name}": value for name, value in named.items()},
    }


def dubai(interpreter: Interpreter) -> dict[str, float]:
    """F1 of each of Dubai's classes and their mean, on the held-out tiles, among its own five class names."""
    names = nomenclatures()["dubai"]
    classes = tuple(VocabularyClass(number, names.name(number), "#000000", names.name(number)) for number in names.ids)
    vocabulary = Vocabulary("dubai", classes)
    matrix = np.zeros((max(names.ids) + 1,) * 2, np.int64)
    for sample in real.dubai_images(held_out=True):
        _, ids = predict(interpreter, sample.before, sample.after, EVERYTHING, sample.gsd_m, vocabulary)
        assert sample.classes_before is not None
        matrix += confusion(ids[0], sample.classes_before, max(names.ids))
    scores = class_scores(matrix)
    return {
        "mean F1": float(np.mean([score.f1 for score in scores.values()])),
        "overall accuracy": overall_accuracy(matrix),
        **{f"F1 {names.name(number)}": score.f1 for number, score in scores.items()},
    }


def identity(interpreter: Interpreter) -> dict[str, float]:
    """Share of pixels called changed between an image and itself: as it is, and brighter, with more contrast and
    half a pixel of shift.
    """
    same, altered = BinaryCounts(), BinaryCounts()
    for number, sample in enumerate(real.building_change_pairs("levir_cd_val")):
        if number % 4:
            continue
        image = sample.after
        nothing = np.zeros(image.shape[1:], bool)
        half = (image[:, :, :-1].astype(np.float32) + image[:, :, 1:]) / 2
        other = np.clip((np.pad(half, ((0, 0), (0, 0), (0, 1)), mode="edge") - 128) * 1.1 + 138, 0, 255).astype(
            np.uint8
        )
        for reading in (BUILDINGS, EVERYTHING):
            same = same + count_binary(
                predict(interpreter, image, image, reading)[0] >= interpreter.card.threshold, nothing
            )
            altered = altered + count_binary(
                predict(interpreter, image, other, reading)[0] >= interpreter.card.threshold, nothing
            )
    return {"called, same image": same.called, "called, other radiometry and shift": altered.called}


def reading(interpreter: Interpreter) -> dict[str, float]:
    """Share of generated questions in held-out phrasings read into the right task and classes, and abstention both
    ways.
    """
    questions = QuestionGenerator(seed=7, split="held_out")
    right: dict[str, list[bool]] = {"en": [], "fr": []}
    refused: list[bool] = []
    answered: list[bool] = []
    for _ in range(READ_QUESTIONS):
        example = questions.sample_read()
        read = interpreter.read(example.question)
        (refused if example.look.abstains else answered).append(read.look.abstains)
        if not example.look.abstains:
            right.setdefault(example.language, []).append(read.look == example.look)
    return {
        **{f"read right, {language}": float(np.mean(rows)) for language, rows in right.items() if rows},
        "unanswerable refused": float(np.mean(refused)),
        "answerable refused": float(np.mean(answered)),
    }


def _building_suite(name: str) -> Callable[[Interpreter], dict[str, float]]:
    return lambda interpreter: building_change(real.building_change_pairs(name), interpreter)


SUITES: dict[str, Callable[[Interpreter], dict[str, float]]] = {
    **{name: _building_suite(name) for name in ("levir_cd_val", "levir_cd_val_native", "whu_cd", "fotbcd")},
    "land_cover": land_cover,
    "dubai": dubai,
    "identity": identity,
    "reading": reading,
    "change_flag": change_flag,
    "grounding": grounding,
    "reversal": reversal,
}
