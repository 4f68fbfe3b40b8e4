"""What the engine says, as values: each is read from one event's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .engine_words import engine_text, one_line

Json = Mapping[str, Any]


def _words(value: object) -> tuple[str, ...]:
    return tuple(str(word) for word in value) if isinstance(value, (list, tuple)) else ()


@dataclass(frozen=True)
class Look:
    """The model's reading of a question: what to look for. ``date``, ``reason`` and ``region`` may be empty."""

    task: str
    source: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    date: str = ""
    reason: str = ""
    region: str = ""

    @property
    def is_change(self) -> bool:
        """Say whether it asks for changes, and not for one date's land cover."""
        return bool(self.task) and self.task != "unanswerable" and not self.classes

    @classmethod
    def from_json(cls, value: Json) -> Look:
        """Read a look as the protocol and ``answer.json`` hold it."""
        return cls(
            task=str(value.get("task", "")),
            source=_words(value.get("from")),
            target=_words(value.get("to")),
            classes=_words(value.get("classes")),
            date=str(value.get("date") or ""),
            reason=str(value.get("reason") or ""),
            region=str(value.get("region") or ""),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the look as the protocol holds it."""
        change = {"from": list(self.source), "to": list(self.target), "classes": list(self.classes)}
        return {"task": self.task, **change, "date": self.date, "reason": self.reason, "region": self.region}


@dataclass(frozen=True)
class Reading:
    """A look, the question's language, and the line that the model wrote."""

    look: Look
    language: str
    line: str

    @classmethod
    def from_json(cls, value: Json) -> Reading:
        """Read a ``reading`` event, or the result of ``read``."""
        look = Look.from_json(value.get("look") or {})
        return cls(look, str(value.get("language") or ""), str(value.get("line") or ""))


@dataclass(frozen=True)
class Note:
    """One finding of the preflight; ``level`` is fine, warning or stop; ``mend`` names what can be done about it."""

    level: str
    what: str
    advice: str
    about: str = ""
    mend: str = ""

    @classmethod
    def from_json(cls, value: Json) -> Note:
        """Read one note of a preflight; its sentences are in the language of the plugin from here on."""
        level, about, mend = (str(value.get(name) or "") for name in ("level", "about", "mend"))
        what, advice = (engine_text(str(value.get(name) or "")) for name in ("what", "advice"))
        return cls(level, what, advice, about, mend)


@dataclass(frozen=True)
class PreflightReport:
    """What was found about the rasters before the work; ``raw`` is the whole of it."""

    overlap: float
    notes: tuple[Note, ...]
    raw: Json

    @classmethod
    def from_json(cls, value: Json) -> PreflightReport:
        """Read a preflight."""
        notes = tuple(Note.from_json(note) for note in value.get("notes") or ())
        return cls(float(value.get("overlap") or 0.0), notes, dict(value))


@dataclass(frozen=True)
class ProgressReport:
    """How far a stage is; ``remaining_s`` is None until it can be told."""

    stage: str
    done: int
    total: int
    remaining_s: float | None = None

    @classmethod
    def from_json(cls, value: Json) -> ProgressReport:
        """Read a ``progress`` event."""
        remaining = value.get("remaining_s")
        counts = (int(value.get("done") or 0), int(value.get("total") or 0))
        return cls(str(value.get("stage", "")), *counts, None if remaining is None else float(remaining))


@dataclass(frozen=True)
class EngineError:
    """Why a request failed: what, where, what to do."""

    kind: str
    what: str
    where: str = ""
    advice: str = ""

    @classmethod
    def from_json(cls, value: Json) -> EngineError:
        """Read an ``error`` event's error; its sentences are in the language of the plugin from here on."""
        texts = (engine_text(str(value.get(name) or "")) for name in ("what", "where", "advice"))
        return cls(str(value.get("kind") or "failed"), *texts)

    def line(self) -> str:
        """Return the error as one line."""
        return one_line(self.what, self.where, self.advice)


@dataclass(frozen=True)
class ModelInfo:
    """Which model answered."""

    name: str = ""
    version: str = ""
    adapter: str = ""
    licence: str = ""

    @classmethod
    def from_json(cls, value: Json | None) -> ModelInfo:
        """Read a model's card, as far as the protocol tells it; empty where no model is installed."""
        value = value or {}
        return cls(*(str(value.get(name) or "") for name in ("name", "version", "adapter", "licence")))


@dataclass(frozen=True)
class VocabularyEntry:
    """One class of the vocabulary; ``colour`` is #rrggbb."""

    id: int
    name: str
    fr: str
    colour: str
    groups: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Json) -> VocabularyEntry:
        """Read one class."""
        texts = (str(value.get("name", "")), str(value.get("fr") or ""), str(value.get("colour") or "#808080"))
        return cls(int(value.get("id") or 0), *texts, groups=_words(value.get("groups")))


@dataclass(frozen=True)
class Hello:
    """Who the engine is and which classes it knows."""

    version: str
    model: ModelInfo
    vocabulary: tuple[VocabularyEntry, ...]

    @classmethod
    def from_json(cls, value: Json) -> Hello:
        """Read the result of ``hello``."""
        entries = tuple(VocabularyEntry.from_json(entry) for entry in value.get("vocabulary") or ())
        return cls(str(value.get("version", "")), ModelInfo.from_json(value.get("model")), entries)
