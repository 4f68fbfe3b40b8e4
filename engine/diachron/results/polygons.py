"""From maps to change polygons with classes, confidence and area."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from rasterio.features import rasterize, shapes
from shapely.geometry import Polygon

from diachron.model.look import ANY, Look
from diachron.model.vocabulary import Vocabulary
from diachron.rasters.grid import Grid
from diachron.results.maps import Maps

MINIMUM_AREA_M2 = 10.0
MINIMUM_PX = 6
SIMPLIFY_PX = 0.75
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Change:
    """One change polygon, in the grid's CRS. ``area`` is geodesic, in ``unit`` ("m2", or "px" where no size is
    known), rounded once to a tenth;
    ``confidence`` the mean change probability over its pixels; ``source`` and ``target`` vocabulary class names, with
    their mean probabilities over its pixels: of the class where it is the likeliest, 0 where another one is (None
    where the class is not one that the maps tell).

    Of three dates and more, ``step`` is the first one in which the change was seen: from date ``step`` (counted from 0)
    to the next; ``source`` and ``target`` are those of that step, and ``trajectory`` is what was there at each date.
    """

    id: int
    source: str
    target: str
    area: float
    unit: str
    confidence: float
    polygon: Polygon
    caption: str = ""
    damage: str = ""
    source_probability: float | None = None
    target_probability: float | None = None
    step: int = 0
    trajectory: tuple[str, ...] = ()


def draw_changes(
    maps: Maps,
    look: Look,
    vocabulary: Vocabulary,
    grid: Grid,
    *,
    threshold: float,
    minimum_area: float | None = None,
) -> tuple[Change, ...]:
    """Draw the changes of a reading, largest first.

    The change map of the query says where; the class maps say from what to what, among the classes that the reading
    allows. A
    region is split where it became different things (pieces under the minimum mapping unit join the rest), but not
    where the reading names the one class it became. A reading of one date's land cover has no changes.
    ``minimum_area`` is the minimum mapping unit in m², or in pixels where no size is known. Of three dates and more, a
    change is drawn in the step in which it was first seen.
    """
    if look.classes:
        return ()
    least_value = max(1, round(threshold * 254))
    mask = (maps.change >= least_value) & maps.valid
    if not mask.any():
        return ()
    least = minimum_pixels(grid, minimum_area)
    wanted = _Wanted.of(look, vocabulary)
    changes: list[Change] = []
    for step, seen in _first_seen(maps, mask, least_value, least):
        labels, outlines = _label(seen.astype(np.uint8))
        if len(wanted.target) != 1:
            split = _split(labels, maps.classes[step + 1], least)
            labels, outlines = _label(split)
        changes += _describe(labels, outlines, maps, step, wanted, vocabulary, least, grid)
    changes.sort(key=lambda change: -change.area)
    return tuple(replace(change, id=number) for number, change in enumerate(changes, 1))


def _first_seen(
    maps: Maps, mask: NDArray[np.bool_], least_value: int, least: int
) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Yield each step with the pixels, bool [H, W], whose change it is the first to show.

    Pieces smaller than ``least`` pixels go with what they are part of: an outline wavers a little from date to date.
    """
    if not maps.steps:
        yield 0, mask
        return
    first = np.zeros(mask.shape, np.uint8)
    for step in reversed(range(len(maps.steps))):
        first[mask & (maps.steps[step] >= least_value)] = step + 1
    first = _split(_label(mask.astype(np.uint8))[0], first, least)
    for step in range(len(maps.steps)):
        seen = first == step + 1
        if seen.any():
            yield step, seen


def default_minimum_area(grid: Grid) -> float:
    """Return the minimum mapping unit that is used where nobody gives one, in m², or in pixels without a size."""
    return 4.0 * MINIMUM_PX if grid.gsd_m is None else MINIMUM_AREA_M2


def minimum_pixels(grid: Grid, minimum_area: float | None = None) -> int:
    """Return the minimum mapping unit (m², or pixels without a size) in pixels."""
    area = default_minimum_area(grid) if minimum_area is None else minimum_area
    return max(MINIMUM_PX, math.ceil(area / (1.0 if grid.gsd_m is None else grid.gsd_m**2)))


@dataclass(frozen=True)
class _Wanted:
    """Ids that a reading allows at each date (empty: every id); ``either`` where it asks for changes from or to the
    same classes.
    """

    source: tuple[int, ...]
    target: tuple[int, ...]
    either: tuple[int, ...]

    @classmethod
    def of(cls, look: Look, vocabulary: Vocabulary) -> _Wanted:
        source, target = (_ids(phrases, vocabulary) for phrases in (look.source, look.target))
        if source and source == target:
            return cls((), (), source)
        return cls(source, target, ())


def _ids(phrases: tuple[str, ...], vocabulary: Vocabulary) -> tuple[int, ...]:
    if ANY in phrases:
        return ()
    return tuple(dict.fromkeys(each.id for phrase in phrases for each in vocabulary.resolve(phrase)))


def _label(values: NDArray[np.uint8]) -> tuple[NDArray[np.int32], list[dict]]:
    """Return connected regions of equal non-zero values as labels int32 [H, W] from 1, and their outlines in pixels."""
    outlines = [outline for outline, _ in shapes(values, mask=values > 0, connectivity=4)]
    if not outlines:
        return np.zeros(values.shape, np.int32), []
    numbered = ((outline, number) for number, outline in enumerate(outlines, 1))
    return rasterize(numbered, out_shape=values.shape, dtype="int32"), outlines


def _split(regions: NDArray[np.int32], classes: NDArray[np.uint8], least: int) -> NDArray[np.uint8]:
    """Return the class that each changed pixel became; pieces smaller than ``least`` take their region's commonest
    class.
    """
    changed = regions > 0
    became = np.where(changed, np.maximum(classes, 1), 0).astype(np.uint8)
    pieces, outlines = _label(became)
    sizes = np.bincount(pieces.ravel(), minlength=len(outlines) + 1)
    small = changed & (sizes[pieces] < least)
    became[small] = _commonest(regions, became)[regions[small]]
    return became


def _commonest(labels: NDArray[np.int32], classes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the commonest class of every label, uint8 [labels + 1]."""
    inside = labels > 0
    keys, counts = np.unique(labels[inside].astype(np.int64) * 256 + classes[inside], return_counts=True)
    best = np.zeros(int(labels.max()) + 1, np.uint8)
    order = np.argsort(counts, kind="stable")
    best[keys[order] // 256] = keys[order] % 256
    return best


def _describe(
    labels: NDArray[np.int32],
    outlines: list[dict],
    maps: Maps,
    step: int,
    wanted: _Wanted,
    vocabulary: Vocabulary,
    least: int,
    grid: Grid,
) -> list[Change]:
    flat = labels.ravel()
    sizes = np.bincount(flat, minlength=len(outlines) + 1)
    certainty = np.bincount(flat, weights=maps.change.ravel(), minlength=len(outlines) + 1) / np.maximum(sizes, 1) / 254
    dates = range(len(maps.classes)) if maps.steps else (step, step + 1)
    found = {date: _histograms(labels, maps.classes[date], len(outlines)) for date in dates}
    surety = [_Surety.of(labels, maps, date, sizes) for date in (step, step + 1)]
    measure = AreaMeasure(grid)
    large = np.flatnonzero(sizes[1:] >= least) + 1
    polygons = _on_ground([outlines[number - 1] for number in large], grid)
    changes = []
    for number, polygon, area in zip(large.tolist(), polygons, measure.each(polygons), strict=True):
        if polygon is None:
            continue
        source, target = _transition(found[step][number], found[step + 1][number], wanted)
        names = [_name(each, vocabulary) for each in (source, target)]
        confidence = round(float(certainty[number]), 3)
        sure = [each.mean(number, wanted_class) for each, wanted_class in zip(surety, (source, target), strict=True)]
        changes.append(
            Change(
                0, names[0], names[1], area, measure.unit, confidence, polygon,
                source_probability=sure[0], target_probability=sure[1], step=step,
                trajectory=_trajectory([found[date][number] for date in dates], step, names, vocabulary),
            )
        )  # fmt: skip
    return changes


def _name(class_id: int, vocabulary: Vocabulary) -> str:
    return vocabulary.by_id[class_id].name if class_id in vocabulary.by_id else "other"


def _trajectory(
    found: Sequence[dict[int, int]], step: int, names: Sequence[str], vocabulary: Vocabulary
) -> tuple[str, ...]:
    """Return the commonest class of one region at each date, in the step itself its from- and to-class; nothing where
    there are two dates.
    """
    if len(found) == 2:
        return ()
    seen = [_name(max(each, key=lambda one: each[one]), vocabulary) if each else "other" for each in found]
    seen[step : step + 2] = names
    return tuple(seen)


def _histograms(labels: NDArray[np.int32], classes: NDArray[np.uint8], count: int) -> list[dict[int, int]]:
    """Return, for each label, the pixels of each class in it."""
    inside = labels > 0
    keys, counts = np.unique(labels[inside].astype(np.int64) * 256 + classes[inside], return_counts=True)
    found: list[dict[int, int]] = [{} for _ in range(count + 1)]
    for key, pixels in zip(keys.tolist(), counts.tolist(), strict=True):
        if key % 256:
            found[key // 256][key % 256] = pixels
    return found


@dataclass(frozen=True)
class _Surety:
    """The summed certainty of each class in each region: ``sums`` by region x 256 + class; pixels of each region."""

    sums: dict[int, float]
    sizes: NDArray[np.int64]

    @classmethod
    def of(cls, labels: NDArray[np.int32], maps: Maps, date: int, sizes: NDArray[np.int64]) -> _Surety:
        if not maps.certainty:
            return cls({}, sizes)
        inside = labels > 0
        keys = labels[inside].astype(np.int64) * 256 + maps.classes[date][inside]
        found, place = np.unique(keys, return_inverse=True)
        sums = np.bincount(place, weights=maps.certainty[date][inside])
        return cls(dict(zip(found.tolist(), sums.tolist(), strict=True)), sizes)

    def mean(self, region: int, class_id: int) -> float | None:
        """Return the mean probability of a class over a region; None for a class that is not known."""
        if not self.sums or class_id == 0:
            return None
        return round(self.sums.get(region * 256 + class_id, 0.0) / int(self.sizes[region]) / 254, 3)


def _transition(before: dict[int, int], after: dict[int, int], wanted: _Wanted) -> tuple[int, int]:
    """Return the from- and to-class of one region: the commonest pair of different classes that the reading allows."""
    if wanted.either:
        gained = sum(after.get(each, 0) for each in wanted.either) / max(1, sum(after.values()))
        lost = sum(before.get(each, 0) for each in wanted.either) / max(1, sum(before.values()))
        wanted = replace(wanted, target=wanted.either) if gained >= lost else replace(wanted, source=wanted.either)
    sources, targets = _allowed(before, wanted.source), _allowed(after, wanted.target)
    pairs = [(m * n, a, b) for a, m in sources.items() for b, n in targets.items() if a != b]
    if pairs:
        _, source, target = max(pairs)
        return source, target
    source, target = (max(side, key=lambda each: side[each]) for side in (sources, targets))
    # The change map says that the class came or went, the class maps that it stayed: what it was, or is, is not known.
    if source == target and wanted.source and not wanted.target:
        target = 0
    elif source == target and wanted.target and not wanted.source:
        source = 0
    return source, target


def _allowed(found: dict[int, int], wanted: tuple[int, ...]) -> dict[int, int]:
    """Return the found classes that are wanted; where the class map has none of them, the query's own classes."""
    kept = {each: pixels for each, pixels in found.items() if not wanted or each in wanted}
    return kept or dict.fromkeys(wanted, 1) or {0: 1}


def _on_ground(outlines: list[dict], grid: Grid) -> list[Polygon | None]:
    """Return outlines in the grid's CRS, simplified to under a pixel and valid, holes kept; None where nothing is
    left.
    """
    if not outlines:
        return []
    rings = [np.asarray(ring, np.float64) for outline in outlines for ring in outline["coordinates"]]
    ring_ends = np.cumsum([0, *(len(ring) for ring in rings)])
    polygon_ends = np.cumsum([0, *(len(outline["coordinates"]) for outline in outlines)])
    drawn = shapely.from_ragged_array(
        shapely.GeometryType.POLYGON, np.concatenate(rings), (ring_ends, polygon_ends)
    )  # fmt: skip
    simple = shapely.simplify(drawn, SIMPLIFY_PX, preserve_topology=True)
    broken = ~shapely.is_valid(simple)
    simple[broken] = shapely.make_valid(simple[broken])
    t = grid.transform
    placed = shapely.transform(simple, lambda xy: np.stack([t.a * xy[:, 0] + t.c, t.e * xy[:, 1] + t.f], axis=1))
    return [_largest_part(each) for each in placed]


def _largest_part(geometry: shapely.Geometry) -> Polygon | None:
    parts = [part for part in getattr(geometry, "geoms", [geometry]) if isinstance(part, Polygon) and not part.is_empty]
    return max(parts, key=lambda part: part.area, default=None)


class AreaMeasure:
    """Areas of polygons on a grid: geodesic (Karney 2013, by PROJ) with a CRS, plane with only a ground sample
    distance.
    """

    def __init__(self, grid: Grid) -> None:
        self.unit = "px" if grid.gsd_m is None else "m2"
        self._pixel_m2 = 1.0 if grid.gsd_m is None else grid.gsd_m**2
        self._pixel_area = abs(grid.transform.a * grid.transform.e)
        self._to_degrees = Transformer.from_crs(grid.crs.to_wkt(), "EPSG:4326", always_xy=True) if grid.crs else None

    def __call__(self, polygon: Polygon) -> float:
        """Return the area of a polygon in the grid's CRS, in ``unit``, rounded to a tenth."""
        return self.each([polygon])[0]

    def each(self, polygons: Sequence[Polygon | None]) -> list[float]:
        """Return the areas of polygons, 0 for None; all are taken to degrees at once."""
        if self._to_degrees is None:
            return [
                round(shapely.area(each) / self._pixel_area * self._pixel_m2, 1) if each else 0.0 for each in polygons
            ]
        degrees = shapely.transform(np.array(polygons, dtype=object), self._to_degrees.transform, interleaved=False)
        return [0.0 if each is None else round(self._geodesic(each), 1) for each in degrees]

    @staticmethod
    def _geodesic(degrees: Polygon) -> float:
        """Return the area within the outline less that of the holes, m²."""
        areas = (abs(_GEOD.polygon_area_perimeter(*np.asarray(ring.coords).T)[0]) for ring in _rings(degrees))
        return next(areas) - sum(areas)


def _rings(polygon: Polygon) -> list[shapely.LinearRing]:
    return [polygon.exterior, *polygon.interiors]
