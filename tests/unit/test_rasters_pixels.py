"""Bands of any type and number, and which pixels hold an image."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio.enums import ColorInterp

from diachron.rasters.grid import Window
from diachron.rasters.nodata import connected, find_borders
from diachron.rasters.radiometry import Stretch
from diachron.rasters.source import Source
from diachron.rasters.stack import Block, open_stack
from small_rasters import PLACE, ground, write


def read_all(path: str) -> Block:
    """Read a raster, beside itself, at its own grid."""
    with open_stack([path, path]) as stack:
        return stack.read(stack.grid.whole)


def never() -> bool:
    return False


@pytest.mark.parametrize(
    ("bands", "shown"), [(1, [0, 0, 0]), (2, [0, 0, 0]), (3, [0, 1, 2]), (4, [0, 1, 2]), (9, [0, 1, 2])]
)
def test_the_first_three_bands_are_the_colours(tmp_path: Path, bands: int, shown: list[int]):
    values = np.random.default_rng(0).integers(1, 255, (bands, 64, 64), np.uint8)
    path = write(tmp_path / "a.tif", values, photometric="minisblack", alpha="no")
    assert (read_all(path).images[0] == values[shown]).all()


def test_colours_that_the_file_names_are_taken_in_its_order(tmp_path: Path):
    values = np.random.default_rng(0).integers(1, 255, (4, 64, 64), np.uint8)
    path = write(tmp_path / "a.tif", values, photometric="minisblack", alpha="no")
    with rasterio.open(path, "r+") as file:
        file.colorinterp = [ColorInterp.undefined, ColorInterp.blue, ColorInterp.green, ColorInterp.red]
    assert (read_all(path).images[0] == values[[3, 2, 1]]).all()


def test_a_palette_becomes_its_colours(tmp_path: Path):
    indices = np.random.default_rng(0).integers(0, 4, (1, 64, 64), np.uint8)
    path = write(tmp_path / "a.tif", indices)
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {0: (9, 8, 7, 255), 1: (255, 0, 0, 255), 2: (0, 255, 0, 255), 3: (0, 0, 255, 255)})
    table = np.array([(9, 8, 7), (255, 0, 0), (0, 255, 0), (0, 0, 255)], np.uint8)
    assert (read_all(path).images[0] == table[indices[0]].transpose(2, 0, 1)).all()


@pytest.mark.parametrize("dtype", ["uint16", "int16", "uint32", "int32", "float32", "float64"])
def test_other_types_are_stretched_the_same_way_everywhere(tmp_path: Path, dtype: str):
    ramp = np.linspace(100, 3000, 200 * 200).reshape(1, 200, 200).repeat(3, axis=0)
    path = write(tmp_path / "a.tif", ramp.astype(dtype))
    with open_stack([path, path]) as stack:
        whole = stack.read(stack.grid.whole).images[0, 0].astype(int)
        part = stack.read(Window(50, 50, 40, 40)).images[0, 0]
    assert whole.min() == 0 and whole.max() == 255 and (np.diff(whole.ravel()) >= 0).all()
    assert (part == whole[50:90, 50:90]).all()


def test_outliers_do_not_set_the_stretch(tmp_path: Path):
    values = np.random.default_rng(0).integers(300, 1500, (3, 200, 200)).astype(np.uint16)
    values[:, :3, :3] = 65535
    image = read_all(write(tmp_path / "a.tif", values)).images[0]
    assert 100 < image.mean() < 155 and image.std() > 60


def test_a_band_of_one_value_is_black_and_valid(tmp_path: Path):
    block = read_all(write(tmp_path / "a.tif", np.full((3, 64, 64), 700, np.uint16)))
    assert block.valid.all() and block.images.max() == 0


@given(arrays(np.float32, (3, 4, 5), elements=st.floats(width=32)))
def test_a_stretch_takes_any_number(values: np.ndarray):
    stretched = Stretch(np.zeros(3, np.float32), np.ones(3, np.float32)).apply(values)
    assert stretched.dtype == np.uint8
    assert (stretched[values >= 1] == 255).all() and (stretched[values <= 0] == 0).all()


def test_declared_nodata_is_not_valid(tmp_path: Path):
    values = ground()
    values[:, 20:40, 30:60] = 200
    values[0, 50, 50] = 200  # nodata in one band alone is an image
    block = read_all(write(tmp_path / "a.tif", values, nodata=200))
    assert not block.valid[:, 20:40, 30:60].any() and block.valid.sum() == 2 * (96 * 128 - 20 * 30)
    assert block.images[:, :, 20:40, 30:60].max() == 0


@pytest.mark.parametrize("nodata", [None, float("nan"), -9999.0])
def test_not_a_number_is_not_valid(tmp_path: Path, nodata: float | None):
    values = ground().astype(np.float32)
    values[:, :10] = np.nan
    values[1, 50, 50] = np.inf
    block = read_all(write(tmp_path / "a.tif", values, nodata=nodata))
    assert (
        not block.valid[:, :10].any() and not block.valid[:, 50, 50].any() and block.valid.sum() == 2 * (86 * 128 - 1)
    )


def test_near_infrared_that_gdal_marks_as_transparency_hides_nothing(tmp_path: Path):
    values = np.random.default_rng(0).integers(1, 255, (4, 64, 64), np.uint8)
    path = write(tmp_path / "rgbn.tif", values)
    with rasterio.open(path) as dataset:
        assert dataset.colorinterp[3] is ColorInterp.alpha, "GDAL's own mark"
    block = read_all(path)
    assert block.valid.all()
    assert (block.images[0] == values[:3]).all()


def test_a_mask_with_soft_edges_stays_a_mask(tmp_path: Path):
    values = np.random.default_rng(0).integers(1, 255, (4, 64, 64), np.uint8)
    values[3] = np.clip(16 * (np.arange(64) - 24), 0, 255)[None, :]
    valid = read_all(write(tmp_path / "rgba.tif", values, photometric="rgb", alpha="yes")).valid
    assert not valid[:, :, :24].any() and valid[:, :, 40:].all()


def test_alpha_is_not_a_colour(tmp_path: Path):
    values = np.concatenate([ground(), np.full((1, 96, 128), 255, np.uint8)])
    values[3, :, :30] = 0
    path = write(tmp_path / "a.tif", values, photometric="rgb", alpha="yes")
    block = read_all(path)
    assert not block.valid[:, :, :30].any() and block.valid[:, :, 30:].all()


def test_a_mask_of_the_whole_file(tmp_path: Path):
    path = write(tmp_path / "a.tif", ground())
    mask = np.full((96, 128), 255, np.uint8)
    mask[:30] = 0
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), rasterio.open(path, "r+") as file:
        file.write_mask(mask)
    block = read_all(path)
    assert not block.valid[:, :30].any() and block.valid[:, 30:].all()


def test_nodata_does_not_bleed_into_a_warped_image(tmp_path: Path):
    values = np.full((3, 128, 128), 200, np.uint8)
    values[:, :, :50] = 7
    paths = [
        write(tmp_path / "a.tif", values, PLACE * PLACE.translation(0.4, 0.3) * PLACE.rotation(10), nodata=7),
        write(tmp_path / "b.tif", np.full((3, 128, 128), 90, np.uint8)),
    ]
    with open_stack(paths) as stack:
        block = stack.read(stack.grid.whole)
    assert 0.2 < block.valid[0].mean() < 0.9 and (block.images[0][:, block.valid[0]] == 200).all()


def bordered(height: int, width: int, top: int, left: int) -> np.ndarray:
    """Return an image uint8 [3, height, width] with a black border, and a black pond that does not touch it."""
    values = np.random.default_rng(0).integers(1, 255, (3, height, width), np.uint8)
    values[:, :top] = 0
    values[:, :, :left] = 0
    values[:, height // 2 : height // 2 + 9, width // 2 : width // 2 + 9] = 0
    return values


@pytest.mark.parametrize(
    ("size", "top", "left"), [(200, 20, 0), (200, 31, 7), (1500, 300, 1), (1500, 3, 200), (2300, 450, 2)]
)
def test_a_black_border_is_not_valid_and_a_pond_is(tmp_path: Path, size: int, top: int, left: int):
    block = read_all(write(tmp_path / "a.tif", bordered(size, size, top, left)))
    wanted = np.ones((size, size), bool)
    wanted[:top], wanted[:, :left] = False, False
    assert (block.valid == wanted).all()


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_white_border_is_not_valid_and_a_white_roof_is(tmp_path: Path, dtype: str):
    white = np.iinfo(dtype).max
    values = np.random.default_rng(0).integers(1, 250, (3, 400, 500)).astype(dtype) * (white // 255)
    rows, columns = np.mgrid[:400, :500]
    collar = (columns < 60 - rows * 0.3) | (rows >= 380)
    values[:, collar] = white
    values[:, 100:140, 200:240] = white  # a roof
    values[:, 100:130, 480:] = white  # and one at the edge
    assert (read_all(write(tmp_path / "a.tif", values)).valid == ~collar).all()


def test_nearly_white_ground_along_the_edge_is_an_image(tmp_path: Path):
    values = ground()
    values[:, :30] = 254
    assert read_all(write(tmp_path / "a.tif", values)).valid.all()


def test_black_and_white_borders_are_told_in_the_preflight(tmp_path: Path):
    black, white = ground(200, 200), ground(200, 200)
    black[:, :50], white[:, :, :30] = 0, 255
    with open_stack([write(tmp_path / "a.tif", black), write(tmp_path / "b.tif", white)]) as stack:
        assert stack.preflight.nodata_share == pytest.approx((0.25, 0.15), abs=0.005)
        told = [note.what for note in stack.preflight.notes if note.about == "nodata"]
    assert told == ["no image in 25% of date 1", "no image in 15% of date 2"]


def test_a_black_wedge_of_a_turned_image(tmp_path: Path):
    values = np.random.default_rng(0).integers(1, 255, (3, 300, 300), np.uint8)
    rows, columns = np.mgrid[:300, :300]
    wedge = columns < 80 - rows * 0.35
    values[:, wedge] = 0
    assert (read_all(write(tmp_path / "a.tif", values)).valid == ~wedge).all()


def test_a_shadow_at_the_edge_is_an_image(tmp_path: Path):
    values = ground()
    values[:, :6, 40:50] = 0
    assert read_all(write(tmp_path / "a.tif", values)).valid.all()


def test_a_border_of_16_bits_does_not_darken_the_stretch(tmp_path: Path):
    values = bordered(300, 300, 150, 0).astype(np.uint16) + 1000
    values[:, :150] = 0
    block = read_all(write(tmp_path / "a.tif", values))
    assert not block.valid[:, :150].any() and 90 < block.images[:, :, 150:].mean() < 165


def test_a_raster_without_a_border_is_told_by_its_edges_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = Source(write(tmp_path / "a.tif", ground()))
    monkeypatch.setattr(source, "overview", lambda *_: pytest.fail("the whole raster was read"))
    assert find_borders(source, never) == ()
    source.close()


@given(arrays(bool, (7, 9)), arrays(bool, (7, 9)))
def test_connected_equals_growing_pixel_by_pixel(seeds: np.ndarray, region: np.ndarray):
    grown = seeds & region
    for _ in range(region.size):
        padded = np.pad(grown, 1)
        grown = region & (grown | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:])
    assert (connected(seeds, region) == grown).all()
