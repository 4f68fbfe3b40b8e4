"""xBD and data sets in its layout (xView2, Ida-BD): buildings before a disaster, and how each was damaged.

A published split (``train``, ``tier3``, ``test``, ``hold``, or a disaster's name) holds
``images/NAME_pre_disaster.png`` and ``NAME_post_disaster.png``, ``labels/*.json`` with polygons, and in the challenge's
release also ``targets/*_target.png`` of pixels: before 1 a building, after 1 to 4 its damage. Others call the pixels
``masks``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from rasterio.features import rasterize

from diachron.data.files import listed, missing, read_image, read_json, same_stem, the_same_size
from diachron.data.nomenclature import nomenclature
from diachron.data.sample import IGNORED, Image, Sample

BUILDING, DESTROYED = 1, 4
GSD_M = 0.5
LICENCE = "xBD: CC BY-NC-SA 4.0"
_PRE, _POST = "_pre_disaster", "_post_disaster"


@dataclass(frozen=True)
class DamageSource:
    """What a data set in xBD's layout is called, and its licence and ground sample distance where nothing says it."""

    name: str = "xbd"
    licence: str = LICENCE
    gsd_m: float = GSD_M


def damage_pairs(folder: Path, source: DamageSource = DamageSource()) -> Iterator[Sample]:
    """Yield the pairs of a split, or of every split in a folder.

    Raises
    ------
    UnusableInput: a file that the layout has is missing.
    """
    splits = [folder] if (folder / "images").is_dir() else sorted(path.parent for path in folder.glob("*/images"))
    if not splits:
        raise missing(folder / "images", "a folder")
    for split in splits:
        for path in listed(split / "images"):
            if path.stem.endswith(_PRE):
                yield _pair(split, path, source)


def _pair(split: Path, path: Path, source: DamageSource) -> Sample:
    name = path.stem.removesuffix(_PRE)
    before, after = read_image(path), read_image(same_stem(split / "images", name + _POST))
    labels = _Labels(split, before.shape[-2:])
    buildings, damage = labels.buildings(name), labels.damage(name)
    the_same_size((before, after, buildings, damage), path)
    standing = ((damage > 0) & (damage < DESTROYED)).astype(np.uint8) * BUILDING
    return Sample(
        before, after, None, 0, buildings, standing, "xbd",
        labels.gsd_m(name) or source.gsd_m, source.name, source.licence, name, name, damage=damage,
    )  # fmt: skip


@dataclass(frozen=True)
class _Labels:
    """The labels of one split: pixels where it has them, else polygons drawn on the images' grid ``shape``."""

    split: Path
    shape: tuple[int, int]

    def buildings(self, name: str) -> Image:
        """Return 1 where a building stood before, uint8 [H, W]."""
        pixels = self._pixels(name + _PRE)
        return (pixels > 0).astype(np.uint8) if pixels is not None else self._drawn(name + _PRE, damaged=False)

    def damage(self, name: str) -> Image:
        """Return the damage of buildings, uint8 [H, W]; `IGNORED` where nobody could tell."""
        pixels = self._pixels(name + _POST)
        if pixels is None:
            return self._drawn(name + _POST, damaged=True)
        return np.where(pixels <= DESTROYED, pixels, IGNORED).astype(np.uint8)

    def gsd_m(self, name: str) -> float | None:
        """Return the metres per pixel that the label file of the image before tells."""
        path = self.split / "labels" / f"{name}{_PRE}.json"
        told = read_json(path).get("metadata", {}).get("gsd") if path.is_file() else None
        return float(told) if told else None

    def _pixels(self, name: str) -> Image | None:
        for folder, suffix in (("targets", "_target"), ("masks", "")):
            if (self.split / folder).is_dir():
                return read_image(same_stem(self.split / folder, name + suffix), bands=1)[0]
        return None

    def _drawn(self, name: str, damaged: bool) -> Image:
        codes = nomenclature("xbd").codes
        features = read_json(self.split / "labels" / f"{name}.json")["features"]["xy"]
        drawn = [
            (shapely.from_wkt(each["wkt"]), codes[each["properties"].get("subtype", "no-damage")] if damaged else 1)
            for each in features
        ]
        return rasterize(drawn, self.shape, dtype="uint8") if drawn else np.zeros(self.shape, np.uint8)
