"""Recipes: what they hold, that they give the same polygons again, and what they refuse."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pyogrio
import pytest

from diachron.ask import ask
from diachron.cli import main
from diachron.errors import UnusableInput, WrongUsage
from diachron.model.look import Look
from diachron.recipe import check_model, read_recipe, rerun_request
from diachron.request import AskRequest
from diachron.resources import resource
from diachron.results.formats import export_result
from diachron.runtime import ModelChoice
from diachron.service.protocol import BadRequest, parse_request
from diachron.service.work import Work
from fake_interpreter import CARD, EchoInterpreter
from small_rasters import ground, with_roof, write

AREA = "POLYGON ((652000 6861952, 652064 6861952, 652064 6862000, 652000 6862000, 652000 6861952))"


@pytest.fixture
def request_(tmp_path: Path) -> AskRequest:
    roofed = with_roof(with_roof(ground(), 10, 12), 60, 90, side=4)
    pair = (write(tmp_path / "before.tif", ground()), write(tmp_path / "after.tif", roofed))
    return AskRequest(pair, "How many buildings are new?", tmp_path / "out", dates=("2018", "2023"), area=AREA)


def recipe_of(request: AskRequest) -> dict[str, Any]:
    return json.loads((request.out / "recipe.json").read_text(encoding="utf-8"))


def polygons(folder: Path) -> list[tuple[Any, ...]]:
    _, _, geometry, fields = pyogrio.raw.read(folder / "changes.gpkg", layer="changes")
    return [(bytes(shape), *values) for shape, *values in zip(geometry, *fields, strict=True)]


def rerun(folder: Path, *more: str) -> int:
    arguments = ["ask", *more, "--recipe", str(folder / "recipe.json"), "--out", str(folder.parent / "again")]
    return main(arguments, lambda choice: EchoInterpreter())


@pytest.mark.parametrize(
    "changed",
    [
        {}, {"threshold": 0.3, "minimum_area": 2.0}, {"language": "fr", "gsd": 0.5}, {"area": None},
        {"look": Look("area", ("herbaceous",), ("building",))}, {"question": "Why was it built?"}, {"normalise": True},
    ],
)  # fmt: skip
def test_a_recipe_follows_its_schema_and_gives_the_same_polygons_again(request_, changed):
    if "look" in changed:
        pytest.importorskip("torch")
    request = replace(request_, **changed)
    first = ask(request, EchoInterpreter())
    schema = json.loads(resource("schemas/recipe.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(recipe_of(request), schema)
    assert rerun(request.out) == 0
    again = json.loads((request.out.parent / "again" / "answer.json").read_text(encoding="utf-8"))
    wanted = first.as_json()
    assert {**again, "timings": 0} == {**json.loads(json.dumps(wanted)), "timings": 0}
    assert polygons(request.out.parent / "again") == polygons(request.out)
    assert recipe_of(replace(request, out=request.out.parent / "again")) == {
        **recipe_of(request), "minimum_area": recipe_of(request)["minimum_area"]
    }  # fmt: skip


def test_another_threshold_gives_other_polygons(request_):
    ask(replace(request_, minimum_area=1.0), EchoInterpreter())
    few = replace(request_, minimum_area=50.0, out=request_.out.parent / "few")
    ask(few, EchoInterpreter())
    assert len(polygons(request_.out)) == 2 and len(polygons(few.out)) == 1


def test_an_area_from_a_file_is_kept_as_its_polygon(request_, tmp_path):
    file = tmp_path / "area.geojson"
    ring = [[652000, 6861952], [652064, 6861952], [652064, 6862000], [652000, 6862000], [652000, 6861952]]
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    feature = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    file.write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
    ask(replace(request_, area=str(file)), EchoInterpreter())
    file.unlink()
    assert recipe_of(request_)["area"].startswith("POLYGON")
    assert rerun(request_.out) == 0
    assert polygons(request_.out.parent / "again") == polygons(request_.out)


def test_rasters_that_moved_are_found_beside_the_recipe_or_named(request_, tmp_path):
    ask(request_, EchoInterpreter())
    for path in request_.rasters:
        Path(path).rename(request_.out / Path(path).name)
    assert rerun(request_.out) == 0
    elsewhere = [Path(path).name for path in request_.rasters]
    for name in elsewhere:
        (request_.out / name).rename(tmp_path / f"moved_{name}")
    assert rerun(request_.out) == 3
    assert rerun(request_.out, *(str(tmp_path / f"moved_{name}") for name in elsewhere)) == 0


def test_what_is_not_the_recipes_is_refused(request_, tmp_path, capsys):
    ask(request_, EchoInterpreter())
    recipe = read_recipe(request_.out / "recipe.json")
    with pytest.raises(WrongUsage, match="another number of rasters: 1 for 2"):
        rerun_request(recipe, tmp_path, tmp_path / "again", ["one.tif"])
    for card in (replace(CARD, version="0.2"), replace(CARD, name="other"), replace(CARD, adapter="damage")):
        with pytest.raises(UnusableInput, match="made with the model echo 0.1"):
            check_model(recipe, card)
    with pytest.raises(UnusableInput, match="other weights"):
        check_model(recipe, replace(CARD, sha256={"model.safetensors": "0" * 64}))
    write(Path(request_.rasters[1]), with_roof(ground(), 40, 40))
    assert rerun(request_.out) == 3
    assert "a file is not the one that the recipe was made with" in capsys.readouterr().err
    assert not (request_.out.parent / "again").exists()


@pytest.mark.parametrize(
    "text", ["", "[]", '{"recipe": 2}', '{"recipe": 1, "question": 3}', '{"recipe": 1, "engine": "0", "more": 1}']
)
def test_what_is_no_recipe_is_refused_in_one_line(text, tmp_path, capsys):
    (tmp_path / "recipe.json").write_text(text)
    assert main(["ask", "--recipe", str(tmp_path / "recipe.json"), "--out", str(tmp_path / "out")]) == 3
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1 and "recipe" in printed


def test_an_option_that_the_recipe_says_already_is_wrong_usage(request_, capsys):
    ask(request_, EchoInterpreter())
    assert rerun(request_.out, "--threshold", "0.4") == 2
    assert "--threshold" in capsys.readouterr().err


def test_a_saved_recipe_has_the_settings_that_the_polygons_were_last_drawn_with(request_, tmp_path):
    from diachron.results.remeasure import read_kept, remeasure

    ask(request_, EchoInterpreter())
    remeasure(read_kept(request_.out), 0.4, 1.0)
    export_result(request_.out, "recipe", tmp_path / "mine.json")
    saved = read_recipe(tmp_path / "mine.json")
    assert (saved.threshold, saved.minimum_area) == (0.4, 1.0)
    again = rerun_request(saved, tmp_path, tmp_path / "again")
    ask(again, EchoInterpreter())
    assert len(polygons(tmp_path / "again")) == len(polygons(request_.out)) == 2


# -- by the protocol --------------------------------------------------------------------------


class Silent:
    """A reporter that nobody hears."""

    def send(self, event: str, **fields: Any) -> None: ...

    def cancelled(self) -> bool:
        return False


def request_line(method: str, **params: Any) -> str:
    return json.dumps({"id": "1", "method": method, "params": params})


def test_the_protocol_makes_a_recipe_again_and_exports_its_result(request_, tmp_path):
    ask(request_, EchoInterpreter())
    asked_for = []
    work = Work(ModelChoice("other"), load=lambda choice: asked_for.append(choice) or EchoInterpreter())
    line = request_line("rerun", recipe=str(request_.out / "recipe.json"), out=str(tmp_path / "again"))
    result = work(parse_request(line).params, Silent())
    assert asked_for[0].name == "echo"
    assert result["folder"] == str(tmp_path / "again")
    assert polygons(tmp_path / "again") == polygons(request_.out)
    out = str(tmp_path / "m.csv")
    line = request_line("export", folder=str(tmp_path / "again"), format="csv", out=out, statuses=[])
    assert work(parse_request(line).params, Silent()) == {"files": [out], "notes": []}


def test_the_protocol_takes_full_paths_alone():
    for method, params in (
        ("rerun", {"recipe": "recipe.json", "out": "/o"}),
        ("rerun", {"recipe": "/recipe.json", "out": "/o", "rasters": ["a.tif", "/b.tif"]}),
        ("export", {"folder": "/f", "format": "csv", "out": "o"}),
    ):
        with pytest.raises(BadRequest, match="not an absolute path"):
            parse_request(request_line(method, **params))
