"""One raster in its own pixels: which bands are its colours, and where it holds an image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, MaskFlags, Resampling
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.vrt import WarpedVRT

from diachron.errors import Cancelled
from diachron.rasters.grid import Window
from diachron.rasters.ground import ground_sample_distance
from diachron.rasters.opening import damaged, open_dataset, reading_environment

OVERVIEW_PX = 1024
_STRIPS = 16
SAMPLE_PX = 256
IMAGE_SHARE, IMAGE_LEVELS = 0.25, 16
"""A mask is opaque or clear nearly everywhere: a band with more half-tones, of more levels, is an image."""


@dataclass(frozen=True)
class Pixels:
    """Bands as the file holds them: ``values`` [3, h, w] of the file's type (palette expanded), ``valid`` bool [h,
    w].
    """

    values: NDArray
    valid: NDArray[np.bool_]


class Source:
    """An open raster file.

    ``bands`` (1-based) are red, green and blue where the file names them, else its first three bands that are not
    alpha, else the
    first one three times. ``palette`` uint8 [N, 4] expands colour indices. ``crs`` is None where the file has none.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._file = open_dataset(path)
        # A file placed by ground control points alone has no transform; GDAL fits one to them.
        self.dataset: DatasetReader | WarpedVRT = self._by_control_points() or self._file
        self.bands = _colour_bands(self._file)
        self.palette = _palette(self._file)
        self._overview: Pixels | None = None
        self._masked = _is_masked(self._file, path)

    def _by_control_points(self) -> WarpedVRT | None:
        points, crs = self._file.gcps
        if self._file.crs is not None or not points or crs is None:
            return None
        return WarpedVRT(self._file, src_crs=crs, add_alpha=ColorInterp.alpha not in self._file.colorinterp)

    @property
    def width(self) -> int:
        """Columns of the file."""
        return int(self.dataset.width)

    @property
    def height(self) -> int:
        """Rows of the file."""
        return int(self.dataset.height)

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that the raster is made of, those beside it and those that a virtual one names too."""
        return tuple(self._file.files)

    @property
    def whole(self) -> Window:
        """The window that covers the raster."""
        return Window(0, 0, self.height, self.width)

    @property
    def crs(self) -> CRS | None:
        """Coordinate system, None where the file has none."""
        return self.dataset.crs or None

    @property
    def transform(self) -> Affine:
        """From (column, row) to CRS units."""
        return self.dataset.transform

    @property
    def dtype(self) -> np.dtype:
        """Type of the values that `read` returns."""
        return (
            np.dtype("uint8")
            if self.palette is not None
            else np.result_type(*(self.dataset.dtypes[band - 1] for band in self.bands))
        )

    @property
    def is_lossy(self) -> bool:
        """True where black may have become nearly black in compression."""
        compression = self._file.compression.value if self._file.compression else ""
        return self._file.driver in ("JPEG", "JP2OpenJPEG", "WEBP", "ECW") or compression in (
            "JPEG",
            "YCbCr JPEG",
            "WEBP",
            "JPEG2000",
        )

    @property
    def gsd_m(self) -> float | None:
        """Metres on the ground per pixel at the raster's middle, None without a CRS."""
        return self.crs and ground_sample_distance(self.crs, self.transform, self.width / 2, self.height / 2)

    def read(self, window: Window, step: int = 1) -> Pixels:
        """Read a window that lies in the raster, reduced by averaging over ``step`` pixels.

        Raises
        ------
        UnusableInput: the file is damaged there.
        """
        shape = (-(-window.height // step), -(-window.width // step))
        # Colour indices have no average.
        resampling = Resampling.average if step > 1 and self.palette is None else Resampling.nearest
        where = {"window": window.as_rasterio(), "resampling": resampling}
        wanted = list(dict.fromkeys(self.bands))
        try:
            with reading_environment():
                values = self.dataset.read(wanted, out_shape=(len(wanted), *shape), **where)
                masked = self.dataset.dataset_mask(out_shape=shape, **where) if self._has_mask() else None
        except RasterioError as error:
            raise damaged(self.path) from error
        valid = self._known(values, wanted)
        if masked is not None:
            valid &= masked >= 128
        return self._expanded(values[[wanted.index(band) for band in self.bands]], valid)

    @property
    def overview_step(self) -> int:
        """How many pixels a side make one of the overview's."""
        return -(-max(self.width, self.height) // OVERVIEW_PX)

    def overview(self, cancelled: Callable[[], bool]) -> Pixels:
        """Return the whole raster reduced to at most `OVERVIEW_PX` a side; it is read once, in strips, to be stoppable.

        Raises
        ------
        Cancelled, UnusableInput: as `read`.
        """
        if self._overview is not None:
            return self._overview
        step = self.overview_step
        tall = step * -(-self.height // (step * _STRIPS))
        strips = []
        for row in range(0, self.height, tall):
            if cancelled():
                raise Cancelled
            strips.append(self.read(Window(row, 0, min(tall, self.height - row), self.width), step))
        values = np.concatenate([strip.values for strip in strips], axis=1)
        self._overview = Pixels(values, np.concatenate([strip.valid for strip in strips]))
        return self._overview

    def close(self) -> None:
        """Close the file."""
        self.dataset.close()
        self._file.close()

    def _has_mask(self) -> bool:
        return self._masked or self.dataset is not self._file

    def _known(self, values: NDArray, bands: list[int]) -> NDArray[np.bool_]:
        """Return where a pixel [C, h, w] is finite, and in one band at least not the nodata value declared for it."""
        finite = np.isfinite(values).all(axis=0) if values.dtype.kind == "f" else np.ones(values.shape[1:], bool)
        declared = [self._file.nodatavals[band - 1] for band in bands]
        if any(nodata is None or np.isnan(nodata) for nodata in declared):
            return finite
        return finite & np.any([plane != nodata for plane, nodata in zip(values, declared, strict=True)], axis=0)

    def _expanded(self, values: NDArray, valid: NDArray[np.bool_]) -> Pixels:
        if self.palette is None:
            return Pixels(values, valid)
        colours = self.palette[np.minimum(values[0], len(self.palette) - 1)]
        return Pixels(np.ascontiguousarray(colours[..., :3].transpose(2, 0, 1)), valid & (colours[..., 3] > 0))


def _is_masked(dataset: DatasetReader, path: str) -> bool:
    """True where the file says which pixels hold an image. GDAL marks the fourth band of any file of four as its
    transparency, and near infrared too then is: what has the values of an image is no mask.
    """
    flags = {flag for each in dataset.mask_flag_enums for flag in each}
    if MaskFlags.alpha not in flags or ColorInterp.alpha not in dataset.colorinterp:
        return bool(flags & {MaskFlags.alpha, MaskFlags.per_dataset})
    shape = (min(dataset.height, SAMPLE_PX), min(dataset.width, SAMPLE_PX))
    try:
        with reading_environment():
            alpha = dataset.read(dataset.colorinterp.index(ColorInterp.alpha) + 1, out_shape=shape)
    except RasterioError as error:
        raise damaged(path) from error
    between = (alpha > 0) & (alpha < np.iinfo(alpha.dtype).max) if alpha.dtype.kind == "u" else np.zeros(shape, bool)
    return not (between.mean() > IMAGE_SHARE and len(np.unique(alpha[between])) > IMAGE_LEVELS)


def _colour_bands(dataset: DatasetReader) -> tuple[int, int, int]:
    kinds = list(dataset.colorinterp)
    named = [ColorInterp.red, ColorInterp.green, ColorInterp.blue]
    if all(kind in kinds for kind in named):
        red, green, blue = (kinds.index(kind) + 1 for kind in named)
        return red, green, blue
    shown = [band for band, kind in enumerate(kinds, 1) if kind is not ColorInterp.alpha] or [1]
    if len(shown) >= 3:
        return shown[0], shown[1], shown[2]
    return shown[0], shown[0], shown[0]


def _palette(dataset: DatasetReader) -> NDArray[np.uint8] | None:
    """Return a colour table uint8 [N, 4] of red, green, blue and opacity; None where the values are not colour
    indices.
    """
    if dataset.colorinterp[0] is not ColorInterp.palette or np.dtype(dataset.dtypes[0]).kind != "u":
        return None
    try:
        colours = dataset.colormap(1)
    except ValueError:
        return None
    table = np.zeros((max(colours) + 1, 4), np.uint8)
    for index, colour in colours.items():
        table[index] = colour
    return table
