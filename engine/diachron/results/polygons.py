"""From maps to change polygons with classes, confidence and area."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from shapely.geometry import Polygon

from diachron.model.look import ANY, Look
from diachron.model.vocabulary import Vocabulary
from diachron.rasters.grid import Grid
from diachron.results.maps import Maps
from diachron.results.outlines import trace
from diachron.results.runs import Integers, Runs, Strip, find_runs

MINIMUM_AREA_M2 = 10.0
MINIMUM_PX = 6
SIMPLIFY_PX = 0.75
SURE_ODDS = 9.0
"""Of a question about every change, a change is somewhere by so much surer than the threshold, in odds: 0.9 for 0.5."""
DESCRIBED_TOGETHER = 2048
Whole: TypeAlias = NDArray[np.integer]
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
    allows, and leave out what went the other way and, of a question about every change, what stayed the same class. A
    region is split where it became different things (pieces under the minimum mapping unit join the rest), but not
    where the reading names the one class it became. A reading of one date's land cover has no changes.
    Light and season make much look a little changed that nobody asked about by name: of a question about every change,
    only those are drawn of which some ground (the usual minimum mapping unit) is surer by far than ``threshold``
    (hysteresis, as of Canny 1986).
    ``minimum_area`` is the minimum mapping unit in m², or in pixels where no size is known. Of three dates and more, a
    change is drawn in the step in which it was first seen.
    """
    if look.classes:
        return ()
    wanted = _Wanted.of(look, vocabulary)
    sure = round(_surer(threshold) * 254) if wanted.everything else 0
    runs = find_runs(_changed_strips(maps, max(1, round(threshold * 254)), sure))
    least = minimum_pixels(grid, minimum_area)
    # Outlines waver a little from date to date: small pieces go with the step of what they are part of.
    first_seen = _settled(runs, runs.regions(), runs.values[0], least)
    changes: list[Change] = []
    for step in np.unique(first_seen).tolist():
        seen = runs.only(first_seen == step)
        labels = seen.regions()
        if len(wanted.target) != 1:
            became = _settled(seen, labels, np.maximum(seen.values[2 + step], 1), least)
            labels = seen.regions(became)
        changes += _describe(seen, labels, step, wanted, vocabulary, least, grid)
    changes.sort(key=lambda change: -change.area)
    return tuple(replace(change, id=number) for number, change in enumerate(changes, 1))


def _surer(threshold: float) -> float:
    """Return the probability whose odds are `SURE_ODDS` times those of a threshold."""
    return SURE_ODDS * threshold / (SURE_ODDS * threshold + 1 - threshold)


def _changed_strips(maps: Maps, least: int, sure: int) -> Iterator[Strip]:
    """Yield the changed pixels strip by strip, told apart by the step that is the first to show them (from 0) and by
    their class at each date; summed are their change probability, the certainty at each date, and where that is asked
    for those that are ``sure``.
    """
    for window, part in maps.strips():
        first = np.zeros(part.change.shape, np.uint8)
        for step in reversed(range(len(part.steps))):
            first[part.steps[step] >= least] = step
        weights = (part.change, *part.certainty, *([(part.change >= sure).view(np.uint8)] if sure else []))
        yield Strip(window.row, (part.change >= least) & part.valid, (first, *part.classes), weights)


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

    @property
    def everything(self) -> bool:
        """True where a reading asks for changes of every kind."""
        return not (self.source or self.target or self.either)

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


def _settled(runs: Runs, regions: Integers, value: Integers, least: int) -> Integers:
    """Return each run's value, where pieces smaller than ``least`` pixels take their region's commonest one."""
    pieces = runs.regions(value)
    small = np.bincount(pieces, weights=runs.length)[pieces] < least
    return np.where(small, _commonest(regions, value, runs.length)[regions], value)


def _commonest(labels: Integers, values: Whole, pixels: Whole) -> Integers:
    """Return the value that most of every label's pixels have."""
    keys, counts = _summed(labels * 256 + values, pixels)
    best = np.zeros(int(labels.max(initial=-1)) + 1, np.int64)
    order = np.argsort(counts, kind="stable")
    best[keys[order] // 256] = keys[order] % 256
    return best


def _summed(keys: Integers, values: Whole) -> tuple[Integers, Integers]:
    """Return the keys there are, in order, and the sum of the values of each."""
    found, place = np.unique(keys, return_inverse=True)
    return found, np.bincount(place, weights=values).astype(np.int64)


def _describe(
    runs: Runs, labels: Integers, step: int, wanted: _Wanted, vocabulary: Vocabulary, least: int, grid: Grid
) -> Iterator[Change]:
    """Yield the changes of one step, from the runs of its regions; regions smaller than ``least`` are left out, and of
    a question about every change those that are nowhere sure.

    Some regions are described at a time, for that takes many times the memory of what is kept of it.
    """
    large = np.bincount(labels, weights=runs.length) >= least
    if wanted.everything:
        large &= np.bincount(labels, weights=runs.sums[-1]) >= min(least, minimum_pixels(grid))
    runs, labels = runs.only(large[labels]), (np.cumsum(large) - 1)[labels[large[labels]]]
    count, measure = int(labels.max(initial=-1)) + 1, AreaMeasure(grid)
    together = max(DESCRIBED_TOGETHER, count // 64)
    for first in range(0, count, together):
        chosen = (labels >= first) & (labels < first + together)
        yield from _described(runs.only(chosen), labels[chosen] - first, step, wanted, vocabulary, measure, grid)


def _described(
    runs: Runs, labels: Integers, step: int, wanted: _Wanted, vocabulary: Vocabulary, measure: AreaMeasure, grid: Grid
) -> Iterator[Change]:
    sizes = np.bincount(labels, weights=runs.length)
    certainty = np.bincount(labels, weights=runs.sums[0]) / sizes / 254
    found = [_by_class(labels, classes, runs.length) for classes in runs.values[1:]]
    surety = [
        _by_class(labels, runs.values[1 + date], runs.sums[1 + date])
        for date in ((step, step + 1) if len(runs.sums) >= len(runs.values) else ())
    ]
    polygons = _on_ground(trace(runs, labels), grid)
    for number, (polygon, area) in enumerate(zip(polygons, measure.each(polygons), strict=True)):
        if polygon is None or _went_the_other_way(found[step][number], found[step + 1][number], wanted):
            continue
        ids = _transition(found[step][number], found[step + 1][number], wanted)
        if wanted.everything and ids[0] == ids[1] != 0:
            continue  # it looks otherwise than before, but the class maps say that it is what it was
        names = [_name(each, vocabulary) for each in ids]
        sure = [
            round(sums[number].get(each, 0) / float(sizes[number]) / 254, 3) if each else None
            for sums, each in zip(surety, ids, strict=False)
        ] or [None, None]
        yield Change(
            0, names[0], names[1], area, measure.unit, round(float(certainty[number]), 3), polygon,
            source_probability=sure[0], target_probability=sure[1], step=step,
            trajectory=_trajectory([each[number] for each in found], step, names, vocabulary),
        )  # fmt: skip


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


def _by_class(labels: Integers, classes: Whole, values: Whole) -> list[dict[int, int]]:
    """Return, for each label, the sum of the values of each class in it."""
    found: list[dict[int, int]] = [{} for _ in range(int(labels.max(initial=-1)) + 1)]
    for key, value in zip(*(each.tolist() for each in _summed(labels * 256 + classes, values)), strict=True):
        if key % 256:
            found[key // 256][key % 256] = value
    return found


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


def _went_the_other_way(before: dict[int, int], after: dict[int, int], wanted: _Wanted) -> bool:
    """True where the class maps say the opposite of what was asked for: a new X where X was and is no more.

    The change map of a query is surer of where something changed than of which way; the class maps know the way.
    """
    came = sum(after.get(each, 0) - before.get(each, 0) for each in wanted.target)
    went = sum(before.get(each, 0) - after.get(each, 0) for each in wanted.source)
    return came + went < 0


def _allowed(found: dict[int, int], wanted: tuple[int, ...]) -> dict[int, int]:
    """Return the found classes that are wanted; where the class map has none of them, the query's own classes."""
    kept = {each: pixels for each, pixels in found.items() if not wanted or each in wanted}
    return kept or dict.fromkeys(wanted, 1) or {0: 1}


def _on_ground(outlines: NDArray[np.object_], grid: Grid) -> list[Polygon | None]:
    """Return outlines in the grid's CRS, simplified to under a pixel and valid, holes kept; None where nothing is
    left.
    """
    simple = shapely.simplify(outlines, SIMPLIFY_PX, preserve_topology=True)
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
