"""What stands in the model's context, as text: the reading it writes and the fact table it reads.

``<user>`` QUESTION ``<diachron>`` READING ``<facts>`` FACT LINES ``<diachron>`` ANSWER (see `model.sequences` for
the tokens). The question's language is not given: the model tells it, as the first word of its reading::

    fr look task=count change=any>building date=both <image_latent>

The look line of a French question is the same English line. Each fact is one line; its value is a word, never digits::

    <fact_1> count any>building many

Every word stands after a space there (``change= any> building``, ``l' arène``): a word then has the same tokens in the
question, the reading, the facts and the answer, and copying it is the easiest thing a transformer learns.

A yes/no answer begins with the verdict fact's own token; the words yes, no, oui and non never come from the model.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from diachron.model.look import ANY, Look, parse_look
from diachron.results.facts import Fact
from diachron.results.measures import fact_line

LANGUAGES = ("en", "fr")

_BEFORE_WORD = re.compile(r"([=>|'(])(?=\w)")
_AFTER_MARK = re.compile(r"([=>|'(]) ")


def reading_target(language: str, look: Look) -> str:
    """Return what the model writes for a question: the language it is in, then the look line."""
    return spaced(f"{language} {look.line()}")


def parse_reading(text: str) -> tuple[str, Look] | None:
    """Read what `reading_target` made; None where the text does not follow the grammar."""
    language, _, line = _AFTER_MARK.sub(r"\1", text.strip()).partition(" ")
    look = parse_look(line)
    return (language, look) if language in LANGUAGES and look is not None else None


def looks_back(look: Look) -> bool:
    """Return whether images are looked at for a look with their dates exchanged.

    What was lost is what is new to one who goes back in time: swapping the dates then swaps the answer.
    """
    return not look.classes and ANY in look.target and ANY not in look.source


def plain_request(look: Look) -> tuple[str, Look]:
    """Return the question and the reading with which images are looked at for a look, back in time if it `looks_back`.

    They are one for all its wordings, tasks and languages: what is found hangs on what is looked for and not on how a
    person asked, so "How many buildings are new?" and "Quels bâtiments sont nouveaux ?" count the same polygons.
    """
    if looks_back(look):
        look = replace(look, source=look.target, target=look.source)
    source, target, classes = (" and ".join(each) for each in (look.source, look.target, look.classes))
    if look.classes:
        return f"map {classes}", Look("semantic_map", classes=look.classes, date=look.date)
    plain = Look("segment", look.source, look.target)
    if look.source == look.target:
        return ("what has changed?", Look("list")) if source == ANY else (f"segment changes in {source}", plain)
    return (f"segment new {target}" if ANY in look.source else f"segment {source} that became {target}"), plain


def read_prompt(question: str) -> str:
    """Return the plain-text form of what precedes a reading."""
    return f"<user>{question_text(question)}<diachron>"


def tell_prompt(question: str, look: Look, facts: Sequence[Fact], language: str = "en") -> str:
    """Return the plain-text form of what precedes an answer."""
    return f"{read_prompt(question)}{reading_target(language, look)}<eos><facts>{fact_lines(facts)}<diachron>"


def fact_lines(facts: Sequence[Fact]) -> str:
    """Return the fact table, one line a fact."""
    return "\n".join(spaced(fact_line(fact)) for fact in facts)


def question_text(question: str) -> str:
    """Return a question as the model reads it: in lower case, for a reading does not hang on capitals."""
    return spaced(" " + question.lower().replace("\u2019", "'").strip())


def spaced(text: str) -> str:
    """Return a text with a space before each word that has none."""
    return _BEFORE_WORD.sub(r"\1 ", text)
