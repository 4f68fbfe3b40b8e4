"""Matching of proposals with a database's objects, on ground made of cells: exact areas, exact set arithmetic."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diachron_qgis.logic.reconcile_match import (
    CONFIRMED,
    CREATED,
    MODIFIED,
    REMOVED,
    Claim,
    Footprint,
    Listing,
    Rule,
    match,
)

BUILT = frozenset({"building", "greenhouse"})
CLASSES = ("building", "greenhouse", "grass")
RULE = Rule()


def strip(start: int, length: int) -> frozenset[int]:
    return frozenset(range(start, start + length))


@dataclass(frozen=True)
class Ground:
    """Proposals and objects as sets of cells: (from, to, cells) and (class, cells)."""

    proposals: dict[int, tuple[str, str, frozenset[int]]]
    objects: dict[int, tuple[str, frozenset[int]]]

    def listing(self, rule: Rule = RULE) -> Listing:
        claims = [Claim(fid, a, b, len(cells)) for fid, (a, b, cells) in self.proposals.items()]
        things = [Footprint(fid, name, len(cells)) for fid, (name, cells) in self.objects.items()]
        overlaps = {
            (p, o): len(ground & cells)
            for p, (_, _, ground) in self.proposals.items()
            for o, (_, cells) in self.objects.items()
            if ground & cells
        }
        return match(claims, things, overlaps, BUILT, rule)

    def actions(self) -> dict[int | None, str]:
        return {item.object: item.action for item in self.listing().items}

    def applied(self) -> Ground:
        """Return the ground after everything that is listed has been done."""
        objects = dict(self.objects)
        for number, item in enumerate(self.listing().items, 1000 + max(objects, default=0)):
            ground = {fid: self.proposals[fid][2] for fid in item.proposals}
            if item.action == CREATED:
                objects[number] = (item.class_name, ground[item.proposals[0]])
            elif item.action == REMOVED:
                del objects[item.object]
            elif item.action == MODIFIED:
                cells = self.objects[item.object][1]
                for fid in item.takes:
                    cells -= ground[fid]
                for fid in item.adds:
                    cells |= ground[fid] - frozenset().union(*(self.objects[each][1] for each in item.spares))
                objects[item.object] = (item.class_name, cells)
        return Ground(self.proposals, objects)


@st.composite
def grounds(draw: st.DrawFn) -> Ground:
    """Return disjoint proposals and, class by class, disjoint objects, on a line of cells."""

    def strips() -> list[frozenset[int]]:
        cuts = sorted(draw(st.sets(st.integers(0, 60), min_size=2, max_size=12)))
        return [strip(a, b - a) for a, b in pairwise(cuts) if draw(st.booleans())]

    names = st.sampled_from(CLASSES)
    proposals = {fid: (draw(names), draw(names), cells) for fid, cells in enumerate(strips(), 1)}
    things = [(name, cells) for name in CLASSES for cells in strips()]
    return Ground(proposals, dict(enumerate(things, 1)))


# What the rule says, one case each


@pytest.mark.parametrize(
    ("change", "thing", "action"),
    [
        (("grass", "building", strip(0, 10)), ("building", strip(50, 10)), CREATED),
        (("grass", "building", strip(0, 10)), ("building", strip(0, 12)), CONFIRMED),
        (("grass", "building", strip(0, 10)), ("building", strip(0, 40)), CONFIRMED),
        (("grass", "building", strip(0, 10)), ("building", strip(4, 8)), CONFIRMED),
        (("grass", "building", strip(0, 10)), ("building", strip(7, 9)), MODIFIED),
        (("grass", "building", strip(0, 10)), ("building", strip(9, 10)), CREATED),
        (("building", "grass", strip(0, 10)), ("building", strip(0, 12)), REMOVED),
        (("building", "grass", strip(0, 10)), ("building", strip(0, 40)), MODIFIED),
        (("building", "grass", strip(0, 10)), ("building", strip(50, 10)), CONFIRMED),
        (("building", "greenhouse", strip(0, 10)), ("building", strip(0, 11)), MODIFIED),
    ],
)
def test_one_proposal_and_one_object(change, thing, action):
    items = Ground({1: change}, {1: thing}).listing().items
    assert Counter(item.action for item in items) == {action: 1}


def test_an_object_that_becomes_another_class_keeps_its_outline():
    (item,) = Ground({1: ("building", "greenhouse", strip(0, 10))}, {1: ("building", strip(0, 11))}).listing().items
    assert (item.action, item.was_class, item.class_name) == (MODIFIED, "building", "greenhouse")
    assert not item.adds and not item.takes


def test_one_demolition_of_a_row_removes_all_and_cuts_the_last():
    row = {fid: ("building", strip(10 * fid, 10)) for fid in (1, 2, 3)}
    ground = Ground({1: ("building", "grass", strip(10, 25))}, row)
    assert ground.actions() == {1: REMOVED, 2: REMOVED, 3: MODIFIED}
    assert {item.match.kind for item in ground.listing().items} == {"1:n"}


def test_two_extensions_of_one_building_are_one_modification():
    proposals = {1: ("grass", "building", strip(5, 10)), 2: ("grass", "building", strip(25, 10))}
    (item,) = Ground(proposals, {7: ("building", strip(12, 16))}).listing().items
    assert (item.action, item.adds, item.match.kind) == (MODIFIED, (1, 2), "n:1")


def test_a_gap_filled_between_two_buildings_goes_to_the_one_that_shares_most():
    things = {1: ("building", strip(0, 10)), 2: ("building", strip(21, 10))}
    ground = Ground({1: ("grass", "building", strip(7, 17))}, things)
    assert ground.actions() == {1: MODIFIED, 2: CONFIRMED}
    assert ground.applied().objects[1][1] == strip(0, 21), "the neighbour's ground is spared"


def test_a_proposal_of_classes_that_are_not_mapped_is_outside():
    listing = Ground({4: ("grass", "water", strip(0, 10))}, {1: ("building", strip(0, 10))}).listing()
    assert listing == Listing((), (4,))


def test_the_shares_are_the_users_to_set():
    ground = Ground({1: ("building", "grass", strip(0, 10))}, {1: ("building", strip(0, 20))})
    assert [item.action for item in ground.listing().items] == [MODIFIED]
    assert [item.action for item in ground.listing(Rule(gone=0.5)).items] == [REMOVED]
    assert [item.action for item in ground.listing(Rule(least_overlap=1.1)).items] == [CONFIRMED]


# What holds for every ground


@given(grounds())
@settings(max_examples=100, deadline=None)
def test_each_proposal_is_in_one_match_and_each_object_in_one_item(ground):
    listing = ground.listing()
    matches = {item.match for item in listing.items}
    listed = Counter(fid for each in matches for fid in each.proposals) + Counter(listing.outside)
    assert listed == Counter(dict.fromkeys(ground.proposals, 1))
    objects = Counter(item.object for item in listing.items if item.object is not None)
    assert objects == Counter(fid for each in matches for fid in each.objects)
    assert set(objects.values()) <= {1}
    for each in matches:
        items = [item for item in listing.items if item.match == each]
        assert {fid for item in items for fid in item.proposals} == set(each.proposals)


@given(grounds(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_reading_does_not_matter(ground, random):
    def shuffled(of: dict) -> dict:
        return {key: of[key] for key in random.sample(sorted(of), len(of))}

    assert Ground(shuffled(ground.proposals), shuffled(ground.objects)).listing() == ground.listing()


@given(grounds())
@settings(max_examples=100, deadline=None)
def test_what_has_been_done_is_neither_made_nor_removed_again(ground):
    """Of proposals between two mapped classes the images may say what the database contradicts: those are left out."""
    one_sided = {fid: each for fid, each in ground.proposals.items() if not {each[0], each[1]} <= BUILT}
    again = Ground(one_sided, ground.objects).applied()
    actions = Counter(item.action for item in again.listing().items)
    assert not actions[CREATED] + actions[REMOVED]


@given(grounds())
@settings(max_examples=100, deadline=None)
def test_an_empty_database_and_its_mirror(ground):
    """With nothing in the database each gain is created; with exactly the proposals in it, each is confirmed."""
    empty = Ground(ground.proposals, {}).listing()
    gains = {fid for fid, (_, target, _) in ground.proposals.items() if target in BUILT}
    assert {item.proposals[0] for item in empty.items if item.action == CREATED} == gains
    assert {item.action for item in empty.items} <= {CREATED, CONFIRMED}
    full = Ground(ground.proposals, {fid: (ground.proposals[fid][1], ground.proposals[fid][2]) for fid in gains})
    assert {item.action for item in full.listing().items} <= {CONFIRMED}


@given(grounds())
@settings(max_examples=100, deadline=None)
def test_time_reversed_what_was_created_is_removed(ground):
    backwards = {fid: (b, a, cells) for fid, (a, b, cells) in ground.proposals.items() if a not in BUILT}
    done = Ground({fid: (a, b, c) for fid, (b, a, c) in backwards.items()}, {}).applied()
    items = Ground(backwards, done.objects).listing().items
    assert {item.action for item in items} <= {REMOVED}
    assert len(items) == len(done.objects)
