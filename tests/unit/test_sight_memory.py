"""What was seen of a pair, kept for the next question: the same maps, and limits that hold."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from diachron.model.change_model import Sight
from diachron.model.memory import Seen, SightMemory

CPU = torch.device("cpu")


def seen(number: float, places: int = 256) -> Seen:
    """Return a thing seen that takes about 4 * places * 4 bytes."""
    plane = torch.full((1, 2, 1, places // 4, 1), number)
    line = torch.full((1, places, 1), number)
    return Seen(Sight([plane, plane + 1], line + 2, line + 3), line + 4, ((line + 5, line + 6),))


def test_what_is_kept_comes_back_whole(tmp_path: Path):
    one = seen(1.0)
    again = Seen.of_tensors(one.tensors())
    for name, tensor in one.tensors().items():
        assert torch.equal(again.tensors()[name], tensor)
    memory = SightMemory("w", tmp_path, memory_bytes=one.size_bytes)
    memory.keep("a", one)
    memory.begin()
    memory.keep("b", seen(2.0))
    assert (tmp_path / "a.safetensors").is_file(), "the older one has gone to disk"
    found = memory.find("a", CPU)
    assert found is not None and torch.equal(found.states, one.states) and memory.hits == 1
    assert memory.find("c", CPU) is None


def test_one_question_does_not_push_out_what_it_has_itself_seen():
    memory = SightMemory("w", None, memory_bytes=2 * seen(0.0).size_bytes)
    for name in "abcd":
        memory.keep(name, seen(1.0))
    assert [memory.find(name, CPU) is not None for name in "abcd"] == [True, True, False, False]
    memory.begin()
    memory.keep("e", seen(1.0))
    assert [memory.find(name, CPU) is not None for name in "abe"] == [False, True, True]


def test_the_disk_has_a_limit_and_a_damaged_file_is_none(tmp_path: Path):
    size = seen(0.0).size_bytes
    memory = SightMemory("w", tmp_path, memory_bytes=0, disk_bytes=int(3.5 * size))
    for name in "abcdef":
        memory.begin()
        memory.keep(name, seen(1.0))
    files = list(tmp_path.glob("*.safetensors"))
    assert len(files) >= 1 and sum(each.stat().st_size for each in files) <= 4.5 * size
    (tmp_path / "f.safetensors").write_bytes(b"cut short")
    assert memory.find("f", CPU) is None and not (tmp_path / "f.safetensors").exists()


@pytest.mark.parametrize("folder", [None, "file"])
def test_nowhere_to_write_costs_nothing(tmp_path: Path, folder: str | None):
    (tmp_path / "file").write_text("not a folder")
    memory = SightMemory("w", tmp_path / folder if folder else None, memory_bytes=0)
    memory.keep("a", seen(1.0))
    assert memory.find("a", CPU) is None


def test_names_tell_content_shape_and_weights_apart():
    pairs = torch.arange(24, dtype=torch.uint8).reshape(1, 2, 3, 2, 2)
    one = SightMemory("w")
    others = {one.key(pairs + 1), one.key(pairs.reshape(1, 2, 3, 1, 4)), SightMemory("v").key(pairs)}
    assert one.key(pairs) == one.key(pairs.clone()) and one.key(pairs) not in others and len(others) == 3
