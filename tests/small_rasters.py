"""Rasters of a few dozen pixels whose changes a person can count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
from affine import Affine

GSD_M = 0.5
PLACE = Affine(GSD_M, 0, 652_000, 0, -GSD_M, 6_862_000)
CRS = "EPSG:2154"


def ground(height: int = 96, width: int = 128) -> np.ndarray:
    """Return grass: uint8 [3, height, width], the same at each call, with texture enough to be registered."""
    values = np.random.default_rng(7).integers(40, 90, (3, height // 4 + 1, width // 4 + 1))
    return values.repeat(4, axis=1).repeat(4, axis=2)[:, :height, :width].astype(np.uint8)


def with_roof(image: np.ndarray, row: int, col: int, side: int = 20) -> np.ndarray:
    """Return the image with one square red roof."""
    roofed = image.copy()
    roofed[:, row : row + side, col : col + side] = np.array([220, 60, 50], np.uint8)[:, None, None]
    return roofed


def write(path: Path, image: np.ndarray, place: Affine = PLACE, crs: str | None = CRS, **more: object) -> str:
    """Write an image [bands, height, width] as a GeoTIFF; return its path."""
    bands, height, width = image.shape
    profile = {"driver": "GTiff", "dtype": image.dtype, "count": bands, "height": height, "width": width, "crs": crs}
    with rasterio.open(path, "w", **{**profile, "transform": place, **more}) as file:
        file.write(image)
    return str(path)
