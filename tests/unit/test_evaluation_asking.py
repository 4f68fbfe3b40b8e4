"""An answer's numbers against its own polygons: what the grounding suite calls grounded."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from diachron.ask import ask
from diachron.evaluation.asking import is_grounded
from diachron.request import AskRequest
from fake_interpreter import EchoInterpreter


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An answer about two new roofs."""
    ground = np.full((3, 128, 128), 90, np.uint8)
    roofed = ground.copy()
    roofed[0, 20:40, 20:40] = roofed[0, 70:90, 60:80] = 220
    paths = []
    for name, image in (("before", ground), ("after", roofed)):
        paths.append(str(tmp_path / f"{name}.tif"))
        place = {"crs": "EPSG:2154", "transform": Affine(0.5, 0, 700_000, 0, -0.5, 6_600_000)}
        with rasterio.open(paths[-1], "w", "GTiff", 128, 128, 3, dtype="uint8", **place) as dataset:
            dataset.write(image)
    ask(AskRequest((paths[0], paths[1]), "How many buildings are new?", tmp_path / "out"), EchoInterpreter())
    return tmp_path / "out"


def test_what_the_engine_writes_is_grounded(folder: Path):
    assert is_grounded(folder)


@pytest.mark.parametrize("spoil", ["text", "count", "area"])
def test_a_number_that_no_polygon_bears_out_is_not_grounded(folder: Path, spoil: str):
    path = folder / "answer.json"
    answer = json.loads(path.read_text(encoding="utf-8"))
    if spoil == "text":
        answer["text"] += " About 7 more."
    else:
        next(fact for fact in answer["facts"] if fact["kind"] == spoil)["value"] += 1
    path.write_text(json.dumps(answer), encoding="utf-8")
    assert not is_grounded(folder)
