"""Rasters of any kind on one common grid."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil
import rasterio.warp
import shapely
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pyproj import Transformer
from rasterio.control import GroundControlPoint
from rasterio.crs import CRS

from diachron.rasters.grid import Window
from diachron.rasters.ground import same_crs
from diachron.rasters.stack import date_in_name, open_stack
from small_rasters import GSD_M, PLACE, ground, write

SHIFT = Affine.translation


def smooth(height: int = 200, width: int = 240, seed: int = 0) -> np.ndarray:
    """Return a picture, uint8 [3, height, width], without detail finer than a few pixels: it survives resampling."""
    rows, columns = np.mgrid[:height, :width]
    waves = np.random.default_rng(seed).uniform(0.02, 0.12, (3, 4, 2))
    return np.stack([
        128 + 25 * sum(np.sin(rows * down + columns * across + down * 100) for down, across in band) for band in waves
    ]).clip(1, 255).astype(np.uint8)  # fmt: skip


def test_rasters_of_one_grid_are_copied_pixel_by_pixel(tmp_path: Path):
    before, after = ground(), ground()[:, ::-1].copy()
    paths = [write(tmp_path / "a.tif", before), write(tmp_path / "b.tif", after)]
    with open_stack(paths) as stack:
        stack.placed[0].move(type(stack.placed[0]._offset)())  # whatever shift was found between two unlike pictures
        block = stack.read(stack.grid.whole)
        assert stack.grid.transform == PLACE and stack.grid.shape == (96, 128)
        assert stack.output_crs.to_epsg() == 2154 and stack.preflight.overlap == 1
    np.testing.assert_array_equal(block.images, [before, after])
    assert block.valid.all()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(col=st.integers(-40, 40), row=st.integers(-40, 40), noise=st.floats(-0.03, 0.03))
def test_the_overlap_of_one_lattice_is_copied(tmp_path: Path, col: int, row: int, noise: float):
    scene = ground(200, 200)
    first, second = scene[:, 50:150, 50:150], scene[:, 50 + row : 150 + row, 50 + col : 150 + col]
    place = PLACE * SHIFT(50, 50)
    paths = [
        write(tmp_path / "a.tif", first, place),
        write(tmp_path / "b.tif", second, place * SHIFT(col + noise, row + noise)),
    ]
    with open_stack(paths) as stack:
        block = stack.read(stack.grid.whole)
        assert stack.grid.shape == (100 - abs(row), 100 - abs(col))
        assert all(each.is_copied for each in stack.placed)
    np.testing.assert_array_equal(block.images[0], block.images[1])
    assert block.valid.all()


@pytest.mark.parametrize("code", [2154, 32631, 3857, 4326, 27572])
def test_any_crs_meets_the_after_raster(tmp_path: Path, code: int):
    """The same ground painted in two CRSs looks the same on the common grid."""
    after = write(tmp_path / "after.tif", smooth(), PLACE)
    with rasterio.open(after) as file:
        transform, width, height = rasterio.warp.calculate_default_transform(
            file.crs, f"EPSG:{code}", file.width, file.height, *file.bounds
        )
        warped = np.zeros((3, height, width), np.uint8)
        rasterio.warp.reproject(
            file.read(),
            warped,
            src_transform=file.transform,
            src_crs=file.crs,
            dst_transform=transform,
            dst_crs=f"EPSG:{code}",
            resampling=rasterio.enums.Resampling.lanczos,
        )
    before = write(tmp_path / "before.tif", warped, transform, f"EPSG:{code}", nodata=0)
    with open_stack([before, after]) as stack:
        assert stack.grid.crs.to_epsg() == 2154
        assert stack.grid.gsd_m == pytest.approx(max(each.gsd_m for each in stack.dates), rel=0.02)
        assert not stack.preflight.shift_px[0].corrected
        block = stack.read(stack.grid.whole)
    both = block.valid.all(axis=0)
    assert both.mean() > 0.9
    assert np.abs(block.images[0].astype(int) - block.images[1])[:, both].mean() < 3


@pytest.mark.parametrize("code", [3857, 4326])
def test_results_of_an_after_raster_that_is_not_metric(tmp_path: Path, code: int):
    """The grid is UTM with true metres, and the output keeps the after raster's CRS."""
    x, y = Transformer.from_crs(4326, code, always_xy=True).transform(2.35, 48.85)
    step = 1.0 if code == 3857 else 1e-5
    path = write(tmp_path / "a.tif", smooth(), Affine(step, 0, x, 0, -step, y), f"EPSG:{code}")
    with open_stack([path, path]) as stack:
        assert stack.grid.crs.to_epsg() == 32631 and stack.output_crs.to_epsg() == code
        assert stack.grid.gsd_m == pytest.approx(stack.dates[0].gsd_m, rel=0.01)
        width_m = stack.grid.transform.a / stack.grid.gsd_m
        assert width_m == pytest.approx(1, rel=0.001)


@pytest.mark.parametrize("factor", [2, 3, 5, 9])
def test_the_coarser_resolution_is_taken_and_the_finer_averaged(tmp_path: Path, factor: int):
    coarse = smooth(60, 70)
    fine = coarse.repeat(factor, axis=1).repeat(factor, axis=2)
    paths = [
        write(tmp_path / "fine.tif", fine, PLACE * Affine.scale(1 / factor)),
        write(tmp_path / "coarse.tif", coarse),
    ]
    with open_stack(paths) as stack:
        assert stack.grid.transform == PLACE
        block = stack.read(stack.grid.whole)
        assert any("resolution" in note.what and note.level == "warning" for note in stack.preflight.notes) == (
            factor > 2
        )
    assert np.abs(block.images[0].astype(int) - coarse).max() <= 2
    np.testing.assert_array_equal(block.images[1], coarse)


def test_a_given_resolution_is_metres_on_the_ground(tmp_path: Path):
    path = write(tmp_path / "a.tif", smooth())
    with open_stack([path, path], gsd=2.0) as stack:
        assert stack.grid.gsd_m == pytest.approx(2.0, rel=1e-3)
        assert any(note.what.startswith("compared at") for note in stack.preflight.notes)


def test_windows_of_a_warped_raster_join_without_a_seam(tmp_path: Path):
    turned = PLACE * Affine.rotation(8) * Affine.scale(1.3)
    paths = [write(tmp_path / "a.tif", smooth(), turned), write(tmp_path / "b.tif", smooth())]
    with open_stack(paths) as stack:
        whole = stack.read(stack.grid.whole)
        half = stack.grid.width // 2
        height = stack.grid.height
        left, right = (
            stack.read(Window(0, 0, height, half)),
            stack.read(Window(0, half, height, stack.grid.width - half)),
        )
    joined = np.concatenate([left.images, right.images], axis=3)
    both = whole.valid & np.concatenate([left.valid, right.valid], axis=2)
    assert both.sum() > 0.99 * whole.valid.sum()
    assert np.abs(joined.astype(int) - whole.images)[np.broadcast_to(both[:, None], joined.shape)].max() <= 2


def test_a_window_over_the_edge_is_not_valid_there(tmp_path: Path):
    path = write(tmp_path / "a.tif", ground())
    with open_stack([path, path]) as stack:
        block = stack.read(Window(-10, -20, 40, 40))
    assert not block.valid[:, :10].any() and not block.valid[:, :, :20].any() and block.valid[:, 10:, 20:].all()
    assert (block.images[0][:, 10:, 20:] == ground()[:, :30, :20]).all() and block.images[:, :, :10].max() == 0


def test_a_raster_that_hangs_upside_down(tmp_path: Path):
    scene = smooth()
    flipped = PLACE * Affine(1, 0, 0, 0, -1, scene.shape[1])
    paths = [write(tmp_path / "a.tif", scene[:, ::-1].copy(), flipped), write(tmp_path / "b.tif", scene)]
    with open_stack(paths) as stack:
        block = stack.read(stack.grid.whole)
    assert np.abs(block.images[0].astype(int) - scene).mean() < 1


def test_ground_control_points_place_a_raster(tmp_path: Path):
    scene = smooth()
    corners = [(0, 0), (0, 240), (200, 0), (200, 240)]
    points = [GroundControlPoint(row, col, *(PLACE * (col, row))) for row, col in corners]
    path = tmp_path / "a.tif"
    with rasterio.open(path, "w", driver="GTiff", dtype="uint8", count=3, height=200, width=240) as file:
        file.gcps = (points, CRS.from_epsg(2154))
        file.write(scene)
    with open_stack([str(path), write(tmp_path / "b.tif", scene)]) as stack:
        block = stack.read(Window(10, 10, 150, 150))
    assert np.abs(block.images[0].astype(int) - scene[:, 10:160, 10:160]).mean() < 1


@pytest.mark.parametrize("gsd", [None, 0.3])
def test_pictures_without_a_place(tmp_path: Path, gsd: float | None):
    paths = [str(tmp_path / name) for name in ("a.png", "b.png")]
    for path in paths:
        Image.fromarray(smooth().transpose(1, 2, 0)).save(path)
    with open_stack(paths, gsd=gsd) as stack:
        assert stack.grid.crs is stack.output_crs is None and stack.grid.gsd_m == gsd
        # As QGIS draws a plain picture: pixels, rows downwards from 0.
        assert stack.grid.transform == Affine(1, 0, 0, 0, -1, 0)
        assert all(each.is_copied for each in stack.placed)
        assert (stack.read(stack.grid.whole).images == smooth()).all()


def test_a_picture_of_another_size_is_laid_over_the_first(tmp_path: Path):
    Image.fromarray(smooth().transpose(1, 2, 0)).save(tmp_path / "a.png")
    Image.fromarray(smooth().transpose(1, 2, 0)).resize((480, 400), Image.Resampling.BICUBIC).save(tmp_path / "b.png")
    with open_stack([str(tmp_path / "a.png"), str(tmp_path / "b.png")]) as stack:
        block = stack.read(stack.grid.whole)
    assert block.valid.all() and np.abs(block.images[1].astype(int) - smooth()).mean() < 2


def test_bounds_cut_the_grid_and_a_polygon_masks_it(tmp_path: Path):
    path = write(tmp_path / "a.tif", ground())
    left, top = PLACE * (20, 10)
    right, bottom = PLACE * (80, 60)
    with open_stack([path, path], area=f"{left},{bottom},{right},{top}") as stack:
        assert stack.grid.shape == (50, 60) and stack.read(stack.grid.whole).valid.all()
    with open_stack([path, path], area=shapely.Polygon([(left, top), (right, top), (left, bottom)]).wkt) as stack:
        assert stack.read(stack.grid.whole).valid[0].mean() == pytest.approx(0.5, abs=0.02)
        assert stack.preflight.nodata_share == (0, 0) and stack.preflight.overlap == 1


def test_a_vector_file_in_another_crs_is_an_area(tmp_path: Path):
    path = write(tmp_path / "a.tif", ground())
    left, top = PLACE * (20, 10)
    right, bottom = PLACE * (80, 60)
    to_degrees = Transformer.from_crs(2154, 4326, always_xy=True)
    corners = [
        to_degrees.transform(x, y) for x, y in ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    ]
    area = tmp_path / "area.geojson"
    area.write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":'
        f"[{[list(each) for each in corners]}]}}}}]}}"
    )
    with open_stack([path, path], area=str(area)) as stack:
        assert abs(stack.grid.height - 50) <= 1 and abs(stack.grid.width - 60) <= 1


def test_pixels_are_an_area_of_a_picture_without_a_place(tmp_path: Path):
    Image.fromarray(smooth().transpose(1, 2, 0)).save(tmp_path / "a.png")
    with open_stack([str(tmp_path / "a.png")] * 2, area="10,20,110,70") as stack:
        block = stack.read(stack.grid.whole)
        assert stack.grid.transform * (0, 0) == (10, -20)
    assert (block.images[0] == smooth()[:, 20:70, 10:110]).all()


def test_five_dates_of_which_one_is_a_row_short(tmp_path: Path):
    scene = ground()
    paths = [write(tmp_path / f"{2010 + k}.tif", scene if k < 4 else scene[:, :-1]) for k in range(5)]
    with open_stack(paths) as stack:
        assert stack.grid.shape == (95, 128) and len(stack.dates) == 5 and len(stack.preflight.shift_px) == 4
        assert [each.date for each in stack.dates] == ["2010", "2011", "2012", "2013", "2014"]
        assert stack.read(stack.grid.whole).images.shape == (5, 3, 95, 128)


def test_an_overview_shows_the_whole_grid(tmp_path: Path):
    path = write(tmp_path / "a.tif", smooth())
    with open_stack([path, path]) as stack:
        block = stack.overview(60)
    assert block.images.shape == (2, 3, 50, 60) and block.valid.all()
    wanted = smooth().reshape(3, 50, 4, 60, 4).mean(axis=(2, 4))
    assert np.abs(block.images[0] - wanted).max() < 2


@pytest.mark.parametrize(
    ("driver", "ending", "options"),
    [
        ("VRT", "vrt", {}), ("COG", "tif", {}), ("PNG", "png", {}), ("GPKG", "gpkg", {"TILE_FORMAT": "PNG"}),
        ("JP2OpenJPEG", "jp2", {"QUALITY": "100", "REVERSIBLE": "YES"}),
    ],
)  # fmt: skip
def test_what_gdal_reads_is_read(tmp_path: Path, driver: str, ending: str, options: dict[str, str]):
    path, other = write(tmp_path / "a.tif", ground()), tmp_path / f"b.{ending}"
    rasterio.shutil.copy(path, other, driver=driver, **options)
    with open_stack([str(other), path]) as stack:
        block = stack.read(stack.grid.whole)
    assert block.valid.all() and (block.images[0] == block.images[1]).all()


def test_the_grid_s_metres_are_the_raster_s(tmp_path: Path):
    path = write(tmp_path / "a.tif", ground())
    with open_stack([path, path]) as stack:
        assert math.isclose(stack.grid.gsd_m, GSD_M, rel_tol=5e-3)
        assert same_crs(stack.grid.crs, stack.output_crs)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("naip_20090818.tif", "2009-08-18"), ("ortho_2018.tif", "2018"), ("s2-2019-05.tif", "2019-05"),
        ("post.tif", ""),
        ("2018_to_2023.tif", ""), ("tile_4572.tif", ""), ("x120180001.tif", ""),
    ],
)  # fmt: skip
def test_a_file_s_name_tells_its_date(name: str, wanted: str):
    assert date_in_name(f"/some/2001/{name}") == wanted
