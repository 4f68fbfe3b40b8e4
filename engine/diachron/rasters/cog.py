"""Writing a cloud-optimised GeoTIFF with a colour table and category names."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.shutil import copy as copy_dataset

from diachron.rasters.grid import Grid


def write_cog(
    path: Path,
    values: NDArray,
    grid: Grid,
    *,
    nodata: float | None = None,
    colours: Mapping[int, str] | None = None,
    categories: Mapping[int, str] | None = None,
) -> None:
    """Write one band [height, width] as a COG on a grid.

    ``colours`` (``#rrggbb``) and ``categories`` are by pixel value. Category names have no place inside a GeoTIFF: GDAL, and so QGIS,
    reads them from the ``.aux.xml`` beside it.
    """
    profile = {
        "driver": "GTiff", "dtype": values.dtype, "count": 1, "height": grid.height, "width": grid.width,
        "transform": grid.transform, "crs": grid.crs, "nodata": nodata,
    }  # fmt: skip
    with MemoryFile() as memory:
        with memory.open(**profile) as draft:
            draft.write(values, 1)
            if colours:
                draft.write_colormap(1, {value: _rgba(colour) for value, colour in colours.items()})
        floating = values.dtype.kind == "f"
        with memory.open() as draft, rasterio.Env(GDAL_PAM_ENABLED="NO"):
            copy_dataset(
                draft, path, driver="COG", compress="DEFLATE", predictor="YES" if floating else "NO",
                overview_resampling="average" if floating else "nearest",
            )  # fmt: skip
    if categories:
        _write_categories(path, categories)


def _rgba(colour: str) -> tuple[int, int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), 255


def _write_categories(path: Path, categories: Mapping[int, str]) -> None:
    root = ET.Element("PAMDataset")
    names = ET.SubElement(ET.SubElement(root, "PAMRasterBand", band="1"), "CategoryNames")
    for value in range(max(categories) + 1):
        ET.SubElement(names, "Category").text = categories.get(value, "")
    ET.ElementTree(root).write(path.with_name(path.name + ".aux.xml"), encoding="utf-8", xml_declaration=True)


def read_categories(path: Path) -> dict[int, str]:
    """Return the category names written beside a raster, by pixel value (empty names left out)."""
    sidecar = path.with_name(path.name + ".aux.xml")
    # The file is one of our own, beside a raster we wrote.
    names = [element.text or "" for element in ET.parse(sidecar).getroot().iter("Category")]  # noqa: S314
    return {value: name for value, name in enumerate(names) if name}


def as_probability(quantised: NDArray[np.uint8], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return probability float32 (0 to 1, -1 where not valid) of uint8 values 0 to 254."""
    return np.where(valid, quantised.astype(np.float32) / 254.0, np.float32(-1.0))
