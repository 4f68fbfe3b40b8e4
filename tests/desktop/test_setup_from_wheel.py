"""The dock sets its engine up from the wheel in a fresh profile, and answers with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from building.packaging import build_wheel, write_plugin_zip
from demo.desktop import Desktop
from diachron.synthesis.scene import generate_pair, write_pair


def test_an_engine_set_up_by_the_dock_from_the_wheel_answers(tmp_path):
    if shutil.which("qgis") is None or shutil.which("xvfb-run") is None:
        pytest.skip("QGIS or Xvfb is not installed")
    files = write_pair(generate_pair(11, size_px=512, gsd_m=0.5), tmp_path / "pair")
    desktop = Desktop(write_plugin_zip(tmp_path), None, tmp_path / "work")
    job = {
        "before": str(files.before), "after": str(files.after), "questions": ["How many buildings are new?"],
        "wheel": str(build_wheel(tmp_path)), "project": str(tmp_path / "project.qgz"),
        "screenshots": str(tmp_path / "shots"),
    }  # fmt: skip
    report = desktop.drive(job)
    assert not report["error"]
    (question,) = report["questions"]
    assert question["state"] == "done"
    assert (Path(question["folder"]) / "changes.gpkg").is_file()
    assert list((tmp_path / "work" / "qgis").rglob("engine/bin/diachron"))
