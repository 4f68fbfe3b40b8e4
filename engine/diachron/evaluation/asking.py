"""Suites that ask whole questions: are the numbers those of the polygons, and does a date swap swap the answer?"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import rasterio
from numpy.typing import NDArray

from diachron.ask import ask
from diachron.data import real
from diachron.data.questions import QuestionGenerator
from diachron.data.sample import Sample
from diachron.evaluation.pixels import BinaryCounts, count_binary
from diachron.model.interpreter import Interpreter
from diachron.request import AskRequest
from diachron.results.export import Answer

GROUNDED_QUESTIONS = 60
REVERSED_PAIRS = 16
FLAG_EVERY = 3
"""One captioned tile in so many is asked about, for time."""
ROUNDING = 0.06
"""Areas in `changes.gpkg` and in the text are rounded to a tenth."""
_NUMBER = re.compile(r"\d")


def grounding(interpreter: Interpreter) -> dict[str, float]:
    """Share of answers to held-out phrasings whose every number was measured on the polygons of the same folder."""
    pairs = list(real.building_change_pairs("levir_cd_val"))
    questions = QuestionGenerator(seed=11, split="held_out")
    grounded: list[bool] = []
    plain: list[bool] = []
    with tempfile.TemporaryDirectory(prefix="diachron-") as folder:
        for number in range(GROUNDED_QUESTIONS):
            example = questions.sample_read()
            while example.look.abstains:
                example = questions.sample_read()
            rasters = _written(pairs[7 * number % len(pairs)], Path(folder))
            out = Path(folder) / "out"
            answer = ask(AskRequest(rasters, example.question, out, gsd=1.0), interpreter)
            grounded.append(is_grounded(out))
            plain.append(not answer.abstained)
    return {"grounded answers": float(np.mean(grounded)), "answered": float(np.mean(plain))}


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


def reversal(interpreter: Interpreter) -> dict[str, float]:
    """New buildings of a pair against lost buildings of the same pair with its dates exchanged: the same answer.

    Pixels are those that either answer calls.
    """
    pairs = [pair for pair in real.building_change_pairs("levir_cd_val") if pair.change is not None]
    changed = [pair for pair in pairs if pair.change is not None and pair.change.any()][:REVERSED_PAIRS]
    counts, verdicts = BinaryCounts(), []
    with tempfile.TemporaryDirectory(prefix="diachron-") as folder:
        for pair in changed:
            swapped = replace(pair, before=pair.after, after=pair.before)
            came, there = _asked(interpreter, pair, "Which buildings are new?", Path(folder))
            went, back = _asked(interpreter, swapped, "Which buildings have disappeared?", Path(folder))
            counts = counts + count_binary(came, went)
            verdicts.append(bool(there.facts[0].value) == bool(back.facts[0].value))
    return {"same verdict": float(np.mean(verdicts)), "F1 of the pixels called": counts.f1}


def _asked(
    interpreter: Interpreter, pair: Sample, question: str, folder: Path
) -> tuple[NDArray[np.bool_], Answer]:  # fmt: skip
    answer = ask(AskRequest(_written(pair, folder), question, folder / "out", gsd=pair.gsd_m), interpreter)
    with rasterio.open(folder / "out" / "change_probability.tif") as dataset:
        return dataset.read(1) >= interpreter.card.threshold, answer


def change_flag(interpreter: Interpreter) -> dict[str, float]:
    """Accuracy of "changed or not" on the captioned tiles, against LEVIR-CC's flag, from the answer's verdict."""
    tiles = json.loads((real.require_data_folder() / "levir_cd_val" / "captions.json").read_text(encoding="utf-8"))
    pairs = {pair.name: pair for pair in real.building_change_pairs("levir_cd_val")}
    right: list[bool] = []
    with tempfile.TemporaryDirectory(prefix="diachron-") as folder:
        for tile in tiles[::FLAG_EVERY]:
            top, left, bottom, right_edge = _box(tile["box"])
            pair = pairs[Path(tile["image"]).stem]
            window = replace(
                pair,
                before=pair.before[:, top:bottom, left:right_edge],
                after=pair.after[:, top:bottom, left:right_edge],
            )
            _, answer = _asked(interpreter, window, "Have buildings changed?", Path(folder))
            said = any(fact.kind == "verdict" and fact.value == "yes" for fact in answer.facts)
            right.append(said == bool(tile["changeflag"]))
    return {"accuracy": float(np.mean(right)), "tiles": float(len(right))}


def _box(box: Sequence[int]) -> tuple[int, int, int, int]:
    """Return top, left, bottom, right of a box [x0, y0, x1, y1] in pixels."""
    return box[1], box[0], box[3], box[2]


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
