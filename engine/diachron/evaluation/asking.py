"""Suites that ask whole questions: are the numbers those of the polygons, and does a date swap swap the answer?"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import rasterio
from numpy.typing import NDArray

from diachron.ask import ask
from diachron.data.questions import QuestionGenerator
from diachron.data.sample import Sample
from diachron.evaluation.captioning import caption_scores
from diachron.evaluation.pixels import BinaryCounts, count_binary
from diachron.model.interpreter import Interpreter
from diachron.request import AskRequest
from diachron.results.export import Answer

FLAG_QUESTIONS = {"": "Have buildings changed?", ", asked whether anything changed": "Has anything changed?"}
"""People's flag is of every change; most of what they describe are buildings."""
CAPTION_QUESTION = "Describe the changes."
ROUNDING = 0.06
"""Areas in `changes.gpkg` and in the text are rounded to a tenth."""
_NUMBER = re.compile(r"\d")


def grounding(samples: Iterable[Sample], interpreter: Interpreter) -> dict[str, float]:
    """Share of answers to held-out phrasings, one a pair, whose every number was measured on the polygons of the same
    folder.
    """
    questions = QuestionGenerator(seed=11, split="held_out")
    grounded: list[bool] = []
    plain: list[bool] = []
    with tempfile.TemporaryDirectory(prefix="diachron-") as folder:
        for pair in samples:
            example = questions.sample_read()
            while example.look.abstains:
                example = questions.sample_read()
            out = Path(folder) / "out"
            answer = ask(AskRequest(_written(pair, Path(folder)), example.question, out, gsd=pair.gsd_m), interpreter)
            grounded.append(is_grounded(out))
            plain.append(not answer.abstained)
    return {"grounded answers": _mean(grounded), "answered": _mean(plain), "questions": float(len(grounded))}


def is_grounded(folder: Path) -> bool:
    """True where each number in the text of ``answer.json`` lies in a span of a fact, and each count or area of
    polygons is what ``changes.gpkg`` holds.
    """
    answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    text = list(answer["text"])
    for span in answer["spans"]:
        text[span["start"] : span["end"]] = " " * (span["end"] - span["start"])
    if _NUMBER.search("".join(text)):
        return False
    meta, _, _, columns = pyogrio.raw.read(folder / "changes.gpkg", layer="changes")
    table = dict(zip(meta["fields"], columns, strict=True))
    area_of = dict(zip(table["id"].tolist(), table["area_m2"].tolist(), strict=True))
    return all(_is_measured(fact, area_of) for fact in answer["facts"])


def _is_measured(fact: dict[str, Any], area_of: dict[int, float]) -> bool:
    if fact["kind"] in ("count", "transition_count"):
        return fact["value"] == len(set(fact["features"]) & set(area_of))
    if fact["kind"] in ("area", "transition"):
        return abs(fact["value"] - sum(area_of[each] for each in fact["features"])) <= ROUNDING * (1 + len(area_of))
    return True


def reversal(samples: Iterable[Sample], interpreter: Interpreter) -> dict[str, float]:
    """New buildings of a pair against lost buildings of the same pair with its dates exchanged: the same answer.

    Pixels are those that either answer calls; pairs without a change are passed over.
    """
    counts, verdicts = BinaryCounts(), []
    with tempfile.TemporaryDirectory(prefix="diachron-") as folder:
        for pair in samples:
            if pair.change is None or not (pair.change == 1).any():
                continue
            swapped = replace(pair, before=pair.after, after=pair.before)
            came, there = _asked(interpreter, pair, "Which buildings are new?", Path(folder))
            went, back = _asked(interpreter, swapped, "Which buildings have disappeared?", Path(folder))
            counts = counts + count_binary(came, went)
            verdicts.append(_found(there) == _found(back))
    return {"same verdict": _mean(verdicts), "F1 of the pixels called": counts.f1, "pairs": float(len(verdicts))}


def _found(answer: Answer) -> bool | None:
    """Return whether an answer found anything; None where it was refused."""
    return bool(answer.facts[0].value) if answer.facts else None


def _asked(
    interpreter: Interpreter, pair: Sample, question: str, folder: Path
) -> tuple[NDArray[np.bool_], Answer]:  # fmt: skip
    answer = ask(AskRequest(_written(pair, folder), question, folder / "out", gsd=pair.gsd_m), interpreter)
    if answer.abstained:
        return np.zeros(pair.before.shape[1:], bool), answer
    with rasterio.open(folder / "out" / "change_probability.tif") as dataset:
        return dataset.read(1) >= interpreter.card.threshold, answer


def change_flag(samples: Iterable[Sample], interpreter: Interpreter) -> dict[str, float]:
    """Accuracy of "changed or not" on described tiles, against people's flag, from the answer's verdict: asked about
    buildings, and about anything.
    """
    said: dict[str, list[bool]] = {about: [] for about in FLAG_QUESTIONS}
    flags: list[bool] = []
    with tempfile.TemporaryDirectory(prefix="diachron-") as folder:
        for tile in samples:
            if tile.flagged is None:
                continue
            for about, question in FLAG_QUESTIONS.items():
                _, answer = _asked(interpreter, tile, question, Path(folder))
                said[about].append(any(fact.kind == "verdict" and fact.value == "yes" for fact in answer.facts))
            flags.append(tile.flagged)
    true = np.array(flags, bool)
    figures = {"tiles": float(len(flags))}
    for about, answers in said.items():
        told = np.array(answers, bool)
        figures[f"accuracy{about}"] = _mean(told == true)
        figures[f"changed tiles called changed{about}"] = _mean(told[true])
        figures[f"unchanged tiles called changed{about}"] = _mean(told[~true])
    return figures


def captions(samples: Iterable[Sample], interpreter: Interpreter) -> dict[str, float]:
    """BLEU, ROUGE-L and CIDEr-D of the model's descriptions against people's captions of the same tiles."""
    told: list[str] = []
    written: list[tuple[str, ...]] = []
    with tempfile.TemporaryDirectory(prefix="diachron-") as folder:
        for tile in samples:
            if tile.captions:
                told.append(_asked(interpreter, tile, CAPTION_QUESTION, Path(folder))[1].text)
                written.append(tile.captions)
    return {**caption_scores(told, written), "tiles": float(len(told))}


def _written(pair: Sample, folder: Path) -> tuple[str, str]:
    """Write a pair as PNGs, for `ask` takes files."""
    paths = (folder / "before.png", folder / "after.png")
    for path, image in zip(paths, (pair.before, pair.after), strict=True):
        _write_png(path, image)
    return str(paths[0]), str(paths[1])


def _write_png(path: Path, image: NDArray[np.uint8]) -> None:
    count, height, width = image.shape
    with rasterio.open(path, "w", driver="PNG", count=count, height=height, width=width, dtype="uint8") as dataset:
        dataset.write(image)


def _mean(values: Sequence[bool] | NDArray[np.bool_]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
