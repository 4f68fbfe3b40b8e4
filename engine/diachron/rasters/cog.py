"""Writing cloud-optimised GeoTIFFs on the common grid, with a colour table and category names."""

from __future__ import annotations

import itertools
import tempfile
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.shutil import copy as copy_dataset

from diachron.errors import UnusableInput
from diachron.rasters.grid import Grid, Window
from diachron.rasters.opening import BLOCK_CACHE_MB, open_dataset
from diachron.rasters.scratch import let_go

Pieces = Iterable[tuple[Window, NDArray]]
BLOCK_PX = 512
STRIP_ROWS = 512


def write_cog(
    path: Path,
    values: NDArray | Pieces,
    grid: Grid,
    *,
    nodata: float | None = None,
    colours: Mapping[int, str] | None = None,
    categories: Mapping[int, str] | None = None,
) -> None:
    """Write one band on a grid as a COG, tiled, compressed and with overviews.

    Parameters
    ----------
    values: [height, width], in memory or mapped, or its pieces (window and [h, w]) in any order, of one type.
    colours: ``#rrggbb`` by pixel value (8 bits), as the file's colour table; the nodata value is transparent.
    categories: names by pixel value. A GeoTIFF has no place for them: GDAL, and so QGIS, reads them from the
    ``.aux.xml`` that is
        written beside the file, and goes wherever it goes.

    Raises
    ------
    UnusableInput: the folder cannot be written, or is full.
    """
    pieces = iter(_strips(values) if isinstance(values, np.ndarray) else values)
    first = next(pieces)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".cog-") as folder:
            draft = Path(folder) / "draft.tif"
            _write_draft(
                draft, itertools.chain([first], pieces), _profile(grid, first[1].dtype, nodata), _table(colours, nodata)
            )
            _copy_as_cog(draft, path, is_float=first[1].dtype.kind == "f", is_classes=bool(colours or categories))
    except (OSError, RasterioError) as error:
        raise UnusableInput(
            "the raster cannot be written", str(path), "check the folder's permissions and free room"
        ) from error
    # GDAL tells of a full disk late or not at all; what was written is proven by opening it.
    open_dataset(str(path)).close()
    if categories:
        _write_categories(path, categories)


def read_categories(path: Path) -> dict[int, str]:
    """Return the category names written beside a raster, by pixel value (empty names left out)."""
    sidecar = _sidecar(path)
    if not sidecar.is_file():
        return {}
    # The file is one of our own, beside a raster that we wrote.
    names = [element.text or "" for element in ET.parse(sidecar).getroot().iter("Category")]
    return {value: name for value, name in enumerate(names) if name}


def as_probability(
    quantised: NDArray[np.uint8], valid: NDArray[np.bool_]
) -> Iterator[tuple[Window, NDArray[np.float32]]]:
    """Yield strips of probability, float32 from 0 to 1 and -1 where not valid, of a map uint8 [H, W] of 0 to 254."""
    for window, strip in _strips(quantised):
        yield window, np.where(valid[window.slices], strip.astype(np.float32) / np.float32(254), np.float32(-1))
        let_go(valid)


def _strips(values: NDArray) -> Iterator[tuple[Window, NDArray]]:
    height, width = values.shape
    for row in range(0, height, STRIP_ROWS):
        window = Window(row, 0, min(STRIP_ROWS, height - row), width)
        yield window, np.asarray(values[window.slices])
        let_go(values)


def _profile(grid: Grid, dtype: np.dtype, nodata: float | None) -> dict[str, Any]:
    return {
        "driver": "GTiff", "dtype": dtype, "count": 1, "height": grid.height, "width": grid.width,
        "transform": grid.transform,
        "crs": grid.crs, "nodata": nodata, "tiled": True, "blockxsize": BLOCK_PX, "blockysize": BLOCK_PX,
        "compress": "ZSTD", "zstd_level": 1,
        "bigtiff": "IF_SAFER",
    }  # fmt: skip


def _write_draft(
    draft: Path, pieces: Pieces, profile: Mapping[str, Any], table: Mapping[int, tuple[int, ...]] | None
) -> None:
    with warnings.catch_warnings():
        # A plain picture's pixels are their own coordinates, which is what a file without a transform says too.
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        dataset = rasterio.open(draft, "w", **profile)
    with dataset, rasterio.Env(GDAL_CACHEMAX=BLOCK_CACHE_MB):
        if table:
            dataset.write_colormap(1, table)
        for window, values in pieces:
            dataset.write(values, 1, window=window.as_rasterio())


def _copy_as_cog(draft: Path, path: Path, *, is_float: bool, is_classes: bool) -> None:
    # Classes have no average; of four pixels the commonest one stands for them in an overview.
    resampling = "MODE" if is_classes else "AVERAGE" if is_float else "NEAREST"
    with rasterio.Env(GDAL_PAM_ENABLED="NO", GDAL_CACHEMAX=BLOCK_CACHE_MB):
        # The first level takes two thirds of the usual one's time, for files about as large.
        copy_dataset(
            draft, path, driver="COG", compress="DEFLATE", level=1, blocksize=BLOCK_PX,
            overview_resampling=resampling, bigtiff="IF_SAFER",
        )  # fmt: skip


def _table(colours: Mapping[int, str] | None, nodata: float | None) -> dict[int, tuple[int, ...]] | None:
    if not colours:
        return None
    table = {value: (*bytes.fromhex(colour.removeprefix("#")), 255) for value, colour in colours.items()}
    if nodata is not None:
        table[int(nodata)] = (0, 0, 0, 0)
    return table


def _write_categories(path: Path, categories: Mapping[int, str]) -> None:
    root = ET.Element("PAMDataset")
    names = ET.SubElement(ET.SubElement(root, "PAMRasterBand", band="1"), "CategoryNames")
    for value in range(max(categories) + 1):
        ET.SubElement(names, "Category").text = categories.get(value, "")
    # No XML declaration: GDAL passes over a sidecar that begins with one.
    _sidecar(path).write_text(ET.tostring(root, encoding="unicode"), encoding="utf-8")


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + ".aux.xml")
