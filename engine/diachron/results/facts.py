"""Measured facts: the only source of numbers in an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fact:
    """One measured fact.

    ``id`` counts from 1 in an answer. ``source`` and ``target`` are vocabulary class names (English,
    as in the vocabulary file), ``"any"`` where every class counts, "" where there is none.
    ``value`` is a number in ``unit`` ("", "m2", "px", "%"), or words (a class name, a compass
    direction, "yes"/"no"). ``features`` are the ids of the change polygons it was measured on.
    """

    id: int
    kind: str
    source: str
    target: str
    value: float | int | str
    unit: str
    features: tuple[int, ...]


# kind -> what its value is. See docs/CONTRACT.md for the kinds each task has.
KINDS: dict[str, str] = {
    "verdict": "words: yes or no",
    "count": "number of polygons",
    "area": "area of the polygons, m2 or px",
    "share": "share of the area of interest, %",
    "transition": "area of one from-to pair, m2 or px",
    "transition_count": "number of polygons of one from-to pair",
    "damage_count": "number of buildings with one level of damage",
    "largest": "area of the largest transition or polygon, m2 or px",
    "smallest": "area of the smallest transition or polygon, m2 or px",
    "class": "words: a class name",
    "where": "words: a compass direction",
    "area_before": "area of a class at the first date, m2 or px",
    "area_after": "area of a class at the last date, m2 or px",
    "difference": "area after less area before, absolute, m2 or px",
    "share_before": "share of a class at the first date, %",
    "share_after": "share of a class at the last date, %",
    "step_count": "number of polygons first seen in one step of a sequence",
    "step_dates": "words: the dates of that step",
    "trajectory_count": "number of polygons whose place went through the same three classes or more",
    "trajectory": "words: those classes, joined by >",
}
