"""How far a batch is, how fast it goes, and when it will be done."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from diachron.progress import ConsoleProgress, Step, duration, step_line

LEAST_PAUSE_S = 10.0
"""Where the stream is no terminal, a line is printed no oftener than this."""


class BatchProgress(ConsoleProgress):
    """Rows or parts done, with their rate; those done by an earlier run count neither as done nor as to do."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream, clock)
        self._time_s = clock
        self._begun_s = self._last_s = clock()
        self.failed = 0

    def on_stage(self, name: str) -> None:
        """Print the stage's name, and measure the rate from here."""
        super().on_stage(name)
        self._begun_s = self._last_s = self._time_s()

    def on_step(self, step: Step) -> None:
        """Print how much is done, the rate and the time left: ``12 of 40, 2 failed, 3.1 a minute, 9 min 2 s left``."""
        now_s = self._time_s()
        ends = step.done in (0, step.total)
        if self._updates or ends or now_s - self._last_s >= LEAST_PAUSE_S:
            self._last_s = now_s
            self._print(batch_line(step, now_s - self._begun_s, self.failed))


def batch_line(step: Step, spent_s: float, failed: int = 0) -> str:
    """Return a step's line with the rate at which its parts are done."""
    fell = f", {failed} failed" if failed else ""
    if not step.done or spent_s <= 0:
        return f"{step_line(step)}{fell}"
    left = "" if step.remaining_s is None or step.done >= step.total else f", {duration(step.remaining_s)} left"
    share = 100 * step.done // max(1, step.total)
    return f"{step.stage} {share} %, {step.done} of {step.total}{fell}, {rate(step.done / spent_s)}{left}"


def rate(per_s: float) -> str:
    """Return a rate in the unit in which it is one or more: ``2.5 a second``, ``3.1 a minute``, ``4 an hour``."""
    for unit, seconds in (("a second", 1.0), ("a minute", 60.0)):
        if per_s * seconds >= 1:
            return f"{per_s * seconds:.2g} {unit}"
    return f"{per_s * 3600:.2g} an hour"
