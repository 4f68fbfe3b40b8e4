"""The packaged plugin and the real engine by ``qgis_process``: a question, and its recipe made again."""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pyogrio
import pytest

from building.packaging import write_plugin_zip
from building.places import ENGINE_ENVIRONMENT, data_folder, executable
from diachron.synthesis.scene import demo_pair, write_pair

FRENCH_PAIR = ("before/Binary_test_95.tif", "after/Binary_test_95.tif")
PROGRAM = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
QUESTION = "How many buildings are new?"


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """Return a home whose default profile has the packaged plugin switched on."""
    if PROGRAM is None:
        pytest.skip("qgis_process is not installed")
    home = tmp_path_factory.mktemp("home")
    plugins = home / ".local/share/QGIS/QGIS3/profiles/default/python/plugins"
    plugins.mkdir(parents=True)
    with zipfile.ZipFile(write_plugin_zip(home)) as archive:
        archive.extractall(plugins)
    process(home, "plugins", "enable", "diachron_qgis")
    return home


def process(home: Path, *arguments: str, language: str = "en_GB.UTF-8") -> str:
    # QGIS's Python takes its home from the first python3 on the path, which must be the system's.
    environment = os.environ | {
        "PATH": os.pathsep.join(["/usr/bin", "/bin", os.environ.get("PATH", "")]),
        "HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(home),
        "LANG": language, "LC_ALL": language,
        "DIACHRON_ENGINE": str(executable(ENGINE_ENVIRONMENT, "diachron")),
    }  # fmt: skip
    done = subprocess.run([PROGRAM, *arguments], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def run(home: Path, algorithm: str, **parameters: object) -> dict[str, object]:
    words = [f"{name}={value}" for name, value in parameters.items()]
    return dict(json.loads(process(home, "--json", "run", f"diachron:{algorithm}", "--", *words))["results"])


def polygons(path: Path) -> list[tuple[object, ...]]:
    """Return each change's outline and values."""
    _, _, geometry, fields = pyogrio.raw.read(path, layer="changes")
    rows = zip(geometry, *fields, strict=True)
    return [(bytes(shape), *map(known, values)) for shape, *values in rows]


def known(value: object) -> object:
    """Return a value, None for one that is not known: NaN equals nothing, not even itself."""
    return None if isinstance(value, float) and math.isnan(value) else value


def test_the_help_is_in_the_language_of_qgis(home):
    assert "Probability from which a pixel counts as changed" in process(home, "help", "diachron:ask")
    told = process(home, "help", "diachron:ask", language="fr_FR.UTF-8")
    assert "Demander ce qui a changé" in told
    assert "Probability from which" not in told


def test_ask_and_its_recipe_give_the_same_polygons(home, tmp_path):
    files = write_pair(demo_pair(), tmp_path / "pair")
    asked = run(
        home, "ask", BEFORE=files.before, AFTER=files.after, QUESTION=QUESTION, FOLDER=tmp_path / "asked",
        CHANGES=tmp_path / "changes.gpkg", PROBABILITY=tmp_path / "probability.tif", BEFORE_DATE="2018",
    )  # fmt: skip
    answer = json.loads((tmp_path / "asked" / "answer.json").read_text(encoding="utf-8"))
    assert asked["ANSWER"] == answer["text"]
    assert asked["COUNT"] == len(polygons(tmp_path / "asked" / "changes.gpkg")) > 0
    assert asked["AREA_M2"] == next(fact["value"] for fact in answer["facts"] if fact["kind"] == "area")
    assert (tmp_path / "probability.tif").is_file() and (tmp_path / "changes.gpkg").is_file()

    for path in (files.before, files.after):
        path.rename(tmp_path / "asked" / path.name)
    again = run(home, "recipe", RECIPE=tmp_path / "asked" / "recipe.json", FOLDER=tmp_path / "again")
    assert again["ANSWER"] == asked["ANSWER"]
    assert polygons(tmp_path / "again" / "changes.gpkg") == polygons(tmp_path / "asked" / "changes.gpkg")

    report = run(home, "report", FOLDER=tmp_path / "again", OUTPUT=tmp_path / "report.pdf")
    assert Path(str(report["OUTPUT"])).read_bytes().startswith(b"%PDF")


def test_ask_answers_on_a_real_french_pair(home, tmp_path):
    data = data_folder()
    if data is None or not (data / "fotbcd").is_dir():
        pytest.skip("no folder of real imagery (set DIACHRON_DATA)")
    before, after = (data / "fotbcd" / name for name in FRENCH_PAIR)
    asked = run(
        home, "ask", BEFORE=before, AFTER=after, QUESTION="Combien de bâtiments sont nouveaux ?",
        FOLDER=tmp_path / "asked", CHANGES=tmp_path / "changes.gpkg",
    )  # fmt: skip
    answer = json.loads((tmp_path / "asked" / "answer.json").read_text(encoding="utf-8"))
    assert (answer["language"], answer["look"]["to"], answer["abstained"]) == ("fr", ["building"], False)
    assert asked["ANSWER"] == answer["text"]
    assert asked["COUNT"] == next(fact["value"] for fact in answer["facts"] if fact["kind"] == "count") > 0
    meta, _, outlines, _ = pyogrio.raw.read(tmp_path / "changes.gpkg")
    assert len(outlines) == asked["COUNT"]
    assert meta["crs"] == "EPSG:2154"
