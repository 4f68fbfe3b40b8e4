"""Facts: what each task measures on the polygons and the class maps."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from diachron.data.sample import DAMAGE_LEVELS
from diachron.model.look import ANY, Look
from diachron.model.vocabulary import Vocabulary
from diachron.rasters.grid import Grid
from diachron.results.facts import Fact
from diachron.results.maps import Maps
from diachron.results.polygons import Change
from diachron.results.regions import centre_of
from diachron.results.sequences import sequence_facts

MOST_FACTS = 24
_COMPASS = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")


def measure(
    look: Look, changes: Sequence[Change], maps: Maps, vocabulary: Vocabulary, grid: Grid, dates: Sequence[str] = ()
) -> tuple[Fact, ...]:
    """Return the facts of a reading's task, numbered from 1 in the order of docs/CONTRACT.md.

    Counts and areas are those of ``changes`` exactly; shares and areas at a date are those of the class maps. Three
    ``dates`` or more ("" where one is not known) add the facts of a sequence.
    """
    scene = Scene(look, tuple(changes), maps, vocabulary, grid)
    makers = {
        "change_or_not": lambda: [scene.verdict(bool(changes)), *scene.totals(), *scene.transitions(3)],
        "increase_or_not": lambda: scene.trend(grows=True),
        "decrease_or_not": lambda: scene.trend(grows=False),
        "largest_change": lambda: [*scene.extreme("largest"), *scene.totals()],
        "smallest_change": lambda: [*scene.extreme("smallest"), *scene.totals()],
        "change_to_what": lambda: [*scene.transitions(5), scene.area()],
        "change_from_what": lambda: [*scene.transitions(5), scene.area()],
        "change_ratio": lambda: [scene.share(), scene.area()],
        "change_ratio_types": lambda: scene.changed_shares(8),
        "count": lambda: [*scene.totals(), *scene.transitions(3, counts=True)],
        "area": lambda: [scene.area(), scene.count(), *scene.transitions(3)],
        "list": lambda: [*scene.transitions(8, counts=True), *scene.totals()],
        "where": lambda: [*scene.where(), *scene.totals()],
        "segment": scene.totals,
        "damage": lambda: [*scene.totals(), *(scene.damage_levels() or scene.transitions(3))],
        "semantic_map": lambda: scene.class_shares(8),
        "class_at": scene.class_at,
    }
    facts = (
        makers.get(look.task, lambda: [*scene.totals(), *scene.transitions(3)])()
        if not look.classes
        else scene.of_classes()
    )
    facts = facts[:MOST_FACTS]
    facts += sequence_facts(look, changes, dates, MOST_FACTS - len(facts))
    return tuple(replace(fact, id=number) for number, fact in enumerate(facts, 1))


def fact_line(fact: Fact) -> str:
    """Return a fact as a line of the TELL prompt: its value is a word, so that no digit can be copied."""
    words = f"{fact.source}>{fact.target}" if fact.source else fact.target
    return f"<fact_{fact.id}> {fact.kind} {words} {_value_word(fact)}".replace("  ", " ")


def _value_word(fact: Fact) -> str:
    if isinstance(fact.value, str):
        return fact.value
    if fact.kind == "difference":
        return "same" if fact.value == 0 else "more" if fact.value > 0 else "less"
    if fact.value == 0:
        return "none"
    return "one" if fact.kind in ("count", "transition_count", "damage_count") and fact.value == 1 else "many"


@dataclass(frozen=True)
class Scene:
    """What facts are measured on."""

    look: Look
    changes: tuple[Change, ...]
    maps: Maps
    vocabulary: Vocabulary
    grid: Grid

    # -- of the polygons ----------------------------------------------------------------------

    def count(self) -> Fact:
        """Number of polygons."""
        return self._fact("count", len(self.changes), "", self._ids(self.changes))

    def area(self) -> Fact:
        """Sum of the polygons' areas."""
        return self._fact("area", _sum(self.changes), self.unit, self._ids(self.changes))

    def totals(self) -> list[Fact]:
        """Count, then area."""
        return [self.count(), self.area()]

    def verdict(self, holds: bool) -> Fact:
        """Yes or no."""
        return self._fact("verdict", "yes" if holds else "no", "", self._ids(self.changes))

    def share(self) -> Fact:
        """Share of the valid area that changed, %."""
        whole = self.valid_pixels * self.pixel_area
        return self._fact(
            "share", round(100 * _sum(self.changes) / whole, 2) if whole else 0.0, "%", self._ids(self.changes)
        )

    def transitions(self, most: int, counts: bool = False) -> list[Fact]:
        """The largest from-to pairs by area, each with its area or its count; a class does not become itself."""
        groups: dict[tuple[str, str], list[Change]] = defaultdict(list)
        for change in self.changes:
            if change.source != change.target:
                groups[change.source, change.target].append(change)
        ranked = sorted(groups.items(), key=lambda item: -_sum(item[1]))[:most]
        kind = "transition_count" if counts else "transition"
        return [
            Fact(
                0,
                kind,
                source,
                target,
                len(group) if counts else _sum(group),
                "" if counts else self.unit,
                self._ids(group),
            )
            for (source, target), group in ranked
        ]

    def changed_shares(self, most: int) -> list[Fact]:
        """Share of the valid area that became each class (or was it, where the date before is asked about), %; where
        nothing did, 0 for the largest classes.
        """
        kind = "share_before" if self.look.date == "before" else "share_after"
        groups: dict[str, list[Change]] = defaultdict(list)
        for change in self.changes:
            if change.source != change.target:
                groups[change.source if kind == "share_before" else change.target].append(change)
        ranked = sorted(groups.items(), key=lambda item: -_sum(item[1]))[:most]
        whole = max(self.valid_pixels * self.pixel_area, 1e-9)
        shares = [
            Fact(0, kind, "", name, round(100 * _sum(group) / whole, 2), "%", self._ids(group))
            for name, group in ranked
        ]
        return shares or [replace(fact, value=0.0) for fact in self.class_shares(4)]

    def damage_levels(self) -> list[Fact]:
        """The buildings of each level of damage, the worst first; none where no level is told."""
        groups: dict[str, list[Change]] = defaultdict(list)
        for change in self.changes:
            groups[change.damage].append(change)
        return [
            Fact(0, "damage_count", "building", level, len(groups[level]), "", self._ids(groups[level]))
            for level in reversed(DAMAGE_LEVELS)
            if level in groups
        ]

    def extreme(self, kind: str) -> list[Fact]:
        """The from-to pair of the largest or the smallest area."""
        ranked = self.transitions(len(self.changes))
        return [replace(ranked[0 if kind == "largest" else -1], kind=kind)] if ranked else []

    def where(self) -> list[Fact]:
        """The side of the area, by compass, on which most changed area lies."""
        if not self.changes:
            return []
        left, bottom, right, top = self.grid.bounds
        weights = np.array([change.area for change in self.changes])
        points = np.array([change.polygon.centroid.coords[0] for change in self.changes])
        x, y = np.average(points, axis=0, weights=weights)
        dx, dy = (x - (left + right) / 2) / (right - left), (y - (bottom + top) / 2) / (top - bottom)
        side = "centre" if math.hypot(dx, dy) < 0.1 else _COMPASS[round(math.atan2(dy, dx) / (math.pi / 4)) % 8]
        return [self._fact("where", side, "", self._ids(self.changes))]

    # -- of the class maps --------------------------------------------------------------------

    def trend(self, grows: bool) -> list[Fact]:
        """Whether a class grew (or shrank): its area at both dates and the difference."""
        name, ids = self._asked_class()
        before, after = (self._class_area(date, ids) for date in (0, -1))
        difference = round(after - before, 1)
        holds = difference > 0 if grows else difference < 0
        features = self._ids([change for change in self.changes if {change.source, change.target} & self._names(ids)])
        values = [
            ("verdict", "yes" if holds else "no", ""), ("area_before", before, self.unit),
            ("area_after", after, self.unit), ("difference", difference, self.unit),
        ]  # fmt: skip
        return [Fact(0, kind, "", name, value, unit, features) for kind, value, unit in values]

    def class_shares(self, most: int) -> list[Fact]:
        """Share of the valid area of the largest classes at the asked date, %."""
        date, kind = (0, "share_before") if self.look.date == "before" else (-1, "share_after")
        counts = self.maps.class_counts(date)
        asked = {each.id for phrase in self.look.classes for each in self.vocabulary.resolve(phrase)}
        ids = [each.id for each in self.vocabulary.classes if not asked or each.id in asked]
        ranked = sorted(ids, key=lambda each: -counts[each])[:most]
        whole = max(1, self.valid_pixels)
        kept = [each for each in ranked if counts[each] or asked]
        return [
            Fact(0, kind, "", self.vocabulary.by_id[each].name, round(100 * int(counts[each]) / whole, 2), "%", ())
            for each in kept
        ]

    def of_classes(self) -> list[Fact]:
        """Facts of a question on one date's land cover."""
        if self.look.task == "class_at":
            return self.class_at()
        if self.look.task in ("area", "segment"):
            date, kind = (0, "area_before") if self.look.date == "before" else (-1, "area_after")
            name, ids = self._asked_class()
            return [Fact(0, kind, "", name, self._class_area(date, ids), self.unit, ()), *self.class_shares(4)]
        return self.class_shares(8)

    def class_at(self) -> list[Fact]:
        """The class at the centre of the area, or of the part of it that is asked about, and its share of the area."""
        date = 0 if self.look.date == "before" else -1
        row, col = centre_of(self.look.region, self.maps.change.shape)
        found = self.vocabulary.by_id.get(int(self.maps.classes[date][row, col]))
        name = found.name if found else "other"
        share = self._class_area(date, (found.id,) if found else ()) / max(self.pixel_area * self.valid_pixels, 1e-9)
        return [Fact(0, "class", "", name, name, "", ()), Fact(0, "share", "", name, round(100 * share, 2), "%", ())]

    # -- pieces -------------------------------------------------------------------------------

    @property
    def unit(self) -> str:
        """Unit of areas."""
        return "px" if self.grid.gsd_m is None else "m2"

    @property
    def pixel_area(self) -> float:
        """Area of one pixel, in ``unit``."""
        return 1.0 if self.grid.gsd_m is None else self.grid.gsd_m**2

    @cached_property
    def valid_pixels(self) -> int:
        """Pixels that every date has."""
        return sum(int(strip.valid.sum()) for _, strip in self.maps.strips())

    def _class_area(self, date: int, ids: tuple[int, ...]) -> float:
        pixels = int(self.maps.class_counts(date)[list(ids)].sum())
        return round(pixels * self.pixel_area, 1)

    def _asked_class(self) -> tuple[str, tuple[int, ...]]:
        phrases = [each for each in (*self.look.classes, *self.look.target, *self.look.source) if each != ANY]
        if not phrases:
            return ANY, tuple(each.id for each in self.vocabulary.classes)
        ids = tuple(each.id for each in self.vocabulary.resolve(phrases[0]))
        return phrases[0], ids

    def _names(self, ids: tuple[int, ...]) -> set[str]:
        return {self.vocabulary.by_id[each].name for each in ids}

    def _fact(self, kind: str, value: float | str, unit: str, features: tuple[int, ...]) -> Fact:
        return Fact(0, kind, "|".join(self.look.source), "|".join(self.look.target), value, unit, features)

    @staticmethod
    def _ids(changes: Sequence[Change]) -> tuple[int, ...]:
        return tuple(change.id for change in changes)


def _sum(changes: Sequence[Change]) -> float:
    """Return the sum of areas that are whole tenths, free of binary rounding."""
    return round(sum(change.area for change in changes), 1)
