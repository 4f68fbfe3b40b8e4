"""The reading of a question: what to look for, as a line of text and as a value.

The language model writes one line, for example::

    look task=count change=any>building date=both <image_latent>
    look task=semantic_map classes=water|building date=after <image_latent>
    look task=unanswerable reason=no_meaning

``change=FROM>TO`` and ``classes=`` hold class phrases (lower case, words joined by spaces),
several joined by ``|``; ``any`` stands for every class. A phrase may contain spaces. ``X>X`` (the same
on both sides) is a change of X in either direction: from X or to X. ``region=north-east`` follows the date where
the question names a part of the images.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

IMAGE_LATENT = "<image_latent>"
ANY = "any"

TASKS: tuple[str, ...] = (
    "change_or_not",
    "increase_or_not",
    "decrease_or_not",
    "largest_change",
    "smallest_change",
    "change_to_what",
    "change_from_what",
    "change_ratio",
    "change_ratio_types",
    "count",
    "area",
    "list",
    "where",
    "segment",
    "semantic_map",
    "class_at",
    "damage",
    "temporary_or_permanent",
    "caption",
    "report",
    "unanswerable",
)
DATES: tuple[str, ...] = ("before", "after", "both")
REGIONS: tuple[str, ...] = (
    "north", "south", "east", "west", "north-east", "north-west", "south-east", "south-west", "centre",
)  # fmt: skip
REASONS: tuple[str, ...] = ("no_meaning", "not_in_imagery", "language", "unreadable")

_LINE = re.compile(
    r"^look task=(?P<task>[a-z_]+)"
    r"(?: change=(?P<source>[^=>]+)>(?P<target>[^=>]+?))?"
    r"(?: classes=(?P<classes>[^=>]+?))?"
    r"(?: date=(?P<date>[a-z]+))?"
    r"(?: region=(?P<region>[a-z-]+))?"
    r"(?: reason=(?P<reason>[a-z_]+))?"
    rf"(?: {re.escape(IMAGE_LATENT)})?$"
)


@dataclass(frozen=True)
class Look:
    """What the model will look for.

    ``source`` and ``target`` are the from- and to-class phrases of a change (``("any",)`` for
    every class); ``classes`` are the phrases of a question on one date's land cover. ``region`` is one
    of `REGIONS`, "" for the whole area.
    """

    task: str
    source: tuple[str, ...] = (ANY,)
    target: tuple[str, ...] = (ANY,)
    classes: tuple[str, ...] = ()
    date: str = "both"
    reason: str = ""
    region: str = ""

    @property
    def abstains(self) -> bool:
        """True where the question cannot be answered from the imagery."""
        return self.task == "unanswerable"

    @property
    def is_change(self) -> bool:
        """True where the answer is measured on a change, not on one date's land cover."""
        return not self.abstains and not self.classes

    def line(self) -> str:
        """Return the text the model writes for this reading."""
        if self.abstains:
            return f"look task=unanswerable reason={self.reason or 'no_meaning'}"
        middle = (
            f"classes={'|'.join(self.classes)}"
            if self.classes
            else f"change={'|'.join(self.source)}>{'|'.join(self.target)}"
        )
        place = f" region={self.region}" if self.region else ""
        return f"look task={self.task} {middle} date={self.date}{place} {IMAGE_LATENT}"

    def as_json(self) -> dict[str, object]:
        """Return this reading as the protocol and ``answer.json`` hold it."""
        return {
            "task": self.task, "from": list(self.source), "to": list(self.target),
            "classes": list(self.classes), "date": self.date, "region": self.region, "reason": self.reason,
        }  # fmt: skip

    def renamed(self, named: Callable[[str], str]) -> Look:
        """Return this reading with each phrase as ``named`` says it."""
        source, target, classes = (tuple(map(named, each)) for each in (self.source, self.target, self.classes))
        return replace(self, source=source, target=target, classes=classes)

    def with_classes(self, source: tuple[str, ...], target: tuple[str, ...]) -> Look:
        """Return this reading with other from- and to-classes (a person's correction)."""
        return replace(self, source=source, target=target)


def parse_look(text: str) -> Look | None:
    """Read a ``look`` line; None where it does not follow the grammar above."""
    match = _LINE.match(" ".join(text.split()))
    if match is None or match["task"] not in TASKS:
        return None
    date = match["date"] or "both"
    if date not in DATES or (match["region"] or REGIONS[0]) not in REGIONS:
        return None
    if match["task"] == "unanswerable":
        return Look("unanswerable", reason=match["reason"] or "no_meaning", date=date)
    if match["source"] is None and match["classes"] is None:
        return None
    return Look(
        match["task"],
        source=_phrases(match["source"]) or (ANY,),
        target=_phrases(match["target"]) or (ANY,),
        classes=_phrases(match["classes"]),
        date=date,
        region=match["region"] or "",
    )


def _phrases(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split("|") if part.strip())
