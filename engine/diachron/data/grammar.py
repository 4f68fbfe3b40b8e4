"""Phrase templates: a small grammar, and how a template becomes one of its many sentences.

In a template ``(a|b|)`` takes one of its alternatives, ``[a]`` takes ``a`` one time in two, ``<name>`` expands one
of the phrases filed under that name, and ``{word}`` is a slot that the caller fills (``{X}``, ``{les X}``, ``{were}``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Slot:
    """A place that the caller fills: ``form`` and ``key`` are its words (``{les X}``); form is "" where it has one."""

    form: str
    key: str


@dataclass(frozen=True)
class Phrase:
    """A named phrase, looked up when it is expanded."""

    name: str


@dataclass(frozen=True)
class Choice:
    """Alternatives of equal weight."""

    options: tuple[Nodes, ...]


Node = str | Slot | Phrase | Choice
Nodes = tuple[Node, ...]
Filler = Callable[[Slot], str]
Phrases = Mapping[str, tuple[Nodes, ...]]

_TOKEN = re.compile(r"[()\[\]|]|<[a-zA-Z_]\w*(?:\.[\w>]+)?>|\{[^{}]+\}|[^()\[\]|<>{}]+|[<>]")
_BLANKS = re.compile(r"\s+")
_NAMED = re.compile(r"<[a-zA-Z_]\w*(?:\.[\w>]+)?>$")


class TemplateError(ValueError):
    """A template does not follow the grammar."""


def parse_template(text: str) -> Nodes:
    """Return the parsed template; `TemplateError` names the template and what is wrong."""
    tokens = _TOKEN.findall(text)
    nodes, rest = _sequence(tokens, 0, text)
    if rest != len(tokens):
        raise TemplateError(f"unbalanced {tokens[rest]!r} in template {text!r}")
    return nodes


def _sequence(tokens: list[str], at: int, text: str) -> tuple[Nodes, int]:
    nodes: list[Node] = []
    while at < len(tokens) and tokens[at] not in ")]|":
        token = tokens[at]
        if token in "([":
            node, at = _choice(tokens, at + 1, ")" if token == "(" else "]", text)
            nodes.append(node)
            continue
        nodes.append(_leaf(token))
        at += 1
    return tuple(nodes), at


def _choice(tokens: list[str], at: int, closing: str, text: str) -> tuple[Choice, int]:
    options: list[Nodes] = []
    while True:
        option, at = _sequence(tokens, at, text)
        options.append(option)
        if at >= len(tokens):
            raise TemplateError(f"missing {closing!r} in template {text!r}")
        at += 1
        if tokens[at - 1] == closing:
            break
        if tokens[at - 1] != "|":
            raise TemplateError(f"unexpected {tokens[at - 1]!r} in template {text!r}")
    empty: tuple[Nodes, ...] = ((),) * len(options) if closing == "]" else ()
    return Choice((*options, *empty)), at


def _leaf(token: str) -> Node:
    if _NAMED.match(token):
        return Phrase(token[1:-1])
    if token.startswith("{"):
        form, _, key = token[1:-1].rpartition(" ")
        return Slot(form, key)
    return token


def expand(nodes: Nodes, phrases: Phrases, fill: Filler, rng: Random) -> str:
    """Return one sentence of a template, blanks collapsed."""
    parts: list[str] = []
    _expand(nodes, phrases, fill, rng, parts)
    return _BLANKS.sub(" ", "".join(parts)).strip()


def _expand(nodes: Nodes, phrases: Phrases, fill: Filler, rng: Random, parts: list[str]) -> None:
    for node in nodes:
        if isinstance(node, str):
            parts.append(node)
        elif isinstance(node, Slot):
            parts.append(fill(node))
        elif isinstance(node, Choice):
            _expand(pick(node.options, rng), phrases, fill, rng, parts)
        else:
            _expand(pick(phrases[node.name], rng), phrases, fill, rng, parts)


def pick(options: Sequence[T], rng: Random) -> T:
    """Return one of the options."""
    return options[int(rng.random() * len(options))]


def phrase_names(nodes: Nodes) -> set[str]:
    """Return the names of all phrases that a template refers to."""
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, Phrase):
            names.add(node.name)
        elif isinstance(node, Choice):
            names |= {name for option in node.options for name in phrase_names(option)}
    return names
