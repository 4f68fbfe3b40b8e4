"""Models for the workers of a batch, which load them in processes of their own: they are found by name there."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from diachron.runtime import ModelChoice
from fake_interpreter import EchoInterpreter


def load_echo(choice: ModelChoice) -> EchoInterpreter:
    """Load the interpreter that echoes pixels."""
    return EchoInterpreter()


@dataclass(frozen=True)
class DiesAtFirst:
    """Loads an interpreter whose process is killed at its third tile, where no process has been killed before."""

    marker: Path

    def __call__(self, choice: ModelChoice) -> EchoInterpreter:
        echo = EchoInterpreter()

        def on_tile() -> None:
            if len(echo.tiles_seen) == 2 and not self.marker.exists():
                self.marker.write_text(str(os.getpid()))
                os.kill(os.getpid(), signal.SIGKILL)

        echo.on_tile = on_tile
        return echo


def load_deadly(choice: ModelChoice) -> EchoInterpreter:
    """Load an interpreter that no process survives."""
    return EchoInterpreter(on_tile=lambda: os.kill(os.getpid(), signal.SIGKILL))
