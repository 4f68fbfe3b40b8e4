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
_ARTICLES = frozenset("the a an any all some le la les l un une des du de d tout toute tous toutes".split())
_CLASS_KEYS = frozenset(("id", "name", "colour", "fr", "synonyms_en", "synonyms_fr", "groups"))
_GROUP_KEYS = frozenset(("name", "fr", "synonyms_en", "synonyms_fr"))
_FILE_KEYS = frozenset(("name", "title", "classes", "groups"))


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
        groups = {group: tuple(each for each in self.classes if group.name in each.groups) for group in self.groups}
        entries = groups | {each: (each,) for each in self.classes}
        # Later ones win: a name before another's synonym, a class before a group.
        words = [(word, found) for entry, found in entries.items() for word in (*entry.synonyms_en, *entry.synonyms_fr)]
        names = [(word, found) for entry, found in entries.items() for word in (entry.name, entry.fr)]
        return {normalise(word): found for word, found in (*words, *names)}

    def resolve(self, phrase: str) -> tuple[VocabularyClass, ...]:
        """Return the classes that a phrase names: a class, a synonym or a group, English or French, singular or
        plural.
        """
        return self._index.get(normalise(phrase), ())

    @cached_property
    def _names(self) -> dict[str, str]:
        entries: tuple[VocabularyGroup | VocabularyClass, ...] = (*self.groups, *self.classes)
        words = [(word, each.name) for each in entries for word in (*each.synonyms_en, *each.synonyms_fr)]
        names = [(word, each.name) for each in entries for word in (each.name, each.fr)]
        return {normalise(word): name for word, name in (*words, *names)}

    def named(self, phrase: str) -> str:
        """Return the name of the class or group that a phrase means ("ponds": water), else the phrase itself."""
        return self._names.get(normalise(phrase), phrase)

    def display(self, name: str, language: str) -> str:
        """Return a class or group's word in a language; a name that the vocabulary lacks is returned as it is."""
        words = {each.name: each.fr for each in self.groups} | {each.name: each.fr for each in self.classes}
        return words.get(name, name) if language == "fr" else name


def normalise(phrase: str) -> str:
    """Return a phrase in lower case, without accents, leading articles and plural endings, as `Vocabulary.resolve`
    compares them. The result is a key, not a word to show: "prairie" and "prairies" both give "prairy".
    """
    plain = unicodedata.normalize("NFKD", re.sub("['’‘-]", " ", phrase.lower().replace("œ", "oe")))
    words = "".join(c for c in plain if not unicodedata.combining(c)).split()
    while len(words) > 1 and words[0] in _ARTICLES:
        words = words[1:]
    return " ".join(map(_stem, words))


def _stem(word: str) -> str:
    """Return one form for an English or French word and its plural.

    Some endings are plural in one language and singular in the other ("caches", "prairies"), so the singular is
    brought to the same form as the plural.
    """
    if word.endswith(("eaux", "eux")):
        word = word[:-1]
    elif word.endswith("aux") and len(word) > 4:
        word = word[:-3] + "al"
    elif word.endswith(("s", "x")) and not word.endswith("ss") and len(word) > 2:
        word = word[:-1]
    if word.endswith(("che", "she", "sse", "xe")):
        return word[:-1]
    return word[:-2] + "y" if word.endswith("ie") and len(word) > 4 else word


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
    _known_keys(values, _FILE_KEYS, where)
    if not isinstance(values.get("groups", []), list):
        raise UnusableInput('"groups" is not a list', where, "put the groups in square brackets")
    classes = tuple(_class(entry, f"{where}, class {number}") for number, entry in enumerate(values["classes"], 1))
    groups = tuple(
        _group(entry, f"{where}, group {number}") for number, entry in enumerate(values.get("groups", []), 1)
    )
    _once("id", [each.id for each in classes], where)
    _once("name", [*(each.name for each in classes), *(each.name for each in groups)], where)
    _groups_exist(classes, groups, where)
    return Vocabulary(str(values.get("name", "custom")), classes, groups)


def _class(entry: Any, where: str) -> VocabularyClass:
    _is_object(entry, '{"id": 1, "name": "building", "colour": "#db0e9a"}', where)
    _known_keys(entry, _CLASS_KEYS, where)
    number, colour = entry.get("id"), entry.get("colour")
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= 254:
        raise UnusableInput(f"id {number!r} is not a whole number from 1 to 254", where, "give one")
    if not isinstance(colour, str) or not _COLOUR.fullmatch(colour):
        raise UnusableInput(f"colour {colour!r} is not #rrggbb", where, "give six hexadecimal digits")
    name = _name(entry, "name", where)
    return VocabularyClass(
        number, name, colour, _name(entry, "fr", where, name),
        _words(entry, "synonyms_en", where), _words(entry, "synonyms_fr", where), _words(entry, "groups", where),
    )  # fmt: skip


def _group(entry: Any, where: str) -> VocabularyGroup:
    _is_object(entry, '{"name": "trees", "fr": "arbres"}', where)
    _known_keys(entry, _GROUP_KEYS, where)
    name = _name(entry, "name", where)
    words = (_words(entry, key, where) for key in ("synonyms_en", "synonyms_fr"))
    return VocabularyGroup(name, _name(entry, "fr", where, name), *words)


# -- rules ------------------------------------------------------------------------------------


def _is_object(entry: Any, example: str, where: str) -> None:
    if not isinstance(entry, dict):
        raise UnusableInput("the entry is not an object", where, f"write {example}")


def _known_keys(entry: dict[str, Any], known: frozenset[str], where: str) -> None:
    unknown = sorted(set(entry) - known)
    if unknown:
        raise UnusableInput(f"unknown key {unknown[0]!r}", where, f"use {', '.join(sorted(known))}")


def _name(entry: dict[str, Any], key: str, where: str, default: str | None = None) -> str:
    """Return a name; readings join names by ``>``, ``=`` and ``|``, so a name holds none of these."""
    value = entry.get(key, default)
    if not isinstance(value, str) or not value.strip():
        raise UnusableInput(f"{key!r} is not a name", where, f'give it a "{key}" in quotation marks')
    if set(value) & set("<>=|"):
        raise UnusableInput(f"the {key} {value!r} holds one of < > = |", where, "take it out")
    return value.strip()


def _words(entry: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    words = entry.get(key, [])
    if not isinstance(words, list) or not all(isinstance(word, str) and word.strip() for word in words):
        raise UnusableInput(f"{key!r} is not a list of words", where, f'write "{key}": ["first", "second"]')
    return tuple(words)


def _once(key: str, values: list[Any], where: str) -> None:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice is not None:
        raise UnusableInput(f"the {key} {twice!r} is used twice", where, f"give each its own {key}")


def _groups_exist(classes: tuple[VocabularyClass, ...], groups: tuple[VocabularyGroup, ...], where: str) -> None:
    known = {each.name for each in groups}
    for each in classes:
        lost = next((name for name in each.groups if name not in known), None)
        if lost is not None:
            advice = 'add it to "groups" or take it out of the class'
            raise UnusableInput(f"class {each.name!r} is in a group {lost!r} that is not listed", where, advice)
