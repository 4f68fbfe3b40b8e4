"""The unit that times are told in, and what a run prints and writes."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROUNDS = 5


@dataclass(frozen=True)
class Spent:
    """Time on the wall, and time that this process's threads had a core."""

    wall_s: float
    cpu_s: float

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall_s + other.wall_s, self.cpu_s + other.cpu_s)


@dataclass(frozen=True)
class Figure:
    """One measured target: ``kept`` where ``value`` is within ``limit`` (at most, or at least)."""

    name: str
    value: float
    limit: float
    unit: str
    at_least: bool = False
    note: str = ""

    @property
    def kept(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def row(self) -> str:
        bound = "at least" if self.at_least else "at most"
        told = f"{self.value:.3g} {self.unit}".strip()
        return f"| {self.name} | {told} | {bound} {self.limit:g} | {'yes' if self.kept else 'no'} | {self.note} |"

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"kept": self.kept}


def spent(work: Callable[[], object]) -> Spent:
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    work()
    return Spent(time.perf_counter() - wall_s, time.process_time() - cpu_s)


def least(work: Callable[[], object], rounds: int = ROUNDS) -> Spent:
    """Return the least wall time and the least core time of several rounds."""
    all_ = [spent(work) for _ in range(rounds)]
    return Spent(min(each.wall_s for each in all_), min(each.cpu_s for each in all_))


def unit() -> Spent:
    """Return G: one 2048 x 2048 float32 matrix product on all cores; its core time is that of all threads."""
    import torch

    one, other = torch.rand(2048, 2048), torch.rand(2048, 2048)
    return least(lambda: one @ other, 8)


def machine() -> str:
    """Return the processor, its cores that may be used, and the versions that matter."""
    import os

    import torch

    names = [line.split(":")[1].strip() for line in _processor_lines() if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{name}, {torch.get_num_threads()} threads, torch {torch.__version__}{load}"


def _processor_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.is_file() else []


def table(figures: list[Figure]) -> str:
    head = ["| target | measured | limit | kept | note |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(each.row() for each in figures)])
