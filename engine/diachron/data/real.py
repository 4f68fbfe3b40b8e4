"""Readers of the project's real imagery: see `REAL_SOURCES` for names, licences and what is held out.

The folder is found by ``DIACHRON_DATA``, else ``../shared/data`` beside the repository. Nothing here is shipped.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio

from diachron.data.sample import Image, Sample
from diachron.errors import UnusableInput

BUILDING = 1


@dataclass(frozen=True)
class Source:
    """One folder of real imagery: ground sample distance (m), licence, and whether training may see it."""

    folder: str
    gsd_m: float
    licence: str
    trains: bool


REAL_SOURCES: dict[str, Source] = {
    source.folder: source
    for source in (
        Source("levir_cd_train", 1.0, "LEVIR-CD: academic, non-commercial", True),
        Source("levir_cd_train_native_jittered", 0.5, "LEVIR-CD: academic, non-commercial", True),
        Source("levir_cd_val", 1.0, "LEVIR-CD: academic, non-commercial; captions LEVIR-CC, academic", False),
        Source("levir_cd_val_native", 0.5, "LEVIR-CD: academic, non-commercial", False),
        Source("whu_cd", 0.25, "WHU building change: unclear", False),
        Source("fotbcd", 0.2, "images Etalab 2.0; labels CC BY-NC-SA 4.0", False),
        Source("dsifn", 2.0, "DSIFN: unclear", True),
        Source("dubai_land_cover", 0.5, "CC0", True),
        Source("xbd_harvey", 0.5, "xBD: CC BY-NC-SA 4.0", True),
        Source("ida_bd", 0.5, "Ida-BD: unclear", True),
        Source("joplin_2011", 0.6, "before: public domain; after: unclear", True),
    )
}

# Dubai's codes -> ids of the "dubai" nomenclature (see resources/nomenclatures).
DUBAI_CODES = np.array([0, 1, 4, 3, 101, 5], dtype=np.uint8)


def data_folder() -> Path | None:
    """Return the folder of real imagery, or None where it is absent."""
    named = os.environ.get("DIACHRON_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[4] / "shared" / "data"
    return folder if folder.is_dir() else None


def require_data_folder() -> Path:
    """Return the folder of real imagery.

    Raises
    ------
    UnusableInput: it is absent.
    """
    folder = data_folder()
    if folder is None:
        raise UnusableInput("no folder of real imagery", advice="set DIACHRON_DATA to it (see docs/TRAINING.md)")
    return folder


def building_change_pairs(name: str) -> Iterator[Sample]:
    """Yield the pairs of a folder with ``before``, ``after`` and ``change`` that have a change mask."""
    source, folder = REAL_SOURCES[name], require_data_folder() / name
    for mask in _files(folder / "change"):
        change = (_read(mask)[0] > 127).astype(np.uint8)
        before, after = (_read(_same_stem(folder / date, mask.stem)) for date in ("before", "after"))
        yield Sample(
            before, after, change, 0 if name == "dsifn" else BUILDING, None, None, "flair",
            source.gsd_m, name, source.licence, mask.stem, mask.stem,
        )  # fmt: skip


def land_cover_pairs(held_out: bool) -> Iterator[Sample]:
    """Yield the labelled windows whose two dates are both labelled, FLAIR ids, split by place.

    Held out are WHU, the fotbcd pairs with a building mask, and a fifth of the other places.
    """
    folder = require_data_folder()
    windows = {entry["name"]: entry for entry in json.loads((folder / "land_cover_labels/manifest.json").read_text())}
    for name, entry in windows.items():
        if not name.endswith("-before") or is_held_out(entry["image"]) != held_out:
            continue
        pair = (entry, windows[name.removesuffix("-before") + "-after"])
        before, after = (_crop(_read(folder / each["image"]), each) for each in pair)
        labels = [_read(folder / "land_cover_labels/classes" / f"{each['name']}.png")[0] for each in pair]
        # A window that reaches past its image's edge has labels of the full size.
        first, last = (label[: before.shape[1], : before.shape[2]] for label in labels)
        source = REAL_SOURCES[entry["image"].split("/")[0]]
        yield Sample(
            before, after, None, 0, first, last, "flair",
            source.gsd_m, "land_cover_labels", source.licence, place_of(entry["image"]), name.removesuffix("-before"),
        )  # fmt: skip


def dubai_images(held_out: bool) -> Iterator[Sample]:
    """Yield Dubai's single-date images as pairs of the same image (nothing changed), split by tile (every fifth)."""
    source, folder = REAL_SOURCES["dubai_land_cover"], require_data_folder() / "dubai_land_cover"
    for path in _files(folder / "images"):
        tile = path.stem.split("_")[0]
        if (tile in {"tile2", "tile7"}) != held_out:
            continue
        image = _read(path)
        classes = DUBAI_CODES[_read(_same_stem(folder / "classes", path.stem))[0]]
        yield Sample(
            image, image, None, 0, classes, classes, "dubai",
            source.gsd_m, "dubai_land_cover", source.licence, tile, path.stem,
        )  # fmt: skip


def place_of(image: str) -> str:
    """Return the place of an image path of the manifest: the dates of one place share it."""
    folder, stem = image.split("/", maxsplit=1)[0], Path(image).stem
    for word in ("_pre_disaster", "_post_disaster", "pre_naip", "post"):
        stem = stem.replace(word, "")
    return f"{folder}/{stem}"


def is_held_out(image: str) -> bool:
    """True where land-cover labels of this image are for evaluation only."""
    if image.startswith("whu_cd") or "Binary_" in image:
        return True
    return hashlib.sha256(place_of(image).encode()).digest()[0] % 5 == 0


def _crop(image: Image, window: dict[str, int]) -> Image:
    row, col, size = window["row"], window["col"], window["size"]
    return image[:, row : row + size, col : col + size]


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UnusableInput(
            "a folder of the data set is missing", str(folder), "restore it or drop the source from the configuration"
        )
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix != ".xml")


def _same_stem(folder: Path, stem: str) -> Path:
    for suffix in (".jpg", ".png", ".tif"):
        path = folder / f"{stem}{suffix}"
        if path.exists():
            return path
    raise UnusableInput("an image of the data set is missing", str(folder / stem), "restore it")


def _read(path: Path) -> Image:
    """Read a whole image, at most three bands, uint8 [C, H, W]."""
    with rasterio.open(path) as dataset:
        return dataset.read(indexes=list(range(1, min(dataset.count, 3) + 1)))
