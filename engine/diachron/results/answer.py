"""The answer: text whose every number is a fact, with links from the words to their evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from diachron.model.vocabulary import Vocabulary
from diachron.results.facts import Fact
from diachron.results.sequences import AND_THEN, trajectory_words

_TOKEN = re.compile(r"<fact_(\d+)>")
_POLAR = re.compile(r"\b(?:yes|no|oui|non)\b(?=\s*[,.;:!]|$)", re.IGNORECASE)
"""A verdict in words: it must come from a fact."""
_NOTHING = re.compile(r"\b(?:no|nothing|nowhere|none|aucune?|rien|nulle part)\b", re.IGNORECASE)
_ONE = re.compile(r"\b(?:one|single|seule?)\b", re.IGNORECASE)
"""A number in words: it must be that of the polygons."""
_NARROW = "\u202f"
LONGEST_NAME = 4
_VAGUE = {"other", "mixed"}
"""Classes whose names are words of every text."""
_WORDS = {
    "en": {"yes": "yes", "no": "no", "centre": "centre"},
    "fr": {
        "yes": "oui", "no": "non", "centre": "centre", "north": "nord", "south": "sud", "east": "est", "west": "ouest",
        "north-east": "nord-est", "north-west": "nord-ouest", "south-east": "sud-est", "south-west": "sud-ouest",
        "no damage": "sans dégât", "minor damage": "dégâts mineurs", "major damage": "dégâts majeurs",
        "destroyed": "détruit",
    },
}  # fmt: skip
# The kind of fact without which an answer to a task is none.
_ASKED_FOR = {
    "change_or_not": "verdict",
    "increase_or_not": "verdict",
    "decrease_or_not": "verdict",
    "largest_change": "largest",
    "smallest_change": "smallest",
    "change_to_what": "transition",
    "change_from_what": "transition",
    "change_ratio": "share",
    "change_ratio_types": "share_after",
    "area": "area",
    "where": "where",
    "damage": "damage_count",
    "semantic_map": "share_after",
    "class_at": "class",
}
_REASONS = {
    "en": {
        "no_meaning": "I cannot tell what this question asks of the images.",
        "not_in_imagery": "Images from above cannot show what this question asks.",
        "language": "I read English and French only.",
        "unreadable": "I could not read this question; please put it another way.",
    },
    "fr": {
        "no_meaning": "Je ne comprends pas ce que cette question demande aux images.",
        "not_in_imagery": "Des images prises du ciel ne peuvent pas montrer ce que demande cette question.",
        "language": "Je ne lis que l'anglais et le français.",
        "unreadable": "Je n'ai pas pu lire cette question ; posez-la autrement.",
    },
}


@dataclass(frozen=True)
class Span:
    """A stretch of the text, in characters, and the id of the fact that it states."""

    start: int
    end: int
    fact: int


def accept(text: str, facts: Sequence[Fact]) -> bool:
    """True where a written answer points at facts that exist, each once, holds no digit and no yes or no of its own,
    and says that there is nothing, or one thing, only where that was measured.
    """
    named = [int(number) for number in _TOKEN.findall(text)]
    bare = _TOKEN.sub("", text)
    known = {fact.id for fact in facts}
    return (
        0 < len(named) == len(set(named))
        and set(named) <= known
        and not any(c.isdigit() for c in bare)
        and not _POLAR.search(bare)
        and (not _NOTHING.search(bare) or _measured_nothing(facts))
        and (not _ONE.search(bare) or any(fact.kind == "count" and fact.value == 1 for fact in facts))
        and "<" not in bare
    )


def _measured_nothing(facts: Sequence[Fact]) -> bool:
    """True where a quantity that was asked for is none, or the verdict is no."""
    return any(fact.value in (0, "no") for fact in facts)


def answers_the_task(text: str, task: str, facts: Sequence[Fact]) -> bool:
    """True where a written answer points at the fact that its task asks for, wherever that was measured."""
    wanted = _ASKED_FOR.get(task, "count")
    asked = {fact.id for fact in facts if fact.kind == wanted}
    return not asked or bool(asked & {int(number) for number in _TOKEN.findall(text)})


def names_only_measured(text: str, facts: Sequence[Fact], vocabulary: Vocabulary) -> bool:
    """True where every class that a written answer names is a class of its facts: words are grounded as numbers are.

    A phrase is looked up as `Vocabulary.resolve` does, the longest first; groups agree with their members.
    """
    allowed: set[str] = set()
    for fact in facts:
        values = (fact.source, fact.target, fact.value if fact.kind == "class" else "")
        for phrase in (part for value in values for part in str(value).split("|")):
            allowed |= {each.name for each in vocabulary.resolve(phrase)}
    return all(named & allowed for named in _named_classes(text, vocabulary))


def numbers_keep_their_classes(text: str, facts: Sequence[Fact], vocabulary: Vocabulary) -> bool:
    """True where the words after each transition's number name that transition: what it was, what it became, or both
    in that order, and no class twice.
    """
    by_id = {fact.id: fact for fact in facts}
    parts = _TOKEN.split(text)  # words, id, words, id, words ...
    for number, words in zip(parts[1::2], parts[2::2], strict=True):
        fact = by_id.get(int(number))
        if fact is None or not fact.kind.startswith("transition"):
            continue
        source, target = ({each.name for each in vocabulary.resolve(name)} for name in (fact.source, fact.target))
        named = _named_classes(words, vocabulary)
        if not source - _VAGUE or not target - _VAGUE:  # a name that only the question has: there is nothing to look up
            continue
        one = len(named) == 1 and bool(named[0] & (source | target))
        if not one and not (len(named) == 2 and named[0] & source and named[1] & target):
            return False
    return True


def _named_classes(text: str, vocabulary: Vocabulary) -> list[set[str]]:
    """Return the classes that each name in a text may mean, in the text's order."""
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", _TOKEN.sub(" . ", text))
    found: list[set[str]] = []
    at = 0
    while at < len(words):
        for length in range(min(LONGEST_NAME, len(words) - at), 0, -1):
            named = {each.name for each in vocabulary.resolve(" ".join(words[at : at + length]))} - _VAGUE
            if named:
                found.append(named)
                break
        at += length
    return found


def render(text: str, facts: Sequence[Fact], language: str, vocabulary: Vocabulary) -> tuple[str, tuple[Span, ...]]:
    """Replace each ``<fact_N>`` by its value in the reader's language; sentences begin with a capital.

    A token of a fact that does not exist (yet) is left out.
    """
    by_id = {fact.id: fact for fact in facts}
    parts: list[str] = []
    spans: list[Span] = []
    length = last = 0
    for match in _TOKEN.finditer(text):
        before = text[last : match.start()]
        parts.append(before)
        length += len(before)
        fact = by_id.get(int(match[1]))
        if fact is not None:
            shown = fact_value(fact, language, vocabulary)
            spans.append(Span(length, length + len(shown), fact.id))
            parts.append(shown)
            length += len(shown)
        last = match.end()
    parts.append(text[last:])
    return _capitalised("".join(parts)), tuple(spans)


def _capitalised(text: str) -> str:
    """Capitalise the first letter of each sentence; the length does not change."""
    return re.sub(
        r"(^|[.!?] )(\w)", lambda match: match[1] + (match[2].upper() if len(match[2].upper()) == 1 else match[2]), text
    )


def fact_value(fact: Fact, language: str, vocabulary: Vocabulary) -> str:
    """Return a fact's value as a person reads it: 1,840 m² in English, 1 840 m² in French (narrow no-break spaces)."""
    if isinstance(fact.value, str):
        if fact.kind == "trajectory":
            return trajectory_words(fact.value.split(AND_THEN), language, vocabulary)
        return _WORDS[language].get(fact.value) or vocabulary.display(fact.value, language)
    space = _NARROW if language == "fr" else " "
    if fact.unit == "%":
        return number(fact.value, language, 1 if abs(fact.value) >= 1 else 2) + (
            f"{_NARROW}%" if language == "fr" else "%"
        )
    if fact.unit in ("m2", "px"):
        return number(abs(fact.value), language, 1) + space + {"m2": "m²", "px": "px"}[fact.unit]
    return number(fact.value, language, 0)


def number(value: float, language: str, decimals: int) -> str:
    """Return a number with a language's separators."""
    text = f"{value:,.{decimals}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(",", _NARROW).replace(".", ",") if language == "fr" else text


def abstention(reason: str, language: str) -> str:
    """Return the sentence with which the engine declines a question."""
    words = _REASONS.get(language, _REASONS["en"])
    return words.get(reason, words["no_meaning"])
