"""An answer: its text, the facts it points at, and where in the text each is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .protocol import Json, Look, ModelInfo, PreflightReport


@dataclass(frozen=True)
class Span:
    """The characters ``start`` to ``end`` of the text render the fact with the id ``fact``."""

    start: int
    end: int
    fact: int


@dataclass(frozen=True)
class Fact:
    """One measured fact; ``features`` are the ids of the polygons it was measured on."""

    id: int
    kind: str
    source: str
    target: str
    value: float | int | str
    unit: str
    features: tuple[int, ...] = ()

    @classmethod
    def from_json(cls, value: Json) -> Fact:
        """Read one fact of ``answer.json``."""
        return cls(
            id=int(value["id"]),
            kind=str(value.get("kind", "")),
            source=str(value.get("from") or ""),
            target=str(value.get("to") or ""),
            value=value.get("value", ""),
            unit=str(value.get("unit") or ""),
            features=tuple(int(feature) for feature in value.get("features") or ()),
        )


@dataclass(frozen=True)
class InputRaster:
    """One raster that was compared, with its date as given."""

    path: str
    date: str


@dataclass(frozen=True)
class Settings:
    """What the polygons were drawn with; ``minimum_area`` in ``unit`` (m2 or px)."""

    threshold: float
    minimum_area: float
    unit: str

    @classmethod
    def from_json(cls, value: Json | None) -> Settings | None:
        """Read the settings of ``answer.json``; None where it has none."""
        if not value:
            return None
        return cls(float(value["threshold"]), float(value["minimum_area"]), str(value.get("unit") or "m2"))


@dataclass(frozen=True)
class Answer:
    """The content of ``answer.json``."""

    question: str
    language: str
    look: Look
    text: str
    spans: tuple[Span, ...]
    facts: tuple[Fact, ...]
    abstained: bool
    reason: str
    preflight: PreflightReport
    model: ModelInfo
    timings: Mapping[str, float]
    settings: Settings | None = None
    inputs: tuple[InputRaster, ...] = ()

    @classmethod
    def from_json(cls, value: Json) -> Answer:
        """Read ``answer.json``."""
        spans = (Span(int(span["start"]), int(span["end"]), int(span["fact"])) for span in value.get("spans") or ())
        return cls(
            question=str(value.get("question", "")),
            language=str(value.get("language") or ""),
            look=Look.from_json(value.get("look") or {}),
            text=str(value.get("text") or ""),
            spans=tuple(spans),
            facts=tuple(Fact.from_json(fact) for fact in value.get("facts") or ()),
            abstained=bool(value.get("abstained")),
            reason=str(value.get("reason") or ""),
            preflight=PreflightReport.from_json(value.get("preflight") or {}),
            model=ModelInfo.from_json(value.get("model")),
            timings={str(stage): float(seconds) for stage, seconds in (value.get("timings") or {}).items()},
            settings=Settings.from_json(value.get("settings")),
            inputs=tuple(
                InputRaster(str(each.get("path") or ""), str(each.get("date") or ""))
                for each in value.get("inputs") or ()
            ),
        )

    def fact(self, id: int) -> Fact | None:
        """Return the fact with an id."""
        return next((fact for fact in self.facts if fact.id == id), None)

    def facts_on(self, features: Iterable[int]) -> tuple[int, ...]:
        """Return the ids of the facts that any of these polygons was measured for."""
        wanted = set(features)
        return tuple(fact.id for fact in self.facts if wanted.intersection(fact.features))
