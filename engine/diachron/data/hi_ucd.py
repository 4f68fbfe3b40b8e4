"""Hi-UCD and Hi-UCD mini (Tian et al. 2020, 2022): Tallinn at 0.1 m, nine classes at each date.

The published folder holds ``train``, ``val`` and ``test``, each with ``image/YEAR/9/*.png`` and
``mask_merge/YEAR_YEAR/9/*.png``; a mask has three bands: classes at the first date, classes at the second, and change
(0 unlabelled, 1 unchanged, 2 changed). The larger set's ``test`` has no masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from diachron.data.files import missing, read_image, the_same_size
from diachron.data.nomenclature import nomenclature
from diachron.data.sample import IGNORED, Sample

SPLITS = ("train", "val", "test")
GSD_M = 0.1
LICENCE = "Hi-UCD: Estonian Land Board's open data, academic use only"
CHANGE_CODES = np.array([IGNORED, 0, 1], np.uint8)


def hi_ucd_pairs(folder: Path) -> Iterator[Sample]:
    """Yield the pairs of every split that has masks.

    Raises
    ------
    UnusableInput: a file that the layout has is missing.
    """
    masks = [path for split in SPLITS for path in sorted((folder / split / "mask_merge").rglob("*.png"))]
    if not masks:
        raise missing(folder / "train" / "mask_merge", "a folder with masks")
    codes = nomenclature("hi_ucd").code_table()
    for path in masks:
        yield _pair(path, path.relative_to(folder), codes)


def _pair(path: Path, inside: Path, codes: np.ndarray) -> Sample:
    split, _, years, *rest = inside.parts
    first_year, _, last_year = years.partition("_")
    images = path.parents[len(rest) + 1] / "image"
    before, after = (read_image(images.joinpath(year, *rest)) for year in (first_year, last_year))
    mask = read_image(path)
    the_same_size((before, after, mask), path)
    return Sample(
        before, after, CHANGE_CODES[np.minimum(mask[2], 2)], 0, codes[mask[0]], codes[mask[1]], "hi_ucd",
        GSD_M, "hi_ucd", LICENCE, path.stem, f"{split}-{years}-{path.stem}",
    )  # fmt: skip
