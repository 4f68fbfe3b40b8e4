"""Question templates: read from data files, split into training and held-out ones, and matched with readings."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from diachron.data.grammar import Nodes, parse_template

HELD_OUT_SHARE = 0.12
LANGUAGES = ("en", "fr")
TEMPLATE_FILES = (
    "asked",
    "asked_more",
    "asked_wide",
    "asked_rare",
    "asked_words",
    "asked_plain",
    "asked_spoken",
    "asked_varied",
)
SPLITS = ("train", "held_out")
ANY_CHANGE = ("any>X", "X>any", "X>X", "X>Y", "event")
_OPTIONAL_DATE = re.compile(r"\[([^\[\]]*<(?:in_)?date>[^\[\]]*)\]")
_LEADING = re.compile(r"^<in_date>,?")


@dataclass(frozen=True)
class Ask:
    """One question template. ``shape`` tells what its reading looks like (``any>X``, ``state``, ``land`` ...).

    ``date`` is the date that its words name ("" where they name none).
    """

    task: str
    shape: str
    date: str
    nodes: Nodes


def question_file(name: str) -> Any:
    """Return the content of a phrasing data file."""
    return json.loads((_folder() / f"{name}.json").read_text(encoding="utf-8"))


def _folder() -> Path:
    from diachron.resources import resource

    return resource("questions")


@lru_cache(maxsize=8)
def phrases(language: str) -> dict[str, tuple[Nodes, ...]]:
    """Return the phrases that templates of a language refer to by name."""
    content = question_file(f"phrases_{language}")
    return {name: tuple(map(parse_template, texts)) for name, texts in content.items() if name != "about"}


@lru_cache(maxsize=8)
def asks(language: str, split: str) -> dict[str, dict[str, tuple[Ask, ...]]]:
    """Return task -> shape -> templates of one language and split."""
    return {
        task: _by_shape(ask for shape, text in texts for ask in _variants(task, shape, text))
        for task, texts in _texts(language, split).items()
    }


def templates(language: str, split: str) -> dict[str, list[str]]:
    """Return task -> template texts of one language and split, as the data file has them."""
    return {task: [text for _, text in texts] for task, texts in _texts(language, split).items()}


def _texts(language: str, split: str) -> dict[str, list[tuple[str, str]]]:
    """Return task -> (shape, template text) of every file of a language; each file is split by itself, so that adding
    one moves no template of another into training or out of it.
    """
    tasks: dict[str, list[tuple[str, str]]] = {}
    for name in TEMPLATE_FILES:
        for task, shapes in question_file(f"{name}_{language}").items():
            if task != "about":
                tasks.setdefault(task, []).extend(_split(shapes, split))
    return tasks


def split_texts(texts: list[str], split: str) -> list[str]:
    """Return a list's training or held-out texts."""
    held = _held_out(texts)
    return [text for text in texts if (text in held) == (split == "held_out")]


def _split(shapes: dict[str, list[str]], split: str) -> list[tuple[str, str]]:
    """Return a task's templates of one split with their shapes; a text of two shapes is held out of both or none."""
    held = {text for texts in shapes.values() for text in _held_out(texts)}
    return [
        (shape, text) for shape, texts in shapes.items() for text in texts if (text in held) == (split == "held_out")
    ]


def _held_out(texts: list[str]) -> set[str]:
    """Return the texts of a list that training never sees; a list of fewer than four is for training alone."""
    return set(sorted(texts, key=_rank)[: math.ceil(HELD_OUT_SHARE * len(texts))]) if len(texts) >= 4 else set()


def _rank(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _by_shape(all_asks: Iterable[Ask]) -> dict[str, tuple[Ask, ...]]:
    shapes: dict[str, list[Ask]] = {}
    for ask in all_asks:
        shapes.setdefault(ask.shape, []).append(ask)
    return {shape: tuple(found) for shape, found in shapes.items()}


def _variants(task: str, shape: str, text: str) -> Iterable[Ask]:
    """Yield a template for each shape and date that it can ask about."""
    for one in ANY_CHANGE if shape == "change" else (shape,):
        for date, dated in _dated(task, one, text):
            yield Ask(task, one, date, parse_template(_shaped(dated, one)))


def _shaped(text: str, shape: str) -> str:
    return re.sub(r"<(thing|les|des|de)>", lambda match: f"<{match[1]}.{shape}>", text)


def _dated(task: str, shape: str, text: str) -> Iterable[tuple[str, str]]:
    if "date>" not in text:
        yield "", text
        return
    if _OPTIONAL_DATE.search(text):
        yield "", _OPTIONAL_DATE.sub("", text)
    elif "<in_date>" in text and "<date>" not in text and not _LEADING.match(text) and _may_be_undated(task, shape):
        yield "", text.replace("<in_date>", "")
    text = _OPTIONAL_DATE.sub(lambda match: match[1], text)
    for date, number in (("before", "first"), ("after", "second")):
        yield date, text.replace("<date>", f"<{number}>").replace("<in_date>", f"<in_{number}>")


def _may_be_undated(task: str, shape: str) -> bool:
    return task != "caption" and shape in ("state", "spot")
