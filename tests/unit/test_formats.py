"""Exports: each format read back by another program's reader, and the matrices added up by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine

from diachron.ask import ask
from diachron.cli import main
from diachron.errors import UnusableInput, WrongUsage
from diachron.rasters.cog import write_cog
from diachron.rasters.grid import Grid
from diachron.request import AskRequest
from diachron.results import formats
from diachron.results.formats import export_result, read_result
from diachron.results.transitions import matrix_of_changes, matrix_of_maps
from fake_interpreter import EchoInterpreter
from small_rasters import ground, with_roof, write

ROOF_M2 = 20 * 20 * 0.25


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formats")
    roofed = with_roof(with_roof(ground(), 10, 12), 60, 90)
    pair = (write(folder / "before.tif", ground()), write(folder / "after.tif", roofed))
    ask(AskRequest(pair, "How many buildings are new?", folder / "out"), EchoInterpreter())
    return folder / "out"


def read(path: Path) -> tuple[dict[str, np.ndarray], np.ndarray, str | None]:
    meta, _, geometry, fields = pyogrio.raw.read(path)
    values = dict(zip(meta["fields"], fields, strict=True))
    return values, shapely.from_wkb(geometry) if geometry is not None else geometry, meta["crs"]


@pytest.mark.parametrize("format", ["gpkg", "flatgeobuf", "shapefile"])
def test_changes_are_the_same_in_every_vector_format(answered, tmp_path, format):
    wanted = read_result(answered, formats.NOT_REJECTED).changes
    written = export_result(answered, format, tmp_path / "out")
    main_file = next(file for file in written.files if file.suffix == formats.SUFFIXES[format])
    values, shapes, crs = read(main_file)
    order, same = np.argsort(values["id"]), np.argsort(wanted.fields["id"])
    assert crs == "EPSG:2154"
    assert values["to_class"][order].tolist() == wanted.fields["to_class"][same].tolist() == ["building"] * 2
    assert values["area_m2"][order] == pytest.approx(wanted.fields["area_m2"][same])
    outlines = shapely.from_wkb(wanted.geometry)[same]
    assert all(a.equals(b) for a, b in zip(shapes[order], outlines, strict=True))


def test_geojson_is_in_degrees(answered, tmp_path):
    written = export_result(answered, "geojson", tmp_path / "out.geojson")
    content = json.loads(written.files[0].read_text(encoding="utf-8"))
    x, y = content["features"][0]["geometry"]["coordinates"][0][0]
    assert 2.3 < x < 2.4 and 48.8 < y < 48.9
    assert "crs" not in content
    assert "longitude and latitude" in written.notes[0]


def test_geoparquet_has_the_columns_the_polygons_and_says_what_they_are(answered, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    file = export_result(answered, "geoparquet", tmp_path / "out").files[0]
    table = parquet.read_table(file)
    geo = json.loads(table.schema.metadata[b"geo"])
    assert geo["primary_column"] == "geometry"
    assert geo["columns"]["geometry"]["encoding"] == "WKB"
    assert geo["columns"]["geometry"]["crs"]["id"] == {"authority": "EPSG", "code": 2154}
    wanted = read_result(answered, formats.NOT_REJECTED).changes
    assert table.column("area_m2").to_pylist() == wanted.fields["area_m2"].tolist()
    assert table.column("geometry").to_pylist() == [
        shapely.to_wkb(shape) for shape in shapely.from_wkb(wanted.geometry)
    ]


def test_a_shapefile_says_what_it_costs(answered, tmp_path, monkeypatch):
    written = export_result(answered, "shapefile", tmp_path / "out.shp")
    assert {file.suffix for file in written.files} == {".shp", ".shx", ".dbf", ".prj", ".cpg"}
    assert "from_probability is from_proba" in written.notes[0]
    monkeypatch.setattr(formats, "SHAPEFILE_BYTES", 100)
    with pytest.raises(UnusableInput, match="2 GB at most"):
        export_result(answered, "shapefile", tmp_path / "large.shp")
    assert not list(tmp_path.glob("*large*"))


def test_what_a_shapefile_cuts_and_cannot_leave_empty_is_counted(answered, tmp_path):
    fields = {"area_m2": np.array([np.nan]), "question": np.array(["é" * 200], object), "a" * 12: np.array([1]),
              "a" * 11: np.array([2])}  # fmt: skip
    square = np.array([shapely.to_wkb(shapely.box(0, 0, 1, 1))], object)
    result = formats.Result(answered, {"language": "en"}, formats.ChangeTable(fields, square, None))
    notes = formats._write_shapefile(result, tmp_path / "out.shp")
    assert notes == [
        "Shapefile has field names of 10 characters: aaaaaaaaaaaa is aaaaaaaaaa, aaaaaaaaaaa is aaaaaaaa_1",
        "Shapefile cuts texts at 254 bytes: 1 of them",
        "Shapefile has no NULL: 1 unknown numbers may be read as 0",
    ]
    values, _, _ = read(tmp_path / "out.shp")
    assert (values["aaaaaaaaaa"][0], values["aaaaaaaa_1"][0]) == (1, 2)


def test_cogs_are_copied_with_the_names_of_their_classes(answered, tmp_path):
    written = export_result(answered, "cog", tmp_path / "rasters")
    names = {file.name for file in written.files}
    assert names >= {"change_probability.tif", "classes_1.tif", "classes_2.tif", "classes_1.tif.aux.xml"}
    with rasterio.open(tmp_path / "rasters" / "classes_2.tif") as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_the_matrix_of_changes_adds_their_areas_up(answered, tmp_path):
    file = export_result(answered, "csv", tmp_path / "matrix").files[0]
    rows = [line.split(",") for line in file.read_text(encoding="utf-8").splitlines()]
    areas = read_result(answered, formats.NOT_REJECTED).changes.fields["area_m2"]
    assert rows[0] == ["from \\ to (m²)", "building", "herbaceous", "total"]
    assert [row[0] for row in rows[1:]] == ["building", "herbaceous", "total"]
    assert float(rows[2][1]) == float(rows[3][3]) == pytest.approx(areas.sum(), abs=0.05)
    assert float(rows[1][1]) == 0
    assert areas.sum() == pytest.approx(2 * ROOF_M2, rel=0.1)


def test_the_workbook_has_a_sheet_of_changes_and_one_of_the_maps(answered, tmp_path):
    file = export_result(answered, "xlsx", tmp_path / "folder.xlsx" / "matrix.xlsx").files[0]
    assert [name for name, _ in pyogrio.list_layers(file)] == ["Transitions", "Land cover"]
    meta, _, _, fields = pyogrio.raw.read(file, layer="Land cover")
    table = dict(zip(meta["fields"], fields, strict=True))
    with rasterio.open(answered / "classes_1.tif") as raster:
        whole = raster.width * raster.height * 0.25
    assert table["total"][-1] == pytest.approx(whole, rel=2e-3)  # Lambert-93's own scale is within 0.1 %


def test_pixels_of_a_map_in_degrees_are_measured_on_the_ellipsoid(tmp_path):
    grid = Grid(None, Affine(0.01, 0, 2.0, 0, -0.01, 60.0), 4, 2, None)
    place = replace(grid, crs=rasterio.crs.CRS.from_epsg(4326))
    before, after = np.full((2, 4), 1, np.uint8), np.full((2, 4), 1, np.uint8)
    after[0, 0], before[1, 3] = 2, 0
    names = {1: "grass", 2: "roof"}
    for file, values in (("1.tif", before), ("2.tif", after)):
        write_cog(tmp_path / file, values, place, nodata=0, categories=names)
    matrix = matrix_of_maps(tmp_path / "1.tif", tmp_path / "2.tif", None)
    pixel = 1114.2 * 558.0  # a hundredth of a degree at 60° north: 1,114.2 m by 558.0 m
    assert matrix.names == ("grass", "roof") and matrix.unit == "m2"
    assert matrix.areas == pytest.approx(np.array([[6, 1], [0, 0]]) * pixel, rel=2e-3)


def test_maps_without_a_place_are_counted_in_pixels_or_by_the_gsd(tmp_path):
    grid = Grid(None, Affine(1, 0, 0, 0, -1, 0), 64, 64, None)
    before, after = np.ones((64, 64), np.uint8), np.ones((64, 64), np.uint8)
    after[:10, :10] = 2
    for file, values in (("1.tif", before), ("2.tif", after)):
        write_cog(tmp_path / file, values, grid, nodata=0)
    pixels = matrix_of_maps(tmp_path / "1.tif", tmp_path / "2.tif", None)
    assert (pixels.unit, pixels.names, pixels.areas.tolist()) == ("px", ("1", "2"), [[3996, 100], [0, 0]])
    metres = matrix_of_maps(tmp_path / "1.tif", tmp_path / "2.tif", 0.5)
    assert (metres.unit, metres.total) == ("m2", 1024)


def test_a_matrix_has_sums_and_its_largest_classes_first():
    matrix = matrix_of_changes(
        [("grass", "roof"), ("grass", "road"), ("wood", "road")], np.array([10.0, 5.04, 2.0]), "m2"
    )
    assert matrix.names == ("grass", "roof", "road", "wood")
    columns = matrix.columns("fr", {"grass": "herbe"})
    assert list(columns) == ["de \\ vers (m²)", "herbe", "roof", "road", "wood", "total"]
    assert columns["total"].tolist() == [15.0, 0.0, 0.0, 2.0, 17.0]
    assert columns["road"].tolist() == [5.0, 0.0, 0.0, 2.0, 7.0]


def test_rejected_changes_are_left_out_unless_asked_for(answered, tmp_path):
    import shutil

    folder = tmp_path / "reviewed"
    shutil.copytree(answered, folder)
    meta, _, geometry, fields = pyogrio.raw.read(folder / "changes.gpkg", layer="changes")
    values = dict(zip(meta["fields"], fields, strict=True))
    values["status"] = np.array(["rejected", "accepted"], object)
    pyogrio.raw.write(folder / "changes.gpkg", geometry, list(values.values()), list(values), layer="changes",
                      driver="GPKG", geometry_type="Polygon", crs=meta["crs"])  # fmt: skip
    for statuses, wanted in (((), ["accepted"]), (("rejected",), ["rejected"]), (("proposed",), [])):
        file = export_result(folder, "gpkg", tmp_path / f"{len(statuses)}{wanted}.gpkg", statuses).files[0]
        assert read(file)[0]["status"].tolist() == wanted
    matrix = export_result(folder, "csv", tmp_path / "matrix.csv").files[0].read_text(encoding="utf-8")
    assert matrix.splitlines()[-1].split(",")[-1] == f"{values['area_m2'][1]:g}"


def test_what_cannot_be_exported_is_said_in_one_line(answered, tmp_path, capsys):
    with pytest.raises(WrongUsage, match="no format 'kml'"):
        export_result(answered, "kml", tmp_path / "out.kml")
    with pytest.raises(WrongUsage, match="no status 'good'"):
        export_result(answered, "gpkg", tmp_path / "out.gpkg", ["good"])
    assert main(["export", str(tmp_path), "--format", "gpkg", "--out", str(tmp_path / "out.gpkg")]) == 3
    assert capsys.readouterr().err == (
        f"diachron: that is no result: {tmp_path}; name a folder that `diachron ask` has written\n"
    )
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableInput, match="cannot be written"):
        export_result(answered, "gpkg", tmp_path / "file" / "out.gpkg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]


def test_the_command_prints_the_files_and_says_the_rest_on_stderr(answered, tmp_path, capsys):
    arguments = ["export", str(answered), "--format", "geojson", "--out", str(tmp_path / "out")]
    assert main([*arguments, "--status", "proposed"]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{tmp_path / 'out.geojson'}\n"
    assert printed.err.startswith("diachron: GeoJSON is always")
