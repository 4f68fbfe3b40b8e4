"""Class nomenclatures of data sets: which id is called what, which code or colour means it, and what it is in FLAIR.

They are data files: those of ``resources/nomenclatures`` are trained with, those of its ``published`` folder are read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from diachron.model.vocabulary import Vocabulary, VocabularyClass, load_vocabulary
from diachron.resources import resource

FLAIR_IDS = 19
_GREY = "#808080"


@dataclass(frozen=True)
class Nomenclature:
    """The classes that a data set's labels use; ids over 100 are groups that FLAIR's 19 classes share.

    ``french`` are the names in French, in the order of ``ids``. ``codes`` maps what a label file holds (a pixel value,
    a colour ``#rrggbb``, a word) to an id; ``members`` an id to the FLAIR ids that it covers, itself where not given.
    """

    ids: tuple[int, ...]
    names: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...]
    french: tuple[str, ...] = ()
    codes: Mapping[str, int] = field(default_factory=dict)
    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    def name(self, number: int) -> str:
        """Return the name of an id."""
        return self.names[self.ids.index(number)]

    def phrase(self, number: int, rng: Generator) -> str:
        """Return the name of an id or, one time in three, one of its synonyms."""
        row = self.ids.index(number)
        if self.synonyms[row] and rng.random() < 0.33:
            return str(rng.choice(self.synonyms[row]))
        return self.names[row]

    def code_table(self) -> NDArray[np.uint8]:
        """Return the id of each pixel value of a label file, uint8 [256], 0 where it has none."""
        return _table({int(code): number for code, number in self.codes.items()})

    def from_flair(self) -> NDArray[np.uint8]:
        """Return the id that each FLAIR id is in this nomenclature, uint8 [256], 0 where it is in no class."""
        return _table({
            member: number
            for number in self.ids
            for member in self.members.get(number, (number,) if number <= FLAIR_IDS else ())
        })  # fmt: skip

    def vocabulary(self, name: str) -> Vocabulary:
        """Return these classes as a vocabulary to ask with."""
        french = self.french or self.names
        return Vocabulary(name, tuple(
            VocabularyClass(number, words, _GREY, fr)
            for number, words, fr in zip(self.ids, self.names, french, strict=True)
        ))  # fmt: skip


def flair() -> Nomenclature:
    """Return the default vocabulary as a nomenclature."""
    classes = load_vocabulary(None).classes
    return Nomenclature(
        tuple(each.id for each in classes),
        tuple(each.name for each in classes),
        tuple((each.fr, *each.synonyms_en, *each.synonyms_fr) for each in classes),
        tuple(each.fr for each in classes),
    )


def read_nomenclature(path: Path) -> Nomenclature:
    """Read a nomenclature file; synonyms, and French names that it lacks, are those of the default vocabulary."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    names: dict[str, str] = content["classes"]
    known = flair()
    synonyms = {name: known.synonyms[row] for row, name in enumerate(known.names)}
    french = {name: known.french[row] for row, name in enumerate(known.names)}
    return Nomenclature(
        tuple(map(int, names)),
        tuple(names.values()),
        tuple(synonyms.get(name, ()) for name in names.values()),
        tuple(content.get("french", {}).get(number, french.get(name, name)) for number, name in names.items()),
        {**content.get("codes", {}), **content.get("colours", {})},
        {int(number): tuple(members) for number, members in content.get("members", {}).items()},
    )


def nomenclatures() -> dict[str, Nomenclature]:
    """Return every nomenclature that training labels use."""
    files = sorted(resource("nomenclatures").glob("*.json"))
    return {"flair": flair(), **{file.stem: read_nomenclature(file) for file in files}}


def nomenclature(name: str) -> Nomenclature:
    """Return a nomenclature by name, whether it is trained with or only read; `KeyError` where there is none."""
    if name == "flair":
        return flair()
    for folder in ("nomenclatures", "nomenclatures/published"):
        path = resource(folder) / f"{name}.json"
        if path.is_file():
            return read_nomenclature(path)
    raise KeyError(name)


def vocabulary_of(name: str) -> Vocabulary:
    """Return a nomenclature's classes as a vocabulary: FLAIR's with its groups and synonyms."""
    return load_vocabulary(None) if name == "flair" else nomenclature(name).vocabulary(name)


def _table(values: Mapping[int, int]) -> NDArray[np.uint8]:
    table = np.zeros(256, np.uint8)
    for key, number in values.items():
        table[key] = number
    return table
