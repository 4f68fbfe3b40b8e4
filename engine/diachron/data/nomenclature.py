"""Class nomenclatures of data sets: which id is called what."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from numpy.random import Generator

from diachron.model.vocabulary import load_vocabulary
from diachron.resources import resource


@dataclass(frozen=True)
class Nomenclature:
    """The classes that a data set's labels use; ids over 100 are groups that FLAIR's 19 classes share."""

    ids: tuple[int, ...]
    names: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...]

    def name(self, number: int) -> str:
        """Return the name of an id."""
        return self.names[self.ids.index(number)]

    def phrase(self, number: int, rng: Generator) -> str:
        """Return the name of an id or, one time in three, one of its synonyms."""
        row = self.ids.index(number)
        if self.synonyms[row] and rng.random() < 0.33:
            return str(rng.choice(self.synonyms[row]))
        return self.names[row]


def flair() -> Nomenclature:
    """Return the default vocabulary as a nomenclature."""
    classes = load_vocabulary(None).classes
    return Nomenclature(
        tuple(each.id for each in classes),
        tuple(each.name for each in classes),
        tuple((each.fr, *each.synonyms_en, *each.synonyms_fr) for each in classes),
    )


def read_nomenclature(path: Path) -> Nomenclature:
    """Read a nomenclature file of ``resources/nomenclatures``; synonyms are those of the default vocabulary."""
    names = json.loads(path.read_text(encoding="utf-8"))["classes"]
    known = flair()
    synonyms = {name: known.synonyms[row] for row, name in enumerate(known.names)}
    return Nomenclature(
        tuple(map(int, names)), tuple(names.values()), tuple(synonyms.get(name, ()) for name in names.values())
    )


def nomenclatures() -> dict[str, Nomenclature]:
    """Return every nomenclature that training labels use."""
    files = sorted(resource("nomenclatures").glob("*.json"))
    return {"flair": flair(), **{file.stem: read_nomenclature(file) for file in files}}
