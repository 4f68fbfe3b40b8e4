"""Nouns that questions and answers speak of, with the agreement that English and French ask for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from diachron.data.grammar import pick

COPY_START, COPY_END = "\x01", "\x02"
"""Around words that a reading copies, so that noise spares them; never left in a finished text."""
_ASPIRATED = ("hangar", "haie", "hameau", "halle", "haut", "hutte", "haras", "houille", "héron", "hall")
_HIATUS = re.compile(r"\b(\w*[ae])-(ils?|elles?|on)\b")
_CONTRACTED = re.compile(r"\b(?:de|à) les?\b(?! plus)")
_ELIDED = re.compile(r"\b([dns]|qu)e (?=[aeiouàâéèêîôû])", re.IGNORECASE)
_PREPOSITION = re.compile(r"\s(?:de|du|des|d'|à|au|aux|en|pour|sur|sous)(?=\s|\w)")


@dataclass(frozen=True)
class Noun:
    """A noun phrase. ``name`` is what the reading says; ``mass`` nouns have one form ("grass", "végétation").

    ``copied`` nouns are outside the vocabulary: they have the one form that the question shows, and ``name`` is that
    form.
    """

    name: str
    one: str
    many: str
    plural: bool
    feminine: bool = False
    copied: bool = False

    def shown(self, single: bool = False) -> str:
        """Return the words, marked where they are copied."""
        words = self.one if single or not self.plural else self.many
        return f"{COPY_START}{words}{COPY_END}" if self.copied else words


def read_noun(entry: str, name: str) -> Noun:
    """Read a data-file entry: ``one/many`` or a mass noun; French ones end in their gender (``maison/maisons f``)."""
    words, _, gender = entry.rpartition(" ")
    if gender not in ("m", "f") or not words:
        words, gender = entry, ""
    one, _, many = words.partition("/")
    return Noun(name, one, many or one, bool(many), gender == "f")


def copied_noun(words: str, plural: bool, feminine: bool) -> Noun:
    """Return a noun whose words the reading copies."""
    return Noun(words.lower(), words, words, plural, feminine, copied=True)


def plural_en(words: str) -> str:
    """Return the English plural of a noun phrase by rule (data files hold only regular nouns)."""
    if re.search(r"[^aeiou]y$", words):
        return words[:-1] + "ies"
    if re.search(r"(s|x|z|ch|sh)$", words):
        return words + "es"
    return words + "s"


def plural_fr(words: str) -> str:
    """Return the French plural: every word before the first preposition takes its mark."""
    preposition = _PREPOSITION.search(words)
    end = preposition.start() if preposition else len(words)
    return " ".join(_plural_word_fr(word) for word in words[:end].split()) + words[end:]


def _plural_word_fr(word: str) -> str:
    if word.endswith(("s", "x", "z")):
        return word
    if word.endswith(("eau", "au", "eu")):
        return word + "x"
    return word[:-2] + "aux" if word.endswith("al") else word + "s"


def _elides(words: str) -> bool:
    bare = words.lstrip(COPY_START)
    return bare[:1].lower() in "aeiouyâàéèêëîïôûœh" and not bare.startswith((*_ASPIRATED, "y"))


def _le(noun: Noun) -> str:
    return "les" if noun.plural else "la" if noun.feminine else "le"


def _with_le(noun: Noun) -> str:
    words = noun.shown()
    return f"l'{words}" if not noun.plural and _elides(words) else f"{_le(noun)} {words}"


def _with_du(noun: Noun) -> str:
    words = noun.shown()
    if noun.plural:
        return f"des {words}"
    if _elides(words):
        return f"de l'{words}"
    return f"de la {words}" if noun.feminine else f"du {words}"


def _with_au(noun: Noun) -> str:
    words = noun.shown()
    if noun.plural:
        return f"aux {words}"
    if _elides(words):
        return f"à l'{words}"
    return f"à la {words}" if noun.feminine else f"au {words}"


def _with_de(noun: Noun) -> str:
    words = noun.shown()
    return f"d'{words}" if _elides(words) else f"de {words}"


def _with_a(noun: Noun) -> str:
    if noun.plural == noun.copied:
        return noun.shown()
    words = noun.shown(single=True)
    return f"an {words}" if words.lstrip(COPY_START)[:1].lower() in "aeio" else f"a {words}"


def _with_un(noun: Noun) -> str:
    if noun.plural and noun.copied:
        return f"des {noun.shown()}"
    if not noun.plural and not noun.copied:
        return _with_du(noun)
    return f"{'une' if noun.feminine else 'un'} {noun.shown(single=True)}"


# A slot form that stands before each noun of a list ("les bâtiments et les routes").
_EACH: dict[str, Callable[[Noun], str]] = {
    "": Noun.shown,
    "one": lambda noun: noun.shown(single=True),
    "the": lambda noun: f"the {noun.shown()}",
    "a": _with_a,
    "les": _with_le,
    "des": _with_du,
    "de": _with_de,
    "aux": _with_au,
    "un": _with_un,
}

# A slot form that agrees with the whole list: (plural, singular, feminine plural, feminine singular).
_AGREEING: dict[str, tuple[str, str, str, str]] = {
    "were": ("were", "was", "were", "was"),
    "are": ("are", "is", "are", "is"),
    "have": ("have", "has", "have", "has"),
    "do": ("do", "does", "do", "does"),
    "many": ("many", "much", "many", "much"),
    "s": ("", "s", "", "s"),
    "sont": ("sont", "est", "sont", "est"),
    "etaient": ("étaient", "était", "étaient", "était"),
    "ont": ("ont", "a", "ont", "a"),
    "nt": ("nt", "", "nt", ""),
    "ent": ("ent", "e", "ent", "e"),
    "es": ("s", "", "es", "e"),
    "s2": ("s", "", "s", ""),
    "ent2": ("ent", "t", "ent", "t"),
    "e": ("", "", "e", "e"),
    "le": ("les", "le", "les", "la"),
    "du": ("des", "du", "des", "de la"),
    "quels": ("quels", "quel", "quelles", "quelle"),
    "nouveaux": ("nouveaux", "nouveau", "nouvelles", "nouvelle"),
    "anciens": ("anciens", "ancien", "anciennes", "ancienne"),
    "tous": ("tous les", "tout le", "toutes les", "toute la"),
    "ils": ("ils", "il", "elles", "elle"),
}
AGREEMENTS = frozenset(_AGREEING)


def noun_text(form: str, nouns: tuple[Noun, ...], joiner: str) -> str:
    """Return nouns in a slot's form, joined by "and", "or", "et" or "ou"; `KeyError` names an unknown form."""
    if form in _AGREEING:
        plural = len(nouns) > 1 or nouns[0].plural
        feminine = all(noun.feminine for noun in nouns)
        return _AGREEING[form][2 * feminine + (not plural)]
    return f" {joiner} ".join(_EACH[form](noun) for noun in nouns)


def choose_nouns(draw: Callable[[Random], Noun], rng: Random, several: float) -> tuple[Noun, ...]:
    """Return one noun, or with probability ``several`` two of different names."""
    first = draw(rng)
    if rng.random() >= several:
        return (first,)
    second = draw(rng)
    return (first, second) if second.name != first.name else (first,)


def joiner(language: str, rng: Random) -> str:
    """Return the word that joins two nouns."""
    return pick(("and", "or") if language == "en" else ("et", "ou"), rng)


def french_joins(text: str) -> str:
    """Return French text with the joins that neighbouring words ask for: "a-t-elle", "d'identifier", "du point"."""
    text = _ELIDED.sub(r"\1'", _HIATUS.sub(r"\1-t-\2", text))
    return _CONTRACTED.sub(lambda match: {"de le": "du", "de les": "des", "à le": "au", "à les": "aux"}[match[0]], text)
