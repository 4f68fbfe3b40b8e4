"""Errors that reach a person: what happened, where, and what to do next."""

from __future__ import annotations

from typing import ClassVar


class DiachronError(Exception):
    """Base of every error the engine shows to a person.

    Parameters
    ----------
    what: what happened, one clause, no full stop.
    where: the file, option or line it happened at ("" where there is none).
    advice: what to do next, one clause, no full stop.
    """

    exit_status: ClassVar[int] = 1
    kind: ClassVar[str] = "failed"

    def __init__(self, what: str, where: str = "", advice: str = "") -> None:
        self.what = what
        self.where = where
        self.advice = advice
        super().__init__(self.line())

    def line(self) -> str:
        """Return the one line that is printed: ``what: where; advice``."""
        head = f"{self.what}: {self.where}" if self.where else self.what
        return f"{head}; {self.advice}" if self.advice else head


class Failed(DiachronError):
    """The work could not be finished, though the input was usable."""


class WrongUsage(DiachronError):
    """The command line or a protocol message is not one the engine takes."""

    exit_status = 2
    kind = "usage"


class UnusableInput(DiachronError):
    """A raster, question, weights file or output folder that cannot be used."""

    exit_status = 3
    kind = "input"


class Cancelled(DiachronError):
    """The person stopped the work; nothing was written."""

    exit_status = 130
    kind = "cancelled"

    def __init__(self) -> None:
        super().__init__("cancelled", advice="nothing was written")
