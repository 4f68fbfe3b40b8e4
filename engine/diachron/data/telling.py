"""Fact tables with made-up values, and answers over them: what teaches the model to tell.

Answers are drawn from ``resources/questions/answers_*.json``. They point at facts by ``<fact_N>`` and hold no digit;
their grammar depends on nothing but the words that the fact lines show (see `model.prompts`). A case has one wording:
who reads four hundred answers compares them, and a small model that need not choose among wordings mixes none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from random import Random

from diachron.data.grammar import Nodes, Slot, expand, parse_template, pick
from diachron.data.lexicon import Lexicon, lexicon
from diachron.data.nouns import AGREEMENTS, Noun, noun_text
from diachron.data.phrasing import question_file
from diachron.model.look import ANY, Look
from diachron.model.vocabulary import Vocabulary, load_vocabulary
from diachron.results.facts import Fact
from diachron.results.measures import fact_line

DIRECTIONS = ("north", "south", "east", "west", "north-east", "north-west", "south-east", "south-west", "centre")
_NONE_SHARE, _ONE_SHARE = 0.22, 0.22
_SENTENCE = re.compile(r"(\. )([a-zà-ÿ])")


@lru_cache(maxsize=1)
def _vocabulary() -> Vocabulary:
    return load_vocabulary(None)


# -- facts ------------------------------------------------------------------------------------


class _Table:
    """Facts as they are added, numbered from 1."""

    def __init__(self, rng: Random) -> None:
        self.facts: list[Fact] = []
        self.rng = rng
        self.unit = "m2" if rng.random() < 0.8 else "px"

    def add(self, kind: str, source: str, target: str, value: float | str) -> None:
        unit = (
            ""
            if isinstance(value, str) or kind in ("count", "transition_count")
            else "%"
            if kind.startswith("share")
            else self.unit
        )
        self.facts.append(Fact(len(self.facts) + 1, kind, source, target, value, unit, ()))

    def size(self, found: int) -> float:
        """Return an area for so many polygons, nothing for none."""
        return round(self.rng.uniform(20, 9000), 1) if found else 0.0


def draw_facts(look: Look, rng: Random) -> tuple[Fact, ...]:
    """Return facts that a look of this task may meet, of none, one or many polygons."""
    table = _Table(rng)
    draw = rng.random()
    found = 0 if draw < _NONE_SHARE else 1 if draw < _NONE_SHARE + _ONE_SHARE else rng.randint(2, 60)
    source, target = ("|".join(look.classes), "") if look.classes else ("|".join(look.source), "|".join(look.target))
    make = _at_a_date if look.classes and look.task != "class_at" else _FACTS.get(look.task, _other_facts)
    make(table, look, source, target, found)
    return tuple(table.facts)


def _pairs(look: Look, found: int, most: int, rng: Random) -> list[tuple[str, str]]:
    """Return different from-to pairs that the look covers, at most one for each polygon found."""
    pairs: list[tuple[str, str]] = []
    wanted = min(found, most, rng.randint(1, most))
    for _ in range(3 * wanted):
        pair = _pair(look, rng)
        if pair[0] != pair[1] and pair not in pairs and len(pairs) < wanted:
            pairs.append(pair)
    return pairs


def _pair(look: Look, rng: Random) -> tuple[str, str]:
    both_ways = look.source == look.target and look.source != (ANY,)
    first = not both_ways or rng.random() < 0.5
    second = not both_ways or not first
    return _member(look.source if first else (ANY,), rng), _member(look.target if second else (ANY,), rng)


def _member(phrases: tuple[str, ...], rng: Random) -> str:
    """Return a class that one of the phrases names; a phrase that the vocabulary lacks names itself."""
    phrase = pick(phrases, rng)
    return pick(_vocabulary().classes, rng).name if phrase == ANY else pick(_members(phrase), rng)


def _members(phrase: str) -> list[str]:
    return [each.name for each in _vocabulary().resolve(phrase)] or [phrase]


def _transitions(table: _Table, look: Look, found: int, most: int, counted: bool) -> None:
    for source, target in _pairs(look, found, most, table.rng):
        if counted:
            table.add(
                "transition_count",
                source,
                target,
                1 if found == 1 or table.rng.random() < 0.4 else table.rng.randint(2, found),
            )
        else:
            table.add("transition", source, target, table.size(found))


def _change_or_not(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    table.add("verdict", source, target, "yes" if found else "no")
    table.add("count", source, target, found)
    table.add("area", source, target, table.size(found))
    _transitions(table, look, found, 3, counted=False)


def _more_or_less(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    before, after = table.size(found), table.size(found)
    if table.rng.random() < 0.1:
        after = before
    wanted = after > before if look.task == "increase_or_not" else after < before
    name = target if target != ANY else source
    table.add("verdict", "", name, "yes" if wanted else "no")
    table.add("area_before", "", name, before)
    table.add("area_after", "", name, after)
    table.add("difference", "", name, round(after - before, 1))


def _extreme(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    kind = "largest" if look.task == "largest_change" else "smallest"
    pairs = _pairs(look, found, 1, table.rng)
    found = found if pairs else 0
    for pair in pairs:
        table.add(kind, *pair, table.size(found))
    table.add("count", source, target, found)
    table.add("area", source, target, table.size(found))


def _became(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    _transitions(table, look, found, 5, counted=False)
    table.add("area", source, target, table.size(found))


def _ratio(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    table.add("share", source, target, round(table.rng.uniform(0.1, 80), 1) if found else 0)
    table.add("area", source, target, table.size(found))


def _shares(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    """Shares of the classes that were asked for, or of up to eight where every class was."""
    most = 4 if look.task in ("area", "segment") else 8
    asked = [name for phrase in look.classes if phrase != ANY for name in _members(phrase)]
    names = asked or table.rng.sample([each.name for each in _vocabulary().classes], table.rng.randint(1, most))
    for name in names[:most]:
        some = found and (not asked or table.rng.random() < 0.8)
        table.add(
            "share_before" if look.date == "before" else "share_after",
            "",
            name,
            round(table.rng.uniform(0.1, 90), 1) if some else 0,
        )


def _at_a_date(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    """What is measured on one date's class map."""
    if look.task in ("area", "segment"):
        table.add("area_before" if look.date == "before" else "area_after", "", look.classes[0], table.size(found))
    _shares(table, look, source, target, found)


def _count(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    table.add("count", source, target, found)
    table.add("area", source, target, table.size(found))
    _transitions(table, look, found, 3, counted=True)


def _area(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    table.add("area", source, target, table.size(found))
    table.add("count", source, target, found)
    _transitions(table, look, found, 3, counted=False)


def _list(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    _transitions(table, look, found, 8, counted=True)
    _simple(table, look, source, target, found)


def _where(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    if found:
        table.add("where", source, target, pick(DIRECTIONS, table.rng))
    _simple(table, look, source, target, found)


def _simple(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    table.add("count", source, target, found)
    table.add("area", source, target, table.size(found))


def _class_at(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    name = pick(_vocabulary().classes, table.rng).name
    table.add("class", "", name, name)
    table.add("share", "", name, round(table.rng.uniform(1, 100), 1))


def _other_facts(table: _Table, look: Look, source: str, target: str, found: int) -> None:
    _simple(table, look, source, target, found)
    _transitions(table, look, found, 3, counted=False)


_FACTS = {
    "change_or_not": _change_or_not, "increase_or_not": _more_or_less, "decrease_or_not": _more_or_less,
    "largest_change": _extreme, "smallest_change": _extreme, "change_to_what": _became, "change_from_what": _became,
    "change_ratio": _ratio, "change_ratio_types": _shares, "count": _count, "area": _area, "list": _list, "where":
    _where, "segment": _simple, "class_at": _class_at,
}  # fmt: skip


# -- answers ----------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def answers(language: str) -> dict[str, dict[str, tuple[Nodes, ...]]]:
    """Return section -> case -> answer templates of a language."""
    content = question_file(f"answers_{language}")
    return {
        section: {case: tuple(map(parse_template, texts)) for case, texts in cases.items()}
        for section, cases in content.items()
        if section != "about"
    }


@lru_cache(maxsize=4)
def _named(language: str) -> dict[str, tuple[Nodes, ...]]:
    """Return the phrases that answer templates refer to by name."""
    return answers(language).get("phrases", {})


def tell(look: Look, facts: tuple[Fact, ...], language: str, rng: Random) -> str:
    """Return an answer to a look over its facts."""
    answer = _Answer(look, facts, language, rng)
    section = look.task if look.task in answers(language) else "other"
    if look.classes and look.task != "class_at":
        section = "covered" if look.task in ("area", "segment") else "semantic_map"
    text = answer.expand(section, answer.case()).replace("⟨", "(").replace("⟩", ")")
    text = _SENTENCE.sub(lambda match: match[1] + match[2].upper(), text)
    return text[:1].upper() + text[1:]


class _Answer:
    """One answer being written."""

    def __init__(self, look: Look, facts: tuple[Fact, ...], language: str, rng: Random) -> None:
        self.look, self.facts, self.language, self.rng = look, facts, language, rng
        self.lexicon: Lexicon = lexicon(language)
        self.words = {fact.id: fact_line(fact).rsplit(" ", 1)[-1] for fact in facts}
        self.first: dict[str, Fact] = {}
        for fact in facts:
            self.first.setdefault(fact.kind, fact)
        self.steps = [fact for fact in facts if fact.kind in ("transition", "transition_count")]
        self.shares = [fact for fact in facts if fact.kind.startswith("share")]
        if look.classes and facts[:1] and facts[0].kind.startswith("area_"):
            self.first["area"] = facts[0]
        self.nouns = self._nouns()
        self.styles: dict[str, Nodes] = {}

    def _nouns(self) -> dict[str, tuple[Noun, ...]]:
        sides = {"X": self.look.classes} if self.look.classes else self._sides()
        nouns = {
            key: tuple(map(self.lexicon.shown, names)) for key, names in sides.items() if names and names != (ANY,)
        }
        extreme = self.first.get("largest") or self.first.get("smallest")
        if extreme:
            nouns |= {"S": (self.lexicon.shown(extreme.source),), "T": (self.lexicon.shown(extreme.target),)}
        if "class" in self.first:
            nouns["C"] = (self.lexicon.shown(str(self.first["class"].value)),)
        return nouns

    def _sides(self) -> dict[str, tuple[str, ...]]:
        if self.look.source == (ANY,):
            return {"X": self.look.target}
        return {"X": self.look.source, "Y": self.look.target}

    def shape(self) -> str:
        """Return the look's shape: whether X came, went, changed or became Y."""
        source, target = self.look.source, self.look.target
        if self.look.classes:
            return "any>any" if self.look.classes == (ANY,) else "state"
        if source == target:
            return "any>any" if source == (ANY,) else "X>X"
        return "any>X" if source == (ANY,) else "X>any" if target == (ANY,) else "X>Y"

    def case(self) -> str:
        """Return which answers fit, told by words that the fact lines show."""
        if "difference" in self.first:
            return self._word("verdict") + "." + self._word("difference")
        for kind in ("verdict", "count", "area"):
            if kind in self.first and (kind, self.look.task) not in (("area", "change_ratio"), ("count", "area")):
                return self._counted(self._word(kind))
        if "class" in self.first:
            return "many"
        return "none" if all(self.words[fact.id] == "none" for fact in self.shares) else "many"

    def _counted(self, case: str) -> str:
        """Return the case for one polygon where such answers to an area or a yes/no question differ."""
        one = "count" in self.first and self._word("count") == "one"
        return f"{case}.one" if one and self.look.task in ("area", "change_or_not") else case

    def _word(self, kind: str) -> str:
        return self.words[self.first[kind].id]

    def expand(self, section: str, case: str) -> str:
        """Return one of the templates of a section's case, filled."""
        return expand(pick(answers(self.language)[section][case], self.rng), _named(self.language), self.fill, self.rng)

    def fill(self, slot: Slot) -> str:
        """Return what stands in a slot: a fact's token, a noun, a phrase for the change, or a list of facts."""
        if slot.key in self.nouns:
            return noun_text(slot.form, self.nouns[slot.key], "and" if self.language == "en" else "et")
        if slot.key in self.first:
            return f"<fact_{self.first[slot.key].id}>"
        if slot.key in AGREEMENTS:
            return noun_text(slot.key, self.nouns["X"], "")
        return self._made(slot.key)

    def _made(self, key: str) -> str:
        if key in ("subjects", "subject1", "thing"):
            shape = self.shape()
            countable = "X" not in self.nouns or all(noun.plural for noun in self.nouns["X"])
            return self.expand(key, shape if shape == "any>any" else f"{shape}.{'c' if countable else 'm'}")
        if key == "tail":
            return self._tail()
        if key == "steps":
            return self._listed([self._step(fact) for fact in self.steps])
        if key == "shares":
            return self._listed([self._share(fact) for fact in self.shares])
        raise KeyError(f"unknown slot {key!r}")

    def _tail(self) -> str:
        """Return sentences on the largest transitions, "" where there are none."""
        if not self.steps:
            return ""
        return self.expand("tail", "transitions" if len(self.steps) > 1 else "transition")

    def _step(self, fact: Fact) -> str:
        kind = "area" if fact.kind == "transition" else "count"
        shape = self.shape()
        names = {"S": (self.lexicon.shown(fact.source),), "T": (self.lexicon.shown(fact.target),)}
        return self._with(fact, names, "step", f"{kind}.{shape if shape in ('any>X', 'X>any') else 'both'}")

    def _share(self, fact: Fact) -> str:
        return self._with(fact, {"S": (self.lexicon.shown(fact.target),)}, "share", "many")

    def _with(self, fact: Fact, names: Mapping[str, tuple[Noun, ...]], section: str, case: str) -> str:
        kept = self.nouns
        self.nouns = {**kept, **names}
        self.first["this"] = fact
        style = self.styles.setdefault(case, pick(answers(self.language)[section][case], self.rng))
        text = expand(style, _named(self.language), self.fill, self.rng)
        self.nouns = kept
        return text

    def _listed(self, parts: list[str]) -> str:
        last = " and " if self.language == "en" else " et "
        return last.join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
