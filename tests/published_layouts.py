"""Small folders in the layouts in which data sets are published."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio

SIDE = 16


def write(path: Path, values: np.ndarray, palette: dict[int, tuple[int, int, int]] | None = None) -> None:
    """Write bands uint8 [C, H, W], or one band [H, W]."""
    values = np.atleast_3d(values.T).T if values.ndim == 2 else values
    path.parent.mkdir(parents=True, exist_ok=True)
    driver = "GTiff" if path.suffix == ".tif" else "PNG"
    with rasterio.open(path, "w", driver, SIDE, SIDE, len(values), dtype="uint8") as dataset:
        dataset.write(values)
        if palette:
            dataset.write_colormap(1, palette)


def picture(value: int, bands: int = 3) -> np.ndarray:
    return np.full((bands, SIDE, SIDE), value, np.uint8)


def half(left: int, right: int) -> np.ndarray:
    """Return a map uint8 [H, W] of two halves."""
    values = np.full((SIDE, SIDE), left, np.uint8)
    values[:, SIDE // 2 :] = right
    return values


# -- the published layouts ----------------------------------------------------------------------


def fsc(root: Path) -> None:
    for version in ("11", "13"):
        write(root / f"IMG{version}/00/IMG_000001.tif", picture(90))
        label = np.stack([half(0, 255), half(10, 10), half(10, 1)])
        label[:, 0, 0] = 255, 0, 1  # a changed pixel whose first class nobody knows
        write(root / f"LBL{version}/00/LBL_000001.tif", label)
    write(root / "IMG/00/IMG_000001.tif", picture(60, bands=5))


def hi_ucd(root: Path) -> None:
    write(root / "train/image/2017/9/tile_1.png", picture(60))
    write(root / "train/image/2018/9/tile_1.png", picture(90))
    change = half(1, 2)
    change[0, 0] = 0
    write(root / "train/mask_merge/2017_2018/9/tile_1.png", np.stack([half(2, 9), half(2, 3), change]))
    write(root / "test/image/2018/9/tile_9.png", picture(60))


def described(root: Path, name: str, split: str, filename: str) -> None:
    entry = {
        "filepath": split, "split": split, "filename": filename, "imgid": 0, "changeflag": 1,
        "sentences": [{"raw": " a house is built .", "tokens": ["a"], "imgid": 0, "sentid": 0}, {"raw": "a new road"}],
    }  # fmt: skip
    (root / name).write_text(json.dumps({"images": [entry], "dataset": name}), encoding="utf-8")


def levir_mci(root: Path) -> None:
    for date, value in (("A", 60), ("B", 90)):
        write(root / f"images/val/{date}/val_000001.png", picture(value))
    label = half(0, 255)
    label[:4, :4] = 128
    write(root / "images/val/label/val_000001.png", np.stack([label] * 3))
    described(root, "LevirCCcaptions.json", "val", "val_000001.png")


def second_cc(root: Path) -> None:
    for date, value in (("A", 60), ("B", 90)):
        write(root / f"test/rgb/{date}/00001_0_0.png", picture(value))
    for date, colour in (("A", (0, 128, 0)), ("B", (208, 80, 80))):
        colours = np.full((3, SIDE, SIDE), 255, np.uint8)
        colours[:, :, SIDE // 2 :] = np.array(colour, np.uint8)[:, None, None]
        write(root / f"test/sem/{date}/00001_0_0.png", colours)
    described(root, "SECOND-CC-AUG.json", "test", "00001_0_0.png")


def xbd_images(split: Path) -> None:
    for date, value in (("pre", 60), ("post", 90)):
        write(split / f"images/guatemala-volcano_00000001_{date}_disaster.png", picture(value))


def xbd_targets(root: Path) -> None:
    xbd_images(root / "train")
    write(root / "train/targets/guatemala-volcano_00000001_pre_disaster_target.png", half(0, 1))
    after = half(0, 3)
    after[:2, -2:] = 4
    write(root / "train/targets/guatemala-volcano_00000001_post_disaster_target.png", after)


def xbd_polygons(root: Path) -> None:
    xbd_images(root / "tier3")

    def feature(corners: str, **properties: str) -> dict:
        return {"wkt": f"POLYGON (({corners}))", "properties": {"feature_type": "building", **properties}}

    standing = "8 0, 16 0, 16 16, 8 16, 8 0"
    for date, features in (
        ("pre", [feature(standing)]),
        (
            "post",
            [feature(standing, subtype="major-damage"), feature("0 0, 4 0, 4 4, 0 4, 0 0", subtype="un-classified")],
        ),
    ):
        path = root / f"tier3/labels/guatemala-volcano_00000001_{date}_disaster.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"features": {"xy": features, "lng_lat": []}, "metadata": {"gsd": 1.25}}))


LAYOUTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "fsc_180k": ("fsc_180k", fsc),
    "hi_ucd": ("hi_ucd", hi_ucd),
    "levir_mci": ("levir_mci", levir_mci),
    "levir_cc": ("levir_cc", levir_mci),
    "second_cc": ("second_cc", second_cc),
    "xbd, pixels": ("xbd", xbd_targets),
    "xbd, polygons": ("xbd", xbd_polygons),
}
