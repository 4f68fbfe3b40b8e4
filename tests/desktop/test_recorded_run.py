"""A whole round in the real desktop with the real engine, on a generated pair: question, review by keys, slider,
database, saving, opening again, report. Each part has a picture.

``DIACHRON_PICTURES=1`` puts the pictures into ``docs/images``, where the help page ``docs/help/run.md`` shows them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from building.packaging import write_plugin_zip
from building.places import ENGINE_ENVIRONMENT, HELP, executable
from building_table import write_buildings
from demo.desktop import Desktop
from diachron.synthesis.scene import demo_pair, write_pair
from postgis_cluster import running_cluster

HERE = Path(__file__).resolve().parent
PAGES = [HELP / "run.md", HELP / "fr" / "run.md"]
MOST_BYTES, MOST_COLOURS, FEWEST_COLOURS = 150_000, 256, 16
REPORT_DPI = 80
WINDOWS = ("answer", "review", "decided", "listed", "applied", "saved", "reopened")
DECISIONS = {"accepted": 11, "rejected": 6, "edited": 3}
"""What the driver's twenty decisions come to."""


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> dict:
    """Return what the driver saw, the folder of its pictures, and what the database holds at the end."""
    if shutil.which("qgis") is None or shutil.which("xvfb-run") is None:
        pytest.skip("QGIS or Xvfb is not installed")
    folder = tmp_path_factory.mktemp("recorded")
    pair = demo_pair(size_px=768)
    files = write_pair(pair, folder / "pair")
    engine = executable(ENGINE_ENVIRONMENT, "diachron")
    desktop = Desktop(write_plugin_zip(folder), engine, folder / "work", driver=HERE / "drive_recorded.py")
    job = {
        "before": str(files.before), "after": str(files.after), "dates": ["2018", "2023"],
        "question": "What has changed?", "project": str(folder / "work" / "suburb.qgz"),
        "screenshots": str(folder / "shots"),
    }  # fmt: skip
    with running_cluster() as cluster:
        stood = write_buildings(cluster, pair)
        seen = desktop.drive(job | {"buildings": cluster.uri("buildings")})
        told = cluster.script("SELECT count(*), count(*) FILTER (WHERE source LIKE 'Diachron%') FROM buildings")
    stands, written = map(int, told.split("|"))
    assert seen["error"] == ""
    return seen | {"shots": folder / "shots", "stood": stood, "stands": stands, "written": written}


def test_twenty_decisions_are_made_by_keys_alone(run):
    assert run["bar"] == f"20 of {run['proposals']}"
    assert Counter(status for status, _, _ in run["decided"]) == DECISIONS
    assert {each[1] for each in run["decided"] if each[0] == "edited"} == {"bare soil"}
    assert [each[2] for each in run["decided"] if each[2]] == ["seen on the ground"] * 2


def test_the_answer_follows_the_slider_and_decisions_stay(run):
    before, after = run["before"], run["after"]
    assert float(after["threshold"]) > float(before["threshold"])
    assert first_number(after["text"]) < first_number(before["text"])
    assert after["polygons"] == first_number(after["review"]) < before["polygons"]
    assert run["decided_after"] == run["decided"]


def test_what_was_accepted_is_reconciled_undone_and_saved(run):
    assert run["picked"] and run["undone"]
    listed = Counter(run["listed"])
    assert listed["created"] + listed["modified"] == run["written"] > 0
    assert run["stands"] == run["stood"] + listed["created"] - listed["removed"]


def test_all_of_it_is_there_when_the_project_is_opened_again(run):
    assert run["closed"] == [0, 0]
    assert run["reopened"] == run["kept"]
    assert run["kept"]["asked"] == ["What has changed?"]
    assert run["kept"]["decided"] == run["decided"]
    assert {"before", "after", "Changes", "buildings"} <= set(run["kept"]["layers"])


def test_each_part_has_a_small_picture_and_the_page_shows_them_all(run, tmp_path):
    shots, folder = run["shots"], tmp_path
    if os.environ.get("DIACHRON_PICTURES") == "1":
        folder = HELP.parent / "images"
    for name in WINDOWS:
        with Image.open(shots / f"{name}.png") as window:
            write_small(window.convert("RGB"), folder / f"run-{name}.png")
    write_small(beside(shots / "slider_before.png", shots / "slider_after.png"), folder / "run-slider.png")
    command = ["pdftoppm", "-r", str(REPORT_DPI), "-l", "2", "-png", run["pdf"], str(tmp_path / "page")]
    subprocess.run(command, check=True)
    write_small(beside(*sorted(tmp_path.glob("page-*.png"))), folder / "run-report.png")
    written = {path.name for path in folder.glob("run-*.png")}
    assert written == {f"run-{name}.png" for name in (*WINDOWS, "slider", "report")}
    for page in PAGES:
        assert set(re.findall(r"images/(run-\w+\.png)\)", page.read_text(encoding="utf-8"))) == written


def first_number(text: str) -> int:
    """Return the first whole number of a text."""
    return int(re.findall(r"\d+", text)[0])


def beside(*paths: Path) -> Image.Image:
    """Return pictures side by side."""
    pictures = [Image.open(path).convert("RGB") for path in paths]
    whole = Image.new("RGB", (sum(each.width for each in pictures), max(each.height for each in pictures)), "white")
    left = 0
    for each in pictures:
        whole.paste(each, (left, 0))
        left += each.width
    return whole


def write_small(picture: Image.Image, path: Path) -> None:
    """Write a picture with as many colours as the size allows; one of one colour shows nothing."""
    assert len(picture.getcolors(picture.width * picture.height)) > FEWEST_COLOURS, path.name
    colours = MOST_COLOURS
    while colours >= FEWEST_COLOURS:
        picture.quantize(colours, kmeans=2, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size < MOST_BYTES:
            return
        colours //= 2
    raise AssertionError(f"{path.name} has {path.stat().st_size} bytes even with {FEWEST_COLOURS} colours")
