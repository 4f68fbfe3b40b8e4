"""Work on several things at once, each with its share of the processor's threads; results come in order."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


def side_by_side(work: Callable[[T], U], items: Iterable[T], count: int) -> Iterator[tuple[T, U]]:
    """Yield each item with what ``work`` made of it, in their order, up to ``count`` of them being worked on at once.

    Threads that share one product wait for each other at its end; products that are each of one thread's do not. So
    each of them has an equal share of the threads that torch had, and there are no more of them. What was begun is
    finished when the caller stops, and nothing else. One at a time is worked on by the caller's own thread.
    """
    threads = _threads(count)
    count = max(1, min(count, threads))
    if count == 1:
        yield from ((item, work(item)) for item in items)
        return
    try:
        with ThreadPoolExecutor(count, "look", _use_threads, (threads // count,)) as pool:
            try:
                yield from _in_order(pool, work, items, count)
            finally:
                pool.shutdown(cancel_futures=True)
    finally:
        _use_threads(threads)


def _in_order(
    pool: ThreadPoolExecutor, work: Callable[[T], U], items: Iterable[T], count: int
) -> Iterator[tuple[T, U]]:
    coming: deque[tuple[T, Future[U]]] = deque()
    for item in items:
        coming.append((item, pool.submit(work, item)))
        if len(coming) > count:  # one more than there are threads, so that none of them waits
            first, made = coming.popleft()
            yield first, made.result()
    for first, made in coming:
        yield first, made.result()


def _threads(otherwise: int) -> int:
    """Return how many threads torch uses; ``otherwise`` where it is not loaded."""
    torch = sys.modules.get("torch")
    return int(torch.get_num_threads()) if torch else otherwise


def _use_threads(count: int) -> None:
    """Let torch use so many threads when the calling thread works; threads that begin later take it over."""
    torch = sys.modules.get("torch")
    if torch:
        torch.set_num_threads(count)
