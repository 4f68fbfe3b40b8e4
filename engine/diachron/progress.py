"""What a running question reports, and how it is asked to stop."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from diachron.errors import Cancelled

if TYPE_CHECKING:
    from diachron.model.interpreter import Reading
    from diachron.rasters.preflight import Preflight
    from diachron.results.early import EarlyChanges
    from diachron.results.maps import Maps


@dataclass(frozen=True)
class Step:
    """``done`` of ``total`` parts of a stage; ``remaining_s`` is None until the first part is done."""

    stage: str
    done: int
    total: int
    remaining_s: float | None


class Progress:
    """Reports of one question, and the time each of its stages took.

    This class keeps the time and says nothing; a subclass overrides the ``on_`` methods it wants to show and
    ``cancelled``.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stage = ""
        self._begun_s = clock()
        self._timings_s: dict[str, float] = {}

    def stage(self, name: str) -> None:
        """Begin a stage, which ends the one before it."""
        self.check()
        self._end_stage()
        self._stage, self._begun_s = name, self._clock()
        self.on_stage(name)

    def progress(self, done: int, total: int) -> None:
        """Say how much of the stage is done; the time left is that of the parts done, for the parts to do."""
        self.check()
        remaining_s = (self._clock() - self._begun_s) * (total - done) / done if done else None
        self.on_step(Step(self._stage, done, total, remaining_s))

    def check(self) -> None:
        """Stop here where the person has asked to.

        Raises
        ------
        Cancelled: `cancelled` is true.
        """
        if self.cancelled():
            raise Cancelled

    def timings_s(self) -> dict[str, float]:
        """Return the seconds each stage took, the present one up to now."""
        self._end_stage()
        self._begun_s = self._clock()
        return {name: round(seconds, 3) for name, seconds in self._timings_s.items()}

    def _end_stage(self) -> None:
        if self._stage:
            spent_s = self._clock() - self._begun_s
            self._timings_s[self._stage] = self._timings_s.get(self._stage, 0.0) + spent_s

    def draws_early(self, early: EarlyChanges) -> None:
        """Say how changes can be drawn before all is looked at; only who shows them needs to keep it."""

    def mapped(self, maps: Maps, rows: int) -> None:
        """Say that the first ``rows`` rows of maps that are still being made are final."""

    def cancelled(self) -> bool:
        """Tell whether the person has asked to stop."""
        return False

    def on_stage(self, name: str) -> None:
        """A stage has begun."""

    def on_step(self, step: Step) -> None:
        """A part of a stage is done."""

    def on_preflight(self, preflight: Preflight) -> None:
        """The rasters have been compared."""

    def on_reading(self, reading: Reading) -> None:
        """The question has been read."""

    def on_text(self, text: str) -> None:
        """The answer has grown: the whole text so far, numbers rendered."""


class ConsoleProgress(Progress):
    """Progress on a terminal's last line, or a line at every tenth part where the stream is no terminal."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self.stream = stream or sys.stderr
        self._updates = self.stream.isatty()
        self._tenths = -1

    def on_stage(self, name: str) -> None:
        """Print the stage's name."""
        self._tenths = -1
        self._print(name)

    def on_step(self, step: Step) -> None:
        """Print stage, percent and time left."""
        tenths = 10 * step.done // max(1, step.total)
        if self._updates or tenths > self._tenths:
            self._print(step_line(step))
        self._tenths = tenths

    def on_preflight(self, preflight: Preflight) -> None:
        """Print the notes that are warnings."""
        for note in preflight.notes:
            if note.level != "fine":
                self.close()
                print(f"warning: {note.what}; {note.advice}", file=self.stream, flush=True)

    def close(self) -> None:
        """Clear the updating line, so that what is printed next starts on a clean one."""
        if self._updates:
            print("\r\x1b[K", end="", file=self.stream, flush=True)

    def _print(self, text: str) -> None:
        if self._updates:
            print(f"\r\x1b[K{text}", end="", file=self.stream, flush=True)
        else:
            print(text, file=self.stream, flush=True)


def step_line(step: Step) -> str:
    """Return for example ``map 67 %, 131 of 196, 14 s left``."""
    share = 100 * step.done // max(1, step.total)
    left = "" if step.remaining_s is None or step.done >= step.total else f", {duration(step.remaining_s)} left"
    return f"{step.stage} {share} %, {step.done} of {step.total}{left}"


def duration(seconds: float) -> str:
    """Return a time to wait in its two largest units: ``14 s``, ``3 min 20 s``, ``2 h 5 min``."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
