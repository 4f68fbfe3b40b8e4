"""Which objects of a database the accepted proposals create, remove, modify or confirm. Numbers only: no QGIS.

The rule. A proposal says that its ground went from one class to another. Where its to class is mapped it *gains* ground
for that class; where its from class is mapped (and is another) it *loses* ground of that class. It meets the objects of
the class that it gains or loses, where they share at least `Rule.least_overlap` of the smaller of the two.

gain   meets nothing                                  created
       its ground is that of the objects it meets     confirmed: covered by `Rule.covered`, or IoU `Rule.same_iou`
       else                                           the object that it shares most with is modified: extended by it
loss   meets nothing                                  confirmed: the database has no such object there
       covers `Rule.gone` of an object                removed
       covers less of it                              modified: reduced by it
both   an object of the from class is gone, the same outline (IoU `Rule.same_iou`) has come: modified, in its class

Objects of one class are taken not to overlap each other, nor proposals each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

CREATED, REMOVED, MODIFIED, CONFIRMED = ACTIONS = ("created", "removed", "modified", "confirmed")

LEAST_OVERLAP = 0.2
"""Neighbours of a raster's outline share up to a tenth; what shares a fifth of the smaller is taken to be meant."""
SAME_IOU = 0.5
"""Above one half, no object can have the same outline as two proposals that do not overlap."""
COVERED = 0.8
GONE = 0.7
"""Roofs lean and overhang: a demolished building's outline in the images rarely covers the whole one on the map."""


@dataclass(frozen=True)
class Rule:
    """Shares from 0 to 1 that decide; see the top of the file."""

    least_overlap: float = LEAST_OVERLAP
    same_iou: float = SAME_IOU
    covered: float = COVERED
    gone: float = GONE


@dataclass(frozen=True)
class Claim:
    """A proposal as far as matching goes; areas of claims, footprints and overlaps are in one unit."""

    fid: int
    from_class: str
    to_class: str
    area: float


@dataclass(frozen=True)
class Footprint:
    """An object of the database as far as matching goes."""

    fid: int
    class_name: str
    area: float


@dataclass(frozen=True)
class Match:
    """Proposals and objects that hang together by the ground they share; numbers in rising order."""

    proposals: tuple[int, ...]
    objects: tuple[int, ...]

    @property
    def kind(self) -> str:
        """Return proposals to objects: ``1:1``, ``1:n``, ``n:1``, ``n:m``, ``1:0``."""
        if len(self.proposals) > 1 and len(self.objects) > 1:
            return "n:m"
        left, right = len(self.proposals), len(self.objects)
        return f"{left if left < 2 else 'n'}:{right if right < 2 else 'n'}"


@dataclass(frozen=True)
class Item:
    """What becomes of one object, or of ground without one (``object`` None).

    Its outline is to be: what it is, without the ground of ``takes``, and with that of ``adds`` as far as this is not
    the ground of ``spares`` (objects of its class that meet the same proposals). ``share`` is how much of the object's
    ground is that of its proposals, 0 to 1.
    """

    action: str
    object: int | None
    class_name: str
    was_class: str
    proposals: tuple[int, ...]
    match: Match
    share: float
    adds: tuple[int, ...] = ()
    takes: tuple[int, ...] = ()
    spares: tuple[int, ...] = ()


@dataclass(frozen=True)
class Listing:
    """All items, and the proposals that concern no mapped class."""

    items: tuple[Item, ...]
    outside: tuple[int, ...]


def match(
    claims: Iterable[Claim],
    footprints: Iterable[Footprint],
    overlaps: Mapping[tuple[int, int], float],
    classes: frozenset[str],
    rule: Rule,
) -> Listing:
    """List what becomes of each object; ``overlaps`` holds the shared area of a (proposal, object) that share any."""
    by_fid = {each.fid: each for each in sorted(claims, key=lambda each: each.fid)}
    outside = tuple(each.fid for each in by_fid.values() if not classes & {each.from_class, each.to_class})
    inside = {fid: each for fid, each in by_fid.items() if fid not in set(outside)}
    objects = {each.fid: each for each in footprints if each.class_name in classes}
    edges = {
        (claim, thing): shared
        for (claim, thing), shared in sorted(overlaps.items())
        if claim in inside and thing in objects and _meets(inside[claim], objects[thing], shared, rule)
    }
    items: list[Item] = []
    for group in _groups(inside, edges):
        items += _Decision(group, inside, objects, edges, classes, rule).items()
    return Listing(tuple(items), outside)


def _meets(claim: Claim, thing: Footprint, shared: float, rule: Rule) -> bool:
    smaller = min(claim.area, thing.area)
    return thing.class_name in {claim.from_class, claim.to_class} and 0 < rule.least_overlap * smaller <= shared


def _groups(claims: Iterable[int], edges: Iterable[tuple[int, int]]) -> list[Match]:
    """Return the connected parts of the graph of proposals and objects, in the order of their first proposals."""
    of_claim, of_thing = defaultdict(list), defaultdict(list)
    for claim, thing in edges:
        of_claim[claim].append(thing)
        of_thing[thing].append(claim)
    seen: set[int] = set()
    found = []
    for first in claims:
        if first in seen:
            continue
        proposals, things, todo = {first}, set(), [first]
        while todo:
            for thing in of_claim[todo.pop()]:
                things.add(thing)
                fresh = [each for each in of_thing[thing] if each not in proposals]
                proposals.update(fresh)
                todo += fresh
        seen |= proposals
        found.append(Match(tuple(sorted(proposals)), tuple(sorted(things))))
    return found


class _Decision:
    """Decides one match."""

    def __init__(
        self,
        group: Match,
        claims: Mapping[int, Claim],
        objects: Mapping[int, Footprint],
        edges: Mapping[tuple[int, int], float],
        classes: frozenset[str],
        rule: Rule,
    ) -> None:
        self.group, self.objects, self.classes, self.rule = group, objects, classes, rule
        self.claims = {fid: claims[fid] for fid in group.proposals}
        self.shared = {
            (claim, thing): edges[claim, thing]
            for claim in group.proposals
            for thing in group.objects
            if (claim, thing) in edges
        }
        self.adds: dict[int, list[int]] = defaultdict(list)
        self.takes: dict[int, list[int]] = defaultdict(list)
        self.fresh: list[int] = []
        self.settled: set[int] = set()

    def items(self) -> list[Item]:
        """Return an item for each object, and for each proposal that no object answers for."""
        for claim in self.claims.values():
            self._gain(claim)
            self._lose(claim)
        items = [self._object_item(self.objects[fid]) for fid in self.group.objects]
        items += [self._created(self.claims[fid]) for fid in self.fresh if fid not in self.settled]
        items += [self._absent(claim) for claim in self.claims.values() if self._answers_nothing(claim)]
        return items

    def _gain(self, claim: Claim) -> None:
        if claim.to_class not in self.classes:
            return
        met = self._met(claim.fid, claim.to_class)
        if not met:
            self.fresh.append(claim.fid)
            return
        common = min(claim.area, sum(self.shared[claim.fid, fid] for fid in met))
        whole = claim.area + sum(self.objects[fid].area for fid in met) - common
        if common < self.rule.covered * claim.area and common < self.rule.same_iou * whole:
            self.adds[max(met, key=lambda fid: (self.shared[claim.fid, fid], -fid))].append(claim.fid)

    def _lose(self, claim: Claim) -> None:
        if claim.from_class in self.classes and claim.from_class != claim.to_class:
            for fid in self._met(claim.fid, claim.from_class):
                self.takes[fid].append(claim.fid)

    def _met(self, claim: int, class_name: str) -> list[int]:
        met = [thing for (each, thing) in self.shared if each == claim]
        return [thing for thing in met if self.objects[thing].class_name == class_name]

    def _object_item(self, thing: Footprint) -> Item:
        adds, takes = tuple(self.adds[thing.fid]), tuple(self.takes[thing.fid])
        if takes and not adds and self._share(takes, thing) >= self.rule.gone:
            successor = self._successor(thing, takes)
            if successor is None:
                return self._item(REMOVED, thing)
            self.settled.add(successor.fid)
            return self._item(MODIFIED, thing, class_name=successor.to_class)
        if not adds and not takes:
            return self._item(CONFIRMED, thing)
        spares = {fid for claim in adds for fid in self._met(claim, thing.class_name)} - {thing.fid}
        return self._item(MODIFIED, thing, adds=adds, takes=takes, spares=tuple(sorted(spares)))

    def _successor(self, thing: Footprint, takes: Sequence[int]) -> Claim | None:
        """Return the proposal by which an object that is gone lives on in another class, with the outline it has."""
        for fid in sorted(takes, key=lambda each: (-self.shared[each, thing.fid], each)):
            claim, common = self.claims[fid], self.shared[fid, thing.fid]
            same = common >= self.rule.same_iou * (claim.area + thing.area - common)
            if fid in self.fresh and fid not in self.settled and same:
                return claim
        return None

    def _item(
        self,
        action: str,
        thing: Footprint,
        *,
        class_name: str = "",
        adds: tuple[int, ...] = (),
        takes: tuple[int, ...] = (),
        spares: tuple[int, ...] = (),
    ) -> Item:
        met = tuple(claim for (claim, each) in self.shared if each == thing.fid)
        was, share = thing.class_name, self._share(met, thing)
        return Item(action, thing.fid, class_name or was, was, met, self.group, share, adds, takes, spares)

    def _share(self, claims: Iterable[int], thing: Footprint) -> float:
        return min(1.0, sum(self.shared[claim, thing.fid] for claim in claims) / thing.area)

    def _created(self, claim: Claim) -> Item:
        return Item(CREATED, None, claim.to_class, "", (claim.fid,), self.group, 0.0, adds=(claim.fid,))

    def _answers_nothing(self, claim: Claim) -> bool:
        return claim.fid not in self.fresh and not any(each == claim.fid for each, _ in self.shared)

    def _absent(self, claim: Claim) -> Item:
        return Item(CONFIRMED, None, claim.from_class, claim.from_class, (claim.fid,), self.group, 0.0)
