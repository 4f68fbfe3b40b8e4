"""Questions from annotations: asked of a labelled pair, with the reading, the facts, the answer and the mask.

A change too small to be mapped is neither there nor absent, so nothing that hangs on one is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

import numpy as np

from diachron.data import telling
from diachron.data.follow_ups import follow_up
from diachron.data.grammar import pick
from diachron.data.lexicon import lexicon
from diachron.data.phrasing import LANGUAGES, asks
from diachron.data.questions import QuestionGenerator
from diachron.data.sample import Sample
from diachron.data.truth import Mask, Truth, truth_of
from diachron.model.look import ANY, REGIONS, TASKS, Look
from diachron.results.answer import abstention, render
from diachron.results.facts import Fact
from diachron.results.polygons import MINIMUM_AREA_M2

UNANSWERABLE_SHARE, REGION_SHARE, FOLLOW_UP_SHARE, ABSENT_SHARE, GROUP_SHARE = 0.06, 0.12, 0.2, 0.15, 0.15
ATTEMPTS = 60
KINDS = ("present", "negated", "absent", "unanswerable")
"""What is asked about is there; its class is there, but that change of it is not; its class is nowhere; nobody can
tell."""
WITHOUT_CLASSES = ("change_or_not", "count", "area", "where", "segment", "change_ratio", "caption", "report")
"""Tasks whose answer the mask of a change alone tells."""
OF_EVERYTHING = ("increase_or_not", "decrease_or_not", "semantic_map", "class_at")
"""Tasks whose answer needs the class of every pixel."""


@dataclass(frozen=True)
class AnnotatedQuestion:
    """One question of a pair. ``kind`` is one of `KINDS`; ``text`` the answer, every number of it a fact's; ``mask``
    bool [H, W] what is asked about; ``follows`` the question before, without which this one makes no sense.
    """

    sample: Sample
    question: str
    language: str
    look: Look
    kind: str
    facts: tuple[Fact, ...]
    text: str
    mask: Mask
    follows: AnnotatedQuestion | None = None


def questions_of(
    read: Callable[[], Iterable[Sample]], seed: int = 0, split: str = "train"
) -> Iterator[AnnotatedQuestion]:
    """Yield questions without end, of the samples that ``read`` returns in turn, and then again from the first.

    The same samples, seed and split (of phrasings) give the same questions. The end is reached only where no sample
    has labels that answer one.
    """
    asker = Asker(seed, split)
    found = True
    while found:
        found = False
        for truth in map(truth_of, read()):
            for asked in asker.ask(truth) if truth else ():
                found = True
                yield asked


class Asker:
    """Draws questions about labelled pairs."""

    def __init__(self, seed: int = 0, split: str = "train", tasks: tuple[str, ...] = TASKS) -> None:
        self.rng = Random(seed)
        self.numbers = np.random.default_rng(seed)
        self.phrasings = QuestionGenerator(seed, split)
        self.tasks = tasks

    def ask(self, truth: Truth) -> list[AnnotatedQuestion]:
        """Return a question, and one time in five one that follows it; none where the labels answer nothing."""
        for _ in range(ATTEMPTS):
            look = self._look(truth)
            asked = self._answered(truth, look, pick(LANGUAGES, self.rng)) if look else None
            if asked is None:
                continue
            if not asked.look.is_change or self.rng.random() >= FOLLOW_UP_SHARE:
                return [asked]
            return [asked, *self._followed(truth, asked)]
        return []

    def _followed(self, truth: Truth, first: AnnotatedQuestion) -> list[AnnotatedQuestion]:
        other = truth.vocabulary.by_id[pick(truth.ids, self.rng)] if truth.names_transitions and truth.ids else None
        text, look = follow_up(first.look, first.language, phrase_for(other, first.language) if other else "", self.rng)
        if look.task in self.tasks and may_be_asked(truth, look.task):
            asked = self._answered(truth, look, first.language, text)
            if asked is not None:
                return [replace(asked, follows=first)]
        return []

    # -- what to ask -----------------------------------------------------------------------------

    def _look(self, truth: Truth) -> Look | None:
        """Return a reading that the labels may answer; None where the draw led nowhere."""
        if "unanswerable" in self.tasks and self.rng.random() < UNANSWERABLE_SHARE:
            return Look("unanswerable")
        possible = [task for task in self.tasks if task != "unanswerable" and may_be_asked(truth, task)]
        if not possible:
            return None
        task = pick(possible, self.rng)
        make = {"damage": self._damage, "class_at": self._place, "semantic_map": self._cover}.get(task)
        look = make() if make else self._change(truth, task)
        if look is not None and look.task not in ("class_at", "damage") and self.rng.random() < REGION_SHARE:
            look = replace(look, region=pick(REGIONS, self.rng))
        return self._with_classes(truth, look) if look is not None else None

    def _damage(self) -> Look:
        return Look("damage", ("building",), ("building",))

    def _place(self) -> Look:
        return Look(
            "class_at", classes=(ANY,), date=pick(("before", "after"), self.rng), region=pick(REGIONS, self.rng)
        )

    def _cover(self) -> Look:
        classes = ("X",) if self.rng.random() < 0.5 else (ANY,)
        return Look("semantic_map", classes=classes, date=pick(("before", "after", "both"), self.rng))

    def _change(self, truth: Truth, task: str) -> Look | None:
        """Return a look of one of the shapes that the task is phrased in, with X and Y for its classes."""
        shapes = [shape for shape in phrased_shapes(task) if shape_fits(truth, shape)]
        if not shapes:
            return None
        shape = pick(shapes, self.rng)
        if shape == "state":
            return Look(task, classes=("X",), date=pick(("before", "after"), self.rng))
        source, _, target = shape.partition(">")
        return Look(task, (source,), (target,))

    def _with_classes(self, truth: Truth, look: Look) -> Look | None:
        """Return the look with classes for X and Y: of a change that happened, or of any other."""
        named = {"X", "Y"} & {*look.source, *look.target, *look.classes}
        if not named:
            return look
        first, last = self._classes(truth, look)
        if not first or (first == last and "Y" in named):
            return None
        here = {"X": first, "Y": last}

        def filled(phrases: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(here.get(phrase, phrase) for phrase in phrases)

        return replace(look, source=filled(look.source), target=filled(look.target), classes=filled(look.classes))

    def _classes(self, truth: Truth, look: Look) -> tuple[str, str]:
        """Return names for X and Y; "" where the labels have no class to name."""
        names = truth.vocabulary.by_id
        if truth.about and not truth.ids:
            return names[truth.about[0]].name, ""
        if self.rng.random() < ABSENT_SHARE:
            absent = [each.name for each in names.values() if each.id not in truth.ids] or [""]
            return pick(absent, self.rng), names[pick(truth.ids, self.rng)].name if truth.ids else ""
        if truth.transitions and self.rng.random() < 0.7:
            source, target = pick(truth.transitions, self.rng)
            # Half the time the other way round: that class changed, but not so.
            first, last = (target, source) if look.source == (ANY,) and look.target == ("X",) else (source, target)
            return self._grouped(truth, names[first].name), names[last].name
        if not truth.ids:
            return "", ""
        return self._grouped(truth, names[pick(truth.ids, self.rng)].name), names[pick(truth.ids, self.rng)].name

    def _grouped(self, truth: Truth, name: str) -> str:
        """Return a class's name, or now and then that of a group it is in."""
        groups = truth.vocabulary.by_name[name].groups
        return pick(groups, self.rng) if groups and self.rng.random() < GROUP_SHARE else name

    # -- the answer ------------------------------------------------------------------------------

    def _answered(self, truth: Truth, look: Look, language: str, text: str = "") -> AnnotatedQuestion | None:
        """Return the question with its answer; None where the labels cannot tell it for certain."""
        if look.abstains:
            return self._refused(truth)
        mask = truth.mask(look)
        changes, facts = truth.answer(look)
        if (bool(changes) != bool(mask.any()) and not look.classes) or not _are_certain(facts, truth):
            return None
        question = text
        if not text:
            example = self.phrasings.question_for(_in_language(look, truth, language), self.numbers, language)
            question, look = example.question, example.look
        return self._made(truth, question, language, look, facts, mask)

    def _refused(self, truth: Truth) -> AnnotatedQuestion:
        """Return a question that no image answers."""
        example = self.phrasings.sample_read()
        while not example.look.abstains:
            example = self.phrasings.sample_read()
        return self._made(truth, example.question, example.language, example.look, (), truth.mask(example.look))

    def _made(
        self, truth: Truth, question: str, language: str, look: Look, facts: tuple[Fact, ...], mask: Mask
    ) -> AnnotatedQuestion:  # fmt: skip
        if look.abstains:
            text = abstention(look.reason, language)
        else:
            written = telling.tell(look, facts, language, Random(self.rng.random()))
            text = render(written, facts, language, truth.vocabulary)[0]
        return AnnotatedQuestion(truth.sample, question, language, look, _kind(truth, look, mask), facts, text, mask)


def may_be_asked(truth: Truth, task: str) -> bool:
    """True where the labels tell what a task asks."""
    if task == "damage":
        return truth.sample.damage is not None
    if truth.sample.damage is not None:
        return False
    if task in OF_EVERYTHING:
        return truth.names_everything
    return truth.names_transitions or task in WITHOUT_CLASSES


@lru_cache(maxsize=64)
def phrased_shapes(task: str) -> tuple[str, ...]:
    """Return the shapes of readings that a task has phrasings for, in both languages."""
    every = [asks(language, "train").get(task, {}) for language in LANGUAGES]
    known = ("any>any", "any>X", "X>any", "X>X", "X>Y", "state")
    return tuple(shape for shape in known if all(shapes.get(shape) for shapes in every))


def shape_fits(truth: Truth, shape: str) -> bool:
    """True where the labels tell what a shape asks: masks of one class tell changes of that class alone."""
    if truth.names_transitions:
        return shape != "state" or truth.names_everything
    if truth.about:
        return shape == "X>X"
    return shape == "any>any" or (shape == "any>X" and truth.sample.classes_after is not None)


def phrase_for(named: object, language: str) -> str:
    """Return the phrase that a reading has for a class: its name, or in French its word, where the reading copies."""
    name, french = named.name, named.fr  # type: ignore[attr-defined]
    return french if language == "fr" and name not in lexicon(language).by_name else name


def _in_language(look: Look, truth: Truth, language: str) -> Look:
    """Return the look as a question in this language is read: what the lexicon lacks is copied from the question."""
    known = truth.vocabulary.by_name

    def told(phrases: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(phrase_for(known[each], language) if each in known else each for each in phrases)

    return replace(look, source=told(look.source), target=told(look.target), classes=told(look.classes))


def _are_certain(facts: tuple[Fact, ...], truth: Truth) -> bool:
    """True where no fact hangs on a pixel that nobody labelled, or on growth by less than can be mapped."""
    for fact in facts:
        if fact.kind == "class" and fact.value not in {truth.vocabulary.by_id[each].name for each in truth.ids}:
            return False
        if fact.kind == "difference" and 0 < abs(float(fact.value)) < MINIMUM_AREA_M2:
            return False
    return bool(facts)


def _kind(truth: Truth, look: Look, mask: Mask) -> str:
    if look.abstains:
        return "unanswerable"
    if mask.any():
        return "present"
    named = [phrase for phrase in (*look.source, *look.target, *look.classes) if phrase != ANY]
    shown = {*truth.ids, *truth.about}
    here = [bool(shown & {each.id for each in truth.vocabulary.resolve(phrase)}) for phrase in named]
    return "negated" if all(here) else "absent"
