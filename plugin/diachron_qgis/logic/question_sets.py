"""Sets of questions that are asked one after another: those shipped with the plugin, and a person's own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication

from .output import slug

SHIPPED = Path(__file__).resolve().parents[1] / "resources" / "question_sets.json"
STYLES = ("transition", "damage")
LANGUAGES = ("en", "fr")
OWN = "own-"
"""What the id of a person's own set begins with."""


class BadQuestionSets(Exception):
    """A file of question sets cannot be used; the message says what, where, and what to do."""


@dataclass(frozen=True)
class QuestionSet:
    """Questions of one use. Texts are by language (en, fr), of one at least.

    ``classes`` names what it is about; ``style`` is one of `STYLES`: what colours the changes; ``threshold`` (0 to 1)
    and ``minimum_area`` (m², pixels where no size is known) are None where the model's and the person's own hold.
    """

    id: str
    name: Mapping[str, str]
    questions: Mapping[str, tuple[str, ...]]
    purpose: Mapping[str, str] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    report_title: Mapping[str, str] = field(default_factory=dict)
    style: str = "transition"
    threshold: float | None = None
    minimum_area: float | None = None

    @property
    def is_own(self) -> bool:
        """Say whether a person made it."""
        return self.id.startswith(OWN)

    def asked(self, language: str) -> tuple[str, ...]:
        """Return the questions in a language, in the other one where there are none in it."""
        return self.questions.get(language) or next(iter(self.questions.values()))


def in_language(texts: Mapping[str, str], language: str) -> str:
    """Return a text in a language, in the other one where there is none in it; "" where there is none at all."""
    return texts.get(language) or next(iter(texts.values()), "")


def own_file() -> Path:
    """Return the file of a person's own sets, in the profile (it need not exist)."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "diachron" / "question_sets.json"


def read_sets(path: Path) -> tuple[QuestionSet, ...]:
    """Read a file of question sets.

    Raises
    ------
    BadQuestionSets: it cannot be read, has a key that nobody knows, or a value of the wrong kind.
    """
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        _only(held, {"sets"})
        sets = tuple(_set(each) for each in held["sets"])
        if len({each.id for each in sets}) < len(sets):
            raise ValueError(_tr("two sets have the same id"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        told = _tr("Question sets cannot be read ({0}): {1}; mend the file, or delete it")
        raise BadQuestionSets(told.format(error, path)) from error
    return sets


def read_own_sets() -> tuple[QuestionSet, ...]:
    """Read a person's own sets, none where none were saved; see `read_sets`."""
    return read_sets(own_file()) if own_file().is_file() else ()


def find_set(id: str) -> QuestionSet | None:
    """Return the set with an id, None where there is none, or none that can be read any more."""
    try:
        return next((each for each in (*read_sets(SHIPPED), *read_own_sets()) if each.id == id), None)
    except BadQuestionSets:
        return None


def report_title(id: str, language: str) -> str:
    """Return the title of a report on a question of a set, "" for none."""
    found = find_set(id) if id else None
    return in_language(found.report_title, language) if found is not None else ""


def own_set(name: str, questions: Iterable[str], language: str) -> QuestionSet:
    """Return a set of a person's own: each question once, in the order in which they were asked first."""
    return QuestionSet(OWN + slug(name), {language: name}, {language: tuple(dict.fromkeys(questions))})


def save_own_set(added: QuestionSet) -> None:
    """Keep a set of a person's own, in the place of one of the same name; see `read_sets`."""
    _write([*(each for each in read_own_sets() if each.id != added.id), added])


def delete_own_set(id: str) -> None:
    """Forget a set of a person's own; see `read_sets`."""
    _write([each for each in read_own_sets() if each.id != id])


def _write(sets: Iterable[QuestionSet]) -> None:
    path = own_file()
    draft = path.with_name(path.name + ".part")
    held = {"sets": [_as_json(each) for each in sets]}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(held, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        os.replace(draft, path)
    except OSError as error:
        told = _tr("Question sets cannot be written ({0}): {1}; make room, or mend the folder's rights")
        raise BadQuestionSets(told.format(error.strerror, path)) from error


def _as_json(one: QuestionSet) -> dict[str, Any]:
    return {
        "id": one.id, "name": dict(one.name), "purpose": dict(one.purpose), "classes": list(one.classes),
        "report_title": dict(one.report_title), "style": one.style, "threshold": one.threshold,
        "minimum_area": one.minimum_area, "questions": {key: list(each) for key, each in one.questions.items()},
    }  # fmt: skip


def _set(value: Any) -> QuestionSet:
    _only(value, set(QuestionSet.__dataclass_fields__))
    questions = {language: _texts(each) for language, each in _by_language(value["questions"]).items()}
    if not questions or not all(questions.values()):
        raise ValueError(_tr("{0} has no questions").format(value["id"]))
    style = value.get("style", "transition")
    if style not in STYLES:
        raise ValueError(_tr("there is no style {0}; styles are {1}").format(repr(style), ", ".join(STYLES)))
    threshold = _number(value.get("threshold"), 1.0)
    return QuestionSet(
        _text(value["id"]), _told(value["name"]), questions, _told(value.get("purpose", {})),
        _texts(value.get("classes", [])), _told(value.get("report_title", {})), style, threshold,
        _number(value.get("minimum_area"), float("inf")),
    )  # fmt: skip


def _only(value: Any, known: set[str]) -> None:
    if not isinstance(value, dict):
        raise TypeError(_tr("an object was expected"))
    unknown = sorted(set(value) - known)
    if unknown:
        raise ValueError(_tr("unknown: {0}").format(", ".join(unknown)))


def _by_language(value: Any) -> dict[str, Any]:
    _only(value, set(LANGUAGES))
    return dict(value)


def _told(value: Any) -> dict[str, str]:
    return {language: _text(each) for language, each in _by_language(value).items()}


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError(_tr("a list was expected"))
    return tuple(_text(each) for each in value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise TypeError(_tr("a text was expected"))
    return value


def _number(value: Any, largest: float) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= largest:
        raise ValueError(_tr("{0} is no number from 0 to {1:g}").format(repr(value), largest))
    return float(value)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Diachron", text)
