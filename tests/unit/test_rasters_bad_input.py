"""Rasters that cannot be used: each is refused with what, where and what to do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from PIL import Image

from diachron.errors import Cancelled, UnusableInput, WrongUsage
from diachron.rasters.grid import Window
from diachron.rasters.opening import open_dataset
from diachron.rasters.stack import open_stack
from small_rasters import PLACE, ground, write


@pytest.fixture
def good(tmp_path: Path) -> str:
    return write(tmp_path / "good.tif", ground())


def refusal(*paths: str, **options: object) -> UnusableInput:
    with pytest.raises(UnusableInput) as caught:
        open_stack(paths, **options).close()
    assert caught.value.advice and caught.value.where and "\n" not in caught.value.line()
    return caught.value


def test_a_missing_file(good: str, tmp_path: Path):
    missing = str(tmp_path / "missing.tif")
    error = refusal(good, missing)
    assert "no such raster" in error.what and error.where == missing


def test_a_text_file_named_tif(good: str, tmp_path: Path):
    (tmp_path / "text.tif").write_text("hello")
    assert "not a raster" in refusal(good, str(tmp_path / "text.tif")).what


@pytest.mark.parametrize("content", [b"", b"II*\0", b"<html>404</html>"])
def test_a_file_with_little_in_it(good: str, tmp_path: Path, content: bytes):
    (tmp_path / "odd.tif").write_bytes(content)
    assert "not a raster" in refusal(good, str(tmp_path / "odd.tif")).what


def test_a_folder(good: str, tmp_path: Path):
    assert "not a raster" in refusal(good, str(tmp_path)).what


@pytest.mark.parametrize(
    "layout", [{}, {"tiled": True, "blockxsize": 64, "blockysize": 64}, {"compress": "deflate"}, {"driver": "COG"}]
)
@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_a_geotiff_cut_short(good: str, tmp_path: Path, layout: dict, share: float):
    noise = np.random.default_rng(0).integers(0, 256, (3, 256, 256), np.uint8)
    path = Path(write(tmp_path / "cut.tif", noise, **layout))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert refusal(good, str(path)).what in (
        "the raster is cut short or damaged",
        "this is not a raster that GDAL can read",
    )


@pytest.mark.parametrize("name", ["cut.png", "cut.jpg"])
def test_a_picture_cut_short(tmp_path: Path, name: str):
    path = tmp_path / name
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (128, 128, 3), np.uint8)).save(path)
    open_dataset(str(path)).close()
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert "cut short" in refusal(str(path), str(path)).what


def test_a_block_that_fails_in_mid_read(good: str, tmp_path: Path):
    noise = np.random.default_rng(0).integers(1, 256, (3, 1024, 1024), np.uint8)
    path = tmp_path / "bad_block.tif"
    write(path, noise, tiled=True, blockxsize=256, blockysize=256, compress="deflate")
    with open_dataset(str(path)) as file:
        offset = int(file.get_tag_item("BLOCK_OFFSET_1_1", "TIFF", bidx=1))
    with path.open("r+b") as stream:
        stream.seek(offset)
        stream.write(b"\xff" * 4096)
    error = refusal(str(path), str(path))
    assert "damaged" in error.what and error.where == str(path)


def test_rasters_that_do_not_overlap(good: str, tmp_path: Path):
    far = write(tmp_path / "far.tif", ground(), PLACE * Affine.translation(5000, 0))
    assert "do not overlap" in refusal(good, far).what


def test_rasters_that_share_a_few_pixels(good: str, tmp_path: Path):
    near = write(tmp_path / "near.tif", ground(), PLACE * Affine.translation(110, 0))
    assert "only 18 x 96 pixels" in refusal(good, near).what


def test_a_raster_of_one_pixel(good: str, tmp_path: Path):
    assert "1 x 1 pixels" in refusal(good, write(tmp_path / "dot.tif", ground(1, 1))).what


@pytest.mark.parametrize(("value", "declared"), [(0, 0), (0, None), (255, 255)])
def test_a_raster_that_is_all_nodata(good: str, tmp_path: Path, value: int, declared: int | None):
    empty = write(tmp_path / "empty.tif", np.full((3, 96, 128), value, np.uint8), nodata=declared)
    error = refusal(good, empty)
    assert "no data" in error.what and error.where == empty


def test_complex_bands(good: str, tmp_path: Path):
    radar = write(tmp_path / "radar.tif", np.ones((1, 96, 128), np.complex64))
    assert "complex64" in refusal(good, radar).what


def test_one_raster_without_a_crs_beside_one_with(good: str, tmp_path: Path):
    bare = write(tmp_path / "bare.tif", ground(), crs=None)
    error = refusal(good, bare)
    assert error.where == bare and "CRS" in error.advice


def test_pictures_of_other_shapes(tmp_path: Path):
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path, width in zip(paths, (128, 90), strict=True):
        Image.fromarray(ground(96, width).transpose(1, 2, 0)).save(path)
    assert "90 x 96" in refusal(*map(str, paths)).what


@pytest.mark.parametrize(
    "path",
    [
        "/vsicurl/https://example.com/a.tif", "/vsis3/bucket/a.tif",
        "/vsizip//vsicurl/https://example.com/a.zip/a.tif", "https://example.com/a.tif",
        "http://example.com/a.tif", "s3://bucket/a.tif", "WMS:https://example.com",
        "<GDAL_WMS><Service name='WMS'/><x>http://e.com</x></GDAL_WMS>",
    ],
)  # fmt: skip
def test_remote_rasters_unless_asked(good: str, path: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DIACHRON_ALLOW_REMOTE", raising=False)
    assert "DIACHRON_ALLOW_REMOTE=1" in refusal(good, path).advice


def test_a_local_file_that_points_at_a_remote_one(good: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("DIACHRON_ALLOW_REMOTE", raising=False)
    vrt = tmp_path / "remote.vrt"
    vrt.write_text(
        "<VRTDataset rasterXSize='64' rasterYSize='64'><VRTRasterBand dataType='Byte' band='1'><SimpleSource>"
        "<SourceFilename>/vsicurl/http://example.com/a.tif</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>"
    )
    assert "network" in refusal(good, str(vrt)).what


def test_an_area_elsewhere(good: str):
    assert "outside" in refusal(good, good, area="0,0,100,100").what


@pytest.mark.parametrize("area", ["somewhere", "POINT (1 2)", "POLYGON EMPTY", "1,2,3"])
def test_an_area_that_is_none(good: str, area: str):
    assert "area" in refusal(good, good, area=area).what


@pytest.mark.parametrize("gsd", [0, -1, float("nan"), float("inf")])
def test_a_ground_sample_distance_that_is_no_length(good: str, gsd: float):
    with pytest.raises(WrongUsage, match="no length"):
        open_stack([good, good], gsd=gsd)


def test_a_ground_sample_distance_far_below_the_pixels(good: str):
    assert "far below" in refusal(good, good, gsd=0.001).what


def test_one_raster_is_not_enough(good: str):
    with pytest.raises(WrongUsage, match="not enough"):
        open_stack([good])


def test_cancelling_stops_the_opening(good: str):
    with pytest.raises(Cancelled):
        open_stack([good, good], cancelled=lambda: True)


def test_files_are_closed_after_a_refusal(good: str, tmp_path: Path):
    refusal(good, str(tmp_path / "missing.tif"))
    with open_stack([good, good]) as stack:
        assert stack.read(Window(0, 0, 8, 8)).valid.all()
