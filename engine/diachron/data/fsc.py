"""FSC-180k (Benidir et al. 2025): real FLAIR images, each with three copies in which objects were inpainted.

The published folder holds ``IMG`` (real, red, green, blue, infrared, elevation), ``IMG11``, ``IMG12``, ``IMG13``
(inpainted, three bands) and ``LBL11`` to ``LBL13``, all split into subfolders of a thousand (``00/IMG_000001.tif``).
A label has three bands: 255 where something changed, the real image's FLAIR classes, the inpainted image's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from diachron.data.files import missing, read_image, the_same_size
from diachron.data.sample import IGNORED, Sample

VERSIONS = ("11", "12", "13")
GSD_M = 0.2
LICENCE = "FLAIR and FSC-180k: Licence Ouverte / Etalab 2.0"


def fsc_pairs(folder: Path) -> Iterator[Sample]:
    """Yield every pair of the versions at hand: the real image, then the inpainted one.

    Raises
    ------
    UnusableInput: a file that the layout has is missing.
    """
    versions = [version for version in VERSIONS if (folder / f"IMG{version}").is_dir()]
    if not versions:
        raise missing(folder / "IMG11", "a folder")
    for version in versions:
        for path in sorted((folder / f"IMG{version}").rglob("IMG_*.tif")):
            yield _pair(folder, version, path)


def _pair(folder: Path, version: str, path: Path) -> Sample:
    inside = path.relative_to(folder / f"IMG{version}")
    label_path = folder / f"LBL{version}" / inside.parent / path.name.replace("IMG_", "LBL_", 1)
    before, after, label = read_image(folder / "IMG" / inside), read_image(path), read_image(label_path)
    the_same_size((before, after, label), path)
    changed, first, last = label
    change = ((changed > 0) & (first != last)).astype(np.uint8)
    change[(first == 0) | (last == 0)] = IGNORED
    return Sample(
        before, after, change, 0, first, last, "flair",
        GSD_M, "fsc_180k", LICENCE, path.stem, f"{path.stem}-{version}",
    )  # fmt: skip
