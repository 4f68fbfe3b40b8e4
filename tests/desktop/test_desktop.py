"""The real QGIS desktop with the packaged plugin and the real engine, on a generated pair."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from building.packaging import write_plugin_zip
from building.places import ENGINE_ENVIRONMENT, executable
from building_table import write_buildings
from demo.desktop import Desktop
from diachron.synthesis.scene import generate_pair, write_pair
from postgis_cluster import running_cluster

QUESTIONS = ["How many buildings are new?", "Qu'est-ce qui a changé ?"]
MOST_STALL_MS = 2000
"""Loading layers and drawing on two busy cores without a graphics card; a stall of seconds would be a blocked main
thread."""


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> dict:
    if shutil.which("qgis") is None or shutil.which("xvfb-run") is None:
        pytest.skip("QGIS or Xvfb is not installed")
    folder = tmp_path_factory.mktemp("desktop")
    pair = generate_pair(11, size_px=512, gsd_m=0.5)
    files = write_pair(pair, folder / "pair")
    desktop = Desktop(write_plugin_zip(folder), executable(ENGINE_ENVIRONMENT, "diachron"), folder / "work")
    job = {
        "before": str(files.before), "after": str(files.after), "dates": ["2018", "2023"], "questions": QUESTIONS,
        "project": str(folder / "work" / "project.qgz"), "screenshots": str(folder / "shots"), "kill_during": 1,
        "review": True, "pages": True,
    }  # fmt: skip
    with running_cluster() as cluster:
        write_buildings(cluster, pair)
        driven = desktop.drive(job | {"database": cluster.uri("buildings")})
        written = int(cluster.script("SELECT count(*) FROM buildings WHERE source LIKE 'Diachron%'"))
    return driven | {"shots": str(folder / "shots"), "written": written}


def test_the_drive_ended_without_an_error(report):
    assert report["error"] == ""


def test_killing_the_engine_leaves_an_error_card_and_the_next_question_works(report):
    killed, again, french = report["questions"]
    assert killed["state"] == "failed"
    assert "ask again" in killed["error"]
    assert again["state"] == "done"
    assert again["text"]
    assert french["state"] == "done"


def test_results_lie_beside_the_project(report):
    folder = Path(report["questions"][1]["folder"])
    assert folder.parent.name == "project_diachron"
    assert {path.name for path in folder.iterdir()} >= {
        "answer.json",
        "changes.gpkg",
        "change_probability.tif",
        "classes_1.tif",
        "classes_2.tif",
    }


def test_pictures_were_taken_and_the_window_was_never_blocked_for_long(report):
    assert len(list(Path(report["shots"]).glob("*_dock.png"))) >= 3
    assert report["longest_stall_ms"] < MOST_STALL_MS


def test_examples_help_and_options_open_in_the_desktop(report):
    for name in ("examples", "help", "options"):
        assert Path(report["shots"], f"{name}.png").stat().st_size > 20_000


def test_a_review_goes_by_keys_and_is_in_the_file(report):
    review = report["review"]
    assert review["decided"] == min(20, review["proposals"]) > 0
    assert review["bar"] == f"{review['decided']} of {review['proposals']}"
    assert review["swept_to"] == 0.0
    assert (review["redrawn"], review["undone"]) == ("edited", True)
    assert review["slider_drawn"]
    assert review["kept"] == review["reopened"]
    decided = [status for status in review["reopened"] if status != "proposed"]
    assert len(decided) == review["decided"]
    for name in ("beside", "decided", "swipe", "classes", "redraw", "sentence", "slider", "form"):
        assert Path(report["shots"], f"review_{name}.png").stat().st_size > 5_000


def test_what_was_accepted_is_reconciled_with_a_database_undone_and_saved(report):
    reconciled = report["reconcile"]
    assert (reconciled["undone"], reconciled["saved"]) == (True, True)
    listed = reconciled["listed"]
    assert report["written"] == listed.get("created", 0) + listed.get("modified", 0) > 0
    for name in ("listed", "applied", "saved"):
        assert Path(report["shots"], f"reconcile_{name}.png").stat().st_size > 5_000
