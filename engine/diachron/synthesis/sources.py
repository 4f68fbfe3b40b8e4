"""Images to make hybrid pairs of: a person's own, with label files or a vector layer of footprints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize

from diachron.data.files import listed, read_image, same_stem, the_same_size
from diachron.data.sample import Sample
from diachron.errors import UnusableInput

BUILDING = 1


def labelled_images(images: Path, labels: Path, gsd_m: float) -> list[Sample]:
    """Return each image of a folder with the label file of the same stem (FLAIR ids, 0 unlabelled), one date each.

    Raises
    ------
    UnusableInput: a label file is missing, or is of another size.
    """
    samples = []
    for path in listed(images):
        image, classes = read_image(path), read_image(same_stem(labels, path.stem), bands=1)[0]
        the_same_size((image, classes), path)
        gsd = _gsd_m(path) or gsd_m
        samples.append(
            Sample(image, image, None, 0, classes, classes, "flair", gsd, images.name, "", path.stem, path.stem)
        )
    return samples


def footprint_ids(layer: Path, images: Path, samples: list[Sample]) -> list[NDArray[np.int32]]:
    """Return, for each sample, the polygons of a vector layer drawn on its image as ids int32 [H, W] from 1.

    The layer is read in each image's CRS; where an image has none, the layer's coordinates are taken as its pixels'.

    Raises
    ------
    UnusableInput: the layer cannot be read, or has no polygon on any image.
    """
    drawn = [_drawn(layer, path) for path in listed(images)]
    if len(drawn) != len(samples) or not any(each.any() for each in drawn):
        raise UnusableInput("no footprint lies on any of the images", str(layer), "check the layer's coordinates")
    return drawn


def _drawn(layer: Path, path: Path) -> NDArray[np.int32]:
    with rasterio.open(path) as dataset:
        shape, transform, crs, bounds = dataset.shape, dataset.transform, dataset.crs, dataset.bounds
    try:
        told = pyogrio.read_info(layer)["crs"]
        outlines = pyogrio.raw.read(layer, columns=[])[2]
    except (OSError, ValueError, pyogrio.errors.DataSourceError) as error:
        advice = "name a file of polygons, such as a GeoPackage"
        raise UnusableInput("the footprints cannot be read", str(layer), advice) from error
    polygons = list(_in_crs(shapely.from_wkb(outlines), told, crs.to_wkt() if crs else None))
    area = shapely.box(*bounds)
    numbered = [(each, number) for number, each in enumerate(polygons, 1) if each is not None and each.intersects(area)]
    return rasterize(numbered, shape, transform=transform, dtype="int32") if numbered else np.zeros(shape, np.int32)


def _in_crs(polygons: NDArray[np.object_], source: str | None, target: str | None) -> Iterator[shapely.Geometry]:
    from pyproj import CRS, Transformer

    if source is None or target is None or CRS(source) == CRS(target):
        yield from polygons
        return
    transformer = Transformer.from_crs(source, target, always_xy=True)
    for polygon in polygons:
        yield shapely.transform(polygon, transformer.transform, interleaved=False)


def with_footprints(sample: Sample, ids: NDArray[np.int32]) -> Sample:
    """Return a sample whose labels also say that footprints are buildings."""
    from dataclasses import replace

    assert sample.classes_after is not None
    classes = np.where(ids > 0, BUILDING, sample.classes_after).astype(np.uint8)
    return replace(sample, classes_before=classes, classes_after=classes)


def _gsd_m(path: Path) -> float | None:
    """Return the metres per pixel that an image tells."""
    with rasterio.open(path) as dataset:
        return abs(dataset.transform.a) if dataset.crs and dataset.crs.is_projected else None
