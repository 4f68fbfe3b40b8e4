"""A result drawn anew: what is found at another threshold, what a person decided, and which words still hold."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import jsonschema
import numpy as np
import pyogrio
import pytest
import shapely

from diachron.ask import ask
from diachron.cli import main
from diachron.errors import Cancelled, UnusableInput, WrongUsage
from diachron.request import AskRequest
from diachron.resources import resource
from diachron.results.remeasure import read_kept, remeasure
from fake_interpreter import EchoInterpreter
from small_rasters import GSD_M, ground, with_roof, write

ROOF_M2 = 20 * 20 * GSD_M**2
SMALL_M2 = 8 * 8 * GSD_M**2


class GradedInterpreter(EchoInterpreter):
    """As sure of a change as the later image is green there: a roof's green is its probability x 255."""

    def maps(self, images, reading, vocabulary, gsd_m=None):
        seen = super().maps(images, reading, vocabulary, gsd_m)
        seen.change[seen.change > 0.5] = (images[1:, 1] / 255)[seen.change > 0.5]
        return seen


def roof(image: np.ndarray, row: int, col: int, probability: float, side: int = 20) -> np.ndarray:
    drawn = with_roof(image, row, col, side)
    drawn[1, row : row + side, col : col + side] = round(255 * probability)
    return drawn


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the answer to a question of a sure roof, an unsure one, and a small sure one."""
    tmp_path = tmp_path_factory.mktemp("answered")
    after = roof(roof(roof(ground(), 10, 12, 0.9), 60, 90, 0.6), 10, 80, 0.95, side=8)
    pair = write(tmp_path / "before.tif", ground()), write(tmp_path / "after.tif", after)
    ask(AskRequest(pair, "How many buildings are new?", tmp_path / "out"), GradedInterpreter())
    return tmp_path / "out"


@pytest.fixture
def folder(answered: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(answered, tmp_path / "out"))


def rows(folder: Path) -> dict[int, dict]:
    meta, _, geometry, fields = pyogrio.raw.read(folder / "changes.gpkg", layer="changes")
    values = [dict(zip(meta["fields"], row)) for row in zip(*fields)]
    return {int(row["id"]): row | {"outline": shapely.from_wkb(wkb)} for row, wkb in zip(values, geometry)}


def opened(folder: Path, bounds: tuple[float, ...] = (0, 0, 0, 0)) -> sqlite3.Connection:
    """Open the changes with the functions that the file's triggers call; a geometry that is written has the bounds."""
    database = sqlite3.connect(folder / "changes.gpkg")
    for place, name in enumerate(("ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY")):
        database.create_function(name, 1, lambda _, at=place: bounds[at])
    database.create_function("ST_IsEmpty", 1, lambda _: 0)
    return database


def decide(folder: Path, id: int, **fields: object) -> None:
    """Decide as QGIS does: in the file."""
    names = ", ".join(f"{name} = ?" for name in fields)
    with opened(folder) as database:
        database.execute(f"UPDATE changes SET {names} WHERE id = ?", (*fields.values(), id))


def counts(value: dict) -> tuple[int, float]:
    count, area = value["facts"][:2]
    return count["value"], area["value"]


def test_at_the_same_settings_nothing_changes(folder: Path):
    before, kept = rows(folder), read_kept(folder)
    value = json.loads((folder / "answer.json").read_text())
    again = remeasure(kept, *kept.drawn_with)
    assert {name: again[name] for name in value} == value
    after = rows(folder)
    assert [row["area_m2"] for row in after.values()] == [row["area_m2"] for row in before.values()]
    assert all(after[id]["outline"].equals(before[id]["outline"]) for id in before)
    assert all(after[id]["from_probability"] == before[id]["from_probability"] == 1.0 for id in before)


@pytest.mark.parametrize(
    ("threshold", "minimum", "found"), [(0.5, 10, 3), (0.7, 10, 2), (0.5, 50, 2), (0.93, 10, 1), (0.99, 10, 0)]
)
def test_polygons_facts_and_text_follow(folder: Path, threshold: float, minimum: float, found: int):
    value = remeasure(read_kept(folder), threshold, minimum)
    there = rows(folder)
    assert counts(value) == (found, round(sum(row["area_m2"] for row in there.values()), 1))
    assert len(there) == found
    assert sorted(value["facts"][0]["features"]) == sorted(there)
    assert json.loads((folder / "answer.json").read_text()) == value
    assert value["settings"]["threshold"] == threshold
    jsonschema.validate(value, json.loads(resource("schemas/answer.schema.json").read_text(encoding="utf-8")))


def test_the_words_stay_while_they_hold_and_come_back_when_they_hold_again(folder: Path):
    kept = read_kept(folder)
    assert remeasure(kept, 0.7, 10)["text"] == f"2 new, {ROOF_M2 + SMALL_M2:,.0f} m² of them."
    one = remeasure(kept, 0.93, 10)
    assert "new, " not in one["text"] and "1 new building" in one["text"]
    assert one["text"][one["spans"][0]["start"] : one["spans"][0]["end"]] == "1"
    assert remeasure(read_kept(folder), 0.5, 10)["text"].startswith("3 new, ")


def test_what_was_decided_stays_as_it_was_seen(folder: Path):
    unsure = next(id for id, row in rows(folder).items() if row["confidence"] < 0.7)
    seen = rows(folder)[unsure]
    decide(folder, unsure, status="accepted", decided_by="Ada", note="a barn")
    value = remeasure(read_kept(folder), 0.8, 10)
    there = rows(folder)
    assert len(there) == 3
    assert (there[unsure]["status"], there[unsure]["decided_by"], there[unsure]["note"]) == (
        "accepted",
        "Ada",
        "a barn",
    )
    assert there[unsure]["outline"].equals(seen["outline"])
    assert counts(value)[0] == 3
    assert len({row["id"] for row in there.values()}) == 3


def test_what_was_rejected_is_neither_counted_nor_proposed_again(folder: Path):
    decide(folder, 1, status="rejected")
    kept = read_kept(folder)
    for threshold in (0.8, 0.4, 0.5):
        value = remeasure(kept, threshold, 10)
    there = rows(folder)
    assert [row["status"] for row in there.values()].count("rejected") == 1
    assert len(there) == 3
    assert counts(value)[0] == 2
    assert 1 not in value["facts"][0]["features"]


def test_a_new_polygon_is_cut_by_a_decided_one_that_covers_a_part_of_it(folder: Path):
    first = rows(folder)[1]["outline"]
    left, bottom, right, top = first.bounds
    corner = shapely.box(left, bottom, left + (right - left) / 3, top)
    with opened(folder, corner.bounds) as database:
        (header,) = database.execute("SELECT substr(geom, 1, 8) FROM changes WHERE id = 1").fetchone()
        plain = header[:3] + bytes([1]) + header[4:8] + shapely.to_wkb(corner, byte_order=1)
        edit = "UPDATE changes SET geom = ?, status = 'edited', area_m2 = ? WHERE id = 1"
        database.execute(edit, (plain, corner.area))
    remeasure(read_kept(folder), 0.5, 10)
    there = list(rows(folder).values())
    assert len(there) == 4
    whole = shapely.union_all([row["outline"] for row in there])
    assert sum(row["outline"].area for row in there) == pytest.approx(whole.area)
    assert whole.area == pytest.approx(sum((ROOF_M2, ROOF_M2, SMALL_M2)), rel=0.02)


def test_levels_of_damage_stay_with_their_buildings(folder: Path):
    from diachron.model.damage import FIRST_LEVEL
    from diachron.rasters.cog import write_cog

    value = json.loads((folder / "answer.json").read_text())
    value["look"]["task"] = "damage"
    (folder / "answer.json").write_text(json.dumps(value))
    levels = np.zeros((96, 128), np.uint8)
    levels[60:80, 90:110], levels[:40] = FIRST_LEVEL + 3, FIRST_LEVEL + 1
    write_cog(folder / "damage_levels.tif", levels, read_kept(folder).grid, nodata=0)
    remeasure(read_kept(folder), 0.5, 10)
    found = {round(float(row["confidence"]), 1): row["damage"] for row in rows(folder).values()}
    assert found[0.6] == "destroyed" and found[0.9] == "minor damage"
    unsure = next(id for id, row in rows(folder).items() if row["confidence"] < 0.7)
    decide(folder, unsure, status="accepted")
    again = remeasure(read_kept(folder), 0.8, 10)
    kinds = {(fact["kind"], fact["to"]): fact["value"] for fact in again["facts"]}
    assert rows(folder)[unsure]["damage"] == "destroyed"
    assert any(kind == "damage_count" for kind, _ in kinds)


def test_a_decision_in_mid_work_is_not_lost(folder: Path, monkeypatch: pytest.MonkeyPatch):
    from diachron.results import remeasure as module

    read, decided = module.read_decided, []

    def decide_after_reading(path: Path) -> object:
        found = read(path)
        if not decided:
            decided.append(1)
            decide(folder, 1, status="accepted")
        return found

    monkeypatch.setattr(module, "read_decided", decide_after_reading)
    remeasure(read_kept(folder), 0.99, 10)
    assert [row["status"] for row in rows(folder).values()] == ["accepted"]


def test_another_reader_sees_the_old_or_the_new_never_nothing(folder: Path):
    kept = read_kept(folder)
    with sqlite3.connect(folder / "changes.gpkg") as reader:
        reader.execute("PRAGMA journal_mode = WAL")
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM changes").fetchone() == (3,)
        remeasure(kept, 0.7, 10)
        assert reader.execute("SELECT count(*) FROM changes").fetchone() == (3,)
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM changes").fetchone() == (2,)


def test_a_file_that_another_program_holds_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("diachron.results.changes_file.PATIENCE_S", 0.1)
    with sqlite3.connect(folder / "changes.gpkg", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UnusableInput, match="cannot be drawn anew"):
            remeasure(read_kept(folder), 0.7, 10)
        other.execute("ROLLBACK")
    assert len(rows(folder)) == 3


def test_cancelling_writes_nothing(folder: Path):
    before = (folder / "answer.json").read_bytes()
    with pytest.raises(Cancelled):
        remeasure(read_kept(folder), 0.9, 10, cancelled=lambda: True)
    assert (folder / "answer.json").read_bytes() == before


@pytest.mark.parametrize(("threshold", "minimum"), [(0.0, 10), (1.0, 10), (0.5, -1), (0.5, float("inf"))])
def test_settings_that_make_no_sense_are_wrong_usage(folder: Path, threshold: float, minimum: float):
    with pytest.raises(WrongUsage):
        remeasure(read_kept(folder), threshold, minimum)


def test_a_folder_that_is_no_answer_is_said(tmp_path: Path, folder: Path):
    with pytest.raises(UnusableInput, match="holds no answer"):
        read_kept(tmp_path)
    (folder / "change_probability.tif").unlink()
    with pytest.raises(UnusableInput, match="not whole"):
        read_kept(folder)


def test_the_command_line_does_the_same(folder: Path, capsys: pytest.CaptureFixture):
    assert main(["remeasure", str(folder), "--threshold", "0.7"]) == 0
    assert capsys.readouterr().out.startswith("2 new, ")
    assert main(["remeasure", str(folder), "--threshold", "7"]) == 2


def test_the_protocol_does_the_same(folder: Path):
    from diachron.runtime import ModelChoice
    from diachron.service.protocol import parse_request
    from diachron.service.work import Work

    class Silent:
        def cancelled(self) -> bool:
            return False

    work = Work(ModelChoice("mini", None, "cpu"))
    for threshold, found in ((0.7, 2), (0.5, 3)):
        params = {"folder": str(folder), "threshold": threshold, "minimum_area": 10}
        request = parse_request(json.dumps({"id": "1", "method": "remeasure", "params": params}))
        result = work(request.params, Silent())
        assert counts(result["answer"])[0] == found
        assert result["folder"] == str(folder)
