"""One raster on the common grid, read by windows and warped on the fly."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import RasterioError, RasterioIOError
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window as RasterWindow

from diachron.errors import UnusableInput
from diachron.rasters.grid import Grid, Window
from diachron.rasters.nodata import known_values
from diachron.rasters.radiometry import Stretch, choose_stretch

_REMOTE = ("/vsi", "http://", "https://", "s3://", "gs://", "ftp://")
LEAST_PX = 2


def open_raster(path: str) -> DatasetReader:
    """Open a raster and prove that its first and last pixels can be read.

    Raises
    ------
    UnusableInput: the file is missing, is not a raster, is cut short, is a single pixel, or is remote without leave.
    """
    if path.startswith(_REMOTE):
        if os.environ.get("DIACHRON_ALLOW_REMOTE") != "1":
            raise UnusableInput("remote rasters are off", path, "copy it here, or set DIACHRON_ALLOW_REMOTE=1")
    elif not Path(path).is_file():
        raise UnusableInput("no such raster", path, "check the path")
    try:
        dataset = rasterio.open(path)
    except RasterioIOError as error:
        raise UnusableInput("not a raster that GDAL can read", path, "give a GeoTIFF or another raster image") from error
    try:
        _prove(dataset, path)
    except BaseException:
        dataset.close()
        raise
    return dataset


def _prove(dataset: DatasetReader, path: str) -> None:
    if dataset.count == 0:
        raise UnusableInput("the file holds no image band", path, "name one of its subdatasets")
    if dataset.width < LEAST_PX or dataset.height < LEAST_PX:
        raise UnusableInput(f"the raster is only {dataset.width} x {dataset.height} pixels", path, "give a larger one")
    try:
        for row, col in ((0, 0), (dataset.height // 2, dataset.width // 2), (dataset.height - 1, dataset.width - 1)):
            dataset.read(window=RasterWindow(col, row, 1, 1))
    except RasterioError as error:
        raise cut_short(path) from error


def cut_short(path: str) -> UnusableInput:
    """Return the error of a raster whose pixels cannot all be read."""
    return UnusableInput("the raster is cut short or damaged", path, "copy or download it again")


@dataclass(frozen=True)
class Placement:
    """Where a raster lies: its CRS (an agreed one where it has none) and the transform of its pixels."""

    crs: CRS
    transform: Affine


class SourceRaster:
    """Reads one raster as 8-bit RGB on a grid.

    Where the raster's pixels are the grid's own, windows are copied as they are; else GDAL warps them as they are read: bilinear, or
    averaging where the raster is at least twice as fine as the grid.
    """

    def __init__(self, path: str, dataset: DatasetReader, placement: Placement) -> None:
        self.path, self.dataset, self.placement = path, dataset, placement
        self.stretch: Stretch = choose_stretch(dataset, path)
        self._warped: WarpedVRT | None = None
        self._offset = (0, 0)

    def put_on(self, grid: Grid, crs: CRS, shift_px: tuple[float, float] = (0.0, 0.0)) -> None:
        """Choose how windows of ``grid`` (in ``crs``) are read; ``shift_px`` (dx, dy) is undone."""
        self._close_warp()
        offset = self._pixel_offset(grid, crs) if shift_px == (0.0, 0.0) else None
        if offset is not None:
            self._offset = offset
            return
        moved = self.placement.transform
        if shift_px != (0.0, 0.0):
            step = Affine.translation(-shift_px[0] * grid.transform.a, -shift_px[1] * grid.transform.e)
            moved = step * moved if self.placement.crs == crs else moved * self._source_step(grid, shift_px)
        finer = abs(grid.transform.a) / max(self._resolution_in(grid, crs), 1e-12)
        self._warped = WarpedVRT(
            self.dataset, src_crs=self.placement.crs, src_transform=moved, crs=crs, transform=grid.transform,
            width=grid.width, height=grid.height, add_alpha=self._alpha_band() is None,
            resampling=Resampling.average if finer >= 2 else Resampling.bilinear,
        )  # fmt: skip

    def _source_step(self, grid: Grid, shift_px: tuple[float, float]) -> Affine:
        """Return the shift in source pixels, for a source in another CRS (north up to a few degrees)."""
        scale = self._resolution_in(grid, self.placement.crs) or 1.0
        share = abs(grid.transform.a) / scale if scale else 1.0
        return Affine.translation(-shift_px[0] * share, -shift_px[1] * share)

    def _resolution_in(self, grid: Grid, crs: CRS) -> float:
        """Return the source's pixel size in the grid's units."""
        if self.placement.crs == crs:
            return float(abs(self.placement.transform.a))
        from rasterio.warp import calculate_default_transform

        bounds = rasterio.transform.array_bounds(self.dataset.height, self.dataset.width, self.placement.transform)
        transform, _, _ = calculate_default_transform(
            self.placement.crs, crs, self.dataset.width, self.dataset.height, *bounds
        )
        return float(abs(transform.a))

    def _pixel_offset(self, grid: Grid, crs: CRS) -> tuple[int, int] | None:
        """Return (row, col) of the grid's first pixel in the source where both have the same pixels, else None."""
        if self.placement.crs != crs:
            return None
        relative = ~self.placement.transform * grid.transform
        same = all(abs(a - b) < 1e-6 for a, b in zip((relative.a, relative.b, relative.d, relative.e), (1, 0, 0, 1), strict=True))
        col, row = round(relative.c), round(relative.f)
        whole = abs(relative.c - col) < 1e-3 and abs(relative.f - row) < 1e-3
        inside = row >= 0 and col >= 0 and row + grid.height <= self.dataset.height and col + grid.width <= self.dataset.width
        return (row, col) if same and whole and inside else None

    def read(self, window: Window, shape: tuple[int, int] | None = None) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Read a window as uint8 [3, h, w] and valid bool [h, w]; ``shape`` asks for a reduced one.

        Raises
        ------
        UnusableInput: the file's pixels cannot be read.
        """
        shape = shape or (window.height, window.width)
        try:
            values, valid = self._read_warped(window, shape) if self._warped else self._read_copied(window, shape)
        except RasterioError as error:
            raise cut_short(self.path) from error
        return self.stretch.apply(values), valid

    def _read_copied(self, window: Window, shape: tuple[int, int]) -> tuple[NDArray, NDArray[np.bool_]]:
        place = RasterWindow(window.col + self._offset[1], window.row + self._offset[0], window.width, window.height)
        bands, alpha = self.stretch.read_bands, self._alpha_band()
        values = self.dataset.read(bands + ([alpha] if alpha else []), window=place, out_shape=(len(bands) + bool(alpha), *shape))
        valid = known_values(values[: len(bands)], self.dataset.nodata)
        return values[: len(bands)], valid & (values[-1] > 0) if alpha else valid

    def _read_warped(self, window: Window, shape: tuple[int, int]) -> tuple[NDArray, NDArray[np.bool_]]:
        assert self._warped is not None
        bands = self.stretch.read_bands
        alpha = self._alpha_band() or self._warped.count
        place = RasterWindow(window.col, window.row, window.width, window.height)
        values = self._warped.read([*bands, alpha], window=place, out_shape=(len(bands) + 1, *shape))
        return values[:-1], (values[-1] > 0) & known_values(values[:-1], self.dataset.nodata)

    def _alpha_band(self) -> int | None:
        kinds = self.dataset.colorinterp
        return kinds.index(ColorInterp.alpha) + 1 if ColorInterp.alpha in kinds else None

    def _close_warp(self) -> None:
        if self._warped is not None:
            self._warped.close()
            self._warped = None

    def close(self) -> None:
        """Close the file."""
        self._close_warp()
        self.dataset.close()
