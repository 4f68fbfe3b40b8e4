"""How people really type: missing accents, capitals and punctuation, and a slip of the finger now and then."""

from __future__ import annotations

import unicodedata
from random import Random

from diachron.data.nouns import COPY_END, COPY_START

NO_ACCENTS, NO_PUNCTUATION, TYPO, CAPITALS, SHOUTED = 0.15, 0.3, 0.08, 0.5, 0.03


def without_accents(text: str) -> str:
    """Return text with plain letters for accented ones."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def typed(text: str, rng: Random) -> tuple[str, bool]:
    """Return a question as somebody may type it, and whether its accents are gone. Copied words keep their letters."""
    if rng.random() < TYPO:
        text = _slip(text, rng)
    text = text.replace(COPY_START, "").replace(COPY_END, "")
    if rng.random() < NO_PUNCTUATION:
        text = text.rstrip(" ?.!") or text
    plain = rng.random() < NO_ACCENTS
    if plain:
        text = without_accents(text)
    return _cased(text, rng), plain


def _cased(text: str, rng: Random) -> str:
    draw = rng.random()
    if draw < SHOUTED:
        return text.upper()
    return text[:1].upper() + text[1:] if draw < CAPITALS else text


def _slip(text: str, rng: Random) -> str:
    """Drop, double or swap one letter inside a word that is not copied."""
    at = int(rng.random() * len(text))
    inside = text.rfind(COPY_START, 0, at + 1) > text.rfind(COPY_END, 0, at + 1)
    if inside or not text[max(at - 1, 0) : at + 2].isalpha() or len(text) < 12:
        return text
    draw = rng.random()
    if draw < 0.4:
        return text[:at] + text[at + 1 :]
    if draw < 0.7:
        return text[:at] + text[at] + text[at:]
    return text[:at] + text[at + 1 : at + 2] + text[at] + text[at + 2 :]
