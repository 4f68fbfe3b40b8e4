"""Facts stated plainly, in whole sentences: what the engine says where the model's own answer was refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diachron.data.lexicon import lexicon
from diachron.data.nouns import Noun, noun_text
from diachron.model.look import ANY, Look
from diachron.model.vocabulary import Vocabulary
from diachron.results.facts import Fact
from diachron.results.sequences import STEP_KINDS, sequence_sentences

_NOTHING = {"en": "nothing was found.", "fr": "rien n'a été trouvé."}
_AND = {"en": "and", "fr": "et"}
_FOUND = {
    "en": ("{count} {subject} was found, covering {area}.", "{count} {subject} were found, covering {area} in all."),
    "fr": ("on compte {count} {subject}, sur {area}.", "on compte {count} {subject}, sur {area} en tout."),
}
_TOTAL = {"en": "{area} in all.", "fr": "{area} en tout."}
_DETAIL = {"en": "in detail: {items}.", "fr": "dans le détail\u202f: {items}."}
_ITEMS = {
    "en": {
        "transition": "{value} from {from} to {to}",
        "damage_count": "{value} {level}",
        "largest": "the largest change is from {from} to {to}, {value}",
        "smallest": "the smallest change is from {from} to {to}, {value}",
        "class": "it is {value}",
        "where": "most of it is in the {value}",
        "share": "that is {value} of the area",
        "before": "{value} of {to} before",
        "after": "{value} of {to} after",
        "difference": "a difference of {value}",
        "count": "{value} changes",
        "area": "{value} in all",
        "other": "{value}",
    },
    "fr": {
        "transition": "{value} {de from} vers {to}",
        "damage_count": "{value} {level}",
        "largest": "le plus grand changement va {de from} à {to}, sur {value}",
        "smallest": "le plus petit changement va {de from} à {to}, sur {value}",
        "class": "c'est {value}",
        "where": "le plus souvent côté {value}",
        "share": "soit {value} de la zone",
        "before": "{value} {de to} avant",
        "after": "{value} {de to} après",
        "difference": "un écart de {value}",
        "count": "{value} changements",
        "area": "{value} en tout",
        "other": "{value}",
    },
}
_AS = {
    "transition_count": "transition", "area_before": "before", "share_before": "before", "area_after": "after",
    "share_after": "after",
}  # fmt: skip
_LEVELS = {
    "en": {"no damage": "with no damage", "minor damage": "with minor damage", "major damage": "with major damage"},
    "fr": {
        "no damage": "sans dégât", "minor damage": "avec des dégâts mineurs",
        "major damage": "avec des dégâts majeurs", "destroyed": "détruits",
    },
}  # fmt: skip


def plain_answer(look: Look, facts: Sequence[Fact], language: str, vocabulary: Vocabulary) -> str:
    """Return sentences with ``<fact_N>`` in the place of every number; each fact is stated once."""
    by_step = sequence_sentences(facts, language)
    facts = [fact for fact in facts if fact.kind not in STEP_KINDS]
    if not facts:
        return _NOTHING[language]
    words = _Words(language, vocabulary)
    first = {fact.kind: fact for fact in reversed(facts)}
    verdict, count, area = (first.get(kind) for kind in ("verdict", "count", "area"))
    sentences = [f"{_token(verdict)}."] if verdict else []
    stated = [verdict]
    if count and area:
        one = count.value in (0, 1) if language == "fr" else count.value == 1
        lead = _FOUND[language][0 if one else 1]
        subject = words.subject(look, single=one)
        sentences.append(lead.format(count=_token(count), area=_token(area), subject=subject))
        stated += [count, area]
    elif area and len(facts) > 1 and not verdict:
        sentences.append(_TOTAL[language].format(area=_token(area)))
        stated.append(area)
    rest = [words.item(fact) for fact in _ranked(facts) if fact not in stated]
    if len(rest) == 1 and not sentences:
        sentences.append(f"{rest[0]}.")
    elif rest:
        items = f" {_AND[language]} ".join(part for part in (", ".join(rest[:-1]), rest[-1]) if part)
        sentences.append(_DETAIL[language].format(items=items))
    return " ".join([*sentences, by_step] if by_step else sentences)


def _ranked(facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts with the counts of transitions in the order of their size; they come in that of their areas."""
    counts = sorted((fact for fact in facts if fact.kind == "transition_count"), key=lambda fact: -float(fact.value))
    following = iter(counts)
    return [next(following) if fact.kind == "transition_count" else fact for fact in facts]


@dataclass(frozen=True)
class _Words:
    """The words of a language for the classes of a vocabulary."""

    language: str
    vocabulary: Vocabulary

    def noun(self, name: str) -> Noun:
        """Return the noun of a class, group or phrase: the lexicon's, else the vocabulary's own name."""
        known = lexicon(self.language)
        if name in known.by_name:
            return known.shown(name)
        shown = self.vocabulary.display(name, self.language)
        return Noun(name, shown, shown, False)

    def subject(self, look: Look, *, single: bool) -> str:
        """Return what a reading looked for: "new buildings", "changes from grass to water"."""
        source, target = (tuple(self.noun(each) for each in side if each != ANY) for side in (look.source, look.target))
        if source == target or (source and target):
            return self._changes(source, target, single)
        gained, nouns = (True, target) if target else (False, source)
        if len(nouns) == 1 and nouns[0].plural:
            return self._things(nouns[0], gained, single)
        return self._areas(nouns, gained, single)

    def item(self, fact: Fact) -> str:
        """Return one fact as a part of a sentence."""
        kind = _AS.get(fact.kind, fact.kind)
        source, target = self.noun(fact.source), self.noun(fact.target)
        template = _ITEMS[self.language].get(kind, _ITEMS[self.language]["other"])
        level = _LEVELS[self.language].get(fact.target, fact.target)
        filled = {
            "{value}": _token(fact), "{from}": source.shown(), "{to}": target.shown(), "{level}": level,
            "{de from}": noun_text("de", (source,), ""), "{de to}": noun_text("de", (target,), ""),
        }  # fmt: skip
        for slot, words in filled.items():
            template = template.replace(slot, words)
        return template

    def _changes(self, source: tuple[Noun, ...], target: tuple[Noun, ...], single: bool) -> str:
        joiner = _AND[self.language]
        if self.language == "en":
            ends = "" if not source else f" of {noun_text('', source, joiner)}"
            if source != target:
                ends = f" from {noun_text('', source, joiner)} to {noun_text('', target, joiner)}"
            return ("change" if single else "changes") + ends
        ends = "" if not source else f" {noun_text('de', source, joiner)}"
        if source != target:
            ends = f" {noun_text('de', source, joiner)} vers {noun_text('', target, joiner)}"
        return ("changement" if single else "changements") + ends

    def _things(self, noun: Noun, gained: bool, single: bool) -> str:
        words = noun.shown(single)
        if self.language == "en":
            return f"{'new' if gained else 'lost'} {words}"
        feminine, many = "e" if noun.feminine else "", "" if single else "s"
        return f"{words} apparu{feminine}{many}" if gained else f"{words} disparu{feminine}{many}"

    def _areas(self, nouns: tuple[Noun, ...], gained: bool, single: bool) -> str:
        joiner = _AND[self.language]
        if self.language == "en":
            return f"{'area' if single else 'areas'} of {'new' if gained else 'lost'} {noun_text('', nouns, joiner)}"
        zones = "zone" if single else "zones"
        return f"{zones} {noun_text('de', nouns, joiner)} en {'plus' if gained else 'moins'}"


def _token(fact: Fact) -> str:
    return f"<fact_{fact.id}>"
