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

if TYPE_CHECKING:
    from diachron.model.interpreter import Interpreter, Reading


def tell(
    interpreter: Interpreter, reading: Reading, facts: Sequence[Fact], vocabulary: Vocabulary, progress: Progress
) -> tuple[str, tuple[Span, ...]]:
    """Return the answer's text with its links to facts.

    What the model writes is kept only where every value in it is a fact, every class it names is one of theirs, and
    each transition's number stands with its own classes. Where it is not, the model writes again from the leading half
    of the facts (from the same ones it would write the same); failing that, they are stated plainly.
    """
    language = reading.language
    for given in (facts, facts[: (len(facts) + 1) // 2]):
        written = ""
        for piece in interpreter.tell(reading, given, progress.cancelled):
            progress.check()
            written += piece
            progress.on_text(render(_whole_tokens(written), facts, language, vocabulary)[0].strip())
        if _may_stand(written.strip(), reading.look.task, given, vocabulary):
            return render(written.strip(), facts, language, vocabulary)
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
