"""Hybrid pairs (after HySCDG, Benidir et al. 2025): a real image, and a second one in which objects were painted anew.

Select an object, draw what it becomes, mask it, paint it. Some objects are painted anew as what they were: that is no
change, and what a detector must learn to pass over. Where both dates of a place are labelled, the second real image is
the one that is painted, so that light, season and sensor differ as they do in use.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.random import Generator
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.transform import Affine

from diachron.data import real
from diachron.data.sample import IGNORED, Image, Sample
from diachron.model.vocabulary import load_vocabulary
from diachron.resources import resource
from diachron.synthesis.exemplars import OBJECTS, Exemplar, ExemplarBank
from diachron.synthesis.inpainting import ExemplarInpainter, Fill, Inpainter, Scene
from diachron.synthesis.regions import EDGE_PX, Masks, Region, RegionSelector, masks_of
from diachron.synthesis.transitions import draw_target

UNCHANGED_SHARE = 0.15
MOST_CHANGED, MOST_SAME = 4, 3
TRIES = 12
LEAST_ON_REGION = 0.6
"""A thing that is put on a region lies on it by this share at least."""
VERSION = "11"
FOLDER_OF = 1000


@dataclass(frozen=True)
class HybridPair:
    """A pair and its truth; ``painted`` bool [H, W] is where the second image was painted, ``change`` uint8 [H, W]
    where its class became another (`IGNORED` where nothing is known).
    """

    before: Image
    after: Image
    classes_before: Image
    classes_after: Image
    change: Image
    painted: NDArray[np.bool_]
    prompt: str
    sample: Sample


class HybridMaker:
    """Makes hybrid pairs of labelled samples (FLAIR ids at both dates)."""

    def __init__(self, bank: ExemplarBank, inpainter: Inpainter) -> None:
        self.bank, self.inpainter = bank, inpainter

    def make(self, sample: Sample, rng: Generator, footprints: NDArray[np.int32] | None = None) -> HybridPair:
        """Return a pair of a sample; objects are those of its labels or of ``footprints`` (ids int32 [H, W])."""
        first, classes = sample.classes_before, sample.classes_after
        assert first is not None and classes is not None
        selector = RegionSelector(classes, sample.gsd_m, footprints)
        changed = 0 if rng.random() < UNCHANGED_SHARE else 1 + int(rng.integers(MOST_CHANGED))
        wanted = [True] * changed + [False] * (1 + int(rng.integers(MOST_SAME)))
        last, fills = classes.copy(), []
        for becomes_other in wanted:
            fill = self._fill(selector, sample.gsd_m, becomes_other, rng)
            if fill is not None:
                fills.append(fill[0])
                _relabel(last, *fill)
        prompt = prompt_of(last, sample, rng)
        after = (
            self.inpainter(Scene(sample.after, tuple(fills), last, sample.gsd_m, prompt), rng)
            if fills
            else sample.after
        )
        painted = np.zeros(last.shape, bool)
        for each in fills:
            painted |= each.masks.painted
        change = np.where((first > 0) & (last > 0), first != last, IGNORED).astype(np.uint8)
        return HybridPair(sample.before, after, first, last, change, painted, prompt, sample)

    def _fill(
        self, selector: RegionSelector, gsd_m: float, becomes_other: bool, rng: Generator
    ) -> tuple[Fill, Region] | None:
        """Return a mask with what is painted there and the region it was made for, None where nothing fits."""
        for _ in range(TRIES):
            region = selector.draw(rng)
            if region is None:
                continue
            number: int | None = region.number
            if becomes_other:
                number = draw_target(region.number, self.bank.exemplars, self.bank.shares, rng)
            exemplar = self.bank.draw(number, gsd_m, rng) if number is not None else None
            if number is None or exemplar is None:
                continue
            masks: Masks | None = masks_of(region.shape, gsd_m)
            if number in OBJECTS:
                masks = _thing_masks(region, exemplar, selector, gsd_m, grow=not becomes_other)
            if masks is not None and masks.labelled.any():
                selector.take(masks)
                return Fill(masks, number, exemplar), region
        return None


def _thing_masks(
    region: Region, exemplar: Exemplar, selector: RegionSelector, gsd_m: float, grow: bool
) -> Masks | None:
    """Return the masks of a thing put on the middle of a region, None where it does not fit there.

    With ``grow`` the region itself is painted over as well: the old thing must be gone.
    """
    rows, columns = np.nonzero(region.shape)
    height, width = exemplar.shape.shape
    top, left = (int(rows.min() + rows.max() + 1) - height) // 2, (int(columns.min() + columns.max() + 1) - width) // 2
    bottom, right = region.shape.shape
    if top < EDGE_PX or left < EDGE_PX or top + height > bottom - EDGE_PX or left + width > right - EDGE_PX:
        return None
    shape = np.zeros(region.shape.shape, bool)
    shape[top : top + height, left : left + width] = exemplar.shape
    if not (shape <= selector.free).all() or (shape & region.shape).sum() < LEAST_ON_REGION * shape.sum():
        return None
    painted = masks_of(shape | region.shape if grow else shape, gsd_m).painted
    return Masks(painted, shape)


def _relabel(classes: Image, fill: Fill, region: Region) -> None:
    """Write what a mask shows into a class map; what a thing left of the one that it replaced is not known."""
    if fill.number in OBJECTS and fill.number == region.number:
        classes[region.shape] = 0
    classes[fill.masks.labelled] = fill.number


# -- prompts ----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _phrases() -> dict[str, Any]:
    return json.loads(resource("synthesis/prompts.json").read_text(encoding="utf-8"))


def prompt_of(classes: Image, sample: Sample, rng: Generator) -> str:
    """Return a prompt: the classes by area, the place where it is known, and a season."""
    words = _phrases()
    names = {each.id: each.name for each in load_vocabulary(None).classes}
    counts = np.bincount(classes.ravel(), minlength=256)
    seen = [names[number] for number in np.argsort(-counts).tolist() if number in names and counts[number]]
    place = words["places"].get(sample.place.split("/")[0], "")
    parts = [
        f"{rng.choice(words['starts'])} {', '.join(seen) or 'land'} {place}".strip(),
        str(rng.choice(words["seasons"])),
    ]
    return ", ".join([*parts, words["ends"]])


# -- samples and files ------------------------------------------------------------------------


def hybrid_pairs(
    samples: Sequence[Sample], numbers: range, seed: int, inpainter: Inpainter | None = None
) -> Iterator[HybridPair]:
    """Yield the pairs of these numbers in turn; the same seed and number give the same pair."""
    maker = HybridMaker(ExemplarBank(samples), inpainter or ExemplarInpainter())
    for number in numbers:
        rng = np.random.default_rng([seed, number])
        yield maker.make(samples[int(rng.integers(len(samples)))], rng)


def synthesized_samples(seed: int, numbers: range) -> list[Sample]:
    """Return the hybrid pairs of these numbers, of the land-cover labels that training may see, as samples."""
    samples = list(real.land_cover_pairs(held_out=False))
    return [
        Sample(
            pair.before, pair.after, pair.change, 0, pair.classes_before, pair.classes_after, "flair",
            pair.sample.gsd_m, "synthesized", pair.sample.licence, pair.sample.place, f"{pair.sample.name}/{number}",
        )
        for number, pair in zip(numbers, hybrid_pairs(samples, numbers, seed), strict=True)
    ]  # fmt: skip


def write_hybrid(pair: HybridPair, folder: Path, number: int) -> Path:
    """Write a pair in FSC-180k's layout (see `data.fsc`) and return the second image's path.

    Beside it, ``MSK11`` holds what was painted, and ``prompts.csv`` the prompts.
    """
    inside = Path(f"{number // FOLDER_OF:02d}")
    label = np.stack([(pair.change == 1).astype(np.uint8) * 255, pair.classes_before, pair.classes_after])
    transform = Affine.scale(pair.sample.gsd_m, -pair.sample.gsd_m)
    for kind, values in (
        ("IMG", pair.before), (f"IMG{VERSION}", pair.after), (f"LBL{VERSION}", label),
        (f"MSK{VERSION}", pair.painted[None].astype(np.uint8) * 255),
    ):  # fmt: skip
        path = folder / kind / inside / f"{kind[:3]}_{number:06d}.tif"
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, values, transform)
    prompts = folder / "prompts.csv"
    if not prompts.exists():
        prompts.write_text("image,prompt\n", encoding="utf-8")
    with prompts.open("a", encoding="utf-8") as file:
        file.write(f'IMG_{number:06d}.tif,"{pair.prompt}"\n')
    return folder / f"IMG{VERSION}" / inside / f"IMG_{number:06d}.tif"


def _write(path: Path, values: NDArray[np.uint8], transform: Affine) -> None:
    profile: dict[str, Any] = {
        "driver": "GTiff", "dtype": "uint8", "count": len(values), "height": values.shape[1], "width": values.shape[2],
        "transform": transform, "crs": CRS.from_wkt(LOCAL_METRES), "compress": "deflate",
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(values)


LOCAL_METRES = 'LOCAL_CS["metres",UNIT["metre",1]]'
"""Where nobody knows a place's coordinates, its pixels still have a size."""
