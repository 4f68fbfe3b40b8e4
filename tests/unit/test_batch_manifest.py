"""Manifests of a batch: what they say, and what is refused before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from diachron.cluster.manifest import Row, check_id, read_manifest
from diachron.errors import UnusableInput


def manifest(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "places.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_names_its_rasters_from_the_manifests_folder(tmp_path: Path):
    for name in ("b.tif", "a.tif"):
        (tmp_path / name).touch()
    (row,) = read_manifest(manifest(tmp_path, "id,before,after,gsd\nplace 1, b.tif, a.tif ,0.5\n"))
    assert row == Row("place 1", (str(tmp_path / "b.tif"), str(tmp_path / "a.tif")), ("", ""), 0.5)


def test_absolute_paths_and_those_from_here_stay_as_they_are(tmp_path: Path):
    (row,) = read_manifest(manifest(tmp_path, "id,before,after\n1,/data/b.tif,here.tif\n"))
    assert row.rasters == ("/data/b.tif", "here.tif")


def test_further_dates_stand_in_their_order_and_may_be_left_out(tmp_path: Path):
    text = 'id,before,after,after_10,after_2,before_date,after_2_date,area\n1,a,b,d,c,2010,2016,"0,0,5,5"\n2,a,b,,,,,\n'
    first, second = read_manifest(manifest(tmp_path, text))
    assert first.rasters == ("a", "b", "c", "d") and first.dates == ("2010", "", "2016", "")
    assert first.area == "0,0,5,5"
    assert second.rasters == ("a", "b") and second.area is None


def test_semicolons_byte_order_marks_and_empty_lines_are_read(tmp_path: Path):
    rows = read_manifest(manifest(tmp_path, "\ufeffid;before;after\n1;a,1.tif;b.tif\n;;\n2;c;d\n"))
    assert [row.id for row in rows] == ["1", "2"] and rows[0].rasters[0] == "a,1.tif"


def test_a_changed_row_has_another_key(tmp_path: Path):
    first = read_manifest(manifest(tmp_path, "id,before,after\n1,a,b\n"))[0].key
    assert read_manifest(manifest(tmp_path, "id,before,after\n1,a,b\n"))[0].key == first
    assert read_manifest(manifest(tmp_path, "id,before,after,gsd\n1,a,b,0.2\n"))[0].key != first


@pytest.mark.parametrize(
    "id",
    ["..", "../up", "/etc/x", "a/b", "a\\b", "", ".hidden", "c:d", "a\x00b", "summary.parquet", "CON", "x" * 101, "a."],
)
def test_an_id_cannot_lead_out_of_the_batchs_folder(id: str):
    with pytest.raises(UnusableInput, match="cannot name a folder"):
        check_id(id, "line 2")


@pytest.mark.parametrize("id", ["1", "D075-2021_tile+3", "forêt 12", "a.b@c=d"])
def test_plain_ids_are_taken(id: str):
    check_id(id, "line 2")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,before\n1,a\n", "no column after"),
        ("", "no column id, before, after"),
        ("id,before,after\n", "has no rows"),
        ("id,before,after\n1,a,b\n../x,a,b\n", "line 3"),
        ("id,before,after\nA,a,b\na,c,d\n", "is that of line 2 too"),
        ("id,before,after\n1,a,\n", "no raster 'after'"),
        ("id,before,after,gsd\n1,a,b,-2\n", "no length"),
        ("id,before,after,gsd\n1,a,b,half\n", "no length"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_said_with_its_line(tmp_path: Path, text: str, told: str):
    with pytest.raises(UnusableInput, match=told):
        read_manifest(manifest(tmp_path, text))


def test_a_manifest_that_is_no_text_is_refused(tmp_path: Path):
    path = tmp_path / "m.csv"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(UnusableInput, match="cannot be read"):
        read_manifest(path)
