"""The vocabulary: classes with ids, colours, English and French words, and groups. A file that people can edit."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from diachron.errors import UnusableInput
from diachron.resources import resource

DEFAULT = "vocabularies/flair.json"
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_ARTICLES = re.compile(r"^(the|a|an|any|all|le|la|les|un|une|des|du|de la|de|l)\s+")


@dataclass(frozen=True)
class VocabularyClass:
    """One class. ``id`` 1 to 254 is its pixel value; ``colour`` is ``#rrggbb``; ``name`` is English, ``fr`` French."""

    id: int
    name: str
    colour: str
    fr: str
    synonyms_en: tuple[str, ...] = ()
    synonyms_fr: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class VocabularyGroup:
    """A word for several classes, such as "sealed" or "trees"."""

    name: str
    fr: str
    synonyms_en: tuple[str, ...] = ()
    synonyms_fr: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """Classes in the order of the file, and groups of them."""

    name: str
    classes: tuple[VocabularyClass, ...]
    groups: tuple[VocabularyGroup, ...] = field(default=())

    @cached_property
    def by_id(self) -> dict[int, VocabularyClass]:
        """Classes by pixel value."""
        return {each.id: each for each in self.classes}

    @cached_property
    def by_name(self) -> dict[str, VocabularyClass]:
        """Classes by English name."""
        return {each.name: each for each in self.classes}

    @cached_property
    def _index(self) -> dict[str, tuple[VocabularyClass, ...]]:
        index: dict[str, tuple[VocabularyClass, ...]] = {}
        for group in self.groups:
            members = tuple(each for each in self.classes if group.name in each.groups)
            for word in (group.name, group.fr, *group.synonyms_en, *group.synonyms_fr):
                index[normalise(word)] = members
        for each in self.classes:
            for word in (each.name, each.fr, *each.synonyms_en, *each.synonyms_fr):
                index[normalise(word)] = (each,)
        return index

    def resolve(self, phrase: str) -> tuple[VocabularyClass, ...]:
        """Return the classes that a phrase names: a class, a synonym or a group, English or French, singular or
        plural.
        """
        return self._index.get(normalise(phrase), ())

    def display(self, name: str, language: str) -> str:
        """Return a class or group's word in a language; a name that the vocabulary lacks is returned as it is."""
        words = {each.name: each.fr for each in self.groups} | {each.name: each.fr for each in self.classes}
        return words.get(name, name) if language == "fr" else name


def normalise(phrase: str) -> str:
    """Return a phrase in lower case, without accents, articles and plural endings, as `Vocabulary.resolve` compares
    them.
    """
    plain = unicodedata.normalize("NFKD", phrase.lower().replace("’", "'").replace("'", " ").replace("-", " "))
    plain = " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())
    return " ".join(_singular(word) for word in _ARTICLES.sub("", plain).split())


def _singular(word: str) -> str:
    if word.endswith("eaux"):
        return word[:-1]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith(("s", "x")) and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def load_vocabulary(path: Path | None = None) -> Vocabulary:
    """Read a vocabulary file, the default one where ``path`` is None.

    Raises
    ------
    UnusableInput: the file is missing, is not JSON, or breaks a rule; the message names the class and the key.
    """
    file = path or resource(DEFAULT)
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnusableInput("the vocabulary cannot be read", str(file), "name a file that exists") from error
    except ValueError as error:
        raise UnusableInput(f"the vocabulary is not JSON ({error})", str(file), "mend that line") from error
    return _checked(values, str(file))


def _checked(values: Any, where: str) -> Vocabulary:
    if not isinstance(values, dict) or not isinstance(values.get("classes"), list) or not values["classes"]:
        raise UnusableInput("the vocabulary has no classes", where, 'give a list "classes"')
    classes = tuple(_class(entry, f"{where}, class {number}") for number, entry in enumerate(values["classes"], 1))
    for key in ("id", "name"):
        seen = [getattr(each, key) for each in classes]
        twice = next((value for value in seen if seen.count(value) > 1), None)
        if twice is not None:
            raise UnusableInput(f"two classes have the {key} {twice!r}", where, f"give each its own {key}")
    groups = tuple(
        VocabularyGroup(
            str(each["name"]),
            str(each.get("fr", each["name"])),
            _words(each, "synonyms_en"),
            _words(each, "synonyms_fr"),
        )
        for each in values.get("groups", [])
    )
    return Vocabulary(str(values.get("name", "custom")), classes, groups)


def _class(entry: Any, where: str) -> VocabularyClass:
    if not isinstance(entry, dict):
        raise UnusableInput(
            "a class is not an object", where, 'write {"id": 1, "name": "building", "colour": "#db0e9a"}'
        )
    number, name, colour = entry.get("id"), entry.get("name"), entry.get("colour")
    if not isinstance(number, int) or not 1 <= number <= 254:
        raise UnusableInput(f"id {number!r} is not a whole number from 1 to 254", where, "give one")
    if not isinstance(name, str) or not name.strip():
        raise UnusableInput("a class has no name", where, 'give it a "name"')
    if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
        raise UnusableInput(f"colour {colour!r} is not #rrggbb", where, "give six hexadecimal digits")
    return VocabularyClass(
        number, name, colour, str(entry.get("fr", name)),
        _words(entry, "synonyms_en"), _words(entry, "synonyms_fr"), _words(entry, "groups"),
    )  # fmt: skip


def _words(entry: dict[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(word) for word in entry.get(key, []))
