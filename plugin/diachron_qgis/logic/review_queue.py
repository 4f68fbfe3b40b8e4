"""The queue of a review: order, filter, the proposal at hand, progress and undo. No QGIS."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from .proposals import ACCEPTED, EDITED, ORDERS, PROPOSED, REJECTED, Proposal, Wanted


@dataclass(frozen=True)
class Signature:
    """Who decides, and when (ISO 8601)."""

    who: str
    when: str


@dataclass(frozen=True)
class Change:
    """One step of a review; ``outline`` is the geometry as it was (WKB), where the step redrew it."""

    before: Proposal
    after: Proposal
    outline: bytes | None = None


@dataclass(frozen=True)
class Progress:
    """How many of the proposals in scope are decided."""

    decided: int
    total: int


class ReviewQueue:
    """Proposals in an order, those that are wanted, and the one at hand.

    The order is made by `sort` alone, so that nothing jumps while a person works; `wanted` is looked at anew after
    each step.
    """

    def __init__(self, proposals: Iterable[Proposal] = (), order: str = "surest", wanted: Wanted | None = None) -> None:
        self._all = {each.fid: each for each in proposals}
        self._steps: list[Change] = []
        self._wanted = wanted or Wanted()
        self._order = order
        self.current: Proposal | None = None
        self.sort(order)

    # -- what is shown ------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self._shown)

    def at(self, row: int) -> Proposal:
        """Return the proposal in a row of what is shown."""
        return self._all[self._ranked[self._shown[row]]]

    def row_of(self, fid: int) -> int | None:
        """Return the row of a proposal, None where it is not shown."""
        rank = self._rank.get(fid)
        if rank is None:
            return None
        row = bisect_left(self._shown, rank)
        return row if row < len(self._shown) and self._shown[row] == rank else None

    def get(self, fid: int) -> Proposal | None:
        """Return a proposal, shown or not."""
        return self._all.get(fid)

    def fids(self) -> tuple[int, ...]:
        """Return the numbers of all proposals, shown or not."""
        return tuple(self._all)

    @property
    def total(self) -> int:
        """Return how many proposals there are, shown or not."""
        return len(self._all)

    def pairs(self) -> set[tuple[str, str]]:
        """Return every transition that occurs."""
        return {each.pair for each in self._all.values()}

    def progress(self) -> Progress:
        """Return how far the proposals of the wanted classes and sizes are decided, whatever their status."""
        scope: Sequence[Proposal] = tuple(self._all.values())
        if self._wanted != Wanted():
            scope = [each for each in scope if self._wanted.is_in_scope(each)]
        return Progress(len(scope) - sum(each.status == PROPOSED for each in scope), len(scope))

    def sort(self, order: str) -> None:
        """Put the proposals in one of `ORDERS`."""
        self._order = order
        self._ranked = [each.fid for each in sorted(self._all.values(), key=ORDERS[order])]
        self._rank = {fid: rank for rank, fid in enumerate(self._ranked)}
        self._look()

    def want(self, wanted: Wanted) -> None:
        """Show other proposals."""
        self._wanted = wanted
        self._look()

    # -- the proposal at hand -----------------------------------------------------------------

    def go_to(self, fid: int | None) -> None:
        """Take a proposal in hand, or none."""
        self.current = None if fid is None else self._all.get(fid)

    def go_first(self, undecided: bool = True) -> None:
        """Take the first proposal shown, the first undecided one where there is one."""
        rows = range(len(self._shown))
        row = next((row for row in rows if undecided and not self.at(row).is_decided), 0)
        self.current = self.at(row) if self._shown else None

    def step(self, by: int) -> None:
        """Go forth (1) or back (-1) by one; stay at the ends."""
        if not self._shown:
            return
        if self.current is None:
            self.current = self.at(0 if by > 0 else -1)
            return
        rank = self._rank[self.current.fid]
        row = bisect_right(self._shown, rank) if by > 0 else bisect_left(self._shown, rank) - 1
        if 0 <= row < len(self._shown):
            self.current = self.at(row)

    def go_on(self) -> bool:
        """Take the next undecided proposal, from the start again after the end; False, and no move, without any."""
        if not self._shown:
            return False
        start = 0 if self.current is None else bisect_right(self._shown, self._rank[self.current.fid])
        for row in (*range(start, len(self._shown)), *range(start)):
            if not self.at(row).is_decided:
                self.current = self.at(row)
                return True
        return False

    # -- steps --------------------------------------------------------------------------------

    def apply(self, change: Change) -> None:
        """Take over a step that has been saved; it can be undone."""
        self._put(change.after)
        self._steps.append(change)

    def last_step(self) -> Change | None:
        """Return the step that undo would take back."""
        return self._steps[-1] if self._steps else None

    def take_back(self) -> None:
        """Take the last step back, and its proposal in hand."""
        change = self._steps.pop()
        self._put(change.before)
        self.current = change.before

    def reload(self, read: Iterable[Proposal], gone: Iterable[int] = ()) -> None:
        """Take over proposals as the layer now has them, and forget those that are gone with all their steps."""
        lost = set(gone)
        self._all = {fid: each for fid, each in self._all.items() if fid not in lost}
        self._all.update((each.fid, each) for each in read)
        self._steps = [step for step in self._steps if step.after.fid not in lost]
        if self.current is not None:
            self.current = self._all.get(self.current.fid)
        self.sort(self._order)

    def _put(self, proposal: Proposal) -> None:
        self._all[proposal.fid] = proposal
        if self.current is not None and self.current.fid == proposal.fid:
            self.current = proposal
        self._look()

    def _look(self) -> None:
        if self._wanted == Wanted():
            self._shown: Sequence[int] = range(len(self._ranked))
            return
        lets_through = self._wanted.lets_through
        self._shown = [rank for rank, fid in enumerate(self._ranked) if lets_through(self._all[fid])]


# What a decision makes of a proposal


def accepted(proposal: Proposal, by: Signature) -> Proposal:
    """Accept; what was edited stays so, for that is accepted already."""
    return _decided(proposal, EDITED if proposal.status == EDITED else ACCEPTED, by)


def rejected(proposal: Proposal, by: Signature) -> Proposal:
    """Reject."""
    return _decided(proposal, REJECTED, by)


def reclassified(proposal: Proposal, pair: tuple[str, str], caption: str, by: Signature) -> Proposal:
    """Give it another transition."""
    return replace(_decided(proposal, EDITED, by), from_class=pair[0], to_class=pair[1], caption=caption)


def redrawn(proposal: Proposal, now: Proposal, by: Signature) -> Proposal:
    """Take over the outline, box and area that ``now`` has."""
    return replace(_decided(proposal, EDITED, by), area_m2=now.area_m2, box=now.box, place=now.place)


def annotated(proposal: Proposal, note: str) -> Proposal:
    """Give it a note; that decides nothing."""
    return replace(proposal, note=note)


def _decided(proposal: Proposal, status: str, by: Signature) -> Proposal:
    return replace(proposal, status=status, decided_by=by.who, decided_at=by.when)
