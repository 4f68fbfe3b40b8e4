"""The class names that a reading may hold: those of the vocabulary, and words that stand in the question itself.

A small language model that copies a word it has never seen may slip after its first letters. While it writes a name,
it is let choose among tokens alone that go on with a name of the vocabulary or with a run of the question's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from diachron.model.backend import PreTrainedTokenizerFast
from diachron.model.look import ANY
from diachron.model.prompts import question_text, spaced
from diachron.model.vocabulary import Vocabulary

LONGEST_NAME_WORDS = 6
_WORD = re.compile(r"[^\s?!.,;:()\"«»…=>|<]+")
_FIELD = re.compile(r"(?:change|classes)=$")


class Names:
    """Token sequences as a tree: the ids that may follow, each with the tree below it, and whether a name may end."""

    def __init__(self) -> None:
        self.below: dict[int, Names] = {}
        self.ends = False

    def add(self, ids: Sequence[int]) -> None:
        """Add one name's tokens."""
        node = self
        for token in ids:
            node = node.below.setdefault(token, Names())
        node.ends = True


class NameGuide:
    """Follows a reading while it is written; `choices` are the tokens that may come next."""

    def __init__(self, names: Names, ends: frozenset[int], again: frozenset[int]) -> None:
        self._names, self._ends, self._again = names, ends, again
        self._at: Names | None = None

    def follow(self, token: int, text: str) -> None:
        """Take in the token that was written, and the whole text with it."""
        if self._at is not None:
            self._at = self._names if token in self._again else self._at.below.get(token)
        elif _FIELD.search(text):
            self._at = self._names

    def choices(self) -> list[int] | None:
        """Return the ids that may come next, None where any may."""
        if self._at is None:
            return None
        return [*self._at.below, *(self._ends if self._at.ends else ())]


class Naming:
    """Makes a guide for each question.

    Parameters
    ----------
    vocabulary: its names and its groups' may stand in any reading.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, vocabulary: Vocabulary) -> None:
        self._tokenizer = tokenizer
        self._known = self._tokens((ANY, *vocabulary.by_name, *(group.name for group in vocabulary.groups)))
        more, less, date = (self._ids(text) for text in (">", "|", " date"))
        self._again = frozenset((*more, *less))
        self._ends = self._again | frozenset(date[:1])

    def guide(self, question: str) -> NameGuide:
        """Return the guide of one question."""
        names = Names()
        for ids in (*self._known, *self._tokens(_runs(_WORD.findall(question_text(question))))):
            names.add(ids)
        return NameGuide(names, self._ends, self._again)

    def _tokens(self, names: Iterable[str]) -> list[list[int]]:
        return [self._ids(f" {spaced(name)}") for name in dict.fromkeys(names)]

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])


def _runs(words: Sequence[str]) -> list[str]:
    """Return every run of up to `LONGEST_NAME_WORDS` words."""
    return [
        " ".join(words[first:last])
        for first in range(len(words))
        for last in range(first + 1, min(first + LONGEST_NAME_WORDS, len(words)) + 1)
    ]
