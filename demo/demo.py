"""The demo: a generated pair with known truth, asked about in the real QGIS, then real imagery where there is some.

Run by ``build.py demo`` with the engine's Python. Everything is saved under ``demo/output``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio.features import geometry_mask

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from building.packaging import write_plugin_zip
from building.places import ENGINE_ENVIRONMENT, data_folder, executable
from demo.desktop import Desktop, DesktopFailed, has_display
from diachron.synthesis.scene import PairFiles, SyntheticPair, demo_pair, write_pair

OUTPUT = ROOT / "demo" / "output"
BUILDING = 1
QUESTIONS = (
    "How many buildings are new?",
    "Which buildings are new?",
    "What has changed?",
    "Combien de bâtiments sont nouveaux ?",
)
REAL_QUESTIONS = ("Which buildings have disappeared?", "How many buildings are new?", "Qu'est-ce qui a changé ?")


@dataclass(frozen=True)
class Truth:
    """What is known of the generated pair: new buildings, their area (m²), the masks bool [H, W] of new buildings
    and of all change, and the area of all change (m²)."""

    count: int
    area_m2: float
    new_buildings: np.ndarray
    change: np.ndarray
    change_m2: float

    def of_buildings(self) -> str:
        """Return what a question about new buildings should find."""
        return f"{self.count} new buildings, {self.area_m2:,.0f} m²"

    def of_all(self) -> str:
        """Return what a question about every change should find."""
        return f"{self.change_m2:,.0f} m² of other land cover than before"


def main() -> int:
    """Run the demo and return its exit status."""
    parser = argparse.ArgumentParser(prog="build.py demo")
    parser.add_argument("--show", action="store_true", help="show the window, and leave it open")
    show = parser.parse_args().show
    if show and not has_display():
        print("--show: there is no display, so a virtual one is used, and left at the end", file=sys.stderr)
        show = False
    shutil.rmtree(OUTPUT, ignore_errors=True)
    pair = demo_pair()
    files = write_pair(pair, OUTPUT / "pair")
    print(f"A generated pair: {files.before.relative_to(ROOT)}, {files.after.relative_to(ROOT)}")
    try:
        report = drive("generated", files.before, files.after, ("2018", "2023"), QUESTIONS, show=show)
        worked = tell_generated(report, truth_of(pair), files)
        for name, before, after in real_pairs():
            real = drive(name, before, after, ("", ""), REAL_QUESTIONS, show=False)
            worked = tell_real(name, real) and worked
    except DesktopFailed as problem:
        print(f"The demo failed: {problem}", file=sys.stderr)
        return 1
    print(f"\nProject, layers and screenshots are under {OUTPUT.relative_to(ROOT)}/")
    return 0 if worked else 1


def drive(
    name: str, before: Path, after: Path, dates: tuple[str, str], questions: tuple[str, ...], *, show: bool
) -> dict[str, Any]:
    """Ask questions about a pair in the real desktop; return the driver's report."""
    folder = OUTPUT / name
    folder.mkdir(parents=True, exist_ok=True)
    desktop = Desktop(write_plugin_zip(OUTPUT), executable(ENGINE_ENVIRONMENT, "diachron"), folder / "work", show=show)
    job = {
        "before": str(before), "after": str(after), "dates": list(dates), "questions": list(questions), "keep": show,
        "project": str(folder / "demo.qgz"), "screenshots": str(folder / "screenshots"),
    }  # fmt: skip
    return desktop.drive(job)


def truth_of(pair: SyntheticPair) -> Truth:
    """Return what is known of a generated pair."""
    new = (pair.classes_after == BUILDING) & (pair.classes_before != BUILDING)
    gained = [each for each in pair.objects if each.target == BUILDING]
    pixel_m2 = pair.gsd_m**2
    return Truth(len(gained), float(new.sum()) * pixel_m2, new, pair.change, float(pair.change.sum()) * pixel_m2)


def tell_generated(report: dict[str, Any], truth: Truth, files: PairFiles) -> bool:
    """Print each answer beside the truth; True where every question was answered."""
    for record in report["questions"]:
        _print_record(record)
        mask, count, area = polygons_on(Path(record["folder"]) / "changes.gpkg", files.after)
        about_buildings = "uilding" in record["question"] or "âtiment" in record["question"]
        wanted = truth.new_buildings if about_buildings else truth.change
        known = truth.of_buildings() if about_buildings else truth.of_all()
        overlap = (mask & wanted).sum() / max(1, (mask | wanted).sum())
        print(f"    truth:    {known}")
        print(f"    polygons: {count}, {area:,.1f} m²; IoU with the truth {overlap:.2f}")
    return _print_end(report)


def tell_real(name: str, report: dict[str, Any]) -> bool:
    """Print the answers on a real pair, whose truth nobody knows."""
    print(f"\nOn real imagery, {name}:")
    for record in report["questions"]:
        _print_record(record)
    return _print_end(report)


def _print_record(record: dict[str, Any]) -> None:
    print(f"\n  {record['question']}  ({record['seconds']:.1f} s)\n    {record['text'] or record['error']}")


def _print_end(report: dict[str, Any]) -> bool:
    print(f"\n  longest time that QGIS's window did not answer: {report['longest_stall_ms']:.0f} ms")
    if report["error"]:
        print(report["error"], file=sys.stderr)
    return not report["error"] and all(record["state"] == "done" for record in report["questions"])


def polygons_on(path: Path, raster: Path) -> tuple[np.ndarray, int, float]:
    """Return a changes layer burnt on a raster's grid (bool [H, W]), its number of polygons, and the sum of their
    areas (m²)."""
    with rasterio.open(raster) as dataset:
        shape, transform = dataset.shape, dataset.transform
    if not path.is_file():
        return np.zeros(shape, bool), 0, 0.0
    meta, _, geometries, columns = pyogrio.raw.read(path, layer="changes")
    polygons = shapely.from_wkb(geometries)
    areas = columns[list(meta["fields"]).index("area_m2")]
    mask = geometry_mask(polygons, shape, transform, invert=True) if len(polygons) else np.zeros(shape, bool)
    return mask, len(polygons), float(np.nansum(areas))


def real_pairs() -> list[tuple[str, Path, Path]]:
    """Return the real pairs that are at hand: name, before, after."""
    data = data_folder()
    if data is None:
        print("\nNo folder of real imagery (DIACHRON_DATA); the demo ends here.")
        return []
    pairs = [
        ("joplin_2011", data / "joplin_2011" / "pre_naip.tif", data / "joplin_2011" / "post.tif"),
        ("fotbcd", data / "fotbcd" / "before" / "Binary_test_32.tif", data / "fotbcd" / "after" / "Binary_test_32.tif"),
    ]
    return [pair for pair in pairs if pair[1].is_file() and pair[2].is_file()]


if __name__ == "__main__":
    sys.exit(main())
