"""What the tests of batches begin with, and how they read what came out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pyogrio
import rasterio

from small_rasters import ground, with_roof, write

QUESTION = "How many buildings are new?"


def summary(out: Path) -> dict[str, dict]:
    rows = pq.read_table(out / "summary.parquet").to_pylist()
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


def mosaic(tmp_path: Path, seed: int) -> tuple[str, str]:
    """Write a pair of 260 x 380 pixels with roofs of many sizes, some over the borders of parts."""
    rng = np.random.default_rng(seed)
    before = ground(260, 380)
    after = before
    for _ in range(30):
        side = int(rng.integers(4, 60))
        after = with_roof(after, int(rng.integers(0, 260 - side)), int(rng.integers(0, 380 - side)), side)
    return write(tmp_path / "before.tif", before), write(tmp_path / "after.tif", after)


def folder_of(path: Path) -> tuple[dict, list, list]:
    answer = json.loads((path / "answer.json").read_text())
    _, _, geometry, fields = pyogrio.raw.read(path / "changes.gpkg", layer="changes")
    rasters = []
    for name in ("change_probability", "classes_1", "classes_2"):
        with rasterio.open(path / f"{name}.tif") as file:
            rasters.append(file.read(1))
    return {name: answer[name] for name in ("text", "facts", "look", "settings")}, [geometry, *fields], rasters
