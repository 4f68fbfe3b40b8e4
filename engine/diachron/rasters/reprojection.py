"""Geometries from one CRS to another, all at once."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.crs import CRS


def to_crs_all(geometries: NDArray[np.object_], source: CRS | None, target: CRS | None) -> NDArray[np.object_]:
    """Return geometries in another CRS; as they are where either is unknown."""
    if source is None or target is None or source == target:
        return geometries
    transformer = Transformer.from_crs(source.to_wkt(), target.to_wkt(), always_xy=True)
    return shapely.transform(geometries, transformer.transform, interleaved=False)
