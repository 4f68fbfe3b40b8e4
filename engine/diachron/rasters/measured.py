"""What was measured of rasters, kept for the next question on the same ones.

Finding borders, stretch, clouds and shift reads each raster once at a reduced size, which of a large file without
overviews means all of it. A preflight and every question after it on the same files, laid on the same grid, need it
only once.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from shapely.geometry.base import BaseGeometry

from diachron.rasters.alignment import Alignment
from diachron.rasters.nodata import Border
from diachron.rasters.placement import Offset
from diachron.rasters.preflight import Preflight
from diachron.rasters.radiometry import Stretch
from diachron.rasters.source import Source

MOST_KEPT = 16
Key: TypeAlias = tuple[object, ...]


@dataclass(frozen=True)
class Measured:
    """A stack's preflight, and each date's borders, stretch of its values to 8 bits and correction of its place."""

    preflight: Preflight
    borders: tuple[tuple[Border, ...], ...]
    stretches: tuple[Stretch, ...]
    offsets: tuple[Offset, ...]


class Measurements:
    """Keeps the latest measurements of a process."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[Key, Measured] = OrderedDict()

    def find(self, key: Key | None) -> Measured | None:
        """Return what is kept under a key, None where nothing is."""
        if key is None or key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key]

    def keep(self, key: Key | None, measured: Measured) -> None:
        """Keep it, in place of the oldest where there are too many; without a key it is not kept."""
        if key is not None:
            self._kept[key] = measured
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


def key_of(sources: Sequence[Source], alignment: Alignment, area: BaseGeometry | None, normalise: bool) -> Key | None:
    """Return what measurements depend on; None where a raster is not made of files alone, whose change would show."""
    files = []
    for source in sources:
        names = source.files
        try:
            files.append(tuple((name, (found := os.stat(name)).st_mtime_ns, found.st_size) for name in names))
        except OSError:
            return None
        if not names:
            return None
    grid = alignment.grid
    crs = grid.crs.to_wkt() if grid.crs else ""
    place = (crs, tuple(grid.transform), grid.width, grid.height, *(tuple(each) for each in alignment.transforms))
    return (tuple(files), place, alignment.overlap, area.wkb if area is not None else b"", normalise)
