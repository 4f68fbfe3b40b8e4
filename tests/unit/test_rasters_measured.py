"""Rasters are measured once: the next question on the same files reads them as the first did, a changed file anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil

from diachron.rasters import inspection
from diachron.rasters.measured import Measured, Measurements
from diachron.rasters.preflight import Preflight
from diachron.rasters.stack import Stack, open_stack
from small_rasters import PLACE, ground, write

MOVED = 3


@pytest.fixture
def pair(tmp_path: Path) -> list[str]:
    """The same ground twice, the second time a few columns further left, under a black border."""
    wide = ground(256, 256 + MOVED)
    first, second = wide[:, :, :256].copy(), wide[:, :, MOVED:].copy()
    second[:, :40] = 0
    return [write(tmp_path / "2010.tif", first), write(tmp_path / "2020.tif", second)]


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Stack]:
    """The stacks that were measured, in order."""
    stacks: list[Stack] = []
    measure: Callable[..., None] = inspection.inspect

    def inspect(stack: Stack, *rest: object) -> None:
        stacks.append(stack)
        measure(stack, *rest)

    monkeypatch.setattr(inspection, "inspect", inspect)
    return stacks


def test_the_same_files_are_measured_once_and_read_alike(pair: list[str], measured: list[Stack]):
    with open_stack(pair) as first, open_stack(pair) as second:
        assert len(measured) == 1
        assert first.preflight.shift_px[0].corrected and abs(first.placed[0].offset.dx_px + MOVED) < 0.1
        assert second.preflight == first.preflight and second.preflight.nodata_share[1] > 0.1
        blocks = [stack.read(stack.grid.whole) for stack in (first, second)]
    np.testing.assert_array_equal(blocks[0].images, blocks[1].images)
    np.testing.assert_array_equal(blocks[0].valid, blocks[1].valid)
    assert not blocks[1].valid[1, :40].any()


def test_another_area_normalisation_or_order_is_measured_anew(pair: list[str], measured: list[Stack]):
    bounds = f"{PLACE.c},{PLACE.f - 60},{PLACE.c + 60},{PLACE.f}"
    for number, more in enumerate(({}, {"area": bounds}, {"normalise": True}, {"gsd": 1.0}), 1):
        for _ in range(2):
            open_stack(pair, **more).close()
            assert len(measured) == number
    open_stack(pair[::-1]).close()
    assert len(measured) == 5


def test_a_file_that_changed_is_measured_anew_and_so_is_a_virtual_raster_made_of_it(
    pair: list[str], measured: list[Stack], tmp_path: Path
):
    virtual = str(tmp_path / "2020.vrt")
    rasterio.shutil.copy(pair[1], virtual, driver="VRT")
    for after in (pair[1], virtual):
        open_stack([pair[0], after]).close()
    with rasterio.open(pair[1], "r+") as file:
        file.write(ground(256, 256)[:, ::-1].copy())
    os.utime(pair[1], ns=(1, 1))  # a clock that is set back still tells another time
    for after in (pair[1], virtual):
        with open_stack([pair[0], after]) as stack:
            assert stack.preflight.nodata_share[1] == 0
    assert len(measured) == 4


def test_the_oldest_measurement_makes_room():
    kept, one = Measurements(most=2), Measured(Preflight(1.0, (), (), (), ()), (), (), ())
    for key in ("a", "b"):
        kept.keep((key,), one)
    assert kept.find(("a",)) is one
    kept.keep(("c",), one)
    assert kept.find(("b",)) is None and kept.find(("a",)) is one and kept.find(("c",)) is one
    kept.keep(None, one)
    assert kept.find(None) is None
