"""The plugin's windows in a dark theme at twice the size, in the real desktop."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import rasterio
from rasterio.errors import NotGeoreferencedWarning

from building.packaging import write_plugin_zip
from building.places import ENGINE_ENVIRONMENT, executable
from demo.desktop import Desktop
from diachron.synthesis.scene import generate_pair, write_pair

HELP_WIDTH = 760
DARK, INK = 110, 60
"""The mean brightness of a dark window is below the first, and its texts stand out by more than the second."""


@pytest.mark.filterwarnings(f"ignore::{NotGeoreferencedWarning.__module__}.{NotGeoreferencedWarning.__name__}")
def test_windows_are_dark_in_a_dark_theme_legible_and_twice_as_large_at_200_percent(tmp_path):
    if shutil.which("qgis") is None or shutil.which("xvfb-run") is None:
        pytest.skip("QGIS or Xvfb is not installed")
    files = write_pair(generate_pair(11, size_px=256, gsd_m=0.5), tmp_path / "pair")
    engine = executable(ENGINE_ENVIRONMENT, "diachron")
    desktop = Desktop(write_plugin_zip(tmp_path), engine, tmp_path / "work", theme="Night Mapping", scale=2.0)
    job = {
        "before": str(files.before), "after": str(files.after), "questions": [], "pages": True,
        "project": str(tmp_path / "project.qgz"), "screenshots": str(tmp_path / "shots"),
    }  # fmt: skip
    assert not desktop.drive(job)["error"]
    for name in ("help", "options"):
        with rasterio.open(tmp_path / "shots" / f"{name}.png") as picture:
            grey = picture.read([1, 2, 3]).mean(axis=0)
            width = picture.width
        if name == "help":
            assert width >= 2 * HELP_WIDTH * 0.95
            grey = grey[-grey.shape[0] // 3 :]  # below the picture on the page
        assert grey.mean() < DARK, name
        assert grey.max() - np.median(grey) > INK, name
