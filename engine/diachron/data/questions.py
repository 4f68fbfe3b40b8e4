"""Generated questions with their readings, and answers over fact tables: what the language model learns from.

Everything is drawn from the data files of ``resources/questions``: templates a task and language, phrases they
share, and words for classes. A fixed share of the question templates (`phrasing.HELD_OUT_SHARE`) is kept out of
training and makes up the ``held_out`` split. Class words that the vocabulary knows are read as its English names;
visible things that it lacks are copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any, Protocol

from diachron.data import telling
from diachron.data.grammar import Nodes, Slot, expand, parse_template, pick
from diachron.data.lexicon import Lexicon, lexicon
from diachron.data.noise import typed, without_accents
from diachron.data.nouns import AGREEMENTS, Noun, choose_nouns, french_joins, joiner, noun_text
from diachron.data.phrasing import LANGUAGES, SPLITS, Ask, asks, phrases, question_file, split_texts
from diachron.model.look import ANY, Look
from diachron.results.facts import Fact

UNANSWERABLE_SHARE = 0.15
SEVERAL_SHARE, REGION_SHARE = 0.08, 0.06
REASON_SHARES = (("no_meaning", 0.3), ("not_in_imagery", 0.72), ("language", 1.0))
_REFUSED_FILES = ("unanswerable", "unanswerable_more")
_TASK_WEIGHTS = {
    "count": 1.6,
    "area": 1.4,
    "list": 1.6,
    "where": 1.3,
    "segment": 1.4,
    "semantic_map": 1.5,
    "change_or_not": 1.4,
}
_REGION_TASKS = frozenset(
    ("change_or_not", "count", "area", "list", "segment", "semantic_map", "change_ratio", "largest_change")
)
_SHAPE_WEIGHTS = {
    "any>any": 2.0,
    "any>X": 2.0,
    "X>any": 1.6,
    "X>X": 1.6,
    "X>Y": 1.6,
    "event": 0.7,
    "state": 2.0,
    "spot": 0.3,
}


@dataclass(frozen=True)
class ReadExample:
    """A question as somebody typed it, its language ("en" or "fr"), and its reading."""

    question: str
    language: str
    look: Look


@dataclass(frozen=True)
class TellExample:
    """A question, its reading, the facts that were measured, and an answer that points at them by ``<fact_N>``."""

    question: str
    language: str
    look: Look
    facts: tuple[Fact, ...]
    text: str


class WholeNumbers(Protocol):
    """What is asked of a numpy generator here."""

    def integers(self, low: int, high: int) -> Any:
        """Return a whole number, ``low`` or more and below ``high``."""


class QuestionGenerator:
    """Draws questions without end; the same seed and split give the same ones."""

    def __init__(self, seed: int = 0, split: str = "train") -> None:
        if split not in SPLITS:
            raise ValueError(f"split {split!r} is not one of {', '.join(SPLITS)}")
        self.split = split
        self.rng = Random(seed)

    def reseed(self, seed: int) -> None:
        """Start again as a new generator with this seed would."""
        self.rng = Random(seed)

    def sample_read(self) -> ReadExample:
        """Return a question of any task, some to be refused."""
        rng = self.rng
        language = pick(LANGUAGES, rng)
        if rng.random() < UNANSWERABLE_SHARE:
            return _refused(language, self.split, rng)
        return _asked(language, _draw_ask(language, self.split, rng), rng)

    def sample_tell(self) -> TellExample:
        """Return an answered question."""
        rng = self.rng
        language = pick(LANGUAGES, rng)
        asked = _asked(language, _draw_ask(language, self.split, rng), rng)
        facts = telling.draw_facts(asked.look, rng)
        return TellExample(asked.question, language, asked.look, facts, telling.tell(asked.look, facts, language, rng))

    def question_for(self, look: Look, rng: WholeNumbers, language: str = "") -> ReadExample:
        """Return a question that ``look`` is the reading of (its language is drawn where none is given)."""
        own = Random(int(rng.integers(0, 2**31 - 1)))
        language = language or pick(LANGUAGES, own)
        if look.abstains:
            return replace(_refused(language, self.split, own), look=look)
        return _phrased(look, language, self.split, own)


# -- a question from a template ---------------------------------------------------------------


@lru_cache(maxsize=4)
def _task_table(language: str, split: str) -> tuple[tuple[float, tuple[tuple[float, tuple[Ask, ...]], ...]], ...]:
    """Return cumulative task weights, each with its shapes' cumulative weights and templates."""
    table, total = [], 0.0
    for task, shapes in asks(language, split).items():
        total += _TASK_WEIGHTS.get(task, 1.0)
        rows, sum_of_shapes = [], 0.0
        for shape, found in shapes.items():
            sum_of_shapes += _SHAPE_WEIGHTS.get(shape, 1.0)
            rows.append((sum_of_shapes, found))
        if rows:
            table.append((total, tuple(rows)))
    return tuple(table)


def _draw_ask(language: str, split: str, rng: Random) -> Ask:
    table = _task_table(language, split)
    draw = rng.random() * table[-1][0]
    shapes = next(rows for reached, rows in table if draw < reached)
    draw = rng.random() * shapes[-1][0]
    return pick(next(found for reached, found in shapes if draw < reached), rng)


class _Filler:
    """Fills the slots of one sentence; every draw is made once, so that a slot named twice says the same."""

    def __init__(self, language: str, nouns: Mapping[str, tuple[Noun, ...]], region: str, rng: Random) -> None:
        self.nouns, self.rng, self.region = nouns, rng, region
        self.language = language
        self.joiner = joiner(language, rng)
        self.first_year = rng.randint(1950, 2023)
        self.last_year = rng.randint(self.first_year + 1, 2026)
        self.default = "E" if "E" in nouns else "N" if "N" in nouns and "X" not in nouns else "X"

    def __call__(self, slot: Slot) -> str:
        if slot.key in self.nouns:
            return noun_text(slot.form, self.nouns[slot.key], self.joiner)
        if slot.key in AGREEMENTS:
            return noun_text(slot.key, self.nouns[self.default], self.joiner)
        return self._other(slot.key)

    def _other(self, key: str) -> str:
        if key == "y1":
            return str(self.first_year)
        if key == "y2":
            return str(self.last_year)
        if key == "R":
            return pick(_regions(self.language)[self.region], self.rng)
        if key == "J":
            return _gibberish(self.rng)
        if key == "D":
            return str(self.rng.randint(1, 9999))
        raise KeyError(f"unknown slot {key!r}")


@lru_cache(maxsize=4)
def _regions(language: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(words) for name, words in question_file("regions")[language].items()}


def _asked(language: str, ask: Ask, rng: Random) -> ReadExample:
    words = lexicon(language)
    nouns: dict[str, tuple[Noun, ...]] = {"X": choose_nouns(words.draw, rng, SEVERAL_SHARE)}
    look = Look(ask.task)
    if ask.shape == "event":
        event = pick(words.events, rng)
        nouns["E"] = (pick(event.nouns, rng),)
        look = Look(ask.task, (event.source,), (event.target,))
    else:
        nouns["Y"] = (_other_noun(words, nouns["X"], rng),)
        look = _look_of(ask, nouns)
    return _sentence(language, ask, nouns, look, rng, _may_name_region(ask, rng))


def _other_noun(words: Lexicon, taken: tuple[Noun, ...], rng: Random) -> Noun:
    while True:
        noun = words.draw(rng)
        if all(noun.name != other.name for other in taken):
            return noun


def _look_of(ask: Ask, nouns: dict[str, tuple[Noun, ...]]) -> Look:
    """Return the reading of a template with these nouns."""
    names = {key: tuple(noun.name for noun in each) for key, each in nouns.items()}
    date = ask.date or "both"
    if ask.shape == "state":
        return Look(ask.task, classes=names["X"], date=ask.date or ("both" if ask.task == "semantic_map" else "after"))
    if ask.shape == "state2":
        return Look(ask.task, classes=names["X"], date="both")
    if ask.shape in ("land", "land2"):
        return Look(ask.task, classes=(ANY,), date=date)
    if ask.shape in ("place", "spot"):
        return Look(ask.task, classes=(ANY,), date=ask.date or "after")
    if ask.shape == "damage":
        return Look(ask.task, ("building",), ("building",))
    if ask.shape == "X@date":
        return Look(ask.task, source=names["X"]) if ask.date == "before" else Look(ask.task, target=names["X"])
    source, target = (names.get(part, (part,)) for part in ask.shape.split(">"))
    return Look(ask.task, source, target, date=date)


def _may_name_region(ask: Ask, rng: Random) -> str:
    if ask.shape == "place":
        return "centre" if rng.random() < 0.5 else pick(tuple(_regions("en")), rng)
    if ask.task in _REGION_TASKS and ask.shape != "X@date" and rng.random() < REGION_SHARE:
        return pick(tuple(_regions("en")), rng)
    return ""


def _sentence(
    language: str, ask: Ask, nouns: dict[str, tuple[Noun, ...]], look: Look, rng: Random, region: str
) -> ReadExample:
    fill = _Filler(language, nouns, region, rng)
    text = expand(ask.nodes, phrases(language), fill, rng)
    if language == "fr":
        text = french_joins(text)
    if region and ask.shape != "place":
        text = _in_region(text, fill(Slot("", "R")), rng)
    question, plain = typed(text, rng)
    look = replace(look, region=region) if region else look
    return ReadExample(question, language, _without_accents(look, nouns) if plain else look)


def _in_region(text: str, place: str, rng: Random) -> str:
    if rng.random() < 0.25:
        return f"{place}, {text}"
    bare = text.rstrip(" ?")
    return f"{bare} {place}{text[len(bare) :]}"


def _without_accents(look: Look, nouns: dict[str, tuple[Noun, ...]]) -> Look:
    """Return the reading of a question typed without accents: copied words lose theirs too."""
    copied = {noun.name for each in nouns.values() for noun in each if noun.copied}

    def plain(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(without_accents(name) if name in copied else name for name in names)

    return replace(look, source=plain(look.source), target=plain(look.target), classes=plain(look.classes))


# -- a question for a given reading -----------------------------------------------------------


def _phrased(look: Look, language: str, split: str, rng: Random) -> ReadExample:
    words = lexicon(language)
    ask = pick(_fitting(look, language, split), rng)
    nouns = {
        key: tuple(words.named(name, rng) for name in names)
        for key, names in _parts(look, ask).items()
        if names and names != (ANY,)
    }
    asked = _sentence(language, ask, nouns, look, rng, look.region)
    return replace(asked, look=_without_accents(look, nouns) if asked.look != look else look)


def _fitting(look: Look, language: str, split: str) -> list[Ask]:
    """Return the templates whose reading has the task, shape and date of ``look``, else those of a list."""
    shape = _shape(look)
    for task in (look.task, "list", "semantic_map"):
        for chosen in (split, "train"):
            every = asks(language, chosen).get(task, {})
            names = [shape, f"{shape}2"] if look.date == "both" and look.classes else [shape]
            fitting = [ask for name in names for ask in every.get(name, ())]
            found = [ask for ask in fitting if _has_date(ask, look)] or (fitting if task == "class_at" else [])
            if found:
                return found
    raise ValueError(f"no template phrases {look.line()!r}")


def _shape(look: Look) -> str:
    if look.task == "class_at":
        return "place" if look.region else "spot"
    if look.classes:
        return "land" if look.classes == (ANY,) else "state"
    if look.source == look.target:
        return "any>any" if look.source == (ANY,) else "X>X"
    if ANY in look.source:
        return "any>X"
    return "X>any" if ANY in look.target else "X>Y"


def _has_date(ask: Ask, look: Look) -> bool:
    if ask.date:
        return ask.date == look.date
    default = "both" if ask.task == "semantic_map" or not look.classes else "after"
    return ask.shape in ("land2", "state2") or look.date == default


def _parts(look: Look, ask: Ask) -> dict[str, tuple[str, ...]]:
    if look.classes:
        return {"X": look.classes}
    if ask.shape == "any>X":
        return {"X": look.target}
    return {"X": look.source, "Y": look.target}


# -- questions to refuse ----------------------------------------------------------------------


@lru_cache(maxsize=16)
def _refusals(reason: str, language: str, split: str) -> tuple[Nodes, ...]:
    found: list[str] = []
    for name in _REFUSED_FILES:  # each is split by itself, as the files of templates are
        found.extend(split_texts(question_file(name)[reason].get(language, []), split))
    return tuple(map(parse_template, found))


@lru_cache(maxsize=1)
def _other_languages() -> tuple[str, ...]:
    return tuple(question_file("unanswerable")["language"])


def _refused(language: str, split: str, rng: Random) -> ReadExample:
    draw = rng.random()
    reason = next(name for name, reached in REASON_SHARES if draw < reached)
    asked_in = pick(_other_languages(), rng) if reason == "language" else language
    options = _refusals(reason, asked_in, split) or _refusals(reason, asked_in, "train")
    words = lexicon(language)
    nouns = {"X": (words.draw(rng),), "N": (pick(words.unseen, rng),)}
    text = expand(pick(options, rng), phrases(language), _Filler(language, nouns, "", rng), rng)
    told = "en" if reason == "language" else language
    return ReadExample(typed(text, rng)[0], told, Look("unanswerable", reason=reason))


def _gibberish(rng: Random) -> str:
    """Return letters that make no word: syllables, keys side by side, or consonants."""
    kind = rng.random()
    if kind < 0.5:
        count = rng.randint(1, 4)
        return "".join(
            pick("bcdfghjklmnpqrstvwxz", rng) + pick("aeiouy", rng) + pick(("", "", "x", "rk", "lm", "zz"), rng)
            for _ in range(count)
        )
    if kind < 0.75:
        row = pick(("qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm"), rng)
        start = rng.randint(0, 4)
        return row[start : start + rng.randint(3, 6)]
    return "".join(pick("bcdfghjklmnpqrstvwxzaeiou", rng) for _ in range(rng.randint(3, 9)))
