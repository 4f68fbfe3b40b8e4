"""What stands where in a scene, and when: parcels, roads, buildings, pools and trees, in metres."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from shapely import affinity
from shapely.geometry import LineString, Point, Polygon, box
from shapely.strtree import STRtree

BUILDING, PERVIOUS, IMPERVIOUS, BARE, WATER, CONIFEROUS, DECIDUOUS = 1, 2, 3, 4, 5, 6, 7
BRUSHWOOD, VINEYARD, HERBACEOUS, CROP, PLOWED, POOL, GREENHOUSE = 8, 9, 10, 11, 12, 13, 18
OPEN_LAND = (HERBACEOUS, HERBACEOUS, CROP, CROP, PLOWED, VINEYARD, BARE, BRUSHWOOD)
STYLES = ("suburb", "village", "industrial", "rural")
BOTH, BEFORE, AFTER = "both", "before", "after"


@dataclass(frozen=True)
class Parcel:
    """A piece of land: its class at each date, the direction of its rows, and a seed for its looks."""

    outline: Polygon
    before: int
    after: int
    angle: float
    seed: int


@dataclass(frozen=True)
class Road:
    """A road or a driveway, ``paved`` or of gravel, and when it is there."""

    outline: Polygon
    paved: bool
    when: str
    marked: bool
    line: LineString


@dataclass(frozen=True)
class Building:
    """A building: a rectangle of ``length_m`` x ``width_m`` about (x, y), turned by ``angle``, with one roof."""

    x: float
    y: float
    length_m: float
    width_m: float
    angle: float
    height_m: float
    roof: str
    seed: int
    when: str
    kind: int = BUILDING

    @property
    def outline(self) -> Polygon:
        """Return the footprint."""
        flat = box(-self.length_m / 2, -self.width_m / 2, self.length_m / 2, self.width_m / 2)
        return affinity.translate(affinity.rotate(flat, self.angle, origin=(0, 0), use_radians=True), self.x, self.y)


@dataclass(frozen=True)
class Tree:
    """A crown of ``radius_m`` about (x, y); ``evergreen`` trees are conifers."""

    x: float
    y: float
    radius_m: float
    evergreen: bool
    when: str


@dataclass(frozen=True)
class Pool:
    """A swimming pool or a pond."""

    outline: Polygon
    kind: int
    when: str


@dataclass(frozen=True)
class Layout:
    """A whole scene of ``side_m`` metres: x to the right, y down."""

    side_m: float
    style: str
    parcels: tuple[Parcel, ...]
    roads: tuple[Road, ...]
    buildings: tuple[Building, ...]
    trees: tuple[Tree, ...]
    pools: tuple[Pool, ...]


@dataclass(frozen=True)
class LayoutConfig:
    """How a scene is laid out; shares are 0 to 1 and apply to buildings, parcels and trees in turn."""

    style: str
    new_buildings: float = 0.3
    lost_buildings: float = 0.08
    changed_parcels: float = 0.12
    new_road: bool = True
    built_share: float = 0.5


class _Planner:
    """Lays a scene out in a frame turned by a random angle, piece by piece."""

    def __init__(self, side_m: float, config: LayoutConfig, rng: Generator) -> None:
        self.side_m, self.config, self.rng = side_m, config, rng
        self.angle = float(rng.uniform(-0.6, 0.6))
        self.reach = side_m * 0.85
        self.roads: list[Road] = []
        self.parcels: list[Parcel] = []
        self.buildings: list[Building] = []
        self.trees: list[Tree] = []
        self.pools: list[Pool] = []

    def plan(self) -> Layout:
        """Lay out parcels between roads, then fill them."""
        blocks = self._blocks(-self.reach, -self.reach, self.reach, self.reach, 0)
        built_style = {"suburb": 0.75, "village": 0.5, "industrial": 0.55, "rural": 0.18}[self.config.style]
        for block in blocks:
            place = self._placed(box(*block))
            if self.rng.random() < built_style:
                self._settle(block, place)
            else:
                self._farm(place)
        self._plant()
        return Layout(
            self.side_m, self.config.style, tuple(self.parcels), tuple(self.roads),
            tuple(self.buildings), tuple(self.trees), tuple(self.pools),
        )  # fmt: skip

    def _placed(self, flat: Polygon) -> Polygon:
        turned = affinity.rotate(flat, self.angle, origin=(0, 0), use_radians=True)
        return affinity.translate(turned, self.side_m / 2, self.side_m / 2)

    def _blocks(
        self, x0: float, y0: float, x1: float, y1: float, depth: int
    ) -> list[tuple[float, float, float, float]]:
        """Split a rectangle until its blocks are small, with a road along some of the cuts."""
        wide, tall = x1 - x0, y1 - y0
        largest = {"suburb": 95, "village": 110, "industrial": 170, "rural": 230}[self.config.style]
        if max(wide, tall) < largest * self.rng.uniform(0.7, 1.3):
            return [(x0, y0, x1, y1)]
        share = self.rng.uniform(0.35, 0.65)
        half = 3.5 if depth < 2 else 2.6
        road = half if depth < 3 or self.rng.random() < 0.6 else 0.0
        if wide > tall:
            cut = x0 + wide * share
            self._road(cut, y0, cut, y1, road)
            return self._blocks(x0, y0, cut - road, y1, depth + 1) + self._blocks(cut + road, y0, x1, y1, depth + 1)
        cut = y0 + tall * share
        self._road(x0, cut, x1, cut, road)
        return self._blocks(x0, y0, x1, cut - road, depth + 1) + self._blocks(x0, cut + road, x1, y1, depth + 1)

    def _road(self, x0: float, y0: float, x1: float, y1: float, half_m: float) -> None:
        if half_m == 0.0:
            return
        line = LineString([(x0, y0), (x1, y1)])
        turned = affinity.translate(
            affinity.rotate(line, self.angle, origin=(0, 0), use_radians=True), self.side_m / 2, self.side_m / 2
        )
        paved = self.rng.random() < (0.55 if self.config.style == "rural" else 0.95)
        new = self.config.new_road and self.rng.random() < 0.12
        self.roads.append(Road(turned.buffer(half_m, cap_style=2), paved, AFTER if new else BOTH, half_m > 3, turned))

    def _when(self) -> str:
        draw = self.rng.random()
        if draw < self.config.new_buildings:
            return AFTER
        return BEFORE if draw < self.config.new_buildings + self.config.lost_buildings else BOTH

    def _settle(self, block: tuple[float, float, float, float], place: Polygon) -> None:
        """Fill a block with lots along its two long sides, each with a house, or with halls in an industrial one."""
        lawn = HERBACEOUS if self.config.style != "industrial" or self.rng.random() < 0.4 else IMPERVIOUS
        fresh = self.rng.random() < 0.25
        self.parcels.append(
            Parcel(
                place,
                BARE if fresh and self.rng.random() < 0.5 else lawn,
                lawn,
                self.angle,
                int(self.rng.integers(1 << 30)),
            )
        )
        if self.config.style == "industrial":
            self._halls(block)
            return
        x0, y0, x1, y1 = block
        lot = self.rng.uniform(16, 24) if self.config.style == "suburb" else self.rng.uniform(18, 34)
        depth = min((y1 - y0) / 2, 32)
        whole = AFTER if fresh else None
        for side, y in ((1, y0), (-1, y1)):
            for x in np.arange(x0 + lot / 2, x1 - lot / 3, lot):
                if self.rng.random() < 0.85:
                    self._house(float(x), y + side * depth * self.rng.uniform(0.42, 0.55), y, whole)

    def _house(self, x: float, y: float, street_y: float, when: str | None) -> None:
        rng = self.rng
        size = {"suburb": (11, 17, 9, 13), "village": (8, 15, 6, 9), "rural": (9, 18, 7, 10)}[self.config.style]
        turn = (
            self.angle
            + (np.pi / 2 if rng.random() < 0.3 else 0)
            + (rng.normal(0, 0.15) if self.config.style != "suburb" else 0)
        )
        spot = self._placed(Point(x, y).buffer(0.1)).centroid
        roof = str(rng.choice(["gable", "hip", "hip", "gable", "flat"], p=[0.3, 0.25, 0.2, 0.2, 0.05]))
        when = when or self._when()
        house = Building(
            spot.x, spot.y, rng.uniform(size[0], size[1]), rng.uniform(size[2], size[3]), float(turn),
            rng.uniform(3.5, 7), roof, int(rng.integers(1 << 30)), when,
        )  # fmt: skip
        self.buildings.append(house)
        if rng.random() < 0.4:
            wing = replace(
                house, length_m=house.length_m * 0.55, width_m=house.width_m * 0.8, seed=house.seed,
                x=house.x + np.cos(turn + np.pi / 2) * house.width_m * 0.6,
                y=house.y + np.sin(turn + np.pi / 2) * house.width_m * 0.6,
            )  # fmt: skip
            self.buildings.append(wing)
        drive = self._placed(box(x - 2 + rng.uniform(-3, 3), min(y, street_y), x + 1.5, max(y, street_y)))
        self.roads.append(Road(drive, rng.random() < 0.8, when if when != BEFORE else BOTH, False, LineString()))
        if rng.random() < (0.25 if when != BEFORE else 0.0):
            centre = self._placed(
                Point(x + rng.uniform(-4, 4), y + np.sign(y - street_y) * rng.uniform(9, 13)).buffer(0.1)
            ).centroid
            pool = affinity.rotate(box(-4, -2, 4, 2), self.angle, use_radians=True).buffer(0.6)
            self.pools.append(
                Pool(affinity.translate(pool, centre.x, centre.y), POOL, str(rng.choice([BOTH, AFTER, when])))
            )

    def _halls(self, block: tuple[float, float, float, float]) -> None:
        x0, y0, x1, y1 = block
        self.roads.append(Road(self._placed(box(x0 + 6, y0 + 6, x1 - 6, y1 - 6)), True, BOTH, False, LineString()))
        for x in np.arange(x0 + 25, x1 - 20, 55):
            for y in np.arange(y0 + 22, y1 - 18, 48):
                if self.rng.random() < 0.75:
                    spot = self._placed(Point(float(x), float(y)).buffer(0.1)).centroid
                    self.buildings.append(Building(
                        spot.x, spot.y, self.rng.uniform(22, 44), self.rng.uniform(16, 34), self.angle,
                        self.rng.uniform(6, 11), "flat", int(self.rng.integers(1 << 30)), self._when(),
                    ))  # fmt: skip

    def _farm(self, place: Polygon) -> None:
        """Give a block a land use, perhaps another one at the second date; some blocks are woods or hold a pond."""
        rng = self.rng
        seed, turn = (
            int(rng.integers(1 << 30)),
            self.angle + float(rng.choice([0, np.pi / 2])) + float(rng.normal(0, 0.05)),
        )
        wood = rng.random() < 0.22
        before = int(rng.choice([DECIDUOUS, CONIFEROUS])) if wood else int(rng.choice(OPEN_LAND))
        after = before
        if rng.random() < self.config.changed_parcels:
            after = int(rng.choice([HERBACEOUS, BARE] if wood else [each for each in set(OPEN_LAND) if each != before]))
        self.parcels.append(Parcel(place, before, after, turn, seed))
        if not wood and rng.random() < 0.12:
            centre = place.representative_point()
            pond = Point(centre.x, centre.y).buffer(rng.uniform(6, 16))
            self.pools.append(
                Pool(affinity.scale(pond, rng.uniform(0.7, 1.5), 1), WATER, str(rng.choice([BOTH, BOTH, AFTER])))
            )
        if not wood and self.config.style == "rural" and rng.random() < 0.25:
            centre = place.representative_point()
            self.buildings.append(Building(
                centre.x, centre.y, rng.uniform(18, 40), rng.uniform(8, 9), turn, 3.0, "glass", seed,
                        self._when(), GREENHOUSE,
            ))  # fmt: skip

    def _plant(self) -> None:
        """Fill woods with trees, and scatter some over gardens and along edges, away from roofs and roads."""
        blocked = STRtree(
            [each.outline.buffer(1.5) for each in self.buildings]
            + [road.outline for road in self.roads if not road.line.is_empty]
        )
        for parcel in self.parcels:
            kinds = {DECIDUOUS, CONIFEROUS} & {parcel.before, parcel.after}
            spacing = 5.0 if kinds else 17.0 if parcel.before == HERBACEOUS else 0.0
            if spacing:
                self._scatter(parcel, spacing, kinds, blocked)

    def _scatter(self, parcel: Parcel, spacing_m: float, kinds: set[int], blocked: STRtree) -> None:
        rng = self.rng
        left, top, right, bottom = parcel.outline.bounds
        left, top, right, bottom = max(left, 0), max(top, 0), min(right, self.side_m), min(bottom, self.side_m)
        count = int(max(0, right - left) * max(0, bottom - top) / spacing_m**2)
        spots = rng.uniform((left, top), (right, bottom), (count, 2)) if count else np.empty((0, 2))
        lost = bool(kinds) and parcel.after not in kinds
        for x, y in spots:
            point = Point(x, y)
            if parcel.outline.contains(point) and not len(blocked.query(point, predicate="intersects")):
                evergreen = CONIFEROUS in kinds if kinds else rng.random() < 0.2
                when = (
                    BEFORE
                    if lost
                    else str(rng.choice([BOTH, AFTER, BEFORE], p=[0.94, 0.03, 0.03]))
                    if not kinds
                    else BOTH
                )
                self.trees.append(Tree(float(x), float(y), float(rng.uniform(1.6, 4.2)), evergreen, when))


def lay_out(side_m: float, config: LayoutConfig, rng: Generator) -> Layout:
    """Return a scene of ``side_m`` metres a side; buildings that would stand in another's walls are left out."""
    planned = _Planner(side_m, config, rng).plan()
    kept: list[Building] = []
    for building in planned.buildings:
        outline = building.outline
        close = [
            other
            for other in kept
            if other.seed != building.seed and np.hypot(other.x - building.x, other.y - building.y) < 60
        ]
        if not any(outline.buffer(1.0).intersects(other.outline) for other in close):
            kept.append(building)
    return replace(planned, buildings=tuple(kept))
