"""Questions that follow another: "and in the north?", "how many are there?". Each changes one thing of its reading."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from random import Random

from diachron.data.grammar import Nodes, Slot, expand, parse_template, pick
from diachron.data.lexicon import lexicon
from diachron.data.nouns import COPY_END, COPY_START, french_joins, joiner, noun_text
from diachron.data.phrasing import question_file
from diachron.model.look import ANY, REGIONS, Look


@lru_cache(maxsize=4)
def follow_up_templates(language: str) -> dict[str, tuple[Nodes, ...]]:
    """Return what changes (the region, the class, or the task that is asked next) -> templates."""
    content = question_file("follow_ups")[language]
    return {kind: tuple(map(parse_template, texts)) for kind, texts in content.items()}


def follow_up(look: Look, language: str, other: str, rng: Random) -> tuple[str, Look]:
    """Return a question that follows one read as ``look``, and its own reading; ``other`` is a class to go on to ("":
    none).
    """
    templates = follow_up_templates(language)
    named = {*look.source, *look.target}
    may_change_class = bool(other) and other not in named and ANY in named and len(named) > 1
    kinds = [kind for kind in templates if kind != look.task and (kind != "class" or may_change_class)]
    kind = pick(kinds, rng)
    if kind == "region":
        following = replace(look, region=pick([each for each in REGIONS if each != look.region], rng))
    elif kind == "class":
        source, target = ((ANY,) if side == (ANY,) else (other,) for side in (look.source, look.target))
        following = look.with_classes(source, target)
    else:
        following = replace(look, task=kind)
    return _said(pick(templates[kind], rng), following, language, other, rng), following


def _said(nodes: Nodes, look: Look, language: str, other: str, rng: Random) -> str:
    def fill(slot: Slot) -> str:
        if slot.key == "R":
            return pick(question_file("regions")[language][look.region], rng)
        return noun_text(slot.form, (lexicon(language).named(other, rng),), joiner(language, rng))

    text = expand(nodes, {}, fill, rng).replace(COPY_START, "").replace(COPY_END, "")
    text = french_joins(text) if language == "fr" else text
    return text[:1].upper() + text[1:]
