"""The demo's pair, whose truth is known, through the command line with the shipped weights."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pyogrio
import pytest
import shapely
from rasterio.features import geometry_mask

from diachron.synthesis.scene import SyntheticPair, demo_pair, write_pair

LEAST_IOU = 0.6


@dataclass(frozen=True)
class Asked:
    """What one question printed and wrote."""

    printed: str
    answer: dict
    polygons: np.ndarray
    areas_m2: np.ndarray


@pytest.fixture(scope="module")
def pair() -> SyntheticPair:
    return demo_pair()


@pytest.fixture(scope="module")
def asked(pair, tmp_path_factory):
    """Return what asks a question of the demo's pair, as a person at a terminal does."""
    folder = tmp_path_factory.mktemp("demo")
    files = write_pair(pair, folder / "pair")

    def ask(question: str, name: str) -> Asked:
        out = folder / name
        command = [sys.executable, "-m", "diachron.cli", "ask", str(files.before), str(files.after)]
        told = subprocess.run(
            [*command, "--question", question, "--out", str(out)], capture_output=True, text=True, cwd=folder
        )
        assert told.returncode == 0, told.stderr
        meta, _, geometry, fields = pyogrio.raw.read(out / "changes.gpkg", layer="changes")
        areas = fields[list(meta["fields"]).index("area_m2")]
        answer = json.loads((out / "answer.json").read_text(encoding="utf-8"))
        return Asked(told.stdout.strip(), answer, shapely.from_wkb(geometry), areas)

    return ask


def test_count_and_area_in_the_text_are_those_of_the_polygons(asked):
    told = asked("How many buildings are new?", "count")
    kinds = {fact["id"]: fact["kind"] for fact in told.answer["facts"]}
    shown = {
        kinds[span["fact"]]: told.answer["text"][span["start"] : span["end"]] for span in told.answer["spans"]
    }  # fmt: skip
    assert told.printed == told.answer["text"]
    assert shown["count"] == f"{len(told.polygons):,}"
    area = f"{told.areas_m2.sum():,.1f}".removesuffix(".0")
    assert shown["area"] == f"{area} m²"


def test_the_change_polygons_lie_on_the_known_change(asked, pair):
    told = asked("What has changed?", "list")
    assert shapely.is_valid(told.polygons).all()
    found = geometry_mask(list(told.polygons), pair.change.shape, pair.transform, invert=True)
    iou = (found & pair.change).sum() / (found | pair.change).sum()
    assert iou >= LEAST_IOU, f"IoU {iou:.2f}"
