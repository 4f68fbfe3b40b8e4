"""Proposals as plain values: what a person decides on, in which order, and which of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

PROPOSED, ACCEPTED, REJECTED, EDITED = STATUSES = ("proposed", "accepted", "rejected", "edited")
CURVE_BITS = 10


@dataclass(frozen=True)
class Box:
    """A rectangle in the layer's CRS, in its units."""

    left: float
    bottom: float
    right: float
    top: float

    def place_of(self, x: float, y: float) -> int:
        """Return where a point of this rectangle lies on a Hilbert curve through it: near points come near."""
        cells = (1 << CURVE_BITS) - 1
        return along_curve(_cell(x, self.left, self.right, cells), _cell(y, self.bottom, self.top, cells))


@dataclass(frozen=True)
class Proposal:
    """One change that the model proposed; ``fid`` is the layer's own number of it, ``place`` its place on the curve.

    Reclassified and redrawn proposals are ``edited``, which counts as accepted. ``decided_at`` is ISO 8601.
    """

    fid: int
    id: int
    from_class: str
    to_class: str
    area_m2: float | None
    confidence: float | None
    caption: str
    status: str
    note: str
    decided_by: str
    decided_at: str
    place: int
    box: Box

    @property
    def is_decided(self) -> bool:
        """Say whether a person has decided on it."""
        return self.status != PROPOSED

    @property
    def pair(self) -> tuple[str, str]:
        """Return its transition."""
        return self.from_class, self.to_class


@dataclass(frozen=True)
class Wanted:
    """Which proposals to show; empty fields let everything through. Sizes in m², both ends included."""

    from_class: str = ""
    to_class: str = ""
    statuses: frozenset[str] = frozenset()
    smallest_m2: float | None = None
    largest_m2: float | None = None

    def is_in_scope(self, proposal: Proposal) -> bool:
        """Say whether classes and size are wanted, whatever the status."""
        if self.from_class and proposal.from_class != self.from_class:
            return False
        if self.to_class and proposal.to_class != self.to_class:
            return False
        area = proposal.area_m2 or 0.0
        if self.smallest_m2 is not None and area < self.smallest_m2:
            return False
        return self.largest_m2 is None or area <= self.largest_m2

    def lets_through(self, proposal: Proposal) -> bool:
        """Say whether a proposal is to be shown."""
        return (not self.statuses or proposal.status in self.statuses) and self.is_in_scope(proposal)


Key = Callable[[Proposal], tuple[float, ...]]

ORDERS: dict[str, Key] = {
    "surest": lambda each: (-_known(each.confidence), each.place, each.fid),
    "least_sure": lambda each: (_known(each.confidence), each.place, each.fid),
    "largest": lambda each: (-_known(each.area_m2), each.place, each.fid),
    "smallest": lambda each: (_known(each.area_m2), each.place, each.fid),
    "position": lambda each: (each.place, each.fid),
}


def along_curve(column: int, row: int) -> int:
    """Return the place of a cell on the Hilbert curve through a grid of 2^CURVE_BITS cells a side."""
    side = 1 << (CURVE_BITS - 1)
    place = 0
    while side:
        right, up = int(bool(column & side)), int(bool(row & side))
        place += side * side * ((3 * right) ^ up)
        if not up:
            if right:
                column, row = side - 1 - (column & (side - 1)), side - 1 - (row & (side - 1))
            column, row = row, column
        side >>= 1
    return place


def _cell(value: float, start: float, end: float, cells: int) -> int:
    share = (value - start) / (end - start) if end > start else 0.0
    return min(cells, max(0, int(share * cells)))


def _known(value: float | None) -> float:
    """Put what is not known among the smallest."""
    return 0.0 if value is None else value
