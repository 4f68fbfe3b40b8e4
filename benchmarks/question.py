"""A whole question on a pair: its cost beside the model's alone, when first polygons show, and a second question."""

from __future__ import annotations

import tempfile
import time
from collections import deque
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.imagery import GSD_M, write_pair
from benchmarks.measuring import Figure, Spent, spent, unit
from diachron.ask import ask
from diachron.mapping import plan_tiles
from diachron.model.card import CELL_PX
from diachron.model.interpreter import Interpreter
from diachron.rasters.stack import open_stack
from diachron.request import AskRequest
from diachron.service.work import EventProgress
from diachron.side_by_side import side_by_side

QUESTION, SECOND = "How many buildings are new?", "Where has grass become bare soil?"
IN_MEMORY = 48


class Events:
    """Takes what the engine would send, and when it sent the first polygons."""

    def __init__(self) -> None:
        self._clock, self._begun_s = time.perf_counter, time.perf_counter()
        self.first_polygons_s: float | None = None
        self.stages: list[str] = []

    def send(self, event: str, **fields: Any) -> None:
        if event == "partial" and self.first_polygons_s is None:
            self.first_polygons_s = self._clock() - self._begun_s

    def cancelled(self) -> bool:
        return False


def whole_question(interpreter: Interpreter, folder: Path, size_px: int, gsd_m: float = GSD_M) -> list[Figure]:
    """Measure the whole question on a pair, and the model's forward passes on the same tiles in memory."""
    pair = write_pair(folder, size_px, gsd_m)
    g = unit()
    alone = model_alone(interpreter, pair, gsd_m)
    whole, _ = asked(interpreter, pair, QUESTION)
    again = unit()
    g = Spent((g.wall_s + again.wall_s) / 2, (g.cpu_s + again.cpu_s) / 2)
    megapixels = size_px**2 / 1e6
    name, note = f"question on {size_px} x {size_px} at {gsd_m:g} m", f"G {g.wall_s:.3f} s"
    costs = f"{whole.cpu_s / g.cpu_s / megapixels:.1f} G a megapixel by core time; model alone "
    costs += f"{alone.wall_s / g.wall_s / megapixels:.1f}, {alone.cpu_s / g.cpu_s / megapixels:.1f} by core time"
    return [
        Figure(f"{name}, G a megapixel", whole.wall_s / g.wall_s / megapixels, 6, "G", note=f"{note}; {costs}"),
        Figure(
            f"{name}, to the model alone", whole.wall_s / alone.wall_s, 1.15, "times",
            note=f"{whole.cpu_s / alone.cpu_s:.2f} by core time",
        ),
    ]  # fmt: skip


def first_polygons(interpreter: Interpreter, folder: Path, size_px: int = 2048) -> list[Figure]:
    """Measure when a canvas shows its first polygons, and what a second question on it costs."""
    pair = write_pair(folder, size_px)
    interpreter.expect_questions()
    first, events = asked(interpreter, pair, QUESTION)
    interpreter.expect_questions()
    second, _ = asked(interpreter, pair, SECOND)
    share = (events.first_polygons_s or first.wall_s) / first.wall_s
    return [
        Figure(f"first polygons of {size_px} x {size_px}", share, 0.4, "of the job"),
        Figure(
            f"second question on {size_px} x {size_px}", second.wall_s / first.wall_s, 0.4, "of the first",
            note=f"{second.cpu_s / first.cpu_s:.2f} by core time",
        ),
    ]  # fmt: skip


def asked(interpreter: Interpreter, pair: tuple[str, str], question: str) -> tuple[Spent, Events]:
    """Ask one question with all that the plugin would hear of it."""
    events = Events()
    with tempfile.TemporaryDirectory() as out:
        request = AskRequest(pair, question, Path(out) / "answer")
        return spent(lambda: ask(request, interpreter, EventProgress(events))), events


def model_alone(interpreter: Interpreter, pair: tuple[str, str], gsd_m: float) -> Spent:
    """Return the time of the forward passes on all tiles of a pair, `IN_MEMORY` of them at a time."""
    reading = interpreter.read(QUESTION)
    total = Spent(0.0, 0.0)

    def look(images: NDArray[np.uint8]) -> None:
        interpreter.maps(images, reading, interpreter.vocabulary, gsd_m)

    with open_stack(pair) as stack:
        plan = plan_tiles(stack.grid.width, stack.grid.height, gsd_m, interpreter.card)
        for first in range(0, len(plan), IN_MEMORY):
            tiles = [padded(stack.read(tile.window).images) for tile in plan[first : first + IN_MEMORY]]
            total += spent(partial(deque, side_by_side(look, tiles, interpreter.side_by_side), maxlen=0))
    return total


def padded(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a tile as the model takes it, its sides multiples of `CELL_PX`."""
    height, width = images.shape[-2:]
    return np.pad(images, ((0, 0), (0, 0), (0, -height % CELL_PX), (0, -width % CELL_PX)), mode="reflect")
