"""The main job on real imagery with the shipped weights; skipped where the data folder is absent."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio

from diachron.ask import ask
from diachron.data import real
from diachron.evaluation.suites import building_change
from diachron.model.interpreter import Interpreter
from diachron.model.loading import load_interpreter
from diachron.request import AskRequest

DATA = real.data_folder()
pytestmark = pytest.mark.skipif(DATA is None, reason="no folder of real imagery (set DIACHRON_DATA)")


@pytest.fixture(scope="module")
def interpreter() -> Interpreter:
    return load_interpreter("mini", None, "cpu")


def asked(interpreter: Interpreter, out: Path, question: str, *rasters: str) -> dict:
    paths = tuple(str(DATA / name) for name in rasters)
    ask(AskRequest(paths, question, out), interpreter)
    return json.loads((out / "answer.json").read_text())


@pytest.mark.parametrize("name, least", [("levir_cd_val", 0.6), ("levir_cd_val_native", 0.6)])
def test_new_buildings_are_plainly_found(interpreter, name, least):
    """A part of the validation pairs, for time; `diachron evaluate` prints the figure of all of them."""
    some = [sample for number, sample in enumerate(real.building_change_pairs(name)) if number % 2 == 0]
    assert building_change(some, interpreter)["F1"] >= least


def test_joplin_is_answered_and_its_black_border_is_no_data(interpreter, tmp_path):
    answer = asked(
        interpreter,
        tmp_path / "out",
        "Which buildings have disappeared?",
        "joplin_2011/pre_naip.tif",
        "joplin_2011/post.tif",
    )
    assert not answer["abstained"]
    assert 0.22 < answer["preflight"]["nodata_share"][1] < 0.27
    with rasterio.open(tmp_path / "out" / "change_probability.tif") as dataset:
        probability = dataset.read(1)
        assert dataset.crs.to_epsg() == 26915
    assert (probability[:440] == -1).mean() > 0.99
    # The mosaic's last row and column are black too, along the right and the lower edge.
    assert (probability[600:-2, 200:-2] >= 0).all()


def test_numbers_are_those_of_the_polygons_on_a_french_pair(interpreter, tmp_path):
    answer = asked(
        interpreter,
        tmp_path / "out",
        "How many buildings are new?",
        "fotbcd/before/Binary_test_32.tif",
        "fotbcd/after/Binary_test_32.tif",
    )
    meta, _, _, columns = pyogrio.raw.read(tmp_path / "out" / "changes.gpkg", layer="changes")
    table = dict(zip(meta["fields"], columns, strict=True))
    facts = {fact["kind"]: fact for fact in answer["facts"]}
    assert facts["count"]["value"] == len(table["id"])
    assert facts["area"]["value"] == pytest.approx(float(np.sum(table["area_m2"])), abs=0.01)
    told = [answer["text"][span["start"] : span["end"]] for span in answer["spans"]]
    assert told
    bare = answer["text"]
    for words in told:
        bare = bare.replace(words, "", 1)
    assert not re.search(r"\d", bare)


def test_five_dates_make_one_answer(interpreter, tmp_path):
    dates = [f"naip_series/{path.name}" for path in sorted((DATA / "naip_series").glob("*.tif"))]
    answer = asked(interpreter, tmp_path / "out", "What has changed?", *dates)
    assert len(answer["inputs"]) == 5
    assert len(list((tmp_path / "out").glob("classes_*.tif"))) == 5
