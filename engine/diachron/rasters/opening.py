"""Opening a raster file, and refusing one that cannot be used before any work is spent on it."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window as RasterioWindow

from diachron.errors import UnusableInput

ALLOW_REMOTE = "DIACHRON_ALLOW_REMOTE"
BLOCK_CACHE_MB = 192

_REMOTE = re.compile(
    r"/vsi(curl|s3|gs|az|adls|oss|swift|hdfs|webhdfs)(_streaming)?[/?]|\b(https?|ftp|s3|gs|az|abfss?)://|\b(WMS|WCS|WMTS|PG|PostgreSQL):",
    re.IGNORECASE,
)
# GDAL reads a cut JPEG or PNG to its end and paints the rest grey or black: only the end mark tells.
_END_MARKS = {"JPEG": b"\xff\xd9", "PNG": b"IEND"}
_TAIL_BYTES = 1 << 16
_XML_BYTES = 1 << 24
_MOST_BLOCKS = 4096
LEAST_RASTER_PX = 2


def open_dataset(path: str) -> DatasetReader:
    """Open a raster whose pixels can be expected to be read.

    Raises
    ------
    UnusableInput: the file is missing, remote without leave, no raster, cut short, a single pixel, or of complex
    numbers.
    """
    _refuse_remote(path)
    _refuse_missing(path)
    try:
        with warnings.catch_warnings(), reading_environment():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = rasterio.open(path)
    except (RasterioError, UnicodeError) as error:
        raise UnusableInput(
            "this is not a raster that GDAL can read", path, "give a GeoTIFF, or another raster that opens in QGIS"
        ) from error
    try:
        _check(dataset, path)
    except BaseException:
        dataset.close()
        raise
    return dataset


def reading_environment() -> rasterio.Env:
    """Return the GDAL settings to open and read under: nothing leaves the machine unless it was asked for.

    A local file may point at remote ones (a VRT, a mosaic index); GDAL's own switch stops those that `_REMOTE` does
    not see. GDAL would keep blocks in a twentieth of the machine's memory; tiles read in order ask for less.
    """
    settings: dict[str, str | int] = {"GDAL_CACHEMAX": os.environ.get("GDAL_CACHEMAX", BLOCK_CACHE_MB)}
    if not remote_allowed():
        settings["CPL_VSIL_CURL_ALLOWED_EXTENSIONS"] = ".none"
    return rasterio.Env(**settings)


def remote_allowed() -> bool:
    """Tell whether rasters may be read over the network."""
    return os.environ.get(ALLOW_REMOTE) == "1"


def allow_remote() -> None:
    """Let rasters be read over the network, by this process and those that it starts."""
    os.environ[ALLOW_REMOTE] = "1"


def damaged(path: str) -> UnusableInput:
    """Return the error of a raster whose pixels cannot all be read."""
    return UnusableInput("the raster is cut short or damaged", path, "copy or download it again")


def _refuse_remote(path: str) -> None:
    if remote_allowed():
        return
    if _REMOTE.search(path):
        raise UnusableInput(
            "rasters are not read over the network", path, f"copy it here, or allow it: --remote, or {ALLOW_REMOTE}=1"
        )
    found = _REMOTE.search(_xml_text(path))
    if found:
        raise UnusableInput(
            f"the file points at a raster over the network ({found.group(0)})",
            path,
            f"copy that here, or allow it: --remote, or {ALLOW_REMOTE}=1",
        )


def _xml_text(path: str) -> str:
    """Return what is written in a VRT or service description, or in ``path`` itself where it is one; "" for anything
    else.
    """
    if path.lstrip().startswith("<"):
        return path
    try:
        with Path(path).open("rb") as file:
            if not file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
                return ""
            file.seek(0)
            return file.read(_XML_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""


def _refuse_missing(path: str) -> None:
    # Names with a colon or /vsi may be subdatasets or archives, which GDAL alone can find.
    plain = not path.startswith(("/vsi", "<")) and ":" not in Path(path).name
    if plain and not Path(path).exists():
        raise UnusableInput("there is no such raster", path, "check the path")
    if plain and not os.access(path, os.R_OK):
        raise UnusableInput("the raster may not be read", path, "check its permissions")


def _check(dataset: DatasetReader, path: str) -> None:
    if dataset.count == 0:
        names = ", ".join(dataset.subdatasets[:3])
        raise UnusableInput(
            "the file holds no band itself",
            path,
            f"name one of its subdatasets: {names}" if names else "give another file",
        )
    complex_type = next((kind for kind in dataset.dtypes if "complex" in kind), None)
    if complex_type:
        raise UnusableInput(
            f"bands of type {complex_type} are not supported", path, "convert it to amplitude, as float32 or uint16"
        )
    if min(dataset.width, dataset.height) < LEAST_RASTER_PX:
        raise UnusableInput(
            f"the raster has only {dataset.width} x {dataset.height} pixels", path, "give a larger raster"
        )
    _refuse_cut_short(dataset, path)


def _refuse_cut_short(dataset: DatasetReader, path: str) -> None:
    file = Path(path)
    if file.is_file():
        mark = _END_MARKS.get(dataset.driver)
        if mark and mark not in _tail(file):
            raise damaged(path)
        if dataset.driver in ("GTiff", "COG") and _last_byte(dataset) > file.stat().st_size:
            raise damaged(path)
    try:
        with reading_environment():
            dataset.read(1, window=RasterioWindow(dataset.width - 1, dataset.height - 1, 1, 1))
    except RasterioError as error:
        raise damaged(path) from error


def _tail(file: Path) -> bytes:
    with file.open("rb") as stream:
        stream.seek(max(0, file.stat().st_size - _TAIL_BYTES))
        return stream.read()


def _last_byte(dataset: DatasetReader) -> int:
    """Return where the file must at least end for a TIFF's blocks to lie in it."""
    ends = [0]
    for band in {1, dataset.count}:
        for column, row in _blocks(dataset):
            offset = dataset.get_tag_item(f"BLOCK_OFFSET_{column}_{row}", "TIFF", bidx=band)
            size = dataset.get_tag_item(f"BLOCK_SIZE_{column}_{row}", "TIFF", bidx=band)
            ends.append(int(offset or 0) + int(size or 0))
    return max(ends)


def _blocks(dataset: DatasetReader) -> Iterator[tuple[int, int]]:
    """Yield (column, row) of the blocks to check: all, or in a large file the last rows and a regular sample of the
    others.
    """
    tall, wide = dataset.block_shapes[0]
    rows, columns = -(-dataset.height // tall), -(-dataset.width // wide)
    stride = max(1, rows * columns // _MOST_BLOCKS)
    last = (
        set(range(max(0, rows * columns - 2 * columns), rows * columns))
        if columns < _MOST_BLOCKS
        else {rows * columns - 1}
    )
    for number in sorted({*range(0, rows * columns, stride), *last}):
        yield number % columns, number // columns
