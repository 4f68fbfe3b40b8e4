"""What the labels of a pair answer: the mask of a change that is asked about, and the facts measured on it.

Facts are those of `diachron.results`, measured on the label maps as they would be on the model's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from diachron.data.nomenclature import vocabulary_of
from diachron.data.sample import IGNORED, Image, Sample
from diachron.model.look import ANY, Look
from diachron.model.vocabulary import Vocabulary
from diachron.rasters.blending import CERTAIN
from diachron.rasters.grid import Grid
from diachron.results.facts import Fact
from diachron.results.maps import Maps
from diachron.results.measures import measure
from diachron.results.polygons import Change, draw_changes
from diachron.results.regions import region_mask, within

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Truth:
    """The labels of a pair as maps. ``before``, ``after``: class ids uint8 [H, W], 0 unknown. ``changed``, ``valid``:
    bool [H, W]. ``about``: ids that the change label is about, where classes are not labelled ((): every class).
    """

    sample: Sample
    vocabulary: Vocabulary
    grid: Grid
    before: Image
    after: Image
    changed: Mask
    valid: Mask
    about: tuple[int, ...] = ()

    @cached_property
    def names_transitions(self) -> bool:
        """True where each changed pixel has its classes at both dates."""
        here = self.changed & self.valid
        return bool(self._classes_labelled and self.before[here].all() and self.after[here].all())

    @cached_property
    def names_everything(self) -> bool:
        """True where every valid pixel has its classes at both dates."""
        return bool(self._classes_labelled and self.before[self.valid].all() and self.after[self.valid].all())

    @property
    def _classes_labelled(self) -> bool:
        return self.sample.classes_before is not None and self.sample.classes_after is not None

    @cached_property
    def ids(self) -> tuple[int, ...]:
        """Return the classes that the labels show, most pixels first."""
        counts = sum(np.bincount(each[self.valid], minlength=256) for each in (self.before, self.after))
        counts = np.asarray(counts)
        return tuple(int(each) for each in np.argsort(-counts, kind="stable") if each and counts[each])

    @cached_property
    def transitions(self) -> tuple[tuple[int, int], ...]:
        """Return the from-to pairs of changed pixels, most pixels first."""
        here = self.changed & self.valid
        keys, counts = np.unique(self.before[here].astype(np.int64) * 256 + self.after[here], return_counts=True)
        ranked = keys[np.argsort(-counts, kind="stable")].tolist()
        return tuple((key // 256, key % 256) for key in ranked if key // 256 and key % 256 and key // 256 != key % 256)

    # -- what a reading asks -------------------------------------------------------------------

    def mask(self, look: Look) -> Mask:
        """Return the pixels that a reading asks about, bool [H, W]: what changed so, or the classes it names."""
        here = self.valid & region_mask(look.region, self.valid.shape) if look.region else self.valid
        if look.abstains:
            return np.zeros_like(self.valid)
        if look.task == "damage":
            return here & self.damaged
        if look.classes:
            at_date = self.before if look.date == "before" else self.after
            return here & (np.isin(at_date, self._ids(look.classes)) if look.classes != (ANY,) else at_date > 0)
        return here & self.changed & self._so(look)

    @cached_property
    def damaged(self) -> Mask:
        """Buildings that the disaster left with damage, whatever its level."""
        damage = self.sample.damage
        return np.zeros_like(self.valid) if damage is None else (damage > 1) & (damage != IGNORED)

    def _so(self, look: Look) -> Mask:
        """Return where the classes of both dates are those of a change; everywhere where they are not labelled."""
        if not self._classes_labelled and self.sample.classes_after is None:
            return np.ones_like(self.valid)
        source, target = self._ids(look.source), self._ids(look.target)
        first, last = np.isin(self.before, source), np.isin(self.after, target)
        if source and source == target:
            return first | last
        so = np.ones_like(self.valid)
        if source:
            so &= first if target else first & ~np.isin(self.after, source)
        if target:
            so &= last if source else last & ~np.isin(self.before, target)
        return so

    def maps(self, look: Look) -> Maps:
        """Return what a model that sees the truth would return for a reading."""
        return Maps(self.mask(look).astype(np.uint8) * CERTAIN, (self.before, self.after), self.valid)

    def answer(self, look: Look) -> tuple[tuple[Change, ...], tuple[Fact, ...]]:
        """Return the change polygons and the facts of a reading; facts of transitions only where the labels tell
        them.
        """
        asked_of = within(self.maps(look), look.region)
        changes = draw_changes(asked_of, look, self.vocabulary, self.grid, threshold=0.5)
        facts = measure(look, changes, asked_of, self.vocabulary, self.grid)
        if not self.names_transitions and not look.classes:
            facts = tuple(fact for fact in facts if not fact.kind.startswith("transition"))
        return changes, facts

    def _ids(self, phrases: tuple[str, ...]) -> tuple[int, ...]:
        if ANY in phrases:
            return ()
        return tuple(each.id for phrase in phrases for each in self.vocabulary.resolve(phrase))


def truth_of(sample: Sample) -> Truth | None:
    """Return the labels of a sample as maps; None where it has none that a question could be about."""
    if sample.change is None and sample.damage is None and (
        sample.classes_before is None or sample.classes_after is None
    ):  # fmt: skip
        return None
    height, width = sample.before.shape[1:]
    nothing: Image = np.zeros((height, width), np.uint8)
    before = nothing if sample.classes_before is None else sample.classes_before
    after = nothing if sample.classes_after is None else sample.classes_after
    if sample.damage is not None:
        changed, valid = np.zeros(nothing.shape, bool), sample.damage != IGNORED
    elif sample.change is not None:
        changed, valid = sample.change == 1, sample.change != IGNORED
    else:
        changed, valid = before != after, (before > 0) & (after > 0)
    grid = Grid(None, Affine(1, 0, 0, 0, -1, 0), width, height, sample.gsd_m)
    about = (sample.changed_class,) if sample.changed_class else ()
    return Truth(sample, vocabulary_of(sample.nomenclature), grid, before, after, changed, valid, about)
