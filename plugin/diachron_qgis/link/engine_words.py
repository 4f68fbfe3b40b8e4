"""The engine's sentences in the person's language: the engine itself speaks English alone."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from qgis.PyQt.QtCore import QCoreApplication

from ..about import resource

CONTEXT = "Engine"
PLACE = re.compile(r"\{\d\}")
NUMBER = re.compile(r"\d+(\.\d+)?%?( (m|px))?( / \d+(\.\d+)? m)*")


class Sentence(NamedTuple):
    """A sentence of the engine: as the catalogue has it, and the texts around its values."""

    source: str
    parts: tuple[str, ...]

    def values(self, said: str) -> tuple[str, ...] | None:
        """Return the values that make this sentence what was said, None where none do."""
        if not (said.startswith(self.parts[0]) and said.endswith(self.parts[-1])):
            return None
        found = re.fullmatch("(.+?)".join(map(re.escape, self.parts)), said, re.DOTALL)
        return found.groups() if found else None


def engine_text(said: str) -> str:
    """Return a sentence of the engine in the language of the plugin; as it is where that is English, or unknown."""
    translated = _translate(said) if said else ""
    if translated != said:
        return translated
    for sentence in _sentences():
        values = sentence.values(said)
        if values is not None:
            translated = _translate(sentence.source)
            return said if translated == sentence.source else translated.format(*map(_value, values))
    return said


def one_line(what: str, where: str, advice: str) -> str:
    """Return the parts of an error as one line, with the language's own spaces before the marks."""
    place = _tr("{0}: {1}").format(what, where) if where else what
    return _tr("{0}; {1}").format(place, advice) if advice else place


def _value(text: str) -> str:
    """Return a value as the language writes it; it may be a text of its own."""
    if not NUMBER.fullmatch(text):
        return _translate(text)
    return text.replace(".", _tr(".")).replace("%", "\u202f%")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Diachron", text)


def _translate(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text)


@lru_cache(maxsize=1)
def _sentences() -> tuple[Sentence, ...]:
    """Return the sentences with values in them, those first that say most beside them."""
    file = resource("i18n", "engine.txt")
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    found = (Sentence(line, tuple(map(_plain, PLACE.split(line)))) for line in lines if PLACE.search(line))
    return tuple(sorted(found, key=lambda each: -sum(map(len, each.parts))))


def _plain(part: str) -> str:
    return part.replace("{{", "{").replace("}}", "}")
