"""Rasters of one place without labels: two dates or more, each a file; consecutive ones make a pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from diachron.data.files import read_image
from diachron.data.sample import Image, Sample


def consecutive_pairs(paths: Sequence[Path], gsd_m: float, source: str, licence: str) -> Iterator[Sample]:
    """Yield a sample for each two consecutive dates, cut to the rows and columns that both have."""
    for first, last in pairwise(paths):
        before, after = _common(read_image(first), read_image(last))
        yield Sample(
            before, after, None, 0, None, None, "flair",
            gsd_m, source, licence, source, f"{first.stem}-{last.stem}",
        )  # fmt: skip


def _common(before: Image, after: Image) -> tuple[Image, Image]:
    height, width = (min(one, other) for one, other in zip(before.shape[1:], after.shape[1:], strict=True))
    return before[:, :height, :width], after[:, :height, :width]
