"""The score of the xView2 challenge: 0.3 of the F1 of building pixels, 0.7 of the harmonic mean of the levels' F1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diachron.data.sample import DAMAGE_LEVELS, IGNORED
from diachron.evaluation.pixels import BinaryCounts, count_binary

SMALL = 1e-6
LEVELS = range(1, len(DAMAGE_LEVELS) + 1)


@dataclass(frozen=True)
class DamageCounts:
    """Pixels of buildings, and of each damage level (1 to 4)."""

    buildings: BinaryCounts = field(default_factory=BinaryCounts)
    levels: Mapping[int, BinaryCounts] = field(default_factory=lambda: dict.fromkeys(LEVELS, BinaryCounts()))

    def __add__(self, other: DamageCounts) -> DamageCounts:
        levels = {level: self.levels[level] + other.levels[level] for level in LEVELS}
        return DamageCounts(self.buildings + other.buildings, levels)

    def scores(self) -> dict[str, float]:
        """Return the challenge's score, its two parts, and the F1 of each level."""
        each = [self.levels[level].f1 for level in LEVELS]
        damage = len(each) / sum(1 / (f1 + SMALL) for f1 in each)
        location = self.buildings.f1
        return {
            "xView2 score": 0.3 * location + 0.7 * damage,
            "location F1": location,
            "damage F1": damage,
            **{f"F1 {name}": f1 for name, f1 in zip(DAMAGE_LEVELS, each, strict=True)},
        }


def count_damage(
    predicted: NDArray[np.uint8], buildings: NDArray[np.bool_], damage: NDArray[np.uint8]
) -> DamageCounts:  # fmt: skip
    """Count one pair: predicted levels uint8 [H, W] (0: no building), true buildings before bool, true levels uint8.

    As in the challenge, damage is judged where the truth has a building after, and a level only in the pairs that have
    it; what nobody could tell (`IGNORED`) is left out.
    """
    known = damage != IGNORED
    location = count_binary(predicted[known] > 0, buildings[known])
    here = known & (damage > 0)
    told, true = predicted[here], damage[here]
    levels = {
        level: count_binary(told == level, true == level) if (true == level).any() else BinaryCounts()
        for level in LEVELS
    }
    return DamageCounts(location, levels)
