"""Changes drawn before all is looked at: each strip once, in the output's CRS."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from affine import Affine
from rasterio.crs import CRS

from diachron.model.look import Look
from diachron.model.vocabulary import load_vocabulary
from diachron.rasters.grid import Grid
from diachron.results.early import MOST_POINTS, EarlyChanges, plain_outlines
from diachron.results.maps import Maps

GRID = Grid(CRS.from_epsg(2154), Affine(0.5, 0, 700_000, 0, -0.5, 6_600_000), 120, 100, 0.5)
BUILDING, GRASS = 1, 10
NEW = Look("count", target=("building",))


@pytest.fixture
def maps() -> Maps:
    """Return two buildings that appeared on grass."""
    after = np.full((100, 120), GRASS, np.uint8)
    after[10:30, 10:40] = after[60:80, 50:70] = BUILDING
    change = np.where(after == BUILDING, 230, 0).astype(np.uint8)
    return Maps(change, (np.full_like(after, GRASS), after), np.ones(change.shape, bool))


def early(**changes: object) -> EarlyChanges:
    return replace(EarlyChanges(NEW, load_vocabulary(), GRID, GRID.crs, 0.5, 10.0), **changes)


def test_each_strip_is_drawn_once_where_it_lies(maps: Maps):
    drawing = early()
    first = drawing.draw(maps, 48)
    assert (first["count"], first["rows"], first["of"]) == (1, 48, 100)
    drawn = shapely.from_wkt(first["polygons"])
    assert drawn.area == pytest.approx(150, rel=0.01)
    assert drawn.bounds == pytest.approx((700_005, 6_599_985, 700_020, 6_599_995))
    assert drawing.draw(maps, 48) is None
    second = drawing.draw(maps, 100)
    assert shapely.from_wkt(second["polygons"]).bounds[3] == pytest.approx(6_600_000 - 30)


def test_nothing_is_said_of_rows_without_changes_and_of_a_part_of_the_area(maps: Maps):
    assert early().draw(maps, 8) is None
    assert early(look=replace(NEW, region="north")).draw(maps, 100) is None


def test_degrees_keep_their_places(maps: Maps):
    drawn = shapely.from_wkt(early(output_crs=CRS.from_epsg(4326)).draw(maps, 100)["polygons"])
    assert len(drawn.geoms) == 2 and drawn.is_valid
    assert drawn.bounds[0] == pytest.approx(3.0, abs=0.1) and drawn.bounds[1] == pytest.approx(46.5, abs=0.1)


def test_a_preview_of_ragged_changes_has_few_points_and_lies_where_they_are():
    rng = np.random.default_rng(0)
    angles = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    rings = [np.stack([np.cos(angles), np.sin(angles)], 1) * (100 + rng.uniform(-1, 1, (20_000, 1))) for _ in range(40)]
    ragged = np.array([shapely.Polygon(ring + 300 * number) for number, ring in enumerate(rings)], dtype=object)
    square = shapely.box(0, 500, 10, 510)
    plain = plain_outlines(np.array([square, *ragged], dtype=object), pixel=0.5)
    assert plain[0] is square or plain[0].equals(square)
    assert len(plain) > 20 and shapely.get_num_coordinates(plain).sum() <= MOST_POINTS
    assert shapely.area(plain[1]) == pytest.approx(np.pi * 100**2, rel=0.1)
    assert plain_outlines(ragged[:0], 0.5).size == 0
