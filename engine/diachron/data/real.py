"""Readers of the project's real imagery: see `REAL_SOURCES` for names, licences and what is held out.

The folder is found by ``DIACHRON_DATA``, else ``../shared/data`` beside the repository. Nothing here is shipped.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from diachron.data.files import listed, read_image, read_json, same_stem
from diachron.data.nomenclature import nomenclature
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
        Source("naip_series", 5.0, "public domain", True),
    )
}

# How the names of land-cover windows end: the first date's word, and the second's.
LATER_DATE = {"before": "after", "pre": "post"}


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


def building_change_pairs(name: str, folder: Path | None = None) -> Iterator[Sample]:
    """Yield the pairs of a source that have a change mask; ``folder`` is where it lies, if not among the others."""
    folder = folder or require_data_folder() / name
    for mask in listed(folder / "change"):
        yield _masked_pair(folder, REAL_SOURCES[name], mask.stem)


def every_pair(name: str, folder: Path) -> Iterator[Sample]:
    """Yield all pairs of a source, those without a change mask too."""
    masked = {path.stem for path in listed(folder / "change")}
    for path in listed(folder / "before"):
        yield _masked_pair(folder, REAL_SOURCES[name], path.stem, path.stem in masked)


def _masked_pair(folder: Path, source: Source, stem: str, masked: bool = True) -> Sample:
    change = (read_image(same_stem(folder / "change", stem))[0] > 127).astype(np.uint8) if masked else None
    before, after = (read_image(same_stem(folder / date, stem)) for date in ("before", "after"))
    return Sample(
        before, after, change, 0 if source.folder == "dsifn" else BUILDING, None, None, "flair",
        source.gsd_m, source.folder, source.licence, stem, stem,
    )  # fmt: skip


def captioned_tiles(folder: Path) -> Iterator[Sample]:
    """Yield the tiles of validation pairs that people described, with their captions and whether they saw a change."""
    pairs = {pair.name: pair for pair in building_change_pairs("levir_cd_val", folder)}
    for tile in read_json(folder / "captions.json"):
        pair = pairs[Path(tile["image"]).stem]
        left, top, right, bottom = tile["box"]
        here = (slice(top, bottom), slice(left, right))
        yield replace(
            pair, before=pair.before[:, *here], after=pair.after[:, *here],
            change=None if pair.change is None else pair.change[here], name=tile["levir_cc_id"],
            captions=tuple(tile["captions"]), flagged=bool(tile["changeflag"]),
        )  # fmt: skip


def land_cover_pairs(held_out: bool, root: Path | None = None) -> Iterator[Sample]:
    """Yield the labelled windows whose two dates are both labelled, FLAIR ids, split by place; ``root`` holds
    ``land_cover_labels`` and the folders of images, if not the usual one.

    Held out are WHU, the fotbcd pairs with a building mask, and a fifth of the other places.
    """
    folder = root or require_data_folder()
    windows = {entry["name"]: entry for entry in read_json(folder / "land_cover_labels/manifest.json")}
    for name, entry in windows.items():
        place, _, date = name.rpartition("-")
        if date not in LATER_DATE or is_held_out(entry["image"]) != held_out:
            continue
        pair = (entry, windows[f"{place}-{LATER_DATE[date]}"])
        before, after = (_crop(read_image(folder / each["image"]), each) for each in pair)
        labels = [read_image(folder / "land_cover_labels/classes" / f"{each['name']}.png")[0] for each in pair]
        # A window that reaches past its image's edge has labels of the full size.
        first, last = (label[: before.shape[1], : before.shape[2]] for label in labels)
        source = REAL_SOURCES[entry["image"].split("/")[0]]
        yield Sample(
            before, after, None, 0, first, last, "flair",
            source.gsd_m, "land_cover_labels", source.licence, place_of(entry["image"]), place,
        )  # fmt: skip


def dubai_images(held_out: bool, folder: Path | None = None) -> Iterator[Sample]:
    """Yield Dubai's single-date images as pairs of the same image (nothing changed), split by tile (every fifth)."""
    source, folder = REAL_SOURCES["dubai_land_cover"], folder or require_data_folder() / "dubai_land_cover"
    codes = nomenclature("dubai").code_table()
    for path in listed(folder / "images"):
        tile = path.stem.split("_")[0]
        if (tile in {"tile2", "tile7"}) != held_out:
            continue
        image = read_image(path)
        classes = codes[read_image(same_stem(folder / "classes", path.stem))[0]]
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
