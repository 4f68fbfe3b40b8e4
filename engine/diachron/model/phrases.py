"""Class phrases that the vocabulary does not hold: they are looked for all the same, and flagged as untested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from diachron.errors import UnusableInput
from diachron.model.look import ANY, Look
from diachron.model.vocabulary import Vocabulary, VocabularyClass

MOST_CLASSES = 254
_COLOURS = ("#e6194b", "#f58231", "#911eb4", "#42d4f4", "#bfef45", "#fabed4", "#469990", "#9a6324")


def untested_phrases(look: Look, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the phrases of a reading that name no class, synonym or group of the vocabulary."""
    phrases = dict.fromkeys((*look.source, *look.target, *look.classes))
    return tuple(phrase for phrase in phrases if phrase != ANY and not vocabulary.resolve(phrase))


def with_phrases(vocabulary: Vocabulary, phrases: Sequence[str]) -> Vocabulary:
    """Return the vocabulary with each phrase as one more class, at the smallest pixel values that are free.

    Raises
    ------
    UnusableInput: the vocabulary has no room for them.
    """
    free = [value for value in range(1, MOST_CLASSES + 1) if value not in vocabulary.by_id]
    if len(free) < len(phrases):
        raise UnusableInput("the vocabulary has no room for another class", phrases[-1], "take classes out of it")
    added = tuple(
        VocabularyClass(value, phrase, _COLOURS[number % len(_COLOURS)], phrase)
        for number, (value, phrase) in enumerate(zip(free, phrases, strict=False))
    )
    return replace(vocabulary, classes=(*vocabulary.classes, *added))
