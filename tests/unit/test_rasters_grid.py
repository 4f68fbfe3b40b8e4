"""Grids, windows, and metres on the ground."""

from __future__ import annotations

import math

import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from rasterio.crs import CRS

from diachron.rasters.grid import Grid, Window
from diachron.rasters.ground import LonLat, ground_sample_distance, metric_crs, same_crs, utm_zone

GRID = Grid(CRS.from_epsg(32631), Affine(0.5, 0, 500_000, 0, -0.5, 5_000_000), 100, 60, 0.5)
sides = st.integers(1, 400)
starts = st.integers(-50, 400)
windows = st.builds(Window, starts, starts, sides, sides)


def test_a_window_of_a_grid_lies_where_its_pixels_do():
    part = GRID.part(Window(10, 20, 5, 7))
    assert part.transform * (0, 0) == GRID.transform * (20, 10)
    assert (part.height, part.width) == (5, 7)


def test_bounds_are_left_bottom_right_top():
    assert GRID.bounds == (500_000, 4_999_970, 500_050, 5_000_000)


@given(windows, windows)
def test_an_intersection_lies_in_both_and_does_not_depend_on_order(one: Window, other: Window):
    common = one.intersection(other)
    assert common == other.intersection(one)
    if common.height and common.width:
        assert common.intersection(one) == common == common.intersection(other)


@given(sides, sides, st.integers(8, 100))
def test_a_reduced_grid_shows_the_same_ground(width: int, height: int, longest: int):
    grid = Grid(GRID.crs, GRID.transform, width, height, 0.5)
    reduced = grid.reduced(longest)
    assert max(reduced.shape) <= max(longest, 1)
    assert reduced.bounds == pytest.approx(grid.bounds)
    assert reduced.gsd_m**2 * reduced.width * reduced.height == pytest.approx(0.25 * width * height)


@given(st.floats(-70, 70), st.floats(-179, 179))
def test_web_mercator_is_measured_in_true_metres(lat: float, lon: float):
    x, y = math.radians(lon) * 6378137, math.log(math.tan(math.pi / 4 + math.radians(lat) / 2)) * 6378137
    gsd = ground_sample_distance(CRS.from_epsg(3857), Affine(1, 0, x, 0, -1, y), 0, 0)
    assert gsd == pytest.approx(math.cos(math.radians(lat)), rel=0.01)


def test_degrees_are_measured_in_metres():
    gsd = ground_sample_distance(CRS.from_epsg(4326), Affine(1e-5, 0, 0, 0, -1e-5, 0), 0, 0)
    assert gsd == pytest.approx(1.109, abs=0.005)


@pytest.mark.parametrize(
    ("code", "x", "y", "wanted"),
    [
        (2154, 652_000, 6_862_000, 2154),  # Lambert 93 at Paris
        (26915, 365_000, 4_100_000, 26915),
        (3857, 260_000, 6_250_000, 32631),  # its metre is 0.66 m at Paris
        (4326, -94.5, 37.1, 32615),
        (4326, 174.8, -36.9, 32760),
        (2263, 1_000_000, 200_000, 32618),  # New York, in feet
        (4326, 10, 88, 32661),
    ],
)
def test_a_crs_is_kept_where_its_metre_is_one(code: int, x: float, y: float, wanted: int):
    assert metric_crs(CRS.from_epsg(code), x, y).to_epsg() == wanted


@given(st.floats(-179.9, 179.9), st.floats(-79, 83))
def test_a_place_lies_within_its_utm_zone(lon: float, lat: float):
    zone = utm_zone(LonLat(lon, lat)).to_epsg() % 100
    assert abs(lon - (zone * 6 - 183)) <= 3.0001


def test_a_crs_is_the_same_whoever_wrote_it():
    assert same_crs(CRS.from_epsg(2154), CRS.from_wkt(CRS.from_epsg(2154).to_wkt(version="WKT1_ESRI")))
    assert not same_crs(CRS.from_epsg(2154), CRS.from_epsg(32631))
    assert not same_crs(None, CRS.from_epsg(32631))
    assert same_crs(None, None)
