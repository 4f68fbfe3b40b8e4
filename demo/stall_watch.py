"""How long the main thread of a QGIS did nothing else than one thing, measured from inside by a timer."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from qgis.PyQt.QtCore import Qt, QTimer

TICK_MS = 5


class StallWatch:
    """Ticks every `TICK_MS`; what lies between two ticks kept the window from answering.

    ``longest_ms`` is the longest time between two ticks on the clock, less the tick; ``longest_work_ms`` the longest of
    the thread's own time. Other programs on the machine make the first one longer, and not the second; waiting, for a
    disk or a lock, counts in the first alone. ``longest_held_ms`` is between the two: the clock's time less what the
    thread spent ready to run, without a processor, as Linux tells it (elsewhere, the thread's own time).
    """

    def __init__(self) -> None:
        self.step = ""
        self.during = ""
        self._schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.restart()
        self._timer.start(TICK_MS)

    def restart(self) -> None:
        """Forget what was measured."""
        self.longest_ms = self.longest_work_ms = self.longest_held_ms = 0.0
        self._last = self._now()

    def told(self) -> dict[str, float]:
        """Return the longest of each kind, in ms."""
        return {
            "clock_ms": round(self.longest_ms, 1),
            "held_ms": round(self.longest_held_ms, 1),
            "work_ms": round(self.longest_work_ms, 1),
        }

    def _tick(self) -> None:
        now = self._now()
        clock, work, queued = ((end - start) * 1000 for end, start in zip(now, self._last))
        self._last = now
        self.longest_ms = max(self.longest_ms, clock - TICK_MS)
        held = work if queued < 0 else max(work, clock - TICK_MS - queued)
        if held > self.longest_held_ms:
            self.longest_held_ms, self.during = held, self.step
        self.longest_work_ms = max(self.longest_work_ms, work)

    def _now(self) -> tuple[float, float, float]:
        """Return the clock, the thread's own time, and its time without a processor, in s."""
        return time.perf_counter(), time.thread_time(), self._queued_s()

    def _queued_s(self) -> float:
        try:
            return int(self._schedule.read_text(encoding="ascii").split()[1]) / 1e9
        except OSError:
            return 0.0
