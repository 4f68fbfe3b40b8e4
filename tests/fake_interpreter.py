"""An interpreter that echoes pixels: what it finds is known beforehand, and it needs neither torch nor weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from diachron.model.card import ModelCard
from diachron.model.look import Look

CARD = ModelCard(
    "echo", "0.1", "", "for tests", ("nothing",),
    threshold=0.5, tile_px=128, overlap_px=32, finest_gsd_m=0.1, sha256={},
)  # fmt: skip
RED = 180
"""Pixels at least this red are buildings; all others are grass."""

LOOKS = {
    "how many": Look("count", ("any",), ("building",)),
    "combien": Look("count", ("any",), ("building",)),
    "have the buildings changed": Look("change_or_not", ("building",), ("building",)),
    "solar farms": Look("count", ("any",), ("solar farm",)),
    "what is there": Look("semantic_map", classes=("building", "herbaceous"), date="after"),
    "why": Look("unanswerable", reason="not_in_imagery"),
    "wie viele": Look("unanswerable", reason="language"),
}


@dataclass(frozen=True)
class EchoReading:
    question: str
    language: str
    look: Look
    line: str


@dataclass(frozen=True)
class EchoMaps:
    change: np.ndarray
    cells: np.ndarray

    @property
    def pixels(self) -> np.ndarray:
        return self.change

    @property
    def classes(self) -> np.ndarray:
        return self.cells


@dataclass
class EchoInterpreter:
    """Finds change where the red of one date is far from the red of the date before."""

    card: ModelCard = CARD
    answers: list[str] = field(default_factory=lambda: ["<fact_1> new, <fact_2> of them."])
    tiles_seen: list[tuple[int, ...]] = field(default_factory=list)
    questions_read: list[str] = field(default_factory=list)
    on_tile: Callable[[], None] = lambda: None
    batch: int = 1
    side_by_side: int = 1
    damage: object = None

    def expect_questions(self) -> None:
        pass

    def read(self, question: str) -> EchoReading:
        self.questions_read.append(question)
        words = question.lower()
        found = next((look for key, look in LOOKS.items() if key in words), Look("unanswerable", reason="no_meaning"))
        return EchoReading(question, "fr" if "combien" in words else "en", found, found.line())

    def maps(self, images: np.ndarray, reading: object, vocabulary: object, gsd_m: object = None) -> EchoMaps:
        self.on_tile()
        assert images.dtype == np.uint8 and images.shape[1] == 3
        assert images.shape[2] % 32 == images.shape[3] % 32 == 0
        self.tiles_seen.append(images.shape)
        red = images[:, 0].astype(np.float32)
        change = np.where(np.abs(np.diff(red, axis=0)) > 60, 0.9, 0.1).astype(np.float32)
        names = [each.name for each in vocabulary.classes]
        classes = np.zeros((len(images), len(names), *red.shape[1:]), np.float32)
        classes[:, names.index("building")] = red >= RED
        classes[:, names.index("herbaceous")] = red < RED
        return EchoMaps(change, classes)

    def maps_together(self, tiles: Sequence[np.ndarray], *rest: object) -> list[EchoMaps]:
        return [self.maps(each, *rest) for each in tiles]

    def tell(self, reading: object, facts: Sequence[object], cancelled: Callable[[], bool]) -> Iterator[str]:
        text = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        for start in range(0, len(text), 4):
            yield text[start : start + 4]
