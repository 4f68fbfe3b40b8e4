"""A batch on Ray: workers that are killed lose nothing and do nothing twice, and parts still make the same whole."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from batch_loaders import DiesAtFirst, load_deadly, load_echo
from batch_results import QUESTION, folder_of, mosaic, summary
from diachron.ask import ask
from diachron.cli import main
from diachron.request import AskRequest
from fake_interpreter import EchoInterpreter
from small_rasters import ground, with_roof, write

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def workers_find_the_tests():
    """Let workers, which begin with the environment of this process, import what is loaded in them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[1]))
        yield


@pytest.fixture(scope="module")
def cluster(workers_find_the_tests):
    """Begin a cluster of one node with two cores; return its address."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "object_store_memory": 200_000_000})
    yield cluster.address
    cluster.shutdown()


def places(tmp_path: Path, count: int) -> Path:
    write(tmp_path / "grass.tif", ground())
    lines = []
    for number in range(count):
        write(tmp_path / f"{number}.tif", with_roof(ground(), 10, 5 * number))
        lines.append(f"place {number},grass.tif,{number}.tif")
    path = tmp_path / "places.csv"
    path.write_text("\n".join(["id,before,after", *lines, "gone,grass.tif,nowhere.tif"]) + "\n")
    return path


def test_a_killed_workers_rows_are_done_again_and_once(tmp_path: Path, capsys):
    manifest, out, marker = places(tmp_path, 7), tmp_path / "out", tmp_path / "killed"
    words = ["batch", str(manifest), "--question", QUESTION, "--out", str(out), "--workers", "2"]
    assert main(words, DiesAtFirst(marker)) == 1, "one row has no raster"
    assert marker.exists(), "a worker was killed"
    rows = summary(out)
    assert Counter(row["status"] for row in rows.values()) == {"done": 7, "failed": 1}
    assert all(rows[f"place {number}"]["count"] == 1 for number in range(7))
    assert "nowhere.tif" in rows["gone"]["error"]
    kept = [json.loads(line) for line in (out / "batch.jsonl").read_text().splitlines()]
    assert Counter(each["id"] for each in kept[1:]) == dict.fromkeys(rows, 1), "each row once"
    by_worker = Counter(row["worker"].rpartition(":")[2] for row in rows.values())
    assert by_worker[marker.read_text()] <= 2 and sum(by_worker.values()) == 8
    assert capsys.readouterr().out.startswith("7 of 8 done, 1 failed"), "nothing of Ray's is on stdout"


def test_a_row_that_no_worker_survives_is_given_up_and_the_others_go_on(tmp_path: Path, cluster: str, monkeypatch):
    monkeypatch.setattr("diachron.cluster.ray_crew.MOST_DEATHS", 2)
    manifest, out = places(tmp_path, 1), tmp_path / "out"
    words = ["batch", str(manifest), "--question", QUESTION, "--out", str(out), "--cluster", cluster]
    assert main([*words, "--workers", "1"], load_deadly) == 1
    rows = summary(out)
    assert rows["place 0"]["error"].startswith("2 workers died on it")
    assert "nowhere.tif" in rows["gone"]["error"]


def test_parts_by_killed_workers_make_the_same_whole(tmp_path: Path, cluster: str):
    rasters, marker = mosaic(tmp_path, 6), tmp_path / "killed"
    ask(AskRequest(rasters, QUESTION, tmp_path / "whole"), EchoInterpreter())
    words = ["batch", *rasters, "--question", QUESTION, "--out", str(tmp_path / "parts"), "--tile-km", "0.05"]
    assert main([*words, "--cluster", cluster, "--workers", "2"], DiesAtFirst(marker)) == 0
    assert marker.exists(), "a worker was killed"
    whole, parts = folder_of(tmp_path / "whole"), folder_of(tmp_path / "parts")
    assert whole[0] == parts[0]
    for one, other in zip([*whole[1], *whole[2]], [*parts[1], *parts[2]], strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_cluster_at_an_address_is_said(tmp_path: Path, capsys):
    words = ["batch", str(places(tmp_path, 1)), "--question", QUESTION, "--out", str(tmp_path / "out")]
    assert main([*words, "--cluster", "nonsense"], load_echo) == 2
    assert "no Ray cluster answers" in capsys.readouterr().err
