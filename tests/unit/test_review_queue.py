"""The review's queue: order, filter, decisions, undo and progress, on a handful of proposals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from diachron_qgis.logic.proposals import ACCEPTED, CURVE_BITS, EDITED, ORDERS, PROPOSED, Box, Proposal, Wanted
from diachron_qgis.logic.review_queue import (
    Change,
    Progress,
    ReviewQueue,
    Signature,
    accepted,
    annotated,
    reclassified,
    redrawn,
    rejected,
)

BY = Signature("Ada", "2026-01-02T03:04:05+00:00")


def proposal(fid: int, area: float | None = 10.0, confidence: float | None = 0.5, **more) -> Proposal:
    fields = {
        "fid": fid, "id": fid, "from_class": "herbaceous", "to_class": "building", "area_m2": area,
        "confidence": confidence, "caption": "", "status": PROPOSED, "note": "", "decided_by": "", "decided_at": "",
        "place": fid, "box": Box(0, 0, 1, 1),
    }  # fmt: skip
    return Proposal(**{**fields, **more})


def shown(queue: ReviewQueue) -> list[int]:
    return [queue.at(row).fid for row in range(len(queue))]


def decide(queue: ReviewQueue, step=accepted) -> None:
    queue.apply(Change(queue.current, step(queue.current, BY)))


@pytest.fixture
def queue() -> ReviewQueue:
    return ReviewQueue([
        proposal(1, area=30.0, confidence=0.4, place=2),
        proposal(2, area=10.0, confidence=0.9, place=3),
        proposal(3, area=20.0, confidence=0.6, place=1, from_class="bare soil"),
        proposal(4, area=None, confidence=None, place=0, to_class="water"),
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("order", "fids"),
    [
        ("surest", [2, 3, 1, 4]),
        ("least_sure", [4, 1, 3, 2]),
        ("largest", [1, 3, 2, 4]),
        ("smallest", [4, 2, 3, 1]),
        ("position", [4, 3, 1, 2]),
    ],
)
def test_orders(queue, order, fids):
    queue.sort(order)
    assert shown(queue) == fids


def test_every_order_is_tested_above():
    assert set(ORDERS) == {"surest", "least_sure", "largest", "smallest", "position"}


@pytest.mark.parametrize(
    ("wanted", "fids"),
    [
        (Wanted(), {1, 2, 3, 4}),
        (Wanted(from_class="bare soil"), {3}),
        (Wanted(to_class="building"), {1, 2, 3}),
        (Wanted(from_class="herbaceous", to_class="water"), {4}),
        (Wanted(smallest_m2=20.0), {1, 3}),
        (Wanted(largest_m2=20.0), {2, 3, 4}),
        (Wanted(statuses=frozenset({ACCEPTED})), set()),
    ],
)
def test_filters(queue, wanted, fids):
    queue.want(wanted)
    assert set(shown(queue)) == fids


def test_steps_stay_at_the_ends(queue):
    queue.go_first()
    assert queue.current.fid == 2
    queue.step(-1)
    assert queue.current.fid == 2
    for _ in range(9):
        queue.step(1)
    assert queue.current.fid == 4


def test_going_on_skips_the_decided_and_starts_over(queue):
    queue.go_to(3)
    decide(queue)
    queue.go_to(2)
    assert queue.go_on()
    assert queue.current.fid == 1
    queue.go_to(4)
    assert queue.go_on()
    assert queue.current.fid == 2


def test_going_on_without_anything_undecided_stays(queue):
    for fid in (1, 2, 3, 4):
        queue.go_to(fid)
        decide(queue)
    assert not queue.go_on()
    assert queue.current.fid == 4
    assert queue.progress() == Progress(4, 4)


def test_a_decided_proposal_leaves_a_list_of_the_undecided_and_the_next_one_follows(queue):
    queue.want(Wanted(statuses=frozenset({PROPOSED})))
    queue.go_to(3)
    decide(queue, rejected)
    assert shown(queue) == [2, 1, 4]
    assert queue.row_of(3) is None
    assert queue.go_on()
    assert queue.current.fid == 1


def test_progress_is_of_the_wanted_classes_whatever_the_status(queue):
    queue.go_to(3)
    decide(queue)
    assert queue.progress() == Progress(1, 4)
    queue.want(Wanted(to_class="building", statuses=frozenset({PROPOSED})))
    assert queue.progress() == Progress(1, 3)


def test_decisions_say_who_and_when():
    done = accepted(proposal(1), BY)
    assert (done.status, done.decided_by, done.decided_at) == (ACCEPTED, BY.who, BY.when)
    assert accepted(replace(done, status=EDITED), BY).status == EDITED


def test_reclassifying_and_redrawing_are_edits_and_a_note_is_none():
    changed = reclassified(proposal(1), ("water", "building"), "water became building", BY)
    assert (changed.pair, changed.status, changed.caption) == (("water", "building"), EDITED, "water became building")
    bigger = redrawn(proposal(1), proposal(1, area=99.0, box=Box(0, 0, 9, 9)), BY)
    assert (bigger.area_m2, bigger.box.right, bigger.status) == (99.0, 9, EDITED)
    assert annotated(proposal(1), "shadow") == proposal(1, note="shadow")


def test_undo_takes_back_step_by_step_and_goes_there(queue):
    first = queue.get(2)
    queue.go_to(2)
    decide(queue)
    queue.go_to(3)
    decide(queue, rejected)
    queue.take_back()
    assert queue.current == queue.get(3) == queue.at(1)
    queue.take_back()
    assert queue.current == first
    assert queue.last_step() is None


def test_undo_brings_back_what_the_filter_had_dropped(queue):
    queue.want(Wanted(statuses=frozenset({PROPOSED})))
    queue.go_to(3)
    decide(queue)
    queue.take_back()
    assert queue.row_of(3) == 1


def test_what_is_gone_from_the_layer_is_forgotten_with_its_steps(queue):
    queue.go_to(2)
    decide(queue)
    queue.reload([proposal(7, confidence=1.0)], gone=[2])
    assert shown(queue)[0] == 7
    assert queue.current is None
    assert queue.last_step() is None


def test_an_empty_queue_answers_everything():
    queue = ReviewQueue()
    queue.go_first()
    queue.step(1)
    assert not queue.go_on()
    assert (queue.current, len(queue), queue.progress()) == (None, 0, Progress(0, 0))


def test_the_curve_visits_every_cell_once_and_neighbours_in_turn():
    from diachron_qgis.logic.proposals import along_curve

    size = 16
    corner = {along_curve(column, row): (column, row) for column in range(size) for row in range(size)}
    assert sorted(corner) == list(range(size * size))
    for place in range(size * size - 1):
        (x, y), (x2, y2) = corner[place], corner[place + 1]
        assert abs(x - x2) + abs(y - y2) == 1


def test_places_lie_within_the_curve():
    box = Box(0, 0, 100, 100)
    last = 4**CURVE_BITS
    assert all(0 <= box.place_of(x, y) < last for x, y in [(0, 0), (100, 100), (-5, 200)])
    assert Box(3, 3, 3, 3).place_of(3, 3) == 0
