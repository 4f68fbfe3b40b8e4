"""Looks that run side by side: their order, their threads, and what is left of them when somebody stops."""

import threading
import time

import pytest
import torch

from diachron.side_by_side import side_by_side


@pytest.fixture(autouse=True)
def four_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_results_come_in_the_order_of_the_items_whoever_is_done_first(count):
    def work(number: int) -> int:
        time.sleep(0.02 if number % 3 == 0 else 0.0)
        return number * number

    assert list(side_by_side(work, range(10), count)) == [(number, number * number) for number in range(10)]
    assert list(side_by_side(work, [], count)) == []


def test_as_many_work_at_once_as_are_asked_for_and_no_more():
    both, most, now, lock = threading.Barrier(2, timeout=10), 0, 0, threading.Lock()

    def work(_: int) -> None:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        both.wait()  # passed by two at once alone
        with lock:
            now -= 1

    assert len(list(side_by_side(work, range(8), 2))) == 8
    assert most == 2


@pytest.mark.parametrize(("count", "share"), [(1, 4), (2, 2), (3, 1), (4, 1), (8, 1)])
def test_torchs_threads_are_shared_and_given_back(count, share):
    seen = {threads for _, threads in side_by_side(lambda _: torch.get_num_threads(), range(16), count)}
    assert seen == {share}
    assert torch.get_num_threads() == 4
    later: list[int] = []
    thread = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert later == [4]


def test_items_are_taken_as_they_are_needed():
    taken = []

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    for number, _ in side_by_side(lambda number: number, items(), 2):
        assert len(taken) <= number + 4
        if number == 10:
            break


def test_a_failure_reaches_the_caller_and_what_had_not_begun_never_does():
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise ValueError("the fourth")

    with pytest.raises(ValueError, match="the fourth"):
        list(side_by_side(work, range(100), 2))
    assert max(begun) < 9
    assert torch.get_num_threads() == 4


def test_who_stops_waits_for_what_was_begun_alone():
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        time.sleep(0.05)

    def stop() -> None:
        for number, _ in side_by_side(work, range(100), 2):
            if number == 1:
                raise KeyboardInterrupt

    started = time.perf_counter()
    with pytest.raises(KeyboardInterrupt):
        stop()
    assert time.perf_counter() - started < 1.0
    assert len(begun) < 8
    assert torch.get_num_threads() == 4
