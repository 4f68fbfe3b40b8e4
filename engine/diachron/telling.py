"""Facts into words: the model writes, every number is rendered from a fact, and what it may not say is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from diachron.model.vocabulary import Vocabulary
from diachron.progress import Progress
from diachron.results.answer import (
    Span,
    accept,
    answers_the_task,
    names_only_measured,
    numbers_keep_their_classes,
    render,
)
from diachron.results.facts import Fact
from diachron.results.plain import plain_answer
from diachron.results.sequences import STEP_KINDS, sequence_sentences

if TYPE_CHECKING:
    from diachron.model.interpreter import Interpreter, Reading


def tell(
    interpreter: Interpreter, reading: Reading, facts: Sequence[Fact], vocabulary: Vocabulary, progress: Progress
) -> tuple[str, tuple[Span, ...]]:
    """Return the answer's text with its links to facts.

    What the model writes is kept only where every value in it is a fact, every class it names is one of theirs, and
    each transition's number stands with its own classes. Where it is not, the model writes again from the leading half
    of the facts (from the same ones it would write the same); failing that, they are stated plainly. Of a sequence, the
    engine adds what each step showed.
    """
    language = reading.language
    told = [fact for fact in facts if fact.kind not in STEP_KINDS]
    for given in (told, told[: (len(told) + 1) // 2]):
        written = ""
        for piece in interpreter.tell(reading, given, progress.cancelled):
            progress.check()
            written += piece
            progress.on_text(render(_whole_tokens(written), facts, language, vocabulary)[0].strip())
        if _may_stand(written.strip(), reading.look.task, given, vocabulary):
            template = " ".join((written.strip(), sequence_sentences(facts, language))).strip()
            text, spans = render(template, facts, language, vocabulary)
            progress.on_text(text)
            return text, spans
    text, spans = render(plain_answer(reading.look, facts, language, vocabulary), facts, language, vocabulary)
    progress.on_text(text)
    return text, spans


def _may_stand(written: str, task: str, facts: Sequence[Fact], vocabulary: Vocabulary) -> bool:
    """True where an answer answers, and says nothing that was not measured."""
    return (
        accept(written, facts)
        and names_only_measured(written, facts, vocabulary)
        and numbers_keep_their_classes(written, facts, vocabulary)
        and answers_the_task(written, task, facts)
    )


def _whole_tokens(written: str) -> str:
    """Return what is written without a fact token that is not finished."""
    start = written.rfind("<")
    return written[:start] if start >= 0 and ">" not in written[start:] else written
