"""Which places a batch is about: folders, tables and STAC items as people have them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from diachron_qgis.logic.batch_items import BatchItem, NoBatch, batch_items


def touch(folder: Path, *names: str) -> list[str]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return [str(folder / name) for name in names]


def item(id: str, assets: dict, **more: object) -> dict:
    return {"type": "Feature", "stac_version": "1.0.0", "id": id, "properties": {}, "geometry": None,
            "assets": assets, **more}  # fmt: skip


def collection(path: Path, *items: dict) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(items)}))
    return path


@pytest.mark.parametrize("sides", [("before", "after"), ("avant", "apres"), ("A", "B"), ("pre", "post")])
def test_two_folders_with_files_of_the_same_names(tmp_path, sides):
    before, after = sides
    paths = touch(tmp_path, f"{before}/b.tif", f"{after}/b.tif", f"{before}/a.tif", f"{after}/a.png",
                  f"{before}/alone.tif", f"{after}/readme.txt")  # fmt: skip
    assert batch_items(tmp_path) == (
        BatchItem("a", (paths[2], paths[3]), ("", "")),
        BatchItem("b", (paths[0], paths[1]), ("", "")),
    )


def test_one_folder_with_dates_in_the_names(tmp_path):
    paths = touch(tmp_path, "lyon_2023.tif", "lyon_2018.tif", "metz-2019-06-30_ortho.tif", "metz-2021-07-01_ortho.tif",
                  "nice_2020.tif", "lyon_2020.tif")  # fmt: skip
    assert batch_items(tmp_path) == (
        BatchItem("lyon", (paths[1], paths[5], paths[0]), ("2018", "2020", "2023")),
        BatchItem("metz_ortho", (paths[2], paths[3]), ("2019-06-30", "2021-07-01")),
    )


def test_one_folder_with_sides_in_the_names(tmp_path):
    paths = touch(tmp_path, "roofs_post.tif", "roofs_pre.tif", "other.tif")
    assert batch_items(tmp_path) == (BatchItem("roofs", (paths[1], paths[0]), ("", "")),)


@pytest.mark.parametrize("mark", [",", ";"])
def test_a_table_with_paths_from_its_own_folder(tmp_path, mark):
    paths = touch(tmp_path, "images/1.tif", "images/2.tif")
    lines = ["id,before,after,after_date,gsd", "a/b,images/1.tif,./images/2.tif,2023,0.5", "c,/x/1.tif,/x/2.tif,,"]
    (tmp_path / "places.csv").write_text("\ufeff" + "\n".join(lines).replace(",", mark))
    assert batch_items(tmp_path / "places.csv") == (
        BatchItem("a_b", (paths[0], paths[1]), ("", "2023"), 0.5),
        BatchItem("c", ("/x/1.tif", "/x/2.tif"), ("", "")),
    )


def test_stac_items_that_have_both_rasters(tmp_path):
    paths = touch(tmp_path, "1.tif", "2.tif")
    assets = {"before": {"href": "./1.tif", "datetime": "2018-05-01T00:00:00Z"}, "after": {"href": "2.tif"}}
    found = batch_items(collection(tmp_path / "items.json", item("x", assets, properties={"gsd": 0.2})))
    assert found == (BatchItem("x", tuple(paths), ("2018-05-01", ""), 0.2),)


def test_stac_items_of_one_raster_each_are_put_together_by_place_and_time(tmp_path):
    def single(id: str, place: str, day: str) -> dict:
        properties = {"datetime": f"{day}T10:00:00Z", "grid:code": place}
        return item(id, {"thumbnail": {"href": "t.html"}, "image": {"href": f"/x/{id}.tif"}}, properties=properties)

    manifest = collection(
        tmp_path / "items.geojson", single("late", "MGRS-31", "2023-01-02"), single("early", "MGRS-31", "2018-01-02"),
        single("alone", "MGRS-32", "2020-01-01"),
    )  # fmt: skip
    assert batch_items(manifest) == (
        BatchItem("MGRS-31", ("/x/early.tif", "/x/late.tif"), ("2018-01-02", "2023-01-02")),
    )


def test_stac_items_without_a_grid_are_put_together_by_their_box(tmp_path):
    items = [
        item(name, {"data": {"href": f"{name}.tif"}}, bbox=[2.0, 48.0, 2.1, 48.1], properties={"datetime": day})
        for name, day in (("b", "2022-01-01"), ("a", "2021-01-01"))
    ]
    assert [each.rasters for each in batch_items(collection(tmp_path / "items.json", *items))] == [("a.tif", "b.tif")]


def test_an_id_cannot_lead_out_of_the_batchs_folder(tmp_path):
    (tmp_path / "places.csv").write_text("id,before,after\n../../etc,1.tif,2.tif\n")
    assert batch_items(tmp_path / "places.csv")[0].id == "etc"


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("p.csv", "id,before\na,1.tif\n", "Line 2 of"),
        ("p.csv", "id,before,after\na,1.tif,2.tif\nA,3.tif,4.tif\n", "The id a comes twice"),
        ("p.csv", "id,before,after\n", "No pair of rasters"),
        ("p.json", "no json", "no CSV and no collection"),
        ("p.json", '{"features": [{"id": 1}]}', "no CSV and no collection"),
    ],
)
def test_what_is_no_batch_is_said(tmp_path, name, text, wanted):
    (tmp_path / name).write_text(text)
    with pytest.raises(NoBatch, match=wanted):
        batch_items(tmp_path / name)


def test_a_manifest_that_is_not_there_is_said(tmp_path):
    with pytest.raises(NoBatch, match="cannot be read"):
        batch_items(tmp_path / "absent.csv")
