"""How the model is run on this machine: measured once, kept, and measured again on another one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from diachron import tuning as tuned
from diachron.tuning import tuning, tuning_file

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tuned, "settings_file", lambda: tmp_path / "diachron" / "models.json")
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


def test_it_is_measured_once_and_kept(monkeypatch: pytest.MonkeyPatch):
    threads = torch.get_num_threads()
    first = tuning(CPU, 2)
    assert first.threads == 2 and first.batch == 1 and first.torch_dtype in (torch.float32, torch.bfloat16)
    assert torch.get_num_threads() == threads
    monkeypatch.setattr(tuned, "measure", lambda *_: pytest.fail("it was measured again"))
    assert tuning(CPU, 2) == first
    assert "2 threads, 2 tiles at a time" in first.told()


@pytest.mark.parametrize("text", ["", "{", "{}", '{"machine": "another", "device": "cpu"}'])
def test_another_machines_choice_or_a_damaged_file_is_measured_anew(text: str):
    first = tuning(CPU, 2)
    tuning_file().write_text(text)
    assert tuning(CPU, 2).machine == first.machine
    assert tuning(CPU, 3).machine != first.machine


def test_half_the_cores_are_taken_only_where_they_are_clearly_faster(monkeypatch: pytest.MonkeyPatch):
    for half_s, expected in ((0.5, 4), (0.9, 8), (1.5, 8)):
        monkeypatch.setattr(tuned, "_threads_s", lambda threads, half_s=half_s: half_s if threads == 4 else 1.0)
        assert tuned._fastest_threads(8) == expected


def test_the_person_decides_about_threads(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert tuning(CPU, 8).threads == 1


def test_nowhere_to_keep_it_is_no_error(tmp_path: Path):
    (tmp_path / "diachron").write_text("a file")
    assert tuning(CPU, 1).threads == 1


def test_tiles_at_a_time_follow_the_memory_that_is_free_now(monkeypatch: pytest.MonkeyPatch):
    free = [1.0]
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (free[0] * tuned.TILE_BYTES, 0))
    told = []
    for free[0] in (0.5, 5.0, 1000.0):
        told.append(tuned.tiles_together(torch.device("cuda")))
    assert told == [1, 4, tuned.MOST_TILES] and tuned.tiles_together(CPU) == 1


@pytest.mark.parametrize(
    ("times_s", "expected"),
    [
        ((1.0, 0.06, 0.27), "bfloat16"),  # matrix units: an eighth says half, the whole a quarter
        ((1.0, 0.1, 0.7), "float32"),  # faster, but not by enough
        ((1.0, 20.0), "float32"),  # no units for it: the whole is not waited for
    ],
)
def test_bfloat16_is_taken_where_a_whole_product_is_clearly_faster(
    times_s: tuple[float, ...], expected: str, monkeypatch: pytest.MonkeyPatch
):
    told = iter(times_s)
    monkeypatch.setattr(tuned, "_least_s", lambda _: next(told))
    assert tuned._fastest_dtype() == expected
    assert next(told, None) is None, "all were measured, and no more"
