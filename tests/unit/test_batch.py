"""A batch with an interpreter that echoes pixels: rows, records, going on, and a mosaic part by part."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely

from batch_loaders import load_echo
from batch_results import QUESTION, folder_of, mosaic, summary
from diachron.ask import ask
from diachron.cli import main
from diachron.cluster.parts import cut
from diachron.cluster.progress import batch_line, rate
from diachron.cluster.ray_crew import Share, share_of
from diachron.mapping import plan_tiles
from diachron.progress import Step
from diachron.rasters.grid import Grid
from diachron.request import AskRequest
from fake_interpreter import CARD, EchoInterpreter
from small_rasters import GSD_M, PLACE, ground, with_roof, write


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """Return a manifest of four rows: two roofs, none, a raster that is not there, and a pair without a CRS."""
    write(tmp_path / "grass.tif", ground())
    write(tmp_path / "roofs.tif", with_roof(with_roof(ground(), 10, 12), 60, 90))
    write(tmp_path / "plain_1.png", ground(), crs=None, driver="PNG")
    write(tmp_path / "plain_2.png", with_roof(ground(), 40, 40), crs=None, driver="PNG")
    path = tmp_path / "places.csv"
    lines = ["two,grass.tif,roofs.tif,", "none,grass.tif,grass.tif,", "gone,grass.tif,nowhere.tif,"]
    path.write_text("\n".join(["id,before,after,gsd", *lines, "plain,plain_1.png,plain_2.png,0.5"]) + "\n")
    return path


def run(manifest: Path, out: Path, *more: str, load: object = load_echo) -> int:
    return main(["batch", str(manifest), "--question", QUESTION, "--out", str(out), *more], load)


def test_every_row_gets_a_folder_and_a_line_of_the_summary(manifest: Path, tmp_path: Path, capsys):
    out = tmp_path / "out"
    assert run(manifest, out) == 1, "one row failed"
    rows = summary(out)
    assert list(rows) == ["two", "none", "gone", "plain"]
    assert [row["status"] for row in rows.values()] == ["done", "done", "failed", "done"]
    assert rows["two"]["count"] == rows["two"]["changes"] == 2 and rows["none"]["count"] == 0
    assert rows["two"]["area"] == pytest.approx(2 * 20 * 20 * GSD_M**2, rel=0.01) and rows["two"]["unit"] == "m2"
    assert "nowhere.tif" in rows["gone"]["error"] and "\n" not in rows["gone"]["error"]
    assert (out / "two" / "answer.json").is_file() and not (out / "gone").exists()
    assert rows["two"]["text"] == json.loads((out / "two" / "answer.json").read_text())["text"]
    told = capsys.readouterr()
    assert told.out.splitlines()[-1].startswith("3 of 4 done, 1 failed")
    assert "gone: there is no such raster" in told.err


def test_the_tables_are_geoparquet_in_degrees(manifest: Path, tmp_path: Path):
    run(manifest, tmp_path / "out")
    for name in ("summary.parquet", "changes.parquet"):
        geo = json.loads(pq.read_schema(tmp_path / "out" / name).metadata[b"geo"])
        assert geo["version"] == "1.1.0" and geo["columns"]["geometry"]["encoding"] == "WKB"
        assert geo["columns"]["geometry"]["crs"]["id"] == {"authority": "OGC", "code": "CRS84"}
    rows = summary(tmp_path / "out")
    left, bottom, right, top = shapely.from_wkb(rows["two"]["geometry"]).bounds
    assert left == pytest.approx(2.345, abs=0.01) and bottom == pytest.approx(48.86, abs=0.01)
    assert rows["gone"]["geometry"] is None and rows["plain"]["geometry"] is None
    changes = pq.read_table(tmp_path / "out" / "changes.parquet").to_pylist()
    assert [(row["place"], row["to_class"]) for row in changes] == [("two", "building")] * 2
    assert all(
        shapely.from_wkb(row["geometry"]).within(shapely.box(left, bottom, right, top).buffer(1e-6)) for row in changes
    )


def test_a_second_run_does_only_what_is_missing(manifest: Path, tmp_path: Path, capsys):
    out = tmp_path / "out"
    run(manifest, out)
    before = {path: path.stat().st_mtime_ns for path in out.glob("*/answer.json")}
    write(tmp_path / "nowhere.tif", with_roof(ground(), 10, 12))
    echo = EchoInterpreter()
    assert run(manifest, out, load=lambda choice: echo) == 0
    assert len(echo.questions_read) == 1, "the row that had failed, and no other"
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in before.items())
    assert "3 of 4 are answered already" in capsys.readouterr().err
    assert summary(out)["gone"]["count"] == 1


def test_a_row_that_was_changed_or_whose_folder_is_gone_is_done_again(manifest: Path, tmp_path: Path):
    out = tmp_path / "out"
    run(manifest, out)
    manifest.write_text(manifest.read_text().replace("none,grass.tif,grass.tif", "none,grass.tif,roofs.tif"))
    (out / "two" / "answer.json").unlink()
    (out / "two").rename(tmp_path / "moved")
    echo = EchoInterpreter()
    run(manifest, out, load=lambda choice: echo)
    assert len(echo.questions_read) == 2
    assert summary(out)["none"]["count"] == summary(out)["two"]["count"] == 2


def test_half_a_line_of_the_journal_is_passed_over(manifest: Path, tmp_path: Path):
    out = tmp_path / "out"
    run(manifest, out)
    journal = out / "batch.jsonl"
    journal.write_bytes(journal.read_bytes()[:-40])
    (out / ".plain-abcdefgh").mkdir()
    echo = EchoInterpreter()
    run(manifest, out, load=lambda choice: echo)
    assert len(echo.questions_read) == 1
    assert summary(out)["plain"]["status"] == "done"
    assert not (out / ".plain-abcdefgh").exists(), "what a killed worker left is swept up"


def test_another_question_is_not_mixed_into_a_batch(manifest: Path, tmp_path: Path, capsys):
    run(manifest, tmp_path / "out")
    assert main(["batch", str(manifest), "--question", "Combien?", "--out", str(tmp_path / "out")], load_echo) == 2
    assert "another batch (other: question)" in capsys.readouterr().err


def test_an_error_that_nobody_foresaw_fails_its_row_alone(manifest: Path, tmp_path: Path):
    class Broken(EchoInterpreter):
        def maps(self, images, *more):
            if images.shape[-1] and len(self.questions_read) == 1:
                raise ZeroDivisionError("nothing\nat all")
            return super().maps(images, *more)

    broken = Broken()
    run(manifest, tmp_path / "out", load=lambda choice: broken)
    rows = summary(tmp_path / "out")
    assert rows["two"]["status"] == "failed" and rows["none"]["status"] == "done"
    assert rows["two"]["error"].startswith("unforeseen ZeroDivisionError at ")


def test_interrupted_it_says_how_to_go_on(manifest: Path, tmp_path: Path, capsys):
    def stop() -> None:
        if len(echo.questions_read) == 2:
            raise KeyboardInterrupt

    echo = EchoInterpreter(on_tile=stop)
    assert run(manifest, tmp_path / "out", load=lambda choice: echo) == 130
    assert "to go on" in capsys.readouterr().err
    assert [row["status"] for row in summary(tmp_path / "out").values()] == ["done", "waiting", "waiting", "waiting"]


def killed(words: list[str], marker: Path) -> None:
    """Run a command in a process that is killed at its third tile."""
    code = (
        "import sys; from pathlib import Path; from batch_loaders import DiesAtFirst; from diachron.cli import main; "
    )
    code += "main(sys.argv[2:], DiesAtFirst(Path(sys.argv[1])))"
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    done = subprocess.run([sys.executable, "-c", code, str(marker), *words], env=here, check=False)
    assert done.returncode == -signal.SIGKILL


def test_a_killed_command_goes_on_with_what_is_missing(manifest: Path, tmp_path: Path):
    out = tmp_path / "out"
    words = ["batch", str(manifest), "--question", QUESTION, "--out", str(out)]
    killed(words, tmp_path / "killed")
    before = [json.loads(line).get("id") for line in (out / "batch.jsonl").read_text().splitlines()]
    assert before == [None, "two", "none", "gone"], "it was killed in the fourth row"
    echo = EchoInterpreter()
    assert main(words, lambda choice: echo) == 1
    assert len(echo.questions_read) == 1
    assert [row["status"] for row in summary(out).values()] == ["done", "done", "failed", "done"]


@pytest.mark.parametrize(
    ("more", "told"),
    [(["--tile-km", "2"], "--tile-km"), (["--workers", "0"], "number of workers"), (["--gsd", "1"], "--gsd")],
)
def test_arguments_that_do_not_go_together_are_refused(
    manifest: Path, tmp_path: Path, capsys, more: list[str], told: str
):
    assert run(manifest, tmp_path / "out", *more) == 2
    assert told in capsys.readouterr().err


# -- a mosaic, part by part -------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_parts_give_what_one_machine_gives_polygon_by_polygon(tmp_path: Path, seed: int, capsys):
    rasters = mosaic(tmp_path, seed)
    ask(AskRequest(rasters, QUESTION, tmp_path / "whole"), EchoInterpreter())
    words = ["batch", *rasters, "--question", QUESTION, "--out", str(tmp_path / "parts"), "--tile-km", "0.05"]
    assert main(words, load_echo) == 0
    whole, parts = folder_of(tmp_path / "whole"), folder_of(tmp_path / "parts")
    assert whole[0] == parts[0] and len(whole[1][0]) > 5
    for one, other in zip(whole[1], parts[1], strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(whole[2], parts[2], strict=True):
        np.testing.assert_array_equal(one, other)
    table = pq.read_table(tmp_path / "parts" / "changes.parquet").to_pylist()
    assert [row["geometry"] for row in table] == list(whole[1][0])
    assert not (tmp_path / "parts.parts").exists()
    assert capsys.readouterr().out.strip() == whole[0]["text"]
    assert main(words, lambda choice: EchoInterpreter(on_tile=pytest.fail)) == 0, "it is answered already"
    assert capsys.readouterr().out.strip() == whole[0]["text"]


def test_parts_that_are_there_are_not_looked_at_again(tmp_path: Path):
    rasters = mosaic(tmp_path, 4)
    words = ["batch", *rasters, "--question", QUESTION, "--out", str(tmp_path / "parts"), "--tile-km", "0.05"]
    stopped = EchoInterpreter(on_tile=lambda: stop_at(stopped, 6))
    assert main(words, lambda choice: stopped) == 130
    kept = list((tmp_path / "parts.parts").glob("*.tif"))
    assert kept and not (tmp_path / "parts").exists()
    again = EchoInterpreter()
    assert main(words, lambda choice: again) == 0
    fresh = EchoInterpreter()
    assert main([*words[:-3], str(tmp_path / "fresh"), "--tile-km", "0.05"], lambda choice: fresh) == 0
    assert len(again.tiles_seen) < len(fresh.tiles_seen)
    assert folder_of(tmp_path / "parts")[0] == folder_of(tmp_path / "fresh")[0]


def stop_at(echo: EchoInterpreter, tile: int) -> None:
    if len(echo.tiles_seen) == tile:
        raise KeyboardInterrupt


def test_a_killed_command_goes_on_with_the_parts_that_are_missing(tmp_path: Path):
    rasters = mosaic(tmp_path, 6)
    words = ["batch", *rasters, "--question", QUESTION, "--out", str(tmp_path / "parts"), "--tile-km", "0.03"]
    killed(words, tmp_path / "killed")
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "parts.parts").glob("part_*.tif")}
    assert kept and not (tmp_path / "parts").exists()
    ask(AskRequest(rasters, QUESTION, tmp_path / "whole"), EchoInterpreter())
    again = EchoInterpreter(on_tile=lambda: untouched(kept))
    assert main(words, lambda choice: again) == 0
    assert folder_of(tmp_path / "parts")[0] == folder_of(tmp_path / "whole")[0]


def untouched(kept: dict[Path, int]) -> None:
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in kept.items())


def test_parts_of_something_else_are_not_used(tmp_path: Path, capsys):
    rasters = mosaic(tmp_path, 5)
    words = ["batch", *rasters, "--question", QUESTION, "--out", str(tmp_path / "parts"), "--tile-km", "0.05"]
    stopped = EchoInterpreter(on_tile=lambda: stop_at(stopped, 6))
    main(words, lambda choice: stopped)
    write(Path(rasters[1]), with_roof(ground(260, 380), 3, 3))
    assert main(words, load_echo) == 2
    assert "parts of something else (other: rasters)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("width", "height", "part_km"), [(700, 500, 0.1), (64, 2000, 0.2), (1000, 1000, 5.0), (130, 130, 0.001)]
)
def test_parts_cover_the_grid_once(width: int, height: int, part_km: float):
    seen = np.zeros((height, width), int)
    for window in cut(Grid(None, PLACE, width, height, GSD_M), CARD, part_km):
        seen[window.slices] += 1
    assert (seen == 1).all()


def test_parts_begin_where_tiles_begin():
    plan = plan_tiles(700, 500, GSD_M, CARD)
    starts = {(tile.row, tile.col) for tile in plan}
    assert {(each.row, each.col) for each in cut(Grid(None, PLACE, 700, 500, GSD_M), CARD, 0.1)} <= starts


# -- shares and rates -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cpus", "gpus", "workers", "share"),
    [
        (16, 0, None, Share(8, 2.0, 0.0)), (2, 0, 2, Share(2, 1.0, 0.0)), (1, 0, None, Share(1, 1.0, 0.0)),
        (16, 4, None, Share(4, 4.0, 1.0)), (2, 0, 4, Share(4, 0.5, 0.0)), (8, 1, 2, Share(2, 4.0, 0.5)),
    ],
)  # fmt: skip
def test_a_worker_has_a_gpu_or_its_share_of_the_cores(cpus: float, gpus: float, workers: int | None, share: Share):
    assert share_of(cpus, gpus, workers) == share
    assert share.threads >= 1


def test_the_rate_and_the_time_left_are_said():
    assert (
        batch_line(Step("batch", 12, 40, 542.0), 232.0, 2)
        == "batch 30 %, 12 of 40, 2 failed, 3.1 a minute, 9 min 2 s left"
    )
    assert batch_line(Step("batch", 40, 40, 0.0), 10.0) == "batch 100 %, 40 of 40, 4 a second"
    assert rate(1 / 900) == "4 an hour"
