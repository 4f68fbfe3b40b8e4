"""Fields of a JSON object, taken one by one and checked where they enter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from diachron.errors import WrongUsage


class Fields:
    """The fields of a JSON object, taken one by one and checked; those never taken are unknown."""

    def __init__(self, where: str, values: Mapping[str, Any]) -> None:
        self.where, self.values = where, values
        self.taken: set[str] = set()

    def _get(self, name: str) -> Any:
        self.taken.add(name)
        return self.values.get(name)

    def _fault(self, name: str, wanted: str) -> WrongUsage:
        found = type(self.values.get(name)).__name__ if self.values.get(name) is not None else "nothing"
        return WrongUsage(f"{name} is {found}", self.where, f"give {wanted}")

    def text(self, name: str, default: str | None = None) -> str | None:
        """Return text, or ``default`` where it is absent."""
        value = self._get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self._fault(name, "text")
        return value

    def needed_text(self, name: str) -> str:
        """Return text that must be there (it may be empty)."""
        value = self.text(name)
        if value is None:
            raise self._fault(name, "text")
        return value

    def anything(self, name: str) -> Any:
        """Return a field that another function checks, None where it is absent."""
        return self._get(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, empty where it is absent."""
        value = self._get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self._fault(name, "a list of texts")
        return tuple(value)

    def phrases(self, name: str) -> tuple[str, ...]:
        """Return class phrases in lower case; characters that the reading's grammar uses cannot stand in one."""
        phrases = tuple(" ".join(each.lower().split()) for each in self.texts(name))
        for phrase in phrases:
            if not phrase or any(mark in phrase for mark in "|=<>"):
                raise WrongUsage(f"{phrase!r} is no class phrase", f"{self.where}, {name}", "use words without | = < >")
        return phrases

    def choice(self, name: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """Return one of ``choices``; empty text is no choice."""
        value = self.text(name) or default
        if value not in choices:
            raise WrongUsage(f"no {name} {value!r}", self.where, f"use one of {', '.join(choices)}")
        return str(value)

    def number(self, name: str) -> float | None:
        """Return a number, None where it is absent."""
        value = self._get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._fault(name, "a number")
        return float(value)

    def needed_number(self, name: str) -> float:
        """Return a number that must be there."""
        value = self.number(name)
        if value is None:
            raise self._fault(name, "a number")
        return value

    def path(self, name: str, value: str | None) -> str | None:
        """Return an absolute path (the two processes do not share a working folder), None where it is absent."""
        if value is None:
            return None
        if not value or any(ord(character) < 32 for character in value) or not Path(value).is_absolute():
            shown = value.encode("unicode_escape").decode()
            raise WrongUsage(f"{name} is not an absolute path", shown, "give a full path")
        return value

    def rasters(self) -> tuple[str, ...]:
        """Return the paths of two rasters or more."""
        paths = self.texts("rasters")
        if len(paths) < 2:
            raise self._fault("rasters", "a list of two paths or more")
        return tuple(str(self.path("rasters", each)) for each in paths)

    def all_known(self) -> None:
        """Refuse fields that were never taken."""
        unknown = sorted(set(self.values) - self.taken)
        if unknown:
            known = ", ".join(sorted(self.taken)) or "none"
            raise WrongUsage(f"unknown parameter {unknown[0]!r}", self.where, f"known are {known}")
