"""Facts and words of three dates and more: when changes were first seen, and what places went through."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence

from diachron.model.look import Look
from diachron.model.vocabulary import Vocabulary
from diachron.results.facts import Fact
from diachron.results.polygons import Change

STEP_KINDS = ("step_count", "step_dates", "trajectory_count", "trajectory")
"""Facts that the engine states itself, in pairs of a count and the words that go with it: the model never saw such."""
AND_THEN = ">"
_SENTENCES = {
    "en": ("Changes by period: {steps}.", "{count} in {dates}", "In {count} of these: {words}."),
    "fr": ("Changements par période\u202f: {steps}.", "{count} en {dates}", "Pour {count} d'entre eux\u202f: {words}."),
}
_THEN = {"en": ", then ", "fr": ", puis "}


def sequence_facts(look: Look, changes: Sequence[Change], dates: Sequence[str], most: int) -> list[Fact]:
    """Return at most ``most`` facts of a sequence: for each step that shows changes how many and its dates, then how
    many places went through the commonest trajectory of three classes or more, and which that is.

    Parameters
    ----------
    dates: of the rasters, "" where one is not known. Of two dates there are no such facts.
    """
    if len(dates) < 3 or look.classes:
        return []
    facts = [*_steps(look, changes, dates), *_trajectory(changes)]
    return facts[: most - most % 2]


def _steps(look: Look, changes: Sequence[Change], dates: Sequence[str]) -> list[Fact]:
    source, target = "|".join(look.source), "|".join(look.target)
    facts = []
    for step, words in enumerate(step_names(dates)):
        ids = tuple(change.id for change in changes if change.step == step)
        if ids:
            facts.append(Fact(0, "step_count", source, target, len(ids), "", ids))
            facts.append(Fact(0, "step_dates", source, target, words, "", ids))
    return facts


def _trajectory(changes: Sequence[Change]) -> list[Fact]:
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for change in changes:
        went = tuple(name for name, _ in itertools.groupby(change.trajectory))
        if len(went) > 2:
            alike[went].append(change.id)
    if not alike:
        return []
    went, ids = max(alike.items(), key=lambda item: len(item[1]))
    return [
        Fact(0, "trajectory_count", went[0], went[-1], len(ids), "", tuple(ids)),
        Fact(0, "trajectory", went[0], went[-1], AND_THEN.join(went), "", tuple(ids)),
    ]


def step_names(dates: Sequence[str]) -> list[str]:
    """Return each step in words: ``2012 – 2015``, or where a date is not known ``dates 2 – 3``."""
    pairs = enumerate(itertools.pairwise(dates), 1)
    return [f"{first} – {last}" if first and last else f"dates {at} – {at + 1}" for at, (first, last) in pairs]


def sequence_sentences(facts: Sequence[Fact], language: str) -> str:
    """Return what the sequence's facts state, with a token for each; "" where there are none."""
    whole, one, some = _SENTENCES[language]
    steps = ", ".join(one.format(count=count, dates=words) for count, words in _pairs(facts, "step_count"))
    told = [whole.format(steps=steps)] if steps else []
    told += [some.format(count=count, words=words) for count, words in _pairs(facts, "trajectory_count")]
    return " ".join(told)


def _pairs(facts: Sequence[Fact], kind: str) -> list[tuple[str, str]]:
    """Return the tokens of each count of a kind and of the words that follow it."""
    return [(f"<fact_{one.id}>", f"<fact_{two.id}>") for one, two in itertools.pairwise(facts) if one.kind == kind]


def trajectory_words(names: Sequence[str], language: str, vocabulary: Vocabulary, dates: Sequence[str] = ()) -> str:
    """Return what a place went through: ``herbaceous (2012), then building (2017)``, each with the date that first
    shows it where that is known.
    """
    shown = []
    for name, run in itertools.groupby(range(len(names)), key=lambda at: names[at]):
        date = dates[next(run)] if dates else ""
        shown.append(vocabulary.display(name, language) + (f" ({date})" if date else ""))
    return _THEN[language].join(shown)
