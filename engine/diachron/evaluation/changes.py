"""Suites of change polygons and answers: places, confidence, from-to classes, and questions about labelled pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from diachron.data.annotated import AnnotatedQuestion, Asker, may_be_asked
from diachron.data.sample import Sample
from diachron.data.truth import Truth, truth_of
from diachron.evaluation.answers import CDVQA_TASKS, OTHER_TASKS, AnswerTally
from diachron.evaluation.looking import called, seen, told
from diachron.evaluation.maps import BUILDINGS, EVERYTHING
from diachron.evaluation.pixels import BinaryCounts, count_binary
from diachron.evaluation.polygons import HALF, calibration, count_places, drawn_on, shares_of
from diachron.evaluation.result import Measured, Table
from diachron.model.interpreter import Interpreter
from diachron.results.polygons import Change, draw_changes

QUESTIONS_EACH = 4
MOST_ROWS = 40


def places(samples: Iterable[Sample], interpreter: Interpreter) -> dict[str, float]:
    """F1 of the places of building change, how far counts are off, and whether confidence can be believed (ECE)."""
    pooled, off, sure, right = BinaryCounts(), [], [], []
    for truth in filter(None, map(truth_of, samples)):
        if truth.sample.change is None:
            continue
        # Drawn as the truth is: without classes, which would part polygons by what they became.
        seen_change = replace(seen(interpreter, truth.sample, BUILDINGS, truth), classes=(truth.before, truth.after))
        threshold = interpreter.card.threshold
        found = draw_changes(seen_change, BUILDINGS.look, truth.vocabulary, truth.grid, threshold=threshold)
        true, _ = truth.answer(BUILDINGS.look)
        pooled = pooled + count_places(found, true, truth.grid)
        off.append(abs(len(found) - len(true)))
        sure += [change.confidence for change in found]
        right += (shares_of(found, truth.grid, truth.mask(BUILDINGS.look)) >= HALF).tolist()
    told_right = calibration(sure, right)
    return {
        "location precision": pooled.precision, "location recall": pooled.recall, "location F1": pooled.f1,
        "count MAE": _mean(off), "ECE": told_right.expected_error, "mean confidence": told_right.confidence,
        "polygons right": told_right.right, "polygons": float(told_right.polygons),
    }  # fmt: skip


# -- from what to what ---------------------------------------------------------------------------


def transitions(samples: Iterable[Sample], interpreter: Interpreter) -> Measured:
    """From- and to-classes of change polygons against the two labelled dates, as a table."""
    pairs: Counter[tuple[str, str, str, str]] = Counter()
    unchanged = 0
    for truth in filter(None, map(truth_of, samples)):
        if not truth.names_everything:
            continue
        _, found, _ = told(interpreter, truth, EVERYTHING)
        for change, labels in zip(found, _labels_under(found, truth), strict=True):
            if labels is not None:
                pairs[*labels, change.source, change.target] += 1
                unchanged += labels[0] == labels[1]
    total, changed = sum(pairs.values()), sum(n for (a, b, _, _), n in pairs.items() if a != b)
    right = {
        "from and to right": sum(n for (a, b, c, d), n in pairs.items() if (a, b) == (c, d)),
        "from right": sum(n for (a, _, c, _), n in pairs.items() if a == c),
        "to right": sum(n for (_, b, _, d), n in pairs.items() if b == d),
        "on ground whose label did not change": unchanged,
    }
    both_right = sum(n for (a, b, c, d), n in pairs.items() if (a, b) == (c, d) and a != b)
    rows = tuple((*classes, count) for classes, count in pairs.most_common(MOST_ROWS))
    columns = ("labelled from", "labelled to", "told from", "told to", "polygons")
    return Measured(
        {
            **{name: count / total if total else 0.0 for name, count in right.items()},
            "from and to right where the label changed": both_right / changed if changed else 0.0,
            "polygons": float(total),
        },
        (Table("From-to classes of change polygons", columns, rows),),
    )


def _labels_under(changes: Sequence[Change], truth: Truth) -> Iterator[tuple[str, str] | None]:
    """Yield the commonest label of each date under each polygon; None where most of it is unlabelled."""
    numbers = drawn_on(changes, truth.grid)
    for number in range(1, len(changes) + 1):
        here = numbers == number
        known = here & truth.valid
        if known.sum() * 2 <= here.sum():
            yield None
            continue
        ids = [int(np.bincount(date[known]).argmax()) for date in (truth.before, truth.after)]
        yield truth.vocabulary.by_id[ids[0]].name, truth.vocabulary.by_id[ids[1]].name


# -- questions about labelled pairs ---------------------------------------------------------------


def answers(samples: Iterable[Sample], interpreter: Interpreter) -> dict[str, float]:
    """Questions from annotations in held-out phrasings, read and answered by the model: accuracy as CDVQA counts it,
    count MAE, and how well the places agree.
    """
    tally, pixels, found_places = AnswerTally(), BinaryCounts(), BinaryCounts()
    read_right: list[bool] = []
    for truth, asked in asked_of(samples):
        reading = interpreter.read(asked.question)
        read_right.append(reading.look == asked.look)
        maps, found, facts = told(interpreter, truth, reading)
        tally.add(asked.look.task, facts, asked.facts)
        if asked.look.is_change:
            pixels_found = called(interpreter, maps) & reading.look.is_change
            pixels = pixels + count_binary(pixels_found[truth.valid], asked.mask[truth.valid])
            found_places = found_places + count_places(found, truth.answer(asked.look)[0], truth.grid)
    return {
        **tally.figures(),
        "read right": _mean(read_right),
        "mask F1": pixels.f1,
        "location F1": found_places.f1,
    }


def asked_of(samples: Iterable[Sample]) -> Iterator[tuple[Truth, AnnotatedQuestion]]:
    """Yield some questions of each sample, spread over the types; follow-ups are left out, for they need a history."""
    asker = Asker(seed=13, split="held_out")
    turn = 0
    for truth in filter(None, map(truth_of, samples)):
        possible = [task for task in CDVQA_TASKS + OTHER_TASKS if may_be_asked(truth, task)]
        for _ in range(QUESTIONS_EACH if possible else 0):
            asker.tasks = (possible[turn % len(possible)],)
            turn += 1
            yield from ((truth, each) for each in islice(asker.ask(truth), 1))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0
