"""How the model is run on this machine: measured in about a second at the first start, kept, and shown by the doctor.

The tile's size is not among it: it belongs to the model's card, so that every machine gives the same answer, and so
that parts of a mosaic that several machines look at fit together.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F

from diachron.settings import settings_file

ROUNDS = 5
WORTH = 0.87
"""Another choice than the plain one must take less than this share of its time: what else runs disturbs the measure."""
SHORT_WORTH = 0.6
"""bfloat16 must take less than this share of float32's time for a product: the rest of the model gains less."""
TILE_BYTES = 1.5e9
"""What one tile of `mini` takes on a GPU at the most, from its images to its maps."""
MOST_TILES = 16
MOST_SIDE_BY_SIDE = 4
"""More looks at once would take more memory; the threads that are left share each of them."""


@dataclass(frozen=True)
class Tuning:
    """``machine`` is what it was measured on; ``dtype`` of the weights; ``batch``: tiles looked at together."""

    machine: str
    device: str
    dtype: str
    threads: int
    batch: int

    @property
    def side_by_side(self) -> int:
        """Batches that a small model looks at side by side: on a processor each by threads of its own."""
        return 1 if self.device == "cuda" else min(self.threads, MOST_SIDE_BY_SIDE)

    def told(self) -> str:
        """Return it as the doctor says it."""
        count = self.batch * self.side_by_side
        tiles = "tile" if count == 1 else "tiles"
        return f"{self.device}, {self.dtype}, {self.threads} threads, {count} {tiles} at a time"

    @property
    def torch_dtype(self) -> torch.dtype:
        """The type of the weights."""
        kind: torch.dtype = getattr(torch, self.dtype)
        return kind


def tuning(device: torch.device, cores: int) -> Tuning:
    """Return how to run on a device with so many cores: as it was measured on this machine before, else measured now.
    Only how many tiles a GPU looks at together is not kept, for other programs take memory there too.

    ``OMP_NUM_THREADS``, where it is set, is obeyed.
    """
    machine = _machine(device, cores)
    kept = _read(machine)
    if kept is None:
        kept = measure(device, cores, machine)
        _write(kept)
    return replace(kept, batch=tiles_together(device))


def measure(device: torch.device, cores: int, machine: str) -> Tuning:
    """Measure what is fastest here."""
    before = torch.get_num_threads()
    threads = int(os.environ.get("OMP_NUM_THREADS") or 0) or _fastest_threads(cores)
    torch.set_num_threads(threads)
    try:
        if device.type == "cuda":
            batch = tiles_together(device)
            dtype = "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
            return Tuning(machine, "cuda", dtype, threads, batch)
        torch.set_num_threads(1)  # threads wait for each other, and where other programs run that is all one measures
        return Tuning(machine, device.type, _fastest_dtype(), threads, 1)
    finally:
        torch.set_num_threads(before)


def tiles_together(device: torch.device) -> int:
    """Return how many tiles of `mini` are looked at together, by the memory that a GPU has free at this moment."""
    if device.type != "cuda":
        return 1
    free_bytes, _ = torch.cuda.mem_get_info(device)
    return int(min(MOST_TILES, max(1, 0.8 * free_bytes // TILE_BYTES)))


def _fastest_threads(cores: int) -> int:
    """Return the number of threads for a piece of the model's work: every core, or half of them where two share one."""
    best, least_s = cores, _threads_s(cores)
    if cores >= 4 and _threads_s(cores // 2) < WORTH * least_s:
        best = cores // 2
    return best


def _threads_s(threads: int) -> float:
    """Return the time of the model's kinds of work: a wide convolution, a narrow one over more places, a product."""
    torch.set_num_threads(threads)
    images, places = torch.rand(2, 48, 64, 64), torch.rand(2, 96, 128, 128)
    wide, narrow = torch.rand(48, 48, 3, 3), torch.rand(24, 96, 1, 1)
    words, weights = torch.rand(512, 256), torch.rand(256, 704)

    def work() -> None:
        F.conv2d(images, wide, padding=1)
        F.conv2d(places, narrow)
        words @ weights

    return _least_s(work)


def _fastest_dtype() -> str:
    """Return the faster type here: bfloat16 is over a hundred times slower on a processor without units for it."""
    one = torch.rand(512, 512)
    short = one.bfloat16()
    plain_s = _least_s(lambda: one @ one)
    # An eighth of the product first: the whole of it would take seconds on some, and on others an eighth tells little.
    if 8 * _least_s(lambda: short[:64] @ short) > 2 * plain_s:
        return "float32"
    return "bfloat16" if _least_s(lambda: short @ short) < SHORT_WORTH * plain_s else "float32"


def _least_s(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def _machine(device: torch.device, cores: int) -> str:
    """Return what the choice hangs on: another processor, number of cores or torch asks for another measure."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return (
        f"{platform.node()}, {name}, {cores} cores{f', {asked} asked for' if asked else ''}, torch {torch.__version__}"
    )


def tuning_file() -> Path:
    """Return where the choice is kept."""
    return settings_file().with_name("tuning.json")


def _read(machine: str) -> Tuning | None:
    try:
        kept = Tuning(**json.loads(tuning_file().read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return kept if kept.machine == machine else None


def _write(kept: Tuning) -> None:
    """Keep the choice; where it cannot be kept it is measured again next time."""
    try:
        tuning_file().parent.mkdir(parents=True, exist_ok=True)
        tuning_file().write_text(json.dumps(asdict(kept), indent=1) + "\n", encoding="utf-8")
    except OSError:
        return
