"""COGs keep their place, values, colours and category names."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.crs import CRS

from diachron.errors import UnusableInput
from diachron.rasters.cog import as_probability, read_categories, write_cog
from diachron.rasters.grid import Grid, Window

GRID = Grid(CRS.from_epsg(2154), Affine(0.5, 0, 652_000, 0, -0.5, 6_862_000), 1300, 700, 0.5)
CLASSES = np.random.default_rng(0).integers(0, 4, (700, 1300), np.uint8)
COLOURS = {1: "#db0e9a", 2: "#938e7b", 3: "#f80c00"}
NAMES = {1: "building", 2: "pervious surface", 3: "surface imperméable & route"}
SYSTEM_PYTHON = "/usr/bin/python3"


def test_classes_come_back(tmp_path: Path):
    path = tmp_path / "classes_1.tif"
    write_cog(path, CLASSES, GRID, nodata=0, colours=COLOURS, categories=NAMES)
    with rasterio.open(path) as file:
        assert (file.read(1) == CLASSES).all()
        assert file.crs.to_epsg() == 2154 and file.transform == GRID.transform and file.nodata == 0
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG" and file.overviews(1)
        assert file.colormap(1)[1] == (0xDB, 0x0E, 0x9A, 255) and file.colormap(1)[0][3] == 0
    assert read_categories(path) == NAMES
    assert sorted(each.name for each in tmp_path.iterdir()) == ["classes_1.tif", "classes_1.tif.aux.xml"]


def test_overviews_of_classes_hold_classes_alone(tmp_path: Path):
    path = tmp_path / "a.tif"
    write_cog(path, np.where(CLASSES > 1, 3, 1).astype(np.uint8), GRID, nodata=0, categories=NAMES)
    with rasterio.open(path, overview_level=0) as file:
        assert set(np.unique(file.read(1))) <= {1, 3}


def test_gdal_and_so_qgis_sees_the_names(tmp_path: Path):
    path = tmp_path / "classes_1.tif"
    write_cog(path, CLASSES, GRID, nodata=0, colours=COLOURS, categories=NAMES)
    script = (
        "import json, sys\nfrom osgeo import gdal\ngdal.UseExceptions()\nfile = gdal.Open(sys.argv[1])\n"
        # GDAL 3.6 looks beside a GeoTIFF when it is asked for its place, as QGIS always does.
        "file.GetGeoTransform()\nband = file.GetRasterBand(1)\n"
        "print(json.dumps([band.GetCategoryNames(), band.GetColorTable().GetColorEntry(1)]))"
    )
    try:
        run = subprocess.run(
            [SYSTEM_PYTHON, "-c", script, str(path)], capture_output=True, text=True, timeout=60, env={}
        )
    except FileNotFoundError:
        pytest.skip("there is no system Python")
    if "No module named" in run.stderr:
        pytest.skip("the system Python has no osgeo.gdal")
    names, colour = json.loads(run.stdout)
    assert names == ["", *NAMES.values()] and colour == [0xDB, 0x0E, 0x9A, 255]


def test_probability_comes_back(tmp_path: Path):
    change = np.random.default_rng(0).integers(0, 255, (700, 1300)).astype(np.uint8)
    valid = CLASSES > 0
    write_cog(tmp_path / "p.tif", as_probability(change, valid), GRID, nodata=-1)
    with rasterio.open(tmp_path / "p.tif") as file:
        values = file.read(1, masked=True)
        assert file.dtypes == ("float32",) and file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
    assert (np.ma.getmaskarray(values) == ~valid).all()
    np.testing.assert_allclose(values[valid], change[valid] / 254, atol=1e-6)


def test_pieces_may_come_in_any_order(tmp_path: Path):
    windows = [
        Window(row, col, min(300, 700 - row), min(500, 1300 - col)) for row in (600, 0, 300) for col in (1000, 0, 500)
    ]
    write_cog(tmp_path / "a.tif", ((each, CLASSES[each.slices]) for each in windows), GRID, nodata=0)
    with rasterio.open(tmp_path / "a.tif") as file:
        assert (file.read(1) == CLASSES).all()


def test_a_grid_without_a_crs(tmp_path: Path):
    write_cog(
        tmp_path / "a.tif", CLASSES, Grid(None, Affine(1, 0, 0, 0, -1, 0), 1300, 700, None), nodata=0, colours=COLOURS
    )
    with rasterio.open(tmp_path / "a.tif") as file:
        assert file.crs is None and (file.read(1) == CLASSES).all()


def test_a_folder_that_is_missing(tmp_path: Path):
    with pytest.raises(UnusableInput, match="cannot be written"):
        write_cog(tmp_path / "no" / "a.tif", CLASSES, GRID)


def test_a_raster_without_names(tmp_path: Path):
    write_cog(tmp_path / "a.tif", CLASSES, GRID)
    assert read_categories(tmp_path / "a.tif") == {}
