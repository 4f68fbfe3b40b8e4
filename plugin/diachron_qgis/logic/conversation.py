"""The conversation, kept in the project: what was asked of which rasters, and what was answered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from qgis.core import QgsProject

from ..link.answer import Answer
from ..link.protocol import EngineError, Look

SCOPE, KEY = "diachron", "conversation"


@dataclass(frozen=True)
class Entry:
    """One question. ``before``, ``between`` and ``after`` are layer ids, ``dates`` one for each; ``area`` WKT in the
    after raster's CRS; ``state`` running, done, failed or stopped; ``rendered`` says which layers were rendered to
    files, and how; ``wanted`` the id of the question set that it was asked from, "" for none."""

    id: str
    question: str
    before: str
    after: str
    dates: tuple[str, ...]
    area: str
    folder: str
    created: str
    state: str = "running"
    answer: Mapping[str, Any] | None = None
    error: Mapping[str, str] | None = None
    look: Mapping[str, Any] | None = None
    group: str = ""
    rendered: str = ""
    between: tuple[str, ...] = ()
    wanted: str = ""

    @cached_property
    def kept(self) -> str:
        """Return what a project keeps of it (JSON); nothing runs in a project that is opened."""
        state = "stopped" if self.state == "running" else self.state
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(values | {"state": state}, ensure_ascii=False)

    def rasters(self) -> tuple[str, ...]:
        """Return the layer ids of every date, the earliest first."""
        return (self.before, *self.between, self.after)

    def read_answer(self) -> Answer | None:
        """Return the answer as a value, None where there is none."""
        return Answer.from_json(self.answer) if self.answer else None

    def read_error(self) -> EngineError | None:
        """Return the error as a value, None where there is none."""
        return EngineError.from_json(self.error) if self.error else None

    def read_look(self) -> Look | None:
        """Return the corrected reading it was asked with, None where the model read it."""
        return Look.from_json(self.look) if self.look else None


@dataclass(frozen=True)
class Conversation:
    """Entries, oldest first."""

    entries: tuple[Entry, ...] = ()

    def with_entry(self, entry: Entry) -> Conversation:
        """Return the conversation with an entry added, or put in the place of the one with its id."""
        if any(each.id == entry.id for each in self.entries):
            return Conversation(tuple(entry if each.id == entry.id else each for each in self.entries))
        return Conversation((*self.entries, entry))

    def save(self, project: QgsProject) -> None:
        """Write the conversation into a project."""
        project.writeEntry(SCOPE, KEY, f"[{', '.join(each.kept for each in self.entries)}]")

    @classmethod
    def load(cls, project: QgsProject) -> Conversation:
        """Read a project's conversation; entries that cannot be read are left out."""
        text, _ = project.readEntry(SCOPE, KEY, "[]")
        try:
            values = json.loads(text)
        except ValueError:
            return cls()
        return cls(tuple(entry for entry in map(_entry, values) if entry is not None))


def _entry(value: Any) -> Entry | None:
    try:
        return Entry(**{**value, "dates": tuple(value["dates"]), "between": tuple(value.get("between", ()))})
    except (TypeError, KeyError):
        return None
