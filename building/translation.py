"""``build.py i18n``: collect the texts into ``i18n/*.ts``, keep what is translated, and compile it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from building.console import Stop, run, say
from building.machine import TO_TRANSLATE, install
from building.places import TRANSLATIONS
from building.texts import CLASS_CONTEXT, ENGINE_CONTEXT, texts, vocabulary_classes

LANGUAGES = ("fr",)
ENGINE_SENTENCES = TRANSLATIONS / "engine.txt"
"""The engine's sentences, one a line: the plugin finds by them what a sentence with values in it is made from."""

Catalogue = Mapping[tuple[str, str], str]
"""A translation by context and text; "" where there is none yet."""


def translate() -> int:
    """Update each language's ``.ts`` from the source and compile it to ``.qm``."""
    install(TO_TRANSLATE)
    collected = texts()
    TRANSLATIONS.mkdir(exist_ok=True)
    ENGINE_SENTENCES.write_text("\n".join(sorted(collected[ENGINE_CONTEXT])) + "\n", encoding="utf-8")
    for language in LANGUAGES:
        file = catalogue_file(language)
        known = read_catalogue(file) if file.is_file() else {}
        known |= {(CLASS_CONTEXT, each["name"]): each.get(language, "") for each in vocabulary_classes()}
        write_catalogue(file, language, collected, known)
        if run(["lrelease", "-silent", file]):
            raise Stop(f"lrelease could not compile {file}")
        missing = [text for context in collected for text in collected[context] if not known.get((context, text))]
        say(f"{file.name} is compiled; {len(missing)} texts have no translation yet")
        for text in missing:
            print(f"   {text}", flush=True)
    return 0


def catalogue_file(language: str) -> Path:
    """Return where a language's texts lie."""
    return TRANSLATIONS / f"diachron_{language}.ts"


def read_catalogue(file: Path) -> dict[tuple[str, str], str]:
    """Return the translations of a ``.ts`` file; what is marked unfinished counts as none."""
    found = {}
    for context in ElementTree.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            done = translation is not None and translation.get("type") is None
            text = (translation.text or "") if translation is not None and done else ""
            found[context.findtext("name", ""), message.findtext("source", "")] = text
    return found


def write_catalogue(file: Path, language: str, collected: Mapping[str, Sequence[str]], known: Catalogue) -> None:
    """Write a ``.ts`` file with every text collected, and none other; what has no translation is marked unfinished."""
    root = ElementTree.Element("TS", version="2.1", language=language, sourcelanguage="en")
    for name, sources in collected.items():
        context = ElementTree.SubElement(root, "context")
        ElementTree.SubElement(context, "name").text = name
        for source in sources:
            message = ElementTree.SubElement(context, "message")
            ElementTree.SubElement(message, "source").text = source
            translation = ElementTree.SubElement(message, "translation")
            translation.text = known.get((name, source), "")
            if not translation.text:
                translation.set("type", "unfinished")
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    file.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")
