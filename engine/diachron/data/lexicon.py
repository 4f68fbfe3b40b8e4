"""The nouns of questions: the vocabulary's words, visible things it lacks, events, and what imagery never shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from diachron.data.grammar import pick
from diachron.data.nouns import Noun, copied_noun, plural_en, plural_fr, read_noun
from diachron.data.phrasing import LANGUAGES, question_file
from diachron.model.vocabulary import load_vocabulary, normalise

USUAL_SHARE, GROUP_SHARE, COPIED_SHARE, MODIFIED_SHARE = 0.15, 0.2, 0.3, 0.25


@dataclass(frozen=True)
class Event:
    """A word that names a change by itself, such as "deforestation"."""

    source: str
    target: str
    nouns: tuple[Noun, ...]


class Lexicon:
    """The nouns of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        content = question_file("classes")
        self.classes = _read(content["classes"], language)
        self.groups = _read(content["groups"], language)
        self.by_name = {**self.classes, **self.groups}
        every = [noun for nouns in self.by_name.values() for noun in nouns]
        self.words = {normalise(form): noun for noun in every for form in (noun.one, noun.many)}
        self.objects = tuple(self._objects(question_file("objects")[language]))
        self.usual = tuple(self._usual(question_file("objects")["usual"][language]))
        self.modifiers: tuple[str, ...] = tuple(question_file("objects")["modifiers"][language])
        self.unseen = tuple(_marked(entry) for entry in question_file("unanswerable")["unseen"][language])
        self.events = tuple(
            Event(each["source"], each["target"], tuple(read_noun(words, "") for words in each[language]))
            for each in question_file("events")["events"]
        )
        self._class_names = tuple(name for name in self.classes if name != "other")
        self._group_names = tuple(self.groups)

    def _objects(self, entries: Iterable[str]) -> Iterable[tuple[str, bool]]:
        """Yield the singular words and whether they are feminine of things that the default vocabulary lacks."""
        vocabulary = load_vocabulary(None)
        for words, feminine in map(_gendered, entries):
            if not vocabulary.resolve(words) and normalise(words) not in self.words:
                yield words, feminine

    def _usual(self, entries: Iterable[str]) -> Iterable[Noun]:
        """Yield what public benchmarks and most people ask about, so that it is seen often."""
        for words, feminine in map(_gendered, entries):
            yield self.words.get(normalise(words)) or copied_noun(words, _looks_plural(words), feminine)

    def draw(self, rng: Random) -> Noun:
        """Return a noun: a usual one, a class's, a group's, or a visible thing that is copied."""
        if rng.random() < USUAL_SHARE:
            return pick(self.usual, rng)
        kind = rng.random()
        if kind < COPIED_SHARE:
            return self.copied(rng)
        names = self._group_names if kind < COPIED_SHARE + GROUP_SHARE else self._class_names
        return self.known(pick(names, rng), rng)

    def known(self, name: str, rng: Random) -> Noun:
        """Return a word for a class or group; half the time the first one, which is its usual name."""
        nouns = self.by_name[name]
        return nouns[0] if rng.random() < 0.35 else pick(nouns, rng)

    def copied(self, rng: Random) -> Noun:
        """Return a visible thing that the vocabulary lacks, one time in four with an adjective."""
        words, feminine = pick(self.objects, rng)
        plural = rng.random() < 0.7
        if plural:
            words = plural_en(words) if self.language == "en" else plural_fr(words)
        if rng.random() < MODIFIED_SHARE:
            words = self._modified(words, plural, feminine, rng)
        return copied_noun(words, plural, feminine)

    def _modified(self, words: str, plural: bool, feminine: bool, rng: Random) -> str:
        modifier = pick(self.modifiers, rng)
        if self.language == "en":
            return f"{modifier} {words}"
        if feminine and not modifier.endswith("e"):
            modifier += "le" if modifier.endswith("el") else "e"
        return f"{words} {plural_fr(modifier) if plural else modifier}"

    def named(self, phrase: str, rng: Random) -> Noun:
        """Return a noun for a phrase of a reading: a known class's word, or the phrase itself, copied."""
        if phrase in self.by_name:
            return self.known(phrase, rng)
        return copied_noun(phrase, _looks_plural(phrase), False)

    def shown(self, name: str) -> Noun:
        """Return the noun that answers use for a class, group or copied phrase."""
        nouns = self.by_name.get(name)
        return nouns[0] if nouns else Noun(name, name, name, _looks_plural(name), False)


@lru_cache(maxsize=4)
def lexicon(language: str) -> Lexicon:
    """Return the lexicon of "en" or "fr"."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return Lexicon(language)


def _read(content: Mapping[str, Mapping[str, list[str]]], language: str) -> dict[str, tuple[Noun, ...]]:
    return {name: tuple(read_noun(entry, name) for entry in words[language]) for name, words in content.items()}


def _looks_plural(words: str) -> bool:
    """Guess from its first word (French) or its last (English) whether a phrase is plural."""
    return words.partition(" ")[0].endswith(("s", "x")) or words.endswith("s")


def _gendered(entry: str) -> tuple[str, bool]:
    return (entry[:-2], entry.endswith(" f")) if entry.endswith((" m", " f")) else (entry, False)


def _marked(entry: str) -> Noun:
    words, feminine = _gendered(entry)
    return Noun("", words, words, False, feminine)
