"""The files of a data set: reading its images, and saying plainly which one is missing."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from diachron.data.sample import Image
from diachron.errors import UnusableInput

SUFFIXES = (".png", ".jpg", ".tif", ".jpeg", ".tiff")


def read_image(path: Path, bands: int = 3) -> Image:
    """Read a whole image, at most ``bands`` of its bands, uint8 [C, H, W].

    Raises
    ------
    UnusableInput: it is missing, or no image.
    """
    if not path.is_file():
        raise missing(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path) as dataset:
                return dataset.read(indexes=list(range(1, min(dataset.count, bands) + 1)))
    except RasterioError as error:
        raise UnusableInput("a file of the data set is no image", str(path), "copy or download it again") from error


def read_colours(path: Path) -> Image:
    """Read an image as red, green and blue, uint8 [3, H, W]; a palette's colours, and grey as three equal bands."""
    image = read_image(path)
    if len(image) == 3:
        return image
    with rasterio.open(path) as dataset:
        palette = dataset.colormap(1) if dataset.colorinterp[0].name == "palette" else None
    if palette is None:
        return image[[0, 0, 0]]
    table = np.zeros((256, 3), np.uint8)
    for value, colour in palette.items():
        table[value] = colour[:3]
    return np.ascontiguousarray(table[image[0]].transpose(2, 0, 1))


def read_json(path: Path) -> Any:
    """Read a JSON file of a data set.

    Raises
    ------
    UnusableInput: it is missing, or not JSON.
    """
    if not path.is_file():
        raise missing(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UnusableInput(f"a file of the data set is not JSON ({error})", str(path), "download it again") from error


def same_stem(folder: Path, stem: str) -> Path:
    """Return the image of this name in a folder, whatever its format.

    Raises
    ------
    UnusableInput: there is none.
    """
    for suffix in SUFFIXES:
        path = folder / f"{stem}{suffix}"
        if path.exists():
            return path
    raise missing(folder / f"{stem}.png")


def listed(folder: Path) -> list[Path]:
    """Return the images of a folder, sorted.

    Raises
    ------
    UnusableInput: there is no such folder, or no image in it.
    """
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES) if folder.is_dir() else []
    if not found:
        raise missing(folder, "a folder with images")
    return found


def the_same_size(images: Sequence[Image], where: Path) -> None:
    """Check that images and labels of one place cover the same pixels.

    Raises
    ------
    UnusableInput: they do not.
    """
    sizes = {image.shape[-2:] for image in images}
    if len(sizes) > 1:
        told = ", ".join(f"{width} x {height}" for height, width in sorted(sizes))
        raise UnusableInput(f"images and labels of one place differ in size ({told} px)", str(where), "restore them")


def missing(path: Path, what: str = "a file") -> UnusableInput:
    """Return the error that names what a published layout has and a folder lacks."""
    return UnusableInput(f"{what} of the data set is missing", str(path), "restore it, or name the data set's folder")
