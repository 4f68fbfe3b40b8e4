"""Polygons and facts from maps that a person can check by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.crs import CRS
from rasterio.features import geometry_mask

from diachron.model.look import Look
from diachron.model.vocabulary import load_vocabulary
from diachron.rasters.grid import Grid
from diachron.results.export import caption
from diachron.results.maps import Maps
from diachron.results.measures import measure
from diachron.results.polygons import draw_changes
from diachron.results.regions import region_mask, within

VOCABULARY = load_vocabulary()
GRID = Grid(CRS.from_epsg(2154), Affine(0.5, 0, 700_000, 0, -0.5, 6_600_000), 120, 100, 0.5)
BUILDING, BARE, GRASS = 1, 4, 10
NEW = Look("count", target=("building",))


def scene(*blocks: tuple[int, int, int, int, int]) -> Maps:
    """Return maps of grass on which blocks (row, col, height, width, class) have appeared."""
    change, after = np.zeros((100, 120), np.uint8), np.full((100, 120), GRASS, np.uint8)
    for row, col, height, width, number in blocks:
        change[row : row + height, col : col + width] = 230
        after[row : row + height, col : col + width] = number
    return Maps(change, (np.full_like(after, GRASS), after), np.ones(change.shape, bool))


def test_a_caption_agrees_with_classes_of_either_gender():
    (change,) = draw_changes(scene((10, 10, 20, 30, BUILDING)), NEW, VOCABULARY, GRID, threshold=0.5)
    farmed = replace(change, source="agricultural land", target="bare soil")
    assert caption(farmed, "en", VOCABULARY) == "agricultural land became bare soil"
    assert caption(farmed, "fr", VOCABULARY) == "d'abord terre agricole, puis sol nu"


def test_a_block_is_one_polygon_with_its_area_and_classes():
    (change,) = draw_changes(scene((10, 10, 20, 30, BUILDING)), NEW, VOCABULARY, GRID, threshold=0.5)
    assert (change.source, change.target) == ("herbaceous", "building")
    assert change.area == pytest.approx(150, rel=0.01)
    assert change.confidence == pytest.approx(230 / 254, abs=0.01)


def test_a_hole_stays_a_hole():
    maps = scene((10, 10, 40, 40, BUILDING))
    maps.change[20:35, 20:35] = 0
    (change,) = draw_changes(maps, NEW, VOCABULARY, GRID, threshold=0.5)
    assert len(change.polygon.interiors) == 1


def test_what_became_two_things_is_two_polygons_unless_one_was_asked_for():
    maps = scene((10, 10, 20, 20, BUILDING), (10, 30, 20, 20, BARE))
    assert {each.target for each in draw_changes(maps, Look("list"), VOCABULARY, GRID, threshold=0.5)} == {
        "building",
        "bare soil",
    }
    assert len(draw_changes(maps, NEW, VOCABULARY, GRID, threshold=0.5)) == 1


def test_what_went_the_other_way_is_left_out():
    maps = scene((10, 10, 20, 20, BUILDING))
    gone = Maps(maps.change, maps.classes[::-1], maps.valid)
    lost, became = Look("count", source=("building",)), Look("count", ("herbaceous",), ("building",))
    assert [len(draw_changes(gone, look, VOCABULARY, GRID, threshold=0.5)) for look in (NEW, lost, became)] == [0, 1, 0]
    assert [len(draw_changes(maps, look, VOCABULARY, GRID, threshold=0.5)) for look in (NEW, lost, became)] == [1, 0, 1]
    # Where the class maps know nothing of it, the change map is believed.
    unknown = scene((10, 10, 20, 20, GRASS))
    assert [len(draw_changes(unknown, look, VOCABULARY, GRID, threshold=0.5)) for look in (NEW, lost)] == [1, 1]


def test_what_stayed_the_same_class_is_no_change_of_a_question_about_every_change():
    maps = scene((10, 10, 20, 20, GRASS), (40, 40, 20, 20, BUILDING))
    (change,) = draw_changes(maps, Look("list"), VOCABULARY, GRID, threshold=0.5)
    assert (change.source, change.target) == ("herbaceous", "building")


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.7])
def test_of_a_question_about_every_change_only_what_is_surely_changed_somewhere_is_drawn(threshold):
    maps = scene((10, 10, 20, 20, BUILDING), (40, 40, 20, 20, BARE), (70, 70, 20, 20, BUILDING))
    surer = 9 * threshold / (9 * threshold + 1 - threshold)
    maps.change[maps.change > 0] = round((threshold + surer) / 2 * 254)
    maps.change[10:16, 10:17] = round(surer * 254) + 1  # 10.5 m², the minimum mapping unit
    maps.change[40:45, 40:47] = round(surer * 254) + 1  # 8.75 m²
    (change,) = draw_changes(maps, Look("list"), VOCABULARY, GRID, threshold=threshold)
    assert change.target == "building" and change.area == pytest.approx(100, rel=0.01)
    assert len(draw_changes(maps, NEW, VOCABULARY, GRID, threshold=threshold)) == 3  # who asks by name is shown all
    assert len(draw_changes(maps, Look("list"), VOCABULARY, GRID, threshold=threshold, minimum_area=5)) == 2


def test_pixels_without_data_are_never_changed():
    maps = scene((10, 10, 20, 20, BUILDING))
    maps.valid[:] = False
    assert draw_changes(maps, NEW, VOCABULARY, GRID, threshold=0.5) == ()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 95), st.integers(8, 20), st.integers(8, 24)), max_size=6))
def test_polygons_cover_what_is_over_the_threshold_and_facts_add_up(blocks):
    maps = scene(*[(*block, BUILDING) for block in blocks])
    changes = draw_changes(maps, NEW, VOCABULARY, GRID, threshold=0.5)
    facts = {fact.kind: fact for fact in measure(NEW, changes, maps, VOCABULARY, GRID)}
    assert facts["count"].value == len(changes)
    assert facts["area"].value == round(sum(change.area for change in changes), 1)
    assert sorted(facts["count"].features) == [change.id for change in changes]
    if changes:
        drawn = geometry_mask([change.polygon for change in changes], (100, 120), GRID.transform, invert=True)
        assert (drawn != (maps.change > 127)).mean() < 0.02
    assert all(change.polygon.is_valid for change in changes)


def test_a_region_keeps_its_part_alone():
    maps = scene((5, 5, 20, 20, BUILDING), (70, 90, 20, 20, BUILDING))
    assert len(draw_changes(within(maps, "north-west"), NEW, VOCABULARY, GRID, threshold=0.5)) == 1
    assert len(draw_changes(within(maps, ""), NEW, VOCABULARY, GRID, threshold=0.5)) == 2
    assert region_mask("north", (10, 4))[:5].all()
    assert not region_mask("north", (10, 4))[5:].any()


def test_what_a_new_building_replaced_is_not_called_a_building():
    maps = scene((10, 10, 20, 20, BUILDING))
    maps.classes[0][:] = BUILDING
    (change,) = draw_changes(maps, NEW, VOCABULARY, GRID, threshold=0.5)
    assert (change.source, change.target) == ("other", "building")


def test_change_ratios_by_type_are_of_what_changed_and_not_of_what_is_there():
    maps = scene((10, 10, 20, 30, BUILDING), (50, 10, 10, 30, BARE))
    look = Look("change_ratio_types")
    changes = draw_changes(maps, look, VOCABULARY, GRID, threshold=0.5)
    facts = measure(look, changes, maps, VOCABULARY, GRID)
    assert [(fact.kind, fact.target, fact.value) for fact in facts] == [
        ("share_after", "building", pytest.approx(5, abs=0.05)),
        ("share_after", "bare soil", pytest.approx(2.5, abs=0.05)),
    ]
    assert sorted(each for fact in facts for each in fact.features) == [change.id for change in changes]
    earlier = measure(replace(look, date="before"), changes, maps, VOCABULARY, GRID)
    assert [(fact.kind, fact.target) for fact in earlier] == [("share_before", "herbaceous")]
    (nothing,) = measure(look, (), scene(), VOCABULARY, GRID)
    assert (nothing.target, nothing.value) == ("herbaceous", 0)


@pytest.mark.parametrize("region, name", [("", "herbaceous"), ("north-west", "building"), ("south", "bare soil")])
def test_the_class_at_a_place_is_that_of_its_middle(region, name):
    maps = scene((20, 20, 20, 20, BUILDING), (70, 50, 20, 20, BARE))
    look = Look("class_at", classes=("any",), date="after", region=region)
    assert measure(look, (), within(maps, region), VOCABULARY, GRID)[0].value == name
