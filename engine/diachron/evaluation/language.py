"""Suites of words alone: are questions read right, and are those that no image answers refused?"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from diachron.data.questions import QuestionGenerator, ReadExample
from diachron.model.interpreter import Interpreter

READ_QUESTIONS = 1000
REFUSED_QUESTIONS = 150


def reading(interpreter: Interpreter, every: int) -> dict[str, float]:
    """Share of generated questions in held-out phrasings read into the right task and classes, and abstention both
    ways.
    """
    questions = QuestionGenerator(seed=7, split="held_out")
    right: dict[str, list[bool]] = {"en": [], "fr": []}
    refused: list[bool] = []
    answered: list[bool] = []
    for _ in range(READ_QUESTIONS // every):
        example = questions.sample_read()
        read = interpreter.read(example.question)
        (refused if example.look.abstains else answered).append(read.look.abstains)
        if not example.look.abstains:
            right.setdefault(example.language, []).append(read.look == example.look)
    return {
        **{f"read right, {language}": float(np.mean(rows)) for language, rows in right.items() if rows},
        "unanswerable refused": _mean(refused),
        "answerable refused": _mean(answered),
    }


def abstention(interpreter: Interpreter, every: int) -> dict[str, float]:
    """Share refused of questions without meaning, on what images never show, and in other languages; and of those that
    can be answered, which must not be, those on things that the vocabulary lacks apart.
    """
    questions = QuestionGenerator(seed=17, split="held_out")
    refused: dict[str, list[bool]] = defaultdict(list)
    while min((len(refused[kind]) for kind in _KINDS), default=0) < REFUSED_QUESTIONS // every:
        example = questions.sample_read()
        kind = _kind(example, interpreter)
        if len(refused[kind]) < REFUSED_QUESTIONS // every:
            refused[kind].append(interpreter.read(example.question).look.abstains)
    return {told: _mean(refused[kind]) for kind, told in _KINDS.items()}


_KINDS = {
    "no_meaning": "refused, no meaning",
    "not_in_imagery": "refused, not in imagery",
    "language": "refused, other languages",
    "untested": "refused, visible things that the vocabulary lacks",
    "known": "refused, what the vocabulary has",
}


def _kind(example: ReadExample, interpreter: Interpreter) -> str:
    if example.look.abstains:
        return example.look.reason
    phrases = {*example.look.source, *example.look.target, *example.look.classes} - {"any"}
    return "known" if all(interpreter.vocabulary.resolve(phrase) for phrase in phrases) else "untested"


def _mean(values: list[bool]) -> float:
    return float(np.mean(values)) if values else 0.0
